"""Which items feed the search document of which: one table, read forwards to build it, backwards when one changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

QUESTIONS: Final = ("QuestionItem", "QuestionGrid", "QuestionBlock", "MultipleQuestionItem", "MeasurementItem")
STUDIES: Final = ("StudyUnit", "Group")
CONTAINERS: Final = (*STUDIES, "CollectionEvent")
INDEXED: Final = (
    "Variable",
    "RepresentedVariable",
    "ConceptualVariable",
    *QUESTIONS,
    "Concept",
    "Universe",
    "CodeList",
    "Instrument",
    *STUDIES,
)
"""The item types that have a search document."""
STATISTICS: Final = "VariableStatistics"
# What leads on to a question, up to the instrument that begins the routing.
ROUTING: Final = (
    "IfThenElse",
    "Instrument",
    "Loop",
    "MeasurementConstruct",
    "QuestionConstruct",
    "RepeatUntil",
    "RepeatWhile",
    "Sequence",
    "Split",
    "SplitJoin",
)
# What a cohort, study or wave tells of everything in it, itself held by it.
TELLING: Final = ("CollectionEvent", "Access", "DefaultAccess")

_MANAGED: Final = (
    "ManagedDateTimeRepresentation",
    "ManagedNumericRepresentation",
    "ManagedScaleRepresentation",
    "ManagedTextRepresentation",
)
_CODES: Final = ("CodeList", "Category", *_MANAGED)
_INSTRUCTIONS: Final = ("Instruction", "GeneralInstruction", "GenerationInstruction")

# Type -> types of what it refers to. Codes for missing values are left out: every variable has the same few.
REFERENCES: Final[Mapping[str, frozenset[str]]] = {
    "Variable": frozenset(
        (
            *QUESTIONS,
            *_CODES,
            *_INSTRUCTIONS,
            "Concept",
            "ConceptualVariable",
            "RepresentedVariable",
            "Universe",
        )
    ),
    "RepresentedVariable": frozenset((*_CODES, "Concept", "ConceptualVariable", "Universe")),
    "ConceptualVariable": frozenset(("Concept", "Universe")),
    **dict.fromkeys(QUESTIONS, frozenset((*QUESTIONS, *_CODES, *_INSTRUCTIONS, "Concept", "RepresentedVariable"))),
    **dict.fromkeys(("QuestionConstruct", "MeasurementConstruct"), frozenset(_INSTRUCTIONS)),
    **dict.fromkeys(_MANAGED, frozenset(("CodeList", "Category"))),
    "CodeList": frozenset(("CodeList", "Category")),
    "Code": frozenset(("Category",)),
    "Concept": frozenset(("Concept",)),
    **dict.fromkeys(STUDIES, frozenset(("Universe", "Organization", "Individual"))),
}
# Type -> types of what stands inside it.
CHILDREN: Final[Mapping[str, frozenset[str]]] = {
    "CodeList": frozenset(("Code",)),
    "Code": frozenset(("Code",)),
    "CollectionEvent": frozenset(("ModeOfCollection",)),
    **dict.fromkeys(STUDIES, frozenset(("TemporalCoverage", "TopicalCoverage", "Abstract", "Purpose"))),
}
# Lineage and likeness, not contents.
_LINEAGE: Final = frozenset(("BasedOnReference", "RelatedToReference", "SimilarConceptReference"))
# Of the organizations that a study names, only its creators tell what it is about; of concepts only the broader one.
_ROLES: Final[Mapping[tuple[str, str], frozenset[str]]] = {
    **{(study, who): frozenset(("CreatorReference",)) for study in STUDIES for who in ("Organization", "Individual")},
    ("Concept", "Concept"): frozenset(("SubclassOfReference",)),
}


def follows(type_: str, role: str, target: str) -> bool:
    """Whether a reference of this role feeds the item that makes it."""
    if target not in REFERENCES.get(type_, ()) or role in _LINEAGE:
        return False
    roles = _ROLES.get((type_, target))
    return roles is None or role in roles


def _reversed(table: Mapping[str, frozenset[str]]) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for source, targets in table.items():
        for target in targets:
            found[target].add(source)
    return {target: frozenset(sources) for target, sources in found.items()}


FED_BY_REFERENCE: Final = _reversed(REFERENCES)
"""Type -> types of what refers to it and is fed by it."""
FED_BY_CONTAINMENT: Final = _reversed(CHILDREN)
"""Type -> types of what it stands in and feeds."""
