"""The pages about the terms that items are told in."""

from __future__ import annotations

import httpx
import pyoxigraph as ox
import pytest
from playwright.sync_api import Browser

from catalogue.rdf import ontology
from tests.functional.conftest import Site


@pytest.mark.parametrize("extension", ["ttl", "jsonld", "rdf", "nt"])
def test_the_ontology_is_the_same_in_every_form(client: httpx.Client, extension: str) -> None:
    answer = client.get(f"/ontology/ddil.{extension}")
    assert answer.status_code == 200
    media = answer.headers["content-type"].partition(";")[0]
    form = ox.RdfFormat.from_media_type(media)
    assert form is not None
    wanted = set(ox.parse(ontology.TURTLE_FILE.read_bytes(), format=ox.RdfFormat.TURTLE))
    assert {one.triple for one in ox.parse(answer.content, format=form)} == {one.triple for one in wanted}


def test_the_ontology_is_negotiated(client: httpx.Client) -> None:
    assert "text/html" in client.get("/ontology/ddil", headers={"Accept": "text/html"}).headers["content-type"]
    assert "turtle" in client.get("/ontology/ddil", headers={"Accept": "text/turtle"}).headers["content-type"]
    assert client.get("/ontology/ddil", headers={"Accept": "image/png"}).status_code == 406


@pytest.mark.parametrize(
    ("language", "words"),
    [("fr", ("Cohortes et vagues dans leur ensemble", "modes de collecte", "réglages")),
     ("en", ("Cohorts and waves as a whole", "modes of collection", "settings:"))],
)  # fmt: skip
def test_what_is_said_of_studies_is_in_the_coverage_table(
    client: httpx.Client, language: str, words: tuple[str, ...]
) -> None:
    page = client.get("/help/rdf", headers={"Accept": "text/html", "Accept-Language": language}).text
    for one in (*words, "ddil:modeOfCollection", "d:ModeOfCollection", "healthdcatap:hdab", "<code>hdab</code>"):
        assert one in page


@pytest.mark.parametrize(("language", "words"), [("fr", "grille de questions"), ("en", "question grid")])
def test_a_term_is_found_at_its_fragment(site: Site, browser: Browser, language: str, words: str) -> None:
    page = browser.new_page(locale=language, extra_http_headers={"Accept-Language": language})
    page.goto(f"{site.url}/ontology/ddil#QuestionGrid")
    assert words in page.locator("tr:target").inner_text()
    page.goto(f"{site.url}/help/rdf")
    assert page.locator("td", has_text="disco:questionText").count()
    page.close()
