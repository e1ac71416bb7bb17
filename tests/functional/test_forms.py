"""Every form of an item over HTTP: the same triples in each, profiles, and the links that machines follow."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import httpx
import pyoxigraph
import pytest
from rdflib import RDF, Graph, Namespace, URIRef
from rdflib.compare import isomorphic

from tests.functional.conftest import Site

MEDIA_TYPES = {
    "ttl": "text/turtle",
    "jsonld": "application/ld+json",
    "rdf": "application/rdf+xml",
    "nt": "application/n-triples",
}
RDFLIB = {"ttl": "turtle", "jsonld": "json-ld", "rdf": "xml", "nt": "nt"}
DISCO = Namespace("http://rdf-vocabulary.ddialliance.org/discovery#")
DCAT = Namespace("http://www.w3.org/ns/dcat#")
SCHEMA = Namespace("http://schema.org/")
TYPES = ("Group", "StudyUnit", "Variable", "QuestionItem", "CodeList", "Concept", "Instrument", "Category")
PROFILES = {
    "dcat-ap": ("http://data.europa.eu/r5r/", DCAT.DatasetSeries),
    "healthdcat-ap": ("http://healthdataportal.eu/ns/health#", DCAT.DatasetSeries),
    "schema": ("http://schema.org/", SCHEMA.Dataset),
    "disco": ("http://rdf-vocabulary.ddialliance.org/discovery", DISCO.StudyGroup),
}


@pytest.fixture(scope="module")
def paths(site: Site, client: httpx.Client) -> dict[str, str]:
    """The address of an item of each type."""
    found: dict[str, str] = {}
    for wanted in TYPES:
        items = client.get("/api/v1/items", params={"type": wanted, "limit": 1}).json()["items"]
        found[wanted] = items[0]["uri"].removeprefix(site.url)
    return found


def graph(response: httpx.Response, form: str) -> Graph:
    """The triples of an answer, read by rdflib."""
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith(MEDIA_TYPES[form])
    return Graph().parse(data=response.content, format=RDFLIB[form])


@pytest.mark.parametrize("wanted", TYPES)
def test_every_form_has_the_same_triples(client: httpx.Client, paths: dict[str, str], wanted: str) -> None:
    path = paths[wanted]
    found = {form: graph(client.get(f"{path}.{form}"), form) for form in MEDIA_TYPES}
    first = found["nt"]
    assert len(first) > 5
    assert all(isomorphic(first, other) for other in found.values())
    turtle = client.get(f"{path}.ttl").content
    assert len(set(pyoxigraph.parse(turtle, format=pyoxigraph.RdfFormat.TURTLE))) == len(first)
    smaller = Graph()
    smaller += list(first)[1:]
    assert not isomorphic(first, smaller)


@pytest.mark.parametrize("root", ["", "/api/v1/items"])
@pytest.mark.parametrize(
    ("accept", "media_type"),
    [(media_type, media_type) for media_type in MEDIA_TYPES.values()]
    + [
        ("text/turtle;q=0.5, application/n-triples;q=0.9", "application/n-triples"),
        ("text/html, text/turtle;q=0.9", "text/html"),
        ("application/xml", "application/xml"),
        ("application/json, */*;q=0.1", "application/json"),
        ("text/turtle;q=0, application/rdf+xml", "application/rdf+xml"),
    ],
)
def test_the_accept_header_chooses(
    client: httpx.Client, paths: dict[str, str], root: str, accept: str, media_type: str
) -> None:
    path = paths["Variable"].replace("/id", root or "/id", 1)
    response = client.get(path, headers={"Accept": accept})
    assert response.status_code == 200
    assert response.headers["content-type"].split(";")[0] == media_type
    assert "Accept" in response.headers["vary"]


def test_what_is_not_there_is_refused_with_what_there_is(client: httpx.Client, paths: dict[str, str]) -> None:
    for root in ("/id", "/api/v1/items"):
        response = client.get(paths["Variable"].replace("/id", root, 1), headers={"Accept": "image/png"})
        assert response.status_code == 406
        assert "text/turtle" in response.json()["detail"]


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_is_chosen_by_name_by_uri_and_by_header(
    client: httpx.Client, paths: dict[str, str], name: str
) -> None:
    uri, expected = PROFILES[name]
    path = paths["Group"]
    by_name = client.get(path, params={"profile": name})
    by_uri = client.get(path, params={"profile": uri})
    by_header = client.get(path, headers={"Accept": "text/turtle", "Accept-Profile": f"<{uri}>;q=0.9, <urn:x>"})
    for response in (by_name, by_uri, by_header):
        found = graph(response, "ttl")
        assert response.headers["content-profile"] == f"<{uri}>"
        assert (None, RDF.type, expected) in found
    assert by_name.content == by_uri.content == by_header.content


def test_a_profile_that_an_item_does_not_have_is_refused(client: httpx.Client, paths: dict[str, str]) -> None:
    by_name = client.get(paths["Category"], params={"profile": "dcat-ap"})
    by_header = client.get(paths["Category"], headers={"Accept": "text/turtle", "Accept-Profile": "<urn:x>"})
    for response in (by_name, by_header):
        assert response.status_code == 406
        assert "schema" in response.json()["detail"]


def test_a_graph_is_not_sent_twice(client: httpx.Client, paths: dict[str, str]) -> None:
    first = client.get(f"{paths['Variable']}.ttl")
    again = client.get(f"{paths['Variable']}.ttl", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(f"{paths['Variable']}.nt", headers={"If-None-Match": first.headers["etag"]}).status_code == 200


# --- signposting ------------------------------------------------------------------------------------------------------

LINK = re.compile(r"<([^>]*)>((?:\s*;\s*\w+=\"[^\"]*\")*)")
ATTRIBUTE = re.compile(r"(\w+)=\"([^\"]*)\"")


def links(header: str) -> list[dict[str, str]]:
    """The links of a Link header, each with its attributes (RFC 8288)."""
    return [{"href": target, **dict(ATTRIBUTE.findall(more))} for target, more in LINK.findall(header)]


def of(found: list[dict[str, str]], relation: str) -> list[dict[str, str]]:
    """Those of a relation."""
    return [one for one in found if one["rel"] == relation]


def test_a_page_shows_machines_where_everything_is(site: Site, client: httpx.Client, paths: dict[str, str]) -> None:
    page = site.url + paths["Variable"]
    found = links(client.get(paths["Variable"], headers={"Accept": "text/html"}).headers["link"])

    assert [one["href"] for one in of(found, "cite-as")] == [page]
    assert {"https://schema.org/AboutPage", "https://schema.org/StatisticalVariable"} == {
        one["href"] for one in of(found, "type")
    }
    described = of(found, "describedby")
    assert set(MEDIA_TYPES.values()) <= {one["type"] for one in described}
    for one in described:
        answer = client.get(urlsplit(one["href"])._replace(scheme="", netloc="").geturl())
        assert answer.headers["content-type"].split(";")[0] == one["type"]
    assert of(found, "collection")
    assert len(of(found, "linkset")) == 1


def test_every_form_leads_back_to_the_page(site: Site, client: httpx.Client, paths: dict[str, str]) -> None:
    for extension in ("json", "xml", *MEDIA_TYPES):
        found = links(client.get(f"{paths['Variable']}.{extension}").headers["link"])
        assert [one["href"] for one in of(found, "describes")] == [site.url + paths["Variable"]]
        assert not of(found, "cite-as")


@pytest.mark.parametrize("media_type", ["application/linkset+json", "application/linkset"])
def test_the_linkset_has_the_links_of_every_form(
    site: Site, client: httpx.Client, paths: dict[str, str], media_type: str
) -> None:
    page = site.url + paths["Group"]
    header = links(client.get(paths["Group"], headers={"Accept": "text/html"}).headers["link"])
    response = client.get(f"{paths['Group']}/linkset", headers={"Accept": media_type})
    assert response.headers["content-type"].split(";")[0] == media_type
    if media_type.endswith("json"):
        contexts = response.json()["linkset"]
        written = {
            (context["anchor"], relation, one["href"])
            for context in contexts
            for relation, targets in context.items()
            if relation != "anchor"
            for one in targets
        }
    else:
        written = {(one["anchor"], one["rel"], one["href"]) for one in links(response.text)}
    page_links = {(page, one["rel"], one["href"]) for one in header if one["rel"] not in ("canonical", "alternate")}
    assert page_links <= written
    back = {anchor for anchor, relation, href in written if (relation, href) == ("describes", page)}
    assert {f"{page}.{form}" for form in MEDIA_TYPES} <= back


def test_addresses_in_triples_lead_to_what_they_say(site: Site, client: httpx.Client, paths: dict[str, str]) -> None:
    found = graph(client.get(f"{paths['Variable']}.ttl"), "ttl")
    own = URIRef(site.url + paths["Variable"])
    assert (own, RDF.type, DISCO.Variable) in found
    targets = {str(one).split("#")[0] for one in found.objects(own) if str(one).startswith(f"{site.url}/id/")}
    assert targets
    for target in sorted(targets)[:20]:
        assert client.get(target.removeprefix(site.url)).status_code in (200, 303)


def test_only_the_newest_version_is_the_current_one(site: Site, client: httpx.Client) -> None:
    item = URIRef(f"{site.url}/id/org.example/plain")
    current = {
        version: set(
            graph(client.get(f"/id/org.example/plain/{version}.nt"), "nt").objects(item, DCAT.hasCurrentVersion)
        )
        for version in ("1.0.0", "1.9.0", "1.10.0")
    }
    assert current == {"1.0.0": set(), "1.9.0": set(), "1.10.0": {item + "/1.10.0"}}


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ('application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"', "application/ld+json"),
        ("text/html;level=1", "text/html"),
        ("text/turtle;charset=utf-8", "text/turtle"),
    ],
)
def test_parameters_of_media_types_are_wishes(
    client: httpx.Client, paths: dict[str, str], accept: str, media_type: str
) -> None:
    response = client.get(paths["Variable"], headers={"Accept": accept})
    assert (response.status_code, response.headers["content-type"].split(";")[0]) == (200, media_type)


@pytest.mark.parametrize("view", ["codebook", "linkset", "used-by", "contents"])
def test_the_way_to_the_latest_version_keeps_what_is_wanted_of_it(client: httpx.Client, view: str) -> None:
    answer = client.get(f"/id/fr.cohortes-exemples/E3N-W1-SU/{view}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/id/fr.cohortes-exemples/E3N-W1-SU/1.0.0/{view}")
    assert client.get(answer.headers["location"]).status_code == 200


def test_the_way_to_the_latest_version_keeps_the_profile(client: httpx.Client, paths: dict[str, str]) -> None:
    unversioned = paths["Group"].rpartition("/")[0]
    assert client.get(unversioned, params={"profile": "disco"}).headers["location"].endswith("?profile=disco")


def test_profiles_are_not_mixed_up_in_what_is_kept(client: httpx.Client, paths: dict[str, str]) -> None:
    answers = [
        client.get(paths["Group"], headers={"Accept": "text/turtle", "Accept-Profile": f"<{PROFILES[name][0]}>"})
        for name in ("disco", "schema", "disco")
    ]
    assert answers[0].content == answers[2].content != answers[1].content
    assert answers[0].headers["etag"] != answers[1].headers["etag"]
    known = client.get(paths["Group"], headers={"Accept": "text/html", "If-None-Match": "*"})
    assert known.status_code == 304
