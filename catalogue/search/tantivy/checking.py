"""Whether the engine's files are what it wrote: it ends each with a sum, and reads them without looking at it.

A file of the engine ends with a JSON object that has the sum of what stands before, the length of that object, and a
number that never changes. ``meta.json`` lists the segments; it has no sum, and what it says must fit the files.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Final

import orjson

# The kinds of files that each segment has.
_KINDS: Final = ("fast", "fieldnorm", "idx", "pos", "store", "term")
_TAIL: Final = 8
_MAGIC: Final = 1337
_ATTEMPTS: Final = 5


class Checker:
    """Checks the indexes in some folders; a file, which never changes, once."""

    def __init__(self) -> None:
        self._sound: set[Path] = set()

    def check(self, *folders: Path) -> None:
        """Raises ValueError for a file that is not what was written, OSError for one that cannot be read."""
        sound: set[Path] = set()
        for folder in folders:
            sound.update(self._checked(folder))
        self._sound = sound

    def _checked(self, folder: Path) -> list[Path]:
        for attempt in range(_ATTEMPTS):
            listed = (folder / "meta.json").read_bytes()
            files = list(_files(folder, listed))
            try:
                for path in files:
                    if path not in self._sound:
                        _check(path)
            except FileNotFoundError:
                # Segments are merged at any time, and what they were made of is taken away.
                if attempt + 1 == _ATTEMPTS or (folder / "meta.json").read_bytes() == listed:
                    raise
            else:
                return files
        raise AssertionError("unreachable")


def _files(folder: Path, listed: bytes) -> Iterator[Path]:
    try:
        for segment in orjson.loads(listed)["segments"]:
            name = segment["segment_id"].replace("-", "")
            yield from (folder / f"{name}.{kind}" for kind in _KINDS)
            if segment["deletes"] is not None:
                yield folder / f"{name}.{segment['deletes']['opstamp']}.del"
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{folder / 'meta.json'} does not list segments") from error


def _check(path: Path) -> None:
    size = path.stat().st_size
    if size <= _TAIL:
        raise ValueError(f"{path} is cut off")
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
        end = size - _TAIL
        length, magic = (int.from_bytes(content[place : place + 4], "little") for place in (end, end + 4))
        start = end - length
        if magic != _MAGIC or start < 0 or _noted(content[start:end]) != _sum(content, start):
            raise ValueError(f"{path} is not what was written")


def _noted(footer: bytes) -> int | None:
    """The sum that a footer has."""
    try:
        found = orjson.loads(footer)["crc"]
    except (ValueError, KeyError, TypeError):
        return None
    return found if isinstance(found, int) else None


def _sum(content: mmap, end: int) -> int:
    with memoryview(content) as view, view[:end] as body:
        return zlib.crc32(body)
