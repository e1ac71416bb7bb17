"""SPARQL 1.1 Protocol over a real server: every way to ask, every format, and what hostile clients try."""

from __future__ import annotations

import csv
import io
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest
from catalogue_api.sparql_examples import examples
from rdflib import RDF, Graph, URIRef

from catalogue.model.report import Status
from catalogue.rdf.endpoint import SD
from tests.functional.conftest import DOCUMENTS, EXAMPLES, TOKEN, Site, oddities, serving, settings_for

ASK = "ASK { ?s a <http://www.w3.org/ns/dcat#DatasetSeries> }"
SELECT = "SELECT DISTINCT ?s { ?s a <http://www.w3.org/ns/dcat#DatasetSeries> } ORDER BY ?s"
CONSTRUCT = "CONSTRUCT WHERE { ?s a <http://www.w3.org/ns/dcat#DatasetSeries> }"
PRODUCT = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . FILTER(?a != ?d && ?d != ?g) }"
SERIES = URIRef("http://www.w3.org/ns/dcat#DatasetSeries")
LD_JSON = pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory, shared: Any) -> Iterator[Site]:
    """A server with a filled triple store; queries may take two seconds and answers be 200 kB."""
    settings = settings_for(
        tmp_path_factory.mktemp("linked"), shared, token=TOKEN, sparql_seconds=2, sparql_bytes=200_000
    )
    documents = [(name, (EXAMPLES / name).read_bytes()) for name in DOCUMENTS]
    with serving(settings, *documents) as running:
        running.catalogue.linked().feeder().catch_up()
        yield running


@pytest.fixture(scope="module")
def asking(linked: Site) -> Iterator[httpx.Client]:
    with linked.client() as opened:
        yield opened


def subjects(response: httpx.Response) -> list[str]:
    assert response.status_code == 200, response.text
    return [row["s"]["value"] for row in response.json()["results"]["bindings"]]


def problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.text
    body: dict[str, Any] = response.json()
    assert body["code"] == code
    assert body["next_step"]
    return body


# --- the protocol -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", " "])
def test_an_empty_query_is_called_empty(asking: httpx.Client, text: str) -> None:
    answer = asking.get("/sparql", params={"query": text})
    assert (answer.status_code, answer.json()["detail"]) == (400, "The query is empty.")


def test_three_ways_to_ask(asking: httpx.Client) -> None:
    ways = [
        asking.get("/sparql", params={"query": SELECT}),
        asking.post("/sparql", data={"query": SELECT}),
        asking.post("/sparql", content=SELECT, headers={"Content-Type": "application/sparql-query; charset=utf-8"}),
    ]
    found = [subjects(response) for response in ways]
    assert len(found[0]) == 2
    assert found[0] == found[1] == found[2]
    assert {response.headers["content-type"] for response in ways} == {"application/sparql-results+json"}


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "application/sparql-results+json"),
        ("*/*", "application/sparql-results+json"),
        ("application/json", "application/json"),
        ("application/sparql-results+xml", "application/sparql-results+xml"),
        ("text/csv", "text/csv; charset=utf-8"),
        ("text/csv;q=0.1, text/tab-separated-values", "text/tab-separated-values; charset=utf-8"),
    ],
)
def test_formats_of_solutions(asking: httpx.Client, accept: str | None, media_type: str) -> None:
    headers = {"Accept": accept} if accept else {}
    response = asking.get("/sparql", params={"query": SELECT}, headers=headers)
    assert (response.status_code, response.headers["content-type"]) == (200, media_type)
    assert response.text.count("/id/") == 2


@LD_JSON
@pytest.mark.parametrize(
    ("accept", "format_"),
    [
        ("text/turtle", "turtle"),
        ("application/n-triples", "nt"),
        ("application/rdf+xml", "xml"),
        ("application/ld+json", "json-ld"),
        ("*/*", "turtle"),
    ],
)
def test_formats_of_graphs(asking: httpx.Client, accept: str, format_: str) -> None:
    response = asking.get("/sparql", params={"query": CONSTRUCT}, headers={"Accept": accept})
    graph = Graph().parse(data=response.content, format=format_)
    assert len(set(graph.subjects(RDF.type, SERIES))) == 2


