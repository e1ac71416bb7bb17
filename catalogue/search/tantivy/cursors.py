"""Where the next piece of the hits begins: how many came before, which a text says that is not to be read."""

from __future__ import annotations

from catalogue.search.foreign import foreign_cursor

_LONGEST = 12


def offset(cursor: str | None) -> int:
    """How many hits to leave out. Raises UsageError for what ``next_cursor`` did not give."""
    if cursor is None:
        return 0
    if not cursor.isascii() or not cursor.isdecimal() or len(cursor) > _LONGEST:
        raise foreign_cursor()
    return int(cursor)


def next_cursor(start: int, hits: int, total: int) -> str | None:
    """The cursor after some hits, or None at the end."""
    return str(start + hits) if hits and start + hits < total else None
