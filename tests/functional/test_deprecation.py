"""Deprecation as data managers, readers and crawlers meet it, over HTTP and in the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from catalogue.cli import main
from tests.functional.conftest import EXAMPLES, TOKEN, Site, serving, settings_for

BEARER = {"Authorization": f"Bearer {TOKEN}"}
SENT = {**BEARER, "Content-Type": "application/xml"}


@pytest.fixture
def own_site(tmp_path: Path, shared: Path) -> Iterator[Site]:
    """A server that a test may change."""
    documents = [(name, (EXAMPLES / name).read_bytes()) for name in ("common.xml", "dmfsh.xml")]
    with serving(settings_for(tmp_path, shared, token=TOKEN), *documents) as running:
        yield running


def document_of(client: httpx.Client, name: str) -> str:
    """The id of the document that was made from a file."""
    return str(next(one["id"] for one in client.get("/api/v1/documents").json()["items"] if one["file"] == name))


def found(client: httpx.Client, **asked: str) -> int:
    """How many hits a search has."""
    return int(client.get("/api/v1/search", params=asked).json()["total"])


def test_a_deprecated_document_leaves_lists_search_and_sitemap_and_says_so(own_site: Site) -> None:
    with own_site.client() as client:
        variable = client.get("/api/v1/variables", params={"cohort": "fr.cohortes-exemples/DMFSH-GROUP"}).json()[
            "items"
        ][0]
        path = variable["uri"].removeprefix(own_site.url)
        before = found(client, type="Variable"), len(client.get("/sitemap-0.xml").content)
        document = document_of(client, "dmfsh.xml")

        answer = client.post(f"/api/v1/documents/{document}/deprecation", headers=BEARER)
        own_site.catalogue.indexer().catch_up()

        assert (answer.status_code, answer.json()["status"]) == (200, "deprecated")
        assert client.get("/api/v1/cohorts").json()["items"] == []
        assert found(client, type="Variable") < before[0]
        assert found(client, cohort="fr.cohortes-exemples/DMFSH-GROUP") == 0
        assert len(client.get("/sitemap-0.xml").content) < before[1]
        item = client.get(f"{path}.json").json()
        assert (item["deprecated"], item["latest"], item["published"]) == (True, False, True)
        assert "Obsolète" in client.get(path, params={"lang": "fr"}).text
        assert "is deprecated" in client.get(f"/documents/{document}", params={"lang": "en"}).text


def test_publishing_again_takes_it_back(own_site: Site) -> None:
    with own_site.client() as client:
        before = client.get("/api/v1/stats").json(), found(client)
        document = document_of(client, "dmfsh.xml")
        client.post(f"/api/v1/documents/{document}/deprecation", headers=BEARER)
        assert client.get("/api/v1/stats").json() != before[0]

        sent = client.post("/api/v1/documents", content=(EXAMPLES / "dmfsh.xml").read_bytes(), headers=SENT)
        own_site.catalogue.indexer().catch_up()

        assert sent.json()["status"] == "published"
        assert (client.get("/api/v1/stats").json(), found(client)) == before


def test_only_the_bearer_of_the_token_deprecates(own_site: Site) -> None:
    with own_site.client() as client:
        document = document_of(client, "dmfsh.xml")
        assert client.post(f"/api/v1/documents/{document}/deprecation").status_code == 401
        assert client.post("/api/v1/documents/nowhere/deprecation", headers=BEARER).status_code == 404
        assert client.get(f"/api/v1/documents/{document}").json()["status"] == "published"


def test_the_terminal_deprecates_and_says_what_it_did(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATALOGUE_DATA", str(tmp_path))
    runner = CliRunner()
    assert runner.invoke(main, ["ingest", str(EXAMPLES / "common.xml")]).exit_code in (0, 8)
    listed = runner.invoke(main, ["publish", "nowhere"])
    assert listed.exit_code == 7
    assert runner.invoke(main, ["deprecate", "nowhere"]).exit_code == 7


def test_the_receipt_tells_how_much_is_found(own_site: Site) -> None:
    with own_site.client() as client:
        document = document_of(client, "dmfsh.xml")
        assert client.get(f"/api/v1/documents/{document}").json()["in_rdf"] == {}
        own_site.catalogue.linked().feeder().catch_up()

        found = client.get(f"/api/v1/documents/{document}").json()

        counts = {type_: row["stored"] + row["merged"] for type_, row in found["receipt"].items()}
        assert found["in_rdf"] == {type_: number for type_, number in counts.items() if number}
        assert found["indexed"]["Variable"] == found["receipt"]["Variable"]["stored"]
        assert "Code" not in found["indexed"]
        page = client.get(f"/documents/{document}", params={"lang": "fr"}).text
        assert "Cherchables" in page
        own_site.catalogue.deprecate(document)
        own_site.catalogue.indexer().catch_up()
        own_site.catalogue.linked().feeder().catch_up()
        assert client.get(f"/api/v1/documents/{document}").json()["in_rdf"] == {}
        assert "Variable" not in client.get(f"/api/v1/documents/{document}").json()["indexed"]
