"""Where an element stands: source line, location path, and the identified item that it is in.

Identity follows DDI-L 3.3 Technical Documentation, "Identification, URN and Reference" (Agency, ID and Version, or URN)
and for 3.1 the attributes ``id``, ``agency`` and ``version`` with inheritance from the enclosing maintainable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lxml import etree

from catalogue.validation.codes import Place
from catalogue.validation.names import split

KindOf = Callable[[str], str | None]

Numbers = dict[tuple[etree._Element, str], dict[etree._Element, int]]
"""(parent, tag) -> the children of that tag, numbered from 1."""


def module_of(namespace: str) -> str:
    """``datacollection`` for ``ddi:datacollection:3_3``; another namespace as it is."""
    parts = namespace.split(":")
    return parts[1] if len(parts) == 3 and parts[0] == "ddi" else namespace


def location(element: etree._Element, numbers: Numbers | None = None) -> str:
    """The location path of an element from the document's root.

    A prefix in it means what it means at the element: the one written there, else another that is bound to the same
    namespace. A namespace without a prefix there (a default one) is passed over: ``*[local-name()='record']``. The
    path so leads to this element alone with nothing but the prefixes that the document binds.

    Args:
        numbers: kept by the caller who asks for many paths in a tree that does not change.
    """
    bound = _prefixes(element)
    known: Numbers = {} if numbers is None else numbers
    return "/" + "/".join(reversed([_step(current, bound, known) for current in _upwards(element)]))


def _prefixes(element: etree._Element) -> dict[str, str]:
    return {prefix: uri for prefix, uri in element.nsmap.items() if prefix}


def _step(element: etree._Element, bound: dict[str, str], numbers: Numbers) -> str:
    tag = str(element.tag)
    namespace, local = split(tag)
    if not namespace:
        return local + _position(element, tag, numbers)
    written = element.prefix if element.prefix and bound.get(element.prefix) == namespace else None
    if prefix := written or next((name for name, uri in sorted(bound.items()) if uri == namespace), None):
        return f"{prefix}:{local}" + _position(element, tag, numbers)
    return f"*[local-name()='{local}']" + _position(element, f"{{*}}{local}", numbers)


def _upwards(element: etree._Element) -> Iterator[etree._Element]:
    yield element
    yield from element.iterancestors()


def _position(element: etree._Element, tag: str, numbers: Numbers) -> str:
    """Which of several siblings of a tag, or nothing where there is one only."""
    parent = element.getparent()
    if parent is None:
        return ""
    if (parent, tag) not in numbers:
        numbers[parent, tag] = {child: n for n, child in enumerate(parent.iterchildren(tag), 1)}
    siblings = numbers[parent, tag]
    return f"[{siblings[element]}]" if len(siblings) > 1 else ""


def place_of(element: etree._Element, kind_of: KindOf, *, path_prefix: str = "") -> Place:
    """The place of an element with the nearest identified item at or above it."""
    xpath = location(element)
    item = next((e for e in _upwards(element) if kind_of(str(e.tag)) and _own_identifier(e)), None)
    if item is None:
        return Place(element.sourceline, path_prefix + xpath)
    _, local = split(str(item.tag))
    return Place(element.sourceline, path_prefix + xpath, _urn(item, kind_of), local, name_of(item))


def _child_text(element: etree._Element, local: str) -> str:
    """Text of the child of this local name in a DDI ``reusable`` namespace."""
    for child in element.iterchildren(f"{{*}}{local}"):
        if split(str(child.tag))[0].startswith("ddi:reusable:"):
            return (child.text or "").strip()
    return ""


def _own_identifier(element: etree._Element) -> str:
    return element.get("id") or _child_text(element, "ID") or _child_text(element, "URN")


def _urn(item: etree._Element, kind_of: KindOf) -> str:
    if urn := _child_text(item, "URN"):
        return urn
    identifier = element_id = item.get("id") or _child_text(item, "ID")
    scoped = item.get("id") is not None or item.get("scopeOfUniqueness") == "Maintainable"
    if scoped and kind_of(str(item.tag)) != "Maintainable":
        outer = next((e for e in item.iterancestors() if kind_of(str(e.tag)) == "Maintainable"), None)
        outer_id = (outer.get("id") or _child_text(outer, "ID")) if outer is not None else ""
        identifier = f"{outer_id}.{element_id}" if outer_id else element_id
    return (
        f"urn:ddi:{_inherited(item, 'agency', 'Agency')}:{identifier}:{_inherited(item, 'version', 'Version') or '1'}"
    )


def _inherited(item: etree._Element, attribute: str, child: str) -> str:
    """The agency or version of an item: its own, else that of the nearest element above that has one."""
    for element in _upwards(item):
        if value := element.get(attribute) or _child_text(element, child):
            return value
    return ""


def name_of(item: etree._Element) -> str | None:
    """The item's name (``VariableName``, ``QuestionItemName``...), else its label, else its title."""
    _, local = split(str(item.tag))
    for wanted in (f"{local}Name", "ConstructName", "Name", "Label", "Citation"):
        for child in item.iterchildren(f"{{*}}{wanted}"):
            if text := next((t.strip() for t in child.itertext() if t.strip()), None):
                return str(text)[:120]
    return None
