"""The one safe way into XML: a streaming scan within limits, then a parser that resolves nothing.

``scan`` reads the bytes once in constant memory and refuses what is unsafe before anything builds a tree: DOCTYPE
(hence entities), excessive depth, number or density of elements, compressed bytes, broken encodings. Only scanned
bytes may go to ``parse_tree`` or ``stream``.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from xml.parsers import expat

from lxml import etree

from catalogue.errors import LimitExceededError, UnreadableDocumentError

XML = "http://www.w3.org/XML/1998/namespace"
XHTML = "http://www.w3.org/1999/xhtml"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
OAI = "http://www.openarchives.org/OAI/2.0/"

# Expat joins namespace and local name with this; a blank cannot occur in either.
SEPARATOR = " "
# Real documents average 56 bytes an element and more; "<a/>" repeated is a way to make a tree of 20 times the bytes.
_MIN_BYTES_PER_ELEMENT = 12
_DENSITY_COUNTS_FROM = 100_000
# Expat holds a whole tag with all its attributes before it tells; text comes in pieces.
_LONGEST_TAG = 1 << 20
_PIECE = 1 << 16
_COMPRESSED = {
    b"\x1f\x8b": "gzip",
    b"PK\x03\x04": "zip",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What a document may cost."""

    max_bytes: int = 256 * 1024 * 1024
    max_elements: int = 20_000_000
    max_depth: int = 200


@dataclass(frozen=True, slots=True)
class QName:
    """A namespace and a local name."""

    namespace: str
    local: str

    @classmethod
    def from_expat(cls, name: str) -> QName:
        """From ``namespace local`` as expat gives it."""
        namespace, _, local = name.rpartition(SEPARATOR)
        return cls(namespace, local)

    @property
    def clark(self) -> str:
        """``{namespace}local``, as lxml has it."""
        return f"{{{self.namespace}}}{self.local}" if self.namespace else self.local


@dataclass(frozen=True, slots=True)
class ScannedDocument:
    """Bytes that passed the scan, with what was learnt on the way.

    Attributes:
        data: the bytes as received.
        root: the root element.
        elements: how many elements there are.
        depth: deepest nesting, the root being 1.
        namespaces: namespaces of the elements, in order of appearance.
        encoding: what the XML declaration or the byte order mark says, lower case; ``utf-8`` by default.
    """

    data: bytes
    root: QName
    elements: int
    depth: int
    namespaces: tuple[str, ...]
    encoding: str

    @property
    def utf8(self) -> bytes:
        """The document as UTF-8, the very same bytes when it is so already: what spans count in."""
        if self.encoding in ("utf-8", "us-ascii"):
            return self.data
        return self.data.decode(self.encoding).encode("utf-8")


def scan(data: bytes, limits: Limits | None = None) -> ScannedDocument:
    """Read ``data`` once, in constant memory, and refuse what is unsafe.

    Raises:
        LimitExceededError: size, depth, number or density of elements.
        UnreadableDocumentError: empty, compressed, not well-formed, wrongly encoded, or with a DOCTYPE.
    """
    limits = limits or Limits()
    _check_envelope(data, limits)
    scanner = _Scanner(len(data), limits)
    encoding = _feed(data, scanner)
    assert scanner.root is not None  # expat refuses a document without an element
    return ScannedDocument(data, scanner.root, scanner.elements, scanner.deepest, tuple(scanner.namespaces), encoding)


def safe_parser() -> etree.XMLParser:
    """A parser that fetches nothing and expands nothing."""
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False
    )


