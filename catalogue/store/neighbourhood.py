"""What indexers read: many items at a time with what is around them, always the same few queries per thousand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final, NamedTuple

import orjson
from sqlalchemy import BindParameter, ColumnElement, Connection, and_, bindparam, exists, func, select

from catalogue.store import browsing
from catalogue.store.belonging import counts_in, is_home
from catalogue.store.bulk import chunks
from catalogue.store.documents import PUBLISHED
from catalogue.store.tables import EVERYTHING, UNASSIGNED, item, link, membership, occurrence, revision, tally

_IDS: Final[BindParameter[Any]] = bindparam("ids", expanding=True)
_TYPES: Final[BindParameter[Any]] = bindparam("types", expanding=True)
_SHOWN: Final = and_(item.c.published, item.c.latest)


class ItemNode(NamedTuple):
    """An item without the objects that a reader wants: ``texts`` are (path, text, language), ``paths`` those of its
    references, by position."""

    id: int
    agency: str
    identifier: str
    local_id: str
    type: str
    name: str | None
    latest: bool
    texts: Sequence[tuple[str, str, str | None]]
    properties: Sequence[tuple[str, str]]
    user_ids: Sequence[tuple[str, str]]
    paths: Sequence[str]

    @property
    def reference(self) -> str:
        """``agency/identifier``: the item in whatever version."""
        return f"{self.agency}/{self.identifier}"


class Step(NamedTuple):
    """A way from one item to another: of a reference its role and position; of a child empty, and its ordinal."""

    id: int
    type: str
    role: str
    position: int


class Source(NamedTuple):
    """An item that refers to a target, or stands around it."""

    id: int
    type: str
    latest: bool
    target: int


class Box(NamedTuple):
    """What a container is to the items in it; see ``browsing``."""

    id: int
    type: str
    cohort: bool
    study: bool
    wave: bool


_NODES: Final = select(
    item.c.id,
    item.c.agency,
    item.c.identifier,
    item.c.local_id,
    item.c.type,
    item.c.name,
    item.c.latest,
    item.c.content,
).where(item.c.id.in_(_IDS))
_OUT: Final = (
    select(link.c.item_id, link.c.target_id, item.c.type, link.c.role, link.c.position)
    .select_from(link.join(item, item.c.id == link.c.target_id))
    .where(link.c.item_id.in_(_IDS), item.c.published)
    .order_by(link.c.item_id, link.c.position)
)
# || '' keeps SQLite from going through all items of a type, where a few links lead to what is wanted.
_IN: Final = (
    select(link.c.item_id, item.c.type, item.c.latest, link.c.target_id)
    .select_from(link.join(item, item.c.id == link.c.item_id))
    .where(link.c.target_id.in_(_IDS), (item.c.type + "").in_(_TYPES), item.c.published)
    .distinct()
)
_NEWEST: Final = (
    select(occurrence.c.item_id, func.max(occurrence.c.revision_id).label("revision_id"))
    .select_from(occurrence.join(revision))
    .where(occurrence.c.item_id.in_(_IDS), PUBLISHED)
    .group_by(occurrence.c.item_id)
    .subquery()
)
_CHILDREN: Final = (
    select(occurrence.c.parent_id, occurrence.c.item_id, item.c.type, func.min(occurrence.c.ordinal).label("ordinal"))
    .select_from(
        _NEWEST.join(
            occurrence,
            and_(occurrence.c.parent_id == _NEWEST.c.item_id, occurrence.c.revision_id == _NEWEST.c.revision_id),
        ).join(item, item.c.id == occurrence.c.item_id)
    )
    .where(item.c.type.in_(_TYPES))
    .group_by(occurrence.c.parent_id, occurrence.c.item_id, item.c.type)
    .order_by(occurrence.c.parent_id, func.min(occurrence.c.ordinal))
)
_AROUND: Final = (
    select(occurrence.c.parent_id, item.c.type, item.c.latest, occurrence.c.item_id)
    .select_from(occurrence.join(revision).join(item, item.c.id == occurrence.c.parent_id))
    .where(occurrence.c.item_id.in_(_IDS), item.c.type.in_(_TYPES), PUBLISHED)
    .distinct()
)
_HOLDERS: Final = (
    select(membership.c.item_id, membership.c.container_id)
    .select_from(membership.join(item, item.c.id == membership.c.container_id))
    .where(membership.c.item_id.in_(_IDS), membership.c.container_id != membership.c.item_id)
    .where(is_home(membership, item))
    .order_by(membership.c.container_id)
)
_HELD: Final = (
    select(membership.c.container_id, membership.c.item_id)
    .select_from(membership.join(item, item.c.id == membership.c.item_id))
    .where(membership.c.container_id.in_(_IDS), membership.c.type.in_(_TYPES))
    .where(counts_in(membership, item))
    .order_by(membership.c.item_id)
)
_earlier = item.alias("earlier")
_same = and_(_earlier.c.identifier == item.c.identifier, _earlier.c.agency == item.c.agency)
# Of several contents or equal versions under one identification the first counts.
_FIRST: Final = ~exists().where(_same, _earlier.c.id < item.c.id, _earlier.c.published, _earlier.c.latest)


class Neighbourhood:
    """Reads of published items in bulk. Every method takes any number of ids; see ``Repository`` for what it raises."""

    def __init__(self, reading: Callable[[], AbstractContextManager[Connection]]) -> None:
        self._reading = reading

    # --- which items

    def current(self, types: Collection[str], *, after: int = 0, limit: int = 1000) -> tuple[int, ...]:
        """Ids above ``after``, ascending: of each agency and identifier the first content of the latest version."""
        # || '' keeps the engines from sorting all items of a type for each piece.
        wanted = (item.c.type + "").in_(types)
        query = select(item.c.id).where(item.c.id > after, wanted, _SHOWN, _FIRST)
        with self._reading() as connection:
            return tuple(connection.scalars(query.order_by(item.c.id).limit(limit)))

    def expected(self, types: Collection[str]) -> int:
        """About how many ``current`` gives in all, without counting them."""
        query = select(func.coalesce(func.sum(tally.c.number), 0))
        query = query.where(tally.c.container_id == EVERYTHING, tally.c.type.in_(types))
        with self._reading() as connection:
            return int(connection.scalar(query) or 0)

    def siblings(self, item_ids: Collection[int]) -> Mapping[int, str]:
        """Every item, in whatever version, with the agency and identifier of one of these, and its type."""
        pairs = select(item.c.identifier, item.c.agency).where(item.c.id.in_(_IDS)).distinct().subquery()
        same = and_(item.c.identifier == pairs.c.identifier, item.c.agency == pairs.c.agency)
        query = select(item.c.id, item.c.type).select_from(pairs.join(item, same))
        return {row[0]: row[1] for row in self._rows(query, item_ids)}

    def shown(self, item_ids: Collection[int], types: Collection[str]) -> frozenset[int]:
        """Those of the items that ``current`` would give."""
        query = select(item.c.id).where(item.c.id.in_(_IDS), item.c.type.in_(_TYPES), _SHOWN, _FIRST)
        return frozenset(row[0] for row in self._rows(query, item_ids, types))

    def fresh(self, public_id: str, item_ids: Collection[int]) -> frozenset[int]:
        """Those of a revision's items that no revision published before it holds."""
        other, place = revision.alias("other"), occurrence.alias("place")
        since = select(revision.c.published_at).where(revision.c.public_id == public_id).scalar_subquery()
        joined = place.join(other, other.c.id == place.c.revision_id)
        before = select(place.c.item_id).select_from(joined)
        before = before.where(place.c.item_id == item.c.id, other.c.published_at < since).correlate(item)
        query = select(item.c.id).where(item.c.id.in_(_IDS), ~before.exists())
        return frozenset(row[0] for row in self._rows(query, item_ids))

    # --- what is around them

    def nodes(self, item_ids: Collection[int]) -> Mapping[int, ItemNode]:
        """The items themselves; absent ids are left out."""
        return {row[0]: _node(row) for row in self._rows(_NODES, item_ids)}

    def targets(self, item_ids: Collection[int]) -> Mapping[int, Sequence[Step]]:
        """Where their references lead, in source order."""
        return _by_item(self._rows(_OUT, item_ids))

    def children(self, item_ids: Collection[int], types: Collection[str]) -> Mapping[int, Sequence[Step]]:
        """What stands directly inside them in the newest published revision of each, in document order."""
        rows = self._rows(_CHILDREN, item_ids, types)
        return _by_item((parent, child, type_, "", ordinal) for parent, child, type_, ordinal in rows)

    def sources(self, item_ids: Collection[int], types: Collection[str]) -> list[Source]:
        """What of these types refers to them."""
        return [Source(*row) for row in self._rows(_IN, item_ids, types)]

    def parents(self, item_ids: Collection[int], types: Collection[str]) -> list[Source]:
        """What of these types they stand directly inside, in any published revision."""
        return [Source(*row) for row in self._rows(_AROUND, item_ids, types)]

    # --- cohorts, studies, waves

    def holders(self, item_ids: Collection[int]) -> Mapping[int, Sequence[int]]:
        """The containers that each item belongs to; see ``belonging``."""
        found: dict[int, list[int]] = defaultdict(list)
        for item_id, container_id in self._rows(_HOLDERS, item_ids):
            found[item_id].append(container_id)
        return found

    def boxes(self, container_ids: Collection[int]) -> Mapping[int, Box]:
        """What containers are to the items in them."""
        with self._reading() as connection:
            rows = browsing.classified(connection, container_ids)
            return {row[0]: Box(*row) for row in rows}

    def held(self, container_ids: Collection[int], types: Collection[str]) -> Mapping[int, Sequence[int]]:
        """The items of some types that count in each container."""
        found: dict[int, list[int]] = defaultdict(list)
        for container_id, item_id in self._rows(_HELD, container_ids, types):
            found[container_id].append(item_id)
        return found

    def members(
        self, container_ids: Collection[int], types: Collection[str], *, after: int, limit: int
    ) -> tuple[int, ...]:
        """Ids above ``after``, ascending, of the items of some types that any of the containers holds."""
        wanted: tuple[ColumnElement[bool], ...] = (
            membership.c.container_id.in_(container_ids),
            membership.c.container_id != UNASSIGNED,
            membership.c.type.in_(types),
            membership.c.item_id > after,
        )
        query = select(membership.c.item_id).where(*wanted).distinct().order_by(membership.c.item_id).limit(limit)
        with self._reading() as connection:
            return tuple(connection.scalars(query))

    def _rows(self, query: Any, item_ids: Collection[int], types: Collection[str] | None = None) -> list[Any]:
        more = {} if types is None else {"types": list(types)}
        with self._reading() as connection:
            return [row for some in chunks(list(item_ids)) for row in connection.execute(query, {"ids": some, **more})]


def _node(row: Any) -> ItemNode:
    *columns, content = row
    texts, properties, user_ids, _, references = orjson.loads(content)
    values: list[Any] = [*columns, texts, properties, user_ids, [reference[1] for reference in references]]
    return ItemNode(*values)


def _by_item(rows: Iterable[Sequence[Any]]) -> Mapping[int, Sequence[Step]]:
    found: dict[int, list[Step]] = defaultdict(list)
    for item_id, *step in rows:
        found[item_id].append(Step(*step))
    return found
