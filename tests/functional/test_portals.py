"""What data portals and search engines find on a running server: FAIR Data Point, catalogue, JSON-LD, completeness."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pyoxigraph
import pytest
from click.testing import CliRunner
from lxml import etree
from rdflib import RDF, Graph, Literal, Namespace, URIRef

from catalogue.cli import main
from tests.functional.conftest import DOCUMENTS, EXAMPLES, Site, serving, settings_for

DCAT = Namespace("http://www.w3.org/ns/dcat#")
DCT = Namespace("http://purl.org/dc/terms/")
FDP = Namespace("https://w3id.org/fdp/fdp-o#")
LDP = Namespace("http://www.w3.org/ns/ldp#")
SERIALISATIONS = {
    "ttl": ("text/turtle", "turtle"),
    "jsonld": ("application/ld+json", "json-ld"),
    "rdf": ("application/rdf+xml", "xml"),
    "nt": ("application/n-triples", "nt"),
}
WAVE = "/id/fr.cohortes-exemples/E3N-W1-SU/1.0.0"
VARIABLE = "/id/fr.cohortes-exemples/E3N-W1-V-BIRTH_YM/1.0.0"


@pytest.fixture(scope="module")
def cohorts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("settings") / "cohorts.toml"
    file.write_bytes((EXAMPLES / "cohorts.toml").read_bytes())
    return file


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory, shared: Path, cohorts: Path) -> Iterator[Site]:
    documents = [(name, (EXAMPLES / name).read_bytes()) for name in DOCUMENTS]
    settings = settings_for(tmp_path_factory.mktemp("portal"), shared, cohorts=cohorts)
    with serving(settings, *documents) as running:
        yield running


@pytest.fixture(scope="module")
def reader(portal: Site) -> Iterator[httpx.Client]:
    with portal.client() as opened:
        yield opened


def graph_at(reader: httpx.Client, address: str, media_type: str = "text/turtle") -> Graph:
    answer = reader.get(address, headers={"Accept": media_type})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith(media_type)
    return Graph().parse(data=answer.content, format=dict(SERIALISATIONS.values())[media_type])


def triples_at(reader: httpx.Client, address: str, extension: str) -> set[pyoxigraph.Triple]:
    answer = reader.get(address, headers={"Accept": SERIALISATIONS[extension][0]})
    form = pyoxigraph.RdfFormat.from_extension(extension)
    assert form is not None
    return {quad.triple for quad in pyoxigraph.parse(answer.content, form)}


def structured(reader: httpx.Client, address: str, language: str = "fr") -> dict[str, Any]:
    page = etree.HTML(reader.get(address, headers={"Accept": "text/html", "Accept-Language": language}).content)
    (script,) = page.xpath("//script[@type='application/ld+json']")
    found: dict[str, Any] = json.loads(script.text)
    return found


# --- FAIR Data Point


def test_people_get_a_page_and_machines_the_fair_data_point(portal: Site, reader: httpx.Client) -> None:
    assert reader.get("/").headers["content-type"].startswith("text/html")
    point = URIRef(f"{portal.url}/")
    graph = graph_at(reader, "/")
    assert {FDP.FAIRDataPoint, FDP.MetadataService} <= set(graph.objects(point, RDF.type))
    mandatory = ("conformsToFdpSpec", "metadataIdentifier", "metadataIssued", "metadataModified", "metadataCatalog")
    for term in (*(FDP[name] for name in mandatory), DCAT.endpointURL, DCT.license, DCT.conformsTo):
        assert len(set(graph.objects(point, term))) == 1, term
    assert {one.language for one in graph.objects(point, DCT["title"]) if isinstance(one, Literal)} == {"fr", "en"}


def test_a_client_walks_through_containers_from_the_point_to_every_dataset(portal: Site, reader: httpx.Client) -> None:
    point = graph_at(reader, "/")
    (container,) = point.subjects(LDP.membershipResource, URIRef(f"{portal.url}/"))
    relation, members = point.value(container, LDP.hasMemberRelation), set(point.objects(container, LDP.contains))
    assert relation == FDP.metadataCatalog
    assert set(point.objects(URIRef(f"{portal.url}/"), relation)) == members
    (catalogue,) = members
    listing = graph_at(reader, str(catalogue).removeprefix(portal.url))
    for inside in listing.subjects(LDP.membershipResource, catalogue):
        contained = set(listing.objects(inside, LDP.contains))
        assert contained == set(listing.objects(catalogue, listing.value(inside, LDP.hasMemberRelation)))
        for one in contained:
            assert reader.get(str(one).removeprefix(portal.url).partition("#")[0]).status_code == 200
    waves = [wave for cohort in portal.catalogue.cohorts() for wave in cohort.waves]
    assert len(set(listing.objects(catalogue, DCAT.dataset))) == len(waves) > 0


def test_the_catalogue_is_the_same_in_each_serialisation(reader: httpx.Client) -> None:
    """Sets of triples: there are no blank nodes. rdflib, which takes seconds for each, reads one."""
    first = triples_at(reader, "/catalog.nt", "nt")
    assert len(first) > 4_000
    assert not any(isinstance(term, pyoxigraph.BlankNode) for triple in first for term in triple)
    for extension, (media_type, _) in SERIALISATIONS.items():
        assert triples_at(reader, "/catalog", extension) == first
        assert triples_at(reader, f"/catalog.{extension}", extension) == first
        assert reader.get("/catalog", headers={"Accept": media_type}).headers["content-type"].startswith(media_type)
    assert len(graph_at(reader, "/catalog")) == len(first)


def test_the_catalogue_sends_people_home_and_refuses_what_it_has_not(reader: httpx.Client) -> None:
    sent = reader.get("/catalog", headers={"Accept": "text/html"})
    assert (sent.status_code, sent.headers["location"]) == (303, "/")
    assert reader.get("/catalog", headers={"Accept": "image/png"}).status_code == 406
    assert reader.get("/", headers={"Accept": "image/png"}).status_code == 406


def test_a_client_that_has_the_catalogue_is_not_sent_it_again(reader: httpx.Client) -> None:
    first = reader.get("/catalog.ttl")
    again = reader.get("/catalog.ttl", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert reader.get("/catalog.nt", headers={"If-None-Match": first.headers["etag"]}).status_code == 200


def test_who_knows_the_catalogue_costs_no_description_of_it(
    portal: Site, reader: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is described once for all serialisations, and not at all for whoever has it in its state."""
    described: list[str] = []
    portals = portal.catalogue.harvesters.portals
    real = portals.catalogue_triples

    def describing(profile: str) -> Iterator[Any]:
        described.append(profile)
        return real(profile)

    monkeypatch.setattr(portals, "catalogue_triples", describing)
    first = reader.get("/catalog.ttl?profile=dcat-ap")
    for extension in SERIALISATIONS:
        assert reader.get(f"/catalog.{extension}?profile=dcat-ap").status_code == 200
    assert described in ([], ["dcat-ap"])
    portal.catalogue.harvesters._document._kept.clear()
    described.clear()
    known = reader.get("/catalog.ttl?profile=dcat-ap", headers={"If-None-Match": first.headers["etag"]})
    assert (known.status_code, described) == (304, [])
    assert reader.get("/catalog.ttl?profile=dcat-ap").content == first.content
    assert described == ["dcat-ap"]


