"""The lists of the catalogue, on pages and in the API: one row each, and what they can be filtered by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalogue.errors import UsageError
from catalogue.model.report import Message
from catalogue.service import Catalogue, ContainerSummary, ItemFilter, ItemSummary

COHORTS = "cohorts"


@dataclass(frozen=True, slots=True)
class Listing:
    """A list by its name in addresses.

    Attributes:
        types: what it holds unless the type filter says otherwise; empty: everything.
        family: what the type filter may name; empty: anything.
    """

    name: str
    types: tuple[str, ...] = ()
    family: tuple[str, ...] = ()

    def size(self, counts: Mapping[str, int]) -> int:
        """How long the list is where there are so many items of each type."""
        return sum(counts.get(kind, 0) for kind in self.types)


LISTINGS: Mapping[str, Listing] = {
    row.name: row
    for row in (
        Listing("studies", ("StudyUnit",), ("StudyUnit", "CollectionEvent")),
        Listing("variables", ("Variable",), ("Variable", "RepresentedVariable", "ConceptualVariable")),
        Listing(
            "questions",
            ("QuestionItem", "QuestionGrid", "QuestionBlock", "MeasurementItem"),
            ("QuestionItem", "QuestionGrid", "QuestionBlock", "MeasurementItem"),
        ),
        Listing("instruments", ("Instrument",), ("Instrument", "Sequence")),
        Listing("codelists", ("CodeList",), ("CodeList", "StatisticalClassification", "CategoryScheme")),
        Listing("concepts", ("Concept",), ("Concept", "ConceptScheme", "ConceptGroup", "Universe", "UnitType")),
        Listing("items"),
    )
}


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What a list is asked for, as it stands in the address."""

    cohort: str | None = None
    study: str | None = None
    type: tuple[str, ...] = ()
    unassigned: bool = False
    cursor: str | None = None
    limit: int = 50

    def parameters(self, **changed: object) -> dict[str, object]:
        """The query string that asks for it again, with changes."""
        own: dict[str, object] = {
            "cohort": self.cohort,
            "study": self.study,
            "type": self.type,
            "unassigned": self.unassigned,
        }
        if self.limit != ListQuery().limit:
            own["limit"] = self.limit
        return {name: "true" if value is True else value for name, value in {**own, **changed}.items()}


def listing_of(item_type: str) -> str:
    """The list in which items of a type are found; ``items`` for those without a list of their own."""
    found = (row.name for row in LISTINGS.values() if item_type in row.family)
    return next(found, "items")


def scope_of(catalogue: Catalogue, query: ListQuery) -> tuple[ItemSummary, ...]:
    """The cohort and study that a list is filtered by. Raises NotFoundError, UsageError."""
    return tuple(catalogue.container(one) for one in (query.cohort, query.study) if one)


def item_filter(listing: Listing, query: ListQuery, scope: Sequence[ItemSummary]) -> ItemFilter:
    """What the store is asked for.

    Raises:
        UsageError: a type that this list does not hold.
    """
    foreign = [one for one in query.type if listing.family and one not in listing.family]
    if foreign:
        raise UsageError(
            Message(
                f"La liste {listing.name} ne contient pas de {foreign[0]} ; elle contient {', '.join(listing.family)}.",
                f"The list of {listing.name} holds no {foreign[0]}; it holds {', '.join(listing.family)}.",
            )
        )
    containers = tuple(one.id for one in scope)
    return ItemFilter(types=query.type or listing.types, containers=containers, unassigned=query.unassigned)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the form above a list shows of what the list is filtered by.

    Attributes:
        cohort, study: may be an older version, or a collection within a wave.
        waves: of the cohort, to choose among.
    """

    cohort: ItemSummary | None = None
    study: ItemSummary | None = None
    waves: tuple[ContainerSummary, ...] = ()


def chosen(catalogue: Catalogue, cohorts: Sequence[ContainerSummary], scope: Sequence[ItemSummary]) -> Chosen:
    """The cohort that a list is filtered by, or that has the study it is filtered by."""
    if not scope:
        return Chosen()
    current = next((one for box in scope for one in cohorts if _has(one, box)), None)
    cohort = current.item if current else _holder(catalogue, scope)
    waves = current.waves if current else next((one.waves for one in cohorts if one.item.id == cohort.id), ())
    return Chosen(cohort, next((one for one in reversed(scope) if one.id != cohort.id), None), waves)


def _has(cohort: ContainerSummary, box: ItemSummary) -> bool:
    return box.id in (cohort.item.id, *(wave.item.id for wave in cohort.waves))


def _holder(catalogue: Catalogue, scope: Sequence[ItemSummary]) -> ItemSummary:
    """The cohort that holds what is no current cohort or wave; where none does, it stands for itself."""
    own = [one.id for one in scope]
    around = catalogue.containers_of(own)
    return next((one for box in own for one in around[box].cohorts if one.id not in own), scope[0])


def foreign_cursor() -> UsageError:
    """The error for a cursor that this list did not give."""
    return UsageError("The cursor is not one that this list gave.", next_step="Start from the list without a cursor.")


def slice_of(
    cohorts: Sequence[ContainerSummary], cursor: str | None, limit: int
) -> tuple[tuple[ContainerSummary, ...], str | None]:
    """A piece of the cohorts and the cursor of the next: the URN of the last one shown.

    Raises:
        UsageError: the cursor is no cohort's URN.
    """
    urns = [one.item.urn for one in cohorts]
    if cursor is not None and cursor not in urns:
        raise foreign_cursor()
    start = urns.index(cursor) + 1 if cursor else 0
    piece = tuple(cohorts[start : start + limit])
    return piece, urns[start + limit - 1] if start + limit < len(urns) else None
