"""lxml's error log with the elements that its entries speak of."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

from catalogue.validation.names import split

_STEP = re.compile(r"/([^/\[\]]+)(?:\[(\d+)\])?")


@dataclass(frozen=True, slots=True)
class LoggedError:
    """One entry: the element, libxml2's name of the fault, its words, and whether the element was not expected."""

    element: etree._Element
    type_name: str
    message: str
    unexpected: bool


class Locator:
    """Finds the elements that the log of one validation speaks of."""

    def __init__(self, root: etree._Element) -> None:
        self._root = root
        self._children: dict[etree._Element, dict[str, list[etree._Element]]] = {}

    def locate(self, entry: etree._LogEntry) -> LoggedError:
        """An entry with its element."""
        unexpected = entry.type_name == "SCHEMAV_ELEMENT_CONTENT" and "not expected" in entry.message
        return LoggedError(self._find(entry.path or ""), entry.type_name, entry.message, unexpected)

    def _find(self, path: str) -> etree._Element:
        """Follow a path of ``xmlGetNodePath`` as far as it names elements."""
        current = self._root
        steps = _STEP.finditer(path)
        next(steps, None)  # the root itself
        for step in steps:
            number = int(step[2] or 1)
            named = self._by_name(current).get(step[1], ())
            if number > len(named):
                return current
            current = named[number - 1]
        return current

    def _by_name(self, parent: etree._Element) -> dict[str, list[etree._Element]]:
        """The children under the names that libxml2 gives them.

        A name without prefix is written ``*`` and its number counts all sibling elements; another's number counts the
        siblings of the same prefix and name.
        """
        if parent not in self._children:
            names: dict[str, list[etree._Element]] = {"*": []}
            for child in parent.iterchildren("*"):
                names["*"].append(child)
                local = split(str(child.tag))[1]
                names.setdefault(f"{child.prefix}:{local}" if child.prefix else local, []).append(child)
            self._children[parent] = names
        return self._children[parent]
