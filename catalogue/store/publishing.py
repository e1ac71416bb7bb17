"""Publish a revision: its items become visible, the newest versions are marked, cohorts and counts follow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection, Select, and_, delete, exists, func, insert, literal, or_, select, update

from catalogue.errors import ConflictError
from catalogue.model.report import Status
from catalogue.store import conflicts, documents, harvesting, membership, resolving
from catalogue.store.belonging import counts_in
from catalogue.store.bulk import chunks, counted, insert_rows
from catalogue.store.resolving import identifiers_of, items_of
from catalogue.store.tables import EVERYTHING, UNASSIGNED, Instant, item, occurrence, outbox, revision, tally
from catalogue.store.tables import membership as membership_table

EVENT_PUBLISHED: Final = "published"
EVENT_ASSIGNED: Final = "assigned"
EVENT_DEPRECATED: Final = "deprecated"
EVENT_JOINED: Final = "joined"  # an item that was published before now belongs to a cohort, study or wave more


@dataclass(frozen=True, slots=True)
class New:
    """What an ingest knows of its items, and what spares most of the work.

    Attributes:
        first_item: the ids from here on are its own; they were inserted as published.
        alone: no item of its identifications, in any version, was there before, nor did any come in two versions.
    """

    first_item: int
    alone: bool


def hide(connection: Connection, first_item: int) -> None:
    """Make the new items of an ingest drafts; they were inserted as published."""
    connection.execute(update(item).where(item.c.id >= first_item).values(published=False, latest=False))


def publish_draft(connection: Connection, public_id: str) -> None:
    """Publish a stored draft or what was deprecated, unless other content was published under its identifications.

    Raises:
        NotFoundError: there is no such revision.
        ConflictError: other content was published.
    """
    if documents.get(connection, public_id).status is Status.PUBLISHED:
        return
    revision_id = connection.execute(select(revision.c.id).where(revision.c.public_id == public_id)).scalar_one()
    if clashes := conflicts.of_draft(connection, revision_id, public_id):
        first = clashes[0]
        raise ConflictError(f"{len(clashes)} items are published with other content, the first is {first.urn}.")
    publish(connection, revision_id)


def publish(connection: Connection, revision_id: int, new: New | None = None) -> None:
    """Publish a revision whose references are resolved and which has no conflicts."""
    now = datetime.now(UTC)
    values = {"status": str(Status.PUBLISHED), "published_at": now}
    connection.execute(update(revision).where(revision.c.id == revision_id).values(**values))
    alone = new is not None and new.alone
    returning = [] if alone else _returning(connection, revision_id)
    change = _show(connection, revision_id, new)
    superseded = {} if alone else _supersede(connection, revision_id)
    change.subtract(superseded.values())
    linked = resolving.resolve_others(connection, revision_id)
    resolving.advance_late_bound(connection, list(superseded))
    mark = membership.last(connection)
    grown = membership.restore(connection, returning)
    grown += membership.extend(connection, revision_id, alone=alone and not linked)
    count_everything(connection, change)
    changed = {*grown, *containers_of(connection, [*superseded, *returning])}
    count_containers(connection, changed)
    announce(connection, items_of(revision_id), revision_id, now, EVENT_PUBLISHED)
    announce(connection, _joined(revision_id, mark, new), revision_id, now, EVENT_JOINED)
    for some in chunks(returning):
        announce(connection, select(item.c.id).where(item.c.id.in_(some)), revision_id, now, EVENT_JOINED)
    harvesting.note(connection, revision_id, changed, mark=mark, alone=alone)


def assign(connection: Connection, public_id: str, cohort: int) -> None:
    """Assign a stored revision to a cohort."""
    found = connection.execute(select(revision.c.id, revision.c.status).where(revision.c.public_id == public_id)).one()
    connection.execute(update(revision).where(revision.c.id == found.id).values(cohort_id=cohort))
    if found.status == str(Status.PUBLISHED):
        mark = membership.last(connection)
        grown = membership.assign(connection, found.id)
        count_containers(connection, grown)
        announce(connection, items_of(found.id), found.id, datetime.now(UTC), EVENT_ASSIGNED)
        harvesting.note(connection, found.id, grown, mark=mark, alone=False)


def _returning(connection: Connection, revision_id: int) -> list[int]:
    """The items of a revision that were deprecated."""
    deprecated = select(item.c.id).where(item.c.id.in_(items_of(revision_id)), item.c.deprecated)
    return list(connection.scalars(deprecated))


def _show(connection: Connection, revision_id: int, new: New | None) -> Counter[str]:
    """Mark the items as published and latest; gives how many were not before, by type."""
    hidden = and_(item.c.id.in_(items_of(revision_id)), or_(item.c.published.is_(False), item.c.deprecated))
    fresh = hidden
    if new is not None:
        fresh = item.c.id >= new.first_item if new.alone else or_(item.c.id >= new.first_item, hidden)
    change = counted(connection, select(item.c.type, func.count()).where(fresh).group_by(item.c.type))
    if new is None or not new.alone:
        connection.execute(update(item).where(hidden).values(published=True, latest=True, deprecated=False))
    return change


def _supersede(connection: Connection, revision_id: int) -> dict[int, str]:
    """Leave only the newest version of every identification as latest; gives the others' ids and types."""
    newer = item.alias("newer")
    superseded = exists().where(
        newer.c.identifier == item.c.identifier,
        newer.c.agency == item.c.agency,
        newer.c.version_key > item.c.version_key,
        newer.c.published,
        ~newer.c.deprecated,
    )
    touched = item.c.identifier.in_(identifiers_of(revision_id))
    query = select(item.c.id, item.c.type).where(touched, item.c.latest, superseded)
    found = {row.id: row.type for row in connection.execute(query)}
    for some in chunks(list(found)):
        connection.execute(update(item).where(item.c.id.in_(some)).values(latest=False))
    return found


