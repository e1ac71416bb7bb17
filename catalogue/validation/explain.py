"""From an error of xmlschema to a violation that a data manager understands."""

from __future__ import annotations

import difflib
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, cast

from lxml import etree
from xmlschema import XMLSchemaChildrenValidationError, XMLSchemaValidationError
from xmlschema.validators import (
    XsdAttributeGroup,
    XsdComplexType,
    XsdElement,
    XsdEnumerationFacets,
    XsdGroup,
    XsdIdentity,
    XsdPatternFacets,
    XsdSimpleType,
)
from xmlschema.validators.facets import (
    XsdFacet,
    XsdFractionDigitsFacet,
    XsdLengthFacet,
    XsdMaxLengthFacet,
    XsdMinLengthFacet,
    XsdTotalDigitsFacet,
)

from catalogue.model.report import Message, Violation
from catalogue.validation import content
from catalogue.validation.advice import Case, advise
from catalogue.validation.codes import Place, violation
from catalogue.validation.compiled import SchemaModel
from catalogue.validation.names import local_of, split, version_of
from catalogue.validation.places import module_of

_QUOTED = re.compile(r"'([^']+)'")
_ATTRIBUTE = re.compile(r"attribute (.+?)=")
_KNOWN_NAMESPACES = {"http://www.w3.org/XML/1998/namespace": "xml", "http://www.w3.org/2001/XMLSchema-instance": "xsi"}
_LONGEST_VALUE = 60
_LONGEST_DETAIL = 1_000
_MOST_VALUES = 12

# Simple types by local name, in words.
_TYPES: dict[str, Message] = {
    "boolean": Message("true ou false", "true or false"),
    "integer": Message("un nombre entier", "a whole number"),
    "int": Message("un nombre entier", "a whole number"),
    "nonNegativeInteger": Message("un nombre entier, zéro ou plus", "a whole number, zero or more"),
    "positiveInteger": Message("un nombre entier, un ou plus", "a whole number, one or more"),
    "decimal": Message("un nombre, avec un point décimal", "a number, with a decimal point"),
    "double": Message("un nombre, avec un point décimal", "a number, with a decimal point"),
    "float": Message("un nombre, avec un point décimal", "a number, with a decimal point"),
    "date": Message("une date sous la forme AAAA-MM-JJ", "a date written as YYYY-MM-DD"),
    "dateTime": Message(
        "une date et une heure sous la forme AAAA-MM-JJThh:mm:ss", "a date and time written as YYYY-MM-DDThh:mm:ss"
    ),
    "BaseDateType": Message(
        "une date : AAAA, AAAA-MM, AAAA-MM-JJ ou AAAA-MM-JJThh:mm:ss",
        "a date: YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss",
    ),
    "duration": Message("une durée, par exemple P1Y6M", "a duration, for example P1Y6M"),
    "anyURI": Message("une adresse (URI)", "an address (URI)"),
    "language": Message("un code de langue, par exemple fr ou en-GB", "a language tag, for example fr or en-GB"),
}
_ANY_TYPE = Message("une valeur du type que DDI demande", "a value of the type that DDI asks for")
_LENGTHS = (XsdLengthFacet, XsdMinLengthFacet, XsdMaxLengthFacet, XsdTotalDigitsFacet, XsdFractionDigitsFacet)


@dataclass(frozen=True, slots=True)
class _Fault:
    """What xmlschema says is wrong with an element: the component that refused it, why, and the value or element."""

    element: etree._Element
    validator: Any
    reason: str
    value: Any


@dataclass(frozen=True, slots=True)
class _ChildFault:
    """A child that the content model of its parent refuses, or None where one is missing at the end."""

    element: etree._Element
    group: XsdGroup
    child: etree._Element | None
    index: int
    particle: Any
    expected: tuple[Any, ...]

    @property
    def tags_before(self) -> list[str]:
        """The tags of the children before the one that is refused."""
        return [child.tag for child in self.element[: self.index] if isinstance(child.tag, str)]

    def namespaces_here(self, local: str) -> list[str]:
        """The namespaces in which the parent knows a child of this local name."""
        return [e.target_namespace for e in _elements([self.group]) if e.local_name == local]


