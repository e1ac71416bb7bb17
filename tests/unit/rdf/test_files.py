"""A graph is a set: files and dumps hold each triple once, however often items say it, and count it once."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path
from random import Random

import pyoxigraph
import pytest

from catalogue.rdf.dumps import FORMATS, DumpFormat, Dumps
from catalogue.rdf.files import DamagedFileError, GraphFiles, Piece, distinct
from catalogue.rdf.quads import Position

POSITION = Position("store", 7, "1")


def line(subject: int, text: str = "said") -> bytes:
    return f'<https://example.org/{subject}> <https://example.org/says> "{text}" .\n'.encode()


@pytest.mark.parametrize("most", [1, 300, 1 << 20])
def test_lines_come_once_and_in_order_whatever_fits_into_memory(tmp_path: Path, most: int) -> None:
    random = Random(5)
    lines = [line(random.randrange(40), "é\\n" * random.randrange(3)) for _ in range(300)]
    assert len(set(lines)) < len(lines)
    assert list(distinct(iter(lines), tmp_path, most)) == sorted(set(lines))
    assert list(distinct(iter(()), tmp_path, most)) == []
    assert not list(tmp_path.iterdir())


def test_what_two_items_say_is_in_a_graph_once(tmp_path: Path) -> None:
    pieces = [
        Piece("Group", (), line(1) + line(9, "publisher")),
        Piece("StudyUnit", (), line(2) + line(9, "publisher") + line(9, "other")),
    ]
    file = GraphFiles(tmp_path).write("r", POSITION, pieces)
    assert file.items == {"Group": 1, "StudyUnit": 1}
    assert sorted(gzip.decompress(file.path.read_bytes()).splitlines(keepends=True)) == sorted(
        [line(1), line(2), line(9, "publisher"), line(9, "other")]
    )
    dumps = Dumps(lambda revision: f"https://example.org/documents/{revision}", {})
    for form in FORMATS:
        dump = dumps.make([file], form)
        body = gzip.decompress(b"".join(dump.read()))
        parsed = list(pyoxigraph.parse(body, pyoxigraph.RdfFormat.from_extension(form.extension)))
        assert dump.triples == len(parsed) == len(set(parsed)) == 4


def test_up_to_where_files_followed_is_kept_whole_or_not_known(tmp_path: Path) -> None:
    files = GraphFiles(tmp_path / "graphs")
    assert files.followed() is None
    files.note_followed(POSITION)
    assert files.followed() == POSITION
    assert files.all() == {}
    path = files.root / "followed"
    path.write_bytes(path.read_bytes().replace(b"7", b"8"))
    assert files.followed() is None
    files.note_followed(POSITION)
    shutil.rmtree(files.root)
    assert files.followed() is None


@pytest.mark.parametrize("form", [form for form in FORMATS if form.derive], ids=lambda form: form.extension)
@pytest.mark.parametrize("damage", ["cut", "garbled"])
def test_a_dump_of_a_damaged_file_is_refused_with_what_to_do(tmp_path: Path, form: DumpFormat, damage: str) -> None:
    file = GraphFiles(tmp_path).write("r", POSITION, [Piece("Group", (), line(1) + line(2))])
    dumps = Dumps(lambda revision: f"https://example.org/documents/{revision}", {})
    whole = file.path.read_bytes()
    file.path.write_bytes(whole[:-9] if damage == "cut" else whole[:20] + bytes(12) + whole[32:])
    with pytest.raises(DamagedFileError, match=file.path.name) as caught:
        dumps.make([file], form)
    assert "rdf rebuild" in caught.value.next_step
    assert caught.value.http_status == 503
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".gz")] == [file.path.name]
    file.path.write_bytes(whole)
    assert dumps.make([file], form).triples == 2