def count_everything(connection: Connection, change: Counter[str]) -> None:
    """Add the change to the counts of the whole catalogue."""
    whole = tally.c.container_id == EVERYTHING
    totals = change + counted(connection, select(tally.c.type, tally.c.number).where(whole))
    connection.execute(delete(tally).where(whole))
    insert_rows(connection, tally, [(EVERYTHING, type_, number) for type_, number in totals.items()])


def containers_of(connection: Connection, item_ids: Sequence[int]) -> set[int]:
    held = membership_table.c
    queries = (select(held.container_id).where(held.item_id.in_(some)).distinct() for some in chunks(item_ids))
    return {container_id for query in queries for container_id in connection.scalars(query)}


def count_containers(connection: Connection, container_ids: Collection[int]) -> None:
    """Count again what counts in these containers."""
    held = membership_table.c
    joined = membership_table.join(item, item.c.id == held.item_id)
    counted_in = counts_in(membership_table, item)
    for some in chunks(sorted(container_ids)):
        connection.execute(delete(tally).where(tally.c.container_id.in_(some)))
        query = select(held.container_id, held.type, func.count()).select_from(joined)
        query = query.where(held.container_id.in_(some), counted_in, held.item_id != held.container_id)
        counts = query.group_by(held.container_id, held.type)
        connection.execute(insert(tally).from_select(["container_id", "type", "number"], counts))


def _joined(revision_id: int, mark: int, new: New | None) -> Select[tuple[int]]:
    """The items that were published before this revision and that containers hold since ``mark``."""
    held = membership_table.c
    grown = select(held.item_id).where(held.id > mark, held.container_id != UNASSIGNED)
    if new is not None:
        return grown.where(held.item_id < new.first_item)
    others = select(occurrence.c.item_id).select_from(occurrence.join(revision))
    others = others.where(occurrence.c.item_id == held.item_id, documents.PUBLISHED, revision.c.id != revision_id)
    return grown.where(others.exists())


def announce(connection: Connection, items: Select[tuple[int]], revision_id: int, now: datetime, what: str) -> None:
    """One outbox row per item."""
    columns = (literal(what), literal(revision_id), item.c.id, literal(now, Instant))
    rows = select(*columns).where(item.c.id.in_(items)).order_by(item.c.id)
    connection.execute(insert(outbox).from_select(["event", "revision_id", "item_id", "created_at"], rows))