@pytest.mark.parametrize(
    ("profile", "name"), [("dcat-ap", "dcat-ap"), ("dcat", "dcat-ap"), ("HealthDCAT-AP", "healthdcat-ap")]
)
def test_the_catalogue_under_a_profile(reader: httpx.Client, profile: str, name: str) -> None:
    answer = reader.get(f"/catalog.nt?profile={profile}")
    uri = {"dcat-ap": "http://data.europa.eu/r5r/", "healthdcat-ap": "http://healthdataportal.eu/ns/health#"}[name]
    assert (answer.status_code, answer.headers["content-profile"]) == (200, f"<{uri}>")
    assert answer.links["profile"]["url"] == uri
    assert "Accept-Profile" in answer.headers["vary"]
    assert ("healthCategory" in answer.text) is (name == "healthdcat-ap")
    asked = reader.get("/catalog.nt", headers={"Accept-Profile": f"<{uri}>"})
    assert (asked.content, asked.headers["content-profile"]) == (answer.content, f"<{uri}>")
    # An address that names a profile is one of a graph, for browsers too.
    assert reader.get(f"/catalog?profile={profile}", headers={"Accept": "text/html, */*;q=0.8"}).status_code == 200
    assert reader.get("/catalog.nt").headers["content-profile"] == "<http://healthdataportal.eu/ns/health#>"


