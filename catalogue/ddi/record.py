"""A DDI-L 3.3 record of a study: its own XML without what it collected, and what it refers to, as a FragmentInstance.

What stands in a study by value may as well stand by reference (studyunit.xsd, group.xsd, datacollection.xsd). In a
record of the study as a whole the schemes of questions and variables and the like are replaced by their references, and
the rest is the source, byte for byte. What the profile of the CESSDA Data Catalogue (CDC DDI 3.3) asks of universes,
organizations and access travels along, each in its Fragment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from catalogue.model.identity import Identification

VERSION: Final = "3.3"
"""The only version of which records are given: others would have to be converted."""
_INSTANCE: Final = "ddi:instance:3_3"
_REUSABLE: Final = "ddi:reusable:3_3"
_COLLECTION: Final = "ddi:datacollection:3_3"
_DECLARATION: Final = b'<?xml version="1.0" encoding="UTF-8"?>\n'
# Where the reference that stands for an element is not in the reusable namespace.
_IN_COLLECTION: Final = frozenset(
    ("DataCaptureDevelopment", "Instrument", "ProcessingEventScheme", "ProcessingInstructionScheme")
)
REPLACED: Final = frozenset(
    (
        *_IN_COLLECTION,
        "ClassificationFamily",
        "Comparison",
        "ConceptualComponent",
        "ControlConstructScheme",
        "DDIProfile",
        "DevelopmentActivityScheme",
        "Group",
        "InstrumentScheme",
        "InterviewerInstructionScheme",
        "LogicalProduct",
        "MeasurementScheme",
        "PhysicalDataProduct",
        "PhysicalInstance",
        "PhysicalInstanceGroup",
        "QuestionScheme",
        "SamplingInformationScheme",
        "StudyUnit",
    )
)
"""The types of what is replaced by its reference."""


@dataclass(frozen=True, slots=True)
class Replaced:
    """An element for which its reference stands."""

    identification: Identification
    type: str


@dataclass(frozen=True, slots=True)
class RecordPart:
    """An element of 3.3 as it stands in a record.

    Attributes:
        pieces: its own bytes, UTF-8, and what is replaced between them.
        namespaces: declarations in scope around it, prefix (empty for the default) to URI.
    """

    pieces: Sequence[bytes | Replaced]
    namespaces: Mapping[str, str]


def write_study_record(study: Identification, type_: str, parts: Sequence[RecordPart]) -> bytes:
    """A FragmentInstance (``instance.xsd``) whose top level is a study.

    Args:
        study, type_: what the record is of.
        parts: the study's element first, then what it refers to; all of DDI-L 3.3.
    """
    top = _reference("ddi:TopLevelReference", study, type_)
    start = f'<ddi:FragmentInstance xmlns:ddi="{_INSTANCE}" xmlns:r="{_REUSABLE}">{top}\n'
    fragments = b"\n".join(_fragment(part) for part in parts)
    return _DECLARATION + start.encode() + fragments + b"\n</ddi:FragmentInstance>\n"


def _fragment(part: RecordPart) -> bytes:
    """The declarations that the element stood among are made again around it."""
    prefix = "ddi"
    while part.namespaces.get(prefix, _INSTANCE) != _INSTANCE:
        prefix += "_"
    bound = {**part.namespaces, prefix: _INSTANCE}
    declared = "".join(f" xmlns{':' if one else ''}{one}={quoteattr(uri)}" for one, uri in bound.items() if one or uri)
    inside = (piece if isinstance(piece, bytes) else _replacement(piece) for piece in part.pieces)
    return f"<{prefix}:Fragment{declared}>".encode() + b"".join(inside) + f"</{prefix}:Fragment>".encode()


def _replacement(replaced: Replaced) -> bytes:
    prefix, uri = ("d", _COLLECTION) if replaced.type in _IN_COLLECTION else ("r", _REUSABLE)
    declared = f' xmlns:{prefix}="{uri}"' + ("" if prefix == "r" else f' xmlns:r="{_REUSABLE}"')
    return _reference(f"{prefix}:{replaced.type}Reference", replaced.identification, replaced.type, declared).encode()


def _reference(name: str, identification: Identification, type_: str, declared: str = "") -> str:
    # By URN: the schema's pattern for an ID scoped to its maintainable ("Scheme.Item") admits no small letters.
    parts = (("URN", identification.urn), ("TypeOfObject", type_))
    inner = "".join(f"<r:{part}>{escape(value)}</r:{part}>" for part, value in parts)
    return f"<{name}{declared}>{inner}</{name}>"
