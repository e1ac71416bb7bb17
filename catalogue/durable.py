"""Files that survive kills and full disks: small JSON files replaced as one, and a lock that dies with its holder."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import threading
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from gzip import BadGzipFile
from pathlib import Path
from typing import Any, Final

from catalogue.errors import StorageError

TEMPORARY: Final = ".writing-"
"""What the name of a file begins with that is not whole yet; a writer may remove those that it finds."""
# A reader that looks whether a writer lives has the lock for an instant: one writer asks so often, in seconds.
_TRIES, _MOMENT = 4, 0.02


def read_sealed(path: Path, shape: Mapping[str, type]) -> dict[str, Any] | None:
    """What ``write_sealed`` wrote; None where it is absent, damaged, or lacks a key of the shape in its type."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    if not isinstance(found, dict) or found.pop("sum", None) != _sum(found):
        return None
    return found if all(type(found.get(key)) is kind for key, kind in shape.items()) else None


def write_sealed(path: Path, content: Mapping[str, Any]) -> None:
    """Replace a JSON file as one: after a kill the old or the new one is there. Raises OSError."""
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8") as file:
        json.dump({**content, "sum": _sum(content)}, file)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary file that takes the place of another when the block ends well, and goes when it does not."""
    temporary = path.with_name(f"{TEMPORARY}{path.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def exclusive(path: Path) -> Iterator[bool]:
    """The lock of a file for one process, which the system takes back from one that dies; gives whether it was free."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        yield locked(handle, fcntl.LOCK_EX)
    finally:
        os.close(handle)


def locked(handle: int, kind: int, tries: int = _TRIES) -> bool:
    """Lock an open file, unless another process has it."""
    for number in range(tries):
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if number + 1 < tries:
                time.sleep(_MOMENT)
        else:
            return True
    return False


@contextmanager
def storage(what: str) -> Iterator[None]:
    """What the disk refuses becomes a StorageError that says what to do; ``what`` can be made anew from the store.

    A compressed file that is damaged is nothing that the disk refuses.
    """
    try:
        yield
    except BadGzipFile:
        raise
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        step = "Make space on the disk" if full else "Check that the folder can be written and its disk has space"
        raise StorageError(
            f"{what} cannot be written: {error}.",
            next_step=f"{step}; it is then brought up to date by itself, the catalogue has lost nothing.",
        ) from error


def _sum(content: Mapping[str, Any]) -> int:
    """Tells whether a file was damaged."""
    return zlib.crc32(json.dumps(content, sort_keys=True).encode())