def parse_tree(document: ScannedDocument) -> etree._Element:
    """The tree of a scanned document.

    Raises:
        UnreadableDocumentError: libxml2 finds a fault that expat does not (a namespace name that is no URI).
    """
    try:
        return etree.fromstring(document.data, safe_parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        raise _not_well_formed(error, getattr(error, "lineno", None), None) from error


def stream(document: ScannedDocument, schema: etree.XMLSchema | None = None) -> Iterator[tuple[str, etree._Element]]:
    """End events of a scanned document, clearing being the caller's; with ``schema`` validated on the way.

    ``etree.XMLSyntaxError`` of an invalid document comes at the end only.
    """
    return iter(
        etree.iterparse(
            BytesIO(document.data),
            events=("end",),
            schema=schema,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
        )
    )


def _check_envelope(data: bytes, limits: Limits) -> None:
    if len(data) > limits.max_bytes:
        raise LimitExceededError(
            f"The document has {len(data):,} bytes; the limit is {limits.max_bytes:,} (CATALOGUE_MAX_UPLOAD_BYTES)."
        )
    if not data.strip():
        raise UnreadableDocumentError("The document is empty.", next_step="Check that the file was written completely.")
    for magic, name in _COMPRESSED.items():
        if data.startswith(magic):
            raise UnreadableDocumentError(
                f"The document is {name} data, not XML.",
                next_step="Send the XML file itself, or a zip archive of XML files.",
            )


class _Scanner:
    """Counts while expat reads; raises as soon as a limit is passed."""

    def __init__(self, size: int, limits: Limits) -> None:
        self.limits = limits
        self.most_elements = min(limits.max_elements, max(_DENSITY_COUNTS_FROM, size // _MIN_BYTES_PER_ELEMENT))
        self.root: QName | None = None
        self.elements = 0
        self.depth = 0
        self.deepest = 0
        self.namespaces: dict[str, None] = {}
        self.encoding: str | None = None
        self._seen: set[str] = set()

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        self.elements += 1
        self.depth += 1
        if self.depth > self.deepest:
            self._deeper(name)
        if self.elements > self.most_elements:
            raise LimitExceededError(
                f"The document has more than {self.most_elements:,} elements in its size; "
                "real documentation does not (CATALOGUE_MAX_ELEMENTS)."
            )
        if name not in self._seen:
            self._seen.add(name)
            self.namespaces.setdefault(QName.from_expat(name).namespace)

    def end(self, _name: str) -> None:
        self.depth -= 1

    def _deeper(self, name: str) -> None:
        self.deepest = self.depth
        if self.root is None:
            self.root = QName.from_expat(name)
        if self.depth > self.limits.max_depth:
            raise LimitExceededError(
                f"Elements are nested more than {self.limits.max_depth} deep (CATALOGUE_MAX_DEPTH)."
            )

    def declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        self.encoding = encoding

    def doctype(self, *_: object) -> None:
        raise UnreadableDocumentError(
            "The document has a DOCTYPE; entities could hide or multiply its text, so it is not read.",
            next_step="Remove the <!DOCTYPE ...> declaration and replace entities by their text.",
        )


def _feed(data: bytes, scanner: _Scanner) -> str:
    """Run expat; returns the encoding."""
    bom = _bom_encoding(data)
    parser = expat.ParserCreate(namespace_separator=SEPARATOR)
    parser.StartElementHandler = scanner.start
    parser.EndElementHandler = scanner.end
    parser.XmlDeclHandler = scanner.declaration
    parser.StartDoctypeDeclHandler = scanner.doctype
    for start in range(0, len(data), _PIECE):
        end = start + _PIECE
        parse_with_expat(parser, data[start:end], final=end >= len(data))
        if min(end, len(data)) - parser.CurrentByteIndex > _LONGEST_TAG:
            raise LimitExceededError(
                f"A single tag or comment is longer than {_LONGEST_TAG:,} bytes; real documentation has none like it."
            )
    declared = _codec(scanner.encoding or "utf-8")
    return bom or declared


def parse_with_expat(parser: expat.XMLParserType, data: bytes, *, final: bool = True) -> None:
    """Feed bytes to expat, all of them or the next piece.

    Raises:
        UnreadableDocumentError: with the line and column at which reading stopped.
    """
    try:
        parser.Parse(data, final)
    except expat.ExpatError as error:
        raise _not_well_formed(error, error.lineno, error.offset) from error
    except (LookupError, UnicodeError, ValueError) as error:
        raise UnreadableDocumentError(
            f"The encoding that the document declares cannot be read: {error}.",
            next_step='Save the file as UTF-8 and declare encoding="UTF-8".',
        ) from error


def _not_well_formed(error: Exception, line: int | None, column: int | None) -> UnreadableDocumentError:
    where = f" at line {line}" + (f", column {column}" if column is not None else "") if line else ""
    wrapped = UnreadableDocumentError(f"The XML is not well-formed{where}: {error}.")
    wrapped.line = line
    return wrapped


def _bom_encoding(data: bytes) -> str | None:
    for bom, name in ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if data.startswith(bom):
            return name
    return None


def _codec(name: str) -> str:
    try:
        normalised = codecs.lookup(name).name
    except LookupError as error:
        raise UnreadableDocumentError(f"The encoding {name!r} is not known.") from error
    return {"ascii": "us-ascii"}.get(normalised, normalised)
