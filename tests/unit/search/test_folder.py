"""The folder of an index against what the operating system does to processes and files."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from catalogue import durable
from catalogue.errors import IndexBusyError, StorageError
from catalogue.search.folder import IndexFolder
from catalogue.search.port import EDITION, Health, Position

LAYOUT = "engine-1"
ONE, TWO = Position("store", 1), Position("store", 2)


@pytest.fixture
def folder(tmp_path: Path) -> IndexFolder:
    return IndexFolder(tmp_path / "index", LAYOUT)


def another(folder: IndexFolder, layout: str) -> IndexFolder:
    """That of another engine or version of the program, on the same data."""
    return IndexFolder(folder.root.parent, layout)


def built(folder: IndexFolder, documents: int = 3, position: Position = ONE) -> Path:
    """Build and publish; gives the engine's folder."""
    with folder.lock():
        path = folder.begin(documents)
        (path / "segment").write_bytes(b"x")
        folder.finish(path, documents, position)
    return path


HOLD = """
import sys
from collections.abc import Mapping
from pathlib import Path
from catalogue.search.folder import IndexFolder
folder = IndexFolder(Path(sys.argv[1]), "engine-1")
with folder.lock():
    path = folder.begin(10)
    folder.progress(path, 4, 10, shown=True)
    print("held", flush=True)
    sys.stdin.read()
"""


