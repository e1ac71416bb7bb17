"""What of a cohort or wave DCAT-AP has no word for: how its data were collected, under which conditions they can be
had, what else is kept of it. The rows stand in the tables of datasets and series beside those of ``dcat``.

Properties of disco are not used here: their domains are studies, and a dataset is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from rdflib import RDF, Literal, URIRef

from catalogue.model.contents import Period
from catalogue.model.report import Message
from catalogue.model.study import Access, Agent, Collection, Material, Named, StudyNote, Term, Universe
from catalogue.rdf.nodes import AGENT, PERIOD, is_dated
from catalogue.rdf.shapes import Node, Place, Row, Shape, addresses, date, literals, plain
from catalogue.rdf.subjects import Subject, item_uri, words
from catalogue.rdf.vocabularies import ADMS, DC, DCT, DDIL, DISCO, FOAF, PROV, RDFS, SKOS

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Held(Generic[S]):
    """Something that a study holds, with its address and the root of all addresses."""

    uri: URIRef
    base: str
    one: S

    def node(self, name: str) -> URIRef:
        """A node inside it."""
        return URIRef(f"{self.uri}{'-' if '#' in self.uri else '#'}{name}")


# --- words of lists ---------------------------------------------------------------------------------------------------


def _word(*types: URIRef) -> Shape[Term]:
    return Shape(
        types,
        (
            Row(SKOS.prefLabel, lambda one: literals(words(one.label)), otherwise=lambda one: plain(one.code)),
            Row(SKOS.notation, lambda one: plain(one.code)),
            Row(SKOS.inScheme, lambda one: addresses(one.vocabulary_uri)),
            Row(DDIL.vocabulary, lambda one: plain(one.vocabulary)),
        ),
    )


WORD: Final = _word(SKOS.Concept)
"""A word of a list: its code, its description, the list."""


def worded(at: Callable[[str], URIRef], name: str, found: Iterable[Term]) -> Iterator[Node]:
    """Each word once, as a node ``name`` and its number."""
    return (Node(at(f"{name}-{number}"), WORD, term) for number, term in enumerate(dict.fromkeys(found), 1))


def modes(one: Subject) -> Iterator[Node]:
    """How the data were collected: each mode of the collections once. ``disco:collectionMode`` is of questionnaires."""
    found = (mode for event in one.study.collections for mode in event.modes)
    return worded(one.node, "mode", () if one.part else found)


# --- agents, periods --------------------------------------------------------------------------------------------------


def agents(held: Held[Any], role: str, found: Iterable[Agent]) -> Iterator[Node]:
    """Agents by their item, else as nodes of what names them."""
    for number, agent in enumerate((one for one in found if any(literals(one.name))), 1):
        uri = item_uri(held.base, agent.item) if agent.item else held.node(f"{role}-{number}")
        yield Node(uri, AGENT, agent)


def dated(held: Held[Any], found: Iterable[Period]) -> Iterator[Node]:
    """Periods of which is known when they were."""
    return (Node(held.node(f"period-{at}"), PERIOD, one) for at, one in enumerate(found, 1) if is_dated(one))


# --- collections ------------------------------------------------------------------------------------------------------

Event = Held[Collection]
ACTIVITY: Final[Shape[Event]] = Shape(
    (PROV.Activity,),
    (
        Row(RDFS.label, lambda held: literals(held.one.label)),
        Row(DCT.description, lambda held: literals(held.one.description)),
        Row(DCT.temporal, lambda held: dated(held, held.one.periods), leads=(PERIOD,)),
        Row(DDIL.modeOfCollection, lambda held: worded(held.node, "mode", held.one.modes), leads=(WORD,)),
        Row(DDIL.samplingProcedure, lambda held: worded(held.node, "sampling", held.one.sampling), leads=(WORD,)),
        Row(DDIL.timeMethod, lambda held: worded(held.node, "time-method", held.one.time_method), leads=(WORD,)),
        Row(DDIL.collectionSituation, lambda held: literals(held.one.situation)),
        Row(DDIL.collectionFrequency, lambda held: literals(held.one.frequency)),
        Row(DDIL.dataCollectionMethodology, lambda held: literals(held.one.methodology)),
        Row(DDIL.weighting, lambda held: literals(held.one.weighting)),
        Row(DDIL.deviationFromSampleDesign, lambda held: literals(held.one.deviations)),
        Row(DDIL.actionToMinimizeLosses, lambda held: literals(held.one.losses)),
        Row(PROV.used, lambda held: links(held.base, held.one.instruments)),
        Row(PROV.wasAssociatedWith, lambda held: agents(held, "collector", held.one.collectors), leads=(AGENT,)),
    ),
)


def links(base: str, found: Iterable[Named]) -> Iterator[URIRef]:
    """Other items."""
    return (item_uri(base, one.identification) for one in found)


def _activities(one: Subject) -> Iterator[Node]:
    for event in one.study.collections:
        uri = item_uri(one.base, event.identification)
        yield Node(uri, ACTIVITY, Held(uri, one.base, event))


# --- access -----------------------------------------------------------------------------------------------------------

ACCESS: Final[Shape[Held[Access]]] = Shape(
    (DDIL.Access,),
    (
        Row(SKOS.prefLabel, lambda held: literals(words(held.one.label))),
        Row(DCT.description, lambda held: literals(held.one.description)),
        Row(DDIL.typeOfAccess, lambda held: worded(held.node, "type", held.one.terms), leads=(WORD,)),
        Row(DDIL.accessRestrictions, lambda held: literals(held.one.restrictions)),
        Row(DDIL.accessConditions, lambda held: literals(held.one.conditions)),
        Row(DDIL.accessPermission, lambda held: literals(held.one.permission)),
        Row(DDIL.confidentialityStatement, lambda held: literals(held.one.confidentiality)),
        Row(DDIL.citationRequirement, lambda held: literals(held.one.citation)),
        Row(DDIL.depositRequirement, lambda held: literals(held.one.deposit)),
        Row(DDIL.disclaimer, lambda held: literals(held.one.disclaimer)),
        Row(DCT.available, lambda held: _available(held.one.available_from)),
        Row(DDIL.contact, lambda held: agents(held, "contact", held.one.contacts), leads=(AGENT,)),
        Row(FOAF.page, lambda held: addresses(held.one.homepage)),
    ),
)


def _available(period: Period | None) -> Iterator[Literal]:
    """From when on: the end of a restriction, else its only date."""
    return date((period.end or period.start) if period else None)


def _access(one: Subject) -> Iterator[Node]:
    for number, access in enumerate(one.study.access, 1):
        uri = one.node(f"access-{number}")
        yield Node(uri, ACCESS, Held(uri, one.base, access))


# --- what else is kept ------------------------------------------------------------------------------------------------

UNIVERSE: Final[Shape[Universe]] = Shape(
    (DISCO.Universe,),
    (
        Row(SKOS.prefLabel, lambda one: literals(words(one.label))),
        Row(SKOS.definition, lambda one: literals(one.description)),
    ),
)
_IDENTIFIER: Final[Shape[tuple[str, str]]] = Shape(
    (ADMS.Identifier,),
    (Row(SKOS.notation, lambda one: plain(one[1])), Row(ADMS.schemaAgency, lambda one: plain(one[0]))),
)
_USER_ID: Final[Shape[tuple[str, str]]] = Shape(
    (ADMS.Identifier,),
    (Row(SKOS.notation, lambda one: plain(one[1])), Row(DDIL.typeOfUserID, lambda one: plain(one[0]))),
)
_PAIR: Final[Shape[tuple[str, str]]] = Shape(
    (), (Row(DDIL.key, lambda one: plain(one[0])), Row(RDF.value, lambda one: plain(one[1])))
)
MATERIAL: Final[Shape[Held[Material]]] = Shape(
    (DDIL.OtherMaterial,),
    (
        Row(DCT.title, lambda held: literals(held.one.title)),
        Row(DCT.description, lambda held: literals(held.one.description)),
        Row(DCT.type, lambda held: worded(held.node, "type", _told(held.one.type)), leads=(WORD,)),
        Row(FOAF.page, lambda held: addresses(*held.one.uris)),
        Row(DC["format"], lambda held: plain(held.one.media_type)),
        Row(DCT.issued, lambda held: date(held.one.publication_date.start if held.one.publication_date else None)),
        Row(ADMS.identifier, lambda held: _identified(held.node, held.one.identifiers), leads=(_IDENTIFIER,)),
    ),
)
NOTE: Final[Shape[StudyNote]] = Shape(
    (DDIL.Note,),
    (
        Row(DDIL.typeOf, lambda one: plain(one.type)),
        Row(DCT.title, lambda one: literals(one.header)),
        Row(RDF.value, lambda one: literals(one.content)),
    ),
)


def _told(term: Term) -> tuple[Term, ...]:
    return (term,) if term.code or term.label else ()


def _identified(at: Callable[[str], URIRef], found: Iterable[tuple[str, str]]) -> Iterator[Node]:
    return (Node(at(f"identifier-{number}"), _IDENTIFIER, one) for number, one in enumerate(found, 1))


def _identifiers(one: Subject) -> Iterator[Node]:
    yield from _identified(one.node, one.study.identifiers)
    for number, pair in enumerate(one.study.user_ids, 1):
        yield Node(one.node(f"user-id-{number}"), _USER_ID, pair)


def _user_attributes(one: Subject) -> Iterator[Node]:
    return (Node(one.node(f"user-attribute-{at}"), _PAIR, pair) for at, pair in enumerate(one.study.user_attributes, 1))


def _universes(one: Subject) -> Iterator[Node]:
    return (Node(item_uri(one.base, each.identification), UNIVERSE, each) for each in one.study.universes)


def _materials(one: Subject) -> Iterator[Node]:
    for material in one.study.materials:
        uri = item_uri(one.base, material.identification)
        yield Node(uri, MATERIAL, Held(uri, one.base, material))


def _notes(one: Subject) -> Iterator[Node]:
    return (Node(one.node(f"note-{number}"), NOTE, note) for number, note in enumerate(one.study.notes, 1))


def _subjects(one: Subject) -> Iterator[Node]:
    """Subjects and keywords that are coded; ``dcat:keyword`` has the words of all."""
    found = (*one.study.subject_terms, *one.study.keyword_terms)
    return worded(one.node, "subject", (term for term in found if term.code or term.vocabulary_uri))


# --- the table --------------------------------------------------------------------------------------------------------


def _row(
    predicate: URIRef,
    fr: str,
    en: str,
    ddi: str,
    values: Callable[[Subject], Iterable[URIRef | Literal | Node]],
    *leads: Shape[Any],
) -> Row[Subject]:
    """A row for the whole of a study; what was sampled in it, a part, says none of this again."""
    return Row(
        predicate,
        lambda one: () if one.part else values(one),
        place=Place(Message(fr, en), ddi),
        leads=leads,
    )


ROWS: Final[tuple[Row[Subject], ...]] = (
    _row(DDIL.name, "nom", "name", "r:StudyUnitName, g:GroupName",
         lambda one: plain(one.study.name)),
    _row(DCT.alternative, "sous-titre", "subtitle", "r:Citation/r:SubTitle", lambda one: literals(one.study.subtitle)),
    _row(DDIL.purpose, "objectif", "purpose", "r:Purpose", lambda one: literals(one.study.purpose)),
    _row(DC.rights, "droits d’auteur", "copyright", "r:Citation/r:Copyright",
         lambda one: literals(one.study.copyright)),
    _row(DDIL.seriesName, "nom de la série", "name of the series", "r:SeriesStatement/r:SeriesName",
         lambda one: (text for name in one.study.series for text in literals(name))),
    _row(ADMS.identifier, "autres identifiants", "other identifiers", "r:InternationalIdentifier, r:UserID",
         _identifiers, _IDENTIFIER, _USER_ID),
    _row(DDIL.userAttribute, "attributs d’utilisateur", "user attributes", "r:UserAttributePair", _user_attributes,
         _PAIR),
    _row(DCT.subject, "sujets et mots-clés codés", "coded subjects and keywords",
         "r:Coverage/r:TopicalCoverage/r:Subject, r:Keyword", _subjects, WORD),
    _row(DDIL.modeOfCollection, "modes de collecte", "modes of collection", "d:ModeOfCollection", modes, WORD),
    _row(DDIL.kindOfData, "type de données", "kind of data", "r:KindOfData",
         lambda one: worded(one.node, "kind", one.study.kinds_of_data), WORD),
    _row(DDIL.generalDataFormat, "format général des données", "general data format", "r:GeneralDataFormat",
         lambda one: worded(one.node, "data-format", one.study.data_formats), WORD),
    _row(DDIL.analysisUnit, "unité d’analyse", "unit of analysis", "r:AnalysisUnit",
         lambda one: worded(one.node, "analysis-unit", one.study.analysis_units), WORD),
    _row(DDIL.analysisUnitsCovered, "unités d’analyse en toutes lettres", "units of analysis in words",
         "r:AnalysisUnitsCovered", lambda one: literals(one.study.analysis_units_covered)),
    _row(DISCO.universe, "populations", "universes", "r:UniverseReference", _universes, UNIVERSE),
    _row(PROV.wasGeneratedBy, "collectes : période, mode, échantillonnage, méthode temporelle, instruments",
         "collections: period, mode, sampling, time method, instruments", "d:CollectionEvent, d:Methodology",
         _activities, ACTIVITY),
    _row(DDIL.instrument, "instruments", "instruments", "d:Instrument",
         lambda one: links(one.base, one.study.instruments)),
    _row(DDIL.access, "conditions d’accès", "conditions of access", "a:Access", _access, ACCESS),
    _row(DCT.relation, "questionnaires, publications, rapports", "questionnaires, publications, reports",
         "r:OtherMaterial", _materials, MATERIAL),
    _row(DDIL.note, "notes", "notes", "r:Note", _notes, NOTE),
)  # fmt: skip
