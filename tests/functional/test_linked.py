"""Dumps and the feed of changes over a real server: what others make of them is what the catalogue holds."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
import pyoxigraph
import pytest
from catalogue_api import schemas
from lxml import etree
from rdflib import Graph, URIRef
from rdflib.namespace import DCAT, RDF, VOID

from catalogue.exposure.activities import ON_PAGE
from catalogue.model.report import Status
from catalogue.rdf.dumps import FORMATS
from catalogue.rdf.quads import GraphQuery
from catalogue.service import open_catalogue
from tests.benchmarks.studies import documents
from tests.functional.conftest import DOCUMENTS, EXAMPLES, Site, oddities, serving, settings_for

PARSERS = {
    "nt": pyoxigraph.RdfFormat.N_TRIPLES,
    "nq": pyoxigraph.RdfFormat.N_QUADS,
    "ttl": pyoxigraph.RdfFormat.TURTLE,
    "jsonld": pyoxigraph.RdfFormat.JSON_LD,
}
TAKEN_IN = DOCUMENTS[:2]
SMALL = "3.3/InseeFr-Eno__ddi-mcq.xml"


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Iterator[Site]:
    """Over an example and a small cohort that others have written."""
    settings = settings_for(tmp_path_factory.mktemp("linked"), shared, sparql_bytes=2**28, sparql_seconds=120)
    with serving(settings, *[(name, (EXAMPLES / name).read_bytes()) for name in TAKEN_IN]) as running:
        small = (shared / "corpus" / SMALL).read_bytes()
        assert running.catalogue.submit(small, SMALL, accept_invalid=True).status is Status.PUBLISHED
        running.catalogue.linked().feeder().catch_up()
        yield running


@pytest.fixture(scope="module")
def reading(linked: Site) -> Iterator[httpx.Client]:
    with linked.client() as opened:
        yield opened


def quads(extension: str, compressed: bytes) -> set[tuple[str, ...]]:
    """What another Oxigraph makes of it: it keeps a number by its value, whichever type of whole numbers it is of."""
    store = pyoxigraph.Store()
    store.load(gzip.decompress(compressed), PARSERS[extension])
    return {tuple(map(str, (quad.subject, quad.predicate, quad.object, quad.graph_name))) for quad in store}


def triples(found: set[tuple[str, ...]]) -> set[tuple[str, ...]]:
    return {quad[:3] for quad in found}


@pytest.fixture(scope="module")
def stored(linked: Site) -> set[tuple[str, ...]]:
    """Everything in the triple store."""
    body = (
        linked.catalogue.linked().query(GraphQuery("CONSTRUCT WHERE { ?s ?p ?o }", graph="application/n-triples")).body
    )
    return triples(quads("nt", gzip.compress(body)))


@pytest.mark.parametrize("form", FORMATS, ids=lambda one: one.extension)
def test_a_dump_is_what_the_triple_store_holds(reading: httpx.Client, stored: set[tuple[str, ...]], form: Any) -> None:
    response = reading.get(f"/dumps/catalogue.{form.extension}.gz")
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/gzip"
    assert int(response.headers["content-length"]) == len(response.content)
    found = quads(form.extension, response.content)
    assert triples(found) == stored
    assert len(stored) > 10_000
    again = reading.get(response.request.url.path, headers={"If-None-Match": response.headers["etag"]})
    assert again.status_code == 304


def test_a_broken_download_goes_on_where_it_stopped(reading: httpx.Client) -> None:
    path = "/dumps/catalogue.ttl.gz"
    whole = reading.get(path)
    assert whole.headers["accept-ranges"] == "bytes"
    size, tag = len(whole.content), whole.headers["etag"]
    half = size // 2
    rest = reading.get(path, headers={"Range": f"bytes={half}-", "If-Range": tag})
    assert (rest.status_code, rest.headers["content-range"]) == (206, f"bytes {half}-{size - 1}/{size}")
    assert whole.content[:half] + rest.content == whole.content
    assert int(rest.headers["content-length"]) == len(rest.content)
    assert rest.headers["etag"] == tag


def test_a_part_of_another_dump_is_never_given(reading: httpx.Client) -> None:
    path = "/dumps/catalogue.nt.gz"
    whole = reading.get(path)
    size = len(whole.content)
    changed = reading.get(path, headers={"Range": "bytes=5-", "If-Range": '"another"'})
    assert (changed.status_code, changed.content) == (200, whole.content)
    known = reading.get(path, headers={"Range": "bytes=5-", "If-None-Match": whole.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")
    beyond = reading.get(path, headers={"Range": f"bytes={size}-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{size}")
    assert beyond.json()["code"] == "range-not-satisfiable"
    head = reading.head(path, headers={"Range": "bytes=5-9"})
    assert (head.status_code, int(head.headers["content-length"])) == (200, size)


def test_the_date_of_a_dump_is_its_own(reading: httpx.Client, linked: Site) -> None:
    """It follows the store later: who has it since the store last changed may have the one before."""
    response = reading.get("/dumps/catalogue.nt.gz")
    made = linked.catalogue.linked().dump("catalogue", "nt")
    assert made.modified is not None
    assert parsedate_to_datetime(response.headers["last-modified"]) == made.modified.replace(microsecond=0)
    since = {"If-Modified-Since": response.headers["last-modified"]}
    assert reading.get("/dumps/catalogue.nt.gz", headers=since).status_code == 200


def test_quads_name_their_documents(reading: httpx.Client, linked: Site) -> None:
    found = quads("nq", reading.get("/dumps/catalogue.nq.gz").content)
    documents = {f"<{linked.url}/documents/{one.id}>" for one in linked.catalogue.documents().items}
    assert {quad[3] for quad in found} == {f"<{linked.url}/catalog>", *documents}


def test_the_catalogue_itself_is_in_the_whole_and_in_no_dump_of_a_cohort(linked: Site, reading: httpx.Client) -> None:
    """A graph of its own, which is no document, and names every dataset that the others describe."""
    listed = linked.catalogue.linked().dumps()
    catalogue = f"<{linked.url}/catalog>"
    whole = quads("nt", reading.get("/dumps/catalogue.nt.gz").content)  # the other formats hold the same
    named = {quad[2] for quad in whole if quad[0] == catalogue and quad[1] == f"<{DCAT.dataset}>"}
    described = {quad[0] for quad in whole if quad[1:3] == (f"<{RDF.type}>", f"<{DCAT.Dataset}>")}
    assert named
    assert named <= described
    for one in (one for one in listed if one.cohort and one.form.extension == "nt"):
        part = quads("nt", reading.get(one.path).content)
        assert part
        assert not [quad for quad in part if quad[1] == f"<{DCAT.dataset}>"]
    void = Graph().parse(data=reading.get("/.well-known/void").content, format="turtle")
    (documents,) = void.objects(URIRef(f"{linked.url}/.well-known/void#catalogue"), VOID.documents)
    assert int(str(documents)) == len(linked.catalogue.documents().items)
    (triples_,) = void.objects(URIRef(f"{linked.url}/.well-known/void#catalogue"), VOID.triples)
    body = gzip.decompress(reading.get("/dumps/catalogue.nt.gz").content)
    assert int(str(triples_)) == body.count(b"\n")


def test_the_triple_store_has_the_catalogue_as_it_is_now(linked: Site, reading: httpx.Client) -> None:
    def asked() -> set[str]:
        text = "SELECT ?d { ?c a <http://www.w3.org/ns/dcat#Catalog> ; <http://www.w3.org/ns/dcat#dataset> ?d }"
        rows = reading.get("/sparql", params={"query": text}).json()["results"]["bindings"]
        return {row["d"]["value"] for row in rows}

    def told() -> set[str]:
        graph = Graph().parse(data=reading.get("/catalog.nt").content, format="nt")
        return {str(one) for one in graph.objects(URIRef(f"{linked.url}/catalog"), DCAT.dataset)}

    before = asked()
    assert before == told() != set()
    made = linked.catalogue.submit(next(documents(1)), "small.xml", accept_invalid=True)
    assert made.document is not None
    linked.catalogue.linked().feeder().catch_up()
    assert asked() == told() > before
    linked.catalogue.deprecate(made.document)
    linked.catalogue.linked().feeder().catch_up()
    assert asked() == told() == before


def test_settings_of_cohorts_that_change_reach_a_triple_store_that_is_followed(tmp_path: Path, shared: Path) -> None:
    settings = tmp_path / "cohorts.toml"
    settings.write_text('[catalogue.title]\nen = "First"\n', encoding="utf-8")
    text = "SELECT ?t { ?c a <http://www.w3.org/ns/dcat#Catalog> ; <http://purl.org/dc/terms/title> ?t }"
    with open_catalogue(settings_for(tmp_path / "data", shared, cohorts=settings)) as catalogue:
        feeder = catalogue.linked().feeder()
        for title in ("First", "Second, longer"):
            settings.write_text(f'[catalogue.title]\nen = "{title}"\n', encoding="utf-8")
            assert feeder.catch_up() == 1
            assert feeder.catch_up() == 0
            found = json.loads(catalogue.linked().query(GraphQuery(text)).body)["results"]["bindings"]
            assert {row["t"]["value"] for row in found} == {title}


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")
def test_rdflib_reads_the_same(reading: httpx.Client, linked: Site) -> None:
    cohorts = (one for one in linked.catalogue.linked().dumps() if one.cohort)
    name = min(cohorts, key=lambda one: one.triples).name  # rdflib takes seconds for one of our examples
    graphs = []
    for extension, format_ in (("nt", "nt"), ("ttl", "turtle"), ("jsonld", "json-ld")):
        response = reading.get(f"/dumps/{name}.{extension}.gz")
        assert response.status_code == 200, name
        graphs.append(set(Graph().parse(data=gzip.decompress(response.content), format=format_)))
    assert graphs[0] == graphs[1] == graphs[2]
    assert len(graphs[0]) > 1_000


def test_dumps_are_listed_for_people_and_programs(reading: httpx.Client, linked: Site) -> None:
    page = reading.get("/dumps", headers={"Accept": "text/html"}).text
    void = Graph().parse(data=reading.get("/.well-known/void").content, format="turtle")
    listed = {str(address) for address in void.objects(None, VOID.dataDump)}
    assert listed == {linked.url + one.path for one in linked.catalogue.linked().dumps()}
    assert len(listed) >= 2 * len(FORMATS)
    for address in listed:
        assert reading.get(address).status_code == 200
        assert address.removeprefix(linked.url) in page
    whole = URIRef(f"{linked.url}/.well-known/void#catalogue")
    assert (whole, VOID.sparqlEndpoint, URIRef(f"{linked.url}/sparql")) in void


def test_the_list_of_dumps_in_each_form(reading: httpx.Client, linked: Site) -> None:
    """JSON has the addresses of the VoID description, and what it says of each is so."""
    listed = reading.get("/dumps", headers={"Accept": "application/json"})
    assert listed.headers["content-type"] == "application/json"
    rows = [schemas.DumpFile(**row) for row in listed.json()["items"]]
    void = reading.get("/.well-known/void", headers={"Accept": "text/turtle"})
    graph = Graph().parse(data=void.content, format="turtle")
    assert {row.url for row in rows} == {str(address) for address in graph.objects(None, VOID.dataDump)}
    assert reading.get("/api/v1/dumps").content == listed.content
    assert reading.get("/dumps", headers={"Accept": "text/turtle"}).content == void.content
    assert reading.get("/dumps.ttl").content == void.content
    for row in rows:
        sent = reading.head(row.url)
        assert row.bytes in (None, int(sent.headers["content-length"]))
        assert (row.cohort is None) == (f"{linked.url}/dumps/catalogue." in row.url)
    for link in reading.get("/dumps").links.values():
        assert reading.get(link["url"]).status_code == 200


@pytest.mark.parametrize("path", ["/dumps", "/dumps.ttl", "/api/v1/dumps", "/.well-known/void"])
def test_the_list_of_dumps_is_known_by_its_tag_alone(reading: httpx.Client, path: str) -> None:
    """It follows the catalogue some seconds later: a date of the catalogue's would hide what comes then."""
    headers = {"Accept": "text/turtle"} if path.endswith("void") else {}
    first = reading.get(path, headers=headers)
    assert "last-modified" not in first.headers
    assert (
        reading.get(path, headers={**headers, "If-Modified-Since": "Fri, 31 Dec 2100 23:59:59 GMT"}).status_code == 200
    )
    assert reading.get(path, headers={**headers, "If-None-Match": first.headers["etag"]}).status_code == 304


