"""Codebooks and records as people take them: in a shell, and from the page of a study."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from catalogue_api.app import create_app
from click.testing import CliRunner
from fastapi.testclient import TestClient
from lxml import etree

from catalogue.cli import main
from catalogue.service import Catalogue, open_catalogue
from catalogue.settings import Settings
from tests.conftest import ROOT
from tests.unit.exposure import sources

STUDY = "fr.cohortes-exemples/TRANSEASOME-W1-SU"
VARIABLE = "fr.cohortes-exemples/TRANSEASOME-W1-V-ID_MAIN"
CODEBOOK = "{ddi:codebook:2_5}codeBook"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("export")


@pytest.fixture(scope="module")
def catalogue(folder: Path) -> Iterator[Catalogue]:
    with open_catalogue(Settings(data=folder / "data")) as opened:
        for name in ("common.xml", "transeasome.xml"):
            opened.submit((ROOT / "examples" / name).read_bytes(), name)
        yield opened


@pytest.fixture
def environment(folder: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("CATALOGUE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CATALOGUE_DATA", str(folder / "data"))


@pytest.mark.usefixtures("environment")
def test_a_shell_writes_a_codebook_and_a_record(tmp_path: Path) -> None:
    written = CliRunner().invoke(main, ["export", STUDY])
    assert written.exit_code == 0
    root = etree.fromstring(written.stdout_bytes)
    assert root.tag == CODEBOOK
    assert len(root.findall(".//{*}var")) == sources.counts("TRANSEASOME-W1-SU").variables
    path = tmp_path / "record.xml"
    assert CliRunner().invoke(main, ["export", STUDY, "--format", "ddi33", "-o", str(path)]).exit_code == 0
    assert etree.parse(path).getroot().tag == "{ddi:instance:3_3}FragmentInstance"


@pytest.mark.usefixtures("environment")
def test_what_is_no_study_is_refused_in_a_sentence() -> None:
    refused = CliRunner().invoke(main, ["export", VARIABLE])
    assert refused.exit_code != 0
    assert refused.stdout == ""
    assert "Group or a StudyUnit" in refused.stderr


def test_the_page_of_a_study_offers_its_codebook(catalogue: Catalogue) -> None:
    with TestClient(create_app(catalogue)) as client:
        page = client.get(f"/id/{STUDY}/1.0.0", headers={"Accept": "text/html"})
        assert f"/id/{STUDY}/1.0.0/codebook" in page.text
        answer = client.get(f"/id/{STUDY}/1.0.0/codebook")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("application/xml")
        assert "attachment" in answer.headers["content-disposition"]
        assert etree.fromstring(answer.content).tag == CODEBOOK
        refused = client.get(f"/id/{VARIABLE}/1.0.0/codebook")
        assert refused.status_code == 404


def test_a_codebook_that_is_known_is_not_sent_again(catalogue: Catalogue) -> None:
    address = f"/id/{STUDY}/1.0.0/codebook"
    with TestClient(create_app(catalogue)) as client:
        first = client.get(address)
        tag, changed = first.headers["etag"], first.headers["last-modified"]
        for condition in ({"If-None-Match": tag}, {"If-Modified-Since": changed}):
            again = client.get(address, headers=condition)
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        other = client.get(f"/id/{STUDY}/1.0.0", headers={"If-None-Match": tag, "Accept": "text/html"})
        assert other.status_code == 200
        for condition in ({"If-None-Match": '"other"'}, {"If-Modified-Since": "Mon, 01 Jan 2001 00:00:00 GMT"}):
            anew = client.get(address, headers=condition)
            assert (anew.status_code, anew.content) == (200, first.content)


def test_a_codebook_is_sent_again_when_the_catalogue_has_changed(tmp_path: Path) -> None:
    address = f"/id/{STUDY}/1.0.0/codebook"
    with open_catalogue(Settings(data=tmp_path)) as opened, TestClient(create_app(opened)) as client:
        opened.submit((ROOT / "examples/transeasome.xml").read_bytes(), "transeasome.xml", accept_invalid=True)
        tag = client.get(address).headers["etag"]
        opened.submit((ROOT / "examples/common.xml").read_bytes(), "common.xml")
        anew = client.get(address, headers={"If-None-Match": tag})
        assert anew.status_code == 200
        assert anew.headers["etag"] != tag
