"""The API over HTTP: forms and negotiation, lists, references, documents, and one error shape everywhere."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from catalogue_api import schemas
from lxml import etree
from pydantic import BaseModel

from tests.functional.conftest import (
    CATEGORIES,
    DOCUMENTS,
    EXAMPLES,
    LIMIT,
    TOKEN,
    Site,
    oddities,
    serving,
    settings_for,
)

API = "/api/v1"
KINDS = ("cohorts", "studies", "variables", "questions", "instruments", "codelists", "concepts", "items")
PLAIN = "/id/org.example/plain/1.0.0"
PROBLEM_MEMBERS = {"type", "title", "status", "detail", "instance", "code", "next_step"}
AUTHORIZED = {"Authorization": f"Bearer {TOKEN}"}
XML = {"Content-Type": "application/xml"}


def assert_problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The one error shape, with a help page that explains the code."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert PROBLEM_MEMBERS <= problem.keys() <= PROBLEM_MEMBERS | {"outcomes"}
    assert problem["status"] == status
    assert problem["code"] == code
    assert problem["type"].endswith(f"/help/errors#{code}")
    assert all(problem[name] for name in PROBLEM_MEMBERS)
    assert response.headers["x-content-type-options"] == "nosniff"
    return problem


def all_pages(client: httpx.Client, address: str) -> Iterator[dict[str, Any]]:
    """Every piece of a list, by its next links."""
    following: str | None = address
    while following:
        response = client.get(following)
        assert response.status_code == 200, response.text
        page = response.json()
        yield page
        linked = response.links.get("next", {}).get("url")
        assert linked == page["next"]
        following = page["next"]


def first_of(client: httpx.Client, kind: str) -> dict[str, Any]:
    item: dict[str, Any] = client.get(f"{API}/{kind}?limit=1").json()["items"][0]
    return item


# --- forms ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("text/html", "text/html; charset=utf-8"),
        ("*/*", "text/html; charset=utf-8"),
        ("application/json", "application/json"),
        ("application/json;q=0.4, application/xml;q=0.5", "application/xml"),
        ("application/vnd.ddi.lifecycle+xml", "application/vnd.ddi.lifecycle+xml;version=3.3"),
        ("application/vnd.ddi.lifecycle+xml;version=3.3", "application/vnd.ddi.lifecycle+xml;version=3.3"),
    ],
)
def test_the_accept_header_chooses_the_form(client: httpx.Client, accept: str, media_type: str) -> None:
    response = client.get(PLAIN, headers={"Accept": accept})
    assert response.status_code == 200
    assert response.headers["content-type"] == media_type
    assert "Accept" in response.headers["vary"]


@pytest.mark.parametrize("extension", ["html", "json", "xml"])
def test_the_extension_wins_over_the_accept_header(client: httpx.Client, extension: str) -> None:
    response = client.get(f"{PLAIN}.{extension}", headers={"Accept": "image/png"})
    assert response.status_code == 200
    assert extension in response.headers["content-type"]


@pytest.mark.parametrize("accept", ["text/html", "application/json", "application/xml"])
def test_every_form_names_the_others_and_the_canonical_address(site: Site, client: httpx.Client, accept: str) -> None:
    links = client.get(PLAIN, headers={"Accept": accept}).headers["link"]
    assert f'<{site.url}{PLAIN}>; rel="canonical"' in links
    for extension, kind in (("html", "text/html"), ("json", "application/json"), ("xml", "application/xml")):
        assert f'<{site.url}{PLAIN}.{extension}>; rel="alternate"; type="{kind}"' in links


@pytest.mark.parametrize(("agency", "identifier", "version"), sorted({one[:3] for one in CATEGORIES}))
def test_every_identification_has_an_address(client: httpx.Client, agency: str, identifier: str, version: str) -> None:
    path = "/".join(quote(part, safe="") for part in (agency or "-", identifier, version))
    for root in ("/id", f"{API}/items"):
        found = client.get(f"{root}/{path}", headers={"Accept": "application/json"}).json()
        assert (found["agency"], found["identifier"], found["version"]) == (agency, identifier, version)
    assert client.get(found["uri"]).status_code == 200


def test_without_version_the_latest_is_found_by_number(client: httpx.Client) -> None:
    response = client.get("/id/org.example/plain.json")
    assert response.status_code == 303
    assert response.headers["location"] == "/id/org.example/plain/1.10.0.json"
    assert client.get("/id/org.example/plain").headers["location"] == "/id/org.example/plain/1.10.0"


def test_an_identifier_that_ends_like_an_extension(client: httpx.Client) -> None:
    assert client.get("/id/org.example/data.xml").headers["location"] == "/id/org.example/data.xml/1"


@pytest.mark.parametrize("root", ["/", "/id"])
def test_a_urn_leads_to_its_item(client: httpx.Client, root: str) -> None:
    response = client.get(root, params={"urn": "urn:ddi:org.example:plain:1.0.0"})
    assert (response.status_code, response.headers["location"]) == (303, PLAIN)


def test_all_variants_of_one_identification_are_given(client: httpx.Client) -> None:
    item = client.get("/id/org.example/twin/1.json").json()
    labels = {one["text"] for content in (item, *item["variants"]) for one in content["texts"]}
    assert {"Jumeau", "Autre jumeau"} <= labels


def test_versions_are_listed_newest_first(client: httpx.Client) -> None:
    versions = client.get(f"{PLAIN}.json").json()["versions"]
    assert [one["version"] for one in versions] == ["1.10.0", "1.9.0", "1.0.0"]
    assert [one["latest"] for one in versions] == [True, False, False]


def test_a_fragment_is_xml_that_names_the_item(client: httpx.Client) -> None:
    for kind in ("variables", "questions", "instruments", "codelists", "concepts"):
        item = first_of(client, kind)
        tree = etree.fromstring(client.get(f"{item['uri']}.xml").content)
        assert tree.tag == "{ddi:instance:3_3}FragmentInstance"
        assert item["identifier"] in [element.text for element in tree.iter("{ddi:reusable:3_3}ID")]


@pytest.mark.parametrize("path", ["/", "/variables", f"{PLAIN}.html", f"{PLAIN}.json", f"{API}/cohorts"])
def test_what_cannot_have_changed_is_not_made_again(
    site: Site, client: httpx.Client, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    tag = client.get(path).headers["etag"]
    for name in ("get", "list_items", "cohorts"):
        monkeypatch.setattr(site.catalogue, name, lambda *_, **__: pytest.fail("the catalogue was asked"))
    again = client.get(path, headers={"If-None-Match": f'W/"x", {tag}'})
    assert (again.status_code, again.headers["etag"]) == (304, tag)
    assert "Accept" in again.headers["vary"]


def test_the_same_answer_is_made_once(site: Site, client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    first = client.get("/api/v1/stats")
    monkeypatch.setattr(site.catalogue, "stats", lambda: pytest.fail("the catalogue was asked"))
    again = client.get("/api/v1/stats")
    assert (again.status_code, again.content, again.headers["etag"]) == (200, first.content, first.headers["etag"])


def test_the_tag_differs_by_address_language_and_form(client: httpx.Client) -> None:
    asked = [
        (PLAIN, {"Accept": "text/html", "Accept-Language": "fr"}),
        (PLAIN, {"Accept": "text/html", "Accept-Language": "en"}),
        (PLAIN, {"Accept": "application/json", "Accept-Language": "fr"}),
        (f"{PLAIN}?lang=en", {"Accept": "text/html", "Accept-Language": "fr"}),
        ("/id/org.example/plain/1.9.0", {"Accept": "text/html", "Accept-Language": "fr"}),
    ]
    assert len({client.get(path, headers=headers).headers["etag"] for path, headers in asked}) == len(asked)


def test_choosing_a_language_is_remembered_even_when_nothing_changed(client: httpx.Client) -> None:
    tag = client.get("/about?lang=en").headers["etag"]
    again = client.get("/about?lang=en", headers={"If-None-Match": tag})
    assert again.status_code == 304
    assert "lang=en" in again.headers["set-cookie"]
    client.cookies.clear()


def test_a_publication_changes_the_tags(desk: Site) -> None:
    with desk.client() as own:
        before = own.get("/items").headers["etag"]
        own.post(f"{API}/documents?draft=true", content=category("tag-draft"), headers={**XML, **AUTHORIZED})
        assert own.get("/items", headers={"If-None-Match": before}).status_code == 304
        own.post(f"{API}/documents", content=category("tag"), headers={**XML, **AUTHORIZED})
        after = own.get("/items", headers={"If-None-Match": before})
        assert after.status_code == 200
        own.post(f"{API}/documents", content=category("tag-draft"), headers={**XML, **AUTHORIZED})
        assert own.get("/items", headers={"If-None-Match": after.headers["etag"]}).status_code == 200


@pytest.mark.parametrize("path", ["/", "/variables", PLAIN, f"{API}/cohorts", f"{PLAIN}.json"])
def test_an_answer_is_gathered_from_one_state(
    site: Site, client: httpx.Client, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    entered: list[bool] = []
    real = site.catalogue.snapshot

    @contextmanager
    def counted() -> Iterator[None]:
        with real():
            entered.append(True)
            yield
            entered.append(False)

    monkeypatch.setattr(site.catalogue, "snapshot", counted)
    assert client.get(path, headers={"Accept": "text/html"}).status_code == 200
    assert entered[0] is True
    assert entered[-1] is False
    depth = [1 if one else -1 for one in entered]
    assert all(sum(depth[:place]) > 0 for place in range(1, len(depth)))


@pytest.mark.parametrize("extension", ["html", "json", "xml"])
def test_what_has_not_changed_is_not_sent_again(client: httpx.Client, extension: str) -> None:
    first = client.get(f"{PLAIN}.{extension}")
    again = client.get(f"{PLAIN}.{extension}", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert client.get(f"{PLAIN}.{extension}", headers={"If-None-Match": '"other"'}).status_code == 200


def test_head_is_get_without_body(client: httpx.Client) -> None:
    get, head = client.get(PLAIN), client.head(PLAIN)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == get.headers["content-length"]
    assert head.headers["link"] == get.headers["link"]


# --- lists ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_walking_a_list_gives_everything_exactly_once(client: httpx.Client, kind: str) -> None:
    whole = client.get(f"{API}/{kind}?limit=500").json()
    limit = max(1, whole["total"] // 7)
    pages = list(all_pages(client, f"{API}/{kind}?limit={min(limit, 500)}"))
    urns = [item["urn"] for page in pages for item in page["items"]]
    assert len(pages) > 1
    assert {page["total"] for page in pages} == {len(urns)}
    assert len(set(urns)) >= len(urns) - 1  # the twins of one identification are two items
    assert urns[: len(whole["items"])] == [item["urn"] for item in whole["items"]]


def test_filters_by_cohort_study_and_type(client: httpx.Client) -> None:
    cohort = next(one for one in client.get(f"{API}/cohorts").json()["items"] if one["waves"])
    wave = cohort["waves"][0]
    whole = client.get(f"{API}/variables?limit=1").json()["total"]
    of_cohort = client.get(f"{API}/variables", params={"cohort": cohort["urn"]}).json()["total"]
    by_path = client.get(f"{API}/variables", params={"cohort": f"{cohort['agency']}/{cohort['identifier']}"}).json()
    of_wave = client.get(f"{API}/variables", params={"study": wave["urn"]}).json()["total"]
    assert whole > of_cohort > of_wave > 0
    assert by_path["total"] == of_cohort == cohort["counts"]["Variable"]
    grids = client.get(f"{API}/questions", params={"type": "QuestionGrid"}).json()
    assert {one["type"] for one in grids["items"]} == {"QuestionGrid"}
    two = client.get(f"{API}/items", params={"type": ["Universe", "UnitType"], "limit": 500}).json()
    assert {one["type"] for one in two["items"]} == {"Universe", "UnitType"}


def test_what_belongs_to_no_cohort_is_found(client: httpx.Client) -> None:
    found = client.get(f"{API}/items", params={"unassigned": "true", "type": "Category", "limit": 500}).json()
    assert "org.example" in {one["agency"] for one in found["items"]}
    assert client.get(f"{API}/stats").json()["unassigned"]["Category"] == found["total"]


def test_references_lead_both_ways(client: httpx.Client) -> None:
    variable = next(all_pages(client, f"{API}/variables?limit=50"))["items"][-1]
    address = f"{API}/items/{variable['agency']}/{variable['identifier']}/{variable['version']}"
    outgoing = [one for page in all_pages(client, f"{address}/references?limit=2") for one in page["items"]]
    assert [one["position"] for one in outgoing] == list(range(len(outgoing)))
    target = next(one["target"] for one in outgoing if one["target"])
    back = f"{API}/items/{target['agency']}/{target['identifier']}/{target['version']}/used-by?limit=7"
    sources = [one["source"]["urn"] for page in all_pages(client, back) for one in page["items"]]
    assert variable["urn"] in sources


def test_used_by_can_be_narrowed_to_a_role(client: httpx.Client) -> None:
    concept = next(one for one in all_items(client, "concepts") if one["used_by"].get("ConceptReference", 0) > 1)
    page = client.get(f"{concept['links']['used_by']}?role=ConceptReference&limit=500").json()
    assert {one["role"] for one in page["items"]} == {"ConceptReference"}
    assert page["total"] == concept["used_by"]["ConceptReference"]


def all_items(client: httpx.Client, kind: str) -> Iterator[dict[str, Any]]:
    for one in client.get(f"{API}/{kind}?limit=40").json()["items"]:
        yield client.get(f"{one['uri']}.json").json()


def test_contents_are_in_document_order(client: httpx.Client) -> None:
    scheme = client.get(f"{API}/items", params={"type": "QuestionScheme", "limit": 1}).json()["items"][0]
    item = client.get(f"{scheme['uri']}.json").json()
    inside = [one for page in all_pages(client, f"{item['links']['contents']}?limit=5") for one in page["items"]]
    assert len(inside) == item["children"]["total"] > 0
    assert [one["urn"] for one in inside[: len(item["children"]["items"])]] == [
        one["urn"] for one in item["children"]["items"]
    ]


# --- what is documented is what is sent -------------------------------------------------------------------------------


def strictly(model: type[BaseModel], data: Any) -> None:
    model.model_validate(data)


def test_every_answer_is_as_the_schemas_say(client: httpx.Client) -> None:
    strictly(schemas.ContainerPage, client.get(f"{API}/cohorts").json())
    strictly(schemas.Statistics, client.get(f"{API}/stats").json())
    strictly(schemas.DocumentPage, client.get(f"{API}/documents").json())
    document = client.get(f"{API}/documents?limit=1").json()["items"][0]
    strictly(schemas.DocumentReach, client.get(document["links"]["self"]).json())
    strictly(schemas.Report, client.get(document["links"]["report"], headers={"Accept": "application/json"}).json())
    for kind in KINDS[1:]:
        strictly(schemas.ItemPage, client.get(f"{API}/{kind}").json())


def test_an_item_of_every_type_is_as_the_schema_says(client: httpx.Client) -> None:
    for item_type in client.get(f"{API}/stats").json()["items"]:
        found = client.get(f"{API}/items", params={"type": item_type, "limit": 1}).json()["items"][0]
        item = client.get(f"{found['uri']}.json").json()
        strictly(schemas.Item, item)
        strictly(schemas.OutgoingPage, client.get(item["links"]["references"]).json())
        strictly(schemas.IncomingPage, client.get(item["links"]["used_by"]).json())


def test_openapi_describes_every_operation(client: httpx.Client) -> None:
    document = client.get(f"{API}/openapi.json").json()
    assert document["openapi"].startswith("3.")
    operations = [(path, method, one) for path, ways in document["paths"].items() for method, one in ways.items()]
    assert {f"{API}/{kind}" for kind in KINDS} <= document["paths"].keys()
    assert len({one["operationId"] for *_, one in operations}) == len(operations)
    for path, method, one in operations:
        assert one.get("summary"), path
        assert one.get("description"), path
        assert one.get("tags"), path
        assert "default" in one["responses"], (path, method)
        assert "422" not in one["responses"] or path == f"{API}/documents"
        for parameter in one.get("parameters", []):
            assert parameter["in"] == "path" or parameter.get("description"), (path, parameter["name"])
    references = [value for value in _references(document) if value.startswith("#/components/schemas/")]
    assert {one.rpartition("/")[2] for one in references} <= document["components"]["schemas"].keys()
    assert "HTTPValidationError" not in document["components"]["schemas"]


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for one in value.values():
            yield from _references(one)
    elif isinstance(value, list):
        for one in value:
            yield from _references(one)


# --- errors -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/nowhere", 404, "not-found"),
        (f"{API}/nowhere", 404, "not-found"),
        ("/id/org.example/absent/1", 404, "not-found"),
        ("/id/org.example/absent/1.json", 404, "not-found"),
        ("/id/org.example/absent", 404, "not-found"),
        ("/id/org.example/plain/7", 404, "not-found"),
        (f"{API}/items/org.example/absent/1", 404, "not-found"),
        (f"{API}/documents/absent", 404, "not-found"),
        (f"{API}/documents/absent/source", 404, "not-found"),
        (f"{API}/documents/absent/report", 404, "not-found"),
        ("/id/alone", 400, "usage"),
        ("/id/a/b/c/d", 400, "usage"),
        ("/id", 400, "usage"),
        ("/id?urn=nonsense", 400, "usage"),
        ("/id?urn=urn:ddi:a:b:c", 404, "not-found"),
        (f"{API}/variables?cursor=%00nonsense", 400, "usage"),
        (f"{API}/variables?cursor=bm9uc2Vuc2U", 400, "usage"),
        (f"{API}/cohorts?cursor=nonsense", 400, "usage"),
        (f"{API}/documents?cursor=nonsense", 400, "usage"),
        (f"{API}/items/org.example/plain/1.0.0/references?cursor=nonsense", 400, "usage"),
        (f"{API}/items/org.example/plain/1.0.0/used-by?cursor=nonsense", 400, "usage"),
        (f"{API}/variables?limit=0", 400, "usage"),
        (f"{API}/variables?limit=501", 400, "usage"),
        (f"{API}/variables?limit=many", 400, "usage"),
        (f"{API}/variables?unassigned=perhaps", 400, "usage"),
        (f"{API}/variables?type=Concept", 400, "usage"),
        (f"{API}/variables?cohort=nonsense", 400, "usage"),
        (f"{API}/variables?cohort=org.example/absent", 404, "not-found"),
    ],
)
def test_every_refusal_has_the_one_shape(client: httpx.Client, path: str, status: int, code: str) -> None:
    assert_problem(client.get(path), status, code)


def test_what_cannot_be_given_is_406_with_what_there_is(client: httpx.Client) -> None:
    for accept in ("image/png", "application/vnd.ddi.lifecycle+xml;version=3.2"):
        problem = assert_problem(client.get(PLAIN, headers={"Accept": accept}), 406, "not-acceptable")
        assert "application/json" in problem["detail"]


@pytest.mark.parametrize(("method", "path"), [("POST", PLAIN), ("DELETE", f"{API}/variables"), ("PUT", "/")])
def test_other_methods_are_refused(client: httpx.Client, method: str, path: str) -> None:
    response = client.request(method, path)
    assert_problem(response, 405, "method-not-allowed")
    assert "GET" in response.headers["allow"]


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        (PLAIN, {"GET", "HEAD", "OPTIONS"}),
        (f"{API}/variables", {"GET", "HEAD", "OPTIONS"}),
        (f"{API}/documents", {"GET", "HEAD", "OPTIONS", "POST"}),
        ("/sparql", {"GET", "HEAD", "OPTIONS", "POST"}),
        ("/dumps/catalogue.nt.gz", {"GET", "HEAD", "OPTIONS"}),
        ("/static/site.css", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_options_tell_every_method(client: httpx.Client, path: str, methods: set[str]) -> None:
    told = client.options(path)
    assert (told.status_code, told.content) == (204, b"")
    assert set(told.headers["allow"].split(", ")) == methods
    refused = client.request("DELETE", path)
    assert_problem(refused, 405, "method-not-allowed")
    assert refused.headers["allow"] == told.headers["allow"]


def test_options_of_no_address_is_404(client: httpx.Client) -> None:
    assert_problem(client.options("/nowhere/at/all"), 404, "not-found")


def test_options_of_a_page_of_others_are_a_preflight(client: httpx.Client) -> None:
    asked = {"Origin": "http://elsewhere.example", "Access-Control-Request-Method": "GET"}
    response = client.options(PLAIN, headers=asked)
    assert (response.status_code, response.headers["access-control-allow-origin"]) == (200, "*")
    assert "POST" in response.headers["access-control-allow-methods"]
    uploading = client.options(f"{API}/documents", headers={**asked, "Access-Control-Request-Headers": "Authorization"})
    assert uploading.status_code == 400


def test_a_browser_gets_a_page_in_its_language(client: httpx.Client) -> None:
    accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    response = client.get("/id/org.example/absent/1", headers={"Accept": accept, "Accept-Language": "fr"})
    assert response.status_code == 404
    assert response.headers["content-type"].startswith("text/html")
    assert "Rien n’est publié à cette adresse" in response.text
    assert "/cohorts" in response.text
    api = client.get(f"{API}/nowhere", headers={"Accept": accept})
    assert_problem(api, 404, "not-found")


def test_a_failure_of_the_program_tells_nothing_and_keeps_the_shape(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(site.catalogue, "stats", fail)
    with site.client() as own:
        response = own.get(f"{API}/stats?asked=never")
    assert "secret" not in assert_problem(response, 500, "internal")["detail"]


# --- documents --------------------------------------------------------------------------------------------------------


def test_the_source_is_not_sent_twice(client: httpx.Client) -> None:
    source = client.get(f"{API}/documents?limit=1").json()["items"][0]["links"]["source"]
    first = client.get(source)
    assert client.get(source, headers={"If-None-Match": first.headers["etag"]}).status_code == 304
    assert client.get(source, headers={"If-None-Match": '"other"'}).content == first.content


def test_the_source_is_given_back_byte_for_byte(client: httpx.Client) -> None:
    listed = {one["file"]: one for page in all_pages(client, f"{API}/documents?limit=2") for one in page["items"]}
    for name in DOCUMENTS:
        response = client.get(listed[name]["links"]["source"])
        assert response.content == (EXAMPLES / name).read_bytes()
        assert response.headers["content-type"] == "application/xml"
        assert name in response.headers["content-disposition"]


def test_a_receipt_adds_up(client: httpx.Client) -> None:
    for document in client.get(f"{API}/documents").json()["items"]:
        assert document["receipt"]
        for row in document["receipt"].values():
            assert row["found"] == row["stored"] + row["merged"] + row["refused"]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Iterator[Site]:
    """A server of its own, for those who upload."""
    with serving(settings_for(tmp_path_factory.mktemp("desk"), shared, token=TOKEN)) as running:
        yield running


def category(identifier: str, label: str = "Un") -> bytes:
    data: bytes = oddities(("org.example", identifier, "1", label, "One"))
    return data


def test_a_document_is_taken_in_once(desk: Site) -> None:
    with desk.client(headers=AUTHORIZED) as own:
        first = own.post(f"{API}/documents", content=category("first"), headers=XML)
        assert first.status_code == 201, first.text
        strictly(schemas.Outcome, first.json())
        assert first.json()["status"] == "published"
        again = own.post(f"{API}/documents", content=category("first"), headers=XML)
        assert (again.status_code, again.json()["status"]) == (200, "unchanged")
        assert own.get("/id/org.example/first/1.json").status_code == 200


def test_a_form_and_a_file_name_are_understood(desk: Site) -> None:
    with desk.client(headers=AUTHORIZED) as own:
        form = own.post(f"{API}/documents", files={"file": ("études.xml", category("form"), "text/xml")})
        assert (form.status_code, form.json()["file"]) == (201, "études.xml")
        named = {**XML, "Content-Disposition": 'attachment; filename="named.xml"'}
        raw = own.post(f"{API}/documents", content=category("raw"), headers=named)
        assert raw.json()["file"] == "named.xml"


@pytest.mark.parametrize(
    ("query", "change", "words"),
    [
        ("", b"", ("Published", "/documents/", "bordereau")),
        ("?draft=true", b"", ("draft", "same document again", "renvoyez le même document")),
        ("", b"<r:Wrong/>", ("schema rejects", "accept_invalid", "Corrigez")),
    ],
)
def test_each_outcome_names_the_next_step(desk: Site, query: str, change: bytes, words: tuple[str, ...]) -> None:
    data = category(f"step{len(query)}{len(change)}").replace(b"<r:Label>", change + b"<r:Label>")
    with desk.client(headers={**AUTHORIZED, **XML}) as own:
        answer = own.post(f"{API}/documents{query}", content=data).json()
        said = " ".join(answer["next_step"].values())
        assert [word for word in words if word not in said] == []
        again = own.post(f"{API}/documents{query}", content=data).json()
    assert "Nothing to do" in again["next_step"]["en"]


def test_a_draft_is_published_by_doing_what_its_next_step_says(desk: Site) -> None:
    with desk.client(headers={**AUTHORIZED, **XML}) as own:
        data = category("draft-then-published")
        assert own.post(f"{API}/documents?draft=true", content=data).json()["status"] == "draft"
        assert own.post(f"{API}/documents", content=data).json()["status"] == "published"


def test_a_refusal_and_a_conflict_say_what_to_do(desk: Site) -> None:
    with desk.client(headers={**AUTHORIZED, **XML}) as own:
        refused = own.post(f"{API}/documents", content=b"<not").json()["outcomes"][0]
        own.post(f"{API}/documents", content=category("quarrel"))
        conflict = own.post(f"{API}/documents", content=category("quarrel", "Deux")).json()["outcomes"][0]
    assert "Nothing was stored" in refused["next_step"]["en"]
    assert "nouvelle version" in conflict["next_step"]["fr"]


def test_other_content_under_a_published_urn_is_a_conflict(desk: Site) -> None:
    with desk.client(headers=AUTHORIZED) as own:
        own.post(f"{API}/documents", content=category("contested"), headers=XML)
        response = own.post(f"{API}/documents", content=category("contested", "Deux"), headers=XML)
        problem = assert_problem(response, 409, "conflict")
        strictly(schemas.Outcome, problem["outcomes"][0])
        assert any("contested" in (one["urn"] or "") for one in problem["outcomes"][0]["violations"])


def test_an_invalid_document_stays_a_draft_unless_accepted(desk: Site) -> None:
    invalid = category("invalid").replace(b"<r:Label>", b"<r:Wrong/><r:Label>")
    with desk.client(headers=AUTHORIZED) as own:
        kept = own.post(f"{API}/documents", content=invalid, headers=XML)
        assert (kept.status_code, kept.json()["status"], kept.json()["xsd_valid"]) == (201, "draft", False)
        assert kept.json()["violations"]
        assert own.get("/id/org.example/invalid/1.json").status_code == 404
        other = invalid.replace(b">invalid<", b">accepted<")
        accepted = own.post(f"{API}/documents?accept_invalid=true", content=other, headers=XML)
        assert (accepted.status_code, accepted.json()["status"]) == (201, "published")


@pytest.mark.parametrize("body", [b"<not", b"plain words", b"<!DOCTYPE a><a/>"])
def test_an_unreadable_document_is_refused(desk: Site, body: bytes) -> None:
    with desk.client(headers=AUTHORIZED) as own:
        response = own.post(f"{API}/documents", content=body, headers=XML)
        assert_problem(response, 422, "invalid-document")


def test_a_draft_is_seen_only_with_the_token(desk: Site) -> None:
    with desk.client() as own:
        sent = own.post(f"{API}/documents?draft=true", content=category("draft"), headers={**XML, **AUTHORIZED})
        document = sent.json()["document"]
        assert (sent.status_code, sent.json()["status"]) == (201, "draft")
        for part in ("", "/source", "/report"):
            address = f"{API}/documents/{document}{part}"
            assert_problem(own.get(address), 404, "not-found")
            assert own.get(address, headers=AUTHORIZED).status_code == 200
        assert_problem(own.get("/id/org.example/draft/1.json"), 404, "not-found")
        assert document not in own.get(f"{API}/documents?limit=500").text
        assert document in own.get(f"{API}/documents?limit=500", headers=AUTHORIZED).text


def archive(**members: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in members.items():
            opened.writestr(f"{name}.xml", data)
    return packed.getvalue()


def test_an_archive_gives_a_list(desk: Site) -> None:
    with desk.client(headers={**AUTHORIZED, "Content-Type": "application/zip"}) as own:
        both = own.post(f"{API}/documents", content=archive(a=category("zip-a"), b=category("zip-b")))
        assert (both.status_code, [one["status"] for one in both.json()]) == (201, ["published", "published"])
        mixed = own.post(f"{API}/documents", content=archive(a=category("zip-a2"), b=b"<broken"))
        problem = assert_problem(mixed, 422, "invalid-document")
        assert [one["status"] for one in problem["outcomes"]] == ["published", "refused"]


@pytest.mark.parametrize("authorization", [None, "Bearer wrong", "Basic eA==", "Bearer"])
def test_uploads_need_the_token(desk: Site, authorization: str | None) -> None:
    headers = {**XML, "Authorization": authorization} if authorization else XML
    with desk.client() as own:
        response = own.post(f"{API}/documents", content=category("nobody"), headers=headers)
        assert_problem(response, 401, "unauthorized")
        assert response.headers["www-authenticate"].startswith("Bearer")


def test_a_wrong_token_is_refused_for_reading_too(client: httpx.Client) -> None:
    assert_problem(client.get(f"{API}/documents", headers={"Authorization": "Bearer wrong"}), 401, "unauthorized")


def test_without_a_token_set_uploads_are_off(tmp_path: Path, shared: Path) -> None:
    with serving(settings_for(tmp_path, shared)) as closed, closed.client() as own:
        response = own.post(f"{API}/documents", content=category("x"), headers={**XML, **AUTHORIZED})
        assert "CATALOGUE_TOKEN" in assert_problem(response, 403, "uploads-off")["next_step"]
        assert own.post(f"{API}/validate", content=category("x"), headers=XML).status_code == 200


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("path", [f"{API}/validate", f"{API}/documents"])
def test_the_size_limit_holds_while_reading(client: httpx.Client, path: str, chunked: bool) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(LIMIT // 50_000 + 2):
            yield b"x" * 50_000

    body: Any = pieces() if chunked else b"x" * (LIMIT + 1)
    response = client.post(path, content=body, headers={**XML, **AUTHORIZED})
    assert str(LIMIT)[:1] in assert_problem(response, 413, "limit-exceeded")["detail"]


def test_the_size_limit_holds_for_forms(client: httpx.Client) -> None:
    response = client.post(f"{API}/validate", files={"file": ("large.xml", b"x" * (LIMIT + 1), "text/xml")})
    assert_problem(response, 413, "limit-exceeded")


@pytest.mark.parametrize(
    "headers",
    [{"Content-Type": "application/pdf"}, {"Content-Type": ""}, {**XML, "Content-Encoding": "gzip"}],
)
def test_other_media_types_are_refused(client: httpx.Client, headers: dict[str, str]) -> None:
    assert_problem(client.post(f"{API}/validate", content=b"<a/>", headers=headers), 415, "unsupported-document")


def test_an_empty_request_is_refused(client: httpx.Client) -> None:
    assert_problem(client.post(f"{API}/validate", content=b"", headers=XML), 400, "no-document")
    assert_problem(client.post(f"{API}/validate", files={"other": ("x", b"x")}), 400, "no-document")
    assert_problem(
        client.post(f"{API}/validate", content=b"x", headers={"Content-Type": "multipart/form-data"}), 400, "usage"
    )


def test_validation_stores_nothing(client: httpx.Client) -> None:
    before = client.get(f"{API}/stats").json()
    good = client.post(f"{API}/validate", content=category("validated"), headers=XML).json()
    strictly(schemas.Report, good)
    assert (good["xsd_valid"], good["ddi_version"]) == (True, "3.3")
    bad = client.post(f"{API}/validate", content=category("x").replace(b"l:Category", b"l:Nothing"), headers=XML).json()
    assert bad["xsd_valid"] is False
    assert {"message", "remedy", "line"} <= bad["violations"][0].keys()
    assert client.get(f"{API}/stats").json() == before


def test_validating_an_archive_gives_a_list(client: httpx.Client) -> None:
    reports = client.post(
        f"{API}/validate", content=archive(a=category("a"), b=b"<broken"), headers={"Content-Type": "application/zip"}
    ).json()
    assert [len(one["violations"]) for one in reports] == [0, 1]


def test_a_refused_member_of_an_archive_has_a_report_too(client: httpx.Client) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as opened:
        opened.writestr("../outside.xml", category("outside"))
        opened.writestr("inside.xml", category("inside"))
    zipped = {"Content-Type": "application/zip"}
    outside, inside = client.post(f"{API}/validate", content=packed.getvalue(), headers=zipped).json()
    assert outside["violations"]
    assert inside["xsd_valid"] is True
    (damaged,) = client.post(f"{API}/validate", content=b"PK\x03\x04 nothing", headers=zipped).json()
    assert damaged["violations"]
