"""Items that are published under the same identification with other content, and both contents to show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, select

from catalogue.model.identity import Identification
from catalogue.model.items import Span
from catalogue.store import documents
from catalogue.store.bulk import chunks
from catalogue.store.records import Conflict
from catalogue.store.tables import item, occurrence, revision

_EXCERPT_BYTES: Final = 2000
_MOST_EXCERPTS: Final = 100


@dataclass(frozen=True, slots=True)
class Clash:
    """A conflict before it is described: the new element, and the id of the published item."""

    urn: str
    type: str
    name: str | None
    line: int
    span: Span
    existing: int


_Place = tuple[str, int, Span]  # revision, line, span


def describe(connection: Connection, clashes: Sequence[Clash], public_id: str) -> tuple[Conflict, ...]:
    """Add where the published contents stand, and show the first of them beside the new ones."""
    places = _places(connection, sorted({clash.existing for clash in clashes}))
    return tuple(
        _conflict(connection, clash, public_id, places[clash.existing], shown=number < _MOST_EXCERPTS)
        for number, clash in enumerate(clashes)
    )


def of_draft(connection: Connection, revision_id: int, public_id: str) -> tuple[Conflict, ...]:
    """The items of a draft that were published meanwhile with other content."""
    other = item.alias("other")
    same = (other.c.identifier == item.c.identifier) & (other.c.agency == item.c.agency)
    columns = (item.c.agency, item.c.identifier, item.c.version, item.c.type, item.c.name)
    query = (
        select(*columns, occurrence.c.line, occurrence.c.span_start, occurrence.c.span_end, other.c.id)
        .select_from(occurrence.join(item, item.c.id == occurrence.c.item_id).join(other, same))
        .where(occurrence.c.revision_id == revision_id, item.c.published.is_(False))
        .where(other.c.version == item.c.version, other.c.published)
        .order_by(occurrence.c.ordinal, other.c.id)
    )
    return describe(connection, [_clash(row) for row in connection.execute(query)], public_id)


def _clash(row: Sequence[Any]) -> Clash:
    agency, identifier, version, type_, name, line, start, end, existing = tuple(row)
    urn = Identification(agency, identifier, version).urn
    return Clash(urn, type_, name, line, Span(start, end), existing)


def _conflict(connection: Connection, clash: Clash, public_id: str, place: _Place, *, shown: bool) -> Conflict:
    existing_revision, existing_line, existing_span = place
    return Conflict(
        urn=clash.urn,
        type=clash.type,
        name=clash.name,
        line=clash.line,
        span=clash.span,
        excerpt=_excerpt(connection, public_id, clash.span) if shown else "",
        existing_item=clash.existing,
        existing_revision=existing_revision,
        existing_line=existing_line,
        existing_span=existing_span,
        existing_excerpt=_excerpt(connection, existing_revision, existing_span) if shown else "",
    )


def _excerpt(connection: Connection, public_id: str, span: Span) -> str:
    end = min(span.end, span.start + _EXCERPT_BYTES)
    text = documents.source_slices(connection, [(public_id, span.start, end)])[0].decode("utf-8", errors="ignore")
    return text if end == span.end else f"{text} …"


def _places(connection: Connection, item_ids: Sequence[int]) -> dict[int, _Place]:
    """Where published items stand first."""
    places: dict[int, _Place] = {}
    span = (occurrence.c.span_start, occurrence.c.span_end, occurrence.c.span_context)
    for ids in chunks(item_ids):
        query = (
            select(occurrence.c.item_id, revision.c.public_id, occurrence.c.line, *span)
            .select_from(occurrence.join(revision, revision.c.id == occurrence.c.revision_id))
            .where(occurrence.c.item_id.in_(ids), documents.PUBLISHED)
            .order_by(occurrence.c.revision_id, occurrence.c.ordinal)
        )
        for item_id, public_id, line, *where in connection.execute(query):
            places.setdefault(item_id, (public_id, line, Span(*where)))
    return places
