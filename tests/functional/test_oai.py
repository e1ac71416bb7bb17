"""OAI-PMH over a real server: three independent harvesters get the same, the schemas accept every response, documents
come and go while somebody harvests."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from lxml import etree
from oaipmh.client import Client
from oaipmh.error import NoRecordsMatchError
from oaipmh.metadata import MetadataReader, MetadataRegistry
from oaipmh_scythe import Scythe
from playwright.sync_api import Browser, ViewportSize
from sickle import Sickle

from catalogue.oai import verbs
from catalogue.oai.formats import FORMATS, Format
from catalogue.oai.names import ITEMS
from tests.functional.conftest import DOCUMENTS, EXAMPLES, Site, serving, settings_for
from tests.functional.crawling import BROWSER, page_faults, parsed
from tests.functional.test_pages import PHONES, sideways
from tests.unit.oai.conftest import OAI, compiled

DDI = "ddi:instance:3_3"
FRAGMENTS = """<?xml version="1.0"?>
<ddi:FragmentInstance xmlns:ddi="ddi:instance:3_3" xmlns:r="ddi:reusable:3_3" xmlns:l="ddi:logicalproduct:3_3"
 xmlns:s="ddi:studyunit:3_3">{}</ddi:FragmentInstance>"""


def identity(identifier: str, version: str = "1") -> str:
    """The identification of an item of these tests."""
    return f"<r:Agency>org.example</r:Agency><r:ID>{identifier}</r:ID><r:Version>{version}</r:Version>"


def variable(identifier: str, version: str = "1") -> str:
    """A variable by itself."""
    named = f"<l:VariableName><r:String>{identifier}</r:String></l:VariableName>"
    return f"<ddi:Fragment><l:Variable>{identity(identifier, version)}{named}</l:Variable></ddi:Fragment>"


def study(identifier: str, version: str = "1") -> str:
    """A study by itself."""
    title = f'<r:Citation><r:Title><r:String xml:lang="en">Study {identifier}</r:String></r:Title></r:Citation>'
    return f"<ddi:Fragment><s:StudyUnit>{identity(identifier, version)}{title}</s:StudyUnit></ddi:Fragment>"


def publish(site: Site, *fragments: str) -> str:
    """Publish a document; gives its id."""
    outcome = site.catalogue.submit(FRAGMENTS.format("".join(fragments)).encode(), "some.xml", accept_invalid=True)
    assert outcome.document is not None, outcome.report.violations[:3]
    return outcome.document


@pytest.fixture(scope="module")
def harvested(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Iterator[Site]:
    """A server of its own, with short pieces, two cohorts, and a study that was deprecated."""
    documents = [(name, (EXAMPLES / name).read_bytes()) for name in DOCUMENTS]
    settings = settings_for(tmp_path_factory.mktemp("oai"), shared, oai_domain="cohorts.example.org")
    with pytest.MonkeyPatch.context() as patch, serving(settings, *documents) as site:
        patch.setattr(verbs, "_HEADERS", 37)
        patch.setattr(verbs, "_HOLDERS", 4)
        gone = publish(site, study("GONE"), variable("GONE-V"))
        site.catalogue.deprecate(gone)
        yield site


# --- three clients ----------------------------------------------------------------------------------------------------

Heard = Mapping[str, tuple[str, bool]]
"""Identifier -> datestamp to the second, and whether it is deleted."""


def heard(rows: list[tuple[str, str, bool]]) -> Heard:
    """What a harvest got; nothing comes twice."""
    found = {identifier: (date, deleted) for identifier, date, deleted in rows}
    assert len(found) == len(rows)
    return found


def by_sickle(site: Site, **arguments: str) -> Heard:
    """With sickle; ``from`` is one of its keywords."""
    client = Sickle(f"{site.url}/oai")
    wanted = {"metadataPrefix": "oai_dc", **{name.rstrip("_"): value for name, value in arguments.items()}}
    return heard([(one.header.identifier, one.header.datestamp, one.deleted) for one in client.ListRecords(**wanted)])


def by_scythe(site: Site, **arguments: Any) -> Heard:
    """With oaipmh-scythe."""
    with Scythe(f"{site.url}/oai") as client:
        found: list[Any] = list(client.list_records(**arguments))
        return heard([(one.header.identifier, one.header.datestamp, bool(one.header.deleted)) for one in found])


def by_oaipmh(site: Site, **arguments: str) -> Heard:
    """With oaipmh, the heir of pyoai; it takes dates as ``datetime``."""
    registry = MetadataRegistry()
    registry.registerReader(
        "oai_dc",
        MetadataReader({"title": ("textList", "//dc:title/text()")}, {"dc": "http://purl.org/dc/elements/1.1/"}),
    )
    client = Client(f"{site.url}/oai", registry)
    client.updateGranularity()
    wanted: dict[str, Any] = {
        "metadataPrefix": "oai_dc",
        **{name.replace("set_", "set"): v for name, v in arguments.items()},
    }
    for name in ("from_", "until"):
        if name in wanted:
            wanted[name] = datetime.strptime(wanted[name], "%Y-%m-%dT%H:%M:%SZ")
    found = list(client.listRecords(**wanted))
    return heard([(h.identifier(), f"{h.datestamp().isoformat()}Z", bool(h.isDeleted())) for h, _, _ in found])


CLIENTS: tuple[Callable[..., Heard], ...] = (by_sickle, by_scythe, by_oaipmh)


def equal(site: Site, **arguments: str) -> Heard:
    """What all three get."""
    first, *others = (client(site, **arguments) for client in CLIENTS)
    assert all(other == first for other in others)
    return first


def truth(site: Site, *types: str) -> set[str]:
    """What there is by the lists of the API."""
    found = set()
    with site.client() as client:
        for type_ in types:
            address: str | None = f"/api/v1/items?type={type_}&limit=500"
            while address:
                answer = client.get(address).json()
                found |= {
                    "oai:cohorts.example.org:{}".format("/".join(one["urn"].split(":")[2:4])) for one in answer["items"]
                }
                address = answer["next"]
    return found


def test_three_harvesters_get_every_study_and_the_deleted_one(harvested: Site) -> None:
    found = equal(harvested)
    gone = {one for one, (_, deleted) in found.items() if deleted}
    assert gone == {"oai:cohorts.example.org:org.example/GONE"}
    assert found.keys() - gone == truth(harvested, "Group", "StudyUnit")
    assert len(found) > 5


@pytest.mark.parametrize("type_", ITEMS)
def test_three_harvesters_get_every_item_of_a_type(harvested: Site, type_: str) -> None:
    expected = truth(harvested, type_)
    if not expected:
        pytest.skip(f"the examples have no {type_}")
    found = equal(harvested, set_=f"type:{type_}")
    assert {one for one, (_, deleted) in found.items() if not deleted} == expected


def test_the_sets_of_all_cohorts_make_up_the_whole(harvested: Site) -> None:
    client = Sickle(f"{harvested.url}/oai")
    specs = [one.setSpec for one in client.ListSets()]
    assert len(specs) == len(set(specs))
    with Scythe(f"{harvested.url}/oai") as scythe:
        assert [one.setSpec for one in scythe.list_sets()] == specs  # type: ignore[union-attr]
    assert [row[0] for row in Client(f"{harvested.url}/oai", MetadataRegistry()).listSets()] == specs
    cohorts = [spec for spec in specs if spec.startswith("cohort:")]
    held = [equal(harvested, set_=spec).keys() for spec in cohorts]
    assert set().union(*held) == by_sickle(harvested).keys()
    of_variables = [f"type:Variable:{spec.partition(':')[2]}" for spec in cohorts]
    within = [equal(harvested, set_=spec).keys() for spec in of_variables if spec in specs]
    alone = {"oai:cohorts.example.org:org.example/GONE-V"}
    assert set().union(*within) == by_sickle(harvested, set_="type:Variable").keys() - alone


def test_three_harvesters_get_the_same_window(harvested: Site) -> None:
    everything = equal(harvested)
    dates = sorted({date for date, _ in everything.values()})
    middle = dates[len(dates) // 2]
    before = datetime.strptime(middle, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC) - timedelta(seconds=1)
    newer = equal(harvested, from_=middle)
    older = equal(harvested, until=before.strftime("%Y-%m-%dT%H:%M:%SZ"))
    assert newer
    assert not newer.keys() & older.keys()
    assert newer.keys() | older.keys() == everything.keys()
    assert equal(harvested, from_=dates[0], until=dates[-1]) == everything
    with pytest.raises(NoRecordsMatchError):
        by_oaipmh(harvested, from_="2999-01-01T00:00:00Z")


def test_harvesters_understand_the_repository(harvested: Site) -> None:
    told = Sickle(f"{harvested.url}/oai").Identify()
    assert (told.deletedRecord, told.granularity) == ("persistent", "YYYY-MM-DDThh:mm:ssZ")
    everything = by_sickle(harvested, set_="type")
    assert told.earliestDatestamp <= min(date for date, _ in everything.values())
    assert Client(f"{harvested.url}/oai", MetadataRegistry()).identify().protocolVersion() == "2.0"


# --- the schemas ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def schema(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> etree.XMLSchema:
    """OAI-PMH with Dublin Core."""
    return compiled(shared, tmp_path_factory.mktemp("oai-xsd"))


def responses(site: Site, **arguments: str) -> Iterator[etree._Element]:
    """Every piece of a list."""
    asked = {name.rstrip("_"): value for name, value in arguments.items()}
    with site.client() as client:
        while True:
            answer = client.get("/oai", params=asked)
            assert (answer.status_code, answer.headers["content-type"]) == (200, "text/xml; charset=utf-8")
            root = etree.fromstring(answer.content)
            yield root
            token = root.findtext(f".//{OAI}resumptionToken")
            if not token:
                return
            asked = {"verb": asked["verb"], "resumptionToken": token}


@pytest.mark.parametrize(
    "arguments",
    [
        {"verb": "Identify"},
        {"verb": "ListSets"},
        {"verb": "ListMetadataFormats"},
        {"verb": "ListIdentifiers", "metadataPrefix": "oai_dc", "set": "type"},
        {"verb": "ListRecords", "metadataPrefix": "oai_dc"},
        {"verb": "ListRecords", "metadataPrefix": "oai_dc", "set": "type"},
        {"verb": "GetRecord", "metadataPrefix": "oai_dc", "identifier": "oai:cohorts.example.org:org.example/GONE"},
        {"verb": "Nothing"},
        {},
    ],
)
def test_every_response_is_valid(harvested: Site, schema: etree.XMLSchema, arguments: dict[str, str]) -> None:
    for root in responses(harvested, **arguments) if "verb" in arguments else [_bare(harvested)]:
        schema.assertValid(root)


def _bare(site: Site) -> etree._Element:
    return etree.fromstring(httpx.get(f"{site.url}/oai").content)


def bodies(site: Site, prefix: str, **more: str) -> Iterator[tuple[str, etree._Element]]:
    """The metadata of every record that has any."""
    return bodies_of(responses(site, verb="ListRecords", metadataPrefix=prefix, **more))


def bodies_of(roots: Iterable[etree._Element]) -> Iterator[tuple[str, etree._Element]]:
    """The same of responses that are there."""
    for root in roots:
        assert not list(root.iter(f"{OAI}error"))
        for record in root.iter(f"{OAI}record"):
            metadata = record.find(f"{OAI}metadata")
            if metadata is not None:
                (body,) = metadata
                yield str(record.findtext(f".//{OAI}identifier")), body


@pytest.mark.parametrize("prefix", [prefix for prefix in FORMATS if prefix != "oai_ddi32"])
def test_every_format_has_the_namespace_that_it_promises(harvested: Site, schema: etree.XMLSchema, prefix: str) -> None:
    roots = list(responses(harvested, verb="ListRecords", metadataPrefix=prefix))
    found = dict(bodies_of(roots))
    assert found.keys() == truth(harvested, "Group", "StudyUnit")
    assert {etree.QName(body).namespace for body in found.values()} == {FORMATS[prefix].namespace}
    for root in roots:
        for metadata in root.iter(f"{OAI}metadata"):  # the schema asks for elements that it knows
            metadata[:] = [etree.Element("{http://www.openarchives.org/OAI/2.0/oai_dc/}dc")]
        schema.assertValid(root)


def test_variables_are_the_elements_of_their_source(harvested: Site) -> None:
    found = dict(bodies(harvested, "oai_ddi33", set_="type:Variable"))
    assert found.keys() == truth(harvested, "Variable")
    for identifier, body in found.items():
        name = identifier.rpartition("/")[2]
        urn = f"urn:ddi:fr.cohortes-exemples:{name}:1.0.0"
        assert (body.tag, body.findtext(".//{ddi:reusable:3_3}URN")) == (f"{{{DDI}}}FragmentInstance", urn)
    with harvested.client() as client:
        own = client.get(f"/id/fr.cohortes-exemples/{name}/1.0.0.xml")
    assert etree.tostring(etree.fromstring(own.content), method="c14n") == etree.tostring(_alone(body), method="c14n")


def _alone(body: etree._Element) -> etree._Element:
    """A body as a document of its own, without the namespaces that are declared around it."""
    copied = etree.fromstring(etree.tostring(body, with_tail=False))
    etree.cleanup_namespaces(
        copied, keep_ns_prefixes=[prefix for prefix in copied.nsmap if prefix not in (None, "xsi")]
    )
    return copied


def test_what_is_not_in_a_version_is_not_given_in_it(shared: Path, tmp_path: Path) -> None:
    source = shared / "corpus" / "3.2"
    file = min(
        (one for one in source.rglob("*.xml") if b"StudyUnit" in one.read_bytes()), key=lambda f: f.stat().st_size
    )
    with serving(settings_for(tmp_path, shared), (file.name, file.read_bytes())) as site:
        found = dict(bodies(site, "oai_ddi32"))
        assert found
        assert {etree.QName(body).namespace for body in found.values()} == {"ddi:instance:3_2"}
        assert by_sickle(site, metadataPrefix="oai_ddi32").keys() == found.keys()
        answer = httpx.get(f"{site.url}/oai?verb=ListRecords&metadataPrefix=oai_ddi33&set=type:Variable")
        assert b'code="noRecordsMatch"' in answer.content


# --- HTTP -------------------------------------------------------------------------------------------------------------


def test_post_is_get(harvested: Site) -> None:
    arguments = {"verb": "ListIdentifiers", "metadataPrefix": "oai_dc", "set": "cohort"}
    with harvested.client() as client:
        got, posted = client.get("/oai", params=arguments), client.post("/oai", data=arguments)
        for response in (got, posted):
            root = etree.fromstring(response.content)
            assert response.status_code == 200
            assert len(list(root.iter(f"{OAI}header"))) > 5
        assert Sickle(f"{harvested.url}/oai", http_method="POST").Identify().protocolVersion == "2.0"
        assert b"badVerb" in client.post("/oai", json=arguments).content
        assert client.post("/oai", data={"verb": "x" * 100_000}).status_code == 400


def test_responses_are_compressed_for_who_asks(harvested: Site) -> None:
    address = "/oai?verb=ListRecords&metadataPrefix=oai_dc"
    with harvested.client(headers={"Accept-Encoding": "gzip"}) as client:
        with client.stream("GET", address) as response:
            assert response.headers["content-encoding"] == "gzip"
            assert "Accept-Encoding" in response.headers["vary"]
            packed = b"".join(response.iter_raw())
        for liked in ("identity, gzip;q=0", "identity, gzip;q=0.5", "identity"):
            plain = client.get(address, headers={"Accept-Encoding": liked})
            assert "content-encoding" not in plain.headers
            assert "Accept-Encoding" in plain.headers["vary"]
    root, other = etree.fromstring(gzip.decompress(packed)), etree.fromstring(plain.content)
    assert [one.text for one in root.iter(f"{OAI}identifier")] == [one.text for one in other.iter(f"{OAI}identifier")]
    assert len(packed) < len(plain.content) / 3


def test_drafts_are_not_harvested(harvested: Site) -> None:
    data = FRAGMENTS.format(study("DRAFT") + variable("DRAFT-V")).encode()
    assert harvested.catalogue.submit(data, "draft.xml", draft=True, accept_invalid=True).document
    for spec in ("cohort", "type"):
        assert not [one for one in by_sickle(harvested, set_=spec) if "DRAFT" in one]


# --- the same as a page -----------------------------------------------------------------------------------------------

JAVA = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"
GONE = "oai:cohorts.example.org:org.example/GONE"
PAGES = (
    {"verb": "Identify"},
    {"verb": "ListMetadataFormats"},
    {"verb": "ListMetadataFormats", "identifier": GONE},
    {"verb": "ListSets"},
    {"verb": "ListIdentifiers", "metadataPrefix": "oai_dc", "set": "type"},
    *({"verb": "ListRecords", "metadataPrefix": prefix} for prefix in FORMATS),
    {"verb": "ListRecords", "metadataPrefix": "oai_ddi33", "set": "type:Variable"},
    {"verb": "GetRecord", "metadataPrefix": "oai_dc", "identifier": GONE},
    {"verb": "GetRecord", "metadataPrefix": "oai_dc", "identifier": "oai:cohorts.example.org:no/where"},
    {"verb": "Nothing"},
    {"verb": "Identify", "wrong": "'\"><b>"},
    {},
)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists in pieces of two studies and ten items: a page shows the same of each record, however many there are."""
    monkeypatch.setattr(verbs, "FORMATS", in_pieces(studies=2, items=10))


