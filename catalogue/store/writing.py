"""One ingest: a document's items, references and bytes in one transaction.

Items arrive as a stream and leave in batches. What stays in memory until the end are a few integers per item and
reference (``placements``, ``targets``), not the items.
"""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Connection, func, select, update

from catalogue.errors import ConflictError
from catalogue.model.identity import Identification
from catalogue.model.items import Item, RefusedElement
from catalogue.model.report import IngestReceipt, Status, TypeCount
from catalogue.store import blobs, conflicts, documents, publishing, resolving
from catalogue.store.bulk import CHUNK, Row, insert_rows
from catalogue.store.codec import dump_json, item_row, unresolved_row
from catalogue.store.placements import Placements
from catalogue.store.records import Conflict, DanglingReferences, Duplicate, NewRevision, RevisionRecord
from catalogue.store.tables import item, link, occurrence, revision, unresolved
from catalogue.store.targets import Targets

# Reasons of a refusal, as the receipt gives them.
CONFLICT = "conflict"
TOO_MANY_CONTENTS = "too-many-contents"
# Real documents give one identification two or three contents; without a limit their number would cost its square.
_MOST_CONTENTS = 100


@dataclass(slots=True)
class _Variant:
    """One stored content; ``published`` by an earlier document."""

    id: int
    version: str
    variant: int
    digest: str
    published: bool


_Known = dict[tuple[str, str], list[_Variant]]  # by identifier and agency


