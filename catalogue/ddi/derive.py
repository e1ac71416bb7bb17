"""Derives ``element_types.json`` from the XML schemas: which elements are items, which are references.

The name of an element does not tell (``SourceQuestion`` is a reference, ``RecordReference`` is not); the type
derivation in the schema does. Run after a schema set changes: ``python -m catalogue.ddi.derive FOLDER`` with one
sub-folder of XSD files per DDI version.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from catalogue.ddi.element_types import TABLE_FILE
from catalogue.ddi.versions import LIFECYCLE_VERSIONS
from catalogue.xml import safe_parser

_XS = "{http://www.w3.org/2001/XMLSchema}"
# The root types of the derivation, from the most to the least specific (reusable.xsd).
_BASES = {
    "AbstractMaintainableType": "Maintainable",
    "AbstractVersionableType": "Versionable",
    "AbstractIdentifiableType": "Identifiable",
    "ReferenceType": "Reference",
}
Name = tuple[str, str]
Table = dict[str, list[str]]


class _SchemaSet:
    """All XSD files of one DDI version: type name -> base type name, element name -> type name."""

    def __init__(self, folder: Path) -> None:
        self.bases: dict[Name, Name] = {}
        self.elements: dict[Name, Name] = {}
        self.heads: dict[Name, Name] = {}
        self.fragments: list[Name] = []
        for path in sorted(folder.glob("*.xsd")):
            self._read(etree.fromstring(path.read_bytes(), safe_parser()))

    def _read(self, schema: etree._Element) -> None:
        namespace = schema.get("targetNamespace") or ""
        for node in schema.iter(f"{_XS}complexType"):
            if name := node.get("name"):
                self._read_base(node, (namespace, name))
        for node in schema.iter(f"{_XS}element"):
            if (name := node.get("name")) and (kind := node.get("type")):
                self.elements[namespace, name] = _resolve(node, kind)
            if name and (head := node.get("substitutionGroup")):
                self.heads[namespace, name] = _resolve(node, head)
        for node in schema.iterfind(f"{_XS}complexType[@name='FragmentType']/{_XS}sequence/{_XS}choice/{_XS}element"):
            self.fragments.append(_resolve(node, node.get("ref") or ""))

    def _read_base(self, node: etree._Element, name: Name) -> None:
        for derivation in node.iterfind(f"{_XS}complexContent/*[@base]"):
            self.bases[name] = _resolve(derivation, derivation.get("base") or "")

    def kind(self, element: Name) -> str | None:
        """Maintainable, Versionable, Identifiable, Reference, or None."""
        name = self.elements.get(element)
        while name is not None:
            if name[0].startswith("ddi:reusable") and name[1] in _BASES:
                return _BASES[name[1]]
            name = self.bases.get(name)
        return None

    def substitutes(self, local: str) -> Iterator[Name]:
        """The elements that may stand for the head element of this local name, also indirectly."""
        for element in self.heads:
            head: Name | None = element
            while head is not None:
                head = self.heads.get(head)
                if head and head[1] == local:
                    yield element


def _resolve(node: etree._Element, qname: str) -> Name:
    prefix, _, local = qname.rpartition(":")
    return node.nsmap.get(prefix or None, ""), local


def _text(name: Name) -> str:
    return f"{name[0]} {name[1]}"


def derive(folder: Path) -> Table:
    """The table of one version from its XSD folder: kind -> sorted ``namespace local`` names."""
    schemas = _SchemaSet(folder)
    table: defaultdict[str, list[str]] = defaultdict(list)
    for element in schemas.elements:
        if kind := schemas.kind(element):
            table[kind].append(_text(element))
    table["ControlConstruct"] = [_text(name) for name in schemas.substitutes("ControlConstruct")]
    table["Fragment"] = [_text(name) for name in schemas.fragments]
    return {kind: sorted(set(names)) for kind, names in sorted(table.items())}


def main(arguments: list[str]) -> None:
    """Write the table of every version found in the given folder."""
    folder = Path(arguments[0])
    tables = {version: derive(folder / version) for version in LIFECYCLE_VERSIONS}
    TABLE_FILE.write_text(json.dumps(tables, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
