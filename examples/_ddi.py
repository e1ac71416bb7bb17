"""Builders of DDI-Lifecycle 3.3 elements: text, identification, references, representations.

An element is written as ``E("r:Label", ...)``; its children are elements, text, ``None`` (left out) or iterables of
those.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

from lxml import etree

AGENCY = "fr.cohortes-exemples"
VERSION = "1.0.0"
VERSION_DATES = {VERSION: "2026-06-01", "2.0.0": "2026-09-01"}
LANGUAGES = ("fr", "en")

NAMESPACES = {
    "ddi": "ddi:instance:3_3",
    "a": "ddi:archive:3_3",
    "c": "ddi:conceptualcomponent:3_3",
    "cm": "ddi:comparative:3_3",
    "d": "ddi:datacollection:3_3",
    "g": "ddi:group:3_3",
    "l": "ddi:logicalproduct:3_3",
    "pi": "ddi:physicalinstance:3_3",
    "r": "ddi:reusable:3_3",
    "s": "ddi:studyunit:3_3",
}
MAINTAINABLE = (
    "Scheme", "Group", "StudyUnit", "Package", "Instance", "CodeList", "Product", "Collection", "Archive", "Comparison",
    "ConceptualComponent"
)  # fmt: skip
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

Element: TypeAlias = etree._Element
Child: TypeAlias = "Element | str | Iterable[Child] | None"


@dataclass(frozen=True)
class Text:
    """One text in French and English; neither may be empty."""

    fr: str
    en: str

    def __post_init__(self) -> None:
        if not (self.fr.strip() and self.en.strip()):
            raise ValueError(f"text missing in one language: {self.fr!r} / {self.en!r}")

    def items(self) -> tuple[tuple[str, str], ...]:
        return (("fr", self.fr), ("en", self.en))


@dataclass(frozen=True)
class Key:
    """What a reference needs to name an item: its type, ID and version."""

    type: str
    id: str
    version: str = VERSION


@cache
def qname(tag: str) -> str:
    """``r:Label`` to Clark notation."""
    prefix, local = tag.split(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"


def E(tag: str, *children: Child, lang: str = "", **attributes: str) -> Element:  # noqa: N802 - reads as an element
    """An element with its children in the order given."""
    element = etree.Element(qname(tag), nsmap=_nsmap(tag))
    if lang:
        element.set(XML_LANG, lang)
    for name, value in attributes.items():
        element.set(name, value)
    for child in children:
        _append(element, child)
    return element


@cache
def _nsmap(tag: str) -> dict[str | None, str]:
    """All prefixes on the root; below it only the element's own, which is much quicker."""
    prefix = tag.split(":")[0]
    return {each: uri for each, uri in NAMESPACES.items() if prefix in ("ddi", each)}


def _append(parent: Element, child: Child) -> None:
    if child is None:
        return
    if isinstance(child, str):
        parent.text = child
    elif isinstance(child, etree._Element):
        parent.append(child)
    else:
        for one in child:
            _append(parent, one)


def strings(tag: str, text: Text) -> Element:
    """InternationalStringType: one r:String per language."""
    return E(tag, [E("r:String", value, lang=lang) for lang, value in text.items()])


def contents(tag: str, text: Text | None) -> Element | None:
    """StructuredStringType: one r:Content per language."""
    if text is None:
        return None
    return E(tag, [E("r:Content", value, lang=lang) for lang, value in text.items()])


def label(text: Text) -> Element | None:
    return contents("r:Label", text)


def description(text: Text | None) -> Element | None:
    return contents("r:Description", text)


def name(tag: str, value: str) -> Element:
    """A name that is the same in every language, such as a variable name."""
    return E(tag, E("r:String", value))


def dynamic_text(tag: str, text: Text) -> list[Element]:
    """DynamicTextType: one element per language, each with a LiteralText."""
    return [
        E(tag, E("d:LiteralText", E("d:Text", value, lang=lang)), audienceLanguage=lang) for lang, value in text.items()
    ]


def triple(identifier: str, version: str = VERSION) -> list[Element]:
    return [E("r:Agency", AGENCY), E("r:ID", identifier), E("r:Version", version)]


def item(tag: str, key: Key, *children: Child, **attributes: str) -> Element:
    """A maintainable or versionable element with its identification; a module, a scheme or a revision has a date."""
    dated = key.version != VERSION or key.type.endswith(MAINTAINABLE)
    date = {"versionDate": VERSION_DATES[key.version]} if dated else {}
    return E(tag, triple(key.id, key.version), *children, **date, **attributes)


def ref(tag: str, key: Key | None) -> Element | None:
    """A reference by Agency, ID, Version and type of object."""
    if key is None:
        return None
    return E(tag, triple(key.id, key.version), E("r:TypeOfObject", key.type))


def pair(attribute: str, value: str) -> Element:
    return E("r:UserAttributePair", E("r:AttributeKey", attribute), E("r:AttributeValue", value))


def coded(tag: str, value: str, vocabulary: str = "") -> Element:
    """A CodeValueType, with the DDI Alliance vocabulary that the value is from."""
    if not vocabulary:
        return E(tag, value)
    head, _, other = value.partition(":")
    extra = {"otherValue": other} if other else {}
    return E(tag, head, controlledVocabularyName=vocabulary, controlledVocabularyAgencyName="DDI Alliance", **extra)


def period(tag: str, start: str, end: str = "") -> Element:
    """DateType: a start and, unless still open, an end."""
    return E(tag, E("r:StartDate", start), E("r:EndDate", end) if end else None)


def version_history(rationale: Text | None, based_on: Key | None) -> list[Element]:
    """VersionRationale and BasedOnObject of an item that has an earlier version."""
    if rationale is None or based_on is None:
        return []
    return [
        E("r:VersionRationale", strings("r:RationaleDescription", rationale)),
        E("r:BasedOnObject", ref("r:BasedOnReference", based_on), strings("r:BasedOnRationaleDescription", rationale)),
    ]


def serialise(root: Element) -> bytes:
    """UTF-8 bytes, indented by one space; the same tree always gives the same bytes."""
    etree.cleanup_namespaces(root, top_nsmap=NAMESPACES, keep_ns_prefixes=list(NAMESPACES))
    etree.indent(root, space=" ")
    for element in root.iter():
        _compact(element)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8") + b"\n"


def _compact(element: Element) -> None:
    """Agency, ID and version on one line; so, too, a branch without words, such as a reference or a frequency."""
    for child in element:
        if child.tag in (qname("r:Agency"), qname("r:ID")):
            child.tail = None
    if len(element) and _is_wordless(element):
        element.text = None
        for child in element:
            child.tail = None


def _is_wordless(element: Element) -> bool:
    """Nothing but leaves without language, or a frequency of a category."""
    if element.tag == qname("pi:VariableCategory"):
        return True
    return all(len(child) == 0 and XML_LANG not in child.attrib for child in element)
