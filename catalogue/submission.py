"""What happens to a document that is handed over: scan, verdict, reading, storing, all or nothing, and what is told.

Order matters: nothing else looks at bytes that the scan refuses; the schema decides before the store is locked; reading
and storing are one transaction, so that a killed process or a full disk leaves nothing half-done.
"""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from itertools import islice

from catalogue.ddi.reader import DocumentFacts, read_items
from catalogue.ddi.versions import DocumentKind, detect
from catalogue.errors import CatalogueError
from catalogue.locating import located
from catalogue.model.identity import Identification
from catalogue.model.items import Item, RefusedElement
from catalogue.model.report import (
    IngestOutcome,
    IngestReceipt,
    Severity,
    Status,
    TypeCount,
    ValidationReport,
    Violation,
)
from catalogue.model.text import is_language_tag
from catalogue.settings import Settings
from catalogue.sources import Source
from catalogue.store import IngestSession, NewRevision, open_repository
from catalogue.store.records import Conflict, DanglingReferences, Duplicate, RevisionRecord
from catalogue.validation import rules
from catalogue.validation.schema import SchemaResult, SchemaValidator
from catalogue.validation.unreadable import unreadable
from catalogue.xml import Limits, QName, ScannedDocument, scan

_TEMPORARY = "sqlite://"
# More languages than a document of any kind has; each costs a look at the registry of languages.
_MOST_LANGUAGES = 1000


@dataclass(frozen=True, slots=True)
class Opened:
    """A document that may be read: scanned, recognised, judged by its schema."""

    file: str
    document: ScannedDocument
    kind: DocumentKind
    schema: SchemaResult

    def report(self) -> ValidationReport:
        """The report with the schema's findings."""
        schema = self.schema
        return ValidationReport(
            self.file,
            self.kind.ddi_version,
            self.kind.root,
            schema.valid,
            schema.violations,
            schema.omitted,
            schema.complete,
        )


def open_document(data: bytes, file: str, validator: SchemaValidator, settings: Settings) -> Opened | ValidationReport:
    """Scan, recognise and judge; a report instead where the document cannot be read at all."""
    root: QName | None = None
    limits = Limits(settings.max_upload_bytes, settings.max_elements, settings.max_depth)
    try:
        document = scan(data, limits)
        root = document.root
        kind = detect(document)
        return Opened(file, document, kind, validator.validate(document, kind.ddi_version))
    except CatalogueError as error:
        return refused_report(file, error, root)


def refused_report(file: str, error: CatalogueError, root: QName | None = None) -> ValidationReport:
    """The report on a document that could not be opened."""
    return ValidationReport(file, root=root.local if root else None, violations=(unreadable(error),))


@dataclass(frozen=True, slots=True)
class Choices:
    """How a document is to be taken in: ``cohort`` is the internal id of the item it is assigned to, if any."""

    draft: bool = False
    accept_invalid: bool = False
    cohort: int | None = None


