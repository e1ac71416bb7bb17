"""What a schema allows at a place, in DDI words: element names and the annotations of the XSDs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from xmlschema.validators import XsdElement, XsdGroup
from xmlschema.validators.models import ModelVisitor

from catalogue.validation.compiled import SchemaModel

_MOST_EXPECTED = 20
_MOST_ANNOTATION = 200
_SENTENCE = re.compile(r"(.+?[.!?])(?:\s|$)")

# What nearly every DDI element may hold; named only where nothing else is expected.
_ADMINISTRATIVE = frozenset(
    {
        "URN",
        "Agency",
        "ID",
        "Version",
        "UserID",
        "UserAttributePair",
        "VersionResponsibility",
        "VersionResponsibilityReference",
        "VersionRationale",
        "BasedOnObject",
        "BasedOnReference",
        "RelatedOtherMaterialReference",
        "MaintainableObject",
    }
)

Expected = tuple[tuple[str, str], ...]


def allowed_at(group: XsdGroup, tags_before: Iterable[str]) -> list[XsdElement]:
    """The elements that may follow these children; children that the content model does not know are passed over."""
    visitor = ModelVisitor(group)
    for tag in tags_before:
        if group.match_element(tag) is not None and not _step(visitor, tag):
            break
    tried: list[XsdElement] = []
    while visitor.element is not None:
        if isinstance(visitor.element, XsdElement):
            tried.append(visitor.element)
        if list(visitor.advance(False)):
            break
    return tried


def _step(visitor: ModelVisitor, tag: str) -> bool:
    """Move the visitor over one child; False if the model does not take it here."""
    while visitor.element is not None:
        if visitor.match_element(tag) is not None:
            return not list(visitor.advance(True))
        if list(visitor.advance(False)):
            return False
    return False


def required(elements: Sequence[XsdElement]) -> list[XsdElement]:
    """Those that must occur, or all of them if none must."""
    return [e for e in elements if e.min_occurs] or list(elements)


def describe(elements: Iterable[XsdElement], model: SchemaModel) -> Expected:
    """Name and annotation of each element, an abstract one being replaced by those that stand for it."""
    found: dict[str, XsdElement] = {}
    for element in elements:
        for concrete in model.substitutes(element):
            if concrete.local_name:
                found.setdefault(concrete.local_name, concrete)
    telling = [name for name in found if name not in _ADMINISTRATIVE] or list(found)
    return tuple((name, annotation(found[name])) for name in telling[:_MOST_EXPECTED])


def annotation(element: XsdElement) -> str:
    """What the schema says of an element at its place, else in its declaration, else of its type; one sentence."""
    for source in (element, element.ref, element.type):
        if text := _documentation(source):
            return shortened(text)
    return ""


def _documentation(component: Any) -> str:
    note = getattr(component, "annotation", None)
    if note is None:
        return ""
    return " ".join(" ".join("".join(d.itertext()).split()) for d in note.documentation).strip()


def shortened(text: str) -> str:
    """The first sentence, at most two hundred characters."""
    match = _SENTENCE.match(text)
    sentence = match[1] if match else text
    if len(sentence) <= _MOST_ANNOTATION:
        return sentence
    return sentence[:_MOST_ANNOTATION].rsplit(" ", 1)[0] + " ..."


def enumerate_names(names: Sequence[str], conjunction: str, most: int = 6) -> str:
    """``A, B or C``; beyond ``most`` the rest is left to an ellipsis."""
    if len(names) > most:
        return ", ".join(names[:most]) + " ..."
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {conjunction} {names[-1]}"
