"""Elements that have begun and not yet ended: what the reader gathers until it can make an item of them.

Identity follows the DDI-L technical documentation: 3.1 identifies by attributes, 3.2 and 3.3 by a URN or by Agency, ID
and Version elements; the URN takes precedence; what is omitted is inherited from the enclosing items.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import blake2b

from catalogue.model.identity import LONGEST_IDENTIFIER, Identification
from catalogue.model.items import Kind, PathText, Reference

_DEFAULT_VERSION = "1.0.0"  # DDI-L 3.1, AbstractVersionableType/@version
_URN_PARTS = {"Agency": "agency", "ID": "id", "Version": "version", "URN": "urn"}
_REFERENCE_PARTS = {
    **_URN_PARTS,
    "IdentifyingAgency": "agency",
    "TypeOfObject": "type",
    "Scheme/ID": "scope",
    "MaintainableObject/MaintainableID": "scope",
}
# Attributes that identify, or whose value the schema fixes.
_SILENT_ATTRIBUTES = frozenset(
    ("id", "agency", "version", "urn", "isIdentifiable", "isVersionable", "isMaintainable", "isReference")
)
_TRUE = ("true", "1")


@dataclass(frozen=True, slots=True)
class ItemRole:
    """What the tables say of an element that is an item: name in the source, DDI-L 3.3 name, kind."""

    element: str
    type: str
    kind: Kind


class OpenReference:
    """A reference element that has begun: where, and the parts of its target so far."""

    __slots__ = ("attributes", "depth", "inline", "parts", "role")

    def __init__(self, role: str, depth: int, attributes: dict[str, str]) -> None:
        self.role = role
        self.depth = depth
        self.attributes = attributes
        self.parts: dict[str, str] = {}
        self.inline: tuple[Identification, str] | None = None

    def take(self, path: str, text: str) -> bool:
        """Take the text if ``path``, below the reference, is a part of the target's identity."""
        part = _REFERENCE_PARTS.get(path)
        if part is None:
            return False
        self.parts.setdefault(part, text)
        return True

    @property
    def says_something(self) -> bool:
        """Whether there is a target at all, by identity, inline or by address."""
        return bool(self.inline or self.parts.keys() & {"id", "urn"} or self.external_uri)

    @property
    def external_uri(self) -> str | None:
        """Address of a target outside DDI (3.1 ``URI``, later ``externalReferenceDefaultURI``)."""
        return self.attributes.get("URI") or self.attributes.get("externalReferenceDefaultURI")


