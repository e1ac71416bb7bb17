"""What every triple store does, the reference in memory first (SPARQL 1.1 Query, Graph Store Protocol)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rdflib import Graph, URIRef

from catalogue.errors import CatalogueError
from catalogue.rdf.quads import (
    FederationError,
    GraphQuery,
    Kind,
    MalformedQueryError,
    Position,
    QueryLimits,
    QueryTooLargeError,
    ResultNotAcceptableError,
    StoreUnavailableError,
    TripleStore,
    UpdateRefusedError,
)
from tests.contract.triple_stores import ADAPTERS, PREFIX, SINGLE, open_store, server, write

A, B, C = (f"{PREFIX}{name}" for name in "abc")
FIRST = Position("store/1", 1, "edition")
LIMITS = QueryLimits(20, 1_000_000)
ALL = "SELECT ?s ?p ?o { ?s ?p ?o }"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with server() as running:
        yield running


@pytest.fixture(params=ADAPTERS)
def name(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def store(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TripleStore]:
    if name == "remote":
        with server() as own:
            made = open_store(name, tmp_path, own)
            yield made
            made.close()
        return
    made = open_store(name, tmp_path)
    yield made
    made.close()


@pytest.fixture
def filled(store: TripleStore, tmp_path: Path) -> TripleStore:
    """Three graphs, of which two share a triple."""
    with store.writer() as writer:
        writer.anew()
        writer.replace(A, write(tmp_path / "a", "x p y", 'x label "Santé"@fr', 'x label "Health"@en'))
        writer.replace(B, write(tmp_path / "b", "x p y", 'y label "Deux \\" \\\\ . \\n ."', 'y n "2"^^<http://e/int>'))
        writer.replace(C, write(tmp_path / "c", "z p y"))
        writer.commit(FIRST)
    return store


def rows(store: TripleStore, text: str, **more: Any) -> list[tuple[str, ...]]:
    """The solutions of a query, sorted."""
    answer = store.query(GraphQuery(text, **more), LIMITS)
    assert answer.kind is Kind.SOLUTIONS
    found = json.loads(answer.body)
    names = found["head"]["vars"]
    return sorted(
        tuple(row[one]["value"] if one in row else "" for one in names) for row in found["results"]["bindings"]
    )


def short(*names: str) -> tuple[str, ...]:
    return tuple(f"https://example.org/{name}" for name in names)


def test_an_empty_store_has_no_position(store: TripleStore) -> None:
    assert store.state().position is None
    assert store.state().graphs == 0


def test_what_was_written_is_found(filled: TripleStore) -> None:
    assert filled.state().position == FIRST
    assert filled.state().graphs == 3
    found = rows(filled, "SELECT DISTINCT ?s ?o { ?s <https://example.org/p> ?o }")
    assert found == [short("x", "y"), short("z", "y")]
    literals = rows(filled, "SELECT DISTINCT ?o (lang(?o) AS ?l) { ?s <https://example.org/label> ?o }")
    assert literals == [('Deux " \\ . \n .', ""), ("Health", "en"), ("Santé", "fr")]


def test_each_graph_holds_its_own(filled: TripleStore) -> None:
    text = "SELECT ?g { GRAPH ?g { <https://example.org/x> <https://example.org/p> ?o } }"
    assert rows(filled, text) == [(A,), (B,)]


def test_a_triple_of_two_graphs_counts_once(filled: TripleStore, name: str) -> None:
    (count,) = rows(filled, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    if name == "remote":  # its default graph is what the server makes it; Oxigraph's union counts once per graph
        assert int(count[0]) >= 6
        return
    assert count == ("6",)


def test_a_replaced_graph_and_a_removed_one(filled: TripleStore, tmp_path: Path, name: str) -> None:
    before = filled.state().generation
    with filled.writer() as writer:
        assert writer.graphs() == {A, B, C}
        writer.replace(A, write(tmp_path / "a2", 'x label "Santé"@fr', 'x label "Good health"@en'))
        writer.remove(C)
        writer.commit(Position("store/2", 2, "edition"))
    assert filled.state().position == Position("store/2", 2, "edition")
    assert filled.state().generation != before
    # Of the shared triple, the other graph keeps its own.
    assert rows(filled, "SELECT DISTINCT ?s { ?s <https://example.org/p> ?o }") == [short("x")]
    assert rows(filled, "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } FILTER(STRSTARTS(STR(?g), 'https:')) }") == [
        (A,),
        (B,),
    ]
    labels = rows(filled, "SELECT DISTINCT ?o { <https://example.org/x> <https://example.org/label> ?o }")
    assert labels == [("Good health",), ("Santé",)]


def test_the_last_holder_takes_a_triple_with_it(filled: TripleStore, tmp_path: Path) -> None:
    for number, graph in enumerate((A, B), 2):
        with filled.writer() as writer:
            writer.remove(graph)
            writer.commit(Position("store", number, "edition"))
    assert rows(filled, "SELECT DISTINCT ?s ?o { ?s <https://example.org/p> ?o }") == [short("z", "y")]


def test_beginning_anew_forgets_all(filled: TripleStore, tmp_path: Path) -> None:
    with filled.writer() as writer:
        writer.anew()
        writer.replace(C, write(tmp_path / "c2", "q p y"))
        writer.commit(FIRST)
    assert filled.state().graphs == 1
    assert rows(filled, "SELECT DISTINCT ?s { ?s <https://example.org/p> ?o }") == [short("q")]


def test_a_graph_beside_the_documents_is_replaced_and_removed_like_theirs(filled: TripleStore, tmp_path: Path) -> None:
    text = f"SELECT ?s {{ GRAPH <{SINGLE}> {{ ?s <https://example.org/p> ?o }} }}"
    for number, subject in enumerate(("about", "again"), 2):
        with filled.writer() as writer:
            writer.replace(SINGLE, write(tmp_path / subject, f"{subject} p y"))
            writer.commit(Position("store", number, "edition"))
        assert rows(filled, text) == [short(subject)]
    with filled.writer() as writer:
        assert writer.graphs() == {A, B, C, SINGLE}
        writer.anew()
        writer.commit(Position("store", 4, "edition"))
    assert rows(filled, text) == []


def test_the_graphs_of_others_are_left_alone(tmp_path: Path) -> None:
    """One that only begins like ours is another's, too."""
    others = f"{SINGLE}/elsewhere"
    with server() as url:
        store = open_store("remote", tmp_path, url)
        with store.writer() as writer:
            writer.replace(others, write(tmp_path / "others", "x p y"))
            writer.replace(SINGLE, write(tmp_path / "own", "x p z"))
            writer.commit(FIRST)
        with store.writer() as writer:
            assert writer.graphs() == {SINGLE}
            writer.anew()
            writer.commit(FIRST)
        assert rows(store, "SELECT DISTINCT ?g { GRAPH ?g { ?s <https://example.org/p> ?o } }") == [(others,)]
        store.close()


