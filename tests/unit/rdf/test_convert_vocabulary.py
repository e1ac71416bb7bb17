"""Every term that is given exists in its vocabulary; our own vocabulary is published whole, in English and French."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import CSVW, DC, DCTERMS, FOAF, OWL, RDF, RDFS, XSD, Graph, Literal, URIRef
from rdflib.namespace import DefinedNamespace

from catalogue.ddi.element_types import element_types
from catalogue.rdf import convert, coverage, healthdcat, ontology, representing
from catalogue.rdf.authorities import AUTHORITIES
from catalogue.rdf.namespaces import UNIT, VOCABULARIES
from catalogue.rdf.profile import Classes, Part, Texts
from catalogue.rdf.terms import Term
from tests.conftest import LIFECYCLE
from tests.unit.rdf.documents import BASE, sample
from tests.unit.rdf.looked_up import DPV, KNOWN, dpv_terms

# Where each vocabulary is kept; rdflib's own lists are made from the vocabularies themselves.
FILES = {
    "disco": ("disco/discovery.ttl",),
    "xkos": ("xkos/xkos.ttl",),
    "skos": ("npm-vocabs/skos.nq",),
    "prov": ("npm-vocabs/prov.nq",),
    "dcat": ("dcat3/dcat3.ttl",),
    "schema": ("npm-vocabs/schema.nq",),
    "cdi": tuple(f"ddi-cdi/{name}.onto.ttl" for name in ("Conceptual", "Representations", "DataTypes")),
    "adms": ("dcat-ap-3.0.1/dcat-ap-SHACL.ttl", "dcat-ap-3.0.1/shapes.ttl"),
}
LISTS: dict[str, type[DefinedNamespace]] = {
    "csvw": CSVW, "dc": DC, "dct": DCTERMS, "foaf": FOAF, "owl": OWL, "rdf": RDF, "rdfs": RDFS, "xsd": XSD,
}  # fmt: skip


@cache
def defined(name: str, shared: Path) -> frozenset[str]:
    """Every address that the files of a vocabulary speak of as theirs."""
    files = (shared / "vocabularies" / file for file in FILES[name])
    triples = (one.triple for file in files for one in ox.parse(path=str(file), base_iri="http://base.example/"))
    return frozenset(term.value for triple in triples for term in triple if isinstance(term, ox.NamedNode))


def exists(term: str, shared: Path) -> bool:
    vocabulary = next((one for one in VOCABULARIES if term.startswith(one.address)), None)
    if vocabulary is None:
        return False
    local = term.removeprefix(vocabulary.address)
    if vocabulary.prefix in LISTS:
        return URIRef(term) in LISTS[vocabulary.prefix]
    if vocabulary.prefix == "ddil":
        return (URIRef(term), None, None) in published()
    if f"{vocabulary.prefix}:{local}" in KNOWN:
        return True
    return vocabulary.prefix in FILES and term in defined(vocabulary.prefix, shared)


@cache
def published() -> Graph:
    return Graph().parse(data=ontology.TURTLE_FILE.read_text(encoding="utf-8"), format="turtle")


def stated_terms() -> Iterator[Term]:
    """What the rows of all profiles can give."""
    for profile in convert.ALL:
        for row in profile.rows:
            if isinstance(row, Classes | Part):
                yield from row.classes
            if isinstance(row, Part):
                yield from row.predicates
            elif not isinstance(row, Classes):
                yield row.predicate
            if isinstance(row, Texts):
                yield from (term for term in (row.further, row.node) if term)


def given_terms() -> tuple[set[str], set[str]]:
    """Predicates and classes of real items."""
    predicates, classes = set(), set()
    for resource in sample(1):
        for _, predicate, value in convert.statements(resource, BASE):
            predicates.add(predicate[1:-1])
            if predicate == f"<{RDF.type}>":
                classes.add(value[1:-1])
    return predicates, classes


def test_every_unit_that_can_be_given_exists(shared: Path) -> None:
    given = {UNIT[name][1:-1] for name in representing.UNITS.values()}
    assert {term for term in given if not exists(term, shared)} == set()
    assert {term for term in KNOWN if term.startswith("unit:")} == {f"unit:{n}" for n in representing.UNITS.values()}


def test_every_term_of_the_data_privacy_vocabulary_that_can_be_given_exists() -> None:
    codes = {one.root + code for one in AUTHORITIES.values() if "/dpv" in one.root for code in one.codes}
    rows = {str(row.predicate) for row in healthdcat.DATASET.rows if "/dpv" in row.predicate}
    assert codes | rows | set(map(str, healthdcat.PURPOSE.types)) == dpv_terms()
    assert {one.scheme for one in AUTHORITIES.values() if "/dpv" in one.root} == {
        f"https://w3id.org/dpv{part}" for part in DPV
    }


def test_every_term_of_the_tables_exists(shared: Path) -> None:
    assert {term for term in stated_terms() if not exists(term[1:-1], shared)} == set()


def test_every_term_of_the_tables_of_studies_exists(shared: Path) -> None:
    """Of the vocabularies that are at hand; the others have their own tests, or no list to hold them to."""
    told = {name for row in coverage.study_coverage() for name in (*row.predicates, *row.classes)}
    known = {name for name in told if name.partition(":")[0] in {*FILES, *LISTS, "ddil"}}
    assert {"disco:universe", "dcat:inSeries", "prov:used", "schema:hasPart", "ddil:purpose", "dct:relation"} <= known
    assert {name for name in known if not exists(_long(name), shared)} == set()


def test_every_term_that_real_items_give_exists(shared: Path) -> None:
    predicates, classes = given_terms()
    assert {term for term in predicates | classes if not exists(term, shared)} == set()


@pytest.mark.parametrize(
    "term",
    [
        "http://rdf-vocabulary.ddialliance.org/discovery#ConceptualVariable",
        "http://www.w3.org/2004/02/skos/core#label",
        "http://www.w3.org/ns/csvw#columns",
        "http://purl.org/dc/terms/name",
        "http://ddialliance.org/Specification/DDI-CDI/1.0/RDF/Question",
        "https://w3id.org/cohort-catalogue/ddil#nothing",
        "http://example.org/elsewhere",
        "http://qudt.org/vocab/unit/Kilogram",
        "http://qudt.org/vocab/unit/YEAR",
        "http://qudt.org/schema/qudt/unitOf",
    ],
)
def test_a_term_that_does_not_exist_is_found_out(term: str, shared: Path) -> None:
    assert not exists(term, shared)


def test_what_is_given_is_in_the_coverage_table() -> None:
    table = {f"<{_long(name)}>" for row in coverage.coverage() for name in (*row.predicates, *row.classes)}
    roles = {ontology.role_property(role) for role in ontology.roles()}
    predicates, _ = given_terms()
    untold = {one for one in predicates if f"<{one}>" not in table and one.rpartition("#")[2] not in roles}
    assert untold == {str(RDF.type), str(RDF.first), str(RDF.rest)}


def _long(short: str) -> str:
    prefix, _, name = short.partition(":")
    return next((one.address for one in VOCABULARIES if one.prefix == prefix), "") + name


def test_the_coverage_of_one_type_leaves_out_what_is_for_others() -> None:
    names = {name for row in coverage.coverage(item_type="Category") for name in row.predicates}
    assert "skos:definition" in names
    assert "disco:questionText" not in names
    assert {row.profile for row in coverage.coverage()} == {profile.name for profile in convert.ALL}


# --- ddil -------------------------------------------------------------------------------------------------------------


def test_the_published_ontology_is_made_from_the_table() -> None:
    assert ontology.TURTLE_FILE.read_text(encoding="utf-8") == ontology.turtle()


def test_every_element_and_role_of_ddi_is_in_the_ontology() -> None:
    types = {name.rpartition(" ")[2] for version in LIFECYCLE for name in element_types(version).items}
    roles = {name.rpartition(" ")[2] for version in LIFECYCLE for name in element_types(version).references}
    assert set(ontology.table()["class"]) == types
    assert set(ontology.roles()) == roles


def test_every_term_is_told_in_english_and_french() -> None:
    graph = published()
    address = URIRef(ontology.ADDRESS)
    assert (address, RDF.type, OWL.Ontology) in graph
    assert isinstance(graph.value(address, OWL.versionInfo), Literal)
    terms = set(graph.subjects(RDFS.isDefinedBy, address))
    assert terms == {term for term in graph.subjects(RDF.type) if term != address}
    for term in terms:
        assert str(term).startswith(f"{ontology.ADDRESS}#")
        for predicate in (RDFS.label, RDFS.comment):
            assert {one.language for one in graph.objects(term, predicate) if isinstance(one, Literal)} == {"en", "fr"}


def test_every_term_of_ddil_that_the_tables_name_is_of_the_kind_that_it_is_used_as() -> None:
    graph = published()
    for resource in sample(1):
        for _, predicate, value in convert.triples(resource, BASE):
            if str(predicate).startswith(f"{ontology.ADDRESS}#") and (predicate, RDF.type, RDF.Property) not in graph:
                kind = OWL.DatatypeProperty if isinstance(value, Literal) else OWL.ObjectProperty
                assert (predicate, RDF.type, kind) in graph, predicate


def test_words_of_ddi_names() -> None:
    assert ontology.words("QuestionItem") == "question item"
    assert ontology.words("DDIInstance") == "DDI instance"
    assert ontology.words("NCubeGroup") == "NCube group"