@dataclass(slots=True)
class Explainer:
    """Explains the errors of one document.

    Attributes:
        model: the schema of its DDI version.
        version: ``3.1``, ``3.2`` or ``3.3``.
        place_of: the place of an element.
        deadline: of ``time.monotonic``; afterwards what is expected is no longer looked up.
    """

    model: SchemaModel
    version: str
    place_of: Callable[[etree._Element], Place]
    deadline: float

    def explain(self, error: XMLSchemaValidationError) -> Violation:
        """The violation, with xmlschema's own words as its detail."""
        found = self._explain(error)
        return replace(found, detail=(error.reason or error.message)[:_LONGEST_DETAIL])

    def generic(self, element: etree._Element, detail: str) -> Violation:
        """Where only lxml's words are known."""
        values = {"element": local_of(element), "version": self.version}
        return violation("xsd.invalid", self.place_of(element), values, detail=detail[:_LONGEST_DETAIL])

    def _explain(self, error: XMLSchemaValidationError) -> Violation:
        element = cast(etree._Element, error.elem)
        validator: Any = error.validator
        if isinstance(error, XMLSchemaChildrenValidationError):
            child = cast("etree._Element | None", error.invalid_child)
            expected = tuple(error.expected or ())
            return self._children(_ChildFault(element, validator, child, error.index, error.particle, expected))
        fault = _Fault(element, validator, error.reason or "", error.obj)
        for kinds, words, handler in _HANDLERS:
            if isinstance(validator, kinds) and words in fault.reason:
                return handler(self, fault)
        return self.generic(element, fault.reason)

    # --- content models --------------------------------------------------------------------------------------------

    def _children(self, fault: _ChildFault) -> Violation:
        child = fault.child
        if child is None:
            elements = content.required(_elements(fault.expected) or _elements([fault.particle]))
            return self._build("xsd.missing-element", fault.element, fault.element, elements)
        for check in (self._foreign, self._known_here, self._elsewhere):
            if found := check(fault, child):
                return found
        return self._unknown(fault, child)

    def _foreign(self, fault: _ChildFault, child: etree._Element) -> Violation | None:
        """A child in no namespace, or in one of another DDI version."""
        namespace, local = split(str(child.tag))
        version = version_of(namespace)
        if namespace and (version is None or version == self.version):
            return None
        known = (*fault.namespaces_here(local), *self.model.namespaces_of(local), split(str(fault.element.tag))[0])
        code = "xsd.other-version" if namespace else "xsd.child-no-namespace"
        return self._build(code, child, fault.element, (), found=version or "", namespace=known[0])

    def _known_here(self, fault: _ChildFault, child: etree._Element) -> Violation | None:
        """A child that belongs to the parent: repeated too often, before something required, or out of order."""
        tag = str(child.tag)
        particle = fault.group.match_element(tag)
        if not isinstance(particle, XsdElement):
            return None
        maximum = _maximum(particle, fault.particle)
        if maximum is not None and _count(fault.group, particle, fault.tags_before) >= maximum:
            return self._build("xsd.repeated-element", child, fault.element, (), maximum=str(maximum))
        needed = [e for e in _elements(fault.expected) if e.min_occurs and not e.is_matching(tag)]
        if needed:
            return self._build("xsd.missing-before", child, fault.element, needed)
        return self._build("xsd.misplaced-element", child, fault.element, self._allowed(fault))

    def _elsewhere(self, fault: _ChildFault, child: etree._Element) -> Violation | None:
        """A child whose name the parent knows in another module."""
        namespace, local = split(str(child.tag))
        namespaces = fault.namespaces_here(local)
        if not namespaces:
            return None
        right = namespaces[0]
        modules = {"found": module_of(namespace), "right": module_of(right), "namespace": right}
        return self._build("xsd.wrong-namespace", child, fault.element, (), **modules)

    def _unknown(self, fault: _ChildFault, child: etree._Element) -> Violation:
        allowed = self._allowed(fault)
        if self.model.declaration(str(child.tag)) is not None:
            return self._build("xsd.unexpected-element", child, fault.element, allowed)
        names = {str(e.local_name) for e in _elements([fault.group])}
        near = difflib.get_close_matches(local_of(child), sorted(names), 1, 0.84)
        code = "xsd.misspelt-element" if near else "xsd.unknown-element"
        return self._build(code, child, fault.element, allowed, near="".join(near))

    def _allowed(self, fault: _ChildFault) -> list[XsdElement]:
        if time.monotonic() > self.deadline:
            return []
        return content.allowed_at(fault.group, fault.tags_before)

    # --- values and attributes -------------------------------------------------------------------------------------

    def _pattern(self, fault: _Fault) -> Violation:
        return self._value("xsd.empty-value" if _is_empty(fault.value) else "xsd.pattern", fault)

    def _enumeration(self, fault: _Fault) -> Violation:
        allowed = [str(value) for value in fault.validator.enumeration if value is not None]
        near = difflib.get_close_matches(str(fault.value), allowed, _MOST_VALUES, 0.5)
        values = (*near, *(value for value in allowed if value not in near))[:_MOST_VALUES]
        return replace(self._value("xsd.enumeration", fault), expected=tuple((value, "") for value in values))

    def _length(self, fault: _Fault) -> Violation:
        return self._value("xsd.empty-value" if _is_empty(fault.value) else "xsd.length", fault)

    def _range(self, fault: _Fault) -> Violation:
        return self._value("xsd.range", fault)

    def _type(self, fault: _Fault) -> Violation:
        if _is_empty(fault.value):
            return self._value("xsd.empty-value", fault)
        words = _TYPES.get(getattr(fault.validator, "local_name", None) or "", _ANY_TYPE)
        return self._value("xsd.invalid-value", fault, type_fr=words.fr, type_en=words.en)

    def _value(self, code: str, fault: _Fault, **more: str) -> Violation:
        attribute = _ATTRIBUTE.match(fault.reason)
        value = " ".join(str(fault.value).split())
        value = value if len(value) <= _LONGEST_VALUE else value[:_LONGEST_VALUE] + "..."
        if attribute:
            name = f"{local_of(fault.element)}/@{_display(attribute[1])}"
            return self._build(code, fault.element, fault.element, (), element=name, value=value, **more)
        return self._build(code, fault.element, fault.element, self._declared(fault.element), value=value, **more)

    def _attribute(self, fault: _Fault) -> Violation:
        name = match[1] if (match := _QUOTED.search(fault.reason)) else "?"
        code = "xsd.missing-attribute" if fault.reason.startswith("missing") else "xsd.unexpected-attribute"
        return self._build(code, fault.element, fault.element, (), attribute=_display(name))

    def _text(self, fault: _Fault) -> Violation:
        group = next((getattr(e.type, "content", None) for e in self._declared(fault.element)), None)
        elements = _elements([group]) if isinstance(group, XsdGroup) else []
        return self._build("xsd.unexpected-text", fault.element, fault.element, elements)

    def _content(self, fault: _Fault) -> Violation:
        return self._build("xsd.unexpected-content", fault.element, fault.element, ())

    def _abstract(self, fault: _Fault) -> Violation:
        return self._build("xsd.abstract-element", fault.element, fault.element, self._declared(fault.element))

    def _identity(self, fault: _Fault) -> Violation:
        return self._build("xsd.identity-constraint", fault.element, fault.element, ())

    def _declared(self, element: etree._Element) -> tuple[XsdElement, ...]:
        declaration = self.model.declaration(str(element.tag))
        return () if declaration is None else (declaration,)

    # --- building --------------------------------------------------------------------------------------------------

    def _build(
        self, code: str, at: etree._Element, parent: etree._Element, elements: Iterable[XsdElement], **more: str
    ) -> Violation:
        expected = content.describe(elements, self.model)
        names = tuple(name for name, _ in expected)
        values = {
            "element": local_of(parent),
            "child": local_of(at),
            "version": self.version,
            "expected_fr": content.enumerate_names(names, "ou") or "l'élément que DDI y prévoit",
            "expected_en": content.enumerate_names(names, "or") or "the element that DDI has there",
        }
        found = violation(code, self.place_of(at), values | more, expected=expected)
        return _advised(found, Case(code, self.version, local_of(parent), local_of(at), names))


