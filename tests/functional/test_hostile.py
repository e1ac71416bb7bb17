"""Hostile documents against the real command in a process of its own: a clear error, little memory, nothing stored."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from catalogue.service import open_catalogue
from catalogue.settings import Settings
from tests.functional.forking import Forks, forks

LIMIT = 20 * 1024 * 1024


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    with forks("tests.functional.commands", tmp_path_factory.mktemp("said")) as made:
        yield made


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalogue that stays empty, whatever is handed to it."""
    return tmp_path_factory.mktemp("hostile") / "data"


def zipped(name: str, data: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return stream.getvalue()


def instance(content: str) -> bytes:
    return f'<DDIInstance xmlns="ddi:instance:3_3" xmlns:r="ddi:reusable:3_3">{content}</DDIInstance>'.encode()


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
# Made when they are asked for: two of them take seconds.
HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "billion laughs": (lambda: f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]><x>&l9;</x>'.encode(), "xml.doctype"),
    "external entity": (lambda: b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>', "xml.doctype"),
    "doctype alone": (lambda: b"<!DOCTYPE x><x/>", "xml.doctype"),
    "gzip bomb": (lambda: gzip.compress(b"<a/>" + b" " * 100_000_000, 1), "xml.compressed"),
    "zip bomb": (lambda: zipped("bomb.xml", b"<a>" + b" " * 100_000_000 + b"</a>"), "xml.limit"),
    "many levels": (lambda: instance("<r:Note>" * 100_000 + "</r:Note>" * 100_000), "xml.limit"),
    "empty elements": (lambda: instance("<r:a/>" * 3_000_000), "xml.limit"),
    "endless attributes": (
        lambda: b"<DDIInstance xmlns='ddi:instance:3_3' " + b" ".join(b'a%d=""' % n for n in range(1_500_000)) + b"/>",
        "xml.limit",
    ),
    "too large": (lambda: instance("x" * (LIMIT + 1)), "xml.limit"),
    "wrong encoding": (lambda: b'<?xml version="1.0" encoding="UTF-8"?><a>\xe9t\xe9</a>', "xml."),
    "unknown encoding": (lambda: b'<?xml version="1.0" encoding="x-klingon"?><a/>', "xml.encoding"),
    "truncated": (lambda: instance("<r:Note><r:Content>half of it"[:-3])[:-20], "xml.not-well-formed"),
    "path traversal": (lambda: zipped("../../../tmp/evil.xml", instance("")), "archive.traversal"),
    "no xml at all": (lambda: b"\x00\x01\x02\x03binary", "xml.not-well-formed"),
}


def run(commands: Forks, file: Path, data: Path) -> tuple[str, int, int]:
    """Standard output, memory in bytes, exit code."""
    environment = {"CATALOGUE_DATA": str(data), "CATALOGUE_MAX_UPLOAD_BYTES": str(LIMIT)}
    done = commands.run(arguments=["ingest", "--json", str(file)], environment=environment)
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout, int(done.stderr.split()[-1]), done.code


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_document_is_refused_in_a_sentence_within_memory(
    name: str, commands: Forks, data: Path, tmp_path: Path
) -> None:
    made, code = HOSTILE[name]
    file = tmp_path / "hostile.xml"
    file.write_bytes(made())
    output, memory, exit_code = run(commands, file, data)
    outcome = json.loads(output)
    assert (outcome["status"], outcome["document"], outcome["receipt"]) == ("refused", None, {})
    (violation,) = outcome["violations"]
    assert violation["code"].startswith(code), violation
    assert violation["message"]["fr"] != violation["message"]["en"]
    assert violation["remedy"]["fr"]
    assert exit_code in (4, 5)
    assert file.stat().st_size < memory < 2 * LIMIT, f"{memory:,} bytes"
    assert not Path("/tmp/evil.xml").exists()
    with open_catalogue(Settings(data=data)) as catalogue:
        stored = catalogue.stats()
    assert (stored.documents, stored.revisions, stored.drafts, stored.items) == (0, 0, 0, {})


def test_a_harmless_document_is_taken_in_by_the_same_run(commands: Forks, tmp_path: Path) -> None:
    file = tmp_path / "fine.xml"
    identity = "<r:Agency>a.b</r:Agency><r:ID>I</r:ID><r:Version>1</r:Version>"
    file.write_bytes(instance(identity))
    output, _, exit_code = run(commands, file, tmp_path / "data")
    assert (json.loads(output)["status"], exit_code) == ("published", 0)
