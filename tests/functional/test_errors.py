"""Every error that a person can meet in a browser, in the language that was chosen: what happened, and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from lxml import etree
from playwright.sync_api import Browser

from catalogue.errors import IndexUnavailableError, StorageError
from tests.functional.conftest import LIMIT, Site
from tests.functional.crawling import page_faults
from tests.functional.test_pages import PHONES, sideways

PAGE = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

ADDRESSES = (
    "/nowhere",
    "/id/nobody/nothing",
    "/id/nobody/nothing/1",
    "/id/nobody",
    "/id/a/b/c/d",
    "/id?urn=",
    "/id?urn=foo",
    "/?urn=foo",
    "/id?urn=urn:ddi:nobody:nothing:1",
    "/id/org.example/plain/1.0.0?profile=nope",
    "/documents/nothing",
    "/documents?cursor=x",
    "/variables?cursor=x",
    "/variables?type=CodeList",
    "/variables?cohort=nothing",
    "/variables?cohort=nobody/nothing",
    "/variables?limit=0",
    "/variables?limit=many",
    "/search?sort=newest",
    "/search?facets=colour",
    "/search?from=soon",
    "/search?cursor=x",
    "/search?q=tabac&cursor=aaaaaaaaaaaa.x",
    "/search?limit=0",
    "/search?limit=1000",
    "/search?limit=many",
    "/search.docx",
    "/dumps/nothing.nt.gz",
    "/dumps/nothing",
    "/completeness?cohort=nobody/nothing",
)
QUERIES = (
    "",
    "SELECT",
    "SELECT * WHERE { ?s ?p",
    "DELETE WHERE { ?s ?p ?o }",
    "SELECT * WHERE { SERVICE <http://example.org/> { ?s ?p ?o } }",
    "SELECT * WHERE " + "{" * 2 + "(" * 60,
)


def said(text: str) -> str:
    """What a page says, without what is marked as being in another language."""
    page = etree.HTML(text)
    for other in page.xpath("//main//*[@lang][ancestor-or-self::*[@lang][1]/@lang != /html/@lang]"):
        other.clear()
    (main,) = page.xpath("//main")
    return " ".join(main.xpath("string()").replace("\N{NO-BREAK SPACE}", " ").split())


def in_both(client: httpx.Client, method: str, address: str, **more: Any) -> dict[str, httpx.Response]:
    """The answer as pages, and as the problem that machines get."""
    asked = {"fr": {"Accept": PAGE, "Accept-Language": "fr"}, "en": {"Accept": PAGE, "Accept-Language": "en"}}
    asked["json"] = {"Accept": "application/json", "Accept-Language": "fr"}
    own = more.pop("headers", {})
    return {one: client.request(method, address, headers={**headers, **own}, **more) for one, headers in asked.items()}


def assert_french(answers: dict[str, httpx.Response]) -> None:
    """French readers read no English: neither what the English page says, nor what machines are told."""
    french, english = (answers[one].text for one in ("fr", "en"))
    assert answers["fr"].status_code == answers["en"].status_code >= 400
    assert page_faults(french, "fr") == page_faults(english, "en") == []
    sentences = [one for one in _paragraphs(english) if " " in one]
    assert sentences
    assert not [one for one in sentences if one in said(french)]
    if answers["json"].headers["content-type"] == "application/problem+json":
        problem = answers["json"].json()
        assert problem["detail"] not in said(french)
        assert problem["next_step"] not in said(french)
    assert len(_paragraphs(french)) == len(_paragraphs(english)) == 2


def _paragraphs(text: str) -> list[str]:
    found = etree.HTML(text).xpath(
        "//main//section[contains(@class, 'error-page') or @id='problem']/p[not(@class='over')]"
    )
    return [" ".join(one.xpath("string()").split()) for one in found]


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_that_does_not_work_is_explained_in_the_readers_language(client: httpx.Client, address: str) -> None:
    assert_french(in_both(client, "GET", address))


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_that_does_not_work_is_explained_in_the_readers_language(client: httpx.Client, query: str) -> None:
    answers = in_both(client, "GET", "/sparql", params={"query": query})
    assert_french(answers)


@pytest.mark.parametrize(
    ("address", "french", "english"),
    [
        ("/changes/abc", "il faut un nombre entier", "a whole number is needed"),
        ("/variables?limit=many", "limit : il faut un nombre entier", "limit: a whole number is needed"),
        ("/variables?limit=0", "limit : il faut au moins 1", "limit: at least 1 is needed"),
        ("/variables?limit=501", "limit : il faut au plus 500", "limit: at most 500 is allowed"),
        ("/variables?unassigned=perhaps", "il faut oui ou non", "yes or no is needed"),
    ],
)
def test_what_a_parameter_needs_is_said_plainly(client: httpx.Client, address: str, french: str, english: str) -> None:
    answers = in_both(client, "GET", address)
    assert french in said(answers["fr"].text)
    assert english in said(answers["en"].text)
    assert english in answers["json"].json()["detail"]
    assert "nput should" not in answers["en"].text + answers["json"].text


def test_several_queries_and_updates_are_explained(client: httpx.Client) -> None:
    for address in ("/sparql?query=a&query=b", "/sparql?update=CLEAR+ALL"):
        assert_french(in_both(client, "GET", address))
    assert_french(in_both(client, "POST", "/sparql", content=b"x", headers={"Content-Type": "text/plain"}))
    assert_french(in_both(client, "POST", "/sparql", data={"other": "x"}))
    assert_french(in_both(client, "POST", "/sparql", data={"query": "x" * 1_100_000}))


def test_uploads_that_do_not_work_are_explained(client: httpx.Client) -> None:
    none = in_both(client, "POST", "/validate", files={"file": ("", b"")})
    assert none["fr"].status_code == 400
    large = in_both(client, "POST", "/validate", files={"file": ("large.xml", b"x" * (LIMIT + 1))})
    assert large["fr"].status_code == 413
    other = in_both(client, "POST", "/validate", content=b"{}", headers={"Content-Type": "application/json"})
    assert other["fr"].status_code == 415
    many = in_both(client, "POST", "/validate", files=[("file", ("a.xml", b"a")), ("other", ("b.xml", b"b"))])
    for answers in (none, large, other, many):
        assert_french(answers)


@pytest.mark.parametrize("data", [b"no xml", b"<a/>", b"<a", b"PK\x03\x04 no zip", b"<!DOCTYPE a []><a/>"])
def test_the_report_on_a_faulty_document_is_in_the_readers_language(client: httpx.Client, data: bytes) -> None:
    pages = {
        language: client.post(
            "/validate", files={"file": ("a.xml", data)}, headers={"Accept": PAGE, "Accept-Language": language}
        )
        for language in ("fr", "en")
    }
    assert pages["fr"].status_code == 200
    french, english = (_findings(pages[language].text) for language in ("fr", "en"))
    assert french
    assert len(french) == len(english)
    assert not set(french) & set(english)


def test_the_words_of_the_validator_are_folded_away_and_called_so(client: httpx.Client) -> None:
    for language, words in (("fr", "Mots du validateur, en anglais"), ("en", "The validator’s own words")):
        headers = {"Accept": PAGE, "Accept-Language": language}
        text = client.post("/validate", files={"file": ("a.xml", b"<a>")}, headers=headers).text
        (folded,) = etree.HTML(text).xpath("//main//details[div[@lang='en']]")
        assert folded.get("open") is None
        assert folded.xpath("string(summary)") == words
        assert "not well-formed at line 1" in folded.xpath("string(div)")
        assert language == "en" or not re.search(r"\w'\w", said(text))


def _findings(text: str) -> list[str]:
    found = etree.HTML(text).xpath("//main//h3[span[contains(@class, 'flag')]]/text()[normalize-space()]")
    return [" ".join(one.split()) for one in found]


def test_a_method_that_is_not_answered_is_explained(client: httpx.Client) -> None:
    for method, address in (("POST", "/cohorts"), ("DELETE", "/search"), ("PUT", "/")):
        answers = in_both(client, method, address)
        assert answers["fr"].status_code == 405
        assert_french(answers)


def test_what_the_store_or_the_index_cannot_do_is_explained(
    site: Site, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What only the administrator understands is in English, and on no French page."""

    def full(*_: object, **__: object) -> None:
        raise StorageError("The database says: disk I/O error")

    def lost(*_: object, **__: object) -> None:
        raise IndexUnavailableError("The search index cannot be read: ValueError: bad magic.")

    monkeypatch.setattr(site.catalogue, "cohorts", full)
    monkeypatch.setattr(site.catalogue.searching, "search", lost)
    for address in ("/cohorts", "/search?q=somewhere"):
        answers = {
            language: client.get(
                address, headers={"Accept": PAGE, "Accept-Language": language, "Cache-Control": "no-cache"}
            )
            for language in ("fr", "en")
        }
        assert answers["fr"].status_code == 503
        assert "disk I/O" not in answers["fr"].text
        assert "magic" not in answers["fr"].text
        assert not set(_paragraphs(answers["fr"].text)) & set(_paragraphs(answers["en"].text))


@pytest.fixture
def french(browser: Browser, site: Site) -> Iterator[Any]:
    opened = browser.new_context(base_url=site.url, locale="fr-FR", viewport=PHONES[0])
    yield opened.new_page()
    opened.close()


@pytest.mark.parametrize(
    "address", ["/search?from=soon", "/id/nobody/nothing", "/sparql?query=SELECT", "/search?limit=many"]
)
def test_errors_read_well_on_a_phone(french: Any, address: str) -> None:
    french.goto(address)
    assert french.locator("html").get_attribute("lang") == "fr"
    assert sideways(french) == 0
    assert french.locator("main").inner_text().strip()
