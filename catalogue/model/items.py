"""What the reader makes of a DDI document: items, their texts and their references.

An item is any element whose schema type derives from ``AbstractIdentifiableType``, ``AbstractVersionableType`` or
``AbstractMaintainableType`` (reusable.xsd). Nothing in it is dropped: what has no field of its own is in ``texts`` and
``properties``, and its own XML is a span of the source bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from catalogue.model.identity import Identification
from catalogue.model.text import InternationalString, LocalizedText

# Where an item has its name and label; 3.1 has the text in the element, later versions in String or Content.
_NAME_ENDINGS = ("Name", "Name/String")
_NAME_PATHS = (
    "Value",
    "OrganizationIdentification/OrganizationName/String",
    "IndividualIdentification/IndividualName/FullName/String",
)
_LABEL_PATHS = ("Label", "Label/Content", "Citation/Title", "Citation/Title/String")
_WORDING_PATHS = (
    "QuestionText/LiteralText/Text",
    "DisplayText/LiteralText/Text",
    "InstructionText/LiteralText/Text",
    "HumanReadable",
    "HumanReadable/Content",
    "Content",
)
_DESCRIPTION_PATHS = ("Description", "Description/Content", "Definition/Content")


class Kind(StrEnum):
    """The three levels of DDI identification (Technical Documentation, "Identifiable, Versionable, Maintainable")."""

    IDENTIFIABLE = "Identifiable"
    VERSIONABLE = "Versionable"
    MAINTAINABLE = "Maintainable"


@dataclass(frozen=True, slots=True)
class PathText:
    """One text of an item: the path of element names below the item (``Label/Content``), the text, its language tag."""

    path: str
    text: str
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference of one item to another, by value or inline.

    Attributes:
        role: local name of the reference element (``CategoryReference``, ``SourceQuestion``).
        path: path of element names below the item, ending with ``role``.
        position: order among the item's references, from 0.
        agency, identifier, version: target as written or inherited; ``identifier`` is bare when the source is so.
        scope: id of the maintainable in which a bare identifier is to be looked up first (DDI-L 3.1), else empty.
        target_type: ``r:TypeOfObject`` or the type of the inline object, when known.
        late_bound: the latest version is meant, whatever ``version`` says.
        inline: the reference element contains the object itself.
        external_uri: address of an external target.
    """

    role: str
    path: str
    position: int
    agency: str
    identifier: str
    version: str
    scope: str = ""
    target_type: str | None = None
    late_bound: bool = False
    inline: bool = False
    external_uri: str | None = None

    @property
    def urn(self) -> str:
        """The URN that the reference spells, whether or not it resolves."""
        return f"urn:ddi:{self.agency}:{self.identifier}:{self.version}"


@dataclass(frozen=True, slots=True)
class Span:
    """Where an element's own XML stands in the UTF-8 bytes of its document.

    Attributes:
        start, end: byte offsets [start, end).
        context: index into the document's table of namespace declarations, those in scope around the element.
    """

    start: int
    end: int
    context: int = 0


@dataclass(frozen=True, slots=True)
class Item:
    """One identified element of a DDI document, handed over when its element ends: children before their parents.

    Attributes:
        identification: agency, identifier, version; inherited parts filled in.
        local_id: the identifier as the source writes it (differs when scoped to the maintainable).
        type: DDI-L 3.3 name of the element (``CodeList`` for a 3.1 ``CodeScheme``).
        element: local name in the source.
        kind: Identifiable, Versionable or Maintainable.
        ddi_version: ``3.1``, ``3.2`` or ``3.3``.
        ordinal: position among the identified elements of the document, from 0, in document order.
        parent: ordinal of the nearest enclosing item, or None.
        line: source line, from 1.
        span: own XML in the source bytes.
        language: ``xml:lang`` in force where the element begins.
        texts: every text below the item that does not belong to a nested item, in source order.
        properties: (path/@attribute, value) of every attribute that says something.
        user_ids: (typeOfUserID, value) of each ``r:UserID``.
        user_attributes: (key, value) of each ``r:UserAttributePair``.
        references: in source order.
        digest: of the content, indifferent to white space, prefixes, comments and nested items' own content.
    """

    identification: Identification
    local_id: str
    type: str
    element: str
    kind: Kind
    ddi_version: str
    ordinal: int
    parent: int | None
    line: int
    span: Span
    language: str | None
    texts: tuple[PathText, ...]
    properties: tuple[tuple[str, str], ...]
    user_ids: tuple[tuple[str, str], ...]
    user_attributes: tuple[tuple[str, str], ...]
    references: tuple[Reference, ...]
    digest: str

    @property
    def urn(self) -> str:
        """The canonical URN."""
        return self.identification.urn

    @property
    def label(self) -> InternationalString:
        """Label, or the title of the citation."""
        return self.texts_at(*_LABEL_PATHS)

    @property
    def description(self) -> InternationalString:
        """Description or definition."""
        return self.texts_at(*_DESCRIPTION_PATHS)

    @property
    def name(self) -> str | None:
        """The machine-readable name: ``VariableName``, ``QuestionItemName``, the value of a ``Code``; the first one."""
        for text in self.texts:
            if (text.path.endswith(_NAME_ENDINGS) and text.path.count("/") <= 1) or text.path in _NAME_PATHS:
                return text.text
        return None

    def texts_at(self, *paths: str) -> InternationalString:
        """The texts that stand at one of these paths."""
        return InternationalString.of(LocalizedText(t.text, t.language) for t in self.texts if t.path in paths)

    @property
    def title(self) -> InternationalString:
        """What a list shows: the label, else the wording that the item is there for, else its description."""
        return self.label or self.texts_at(*_WORDING_PATHS) or self.description


class RefusalReason(StrEnum):
    """Why an identified element cannot become an item; its content stays with the enclosing item."""

    NO_IDENTIFIER = "no-identifier"
    BAD_IDENTIFIER = "bad-identifier"


@dataclass(frozen=True, slots=True)
class RefusedElement:
    """An identified element that cannot become an item, where, and why; ``written`` is what stands as its identity."""

    type: str
    line: int
    reason: RefusalReason
    written: str = ""
