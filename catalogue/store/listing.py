"""Lists of items. Every piece of a list is a few index ranges, however long the list is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    bindparam,
    exists,
    false,
    func,
    or_,
    select,
    tuple_,
    union_all,
)

from catalogue.store.belonging import counts_in
from catalogue.store.codec import SUMMARY_COLUMNS, summary
from catalogue.store.pages import cursor_text, cursor_values
from catalogue.store.records import ItemFilter, ItemSummary, Page
from catalogue.store.tables import EVERYTHING, UNASSIGNED, item, membership, tally

_held = membership.alias("held")
_TALLY: Final = select(tally.c.type, tally.c.number).where(tally.c.container_id == bindparam("scope"))
_COUNTS: Final = counts_in(membership, item)


class _Listing(NamedTuple):
    """What is asked for, and what is counted of it.

    Attributes:
        counts: of what counts in the container whose index is walked, by type.
    """

    wanted: ItemFilter
    counts: Mapping[str, int]

    @property
    def scope(self) -> int:
        """The container whose index is walked."""
        return _scope(self.wanted)

    @property
    def counted(self) -> bool:
        """Whether the counts are of the items that the list holds."""
        return self.wanted.latest_only and not self.wanted.include_drafts


def list_items(connection: Connection, wanted: ItemFilter, cursor: str | None, limit: int) -> Page[ItemSummary]:
    """A piece of the list of items, by label (else name, else identifier), then by id."""
    after = None if cursor is None else cursor_values(cursor, str, int)
    listing = _listing(connection, wanted)
    query = _piece(connection, listing, after, limit + 1)
    rows = connection.execute(query).all()
    following = cursor_text(rows[limit - 1].sort, rows[limit - 1].id) if len(rows) > limit else None
    return Page(tuple(summary(tuple(row[:-1])) for row in rows[:limit]), _total(connection, listing), following)


def _listing(connection: Connection, wanted: ItemFilter) -> _Listing:
    rows = connection.execute(_TALLY, {"scope": _scope(wanted)}).all() if wanted.latest_only else []
    return _Listing(wanted, {row.type: row.number for row in rows})


def _scope(wanted: ItemFilter) -> int:
    if wanted.unassigned:
        return UNASSIGNED
    return wanted.containers[-1] if wanted.containers else EVERYTHING


def _piece(connection: Connection, listing: _Listing, after: Any, limit: int) -> Select[Any]:
    """The rows after a sort key: of each type the first ones, merged; so each type is one index range."""
    types = listing.wanted.types or _types(connection, listing)
    if len(types) == 1:
        return _range(listing, types[0], after).limit(limit)
    ranges = [select(_range(listing, type_, after).limit(limit).subquery()) for type_ in types]
    merged = union_all(*ranges or [select(*SUMMARY_COLUMNS, item.c.sort).where(false())]).subquery()
    return select(merged).order_by(merged.c.sort, merged.c.id).limit(limit)


def _range(listing: _Listing, type_: str, after: Any) -> Select[Any]:
    """Items of one type in order."""
    query, keys, type_column = _base(listing)
    query = query.where(type_column == type_)
    return (query.where(tuple_(*keys) > tuple(after)) if after else query).order_by(*keys)


def _base(listing: _Listing) -> tuple[Select[Any], tuple[ColumnElement[Any], ...], ColumnElement[str]]:
    """The filtered items, the columns of their order, and the column of their type, all from one index."""
    query = select(*SUMMARY_COLUMNS, item.c.sort).where(*_conditions(listing))
    scope = listing.scope
    if scope == EVERYTHING:
        return query, (item.c.sort, item.c.id), item.c.type
    query = query.select_from(membership.join(item, item.c.id == membership.c.item_id))
    query = query.where(membership.c.container_id == scope, membership.c.item_id != scope)
    return query, (membership.c.sort, membership.c.item_id), membership.c.type


def _conditions(listing: _Listing) -> list[ColumnElement[bool]]:
    wanted = listing.wanted
    conditions: list[ColumnElement[bool]] = []
    if not wanted.include_drafts:
        conditions.append(item.c.published)
    if wanted.latest_only:
        counts = item.c.latest if listing.scope == EVERYTHING else _COUNTS
        conditions.append(or_(counts, ~item.c.published) if wanted.include_drafts else counts)
    others = wanted.containers if wanted.unassigned else wanted.containers[:-1]
    conditions += [exists().where(_held.c.item_id == item.c.id, _held.c.container_id == other) for other in others]
    return conditions


def _types(connection: Connection, listing: _Listing) -> Sequence[str]:
    """The types that the list may hold."""
    if listing.counted:
        return sorted(listing.counts)
    if listing.scope == EVERYTHING:
        query = select(item.c.type).distinct()
    else:
        query = select(membership.c.type).where(membership.c.container_id == listing.scope).distinct()
    return connection.scalars(query).all()


def _total(connection: Connection, listing: _Listing) -> int:
    """The exact length of the list, from the counts where they are of it."""
    wanted = listing.wanted
    if listing.counted and len(wanted.containers) + wanted.unassigned <= 1:
        return sum(number for type_, number in listing.counts.items() if type_ in (wanted.types or listing.counts))
    base, _, type_column = _base(listing)
    rows = base.where(type_column.in_(wanted.types)) if wanted.types else base
    counted = select(func.count()).select_from(rows.with_only_columns(item.c.id).subquery())
    return int(connection.scalar(counted) or 0)
