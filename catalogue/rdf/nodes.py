"""The nodes that datasets, series and services share: agents, contact points, concepts, documents, periods."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from rdflib import Literal, URIRef

from catalogue.model.cataloguing import ContactPoint, Organisation, RetentionPeriod
from catalogue.model.contents import Period
from catalogue.model.report import Message
from catalogue.model.study import Agent
from catalogue.rdf import authorities
from catalogue.rdf.authorities import Authority, Concept
from catalogue.rdf.shapes import (
    Need,
    Node,
    Place,
    Row,
    Shape,
    addresses,
    any_uri,
    date,
    literals,
    mail,
    plain,
)
from catalogue.rdf.vocabularies import DCAT, DCT, DDIL, ELI, FOAF, LDP, OWL, PROV, RDFS, SKOS, VCARD


def marked(*types: URIRef) -> Shape[None]:
    """The shape of a node of which only the class is told."""
    return Shape(types)


DOCUMENT: Final = marked(FOAF.Document)
LEGAL_RESOURCE: Final = marked(ELI.LegalResource)
LICENCE: Final = marked(DCT.LicenseDocument)
STANDARD: Final = marked(DCT.Standard)
MEDIA_TYPE: Final = marked(DCT.MediaType)


def told(shape: Shape[None], *written: str | None) -> Iterator[Node]:
    """The nodes at these addresses, as members of a class."""
    return (Node(one, shape) for one in addresses(*written))


# --- concepts

_SCHEME: Final[Shape[Authority]] = Shape(
    (SKOS.ConceptScheme,),
    (Row(DCT["title"], lambda one: _named(one.names)),),
)


def _named(names: tuple[str, str]) -> Iterator[Literal]:
    return (Literal(name, lang=tag) for name, tag in zip(names, ("fr", "en"), strict=True))


def scheme(one: Concept) -> Iterator[Node]:
    """The list that a concept is from."""
    if one.authority is not None:
        yield Node(URIRef(one.authority.scheme), _SCHEME, one.authority)


def _concept_shape(*types: URIRef) -> Shape[Concept]:
    rows: tuple[Row[Concept], ...] = (
        Row(SKOS.prefLabel, lambda one: _named(one.names)),
        Row(SKOS.inScheme, scheme, leads=(_SCHEME,)),
    )
    return Shape((SKOS.Concept, *types), rows)


CONCEPT: Final = _concept_shape()
LANGUAGE: Final = _concept_shape(DCT.LinguisticSystem)
LOCATION: Final = _concept_shape(DCT.Location)
RIGHTS: Final = _concept_shape(DCT.RightsStatement)
FREQUENCY: Final = _concept_shape(DCT.Frequency)
FILE_TYPE: Final = _concept_shape(DCT.MediaTypeOrExtent)


def concept_node(one: Concept, shape: Shape[Concept] = CONCEPT) -> Node:
    """A concept with its names and its list."""
    return Node(URIRef(one.address), shape, one)


def coded(list_name: str, *codes: str | None, shape: Shape[Concept] = CONCEPT) -> Iterator[Node]:
    """The concepts that codes of a list mean."""
    return (concept_node(authorities.concept(list_name, code), shape) for code in codes if code)


def languages(tags: Iterable[str]) -> Iterator[Node]:
    """The EU's concepts of languages."""
    found = (authorities.language(tag) for tag in tags)
    return (concept_node(one, LANGUAGE) for one in found if one)


def countries(codes: Iterable[str]) -> Iterator[Node]:
    """The EU's concepts of countries. What is no ISO code is no country: text does not belong in ``dct:Location``."""
    found = (authorities.country(code) for code in codes)
    return (concept_node(one, LOCATION) for one in found if one)


# --- statements in words

LABELLED_RIGHTS: Final[Shape[Any]] = Shape((DCT.RightsStatement,), (Row(RDFS.label, literals),))
PROVENANCE: Final[Shape[Any]] = Shape((DCT.ProvenanceStatement,), (Row(RDFS.label, literals),))

# --- agents

_ADMS_TYPE = Place(Message("type de diffuseur", "type of publisher"), setting="publisher.type")

