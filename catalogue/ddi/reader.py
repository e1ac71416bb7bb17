"""DDI-Lifecycle XML to items: one streaming pass over scanned bytes, linear in size, constant in memory per item.

Every element whose schema type is identifiable, versionable or maintainable becomes an ``Item`` when it ends. What
stands in it and is no item itself goes into the item's texts, properties and references; the element's own XML is
remembered as a span of bytes. Expat does the pass, because it tells where in the bytes an element stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from catalogue.ddi.element_types import RENAMED_SINCE_31, element_types
from catalogue.ddi.frames import Frame, ItemRole, OpenReference
from catalogue.ddi.versions import DocumentKind, Envelope
from catalogue.model.identity import Identification
from catalogue.model.items import Item, Reference, RefusalReason, RefusedElement, Span
from catalogue.xml import SEPARATOR, XHTML, XML, ScannedDocument, parse_with_expat

_CHUNK = 64 * 1024
_LANG = f"{XML}{SEPARATOR}lang"
_INLINE_XHTML = frozenset(("a", "abbr", "b", "cite", "code", "em", "i", "small", "span", "strong", "sub", "sup", "u"))
# Parts of a reference that are of reference type themselves in 3.1: they say where the target stands.
_REFERENCE_PARTS = frozenset(("Scheme", "Module"))
_VERBATIM = frozenset(("CommandContent", "Command"))
_BLANKS = re.compile(r"[ \t]*\n\s*|[ \t]{2,}")


NamespaceLayer = tuple[int | None, dict[str, str]]
"""The index of the layer around, and the declarations (prefix to URI) of one element."""


@dataclass(slots=True)
class DocumentFacts:
    """What the pass over a document learns beside its items; complete once the items are exhausted.

    Attributes:
        contexts: layers of namespace declarations that ``Span.context`` points into; ``writer.in_scope`` joins them.
        found: how many identified elements there are, by type.
        refused: those that could not become items.
        top: (type, identification) of the outermost items, in order of their ends.
        top_level_references: targets of ``ddi:TopLevelReference`` in a FragmentInstance.
        languages: ``xml:lang`` tag -> (how often, line of the first).
        without_agency, without_version: (type, URN as completed, line) of the elements of 3.2 and 3.3 that omit what
            the schema demands.
        urn_mismatches: (URN as written, URN of the triple as written, type, line) where both are given and differ.
    """

    contexts: list[NamespaceLayer] = field(default_factory=list)
    found: dict[str, int] = field(default_factory=dict)
    refused: list[RefusedElement] = field(default_factory=list)
    top: list[tuple[str, Identification]] = field(default_factory=list)
    top_level_references: list[Reference] = field(default_factory=list)
    languages: dict[str, tuple[int, int]] = field(default_factory=dict)
    without_agency: list[tuple[str, str, int]] = field(default_factory=list)
    without_version: list[tuple[str, str, int]] = field(default_factory=list)
    urn_mismatches: list[tuple[str, str, str, int]] = field(default_factory=list)


def read_items(document: ScannedDocument, kind: DocumentKind, facts: DocumentFacts) -> Iterator[Item]:
    """The items of a scanned document, each when its element ends: children before parents.

    Args:
        document: bytes that passed ``xml.scan``.
        kind: what ``versions.detect`` said of them.
        facts: filled on the way.

    Raises:
        UnreadableDocumentError: the bytes are not well-formed (the scan has refused that before).
    """
    data = document.utf8
    parser = expat.ParserCreate("utf-8", SEPARATOR)
    parser.buffer_text = True
    reader = _Reader(parser, data, kind, facts)
    for start in range(0, len(data), _CHUNK):
        parse_with_expat(parser, data[start : start + _CHUNK], final=start + _CHUNK >= len(data))
        yield from reader.finished
        reader.finished.clear()
    facts.top_level_references = reader.frame.references


class _Reader:
    """The expat handlers over a stack of frames. They run for every element, so they do little and call little."""

    def __init__(self, parser: expat.XMLParserType, data: bytes, kind: DocumentKind, facts: DocumentFacts) -> None:
        self.parser = parser
        self.data = data
        self.facts = facts
        self.ddi_version = kind.ddi_version
        self.elements = _ElementTable(kind)
        self.scopes = _NamespaceScopes(parser, facts.contexts)
        self.frame = Frame(None, None)
        self.languages: list[str | None] = [None]
        self.text: list[str] = []
        self.ordinal = 0
        self.finished: list[Item] = []
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.characters

    def characters(self, text: str) -> None:
        if self.text or not text.isspace():
            self.text.append(text)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local, role, is_reference, is_markup = self.elements[name]
        if self.text and not is_markup:
            self._take_text()
        languages = self.languages
        languages.append(self._language(attributes) if _LANG in attributes else languages[-1])
        frame = self.frame
        frame.is_empty = False
        if is_markup:
            self._markup(local, attributes)
            return
        if role is not None:
            self._start_item(role, attributes)
            return
        frame.path.append(local)
        frame.content.append(local)
        if is_reference:
            frame.open_references.append(OpenReference(local, len(frame.path), attributes))
        if attributes:
            frame.take_attributes(attributes)

    def end(self, name: str) -> None:
        local, _, _, is_markup = self.elements[name]
        if is_markup:
            self.languages.pop()
            self._markup(local)
            return
        if self.text:
            self._take_text()
        self.languages.pop()
        frame = self.frame
        path = frame.path
        if not path:
            self._end_item(frame)
            return
        references = frame.open_references
        if references and references[-1].depth == len(path):
            frame.close_reference(references.pop(), self.ddi_version)
        frame.leave_element()

    def _language(self, attributes: dict[str, str]) -> str:
        tag = attributes.pop(_LANG)
        seen = self.facts.languages.get(tag)
        self.facts.languages[tag] = (seen[0] + 1, seen[1]) if seen else (1, self.parser.CurrentLineNumber)
        self.frame.content.append(tag)
        return tag

    def _markup(self, local: str, attributes: dict[str, str] | None = None) -> None:
        """XHTML in a text: a block starts a paragraph, the text goes on."""
        if local not in _INLINE_XHTML:
            self.text.append("\n\n")
        self.frame.content.append(local)
        if attributes:
            self.frame.content += [f"{name}={attributes[name]}" for name in sorted(attributes)]

    def _take_text(self) -> None:
        self.frame.is_empty = False
        pieces = self.text
        text = (pieces[0] if len(pieces) == 1 else "".join(pieces)).strip()
        self.text.clear()
        if not text:
            return
        path = self.frame.path
        if ("\n" in text or "  " in text) and not (path and path[-1] in _VERBATIM):
            text = _BLANKS.sub(_folded, text)
        self.frame.take_text(text, self.languages[-1])

    def _start_item(self, role: ItemRole, attributes: dict[str, str]) -> None:
        parent = self.frame
        if not parent.identified:
            parent.identify(self.ddi_version)
        frame = Frame(role, parent)
        frame.ordinal = self.ordinal
        self.ordinal += 1
        frame.line = self.parser.CurrentLineNumber
        frame.start = self.parser.CurrentByteIndex
        frame.context = self.scopes.around_current_element()
        frame.language = self.languages[-1]
        if attributes:
            frame.take_identity(attributes)
            frame.take_attributes(attributes)
        self.frame = frame

    def _end_item(self, frame: Frame) -> None:
        assert frame.role is not None  # only the document frame has none
        assert frame.parent is not None
        if not frame.identified:
            frame.identify(self.ddi_version)
        found = self.facts.found
        found[frame.role.type] = found.get(frame.role.type, 0) + 1
        parent = self.frame = frame.parent
        if frame.identification is None:
            self._refuse(frame, frame.role)
            return
        self._note_identity(frame, frame.role, frame.identification)
        parent.content.append(frame.identification.urn)
        if parent.open_references:
            parent.open_references[-1].inline = (frame.identification, frame.role.type)
        self.finished.append(self._item(frame, frame.role, frame.identification))

    def _refuse(self, frame: Frame, role: ItemRole) -> None:
        written = frame.identity.get("urn") or frame.local_id
        reason = RefusalReason.BAD_IDENTIFIER if written else RefusalReason.NO_IDENTIFIER
        self.facts.refused.append(RefusedElement(role.type, frame.line, reason, written))
        frame.give_to_parent()

    def _note_identity(self, frame: Frame, role: ItemRole, identification: Identification) -> None:
        identity, facts = frame.identity, self.facts
        if self.ddi_version != "3.1":
            if not identity.get("agency"):
                facts.without_agency.append((role.type, identification.urn, frame.line))
            if not identity.get("version"):
                facts.without_version.append((role.type, identification.urn, frame.line))
        if "urn" in identity and not _agrees(identity, identification):
            triple = ":".join(identity.get(part, "") for part in ("agency", "id", "version"))
            facts.urn_mismatches.append((identity["urn"], f"urn:ddi:{triple}", role.type, frame.line))

    def _item(self, frame: Frame, role: ItemRole, identification: Identification) -> Item:
        outer = frame.parent.accepted if frame.parent else None
        if outer is None:
            self.facts.top.append((role.type, identification))
        return Item(
            identification=identification,
            local_id=frame.local_id,
            type=role.type,
            element=role.element,
            kind=role.kind,
            ddi_version=self.ddi_version,
            ordinal=frame.ordinal,
            parent=outer.ordinal if outer else None,
            line=frame.line,
            span=Span(frame.start, self._offset_behind(frame), frame.context),
            language=frame.language,
            texts=tuple(frame.texts),
            properties=tuple(frame.properties),
            user_ids=tuple(frame.user_ids),
            user_attributes=tuple(frame.user_attributes),
            references=tuple(frame.references),
            digest=frame.digest(),
        )

    def _offset_behind(self, frame: Frame) -> int:
        """At the end of an element expat stands before ``</a>``, but behind ``<a/>``."""
        here = self.parser.CurrentByteIndex
        if frame.is_empty and self.data.startswith(b"/>", here - 2):
            return here
        return self.data.index(b">", here) + 1


class _NamespaceScopes:
    """The namespace declarations in scope, as layers: one for each open element that declares any.

    A layer that stands around an item is written into the table once, as its own declarations and the layer around it,
    so that the table grows with the declarations and not with their product.
    """

    def __init__(self, parser: expat.XMLParserType, table: list[NamespaceLayer]) -> None:
        self.table = table
        self.table.append((None, {}))
        self.layers: list[_Layer] = []
        self.parser = parser
        self.known: dict[tuple[int, tuple[tuple[str, str], ...]], int] = {}
        parser.StartNamespaceDeclHandler = self.declare
        parser.EndNamespaceDeclHandler = self.withdraw

    def declare(self, prefix: str | None, uri: str | None) -> None:
        """A declaration on the element that is about to start."""
        here = self.parser.CurrentByteIndex
        if not self.layers or self.layers[-1].at != here:
            self.layers.append(_Layer(here))
        self.layers[-1].declared.append((prefix or "", uri or ""))
        self.layers[-1].open += 1

    def withdraw(self, _prefix: str | None) -> None:
        """A declaration goes out of scope, behind the end of its element."""
        layer = self.layers[-1]
        layer.open -= 1
        if not layer.open:
            self.layers.pop()

    def around_current_element(self) -> int:
        """Index of the declarations in scope around the element that starts now, its own excluded."""
        layers = self.layers
        own = bool(layers) and layers[-1].at == self.parser.CurrentByteIndex
        return self._index(len(layers) - own)

    def _index(self, depth: int) -> int:
        """Index in the table of the layer at a depth; 0 is the empty one outside the root."""
        start = depth
        while start and self.layers[start - 1].index is None:
            start -= 1
        index = self.layers[start - 1].index if start else 0
        for layer in self.layers[start:depth]:
            assert index is not None  # the loop above stops at a layer that has one
            key = (index, tuple(layer.declared))
            if key not in self.known:
                self.known[key] = len(self.table)
                self.table.append((index, dict(layer.declared)))
            index = layer.index = self.known[key]
        return index or 0


class _Layer:
    """The declarations of one open element; ``index`` once they are in the table."""

    __slots__ = ("at", "declared", "index", "open")

    def __init__(self, at: int) -> None:
        self.at = at
        self.declared: list[tuple[str, str]] = []
        self.open = 0
        self.index: int | None = None


class _ElementTable(dict[str, tuple[str, ItemRole | None, bool, bool]]):
    """Expat's element name -> local name, role as an item, whether a reference, whether XHTML; filled on demand."""

    def __init__(self, kind: DocumentKind) -> None:
        super().__init__()
        types = element_types(kind.ddi_version)
        self._items = types.items
        self._references = types.references
        if kind.envelope is Envelope.NO_NAMESPACE:
            by_local = {name.rpartition(SEPARATOR)[2]: item_kind for name, item_kind in types.items.items()}
            if kind.root in by_local:
                self._items = {**types.items, kind.root: by_local[kind.root]}

    def __missing__(self, name: str) -> tuple[str, ItemRole | None, bool, bool]:
        namespace, _, local = name.rpartition(SEPARATOR)
        kind = self._items.get(name)
        role = ItemRole(local, RENAMED_SINCE_31.get(local, local), kind) if kind else None
        is_reference = name in self._references and local not in _REFERENCE_PARTS
        self[name] = entry = (local, role, is_reference, namespace == XHTML)
        return entry


def _folded(blanks: re.Match[str]) -> str:
    """An indented line break is a blank, an empty line stays a paragraph."""
    return "\n\n" if blanks[0].count("\n") > 1 else " "


def _agrees(identity: dict[str, str], identification: Identification) -> bool:
    parts = (identity.get("agency"), identity.get("version"))
    return parts == (identification.agency, identification.version) and identification.identifier.endswith(
        identity.get("id", "")
    )