def test_nothing_acceptable(asking: httpx.Client) -> None:
    problem(asking.get("/sparql", params={"query": SELECT}, headers={"Accept": "image/png"}), 406, "not-acceptable")
    answer = asking.get("/sparql", params={"query": SELECT}, headers={"Accept": "text/turtle"})
    assert "sparql-results+json" in problem(answer, 406, "not-acceptable")["detail"]
    problem(asking.get("/sparql", params={"query": CONSTRUCT}, headers={"Accept": "text/csv"}), 406, "not-acceptable")


def test_asking_yes_or_no(asking: httpx.Client) -> None:
    assert asking.get("/sparql", params={"query": ASK}).json()["boolean"] is True
    assert asking.get("/sparql", params={"query": "ASK { <a:a> <a:b> <a:c> }"}).json()["boolean"] is False


def test_the_dataset_of_the_request(asking: httpx.Client, linked: Site) -> None:
    graphs = "SELECT (?g AS ?s) { GRAPH ?g {} } ORDER BY ?g"
    names = subjects(asking.get("/sparql", params={"query": graphs}))
    documents = [f"{linked.url}/documents/{one.id}" for one in linked.catalogue.documents().items]
    assert names == sorted([f"{linked.url}/catalog", *documents])
    assert all(asking.get(name).status_code == 200 for name in documents)
    assert asking.get(names[0], headers={"Accept": "text/turtle"}).status_code == 200
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"

    def counted(**more: Any) -> int:
        body = asking.get("/sparql", params={"query": count, **more}).json()
        return int(body["results"]["bindings"][0]["n"]["value"])

    assert 0 < counted(**{"default-graph-uri": names[0]}) < counted()
    assert subjects(asking.get("/sparql", params={"query": graphs, "named-graph-uri": names[1]})) == [names[1]]
    assert counted(**{"default-graph-uri": "http://example.org/nowhere"}) == 0


@pytest.mark.parametrize(
    ("request_", "status", "code"),
    [
        ({"params": {"query": "SELECT ?s { ?s ?p"}}, 400, "malformed-query"),
        ({"params": {"query": ""}}, 400, "malformed-query"),
        ({"params": [("query", ASK), ("query", SELECT)]}, 400, "usage"),
        ({"method": "POST", "data": {"no": "query"}}, 400, "usage"),
        ({"method": "POST", "data": {"update": "DROP ALL"}}, 403, "update-refused"),
        ({"params": {"query": "INSERT DATA { <a:a> <a:b> 1 }"}}, 403, "update-refused"),
        ({"method": "POST", "content": "x", "headers": {"Content-Type": "text/plain"}}, 415, "unsupported-query-type"),
        (
            {"method": "POST", "content": "DROP ALL", "headers": {"Content-Type": "application/sparql-update"}},
            403,
            "update-refused",
        ),
        ({"method": "POST", "data": {"query": "#" * 1_100_000}}, 400, "usage"),
        ({"method": "PUT", "content": "x"}, 405, "method-not-allowed"),
    ],
)
def test_what_is_refused(asking: httpx.Client, request_: dict[str, Any], status: int, code: str) -> None:
    response = asking.request(request_.pop("method", "GET"), "/sparql", **request_)
    problem(response, status, code)


def test_a_malformed_query_is_shown_its_place(asking: httpx.Client) -> None:
    body = problem(asking.get("/sparql", params={"query": "SELECT *\n{ ?s ?p }"}), 400, "malformed-query")
    assert "2:" in body["detail"]


@LD_JSON
@pytest.mark.parametrize(("accept", "format_"), [("text/turtle", "turtle"), ("application/ld+json", "json-ld")])
def test_service_description(asking: httpx.Client, linked: Site, accept: str, format_: str) -> None:
    graph = Graph().parse(data=asking.get("/sparql", headers={"Accept": accept}).content, format=format_)
    endpoint = URIRef(f"{linked.url}/sparql")
    assert (endpoint, RDF.type, SD.Service) in graph
    assert (endpoint, SD.endpoint, endpoint) in graph
    assert (endpoint, SD.supportedLanguage, SD.SPARQL11Query) in graph
    assert len(list(graph.objects(endpoint, SD.resultFormat))) == 8


def test_other_origins_may_ask(asking: httpx.Client) -> None:
    response = asking.get("/sparql", params={"query": ASK}, headers={"Origin": "https://elsewhere.example"})
    assert response.headers["access-control-allow-origin"] in ("*", "https://elsewhere.example")


