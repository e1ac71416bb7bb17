"""From what a person hands over (a file, a folder, a zip archive, standard input) to documents, one by one."""

from __future__ import annotations

import lzma
import sys
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO

from catalogue.errors import CatalogueError, LimitExceededError, UnreadableArchiveError, UsageError
from catalogue.settings import Settings

STANDARD_INPUT = "-"
_ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")  # the second begins an archive without entries
# What the decompressors of zipfile raise on damaged, encrypted or unknown data.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    OSError,
    RuntimeError,
    NotImplementedError,
    EOFError,
    ValueError,
)
# Real DDI-L compresses 10 to 40 times; a bomb a thousand times and more.
_MAX_RATIO = 200
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Source:
    """One document as received: ``name`` for people, and its bytes or the reason why there are none."""

    name: str
    data: bytes = b""
    error: CatalogueError | None = None


def open_paths(paths: list[str], settings: Settings) -> Iterator[Source]:
    """The documents of files, folders (``*.xml`` and ``*.zip``, recursively, by name), zip archives and ``-``.

    Raises:
        UsageError: a path does not exist, or a folder holds no document.
    """
    for path in paths:  # all of them first: nothing is done by half
        if path != STANDARD_INPUT and not Path(path).exists():
            raise UsageError(f"There is no file or folder {path}.", next_step="Check the path and try again.")
    for path in paths:
        if path == STANDARD_INPUT:
            yield from expand(sys.stdin.buffer.read(settings.max_upload_bytes + 1), "stdin", settings)
        else:
            yield from _open_path(Path(path), settings)


def expand(data: bytes, name: str, settings: Settings) -> Iterator[Source]:
    """The documents in one upload: itself, or the members of the zip archive that it is."""
    if data.startswith(_ZIP_MAGIC):
        yield from _members(data, name, settings)
    else:
        yield Source(name, data)


def count(paths: list[str]) -> int | None:
    """How many files there are to open, for a progress bar; None when standard input is among them."""
    if STANDARD_INPUT in paths:
        return None
    return sum(len(_files(Path(path))) if Path(path).is_dir() else 1 for path in paths)


def _printable(path: Path) -> str:
    """The path as text that every output can take, also where the name is not Unicode."""
    return str(path).encode("utf-8", "backslashreplace").decode("utf-8")


def _open_path(path: Path, settings: Settings) -> Iterator[Source]:
    files = _files(path) if path.is_dir() else [path]
    if not files:
        raise UsageError(
            f"The folder {path} holds no .xml or .zip file.", next_step="Name a folder with DDI documents."
        )
    for file in files:
        yield from _open_file(file, settings)


def _files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.suffix.lower() in (".xml", ".zip") and p.is_file())


def _open_file(file: Path, settings: Settings) -> Iterator[Source]:
    try:
        with file.open("rb") as stream:
            data = stream.read(settings.max_upload_bytes + 1)
    except OSError as error:
        yield Source(_printable(file), error=UnreadableArchiveError(f"The file cannot be read: {error.strerror}."))
        return
    yield from expand(data, _printable(file), settings)


def _members(data: bytes, name: str, settings: Settings) -> Iterator[Source]:
    if len(data) > settings.max_upload_bytes:
        yield Source(name, error=_too_large(name, settings))
        return
    try:
        archive = zipfile.ZipFile(BytesIO(data))
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        broken = UnreadableArchiveError(
            f"The zip archive is damaged: {error}.", next_step="Make the archive again and send it once more."
        )
        yield Source(name, error=broken)
        return
    with archive:
        yield from _read_members(archive, name, settings)


def _read_members(archive: zipfile.ZipFile, name: str, settings: Settings) -> Iterator[Source]:
    entries = [entry for entry in archive.infolist() if _is_document(entry.filename)]
    if len(archive.infolist()) > settings.max_zip_entries:
        text = f"The archive has more than {settings.max_zip_entries:,} entries (CATALOGUE_MAX_ZIP_ENTRIES)."
        yield Source(name, error=LimitExceededError(text))
        return
    if not entries:
        empty = UnreadableArchiveError(
            "The zip archive holds no .xml file.", next_step="Put the DDI documents into the archive as .xml files."
        )
        yield Source(name, error=empty)
    for entry in entries:
        yield _read_member(archive, entry, f"{name}!{entry.filename}", settings)


def _is_document(name: str) -> bool:
    """XML, and none of the companions that macOS puts into archives."""
    path = PurePosixPath(name)
    return path.suffix.lower() == ".xml" and "__MACOSX" not in path.parts and not path.name.startswith("._")


def _read_member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str, settings: Settings) -> Source:
    if problem := _suspicious(entry, settings):
        return Source(name, error=problem)
    try:
        with archive.open(entry) as stream:
            data = _read_limited(stream, settings)
    except _DAMAGE as error:
        return Source(name, error=UnreadableArchiveError(f"This entry of the archive cannot be read: {error}."))
    if data is None:
        return Source(name, error=_too_large(name, settings))
    return Source(name, data)


def _suspicious(entry: zipfile.ZipInfo, settings: Settings) -> CatalogueError | None:
    path = PurePosixPath(entry.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
        return UnreadableArchiveError(
            f"The archive entry {entry.filename!r} points outside the archive.",
            next_step="Make the archive again with plain relative names.",
        )
    if entry.file_size > settings.max_upload_bytes:
        return _too_large(entry.filename, settings)
    if entry.file_size > _MAX_RATIO * max(entry.compress_size, 1) and entry.file_size > _PIECE:
        return LimitExceededError(
            f"The archive entry {entry.filename!r} unpacks to more than {_MAX_RATIO} times its size; it is refused."
        )
    return None


def _read_limited(stream: IO[bytes], settings: Settings) -> bytes | None:
    """All of it, or None when there is more than the directory of the archive claims and the limit allows."""
    pieces: list[bytes] = []
    size = 0
    while piece := stream.read(_PIECE):
        size += len(piece)
        if size > settings.max_upload_bytes:
            return None
        pieces.append(piece)
    return b"".join(pieces)


def _too_large(name: str, settings: Settings) -> LimitExceededError:
    return LimitExceededError(
        f"{name} is larger than the limit of {settings.max_upload_bytes:,} bytes (CATALOGUE_MAX_UPLOAD_BYTES)."
    )
