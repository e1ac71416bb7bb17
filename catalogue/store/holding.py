"""Which published revisions hold items, and which items are affected by others: what keeps derived files up to date."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BindParameter, Connection, Select, and_, bindparam, select

from catalogue.store.bulk import chunks
from catalogue.store.documents import CURRENT
from catalogue.store.tables import UNASSIGNED, item, link, membership, occurrence, outbox, revision

_IDS: Final[BindParameter[Any]] = bindparam("ids", expanding=True)
_REVISIONS: Final = (
    select(revision.c.public_id)
    .select_from(occurrence.join(revision))
    .where(occurrence.c.item_id.in_(_IDS), CURRENT)
    .distinct()
)
_MEMBERS: Final = (
    select(revision.c.public_id)
    .select_from(membership.join(occurrence, occurrence.c.item_id == membership.c.item_id).join(revision))
    .where(membership.c.container_id.in_(_IDS), CURRENT)
    .distinct()
)
_IN_REVISION: Final = (
    select(item.c.id)
    .select_from(revision.join(occurrence).join(item, item.c.id == occurrence.c.item_id))
    .where(revision.c.public_id == bindparam("revision"), item.c.type.in_(bindparam("types", expanding=True)), CURRENT)
    .distinct()
    .order_by(item.c.id)
)
_REFERRING: Final = select(link.c.item_id).where(link.c.target_id.in_(_IDS)).distinct()
_AROUND: Final = select(occurrence.c.parent_id).where(occurrence.c.item_id.in_(_IDS)).distinct()
_HOLDING: Final = (
    select(membership.c.container_id)
    .where(membership.c.item_id.in_(_IDS), membership.c.container_id > UNASSIGNED)
    .distinct()
)
_HISTORY: Final = (
    select(outbox.c.id, outbox.c.event, revision.c.public_id, outbox.c.item_id, outbox.c.created_at)
    .select_from(outbox.join(revision))
    .where(outbox.c.item_id.in_(_IDS), outbox.c.id <= bindparam("until"))
)
_HELD: Final = (
    select(occurrence.c.item_id)
    .select_from(occurrence.join(revision))
    .where(occurrence.c.item_id.in_(_IDS), revision.c.public_id == bindparam("revision"))
    .distinct()
)
_twin = item.alias("twin")
_TWINS: Final = (
    select(item.c.id, _twin.c.id)
    .select_from(
        item.join(
            _twin,
            and_(
                _twin.c.identifier == item.c.identifier,
                _twin.c.agency == item.c.agency,
                _twin.c.version == item.c.version,
                _twin.c.id != item.c.id,
            ),
        )
    )
    .where(item.c.id.in_(_IDS))
)
_TYPED: Final = select(item.c.id).where(item.c.id.in_(_IDS), item.c.type.in_(bindparam("types", expanding=True)))


class Holdings:
    """Reads of many items at a time. Every method takes any number of ids; see ``Repository`` for what it raises."""

    def __init__(self, reading: Callable[[], AbstractContextManager[Connection]]) -> None:
        self._reading = reading

    def revisions(self) -> tuple[str, ...]:
        """The public ids of all published revisions that are not deprecated, in the order in which they came."""
        with self._reading() as connection:
            return tuple(connection.scalars(select(revision.c.public_id).where(CURRENT).order_by(revision.c.id)))

    def in_revision(self, public_id: str, types: Collection[str]) -> tuple[int, ...]:
        """The items of some types that such a revision holds, each once."""
        with self._reading() as connection:
            return tuple(connection.scalars(_IN_REVISION, {"revision": public_id, "types": list(types)}))

    def revisions_with(self, item_ids: Collection[int]) -> frozenset[str]:
        """Those of them that hold any of the items."""
        return frozenset(self._values(_REVISIONS, item_ids))

    def revisions_with_members(self, container_ids: Collection[int]) -> frozenset[str]:
        """Those of them that hold anything that belongs to any of the cohorts, studies or waves."""
        return frozenset(self._values(_MEMBERS, container_ids))

    def referring(self, item_ids: Collection[int]) -> frozenset[int]:
        """What refers to any of the items, in any version."""
        return frozenset(self._values(_REFERRING, item_ids))

    def around(self, item_ids: Collection[int]) -> frozenset[int]:
        """What any of the items stands directly inside, in any revision."""
        return frozenset(one for one in self._values(_AROUND, item_ids) if one is not None)

    def holding(self, item_ids: Collection[int]) -> frozenset[int]:
        """The cohorts, studies and waves that any of the items belongs to, in any version."""
        return frozenset(self._values(_HOLDING, item_ids))

    def typed(self, item_ids: Collection[int], types: Collection[str]) -> frozenset[int]:
        """Those of the items that are of some types."""
        return frozenset(self._values(_TYPED, item_ids, types=list(types)))

    def twins(self, item_ids: Collection[int]) -> dict[int, frozenset[int]]:
        """Where the identification of any of the items stands for several contents: all of these, by each of them."""
        with self._reading() as connection:
            rows = [row for some in chunks(sorted(item_ids)) for row in connection.execute(_TWINS, {"ids": some})]
        found: dict[int, set[int]] = {}
        for one, other in rows:
            found.setdefault(one, {one}).add(other)
        return {member: frozenset(group) for group in found.values() for member in group}

    def held(self, public_id: str, item_ids: Collection[int]) -> frozenset[int]:
        """Those of the items that a revision holds, published or not."""
        return frozenset(self._values(_HELD, item_ids, revision=public_id))

    def history(self, item_ids: Collection[int], until: int) -> list[tuple[int, str, str, int, datetime]]:
        """Every entry of the outbox for any of the items up to one, oldest first: id, event, revision, item, time."""
        with self._reading() as connection:
            rows = [
                (row[0], row[1], row[2], row[3], row[4])
                for some in chunks(sorted(item_ids))
                for row in connection.execute(_HISTORY, {"ids": some, "until": until})
            ]
        return sorted(rows)

    def _values(self, query: Select[Any], ids: Collection[int], **more: Any) -> Iterator[Any]:
        with self._reading() as connection:
            for some in chunks(sorted(ids)):
                yield from connection.scalars(query, {"ids": some, **more}).all()