# --- hostile ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def inside() -> Iterator[tuple[str, list[str]]]:
    """A server inside the network that nobody outside shall reach, and who asked it."""
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.path)
            self.send_response(200)
            self.end_headers()

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/inside", seen
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * {{ SERVICE <{url}> {{ ?s ?p ?o }} }}",
        "SELECT * {{ SERVICE SILENT <{url}> {{ ?s ?p ?o }} }}",
        "SELECT * {{ sErViCe#\n<{url}>{{ ?s ?p ?o }} }}",
        "SELECT * {{ BIND(<{url}> AS ?x) SERVICE ?x {{ ?s ?p ?o }} }}",
        "SELECT * {{ ?s ?p ?o . OPTIONAL {{ SERVICE<{url}>{{ ?s ?p ?o }} }} }}",
        "SELECT * {{ FILTER EXISTS {{ {{ SELECT * {{ SERVICE <{url}> {{ ?s ?p ?o }} }} }} }} }}",
        "PREFIX x: <{url}> SELECT * {{ ?s ?p 1SERVICE x: {{ ?s ?p ?o }} }}",
        "SELECT * {{ \\u0053ERVICE <{url}> {{ ?s ?p ?o }} }}",
        "SELECT * FROM <{url}> {{ ?s ?p ?o }}",
        "SELECT * FROM NAMED <{url}> {{ GRAPH ?g {{ ?s ?p ?o }} }}",
        "LOAD <{url}>",
    ],
)
def test_the_server_asks_nobody(asking: httpx.Client, inside: tuple[str, list[str]], text: str) -> None:
    url, seen = inside
    response = asking.get("/sparql", params={"query": text.format(url=url)})
    refused = response.status_code in (400, 403)
    assert refused or response.json()["results"]["bindings"] == []
    assert refused == ("FROM" not in text)
    assert seen == []


def test_a_query_without_end_is_stopped(asking: httpx.Client) -> None:
    response = asking.get("/sparql", params={"query": PRODUCT})
    problem(response, 503, "query-timeout")
    assert response.headers["retry-after"]
    assert asking.get("/sparql", params={"query": ASK}).json()["boolean"] is True


def test_many_queries_without_end_leave_the_site_standing(asking: httpx.Client, linked: Site) -> None:
    codes: list[str] = []

    def ask() -> None:
        with linked.client() as own:
            codes.append(own.get("/sparql", params={"query": PRODUCT}).json()["code"])

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    assert asking.get("/cohorts").status_code == 200
    for thread in threads:
        thread.join()
    assert set(codes) <= {"query-timeout", "too-many-queries"}
    assert subjects(asking.get("/sparql", params={"query": SELECT}))


def test_one_client_leaves_room_for_the_others(asking: httpx.Client, linked: Site) -> None:
    answers: list[httpx.Response] = []

    def ask() -> None:
        with linked.client() as own:
            answers.append(own.get("/sparql", params={"query": PRODUCT}))

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    until = time.monotonic() + 20
    while not answers and time.monotonic() < until:  # until the first is turned away, and so the queue is full
        time.sleep(0.01)
    other = httpx.HTTPTransport(local_address="127.0.0.2")
    with httpx.Client(base_url=asking.base_url, transport=other, timeout=30) as neighbour:
        assert [neighbour.get("/sparql", params={"query": ASK}).status_code for _ in range(3)] == [200] * 3
    waiting = sum(thread.is_alive() for thread in threads)
    for thread in threads:
        thread.join()
    assert waiting
    assert {answer.status_code for answer in answers} == {429, 503}
    assert all(answer.headers["retry-after"] for answer in answers)
    assert {answer.json()["code"] for answer in answers if answer.status_code == 429} == {"too-many-queries"}


def test_an_answer_without_end_is_cut_off(asking: httpx.Client) -> None:
    for text in ("SELECT * { ?s ?p ?o . ?a ?b ?c }", "CONSTRUCT WHERE { ?s ?p ?o }"):
        body = problem(asking.get("/sparql", params={"query": text}), 400, "result-too-large")
        assert "200,000" in body["detail"]


def test_memory_without_end_is_refused(asking: httpx.Client) -> None:
    text = "SELECT ?t { { SELECT (GROUP_CONCAT(CONCAT(STR(?a), STR(?d))) AS ?t) { ?a ?b ?c . ?d ?e ?f } } }"
    response = asking.get("/sparql", params={"query": text})
    assert response.status_code in (400, 503)
    assert response.json()["code"] in ("query-timeout", "query-too-heavy", "result-too-large")
    assert asking.get("/sparql", params={"query": ASK}).json()["boolean"] is True