def test_the_list_of_dumps_in_no_other_form(reading: httpx.Client) -> None:
    refused = reading.get("/dumps", headers={"Accept": "image/png"})
    assert refused.status_code == 406
    for there in ("text/html", "application/json", "text/turtle", "application/ld+json"):
        assert there in refused.json()["detail"]
    assert reading.get("/dumps", headers={"Accept": "text/html"}).headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    "path", ["nobody.nt.gz", "catalogue.zip", "catalogue.nt", "../x.nt.gz", "org.example/x.ttl.gz"]
)
def test_there_is_no_other_dump(reading: httpx.Client, path: str) -> None:
    assert reading.get(f"/dumps/{path}").status_code == 404


# --- changes ----------------------------------------------------------------------------------------------------------


def replay(client: httpx.Client, url: str) -> tuple[set[str], int]:
    """What a consumer holds who follows every page from the first, and how many changes it saw."""
    held: set[str] = set()
    seen = 0
    address: str | None = client.get("/changes").json()["first"]["id"]
    while address:
        page = client.get(address.removeprefix(url))
        assert page.headers["content-type"].startswith("application/ld+json")
        body = page.json()
        assert body["type"] == "OrderedCollectionPage"
        assert body["@context"][0] == "https://www.w3.org/ns/activitystreams"
        assert {"urn", "ddiType"} <= body["@context"][1].keys()
        assert ("immutable" in page.headers["cache-control"]) == ("next" in body)
        for activity in body["orderedItems"]:
            seen += 1
            target = activity["object"]["id"]
            if activity["type"] == "Create":
                assert target not in held
            (held.discard if activity["type"] == "Delete" else held.add)(target)
        address = body["next"]["id"] if "next" in body else None
    return held, seen


