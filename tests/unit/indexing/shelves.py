"""A search index that keeps documents as they come and answers nothing: what an indexer is watched with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from catalogue.errors import IndexBusyError, IndexUnavailableError
from catalogue.search.port import (
    Count,
    Facet,
    Health,
    IndexState,
    Node,
    Position,
    SearchDocument,
    SearchRequest,
    SearchResult,
)


class Shelf:
    """See SearchIndex and IndexWriter.

    Attributes:
        documents: by key.
        fail_after: raise instead of the step after so many; None never.
        busy: refuse the right to write.
    """

    def __init__(self) -> None:
        self.documents: dict[int, SearchDocument] = {}
        self.health = Health.ABSENT
        self.position: Position | None = None
        self.fail_after: int | None = None
        self.failure: Exception = IndexUnavailableError("The engine is out of reach.")
        self.busy = False
        self.rebuilds = self.withdrawals = 0
        self.steps: list[Position] = []

    def state(self) -> IndexState:
        return IndexState(self.health, len(self.documents), self.position)

    @contextmanager
    def writer(self) -> Iterator[Shelf]:
        if self.busy:
            raise IndexBusyError("Somebody else writes.")
        yield self

    def apply(self, documents: Iterable[SearchDocument], removed: Sequence[int], position: Position) -> None:
        self._step()
        found = {document.key: document for document in documents}
        assert not found.keys() & set(removed)
        self.documents = {key: one for key, one in self.documents.items() if key not in removed} | found
        self.position, self.health = position, Health.READY
        self.steps.append(position)

    def withdraw(self) -> None:
        self.documents, self.position = {}, None
        self.withdrawals += 1

    @contextmanager
    def rebuild(self, total: int) -> Iterator[ShelfRebuild]:
        self.rebuilds += 1
        yield ShelfRebuild(self)

    def _step(self) -> None:
        if self.fail_after is not None:
            self.fail_after -= 1
            if self.fail_after < 0:
                raise self.failure

    def search(self, request: SearchRequest) -> SearchResult:
        raise NotImplementedError

    def keys(self, query: Node, filters: Mapping[Facet, tuple[str, ...]]) -> Iterator[int]:
        raise NotImplementedError

    def completions(self, prefix: str, limit: int) -> tuple[Count, ...]:
        raise NotImplementedError

    def similar(self, word: str, limit: int) -> tuple[Count, ...]:
        raise NotImplementedError

    def close(self) -> None:
        """Nothing to give back."""


class ShelfRebuild:
    """See Rebuild."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._held: dict[int, SearchDocument] = {}

    def add(self, documents: Iterable[SearchDocument]) -> None:
        self._shelf._step()
        for document in documents:
            assert document.key not in self._held, "each key once"
            self._held[document.key] = document

    def publish(self, position: Position) -> None:
        self._shelf.documents = self._held
        self._shelf.position, self._shelf.health = position, Health.READY
