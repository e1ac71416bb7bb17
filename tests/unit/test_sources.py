"""Files, folders, zip archives: what comes out, and what a hostile archive is told."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from catalogue.errors import LimitExceededError, UnreadableArchiveError, UsageError
from catalogue.settings import Settings
from catalogue.sources import count, expand, open_paths

SETTINGS = Settings(max_upload_bytes=3_000_000, max_zip_entries=5)


def archive(entries: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in entries.items():
            made.writestr(name, data)
    return stream.getvalue()


def test_the_documents_of_an_archive_come_one_by_one() -> None:
    found = list(expand(archive({"a.xml": b"<a/>", "b/c.XML": b"<c/>", "readme.txt": b"no"}), "up.zip", SETTINGS))
    assert [(source.name, source.data) for source in found] == [("up.zip!a.xml", b"<a/>"), ("up.zip!b/c.XML", b"<c/>")]


@pytest.mark.parametrize("name", ["../evil.xml", "/etc/evil.xml", "a/../../evil.xml", "..\\evil.xml", "C:\\evil.xml"])
def test_a_path_that_leaves_the_archive_is_refused_and_writes_nothing(name: str, tmp_path: Path) -> None:
    (found,) = expand(archive({name: b"<a/>"}), "up.zip", SETTINGS)
    assert isinstance(found.error, UnreadableArchiveError)
    assert not found.data


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    (found,) = expand(archive({"bomb.xml": b"<a/>" + b" " * 2_900_000}), "up.zip", SETTINGS)
    assert isinstance(found.error, LimitExceededError)


@pytest.mark.parametrize(
    "data",
    [
        archive({"big.xml": b"<a/>" * 1_000_000}),
        archive({f"{n}.xml": b"<a/>" for n in range(6)}),
        archive({"none.txt": b"x"}),
        archive({"a.xml": b"<a/>"})[:-30],
        b"PK\x03\x04 nothing of the kind",
    ],
    ids=["large", "many", "no document", "cut off", "no archive"],
)
def test_an_unusable_archive_says_why(data: bytes) -> None:
    (found,) = expand(data, "up.zip", SETTINGS)
    assert found.error is not None
    assert found.error.next_step


def test_damaged_data_inside_an_archive_is_told() -> None:
    data = bytearray(archive({"a.xml": b"<a>" + bytes(range(256)) * 50 + b"</a>"}))
    data[40:60] = b"\xff" * 20
    (found,) = expand(bytes(data), "up.zip", SETTINGS)
    assert isinstance(found.error, UnreadableArchiveError)


def test_the_companions_of_macos_are_no_documents() -> None:
    found = list(expand(archive({"a.xml": b"<a/>", "__MACOSX/._a.xml": b"x", "._b.xml": b"x"}), "up.zip", SETTINGS))
    assert [source.name for source in found] == ["up.zip!a.xml"]


def test_an_archive_that_lies_about_sizes_is_cut_off() -> None:
    data = bytearray(archive({"a.xml": b"<a>" + b"x" * 100_000 + b"</a>"}))
    directory = data.index(b"PK\x01\x02")
    data[directory + 24 : directory + 28] = (50).to_bytes(4, "little")
    (found,) = expand(bytes(data), "up.zip", SETTINGS)
    assert found.error is not None or len(found.data) <= SETTINGS.max_upload_bytes


def test_a_folder_is_read_by_name_and_below(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    for name in ("b.xml", "a.xml", "sub/c.xml", "d.txt"):
        (tmp_path / name).write_bytes(b"<a/>")
    found = list(open_paths([str(tmp_path)], SETTINGS))
    assert [Path(source.name).name for source in found] == ["a.xml", "b.xml", "c.xml"]
    assert count([str(tmp_path)]) == 3


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no file or folder"):
        list(open_paths([str(tmp_path / "absent.xml")], SETTINGS))
    with pytest.raises(UsageError, match=r"holds no \.xml"):
        list(open_paths([str(tmp_path)], SETTINGS))


def test_standard_input_is_a_document(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stdin:
        buffer = io.BytesIO(b"<a/>")

    monkeypatch.setattr("sys.stdin", Stdin)
    assert [source.data for source in open_paths(["-"], SETTINGS)] == [b"<a/>"]
    assert count(["-"]) is None