def in_pieces(studies: int, items: int) -> dict[str, Format]:
    """The formats, so many records in one piece of a list."""
    return {prefix: replace(form, studies=studies, items=items) for prefix, form in FORMATS.items()}


@pytest.fixture(scope="module")
def pages(harvested: Site) -> tuple[dict[str, str], ...]:
    """The arguments of every kind of page, with a record in each format."""
    (*_, root) = responses(harvested, verb="ListIdentifiers", metadataPrefix="oai_dc", set="cohort")
    wave = str(root.findtext(f".//{OAI}identifier"))
    alone = ({"verb": "GetRecord", "metadataPrefix": prefix, "identifier": wave} for prefix in FORMATS)
    return (*PAGES, *alone)


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_browser_gets_a_page(harvested: Site, pages: tuple[dict[str, str], ...], language: str) -> None:
    with harvested.client(headers={"Accept": BROWSER, "Accept-Language": language}) as client:
        for arguments in pages:
            answer = client.get("/oai", params=arguments)
            assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
            assert "Accept" in answer.headers["vary"].split(", ")
            assert page_faults(answer.text, language) == [], arguments
            assert "<b>" not in answer.text or "wrong" not in arguments


@pytest.mark.parametrize("accept", [None, "*/*", JAVA, "text/html", "application/xml", "text/xml"])
def test_everybody_else_gets_the_document(harvested: Site, accept: str | None) -> None:
    with harvested.client() as client:
        client.headers.pop("accept")
        for arguments in ({"verb": "Identify"}, {"verb": "Nothing"}):
            answer = client.get("/oai", params=arguments, headers={"Accept": accept} if accept else {})
            assert (answer.status_code, answer.headers["content-type"]) == (200, "text/xml; charset=utf-8")
            assert "Accept" in answer.headers["vary"].split(", ")
            assert etree.fromstring(answer.content).tag == f"{OAI}OAI-PMH"