def holder(folder: IndexFolder) -> subprocess.Popen[str]:
    """Another process that has the lock and builds."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder.root.parent)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_an_empty_place_is_absent(folder: IndexFolder) -> None:
    assert folder.published() is None
    assert folder.state().health is Health.ABSENT
    assert not folder.root.exists()  # looking makes nothing


def test_what_is_published_answers(folder: IndexFolder) -> None:
    path = built(folder)
    found = folder.published()
    assert found is not None
    assert (found.path, found.documents, found.position) == (path, 3, ONE)
    state = folder.state()
    assert (state.health, state.documents, state.position) == (Health.READY, 3, ONE)
    assert state.generation == found.generation


def test_one_process_writes_and_the_next_may_when_it_is_killed(folder: IndexFolder) -> None:
    with holder(folder) as process:
        try:
            with pytest.raises(IndexBusyError), folder.lock():
                pass
            assert folder.state().health is Health.BUILDING
            assert (folder.state().done, folder.state().total, folder.state().documents) == (4, 10, 4)
            left = folder.published()
            assert left is not None
            assert left.position is None
        finally:
            process.send_signal(signal.SIGKILL)
    with folder.lock():  # what the killed one left is gone
        assert folder.state().health is Health.ABSENT
        assert not left.path.exists()
        again = folder.begin(10)
        folder.progress(again, 4, 10, shown=True)
        shown = folder.published()
        assert shown is not None
        # A reader that had the killed one's open must see that this is another.
        assert shown.generation != left.generation
        folder.finish(again, 10, ONE)
    assert folder.state().health is Health.READY


def test_a_killed_builder_leaves_what_was_published(folder: IndexFolder) -> None:
    path = built(folder)
    with holder(folder) as process:
        assert folder.state().health is Health.BUILDING
        found = folder.published()
        assert found is not None
        assert (found.path, folder.state().documents) == (path, 3)
        process.kill()
    with folder.lock():
        pass
    assert folder.state().health is Health.READY
    assert [one.name for one in folder.root.iterdir() if one.is_dir()] == [path.name]


def test_in_one_process_too_the_lock_is_held_once(folder: IndexFolder) -> None:
    other = another(folder, LAYOUT)
    with folder.lock(), pytest.raises(IndexBusyError), other.lock():
        pass
    with other.lock():
        pass


def test_the_lock_is_given_back_when_the_writer_fails(folder: IndexFolder) -> None:
    with pytest.raises(ValueError, match="inside"), folder.lock():
        raise ValueError("inside")
    with folder.lock():
        pass


def test_a_change_in_place_is_another_generation(folder: IndexFolder) -> None:
    built(folder)
    before, signature = folder.state(), folder.signature()
    with folder.lock():
        folder.changed(4, TWO)
    after = folder.state()
    assert (after.documents, after.position) == (4, TWO)
    assert after.generation != before.generation
    assert folder.signature() != signature


def test_after_a_crash_between_commit_and_note_the_changes_are_applied_again(folder: IndexFolder) -> None:
    """The engine has committed, the position has not moved: the next writer starts from the old position."""
    path = built(folder)
    with folder.lock():
        (path / "segment").write_bytes(b"committed")
    with folder.lock():
        assert folder.state().position == ONE
        assert (path / "segment").read_bytes() == b"committed"
        folder.changed(4, TWO)
    assert folder.state().position == TWO


def test_a_new_index_takes_the_place_of_the_old(folder: IndexFolder) -> None:
    old = built(folder)
    folder.report_broken("segment is short")
    assert (folder.state().health, folder.state().message) == (Health.BROKEN, "segment is short")
    new = built(folder, 5, TWO)
    assert new != old
    assert not old.exists()
    assert (folder.state().health, folder.state().documents) == (Health.READY, 5)


def test_an_abandoned_index_leaves_the_old(folder: IndexFolder) -> None:
    old = built(folder)
    with folder.lock():
        path = folder.begin(9)
        folder.abandon(path)
    assert not path.exists()
    found = folder.published()
    assert found is not None
    assert (found.path, folder.state().health) == (old, Health.READY)


def test_an_index_made_again_from_nothing_is_another_generation(folder: IndexFolder) -> None:
    """Somebody deletes the folder; the same documents are indexed in as many steps; readers must notice."""
    built(folder)
    before = folder.state().generation
    for path in sorted(folder.root.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    built(folder)
    assert folder.state().generation != before


def test_a_foreign_index_is_absent_and_is_not_changed(folder: IndexFolder) -> None:
    built(folder)
    folder._write("current.json", {**WHOLE, "layout": "engine-0"})
    assert folder.published() is None
    assert folder.state().health is Health.ABSENT
    with pytest.raises(StorageError, match="no published index"):
        folder.changed(1, TWO)
    assert built(folder).exists()
    assert folder.state().health is Health.READY


def test_two_versions_of_the_program_keep_their_indexes_on_one_data_folder(folder: IndexFolder) -> None:
    """They start, write and are killed in turn, as while servers are exchanged one after the other."""
    older, newer = folder, another(folder, "engine-2")
    built(older)
    assert (newer.state().health, newer.published()) == (Health.ABSENT, None)
    with older.lock(), newer.lock():  # neither waits for the other
        pass
    built(newer, 5, TWO)
    assert (older.state().documents, newer.state().documents) == (3, 5)
    for one in (older, newer):
        one.report_broken("x")
        with one.lock():
            one.withdraw()  # as an indexer does that finds an index broken
            one.finish(one.begin(7), 7, TWO)
    assert (older.state().documents, newer.state().documents) == (7, 7)


def test_what_other_versions_left_goes_when_a_good_index_is_built_anew(folder: IndexFolder) -> None:
    oldest = folder.root.parent
    (oldest / "0001").mkdir(parents=True)
    for name in ("current.json", "lock", "notes.txt"):
        (oldest / name).write_text("{}")
    left = built(another(folder, "engine-0"))
    built(folder)
    assert left.exists()
    assert (oldest / "0001").exists()
    built(folder)
    assert sorted(path.name for path in oldest.iterdir()) == [folder.root.name, "notes.txt"]
    assert folder.state().health is Health.READY


def test_a_withdrawn_index_is_absent(folder: IndexFolder) -> None:
    built(folder)
    with folder.lock():
        folder.withdraw()
        folder.withdraw()
    assert folder.state().health is Health.ABSENT


WHOLE = {
    "layout": f"{LAYOUT}, edition {EDITION}",
    "folder": "0001",
    "serial": 1,
    "documents": 3,
    "store": "s",
    "change": 1,
}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"null",
        b"{}",
        *(json.dumps({key: value for key, value in WHOLE.items() if key != left}).encode() for left in WHOLE),
        *(json.dumps({**WHOLE, key: [value]}).encode() for key, value in WHOLE.items()),
    ],
)
@pytest.mark.parametrize("name", ["current.json", "making.json", "broken.json"])
def test_a_file_that_does_not_say_what_it_should_is_none(folder: IndexFolder, name: str, content: bytes) -> None:
    folder.root.mkdir(parents=True)
    (folder.root / name).write_bytes(content)
    assert folder.published() is None
    assert folder.state().health is Health.ABSENT
    with folder.lock():
        path = folder.begin(1)
        folder.finish(path, 1, ONE)
    assert folder.state().health is Health.READY


def test_a_file_that_says_what_it_should_is_read(folder: IndexFolder) -> None:
    folder.root.mkdir(parents=True)
    folder._write("current.json", WHOLE)
    assert folder.state().health is Health.READY
    written = (folder.root / "current.json").read_text()
    (folder.root / "current.json").write_text(written.replace('"change": 1', '"change": 2'))
    assert folder.state().health is Health.ABSENT


def test_a_file_is_read_again_only_when_it_is_another(folder: IndexFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.root.mkdir(parents=True)
    read: list[str] = []
    parsed = durable.read_sealed

    def counted(path: Path, shape: Mapping[str, type]) -> dict[str, Any] | None:
        read.append(path.name)
        return parsed(path, shape)

    monkeypatch.setattr(durable, "read_sealed", counted)
    folder._write("current.json", WHOLE)
    folder._read("current.json")
    assert folder._read("current.json") == WHOLE
    assert len(read) == 2  # just written: it may be written again within the same tick of the clock
    os.utime(folder.root / "current.json", (1, 1))
    assert [folder._read("current.json") for _ in range(3)] == [WHOLE] * 3
    assert len(read) == 3
    folder._write("current.json", {**WHOLE, "change": 2})
    assert folder._read("current.json") == {**WHOLE, "change": 2}
    (folder.root / "current.json").unlink()
    assert folder._read("current.json") is None


def test_half_written_files_are_swept(folder: IndexFolder) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "unlink", lambda *_args, **_more: None)  # killed before it could tidy up
        patch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError("killed")))
        folder.root.mkdir(parents=True)
        folder.report_broken("x")
    assert [path.name for path in folder.root.iterdir()] != []
    with folder.lock():
        assert [path.name for path in folder.root.iterdir()] == ["lock"]


def test_a_place_where_no_folder_can_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    folder = IndexFolder(tmp_path / "file" / "index", LAYOUT)
    with pytest.raises(StorageError) as caught, folder.lock():
        pass
    assert caught.value.next_step.startswith("Check that the folder can be written")
    assert folder.state().health is Health.ABSENT
    folder.report_broken("a reader says nothing")


def test_a_full_disk_is_said(folder: IndexFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    built(folder)

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with folder.lock(), pytest.raises(StorageError) as caught:
        folder.changed(4, TWO)
    assert caught.value.next_step.startswith("Make space on the disk")
    assert folder.state().position == ONE
