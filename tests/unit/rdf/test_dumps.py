"""Parts of a dump against slices of the whole."""

from __future__ import annotations

import gzip
import random
import resource
from pathlib import Path

import pytest
from rdflib import Dataset, Graph

from catalogue.errors import StorageError
from catalogue.rdf.dumps import FORMATS, Dump, Dumps
from catalogue.rdf.files import GraphFiles, Piece
from catalogue.rdf.quads import Position


def dump_of(*segments: bytes, folder: Path) -> Dump:
    """A dump of these segments, every second one in a file."""
    kept: list[Path | bytes] = []
    for number, one in enumerate(segments):
        path = folder / str(number)
        path.write_bytes(one)
        kept.append(path if number % 2 else one)
    return Dump(tuple(kept), sum(map(len, segments)), None, "tag", 0)


def test_a_part_of_a_dump_is_that_slice_of_it(tmp_path: Path) -> None:
    chance = random.Random(5)
    segments = [chance.randbytes(size) for size in (3, 0, 50, 2_500_000, 1, 7)]
    whole = b"".join(segments)
    made = dump_of(*segments, folder=tmp_path)
    assert b"".join(made.read()) == whole
    edges = [0, 1, 3, 4, 53, 54, 1_048_576, 2_500_053, 2_500_054, len(whole) - 1, len(whole)]
    for start, stop in [(a, b) for a in edges for b in edges if a < b]:
        assert b"".join(made.read(range(start, stop))) == whole[start:stop], (start, stop)


def test_a_part_reads_no_file_beside_it(tmp_path: Path) -> None:
    made = dump_of(b"ab", b"cd", b"ef", folder=tmp_path)
    pieces = made.read(range(4, 6))
    assert next(pieces) == b"ef"
    assert list(pieces) == []


def test_a_dump_that_is_being_read_outlives_its_files(tmp_path: Path) -> None:
    made = dump_of(b"ab", b"cd", b"ef", b"gh", folder=tmp_path)
    pieces = made.read()
    assert next(pieces) == b"ab"
    for path in tmp_path.iterdir():
        path.unlink()
    assert b"".join(pieces) == b"cdefgh"
    with pytest.raises(FileNotFoundError):  # before anything is sent
        made.read()


def test_more_files_than_may_be_open_are_refused_with_what_to_do(tmp_path: Path) -> None:
    made = dump_of(*[b"x"] * 200, folder=tmp_path)
    usual = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(list(Path("/proc/self/fd").iterdir())) + 20, usual[1]))
    try:
        with pytest.raises(StorageError) as refused:
            made.read()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, usual)
    assert "one cohort" in (refused.value.next_step or "")
    assert b"".join(made.read()) == b"x" * 200  # what had been opened was closed


SHARED = b'<http://example.org/s> <http://example.org/p> "both" .\n'
OWN = {one: b'<http://example.org/%s> <http://example.org/p> "own" .\n' % one.encode() for one in ("a", "b")}


def dumped(folder: Path, extension: str) -> Dump:
    """A dump of two documents of which each says something of its own, and both the same of one thing."""
    files = GraphFiles(folder)
    written = [
        files.write(name, Position("store", 1, "edition"), [Piece("Category", (), SHARED + own)])
        for name, own in OWN.items()
    ]
    form = next(one for one in FORMATS if one.extension == extension)
    return Dumps(lambda revision: f"http://example.org/{revision}", {}).make(written, form)


def text(made: Dump) -> bytes:
    return gzip.decompress(b"".join(made.read()))


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")
@pytest.mark.parametrize(("extension", "format_"), [("nt", "nt"), ("ttl", "turtle"), ("jsonld", "json-ld")])
def test_what_two_documents_say_is_one_triple_of_the_graph(tmp_path: Path, extension: str, format_: str) -> None:
    """It stands there twice, which the page of dumps says, and is counted as it stands there."""
    made = dumped(tmp_path, extension)
    assert set(Graph().parse(data=text(made), format=format_)) == set(
        Graph().parse(data=SHARED + OWN["a"] + OWN["b"], format="nt")
    )
    assert text(made).count(b"both") == 2
    assert made.triples == 4


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")
def test_quads_say_which_document_says_it(tmp_path: Path) -> None:
    lines = text(dumped(tmp_path, "nq")).splitlines()
    assert len(set(lines)) == len(lines) == 4
    dataset = Dataset()
    dataset.parse(data=b"\n".join(lines), format="nquads")
    sizes = {str(one.identifier): len(one) for one in dataset.graphs() if len(one)}
    assert sizes == {"http://example.org/a": 2, "http://example.org/b": 2}
