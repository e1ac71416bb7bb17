"""Cohorts, waves and items in the words of schema.org, for search engines: as triples, and as JSON-LD inside a page.

Follows Google's guide to ``Dataset`` for what must be there: name, description of 50 to 5000 characters, creator,
licence, identifier, distribution. A page's JSON-LD has texts in the page's language, and in others where there is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from rdflib import XSD, Literal, URIRef

from catalogue.model.cataloguing import CohortMetadata, ContactPoint, Organisation
from catalogue.model.contents import Representation, VariableContent
from catalogue.model.report import Message
from catalogue.model.study import Agent, StudyDescription
from catalogue.model.text import InternationalString, primary_language
from catalogue.rdf import dcat
from catalogue.rdf.authorities import Concept, country
from catalogue.rdf.dcat import keywords, periods
from catalogue.rdf.distributions import distributions
from catalogue.rdf.fdp import Whole
from catalogue.rdf.resource import Code, Related, Resource
from catalogue.rdf.shapes import Node, Place, Row, Shape, Triple, addresses, date, described, literals, moment, plain
from catalogue.rdf.subjects import Handed, Subject, dataset_uri, item_uri
from catalogue.rdf.vocabularies import SCHEMA

CONTEXT: Final = "https://schema.org/"
_SHORTEST: Final = 50
_LONGEST: Final = 5000
_MOST_TERMS: Final = 200

# --- agents, places, files --------------------------------------------------------------------------------------------

_AGENT: Final[Shape[Agent]] = Shape(
    (SCHEMA.Organization,),
    (
        Row(SCHEMA.name, lambda one: literals(one.name)),
        Row(SCHEMA.url, lambda one: addresses(one.homepage)),
        Row(SCHEMA.identifier, lambda one: plain(one.identifier)),
    ),
)
_ORGANISATION: Final[Shape[Organisation]] = Shape(
    (SCHEMA.Organization,),
    (
        Row(SCHEMA.name, lambda one: literals(one.name)),
        Row(SCHEMA.url, lambda one: addresses(one.homepage)),
        Row(SCHEMA.email, lambda one: plain(one.email)),
        Row(SCHEMA.sameAs, lambda one: addresses(one.identifier)),
        Row(SCHEMA.description, lambda one: literals(one.note)),
    ),
)
_CONTACT: Final[Shape[ContactPoint]] = Shape(
    (SCHEMA.ContactPoint,),
    (
        Row(SCHEMA.name, lambda one: literals(one.name)),
        Row(SCHEMA.email, lambda one: plain(one.email)),
        Row(SCHEMA.url, lambda one: addresses(one.page)),
    ),
)
_COUNTRY: Final[Shape[Concept]] = Shape(
    (SCHEMA.Country,), (Row(SCHEMA.name, lambda one: literals(dict(zip(("fr", "en"), one.names, strict=True)))),)
)
_DOWNLOAD: Final[Shape[Handed]] = Shape(
    (SCHEMA.DataDownload,),
    (
        Row(SCHEMA.name, lambda one: literals(one.notes.title or (one.file.label if one.file else {}))),
        Row(
            SCHEMA.description,
            lambda one: literals((one.file.description if one.file else {}) or one.notes.description),
        ),
        Row(SCHEMA.encodingFormat, lambda one: plain((one.file and one.file.format) or one.notes.format)),
        Row(SCHEMA.contentUrl, lambda one: addresses(one.notes.download_url)),
        Row(SCHEMA.url, lambda one: addresses(one.notes.access_url or one.subject.access_url or one.subject.page)),
    ),
)


def _agents(one: Subject, role: str) -> Iterator[Node]:
    found = [agent for agent in one.study.agents if agent.role == role and any(literals(agent.name))]
    for number, agent in enumerate(found, 1):
        uri = item_uri(one.base, agent.item) if agent.item else one.node(f"{role}-{number}")
        yield Node(uri, _AGENT, agent)


def _publisher(one: Subject) -> Iterator[Node]:
    if one.publisher is not None:
        yield Node(one.node("publisher"), _ORGANISATION, one.publisher)


def _contact(one: Subject) -> Iterator[Node]:
    if one.contact is not None:
        yield Node(one.node("contact"), _CONTACT, one.contact)


def _creators(one: Subject) -> tuple[Node, ...]:
    return tuple(_agents(one, "creator")) or tuple(_publisher(one))


def _countries(one: Subject) -> Iterator[Node]:
    found = (country(code) for code in one.study.countries)
    return (Node(URIRef(place.address), _COUNTRY, place) for place in found if place)


def _conditions(one: Subject) -> Iterator[Literal]:
    if one.said.rights:
        return literals(one.said.rights)
    conditions = (access.conditions or access.restrictions for access in one.study.access)
    return literals(next(filter(None, conditions), InternationalString()))


def _interval(one: Subject) -> Iterator[Literal]:
    """ISO 8601 intervals, open where there is no end."""
    for node in periods(one):
        bounds = [next(iter(date(at)), "") for at in (node.source.start, node.source.end)]
        yield Literal("/".join(str(at) or ".." for at in bounds) if any(bounds) else "")


# --- cohorts and waves ------------------------------------------------------------------------------------------------


def _studies(one: Subject) -> Iterator[Node]:
    yield Node(one.node("study") if one.is_cohort else one.item, _STUDY, one)


_STUDY: Final[Shape[Subject]] = Shape(
    (SCHEMA.MedicalObservationalStudy,),
    (
        Row(SCHEMA.name, lambda one: literals(one.study.title)),
        Row(SCHEMA.description, lambda one: literals(one.study.purpose)),
        Row(SCHEMA.studyDesign, lambda _: (SCHEMA.CohortStudy,)),
        Row(SCHEMA.studyLocation, _countries, leads=(_COUNTRY,)),
        Row(SCHEMA.sponsor, lambda one: _agents(one, "funder"), leads=(_AGENT,)),
        Row(SCHEMA.url, lambda one: addresses(one.page)),
    ),
)


def _links(base: str, found: Iterable[Any]) -> Iterator[URIRef]:
    return (dataset_uri(base, one.identification, one.type) for one in found)


_CATALOGUE_LINK: Final[Shape[Any]] = Shape((SCHEMA.DataCatalog,))
_LICENCE: Final = Place(Message("licence ou conditions d’usage", "licence or conditions of use"), setting="licence")
_ACCESS_PAGE: Final = Place(
    Message("où demander les données", "where data can be requested"), "a:Access/a:AccessPermission", "access_url"
)
_CONDITIONS: Final = Place(Message("droits d’usage", "rights of use"), "a:Access/a:AccessConditions", "rights")
_MODES: Final = Place(Message("modes de collecte", "modes of collection"), "d:ModeOfCollection")
_WAVES: Final = Place(Message("vagues", "waves"), "s:StudyUnit")

_OF_STUDIES: Final[tuple[Row[Subject], ...]] = (
    Row(SCHEMA.name, lambda one: literals(one.study.title),
        otherwise=lambda one: plain(one.study.name or one.study.identification.identifier), place=dcat.TITLE),
    Row(SCHEMA.alternateName, lambda one: (text for each in one.study.alternate_titles for text in literals(each)),
        place=dcat.ALTERNATIVE),
    Row(SCHEMA.description, lambda one: literals(one.study.abstract or one.study.purpose),
        place=dcat.DESCRIPTION),
    Row(SCHEMA.url, lambda one: addresses(one.page), place=dcat.PAGE),
    Row(SCHEMA.identifier, lambda one: plain(one.study.identification.urn), place=dcat.IDENTIFIER),
    Row(SCHEMA.keywords, keywords, place=dcat.KEYWORD),
    Row(SCHEMA.creator, _creators, place=dcat.CREATORS, leads=(_AGENT, _ORGANISATION)),
    Row(SCHEMA.publisher, _publisher, place=dcat.PUBLISHER, leads=(_ORGANISATION,)),
    Row(SCHEMA.funder, lambda one: _agents(one, "funder"), place=dcat.FUNDERS, leads=(_AGENT,)),
    Row(SCHEMA.license, lambda one: addresses(one.said.licence), place=_LICENCE),
    Row(SCHEMA.usageInfo, lambda one: addresses(one.access_url), place=_ACCESS_PAGE),
    Row(SCHEMA.conditionsOfAccess, _conditions, place=_CONDITIONS),
    Row(SCHEMA.isAccessibleForFree, lambda one: _open(one), place=dcat.ACCESS_RIGHTS),
    Row(SCHEMA.version, lambda one: plain(one.study.identification.version), place=dcat.VERSION),
    Row(SCHEMA.datePublished, lambda one: _first(date(_published(one)), moment(one.study.published_at)),
        place=dcat.ISSUED),
    Row(SCHEMA.dateModified, lambda one: moment(one.study.changed_at), place=dcat.CHANGED),
    Row(SCHEMA.inLanguage, lambda one: (text for tag in one.study.languages for text in plain(tag)),
        place=dcat.LANGUAGES),
    Row(SCHEMA.temporalCoverage, _interval, place=dcat.TEMPORAL),
    Row(SCHEMA.spatialCoverage, _countries, place=dcat.SPATIAL, leads=(_COUNTRY,)),
    Row(SCHEMA.measurementTechnique,
        lambda one: (t for event in one.study.collections for mode in event.modes for t in literals(mode.label)),
        place=_MODES),
    Row(SCHEMA.isPartOf, lambda one: _links(one.base, one.study.cohorts), place=dcat.COHORT_OF),
    Row(SCHEMA.about, _studies, place=dcat.TITLE, leads=(_STUDY,)),
    Row(SCHEMA.includedInDataCatalog, lambda one: (Node(URIRef(f"{one.base}/catalog"), _CATALOGUE_LINK),),
        place=dcat.PAGE, leads=(_CATALOGUE_LINK,)),
)  # fmt: skip
SERIES: Final[Shape[Subject]] = Shape(
    (SCHEMA.Dataset,),
    (*_OF_STUDIES, Row(SCHEMA.hasPart, lambda one: _links(one.base, one.study.waves), place=_WAVES)),
)
DATASET: Final[Shape[Subject]] = Shape(
    (SCHEMA.Dataset,),
    (
        *_OF_STUDIES,
        Row(SCHEMA.distribution, lambda one: _downloads(one), place=dcat.HANDED_OUT, leads=(_DOWNLOAD,)),
    ),
)


def _downloads(one: Subject) -> Iterator[Node]:
    return (Node(uri, _DOWNLOAD, each) for uri, each in distributions(one))


def _open(one: Subject) -> Iterator[Literal]:
    """Whether anybody may have the data, where settings say how open they are."""
    if one.said.access_rights:
        yield Literal(one.said.access_rights.endswith("/PUBLIC") or one.said.access_rights == "PUBLIC")


def _published(one: Subject) -> str | None:
    return one.study.publication_date.start if one.study.publication_date else None


def _first(*found: Iterable[Literal]) -> tuple[Literal, ...]:
    return tuple(islice((one for some in found for one in some), 1))


def study_node(study: StudyDescription, said: CohortMetadata, base: str) -> Node:
    """A cohort or wave as ``schema:Dataset``. Arguments as of ``dcat.study_triples``."""
    one = Subject(study, said, base)
    return Node(one.uri, SERIES if one.is_cohort else DATASET, one)


def study_triples(study: StudyDescription, said: CohortMetadata, base: str) -> Iterator[Triple]:
    """A cohort or wave as ``schema:Dataset``, each triple once. Arguments as of ``dcat.study_triples``."""
    return iter(dict.fromkeys(described(study_node(study, said, base))))


# --- items ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """An item and the root of addresses."""

    resource: Resource
    base: str

    @property
    def uri(self) -> URIRef:
        """The item."""
        return item_uri(self.base, self.resource.item.identification)

    @property
    def representation(self) -> Representation | None:
        """The value domain of a variable."""
        content = self.resource.content
        return content.representation if isinstance(content, VariableContent) else None


def _titles(one: Told) -> Iterator[Literal]:
    return literals(one.resource.item.title)


def _name(one: Told) -> Iterator[Literal]:
    return plain(one.resource.item.name or one.resource.item.identification.identifier)


_OF_ANY: Final[tuple[Row[Told], ...]] = (
    Row(SCHEMA.name, _titles, otherwise=_name),
    Row(SCHEMA.alternateName, lambda one: plain(one.resource.item.name)),
    Row(SCHEMA.description, lambda one: literals(one.resource.item.description)),
    Row(SCHEMA.identifier, lambda one: plain(one.resource.item.urn)),
    Row(SCHEMA.url, lambda one: addresses(f"{one.uri}.html")),
)
_OF_WORK: Final[tuple[Row[Told], ...]] = (
    Row(SCHEMA.version, lambda one: plain(one.resource.item.identification.version)),
    Row(SCHEMA.datePublished, lambda one: moment(one.resource.published_at)),
    Row(SCHEMA.isPartOf, lambda one: _links(one.base, one.resource.waves or one.resource.cohorts)),
)


def _ranges(one: Told, bound: str) -> Iterator[Literal]:
    for each in one.representation.ranges if one.representation else ():
        written = getattr(each, bound)
        if written:
            yield from plain(written)


def _code_lists(one: Told) -> Iterator[URIRef]:
    target = one.representation.code_list if one.representation else None
    link = one.resource.link(target.position) if target else None
    if link is not None and link.target is not None:
        yield item_uri(one.base, link.target.identification)


_TERM: Final[Shape[tuple[Told, Code]]] = Shape(
    (SCHEMA.DefinedTerm,),
    (
        Row(SCHEMA.termCode, lambda one: plain(one[1].value)),
        Row(SCHEMA.name, lambda one: literals(one[1].label)),
        Row(SCHEMA.inDefinedTermSet, lambda one: (one[0].uri,)),
    ),
)


def _terms(one: Told) -> Iterator[Node]:
    for number, code in enumerate(one.resource.codes, 1):
        yield Node(one.uri + f"#code-{number}", _TERM, (one, code))


def _set(one: Told) -> Iterator[URIRef]:
    parent = one.resource.parent
    if parent is not None and parent.type in _TERM_SETS:
        yield item_uri(one.base, parent.identification)


_VARIABLE: Final[Shape[Told]] = Shape(
    (SCHEMA.StatisticalVariable, SCHEMA.PropertyValue),
    (
        *_OF_ANY,
        Row(SCHEMA.unitText, lambda one: plain(one.representation.unit if one.representation else None)),
        Row(SCHEMA.minValue, lambda one: _ranges(one, "low")),
        Row(SCHEMA.maxValue, lambda one: _ranges(one, "high")),
        Row(SCHEMA.valueReference, _code_lists),
    ),
)
_TERM_SET: Final[Shape[Told]] = Shape(
    (SCHEMA.DefinedTermSet,), (*_OF_ANY, *_OF_WORK, Row(SCHEMA.hasDefinedTerm, _terms))
)
_DEFINED: Final[Shape[Told]] = Shape((SCHEMA.DefinedTerm,), (*_OF_ANY, Row(SCHEMA.inDefinedTermSet, _set)))
_QUESTION: Final[Shape[Told]] = Shape((SCHEMA.Question,), (*_OF_ANY, *_OF_WORK, Row(SCHEMA.text, _titles)))
_WORK: Final[Shape[Told]] = Shape((SCHEMA.CreativeWork,), (*_OF_ANY, *_OF_WORK))

_TERM_SETS: Final = ("CodeList", "CategoryScheme", "ConceptScheme", "UniverseScheme", "StatisticalClassification")
_SHAPES: Final[Mapping[str, Shape[Told]]] = {
    **dict.fromkeys(("Variable", "RepresentedVariable", "ConceptualVariable"), _VARIABLE),
    **dict.fromkeys(_TERM_SETS, _TERM_SET),
    **dict.fromkeys(("Concept", "Category", "Universe", "Code"), _DEFINED),
    **dict.fromkeys(("QuestionItem", "QuestionGrid", "QuestionBlock", "MeasurementItem"), _QUESTION),
}


@dataclass(frozen=True, slots=True)
class _Measured:
    """A variable in the dataset that it is measured in."""

    variable: URIRef


_MEASURED: Final[Shape[_Measured]] = Shape((), (Row(SCHEMA.variableMeasured, lambda one: (one.variable,)),))


def item_nodes(resource: Resource, base: str) -> tuple[Node, ...]:
    """Any item; a variable is measured in the datasets of its waves."""
    one = Told(resource, base)
    own = Node(one.uri, _SHAPES.get(resource.item.type, _WORK), one)
    if resource.item.type != "Variable":
        return (own,)
    holders: Sequence[Related] = resource.waves or resource.studies
    measured = (dataset_uri(base, each.identification, each.type) for each in holders)
    return (own, *(Node(uri, _MEASURED, _Measured(one.uri)) for uri in measured))


def schema_type(item_type: str) -> str:
    """The page of the class that items of a type are of: where people and Signposting look it up, by https."""
    found = SCHEMA.Dataset if item_type in ("Group", "StudyUnit") else _SHAPES.get(item_type, _WORK).types[0]
    return str(found).replace("http:", "https:", 1)


def item_triples(resource: Resource, base: str) -> Iterator[Triple]:
    """Any item in schema.org's words, each triple once."""
    return iter(dict.fromkeys(triple for node in item_nodes(resource, base) for triple in described(node)))


