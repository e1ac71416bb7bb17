"""The catalogue about itself: ``dcat:Catalog`` and its services, and a FAIR Data Point (specification 1.2).

From the FAIR Data Point to the catalogue, from there to series and datasets, direct containers of the Linked Data
Platform say where to go on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rdflib import Literal, URIRef

from catalogue.model.cataloguing import CatalogueMetadata
from catalogue.model.report import Message
from catalogue.model.study import Named
from catalogue.rdf.authorities import AUTHORITIES, Concept
from catalogue.rdf.dcat import PROFILE, record_uri
from catalogue.rdf.nodes import (
    CONTACT,
    DOCUMENT,
    LABELLED_RIGHTS,
    LEGAL_RESOURCE,
    LICENCE,
    ORGANISATION,
    STANDARD,
    container,
    countries,
    languages,
    scheme,
    told,
)
from catalogue.rdf.shapes import (
    Need,
    Node,
    Place,
    Row,
    Shape,
    Triple,
    addresses,
    date,
    described,
    literals,
    moment,
    plain,
)
from catalogue.rdf.subjects import COHORT, dataset_uri
from catalogue.rdf.vocabularies import DCAT, DCATAP, DCT, FDP, FOAF

SPECIFICATION: Final = "https://specs.fairdatapoint.org/fdp-specs-v1.2.html"
_LANGUAGES: Final = ("fr", "en")


@dataclass(frozen=True, slots=True)
class Entry:
    """A cohort or study of the catalogue, with its waves."""

    named: Named
    waves: tuple[Named, ...] = ()


@dataclass(frozen=True, slots=True)
class Whole:
    """The catalogue.

    Attributes:
        said: what the settings say.
        base: root of every address, without trailing slash.
        entries: cohorts with their waves, and studies by themselves.
        opened, changed: first and last publication.
        software: version of the program.
    """

    said: CatalogueMetadata
    base: str
    entries: tuple[Entry, ...] = ()
    opened: datetime | None = None
    changed: datetime | None = None
    software: str | None = None

    @property
    def point(self) -> URIRef:
        """The FAIR Data Point."""
        return URIRef(f"{self.base}/")

    @property
    def catalogue(self) -> URIRef:
        """The catalogue."""
        return URIRef(f"{self.base}/catalog")

    def node(self, name: str) -> URIRef:
        """A node that belongs to the catalogue."""
        return URIRef(f"{self.base}/catalog#{name}")

    @property
    def series(self) -> tuple[URIRef, ...]:
        """The dataset series."""
        return tuple(dataset_uri(self.base, one.identification, COHORT) for one in self._of(COHORT))

    @property
    def datasets(self) -> tuple[URIRef, ...]:
        """The datasets, each once."""
        found = (dataset_uri(self.base, one.identification) for one in self._of("StudyUnit"))
        return tuple(dict.fromkeys(found))

    @property
    def records(self) -> tuple[URIRef, ...]:
        """The catalogue's entries."""
        return tuple(dict.fromkeys(record_uri(self.base, one) for one in self._named()))

    def _of(self, kind: str) -> Iterator[Named]:
        return (one for one in self._named() if one.type == kind)

    def _named(self) -> Iterator[Named]:
        return (one for entry in self.entries for one in (entry.named, *entry.waves))


# --- what catalogue, point and services have in common


def _publisher(one: Whole) -> Iterator[Node]:
    if one.said.publisher is not None:
        yield Node(one.node("publisher"), ORGANISATION, one.said.publisher)


def _contact(one: Whole) -> Iterator[Node]:
    if one.said.contact is not None:
        yield Node(one.node("contact"), CONTACT, one.said.contact)


def _rights(one: Whole) -> Iterator[Node]:
    if one.said.rights:
        yield Node(one.node("rights"), LABELLED_RIGHTS, one.said.rights)


def _legislation(one: Whole) -> Iterator[Node]:
    return told(LEGAL_RESOURCE, *one.said.legislation)


def _licence(one: Whole) -> Iterator[Node]:
    return told(LICENCE, one.said.licence)


