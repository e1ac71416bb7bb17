"""Codes of lists: DUO against the ontology itself, countries and languages against ISO."""

from __future__ import annotations

from pathlib import Path

import pytest
from rdflib import RDFS, Graph, Literal, URIRef
from rdflib.namespace import OWL

from catalogue.rdf import authorities
from catalogue.rdf.authorities import AUTHORITIES, concept
from catalogue.rdf.duo import ROOT, TERMS, Rule

SHORT_FORM = "http://purl.obolibrary.org/obo/IAO_0000118"
PERMISSIONS = URIRef(f"{ROOT}0000001")
MODIFIERS = URIRef(f"{ROOT}0000017")


@pytest.fixture(scope="module")
def duo(shared: Path) -> Graph:
    return Graph().parse(shared / "vocabularies" / "duo" / "duo.owl", format="xml")


def below(graph: Graph, root: URIRef) -> set[str]:
    found = {str(one) for one in graph.transitive_subjects(RDFS.subClassOf, root)} - {str(root)}
    return {one for one in found if (URIRef(one), OWL.deprecated, Literal(True)) not in graph}


def test_every_condition_of_use_in_force_is_known(duo: Graph) -> None:
    in_force = below(duo, PERMISSIONS) | below(duo, MODIFIERS)
    assert {term.address for term in TERMS.values()} == in_force


def test_codes_and_labels_are_those_of_the_ontology(duo: Graph) -> None:
    for term in TERMS.values():
        node = URIRef(term.address)
        assert str(duo.value(node, RDFS.label)) == term.en
        assert term.code in {str(value) for _, value in duo.predicate_objects(node) if isinstance(value, Literal)}
        assert term.fr


def test_permissions_of_the_ontology_are_permissions(duo: Graph) -> None:
    permissions = {term.address for term in TERMS.values() if term.rule is Rule.PERMISSION}
    assert permissions == below(duo, PERMISSIONS)


@pytest.mark.parametrize(
    ("written", "code"),
    [("FR", "FRA"), ("fr", "FRA"), ("FRA", "FRA"), ("250", "FRA"), ("DE", "DEU"), ("CD", "COD"), ("TL", "TLS")],
)
def test_a_country_is_known_by_its_iso_code(written: str, code: str) -> None:
    found = authorities.country(written)
    assert found is not None
    assert found.address == f"http://publications.europa.eu/resource/authority/country/{code}"


@pytest.mark.parametrize("written", ["France", "", "XQ", "Europe", "F"])
def test_what_is_no_iso_code_is_no_country(written: str) -> None:
    assert authorities.country(written) is None


@pytest.mark.parametrize(("tag", "code"), [("fr", "FRA"), ("fr-FR", "FRA"), ("en-GB", "ENG"), ("de", "DEU")])
def test_a_language_is_known_by_its_tag(tag: str, code: str) -> None:
    found = authorities.language(tag)
    assert found is not None
    assert found.address == f"http://publications.europa.eu/resource/authority/language/{code}"


def test_a_tag_that_names_no_language_is_none() -> None:
    assert authorities.language("xx") is None


def test_every_code_has_a_name_in_both_languages() -> None:
    for name, authority in AUTHORITIES.items():
        assert all(all(names) for names in (authority.names, *authority.codes.values())), name


def test_a_code_or_an_address_is_a_concept_and_nothing_else() -> None:
    assert concept("access-right", "NON_PUBLIC").address.endswith("/access-right/NON_PUBLIC")
    assert concept("access-right", concept("access-right", "PUBLIC").address).authority is not None
    assert concept("health-theme", "http://www.wikidata.org/entity/Q12136").authority is None
    with pytest.raises(KeyError):
        concept("access-right", "SECRET")
