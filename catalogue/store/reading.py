"""Items by identification or by id, with their occurrences and references: always the same few queries."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import BindParameter, ColumnElement, Connection, Select, Subquery, bindparam, func, literal, select

from catalogue.model.items import Item, Span
from catalogue.store.bulk import chunks
from catalogue.store.codec import (
    SUMMARY_COLUMNS,
    content_fields,
    load_json,
    summaries,
    summary,
)
from catalogue.store.documents import PUBLISHED
from catalogue.store.records import ItemSummary, Occurrence, StoredItem
from catalogue.store.tables import document, item, occurrence, revision

# A category that every document repeats stands in thousands of places; a page shows the newest.
MOST_OCCURRENCES: Final = 50

_UNSTORABLE: Final = re.compile("[\0\ud800-\udfff]")
_parent = item.alias("parent")


def summary_columns(alias: Any) -> list[ColumnElement[Any]]:
    """The columns of a summary, from an alias of table ``item``."""
    return [alias.c[column.name] for column in SUMMARY_COLUMNS]


def storable(*texts: str) -> bool:
    """Whether a text from outside can be in a database: PostgreSQL refuses NUL, both refuse lone surrogates."""
    return not any(_UNSTORABLE.search(text) for text in texts)


def _places(ranked: Subquery) -> Select[Any]:
    """Occurrences by rank, with what is told of their documents and parents."""
    joined = (
        ranked.join(revision, revision.c.id == ranked.c.revision_id)
        .join(document, document.c.id == revision.c.document_id)
        .outerjoin(_parent, _parent.c.id == ranked.c.parent_id)
    )
    source = (revision.c.public_id, document.c.name, revision.c.file_name, revision.c.sha256, revision.c.context)
    place = (ranked.c.ordinal, ranked.c.line, ranked.c.span_start, ranked.c.span_end, ranked.c.span_context)
    columns = (ranked.c.item_id, *source, *place, ranked.c.language, *summary_columns(_parent))
    shown = select(*columns).select_from(joined).where(ranked.c.rank <= MOST_OCCURRENCES)
    return shown.order_by(ranked.c.item_id, ranked.c.rank)


# Statements that every page runs are built once; building costs more than running.
_IDS: Final[BindParameter[Any]] = bindparam("ids", expanding=True)
_UNDER: Final = (
    select(item.c.version_key, *SUMMARY_COLUMNS)
    .where(item.c.identifier == bindparam("identifier"), item.c.agency == bindparam("agency"))
    .order_by(item.c.version_key.desc(), item.c.id)
)
_LOAD: Final = select(*SUMMARY_COLUMNS, item.c.local_id, item.c.digest, item.c.content).where(item.c.id.in_(_IDS))
_RANK: Final = func.row_number().over(
    partition_by=occurrence.c.item_id, order_by=(occurrence.c.revision_id.desc(), occurrence.c.ordinal)
)
_RANKED: Final = (
    select(occurrence, _RANK.label("rank")).select_from(occurrence.join(revision)).where(occurrence.c.item_id.in_(_IDS))
)
_PLACES: Final = {True: _places(_RANKED.subquery()), False: _places(_RANKED.where(PUBLISHED).subquery())}
_AROUND: Final = _places(
    select(occurrence, literal(1).label("rank"))
    .select_from(occurrence.join(revision))
    .where(revision.c.public_id == bindparam("revision"), occurrence.c.item_id == bindparam("item"))
    .where(occurrence.c.ordinal < bindparam("ordinal"))
    .order_by(occurrence.c.ordinal.desc())
    .limit(1)
    .subquery()
)


def under(connection: Connection, agency: str, identifier: str) -> list[tuple[str, ItemSummary]]:
    """Every content under an agency and identifier, with the key of its version; newest version first."""
    if not storable(agency, identifier):
        return []
    rows = connection.execute(_UNDER, {"identifier": identifier, "agency": agency})
    return [(key, summary(columns)) for key, *columns in rows]


def of_version(found: Sequence[tuple[str, ItemSummary]], version: str | None, drafts: bool) -> list[int]:
    """The contents of one version, in the order in which they came; without version those of the latest."""
    seen = [(key, one) for key, one in found if drafts or one.published]
    if version is not None:
        return [one.id for _, one in seen if one.identification.version == version]
    # What is deprecated is the latest only of what is all deprecated.
    newest = max(((not one.deprecated, key) for key, one in seen), default=(True, ""))[1]
    return [one.id for key, one in seen if key == newest]


def load(connection: Connection, item_ids: Sequence[int], drafts: bool) -> tuple[StoredItem, ...]:
    """Items in the given order, with two queries per thousand; absent ids and hidden drafts are left out."""
    return tuple(stored for some in chunks(item_ids) for stored in _load(connection, some, drafts))


def _load(connection: Connection, item_ids: Sequence[int], drafts: bool) -> list[StoredItem]:
    rows = {row.id: row for row in connection.execute(_LOAD, {"ids": item_ids})}
    occurrences = _occurrences(connection, _PLACES[drafts], {"ids": item_ids})
    visible = (item_id for item_id in item_ids if item_id in rows and item_id in occurrences)
    return [_stored(rows[item_id], occurrences[item_id]) for item_id in visible]


def _occurrences(
    connection: Connection, places: Select[Any], wanted: Mapping[str, Any]
) -> Mapping[int, Sequence[Occurrence]]:
    """The newest occurrences of each item, newest revision first."""
    found: dict[int, list[Occurrence]] = defaultdict(list)
    load_context = cache(load_json)  # all occurrences in one revision share it
    once = summaries()
    for row in connection.execute(places, wanted):
        found[row.item_id].append(_occurrence(row, load_context, once))
    return found


def parent_of(connection: Connection, place: Occurrence) -> tuple[StoredItem, Occurrence] | None:
    """The item around an occurrence, and its own occurrence there: the last of its twins that begins before."""
    if place.parent is None:
        return None
    wanted = {"revision": place.revision, "item": place.parent.id, "ordinal": place.ordinal}
    around = _occurrences(connection, _AROUND, wanted)
    (parent,) = load(connection, [place.parent.id], drafts=True)
    return parent, around[parent.id][0]


def _occurrence(
    row: Sequence[Any], load_context: Callable[[str], Any], summarised: Callable[[Sequence[Any]], ItemSummary]
) -> Occurrence:
    _, public_id, name, file_name, sha256, context, ordinal, line, start, end, number, language, *parent = tuple(row)
    return Occurrence(
        revision=public_id,
        document_name=name,
        file_name=file_name,
        sha256=sha256,
        ordinal=ordinal,
        line=line,
        span=Span(start, end, number),
        language=language,
        parent=None if parent[0] is None else summarised(parent),
        context=load_context(context),
    )


def _stored(row: Any, occurrences: Sequence[Occurrence]) -> StoredItem:
    newest = occurrences[0]
    shown = summary(tuple(row[: len(SUMMARY_COLUMNS)]))
    value = Item(
        identification=shown.identification,
        local_id=row.local_id,
        type=shown.type,
        element=shown.element,
        kind=shown.kind,
        ddi_version=shown.ddi_version,
        ordinal=newest.ordinal,
        parent=None,
        line=newest.line,
        span=newest.span,
        language=newest.language,
        digest=row.digest,
        **content_fields(row.content),
    )
    return StoredItem(shown, value, tuple(occurrences))