def test_without_commit_nothing_is_changed(filled: TripleStore, tmp_path: Path) -> None:
    with filled.writer() as writer:
        writer.anew()
        writer.replace(A, write(tmp_path / "lost", "lost p y"))
    assert filled.state().position == FIRST
    assert len(rows(filled, "SELECT DISTINCT ?s { ?s <https://example.org/p> ?o }")) == 2


def test_a_graph_with_nothing(filled: TripleStore, tmp_path: Path) -> None:
    with filled.writer() as writer:
        writer.replace(A, write(tmp_path / "empty"))
        writer.commit(Position("store", 2, "edition"))
    assert rows(filled, f"SELECT ?s {{ GRAPH <{A}> {{ ?s ?p ?o }} }}") == []


def test_the_dataset_of_the_protocol_wins(filled: TripleStore, name: str) -> None:
    text = "SELECT DISTINCT ?s { ?s <https://example.org/p> ?o }"
    assert rows(filled, text, default_graphs=(C,)) == [short("z")]
    assert rows(filled, text, default_graphs=(A, C)) == [short("x"), short("z")]
    assert rows(filled, "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }", named_graphs=(B,)) == [(B,)]
    if name != "remote":  # a server of Oxigraph that merges all graphs does so whatever the query says
        assert rows(filled, f"SELECT DISTINCT ?s FROM <{A}> {{ ?s <https://example.org/p> ?o }}") == [short("x")]


