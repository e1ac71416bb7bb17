"""Stores for the tests of indexing: filled from real documents, without the verdict of their schemas."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from catalogue.ddi.reader import DocumentFacts, read_items
from catalogue.ddi.versions import DocumentKind, detect
from catalogue.model.items import Item
from catalogue.model.report import Status
from catalogue.store import NewRevision, Repository
from catalogue.store.records import RevisionRecord
from catalogue.xml import Limits, ScannedDocument, scan
from tests.conftest import ROOT

_LIMITS = Limits(2**28, 20_000_000, 200)


@dataclass(frozen=True)
class DocumentRead:
    """A document with its items."""

    document: ScannedDocument
    kind: DocumentKind
    facts: DocumentFacts
    items: tuple[Item, ...]


def read(data: bytes) -> DocumentRead:
    """The items of a document."""
    document = scan(data, _LIMITS)
    kind, facts = detect(document), DocumentFacts()
    return DocumentRead(document, kind, facts, tuple(read_items(document, kind, facts)))


@cache
def example(name: str) -> DocumentRead:
    """One of our examples, read once for all stores that it is kept in."""
    return read((ROOT / "examples" / name).read_bytes())


def take_in(
    repository: Repository, data: bytes, name: str, status: Status = Status.PUBLISHED, cohort: int | None = None
) -> RevisionRecord | None:
    """Store a document; None where it is in conflict with what is published."""
    return keep(repository, read(data), name, status, cohort)


def keep(
    repository: Repository, one: DocumentRead, name: str, status: Status = Status.PUBLISHED, cohort: int | None = None
) -> RevisionRecord | None:
    """Store a document that was read, in as many stores as one likes; None as ``take_in``."""
    with repository.ingest() as session:
        session.start(
            NewRevision(
                file_name=name,
                data=one.document.data,
                encoding=one.document.encoding,
                ddi_version=one.kind.ddi_version,
                root=one.kind.root,
                cohort=cohort,
            )
        )
        session.add(one.items)
        session.resolve()
        session.describe(one.facts.top, {"namespaces": one.facts.contexts})
        return None if session.conflicts else session.finish(status)
    raise AssertionError("an ingest that ends without finishing gives None")