def test_a_form_is_answered_with_the_document(harvested: Site) -> None:
    with harvested.client(headers={"Accept": BROWSER}) as client:
        assert client.post("/oai", data={"verb": "Identify"}).headers["content-type"] == "text/xml; charset=utf-8"


def test_a_page_is_read_in_another_language_and_the_protocol_has_none(harvested: Site) -> None:
    with harvested.client(headers={"Accept": BROWSER, "Accept-Language": "fr"}) as client:
        switched = parsed(client.get("/oai?verb=ListSets").text).anchors
        (address,) = [one for one in switched if "lang=en" in one]
        page = client.get(address)
        assert page_faults(page.text, "en") == []
        assert "badArgument" not in page.text
        assert len(parsed(page.text).anchors) > 50
        assert b"badArgument" in client.get(address, headers={"Accept": "text/xml"}).content


def test_a_page_leads_to_the_records_and_their_items(harvested: Site) -> None:
    """Also of what is deleted, and of names that an address escapes."""
    publish(harvested, study("a/b?c#d%2F+e"))
    with harvested.client(headers={"Accept": BROWSER}) as client:
        page = etree.HTML(client.get("/oai?verb=ListRecords&metadataPrefix=oai_dc").text)
        while following := page.xpath("//a[@rel='next']/@href"):
            page = etree.HTML(client.get(following[0]).text)
        found = {line.findtext(".//a/code"): line.xpath(".//a/@href")[:2] for line in page.xpath("//main//ol/li")}
        (strange,) = [one for one in found if one and one.startswith("oai:cohorts.example.org:org.example/a%2Fb%3Fc")]
        for identifier in (GONE, strange):
            record, item = found[identifier]
            alone = etree.HTML(client.get(record).text)
            assert alone.findtext(".//main//a/code") == identifier
            assert client.get(item, follow_redirects=True).status_code == 200
        assert [one.strip() for one in page.xpath("//main//li//span[@class='flag']/text()")] == ["supprimée"]


