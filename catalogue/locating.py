"""Where findings of the reader and the store stand: they know line, URN and type; the tree gives path, item and name.

An element is identified by the reader's own rules (``ddi.frames``): URN, or Agency, ID and Version, with inheritance
and scope. Of several elements under one identification the line decides. The reader's line is where a start tag begins,
libxml2's is where it ends, so that the element meant is the first that ends its tag there or later.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import chain, islice, takewhile

from lxml import etree

from catalogue.ddi.element_types import RENAMED_SINCE_31, element_types
from catalogue.ddi.frames import Frame, ItemRole, OpenReference
from catalogue.errors import UnreadableDocumentError
from catalogue.model.report import Violation
from catalogue.validation.places import Numbers, location, name_of
from catalogue.validation.schema import nodes
from catalogue.xml import XML, QName, ScannedDocument, parse_tree

# Beyond this number of elements and attributes no tree is made: about 100 MB of libxml2 nodes.
TREE_NODES = 250_000
_MOST_CONTENT = 2_000
_LANG = f"{{{XML}}}lang"
_TAGGED = "xml:lang "  # how the detail of a finding on a language begins
_TARGET_PARTS = frozenset(("Scheme", "Module"))  # of reference type in 3.1, but part of a reference
_IDENTITY = {"Agency": "agency", "ID": "id", "Version": "version", "URN": "urn"}
# What may stand in an item or a reference and identifies it.
_PARTS = tuple(f"{{*}}{name}" for name in (*_IDENTITY, "IdentifyingAgency", "TypeOfObject"))
_WHOLES = ("{*}Scheme", "{*}MaintainableObject")
_TEXTS = etree.XPath("text()")
_DECLARATION = re.compile(r"""\sxmlns(?::[^\s=]+)?=(?:"[^"]*"|'[^']*')""")


def located(violations: Sequence[Violation], document: ScannedDocument, ddi_version: str) -> tuple[Violation, ...]:
    """The violations, each that lacks a path completed with path, item and name from the document's tree.

    A reference gets the line of its own element, a duplicate the beginnings of both contents. What cannot be found
    stays as it is, and so does everything where there is no tree: the document is too large, or libxml2 refuses what
    the scan does not.
    """
    wanted = [found for found in violations if found.xpath is None]
    if not wanted or nodes(document) > TREE_NODES:
        return tuple(violations)
    try:
        root = parse_tree(document)
    except UnreadableDocumentError:
        return tuple(violations)
    index = _Index.of(root, ddi_version, wanted)
    return tuple(_completed(found, index) if found.xpath is None else found for found in violations)


@dataclass(frozen=True, slots=True)
class _Item:
    """An element that is an item, and what the reader makes of its identity."""

    element: etree._Element
    frame: Frame
    outer: _Item | None

    @property
    def urn(self) -> str | None:
        return self.frame.identification.urn if self.frame.identification else None

    @property
    def type(self) -> str:
        assert self.frame.role is not None  # only the document's frame has none
        return self.frame.role.type

    @property
    def accepted(self) -> _Item | None:
        """This item, or the nearest around it, that has an identification."""
        item: _Item | None = self
        while item is not None and item.urn is None:
            item = item.outer
        return item


@dataclass(frozen=True, slots=True)
class _Found:
    """An element that a violation may mean, and the item that it is in or is."""

    element: etree._Element
    item: _Item | None


