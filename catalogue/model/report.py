"""What the person is told: the validation report and the ingest receipt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self


class Severity(StrEnum):
    """How much a violation matters: an error makes the document invalid, a warning and a note do not."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Status(StrEnum):
    """What became of a submitted document."""

    PUBLISHED = "published"
    DRAFT = "draft"
    DEPRECATED = "deprecated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Message:
    """One sentence in French and in English."""

    fr: str
    en: str

    def in_language(self, language: str) -> str:
        """The sentence in ``fr``, else in English."""
        return self.fr if language == "fr" else self.en

    def format(self, **values: object) -> Self:
        """Fill the named places of both sentences."""
        return type(self)(self.fr.format(**values), self.en.format(**values))


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that is wrong, where, and how to mend it.

    Attributes:
        code: stable name, ``area.fault`` (``xsd.unexpected-element``, ``identity.duplicate``, ``reference.dangling``).
        severity: error, warning or info.
        message: what is wrong, for a data manager.
        remedy: how to mend it.
        line: source line from 1, or None where there is none.
        xpath: location path with prefixes bound in the document, or None.
        urn, item_type, item_name: the item it is in, when there is one.
        expected: what may stand there, in DDI words: (element or value, annotation text of the schema).
        detail: the validator's own words, for experts.
    """

    code: str
    severity: Severity
    message: Message
    remedy: Message
    line: int | None = None
    xpath: str | None = None
    urn: str | None = None
    item_type: str | None = None
    item_name: str | None = None
    expected: tuple[tuple[str, str], ...] = ()
    detail: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "code": self.code,
            "severity": str(self.severity),
            "line": self.line,
            "xpath": self.xpath,
            "urn": self.urn,
            "item_type": self.item_type,
            "item_name": self.item_name,
            "message": {"fr": self.message.fr, "en": self.message.en},
            "remedy": {"fr": self.remedy.fr, "en": self.remedy.en},
            "expected": [{"name": name, "description": text} for name, text in self.expected],
            "detail": self.detail,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Back from the JSON form."""
        return cls(
            code=data["code"],
            severity=Severity(data["severity"]),
            message=Message(**data["message"]),
            remedy=Message(**data["remedy"]),
            line=data["line"],
            xpath=data["xpath"],
            urn=data["urn"],
            item_type=data["item_type"],
            item_name=data["item_name"],
            expected=tuple((entry["name"], entry["description"]) for entry in data["expected"]),
            detail=data["detail"],
        )


@dataclass(frozen=True, slots=True)
class ValidationReport:
    """Everything that was found in one document.

    Attributes:
        file: name of the document as the person gave it.
        ddi_version: ``3.1``, ``3.2``, ``3.3``, another version that was recognised, or None.
        root: local name of the root element, or None if not well-formed.
        xsd_valid: True, False, or None when no schema decided (absent schema, unreadable document).
        violations: in document order; errors that were left out are counted in ``omitted``.
        omitted: how many further violations were found and not listed.
        complete: False when the explanation was cut short, so that more errors may exist than were counted.
    """

    file: str
    ddi_version: str | None = None
    root: str | None = None
    xsd_valid: bool | None = None
    violations: tuple[Violation, ...] = ()
    omitted: int = 0
    complete: bool = True

    @property
    def errors(self) -> tuple[Violation, ...]:
        """The violations of severity error."""
        return tuple(v for v in self.violations if v.severity is Severity.ERROR)

    def as_dict(self) -> dict[str, Any]:
        """The JSON form, as ``catalogue validate --json`` prints it."""
        return {
            "file": self.file,
            "ddi_version": self.ddi_version,
            "root": self.root,
            "xsd_valid": self.xsd_valid,
            "violations": [violation.as_dict() for violation in self.violations],
            "omitted": self.omitted,
            "complete": self.complete,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Back from the JSON form."""
        return cls(
            file=data["file"],
            ddi_version=data["ddi_version"],
            root=data["root"],
            xsd_valid=data["xsd_valid"],
            violations=tuple(Violation.from_dict(entry) for entry in data["violations"]),
            omitted=data["omitted"],
            complete=data["complete"],
        )


@dataclass(frozen=True, slots=True)
class TypeCount:
    """How the identified elements of one type fared; ``found`` is always the sum of the other three.

    Raises:
        ValueError: the sum is not exact.
    """

    found: int
    stored: int
    merged: int
    refused: int

    def __post_init__(self) -> None:
        if self.found != self.stored + self.merged + self.refused:
            raise ValueError(f"receipt does not add up: {self}")

    def __add__(self, other: TypeCount) -> TypeCount:
        return TypeCount(
            self.found + other.found,
            self.stored + other.stored,
            self.merged + other.merged,
            self.refused + other.refused,
        )


@dataclass(frozen=True, slots=True)
class IngestReceipt:
    """Per item type what was found in the source, stored, merged with an identical twin, and refused."""

    counts: Mapping[str, TypeCount] = field(default_factory=dict)
    refusals: tuple[tuple[str, int, str], ...] = ()  # (type, line, reason)

    @property
    def found(self) -> int:
        """How many identified elements there were, of all types."""
        return sum(count.found for count in self.counts.values())

    @classmethod
    def total(cls, receipts: Sequence[Self]) -> Self:
        """The sum of several receipts, type by type."""
        sums: dict[str, TypeCount] = {}
        for receipt in receipts:
            for name, count in receipt.counts.items():
                sums[name] = sums.get(name, TypeCount(0, 0, 0, 0)) + count
        return cls(sums, tuple(refusal for receipt in receipts for refusal in receipt.refusals))

    def as_dict(self) -> dict[str, dict[str, int]]:
        """The JSON form: item type -> counts, by type name."""
        return {
            name: {"found": c.found, "stored": c.stored, "merged": c.merged, "refused": c.refused}
            for name, c in sorted(self.counts.items())
        }


@dataclass(frozen=True, slots=True)
class IngestOutcome:
    """The answer to one submitted document: its fate, its revision if it has one, its receipt and its report."""

    file: str
    status: Status
    document: str | None
    receipt: IngestReceipt
    report: ValidationReport

    def as_dict(self) -> dict[str, Any]:
        """The JSON form, as ``catalogue ingest --json`` prints it."""
        return {
            "file": self.file,
            "status": str(self.status),
            "document": self.document,
            "receipt": self.receipt.as_dict(),
            "refusals": [{"type": t, "line": n, "reason": r} for t, n, r in self.receipt.refusals],
            "ddi_version": self.report.ddi_version,
            "xsd_valid": self.report.xsd_valid,
            "violations": [violation.as_dict() for violation in self.report.violations],
        }
