"""The index as readers and the writer have it: the folder, the state that answers, what goes wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Final, NoReturn

from catalogue.errors import IndexUnavailableError
from catalogue.search.folder import IndexFolder, Published
from catalogue.search.port import Count, Facet, IndexState, Node, SearchRequest, SearchResult
from catalogue.search.tantivy.checking import Checker
from catalogue.search.tantivy.combining import Combinations
from catalogue.search.tantivy.faults import is_fault
from catalogue.search.tantivy.reading import Snapshot
from catalogue.search.tantivy.schema import GROUPS
from catalogue.search.tantivy.vocabulary import FOLDER
from catalogue.search.tantivy.writing import TantivyWriter

LAYOUT: Final = "tantivy-2"
_WATCHED = ("current.json", "making.json")
_ATTEMPTS = 3


class TantivyIndex:
    """A SearchIndex in a folder of this machine, for very many documents.

    Args:
        root: the folder; made when first written.
    """

    def __init__(self, root: Path) -> None:
        self._folder = IndexFolder(root, LAYOUT)
        self._opening = Lock()
        self._checker = Checker()
        self._combinations = [Combinations(group) for group in range(len(GROUPS))]
        self._seen: tuple[object, ...] | None = None
        self._generation = ""
        self._snapshot: Snapshot | None = None

    def search(self, request: SearchRequest) -> SearchResult:
        """See SearchIndex."""
        with self._answering() as snapshot:
            return snapshot.search(request)

    def keys(self, query: Node, filters: Mapping[Facet, tuple[str, ...]]) -> Iterator[int]:
        """See SearchIndex."""
        with self._answering() as snapshot:
            return self._streamed(snapshot.keys(query, tuple(filters.items())))

    def _streamed(self, keys: Iterator[int]) -> Iterator[int]:
        with self._reporting():
            yield from keys

    def completions(self, prefix: str, limit: int) -> tuple[Count, ...]:
        """See SearchIndex."""
        with self._answering() as snapshot:
            return snapshot.completions(prefix, limit)

    def similar(self, word: str, limit: int) -> tuple[Count, ...]:
        """See SearchIndex."""
        with self._answering() as snapshot:
            return snapshot.similar(word, limit)

    def state(self) -> IndexState:
        """See SearchIndex."""
        return self._folder.state()

    @contextmanager
    def writer(self) -> Iterator[TantivyWriter]:
        """See SearchIndex."""
        with self._folder.lock():
            writer = TantivyWriter(self._folder)
            try:
                yield writer
            finally:
                writer.close()

    def close(self) -> None:
        """See SearchIndex."""
        with self._opening:
            self._seen, self._snapshot, self._generation = None, None, ""

    # --- the state that answers

    @contextmanager
    def _answering(self) -> Iterator[Snapshot]:
        snapshot = self._current()
        with self._reporting():
            yield snapshot

    def _current(self) -> Snapshot:
        """The newest state; another thread goes on with the one that it has."""
        with self._opening:
            seen = self._look()
            if self._snapshot is None or seen != self._seen:
                self._open()
                self._seen = seen
            if self._snapshot is None:
                raise IndexUnavailableError("There is no search index yet.")
            return self._snapshot

    def _look(self) -> tuple[object, ...]:
        return tuple(map(_stamp, (self._folder.root / name for name in _WATCHED)))

    def _open(self) -> None:
        for attempt in range(_ATTEMPTS):
            published = self._folder.published()
            if published is None:
                self._snapshot, self._generation = None, ""
                return
            if self._snapshot is not None and published.generation == self._generation:
                return
            try:
                snapshot = Snapshot(published.path, self._combinations)
                self._checker.check(published.path, published.path / FOLDER)
                self._snapshot, self._generation = snapshot, published.generation
                return
            except BaseException as error:
                if not is_fault(error):
                    raise
                if attempt + 1 == _ATTEMPTS or self._is_still(published):
                    self._fail(error)

    def _is_still(self, published: Published) -> bool:
        """Whether what could not be opened has not been replaced meanwhile."""
        return self._folder.published() == published

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        try:
            yield
        except BaseException as error:
            if not is_fault(error):
                raise
            self._fail(error)

    def _fail(self, error: BaseException) -> NoReturn:
        message = f"The search index in {self._folder.root} cannot be read: {str(error) or type(error).__name__}"
        self._folder.report_broken(message)
        raise IndexUnavailableError(message) from error


def _stamp(path: Path) -> tuple[int, ...]:
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_mtime_ns, found.st_ino, found.st_size
