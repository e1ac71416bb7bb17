"""Which page an item gets, and what that page needs beyond the item itself: one row per kind of item."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from catalogue.model.contents import CodeListContent, ConstructContent, QuestionContent, StudyContent, VariableContent
from catalogue.model.identity import Identification
from catalogue.model.text import InternationalString
from catalogue.service import (
    Catalogue,
    ItemFilter,
    ItemSummary,
    ItemView,
    OutgoingReference,
    OutlineNode,
)

from .gathering import Gathered, belongings, gathered, gathered_each, waves_of
from .listings import LISTINGS, listing_of
from .results import SAME, relative
from .structured import structured
from .tables import code_rows, statistics_tables, texts_by_path, timeline, wave_lines

_USES = 100
_SOME = 8
# Of each wave. A collection event has instruments and what they ask; variables are the study's.
_COUNTED = ("instruments", "questions", "variables")
_ROUTED = ("Sequence", "IfThenElse", "Loop", "RepeatUntil", "RepeatWhile", "Split", "SplitJoin", "Instrument")

Context = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Uses:
    """The items that refer to this one in one role: how many, and the first of them."""

    role: str
    total: int
    first: tuple[Gathered, ...]
    shown: int


@dataclass(frozen=True, slots=True)
class Crumb:
    """A step of the way to a page: an item, or a list filtered by a cohort."""

    item: ItemSummary | None
    listing: str | None = None
    cohort: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and how it is worded."""

    summary: ItemSummary
    wording: InternationalString


@dataclass(frozen=True, slots=True)
class Detail:
    """One kind of page."""

    template: str
    gather: Callable[[Catalogue, ItemView], Context]


def detail_of(view: ItemView) -> Detail:
    """The page of an item: by its type, else by what is typed in it, else the page that shows anything."""
    return BY_TYPE.get(view.stored.item.type) or BY_CONTENT.get(type(view.content)) or GENERIC


def shared(catalogue: Catalogue, view: ItemView) -> Context:
    """What every item page shows."""
    return {
        "view": view,
        "item": view.stored.item,
        "content": view.content,
        "crumbs": crumbs(view),
        "belongs": belongings(catalogue, view.containers),
        "same": same(view),
        "uses": uses(catalogue, view),
        "all_texts": texts_by_path(view.stored.item),
        "structured": structured(catalogue, view),
    }


def crumbs(view: ItemView) -> tuple[Crumb, ...]:
    """From the cohorts down to the item's siblings, through the cohort and wave that hold it if there is but one."""
    item = view.stored.item
    places = view.containers
    cohorts = [one for one in places.cohorts if one.id != view.stored.id]
    waves = [one for one in waves_of(places) if one.id != view.stored.id]
    steps = [Crumb(None, "cohorts")] if len(cohorts) == 1 or isinstance(view.content, StudyContent) else []
    steps += [Crumb(cohorts[0])] if len(cohorts) == 1 else []
    steps += [Crumb(waves[0])] if len(waves) == 1 else []
    if isinstance(view.content, StudyContent):
        return tuple(steps)
    cohort = cohorts[0].urn if len(cohorts) == 1 else None
    return (*steps, Crumb(None, listing_of(item.type), cohort))


def uses(catalogue: Catalogue, view: ItemView) -> tuple[Uses, ...]:
    """Who refers to the item, by role, the roles as the store orders them."""
    if not view.used_by:
        return ()
    sources: dict[str, list[ItemSummary]] = {role: [] for role in view.used_by}
    for one in catalogue.used_by(view.stored.id, limit=_USES):
        sources[one.role].append(one.source)
    found = zip(view.used_by.items(), gathered_each(catalogue, sources.values()), strict=True)
    return tuple(_uses(role, total, some[:_SOME]) for (role, total), some in found)


def _uses(role: str, total: int, first: tuple[Gathered, ...]) -> Uses:
    return Uses(role, total, first, sum(len(group.members) for one in first for group in one.groups))


def referenced(view: ItemView, *roles: str) -> tuple[OutgoingReference, ...]:
    """The references of an item in any of these roles."""
    return tuple(one for one in view.references if one.reference.role in roles)


_OWN: Mapping[str, str] = {
    "RepresentedVariable": "represented",
    "Concept": "concept",
    **dict.fromkeys(LISTINGS["questions"].types, "question"),
}
_SHARED: Mapping[str, str] = {
    "RepresentedVariableReference": "represented",
    "QuestionReference": "question",
    "SourceParameterReference": "question",
    "SourceQuestion": "question",
    "ConceptReference": "concept",
}


def same(view: ItemView) -> tuple[tuple[str, str], ...]:
    """The searches for what shares something with the item: name of the link, address."""
    item = view.stored.item
    found: dict[str, Identification] = {}
    if item.type in _OWN:
        found[_OWN[item.type]] = item.identification
    for role, name in _SHARED.items():
        targets = (one.target for one in referenced(view, role) if one.target)
        target = next((one for one in targets if name != "question" or _is_question(one)), None)
        if target is not None:
            found.setdefault(name, target.identification)
    return tuple((name, relative(SAME[name], f"{one.agency}/{one.identifier}")) for name, one in found.items())


# --- one function per kind of page ------------------------------------------------------------------------------------