def submit(
    opened: Opened, ingest: Callable[[], AbstractContextManager[IngestSession]], choices: Choices, settings: Settings
) -> IngestOutcome:
    """Store an opened document in one transaction.

    Raises:
        StorageError: the store cannot be written; nothing of the document is in it.
    """
    with _rare_collections(), ingest() as session:
        same = session.find_same_bytes(hashlib.sha256(opened.document.data).hexdigest())
        status = _status(opened, choices)
        if same and choices.cohort not in (None, same.cohort):
            same = session.assign(same.id, choices.cohort)
        if same and (same.status is Status.PUBLISHED or status is not Status.PUBLISHED):
            return IngestOutcome(opened.file, Status.UNCHANGED, same.id, _kept(same), opened.report())
        if same:
            revision = session.publish(same.id)
            return IngestOutcome(opened.file, Status.PUBLISHED, revision.id, _kept(same), opened.report())
        report = read_into(session, opened, choices, settings)
        if session.conflicts:
            return IngestOutcome(opened.file, Status.CONFLICT, None, _all_refused(session.receipt), report)
        revision = session.finish(status, report=report.as_dict())
        return IngestOutcome(opened.file, status, revision.id, session.receipt, report)


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Reading makes many objects and no cycles: collecting as often as usual would cost a fifth of the time."""
    usual = gc.get_threshold()
    gc.set_threshold(100_000, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def read_into(session: IngestSession, opened: Opened, choices: Choices, settings: Settings) -> ValidationReport:
    """Read a document into an ingest session; the report with what is told of schema, identity and references."""
    facts = DocumentFacts()
    session.start(_new_revision(opened, choices))
    session.add(_elements(opened, facts))
    dangling = session.resolve(limit=settings.max_violations)
    session.describe(facts.top, {"namespaces": facts.contexts})
    duplicates = session.duplicates
    kinds = (
        (_conflict_findings(session.conflicts), len(session.conflicts)),
        *_identity_findings(facts),
        (_duplicate_findings(duplicates), len(duplicates)),
        (_reference_findings(dangling), dangling.total),
    )
    return _report(opened, kinds, settings.max_violations)


_Kind = tuple[Iterator[Violation], int]
"""Findings of one kind, made one by one as they are asked for, and how many there are."""


def _report(opened: Opened, kinds: tuple[_Kind, ...], limit: int) -> ValidationReport:
    """At most ``limit`` violations of each kind and in all, errors before warnings; the rest is counted."""
    listed = [violation for findings, _ in kinds for violation in islice(findings, limit)]
    found = sum(total for _, total in kinds) + len(opened.schema.violations)
    every = (*opened.schema.violations, *listed)
    kept = sorted(every, key=lambda violation: violation.severity is not Severity.ERROR)[:limit]
    violations = located(kept, opened.document, opened.kind.ddi_version)
    return replace(opened.report(), violations=violations, omitted=opened.schema.omitted + found - len(kept))


def _status(opened: Opened, choices: Choices) -> Status:
    """Nothing that the schema has not accepted becomes public unless a person says so."""
    trusted = opened.schema.valid is True or choices.accept_invalid
    return Status.PUBLISHED if trusted and not choices.draft else Status.DRAFT


def _elements(opened: Opened, facts: DocumentFacts) -> Iterator[Item | RefusedElement]:
    yield from read_items(opened.document, opened.kind, facts)
    yield from facts.refused


def _new_revision(opened: Opened, choices: Choices) -> NewRevision:
    document = opened.document
    return NewRevision(
        file_name=opened.file,
        data=document.data,
        encoding=document.encoding,
        ddi_version=opened.kind.ddi_version,
        root=opened.kind.root,
        xsd_valid=opened.schema.valid,
        cohort=choices.cohort,
    )


def _kept(revision: RevisionRecord) -> IngestReceipt:
    """The receipt that was given when these bytes came first."""
    return IngestReceipt({name: TypeCount(**counts) for name, counts in revision.receipt.items()})


def _all_refused(receipt: IngestReceipt) -> IngestReceipt:
    """Of a document that was not taken in, nothing is stored."""
    counts = {name: TypeCount(count.found, 0, 0, count.found) for name, count in receipt.counts.items()}
    return IngestReceipt(counts, receipt.refusals)


def _identity_findings(facts: DocumentFacts) -> Iterator[_Kind]:
    yield (
        (rules.missing_identifier(r.type, r.line, detail=r.written or None) for r in facts.refused),
        len(facts.refused),
    )
    agencies, versions, mismatches = facts.without_agency, facts.without_version, facts.urn_mismatches
    yield (rules.empty_agency(kind, line, urn=urn) for kind, urn, line in agencies), len(agencies)
    yield (_empty_version(*found) for found in versions), len(versions)
    yield (rules.urn_mismatch(*found) for found in mismatches), len(mismatches)
    malformed = [tag for tag in islice(facts.languages, _MOST_LANGUAGES) if not is_language_tag(tag)]
    yield (rules.malformed_language(tag, *reversed(facts.languages[tag])) for tag in malformed), len(malformed)
    outermost = {identification.urn for _, identification in facts.top}
    unmatched = [r for r in facts.top_level_references if r.urn not in outermost]
    yield (rules.top_level_reference_unmatched(r.urn) for r in unmatched), len(unmatched)


def _empty_version(item_type: str, urn: str, line: int) -> Violation:
    return rules.empty_version(item_type, line, urn=urn, assumed=Identification.from_urn(urn).version)


def _duplicate_findings(duplicates: Sequence[Duplicate]) -> Iterator[Violation]:
    return (rules.duplicate_identification(d.urn, d.type, d.first_line, d.line) for d in duplicates)


def _conflict_findings(conflicts: tuple[Conflict, ...]) -> Iterator[Violation]:
    for conflict in conflicts:
        yield rules.conflict(
            conflict.urn, conflict.type, conflict.name, conflict.line, conflict.existing_excerpt, conflict.excerpt
        )


def _reference_findings(dangling: DanglingReferences) -> Iterator[Violation]:
    for reference in dangling.listed:
        yield rules.dangling_reference(
            source_urn=reference.source_urn,
            source_type=reference.source_type,
            source_name=reference.source_name,
            line=reference.source_line,
            role=reference.role,
            target_urn=reference.target_urn,
            reason=reference.status.value,
            known=reference.known,
        )


class Validator:
    """Says what is wrong with documents, each by itself; needs no catalogue and stores nothing."""

    def __init__(self, settings: Settings, schemas: SchemaValidator | None = None) -> None:
        self._settings = settings
        self._schemas = schemas or SchemaValidator(settings)

    def validate(self, data: bytes, file: str) -> ValidationReport:
        """The report on one document, which is read into a temporary store that is thrown away."""
        opened = open_document(data, file, self._schemas, self._settings)
        if isinstance(opened, ValidationReport):
            return opened
        with open_repository(_TEMPORARY) as repository, repository.ingest() as session:
            return read_into(session, opened, Choices(), self._settings)

    def validate_source(self, source: Source) -> ValidationReport:
        """As ``validate``, for one document of an archive or folder, which may have been refused already."""
        if source.error is not None:
            return refused_report(source.name, source.error)
        return self.validate(source.data, source.name)


def refused(file: str, error: CatalogueError) -> IngestOutcome:
    """The outcome for a document that could not even be opened."""
    return IngestOutcome(file, Status.REFUSED, None, IngestReceipt(), refused_report(file, error))
