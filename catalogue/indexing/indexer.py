"""Keeps a search index up to date with the store: the one writer, fed from the outbox.

The store is the truth: an index that is lost, broken, of another store or ahead of this one is built anew, beside the
old one where there is one. Nothing is noted as done before it is done, so whatever stops the indexer, the next run
goes on from there; doing a change twice does no harm. What a search shows of a document, its card, goes into the store
before the document goes into the index: a hit is never shown as it was before what it was found by.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from threading import Event
from typing import Final

from catalogue.errors import IndexBusyError, IndexUnavailableError, StorageError
from catalogue.following import Progress, changes_after, follow, silent
from catalogue.indexing.changes import changes, keys
from catalogue.indexing.documents import DocumentBuilder
from catalogue.indexing.feeding import INDEXED
from catalogue.search.packing import pack
from catalogue.search.port import Health, IndexState, IndexWriter, Position, SearchDocument, SearchIndex
from catalogue.store import Repository
from catalogue.store.records import OutboxEntry

_log = logging.getLogger(__name__)

_BATCH: Final = 1000
_ENTRIES: Final = 5_000
_WAITED_OUT: Final = (StorageError, IndexUnavailableError, IndexBusyError)


def _cards(documents: Iterable[SearchDocument]) -> dict[int, bytes]:
    """What searches show of documents, by item."""
    return {document.key: pack(document) for document in documents}


class Indexer:
    """Brings a search index to the state of a store, and keeps it there.

    Args:
        repository: the store.
        index: where to write; its right to write is taken for each run.
        batch: documents made at a time.
        entries: changes applied at a time; each is one step of the index.
    """

    def __init__(
        self, repository: Repository, index: SearchIndex, *, batch: int = _BATCH, entries: int = _ENTRIES
    ) -> None:
        self._repository = repository
        self._index = index
        self._batch = batch
        self._entries = entries
        self.skipped = 0
        """Items so far of which no document could be made."""

    def catch_up(self, progress: Progress | None = None) -> int:
        """Apply every change after the index's position, or build it anew; gives how many documents were written.

        Raises:
            StorageError: store or index cannot be read or written; what is noted stays done.
            IndexBusyError: another process writes to the index.
            IndexUnavailableError: the index is out of reach.
        """
        say = progress or silent
        if self._is_current():
            return 0
        with self._index.writer() as writer:
            reason = self._why_anew(self._index.state())
            if reason is None:
                return self._follow_up(writer, say)
            say(f"The search index {reason}: it is being built.")
            writer.withdraw()
            return self._rebuild(writer, say)

    def rebuild(self, progress: Progress | None = None) -> int:
        """Build the index anew beside the old one, then swap; gives how many documents were written.

        Raises:
            StorageError, IndexBusyError, IndexUnavailableError: as ``catch_up``.
        """
        with self._index.writer() as writer:
            return self._rebuild(writer, progress or silent)

    def follow(self, stop: Event, interval: float = 2.0, progress: Progress | None = None) -> None:
        """Catch up again and again until told to stop; what fails is said, waited out and tried again."""
        follow(self.catch_up, _WAITED_OUT, stop, interval, progress)

    # --- where the index stands

    def _is_current(self) -> bool:
        """Whether there is nothing to do, so that the right to write need not be asked for."""
        state = self._index.state()
        return state.health is Health.READY and state.position == self._position(self._repository.last_change())

    def _position(self, change: int) -> Position:
        return Position(self._repository.past(change), change)

    def _why_anew(self, state: IndexState) -> str | None:
        """Why the index cannot be brought up to date by changes; None where it can.

        Asked with the right to write, when nobody else can be building.
        """
        if state.health is Health.BROKEN:
            return f"is broken ({state.message})" if state.message else "is broken"
        if state.position is None:
            return "does not exist" if state.health is Health.ABSENT else "was left unfinished"
        if not state.position.store.startswith(f"{self._repository.identity()}/"):
            return "belongs to another store"
        if state.position.change > self._repository.last_change():
            return "is ahead of the store"
        if state.position != self._position(state.position.change):
            return "has followed what the store is not any more"
        return None

    # --- changes

    def _follow_up(self, writer: IndexWriter, say: Progress) -> int:
        written = 0
        position = self._index.state().position
        after = position.change if position else 0
        for entries in changes_after(self._repository, after, self._entries):
            written += self._apply(writer, entries, self._position(after))
            after = entries[-1].id
            say(f"Search: {written} documents brought up to date.")
        return written

    def _apply(self, writer: IndexWriter, entries: Sequence[OutboxEntry], before: Position) -> int:
        """Apply some changes; their position is noted with the last of their documents."""
        written = 0
        after = self._position(entries[-1].id)
        builder = DocumentBuilder(self._repository)
        pieces = list(keys(self._repository, changes(self._repository, entries)))
        for number, (wanted, gone) in enumerate(pieces, 1):
            documents = list(self._documents(builder, wanted))
            made = {document.key for document in documents}
            removed = [*gone, *(one for one in wanted if one not in made)]
            self._repository.cards.keep(_cards(documents), removed)
            writer.apply(documents, removed, after if number == len(pieces) else before)
            written += len(documents)
        return written

    # --- anew

    def _rebuild(self, writer: IndexWriter, say: Progress) -> int:
        """The position is taken before anything is read: what is published meanwhile comes as a change afterwards."""
        position = self._position(self._repository.last_change())
        total = self._repository.neighbourhood.expected(INDEXED)
        builder = DocumentBuilder(self._repository)
        written = 0
        with writer.rebuild(total) as making:
            after = 0
            for some in self._current():
                documents = list(self._documents(builder, some))
                self._repository.cards.renew(_cards(documents), after, some[-1])
                making.add(documents)
                after = some[-1]
                written += len(documents)
                say(f"Search: {written} of {max(total, written)} documents.")
            making.publish(position)
        say(f"The search index is complete: {written} documents.")
        return written + self._follow_up(writer, say)

    def _current(self) -> Iterator[Sequence[int]]:
        after = 0
        while some := self._repository.neighbourhood.current(INDEXED, after=after, limit=self._batch):
            yield some
            after = some[-1]

    def _documents(self, builder: DocumentBuilder, item_ids: Sequence[int]) -> Iterator[SearchDocument]:
        for start in range(0, len(item_ids), self._batch):
            built = builder.build(item_ids[start : start + self._batch])
            yield from built.documents
            if built.failed:
                self._skip(built.failed)

    def _skip(self, failed: Mapping[int, str]) -> None:
        self.skipped += len(failed)
        urns = {stored.id: stored.summary.urn for stored in self._repository.get_many(list(failed))}
        for item_id, reason in failed.items():
            _log.error("not indexed: %s (%s)", urns.get(item_id, item_id), reason)