@pytest.mark.usefixtures("short")
def test_no_page_scrolls_sideways(browser: Browser, harvested: Site, pages: tuple[dict[str, str], ...]) -> None:
    for language in ("fr-FR", "en-GB"):
        context = browser.new_context(base_url=harvested.url, locale=language, java_script_enabled=False)
        page = context.new_page()
        for arguments in pages:
            page.goto(f"/oai?{urlencode(arguments)}")
            assert page.locator("html").get_attribute("lang") == language[:2], arguments
            for details in page.locator("main details").all()[:2]:
                details.locator("summary").click()
            for viewport in (*PHONES, ViewportSize(width=1280, height=800)):
                page.set_viewport_size(viewport)
                assert sideways(page) == 0, (arguments, viewport)
        context.close()


# --- documents come and go --------------------------------------------------------------------------------------------


@dataclass
class Writer:
    """Publishes and deprecates documents until it is told to stop; ``steady`` variables stay published all the time."""

    site: Site
    steady: int
    rounds: int = 0

    def __post_init__(self) -> None:
        self.started, self.over = Event(), Event()
        self.thread = Thread(target=self._run)

    def _run(self) -> None:
        for number in count():
            if self.over.is_set():
                return
            touched = variable(f"V{number % self.steady}", str(number + 2))
            document = publish(self.site, study(f"S{number}"), variable(f"X{number}"), touched)
            if number % 3:
                self.site.catalogue.deprecate(document)
            self.rounds = number + 1
            if number > 2:
                self.started.set()

    def __enter__(self) -> Writer:
        self.thread.start()
        assert self.started.wait(120)
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.thread.join()


