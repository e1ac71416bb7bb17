"""Cohorts and waves as DCAT-AP 3.0.1: a Group is a dataset series, a StudyUnit has a dataset, files are distributions.

The tables say for each property where it comes from, whether DCAT-AP asks for it, and where a data manager gives it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rdflib import XSD, Literal, URIRef

from catalogue.model.cataloguing import CohortMetadata
from catalogue.model.report import Message
from catalogue.model.study import Agent, Collection, Named, StudyDescription
from catalogue.rdf import documented
from catalogue.rdf.authorities import Concept
from catalogue.rdf.distributions import DISTRIBUTION, DOCUMENTATION, distributions, legislation, policy, samples, shaped
from catalogue.rdf.nodes import (
    AGENT,
    ATTRIBUTION,
    CONCEPT,
    CONTACT,
    DOCUMENT,
    FREQUENCY,
    LANGUAGE,
    LEGAL_RESOURCE,
    LOCATION,
    ORGANISATION,
    PERIOD,
    PROVENANCE,
    RIGHTS,
    STANDARD,
    Attribution,
    coded,
    concept_node,
    container,
    countries,
    is_dated,
    languages,
    told,
)
from catalogue.rdf.policies import OFFER
from catalogue.rdf.shapes import (
    Need,
    Node,
    Place,
    Row,
    Shape,
    Triple,
    date,
    described,
    literals,
    moment,
    plain,
)
from catalogue.rdf.subjects import BIOSAMPLES, Subject, dataset_uri, item_uri
from catalogue.rdf.vocabularies import ADMS, DCAT, DCATAP, DCT, DDIL, FOAF, ODRL, PROV, SKOS

PROFILE: Final = "http://data.europa.eu/r5r/"
"""What a record says that it conforms to."""
_FUNDER: Final = URIRef("http://id.loc.gov/vocabulary/relators/fnd")
_SAMPLED: Final = {"fr": "échantillons biologiques", "en": "biological samples"}
_DISTRIBUTIONS: Final = Message("Distributions", "Distributions")
BIOSAMPLE_COLLECTION: Final = Concept(
    str(DDIL.BiosampleCollection), ("collection d’échantillons biologiques", "collection of biological samples")
)


# --- values -----------------------------------------------------------------------------------------------------------


def titles(one: Subject) -> Iterator[Literal]:
    """The title; of biosamples that of the study with what they are."""
    if not one.part:
        return literals(one.study.title)
    found = literals(one.study.title)
    return (
        Literal(f"{text} – {_SAMPLED.get(text.language or '', _SAMPLED['en'])}", lang=text.language) for text in found
    )


def _name(one: Subject) -> Iterator[Literal]:
    return plain(one.study.name or one.study.identification.identifier)


def descriptions(one: Subject) -> Iterator[Literal]:
    """The abstract, else the purpose."""
    if one.part and one.said.biosamples and one.said.biosamples.description:
        return literals(one.said.biosamples.description)
    return literals(one.study.abstract or one.study.purpose)


def keywords(one: Subject) -> Iterator[Literal]:
    """Keywords and subjects, in every language."""
    return (text for words in (*one.study.keywords, *one.study.subjects) for text in literals(words))


def themes(one: Subject) -> Iterator[Node]:
    """Health, unless the settings say otherwise."""
    return coded("data-theme", *(one.said.themes or ("HEAL",)))


def access_rights(one: Subject) -> Iterator[Node]:
    """How far data are open."""
    return coded("access-right", one.said.access_rights, shape=RIGHTS)


def types(one: Subject) -> Iterator[Node]:
    """Of what kind the dataset is."""
    return iter((concept_node(BIOSAMPLE_COLLECTION),)) if one.part else coded("dataset-type", one.said.type)


def periods(one: Subject) -> Iterator[Node]:
    """What the data cover in time: as said of the whole, else when they were collected."""
    found = one.study.periods or tuple(period for event in one.study.collections for period in event.periods)
    dated = [period for period in found if is_dated(period)]
    return (Node(one.node(f"period-{number}"), PERIOD, period) for number, period in enumerate(dated, 1))


def places(one: Subject) -> Iterator[Node]:
    """Countries by ISO code; areas in words are no ``dct:Location``."""
    return countries(one.study.countries)


def areas(one: Subject) -> Iterator[Literal]:
    """Places in words, in every language."""
    return (text for area in one.study.areas for text in literals(area))


def publishers(one: Subject) -> Iterator[Node]:
    """The publisher."""
    if one.publisher is not None:
        yield Node(one.node("publisher"), ORGANISATION, one.publisher)


def contacts(one: Subject) -> Iterator[Node]:
    """Whom to ask."""
    if one.contact is not None:
        yield Node(one.node("contact"), CONTACT, one.contact)


def _agents(one: Subject, role: str) -> Iterator[Node]:
    found = [agent for agent in one.study.agents if agent.role == role and any(literals(agent.name))]
    return (Node(_agent_uri(one, agent, number), AGENT, agent) for number, agent in enumerate(found, 1))


def _agent_uri(one: Subject, agent: Agent, number: int) -> URIRef:
    return item_uri(one.base, agent.item) if agent.item else one.node(f"{agent.role}-{number}")


def _funding(one: Subject) -> Iterator[Node]:
    for number, agent in enumerate(_agents(one, "funder"), 1):
        yield Node(one.node(f"funding-{number}"), ATTRIBUTION, Attribution(agent, _FUNDER, agent.source.grant))


def _identifiers(one: Subject) -> Iterator[Node]:
    yield Node(one.node("identifier"), _URN, one)


_URN: Final[Shape[Subject]] = Shape((ADMS.Identifier,), (Row(SKOS.notation, lambda one: urns(one)),))


def urns(one: Subject) -> Iterator[Literal]:
    """The URN; of biosamples their address, as DDI gives them none."""
    yield Literal(str(one.uri) if one.part else one.study.identification.urn, datatype=XSD.anyURI)


def provenance(one: Subject) -> Iterator[Node]:
    """How the data came about: as the settings say, else how they were collected."""
    text = one.said.provenance
    events = [event for event in one.study.collections if _told_of(event)]
    if text:
        yield Node(one.node("provenance"), PROVENANCE, text)
    else:
        yield from (Node(one.node(f"provenance-{at}"), PROVENANCE, _told_of(e)) for at, e in enumerate(events, 1))


def _told_of(event: Collection) -> object:
    return event.situation or event.label


def _series(one: Subject) -> Iterator[URIRef]:
    return (dataset_uri(one.base, each.identification, each.type) for each in one.study.cohorts)


def _previous(one: Subject) -> Iterator[URIRef]:
    if one.study.previous is not None:
        yield dataset_uri(one.base, one.study.previous, one.study.type)


def _biosamples(one: Subject) -> Iterator[Node]:
    if one.study.has_biosamples and not one.part:
        part = one.as_part(BIOSAMPLES)
        yield Node(part.uri, DATASET, part)


def _whole(one: Subject) -> Iterator[URIRef]:
    if one.part:
        yield dataset_uri(one.base, one.study.identification, one.study.type)


# --- datasets and series ----------------------------------------------------------------------------------------------

TITLE: Final = Place(Message("titre", "title"), "r:Citation/r:Title")
DESCRIPTION: Final = Place(Message("description", "description"), "r:Abstract")
CONTACT_POINT: Final = Place(Message("point de contact", "contact point"), setting="contact")
PUBLISHER: Final = Place(Message("diffuseur", "publisher"), "r:Citation/r:Publisher", "publisher")
SPATIAL: Final = Place(Message("pays couvert", "country covered"), "r:Coverage/r:SpatialCoverage/r:CountryCode")
KEYWORD: Final = Place(Message("mots-clés", "keywords"), "r:Coverage/r:TopicalCoverage/r:Keyword")
HANDED_OUT: Final = Place(Message("données remises", "data handed out"), "pi:PhysicalInstance", "data")
THEME: Final = Place(Message("thème", "theme"), setting="themes")
TEMPORAL: Final = Place(Message("période couverte", "period covered"), "r:Coverage/r:TemporalCoverage/r:ReferenceDate")

LEGISLATION: Final = Place(Message("législation applicable", "applicable legislation"), setting="legislation")
ACCESS_RIGHTS: Final = Place(Message("droits d’accès", "access rights"), setting="access_rights")
IDENTIFIER: Final = Place(Message("identifiant", "identifier"), "r:URN")
FUNDERS: Final = Place(Message("financeurs", "funders"), "r:FundingInformation")
CREATORS: Final = Place(Message("créateurs", "creators"), "r:Citation/r:Creator")
ALTERNATIVE: Final = Place(Message("autres titres", "alternate titles"), "r:Citation/r:AlternateTitle")
ISSUED: Final = Place(Message("date de publication", "date of publication"), "r:Citation/r:PublicationDate")
LANGUAGES: Final = Place(Message("langues des textes", "languages of the texts"), "@xml:lang")
CHANGED: Final = Place(Message("dernière modification", "last change"))
PAGE: Final = Place(Message("page du catalogue", "page of the catalogue"))
VERSION: Final = Place(Message("version", "version"), "r:Version")
COHORT_OF: Final = Place(Message("cohorte", "cohort"), "g:Group")
TYPE: Final = Place(Message("type de données", "type of dataset"), setting="type")
PROVENANCE_OF: Final = Place(
    Message("provenance des données", "provenance of the data"), "d:CollectionEvent/d:CollectionSituation", "provenance"
)
SAMPLE: Final = Place(
    Message("échantillon ou dictionnaire des données", "sample or data dictionary"), "l:Variable", "samples"
)
_CONTRIBUTORS: Final = Place(Message("contributeurs", "contributors"), "r:Citation/r:Contributor")
_PLACES: Final = Place(
    Message("lieux en toutes lettres", "places in words"), "r:Coverage/r:SpatialCoverage/r:Description"
)
_FREQUENCY: Final = Place(Message("fréquence de mise à jour", "frequency of updates"), setting="frequency")
_HOMEPAGE: Final = Place(Message("site de la cohorte", "home page of the cohort"), setting="homepage")
_PAGES: Final = Place(
    Message("page du catalogue et documents", "page of the catalogue and documents"),
    "r:OtherMaterial/r:ExternalURLReference",
)
_PREVIOUS: Final = Place(Message("version précédente", "previous version"), "r:Version")
_POLICY: Final = Place(Message("conditions d’usage (DUO)", "conditions of use (DUO)"), setting="duo")
BIOSAMPLES_OF: Final = Place(
    Message("échantillons biologiques", "biological samples"), "r:KindOfData, d:ModeOfCollection", "biosamples"
)
_FIRST: Final = Place(Message("première vague", "first wave"), "s:StudyUnit")
_ORDER: Final = Place(Message("ordre des vagues", "order of waves"), "s:StudyUnit")
_ENTRY: Final = Place(Message("entrée du catalogue", "entry of the catalogue"))
_LAST: Final = Place(Message("dernière vague", "last wave"), "s:StudyUnit")

# What a series and a dataset have in common.
_COMMON: Final[tuple[Row[Subject], ...]] = (
    Row(DCT.title, titles, Need.MANDATORY, TITLE, _name),
    Row(DCT.description, descriptions, Need.MANDATORY, DESCRIPTION, lambda one: (*titles(one),) or (*_name(one),)),
    Row(DCAT.contactPoint, contacts, Need.RECOMMENDED, CONTACT_POINT, leads=(CONTACT,)),
    Row(DCT.publisher, publishers, Need.RECOMMENDED, PUBLISHER, leads=(ORGANISATION,)),
    Row(DCT.spatial, places, Need.RECOMMENDED, SPATIAL, leads=(LOCATION,)),
    Row(DDIL.place, areas, place=_PLACES),
    Row(DCT.temporal, periods, Need.RECOMMENDED, TEMPORAL, leads=(PERIOD,)),
    Row(DCAT.keyword, keywords, Need.RECOMMENDED, KEYWORD),
    Row(DCAT.theme, themes, Need.RECOMMENDED, THEME, leads=(CONCEPT,)),
    Row(DCATAP.applicableLegislation, legislation, place=LEGISLATION, leads=(LEGAL_RESOURCE,)),
    Row(DCT.accessRights, access_rights, place=ACCESS_RIGHTS, leads=(RIGHTS,)),
    Row(DCT.accrualPeriodicity, lambda one: coded("frequency", one.said.frequency, shape=FREQUENCY),
        place=_FREQUENCY, leads=(FREQUENCY,)),
    Row(DCT.alternative, lambda one: (text for each in one.study.alternate_titles for text in literals(each)),
        place=ALTERNATIVE),
    Row(DCT.creator, lambda one: _agents(one, "creator"), place=CREATORS, leads=(AGENT,)),
    Row(DCT.contributor, lambda one: _agents(one, "contributor"), place=_CONTRIBUTORS, leads=(AGENT,)),
    Row(PROV.qualifiedAttribution, _funding, place=FUNDERS, leads=(ATTRIBUTION,)),
    Row(DCT.identifier, urns, place=IDENTIFIER),
    Row(DCT.issued, lambda one: tuple(_issued(one))[:1], place=ISSUED),
    Row(DCT.modified, lambda one: moment(one.study.changed_at), place=CHANGED),
    Row(DCT.language, lambda one: languages(one.study.languages), place=LANGUAGES, leads=(LANGUAGE,)),
    Row(DCAT.landingPage, lambda one: told(DOCUMENT, one.said.homepage or one.page), place=_HOMEPAGE,
        leads=(DOCUMENT,)),
    Row(FOAF.page, lambda one: told(DOCUMENT, one.page, *(uri for paper in one.study.materials for uri in paper.uris)),
        place=_PAGES, leads=(DOCUMENT,)),
    Row(DCAT.version, lambda one: plain(one.study.identification.version), place=VERSION),
    Row(DCAT.previousVersion, _previous, place=_PREVIOUS),
    Row(ODRL.hasPolicy, policy, place=_POLICY, leads=(OFFER,)),
    *documented.ROWS,
)  # fmt: skip

DATASET: Final[Shape[Subject]] = Shape(
    (DCAT.Dataset, DCAT.Resource),
    (
        *_COMMON,
        Row(DCAT.distribution, lambda one: shaped(DISTRIBUTION, distributions(one)), Need.RECOMMENDED, HANDED_OUT,
            leads=(DISTRIBUTION,)),
        Row(DCAT.inSeries, _series, place=COHORT_OF),
        Row(ADMS.identifier, _identifiers, place=IDENTIFIER, leads=(_URN,)),
        Row(DCT.type, types, place=TYPE, leads=(CONCEPT,)),
        Row(DCT.provenance, provenance, place=PROVENANCE_OF, leads=(PROVENANCE,)),
        Row(ADMS.sample, lambda one: shaped(DOCUMENTATION, samples(one)), place=SAMPLE, leads=(DOCUMENTATION,)),
        # A dataset like this one, which the table does not tell again.
        Row(DCT.hasPart, _biosamples, place=BIOSAMPLES_OF),
        Row(DCT.isPartOf, _whole, place=BIOSAMPLES_OF),
    ),
)  # fmt: skip


def _issued(one: Subject) -> Iterator[Literal]:
    written = one.study.publication_date
    yield from date(written.start if written else None)
    yield from moment(one.study.published_at)


@dataclass(frozen=True, slots=True)
class _Member:
    """A wave among the waves of its cohort."""

    series: Subject
    before: Named | None
    after: Named | None


def _link(member: _Member, to: Named | None) -> Iterator[URIRef]:
    if to is not None:
        yield dataset_uri(member.series.base, to.identification)


MEMBER: Final[Shape[_Member]] = Shape(
    (),
    (
        Row(DCAT.inSeries, lambda one: (one.series.uri,), place=_ORDER),
        Row(DCAT.prev, lambda one: _link(one, one.before), place=_ORDER),
        Row(DCAT.next, lambda one: _link(one, one.after), place=_ORDER),
    ),
)


def _members(one: Subject) -> Iterator[Node]:
    waves: Sequence[Named | None] = (None, *one.study.waves, None)
    for before, wave, after in zip(waves, waves[1:], waves[2:], strict=False):
        if wave is not None:
            yield Node(dataset_uri(one.base, wave.identification), MEMBER, _Member(one, before, after))


def _end(one: Subject, at: int) -> Iterator[URIRef]:
    if one.study.waves:
        yield dataset_uri(one.base, one.study.waves[at].identification)


SERIES: Final[Shape[Subject]] = Shape(
    (DCAT.DatasetSeries, DCAT.Resource),
    (
        *_COMMON,
        Row(DCAT.first, lambda one: _end(one, 0), place=_FIRST),
        Row(DCAT.last, lambda one: _end(one, -1), place=_LAST),
    ),
)


_INTRODUCING: Final = (DCT.title, DCT.description, DCATAP.applicableLegislation)
INTRODUCED: Final[Shape[Subject]] = Shape(
    SERIES.types, tuple(row for row in SERIES.rows if row.predicate in _INTRODUCING)
)
"""A series where its waves tell of it: what shapes ask of whatever is one, and no more."""


def subject_shape(one: Subject) -> Shape[Subject]:
    """A series for a cohort, a dataset for a wave."""
    return SERIES if one.is_cohort else DATASET


# --- records


RECORD: Final[Shape[Subject]] = Shape(
    (DCAT.CatalogRecord,),
    (
        Row(FOAF.primaryTopic, lambda one: (one.uri,), place=_ENTRY),
        Row(DCT.modified, lambda one: moment(one.study.changed_at or one.study.published_at), place=_ENTRY),
        Row(DCT.issued, lambda one: moment(one.study.published_at), place=_ENTRY),
        Row(DCT.conformsTo, lambda _: told(STANDARD, PROFILE), place=_ENTRY, leads=(STANDARD,)),
        Row(DCT.language, lambda one: languages(one.study.languages), place=_ENTRY, leads=(LANGUAGE,)),
        Row(DCT.title, titles, place=_ENTRY),
        Row(FOAF.page, lambda one: told(DOCUMENT, one.page), place=_ENTRY, leads=(DOCUMENT,)),
    ),
)


def record_uri(base: str, named: Named) -> URIRef:
    """The address of the catalogue's entry of a study."""
    return item_uri(base, named.identification) + "#record"


def nodes(one: Subject) -> tuple[Node, ...]:
    """The dataset or series, its entry in the catalogue, the way to its distributions, the order of waves."""
    entry = Node(one.node("record"), RECORD, one)
    found = tuple(uri for uri, _ in distributions(one)) if not one.is_cohort else ()
    inside = container(one.node("distributions"), one.uri, DCAT.distribution, _DISTRIBUTIONS, found)
    return (Node(one.uri, subject_shape(one), one), entry, *inside, *_members(one))


def introduction(cohort: StudyDescription, said: CohortMetadata, base: str) -> Iterator[Triple]:
    """What a wave's document says of the series that it is in. Arguments as of ``study_triples``."""
    one = Subject(cohort, said, base)
    return described(Node(one.uri, INTRODUCED, one))


def study_triples(study: StudyDescription, said: CohortMetadata, base: str) -> Iterator[Triple]:
    """A cohort or wave as DCAT-AP 3.0.1, each triple once.

    Args:
        study: a Group or StudyUnit.
        said: what the settings add for it.
        base: root of every address, without trailing slash.
    """
    found = (triple for node in nodes(Subject(study, said, base)) for triple in described(node))
    return iter(dict.fromkeys(found))
