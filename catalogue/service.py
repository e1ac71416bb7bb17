"""Every use case of the catalogue; the adapters are built here, in ``open_catalogue``, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from threading import Lock
from types import TracebackType

from catalogue.ddi.writer import fragment_types, write_element, write_fragment_instance
from catalogue.errors import NotFoundError, UsageError
from catalogue.exposure.codebooks import CODEBOOK, RECORD
from catalogue.exposure.graphs import profiles_of
from catalogue.exposure.harvesters import Harvesters
from catalogue.exposure.harvesting import ADDRESS as OAI_ADDRESS
from catalogue.exposure.linked import WHOLE as WHOLE_DUMP
from catalogue.exposure.linked import DumpListing, LinkedData
from catalogue.exposure.portals import CATALOGUE_PROFILES, Completeness
from catalogue.finding import (
    COUNTED,
    FACET_VALUES,
    ITEM_FACETS,
    MOST_FACET_VALUES,
    MOST_HITS,
    Correction,
    FacetCounts,
    FacetValue,
    FoundItem,
    MarkedText,
    SearchAnswer,
    SearchQuestion,
    Suggestion,
    years_between,
)
from catalogue.indexing import Indexer
from catalogue.model.contents import CodeListContent, Content
from catalogue.model.identity import Identification
from catalogue.model.report import IngestOutcome, IngestReceipt, Message, Status, ValidationReport
from catalogue.oai.formats import FORMATS as OAI_FORMATS
from catalogue.rdf.coverage import coverage, study_coverage
from catalogue.rdf.dumps import FORMATS as DUMP_FORMATS
from catalogue.rdf.dumps import Dump
from catalogue.rdf.namespaces import prefixes as vocabulary_prefixes
from catalogue.rdf.ontology import ontology as vocabulary
from catalogue.rdf.ontology import terms as vocabulary_terms
from catalogue.rdf.quads import (
    GRAPH_FORMATS,
    RESULT_FORMATS,
    GraphQuery,
    MalformedQueryError,
    QueryAnswer,
    UpdateRefusedError,
)
from catalogue.rdf.quads import Kind as QueryKind
from catalogue.rdf.schemaorg import schema_type
from catalogue.rdf.serialising import serialized
from catalogue.search.marking import Stretch
from catalogue.search.names import FACET_NAMES, FIELD_NAMES
from catalogue.search.notes import Note, NoteCode
from catalogue.search.port import SORTS, Facet, Field, Health, IndexState, SearchIndex, Sort
from catalogue.search.syntax import Expansion
from catalogue.searching import Searching
from catalogue.settings import Settings
from catalogue.sources import Source, expand
from catalogue.store import Repository, open_repository
from catalogue.store.records import (
    Containers,
    ContainerSummary,
    IncomingReference,
    ItemFilter,
    ItemSummary,
    OutgoingReference,
    Page,
    RevisionRecord,
    Statistics,
    StoredItem,
)
from catalogue.submission import Choices, Validator, open_document, refused, submit
from catalogue.validation.registry import install as install_schemas
from catalogue.validation.registry import installed as installed_schemas
from catalogue.validation.render import html_report, print_report
from catalogue.validation.schema import SchemaValidator
from catalogue.views import CodeRow, ItemView, OutlineNode, Views


@dataclass(frozen=True, slots=True)
class Reach:
    """How many items of a document are in the search index and in RDF, by type; these follow the store by seconds."""

    indexed: Mapping[str, int]
    in_rdf: Mapping[str, int]


class Catalogue:
    """The catalogue as its users know it. Safe to share between threads; close it at the end."""

    def __init__(
        self, settings: Settings, repository: Repository, schemas: SchemaValidator, index: SearchIndex | None = None
    ) -> None:
        self.settings = settings
        self._repository = repository
        self._schemas = schemas
        self._views = Views(repository)
        self._opening = Lock()
        self._linked: LinkedData | None = None
        self.searching = Searching(settings, repository, index)
        self.harvesters = Harvesters(settings, repository, self._fragment_of)

    # --- data managers ------------------------------------------------------------------------------------------------

    def validate(self, data: bytes, file: str) -> ValidationReport:
        """What is wrong with a document, taken by itself; nothing is stored."""
        return Validator(self.settings, self._schemas).validate(data, file)

    def submit(
        self, data: bytes, file: str, *, draft: bool = False, cohort: str | None = None, accept_invalid: bool = False
    ) -> IngestOutcome:
        """Take in a document.

        Args:
            data: the source bytes.
            file: its name, for people.
            draft: store it without publishing.
            cohort: URN or ``agency/identifier[/version]`` of the Group or StudyUnit that it belongs to, where the
                document itself says nothing of it.
            accept_invalid: publish although the schema rejects it, or is not installed.

        Raises:
            NotFoundError: the cohort is not in the catalogue.
            UsageError: the cohort named is no Group or StudyUnit.
            StorageError: the store cannot be written; nothing was stored.
        """
        cohort_id = self._cohort(cohort) if cohort else None
        opened = open_document(data, file, self._schemas, self.settings)
        if isinstance(opened, ValidationReport):
            return IngestOutcome(file, Status.REFUSED, None, IngestReceipt(), opened)
        choices = Choices(draft, accept_invalid, cohort_id)
        return submit(opened, self._repository.ingest, choices, self.settings)

    def _cohort(self, name: str) -> int:
        found = self.container(name)
        if found.type not in ("Group", "StudyUnit"):
            raise UsageError(
                f"{name} is a {found.type}, not a cohort.", next_step="Name a Group, or a StudyUnit that stands alone."
            )
        return found.id

    def submit_source(self, source: Source, *, draft: bool, cohort: str | None, accept_invalid: bool) -> IngestOutcome:
        """As ``submit``, for one document of an archive or folder, which may have been refused already."""
        if source.error is not None:
            return refused(source.name, source.error)
        return self.submit(source.data, source.name, draft=draft, cohort=cohort, accept_invalid=accept_invalid)

    def sources(self, data: bytes, name: str) -> Iterator[Source]:
        """The documents in an upload: itself, or the members of a zip archive."""
        return expand(data, name, self.settings)

    def publish(self, document: str) -> RevisionRecord:
        """Publish a draft. Raises NotFoundError, ConflictError."""
        return self._repository.publish(document)

    def deprecate(self, document: str) -> RevisionRecord:
        """Deprecate a published document. Raises NotFoundError, UsageError."""
        return self._repository.deprecate(document)

    def documents(
        self, *, include_drafts: bool = False, cursor: str | None = None, limit: int = 50
    ) -> Page[RevisionRecord]:
        """Document revisions, newest first."""
        return self._repository.revisions(include_drafts=include_drafts, cursor=cursor, limit=limit)

    def document(self, document: str, *, include_drafts: bool = False) -> RevisionRecord:
        """One revision by its public id. Raises NotFoundError."""
        found = self._repository.revision(document, include_drafts=include_drafts)
        if found is None:
            raise NotFoundError(
                Message(f"Il n’y a pas de document « {document} ».", f"There is no document {document!r}.")
            )
        return found

    def reach(self, document: str) -> Reach:
        """How much of a document readers and harvesters find by now. Raises NotFoundError, UsageError."""
        revision = self.document(document, include_drafts=True)
        return Reach(dict(self._repository.cards.counts(revision.id)), self.linked().items_of(revision.id))

    def report(self, document: str, *, include_drafts: bool = False) -> ValidationReport:
        """The validation report of a revision. Raises NotFoundError."""
        revision = self.document(document, include_drafts=include_drafts)
        stored = self._repository.report(document)
        if stored is None:
            return ValidationReport(revision.file_name, revision.ddi_version, revision.root, revision.xsd_valid)
        return ValidationReport.from_dict(stored)

    def source(self, document: str, *, include_drafts: bool = False) -> Iterator[bytes]:
        """The bytes of a revision as received, piece by piece. Raises NotFoundError."""
        return self._repository.source(self.document(document, include_drafts=include_drafts).sha256)

    # --- researchers --------------------------------------------------------------------------------------------------

    def get(
        self, agency: str, identifier: str, version: str | None = None, *, include_drafts: bool = False
    ) -> ItemView:
        """One item with everything its page shows; the latest version without one. Raises NotFoundError."""
        with self.snapshot():
            return self._views.item(self._stored(agency, identifier, version, include_drafts))

    def resolve(self, urn: str) -> Identification:
        """From any form of DDI URN to the identification of what is published.

        Raises:
            UsageError: the text is no DDI URN.
            NotFoundError: nothing is published under it.
        """
        try:
            wanted = Identification.from_urn(urn)
        except ValueError as error:
            raise UsageError(
                Message(f"« {urn} » n’est pas un URN DDI.", f"{urn!r} is not a DDI URN."),
                next_step=Message(
                    "Écrivez-le urn:ddi:agence:identifiant:version.", "Write it as urn:ddi:agency:identifier:version."
                ),
            ) from error
        return self._stored(wanted.agency, wanted.identifier, wanted.version, False)[0].item.identification

    def latest(self, agency: str, identifier: str) -> Identification:
        """The latest published version. Raises NotFoundError."""
        return self._stored(agency, identifier, None, False)[0].item.identification

    def versions(self, agency: str, identifier: str) -> tuple[ItemSummary, ...]:
        """Every published version, newest first."""
        return self._repository.versions(agency, identifier)

    def list_items(
        self, wanted: ItemFilter | None = None, *, cursor: str | None = None, limit: int = 50
    ) -> Page[ItemSummary]:
        """Items by label. Raises UsageError for a malformed cursor."""
        return self._repository.list_items(wanted or ItemFilter(), cursor=cursor, limit=limit)

    def used_by(
        self, item_id: int, *, role: str | None = None, cursor: str | None = None, limit: int = 50
    ) -> Page[IncomingReference]:
        """The items that refer to this one."""
        return self._repository.once(
            ("used by", item_id, role, cursor, limit),
            lambda: self._repository.incoming(item_id, role=role, cursor=cursor, limit=limit),
        )

    def children(self, item_id: int, *, cursor: str | None = None, limit: int = 50) -> Page[ItemSummary]:
        """The items that stand inside this one, in document order."""
        return self._repository.children(item_id, cursor=cursor, limit=limit)

    def cohorts(self) -> tuple[ContainerSummary, ...]:
        """Every cohort with its waves and their counts by type."""
        return self._repository.cohorts()

    def cohort(self, item_id: int) -> ContainerSummary | None:
        """One cohort, study or wave with its waves and counts; None for any other item."""
        return self._repository.cohort(item_id)

    def container(self, name: str) -> ItemSummary:
        """A cohort, study or wave by URN or ``agency/identifier[/version]``. Raises NotFoundError, UsageError."""
        if name.lower().startswith("urn:"):
            found = self.resolve(name)
            return self._stored(found.agency, found.identifier, found.version, False)[0].summary
        agency, _, rest = name.partition("/")
        identifier, _, version = rest.partition("/")
        if not identifier:
            raise UsageError(
                Message(f"« {name} » ne nomme pas de cohorte.", f"{name!r} names no cohort."),
                next_step=Message(
                    "Donnez son URN, ou agence/identifiant comme dans son adresse.",
                    "Give its URN, or agency/identifier as in its address.",
                ),
            )
        return self._stored(agency, identifier, version or None, False)[0].summary

    def content(self, stored: StoredItem) -> Content:
        """What is typed in one item, read from its own XML."""
        return self._views.content(stored)

    def outline(self, view: ItemView) -> OutlineNode:
        """An instrument or control construct as a nested outline."""
        with self.snapshot():
            return self._views.outline(view)

    def code_rows(self, view: ItemView) -> tuple[CodeRow, ...]:
        """The codes of a code list, hierarchy flattened in order; of any other item none."""
        if not isinstance(view.content, CodeListContent):
            return ()
        with self.snapshot():
            return self._repository.once(("codes", view.stored.id), lambda: self._views.code_rows(view.stored))

    def element(self, view: ItemView) -> str:
        """The item's own XML as it stands in its source."""
        return self._views.source_element(view.stored).xml.decode("utf-8")

    def fragment(
        self, agency: str, identifier: str, version: str | None = None, *, include_drafts: bool = False
    ) -> bytes:
        """The item's own XML, ready to be read by others.

        Returns:
            A FragmentInstance (3.2, 3.3). An element that is only identifiable travels inside the versionable that
            contains it, named by TopLevelReference. DDI-L 3.1 has no FragmentInstance: the element by itself.

        Raises:
            NotFoundError: nothing is published under this identification.
        """
        stored = self._stored(agency, identifier, version, include_drafts)[0]
        found = self._views.transportable(stored, fragment_types(stored.item.ddi_version))
        if found is None:
            return write_element(self._views.source_element(stored))
        return write_fragment_instance(found, stored.item.identification, stored.item.element)

    def _fragment_of(self, found: Identification) -> bytes:
        return self.fragment(found.agency, found.identifier, found.version)

    def containers_of(self, item_ids: Sequence[int]) -> Mapping[int, Containers]:
        """Cohorts, studies and waves that hold each of the items, by internal id."""
        return self._repository.containers_of(item_ids)

    def held(self, container_ids: Sequence[int], types: Sequence[str]) -> Mapping[int, Sequence[int]]:
        """The items of some types that count in each cohort, study or wave, by internal id."""
        return self._repository.neighbourhood.held(container_ids, types)

    def contents_of(self, item_ids: Sequence[int]) -> Mapping[int, Content]:
        """What is typed in each of the items, by internal id; those that are not published are left out."""
        with self.snapshot():
            return self._views.contents(self._repository.get_many(item_ids))

    def questionnaires_of(self, item_id: int) -> tuple[ItemSummary, ...]:
        """The instruments in which a question or measurement is asked: up through the control constructs."""
        with self.snapshot():
            return self._views.questionnaires_of(item_id)

    # --- search

    def indexer(self) -> Indexer:
        """What brings the search index up to date with the store."""
        return self.searching.indexer()

    # --- linked data

    def linked(self) -> LinkedData:
        """Triple store, dumps and feed of changes. Raises UsageError for a remote store that is half set."""
        with self._opening:
            if self._linked is None:
                self._linked = LinkedData(self._repository, self.settings, self.harvesters)
            return self._linked

    # --- state

    def state(self) -> int:
        """A number that grows whenever what everybody sees has changed."""
        return self._repository.last_change()

    def snapshot(self) -> AbstractContextManager[None]:
        """Everything that this thread asks within the block is answered from one state, over one connection."""
        return self._repository.snapshot()

    def stats(self) -> Statistics:
        """What the catalogue holds."""
        return self._repository.stats()

    def close(self) -> None:
        """Give back every connection."""
        self.searching.close()
        if self._linked is not None:
            self._linked.close()
        self._repository.close()

    def __enter__(self) -> Catalogue:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.close()

    def _stored(
        self, agency: str, identifier: str, version: str | None, include_drafts: bool
    ) -> tuple[StoredItem, ...]:
        found = self._repository.get(agency, identifier, version, include_drafts=include_drafts)
        if not found:
            wanted = ":".join(part for part in (agency, identifier, version) if part)
            raise NotFoundError(Message(f"Rien n’est publié sous {wanted}.", f"Nothing is published under {wanted}."))
        return found


