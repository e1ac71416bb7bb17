"""The verdict on a document against the DDI-L XML schemas, with every error explained.

lxml decides. A document of moderate size is validated as a tree; a large one while it streams by, and only if it fails
is it read again, in pieces small enough for the memory, to find the lines. xmlschema then explains the failing pieces,
within a budget of elements and time; a report that was cut short says so.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from lxml import etree

from catalogue.errors import SchemaNotInstalledError, UnreadableDocumentError
from catalogue.model.report import Severity, Violation
from catalogue.settings import Settings
from catalogue.validation import registry, rules
from catalogue.validation.codes import Place, violation
from catalogue.validation.compiled import COMPILED, SchemaModel
from catalogue.validation.errorlog import Locator, LoggedError
from catalogue.validation.names import local_of, split, version_of
from catalogue.validation.payload import payloads
from catalogue.validation.pieces import Piece, pieces
from catalogue.validation.places import module_of, place_of
from catalogue.xml import OAI, ScannedDocument, parse_tree, stream

if TYPE_CHECKING:
    from xmlschema import XMLSchemaValidationError

    from catalogue.validation.explain import Explainer

# Beyond this number of elements and attributes a document is not validated as one tree: that would cost memory, and
# libxml2 writes the path of every error, which takes the square of the time where many siblings are wrong.
TREE_NODES = 40_000
# What xmlschema may read for one document, at about 20,000 elements a second.
EXPLAINED_ELEMENTS = 60_000
EXPLAINED_CHILDREN = 20_000
EXPLAIN_SECONDS = 10.0

# xmlParserErrors, XML_SCHEMAV_*
_SCHEMA_FAULTS = range(1800, 1900)
_ROOT_UNKNOWN = "SCHEMAV_CVC_ELT_1"
# Errors inside a root without namespace are information only, and a sample of them is enough.
_MOST_NOTES = 20
# Logged errors that are looked at together.
_BATCH = 1_000
# The modules of the usual roots; any other is in the instance module.
_ROOT_MODULES = {"Group": "group", "ResourcePackage": "group", "StudyUnit": "studyunit"}


@dataclass(frozen=True, slots=True)
class SchemaResult:
    """Valid, invalid, or None when no schema decided; what was found, and how much was left out."""

    valid: bool | None
    violations: tuple[Violation, ...] = ()
    omitted: int = 0
    complete: bool = True


@dataclass(slots=True)
class _Findings:
    """Collects violations up to a limit, within a budget of elements and seconds for explaining."""

    limit: int
    elements: int = EXPLAINED_ELEMENTS
    seconds: float = EXPLAIN_SECONDS
    violations: list[Violation] = field(default_factory=list)
    omitted: int = 0
    complete: bool = True
    deep: bool = False
    """Whether the last element was explained with all that it contains."""
    _seen: set[tuple[str, str | None, str]] = field(default_factory=set)

    @property
    def closed(self) -> bool:
        """Nothing more is to be explained."""
        return len(self.violations) >= self.limit or self.seconds <= 0

    def spend(self, element: etree._Element) -> bool:
        """Take a subtree off the budget of elements; False if it is larger than what is left."""
        size = sum(1 for _ in islice(element.iter("*"), self.elements + 1))
        affordable = size <= self.elements
        self.elements -= size if affordable else 0
        return affordable

    def add(self, found: Violation) -> None:
        """List a violation, or count it beyond the limit; one that says the same of the same place is dropped."""
        key = (found.code, found.xpath, found.message.en)
        if len(self.violations) >= self.limit:
            self.omitted += 1
        elif key not in self._seen:
            self._seen.add(key)
            self.violations.append(found)

    def result(self, valid: bool) -> SchemaResult:
        """The verdict with the violations in document order."""
        ordered = sorted(self.violations, key=lambda found: found.line or 0)
        return SchemaResult(valid, tuple(ordered), self.omitted, self.complete)


class SchemaValidator:
    """Validates documents; one serves every thread of a process."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def validate(self, document: ScannedDocument, ddi_version: str) -> SchemaResult:
        """The verdict on a scanned document, with each error explained.

        The root decides how: a DDI-L element is validated as it stands; of an OAI-PMH response every outermost DDI-L
        element by itself; a root in no namespace is invalid.

        Args:
            ddi_version: ``3.1``, ``3.2`` or ``3.3``.

        Raises:
            UnreadableDocumentError: libxml2 finds a fault that the scan does not.
        """
        try:
            folder = registry.provide(ddi_version, self.settings)
        except SchemaNotInstalledError as error:
            return SchemaResult(None, (rules.schema_not_installed(ddi_version, detail=error.message),))
        if folder is None:
            return SchemaResult(None, (rules.schema_not_installed(ddi_version),))
        return _Run(folder, ddi_version, _Findings(self.settings.max_violations)).verdict(document)


