"""The store as one object: ``open_repository(url)`` gives a ``Repository``; each method is one transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from threading import local
from typing import Any, Self, TypeVar

from sqlalchemy import Connection, Engine

from catalogue.model.identity import Identification
from catalogue.store import blobs, browsing, crawling, deprecating, documents, harvesting, linking, listing, publishing
from catalogue.store import reading as items
from catalogue.store.cards import Cards
from catalogue.store.engine import open_engine, reading, storage_errors, writing
from catalogue.store.holding import Holdings
from catalogue.store.migrations import upgrade
from catalogue.store.neighbourhood import Neighbourhood
from catalogue.store.records import (
    Containers,
    ContainerSummary,
    HarvestContainer,
    HarvestFilter,
    HarvestItem,
    HarvestRecord,
    IncomingReference,
    ItemFilter,
    ItemSummary,
    Occurrence,
    OutboxEntry,
    OutgoingReference,
    Page,
    RevisionRecord,
    Statistics,
    StoredItem,
)
from catalogue.store.studying import Studies
from catalogue.store.surroundings import Surroundings
from catalogue.store.writing import IngestSession

T = TypeVar("T")

_ALL = ItemFilter()


def open_repository(url: str) -> Repository:
    """Open the store at a SQLAlchemy URL, create its folder and bring its schema up to date.

    Raises:
        UsageError: the URL is not one of SQLite or PostgreSQL.
        StorageError: the database cannot be reached or opened, or is newer than this program.
    """
    engine = open_engine(url)
    try:
        upgrade(engine)
    except BaseException:
        engine.dispose()
        raise
    return Repository(engine)


class _UnfinishedError(Exception):
    """Ends an ingest that was not finished."""


class Repository:
    """Documents, revisions, items and references. Safe to share between threads; close it at the end.

    Every method raises ``StorageError`` when the database fails, and never returns drafts unless asked.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._snapshots = local()

    def close(self) -> None:
        """Give back every connection."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Everything that this thread reads within the block is one state of the store, over one connection."""
        if self._current is not None:
            yield
            return
        with reading(self._engine) as connection:
            self._snapshots.connection, self._snapshots.made = connection, {}
            try:
                yield
            finally:
                del self._snapshots.connection, self._snapshots.made

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What ``make`` reads; within a snapshot, where it cannot change, it is read once for each key."""
        made: dict[Hashable, T] = getattr(self._snapshots, "made", {})
        if key not in made:
            made[key] = make()
        return made[key]

    @property
    def _current(self) -> Connection | None:
        return getattr(self._snapshots, "connection", None)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        if self._current is not None:
            with storage_errors():
                yield self._current
            return
        with reading(self._engine) as connection:
            yield connection

    # --- writing

    @contextmanager
    def ingest(self) -> Iterator[IngestSession]:
        """One document in one transaction: rolled back when the block raises or ``finish`` was not called."""
        try:
            with writing(self._engine) as connection:
                session = IngestSession(connection)
                yield session
                if not session.finished:
                    raise _UnfinishedError
        except _UnfinishedError:
            pass

    def publish(self, revision_id: str) -> RevisionRecord:
        """Publish a draft; a published revision stays as it is.

        Raises:
            NotFoundError: there is no such revision.
            ConflictError: other content was published under one of its identifications meanwhile.
        """
        with writing(self._engine) as connection:
            publishing.publish_draft(connection, revision_id)
            return documents.get(connection, revision_id)

    def deprecate(self, revision_id: str) -> RevisionRecord:
        """Deprecate a published revision: what only it holds leaves every list, and keeps its address.

        Raises:
            NotFoundError: there is no such revision.
            UsageError: it is a draft.
        """
        with writing(self._engine) as connection:
            deprecating.deprecate(connection, revision_id)
            return documents.get(connection, revision_id)

    # --- items

    def get(
        self, agency: str, identifier: str, version: str | None = None, *, include_drafts: bool = False
    ) -> tuple[StoredItem, ...]:
        """Every content under an identification: one, or several in-document variants; empty when there is none.

        Without version, those of the latest.
        """
        with self._reading() as connection:
            ids = items.of_version(self._under(connection, agency, identifier), version, include_drafts)
            return items.load(connection, ids, include_drafts)

    def _under(self, connection: Connection, agency: str, identifier: str) -> list[tuple[str, ItemSummary]]:
        return self.once(("under", agency, identifier), lambda: items.under(connection, agency, identifier))

    def get_many(self, item_ids: Sequence[int], *, include_drafts: bool = False) -> tuple[StoredItem, ...]:
        """Items by internal id, in the given order, for indexers; absent ids are left out."""
        with self._reading() as connection:
            return items.load(connection, item_ids, include_drafts)

    def find_urn(self, urn: str, *, include_drafts: bool = False) -> tuple[StoredItem, ...]:
        """As ``get``, by canonical, deprecated or 3.1 URN; empty for what is no URN."""
        try:
            wanted = Identification.from_urn(urn)
        except ValueError:
            return ()
        return self.get(wanted.agency, wanted.identifier, wanted.version, include_drafts=include_drafts)

    def versions(self, agency: str, identifier: str) -> tuple[ItemSummary, ...]:
        """All versions, newest first."""
        with self._reading() as connection:
            return tuple(one for _, one in self._under(connection, agency, identifier) if one.published)

    def list_items(self, wanted: ItemFilter = _ALL, *, cursor: str | None = None, limit: int = 50) -> Page[ItemSummary]:
        """Items by label (else name, else identifier), then by id.

        Raises:
            UsageError: the cursor is malformed.
        """
        with self._reading() as connection:
            return listing.list_items(connection, wanted, cursor, limit)

    def outgoing(self, item_id: int, *, include_drafts: bool = False) -> tuple[OutgoingReference, ...]:
        """References of an item in source order."""
        with self._reading() as connection:
            return linking.outgoing(connection, [item_id], include_drafts).get(item_id, ())

    def outgoing_many(
        self, item_ids: Sequence[int], *, include_drafts: bool = False
    ) -> Mapping[int, tuple[OutgoingReference, ...]]:
        """As ``outgoing``, for many items with the same few queries."""
        with self._reading() as connection:
            return linking.outgoing(connection, item_ids, include_drafts)

    def outgoing_of(self, stored: Iterable[StoredItem]) -> Mapping[int, tuple[OutgoingReference, ...]]:
        """As ``outgoing_many``, for items that were loaded: their references are not read again."""
        with self._reading() as connection:
            return linking.resolved(connection, {one.id: one.item.references for one in stored}, drafts=False)

    def outgoing_within(self, occurrence: Occurrence, type_: str, role: str) -> Mapping[str, ItemSummary]:
        """Where the items of one type inside an occurrence lead by one role: local id -> target."""
        with self._reading() as connection:
            return linking.outgoing_within(connection, occurrence, type_, role)

    def parent_occurrence(self, occurrence: Occurrence) -> tuple[StoredItem, Occurrence] | None:
        """The item around an occurrence, and its own occurrence there; None at the top of the document."""
        with self._reading() as connection:
            return items.parent_of(connection, occurrence)

    def incoming(
        self,
        item_id: int,
        *,
        role: str | None = None,
        types: Sequence[str] = (),
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[IncomingReference]:
        """Published items (of these types, if given) that refer to an item, by role.

        Raises:
            UsageError: the cursor is malformed.
        """
        with self._reading() as connection:
            return linking.incoming(connection, item_id, role, types, cursor, limit)

    def incoming_many(self, item_ids: Sequence[int], *, types: Sequence[str]) -> tuple[ItemSummary, ...]:
        """Published items of some types that refer to any of the items, each once, in the order in which they came."""
        with self._reading() as connection:
            return linking.incoming_many(connection, item_ids, types)

    def incoming_roles(self, item_id: int) -> Mapping[str, int]:
        """How many references lead to an item, by role."""
        with self._reading() as connection:
            return linking.incoming_roles(connection, item_id)

    def children(self, item_id: int, *, cursor: str | None = None, limit: int = 50) -> Page[ItemSummary]:
        """Items that stand directly inside an item in its newest published revision, in document order.

        Raises:
            UsageError: the cursor is malformed.
        """
        with self._reading() as connection:
            return linking.children(connection, item_id, cursor, limit)

    def containers(self, item_id: int) -> Containers:
        """Cohorts, studies and waves that hold an item."""
        return self.containers_of([item_id])[item_id]

    def containers_of(self, item_ids: Sequence[int]) -> Mapping[int, Containers]:
        """Cohorts, studies and waves that hold each of the items."""
        with self._reading() as connection:
            return browsing.containers(connection, item_ids)

    # --- cohorts and counts

    def cohorts(self) -> tuple[ContainerSummary, ...]:
        """Every cohort, by label, with its waves and their counts by type."""
        with self._reading() as connection:
            return browsing.cohorts(connection)

    def cohort(self, item_id: int) -> ContainerSummary | None:
        """One cohort, study or wave with its waves and counts; None for any other item."""
        with self._reading() as connection:
            return browsing.cohort(connection, item_id)

    def stats(self) -> Statistics:
        """What the catalogue holds."""
        with self._reading() as connection:
            return browsing.stats(connection)

    # --- for crawlers

    def ranges(self, types: Collection[str], size: int) -> list[int]:
        """The ranges of ``size`` internal ids in which there is a latest item of some types, by number from 0."""
        with self._reading() as connection:
            return crawling.ranges(connection, types, size)

    def addresses(self, types: Collection[str], *, after: int, until: int) -> list[tuple[Identification, datetime]]:
        """Latest items with ids above ``after`` up to ``until``, and when each was last published."""
        with self._reading() as connection:
            return crawling.addresses(connection, types, after, until)

    def changed_at(self) -> datetime | None:
        """When what everybody sees last changed; None while nothing is published."""
        return self._last_change()[1]

    # --- documents

    def revisions(
        self,
        *,
        document_key: str | None = None,
        include_drafts: bool = False,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[RevisionRecord]:
        """Revisions, newest first.

        Raises:
            UsageError: the cursor is malformed.
        """
        with self._reading() as connection:
            return documents.listing(connection, document_key, include_drafts, cursor, limit)

    def revision(self, revision_id: str, *, include_drafts: bool = False) -> RevisionRecord | None:
        """One revision by its public id."""
        with self._reading() as connection:
            return documents.find(connection, revision_id, include_drafts=include_drafts)

    def revision_by_sha256(self, sha256: str) -> RevisionRecord | None:
        """The revision made from these bytes (published before draft), to recognise the same bytes again."""
        with self._reading() as connection:
            return documents.by_sha256(connection, sha256)

    def report(self, revision_id: str) -> Mapping[str, Any] | None:
        """The validation report that was given to ``finish``."""
        with self._reading() as connection:
            return documents.report(connection, revision_id)

    def source(self, sha256: str) -> Iterator[bytes]:
        """The source bytes as received, piece by piece.

        Raises:
            NotFoundError: no bytes have this sum.
        """
        with self._reading() as connection:
            blobs.require(connection, sha256)
        return self._chunks(sha256)

    def _chunks(self, sha256: str) -> Iterator[bytes]:
        with self._reading() as connection:
            yield from blobs.read(connection, sha256)

    def source_slices(self, places: Sequence[tuple[str, int, int]]) -> list[bytes]:
        """The bytes [start, end) of a revision's source in UTF-8, for each place (revision, start, end).

        Raises:
            NotFoundError: there is no such revision.
        """
        with self._reading() as connection:
            return documents.source_slices(connection, places)

    # --- for harvesters

    def harvest(self, wanted: HarvestFilter, *, after: int = 0, limit: int) -> tuple[HarvestRecord, ...]:
        """The records with an id above ``after``, in ascending order."""
        with self._reading() as connection:
            return harvesting.listing(connection, wanted, after, limit)

    def harvest_total(self, wanted: HarvestFilter) -> int:
        """How many records a harvest gets."""
        with self._reading() as connection:
            return harvesting.total(connection, wanted)

    def harvest_record(self, agency: str, identifier: str) -> HarvestRecord | None:
        """The record of an identification, deleted or not."""
        with self._reading() as connection:
            return harvesting.record(connection, agency, identifier)

    def harvest_containers(self, *, after: int = 0, limit: int) -> tuple[HarvestContainer, ...]:
        """The cohorts and studies, also deleted ones, with an id above ``after``, in ascending order."""
        with self._reading() as connection:
            return harvesting.containers(connection, after, limit)

    def harvest_container(self, agency: str, identifier: str) -> HarvestContainer | None:
        """A cohort or study, deleted or not."""
        with self._reading() as connection:
            return harvesting.container(connection, agency, identifier)

    def harvest_types(self, container_ids: Sequence[int]) -> Mapping[int, tuple[str, ...]]:
        """The types of the records, besides studies, that each of the cohorts and studies holds or held."""
        with self._reading() as connection:
            return harvesting.types_in(connection, container_ids)

    def harvest_items(self, item_ids: Sequence[int], *, types: Collection[str]) -> Mapping[int, HarvestItem]:
        """Published items by internal id, with the targets of some types that they refer to."""
        with self._reading() as connection:
            return harvesting.items(connection, item_ids, types)

    def earliest_change(self) -> datetime | None:
        """No record changed before that; None where there is no record."""
        with self._reading() as connection:
            return harvesting.earliest(connection)

    # --- for indexers

    @property
    def neighbourhood(self) -> Neighbourhood:
        """Many items at a time, with what is around them."""
        return Neighbourhood(self._reading)

    @property
    def cards(self) -> Cards:
        """What searches show of items, as indexers keep it."""
        return Cards(self._reading, partial(writing, self._engine))

    @property
    def studies(self) -> Studies:
        """What cohorts and studies hold, in document order."""
        return Studies(self._reading)

    @property
    def surroundings(self) -> Surroundings:
        """Items with where they stand and what is around them, for conversion."""
        return Surroundings(self._reading)

    @property
    def holdings(self) -> Holdings:
        """Which revisions hold items, and what items affect."""
        return Holdings(self._reading)

    def identity(self) -> str:
        """What tells this store from every other: made with it, and the same as long as it lives."""
        with self._reading() as connection:
            return documents.identity(connection)

    def published_at(self, item_ids: Sequence[int]) -> Mapping[int, datetime]:
        """When each of the items was first published, by internal id; drafts are left out."""
        with self._reading() as connection:
            return documents.published_at(connection, item_ids)

    # --- changes

    def past(self, change: int) -> str:
        """What tells this store at a change from every other, and from one that was restored and went another way."""
        with self._reading() as connection:
            return f"{documents.identity(connection)}/{documents.revision_of(connection, change)}"

    def last_change(self) -> int:
        """A number that grows whenever what everybody sees has changed."""
        return self._last_change()[0]

    def _last_change(self) -> tuple[int, datetime | None]:
        def read() -> tuple[int, datetime | None]:
            with self._reading() as connection:
                return documents.last_change(connection)

        return self.once("last change", read)

    def outbox(self, after: int = 0, limit: int = 1000) -> tuple[OutboxEntry, ...]:
        """Entries with an id above ``after``, oldest first."""
        with self._reading() as connection:
            return documents.outbox_entries(connection, after, limit)