def _place(fr: str, en: str, setting: str) -> Place:
    return Place(Message(fr, en), setting=f"catalogue.{setting}")


_TITLE: Final[Row[Whole]] = Row(
    DCT["title"], lambda one: literals(one.said.title), Need.MANDATORY, _place("titre", "title", "title")
)
_DESCRIPTION: Final[Row[Whole]] = Row(
    DCT.description,
    lambda one: literals(one.said.description),
    Need.MANDATORY,
    _place("description", "description", "description"),
)
_PUBLISHER: Final[Row[Whole]] = Row(
    DCT.publisher, _publisher, Need.MANDATORY, _place("diffuseur", "publisher", "publisher")
)
_LICENCE: Final[Row[Whole]] = Row(
    DCT.license, _licence, Need.RECOMMENDED, _place("licence des métadonnées", "licence of the metadata", "licence")
)
_CONTACT: Final[Row[Whole]] = Row(DCAT.contactPoint, _contact)
_LEGISLATION: Final[Row[Whole]] = Row(
    DCATAP.applicableLegislation,
    _legislation,
    Need.MANDATORY,
    _place("législation applicable", "applicable legislation", "legislation"),
)


def _metadata(uri: str) -> tuple[Row[Whole], ...]:
    """What the FAIR Data Point specification asks of every record: which it is, since when, as of when."""
    return (
        Row(FDP.metadataIdentifier, lambda one: (getattr(one, uri),)),
        Row(FDP.metadataIssued, lambda one: moment(one.opened)),
        Row(FDP.metadataModified, lambda one: moment(one.changed)),
    )


# --- services


@dataclass(frozen=True, slots=True)
class _Service:
    """A way in for machines: path of its endpoint and of its description, the standards that it follows."""

    whole: Whole
    name: str
    titles: Message
    path: str
    description: str
    standards: tuple[str, ...]


_SERVICES: Final = (
    ("api", Message("API JSON", "JSON API",), "/api/v1", "/api/v1/openapi.json", ("https://spec.openapis.org/oas/v3.1.0",)),
    ("sparql", Message("Point d’accès SPARQL", "SPARQL endpoint"), "/sparql", "/sparql",
     ("https://www.w3.org/TR/sparql11-protocol/",)),
    ("oai", Message("Entrepôt OAI-PMH", "OAI-PMH repository"), "/oai", "/oai?verb=Identify",
     ("http://www.openarchives.org/OAI/openarchivesprotocol.html",)),
)  # fmt: skip


def _messages(message: Message) -> Iterator[Literal]:
    return literals({"fr": message.fr, "en": message.en})


_SERVICE: Final[Shape[_Service]] = Shape(
    (DCAT.DataService,),
    (
        Row(DCT["title"], lambda one: _messages(one.titles)),
        Row(DCAT.endpointURL, lambda one: addresses(one.whole.base + one.path)),
        Row(DCAT.endpointDescription, lambda one: addresses(one.whole.base + one.description)),
        Row(DCT.conformsTo, lambda one: told(STANDARD, *one.standards)),
        Row(DCT.publisher, lambda one: _publisher(one.whole)),
        Row(DCAT.contactPoint, lambda one: _contact(one.whole)),
        Row(DCT.license, lambda one: _licence(one.whole)),
        Row(DCATAP.applicableLegislation, lambda one: _legislation(one.whole)),
    ),
)


def _services(one: Whole) -> Iterator[Node]:
    return (Node(one.node(row[0]), _SERVICE, _Service(one, *row)) for row in _SERVICES)


# --- catalogue


def _opened(one: Whole) -> Iterator[Literal]:
    return date(one.said.issued) if one.said.issued else moment(one.opened)


def _themes(_: Whole) -> Iterator[Node]:
    return scheme(Concept("", ("", ""), AUTHORITIES["data-theme"]))