def _advised(found: Violation, case: Case) -> Violation:
    row = advise(case)
    if row is None:
        return found
    words = {"parent": case.parent, "child": case.child}
    message = row.message.format(**words) if row.message else found.message
    return replace(found, message=message, remedy=row.remedy.format(**words) if row.remedy else found.remedy)


def _is_empty(value: object) -> bool:
    return isinstance(value, str) and not value.strip()


def _display(name: str) -> str:
    """An attribute's name with its usual prefix instead of its namespace."""
    namespace, local = split(name)
    prefix = _KNOWN_NAMESPACES.get(namespace)
    return f"{prefix}:{local}" if prefix else local


def _elements(particles: Iterable[Any] | None) -> list[XsdElement]:
    """The elements among particles; a group stands for the elements in it."""
    found: list[XsdElement] = []
    for particle in particles or ():
        if isinstance(particle, XsdElement):
            found.append(particle)
        elif isinstance(particle, XsdGroup):
            found.extend(e for e in particle.iter_elements() if isinstance(e, XsdElement))
    return found


def _maximum(particle: XsdElement, failed: Any) -> int | None:
    """How often the element may stand; the group's limit if that is what failed."""
    if isinstance(failed, XsdGroup) and failed.model == "choice" and particle in list(failed.iter_elements()):
        return failed.max_occurs
    return particle.max_occurs


def _count(group: XsdGroup, particle: XsdElement, tags: list[str]) -> int:
    matching = {tag for tag in set(tags) if group.match_element(tag) is particle}
    return sum(1 for tag in tags if tag in matching)


_Handler = Callable[[Explainer, _Fault], Violation]
# Kind of the schema component, words of its reason, how to explain; the first row that fits.
_HANDLERS: tuple[tuple[type[Any] | tuple[type[Any], ...], str, _Handler], ...] = (
    (XsdPatternFacets, "", Explainer._pattern),
    (XsdEnumerationFacets, "", Explainer._enumeration),
    (_LENGTHS, "", Explainer._length),
    (XsdFacet, "", Explainer._range),
    (XsdAttributeGroup, "", Explainer._attribute),
    (XsdGroup, "character data", Explainer._text),
    (XsdElement, "character data", Explainer._text),
    (XsdElement, "simple content", Explainer._content),
    (XsdElement, "abstract", Explainer._abstract),
    (XsdIdentity, "", Explainer._identity),
    (XsdSimpleType, "", Explainer._type),
    (XsdComplexType, "", Explainer._type),
)
