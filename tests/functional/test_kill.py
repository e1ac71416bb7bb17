"""Kill -9 at many moments of an ingest: afterwards the document is wholly there or not at all, and can be taken in."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalogue.model.report import Status
from catalogue.service import Statistics, open_catalogue
from catalogue.settings import Settings
from tests.benchmarks.generator import cohort
from tests.functional.conftest import wait_until
from tests.functional.forking import Forks, forks

MOMENTS = 10
VARIABLES = 300


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("kill") / "cohort.xml"
    path.write_bytes(cohort(VARIABLES))
    return path


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    with forks("tests.functional.commands", tmp_path_factory.mktemp("said")) as made:
        yield made


def ingest(document: Path, data: Path) -> Status:
    with open_catalogue(Settings(data=data)) as catalogue:
        return catalogue.submit(document.read_bytes(), document.name).status


def stats(data: Path) -> Statistics:
    with open_catalogue(Settings(data=data)) as catalogue:
        return catalogue.stats()


def test_a_killed_ingest_leaves_all_or_nothing(document: Path, commands: Forks, tmp_path: Path) -> None:
    def begun(data: Path) -> int:
        """An ingest that has made the file of its database."""
        child = commands.start(arguments=["ingest", "--json", str(document)], environment={"CATALOGUE_DATA": str(data)})
        wait_until((data / "catalogue.sqlite").exists)
        return child

    child, started = begun(tmp_path / "whole"), time.perf_counter()
    assert commands.wait(child).code == 0
    duration = time.perf_counter() - started
    whole = stats(tmp_path / "whole")
    killed_before_the_end = 0
    for moment in range(MOMENTS):
        data = tmp_path / str(moment)
        child = begun(data)
        time.sleep(duration * moment / MOMENTS)
        killed_before_the_end += commands.kill(child).code == -signal.SIGKILL
        found = stats(data)
        assert found.items in ({}, whole.items), moment
        assert ingest(document, data) in (Status.PUBLISHED, Status.UNCHANGED)
        assert stats(data) == whole
    assert killed_before_the_end >= MOMENTS // 2
