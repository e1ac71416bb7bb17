"""XML written as text: responses are long and flat, and building trees of them would take most of their time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final
from xml.sax.saxutils import escape

from catalogue.model.text import LocalizedText, primary_language

_NO_ATTRIBUTES: Final[Mapping[str, str]] = MappingProxyType({})
_DECLARATION = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*<\?xml[^>]*\?>\s*")
_SPECIAL = re.compile("[&<>]")
_ENTITIES: Final = {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}


def escaped(text: str) -> str:
    """A text as the content of an element; most have nothing to escape."""
    return escape(text) if _SPECIAL.search(text) else text


def element(name: str, text: object, attributes: Mapping[str, str] = _NO_ATTRIBUTES) -> str:
    """An element with a text."""
    return f"<{name}{written(attributes)}>{escaped(str(text))}</{name}>"


def empty(name: str, attributes: Mapping[str, str] = _NO_ATTRIBUTES) -> str:
    """An element without content."""
    return f"<{name}{written(attributes)}/>"


def around(name: str, content: Iterable[str], attributes: Mapping[str, str] = _NO_ATTRIBUTES) -> str:
    """An element with elements."""
    return f"<{name}{written(attributes)}>{''.join(content)}</{name}>"


def written(attributes: Mapping[str, str]) -> str:
    """Attributes, each behind a space."""
    if not attributes:
        return ""
    return "".join(f' {name}="{escape(value, _ENTITIES)}"' for name, value in attributes.items())


def localized(name: str, one: LocalizedText, attributes: Mapping[str, str] = _NO_ATTRIBUTES) -> str:
    """An element with a text and ``xml:lang``, where its source names a language that there is."""
    return f"<{name}{written(attributes)}{_told_in(one.language)}>{escaped(one.text)}</{name}>"


@lru_cache(maxsize=1024)
def _told_in(tag: str | None) -> str:
    """The tag as ``xml:lang``, behind a space; empty where it names no language."""
    return written({"xml:lang": tag}) if tag and primary_language(tag) else ""


def undeclared(document: bytes) -> bytes:
    """An XML document as a part of another: without its declaration."""
    return _DECLARATION.sub(b"", document, count=1)
