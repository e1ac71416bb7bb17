"""Where the items of one document stand, kept as columns of integers until all are known.

Items come when their elements end, children before parents, so the parent's row is known only later.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import Any, Final

from catalogue.model.items import Item

_NONE: Final = -1
# item, parent, line, start, end, context, language
_WIDTH: Final = 7
_EMPTY: Final = (_NONE,) * _WIDTH


class Placements:
    """Occurrences by ordinal, and the first line of every item."""

    def __init__(self, first_item: int) -> None:
        self._cells = array("q")
        self._languages: dict[str | None, int] = {}
        self._first_item = first_item
        self._new_lines = array("q")  # by id - first_item
        self._old_lines: dict[int, int] = {}

    def add(self, item: Item, item_id: int) -> None:
        """Note an occurrence."""
        cells, start = self._cells, item.ordinal * _WIDTH
        while len(cells) < start + _WIDTH:
            cells.extend(_EMPTY)
        parent = _NONE if item.parent is None else item.parent
        language = self._languages.setdefault(item.language, len(self._languages))
        span = item.span
        cells[start : start + _WIDTH] = array(
            "q", (item_id, parent, item.line, span.start, span.end, span.context, language)
        )
        self._note_line(item_id, item.line)

    def line(self, item_id: int) -> int | None:
        """The first line of an item in this document, if it stands in it."""
        if item_id < self._first_item:
            return self._old_lines.get(item_id)
        index = item_id - self._first_item
        return self._new_lines[index] if index < len(self._new_lines) else None

    def rows(self, revision_id: int) -> Iterator[tuple[Any, ...]]:
        """The rows of table ``occurrence``, in document order."""
        cells, languages = self._cells, list(self._languages)
        for start in range(0, len(cells), _WIDTH):
            item_id, parent, line, begin, end, context, language = cells[start : start + _WIDTH]
            if item_id != _NONE:
                parent_id = None if parent == _NONE else cells[parent * _WIDTH]
                yield (
                    revision_id,
                    start // _WIDTH,
                    item_id,
                    None if parent_id == _NONE else parent_id,
                    line,
                    begin,
                    end,
                    context,
                    languages[language],
                )

    def _note_line(self, item_id: int, line: int) -> None:
        if item_id < self._first_item:
            self._old_lines[item_id] = min(line, self._old_lines.get(item_id, line))
            return
        index = item_id - self._first_item
        if index == len(self._new_lines):
            self._new_lines.append(line)
        self._new_lines[index] = min(line, self._new_lines[index])
