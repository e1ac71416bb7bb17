"""The help and the completeness page: each address and operation is told, in both languages, and leads somewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from catalogue_api.i18n import locale, sentences
from catalogue_api.routes.pages import operations
from lxml import etree
from playwright.sync_api import Browser

from tests.functional.conftest import Site

MACHINES = (
    "/oai", "/sparql", "/dumps", "/.well-known/void", "/changes", "/catalog", "/id/…?profile=…", "/id/…/codebook",
    "/id/…/linkset", "/ontology/ddil", "/help/rdf", "/completeness", "/sitemap.xml",
)  # fmt: skip


def page(client: httpx.Client, path: str, language: str) -> Any:
    """A page as a tree."""
    return etree.HTML(client.get(path, headers={"Accept": "text/html", "Accept-Language": language}).content)


def words(node: Any) -> str:
    """The text of an element on one line."""
    return " ".join("".join(node.itertext()).split())


@pytest.fixture
def visitor(site: Site) -> Any:
    """A client that has chosen no language."""
    with site.client() as opened:
        yield opened


def untold(document: Mapping[str, Any], language: str) -> list[str]:
    """The keys of operations that a language has no sentence for."""
    return [one.key for one in operations(document) if f"operation.{one.key}" not in sentences(language)]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_operation_is_told(visitor: httpx.Client, language: str) -> None:
    document = visitor.get("/api/v1/openapi.json").json()
    there = [(method.upper(), path) for path, methods in document["paths"].items() for method in methods]
    rows = page(visitor, "/help", language).xpath("//table[@class='operations']//tr")
    assert [(words(row.find(".//b")), words(row.find(".//code"))) for row in rows] == there
    told = [words(row.find(".//span")) for row in rows]
    assert all(told)
    assert len(set(told)) == len(there)
    assert untold(document, language) == []
    assert untold({"paths": {"/api/v1/unheard/{of}": {"get": {}}}}, language) == ["get_unheard_of"]


def test_no_sentence_tells_of_an_operation_that_is_not(visitor: httpx.Client) -> None:
    keys = {f"operation.{one.key}" for one in operations(visitor.get("/api/v1/openapi.json").json())}
    assert {key for key in sentences("en") if key.startswith("operation.")} == keys


def test_french_help_has_no_english_of_the_api(visitor: httpx.Client) -> None:
    document = visitor.get("/api/v1/openapi.json").json()
    english = {one["description"] for ways in document["paths"].values() for one in ways.values()}
    french = {words(one) for one in page(visitor, "/help", "fr").xpath("//table[@class='operations']//span")}
    assert not english & french
    both = [key for key in sentences("fr") if key.startswith(("operation.", "help.machine"))]
    assert [key for key in both if sentences("fr")[key] == sentences("en")[key]] == []


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_contents_lead_to_every_section(visitor: httpx.Client, language: str) -> None:
    tree = page(visitor, "/help", language)
    listed = [(one.get("href"), words(one)) for one in tree.xpath("//nav[@class='toc']//a")]
    sections = [(f"#{one.get('id')}", words(one.find("h2"))) for one in tree.xpath("//main//section")]
    assert listed == sections
    assert len(listed) > 10


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_help_names_every_way_in_for_machines(visitor: httpx.Client, language: str) -> None:
    rows = page(visitor, "/help", language).xpath("//section[@id='machines']//tbody/tr")
    assert {words(row.find("th")) for row in rows} >= set(MACHINES)
    assert all(words(row.find("td")) for row in rows)
    links = [one.get("href") for row in rows for one in row.findall(".//a")]
    assert [one for one in links if visitor.get(one).status_code != 200] == []


def test_the_patterns_in_the_help_are_addresses(visitor: httpx.Client) -> None:
    """What stands there without a link answers for a real wave, and a made-up one does not."""
    uri = visitor.get("/api/v1/studies?limit=1").json()["items"][0]["uri"]
    assert etree.fromstring(visitor.get(f"{uri}/codebook").content).tag == "{ddi:codebook:2_5}codeBook"
    assert visitor.get(f"{uri}/linkset").json()["linkset"]
    for name in ("disco", "schema", "dcat-ap", "healthdcat-ap"):
        assert visitor.get(f"{uri}.ttl?profile={name}").status_code == 200
    assert visitor.get(f"{uri}.ttl?profile=unheard").status_code == 406
    point = visitor.get("/", headers={"Accept": "text/turtle"})
    assert "FAIRDataPoint" in point.text or "MetadataService" in point.text


@pytest.mark.parametrize("path", ["/", "/variables", "/help"])
def test_every_page_leads_machines_on(visitor: httpx.Client, path: str) -> None:
    foot = page(visitor, path, "fr").xpath("//footer//a/@href")
    assert {"/sparql", "/dumps", "/oai?verb=Identify"} <= set(foot)


def test_the_home_page_says_that_metadata_can_be_reused(visitor: httpx.Client) -> None:
    links = page(visitor, "/", "en").xpath("//main//p[contains(@class, 'reuse')]//a/@href")
    assert {"/sparql", "/dumps", "/oai?verb=Identify", "/catalog.ttl"} <= set(links)
    assert [one for one in links if visitor.get(one).status_code != 200] == []


# --- completeness -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_overview_counts_what_the_api_lists(visitor: httpx.Client, language: str) -> None:
    items = visitor.get("/api/v1/completeness").json()["items"]
    tree = page(visitor, "/completeness", language)
    said = [[words(cell) for cell in row.findall("td")] for row in tree.xpath("//section[@id='overview']//tbody/tr")]
    needs = [[lack["mandatory"] for lack in one["missing"]] for one in items]
    number = locale(language).number
    assert said == [[number(sum(one)), number(len(one) - sum(one))] for one in needs]
    details = tree.xpath("//section[@id='details']/details")
    assert ["open" in one.attrib for one in details] == [any(one) for one in needs if one]
    assert [len(one.findall(".//tbody/tr")) for one in details] == [len(one) for one in needs if one]
    links = set(tree.xpath("//section[@id='overview']//td/a/@href"))
    assert links == {f"#{one}" for one in tree.xpath("//details/div/@id")} != set()


def test_a_count_opens_its_details_without_scripts(browser: Browser, site: Site) -> None:
    with browser.new_context(base_url=site.url, locale="en-GB", java_script_enabled=False) as context:
        opened = context.new_page()
        opened.goto("/completeness")
        opened.locator("#overview td a").first.click()
        target = opened.url.partition("#")[2]
        assert opened.locator(f"#{target} table").is_visible()


def test_each_part_of_the_table_of_terms_names_its_vocabulary(visitor: httpx.Client) -> None:
    names = [words(one) for one in page(visitor, "/help/rdf", "fr").xpath("//th[@scope='rowgroup']")]
    assert {"SKOS", "PROV-O", "HealthDCAT-AP", "DDI-RDF Discovery Vocabulary (Disco)"} <= set(names)
    assert "" not in names
