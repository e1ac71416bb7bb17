"""The schema registry: sums, sources, atomic installation, refusal of what is not genuine."""

from __future__ import annotations

import hashlib
import io
import shutil
import sys
import urllib.error
import urllib.request
import zipfile
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from catalogue.errors import SchemaNotInstalledError, UsageError
from catalogue.settings import Settings
from catalogue.validation import registry


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(schemas=None, schemas_cache=tmp_path / "cache", data=tmp_path / "data")


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    class Offline:
        def open(self, *_: object, **__: object) -> object:
            raise urllib.error.URLError("no route to host")

    monkeypatch.setattr(urllib.request, "build_opener", lambda *_: Offline())


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def test_registered_sets_name_their_origin_over_https() -> None:
    sets = registry.registered()
    assert list(sets) == ["3.1", "3.2", "3.3"]
    for schema_set in sets.values():
        assert schema_set.archive.startswith("https://")
        assert len(schema_set.files) == 45
        assert schema_set.main in schema_set.files
    assert [version for version, s in sets.items() if s.package] == ["3.3"]


def test_registered_sums_are_those_of_the_published_files(shared: Path) -> None:
    for line in (shared / "ddi-schemas" / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split(maxsplit=1)
        version, _, file = name.removeprefix("./").partition("/")
        sums = registry.registered()[version].files[file]
        assert sums.sha256 == digest
        assert registry.canonical_digest((shared / "ddi-schemas" / version / file).read_bytes()) == sums.canonical


def test_33_installs_offline_from_the_package_without_importing_it(settings: Settings) -> None:
    folders = registry.install(["3.3"], None, settings)
    assert registry.locate("3.3", settings) == folders["3.3"] == settings.schemas_cache / "3.3"  # type: ignore[operator]
    assert "ddi_l" not in sys.modules
    text = (folders["3.3"] / "logicalproduct.xsd").read_text(encoding="utf-8")
    assert 'minOccurs="0" maxOccurs="unbounded">' not in text.splitlines()[956]


def test_provide_needs_no_installation_for_33_and_has_no_other_version(settings: Settings) -> None:
    assert registry.provide("3.3", settings) is not None
    assert registry.provide("3.1", settings) is None
    assert registry.provide("9.9", settings) is None


def test_provide_gives_up_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert registry.provide("3.3", Settings(schemas_cache=tmp_path / "file" / "cache")) is None


def test_31_offline_says_what_was_tried_and_what_to_do(settings: Settings) -> None:
    with pytest.raises(SchemaNotInstalledError, match="could not be fetched") as caught:
        registry.install(["3.1"], None, settings)
    assert "--from" in caught.value.next_step


def test_install_twice_changes_nothing(settings: Settings) -> None:
    first = registry.install(["3.3"], None, settings)["3.3"]
    before = (first / "instance.xsd").stat().st_ino
    assert registry.install(["3.3"], None, settings)["3.3"] == first
    assert (first / "instance.xsd").stat().st_ino == before


def test_nothing_half_written_stays(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(registry, "_replace", fail)
    with pytest.raises(OSError, match="disk full"):
        registry.install(["3.3"], None, settings)
    assert registry.locate("3.3", settings) is None
    assert list(registry.cache_folder(settings).iterdir()) == []


def test_tampered_file_is_refused_by_name_then_replaced(settings: Settings) -> None:
    folder = registry.install(["3.3"], None, settings)["3.3"]
    file = folder / "studyunit.xsd"
    file.write_bytes(file.read_bytes().replace(b'minOccurs="1"', b'minOccurs="0"', 1) + b"<!-- -->")
    text = file.read_text(encoding="utf-8").replace("<xs:element ", '<xs:element id="x" ', 1)
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SchemaNotInstalledError, match=r"studyunit\.xsd"):
        registry.locate("3.3", settings)
    problem = {s.version: s.problem for s in registry.installed(settings)}["3.3"]
    assert problem is not None
    assert "studyunit.xsd" in problem
    registry.install(["3.3"], None, settings)
    assert registry.locate("3.3", settings) == folder


def test_missing_file_is_named(settings: Settings) -> None:
    folder = registry.install(["3.3"], None, settings)["3.3"]
    (folder / "XHTML" / "xhtml-list-1.xsd").unlink()
    with pytest.raises(SchemaNotInstalledError, match=r"xhtml-list-1\.xsd .* is missing"):
        registry.locate("3.3", settings)


def test_line_endings_and_indentation_do_not_matter(settings: Settings) -> None:
    folder = registry.install(["3.3"], None, settings)["3.3"]
    file = folder / "group.xsd"
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n").replace(b"\t", b"    "))
    assert registry.locate("3.3", settings) == folder


def test_entities_never_make_a_file_genuine() -> None:
    evil = b'<!DOCTYPE a [<!ENTITY x "y">]><a xmlns="urn:x">&x;</a>'
    assert registry.canonical_digest(evil) != registry.canonical_digest(b'<a xmlns="urn:x">y</a>')
    assert registry.canonical_digest(b"not xml") is None


def test_setting_comes_first_and_is_never_overwritten(settings: Settings, tmp_path: Path) -> None:
    folder = registry.install(["3.3"], None, settings)["3.3"]
    mine = tmp_path / "mine"
    shutil.copytree(folder, mine / "3.3")
    chosen = settings.model_copy(update={"schemas": mine})
    assert {s.version: s.origin for s in registry.installed(chosen)} == {"3.1": None, "3.2": None, "3.3": "setting"}
    (mine / "3.3" / "group.xsd").write_text("<a/>")
    with pytest.raises(SchemaNotInstalledError, match=r"group\.xsd"):
        registry.install(["3.3"], None, chosen)
    assert (mine / "3.3" / "group.xsd").read_text() == "<a/>"


@pytest.mark.parametrize("version", ["3.1", "3.2", "3.3"])
def test_from_folder_and_zip(shared: Path, settings: Settings, tmp_path: Path, version: str) -> None:
    folder = registry.install([version], shared / "ddi-schemas", settings)[version]
    files = {f"DDI/XMLSchema/{n}": (folder / n).read_bytes() for n in registry.registered()[version].files}
    archive = tmp_path / "ddi.zip"
    archive.write_bytes(zipped({"DDI/readme.txt": b"", **files}))
    other = settings.model_copy(update={"schemas_cache": tmp_path / "other"})
    assert registry.install([version], archive, other)[version] == tmp_path / "other" / version
    assert hashlib.sha256((tmp_path / "other" / version / "instance.xsd").read_bytes()).hexdigest()


def test_published_archive_is_used_when_it_can_be_reached(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = registry.install(["3.3"], None, settings)["3.3"]
    data = zipped({f"XMLSchema/{n}": (folder / n).read_bytes() for n in registry.registered()["3.3"].files})

    class Online:
        def open(self, address: str, timeout: float) -> io.BytesIO:
            assert address.startswith("https://")
            assert timeout
            return io.BytesIO(data)

    monkeypatch.setattr(urllib.request, "build_opener", lambda *_: Online())
    monkeypatch.setattr(registry, "_from_package", lambda _: pytest.fail("the archive comes first"))
    other = settings.model_copy(update={"schemas_cache": tmp_path / "other"})
    assert registry.install(["3.3"], None, other)


@pytest.mark.parametrize("name", ["../instance.xsd", "/etc/instance.xsd", "a\\..\\..\\instance.xsd", "c:/instance.xsd"])
def test_zip_that_leaves_its_folder_is_refused(settings: Settings, tmp_path: Path, name: str) -> None:
    archive = tmp_path / "evil.zip"
    archive.write_bytes(zipped({name: b"<a/>"}))
    with pytest.raises(SchemaNotInstalledError, match="leaves its folder"):
        registry.install(["3.3"], archive, settings)


@pytest.mark.parametrize(
    "data", [b"not a zip", b"PK\x03\x04 truncated", zipped({"a/instance.xsd": b"<a/>"}), zipped({})]
)
def test_zip_without_the_set_is_refused(settings: Settings, tmp_path: Path, data: bytes) -> None:
    archive = tmp_path / "some.zip"
    archive.write_bytes(data)
    with pytest.raises(SchemaNotInstalledError):
        registry.install(["3.1"], archive, settings)
    assert not registry.cache_folder(settings).exists()


def test_package_under_another_number_is_never_used(settings: Settings) -> None:
    package = registry.registered()["3.3"].package
    assert package is not None
    distribution = metadata.distribution(package.distribution)
    folder = Path(str(distribution.locate_file("ddi_l/schemas/ddi/v3_2")))
    with pytest.raises(SchemaNotInstalledError):
        registry.install(["3.2"], folder, settings)


def test_wrong_calls_are_usage_errors(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no DDI-Lifecycle 2\.5"):
        registry.install(["2.5"], None, settings)
    with pytest.raises(UsageError, match="does not exist"):
        registry.install(["3.3"], tmp_path / "absent", settings)


def test_redirect_must_stay_on_https() -> None:
    handler = registry._HttpsOnly()
    request: Any = urllib.request.Request("https://example.org/a.zip")
    with pytest.raises(urllib.error.URLError, match="not https"):
        handler.redirect_request(request, None, 302, "", {}, "http://example.org/b.zip")
    with pytest.raises(SchemaNotInstalledError, match="not an https"):
        registry._download("http://example.org/a.zip")


def test_single_files_are_fetched_where_the_archive_is_gone(
    settings: Settings, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def download(address: str) -> bytes:
        asked.append(address)
        base, _, name = address.partition("/3.1/XMLSchema/")
        if base != "https://ddialliance.org/Specification/DDI-Lifecycle":
            raise SchemaNotInstalledError(f"{address} could not be fetched.")
        return (shared / "ddi-schemas" / "3.1" / name).read_bytes()

    monkeypatch.setattr(registry, "_download", download)
    folder = registry.install(["3.1"], None, settings)["3.1"]
    assert registry.locate("3.1", settings) == folder
    assert {address.startswith("https://") for address in asked} == {True}
