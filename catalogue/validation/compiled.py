"""The compiled schemas: lxml decides, xmlschema explains.

An ``etree.XMLSchema`` keeps its error log on itself, so there is one per thread. The xmlschema model takes a second to
build, so it is built once per process and only when an invalid document asks for it. It is not kept as a pickle: a
pickle in a folder that others can write is a way to run code, and no registered sum could vouch for it.
"""

from __future__ import annotations

import threading
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from lxml import etree

from catalogue.validation.names import split

if TYPE_CHECKING:
    from xmlschema import XMLSchema10
    from xmlschema.validators import XsdElement, XsdType

MAIN = "instance.xsd"
_KINDS = {
    f"{prefix}{kind}Type": kind
    for kind in ("Identifiable", "Versionable", "Maintainable")
    for prefix in ("", "Abstract")
}


class SchemaModel:
    """What the XSDs of one DDI version say of an element: declaration, kind, annotation."""

    def __init__(self, folder: Path) -> None:
        self._main = folder / MAIN
        self._kinds: dict[str, str | None] = {}
        self.lock = threading.Lock()

    @cached_property
    def schema(self) -> XMLSchema10:
        """The xmlschema model, built at first use. The files are the published ones, so they are not checked again."""
        from xmlschema import XMLSchema10  # here: only who has an invalid document pays for this import

        return XMLSchema10(str(self._main), allow="local", validation="skip")

    def declaration(self, tag: str) -> XsdElement | None:
        """The global declaration of an element, by Clark name."""
        return self.schema.maps.elements.get(tag)

    def namespaces_of(self, local: str) -> tuple[str, ...]:
        """The namespaces that declare a global element of this local name."""
        return self._by_local.get(local, ())

    @cached_property
    def _by_local(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for tag in self.schema.maps.elements:
            namespace, local = split(tag)
            found[local] = (*found.get(local, ()), namespace)
        return found

    def kind(self, tag: str) -> str | None:
        """``Identifiable``, ``Versionable``, ``Maintainable`` or None, from the derivation of the element's type."""
        if tag not in self._kinds:
            declaration = self.declaration(tag)
            self._kinds[tag] = _kind(declaration.type) if declaration is not None else None
        return self._kinds[tag]

    def substitutes(self, element: XsdElement) -> list[XsdElement]:
        """The concrete elements that may stand for an abstract one, or the element itself."""
        declared = element.ref if element.ref is not None else element
        if not declared.abstract:
            return [element]
        members = self.schema.maps.substitution_groups.get(str(element.name), ())
        return sorted((m for m in members if not m.abstract), key=lambda m: str(m.local_name)) or [element]


def _kind(xsd_type: XsdType | None) -> str | None:
    while xsd_type is not None:
        if kind := _KINDS.get(xsd_type.local_name or ""):
            return kind
        base = xsd_type.base_type
        xsd_type = base if base is not xsd_type else None
    return None


class CompiledSchemas:
    """Compiled schemas by folder: one gate per thread, one model per process."""

    def __init__(self) -> None:
        self._local = threading.local()
        self._models: dict[Path, SchemaModel] = {}

    def gate(self, folder: Path) -> etree.XMLSchema:
        """The lxml schema of this thread."""
        gates: dict[Path, etree.XMLSchema] = self._local.__dict__.setdefault("gates", {})
        if folder not in gates:
            parser = etree.XMLParser(no_network=True, load_dtd=False)
            gates[folder] = etree.XMLSchema(etree.parse(folder / MAIN, parser))
        return gates[folder]

    def model(self, folder: Path) -> SchemaModel:
        """The model of this process."""
        return self._models.setdefault(folder, SchemaModel(folder))


COMPILED = CompiledSchemas()
