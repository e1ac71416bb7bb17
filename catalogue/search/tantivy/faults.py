"""What the engine raises, and what it means."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager

from catalogue.search.folder import storage

_PANIC = "PanicException"
_CODE = re.compile(r"\bos error (\d+)\b|\bcode: (\d+)\b")
_FULL = "StorageFull"


def is_fault(error: BaseException) -> bool:
    """Whether the engine failed: ValueError is whatever it noticed, a panic (no Exception) what it did not expect."""
    return isinstance(error, ValueError | OSError) or type(error).__name__ == _PANIC


@contextmanager
def written() -> Iterator[None]:
    """What the engine cannot write becomes a StorageError."""
    with storage():
        try:
            yield
        except BaseException as error:
            if isinstance(error, OSError) or not is_fault(error):
                raise
            raise OSError(_number(str(error)), str(error)) from error


def _number(message: str) -> int:
    found = _CODE.search(message)
    if found:
        return int(found[1] or found[2])
    return errno.ENOSPC if _FULL in message else errno.EIO
