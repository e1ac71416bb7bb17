"""The DDI-L elements inside a large OAI-PMH response, each as a document of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from catalogue.validation.names import version_of
from catalogue.xml import QName, ScannedDocument


@dataclass(frozen=True, slots=True)
class _Found:
    start: int
    end: int
    line: int
    name: str
    root: QName
    elements: int
    inherited: dict[str, str]


def payloads(document: ScannedDocument, version: str) -> Iterator[ScannedDocument]:
    """Every outermost element of this DDI version, with the namespaces in scope declared on it and at its own line."""
    data = document.utf8
    for found in _find(data, version):
        head = found.start + 1 + len(found.name.encode())
        scope = "".join(f" {name}={quoteattr(uri)}" for name, uri in found.inherited.items()).encode()
        text = b"\n" * (found.line - 1) + data[found.start : head] + scope + data[head : found.end]
        yield replace(document, data=text, root=found.root, elements=found.elements, encoding="utf-8")


def _find(data: bytes, version: str) -> list[_Found]:
    parser = expat.ParserCreate("utf-8")
    finder = _Finder(parser, data, version)
    parser.StartElementHandler = finder.start
    parser.EndElementHandler = finder.end
    parser.Parse(data, True)
    return finder.found


@dataclass(slots=True)
class _Finder:
    """Follows the namespace declarations and notes where the outermost DDI elements begin and end."""

    parser: expat.XMLParserType
    data: bytes
    version: str
    found: list[_Found] = field(default_factory=list)
    scopes: list[dict[str, str]] = field(default_factory=lambda: [{}])
    inside: _Found | None = None
    depth: int = 0
    elements: int = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if self.inside is not None:
            self.depth += 1
            self.elements += 1
            return
        own = {key: uri for key, uri in attributes.items() if key == "xmlns" or key.startswith("xmlns:")}
        scope = self.scopes[-1] | own
        self.scopes.append(scope)
        prefix, _, local = name.rpartition(":")
        namespace = scope.get(f"xmlns:{prefix}" if prefix else "xmlns", "")
        if version_of(namespace) == self.version:
            inherited = {key: uri for key, uri in self.scopes[-2].items() if key not in own and uri}
            at = self.parser.CurrentByteIndex
            self.inside = _Found(at, at, self.parser.CurrentLineNumber, name, QName(namespace, local), 0, inherited)
            self.depth = self.elements = 1

    def end(self, _name: str) -> None:
        if self.inside is None:
            self.scopes.pop()
            return
        self.depth -= 1
        if self.depth == 0:
            close = self.data.index(b">", self.parser.CurrentByteIndex) + 1
            self.found.append(replace(self.inside, end=close, elements=self.elements))
            self.inside = None
            self.scopes.pop()
