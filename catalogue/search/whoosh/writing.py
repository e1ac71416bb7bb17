"""The one writer of an index: changes in place, one commit of Whoosh each, and a new index beside the old one."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import numpy as np
from whoosh.codec.whoosh3 import W3Segment
from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC, FileIndex, clean_files
from whoosh.reading import SegmentReader

from catalogue.errors import IndexUnavailableError
from catalogue.search import analysis
from catalogue.search.folder import IndexFolder, storage
from catalogue.search.port import Position, SearchDocument
from catalogue.search.whoosh.codec import SealedStorage
from catalogue.search.whoosh.generation import INDEX_NAME, Generation, Opener
from catalogue.search.whoosh.pool import PackedWriter
from catalogue.search.whoosh.schema import fields_of, schema

# How much the writer sorts in memory before it uses the disk, in MB: for changes, for a new index.
_CHANGE_MB, _BUILD_MB = 64, 512
# While there is nothing else to search, what is added is shown at once up to so many documents, then at each doubling.
_SHOWN_AT_ONCE: Final = 5_000
# Segments are merged by eights of about one size, so an update rewrites little and segments stay few.
_FAN: Final = 8
_SMALLEST: Final = 64


def broken(folder: IndexFolder, error: Exception) -> IndexUnavailableError:
    """Reports what cannot be read, so that it is built anew; the error to raise."""
    message = f"The search index cannot be read: {type(error).__name__}: {error}."
    folder.report_broken(message)
    return IndexUnavailableError(message)


def create(folder: Path) -> FileIndex:
    """An empty index of Whoosh."""
    index: FileIndex = FileIndex.create(SealedStorage(str(folder)), schema(), INDEX_NAME)
    return index


def merge_levels(writer: PackedWriter, segments: list[W3Segment]) -> list[W3Segment]:
    """A merge policy of Whoosh: what is mostly deleted is rewritten, and every eight segments of one level become one.

    Args:
        writer: takes in the documents of what is merged.
        segments: those there are.

    Returns:
        Those that stay as they are.
    """
    merged = [one for one in segments if one.deleted_count() * 2 >= one.doc_count_all()]
    levels: dict[int, list[W3Segment]] = {}
    for one in segments:
        if one not in merged:
            levels.setdefault(_level(one.doc_count()), []).append(one)
    for level in sorted(levels):
        # What is merged below comes in as one more of some level above; counting it nowhere only delays a merge.
        if len(levels[level]) >= _FAN:
            merged += levels[level]
    _take_in(writer, merged)
    return [one for one in segments if one not in merged]


def merge_all(writer: PackedWriter, segments: list[W3Segment]) -> list[W3Segment]:
    """A merge policy of Whoosh: one segment; every question looks its tokens up in each that there is."""
    _take_in(writer, segments)
    return []


def _take_in(writer: PackedWriter, segments: Sequence[W3Segment]) -> None:
    for one in segments:
        if one.doc_count():
            reader = SegmentReader(writer.storage, writer.schema, one)
            writer.add_reader(reader)
            reader.close()


def _level(documents: int) -> int:
    level = 0
    while documents >= _SMALLEST:
        documents, level = documents // _FAN, level + 1
    return level


class WhooshWriter:
    """See IndexWriter.

    Args:
        folder: where the index is; locked.
    """

    def __init__(self, folder: IndexFolder) -> None:
        self._folder = folder
        self._opener = Opener()

    def apply(self, documents: Iterable[SearchDocument], removed: Sequence[int], position: Position) -> None:
        """See IndexWriter."""
        published = self._folder.published()
        if published is None:
            with self.rebuild(0) as first:
                first.add({document.key: document for document in documents}.values())
                first.publish(position)
            return
        generation = self._opened(published.path)
        with storage():
            try:
                count = self._commit(
                    published.path, generation, {document.key: document for document in documents}, removed
                )
            except BaseException:
                _tidy(published.path)
                raise
            self._folder.changed(count, position)

    def _opened(self, path: Path) -> Generation:
        try:
            return self._opener.open(path)
        except Exception as error:
            raise broken(self._folder, error) from error

    def _commit(
        self, path: Path, generation: Generation, documents: dict[int, SearchDocument], removed: Sequence[int]
    ) -> int:
        """Replace, remove and add in one commit; how many documents there are then."""
        with _writing(FileIndex(SealedStorage(str(path)), indexname=INDEX_NAME), _CHANGE_MB) as writer:
            gone = np.isin(generation.keys, np.array([*documents, *removed], np.intp)) & generation.live
            for docnum in np.flatnonzero(gone).tolist():
                writer.delete_document(docnum)
            add(writer, documents.values())
            writer.commit(mergetype=merge_levels)
        return generation.documents - int(gone.sum()) + len(documents)

    def withdraw(self) -> None:
        """See IndexWriter."""
        self._folder.withdraw()

    @contextmanager
    def rebuild(self, total: int) -> Iterator[WhooshRebuild]:
        """See IndexWriter."""
        if not self._answers():
            self._folder.withdraw()
        path = self._folder.begin(total)
        with storage():
            making = WhooshRebuild(self._folder, path, total, shown=self._folder.published() is None)
        try:
            yield making
        finally:
            if not making.published:
                making.cancel()
                self._folder.abandon(path)

    def _answers(self) -> bool:
        """Whether there is an index that can be opened."""
        published = self._folder.published()
        if published is None:
            return False
        try:
            self._opener.open(published.path)
        except Exception:
            return False
        return True


class WhooshRebuild:
    """See Rebuild."""

    def __init__(self, folder: IndexFolder, path: Path, total: int, *, shown: bool) -> None:
        self._folder = folder
        self._path = path
        self._total = total
        self._next_shown = 0 if shown else None
        self._shown = False
        self._index = create(path)
        self._writer = PackedWriter(self._index, _BUILD_MB)
        self._done = 0
        self.published = False

    def add(self, documents: Iterable[SearchDocument]) -> None:
        """See Rebuild."""
        with storage():
            self._done += add(self._writer, documents)
            if self._next_shown is not None and self._done >= self._next_shown:
                self._writer.commit(mergetype=merge_levels)
                self._writer = PackedWriter(self._index, _BUILD_MB)
                self._shown, self._next_shown = True, self._done * 2 if self._done >= _SHOWN_AT_ONCE else 0
            self._folder.progress(self._path, self._done, self._total, shown=self._shown)

    def publish(self, position: Position) -> None:
        """See Rebuild."""
        with storage():
            self._writer.commit(mergetype=merge_all)
            self._folder.finish(self._path, self._done, position)
        self.published = True

    def cancel(self) -> None:
        """Stop writing; the folder is thrown away."""
        _cancel(self._writer)


def add(writer: PackedWriter, documents: Iterable[SearchDocument]) -> int:
    """Add documents to what will be committed; how many."""
    count = 0
    for document in documents:
        writer.add_document(**fields_of(analysis.entry(document)))
        count += 1
    return count


@contextmanager
def _writing(index: FileIndex, limit: int) -> Iterator[PackedWriter]:
    writer = PackedWriter(index, limit)
    try:
        yield writer
    except BaseException:
        _cancel(writer)
        raise


def _tidy(path: Path) -> None:
    """Take away what a commit that failed has left; a disk may be full of it."""
    with suppress(Exception):
        files = FileStorage(str(path))
        toc = TOC.read(files, INDEX_NAME)
        clean_files(files, INDEX_NAME, toc.generation, toc.segments)
        for folder in path.glob("*.tmp"):
            shutil.rmtree(folder, ignore_errors=True)


def _cancel(writer: Any) -> None:
    """Whoosh closes its files in doing so, which a full disk refuses as well."""
    with suppress(Exception):
        if not writer.is_closed:
            writer.cancel()
