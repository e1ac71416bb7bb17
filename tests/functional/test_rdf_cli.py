"""The ``rdf`` commands in a terminal: what is loaded and written, and what is said where something cannot be done."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pyoxigraph
import pytest
from click.testing import CliRunner, Result

from catalogue.cli import main
from catalogue.service import open_catalogue
from catalogue.settings import Settings
from tests.conftest import ROOT

DOCUMENTS = ("common.xml", "transeasome.xml", "raretia-fredd.xml")
GRAPHS = len(DOCUMENTS) + 1
"""Of each document one, and one of the catalogue itself."""
COHORT = "fr.cohortes-exemples/TRANSEASOME-GROUP"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalogue with an example cohort; nothing of it is in the triple store yet."""
    folder = tmp_path_factory.mktemp("rdf") / "data"
    with open_catalogue(Settings(data=folder)) as catalogue:
        for name in DOCUMENTS:
            catalogue.submit((ROOT / "examples" / name).read_bytes(), name, accept_invalid=True)
    return folder


@pytest.fixture(autouse=True)
def _environment(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("CATALOGUE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CATALOGUE_DATA", str(data))


def run(*arguments: str) -> Result:
    """The command; never a traceback."""
    result = CliRunner().invoke(main, ["rdf", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return result


def triples(*arguments: str) -> set[pyoxigraph.Triple]:
    """What a dump holds, read by another program than the one that wrote it."""
    written = run("dump", *arguments)
    assert written.exit_code == 0, written.output
    body = gzip.decompress(written.stdout_bytes)
    return {quad.triple for quad in pyoxigraph.parse(body, format=pyoxigraph.RdfFormat.N_TRIPLES)}


def test_what_was_published_is_loaded_once() -> None:
    first = run("load")
    assert first.exit_code == 0
    assert f"{GRAPHS} graphs were written" in first.stdout
    assert "0 graphs were written" in run("load").stdout
    with open_catalogue() as catalogue:
        state = catalogue.linked().state()
    assert state.graphs == GRAPHS


def test_a_rebuilt_store_holds_every_document() -> None:
    rebuilt = run("rebuild")
    assert rebuilt.exit_code == 0
    assert f"holds {GRAPHS} graphs" in rebuilt.stdout


def test_a_dump_of_a_cohort_is_part_of_the_whole() -> None:
    whole, part = triples(), triples("--cohort", COHORT)
    assert part < whole
    assert any("/id/fr.cohortes-exemples/TRANSEASOME-W1-SU/" in str(triple.subject) for triple in part)


def test_what_cannot_be_dumped_is_told_with_a_next_step() -> None:
    unknown = run("dump", "--cohort", "fr.cohortes-exemples/NOWHERE")
    assert unknown.exit_code != 0
    assert unknown.stdout_bytes == b""
    assert "NOWHERE" in unknown.stderr
    refused = run("dump", "--format", "docx")
    assert refused.exit_code == 2
    assert "'nt', 'nq', 'ttl'" in refused.stderr


def test_half_a_remote_store_is_refused_with_a_next_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATALOGUE_SPARQL_QUERY_URL", "http://localhost:1/query")
    refused = run("load")
    assert refused.exit_code != 0
    assert refused.stdout_bytes == b""
    assert "CATALOGUE_" in refused.stderr
