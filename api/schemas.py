"""The JSON of the API as clients see it: every field described. Wire only; nothing here is used to make a page."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

URN = "urn:ddi:example.org:BMI:1.0.0"
EXAMPLE_LABEL = [
    {"text": "Indice de masse corporelle", "language": "fr"},
    {"text": "Body mass index", "language": "en"},
]


class Wire(BaseModel):
    """Base of the wire models: a field that is not described here must not be sent."""

    model_config = ConfigDict(extra="forbid")


class Text(Wire):
    """A text in one language."""

    text: str
    language: Annotated[str | None, Field(description="`xml:lang` as the source writes it; null if it has none.")]


class PathText(Text):
    """A text and where it stands in the item."""

    path: Annotated[str, Field(description="Element names below the item.", examples=["Label/Content"])]


class Property(Wire):
    """An attribute of the item's XML that says something."""

    path: str
    value: str


class UserId(Wire):
    """An `r:UserID`."""

    type: str
    value: str


class UserAttribute(Wire):
    """An `r:UserAttributePair`."""

    key: str
    value: str


class ItemSummary(Wire):
    """An item in a list."""

    urn: Annotated[str, Field(description="Canonical DDI URN.", examples=[URN])]
    uri: Annotated[str, Field(description="Persistent address of this version.")]
    type: Annotated[str, Field(description="DDI-L 3.3 element name.", examples=["Variable"])]
    agency: str
    identifier: str
    version: str
    name: Annotated[str | None, Field(description="Machine-readable name.", examples=["BMI"])]
    label: Annotated[list[Text], Field(description="Label in each language.", examples=[EXAMPLE_LABEL])]
    kind: Literal["Identifiable", "Versionable", "Maintainable"]
    ddi_version: Annotated[str, Field(examples=["3.3"])]
    published: bool
    latest: Annotated[bool, Field(description="No newer version is published, and it is not deprecated.")]
    deprecated: Annotated[bool, Field(description="No document stands for it any more; it keeps its address.")]


class Page(Wire):
    """A piece of a list."""

    total: Annotated[int, Field(description="Exact length of the whole list.")]
    next: Annotated[str | None, Field(description="Absolute address of what follows; null at the end.")]


class ItemPage(Page):
    """A piece of a list of items."""

    items: list[ItemSummary]


class Container(ItemSummary):
    """A cohort, study or wave."""

    counts: Annotated[dict[str, int], Field(description="Items held, by type.", examples=[{"Variable": 112}])]
    waves: list[Container]


class ContainerPage(Page):
    """A piece of the list of cohorts."""

    items: list[Container]


class Containers(Wire):
    """Where an item belongs.

    Where no current study holds it any more, the versions that held it last, with `latest` false.
    """

    cohorts: list[ItemSummary]
    studies: list[ItemSummary]
    waves: list[ItemSummary]


class Outgoing(Wire):
    """A reference of an item to another."""

    position: Annotated[int, Field(description="Order in the source, from 0; contents name references by it.")]
    role: Annotated[str, Field(description="Name of the reference element.", examples=["CodeListReference"])]
    path: str
    urn: Annotated[str, Field(description="What the reference spells, whether or not it leads anywhere.")]
    target_type: str | None
    status: Annotated[str, Field(description="`resolved`, or why not: `absent`, `other-version`, ...")]
    late_bound: bool
    inline: bool
    external_uri: str | None
    target: ItemSummary | None


class OutgoingPage(Page):
    """A piece of the references of an item."""

    items: list[Outgoing]


class Incoming(Wire):
    """Another item that refers to this one."""

    role: str
    path: str
    source: ItemSummary


class IncomingPage(Page):
    """A piece of the items that refer to this one."""

    items: list[Incoming]


class Occurrence(Wire):
    """Where an item stands in a document."""

    document: Annotated[str, Field(description="Id of the document revision.")]
    document_name: str
    file: str
    line: int
    parent: Annotated[str | None, Field(description="URN of the enclosing item.")]


class Contents(Wire):
    """What the source says of an item, nothing left out."""

    element: Annotated[str, Field(description="Local name in the source; differs from `type` in DDI-L 3.1.")]
    texts: list[PathText]
    properties: list[Property]
    user_ids: list[UserId]
    user_attributes: list[UserAttribute]
    occurrences: list[Occurrence]


class Code(Wire):
    """A code of a code list."""

    depth: Annotated[int, Field(description="Depth in the hierarchy, from 0.")]
    value: str
    label: list[Text]
    category: Annotated[str | None, Field(description="URN of its category.")]
    missing: bool


class Children(Wire):
    """The first of the items inside this one."""

    total: int
    items: list[ItemSummary]


class ItemLinks(Wire):
    """Other forms of the item, and the rest of it."""

    html: str
    json_: Annotated[str, Field(alias="json")]
    xml: str
    references: str
    used_by: str
    contents: str


