"""What study descriptions are made of: what a cohort or study holds in document order, in whatever version it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import BindParameter, Connection, and_, bindparam, func, or_, select

from catalogue.model.identity import Identification
from catalogue.store.bulk import chunks
from catalogue.store.documents import PUBLISHED
from catalogue.store.records import StoredItem
from catalogue.store.tables import item, link, membership, occurrence, revision, tally

_IDS: Final[BindParameter[Any]] = bindparam("ids", expanding=True)
_TYPES: Final[BindParameter[Any]] = bindparam("types", expanding=True)
_box = item.alias("box")
_older = item.alias("older")

# Not only the latest items: a study refers to the version that it used. What is deprecated is left to what is so too.
_MEMBERS: Final = (
    select(membership.c.container_id, item.c.id, item.c.agency, item.c.identifier, item.c.version_key)
    .select_from(
        membership.join(item, item.c.id == membership.c.item_id).join(_box, _box.c.id == membership.c.container_id)
    )
    .where(membership.c.container_id.in_(_IDS), membership.c.type.in_(_TYPES), item.c.id != _box.c.id)
    .where(item.c.published, or_(~item.c.deprecated, _box.c.deprecated))
    .order_by(item.c.id)
)
_PLACES: Final = (
    select(occurrence.c.item_id, occurrence.c.revision_id, func.min(occurrence.c.ordinal))
    .select_from(occurrence.join(revision))
    .where(occurrence.c.item_id.in_(_IDS), PUBLISHED)
    .group_by(occurrence.c.item_id, occurrence.c.revision_id)
)
_INNER: Final = (
    select(revision.c.public_id, occurrence.c.parent_id, occurrence.c.span_start, occurrence.c.span_end)
    .select_from(occurrence.join(revision))
    .where(occurrence.c.parent_id.in_(_IDS))
    .order_by(occurrence.c.span_start)
)
_INNER_ITEMS: Final = (
    select(
        revision.c.public_id,
        occurrence.c.parent_id,
        occurrence.c.span_start,
        occurrence.c.span_end,
        item.c.agency,
        item.c.identifier,
        item.c.version,
        item.c.type,
    )
    .select_from(occurrence.join(revision).join(item, item.c.id == occurrence.c.item_id))
    .where(occurrence.c.parent_id.in_(_IDS), item.c.type.in_(_TYPES))
    .order_by(occurrence.c.span_start)
)
_COUNTS: Final = (
    select(tally.c.container_id, tally.c.type, tally.c.number)
    .where(tally.c.container_id.in_(_IDS))
    .order_by(tally.c.container_id, tally.c.type)
)
_OLDER: Final = (
    select(item.c.id, _older.c.agency, _older.c.identifier, _older.c.version)
    .select_from(item.join(_older, and_(_older.c.identifier == item.c.identifier, _older.c.agency == item.c.agency)))
    .where(item.c.id.in_(_IDS), _older.c.published, _older.c.version_key < item.c.version_key)
    .order_by(item.c.id, _older.c.version_key)
)
_CHANGED: Final = (
    select(membership.c.container_id, func.max(revision.c.published_at))
    .select_from(
        membership.join(occurrence, occurrence.c.item_id == membership.c.item_id).join(
            revision, revision.c.id == occurrence.c.revision_id
        )
    )
    .where(membership.c.container_id.in_(_IDS), PUBLISHED)
    .group_by(membership.c.container_id)
)
_HELD: Final = (
    select(link.c.item_id, func.count(link.c.target_id.distinct()))
    .select_from(link.join(item, item.c.id == link.c.target_id))
    .where(link.c.item_id.in_(_IDS), item.c.type.in_(_TYPES), item.c.published)
    .group_by(link.c.item_id)
)
_LEADS: Final = (
    select(link.c.item_id, link.c.target_id)
    .select_from(link.join(item, item.c.id == link.c.target_id))
    .where(link.c.item_id.in_(_IDS), item.c.type.in_(_TYPES), item.c.published)
    .order_by(link.c.item_id, link.c.position)
)
_AMONG: Final = select(membership.c.item_id).where(
    membership.c.container_id == bindparam("container"), membership.c.item_id.in_(_IDS)
)


class _Member(NamedTuple):
    container: int
    id: int
    agency: str
    identifier: str
    version: str


class Studies:
    """Reads of published items in bulk, for cohorts and studies; see ``Repository`` for what every method raises."""

    def __init__(self, reading: Callable[[], AbstractContextManager[Connection]]) -> None:
        self._reading = reading

    def members(self, container_ids: Collection[int], types: Collection[str]) -> Mapping[int, tuple[int, ...]]:
        """The items of some types in each container, in document order; of several versions of one the newest."""
        found: dict[tuple[int, str, str], _Member] = {}
        for row in self._rows(_MEMBERS, container_ids, types):
            member = _Member(*row)
            key = (member.container, member.agency, member.identifier)
            if key not in found or found[key].version < member.version:
                found[key] = member
        places = self._places({member.id for member in found.values()})
        ordered = sorted(found.values(), key=lambda member: places.get(member.id, (0, 0, member.id)))
        inside: dict[int, list[int]] = defaultdict(list)
        for member in ordered:
            inside[member.container].append(member.id)
        return {container: tuple(ids) for container, ids in inside.items()}

    def _places(self, item_ids: Collection[int]) -> Mapping[int, tuple[int, int, int]]:
        """Newest revision and ordinal in it, by item."""
        found: dict[int, tuple[int, int, int]] = {}
        for item_id, revision_id, ordinal in self._rows(_PLACES, item_ids):
            if item_id not in found or found[item_id][0] < revision_id:
                found[item_id] = (revision_id, ordinal, item_id)
        return found

    def among(self, container_id: int, item_ids: Collection[int]) -> frozenset[int]:
        """Those of the items that a container holds."""
        with self._reading() as connection:
            found = (
                connection.scalars(_AMONG, {"container": container_id, "ids": some}) for some in chunks(list(item_ids))
            )
            return frozenset(item_id for some in found for item_id in some)

    def inner_spans(self, items: Iterable[StoredItem]) -> Mapping[int, Sequence[tuple[int, int]]]:
        """Where the items that stand directly inside each item begin and end, in its newest occurrence."""
        wanted = {stored.id: stored.occurrences[0] for stored in items}
        found: dict[int, list[tuple[int, int]]] = {item_id: [] for item_id in wanted}
        for public_id, parent, start, end in self._rows(_INNER, list(wanted)):
            around = wanted[parent]
            if around.revision == public_id and around.span.start <= start and end <= around.span.end:
                found[parent].append((start, end))
        return found

    def inner_items(
        self, items: Iterable[StoredItem], types: Collection[str]
    ) -> Mapping[int, Sequence[tuple[int, int, Identification, str]]]:
        """The items of some types directly inside each item, in its newest occurrence: where, which, of what type."""
        wanted = {stored.id: stored.occurrences[0] for stored in items}
        found: dict[int, list[tuple[int, int, Identification, str]]] = {item_id: [] for item_id in wanted}
        for public_id, parent, start, end, agency, identifier, version, type_ in self._rows(
            _INNER_ITEMS, list(wanted), types
        ):
            around = wanted[parent]
            if around.revision == public_id and around.span.start <= start and end <= around.span.end:
                found[parent].append((start, end, Identification(agency, identifier, version), type_))
        return found

    def counts(self, container_ids: Collection[int]) -> Mapping[int, dict[str, int]]:
        """The number of latest items in each container by type."""
        found: dict[int, dict[str, int]] = defaultdict(dict)
        for container, type_, number in self._rows(_COUNTS, container_ids):
            found[container][type_] = number
        return found

    def previous(self, item_ids: Collection[int]) -> Mapping[int, Identification]:
        """The published version before each item, where there is one."""
        return {item_id: Identification(*parts) for item_id, *parts in self._rows(_OLDER, item_ids)}

    def changed_at(self, container_ids: Collection[int]) -> Mapping[int, datetime]:
        """When a document that holds anything of a container was last published."""
        return {container: moment for container, moment in self._rows(_CHANGED, container_ids) if moment}

    def leads(self, item_ids: Collection[int], types: Collection[str]) -> Mapping[int, Sequence[int]]:
        """Where the references of each item lead, to items of some types, in source order."""
        found: dict[int, list[int]] = defaultdict(list)
        for item_id, target in self._rows(_LEADS, item_ids, types):
            found[item_id].append(target)
        return found

    def referred(self, item_ids: Collection[int], types: Collection[str]) -> dict[int, int]:
        """How many different items of some types each item refers to."""
        return dict(self._rows(_HELD, item_ids, types))

    def _rows(self, query: Any, ids: Collection[int], types: Collection[str] | None = None) -> list[Any]:
        more = {} if types is None else {"types": list(types)}
        with self._reading() as connection:
            return [row for some in chunks(list(ids)) for row in connection.execute(query, {"ids": some, **more})]
