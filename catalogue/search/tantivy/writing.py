"""The one writer: changes to the published index, and a new index beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import Final

import tantivy

from catalogue.errors import IndexUnavailableError
from catalogue.search.folder import IndexFolder
from catalogue.search.port import Position, SearchDocument
from catalogue.search.tantivy import schema
from catalogue.search.tantivy.checking import Checker
from catalogue.search.tantivy.faults import is_fault, written
from catalogue.search.tantivy.vocabulary import FOLDER, bound_class, teach

_UPDATING_HEAP: Final = 64_000_000
_BUILDING_HEAP: Final = 512_000_000
_BATCH = 10_000
# The engine merges as many segments of a size into one; a new index is made of so many, so that it ends as one.
_PARTS = 8
# A segment that is smaller is not worth the trouble.
_SMALL = 10_000
# While a small index in the making answers, it is shown anew when it has grown by this part.
_GROWN = 4


class _Store:
    """An index of the engine that is open for writing, and the vocabulary beside it."""

    def __init__(self, index: tantivy.Index, words: tantivy.Index, heap: int) -> None:
        self._index = index
        self._words = words
        self._writer = index.writer(heap, num_threads=1)
        self._schema = schema.build()

    def remove(self, keys: Iterable[int]) -> None:
        """Take documents out."""
        for some in _batched(keys):
            self._writer.delete_documents_by_query(tantivy.Query.term_set_query(self._schema, "key", some))

    def add(self, document: SearchDocument) -> set[str]:
        """Put in a document that is not there; gives its words."""
        record, words = schema.record(document)
        self._writer.add_json(record)
        return words

    def learn(self, found: Iterable[set[str]]) -> None:
        """Note in the vocabulary which words now are in more documents than it has noted; before the commit."""
        searcher = self._fresh()
        more: list[tuple[str, int]] = []
        for word, added in Counter(schema.token(word) for words in found for word in words).items():
            before = searcher.doc_freq("words", word)
            if bound_class(before + added) > bound_class(before):
                more.append((word, before + added))
        teach(self._words, more)

    def learn_all(self) -> None:
        """Make the vocabulary of the committed documents."""
        teach(self._words, self._fresh().terms_with_prefix("words", ""))

    def commit(self) -> int:
        """Show what was done to readers that open the index now; gives the documents in it."""
        self._writer.commit()
        return self._documents()

    def tidy(self) -> None:
        """Take away what a commit that failed or was killed has left; a disk may be full of it."""
        self._writer.garbage_collect_files()

    def close(self) -> None:
        """Wait until segments are merged."""
        self._writer.wait_merging_threads()

    def _documents(self) -> int:
        return self._fresh().num_docs

    def _fresh(self) -> tantivy.Searcher:
        self._index.reload()
        return self._index.searcher()


class TantivyWriter:
    """See IndexWriter."""

    def __init__(self, folder: IndexFolder) -> None:
        self._folder = folder
        self._opened: tuple[Path, _Store] | None = None

    def apply(self, documents: Iterable[SearchDocument], removed: Sequence[int], position: Position) -> None:
        """See IndexWriter. Raises StorageError without space, IndexUnavailableError where there is no sound index."""
        published = self._folder.published()
        if published is None:
            with self.rebuild(0) as making:
                making.add({document.key: document for document in documents}.values())
                making.publish(position)
            return
        latest = {document.key: document for document in documents}
        store = self._store(published.path)
        try:
            with written():
                store.remove([*removed, *latest])
                store.learn([store.add(document) for document in latest.values()])
                count = store.commit()
        except BaseException:
            self._opened = None
            raise
        self._folder.changed(count, position)

    def _store(self, path: Path) -> _Store:
        if self._opened is None or self._opened[0] != path:
            self.close()
            self._opened = path, self._open(path)
        return self._opened[1]

    def _open(self, path: Path) -> _Store:
        try:
            Checker().check(path, path / FOLDER)
            store = _Store(schema.open_index(path), schema.open_index(path / FOLDER), _UPDATING_HEAP)
            store.tidy()
        except BaseException as error:
            if not is_fault(error):
                raise
            message = f"The search index in {path} cannot be written: {error}"
            self._folder.report_broken(message)
            raise IndexUnavailableError(message) from error
        return store

    def withdraw(self) -> None:
        """See IndexWriter."""
        self.close()
        self._folder.withdraw()

    @contextmanager
    def rebuild(self, total: int) -> Iterator[TantivyRebuild]:
        """See IndexWriter."""
        self.close()
        shown = self._folder.published() is None
        path = self._folder.begin(total)
        making: TantivyRebuild | None = None
        try:
            with written():
                making = TantivyRebuild(self._folder, path, total, shown=shown)
            yield making
        finally:
            if making is None or not making.published:
                self._folder.abandon(path)

    def close(self) -> None:
        """Let go of the engine's files."""
        opened, self._opened = self._opened, None
        if opened is not None:
            with suppress(ValueError):
                opened[1].close()


class TantivyRebuild:
    """See Rebuild."""

    def __init__(self, folder: IndexFolder, path: Path, total: int, *, shown: bool) -> None:
        self._folder = folder
        self._path = path
        self._total = total
        self._shown = shown
        self._done = self._committed = self._commits = 0
        index = schema.create(path, schema.build())
        vocabulary = schema.create(path / FOLDER, schema.build_vocabulary())
        self._store = _Store(index, vocabulary, _BUILDING_HEAP)
        self.published = False

    def add(self, documents: Iterable[SearchDocument]) -> None:
        """See Rebuild. Raises StorageError without space."""
        for document in documents:
            with written():
                self._store.add(document)
                self._done += 1
            if self._done - self._committed >= max(self._total / _PARTS, _SMALL):
                self._commit()
        if self._is_shown_anew():
            self._commit()
        done = self._committed if self._shown else self._done
        self._folder.progress(self._path, done, self._total, shown=self._shown)

    def _is_shown_anew(self) -> bool:
        """So often that the small segments of the beginning end as one."""
        begins = self._commits < _PARTS or self._committed < _SMALL
        return self._shown and begins and self._committed / _GROWN <= self._done - self._committed

    def _commit(self) -> None:
        with written():
            self._committed = self._store.commit()
        self._commits += 1

    def publish(self, position: Position) -> None:
        """See Rebuild. Raises StorageError without space."""
        with written():
            documents = self._store.commit()
            self._store.close()
            self._store.learn_all()
        self._folder.finish(self._path, documents, position)
        self.published = True


def _batched(keys: Iterable[int]) -> Iterator[list[int]]:
    rest = iter(keys)
    while some := list(islice(rest, _BATCH)):
        yield some