@dataclass(slots=True)
class _Index:
    """The elements that the violations may mean, from one walk through the tree, in document order."""

    version: str
    urns: frozenset[str]
    details: frozenset[str]
    items: dict[str, list[_Found]] = field(default_factory=dict)
    refused: dict[str, list[_Found]] = field(default_factory=dict)
    languages: dict[str, _Found] = field(default_factory=dict)
    references: dict[tuple[etree._Element | None, str], list[_Found]] = field(default_factory=dict)
    used: set[tuple[str, etree._Element]] = field(default_factory=set)
    excerpts: dict[etree._Element, str] = field(default_factory=dict)
    numbers: Numbers = field(default_factory=dict)
    names: dict[etree._Element, str | None] = field(default_factory=dict)

    @classmethod
    def of(cls, root: etree._Element, version: str, wanted: Sequence[Violation]) -> _Index:
        urns = frozenset(found.urn for found in wanted if found.urn)
        index = cls(version, urns, frozenset(found.detail for found in wanted if found.detail))
        for element, item, document in _walk(
            root, version, every=any(one.startswith(_TAGGED) for one in index.details)
        ):
            index.note(element, item, document)
        return index

    def note(self, element: etree._Element, item: _Item | None, document: Frame) -> None:
        """Keep the element where a violation may mean it."""
        if tag := element.get(_LANG):
            self.languages.setdefault(f"{_TAGGED}{tag}", _Found(element, item))
        if item is not None and item.element is element:
            self._note_item(item)
        elif _is_reference(element, self.version):
            self._note_reference(element, item, document)

    def _note_item(self, item: _Item) -> None:
        if item.urn is None:
            self.refused.setdefault(item.type, []).append(_Found(item.element, item))
        elif item.urn in self.urns:
            self.items.setdefault(item.urn, []).append(_Found(item.element, item))

    def _note_reference(self, element: etree._Element, item: _Item | None, document: Frame) -> None:
        source = item.accepted if item else None
        if source is not None and source.urn not in self.urns:
            return
        detail = _detail(element, item.frame if item else document, self.version)
        if detail in self.details:
            key = (source.element if source else None, detail)
            self.references.setdefault(key, []).append(_Found(element, source))

    def take(self, code: str, candidates: Sequence[_Found], line: int | None) -> _Found | None:
        """The first candidate from the line on that no violation of this code has taken."""
        taken = next((found for found in _from_line(candidates, line) if (code, found.element) not in self.used), None)
        if taken is not None:
            self.used.add((code, taken.element))
        return taken

    def name(self, element: etree._Element) -> str | None:
        """The name of an item."""
        if element not in self.names:
            self.names[element] = name_of(element)
        return self.names[element]

    def excerpt(self, element: etree._Element) -> str:
        """The beginning of an element's XML, without the namespace declarations that it would need to stand alone."""
        if element not in self.excerpts:
            head, bracket, rest = etree.tostring(element, encoding="unicode", with_tail=False).partition(">")
            whole = _DECLARATION.sub("", head) + bracket + rest
            short = len(whole) <= _MOST_CONTENT
            self.excerpts[element] = whole if short else f"{whole[: _MOST_CONTENT - 2]} …"
        return self.excerpts[element]


def _from_line(candidates: Sequence[_Found], line: int | None) -> Iterator[_Found]:
    """Those whose start tag ends at the line or below; then the last, as libxml2 knows no exact line beyond 65,535."""
    start = bisect_left(candidates, line or 0, key=_line)
    yield from islice(candidates, start, None)
    yield from candidates[-1:]


def _line(found: _Found) -> int:
    return found.element.sourceline or 0


def _walk(root: etree._Element, version: str, *, every: bool) -> Iterator[tuple[etree._Element, _Item | None, Frame]]:
    """Items and references, or every element, in document order; each with the item that it is or is in, and the frame
    of the document.
    """
    document, bare = Frame(None, None), _bare_role(root, version)
    around: list[_Item] = []
    names = None if every else (*_roles(version), *_reference_tags(version), str(root.tag))
    for event, element in etree.iterwalk(root, events=("start", "end"), tag=names):
        outer = around[-1] if around else None
        if event == "end":
            if outer is not None and outer.element is element:
                around.pop()
            continue
        if role := _roles(version).get(str(element.tag)) or (bare if element is root else None):
            frame = _frame(element, role, outer.frame if outer else document, version)
            around.append(outer := _Item(element, frame, outer))
        yield element, outer, document


@cache
def _roles(version: str) -> dict[str, ItemRole]:
    """What an element is as an item, by Clark name."""
    items = ((QName.from_expat(name), kind) for name, kind in element_types(version).items.items())
    return {n.clark: ItemRole(n.local, RENAMED_SINCE_31.get(n.local, n.local), kind) for n, kind in items}


def _bare_role(root: etree._Element, version: str) -> ItemRole | None:
    """What a root in no namespace is, by its local name."""
    return next((role for role in _roles(version).values() if role.element == root.tag), None)


@cache
def _reference_tags(version: str) -> frozenset[str]:
    names = map(QName.from_expat, element_types(version).references)
    return frozenset(name.clark for name in names if name.local not in _TARGET_PARTS)


def _is_reference(element: etree._Element, version: str) -> bool:
    return element.tag in _reference_tags(version)


def _frame(element: etree._Element, role: ItemRole, parent: Frame, version: str) -> Frame:
    frame = Frame(role, parent)
    frame.take_identity({str(name): str(value) for name, value in element.attrib.items()})
    for path, text in _texts(element):
        if path in _IDENTITY:
            frame.identity.setdefault(_IDENTITY[path], text)
        elif path == "MaintainableObject/MaintainableID":
            frame.identity["maintainable"] = text
    frame.identify(version)
    return frame


