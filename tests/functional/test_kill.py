"""Kill -9 at many moments of an ingest: afterwards the document is wholly there or not at all, and can be taken in."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from catalogue.model.report import Status
from catalogue.service import Statistics, open_catalogue
from catalogue.settings import Settings
from tests.benchmarks.generator import cohort

MOMENTS = 10
COMMAND = [sys.executable, "-m", "catalogue.cli"]


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("kill") / "cohort.xml"
    path.write_bytes(cohort(800))
    return path


def environment(data: Path) -> dict[str, str]:
    return {**os.environ, "CATALOGUE_DATA": str(data)}


def ingest(document: Path, data: Path) -> Status:
    with open_catalogue(Settings(data=data)) as catalogue:
        return catalogue.submit(document.read_bytes(), document.name).status


def stats(data: Path) -> Statistics:
    with open_catalogue(Settings(data=data)) as catalogue:
        return catalogue.stats()


def test_a_killed_ingest_leaves_all_or_nothing(document: Path, tmp_path: Path) -> None:
    started = time.perf_counter()
    subprocess.run([*COMMAND, "ingest", "--json", str(document)], check=True, env=environment(tmp_path / "whole"))
    duration = time.perf_counter() - started
    whole = stats(tmp_path / "whole")
    killed_before_the_end = 0
    for moment in range(1, MOMENTS + 1):
        data = tmp_path / str(moment)
        process = subprocess.Popen(
            [*COMMAND, "ingest", "--json", str(document)], stdout=subprocess.DEVNULL, env=environment(data)
        )
        time.sleep(duration * moment / MOMENTS)
        process.send_signal(signal.SIGKILL)
        killed_before_the_end += process.wait() == -signal.SIGKILL
        found = stats(data)
        assert found.items in ({}, whole.items), moment
        assert ingest(document, data) in (Status.PUBLISHED, Status.UNCHANGED)
        assert stats(data) == whole
    assert killed_before_the_end >= MOMENTS // 2