@dataclass(slots=True)
class _Run:
    """One validation of one document."""

    folder: Path
    version: str
    findings: _Findings

    @property
    def gate(self) -> etree.XMLSchema:
        return COMPILED.gate(self.folder)

    @property
    def model(self) -> SchemaModel:
        return COMPILED.model(self.folder)

    def verdict(self, document: ScannedDocument) -> SchemaResult:
        wrapped = document.root.namespace == OAI or not document.root.namespace
        if not _is_large(document):
            return self._tree(parse_tree(document), wrapped)
        if wrapped:
            return self._large_wrapped(document)
        return self.findings.result(self._stream(document, ""))

    # --- as a tree -------------------------------------------------------------------------------------------------

    def _tree(self, root: etree._Element, wrapped: bool) -> SchemaResult:
        roots = list(_outermost(root, self.version)) if wrapped else [root]
        severity = Severity.ERROR if split(str(root.tag))[0] else Severity.INFO
        if severity is Severity.INFO:
            self._no_namespace(local_of(root), root.sourceline)
        elif not roots:
            self.findings.add(violation("xsd.no-payload", Place(root.sourceline), {"version": self.version}))
        verdicts = [self._element(element, severity) for element in roots]
        return self.findings.result(bool(roots) and all(verdicts) and severity is Severity.ERROR)

    def _element(self, root: etree._Element, severity: Severity = Severity.ERROR, path_prefix: str = "") -> bool:
        """Validate the subtree of an element as a document of its own."""
        if self.gate.validate(root):
            return True
        self._explain(root, list(self.gate.error_log), severity, path_prefix)
        return False

    def _no_namespace(self, local: str, line: int | None) -> None:
        namespace = f"ddi:{_ROOT_MODULES.get(local, 'instance')}:{self.version.replace('.', '_')}"
        place = Place(line, f"/{local}", item_type=local)
        self.findings.add(violation("xsd.no-namespace", place, {"element": local, "namespace": namespace}))
        self.findings.limit = min(self.findings.limit, 1 + _MOST_NOTES)

    # --- as a stream -----------------------------------------------------------------------------------------------

    def _large_wrapped(self, document: ScannedDocument) -> SchemaResult:
        """A large OAI-PMH response, payload by payload; what stands around them is not kept."""
        if not document.root.namespace:
            self._no_namespace(document.root.local, _root_line(document))
            return self.findings.result(False)
        verdicts = [self._payload(payload) for payload in payloads(document, self.version)]
        if not verdicts:
            self.findings.add(violation("xsd.no-payload", Place(1), {"version": self.version}))
        return self.findings.result(bool(verdicts) and all(verdicts))

    def _payload(self, payload: ScannedDocument) -> bool:
        if _is_large(payload):
            return self._stream(payload, "/")
        return self._element(parse_tree(payload), path_prefix="/")

    def _stream(self, document: ScannedDocument, path_prefix: str) -> bool:
        try:
            for _, element in stream(document, self.gate):
                _forget(element)
        except etree.XMLSyntaxError as error:
            _raise_unless_schema(error)
        else:
            return True
        try:
            self._explain_pieces(document, path_prefix)
        except etree.XMLSyntaxError as error:
            _raise_unless_schema(error)
        return False

    def _explain_pieces(self, document: ScannedDocument, path_prefix: str) -> None:
        at_root = False
        for piece in pieces(stream(document)):
            if self.findings.closed:
                break
            self._explain_piece(piece, path_prefix)
            at_root = piece.element.getparent() is None
        self.findings.complete &= at_root
        if not self.findings.violations:
            place = Place(_root_line(document), f"{path_prefix}/*")
            values = {"element": document.root.local, "version": self.version}
            self.findings.add(violation("xsd.invalid", place, values))

    def _explain_piece(self, piece: Piece, path_prefix: str) -> None:
        if piece.whole and self.model.declaration(str(piece.element.tag)) is not None:
            self._element(piece.element, path_prefix=path_prefix)
        else:
            self._explain_element(piece.element, Severity.ERROR, path_prefix, shallow=not piece.whole)

    # --- explaining ------------------------------------------------------------------------------------------------

    def _explain(self, root: etree._Element, log: list[etree._LogEntry], severity: Severity, path_prefix: str) -> None:
        """Explain every logged error, in batches; what is logged after the budget is spent is only counted."""
        locator = Locator(root)
        for start in range(0, len(log), _BATCH):
            batch = [locator.locate(entry) for entry in log[start : start + _BATCH]]
            self._explain_batch({self._target(entry): entry for entry in reversed(batch)}, severity, path_prefix)
            if self.findings.closed:
                left = len(log) - start - len(batch)
                self.findings.omitted += left
                self.findings.complete &= not left
                return

    def _explain_batch(self, targets: dict[etree._Element, LoggedError], severity: Severity, path_prefix: str) -> None:
        """The outermost elements first, each with all that it contains."""
        explained: set[etree._Element] = set()
        for target in sorted(targets, key=_depth):
            if not explained.isdisjoint(target.iterancestors()):
                continue
            if self.findings.closed:
                self.findings.complete = False
                self.findings.omitted += 1
            else:
                self._explain_target(target, targets[target], severity, path_prefix)
                explained |= {target} if self.findings.deep else set()

    def _explain_target(self, target: etree._Element, entry: LoggedError, severity: Severity, path_prefix: str) -> None:
        if entry.type_name == _ROOT_UNKNOWN:
            self.findings.add(self._unknown_root(target, path_prefix))
        elif not self._explain_element(target, severity, path_prefix):
            generic = self._explainer(path_prefix).generic(entry.element, entry.message)
            self.findings.add(replace(generic, severity=severity))

    def _explain_element(
        self, element: etree._Element, severity: Severity, path_prefix: str, *, shallow: bool = False
    ) -> int:
        """Explain a subtree, or its top level if the rest of the budget does not suffice; how many errors there are."""
        declaration = self.model.declaration(str(element.tag))
        self.findings.deep = not shallow and self.findings.spend(element)
        self.findings.complete &= self.findings.deep or shallow
        if declaration is None or len(element) > EXPLAINED_CHILDREN:
            self.findings.deep = self.findings.complete = False
            return 0
        started = time.monotonic()
        errors = declaration.iter_errors(cast(Any, element), max_depth=None if self.findings.deep else 1)
        with self.model.lock:
            count = self._collect(errors, severity, path_prefix)
        self.findings.seconds -= time.monotonic() - started
        return count

    def _collect(self, errors: Iterable[XMLSchemaValidationError], severity: Severity, path_prefix: str) -> int:
        explainer = self._explainer(path_prefix)
        count = 0
        for error in errors:
            count += 1
            if len(self.findings.violations) >= self.findings.limit:
                self.findings.omitted += 1
            else:
                self.findings.add(replace(explainer.explain(error), severity=severity))
            if time.monotonic() > explainer.deadline:
                self.findings.complete = False
                break
        return count

    def _explainer(self, path_prefix: str) -> Explainer:
        from catalogue.validation.explain import Explainer  # here: of xmlschema, which only invalid documents need

        model = self.model

        def place(element: etree._Element) -> Place:
            return place_of(element, model.kind, path_prefix=path_prefix)

        return Explainer(model, self.version, place, time.monotonic() + self.findings.seconds)

    def _target(self, entry: LoggedError) -> etree._Element:
        """The nearest element at or above the error with a global declaration; the parent if it was not expected."""
        parent = entry.element.getparent()
        element = parent if entry.unexpected and parent is not None else entry.element
        for current in (element, *element.iterancestors()):
            if self.model.declaration(str(current.tag)) is not None:
                return current
        return element

    def _unknown_root(self, root: etree._Element, path_prefix: str) -> Violation:
        namespace, local = split(str(root.tag))
        place = place_of(root, lambda _: None, path_prefix=path_prefix)
        if right := self.model.namespaces_of(local):
            modules = {"found": module_of(namespace), "right": module_of(right[0]), "namespace": right[0]}
            return violation("xsd.wrong-namespace", place, {"child": local} | modules)
        return violation("xsd.unknown-root", place, {"element": local, "version": self.version})


