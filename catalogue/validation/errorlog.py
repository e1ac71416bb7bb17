"""lxml's error log with the elements that its entries speak of."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

_STEP = re.compile(r"/([^/\[\]]+)(?:\[(\d+)\])?")
_ANY = etree.XPath("*[$number]")
_NAMED = etree.XPath("*[name() = $name][$number]")


@dataclass(frozen=True, slots=True)
class LoggedError:
    """One entry: the element, libxml2's name of the fault, its words, and whether the element was not expected."""

    element: etree._Element
    type_name: str
    message: str
    unexpected: bool


def locate(entry: etree._LogEntry, root: etree._Element) -> LoggedError:
    """An entry of the last validation of ``root`` with its element; costs a walk along the siblings on the way."""
    element = _find(root, entry.path or "")
    unexpected = entry.type_name == "SCHEMAV_ELEMENT_CONTENT" and "not expected" in entry.message
    return LoggedError(element, entry.type_name, entry.message, unexpected)


def _find(root: etree._Element, path: str) -> etree._Element:
    """Follow a path of ``xmlGetNodePath`` as far as it names elements.

    A name without prefix is written ``*`` and its number counts all sibling elements; another's number counts the
    siblings of the same prefix and name.
    """
    current = root
    steps = _STEP.finditer(path)
    next(steps, None)  # the root itself
    for step in steps:
        named = _ANY if step[1] == "*" else _NAMED
        found = named(current, name=step[1], number=int(step[2] or 1))
        if not found:
            return current
        current = found[0]
    return current