@pytest.mark.parametrize(
    ("media_type", "sign"),
    [
        ("application/sparql-results+json", b'"bindings"'),
        ("application/sparql-results+xml", b"http://www.w3.org/2005/sparql-results#"),
        ("text/csv", b"s,o\r\n"),
        ("text/tab-separated-values", b"?s\t?o\n"),
    ],
)
def test_solutions_in_every_format(filled: TripleStore, media_type: str, sign: bytes) -> None:
    text = "SELECT DISTINCT ?s ?o { ?s <https://example.org/p> ?o }"
    answer = filled.query(GraphQuery(text, results=media_type), LIMITS)
    assert answer.media_type == media_type
    assert sign in answer.body
    assert answer.body.count(b"https://example.org/") == 4


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")
@pytest.mark.parametrize(
    ("media_type", "format_"),
    [
        ("text/turtle", "turtle"),
        ("application/n-triples", "nt"),
        ("application/rdf+xml", "xml"),
        ("application/ld+json", "json-ld"),
    ],
)
def test_a_graph_in_every_format(filled: TripleStore, media_type: str, format_: str) -> None:
    for text in ("CONSTRUCT WHERE { ?s <https://example.org/p> ?o }", "DESCRIBE <https://example.org/z>"):
        answer = filled.query(GraphQuery(text, graph=media_type), LIMITS)
        assert (answer.kind, answer.media_type) == (Kind.GRAPH, media_type)
        graph = Graph().parse(data=answer.body, format=format_)
        assert (URIRef(short("z")[0]), URIRef(short("p")[0]), URIRef(short("y")[0])) in graph


@pytest.mark.parametrize(("object_", "truth"), [("y", True), ("nobody", False)])
def test_asking(filled: TripleStore, object_: str, truth: bool) -> None:
    answer = filled.query(GraphQuery(f"ASK {{ ?s ?p <https://example.org/{object_}> }}"), LIMITS)
    assert answer.kind is Kind.BOOLEAN
    assert json.loads(answer.body)["boolean"] is truth


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("SELECT ?s { ?s ?p", MalformedQueryError),
        ("", MalformedQueryError),
        ("SELECT (<https://example.org/f>(1) AS ?x) {}", MalformedQueryError),
        ("SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", FederationError),
        ("SELECT * { ?a ?b ?c .service?x{ ?s ?p ?o } }", FederationError),
        ("SELECT * { { SELECT * { ?a ?b 1SERVICESILENT<http://127.0.0.1:1/>{ ?s ?p ?o } } } }", FederationError),
        ("# SELECT\nPREFIX a: <http://a/> INSERT DATA { a:a a:b 1 }", UpdateRefusedError),
        ("DROP ALL", UpdateRefusedError),
        ("WITH <http://a> DELETE WHERE { ?s ?p ?o }", UpdateRefusedError),
    ],
)
def test_what_is_refused(filled: TripleStore, text: str, error: type[CatalogueError]) -> None:
    with pytest.raises(error) as raised:
        filled.query(GraphQuery(text), LIMITS)
    assert raised.value.next_step
    assert len(rows(filled, "SELECT DISTINCT ?s { ?s <https://example.org/p> ?o }")) == 2


def test_the_word_service_is_no_crime(filled: TripleStore) -> None:
    text = """PREFIX service: <https://example.org/> SELECT DISTINCT ?service # SERVICE <http://x> {}
    { ?service service:p ?y FILTER(?service != service:service && "SERVICE <http://x> {}" != "service") }"""
    assert rows(filled, text) == [short("x"), short("z")]


def test_an_answer_that_is_too_large(filled: TripleStore) -> None:
    with pytest.raises(QueryTooLargeError, match="100"):
        filled.query(GraphQuery(ALL), QueryLimits(20, 100))


def test_a_kind_that_is_not_acceptable(filled: TripleStore, name: str) -> None:
    with pytest.raises((ResultNotAcceptableError, StoreUnavailableError)):
        filled.query(GraphQuery(ALL, results=None), LIMITS)


def test_nothing_answers_before_the_first_commit(store: TripleStore, name: str) -> None:
    if name == "remote":  # answers whatever it holds
        assert rows(store, ALL) == []
        return
    with pytest.raises(StoreUnavailableError):
        store.query(GraphQuery(ALL), LIMITS)