class Frame:
    """An item that has begun; the outermost frame, without a role, is the document."""

    __slots__ = (
        "content",
        "context",
        "identification",
        "identified",
        "identity",
        "is_empty",
        "language",
        "line",
        "open_references",
        "ordinal",
        "parent",
        "path",
        "properties",
        "references",
        "role",
        "start",
        "texts",
        "user_attributes",
        "user_ids",
    )

    def __init__(self, role: ItemRole | None, parent: Frame | None) -> None:
        self.role = role
        self.parent = parent
        self.identity: dict[str, str] = {}
        self.identification: Identification | None = None
        self.identified = False
        self.ordinal = self.line = self.start = self.context = 0
        self.is_empty = True  # nothing between its tags so far
        self.language: str | None = None
        self.path: list[str] = []
        self.open_references: list[OpenReference] = []
        self.references: list[Reference] = []
        self.texts: list[PathText] = []
        self.properties: list[tuple[str, str]] = []
        self.user_ids: list[tuple[str, str]] = []
        self.user_attributes: list[tuple[str, str]] = []
        self.content: list[str] = []

    # --- gathering ----------------------------------------------------------------------------------------------------

    def take_attributes(self, attributes: dict[str, str]) -> None:
        """Keep the attributes of the element at the current path that say something."""
        if len(self.path) == 1 and self.path[0] in _URN_PARTS:
            return
        place = "/".join(self.path)
        for key in sorted(attributes):
            if key not in _SILENT_ATTRIBUTES and " " not in key:
                self.properties.append((f"{place}/@{key}" if place else f"@{key}", attributes[key]))
                self.content.append(f"{key}={attributes[key]}")

    def take_identity(self, attributes: dict[str, str]) -> None:
        """The identifying attributes of DDI-L 3.1, and the scope of uniqueness of later versions."""
        for part in ("agency", "id", "version", "urn", "scopeOfUniqueness"):
            if value := attributes.get(part, "").strip():
                self.identity[part] = value

    def take_text(self, text: str, language: str | None) -> None:
        """Put the text at the current path where it belongs: a reference, the identity, or the content."""
        path = self.path
        if self.open_references:
            reference = self.open_references[-1]
            if reference.take("/".join(path[reference.depth :]), text):
                self.content.append(text)
                return
        elif len(path) == 1 and path[0] in _URN_PARTS:
            self.identity.setdefault(_URN_PARTS[path[0]], text)
            return
        self.content.append(text)
        self._keep("/".join(path), text, language)

    def _keep(self, path: str, text: str, language: str | None) -> None:
        if path == "UserID":
            self.user_ids.append((self._user_id_type(), text))
        elif path == "UserAttributePair/AttributeKey":
            self.user_attributes.append((text, ""))
        elif path == "UserAttributePair/AttributeValue" and self.user_attributes:
            self.user_attributes[-1] = (self.user_attributes[-1][0], text)
        elif path == "MaintainableObject/MaintainableID":
            self.identity["maintainable"] = text
        elif path != "MaintainableObject/TypeOfObject":
            self.texts.append(PathText(path, text, language))

    def _user_id_type(self) -> str:
        names = ("UserID/@typeOfUserID", "UserID/@type")
        return next((value for name, value in reversed(self.properties) if name in names), "")

    # --- identity -----------------------------------------------------------------------------------------------------

    @property
    def accepted(self) -> Frame | None:
        """This frame, or the nearest enclosing one, that has an identification."""
        frame: Frame | None = self
        while frame is not None and frame.identification is None:
            frame = frame.parent
        return frame

    @property
    def maintainable(self) -> Frame | None:
        """The nearest enclosing maintainable, itself excluded."""
        frame = self.parent
        while frame is not None and (frame.role is None or frame.role.kind is not Kind.MAINTAINABLE):
            frame = frame.parent
        return frame

    @property
    def local_id(self) -> str:
        """The identifier as the source writes it."""
        return self.identity.get("id", "")

    def inherited(self, part: str) -> str:
        """Agency or version of the nearest enclosing item that states it, else empty."""
        frame = self.parent
        while frame is not None:
            if value := frame.identity.get(part):
                return value
            frame = frame.parent
        return ""

    def identify(self, ddi_version: str) -> None:
        """Settle the identification; it stays None where the source gives no usable identifier."""
        self.identified = True
        urn = self.identity.get("urn")
        try:
            if urn:
                self.identification = self._from_urn(urn)
            if self.identification is None and self.local_id:
                self.identification = self._from_parts(ddi_version)
        except ValueError:
            return

    def _from_urn(self, urn: str) -> Identification | None:
        try:
            identification = Identification.from_urn(urn)
        except ValueError:
            return None
        self.identity.setdefault("id", identification.identifier)
        self.identity.setdefault("agency", identification.agency)
        self.identity.setdefault("version", identification.version)
        return identification

    def _from_parts(self, ddi_version: str) -> Identification:
        version = self.identity.get("version") or self._default_version(ddi_version)
        identifier = self.local_id
        if self.is_scoped(ddi_version) and (scope := self._scope()):
            identifier = f"{scope}.{identifier}"
        return Identification(self.identity.get("agency") or self.inherited("agency"), identifier, version)

    def _default_version(self, ddi_version: str) -> str:
        if ddi_version == "3.1" and self.role and self.role.kind is not Kind.IDENTIFIABLE:
            return _DEFAULT_VERSION
        return self.inherited("version") or _DEFAULT_VERSION

    def is_scoped(self, ddi_version: str) -> bool:
        """Whether the identifier is unique in its maintainable only (always so in 3.1)."""
        if self.role is None or self.role.kind is Kind.MAINTAINABLE:
            return False
        return ddi_version == "3.1" or self.identity.get("scopeOfUniqueness") == "Maintainable"

    def _scope(self) -> str:
        enclosing = self.maintainable
        return self.identity.get("maintainable") or (enclosing.local_id if enclosing else "")

    # --- references ---------------------------------------------------------------------------------------------------

    def close_reference(self, reference: OpenReference, ddi_version: str) -> None:
        """Make a ``Reference`` of an element that ends at the current path."""
        if reference.says_something:
            path = "/".join(self.path)
            self.references.append(self._reference(reference, path, ddi_version))

    def _reference(self, reference: OpenReference, path: str, ddi_version: str) -> Reference:
        agency, identifier, version, target_type = self._target(reference, ddi_version)
        return Reference(
            role=reference.role,
            path=path,
            position=len(self.references),
            agency=agency,
            identifier=identifier,
            version=version,
            scope=reference.parts.get("scope") or self._reference_scope(ddi_version),
            target_type=target_type,
            late_bound=reference.attributes.get("lateBound") in _TRUE,
            inline=reference.inline is not None,
            external_uri=reference.external_uri,
        )

    def _target(self, reference: OpenReference, ddi_version: str) -> tuple[str, str, str, str | None]:
        parts = reference.parts
        if reference.inline:
            target, target_type = reference.inline
            return target.agency, target.identifier, target.version, target_type
        if urn := parts.get("urn"):
            try:
                target = Identification.from_urn(urn)
                return target.agency, target.identifier, target.version, parts.get("type")
            except ValueError:
                parts.setdefault("id", urn)
        agency = parts.get("agency") or self.identity.get("agency") or self.inherited("agency")
        version = parts.get("version") or (self._maintainable_version() if ddi_version == "3.1" else "")
        return agency, parts.get("id", "")[:LONGEST_IDENTIFIER], version, parts.get("type")

    def _maintainable_version(self) -> str:
        """What a reference without version inherits in 3.1."""
        enclosing = self if self.role and self.role.kind is Kind.MAINTAINABLE else self.maintainable
        return (enclosing.identity.get("version") if enclosing else None) or _DEFAULT_VERSION

    def _reference_scope(self, ddi_version: str) -> str:
        if ddi_version != "3.1":
            return ""
        enclosing = self if self.role and self.role.kind is Kind.MAINTAINABLE else self.maintainable
        return enclosing.local_id if enclosing else ""

    def leave_element(self) -> None:
        """The element at the current path ends; those that identify are no content."""
        path = self.path
        if len(path) == 1 and path[0] in _URN_PARTS:
            self.content.pop()
        else:
            self.content.append(")")
        path.pop()

    # --- the end ------------------------------------------------------------------------------------------------------

    def digest(self) -> str:
        """Of the element's name, its language and content: names, attributes and texts in order.

        What identifies it and nested items' own content are excluded.
        """
        content = [self.role.element if self.role else "", self.language or "", *self.content]
        return blake2b("\0".join(content).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

    def give_to_parent(self) -> None:
        """Leave everything gathered to the enclosing frame: an element that cannot be an item is part of its parent."""
        parent = self.parent
        if parent is None:
            return
        prefix = "/".join((*parent.path, self.role.element if self.role else ""))
        parent.texts += [PathText(f"{prefix}/{t.path}".rstrip("/"), t.text, t.language) for t in self.texts]
        parent.properties += [(f"{prefix}/{name}", value) for name, value in self.properties]
        parent.content += self.content
        for reference in self.references:
            place = f"{prefix}/{reference.path}"
            parent.references.append(replace(reference, path=place, position=len(parent.references)))