@pytest.mark.parametrize("path", ["/catalog?profile={}", "/catalog.ttl?profile={}"])
@pytest.mark.parametrize("profile", ["disco", "schema", "no-such"])
def test_the_catalogue_under_no_other_profile(reader: httpx.Client, path: str, profile: str) -> None:
    refused = reader.get(path.format(profile), headers={"Accept": "text/turtle"})
    assert refused.status_code == 406
    assert "dcat-ap (http://data.europa.eu/r5r/), healthdcat-ap (" in refused.json()["detail"]
    assert reader.get("/catalog", headers={"Accept-Profile": "<urn:x>", "Accept": "text/turtle"}).status_code == 406


def test_what_changes_in_the_settings_is_seen_at_once(reader: httpx.Client, cohorts: Path) -> None:
    before, home = graph_at(reader, "/catalog"), reader.get("/")
    text = cohorts.read_text(encoding="utf-8")
    try:
        cohorts.write_text(text.replace("Example catalogue:", "Another catalogue:"), encoding="utf-8")
        after = graph_at(reader, "/catalog")
        changed = reader.get("/", headers={"If-None-Match": home.headers["etag"]})
    finally:
        cohorts.write_text(text, encoding="utf-8")
    assert "Another catalogue:" in str(set(after.objects(None, DCT.description)))
    assert "Another catalogue:" not in str(set(before.objects(None, DCT.description)))
    assert changed.status_code == 200


def test_settings_that_are_not_valid_are_told_and_pages_stay(reader: httpx.Client, cohorts: Path) -> None:
    text = cohorts.read_text(encoding="utf-8")
    try:
        cohorts.write_text("[defaults]\ncolour = 1\n", encoding="utf-8")
        refused, page = reader.get("/catalog.ttl"), reader.get(WAVE, headers={"Accept": "text/html"})
    finally:
        cohorts.write_text(text, encoding="utf-8")
    assert (refused.status_code, refused.json()["code"]) == (503, "cohort-settings")
    assert "defaults.colour" in refused.json()["detail"]
    assert page.status_code == 200
    assert not etree.HTML(page.content).xpath("//script[@type='application/ld+json']")


# --- schema.org in pages


def test_a_wave_has_what_search_engines_want_of_a_dataset(portal: Site, reader: httpx.Client) -> None:
    found = structured(reader, WAVE)
    assert (found["@context"], found["@type"]) == ("https://schema.org/", "Dataset")
    assert 50 <= len(found["description"]) <= 5000
    assert found["name"] == "E3N, inclusion (1990)"
    assert found["license"].startswith("https://")
    assert found["creator"]["@type"] == "Organization"
    assert found["identifier"] == "urn:ddi:fr.cohortes-exemples:E3N-W1-SU:1.0.0"
    assert found["isAccessibleForFree"] is False
    assert found["temporalCoverage"] == "1990-06-01/1991-11-30"
    assert found["includedInDataCatalog"]["@id"] == f"{portal.url}/catalog"
    assert all(one["@type"] == "DataDownload" and "contentUrl" not in one for one in _listed(found["distribution"]))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_a_page_says_it_in_its_own_language(reader: httpx.Client) -> None:
    french, english = structured(reader, WAVE, "fr"), structured(reader, WAVE, "en")
    assert french["description"] != english["description"]
    assert "questionnaire" in english["description"].lower()