# --- the catalogue


def _wholes_publisher(one: Whole) -> Iterator[Node]:
    if one.said.publisher is not None:
        yield Node(one.node("publisher"), _ORGANISATION, one.said.publisher)


_CATALOGUE: Final[Shape[Whole]] = Shape(
    (SCHEMA.DataCatalog,),
    (
        Row(SCHEMA.name, lambda one: literals(one.said.title)),
        Row(SCHEMA.description, lambda one: literals(one.said.description)),
        Row(SCHEMA.url, lambda one: (one.point,)),
        Row(SCHEMA.publisher, _wholes_publisher),
        Row(SCHEMA.license, lambda one: addresses(one.said.licence)),
        Row(SCHEMA.dateModified, lambda one: moment(one.changed)),
        Row(SCHEMA.dataset, lambda one: (*one.series, *one.datasets)),
    ),
)


def catalogue_node(whole: Whole) -> Node:
    """The catalogue as ``schema:DataCatalog``."""
    return Node(whole.catalogue, _CATALOGUE, whole)


# --- JSON-LD ----------------------------------------------------------------------------------------------------------

# Properties whose values are addresses to follow, not nodes of the document.
_ADDRESSES: Final = {"url", "license", "sameAs", "contentUrl", "usageInfo"}
_NUMBERS: Final = {XSD.integer: int, XSD.nonNegativeInteger: int, XSD.decimal: float, XSD.double: float}


