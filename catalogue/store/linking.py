"""From an item to its neighbours: what it refers to, what refers to it, what stands inside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import BindParameter, ColumnElement, Connection, Select, and_, bindparam, exists, func, select, tuple_

from catalogue.model.items import Reference
from catalogue.store.bulk import chunks
from catalogue.store.codec import path_in, references_in, summaries, summary
from catalogue.store.documents import PUBLISHED
from catalogue.store.pages import cursor_text, cursor_values, whole
from catalogue.store.reading import summary_columns
from catalogue.store.records import IncomingReference, ItemSummary, Occurrence, OutgoingReference, Page, ReferenceStatus
from catalogue.store.tables import item, link, occurrence, revision, unresolved

_BEYOND: Final = 2**31 - 1  # more than any ordinal

# Statements that every page runs are built once; building costs more than running.
_IDS: Final[BindParameter[Any]] = bindparam("ids", expanding=True)
_WRITTEN: Final = select(item.c.id, item.c.content).where(item.c.id.in_(_IDS))
_TARGETS: Final = (
    select(link.c.item_id, link.c.position, *summary_columns(item))
    .select_from(link.join(item, item.c.id == link.c.target_id))
    .where(link.c.item_id.in_(_IDS))
)
_REASONS: Final = select(unresolved.c.item_id, unresolved.c.position, unresolved.c.status).where(
    unresolved.c.item_id.in_(_IDS)
)
_SOURCES: Final = (
    select(*summary_columns(item))
    .select_from(link.join(item, item.c.id == link.c.item_id))
    .where(link.c.target_id.in_(_IDS), item.c.type.in_(bindparam("types", expanding=True)), item.c.published)
    .distinct()
)
_INCOMING_ROLES: Final = (
    select(link.c.role, func.count())
    .select_from(link.join(item, item.c.id == link.c.item_id))
    .where(link.c.target_id == bindparam("target"), item.c.published)
    .group_by(link.c.role)
)


def outgoing(
    connection: Connection, item_ids: Sequence[int], drafts: bool
) -> Mapping[int, tuple[OutgoingReference, ...]]:
    """References of items in source order; a target that only a draft has counts as absent."""
    rows = (row for some in chunks(item_ids) for row in connection.execute(_WRITTEN, {"ids": some}))
    return resolved(connection, {item_id: references_in(content) for item_id, content in rows}, drafts)


def resolved(
    connection: Connection, written: Mapping[int, Sequence[Reference]], drafts: bool
) -> Mapping[int, tuple[OutgoingReference, ...]]:
    """Where the references of items lead, as ``outgoing``, for whoever has read them already."""
    found: dict[int, tuple[OutgoingReference, ...]] = dict.fromkeys(written, ())
    for some in chunks([item_id for item_id, references in written.items() if references]):
        targets = _targets(connection, some, drafts)
        reasons = _reasons(connection, [one for one in some if len(targets[one]) < len(written[one])])
        for item_id in some:
            found[item_id] = tuple(
                _outgoing(reference, targets[item_id].get(reference.position), reasons[item_id])
                for reference in written[item_id]
            )
    return found


def _outgoing(
    reference: Reference, target: ItemSummary | None, reasons: Mapping[int, ReferenceStatus]
) -> OutgoingReference:
    if target is not None:
        return OutgoingReference(reference, ReferenceStatus.RESOLVED, target)
    return OutgoingReference(reference, reasons.get(reference.position, ReferenceStatus.ABSENT), None)


def _targets(connection: Connection, item_ids: Sequence[int], drafts: bool) -> Mapping[int, Mapping[int, ItemSummary]]:
    """By item and position."""
    found: dict[int, dict[int, ItemSummary]] = defaultdict(dict)
    once = summaries()
    for item_id, position, *columns in connection.execute(_TARGETS, {"ids": item_ids}):
        target = once(columns)
        if drafts or target.published:
            found[item_id][position] = target
    return found


def _reasons(connection: Connection, item_ids: Sequence[int]) -> Mapping[int, Mapping[int, ReferenceStatus]]:
    """Why references lead nowhere, by item and position."""
    found: dict[int, dict[int, ReferenceStatus]] = defaultdict(dict)
    rows = connection.execute(_REASONS, {"ids": item_ids}) if item_ids else ()
    for item_id, position, status in rows:
        found[item_id][position] = ReferenceStatus(status)
    return found


_inner = item.alias("inner")
_target = item.alias("target")
_later = occurrence.alias("later")
_around = revision.alias("around")
# The ordinal of the first item of the document that begins behind an occurrence.
_BEHIND: Final = (
    select(_later.c.ordinal)
    .select_from(_later.join(_around, _around.c.id == _later.c.revision_id))
    .where(_around.c.public_id == bindparam("revision"), _later.c.ordinal > bindparam("ordinal"))
    .where(_later.c.span_start >= bindparam("end"))
    .order_by(_later.c.ordinal)
    .limit(1)
    .scalar_subquery()
)
_WITHIN: Final = (
    select(_inner.c.local_id, *summary_columns(_target))
    .select_from(
        occurrence.join(revision, revision.c.id == occurrence.c.revision_id)
        .join(_inner, _inner.c.id == occurrence.c.item_id)
        .join(link, link.c.item_id == _inner.c.id)
        .join(_target, _target.c.id == link.c.target_id)
    )
    .where(revision.c.public_id == bindparam("revision"), occurrence.c.ordinal > bindparam("ordinal"))
    .where(occurrence.c.ordinal < func.coalesce(_BEHIND, _BEYOND))
    .where(_inner.c.type == bindparam("type"), link.c.role == bindparam("role"))
)


def outgoing_within(connection: Connection, place: Occurrence, type_: str, role: str) -> Mapping[str, ItemSummary]:
    """Targets of the references of one role of the items of one type inside an occurrence, by local id."""
    within = {"revision": place.revision, "ordinal": place.ordinal, "end": place.span.end}
    rows = connection.execute(_WITHIN, {**within, "type": type_, "role": role})
    return {local_id: summary(columns) for local_id, *columns in rows}


_INCOMING_KEY: Final = (link.c.role, link.c.item_id, link.c.position)


@cache
def _incoming_rows(of_role: bool, of_types: bool) -> tuple[Select[Any], Select[Any]]:
    """What refers to a target, perhaps only in a role or of some types: the rows in order, and how many there are."""
    joined = link.join(item, item.c.id == link.c.item_id)
    conditions: list[ColumnElement[bool]] = [link.c.target_id == bindparam("target"), item.c.published]
    conditions += [link.c.role == bindparam("role")] if of_role else []
    conditions += [item.c.type.in_(bindparam("types", expanding=True))] if of_types else []
    rows = select(*_INCOMING_KEY, item.c.content, *summary_columns(item)).select_from(joined).where(*conditions)
    return rows.order_by(*_INCOMING_KEY), select(func.count()).select_from(joined).where(*conditions)


def incoming(
    connection: Connection, item_id: int, role: str | None, types: Sequence[str], cursor: str | None, limit: int
) -> Page[IncomingReference]:
    """Published items that refer to an item, by role, then in the order in which they came."""
    query, count = _incoming_rows(role is not None, bool(types))
    wanted = {"target": item_id, "role": role, "types": types}
    if cursor is not None:
        query = query.where(tuple_(*_INCOMING_KEY) > tuple(cursor_values(cursor, str, int, int)))
    rows = connection.execute(query.limit(limit + 1), wanted).all()
    found = tuple(_incoming(*row) for row in rows[:limit])
    total = len(rows) if whole(rows, cursor, limit) else connection.scalar(count, wanted) or 0
    return Page(found, total, cursor_text(*rows[limit - 1][:3]) if len(rows) > limit else None)


def _incoming(role: str, _: int, position: int, content: bytes, *columns: Any) -> IncomingReference:
    return IncomingReference(role, path_in(content, position), summary(columns))


def incoming_many(connection: Connection, item_ids: Sequence[int], types: Sequence[str]) -> tuple[ItemSummary, ...]:
    """Published items of some types that refer to any of the items, each once."""
    found: dict[int, ItemSummary] = {}
    for some in chunks(item_ids):
        for row in connection.execute(_SOURCES, {"ids": some, "types": types}):
            source = summary(row)
            found[source.id] = source
    return tuple(found[item_id] for item_id in sorted(found))


def incoming_roles(connection: Connection, item_id: int) -> Mapping[str, int]:
    """How many references of published items lead to an item, by role."""
    return {row[0]: row[1] for row in connection.execute(_INCOMING_ROLES, {"target": item_id})}


_twin: Final = occurrence.alias("twin")
# "+ 0" keeps the engines from walking all children of the parent instead of the few twins of the child.
_STANDS_BEFORE: Final = exists().where(
    _twin.c.item_id == occurrence.c.item_id,
    _twin.c.revision_id == occurrence.c.revision_id,
    _twin.c.parent_id + 0 == occurrence.c.parent_id,
    _twin.c.ordinal + 0 < occurrence.c.ordinal,
)
_whole = occurrence.alias("whole")
_NEWEST_REVISION: Final = (
    select(func.max(_whole.c.revision_id))
    .select_from(_whole.join(revision))
    .where(_whole.c.item_id == bindparam("parent"), PUBLISHED)
    .scalar_subquery()
)
_INSIDE: Final = and_(occurrence.c.parent_id == bindparam("parent"), occurrence.c.revision_id == _NEWEST_REVISION)
_CHILDREN: Final = (
    select(occurrence.c.ordinal, *summary_columns(item))
    .select_from(occurrence.join(item, item.c.id == occurrence.c.item_id))
    .where(_INSIDE, occurrence.c.ordinal > bindparam("after"), ~_STANDS_BEFORE)
    .order_by(occurrence.c.ordinal)
    .limit(bindparam("limit"))
)
_CHILD_COUNT: Final = select(func.count(occurrence.c.item_id.distinct())).where(_INSIDE)


def children(connection: Connection, item_id: int, cursor: str | None, limit: int) -> Page[ItemSummary]:
    """Items that stand directly inside an item in its newest published revision, in document order, twins once."""
    after = -1 if cursor is None else cursor_values(cursor, int)[0]
    rows = connection.execute(_CHILDREN, {"parent": item_id, "after": after, "limit": limit + 1}).all()
    found = tuple(summary(tuple(row[1:])) for row in rows[:limit])
    following = cursor_text(rows[limit - 1].ordinal) if len(rows) > limit else None
    total = len(rows) if whole(rows, cursor, limit) else connection.scalar(_CHILD_COUNT, {"parent": item_id}) or 0
    return Page(found, total, following)
