"""What a browser makes of an OAI-PMH response, by another XSLT processor (libxslt): where its links lead."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit
from xml.sax.saxutils import escape

import pytest
from catalogue_api.i18n import LANGUAGES
from catalogue_api.rendering import environments
from lxml import etree

from catalogue.settings import Settings

BASE = "https://catalogue.example.org/oai"
RESPONSE = """<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-01-01T00:00:00Z</responseDate>
<request verb="{verb}" metadataPrefix="oai_ddi25">{base}</request>{content}</OAI-PMH>"""


def page(verb: str, content: str, language: str = "en") -> Any:
    """The page of a response."""
    sheet = environments(Settings())[language].get_template("oai.xsl").render()
    response = RESPONSE.format(verb=verb, base=BASE, content=content)
    return etree.XSLT(etree.fromstring(sheet.encode()))(etree.fromstring(response.encode()))


def asked(address: str) -> dict[str, str]:
    """The arguments of a link, as the server reads them."""
    return dict(parse_qsl(urlsplit(address).query, keep_blank_values=True, strict_parsing=True))


@pytest.mark.parametrize(
    "name", ["plain", "a/b", "50%", "a%2Fb", "a+b&c#d;e", "%", "%25", "é!*'()$,=~", "&&", "+"], ids=str
)
def test_a_link_to_a_record_asks_for_its_identifier(name: str) -> None:
    identifier = f"oai:example.org:fr.example/{name}"
    header = f"<header><identifier>{escape(identifier)}</identifier><datestamp>2026-01-01</datestamp></header>"
    (link,) = page("ListIdentifiers", f"<ListIdentifiers>{header}</ListIdentifiers>").xpath("//main//p/a[code]")
    assert link.findtext("code") == identifier
    assert asked(link.get("href")) == {"verb": "GetRecord", "metadataPrefix": "oai_ddi25", "identifier": identifier}


def test_sets_formats_and_the_next_piece_are_links() -> None:
    sets = "<ListSets><set><setSpec>a:b~2Fc%&amp;</setSpec><setName>N</setName></set></ListSets>"
    (link,) = page("ListSets", sets).xpath("//main//p[span]/a")
    assert asked(link.get("href"))["set"] == "a:b~2Fc%&"
    token = '<resumptionToken completeListSize="250" cursor="100">x+y%=&amp;</resumptionToken>'
    found = page("ListRecords", f"<ListRecords><record/><record/>{token}</ListRecords>")
    assert asked(found.xpath("//a[@rel='next']/@href")[0]) == {"verb": "ListRecords", "resumptionToken": "x+y%=&"}
    assert found.xpath("string(//p[@class='pager']/span)") == "102 / 250"
    last = page("ListRecords", '<ListRecords><record/><resumptionToken completeListSize="1" cursor="0"/></ListRecords>')
    assert last.xpath("//a[@rel='next']") == []


def test_a_page_speaks_the_language_of_its_reader() -> None:
    deleted = "<header status='deleted'><identifier>oai:a:b</identifier></header>"
    words = {}
    for language in LANGUAGES:
        tree = page("ListIdentifiers", f"<ListIdentifiers>{deleted}</ListIdentifiers>", language)
        assert tree.getroot().get("lang") == language
        names = ("//h1/text()", "//p[@class='lead']", "//nav//li[3]", "//span[@class='flag']")
        words[language] = [tree.xpath(f"string({one})") for one in names]
    for french, english in zip(words["fr"], words["en"], strict=True):
        assert french.strip()
        assert french != english