def document(nodes: Sequence[Node], language: str) -> dict[str, Any]:
    """Nodes as one JSON-LD document in the context of schema.org.

    Args:
        nodes: of this module.
        language: ISO 639-1; of a text in several languages that one is given, and all where it is not among them.
    """
    found = [_object(node, language) for node in nodes]
    return {"@context": CONTEXT, **found[0]} if len(found) == 1 else {"@context": CONTEXT, "@graph": found}


def _object(node: Node, language: str) -> dict[str, Any]:
    kinds = [_key(kind) for kind in node.shape.types]
    told: dict[str, Any] = {"@id": str(node.uri), **({"@type": kinds if len(kinds) > 1 else kinds[0]} if kinds else {})}
    for row in node.shape.rows:
        key = _key(row.predicate)
        found = _in_language(row.found(node.source), language)[:_MOST_TERMS]
        values = [_value(one, language, key in _ADDRESSES) for one in found]
        if values:
            told[key] = values if len(values) > 1 else values[0]
    if "Dataset" in kinds:
        told["description"] = _fitting(told.get("description"), told.get("name"))
    return told


def _key(term: URIRef) -> str:
    return term.removeprefix(str(SCHEMA))


def _in_language(values: Sequence[Any], language: str) -> Sequence[Any]:
    """Texts in one language where there are any in it; everything that is no text in a language."""
    own = [one for one in values if not _tongue(one) or primary_language(_tongue(one)) == language]
    return own if any(_tongue(one) for one in own) else values