def test_a_variable_is_measured_in_the_dataset_of_its_wave(portal: Site, reader: httpx.Client) -> None:
    variable, dataset = structured(reader, VARIABLE)["@graph"]
    assert variable["@type"] == ["StatisticalVariable", "PropertyValue"]
    assert dataset == {"@id": f"{portal.url}{WAVE}#dataset", "variableMeasured": {"@id": f"{portal.url}{VARIABLE}"}}


def test_the_home_page_is_a_data_catalogue(portal: Site, reader: httpx.Client) -> None:
    found = structured(reader, "/")
    assert (found["@type"], found["@id"]) == ("DataCatalog", f"{portal.url}/catalog")
    assert len(found["dataset"]) == len(set(map(str, found["dataset"]))) > 0


def test_a_text_cannot_end_the_element_that_it_stands_in(client: httpx.Client) -> None:
    page = client.get("/id/org.example/script/1", headers={"Accept": "text/html"})
    found = structured(client, "/id/org.example/script/1")
    assert found["name"] == "<script>alert(1)</script>"
    assert "<script>alert" not in page.text


# --- completeness


def test_what_is_missing_is_told_in_both_languages_and_as_json(client: httpx.Client, reader: httpx.Client) -> None:
    for language, word in (("fr", "obligatoire"), ("en", "mandatory")):
        answer = client.get("/completeness", headers={"Accept-Language": language})
        assert (answer.status_code, answer.headers["content-language"]) == (200, language)
        rows = etree.HTML(answer.content).xpath("//tbody/tr")
        assert any(word in " ".join(row.itertext()) and "healthdcatap:hdab" in " ".join(row.itertext()) for row in rows)
    items = client.get("/api/v1/completeness").json()["items"]
    assert items[0]["type"] == "Catalog"
    wave = next(one for one in items if one["urn"] and one["urn"].endswith("E3N-W1-SU:1.0.0"))
    hdab = next(one for one in wave["missing"] if one["path"] == ["healthdcatap:hdab"])
    assert (hdab["mandatory"], hdab["setting"], hdab["ddi"]) == (True, "hdab", None)
    complete = reader.get("/api/v1/completeness").json()["items"]
    assert not any(lack["mandatory"] for one in complete for lack in one["missing"])
    details = etree.HTML(reader.get("/completeness").content).xpath("//section[@id='details']/details")
    assert len(details) == sum(bool(one["missing"]) for one in complete) > 0
    assert not [one for one in details if "open" in one.attrib]


def test_one_cohort_can_be_asked_about(client: httpx.Client) -> None:
    items = client.get("/api/v1/completeness", params={"cohort": "fr.cohortes-exemples/E3N-GROUP"}).json()["items"]
    assert [one["type"] for one in items] == ["Group"] + ["StudyUnit"] * 4
    assert client.get("/api/v1/completeness", params={"cohort": "a.b/None"}).status_code == 404


@pytest.mark.parametrize(("settings", "code"), [(True, 0), (False, 3)])
def test_the_command_tells_what_is_missing(
    portal: Site, cohorts: Path, monkeypatch: pytest.MonkeyPatch, settings: bool, code: int
) -> None:
    monkeypatch.setenv("CATALOGUE_DATA", str(portal.catalogue.settings.data))
    monkeypatch.delenv("CATALOGUE_COHORTS", raising=False)
    if settings:
        monkeypatch.setenv("CATALOGUE_COHORTS", str(cohorts))
    shown = CliRunner().invoke(main, ["check-dcat", "fr.cohortes-exemples/E3N-GROUP", "--language", "fr"])
    assert shown.exit_code == code
    assert ("obligatoire" in shown.output) is not settings
    lines = CliRunner().invoke(main, ["check-dcat", "--json"]).output.splitlines()
    assert json.loads(lines[0])["type"] == "Catalog"
    assert re.search("E3N-W4-SU", "".join(lines))


def test_settings_that_are_not_valid_have_their_exit_code(
    portal: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CATALOGUE_DATA", str(portal.catalogue.settings.data))
    monkeypatch.setenv("CATALOGUE_COHORTS", str(tmp_path / "none.toml"))
    shown = CliRunner().invoke(main, ["check-dcat"])
    assert shown.exit_code == 14
    assert "none.toml cannot be read" in shown.output