# The FAIR Data Point where only the catalogue is described: what shapes ask of the catalogue that it is, too.
_AROUND: Final[Shape[Whole]] = Shape(
    (DCAT.Catalog,),
    (
        Row(DCT["title"], _TITLE.values),
        Row(DCT.description, _DESCRIPTION.values),
        Row(DCT.publisher, lambda one: (node.uri for node in _publisher(one))),
        Row(DCATAP.applicableLegislation, _LEGISLATION.values),
    ),
)
_ABOUT: Final[tuple[Row[Whole], ...]] = (
    _TITLE,
    _DESCRIPTION,
    _PUBLISHER,
    _LICENCE,
    _LEGISLATION,
    _CONTACT,
    Row(DCT.rights, _rights),
    Row(DCT.language, lambda _: languages(_LANGUAGES)),
    Row(DCT.spatial, lambda one: countries(one.said.countries), Need.RECOMMENDED,
        _place("pays couverts", "countries covered", "countries")),
    Row(DCT.issued, _opened),
    Row(DCT.modified, lambda one: moment(one.changed)),
    Row(DCAT.themeTaxonomy, _themes),
    Row(FOAF.homepage, lambda one: told(DOCUMENT, one.said.homepage or f"{one.base}/about")),
    Row(DCT.conformsTo, lambda _: told(STANDARD, PROFILE)),
    Row(DCT.isPartOf, lambda one: (Node(one.point, _AROUND, one),)),
    *_metadata("catalogue"),
)  # fmt: skip
ABOUT: Final[Shape[Whole]] = Shape((DCAT.Catalog,), _ABOUT)
"""The catalogue without what it lists."""
CATALOGUE: Final[Shape[Whole]] = Shape(
    (DCAT.Catalog,),
    (
        *_ABOUT,
        Row(DCAT.service, _services),
        Row(DCAT.dataset, lambda one: one.datasets),
        Row(DCAT.resource, lambda one: one.series),
        Row(DCAT.record, lambda one: one.records),
    ),
)

# --- FAIR Data Point, which is a catalogue of catalogues, too: what the catalogue is part of must be one (DCAT-AP)


def _about(one: Whole) -> Iterator[Node]:
    yield Node(one.catalogue, ABOUT, one)


POINT: Final[Shape[Whole]] = Shape(
    (FDP.FAIRDataPoint, FDP.MetadataService, DCAT.DataService, DCAT.Catalog, DCAT.Resource),
    (
        _TITLE,
        _DESCRIPTION,
        _PUBLISHER,
        _LICENCE,
        _LEGISLATION,
        _CONTACT,
        Row(DCT.language, lambda _: languages(_LANGUAGES)),
        Row(DCT.conformsTo, lambda _: told(STANDARD, SPECIFICATION)),
        Row(DCAT.endpointURL, lambda one: (one.point,)),
        Row(DCAT.endpointDescription, lambda one: addresses(f"{one.base}/api/v1/openapi.json")),
        Row(FDP.conformsToFdpSpec, lambda _: addresses(SPECIFICATION)),
        Row(FDP.hasSoftwareVersion, lambda one: plain(one.software)),
        Row(FDP.metadataCatalog, _about),
        Row(DCAT.catalog, lambda one: (one.catalogue,)),
        *_metadata("point"),
    ),
)


_CATALOGUES: Final = Message("Catalogues", "Catalogues")
_DATASETS: Final = Message("Jeux de données", "Datasets")
_SERIES: Final = Message("Séries de jeux de données", "Dataset series")


def point_nodes(one: Whole) -> tuple[Node, ...]:
    """The FAIR Data Point and the way to its catalogue."""
    address = URIRef(f"{one.base}/#catalogs")
    inside = container(address, one.point, FDP.metadataCatalog, _CATALOGUES, (one.catalogue,))
    return (Node(one.point, POINT, one), *inside)


def catalogue_nodes(one: Whole) -> tuple[Node, ...]:
    """The catalogue and the ways to its datasets and series."""
    return (
        Node(one.catalogue, CATALOGUE, one),
        *container(one.node("datasets"), one.catalogue, DCAT.dataset, _DATASETS, one.datasets),
        *container(one.node("series"), one.catalogue, DCAT.resource, _SERIES, one.series),
    )


def triples(nodes: Sequence[Node]) -> Iterator[Triple]:
    """The triples of nodes, each once."""
    return iter(dict.fromkeys(triple for node in nodes for triple in described(node)))