def published(site: Site) -> set[str]:
    """Everything that is published, from the triple store."""
    text = "SELECT DISTINCT ?s { ?s <https://w3id.org/cohort-catalogue/ddil#ddiVersion> ?v }"
    site.catalogue.linked().feeder().catch_up()
    body = json.loads(site.catalogue.linked().query(GraphQuery(text)).body)
    return {row["s"]["value"] for row in body["results"]["bindings"]}


def test_a_replay_of_the_changes_is_what_is_published(reading: httpx.Client, linked: Site) -> None:
    held, seen = replay(reading, linked.url)
    assert held == published(linked)
    assert seen > 2 * ON_PAGE
    first = reading.get("/changes/0")
    names = [("a", "1"), ("b", "1"), ("a", "2")]
    made = [
        linked.catalogue.submit(
            oddities(("org.example", name, version, name, name)), f"{name}{version}.xml", accept_invalid=True
        )
        for name, version in names
    ]
    assert {one.status for one in made} == {Status.PUBLISHED}
    assert made[0].document is not None
    linked.catalogue.deprecate(made[0].document)
    later, _ = replay(reading, linked.url)
    assert later == published(linked)
    ids = {f"{linked.url}/id/org.example/{name}/{version}" for name, version in names[1:]}
    assert later - held == ids
    assert reading.get("/changes/0").content == first.content
    assert reading.get("/changes/0").headers["etag"] == first.headers["etag"]


BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
JAVA = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"


def feed_page(client: httpx.Client, path: str, language: str = "en") -> etree._Element:
    answer = client.get(path, headers={"Accept": BROWSER, "Accept-Language": language})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["content-language"] == language
    assert "immutable" not in answer.headers["cache-control"]
    return etree.HTML(answer.content)


def test_people_walk_through_all_changes(reading: httpx.Client, linked: Site) -> None:
    """From the newest page to the oldest; each shows the items that its twin for machines tells of."""
    path, number = "/changes", int(reading.get("/changes").json()["last"]["id"].rpartition("/")[2])
    assert number > 0
    while path:
        page = feed_page(reading, path)
        shown = {f"{linked.url}{one}" for one in page.xpath("//details//th[@scope='row']/a/@href")}
        told = reading.get(f"/changes/{number}").json()
        assert shown == {one["object"]["id"] for one in told["orderedItems"]} != set()
        older = page.xpath("//nav[@class='pager']/a[@rel='prev']/@href")
        newer = page.xpath("//nav[@class='pager']/a[@rel='next']/@href")
        assert (bool(older), bool(newer)) == ("prev" in told, "next" in told)
        path, number = (older[0], number - 1) if older else ("", number)
    assert number == 0


def test_the_page_of_changes_in_each_language(reading: httpx.Client) -> None:
    for language, word in (("fr", "ajouté"), ("en", "added")):
        page = feed_page(reading, "/changes/0", language)
        assert word in " ".join(page.xpath("//details/summary//text()"))
        assert page.xpath("//details/p/a[starts-with(@href, '/documents/')]")


MORE_PAGE, MORE_FEED = (f"text/html;q={page}, application/ld+json;q={feed}" for page, feed in ((0.9, 0.1), (0.1, 0.9)))


@pytest.mark.parametrize("path", ["/changes", "/changes/0"])
def test_machines_get_the_feed_as_ever(reading: httpx.Client, path: str) -> None:
    usual = reading.get(path)
    for accept in ("*/*", JAVA, "image/png", "application/ld+json", "application/json", "text/html;q=0", MORE_FEED):
        answer = reading.get(path, headers={"Accept": accept})
        assert answer.headers["content-type"].startswith("application/ld+json")
        assert (answer.content, answer.headers["etag"]) == (usual.content, usual.headers["etag"])
        assert "Accept" in answer.headers["vary"]
    assert reading.get(f"{path}.jsonld", headers={"Accept": BROWSER}).content == usual.content
    for accept in ("text/html", MORE_PAGE):
        assert reading.get(path, headers={"Accept": accept}).headers["content-type"].startswith("text/html")


def test_there_are_no_pages_beyond(reading: httpx.Client) -> None:
    assert reading.get("/changes/9999").status_code == 404
    assert reading.get("/changes/-1").status_code == 404
    for path in ("/changes/9999", "/changes/-1", "/changes/9999.jsonld"):
        assert reading.get(path, headers={"Accept": BROWSER}).status_code == 404


def test_the_dump_of_the_command_line(linked: Site) -> None:
    listed = linked.catalogue.linked().dump("catalogue", "nt")
    with gzip.open(io.BytesIO(b"".join(listed.read()))) as stream:
        assert sum(1 for _ in stream) == listed.triples
