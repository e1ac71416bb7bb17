"""What the store is given and what it hands out: frozen values, never a database row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

from catalogue.model.identity import Identification
from catalogue.model.items import Item, Kind, Reference, Span
from catalogue.model.report import Status
from catalogue.model.text import InternationalString

T = TypeVar("T")

GROUP = "Group"
STUDY_UNIT = "StudyUnit"
COLLECTION_EVENT = "CollectionEvent"


class ReferenceStatus(StrEnum):
    """Whether a reference leads to an item, and if not, why."""

    RESOLVED = "resolved"
    ABSENT = "absent"
    OTHER_VERSION = "other-version"
    OTHER_AGENCY = "other-agency"
    EXTERNAL = "external"


@dataclass(frozen=True, slots=True)
class NewRevision:
    """What is known of a document before its items are read.

    Attributes:
        file_name: name of the file as it was given.
        data: the source bytes as received.
        ddi_version: ``3.1``, ``3.2`` or ``3.3``.
        root: local name of the root element.
        xsd_valid: None when no schema decided.
        encoding: of the bytes; spans are offsets into their UTF-8 transcription.
        cohort: id of the item (Group or StudyUnit) to which the document's items are assigned, or None.
    """

    file_name: str
    data: bytes
    ddi_version: str
    root: str
    xsd_valid: bool | None = None
    encoding: str = "utf-8"
    cohort: int | None = None


@dataclass(frozen=True, slots=True)
class RevisionRecord:
    """One state of a document.

    Attributes:
        id: public id, opaque.
        document_key: the same for the same document over time: ``agency:identifier`` of its principal item, else its
            SHA-256.
        document_name: label or name of that item, else the file's name.
        number: 1, 2, ... within the document.
        status: ``draft``, ``published`` or ``deprecated``.
        sha256: address of the source bytes.
        size: their number.
        receipt: as given to ``finish`` (item type -> counts).
        cohort: id of the item to which the document was assigned, or None.
        context: as given to ``describe``.
    """

    id: str
    document_key: str
    document_name: str
    number: int
    status: Status
    sha256: str
    size: int
    file_name: str
    ddi_version: str
    root: str
    xsd_valid: bool | None
    encoding: str
    context: Mapping[str, Any]
    cohort: int | None
    receipt: Mapping[str, Any]
    created_at: datetime
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class ItemSummary:
    """An item in a list. ``id`` is internal: stable within one database, never part of an address.

    Attributes:
        published: a revision that is or was published holds it.
        latest: no newer version is published, and it is not deprecated.
        deprecated: every published revision that held it was deprecated; it keeps its address and leaves all lists.
    """

    id: int
    identification: Identification
    type: str
    element: str
    kind: Kind
    ddi_version: str
    name: str | None
    label: InternationalString
    published: bool
    latest: bool
    deprecated: bool = False

    @property
    def urn(self) -> str:
        """The canonical URN."""
        return self.identification.urn

    @property
    def superseded(self) -> bool:
        """Whether a newer version stands for it."""
        return self.published and not (self.latest or self.deprecated)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A place where an item stands: one of the identical twins that were merged into it."""

    revision: str
    document_name: str
    file_name: str
    sha256: str
    ordinal: int
    line: int
    span: Span
    language: str | None
    parent: ItemSummary | None
    context: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StoredItem:
    """One content of one identification.

    Attributes:
        summary: the item as in lists.
        item: the item as read; ordinal, line, span and language are those of the newest occurrence. ``parent`` is None:
            each occurrence has its own.
        occurrences: newest revision first, then in document order; at least one, at most ``reading.MOST_OCCURRENCES``.
    """

    summary: ItemSummary
    item: Item
    occurrences: tuple[Occurrence, ...]

    @property
    def id(self) -> int:
        """The internal id."""
        return self.summary.id

    @property
    def published(self) -> bool:
        """Whether a published revision holds it."""
        return self.summary.published

    @property
    def latest(self) -> bool:
        """Whether no newer version is published."""
        return self.summary.latest


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A piece of a list.

    Attributes:
        total: exact length of the whole list.
        next_cursor: opaque; asks for what follows, None at the end.
    """

    items: tuple[T, ...]
    total: int
    next_cursor: str | None

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """Which items a list holds.

    Attributes:
        types: any of these item types; empty: all.
        containers: ids of cohorts, studies or waves; an item must belong to each of them.
        unassigned: only items that no cohort, study or wave holds.
        latest_only: leave out versions that a newer one supersedes, within a container those that it holds in a newer
            one.
        include_drafts: also what is in no published revision.
    """

    types: tuple[str, ...] = ()
    containers: tuple[int, ...] = ()
    unassigned: bool = False
    latest_only: bool = True
    include_drafts: bool = False


@dataclass(frozen=True, slots=True)
class OutgoingReference:
    """A reference as written, and where it leads."""

    reference: Reference
    status: ReferenceStatus
    target: ItemSummary | None


@dataclass(frozen=True, slots=True)
class IncomingReference:
    """Who refers to an item, in which role."""

    role: str
    path: str
    source: ItemSummary


@dataclass(frozen=True, slots=True)
class Containers:
    """The cohorts, studies and waves that an item belongs to; a StudyUnit of a Group is both a study and a wave.

    Where no current study holds the item any more, those that held it last are among them, superseded as they are.
    """

    cohorts: tuple[ItemSummary, ...] = ()
    studies: tuple[ItemSummary, ...] = ()
    waves: tuple[ItemSummary, ...] = ()

    @property
    def former(self) -> tuple[ItemSummary, ...]:
        """The studies (else the cohorts) that held the item last; empty where a current one holds it."""
        places = self.studies or self.cohorts
        return () if any(one.latest for one in places) else places


@dataclass(frozen=True, slots=True)
class ContainerSummary:
    """A cohort, study or wave, and how many items of each type it holds: see ``belonging``."""

    item: ItemSummary
    counts: Mapping[str, int]
    waves: tuple[ContainerSummary, ...] = ()


@dataclass(frozen=True, slots=True)
class Statistics:
    """What the catalogue holds: latest published items by type, those without cohort, documents and revisions."""

    items: Mapping[str, int]
    unassigned: Mapping[str, int]
    documents: int
    revisions: int
    drafts: int


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """One change for the indexers; idempotent by (item, revision)."""

    id: int
    event: str
    revision: str
    item_id: int
    urn: str
    type: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class HarvestContainer:
    """A cohort or study as what records are harvested with.

    Attributes:
        id: of its own record.
        item_id: its latest version, or the last one that there was.
        cohort: a Group, or a StudyUnit that no Group holds.
    """

    id: int
    agency: str
    identifier: str
    type: str
    item_id: int
    deleted: bool
    cohort: bool

    @property
    def study(self) -> bool:
        """Whether it is a StudyUnit."""
        return self.type == STUDY_UNIT


@dataclass(frozen=True, slots=True)
class HarvestRecord:
    """What harvesters know of an identification, whatever its version.

    Attributes:
        id: ascending in the order of listing; never changes.
        ddi_version: of the source of its latest version.
        item_id: its latest version, or the last one that there was.
        changed_at: in whole seconds; of a Group or StudyUnit, when anything in it changed.
        deleted: every version is deprecated.
        containers: the cohorts and studies that hold it; of a deleted record, those that held it.
    """

    id: int
    agency: str
    identifier: str
    type: str
    ddi_version: str
    item_id: int
    changed_at: datetime
    deleted: bool
    containers: tuple[HarvestContainer, ...] = ()


@dataclass(frozen=True, slots=True)
class HarvestItem:
    """What is told of an item that is no study: its texts as (path, text, language), and what it refers to."""

    summary: ItemSummary
    texts: tuple[tuple[str, str, str | None], ...]
    targets: tuple[ItemSummary, ...]


@dataclass(frozen=True, slots=True)
class HarvestFilter:
    """Which records a harvest gets.

    Attributes:
        types: any of these item types.
        container: record id of a cohort or study that holds them.
        ddi_versions: of the source of some of these types, by type.
        since, until: when they changed, both included.
    """

    types: tuple[str, ...]
    container: int | None = None
    ddi_versions: Mapping[str, str] = field(default_factory=dict)
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """An item whose URN is published with other content; the excerpts are the beginnings of both elements."""

    urn: str
    type: str
    name: str | None
    line: int
    span: Span
    excerpt: str
    existing_item: int
    existing_revision: str
    existing_line: int
    existing_span: Span
    existing_excerpt: str


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Two elements of one document with the same URN and different content; both are kept."""

    urn: str
    type: str
    first_line: int
    line: int


@dataclass(frozen=True, slots=True)
class DanglingReference:
    """A reference that leads to no item of the catalogue; ``known`` is the version or agency that there is instead."""

    source_urn: str
    source_type: str
    source_name: str | None
    source_line: int
    role: str
    target_urn: str
    target_type: str | None
    status: ReferenceStatus
    known: str | None = None


@dataclass(frozen=True, slots=True)
class DanglingReferences:
    """The first of a document's dangling references, and how many there are in all by status."""

    listed: tuple[DanglingReference, ...] = ()
    counts: Mapping[ReferenceStatus, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """How many there are, listed or not."""
        return sum(self.counts.values())
