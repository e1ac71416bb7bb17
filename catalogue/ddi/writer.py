"""Items back to DDI-L XML: an element cut out of its source, byte for byte, with the namespaces it stood among."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TypeVar
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from catalogue.ddi.element_types import element_types
from catalogue.model.identity import Identification
from catalogue.xml import safe_parser

K = TypeVar("K")
_TOGETHER: Final = 1 << 18  # bytes of elements that are parsed together
_DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'


@dataclass(frozen=True, slots=True)
class SourceElement:
    """An element in its source.

    Attributes:
        xml: its own bytes, UTF-8.
        namespaces: declarations in scope around it, prefix (empty for the default) to URI.
        language: ``xml:lang`` in force around it.
        ddi_version: ``3.1``, ``3.2`` or ``3.3``.
    """

    xml: bytes
    namespaces: Mapping[str, str]
    language: str | None
    ddi_version: str


def parse_element(source: SourceElement) -> etree._Element:
    """The element as a tree of its own; the parent is a nameless carrier of the namespaces and the language."""
    return next(element for _, element in parse_elements([(None, source)]))


def parse_elements(sources: Iterable[tuple[K, SourceElement]]) -> Iterator[tuple[K, etree._Element]]:
    """Elements by key, in whatever order: a tree for each would cost more than what is in it.

    Those that stand among the same declarations and in the same language are side by side in one tree; of many there
    are several trees, so that none is large.
    """
    beside: dict[tuple[str, str | None], list[tuple[K, SourceElement]]] = {}
    for key, source in sources:
        beside.setdefault((_declarations(source.namespaces), source.language), []).append((key, source))
    for few in (few for some in beside.values() for few in _few(some)):
        carrier = _carrier(few[0][1], b"".join(source.xml for _, source in few))
        yield from zip((key for key, _ in few), etree.fromstring(carrier, safe_parser()), strict=True)


def _few(sources: Iterable[tuple[K, SourceElement]]) -> Iterator[list[tuple[K, SourceElement]]]:
    few: list[tuple[K, SourceElement]] = []
    size = 0
    for one in sources:
        few.append(one)
        size += len(one[1].xml)
        if size >= _TOGETHER:
            yield few
            few, size = [], 0
    if few:
        yield few


def in_scope(layers: Sequence[Sequence[Any]], index: int) -> dict[str, str]:
    """The declarations in scope at a layer of ``DocumentFacts.contexts``: its own over those of the layers around."""
    found: dict[str, str] = {}
    current: int | None = index
    while current is not None:
        around, declared = layers[current]
        found = {**declared, **found}
        current = around
    return found


def fragment_types(ddi_version: str) -> frozenset[str]:
    """Local names of the elements that may stand in a Fragment: maintainables and versionables of 3.2 and 3.3."""
    return frozenset(name.rpartition(" ")[2] for name in element_types(ddi_version).fragments)


def write_fragment_instance(source: SourceElement, item: Identification, item_type: str) -> bytes:
    """A FragmentInstance (``instance.xsd``) that transports one element, byte for byte.

    Args:
        source: an element that may stand in a Fragment.
        item: what the fragment is given for, the element itself or an identifiable within it (TopLevelReference).
        item_type: its type.
    """
    version = source.ddi_version.replace(".", "_")
    ddi = _free_prefix("ddi", f"ddi:instance:{version}", source.namespaces)
    reusable = _free_prefix("r", f"ddi:reusable:{version}", source.namespaces)
    declarations = {**source.namespaces, ddi: f"ddi:instance:{version}", reusable: f"ddi:reusable:{version}"}
    head = (
        f"<{ddi}:FragmentInstance{_declarations(declarations)}>"
        f"{_top_level_reference(ddi, reusable, item, item_type)}<{ddi}:Fragment>"
    )
    return _DECLARATION + head.encode() + source.xml + f"</{ddi}:Fragment></{ddi}:FragmentInstance>\n".encode()


def write_element(source: SourceElement) -> bytes:
    """The element as a document of its own: DDI-L 3.1 has no FragmentInstance."""
    element = parse_element(source)
    element.tail = None
    return _DECLARATION + etree.tostring(element, encoding="utf-8") + b"\n"


def _free_prefix(wish: str, uri: str, taken: Mapping[str, str]) -> str:
    """The wished prefix, lengthened until the source does not bind it to anything else."""
    while taken.get(wish, uri) != uri:
        wish += "_"
    return wish


def _top_level_reference(ddi: str, reusable: str, item: Identification, item_type: str) -> str:
    # By URN: the schema's pattern for an ID scoped to its maintainable ("Scheme.Item") admits no small letters.
    parts = (("URN", item.urn), ("TypeOfObject", item_type))
    inner = "".join(f"<{reusable}:{name}>{escape(value)}</{reusable}:{name}>" for name, value in parts)
    return f"<{ddi}:TopLevelReference>{inner}</{ddi}:TopLevelReference>"


def _carrier(source: SourceElement, content: bytes) -> bytes:
    language = f" xml:lang={quoteattr(source.language)}" if source.language else ""
    return f"<carrier{_declarations(source.namespaces)}{language}>".encode() + content + b"</carrier>"


def _declarations(namespaces: Mapping[str, str]) -> str:
    return _written(tuple(namespaces.items()))


@lru_cache(maxsize=256)  # the items of a document stand among the same few
def _written(namespaces: tuple[tuple[str, str], ...]) -> str:
    return "".join(
        f" xmlns:{prefix}={quoteattr(uri)}" if prefix else f" xmlns={quoteattr(uri)}"
        for prefix, uri in namespaces
        if prefix or uri
    )
