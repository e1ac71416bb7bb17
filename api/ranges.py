"""Which part of an answer a request asks for (RFC 9110, section 14). Pure functions over header texts."""

from __future__ import annotations

import re

from starlette.exceptions import HTTPException

_SINGLE = re.compile(
    r"bytes[ \t]*=[ \t]*(?:(?P<first>[0-9]+)-(?P<last>[0-9]*)|-(?P<suffix>[0-9]+))[ \t]*", re.IGNORECASE
)


def part_of(header: str | None, if_range: str | None, tag: str, size: int) -> range | None:
    """The bytes that a Range header asks for; None where the whole is to be sent.

    The whole answers what may be ignored: other units, several ranges, what is malformed (14.2), and an If-Range that
    is not the strong tag. A date in it never holds: what was published within its second has the same (8.8.2.2).

    Args:
        tag: of what there is now, strong, with its quotes.
        size: of the whole, in bytes.

    Raises:
        HTTPException: 416, none of these bytes are there.
    """
    asked = _SINGLE.fullmatch((header or "").strip())
    if asked is None or (if_range is not None and if_range.strip() != tag):
        return None
    if asked["suffix"] is not None:
        found = range(max(size - int(asked["suffix"]), 0), size)
    else:
        last = int(asked["last"]) if asked["last"] else None
        if last is not None and last < int(asked["first"]):
            return None
        found = range(int(asked["first"]), size if last is None else min(last + 1, size))
    if not found:
        raise HTTPException(416, f"There are {size} bytes.", {"Content-Range": f"bytes */{size}"})
    return found


def content_range(part: range, size: int) -> str:
    """How a Content-Range header names a part of a whole (14.4)."""
    return f"bytes {part.start}-{part.stop - 1}/{size}"