def open_catalogue(settings: Settings | None = None, index: SearchIndex | None = None) -> Catalogue:
    """Build the adapters and open the catalogue.

    Args:
        settings: by default from the environment.
        index: the search index, where it is not the one that the settings name.

    Raises:
        StorageError: the database cannot be opened.
    """
    settings = settings or Settings()
    return Catalogue(settings, open_repository(settings.store_url), SchemaValidator(settings), index)


__all__ = [
    "CATALOGUE_PROFILES",
    "CODEBOOK",
    "COUNTED",
    "DUMP_FORMATS",
    "FACET_NAMES",
    "FACET_VALUES",
    "FIELD_NAMES",
    "GRAPH_FORMATS",
    "ITEM_FACETS",
    "MOST_FACET_VALUES",
    "MOST_HITS",
    "OAI_ADDRESS",
    "OAI_FORMATS",
    "RECORD",
    "RESULT_FORMATS",
    "SORTS",
    "WHOLE_DUMP",
    "Catalogue",
    "CodeRow",
    "Completeness",
    "ContainerSummary",
    "Containers",
    "Correction",
    "Dump",
    "DumpListing",
    "Expansion",
    "Facet",
    "FacetCounts",
    "FacetValue",
    "Field",
    "FoundItem",
    "GraphQuery",
    "Health",
    "IncomingReference",
    "IndexState",
    "ItemFilter",
    "ItemSummary",
    "ItemView",
    "LinkedData",
    "MalformedQueryError",
    "MarkedText",
    "Note",
    "NoteCode",
    "OutgoingReference",
    "OutlineNode",
    "Page",
    "QueryAnswer",
    "QueryKind",
    "Reach",
    "RevisionRecord",
    "SearchAnswer",
    "SearchQuestion",
    "Sort",
    "Source",
    "Statistics",
    "StoredItem",
    "Stretch",
    "Suggestion",
    "UpdateRefusedError",
    "Validator",
    "coverage",
    "html_report",
    "install_schemas",
    "installed_schemas",
    "open_catalogue",
    "print_report",
    "profiles_of",
    "schema_type",
    "serialized",
    "study_coverage",
    "vocabulary",
    "vocabulary_prefixes",
    "vocabulary_terms",
    "years_between",
]
