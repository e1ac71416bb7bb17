"""What HealthDCAT-AP adds to DCAT-AP, with the duties of the French Health Data Hub's tier for sensitive data.

Only what DCAT-AP's table does not say, or asks for less strictly, is a row here. ``dpv:hasLegalBasis`` is meant where
the French shapes spell ``dqv:hasLegalBasis``, which is no term of the Data Quality Vocabulary.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rdflib import XSD, Literal

from catalogue.model.cataloguing import CohortMetadata, Organisation
from catalogue.model.report import Message
from catalogue.model.study import StudyDescription
from catalogue.rdf import dcat
from catalogue.rdf import distributions as handed
from catalogue.rdf.nodes import (
    CONCEPT,
    CONTACT,
    DOCUMENT,
    FILE_TYPE,
    LABELLED_RIGHTS,
    LEGAL_RESOURCE,
    LOCATION,
    ORGANISATION,
    PERIOD,
    PROVENANCE,
    RIGHTS,
    coded,
    marked,
    told,
)
from catalogue.rdf.shapes import (
    Need,
    Node,
    Place,
    Row,
    Shape,
    Triple,
    count,
    described,
    literals,
    mail,
)
from catalogue.rdf.subjects import BIOSAMPLES, Handed, Subject
from catalogue.rdf.vocabularies import ADMS, DCAT, DCATAP, DCT, DPV, FOAF, HEALTH

_INDIVIDUAL: Final = "individual"
_BIOBANKS: Final = "EINS"


def _place(fr: str, en: str, setting: str = "", ddi: str = "") -> Place:
    return Place(Message(fr, en), ddi, setting)


# --- agents


def _agent_rows(key: str, fr: str, en: str) -> tuple[Row[Organisation], ...]:
    return (
        Row(FOAF.homepage, lambda one: told(DOCUMENT, one.homepage), Need.MANDATORY,
            _place(f"site {fr}", f"home page of {en}", f"{key}.homepage"), leads=(DOCUMENT,)),
        Row(FOAF.mbox, lambda one: mail(one.email), Need.MANDATORY,
            _place(f"courriel {fr}", f"e-mail of {en}", f"{key}.email")),
    )  # fmt: skip


HDAB: Final[Shape[Organisation]] = Shape(
    ORGANISATION.types,
    (*ORGANISATION.rows[:1], *_agent_rows("hdab", "de l’organisme d’accès", "the health data access body")),
)
PUBLISHER: Final[Shape[Organisation]] = Shape(
    ORGANISATION.types,
    (
        *_agent_rows("publisher", "du diffuseur", "the publisher"),
        Row(HEALTH.publisherType, lambda one: coded("publisher-type", one.health_type), Need.MANDATORY,
            _place("type de détenteur de données", "type of data holder", "publisher.health_type"), leads=(CONCEPT,)),
        Row(HEALTH.publisherNote, lambda one: literals(one.note), Need.MANDATORY,
            _place("présentation du diffuseur", "note on the publisher", "publisher.note")),
        Row(HEALTH.trustedDataHolder, lambda one: _truth(one.trusted_data_holder), Need.MANDATORY,
            _place("détenteur de données de confiance", "trusted data holder", "publisher.trusted_data_holder")),
    ),
)  # fmt: skip


def _truth(value: bool | None) -> Iterator[Literal]:
    if value is not None:
        yield Literal(value, datatype=XSD.boolean)


def _publishers(one: Subject) -> Iterator[Node]:
    if one.publisher is not None:
        yield Node(one.node("publisher"), PUBLISHER, one.publisher)


def _hdabs(one: Subject) -> Iterator[Node]:
    if one.said.hdab is not None:
        yield Node(one.node("hdab"), HDAB, one.said.hdab)


# --- distributions


DISTRIBUTION: Final[Shape[Handed]] = Shape(
    (),
    (
        Row(DCATAP.applicableLegislation, lambda one: handed.legislation(one.subject), Need.MANDATORY,
            dcat.LEGISLATION, leads=(LEGAL_RESOURCE,)),
        Row(DCAT.byteSize, handed.byte_sizes, Need.MANDATORY,
            _place("taille des données en octets", "size of the data in bytes", "data.byte_size")),
        Row(DCT["format"], handed.file_types, Need.MANDATORY,
            _place("format des données", "format of the data", "data.format"), leads=(FILE_TYPE,)),
        Row(DCT.rights, handed.rights, Need.MANDATORY,
            _place("droits d’usage", "rights of use", "rights", "a:Access/a:AccessConditions"),
            leads=(LABELLED_RIGHTS,)),
    ),
)  # fmt: skip


# --- datasets


PURPOSE: Final[Shape[Subject]] = Shape((DPV.Purpose,), (Row(DCT.description, lambda one: literals(one.study.purpose)),))


def _purposes(one: Subject) -> Iterator[Node]:
    yield from coded("purpose", *one.said.purposes)
    if any(literals(one.study.purpose)):
        yield Node(one.node("purpose"), PURPOSE, one)


def _categories(one: Subject) -> Iterator[Node]:
    codes = one.said.health_categories
    return coded("health-category", *dict.fromkeys((*codes, _BIOBANKS) if one.part and codes else codes))


def _records(one: Subject) -> Iterator[Literal]:
    cases = [file.records or file.cases or 0 for file in one.study.files]
    return iter(()) if one.part else count(one.said.records if one.said.records is not None else sum(cases) or None)


def _individuals(one: Subject) -> Iterator[Literal]:
    """As the settings say; else the cases of the only file, where a case is an individual."""
    cases = [file.cases for file in one.study.files]
    units = [unit.code.lower() for unit in one.study.analysis_units]
    derived = cases[0] if len(cases) == 1 and units == [_INDIVIDUAL] else None
    return iter(()) if one.part else count(one.said.individuals if one.said.individuals is not None else derived)


def _population(one: Subject) -> Iterator[Literal]:
    if one.said.population:
        return literals(one.said.population)
    return (text for each in one.study.universes for text in literals(each.description or each.label))


def _retention(one: Subject) -> Iterator[Node]:
    if one.said.retention is not None:
        yield Node(one.node("retention"), PERIOD, one.said.retention)


_MARKED: Final = marked()
_HANDED: Final[Shape[Handed]] = Shape(())

DATASET: Final[Shape[Subject]] = Shape(
    (DCAT.Dataset,),
    (
        Row(DCT.accessRights, dcat.access_rights, Need.MANDATORY,
            dcat.ACCESS_RIGHTS, leads=(RIGHTS,)),
        Row(DCATAP.applicableLegislation, handed.legislation, Need.MANDATORY,
            dcat.LEGISLATION, leads=(LEGAL_RESOURCE,)),
        Row(DCAT.contactPoint, dcat.contacts, Need.MANDATORY, dcat.CONTACT_POINT, leads=(CONTACT,)),
        Row(DCAT.distribution, lambda one: handed.shaped(DISTRIBUTION, handed.distributions(one)), Need.MANDATORY,
            _place("données remises", "data handed out", "data", "pi:PhysicalInstance"), leads=(DISTRIBUTION,)),
        Row(DCT.spatial, dcat.places, Need.MANDATORY, dcat.SPATIAL, leads=(LOCATION,)),
        Row(DCT.identifier, dcat.urns, Need.MANDATORY, dcat.IDENTIFIER),
        Row(DCAT.keyword, dcat.keywords, Need.MANDATORY, dcat.KEYWORD),
        Row(DCT.provenance, dcat.provenance, Need.MANDATORY,
            dcat.PROVENANCE_OF, leads=(PROVENANCE,)),
        Row(DCT.publisher, _publishers, Need.MANDATORY, dcat.PUBLISHER, leads=(PUBLISHER,)),
        Row(ADMS.sample, lambda one: handed.shaped(_HANDED, handed.samples(one)), Need.MANDATORY,
            dcat.SAMPLE, leads=(_HANDED,)),
        Row(DCAT.theme, dcat.themes, Need.MANDATORY, dcat.THEME, leads=(CONCEPT,)),
        Row(DCT.type, dcat.types, Need.MANDATORY, dcat.TYPE, leads=(CONCEPT,)),
        Row(DPV.hasPurpose, _purposes, Need.MANDATORY, _place("finalité", "purpose", "purposes", "r:Purpose"),
            leads=(CONCEPT, PURPOSE)),
        Row(HEALTH.hdab, _hdabs, Need.MANDATORY,
            _place("organisme d’accès aux données de santé", "health data access body", "hdab"), leads=(HDAB,)),
        Row(HEALTH.healthCategory, _categories, Need.MANDATORY,
            _place("catégorie de données de santé", "health category", "health_categories"), leads=(CONCEPT,)),
        Row(HEALTH.healthTheme, lambda one: coded("health-theme", *one.said.health_themes), Need.MANDATORY,
            _place("thème de santé", "health theme", "health_themes"), leads=(CONCEPT,)),
        Row(DPV.hasLegalBasis, lambda one: coded("legal-basis", *one.said.legal_bases), Need.RECOMMENDED,
            _place("base légale", "legal basis", "legal_bases"), leads=(CONCEPT,)),
        Row(DPV.hasPersonalData, lambda one: coded("personal-data", *one.said.personal_data), Need.RECOMMENDED,
            _place("données personnelles", "personal data", "personal_data"), leads=(CONCEPT,)),
        Row(HEALTH.populationCoverage, _population, Need.RECOMMENDED,
            _place("population couverte", "population covered", "population", "r:UniverseReference")),
        Row(HEALTH.numberOfRecords, _records, Need.RECOMMENDED,
            _place("nombre d’enregistrements", "number of records", "records",
                   "pi:GrossFileStructure/pi:CaseQuantity")),
        Row(HEALTH.numberOfUniqueIndividuals, _individuals, Need.RECOMMENDED,
            _place("nombre de personnes", "number of individuals", "individuals")),
        Row(HEALTH.minTypicalAge, lambda one: count(one.said.min_age), Need.RECOMMENDED,
            _place("âge minimal", "minimum age", "min_age")),
        Row(HEALTH.maxTypicalAge, lambda one: count(one.said.max_age), Need.RECOMMENDED,
            _place("âge maximal", "maximum age", "max_age")),
        Row(HEALTH.hasCodingSystem, lambda one: told(_MARKED, *one.said.coding_systems),
            place=_place("systèmes de codage", "coding systems", "coding_systems"), leads=(_MARKED,)),
        Row(HEALTH.retentionPeriod, _retention,
            place=_place("durée de conservation", "retention period", "retention"), leads=(PERIOD,)),
        Row(HEALTH.analytics, lambda one: handed.shaped(handed.DOCUMENTATION, handed.analytics(one)),
            place=_place("analyses des données", "analyses of the data", "analytics"), leads=(handed.DOCUMENTATION,)),
        Row(DCT.hasPart, lambda one: _biosamples(one), place=dcat.BIOSAMPLES_OF),
    ),
)  # fmt: skip


def _biosamples(one: Subject) -> Iterator[Node]:
    if one.study.has_biosamples and not one.part:
        part = one.as_part(BIOSAMPLES)
        yield Node(part.uri, DATASET, part)


SERIES: Final[Shape[Subject]] = Shape(
    (),
    (
        Row(DCATAP.applicableLegislation, handed.legislation, Need.MANDATORY,
            dcat.LEGISLATION, leads=(LEGAL_RESOURCE,)),
    ),
)  # fmt: skip


def node(one: Subject) -> Node:
    """What HealthDCAT-AP says of a dataset or series."""
    return Node(one.uri, SERIES if one.is_cohort else DATASET, one)


def study_triples(study: StudyDescription, said: CohortMetadata, base: str) -> Iterator[Triple]:
    """A cohort or wave as HealthDCAT-AP, which is DCAT-AP with more; each triple once. As ``dcat.study_triples``."""
    one = Subject(study, said, base)
    found = (triple for each in (*dcat.nodes(one), node(one)) for triple in described(each))
    return iter(dict.fromkeys(found))
