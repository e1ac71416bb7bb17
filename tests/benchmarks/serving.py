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
# With {n} every request has an address of its own, so that no kept answer serves it.
_ADDRESSES = (
    ("bare FastAPI route", "bare", "/bare"),
    ("variable, JSON", "catalogue", f"{_ITEM}.json"),
    ("variable, JSON, made anew", "catalogue", f"{_ITEM}.json?n={{n}}"),
    ("variable, HTML page", "catalogue", f"{_ITEM}.html"),
    ("variable, HTML page, made anew", "catalogue", f"{_ITEM}.html?n={{n}}"),
    ("variable, DDI fragment", "catalogue", f"{_ITEM}.xml"),
    ("questionnaire, HTML page", "catalogue", f"{_QUESTIONNAIRE}.html"),
    ("list of 50 variables, JSON", "catalogue", "/api/v1/variables?limit=50"),
    ("home, HTML page", "catalogue", "/"),
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
            ports = {"bare": bare_port, "catalogue": port}
            rates = [(name, _rate(ports[server], path)) for name, server, path in _ADDRESSES]
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


def _rate(port: int, path: str) -> float:
    """Requests a second, over several connections, each kept open."""
    with ThreadPoolExecutor(_CONNECTIONS) as pool:
        done = list(pool.map(lambda _: _ask_repeatedly(port, path), range(_CONNECTIONS)))
    return sum(done) / _SECONDS


def _ask_repeatedly(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    end, done = time.perf_counter() + _SECONDS, 0
    while time.perf_counter() < end:
        connection.request("GET", path.format(n=f"{get_ident()}-{done}"))
        response = connection.getresponse()
        response.read()
        if response.status != 200:
            raise RuntimeError(f"{path} answered {response.status}")
        done += 1
    connection.close()
    return done
