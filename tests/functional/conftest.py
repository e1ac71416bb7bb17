"""A real server on a port of its own, over a catalogue with two example cohorts and a document of oddities."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import httpx
import pytest
import uvicorn
from catalogue_api.app import create_app
from playwright.sync_api import Browser, sync_playwright

from catalogue.model.report import Status
from catalogue.service import Catalogue, open_catalogue
from catalogue.settings import Settings

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples"
DOCUMENTS = ("common.xml", "filomene.xml", "e3n-generations.xml")
TOKEN = "let-me-in"
LIMIT = 3_000_000
CHROMIUM = shutil.which("chromium")
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip

ODDITIES = """<?xml version="1.0" encoding="UTF-8"?>
<ddi:FragmentInstance xmlns:ddi="ddi:instance:3_3" xmlns:r="ddi:reusable:3_3" xmlns:l="ddi:logicalproduct:3_3">
{fragments}
</ddi:FragmentInstance>"""
FRAGMENT = """<ddi:Fragment><l:Category>
<r:Agency>{agency}</r:Agency><r:ID>{identifier}</r:ID><r:Version>{version}</r:Version>
<r:Label><r:Content xml:lang="fr">{fr}</r:Content><r:Content xml:lang="en">{en}</r:Content></r:Label>
</l:Category></ddi:Fragment>"""
CATEGORIES = (
    ("org.example", "plain", "1.0.0", "Un", "One"),
    ("org.example", "plain", "1.10.0", "Un, revu", "One, revised"),
    ("org.example", "plain", "1.9.0", "Un, ancien", "One, older"),
    ("org.example", "Scheme.Item", "1", "Portée", "Scoped"),
    ("org.example", "a/b", "1", "Barre", "Slash"),
    ("org.example", "star*at@dollar$", "1", "Signes", "Signs"),
    ("org.example", "data.xml", "1", "Point", "Dot"),
    ("org.example", "twin", "1", "Jumeau", "Twin"),
    ("org.example", "twin", "1", "Autre jumeau", "Other twin"),
    ("org.example", "script", "1", "&lt;script&gt;alert(1)&lt;/script&gt;", "&lt;b&gt;bold&lt;/b&gt;"),
    ("", "orphan", "1", "Sans agence", "Without agency"),
)


def oddities(*categories: tuple[str, str, str, str, str]) -> bytes:
    """A document of categories: (agency, identifier, version, French label, English label)."""
    names = ("agency", "identifier", "version", "fr", "en")
    fragments = "\n".join(FRAGMENT.format(**dict(zip(names, one, strict=True))) for one in categories)
    return ODDITIES.format(fragments=fragments).encode()


@dataclass(frozen=True)
class Site:
    """A running server and what is behind it."""

    url: str
    catalogue: Catalogue

    def client(self, **options: Any) -> httpx.Client:
        """A client that does not follow redirects; over HTTP it needs no list of authorities, which is slow to read."""
        return httpx.Client(base_url=self.url, timeout=30, verify=False, **options)


def free_port() -> int:
    """A port that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class _Templates:
    """Where catalogues are kept that are copied from."""

    folder: Path


@pytest.fixture(scope="session", autouse=True)
def _templates(tmp_path_factory: pytest.TempPathFactory) -> None:
    """All workers of a run have them in common, in the folder above their own, which pytest removes."""
    own = tmp_path_factory.getbasetemp()
    _Templates.folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "catalogues"
    _Templates.folder.mkdir(exist_ok=True)


@cache
def _filled(schemas: Path, *documents: tuple[str, bytes]) -> Path:
    """The folder of a catalogue with these documents and its index: made by the first worker that asks for it."""
    folder = _Templates.folder / sha256(repr((schemas, documents)).encode()).hexdigest()
    with _locked(folder.with_suffix(".lock")):
        if not folder.exists():
            making = Path(mkdtemp(dir=_Templates.folder))
            _fill(making, schemas, *documents)
            making.rename(folder)
    return folder


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Wait until no other process has the lock of a file."""
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _fill(folder: Path, schemas: Path, *documents: tuple[str, bytes]) -> None:
    """Make a catalogue with documents out of that with all but the last."""
    if not documents:
        return
    *before, (name, data) = documents
    shutil.copytree(_filled(schemas, *before), folder, dirs_exist_ok=True)
    with open_catalogue(Settings(data=folder, schemas=schemas, max_upload_bytes=LIMIT)) as catalogue:
        outcome = catalogue.submit(data, name, accept_invalid=True)
        assert outcome.status is Status.PUBLISHED, outcome.report.violations[:3]
        catalogue.indexer().catch_up()


@contextmanager
def serving(settings: Settings, *documents: tuple[str, bytes]) -> Iterator[Site]:
    """A server over a new catalogue with these documents."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    if documents:
        assert settings.schemas is not None
        shutil.copytree(_filled(settings.schemas, *documents), settings.data, dirs_exist_ok=True)
    catalogue = open_catalogue(settings.model_copy(update={"base_url": url}))
    catalogue.indexer().catch_up()
    config = uvicorn.Config(create_app(catalogue), host="127.0.0.1", port=port, log_level="error", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        wait_until(lambda: server.started)
        yield Site(url, catalogue)
    finally:
        server.should_exit = True
        thread.join(10)


def wait_until(condition: Any, seconds: float = 10) -> None:
    """Wait for something that another thread does."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "the server did not start"
        time.sleep(0.02)


def settings_for(folder: Path, shared: Path, **more: Any) -> Settings:
    """Settings of a catalogue in a folder, with the reference schemas."""
    return Settings(data=folder, schemas=shared / "ddi-schemas", max_upload_bytes=LIMIT, **more)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Iterator[Site]:
    """The server that most tests read from."""
    documents = [(name, (EXAMPLES / name).read_bytes()) for name in DOCUMENTS]
    settings = settings_for(tmp_path_factory.mktemp("site"), shared, token=TOKEN)
    with serving(settings, *documents, ("oddities.xml", oddities(*CATEGORIES))) as running:
        yield running


@pytest.fixture(scope="session")
def client(site: Site) -> Iterator[httpx.Client]:
    """A client of it."""
    with site.client() as opened:
        yield opened


@pytest.fixture(autouse=True)
def _forgets(request: pytest.FixtureRequest) -> None:
    """The shared client remembers no language that another test chose."""
    if "client" in request.fixturenames:
        request.getfixturevalue("client").cookies.clear()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    if CHROMIUM is None:
        pytest.skip("chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield launched
        launched.close()
