"""Stores for the tests of indexing: filled from real documents, without the verdict of their schemas."""

from __future__ import annotations

from catalogue.ddi.reader import DocumentFacts, read_items
from catalogue.ddi.versions import detect
from catalogue.model.report import Status
from catalogue.store import NewRevision, Repository
from catalogue.store.records import RevisionRecord
from catalogue.xml import Limits, scan

_LIMITS = Limits(2**28, 20_000_000, 200)


def take_in(
    repository: Repository, data: bytes, name: str, status: Status = Status.PUBLISHED, cohort: int | None = None
) -> RevisionRecord | None:
    """Store a document; None where it is in conflict with what is published."""
    document = scan(data, _LIMITS)
    kind = detect(document)
    facts = DocumentFacts()
    with repository.ingest() as session:
        session.start(
            NewRevision(
                file_name=name,
                data=document.data,
                encoding=document.encoding,
                ddi_version=kind.ddi_version,
                root=kind.root,
                cohort=cohort,
            )
        )
        session.add(read_items(document, kind, facts))
        session.resolve()
        session.describe(facts.top, {"namespaces": facts.contexts})
        return None if session.conflicts else session.finish(status)
    raise AssertionError("an ingest that ends without finishing gives None")