ORGANISATION: Final[Shape[Organisation]] = Shape(
    (FOAF.Agent,),
    (
        Row(FOAF.name, lambda one: literals(one.name), Need.MANDATORY,
            Place(Message("nom du diffuseur", "name of the publisher"), setting="publisher.name")),
        Row(DCT.type, lambda one: coded("adms-publisher-type", one.type), Need.RECOMMENDED, _ADMS_TYPE,
            leads=(CONCEPT,)),
        Row(FOAF.homepage, lambda one: told(DOCUMENT, one.homepage), leads=(DOCUMENT,)),
        Row(FOAF.mbox, lambda one: mail(one.email)),
        Row(DCT.identifier, lambda one: any_uri(one.identifier)),
        Row(OWL.sameAs, lambda one: addresses(one.identifier)),
    ),
)  # fmt: skip


AGENT: Final[Shape[Agent]] = Shape(
    (FOAF.Agent,),
    (
        Row(FOAF.name, lambda one: literals(one.name)),
        Row(FOAF.homepage, lambda one: told(DOCUMENT, one.homepage), leads=(DOCUMENT,)),
        Row(FOAF.mbox, lambda one: mail(one.email)),
        Row(DCT.identifier, lambda one: plain(one.identifier)),
        Row(DDIL.affiliation, lambda one: literals(one.affiliation)),
    ),
)

CONTACT: Final[Shape[ContactPoint]] = Shape(
    (VCARD.Kind,),
    (
        Row(VCARD.fn, lambda one: literals(one.name)),
        Row(VCARD.hasEmail, lambda one: mail(one.email), Need.MANDATORY,
            Place(Message("courriel du contact", "e-mail of the contact"), setting="contact.email")),
        Row(VCARD.hasURL, lambda one: addresses(one.page), Need.MANDATORY,
            Place(Message("page du contact", "page of the contact"), setting="contact.page")),
    ),
)  # fmt: skip

# --- periods

PERIOD: Final[Shape[Period | RetentionPeriod]] = Shape(
    (DCT.PeriodOfTime,),
    (Row(DCAT.startDate, lambda one: date(one.start)), Row(DCAT.endDate, lambda one: date(one.end))),
)


def is_dated(period: Period) -> bool:
    """Whether a period says when, in a form that RDF has a type for."""
    return any(date(period.start)) or any(date(period.end))


# --- roles

ROLE: Final[Shape[Any]] = marked(DCAT.Role)


@dataclass(frozen=True, slots=True)
class Attribution:
    """``prov:Attribution``: an agent in a role, under a grant if it gave one."""

    agent: Node
    role: URIRef
    grant: str | None = None


ATTRIBUTION: Final[Shape[Attribution]] = Shape(
    (PROV.Attribution,),
    (
        Row(PROV.agent, lambda one: (one.agent,), leads=(AGENT,)),
        Row(DCAT.hadRole, lambda one: (Node(one.role, ROLE),), leads=(ROLE,)),
        Row(DDIL.grantNumber, lambda one: plain(one.grant)),
    ),
)

# --- navigation (Linked Data Platform 1.0, 5.4, as the FAIR Data Point specification has it)


@dataclass(frozen=True, slots=True)
class Contents:
    """The members of a resource by one property."""

    title: Message
    owner: URIRef
    relation: URIRef
    members: tuple[URIRef, ...]


_CONTAINER: Final[Shape[Contents]] = Shape(
    (LDP.DirectContainer,),
    (
        Row(DCT["title"], lambda one: _named((one.title.fr, one.title.en))),
        Row(LDP.membershipResource, lambda one: (one.owner,)),
        Row(LDP.hasMemberRelation, lambda one: (one.relation,)),
        Row(LDP.contains, lambda one: one.members),
    ),
)


def container(
    uri: URIRef, owner: URIRef, relation: URIRef, title: Message, members: tuple[URIRef, ...]
) -> Iterator[Node]:
    """A direct container of what a resource leads to, if it leads to anything."""
    if members:
        yield Node(uri, _CONTAINER, Contents(title, owner, relation, members))
