"""Keyset pagination: a cursor is the sort key of the last row shown, opaque to whoever holds it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any

import orjson

from catalogue.errors import UsageError
from catalogue.model.report import Message


def cursor_text(*values: object) -> str:
    """An opaque, URL-safe cursor."""
    return base64.urlsafe_b64encode(orjson.dumps(values)).decode().rstrip("=")


def cursor_values(cursor: str, *types: type) -> list[Any]:
    """The values behind a cursor.

    Raises:
        UsageError: it was not made by ``cursor_text`` from values of these types.
    """
    try:
        values = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError):
        values = None
    if not isinstance(values, list) or [type(value) for value in values] != list(types) or not all(map(_fits, values)):
        raise UsageError(
            Message(f"« {cursor} » n’est pas un curseur de cette liste.", f"{cursor!r} is not a cursor of this list."),
            next_step=Message("Recommencez sans curseur.", "Start again without a cursor."),
        )
    return values


def whole(rows: Sequence[object], cursor: str | None, limit: int) -> bool:
    """Whether these rows, of which one more than the limit was asked for, are the whole list: then nobody counts it."""
    return cursor is None and len(rows) <= limit


def _fits(value: object) -> bool:
    """Whether both databases take the value."""
    return "\0" not in value if isinstance(value, str) else abs(int(str(value))) < 2**63
