"""XML as text, for documents that are too long for a tree: every text is escaped here and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from catalogue.model.text import InternationalString

Attributes = Mapping[str, str | None]

_NO_ATTRIBUTES: Final[Attributes] = {}
# ``xs:language``; what the source writes otherwise cannot stand in ``xml:lang``.
_LANGUAGE: Final = re.compile(r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*")
_NOT_IN_TOKEN: Final = re.compile(r"[^\w.\-]+")


def escaped(text: str) -> str:
    """A text as content of an element."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def quoted(value: str) -> str:
    """A text as value of an attribute, in quotes; line breaks and tabs survive attribute normalisation."""
    found = escaped(value).replace('"', "&quot;")
    return f'"{found}"'.replace("\n", "&#10;").replace("\t", "&#9;")


def element(name: str, content: str, attributes: Attributes = _NO_ATTRIBUTES) -> str:
    """An element around markup; attributes without value are left out."""
    start = name
    for key, value in attributes.items():
        if value is not None:
            start += f" {key}={quoted(value)}"
    return f"<{start}>{content}</{name}>" if content else f"<{start}/>"


def around(name: str, *parts: str, attributes: Attributes = _NO_ATTRIBUTES) -> str:
    """An element around others; nothing where there is nothing to put into it and no attribute."""
    content = "".join(parts)
    said = any(value is not None for value in attributes.values())
    return element(name, content, attributes) if content or said else ""


def plain(name: str, text: str | int | None, attributes: Attributes = _NO_ATTRIBUTES) -> str:
    """An element with a text of no language; nothing without text."""
    return "" if text is None or text == "" else element(name, escaped(str(text)), attributes)


def texts(name: str, value: InternationalString, attributes: Attributes = _NO_ATTRIBUTES) -> str:
    """One element for each language of a text."""
    return "".join(element(name, escaped(one.text), {**language(one.language), **attributes}) for one in value.texts)


def language(tag: str | None) -> Attributes:
    """``xml:lang`` as the source has it, if it may stand there."""
    return {"xml:lang": tag} if tag and _LANGUAGE.fullmatch(tag) else _NO_ATTRIBUTES


def token(text: str) -> str | None:
    """A text as ``xs:NMTOKEN``, which admits no spaces."""
    return _NOT_IN_TOKEN.sub("_", text.strip()).strip("_") or None


def references(names: Iterable[str]) -> str | None:
    """``xs:IDREFS``; None where there are none."""
    return " ".join(dict.fromkeys(names)) or None