class IngestSession:
    """One ingest, in this order: ``start``, ``add`` (any number), ``resolve``, ``describe``, ``finish``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._revision_id = 0
        self._public_id = uuid.uuid4().hex[:16]
        self._first_item = self._next_item = (connection.scalar(select(func.max(item.c.id))) or 0) + 1
        self._placements = Placements(self._first_item)
        self._targets = Targets()
        self._stored: Counter[str] = Counter()
        self._merged: Counter[str] = Counter()
        self._refusals: list[tuple[str, int, str]] = []
        self._clashes: list[conflicts.Clash] = []
        self._duplicates: list[Duplicate] = []
        self._alone = True
        self._conflicts: tuple[Conflict, ...] | None = None
        self.finished = False

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        """Items whose URN is published with other content, once all are added; ``finish`` refuses then."""
        if self._conflicts is None:
            self._conflicts = conflicts.describe(self._connection, self._clashes, self._public_id)
        return self._conflicts

    @property
    def duplicates(self) -> tuple[Duplicate, ...]:
        """Same URN twice in this document with different content, by line."""
        return tuple(sorted(self._duplicates, key=lambda duplicate: duplicate.line))

    @property
    def receipt(self) -> IngestReceipt:
        """Found, stored, merged and refused so far, by type; conflicting items count as refused."""
        refused = Counter(type_ for type_, _, _ in self._refusals)
        types = sorted(self._stored.keys() | self._merged.keys() | refused.keys())
        counts = {t: _count(self._stored[t], self._merged[t], refused[t]) for t in types}
        return IngestReceipt(counts, tuple(self._refusals))

    def find_same_bytes(self, sha256: str) -> RevisionRecord | None:
        """The revision, published before draft, that was made from these bytes."""
        return documents.by_sha256(self._connection, sha256)

    def start(self, new: NewRevision) -> None:
        """Store the bytes and open the revision."""
        sha256 = blobs.put(self._connection, new.data)
        self._revision_id = documents.insert_revision(self._connection, new, sha256, self._public_id)

    def add(self, elements: Iterable[Item | RefusedElement]) -> None:
        """Store items as a stream, in any order; refused elements are only counted."""
        for batch in _batches(elements):
            self._refusals += [(e.type, e.line, e.reason) for e in batch if isinstance(e, RefusedElement)]
            self._flush([element for element in batch if isinstance(element, Item)])

    def resolve(self, *, limit: int = 100) -> DanglingReferences:
        """Find the target of every reference; gives those that lead nowhere, listed up to ``limit``."""
        for rows in _batches(self._placements.rows(self._revision_id)):
            insert_rows(self._connection, occurrence, rows)
        for found in _batches(self._targets):
            links = [(item_id, position, role, to, False) for item_id, position, role, to in found if to is not None]
            insert_rows(self._connection, link, links)
            resolving.stage(self._connection, [(row[0], row[1]) for row in found if row[3] is None])
        resolving.resolve_revision(self._connection, self._revision_id, self._first_item)
        return resolving.dangling(self._connection, self._revision_id, limit)

    def describe(self, top: Sequence[tuple[str, Identification]], context: Mapping[str, Any]) -> None:
        """Say which document this is, by the (type, identification) of its outermost items, and keep the context.

        The principal one of these identifies the document over time; where none stands out, the bytes do.
        """
        values = {"context": dump_json(dict(context))}
        self._connection.execute(update(revision).where(revision.c.id == self._revision_id).values(**values))
        principal = documents.principal(top)
        if principal is not None:
            documents.file_under(self._connection, self._revision_id, principal)

    def finish(self, status: Status, *, report: Mapping[str, Any] | None = None) -> RevisionRecord:
        """Close the revision as ``DRAFT`` or ``PUBLISHED``. The receipt is stored with it.

        Raises:
            ConflictError: there are conflicts.
        """
        if self._clashes:
            raise ConflictError(f"{len(self._clashes)} items are published with other content.")
        values = {"receipt": dump_json(self.receipt.as_dict()), "report": dump_json(report) if report else None}
        self._connection.execute(update(revision).where(revision.c.id == self._revision_id).values(**values))
        if status is Status.PUBLISHED:
            new = publishing.New(self._first_item, self._alone)
            publishing.publish(self._connection, self._revision_id, new)
        else:
            publishing.hide(self._connection, self._first_item)
        self.finished = True
        return documents.get(self._connection, self._public_id)

    def assign(self, revision_id: str, cohort: int) -> RevisionRecord:
        """Assign a stored revision to a cohort instead of storing a document."""
        publishing.assign(self._connection, revision_id, cohort)
        self.finished = True
        return documents.get(self._connection, revision_id)

    def publish(self, revision_id: str) -> RevisionRecord:
        """Publish a stored draft instead; a published revision stays as it is.

        Raises:
            NotFoundError: there is no such revision.
            ConflictError: other content was published under one of its identifications meanwhile.
        """
        publishing.publish_draft(self._connection, revision_id)
        self.finished = True
        return documents.get(self._connection, revision_id)

    def _flush(self, items: Sequence[Item]) -> None:
        known = self._known(items)
        new: list[Row] = []
        waiting: list[Row] = []
        for element in items:
            placed = self._place(known, element)
            if placed is None:
                continue
            variant, is_new = placed
            if is_new:
                new.append(item_row(variant.id, variant.variant, element))
                waiting += self._references(variant.id, element)
            self._placements.add(element, variant.id)
            triple = element.identification
            identity = (triple.identifier, triple.agency, triple.version)
            self._targets.add_item(identity, element.local_id, variant.id)
        insert_rows(self._connection, item, new)
        insert_rows(self._connection, unresolved, waiting)

    def _known(self, items: Sequence[Item]) -> _Known:
        """What is stored under the identifiers of a batch, by this document or another."""
        columns = (item.c.id, item.c.version, item.c.variant, item.c.digest, item.c.published)
        query = select(item.c.identifier, item.c.agency, *columns).where(
            item.c.identifier.in_({i.identification.identifier for i in items}),
            item.c.agency.in_({i.identification.agency for i in items}),
        )
        known: _Known = defaultdict(list)
        for identifier, agency, item_id, version, variant, digest, published in self._connection.execute(query):
            earlier = item_id < self._first_item
            known[identifier, agency].append(_Variant(item_id, version, variant, digest, published and earlier))
        return known

    def _place(self, known: _Known, element: Item) -> tuple[_Variant, bool] | None:
        """Merge an item with its identical twin, or make it a new one; None if it is refused."""
        identification = element.identification
        versions = known[identification.identifier, identification.agency]
        if not versions:
            own = self._new(element, 0)
            versions.append(own)
            self._stored[element.type] += 1
            return own, True
        return self._place_beside(versions, element)

    def _place_beside(self, versions: list[_Variant], element: Item) -> tuple[_Variant, bool] | None:
        """Place an item whose identifier is known: a twin, another content, or another version."""
        variants = [variant for variant in versions if variant.version == element.identification.version]
        own = next((variant for variant in variants if variant.digest == element.digest), None)
        if own is None and len(variants) >= _MOST_CONTENTS:
            self._refusals.append((element.type, element.line, TOO_MANY_CONTENTS))
            return None
        if len(variants) < len(versions) or any(variant.id < self._first_item for variant in versions):
            self._alone = False
        self._note_clash(element, own, variants, merged=own is not None)
        self._note_duplicate(element, own, variants)
        if own is not None:
            return own, False
        own = self._new(element, len(variants))
        versions.append(own)
        return own, True

    def _note_clash(self, element: Item, own: _Variant | None, variants: Sequence[_Variant], *, merged: bool) -> None:
        clash = next((variant for variant in variants if variant.published), None)
        if clash is not None and not (own and own.published):
            self._clashes.append(
                conflicts.Clash(element.urn, element.type, element.name, element.line, element.span, clash.id)
            )
            self._refusals.append((element.type, element.line, CONFLICT))
        else:
            (self._merged if merged else self._stored)[element.type] += 1

    def _note_duplicate(self, element: Item, own: _Variant | None, variants: Sequence[_Variant]) -> None:
        if own is not None and self._placements.line(own.id) is not None:
            return
        lines = [line for variant in variants if (line := self._placements.line(variant.id)) is not None]
        if lines:
            first, second = sorted((min(lines), element.line))
            self._duplicates.append(Duplicate(element.urn, element.type, first, second))

    def _new(self, element: Item, variant: int) -> _Variant:
        item_id = self._next_item
        self._next_item += 1
        return _Variant(item_id, element.identification.version, variant, element.digest, False)

    def _references(self, item_id: int, element: Item) -> Iterator[Row]:
        """Let the references to an exact version wait in memory; the others wait in the database."""
        for reference in element.references:
            if reference.late_bound or not reference.version:
                yield unresolved_row(item_id, reference)
            else:
                self._targets.add_reference(item_id, reference)


def _batches(values: Iterable[Any]) -> Iterator[list[Any]]:
    stream = iter(values)
    while batch := list(islice(stream, CHUNK)):
        yield batch


def _count(stored: int, merged: int, refused: int) -> TypeCount:
    return TypeCount(stored + merged + refused, stored, merged, refused)
