"""Moving about in the tree of one item by local names, so that one path serves DDI-L 3.1, 3.2 and 3.3."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from lxml import etree

from catalogue.model.text import InternationalString, LocalizedText
from catalogue.xml import XML

_LANG = f"{{{XML}}}lang"


def local_name(element: etree._Element) -> str:
    """The name without its namespace; empty for comments and processing instructions."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def children(element: etree._Element, *names: str) -> Iterator[etree._Element]:
    """The child elements with one of these local names, in order; all of them without names."""
    return element.iterchildren(*_in_any_namespace(names))


@cache
def _in_any_namespace(names: tuple[str, ...]) -> tuple[str, ...]:
    """As lxml matches local names; those that are asked for stand in tables."""
    return tuple(f"{{*}}{name}" for name in names or ("*",))


def at(element: etree._Element, path: str) -> Iterator[etree._Element]:
    """The descendants at a path of local names (``VariableRepresentation/CodeRepresentation``)."""
    head, _, rest = path.partition("/")
    for child in children(element, head):
        if rest:
            yield from at(child, rest)
        else:
            yield child


def first(element: etree._Element, *paths: str) -> etree._Element | None:
    """The first element at the first path that leads anywhere."""
    if not len(element):
        return None
    for path in paths:
        head, _, rest = path.partition("/")
        for child in children(element, head):
            if not rest:
                return child
            if (found := first(child, rest)) is not None:
                return found
    return None


def text(element: etree._Element | None) -> str | None:
    """The folded text of an element and what is in it, or None if there is none."""
    if element is None:
        return None
    written = "".join(element.itertext()) if len(element) else element.text or ""
    return " ".join(written.split()) or None


def text_at(element: etree._Element, *paths: str) -> str | None:
    """The text of the first element at one of the paths."""
    return text(first(element, *paths))


def language(element: etree._Element) -> str | None:
    """The ``xml:lang`` in force, or None."""
    node: etree._Element | None = element
    while node is not None:
        if tag := node.get(_LANG):
            return tag
        node = node.getparent()
    return None


def international(element: etree._Element, *paths: str) -> InternationalString:
    """The texts at the paths."""
    return texts_of(found for path in paths for found in at(element, path))


def texts_of(elements: Iterable[etree._Element]) -> InternationalString:
    """The texts of elements: of their ``String`` or ``Content`` children, in 3.1 of the elements themselves."""
    return InternationalString.of(
        LocalizedText(words, language(leaf))
        for element in elements
        for leaf in (list(children(element, "String", "Content")) or [element])
        if (words := text(leaf))
    )


def by_name(element: etree._Element) -> dict[str, list[etree._Element]]:
    """The child elements by local name, in order: for who asks for many names."""
    found: dict[str, list[etree._Element]] = {}
    for child in element.iterchildren("*"):
        found.setdefault(local_name(child), []).append(child)
    return found
