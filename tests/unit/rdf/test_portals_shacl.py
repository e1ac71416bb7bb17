"""DCAT-AP 3.0.1 and HealthDCAT-AP, judged by their shapes: the examples pass, whatever is left out is reported."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from rdflib import RDF, BNode, Graph, Literal, Namespace, URIRef

from catalogue.exposure.cohorts import Cohorts
from catalogue.exposure.portals import Portals, creators_of
from catalogue.model.cataloguing import CatalogueMetadata, CohortMetadata
from catalogue.model.study import Agent, StudyDescription
from catalogue.rdf import convert, dcat, distributions, fdp, healthdcat, schemaorg
from catalogue.rdf.authorities import AUTHORITIES
from catalogue.rdf.completeness import missing, missing_of_catalogue, short
from catalogue.rdf.coverage import coverage
from catalogue.rdf.fdp import Whole
from catalogue.rdf.shapes import Need
from catalogue.rdf.subjects import Subject
from catalogue.rdf.vocabularies import ADMS, DCAT, DCATAP, DCT, DDIL, DPV, FOAF, HEALTH, LDP, ODRL, PROV, SKOS, VCARD
from tests.conftest import SHARED
from tests.unit.rdf.documents import examples
from tests.unit.rdf.looked_up import dpv_terms
from tests.unit.rdf.portals import (
    BASE,
    COHORTS,
    DCAT_AP,
    FRENCH,
    RECOMMENDED,
    SH,
    everything,
    in_graph,
    mandatory,
    of_class,
    portals,
    violations,
)

WAVE = "E3N-W1-SU"
FULL = tuple(name for names in DCAT_AP for name in names)
ASKED = {"dcat-ap": (FULL,), "healthdcat-ap": (FULL, FRENCH)}
Change = Callable[[StudyDescription, CohortMetadata], tuple[StudyDescription, CohortMetadata]]


@pytest.fixture(scope="module")
def of() -> Portals:
    return portals(examples()[0].repository)


@pytest.fixture(scope="module")
def studies(of: Portals) -> Mapping[str, StudyDescription]:
    every = of._studies.describe_many(of._ids(None)).values()
    return {study.identification.identifier: study for study in every}


@pytest.fixture(scope="module")
def cohorts() -> Cohorts:
    return Cohorts(COHORTS)


@pytest.fixture(scope="module")
def graph(studies: Mapping[str, StudyDescription], cohorts: Cohorts, of: Portals) -> Graph:
    return everything(studies.values(), cohorts, of)


@pytest.fixture(scope="module")
def document(of: Portals) -> Graph:
    """The catalogue as portals get it where they ask for no other profile."""
    return in_graph(of.catalogue_triples("healthdcat-ap"))


def told(study: StudyDescription, said: CohortMetadata) -> Graph:
    return in_graph(healthdcat.study_triples(study, said, BASE))


# --- all examples


@pytest.mark.parametrize("names", [*DCAT_AP, FRENCH], ids=lambda names: names[0])
@pytest.mark.usefixtures("shared")
def test_no_shape_reports_a_violation_over_all_examples(document: Graph, names: tuple[str, ...]) -> None:
    assert violations(document, names) == set()


@pytest.mark.usefixtures("shared")
def test_the_point_alone_is_as_the_shapes_say(of: Portals) -> None:
    point = in_graph(fdp.triples(fdp.point_nodes(of.whole())))
    assert violations(point, FULL) | violations(point, FRENCH) == set()
    point.remove((URIRef(f"{BASE}/"), DCT.title, None))
    assert (URIRef(f"{BASE}/"), DCT.title) in violations(point, FULL)


# --- single documents, which portals read one by one


@pytest.mark.usefixtures("shared")
def test_the_catalogue_alone_describes_all_that_it_lists(
    of: Portals, studies: Mapping[str, StudyDescription], document: Graph
) -> None:
    graph = in_graph(of.catalogue_triples("dcat-ap"))
    assert violations(graph, FULL) == set()
    assert set(graph) < set(document)
    catalogue = URIRef(f"{BASE}/catalog")
    waves = {f"{BASE}/id{one.identification.path}#dataset" for one in studies.values() if one.type == "StudyUnit"}
    assert {str(one) for one in graph.objects(catalogue, DCAT.dataset)} == waves
    for predicate, kind in ((DCAT.dataset, DCAT.Dataset), (DCAT.resource, DCAT.DatasetSeries)):
        assert set(graph.objects(catalogue, predicate)) <= of_class(graph, kind)
    assert set(graph.objects(catalogue, DCAT.record)) == of_class(graph, DCAT.CatalogRecord)


@pytest.mark.usefixtures("shared")
def test_what_the_catalogue_only_names_is_reported(of: Portals) -> None:
    catalogue = URIRef(f"{BASE}/catalog")
    named = in_graph(fdp.triples(fdp.catalogue_nodes(of.whole())))
    assert violations(named, FULL) == {(catalogue, DCAT.dataset), (catalogue, DCAT.record)}
    named.remove((URIRef(f"{BASE}/"), RDF.type, DCAT.Catalog))
    assert (catalogue, DCT.isPartOf) in violations(named, FULL)


@pytest.mark.parametrize("identifier", ["E3N-GROUP", "E3N-W1-SU", "DMFSH-W1-SU"])
@pytest.mark.parametrize("profile", ASKED)
@pytest.mark.usefixtures("shared")
def test_a_cohort_or_wave_alone_describes_all_that_it_names(of: Portals, profile: str, identifier: str) -> None:
    graph = in_graph(of.study_triples(stored(of)[identifier], (profile,)))
    for names in ASKED[profile]:
        assert violations(graph, names) == set()
    for series in set(graph.objects(None, DCAT.inSeries)):
        graph.remove((series, RDF.type, None))
    waves = of_class(graph, DCAT.Dataset)
    assert {(wave, DCAT.inSeries) for wave in waves} <= violations(graph, FULL)


def test_a_wave_says_of_its_series_what_the_series_says_of_itself(of: Portals) -> None:
    ids = stored(of)
    own = in_graph(of.study_triples(ids["E3N-GROUP"]))
    series = URIRef(f"{BASE}/id/fr.cohortes-exemples/E3N-GROUP/1.0.0")
    told = in_graph(of.study_triples(ids["E3N-W2-SU"], ("dcat-ap",)))
    said = set(told.triples((series, None, None)))
    assert {one[1] for one in said} == {RDF.type, DCT.title, DCT.description, DCATAP.applicableLegislation}
    assert said <= set(own)
    assert not list(in_graph(of.study_triples(ids["E3N-W2-SU"], ("schema",))).triples((series, DCT.title, None)))


def stored(of: Portals) -> dict[str, int]:
    """The ids of cohorts and waves by identifier."""
    every = (one for cohort in of._repository.cohorts() for one in (cohort, *cohort.waves))
    return {one.item.identification.identifier: one.item.id for one in every}


def test_every_cohort_is_a_series_and_every_wave_a_dataset(
    graph: Graph, studies: Mapping[str, StudyDescription]
) -> None:
    uris = {study.type: set[str]() for study in studies.values()}
    for study in studies.values():
        suffix = "" if study.type == "Group" else "#dataset"
        uris[study.type].add(f"{BASE}/id{study.identification.path}{suffix}")
    assert {str(one) for one in of_class(graph, DCAT.DatasetSeries)} == uris["Group"]
    listed = {str(one) for one in graph.objects(None, DCAT.dataset)}
    assert listed == uris["StudyUnit"] <= {str(one) for one in of_class(graph, DCAT.Dataset)}


def test_waves_follow_one_another(graph: Graph, studies: Mapping[str, StudyDescription]) -> None:
    waves = [f"{BASE}/id/fr.cohortes-exemples/E3N-W{n}-SU/1.0.0#dataset" for n in range(1, 5)]
    series = URIRef(f"{BASE}/id/fr.cohortes-exemples/E3N-GROUP/1.0.0")
    assert (graph.value(series, DCAT["first"]), graph.value(series, DCAT.last)) == (URIRef(waves[0]), URIRef(waves[-1]))
    assert [graph.value(URIRef(one), DCAT.prev) for one in waves] == [None, *map(URIRef, waves[:-1])]
    assert [graph.value(URIRef(one), DCAT.next) for one in waves] == [*map(URIRef, waves[1:]), None]
    assert {graph.value(URIRef(one), DCAT.inSeries) for one in waves} == {series}


def test_there_are_no_blank_nodes_and_the_same_study_gives_the_same_triples(
    studies: Mapping[str, StudyDescription], cohorts: Cohorts
) -> None:
    for write in (dcat.study_triples, healthdcat.study_triples, schemaorg.study_triples):
        for study in studies.values():
            first = list(write(study, cohorts.of(study), BASE))
            assert first == list(write(study, cohorts.of(study), BASE))
            assert len(first) == len(set(first))
            assert not any(isinstance(term, BNode) for triple in first for term in triple)


def test_places_in_words_and_modes_of_collection_are_told(
    studies: Mapping[str, StudyDescription], cohorts: Cohorts
) -> None:
    for identifier in ("DMFSH-GROUP", "DMFSH-W1-SU"):
        study = studies[identifier]
        found = told(study, cohorts.of(study))
        node = Subject(study, cohorts.of(study), BASE).uri
        assert {(str(one), one.language) for one in found.objects(node, DDIL.place) if isinstance(one, Literal)} == {
            ("France, centres de référence neuromusculaires", "fr"),
            ("France, neuromuscular reference centres", "en"),
        }
        modes = {
            (str(found.value(one, SKOS.notation)), *sorted(map(str, found.objects(one, SKOS.prefLabel))))
            for one in found.objects(node, DDIL.modeOfCollection)
        }
        assert {
            ("MeasurementsAndTests.Physical", "Clinical examination", "Examen clinique"),
            ("Other.Biosampling", "Biological sampling", "Prélèvement biologique"),
        } <= modes
        silent = told(replace(study, areas=(), collections=()), cohorts.of(study))
        assert not [*silent.objects(node, DDIL.place), *silent.objects(node, DDIL.modeOfCollection)]


def test_an_item_tells_its_places_in_words(of: Portals) -> None:
    (wave,) = (
        wave
        for cohort in of._repository.cohorts()
        for wave in cohort.waves
        if wave.item.identification.identifier == "DMFSH-W1-SU"
    )
    (resource,) = of._resources.build([wave.item.id])
    found = in_graph(convert.triples(resource, BASE))
    item = URIRef(f"{BASE}/id{wave.item.identification.path}")
    assert {str(one) for one in found.objects(item, DDIL.place)} == {
        "France, centres de référence neuromusculaires",
        "France, neuromuscular reference centres",
    }
    assert "ddil:place" in {name for row in coverage(item_type="StudyUnit") for name in row.predicates}
    assert "ddil:place" not in {name for row in coverage(item_type="Variable") for name in row.predicates}


def test_containers_have_titles_in_french_and_english(graph: Graph) -> None:
    titles = [
        {title.language for title in graph.objects(one, DCT["title"]) if isinstance(title, Literal)}
        for one in of_class(graph, LDP.DirectContainer)
    ]
    assert titles
    assert all(languages == {"fr", "en"} for languages in titles)


def test_creators_have_addresses(studies: Mapping[str, StudyDescription], of: Portals) -> None:
    study = studies["E3N-GROUP"]
    name = study.title
    agents = (
        Agent(name, "creator", homepage="https://a.example/é", identifier="0000-0002"),
        Agent(name, "creator", homepage="https://b.example", identifier="https://orcid.org/0000-0002-1825-0097"),
        Agent(name, "creator", homepage="mailto:a@b.example"),
        Agent(name, "publisher", homepage="https://c.example"),
    )
    assert creators_of(replace(study, agents=agents)) == (
        "https://a.example/é",
        "https://orcid.org/0000-0002-1825-0097",
    )
    assert of.creators(stored(of)["E3N-GROUP"]) == creators_of(study)


def test_healthdcat_ap_says_all_that_dcat_ap_says(studies: Mapping[str, StudyDescription], cohorts: Cohorts) -> None:
    for study in studies.values():
        said = cohorts.of(study)
        assert set(dcat.study_triples(study, said, BASE)) <= set(healthdcat.study_triples(study, said, BASE))


def test_no_data_file_is_offered_that_its_source_does_not_call_public(
    graph: Graph, studies: Mapping[str, StudyDescription]
) -> None:
    closed = {uri for study in studies.values() for file in study.files for uri in file.uris if not file.is_public}
    assert closed
    assert not closed & {str(one) for one in graph.objects()}


def test_every_term_of_a_vocabulary_exists_in_it(graph: Graph, studies: Mapping[str, StudyDescription]) -> None:
    if not SHARED.is_dir():
        pytest.skip("the folder ../shared is not there")
    folder = SHARED / "vocabularies"
    known = {
        str(term) for file in ("dcat3/dcat3.ttl", "odrl/ODRL22.ttl") for term in Graph().parse(folder / file).subjects()
    }
    for name in ("prov", "schema", "skos"):
        quads = (folder / "npm-vocabs" / f"{name}.nq").read_text(encoding="utf-8").splitlines()
        known |= {line.split(" ", 1)[0].strip("<>") for line in quads}
    cohorts = Cohorts(COHORTS)
    schema = in_graph(*(schemaorg.study_triples(study, cohorts.of(study), BASE) for study in studies.values()))
    used = {str(term) for one in (graph, schema) for triple in one for term in triple[1:]}
    roots = (str(DCAT), str(ODRL), str(PROV), str(SKOS), "http://schema.org/", "https://w3id.org/dpv")
    schemes = {one.scheme for one in AUTHORITIES.values()}
    assert {term for term in used if term.startswith(roots)} - known - dpv_terms() - schemes == set()
    assert {str(DPV.hasPurpose), "https://w3id.org/dpv/pd#Health"} <= used
    assert {term for term in used if term.startswith("http://schema.org/")}


# --- what is mandatory is known to the tables


def asked(shape: object, need: Need) -> set[URIRef]:
    return {row.predicate for row in shape.rows if row.need >= need}  # type: ignore[attr-defined]


@pytest.mark.usefixtures("shared")
def test_the_tables_ask_for_what_the_french_shapes_ask_for() -> None:
    wanted = mandatory(FRENCH, DCAT.Dataset, SH.Violation)
    assert asked(dcat.DATASET, Need.MANDATORY) | asked(healthdcat.DATASET, Need.MANDATORY) == wanted
    series = mandatory(FRENCH, DCAT.DatasetSeries, SH.Violation)
    assert asked(dcat.SERIES, Need.MANDATORY) | asked(healthdcat.SERIES, Need.MANDATORY) == series
    assert asked(fdp.CATALOGUE, Need.MANDATORY) == mandatory(FRENCH, DCAT.Catalog, SH.Violation)


@pytest.mark.usefixtures("shared")
def test_the_tables_ask_for_what_dcat_ap_recommends() -> None:
    assert mandatory(RECOMMENDED, DCAT.Dataset, SH.Warning) <= asked(dcat.DATASET, Need.RECOMMENDED)
    assert mandatory(RECOMMENDED, DCAT.DatasetSeries, SH.Warning) <= asked(dcat.SERIES, Need.RECOMMENDED)
    assert mandatory(RECOMMENDED, DCAT.Distribution, SH.Warning) <= asked(distributions.DISTRIBUTION, Need.RECOMMENDED)


def test_each_thing_asked_for_has_a_place_where_it_is_given() -> None:
    shapes = (
        dcat.DATASET,
        dcat.SERIES,
        distributions.DISTRIBUTION,
        healthdcat.DATASET,
        healthdcat.DISTRIBUTION,
        fdp.CATALOGUE,
    )
    rows = [row for shape in shapes for row in shape.rows if row.need]
    assert rows
    for row in rows:
        assert row.place is not None, row.predicate
        assert row.place.ddi or row.place.setting, row.predicate
        assert all((row.place.name.fr, row.place.name.en)), row.predicate


# --- what is left out is reported by both


def _said(**values: object) -> Change:
    return lambda study, said: (study, replace(said, **values))  # type: ignore[arg-type]


def _studied(**values: object) -> Change:
    return lambda study, said: (replace(study, **values), said)  # type: ignore[arg-type]


def _within(part: str, **values: object) -> Change:
    return lambda study, said: (study, replace(said, **{part: replace(getattr(said, part), **values)}))


def _both(*changes: Change) -> Change:
    def changed(study: StudyDescription, said: CohortMetadata) -> tuple[StudyDescription, CohortMetadata]:
        for change in changes:
            study, said = change(study, said)
        return study, said

    return changed


BROKEN: Mapping[tuple[URIRef, ...], Change] = {
    (DCT.accessRights,): _said(access_rights=None),
    (DCATAP.applicableLegislation,): _said(legislation=()),
    (DCAT.contactPoint,): _said(contact=None),
    (DCAT.contactPoint, VCARD.hasEmail): _within("contact", email=None),
    (DCAT.contactPoint, VCARD.hasURL): _within("contact", page=None),
    (DCAT.distribution, DCAT.byteSize): _within("data", byte_size=None),
    (DCAT.distribution, DCT["format"]): _both(
        _within("data", format=None), lambda study, said: (replace(study, files=study.files[:0]), said)
    ),
    (DCAT.distribution, DCT.rights): _both(_said(rights={}), _studied(access=())),
    (DCT.spatial,): _studied(countries=()),
    (DCAT.keyword,): _studied(keywords=(), subjects=()),
    (DCT.provenance,): _both(_said(provenance={}), _studied(collections=())),
    (DCT.publisher,): _both(_said(publisher=None), _studied(agents=())),
    (DCT.publisher, FOAF.homepage): _within("publisher", homepage=None),
    (DCT.publisher, FOAF.mbox): _within("publisher", email=None),
    (DCT.publisher, HEALTH.publisherType): _within("publisher", health_type=None),
    (DCT.publisher, HEALTH.publisherNote): _within("publisher", note={}),
    (DCT.publisher, HEALTH.trustedDataHolder): _within("publisher", trusted_data_holder=None),
    (ADMS.sample,): _studied(counts={}),
    (DCT.type,): _said(type=None),
    (DPV.hasPurpose,): _both(_said(purposes=()), lambda study, said: (replace(study, purpose=study.subtitle), said)),
    (HEALTH.hdab,): _said(hdab=None),
    (HEALTH.hdab, FOAF.homepage): _within("hdab", homepage=None),
    (HEALTH.hdab, FOAF.mbox): _within("hdab", email=None),
    (HEALTH.healthCategory,): _said(health_categories=()),
    (HEALTH.healthTheme,): _said(health_themes=()),
}  # fmt: skip
# Never absent from what is written: the URN, the theme that health data have, a title and a description of last resort.
ALWAYS = {DCT.identifier, DCAT.theme, DCT.title, DCT.description, DCAT.distribution}


@pytest.fixture(scope="module")
def complete(studies: Mapping[str, StudyDescription], cohorts: Cohorts) -> tuple[StudyDescription, CohortMetadata]:
    """A wave without biosamples, which would lack the same once more."""
    return studies[WAVE], cohorts.of(studies[WAVE])


@pytest.mark.usefixtures("shared")
def test_what_is_complete_is_so_for_the_shapes_and_for_the_check(
    complete: tuple[StudyDescription, CohortMetadata],
) -> None:
    assert violations(told(*complete), FRENCH) == set()
    assert [one for one in missing(*complete, BASE) if one.mandatory] == []


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: "/".join(map(short, path)))
@pytest.mark.usefixtures("shared")
def test_what_is_left_out_is_reported_by_the_shapes_and_by_the_check(
    complete: tuple[StudyDescription, CohortMetadata], path: tuple[URIRef, ...]
) -> None:
    study, said = BROKEN[path](*complete)
    reported = {predicate for _, predicate in violations(told(study, said), FRENCH)}
    assert {path[0], path[-1]} & reported
    assert tuple(map(short, path)) in {one.path for one in missing(study, said, BASE) if one.mandatory}


@pytest.mark.usefixtures("shared")
def test_every_mandatory_property_has_a_broken_fixture() -> None:
    assert {path[0] for path in BROKEN} | ALWAYS == mandatory(FRENCH, DCAT.Dataset, SH.Violation)


@pytest.mark.parametrize("predicate", sorted(ALWAYS - {DCAT.theme}), ids=short)
@pytest.mark.usefixtures("shared")
def test_what_is_always_written_would_be_reported_if_it_were_not(
    complete: tuple[StudyDescription, CohortMetadata], predicate: URIRef
) -> None:
    graph = told(*complete)
    dataset = URIRef(f"{BASE}/id{complete[0].identification.path}#dataset")
    graph.remove((dataset, predicate, None))
    assert (dataset, predicate) in violations(graph, FRENCH)


@pytest.mark.parametrize(
    ("kind", "predicate"),
    [
        (DCAT.Catalog, DCT.title),
        (DCAT.Catalog, DCT.description),
        (DCAT.Catalog, DCT.publisher),
        (DCAT.Dataset, DCT.title),
        (DCAT.Dataset, DCT.description),
        (DCAT.DatasetSeries, DCT.title),
        (DCAT.DatasetSeries, DCT.description),
        (DCAT.DataService, DCT.title),
        (DCAT.DataService, DCAT.endpointURL),
        (DCAT.Distribution, DCAT.accessURL),
        (DCAT.CatalogRecord, DCT.modified),
        (DCAT.CatalogRecord, FOAF.primaryTopic),
        (FOAF.Agent, FOAF.name),
    ],
    ids=lambda one: short(one),
)
@pytest.mark.usefixtures("shared")
def test_dcat_ap_reports_each_mandatory_property_that_is_taken_away(
    graph: Graph, kind: URIRef, predicate: URIRef
) -> None:
    node = min(of_class(graph, kind))
    part = Graph()
    for triple in graph:
        if triple[0] == node and triple[1] != predicate:
            part.add(triple)
    assert (node, predicate) in violations(part, DCAT_AP[0])


def test_a_title_and_a_description_are_asked_for_where_there_are_none(
    complete: tuple[StudyDescription, CohortMetadata],
) -> None:
    study, said = complete
    bare = replace(study, title=study.subtitle, abstract=study.subtitle, purpose=study.subtitle)
    lacks = {one.path for one in missing(bare, said, BASE) if one.mandatory}
    assert {("dct:title",), ("dct:description",)} <= lacks


def test_what_is_missing_of_a_catalogue_without_settings() -> None:
    lacks = {one.path for one in missing_of_catalogue(Whole(CatalogueMetadata(), BASE)) if one.mandatory}
    assert lacks == {("dct:title",), ("dct:description",), ("dct:publisher",), ("dcatap:applicableLegislation",)}


def test_a_free_text_place_is_no_location(complete: tuple[StudyDescription, CohortMetadata]) -> None:
    study, said = complete
    graph = told(replace(study, countries=("Metropolitan France", "FR")), said)
    assert set(graph.objects(None, DCT.spatial)) == {
        URIRef("http://publications.europa.eu/resource/authority/country/FRA")
    }


# --- conditions of use


def test_duo_codes_make_an_offer_of_odrl(complete: tuple[StudyDescription, CohortMetadata]) -> None:
    study, said = complete
    graph = told(study, replace(said, duo=("HMB", "NCU", "IRB", "NMDS")))
    obo = Namespace("http://purl.obolibrary.org/obo/")
    offer = graph.value(predicate=URIRef("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"), object=ODRL.Offer)
    permission = graph.value(offer, ODRL.permission)
    assert graph.value(permission, ODRL.target) == URIRef(f"{BASE}/id{study.identification.path}#dataset")
    operands = {graph.value(one, ODRL.rightOperand) for one in graph.objects(permission, ODRL.constraint)}
    assert operands == {obo.DUO_0000006, obo.DUO_0000046}
    duties = {graph.value(one, ODRL.action) for one in graph.objects(permission, ODRL.duty)}
    assert duties == {obo.DUO_0000021}
    prohibition = graph.value(offer, ODRL.prohibition)
    assert graph.value(graph.value(prohibition, ODRL.constraint), ODRL.rightOperand) == obo.DUO_0000015
    assert graph.value(offer, ODRL.assigner) == graph.value(None, DCT.publisher) or graph.value(offer, ODRL.assigner)


def test_without_duo_codes_nothing_is_offered(complete: tuple[StudyDescription, CohortMetadata]) -> None:
    study, said = complete
    assert not list(told(study, replace(said, duo=())).subject_objects(ODRL.hasPolicy))
