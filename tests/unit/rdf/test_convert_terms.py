"""Terms: what they are is judged by rdflib's and Oxigraph's parsers, and by the rules of RFC 5646."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdflib import Graph, Literal, URIRef

from catalogue.rdf import terms
from catalogue.rdf.convert import RdfTriple, n_triples

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=80)
# RFC 5646, 2.1 and appendix A, and what real documents have.
WELL_FORMED = (
    "fr", "en-GB", "gb-EN", "fn-CA", "zh-Hant-TW", "sl-rozaj-biske", "de-CH-1901", "x-whatever", "i-klingon",
    "en-a-myext-b-another", "zh-min-nan", "de-419-DE-x-y",
)  # fmt: skip
MALFORMED = ("fr_FR", "français", "english language", "a-DE", "en-", "-en", "en--GB", "e", "123", "ar-a-", "en\n")


def parsed(term: str) -> ox.NamedNode | ox.Literal:
    (triple,) = ox.parse(f"<urn:s> <urn:p> {term} .".encode(), format=ox.RdfFormat.N_TRIPLES)
    assert isinstance(triple.object, ox.NamedNode | ox.Literal)
    return triple.object


@given(ANY_TEXT)
def test_a_text_is_read_back_with_the_characters_that_xml_has(text: str) -> None:
    found = parsed(terms.quoted(text))
    assert found.value == terms.clean(text)
    assert str(terms.decode(terms.quoted(text))) == terms.clean(text)


@given(ANY_TEXT, st.sampled_from([*WELL_FORMED[:8], *MALFORMED, None]))
def test_no_text_and_tag_break_a_serialisation(text: str, tag: str | None) -> None:
    term = terms.decode(terms.tagged(text, tag))
    graph = Graph().add((URIRef("urn:s"), URIRef("http://p.example/p"), term))
    for form, format_ in (
        ("turtle", ox.RdfFormat.TURTLE),
        ("xml", ox.RdfFormat.RDF_XML),
        ("nt", ox.RdfFormat.N_TRIPLES),
    ):
        (triple,) = ox.parse(graph.serialize(format=form).encode(), format=format_, base_iri="http://p.example/")
        assert isinstance(triple.object, ox.Literal)
        assert triple.object.value == terms.clean(text)


@pytest.mark.parametrize("tag", [tag for tag in WELL_FORMED if tag != "de-419-DE-x-y"])
def test_well_formed_tags_stay_as_they_are_written(tag: str) -> None:
    assert terms.tagged("a", tag) == f'"a"@{tag}'


@pytest.mark.parametrize("tag", MALFORMED)
def test_malformed_tags_are_left_out(tag: str) -> None:
    assert terms.tagged("a", tag) == '"a"'


@given(ANY_TEXT)
def test_an_address_is_one_that_oxigraph_takes(text: str) -> None:
    for candidate in (text, f"http://{text}", f"http://example.org/{text}", f"urn:x:{text}", f"mailto:{text}"):
        term = terms.address(candidate)
        if term is not None:
            ox.NamedNode(term[1:-1])


@given(ANY_TEXT, ANY_TEXT, ANY_TEXT)
def test_a_urn_is_an_address_whatever_its_parts(agency: str, identifier: str, version: str) -> None:
    ox.NamedNode(terms.urn(agency, identifier, version)[1:-1])


def test_addresses_with_spaces_and_signs() -> None:
    assert terms.address("http://example.org/a b") == "<http://example.org/a%20b>"
    assert terms.address("https://example.org/100%?q=[1]#a#b") == "<https://example.org/100%25?q=%5B1%5D#a%23b>"
    for text in ("", "no address", "www.example.org", "http://", "http://[", "//example.org"):
        assert terms.address(text) is None


@pytest.mark.parametrize(
    ("text", "datatype"),
    [
        ("2012", "gYear"), ("2012-05", "gYearMonth"), ("2012-02-29", "date"), ("2012-05-01T10:00:00Z", "dateTime"),
        ("2012-05-01T10:00:00.5+02:00", "dateTime"), ("10:30:00", "time"), ("2012-05-01+02:00", "date"),
        ("2013-02-29", None), ("2012-13", None), ("0000", None), ("12/05/2012", None), ("2012-05-01T25:00:00", None),
        ("May 2012", None), ("20120501", None), ("", None),
    ],
)  # fmt: skip
def test_dates_are_typed_by_their_form_if_the_calendar_has_them(text: str, datatype: str | None) -> None:
    found = parsed(terms.moment(text))
    assert isinstance(found, ox.Literal)
    assert found.value == text
    assert found.datatype.value.rpartition("#")[2] == (datatype or "string")


@pytest.mark.parametrize(
    ("text", "datatype"),
    [("0", "integer"), ("-12", "integer"), ("3.50", "decimal"), ("012", "string"), ("1e5", "string"),
     ("9" * 400, "string"), ("+1", "string"), ("1,5", "string"), ("NaN", "string"), ("-0", "string")],
)  # fmt: skip
def test_numbers_are_typed_where_their_form_stays(text: str, datatype: str) -> None:
    found = parsed(terms.number(text))
    assert isinstance(found, ox.Literal)
    assert (found.value, found.datatype.value.rpartition("#")[2]) == (text, datatype)
    assert str(terms.decode(terms.number(text))) == text


def test_triples_of_rdflib_become_the_same_n_triples() -> None:
    found: list[RdfTriple] = [
        (URIRef("http://s.example/é"), URIRef("http://p.example/p"), Literal('a "b"\n\\c', lang="fr")),
        (URIRef("http://s.example/é"), URIRef("http://p.example/p"), Literal(3)),
        (URIRef("http://s.example/é"), URIRef("http://p.example/p"), URIRef("http://o.example/ x")),
    ]
    written = n_triples([*found, found[0]])
    assert written.count(b"\n") == 3
    assert set(Graph().parse(data=written, format="nt")) == {
        *found[:2],
        (found[2][0], found[2][1], URIRef("http://o.example/%20x")),
    }
