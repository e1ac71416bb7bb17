"""Pages and JSON of one item against a bare FastAPI route, all over HTTP from another process."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from tempfile import TemporaryDirectory
from threading import get_ident

from catalogue.service import open_catalogue
from catalogue.settings import Settings
from tests.benchmarks.measuring import print_table
from tests.conftest import ROOT

_SECONDS = 4.0
_CONNECTIONS = 4
_PATIENCE = 300.0  # seconds; on a busy machine a server starts slowly
BARE_APPLICATION = """
from fastapi import FastAPI
app = FastAPI()
@app.get("/bare")
def bare() -> dict[str, str]:
    return {"hello": "world"}
"""
_ITEM = "/id/fr.cohortes-exemples/FILOMENE-W1-V-PERC_HEALTH/1.0.0"
_QUESTIONNAIRE = "/id/fr.cohortes-exemples/FILOMENE-W2-INST-mother/1.0.0"


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked again and again; with {n} every address is another, so that no kept answer serves it.

    Attributes:
        conditional: with the ETag of the first answer, so that all others are 304.
    """

    name: str
    path: str
    conditional: bool = False


_BARE = _Asked("bare FastAPI route", "/bare")
_OF_CATALOGUE = (
    _Asked("variable, JSON", f"{_ITEM}.json"),
    _Asked("variable, JSON, made anew", f"{_ITEM}.json?n={{n}}"),
    _Asked("variable, JSON, unchanged (304)", f"{_ITEM}.json", conditional=True),
    _Asked("variable, HTML page", f"{_ITEM}.html"),
    _Asked("variable, HTML page, made anew", f"{_ITEM}.html?n={{n}}"),
    _Asked("variable, HTML page, unchanged (304)", f"{_ITEM}.html", conditional=True),
    _Asked("variable, Turtle", f"{_ITEM}.ttl"),
    _Asked("variable, Turtle, made anew", f"{_ITEM}.ttl?n={{n}}"),
    _Asked("variable, Turtle, unchanged (304)", f"{_ITEM}.ttl", conditional=True),
    _Asked("variable, DDI fragment", f"{_ITEM}.xml"),
    _Asked("questionnaire, HTML page", f"{_QUESTIONNAIRE}.html"),
    _Asked("list of 50 variables, JSON", "/api/v1/variables?limit=50"),
    _Asked("home, HTML page", "/"),
)


def compare_with_bare_fastapi() -> None:
    """Requests a second over a few kept connections."""
    with TemporaryDirectory() as folder:
        data = Path(folder)
        _load_examples(data)
        (data / "bare.py").write_text(BARE_APPLICATION, encoding="utf-8")
        catalogue = _server("catalogue_api.app:from_environment", data, "--factory")
        bare = _server("bare:app", data, "--app-dir", str(data))
        with bare as bare_port, catalogue as port:
            rates = [(_BARE.name, _rate(bare_port, _BARE)), *((one.name, _rate(port, one)) for one in _OF_CATALOGUE)]
    rows: list[tuple[object, ...]] = [
        (name, f"{rate:,.0f}", f"{rate / rates[0][1]:.2f}", f"{_CONNECTIONS / rate * 1e3:.1f}") for name, rate in rates
    ]
    header = ("request", "requests/s", "ratio to bare", "mean ms at 4 connections")
    print_table("Pages and API, one worker, examples loaded", header, rows)


def _load_examples(data: Path) -> None:
    with open_catalogue(Settings(data=data)) as catalogue:
        for file in sorted((ROOT / "examples").glob("*.xml")):
            catalogue.submit(file.read_bytes(), file.name)


@contextmanager
def _server(application: str, data: Path, *options: str) -> Iterator[int]:
    command = ["-m", "uvicorn", application, "--log-level", "warning", *options]
    with served(command, {"CATALOGUE_DATA": str(data)}) as port:
        yield port


@contextmanager
def served(command: Sequence[str], environment: Mapping[str, str]) -> Iterator[int]:
    """The port of a server that a Python command line starts; it is told ``--port``, and ended afterwards."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, *command, "--port", str(port)], env={**os.environ, **environment}, stdout=subprocess.DEVNULL
    )
    try:
        _wait(port, process)
        yield port
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    """A port that nothing listens on."""
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            http.client.HTTPConnection("127.0.0.1", port, timeout=1).connect()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not start")


def _rate(port: int, asked: _Asked) -> float:
    """Requests a second, over several connections, each kept open."""
    with ThreadPoolExecutor(_CONNECTIONS) as pool:
        done = list(pool.map(lambda _: _ask_repeatedly(port, asked), range(_CONNECTIONS)))
    return sum(done) / _SECONDS


def _ask_repeatedly(port: int, asked: _Asked) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    known = {"If-None-Match": _tag(connection, asked.path)} if asked.conditional else {}
    end, done = time.perf_counter() + _SECONDS, 0
    while time.perf_counter() < end:
        connection.request("GET", asked.path.format(n=f"{get_ident()}-{done}"), headers=known)
        response = connection.getresponse()
        response.read()
        if response.status != (304 if asked.conditional else 200):
            raise RuntimeError(f"{asked.path} answered {response.status}")
        done += 1
    connection.close()
    return done


def _tag(connection: http.client.HTTPConnection, path: str) -> str:
    connection.request("GET", path)
    response = connection.getresponse()
    response.read()
    return response.headers["ETag"]
