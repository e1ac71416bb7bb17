"""Gzip (RFC 1952) by ISA-L: dumps spend a third of their time compressing with zlib, a twentieth with it."""

from __future__ import annotations

from gzip import BadGzipFile
from pathlib import Path
from typing import BinaryIO, Final, cast

from isal import igzip, isal_zlib

_LEVEL: Final = 2
"""A sixth of zlib's time at its level 3, for a fifth more bytes."""
_Broken = cast(type[Exception], isal_zlib.error)
DAMAGED: Final[tuple[type[Exception], ...]] = (BadGzipFile, EOFError, _Broken)
"""What reading a file raises that is not whole."""


def decompressing(path: Path) -> BinaryIO:
    """A gzip file, to be read as what it holds. Raises OSError, ``DAMAGED``."""
    return cast(BinaryIO, igzip.open(path))  # type: ignore[no-untyped-call]


def compressing(out: BinaryIO) -> BinaryIO:
    """What is written here is compressed into ``out``; without name and time, so that the same gives the same bytes."""
    stream = igzip.IGzipFile(filename="", fileobj=out, mode="wb", compresslevel=_LEVEL, mtime=0)  # type: ignore[no-untyped-call]
    return cast(BinaryIO, stream)


def compressed(data: bytes) -> bytes:
    """As a gzip file."""
    return igzip.compress(data, _LEVEL, mtime=0)