class Item(ItemSummary, Contents):
    """One item with everything that its page shows."""

    description: list[Text]
    content: Annotated[
        dict[str, Any],
        Field(
            description="What is typed in the item; `class` says which fields there are. A target is a position among "
            "`references`.",
            examples=[{"class": "CategoryContent", "is_missing": False}],
        ),
    ]
    code_lists: Annotated[dict[str, list[Code]], Field(description="Codes of its domains, by reference position.")]
    statistics: Annotated[list[dict[str, Any]], Field(description="Of a variable, one per data file.")]
    variants: Annotated[list[Contents], Field(description="Other contents under the same identification.")]
    references: list[Outgoing]
    used_by: Annotated[dict[str, int], Field(description="How many references lead here, by role.")]
    children: Children
    containers: Containers
    versions: list[ItemSummary]
    superseded_by: Annotated[ItemSummary | None, Field(description="The current version, if this is an older one.")]
    links: ItemLinks


class RevisionLinks(Wire):
    """What there is of a document."""

    self_: Annotated[str, Field(alias="self")]
    source: str
    report: str


class Counts(Wire):
    """How the elements of one type fared; `found` is always the sum of the other three."""

    found: int
    stored: int
    merged: int
    refused: int


class Document(Wire):
    """A document in one state."""

    id: str
    name: str
    number: Annotated[int, Field(description="1, 2, ... within the document.")]
    status: Literal["draft", "published", "deprecated"]
    file: str
    sha256: str
    size: Annotated[int, Field(description="Bytes as received.")]
    ddi_version: str
    root: str
    xsd_valid: Annotated[bool | None, Field(description="null: no schema decided.")]
    receipt: dict[str, Counts]
    created_at: datetime
    published_at: datetime | None
    links: RevisionLinks


class DocumentReach(Document):
    """A document, and how much of it is found by now: search and RDF follow within seconds."""

    indexed: Annotated[dict[str, int], Field(description="Items in the search index, by type.")]
    in_rdf: Annotated[dict[str, int], Field(description="Items in RDF, by type; twins in one document count once.")]


class DocumentPage(Page):
    """A piece of the list of document revisions, newest first."""

    items: list[Document]


class Statistics(Wire):
    """What the catalogue holds: latest published items by type, those without cohort, documents and revisions."""

    items: dict[str, int]
    unassigned: dict[str, int]
    documents: int
    revisions: int


class Sentences(Wire):
    """A sentence in French and in English."""

    fr: str
    en: str


class Expected(Wire):
    """What may stand in a place, with the schema's own explanation."""

    name: str
    description: str


class Violation(Wire):
    """One thing that is wrong, where, and how to mend it."""

    code: Annotated[str, Field(examples=["reference.dangling"])]
    severity: Literal["error", "warning", "info"]
    line: int | None
    xpath: str | None
    urn: str | None
    item_type: str | None
    item_name: str | None
    message: Sentences
    remedy: Sentences
    expected: list[Expected]
    detail: str | None


class Report(Wire):
    """Everything that was found in one document."""

    file: str
    ddi_version: str | None
    root: str | None
    xsd_valid: bool | None
    violations: list[Violation]
    omitted: Annotated[int, Field(description="Further violations that were found and not listed.")]
    complete: Annotated[bool, Field(description="false: the search was cut short, there may be more.")]


class Refusal(Wire):
    """An element that could not become an item."""

    type: str
    line: int
    reason: str


class Outcome(Wire):
    """What became of one submitted document."""

    file: str
    status: Literal["published", "draft", "unchanged", "refused", "conflict"]
    document: Annotated[str | None, Field(description="Id of its revision, if it has one.")]
    receipt: dict[str, Counts]
    refusals: list[Refusal]
    ddi_version: str | None
    xsd_valid: bool | None
    violations: list[Violation]
    next_step: Annotated[Sentences, Field(description="What to do now.")]


class Fragment(Wire):
    """A stretch of a text."""

    text: str
    marked: Annotated[bool, Field(description="It is what was looked for.")]


class MarkedText(Text):
    """A text with its matches."""

    fragments: Annotated[list[Fragment], Field(description="Joined they are the text.")]


class Match(MarkedText):
    """A text in which something matched."""

    field: Annotated[str, Field(description="Where the text stands in the item.", examples=["category"])]


class FoundLinks(Wire):
    """Forms of a hit."""

    html: str
    json_: Annotated[str, Field(alias="json")]


class Found(Wire):
    """A hit."""

    urn: Annotated[str, Field(description="Canonical DDI URN.", examples=[URN])]
    uri: Annotated[str, Field(description="Persistent address of this version.")]
    type: Annotated[str, Field(examples=["Variable"])]
    name: str | None
    labels: Annotated[list[MarkedText], Field(description="In each language, the reader's first.")]
    question: Annotated[list[MarkedText], Field(description="The wording of the question, the reader's first.")]
    matches: Annotated[list[Match], Field(description="Other texts of the item in which something matched.")]
    containers: Containers
    facets: Annotated[dict[str, list[str]], Field(description="Its values, by facet.", examples=[{"year": ["2012"]}])]
    links: FoundLinks
    score: Annotated[float, Field(description="0 unless sorted by relevance.")]