def _tongue(value: Any) -> str | None:
    return value.language if isinstance(value, Literal) else None


def _value(value: Any, language: str, is_address: bool) -> Any:
    if isinstance(value, Node):
        return _object(value, language)
    if isinstance(value, URIRef):
        return str(value) if is_address else {"@id": str(value)}
    if value.language and primary_language(value.language) != language:
        return {"@value": str(value), "@language": value.language}
    if value.datatype == XSD.boolean:
        return bool(value.toPython())
    return _NUMBERS[value.datatype](value) if value.datatype in _NUMBERS else str(value)


def _fitting(description: Any, name: Any) -> str:
    """A description as long as search engines want it: not below 50 characters, not above 5000."""
    words = [_plain(one) for one in (description, name) if one]
    text = words[0] if words and len(words[0]) >= _SHORTEST else ". ".join(reversed(words))
    if len(text) < _SHORTEST:
        text = f"{text}. {_FILLING}"
    return text if len(text) <= _LONGEST else text[: _LONGEST - 2].rpartition(" ")[0] + " …"


_FILLING: Final = "Métadonnées en DDI-Lifecycle / metadata in DDI-Lifecycle"


def _plain(value: Any) -> str:
    first = value[0] if isinstance(value, list) else value
    return str(first["@value"]) if isinstance(first, dict) else str(first)