def test_nothing_is_lost_or_repeated_while_documents_come_and_go(shared: Path, tmp_path: Path) -> None:
    """A harvest of everything while somebody publishes, then of what changed since: together they are what there is."""
    steady = 30
    with pytest.MonkeyPatch.context() as patch, serving(settings_for(tmp_path, shared)) as site:
        patch.setattr(verbs, "FORMATS", in_pieces(studies=7, items=7))
        publish(site, *(variable(f"V{number}") for number in range(steady)))
        known: dict[str, tuple[str, bool]] = {}
        with Writer(site, steady) as writer:
            since = ""
            for client in (*CLIENTS, *CLIENTS):
                asked = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
                got = client(site, set_="type", **({"from_": since} if since else {}))
                if not since:
                    names = {one.rpartition("/")[2] for one in got}
                    assert {f"V{number}" for number in range(steady)} <= names
                known.update(got)
                since = asked
            rounds = writer.rounds
        known.update(by_sickle(site, set_="type", from_=since))
        assert rounds > 3
        assert known == by_sickle(site, set_="type")


def test_tokens_survive_a_restart_and_an_update(shared: Path, tmp_path: Path) -> None:
    settings = settings_for(tmp_path, shared)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(verbs, "_HEADERS", 2)
        with serving(settings) as site:
            publish(site, *(study(f"S{number}") for number in range(5)))
            address = f"{site.url}/oai"
            first = etree.fromstring(httpx.get(f"{address}?verb=ListIdentifiers&metadataPrefix=oai_dc").content)
        found = [str(one.text) for one in first.iter(f"{OAI}identifier")]
        token = first.findtext(f".//{OAI}resumptionToken")
        with serving(settings) as site:
            publish(site, study("S0", "2"), study("NEW"))
            for root in _resumed(site, str(token)):
                found += [str(one.text) for one in root.iter(f"{OAI}identifier")]
    assert [one.rpartition("/")[2] for one in found] == ["S0", "S1", "S2", "S3", "S4", "NEW"]


def _resumed(site: Site, token: str | None) -> Iterator[etree._Element]:
    while token:
        asked = {"verb": "ListIdentifiers", "resumptionToken": token}
        root = etree.fromstring(httpx.get(f"{site.url}/oai", params=asked).content)
        assert not list(root.iter(f"{OAI}error"))
        yield root
        token = root.findtext(f".//{OAI}resumptionToken")


def test_what_changes_elsewhere_is_no_change(harvested: Site) -> None:
    name = "oai:cohorts.example.org:fr.cohortes-exemples/FILOMENE-GROUP"
    before = by_sickle(harvested)
    assert name in before
    time.sleep(1.1)  # datestamps are whole seconds
    publish(harvested, study("LATER"), variable("LATER-V"))
    after = by_sickle(harvested)
    assert after.keys() - before.keys() == {"oai:cohorts.example.org:org.example/LATER"}
    assert after[name] == before[name]