def test_nesting_without_end_is_the_fault_of_the_query(asking: httpx.Client) -> None:
    text = "SELECT * {" + "{" * 50_000 + "}" * 50_000 + "}"
    body = problem(asking.post("/sparql", data={"query": text}), 400, "malformed-query")
    assert "nested" in body["detail"]
    assert asking.get("/sparql", params={"query": ASK}).json()["boolean"] is True


# --- the page ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_example_answers_something(asking: httpx.Client, language: str) -> None:
    page = asking.get("/sparql", params={"lang": language}, headers={"Accept": "text/html"})
    assert page.status_code == 200
    for _, text in examples(language):
        answer = asking.get("/sparql", params={"query": text})
        assert answer.status_code == 200, answer.text
        if answer.headers["content-type"].startswith("text/turtle"):
            assert len(Graph().parse(data=answer.content, format="turtle")) > 2
        else:
            assert len(answer.json()["results"]["bindings"]) > 0, text
        shown = asking.get("/sparql", params={"query": text, "lang": language}, headers={"Accept": "text/html"})
        assert shown.status_code == 200
        assert 'id="result"' in shown.text


def example(asking: httpx.Client, key: str, language: str) -> list[dict[str, str]]:
    """The rows that an example finds."""
    text = dict(examples(language))[f"sparql.example_{key}"]
    rows = asking.get("/sparql", params={"query": text}).json()["results"]["bindings"]
    return [{name: value["value"] for name, value in row.items()} for row in rows]


def test_the_examples_on_tobacco_find_the_same_in_both_languages(asking: httpx.Client) -> None:
    french, english = (example(asking, "tobacco", language) for language in ("fr", "en"))
    assert {row["variable"] for row in french} == {row["variable"] for row in english}
    assert len(french) == len(english)
    labels = {row["label"] for row in french}
    assert {"Âge à l’arrêt du tabac", "Statut tabagique (3 modalités)"} <= labels


def test_the_page_offers_files(asking: httpx.Client) -> None:
    response = asking.get("/sparql", params={"query": SELECT, "format": "csv"}, headers={"Accept": "text/html"})
    assert len(list(csv.reader(io.StringIO(response.text)))) == 3


def test_a_mistake_stays_on_the_page(asking: httpx.Client) -> None:
    headers = {"Accept": "text/html"}
    response = asking.get("/sparql", params={"query": "SELECT <b>", "lang": "en"}, headers=headers)
    assert response.status_code == 400
    assert "The query is not well formed" in response.text
    assert "SELECT &lt;b&gt;" in response.text


def test_what_is_asked_is_never_markup(asking: httpx.Client) -> None:
    text = 'SELECT ("<script>alert(1)</script>" AS ?x) (<javascript:alert(1)> AS ?y) {}'
    response = asking.get("/sparql", params={"query": text}, headers={"Accept": "text/html"})
    assert "<script>alert" not in response.text
    assert 'href="javascript:' not in response.text


# --- drafts -----------------------------------------------------------------------------------------------------------


def test_drafts_are_not_found(linked: Site, asking: httpx.Client) -> None:
    source = oddities(("org.example", "secret", "9.9.9", "Secret", "Secret"))
    outcome = linked.catalogue.submit(source, "draft.xml", draft=True, accept_invalid=True)
    assert outcome.status is Status.DRAFT
    linked.catalogue.linked().feeder().catch_up()
    text = f"ASK {{ <{linked.url}/id/org.example/secret/9.9.9> ?p ?o }}"
    assert asking.get("/sparql", params={"query": text}).json()["boolean"] is False
    number = asking.get("/changes").json()["last"]["id"].rpartition("/")[2]
    assert "9.9.9" not in asking.get(f"/changes/{number}").text
    assert outcome.document is not None
    linked.catalogue.publish(outcome.document)
    linked.catalogue.linked().feeder().catch_up()
    assert asking.get("/sparql", params={"query": text}).json()["boolean"] is True
    number = asking.get("/changes").json()["last"]["id"].rpartition("/")[2]
    assert "9.9.9" in asking.get(f"/changes/{number}").text
