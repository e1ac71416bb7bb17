"""Keeps the triple store, and the files that it is filled from, up to date with the store: fed from the outbox.

The store is the truth. A change leads to the document revisions whose triples it may make different; each is converted
into a file, and the file takes the place of its graph. A file knows which state it is of, so a run that was stopped
goes on where it was; a triple store that is lost, broken, of another store or of another edition is filled anew from
the files, and the files are made anew where they do not fit, are lost or damaged.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from threading import Event
from typing import Final, Protocol

from catalogue.errors import StorageError
from catalogue.exposure.affected import revisions_changed_after
from catalogue.exposure.cohorts import CohortSettingsError
from catalogue.exposure.conversion import position_of
from catalogue.following import Progress, follow, silent
from catalogue.rdf.compression import DAMAGED
from catalogue.rdf.files import DamagedFileError, GraphFile, GraphFiles, Piece
from catalogue.rdf.quads import GraphWriter, Position, StoreBusyError, StoreUnavailableError, TripleStore
from catalogue.store import Repository

_log = logging.getLogger(__name__)

_DAMAGED: Final[tuple[type[Exception], ...]] = (*DAMAGED, SyntaxError, DamagedFileError)
_WAITED_OUT: Final = (StorageError, StoreUnavailableError, StoreBusyError, CohortSettingsError)


class Conversion(Protocol):
    """How items become triples."""

    @property
    def edition(self) -> str:
        """What the triples depend on besides the store: mapping, addresses, settings of cohorts."""

    @property
    def beside(self) -> tuple[str, ...]:
        """What is converted beside revisions, as if it were one, and may be different after any change."""

    def graph(self, revision: str) -> str:
        """The name of a revision's graph."""

    def pieces(self, revision: str) -> Iterator[Piece]:
        """The triples of a revision, item by item. Raises StorageError."""


class Feeder:
    """Brings files and triple store to the state of the store, and keeps them there.

    Args:
        repository: the store of record.
        conversion: how its items become triples.
        files: where they are kept.
        triples: the triple store; its right to write is taken for each run.
        derive: makes of a file what is kept beside it, when the triple store has it already.
    """

    def __init__(
        self,
        repository: Repository,
        conversion: Conversion,
        files: GraphFiles,
        triples: TripleStore,
        derive: Callable[[GraphFile], None] | None = None,
    ) -> None:
        self._repository = repository
        self._conversion = conversion
        self._files = files
        self._triples = triples
        self._derive = derive

    def catch_up(self, progress: Progress | None = None) -> int:
        """Bring everything up to date; gives how many graphs were written.

        Raises:
            StorageError: store, files or triple store cannot be read or written; what is noted stays done.
            StoreBusyError: another process writes to the triple store.
            StoreUnavailableError: the triple store is out of reach.
            CohortSettingsError: the settings of cohorts cannot be read.
        """
        say, written = progress or silent, 0
        while not self.is_current():
            try:
                with self._triples.writer() as writer:
                    written += self._step(writer, say)
            except _DAMAGED as error:
                _log.error("a file of triples is damaged: %s", error)
                say(f"A file of triples is damaged ({error}): everything is converted again.")
                written += self.rebuild(say)
        return written

    def rebuild(self, progress: Progress | None = None) -> int:
        """Convert everything again and fill the triple store anew; gives how many graphs were written.

        Raises:
            StorageError, StoreBusyError, StoreUnavailableError, CohortSettingsError: as ``catch_up``.
        """
        with self._triples.writer() as writer:
            return self._step(writer, progress or silent, anew=True)

    def follow(self, stop: Event, interval: float = 2.0, progress: Progress | None = None) -> None:
        """Catch up again and again until told to stop; what fails is said, waited out and tried again."""
        follow(self.catch_up, _WAITED_OUT, stop, interval, progress)

    def is_current(self) -> bool:
        """Whether there is nothing to do, so that the right to write need not be asked for."""
        position = self._position()
        return self._triples.state().position == position and self._files.are_all(position)

    def _position(self) -> Position:
        return position_of(self._repository, self._conversion.edition)

    # --- one step: from what there is to the state of the store at its beginning

    def _step(self, writer: GraphWriter, say: Progress, *, anew: bool = False) -> int:
        """The position is taken before anything is read: what is published meanwhile comes with the next step."""
        position = self._position()
        documents = self._repository.holdings.revisions()
        published = (*documents, *self._conversion.beside)
        self._files.keep_only(published)
        files = {} if anew else self._files.all()
        known = {revision: one for revision, one in files.items() if self._fits(one.position)}
        due = self._due(published, known)
        for number, revision in enumerate(due, 1):
            known[revision] = self._convert(revision)
            say(f"RDF: {number} of {len(due)} graphs converted ({known[revision].triples:,} triples).")
        self._files.note_followed(position)
        written = self._fill(writer, {one: known[one] for one in published}, anew=anew)
        writer.commit(position)
        if self._derive is not None:
            for revision in published:
                self._derive(known[revision])
        if written or due:
            say(f"The triple store holds {len(documents)} documents; {written} graphs were written.")
        return written

    def _fits(self, position: Position) -> bool:
        """Whether something was made of this store as it is now or was, in the way in which it would be now."""
        if position.edition != self._conversion.edition or position.change > self._repository.last_change():
            return False
        return position.store == self._repository.past(position.change)

    def _due(self, published: tuple[str, ...], known: Mapping[str, GraphFile]) -> list[str]:
        """The revisions without a file, or with one that a change after it may have made different.

        What the files have followed together spares reading again what came after the oldest of them.
        """
        positions = {one.position.change for one in known.values()}
        followed = self._files.followed()
        together = followed.change if followed is not None and self._fits(followed) else 0
        after = max(min(positions, default=self._repository.last_change()), together)
        changed = revisions_changed_after(self._repository, after, positions)
        changed.update(dict.fromkeys(self._conversion.beside, self._repository.last_change()))
        return [one for one in published if one not in known or known[one].position.change < changed.get(one, 0)]

    def _convert(self, revision: str) -> GraphFile:
        with self._repository.snapshot():
            return self._files.write(revision, self._position(), self._conversion.pieces(revision))

    def _fill(self, writer: GraphWriter, files: Mapping[str, GraphFile], *, anew: bool) -> int:
        """Have the graphs written whose files are newer than the triple store, and those removed that have none."""
        before = self._triples.state().position
        wanted = {self._conversion.graph(revision): one for revision, one in files.items()}
        if anew or before is None or not self._fits(before):
            writer.anew()
            newer = list(wanted)
        else:
            held = writer.graphs()
            newer = [name for name, one in wanted.items() if name not in held or one.position.change > before.change]
            for name in held - wanted.keys():
                writer.remove(name)
        for name in newer:
            writer.replace(name, wanted[name].path)
        return len(newer)
