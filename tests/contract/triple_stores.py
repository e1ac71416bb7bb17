"""Every adapter of the triple store, and a real ``oxigraph serve`` for the remote one."""

from __future__ import annotations

import gzip
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from catalogue.rdf.evaluating import Evaluators
from catalogue.rdf.memory import MemoryStore
from catalogue.rdf.oxigraph import OxigraphStore
from catalogue.rdf.quads import TripleStore
from catalogue.rdf.remote import GraphNames, RemoteStore

ADAPTERS = ("memory", "oxigraph", "remote")
PREFIX = "https://example.org/documents/"
SINGLE = "https://example.org/about"
PREFIXES = {"ex": "https://example.org/"}


def binary() -> str:
    """The server from the wheel oxigraph."""
    found = shutil.which("oxigraph", path=str(Path(sys.executable).parent)) or shutil.which("oxigraph")
    if found is None:
        pytest.skip("the wheel oxigraph is not installed")
    return found


@contextmanager
def server() -> Iterator[str]:
    """The URL of a server in memory whose default graph is the union of the others."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [binary(), "serve", "--bind", f"127.0.0.1:{port}", "--union-default-graph", "--timeout-s", "2"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait(url)
            yield url
        finally:
            process.kill()


def _wait(url: str) -> None:
    end = time.monotonic() + 20
    while True:
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except urllib.error.URLError:
            assert time.monotonic() < end, "the server did not start"
            time.sleep(0.05)


def open_store(name: str, folder: Path, url: str = "", token: str | None = None) -> TripleStore:
    """An adapter over an empty store."""
    evaluators = Evaluators(PREFIXES)
    if name == "memory":
        return MemoryStore()
    if name == "oxigraph":
        return OxigraphStore(folder / "triples", evaluators)
    return RemoteStore(f"{url}/query", f"{url}/store", GraphNames(PREFIX, (SINGLE,)), evaluators, token)


def write(path: Path, *lines: str) -> Path:
    """A gzipped N-Triples file: each line is ``s p o`` of short names, or with a literal in quotes."""
    with gzip.open(path, "wt", encoding="utf-8") as stream:
        stream.writelines(f"{' '.join(_term(part) for part in line.split(None, 2))} .\n" for line in lines)
    return path


def _term(text: str) -> str:
    return text if text.startswith(('"', "<")) else f"<https://example.org/{text}>"