def _study(catalogue: Catalogue, view: ItemView) -> Context:
    summary = catalogue.cohort(view.stored.id)
    lines = wave_lines(catalogue, summary) if summary else ()
    inside = (view.stored.id,)
    instruments = catalogue.list_items(ItemFilter(types=("Instrument",), containers=inside), limit=_SOME)
    return {
        "figures": figures(summary.counts if summary else {}),
        "waves": lines,
        "events": view.stored.item.type == "StudyUnit" and any(one.id not in inside for one in view.containers.cohorts),
        "counted": _COUNTED[:-1] if all(one.container.item.type == "CollectionEvent" for one in lines) else _COUNTED,
        "timeline": timeline(lines),
        "instruments": instruments,
        "instruments_gathered": gathered(catalogue, instruments),
    }


def figures(counts: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    """How long each list is, by its name, without the empty ones, and without those of studies and of everything."""
    rows = ((one.name, one.size(counts)) for one in LISTINGS.values())
    return tuple((name, count) for name, count in rows if count and name not in ("studies", "items"))


def _variable(catalogue: Catalogue, view: ItemView) -> Context:
    asked = referenced(view, "QuestionReference", "SourceParameterReference", "SourceQuestion")
    return {
        "tables": statistics_tables(view),
        "question": next((_asked(catalogue, one.target) for one in asked if _is_question(one.target)), None),
        "universes": referenced(view, "UniverseReference"),
        "concepts": referenced(view, "ConceptReference"),
        "represented": referenced(view, "RepresentedVariableReference"),
        "conceptual": referenced(view, "ConceptualVariableReference"),
        "units": referenced(view, "UnitTypeReference"),
        "siblings": gathered(catalogue, _siblings(catalogue, view)),
    }


def _siblings(catalogue: Catalogue, view: ItemView) -> tuple[ItemSummary, ...]:
    """The other variables that measure by the same represented, else conceptual variable."""
    for role in ("RepresentedVariableReference", "ConceptualVariableReference"):
        target = next((one.target for one in referenced(view, role) if one.target), None)
        if target is not None:
            found = catalogue.used_by(target.id, role=role, limit=_USES)
            return tuple(one.source for one in found if one.source.id != view.stored.id)
    return ()


def _is_question(summary: ItemSummary | None) -> bool:
    return summary is not None and listing_of(summary.type) == "questions"


def _asked(catalogue: Catalogue, summary: ItemSummary | None) -> Asked | None:
    """A question with its wording."""
    if summary is None:
        return None
    content = catalogue.contents_of([summary.id]).get(summary.id)
    wording = content.text if isinstance(content, QuestionContent) else None
    return Asked(summary, wording or summary.label)


def _question(catalogue: Catalogue, view: ItemView) -> Context:
    assert isinstance(view.content, QuestionContent)
    incoming = catalogue.used_by(view.stored.id, limit=_USES) if view.used_by else ()
    variables = {one.source.id: one.source for one in incoming if listing_of(one.source.type) == "variables"}
    dimensions = [(one, _dimension(view, one.code_list)) for one in view.content.dimensions]
    return {
        "responses": [(one, code_rows(view, one)) for one in view.content.responses],
        "dimensions": sorted(dimensions, key=lambda pair: pair[0].rank),
        "variables": gathered(catalogue, variables.values()),
        "instruments": gathered(catalogue, catalogue.questionnaires_of(view.stored.id)),
        "concepts": referenced(view, "ConceptReference"),
        "instructions": referenced(view, "InterviewerInstructionReference"),
        "inner": referenced(view, "QuestionItemReference", "QuestionReference", "QuestionGridReference"),
    }


def _dimension(view: ItemView, target: Any) -> Any:
    return view.code_lists.get(target.position, ()) if target is not None else ()


def _outline(catalogue: Catalogue, view: ItemView) -> Context:
    outline = catalogue.outline(view)
    return {"outline": outline, "size": _size(outline)}


def _size(node: OutlineNode) -> int:
    return 1 + sum(map(_size, node.children))


def _code_list(catalogue: Catalogue, view: ItemView) -> Context:
    return {"codes": catalogue.code_rows(view)}


def _concept(catalogue: Catalogue, view: ItemView) -> Context:
    incoming = tuple(catalogue.used_by(view.stored.id, limit=_USES)) if view.used_by else ()
    by_listing: dict[str, dict[int, ItemSummary]] = {}
    for one in incoming:
        by_listing.setdefault(listing_of(one.source.type), {})[one.source.id] = one.source
    broader = referenced(view, "SubclassOfReference")
    members = {name: gathered(catalogue, found.values()) for name, found in by_listing.items()}
    return {"members": members, "broader": broader}


def _generic(catalogue: Catalogue, view: ItemView) -> Context:
    return {"xml": catalogue.element(view)}


GENERIC = Detail("item.html", _generic)

BY_TYPE: Mapping[str, Detail] = {
    **dict.fromkeys(_ROUTED, Detail("instrument.html", _outline)),
    **dict.fromkeys(("Concept", "Universe", "UnitType"), Detail("concept.html", _concept)),
}

BY_CONTENT: Mapping[type, Detail] = {
    StudyContent: Detail("study.html", _study),
    VariableContent: Detail("variable.html", _variable),
    QuestionContent: Detail("question.html", _question),
    CodeListContent: Detail("codelist.html", _code_list),
    ConstructContent: GENERIC,
}
