"""Lists of items. Every piece of a list is a few index ranges, however long the list is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, exists, false, func, or_, select, tuple_, union_all

from catalogue.store.belonging import counts_in
from catalogue.store.codec import SUMMARY_COLUMNS, summary
from catalogue.store.pages import cursor_text, cursor_values
from catalogue.store.records import ItemFilter, ItemSummary, Page
from catalogue.store.tables import EVERYTHING, UNASSIGNED, item, membership, tally

_held = membership.alias("held")
_box = item.alias("box")


def list_items(connection: Connection, wanted: ItemFilter, cursor: str | None, limit: int) -> Page[ItemSummary]:
    """A piece of the list of items, by label (else name, else identifier), then by id."""
    after = None if cursor is None else cursor_values(cursor, str, int)
    query = _piece(connection, wanted, after, limit + 1)
    rows = connection.execute(query).all()
    following = cursor_text(rows[limit - 1].sort, rows[limit - 1].id) if len(rows) > limit else None
    return Page(tuple(summary(tuple(row[:-1])) for row in rows[:limit]), _total(connection, wanted), following)


def _scope(wanted: ItemFilter) -> int:
    """The container whose index is walked."""
    if wanted.unassigned:
        return UNASSIGNED
    return wanted.containers[-1] if wanted.containers else EVERYTHING


def _piece(connection: Connection, wanted: ItemFilter, after: Any, limit: int) -> Select[Any]:
    """The rows after a sort key: of each type the first ones, merged; so each type is one index range."""
    types = wanted.types or _types(connection, wanted)
    if len(types) == 1:
        return _range(wanted, types[0], after).limit(limit)
    ranges = [select(_range(wanted, type_, after).limit(limit).subquery()) for type_ in types]
    merged = union_all(*ranges or [select(*SUMMARY_COLUMNS, item.c.sort).where(false())]).subquery()
    return select(merged).order_by(merged.c.sort, merged.c.id).limit(limit)


def _range(wanted: ItemFilter, type_: str, after: Any) -> Select[Any]:
    """Items of one type in order."""
    query, keys, type_column = _base(wanted)
    query = query.where(type_column == type_)
    return (query.where(tuple_(*keys) > tuple(after)) if after else query).order_by(*keys)


def _base(wanted: ItemFilter) -> tuple[Select[Any], tuple[ColumnElement[Any], ...], ColumnElement[str]]:
    """The filtered items, the columns of their order, and the column of their type, all from one index."""
    query = select(*SUMMARY_COLUMNS, item.c.sort).where(*_conditions(wanted))
    scope = _scope(wanted)
    if scope == EVERYTHING:
        return query, (item.c.sort, item.c.id), item.c.type
    query = query.select_from(membership.join(item, item.c.id == membership.c.item_id))
    query = query.where(membership.c.container_id == scope, membership.c.item_id != scope)
    return query, (membership.c.sort, membership.c.item_id), membership.c.type


def _conditions(wanted: ItemFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if not wanted.include_drafts:
        conditions.append(item.c.published)
    if wanted.latest_only:
        counts = _counts(_scope(wanted))
        conditions.append(or_(counts, ~item.c.published) if wanted.include_drafts else counts)
    others = wanted.containers if wanted.unassigned else wanted.containers[:-1]
    conditions += [exists().where(_held.c.item_id == item.c.id, _held.c.container_id == other) for other in others]
    return conditions


def _counts(scope: int) -> ColumnElement[bool]:
    """Whether an item counts in the container whose index is walked."""
    if scope in (EVERYTHING, UNASSIGNED):
        return item.c.latest
    return counts_in(select(_box.c.latest).where(_box.c.id == scope).scalar_subquery(), membership, item)


def _types(connection: Connection, wanted: ItemFilter) -> Sequence[str]:
    """The types that the list may hold."""
    scope = _scope(wanted)
    if wanted.latest_only and not wanted.include_drafts:
        query = select(tally.c.type).where(tally.c.container_id == scope)
    elif scope == EVERYTHING:
        query = select(item.c.type).distinct()
    else:
        query = select(membership.c.type).where(membership.c.container_id == scope).distinct()
    return connection.scalars(query).all()


def _total(connection: Connection, wanted: ItemFilter) -> int:
    """The exact length of the list, from the tally where it has it."""
    if wanted.latest_only and not wanted.include_drafts and len(wanted.containers) + wanted.unassigned <= 1:
        query = select(func.coalesce(func.sum(tally.c.number), 0)).where(tally.c.container_id == _scope(wanted))
        counted = query.where(tally.c.type.in_(wanted.types)) if wanted.types else query
    else:
        base, _, type_column = _base(wanted)
        rows = base.where(type_column.in_(wanted.types)) if wanted.types else base
        counted = select(func.count()).select_from(rows.with_only_columns(item.c.id).subquery())
    return int(connection.scalar(counted) or 0)
