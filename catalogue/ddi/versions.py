"""From namespaces to the DDI version and the kind of document."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

from catalogue.errors import UnsupportedDocumentError
from catalogue.xml import OAI, ScannedDocument

LIFECYCLE_VERSIONS = ("3.1", "3.2", "3.3")
_LIFECYCLE = re.compile(r"ddi:[a-z]+(?:[a-z_]*):(3_\d)")
_ROOTS = ("DDIInstance", "FragmentInstance", "Fragment", "Group", "ResourcePackage", "StudyUnit")
_CODEBOOK = re.compile(r"(?:ddi:codebook:(\d_\d)|http://www\.icpsr\.umich\.edu/DDI.*)")


class Envelope(Enum):
    """What stands around the DDI-L elements."""

    NONE = auto()
    """The root is a DDI-L element."""
    OAI_PMH = auto()
    """One or more OAI-PMH records carry DDI-L elements."""
    NO_NAMESPACE = auto()
    """The root has a DDI-L name but is in no namespace; what is inside is DDI-L. Never schema-valid."""


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """The DDI-L version (``3.1``, ``3.2``, ``3.3``), the local name of the root, and what it is wrapped in."""

    ddi_version: str
    root: str
    envelope: Envelope


def lifecycle_version(namespace: str) -> str | None:
    """``ddi:reusable:3_3`` gives ``3.3``; any other namespace None."""
    match = _LIFECYCLE.fullmatch(namespace)
    return match[1].replace("_", ".") if match else None


def detect(document: ScannedDocument) -> DocumentKind:
    """Name the DDI version and the root of a scanned document.

    Raises:
        UnsupportedDocumentError: DDI-Codebook, another DDI-L version, or no DDI at all; the message says which.
    """
    version = _version(document)
    envelope = _envelope(document)
    if version is None or envelope is None:
        raise _unsupported(document)
    if envelope is Envelope.OAI_PMH:
        _check_records(document, version)
    if version not in LIFECYCLE_VERSIONS:
        raise UnsupportedDocumentError(f"DDI-Lifecycle {version} is not supported; 3.1, 3.2 and 3.3 are.")
    return DocumentKind(version, document.root.local, envelope)


def _check_records(document: ScannedDocument, version: str) -> None:
    """All records of one response are read alike, so they have to be of one kind."""
    others = {
        f"DDI-Lifecycle {found}" for n in document.namespaces if (found := lifecycle_version(n)) and found != version
    }
    if any(_CODEBOOK.fullmatch(namespace) for namespace in document.namespaces):
        others.add("DDI-Codebook")
    if others:
        raise UnsupportedDocumentError(
            f"The OAI-PMH response mixes records of DDI-Lifecycle {version} and {', '.join(sorted(others))}.",
            next_step="Harvest one metadata format at a time, and send each response by itself.",
        )


def _envelope(document: ScannedDocument) -> Envelope | None:
    namespace = document.root.namespace
    if lifecycle_version(namespace):
        return Envelope.NONE
    if namespace == OAI:
        return Envelope.OAI_PMH
    return Envelope.NO_NAMESPACE if not namespace and document.root.local in _ROOTS else None


def _version(document: ScannedDocument) -> str | None:
    for namespace in (document.root.namespace, *document.namespaces):
        if version := lifecycle_version(namespace):
            return version
    return None


def _unsupported(document: ScannedDocument) -> UnsupportedDocumentError:
    root = document.root
    if root.local in ("codeBook", "codebook") or any(_CODEBOOK.fullmatch(n) for n in document.namespaces):
        return UnsupportedDocumentError(
            "This is a DDI-Codebook document; the catalogue reads DDI-Lifecycle.",
            next_step="Export the study as DDI-Lifecycle 3.2 or 3.3 and send that file.",
        )
    where = f"in the namespace {root.namespace!r}" if root.namespace else "in no namespace"
    return UnsupportedDocumentError(
        f"The root element <{root.local}> is {where}, so the document is not recognised as DDI-Lifecycle.",
        next_step='Declare the DDI namespaces on the root, for example xmlns="ddi:instance:3_3".',
    )
