"""What conversions are made from: items with where they stand and what is around them, a few queries per thousand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final, NamedTuple

from sqlalchemy import BindParameter, Connection, Select, and_, bindparam, exists, func, select

from catalogue.model.identity import Identification
from catalogue.model.items import Item, Kind, Span
from catalogue.store.bulk import chunks
from catalogue.store.codec import content_fields
from catalogue.store.documents import PUBLISHED
from catalogue.store.tables import item, link, occurrence, revision

_IDS: Final[BindParameter[Any]] = bindparam("ids", expanding=True)
_PIECE: Final = 1000

_parent = item.alias("parent")
_other = item.alias("other")
_twin = occurrence.alias("twin")
_PLACE: Final = (
    occurrence.c.item_id,
    occurrence.c.revision_id,
    revision.c.public_id,
    occurrence.c.ordinal,
    occurrence.c.line,
    occurrence.c.span_start,
    occurrence.c.span_end,
    occurrence.c.span_context,
    occurrence.c.language,
    _parent.c.agency,
    _parent.c.identifier,
    _parent.c.version,
    _parent.c.type,
)
_PLACED: Final = select(*_PLACE).select_from(
    occurrence.join(revision, revision.c.id == occurrence.c.revision_id).outerjoin(
        _parent, _parent.c.id == occurrence.c.parent_id
    )
)
_NEWEST: Final = (
    select(
        occurrence.c.item_id,
        occurrence.c.revision_id,
        occurrence.c.ordinal,
        func.row_number()
        .over(
            partition_by=occurrence.c.item_id,
            order_by=(revision.c.status.desc(), occurrence.c.revision_id.desc(), occurrence.c.ordinal),
        )
        .label("rank"),
    )
    .select_from(occurrence.join(revision))
    .where(occurrence.c.item_id.in_(_IDS), PUBLISHED)
    .subquery()
)
_AT_NEWEST: Final = _PLACED.join(
    _NEWEST,
    and_(_NEWEST.c.revision_id == occurrence.c.revision_id, _NEWEST.c.ordinal == occurrence.c.ordinal),
).where(_NEWEST.c.rank == 1)
# "+ 0" keeps the engines from walking all that the revision holds before an item instead of the item's few places.
_STANDS_BEFORE: Final = exists().where(
    _twin.c.item_id == occurrence.c.item_id,
    _twin.c.revision_id == occurrence.c.revision_id,
    _twin.c.ordinal + 0 < occurrence.c.ordinal,
)
# By the revision's own id, so that each piece is a range of the primary key.
_IN_REVISION: Final = (
    _PLACED.where(
        occurrence.c.revision_id == bindparam("revision"),
        occurrence.c.ordinal > bindparam("after"),
        ~_STANDS_BEFORE,
    )
    .order_by(occurrence.c.ordinal)
    .limit(_PIECE)
)
_ITEMS: Final = select(
    item.c.id, item.c.agency, item.c.identifier, item.c.version, item.c.local_id, item.c.type, item.c.element,
    item.c.kind, item.c.ddi_version, item.c.digest, item.c.variant, item.c.latest, item.c.deprecated, item.c.content,
).where(item.c.id.in_(_IDS))  # fmt: skip
_TARGETS: Final = (
    select(link.c.item_id, link.c.position, item.c.id, item.c.agency, item.c.identifier, item.c.version, item.c.type)
    .select_from(link.join(item, item.c.id == link.c.target_id))
    .where(link.c.item_id.in_(_IDS), item.c.published)
)
# Of several identical twins of the parent in the revision, each child counts once.
_INSIDE: Final = (
    select(
        occurrence.c.parent_id, item.c.id, item.c.agency, item.c.identifier, item.c.version, item.c.type,
        item.c.local_id,
    )
    .select_from(occurrence.join(item, item.c.id == occurrence.c.item_id))
    .where(occurrence.c.parent_id.in_(_IDS), occurrence.c.revision_id == bindparam("revision"))
    .group_by(
        occurrence.c.parent_id, item.c.id, item.c.agency, item.c.identifier, item.c.version, item.c.type,
        item.c.local_id,
    )
    .order_by(func.min(occurrence.c.ordinal))
)  # fmt: skip
_EARLIER: Final = (
    select(item.c.id, _other.c.agency, _other.c.identifier, _other.c.version)
    .select_from(item.join(_other, and_(_other.c.identifier == item.c.identifier, _other.c.agency == item.c.agency)))
    .where(item.c.id.in_(_IDS), _other.c.version_key < item.c.version_key, _other.c.published)
    .order_by(item.c.id, _other.c.version_key)
)


_NAMED: Final = select(
    item.c.id, item.c.agency, item.c.identifier, item.c.version, item.c.type, item.c.local_id
).where(item.c.id.in_(_IDS), item.c.published)  # fmt: skip
_FIRST: Final = (
    select(item.c.agency, item.c.identifier, item.c.version, func.min(item.c.id))
    .where(item.c.identifier.in_(_IDS), item.c.published)
    .group_by(item.c.agency, item.c.identifier, item.c.version)
)


class Place(NamedTuple):
    """Where an item stands in a published revision, and the identification and type of what is directly around it."""

    id: int
    revision_id: int
    revision: str
    ordinal: int
    line: int
    span: Span
    language: str | None
    parent: tuple[Identification, str] | None


class Neighbour(NamedTuple):
    """Another item, as links and contents name it."""

    id: int
    identification: Identification
    type: str
    local_id: str = ""


class Placed(NamedTuple):
    """An item at a place, with what its row tells beside its content."""

    item: Item
    place: Place
    variant: int
    latest: bool
    deprecated: bool


class Surroundings:
    """Reads of published items in bulk. Every method takes any number of ids; see ``Repository`` for what it raises."""

    def __init__(self, reading: Callable[[], AbstractContextManager[Connection]]) -> None:
        self._reading = reading

    def newest(self, item_ids: Collection[int]) -> tuple[Place, ...]:
        """Where items stand in the newest published revision, in the order of the ids; drafts are left out."""
        found = {row[0]: _place(row) for row in self._rows(_AT_NEWEST, item_ids)}
        return tuple(found[item_id] for item_id in item_ids if item_id in found)

    def of_revision(self, public_id: str) -> Iterator[tuple[Place, ...]]:
        """Every item of a published revision once, at its first place, in document order, some at a time."""
        with self._reading() as connection:
            query = select(revision.c.id).where(revision.c.public_id == public_id, PUBLISHED)
            revision_id = connection.scalar(query)
        after = -1
        while revision_id is not None:
            with self._reading() as connection:
                rows = connection.execute(_IN_REVISION, {"revision": revision_id, "after": after}).all()
            if not rows:
                return
            places = tuple(_place(row) for row in rows)
            yield places
            after = places[-1].ordinal

    def items(self, places: Sequence[Place]) -> tuple[Placed, ...]:
        """The items that stand at places, as the reader made them."""
        rows = {row.id: row for row in self._rows(_ITEMS, [place.id for place in places])}
        return tuple(_placed(rows[place.id], place) for place in places if place.id in rows)

    def targets(self, item_ids: Collection[int]) -> Mapping[int, Mapping[int, Neighbour]]:
        """Where references lead, by item and position; those to drafts are left out."""
        found: dict[int, dict[int, Neighbour]] = defaultdict(dict)
        for item_id, position, *columns in self._rows(_TARGETS, item_ids):
            found[item_id][position] = _neighbour(columns)
        return found

    def inside(self, places: Sequence[Place]) -> Mapping[int, tuple[Neighbour, ...]]:
        """What stands directly inside items, in document order, by item."""
        by_revision: dict[int, list[int]] = defaultdict(list)
        for place in places:
            by_revision[place.revision_id].append(place.id)
        found: dict[int, list[Neighbour]] = defaultdict(list)
        for revision_id, ids in by_revision.items():
            for parent_id, *columns in self._rows(_INSIDE, ids, revision=revision_id):
                found[parent_id].append(_neighbour(columns))
        return {parent_id: tuple(some) for parent_id, some in found.items()}

    def earlier(self, item_ids: Collection[int]) -> Mapping[int, Identification]:
        """The published version next before each item, where there is one."""
        return {row[0]: Identification(*row[1:]) for row in self._rows(_EARLIER, item_ids)}

    def named(self, item_ids: Collection[int]) -> Mapping[int, Neighbour]:
        """The items themselves, as others name them."""
        return {row[0]: _neighbour(row) for row in self._rows(_NAMED, item_ids)}

    def first_of(self, identifications: Collection[Identification]) -> Mapping[Identification, int]:
        """The internal id of the first content under each identification; of what is not published, none."""
        rows = self._rows(_FIRST, list(dict.fromkeys(one.identifier for one in identifications)))
        found = {(agency, identifier, version): item_id for agency, identifier, version, item_id in rows}
        keys = ((one, (one.agency, one.identifier, one.version)) for one in identifications)
        return {one: found[key] for one, key in keys if key in found}

    def _rows(self, query: Select[Any], keys: Collection[int] | Collection[str], **more: Any) -> list[Any]:
        with self._reading() as connection:
            return [row for some in chunks(list(keys)) for row in connection.execute(query, {"ids": some, **more})]


def _place(row: Any) -> Place:
    item_id, revision_id, public_id, ordinal, line, start, end, context, language, *around = tuple(row)
    parent = None if around[-1] is None else (Identification(*around[:3]), around[3])
    return Place(item_id, revision_id, public_id, ordinal, line, Span(start, end, context), language, parent)


def _neighbour(columns: Sequence[Any]) -> Neighbour:
    item_id, agency, identifier, version, type_, *rest = columns
    return Neighbour(item_id, Identification(agency, identifier, version), type_, *rest)


def _placed(row: Any, place: Place) -> Placed:
    value = Item(
        identification=Identification(row.agency, row.identifier, row.version),
        local_id=row.local_id,
        type=row.type,
        element=row.element,
        kind=Kind(row.kind),
        ddi_version=row.ddi_version,
        ordinal=place.ordinal,
        parent=None,
        line=place.line,
        span=place.span,
        language=place.language,
        digest=row.digest,
        **content_fields(row.content),
    )
    return Placed(value, place, row.variant, row.latest, row.deprecated)
