"""What a search shows of items, one card each, kept so that hits need not be made of all that is around them.

A card is what the indexer made last, in bytes that only it and the search understand. The store says beside it what the
item is now, so that a card never shows what is not published. Without a card, what is shown is made anew.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final, NamedTuple

from sqlalchemy import BindParameter, Connection, bindparam, delete, func, select

from catalogue.store.bulk import chunks, insert_rows
from catalogue.store.codec import SUMMARY_COLUMNS, summary
from catalogue.store.reading import storable
from catalogue.store.records import ItemSummary
from catalogue.store.tables import card, item, occurrence, revision

_IDS: Final[BindParameter[Any]] = bindparam("ids", expanding=True)
_SHOWN: Final = (
    select(*SUMMARY_COLUMNS, card.c.content)
    .select_from(item.outerjoin(card, card.c.item_id == item.c.id))
    .where(item.c.id.in_(_IDS), item.c.published)
)
_NAMED: Final = select(*SUMMARY_COLUMNS, item.c.version_key).where(
    item.c.identifier.in_(bindparam("identifiers", expanding=True)), item.c.published
)

_COUNTS: Final = (
    select(item.c.type, func.count(card.c.item_id.distinct()))
    .select_from(revision.join(occurrence).join(item, item.c.id == occurrence.c.item_id).join(card))
    .where(revision.c.public_id == bindparam("revision"))
    .group_by(item.c.type)
)

Transaction = Callable[[], AbstractContextManager[Connection]]


class Shown(NamedTuple):
    """A published item as in lists, and its card; None where there is none."""

    summary: ItemSummary
    card: bytes | None


class Cards:
    """The cards of the items that are found by search. Every method raises ``StorageError`` when the database fails."""

    def __init__(self, reading: Transaction, writing: Transaction) -> None:
        self._reading = reading
        self._writing = writing

    def of(self, item_ids: Sequence[int]) -> list[Shown]:
        """The items that are published, in any order, each with its card."""
        with self._reading() as connection:
            rows = [row for some in chunks(item_ids) for row in connection.execute(_SHOWN, {"ids": some})]
        return [Shown(summary(row[:-1]), row[-1]) for row in rows]

    def latest(self, names: Collection[tuple[str, str]]) -> Mapping[tuple[str, str], ItemSummary]:
        """Of items by agency and identifier the latest version, or of all that is deprecated; the first of variants."""
        wanted = {(agency, identifier) for agency, identifier in names if storable(agency, identifier)}
        identifiers = list({identifier for _, identifier in wanted})
        with self._reading() as connection:
            rows = [row for some in chunks(identifiers) for row in connection.execute(_NAMED, {"identifiers": some})]
        found: dict[tuple[str, str], Any] = {}
        for row in sorted(rows, key=lambda one: (not one.deprecated, one.version_key, -one.id)):
            found[row.agency, row.identifier] = row
        return {name: summary(row[:-1]) for name, row in found.items() if name in wanted}

    def counts(self, public_id: str) -> Mapping[str, int]:
        """How many of a revision's items have a card, by type."""
        with self._reading() as connection:
            return {row[0]: row[1] for row in connection.execute(_COUNTS, {"revision": public_id})}

    def keep(self, cards: Mapping[int, bytes], gone: Collection[int] = ()) -> None:
        """Put cards in place of those that items had, and take away those of others."""
        with self._writing() as connection:
            for some in chunks([*cards, *gone]):
                connection.execute(delete(card).where(card.c.item_id.in_(some)))
            insert_rows(connection, card, sorted(cards.items()))

    def renew(self, cards: Mapping[int, bytes], after: int, last: int) -> None:
        """Put cards in place of all those of the items with ids above ``after``, up to ``last``."""
        with self._writing() as connection:
            connection.execute(delete(card).where(card.c.item_id > after, card.c.item_id <= last))
            insert_rows(connection, card, sorted(cards.items()))
