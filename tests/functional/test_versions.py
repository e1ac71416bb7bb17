"""A wave comes in a new version that lets a variable go: what readers, searchers and harvesters are told of both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from catalogue_api.sparql_examples import examples
from lxml import etree

from tests.functional.conftest import Site, serving, settings_for

AGENCY = "int.example"
FIRST, SECOND = f"urn:ddi:{AGENCY}:wave:1", f"urn:ddi:{AGENCY}:wave:2"
DROPPED = "/id/int.example/sleep/1"

_INSTANCE = """<?xml version="1.0" encoding="UTF-8"?>
<ddi:DDIInstance xmlns:ddi="ddi:instance:3_3" xmlns:r="ddi:reusable:3_3" xmlns:s="ddi:studyunit:3_3"
  xmlns:l="ddi:logicalproduct:3_3" xmlns:xml="http://www.w3.org/XML/1998/namespace">
{identity}{study}</ddi:DDIInstance>"""


def _identity(identifier: str, version: str) -> str:
    return f"<r:Agency>{AGENCY}</r:Agency><r:ID>{identifier}</r:ID><r:Version>{version}</r:Version>"


def _variable(identifier: str, version: str, label: str) -> str:
    said = f'<r:Label><r:Content xml:lang="en">{label}</r:Content></r:Label>'
    return f"<l:Variable>{_identity(identifier, version)}{said}</l:Variable>"


def wave(version: str, *variables: str) -> bytes:
    """A study of some variables, whose scheme comes in new versions as the study does."""
    scheme = f"<l:VariableScheme>{_identity('scheme', version)}{''.join(variables)}</l:VariableScheme>"
    product = f"<l:LogicalProduct>{_identity('product', version)}{scheme}</l:LogicalProduct>"
    title = '<r:Citation><r:Title><r:String xml:lang="en">Night study</r:String></r:Title></r:Citation>'
    study = f"<s:StudyUnit>{_identity('wave', version)}{title}{product}</s:StudyUnit>"
    return _INSTANCE.format(identity=_identity(f"document{version}", "1"), study=study).encode()


def in_a_cohort(document: bytes) -> bytes:
    """The same with a Group around its study."""
    title = '<r:Citation><r:Title><r:String xml:lang="en">Night cohort</r:String></r:Title></r:Citation>'
    group = f'<g:Group xmlns:g="ddi:group:3_3">{_identity("cohort", "1")}{title}<s:StudyUnit>'
    whole = document.decode().replace("<s:StudyUnit>", group)
    return whole.replace("</s:StudyUnit>", "</s:StudyUnit></g:Group>").encode()


FIRST_WAVE = wave("1", _variable("sleep", "1", "Hours of sleep"), _variable("naps", "1", "Naps"))
SECOND_WAVE = wave("2", _variable("naps", "2", "Naps in a day"), _variable("dreams", "1", "Dreams"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Iterator[Site]:
    """Both versions, one after the other."""
    settings = settings_for(tmp_path_factory.mktemp("versions"), shared)
    with serving(settings, ("first.xml", FIRST_WAVE), ("second.xml", SECOND_WAVE)) as running:
        yield running


@pytest.fixture(scope="module")
def grouped(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Iterator[Site]:
    """The same in a cohort, which came with the first version only; with its triples."""
    settings = settings_for(tmp_path_factory.mktemp("grouped"), shared)
    with serving(settings, ("first.xml", in_a_cohort(FIRST_WAVE)), ("second.xml", SECOND_WAVE)) as running:
        running.catalogue.linked().feeder().catch_up()
        yield running


@pytest.fixture
def client(site: Site) -> Iterator[httpx.Client]:
    with site.client() as opened:
        yield opened


def search(client: httpx.Client, **asked: str) -> dict[str, Any]:
    return dict(client.get("/api/v1/search", params=asked).json())


def test_each_version_of_a_study_lists_what_it_held(client: httpx.Client) -> None:
    listed = {
        version: {one["urn"] for one in client.get("/api/v1/variables", params={"study": urn}).json()["items"]}
        for version, urn in (("1", FIRST), ("2", SECOND))
    }
    names = {version: {urn.split(":", 3)[3] for urn in found} for version, found in listed.items()}
    assert names == {"1": {"sleep:1", "naps:1"}, "2": {"naps:2", "dreams:1"}}
    assert [one["counts"]["Variable"] for one in client.get("/api/v1/cohorts").json()["items"]] == [2]


def test_an_older_study_says_that_a_newer_one_is_there(client: httpx.Client) -> None:
    first, second = (client.get(f"/id/int.example/wave/{version}.json").json() for version in "12")
    assert (first["superseded_by"]["urn"], second["superseded_by"]) == (SECOND, None)
    page = client.get("/id/int.example/wave/1", params={"lang": "en"}).text
    assert '<p class="notice">This is version 1' in page
    assert 'href="/id/int.example/wave/2">Go to version 2' in page
    assert '<p class="notice">Voici la version 1' in client.get("/id/int.example/wave/1", params={"lang": "fr"}).text
    assert 'class="notice"' not in client.get("/id/int.example/wave/2", params={"lang": "en"}).text


def test_a_list_of_an_older_study_says_so(client: httpx.Client) -> None:
    page = client.get("/variables", params={"study": FIRST, "lang": "en"}).text
    assert "What is listed is what an older version, 1, held:" in page
    assert 'class="notice"' not in client.get("/variables", params={"study": SECOND, "lang": "en"}).text
    page = client.get("/variables", params={"cohort": FIRST, "lang": "en"}).text
    assert f'<option value="{FIRST}" selected>Night study (version 1)</option>' in page


def picked(page: str) -> dict[str, tuple[str, str]]:
    """What the form of a list says it is filtered by: value and words of each field."""
    found = {}
    for field in etree.HTML(page).xpath("//form[contains(@class, 'filters')]//select"):
        option = (field.xpath("option[@selected]") or field.xpath("option"))[0]
        found[field.get("name")] = (option.get("value"), " ".join(option.xpath("string()").split()))
        assert len(field.xpath("option[@selected]")) <= 1
    return found


def test_the_form_of_a_list_keeps_what_it_is_filtered_by(client: httpx.Client, grouped: Site) -> None:
    cohort = (f"urn:ddi:{AGENCY}:cohort:1", "Night cohort")
    with grouped.client() as of_cohort:
        for wave_urn, words, held in ((FIRST, "Night study (version 1)", 2), (SECOND, "Night study", 2)):
            asked = {"study": wave_urn, "lang": "en"}
            fields = picked(of_cohort.get("/variables", params=asked).text)
            assert (fields["cohort"], fields["study"]) == (cohort, (wave_urn, words))
            assert listed(of_cohort, study=wave_urn) == listed(of_cohort, cohort=cohort[0], study=wave_urn)
            assert len(listed(of_cohort, study=wave_urn)) == held
            assert picked(of_cohort.get("/variables", params={"cohort": wave_urn, "lang": "en"}).text) == fields
        assert picked(of_cohort.get("/variables", params={"lang": "en"}).text)["cohort"] == ("", "All cohorts")
    fields = picked(client.get("/variables", params={"study": FIRST, "lang": "en"}).text)
    assert fields["cohort"] == (FIRST, "Night study (version 1)")
    assert "study" not in fields, "it is a cohort of its own"


def listed(client: httpx.Client, **asked: str) -> set[str]:
    return {one["urn"] for one in client.get("/api/v1/variables", params=asked).json()["items"]}


def test_the_example_on_waves_has_the_current_ones(grouped: Site) -> None:
    query = dict(examples("en"))["sparql.example_waves"]
    with grouped.client() as asking:
        every = "SELECT ?w { ?w <http://www.w3.org/ns/dcat#inSeries> ?c }"
        everything = asking.get("/sparql", params={"query": every}).text
        rows = asking.get("/sparql", params={"query": query}).json()["results"]["bindings"]
    assert "wave/1#dataset" in everything, "the example leaves nothing out"
    assert [row["wave"]["value"].rpartition("/id/")[2] for row in rows] == ["int.example/wave/2#dataset"]


def test_what_was_let_go_tells_where_it_was(client: httpx.Client) -> None:
    item = client.get(f"{DROPPED}.json").json()
    assert (item["latest"], item["superseded_by"]) == (True, None)
    assert [(one["urn"], one["latest"]) for one in item["containers"]["studies"]] == [(FIRST, False)]
    page = client.get(DROPPED, params={"lang": "en"}).text
    assert "No current version of a study holds this any more" in page
    assert "(until version 1)" in page
    kept = client.get("/id/int.example/naps/2", params={"lang": "en"}).text
    assert "any more" not in kept
    assert "until version" not in kept
    older = client.get("/id/int.example/naps/1", params={"lang": "en"}).text
    assert "A newer version exists" in older
    assert "any more" not in older
    assert "(until version 1)" in older


def test_search_finds_it_with_its_former_study(client: httpx.Client) -> None:
    everything = search(client, type="Variable")
    cohorts = everything["facets"]["cohort"]["values"]
    assert [(one["value"], one["documents"]) for one in cohorts] == [("int.example/wave", 3)]
    assert search(client, type="Variable", cohort="int.example/wave")["total"] == everything["total"] == 3
    (hit,) = search(client, q="hours of sleep")["items"]
    assert [(one["urn"], one["latest"]) for one in hit["containers"]["cohorts"]] == [(FIRST, False)]
    assert "(until version 1)" in client.get("/search", params={"q": "sleep", "lang": "en"}).text
    assert "until version" not in client.get("/search", params={"q": "dreams", "lang": "en"}).text


def test_rdf_tells_the_version_that_held_it(client: httpx.Client, site: Site) -> None:
    turtle = client.get(f"{DROPPED}.nt").text
    (line,) = (line for line in turtle.splitlines() if "#study>" in line or "/study>" in line)
    assert line.endswith("/id/int.example/wave/1> .")


def test_the_help_says_what_sets_cannot(client: httpx.Client) -> None:
    page = client.get("/help", params={"lang": "en"}).text
    assert "OAI-PMH can only delete whole records" in page
    assert "OAI-PMH ne sait supprimer" in client.get("/help", params={"lang": "fr"}).text