def _texts(element: etree._Element) -> Iterator[tuple[str, str]]:
    """The texts of the two levels below an element in which identities stand, with their paths."""
    for child in element.iterchildren(*_PARTS, *_WHOLES):
        local = _local(child)
        if local in ("Scheme", "MaintainableObject"):
            for part in child.iterchildren("*"):
                yield from _text(part, f"{local}/{_local(part)}")
        else:
            yield from _text(child, local)


def _local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _text(element: etree._Element, path: str) -> Iterator[tuple[str, str]]:
    """The text of an element with its path, if there is any."""
    if text := "".join(map(str, _TEXTS(element))).strip():
        yield path, text


def _detail(element: etree._Element, frame: Frame, version: str) -> str | None:
    """Role and target of a reference, as ``rules.dangling_reference`` has them; None where it has no target."""
    attributes = {str(name): str(value) for name, value in element.attrib.items()}
    reference = OpenReference(_local(element), 0, attributes)
    for path, text in _texts(element):
        reference.take(path, text)
    if not reference.says_something:
        return None
    frame.close_reference(reference, version)
    return f"{reference.role} {frame.references.pop().urn}"


# --- completing -------------------------------------------------------------------------------------------------------


def _completed(found: Violation, index: _Index) -> Violation:
    complete = _COMPLETED_BY.get(found.code, _of_item)
    return complete(found, index)


def _of_item(found: Violation, index: _Index) -> Violation:
    """A violation of the element with its URN."""
    place = index.take(found.code, index.items.get(found.urn or "", ()), found.line)
    return _at(found, place, index) if place else found


def _duplicate(found: Violation, index: _Index) -> Violation:
    """The later of two elements under one identification, both contents shown."""
    first, *others = index.items.get(found.urn or "", ()) or (None,)
    place = index.take(found.code, others, found.line)
    if first is None or place is None:
        return found
    contents = (("first", index.excerpt(first.element)), ("other", index.excerpt(place.element)))
    return replace(_at(found, place, index), expected=contents)


def _missing(found: Violation, index: _Index) -> Violation:
    """An element without identity: the item is the one around it, if there is one."""
    place = index.take(found.code, index.refused.get(found.item_type or "", ()), found.line)
    if place is None or place.item is None:
        return found
    around = place.item.accepted
    if around is None:
        return replace(found, xpath=location(place.element, index.numbers), item_name=index.name(place.element))
    bare = replace(found, urn=None, item_type=None, item_name=None)
    return _at(bare, _Found(place.element, around), index)


def _reference(found: Violation, index: _Index) -> Violation:
    """A reference: its own element and line, else those of its item."""
    items = _from_line(index.items.get(found.urn or "", ()), found.line)
    first = next(items, None)
    if first is None:
        return found
    for item in chain((first,), takewhile(lambda other: _line(other) == _line(first), items)):
        if place := index.take(found.code, index.references.get((item.element, found.detail or ""), ()), None):
            return replace(_at(found, place, index), line=place.element.sourceline)
    return _at(found, first, index)


def _top_level(found: Violation, index: _Index) -> Violation:
    place = index.take(found.code, index.references.get((None, found.detail or ""), ()), None)
    return (
        replace(found, xpath=location(place.element, index.numbers), line=place.element.sourceline) if place else found
    )


def _language(found: Violation, index: _Index) -> Violation:
    place = index.languages.get(found.detail or "")
    return _at(found, place, index) if place else found


_COMPLETED_BY: dict[str, Callable[[Violation, _Index], Violation]] = {
    "identity.duplicate": _duplicate,
    "identity.missing": _missing,
    "reference.dangling": _reference,
    "reference.other-version": _reference,
    "reference.other-agency": _reference,
    "reference.top-level": _top_level,
    "language.malformed": _language,
}


def _at(found: Violation, place: _Found, index: _Index) -> Violation:
    """The violation with the path of an element, and with what it does not know of its item."""
    item = place.item.accepted if place.item else None
    if item is None:
        return replace(found, xpath=location(place.element, index.numbers))
    return replace(
        found,
        xpath=location(place.element, index.numbers),
        urn=found.urn or item.urn,
        item_type=found.item_type or item.type,
        item_name=found.item_name or index.name(item.element),
    )