class FacetValue(Wire):
    """A value of a facet and how many hits have it."""

    value: Annotated[str, Field(description="To filter by: `year=2012`.", examples=["2012"])]
    label: Annotated[list[Text], Field(description="In words.")]
    documents: Annotated[int, Field(description="Disregarding the values chosen within the same facet.")]
    chosen: bool


class FacetCounts(Wire):
    """The values of a facet with most hits."""

    values: list[FacetValue]
    more: Annotated[bool, Field(description="There are others; `facets` asks for more of them.")]


class Note(Wire):
    """What could not be taken at its word; ``known`` are the values that there are instead of one that nothing has."""

    code: Annotated[str, Field(examples=["unclosed-quote"])]
    subject: str
    known: list[str]
    message: Sentences


class Expansion(Wire):
    """What the thesaurus added to a query."""

    words: Annotated[str, Field(description="As typed.", examples=["tabac"])]
    concept: Annotated[str, Field(description="URI; the parameter `without` takes the expansion back.")]
    added: Annotated[list[str], Field(examples=[["tobacco", "smoking"]])]
    narrower: Annotated[list[str], Field(description="Narrower concepts that were added.")]


class Correction(Wire):
    """Another spelling, which finds something."""

    text: str
    words: Annotated[dict[str, str], Field(description="Typed word to corrected word.")]


class Understood(Wire):
    """How a query was read."""

    text: Annotated[str, Field(description="As typed.")]
    read: Annotated[str, Field(description="As read, in the same syntax.")]
    relaxed: Annotated[bool, Field(description="Few hits or none have all the words, the others have some of them.")]
    exact: Annotated[int, Field(description="How many have all the words.")]
    notes: list[Note]
    expansions: list[Expansion]
    corrections: list[Correction]


class IndexState(Wire):
    """How the search index is; while it is built for the first time, the status is 503, and hits and counts are of what
    it holds so far."""

    health: Literal["ready", "building", "absent", "broken"]
    documents: int
    done: int
    total: int
    message: str | None


class SearchPage(Page):
    """A piece of what was found."""

    items: list[Found]
    facets: Annotated[dict[str, FacetCounts], Field(description="By facet, in the order in which pages show them.")]
    query: Understood
    index: IndexState


class Suggestion(Wire):
    """What could be meant by a text that is being typed."""

    text: Annotated[str, Field(description="The query to search for.")]
    kind: Literal["word", "item"]
    label: Annotated[str | None, Field(description="In the reader's language.")]
    type: Annotated[str | None, Field(description="Of an item.")]
    type_label: Annotated[str | None, Field(description="The same in words, in the reader's language.")]
    href: Annotated[str, Field(description="Where it leads: the item, or the search for the text.")]
    documents: Annotated[int | None, Field(description="How many items have the word.")]


class MissingProperty(Wire):
    """A property that an application profile asks for and that nothing is known for."""

    profile: Annotated[str, Field(description="Who asks: DCAT-AP 3.0.1 or HealthDCAT-AP.")]
    mandatory: Annotated[bool, Field(description="Else recommended.")]
    path: Annotated[list[str], Field(description="RDF properties from the dataset, with their prefixes.")]
    name: Annotated[dict[str, str], Field(description="What it is, by language.")]
    ddi: Annotated[str | None, Field(description="Path of the DDI-L 3.3 element that gives it, if one does.")]
    setting: Annotated[str | None, Field(description="Key in the settings of cohorts that gives it, if one does.")]


class Completeness(Wire):
    """What the catalogue, a cohort or a wave lacks."""

    urn: Annotated[str | None, Field(description="Null of the catalogue.")]
    type: str
    url: str
    missing: list[MissingProperty]


class CompletenessList(Wire):
    """The catalogue, then cohorts, each before its waves."""

    items: list[Completeness]


class Problem(BaseModel):
    """What went wrong (RFC 9457), the same shape for every error."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "https://catalogue.example.org/help/errors#not-found",
                "title": "Not found",
                "status": 404,
                "detail": "Nothing is published under example.org:BMI:9.",
                "instance": "/id/example.org/BMI/9.json",
                "code": "not-found",
                "next_step": "Check the identification, or look for the item from the home page.",
            }
        }
    )

    type: Annotated[str, Field(description="Address of the explanation.")]
    title: str
    status: int
    detail: str
    instance: str
    code: str
    next_step: Annotated[str, Field(description="What to do now.")]
    outcomes: Annotated[list[Outcome] | None, Field(description="Of an upload: what became of each document.")] = None


class DumpFile(Wire):
    """A file with the triples of the whole catalogue, or of the documents of a cohort."""

    url: Annotated[str, Field(description="Where the file is; a part of it can be asked for by `Range`.")]
    cohort: Annotated[str | None, Field(description="Address of the cohort; null of the whole catalogue.")]
    format: Annotated[str, Field(description="Media type of what is compressed.", examples=["text/turtle"])]
    documents: int
    triples: Annotated[int, Field(description="Added up over the documents.")]
    bytes: Annotated[int | None, Field(description="Length of the file; null where it is made when first asked for.")]


class DumpList(Wire):
    """Every dump."""

    items: list[DumpFile]
