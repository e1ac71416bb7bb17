"""Where an element stands: source line, location path, and the identified item that it is in.

Identity follows DDI-L 3.3 Technical Documentation, "Identification, URN and Reference" (Agency, ID and Version, or URN)
and for 3.1 the attributes ``id``, ``agency`` and ``version`` with inheritance from the enclosing maintainable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lxml import etree

from catalogue.validation.codes import Place
from catalogue.validation.compiled import split

KindOf = Callable[[str], str | None]

# The prefixes that the DDI Alliance's own schemas and examples use, by module.
_MODULE_PREFIXES = {
    "instance": "ddi",
    "reusable": "r",
    "archive": "a",
    "comparative": "cm",
    "conceptualcomponent": "c",
    "datacollection": "d",
    "dataset": "ds",
    "ddiprofile": "pr",
    "profile": "pr",
    "group": "g",
    "logicalproduct": "l",
    "physicaldataproduct": "p",
    "physicaldataproduct_ncube_normal": "m1",
    "physicaldataproduct_ncube_tabular": "m2",
    "physicaldataproduct_ncube_inline": "m3",
    "physicaldataproduct_proprietary": "m4",
    "physicalinstance": "pi",
    "studyunit": "s",
}
_BEFORE = etree.XPath("count(preceding-sibling::*[local-name() = $local and namespace-uri() = $namespace])")
_OTHER_PREFIXES = {"http://www.w3.org/1999/xhtml": "xhtml", "http://www.openarchives.org/OAI/2.0/": "oai"}


def module_of(namespace: str) -> str:
    """``datacollection`` for ``ddi:datacollection:3_3``; another namespace as it is."""
    parts = namespace.split(":")
    return parts[1] if len(parts) == 3 and parts[0] == "ddi" else namespace


def prefix_of(element: etree._Element) -> str | None:
    """The prefix written in the document, else the usual one of the element's module; None if it has no namespace."""
    namespace, _ = split(str(element.tag))
    if not namespace or element.prefix:
        return element.prefix
    return _OTHER_PREFIXES.get(namespace) or _MODULE_PREFIXES.get(module_of(namespace), "ns")


def location(element: etree._Element, root: etree._Element | None = None) -> tuple[str, dict[str, str]]:
    """The location path of an element from the document's root, or from ``root``, and the prefixes it uses."""
    steps: list[str] = []
    prefixes: dict[str, str] = {}
    for current in _upwards(element, root):
        namespace, local = split(str(current.tag))
        prefix = prefix_of(current)
        if prefix and prefixes.setdefault(prefix, namespace) != namespace:
            step = f"*[local-name()='{local}' and namespace-uri()='{namespace}']"
        else:
            step = f"{prefix}:{local}" if prefix else local
        steps.append(step + _position(current))
    return "/" + "/".join(reversed(steps)), prefixes


def _upwards(element: etree._Element, root: etree._Element | None) -> Iterator[etree._Element]:
    current: etree._Element | None = element
    while current is not None:
        yield current
        current = None if current is root else current.getparent()


def _position(element: etree._Element) -> str:
    namespace, local = split(str(element.tag))
    before = int(_BEFORE(element, local=local, namespace=namespace))
    if before or next(element.itersiblings(str(element.tag)), None) is not None:
        return f"[{before + 1}]"
    return ""


def place_of(
    element: etree._Element, kind_of: KindOf, *, root: etree._Element | None = None, path_prefix: str = ""
) -> Place:
    """The place of an element with the nearest identified item at or above it."""
    xpath, _ = location(element, root)
    item = next((e for e in _upwards(element, None) if kind_of(str(e.tag)) and _own_identifier(e)), None)
    if item is None:
        return Place(element.sourceline, path_prefix + xpath)
    _, local = split(str(item.tag))
    return Place(element.sourceline, path_prefix + xpath, _urn(item, kind_of), local, _name(item))


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
    for element in _upwards(item, None):
        if value := element.get(attribute) or _child_text(element, child):
            return value
    return ""


def _name(item: etree._Element) -> str | None:
    """The item's name (``VariableName``, ``QuestionItemName``...), else its label, else its title."""
    _, local = split(str(item.tag))
    for wanted in (f"{local}Name", "ConstructName", "Name", "Label", "Citation"):
        for child in item.iterchildren(f"{{*}}{wanted}"):
            if text := next((t.strip() for t in child.itertext() if t.strip()), None):
                return str(text)[:120]
    return None
