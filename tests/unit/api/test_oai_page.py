"""What a person reads of an OAI-PMH response, and where its links lead."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit
from xml.sax.saxutils import escape, quoteattr

import pytest
from catalogue_api.i18n import LANGUAGES
from catalogue_api.oai_page import Fact, Following, OaiPage, read_response
from catalogue_api.rendering import environments
from lxml import etree

from catalogue.model.text import LocalizedText
from catalogue.settings import Settings

BASE = "https://catalogue.example.org"
SETTINGS = Settings(base_url=f"{BASE}/under")
RESPONSE = """<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-01-01T00:00:00Z</responseDate>
<request{arguments}>{base}/under/oai</request>{content}</OAI-PMH>"""
HOSTILE = (
    "plain", "a%2Fb", "50%", "a+b&c#d;e", "%", "%25", "é!*'()$,=~", "&&", "+", "a b", '"><script>alert(1)</script>',
    "{{ 7 * 7 }}", "\u2028",
)  # fmt: skip


def read(verb: str, content: str, **arguments: str) -> OaiPage:
    """A response to a verb that was understood."""
    told = {"verb": verb, **arguments} if verb else {}
    written = "".join(f" {name}={quoteattr(value)}" for name, value in told.items())
    body = content if content.startswith("<error") else f"<{verb}>{content}</{verb}>"
    return read_response(RESPONSE.format(arguments=written, base=BASE, content=body).encode())


def tree(page: OaiPage, language: str = "en") -> Any:
    """The page as a browser reads it."""
    template = environments(SETTINGS)[language].get_template("oai.html")
    switch = {code: f"/oai?lang={code}" for code in LANGUAGES}
    text = template.render(page=page, address=f"{BASE}/under/oai", forms=(), canonical=None, switch=switch, path="/oai")
    return etree.HTML(text)


def asked(address: str) -> dict[str, str]:
    """The arguments of a link to ``/oai``, as the server reads them."""
    parts = urlsplit(address)
    assert (parts.netloc, parts.path, parts.fragment) == ("", "/under/oai", "")
    return dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True))


def header(identifier: str, more: str = "") -> str:
    """A header of a record that is there."""
    return f"<header><identifier>{escape(identifier)}</identifier><datestamp>2026-01-01</datestamp>{more}</header>"


# --- links ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_a_link_to_a_record_asks_for_its_identifier(name: str) -> None:
    identifier = f"oai:example.org:fr.example/{name}"
    wanted = {"verb": "GetRecord", "metadataPrefix": "oai_ddi25", "identifier": identifier}
    found = tree(read("ListIdentifiers", header(identifier), metadataPrefix="oai_ddi25"))
    assert [asked(one) for one in found.xpath("//main//li//a[code]/@href")] == [wanted]
    assert found.xpath("string(//main//li//a/code)") == identifier
    alone = tree(read("GetRecord", f"<record>{header(identifier)}</record>", metadataPrefix="oai_ddi25"))
    first, *_, other = alone.xpath("//main//section[@class='oai']//div//a/@href")
    assert asked(first) == wanted
    assert asked(other) == {"verb": "ListMetadataFormats", "identifier": identifier}
    formats = "<metadataFormat><metadataPrefix>oai_dc</metadataPrefix></metadataFormat>"
    (back,) = tree(read("ListMetadataFormats", formats, identifier=identifier)).xpath("//main//li/a[code]/@href")
    assert asked(back) == {**wanted, "metadataPrefix": "oai_dc"}
    assert not alone.xpath("//main//script") + found.xpath("//main//script")


@pytest.mark.parametrize("token", ["x+y%=&", *HOSTILE], ids=ascii)
def test_the_next_piece_is_asked_for_by_its_token(token: str) -> None:
    written = f'<resumptionToken completeListSize="250" cursor="100">{escape(token)}</resumptionToken>'
    page = tree(read("ListRecords", f"<record>{header('oai:a:b')}</record><record>{header('c')}</record>{written}"))
    assert asked(page.xpath("//a[@rel='next']/@href")[0]) == {"verb": "ListRecords", "resumptionToken": token}
    assert page.xpath("string(//nav[@class='pager']/span)") == "101–102 / 250"


def test_the_last_piece_has_no_next() -> None:
    last = '<resumptionToken completeListSize="1" cursor="0"/>'
    page = read("ListRecords", f"<record>{header('a')}</record>{last}")
    assert page.following == Following("", 1, 1)
    assert tree(page).xpath("//a[@rel='next']") == []
    assert tree(page).xpath("string(//nav[@class='pager']/span)") == "1–1 / 1"
    whole = read("ListRecords", f"<record>{header('a')}</record>")
    assert whole.following is None
    assert tree(whole).xpath("//nav[@class='pager']") == []


@pytest.mark.parametrize("spec", ["a:b~2Fc%&", *HOSTILE], ids=ascii)
def test_a_set_is_asked_for_by_its_spec(spec: str) -> None:
    sets = f"<set><setSpec>{escape(spec)}</setSpec><setName>N</setName></set>"
    records = f"<record>{header('a', f'<setSpec>{escape(spec)}</setSpec>')}</record>"
    for page in (read("ListSets", sets), read("GetRecord", records)):
        (link,) = [one for one in tree(page).xpath("//main//section//a/@href") if "set=" in one]
        assert asked(link) == {"verb": "ListRecords", "metadataPrefix": "oai_dc", "set": spec}


def test_a_set_is_named_in_the_language_of_the_page() -> None:
    """By the titles that describe it; without them by its name, in whatever language that is."""
    titles = '<t><title xml:lang="fr">Cohortes</title><title xml:lang="en">Cohorts</title></t>'
    described = f"<set><setSpec>a</setSpec><setName>Cohortes</setName><setDescription>{titles}</setDescription></set>"
    only = described.replace('<title xml:lang="en">Cohorts</title>', "")
    page = read("ListSets", described + only + "<set><setSpec>c</setSpec><setName>Bare</setName></set>")
    names = "//main//section//ul[@class='links']/li/a"
    assert [one.xpath("string()") for one in tree(page, "en").xpath(names)] == ["Cohorts", "Cohortes", "Bare"]
    assert [one.xpath("string()") for one in tree(page, "fr").xpath(names)] == ["Cohortes", "Cohortes", "Bare"]
    assert tree(page, "en").xpath(f"{names}/span/@lang") == ["fr"]


@pytest.mark.parametrize(
    ("identifier", "path"),
    [
        ("oai:example.org:fr.example/V1", "/id/fr.example/V1"),
        ("oai:example.org:-/orphan", "/id/-/orphan"),
        ("oai:example.org:a/x%2Fy%25", "/id/a/x%2Fy%25"),
        ("oai:example.org:a/x?q=1#f", "/id/a/x%3Fq=1%23f"),
        ("oai:example.org:a/b/c", None),
        ("oai:example.org:a", None),
        ("oai:example.org:/b", None),
        ("urn:example.org:a/b", None),
        ("", None),
    ],
)
def test_a_record_of_an_item_leads_to_its_page(identifier: str, path: str | None) -> None:
    (record,) = read("ListIdentifiers", header(identifier)).records
    assert record.item == path


# --- what is told -----------------------------------------------------------------------------------------------------

DC = '<metadata><dc xmlns="urn:dc" xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#">{}</dc></metadata>'


def test_metadata_are_facts_in_their_language() -> None:
    titled = '<title xml:lang="fr">Un\n titre</title><p>more <i>or</i> less</p>'
    nested = '<a xml:lang="en"><b><c>deep</c></b><b xml:lang="fr">là</b></a>'
    empty = '<e/><f> </f><g r:resource="https://example.org/x"/><!-- <title>no</title> -->'
    (record,) = read("GetRecord", f"<record>{header('a')}{DC.format(titled + nested + empty)}</record>").records
    assert record.facts == (
        Fact("title", "Un titre", "fr"),
        Fact("p", "more or less"),
        Fact("b › c", "deep", "en"),
        Fact("a › b", "là", "fr"),
        Fact("g", "https://example.org/x"),
    )


def test_titles_are_those_of_the_record_in_the_readers_language() -> None:
    own = '<t><title xml:lang="fr">Sommeil</title><title xml:lang="en">Sleep</title></t>'
    other = '<o><title xml:lang="en">Other</title></o>'
    page = read("ListRecords", f"<record>{header('a')}{DC.format(own + other)}</record>")
    assert list(page.records[0].title) == [LocalizedText("Sommeil", "fr"), LocalizedText("Sleep", "en")]
    assert [tree(page, one).xpath("string(//main//li//b)") for one in ("fr", "en")] == ["Sommeil", "Sleep"]
    assert not read("ListRecords", f"<record>{header('a')}{DC.format('<v>1</v>')}</record>").records[0].title


def test_of_long_metadata_the_beginning_is_shown_and_said() -> None:
    for verb, most in (("ListRecords", 15), ("GetRecord", 500)):
        for extra in (0, 1, 7):
            content = DC.format("<v>1</v>" * (most + extra))
            page = read(verb, f"<record>{header('a')}{content}</record>")
            assert (len(page.records[0].facts), page.records[0].is_cut) == (most, extra > 0)
            assert tree(page).xpath("//p[@class='hint']/text()") == ["The rest is in the XML."] * (extra > 0)


def test_only_addresses_of_the_web_are_links() -> None:
    content = "<a>https://example.org/x?y=1</a><a>javascript:alert(1)</a><a>urn:x:y</a><a>data:text/html,x</a>"
    page = tree(read("GetRecord", f"<record>{header('a')}{DC.format(content)}</record>"))
    assert page.xpath("//dd/a/@href") == ["https://example.org/x?y=1"]
    assert len(page.xpath("//dd")) == 4


def test_errors_say_their_code_and_message() -> None:
    page = read("", '<error code="badVerb">No &lt;b&gt; verb</error><error code="badArgument">x</error>')
    assert page.errors == (("badVerb", "No <b> verb"), ("badArgument", "x"))
    found = tree(page)
    assert found.xpath("//code[contains(@class, 'flag-error')]/text()") == ["badVerb", "badArgument"]
    assert found.xpath("//p[code]/span/text()") == ["No <b> verb", "x"]
    assert tree(read("ListSets", "")).xpath("//code[contains(@class, 'flag-error')]") == []


def test_the_page_marks_its_own_verb() -> None:
    verbs = ("Identify", "ListMetadataFormats", "ListSets", "ListIdentifiers", "ListRecords")
    for verb in verbs:
        links = tree(read(verb, "")).xpath("//ul[contains(@class, 'verbs')]//a")
        assert [asked(one.get("href"))["verb"] for one in links] == list(verbs)
        assert [asked(one.get("href"))["verb"] for one in links if one.get("aria-current")] == [verb]


def test_a_page_speaks_the_language_of_its_reader() -> None:
    gone = "<header status='deleted'><identifier>oai:a:b/c</identifier></header>"
    words = {}
    for language in LANGUAGES:
        page = tree(read("ListIdentifiers", gone + header("oai:a:b/d")), language)
        assert page.get("lang") == language
        names = ("//h1", "//p[@class='prose']", "//ul[contains(@class, 'verbs')]//li[3]", "//span[@class='flag']")
        words[language] = [page.xpath(f"string({one})") for one in names]
        assert len(page.xpath("//span[@class='flag']")) == 1
    for french, english in zip(words["fr"], words["en"], strict=True):
        assert french.strip()
        assert french != english