def nodes(document: ScannedDocument) -> int:
    """At least the elements and attributes: every attribute has an equals sign, in whatever encoding."""
    return document.elements + document.data.count(b"=")


def _is_large(document: ScannedDocument) -> bool:
    return nodes(document) > TREE_NODES


def _root_line(document: ScannedDocument) -> int:
    """The line of the root element, where the encoding lets it be found."""
    start = document.data.find(b"<" + document.root.local.encode())
    return document.data.count(b"\n", 0, max(start, 0)) + 1


def _outermost(root: etree._Element, version: str) -> Iterator[etree._Element]:
    """The outermost elements of this DDI version."""
    for child in root.iterchildren("*"):
        if version_of(split(str(child.tag))[0]) == version:
            yield child
        else:
            yield from _outermost(child, version)


def _forget(element: etree._Element) -> None:
    """Free an element that has gone by, with the siblings before it."""
    element.clear()
    parent = element.getparent()
    if parent is not None:
        while (before := element.getprevious()) is not None:
            parent.remove(before)


def _raise_unless_schema(error: etree.XMLSyntaxError) -> None:
    """libxml2 reports schema faults and broken XML by one exception; its log may hold those of earlier documents."""
    if error.code in _SCHEMA_FAULTS:
        return
    wrapped = UnreadableDocumentError(f"The XML is not well-formed: {error}.")
    wrapped.line = error.lineno or None
    raise wrapped from error


def _depth(element: etree._Element) -> int:
    return sum(1 for _ in element.iterancestors())
