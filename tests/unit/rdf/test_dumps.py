"""Parts of a dump against slices of the whole."""

from __future__ import annotations

import random
from pathlib import Path

from catalogue.rdf.dumps import Dump


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
