"""What crawlers ask: which addresses there are, and since when."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, exists, func, select

from catalogue.model.identity import Identification
from catalogue.store.documents import CURRENT
from catalogue.store.tables import item, occurrence, revision


def ranges(connection: Connection, types: Collection[str], size: int) -> list[int]:
    """The ranges of ``size`` internal ids in which there is a latest item of some types, each by its number from 0."""
    newest = connection.scalar(select(func.max(item.c.id))) or 0
    numbers = range((newest + size - 1) // size)
    return [n for n in numbers if connection.scalar(select(exists(_latest(types, n * size, (n + 1) * size))))]


def addresses(
    connection: Connection, types: Collection[str], after: int, until: int
) -> list[tuple[Identification, datetime]]:
    """The latest items of some types with ids above ``after`` up to ``until``, and when each was last published."""
    query = (
        _latest(types, after, until)
        .with_only_columns(item.c.agency, item.c.identifier, item.c.version, func.max(revision.c.published_at))
        .select_from(item.join(occurrence, occurrence.c.item_id == item.c.id).join(revision))
        .where(CURRENT)
        .group_by(item.c.id)
        .order_by(item.c.id)
    )
    found = {Identification(*triple): moment for *triple, moment in connection.execute(query) if moment}
    return list(found.items())


def _latest(types: Collection[str], after: int, until: int) -> Select[Any]:
    # || '' keeps the engines from going through all items of a type.
    wanted = (item.c.id > after, item.c.id <= until, item.c.latest, item.c.published, (item.c.type + "").in_(types))
    return select(item.c.id).where(*wanted)
