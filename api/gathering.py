"""Long lists made short: items that share a label stand together, by the cohort and wave that each belongs to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from catalogue.model.text import InternationalString
from catalogue.service import Catalogue, Containers, ItemSummary


@dataclass(frozen=True, slots=True)
class Placed:
    """An item and its waves; ``shares`` when an item of its like is listed for the same waves."""

    item: ItemSummary
    waves: tuple[ItemSummary, ...]
    shares: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a list: an item, its cohorts, its waves."""

    item: ItemSummary
    cohorts: tuple[ItemSummary, ...]
    waves: tuple[ItemSummary, ...]


@dataclass(frozen=True, slots=True)
class CohortGroup:
    """Items that belong to the same cohorts: usually one; none for what is assigned to no cohort."""

    cohorts: tuple[ItemSummary, ...]
    members: tuple[Placed, ...]


@dataclass(frozen=True, slots=True)
class Gathered:
    """Items of one type that a reader would take for the same by their label."""

    label: InternationalString
    type: str
    groups: tuple[CohortGroup, ...]

    @property
    def only(self) -> Placed | None:
        """The item, when there is but one."""
        members = [one for group in self.groups for one in group.members]
        return members[0] if len(members) == 1 else None


def gathered(catalogue: Catalogue, summaries: Iterable[ItemSummary]) -> tuple[Gathered, ...]:
    """The items by label and type in the order given, each group by cohort; one query for all of them."""
    return gathered_each(catalogue, [summaries])[0]


def gathered_each(catalogue: Catalogue, several: Iterable[Iterable[ItemSummary]]) -> list[tuple[Gathered, ...]]:
    """The same for each of several lists; one query for all of them."""
    lists = [list({one.id: one for one in summaries}.values()) for summaries in several]
    places = catalogue.containers_of(list({one.id: None for found in lists for one in found}))
    return [_gathered(found, places) for found in lists]


def _gathered(found: Iterable[ItemSummary], places: Mapping[int, Containers]) -> tuple[Gathered, ...]:
    alike: dict[tuple[InternationalString | int, str], list[ItemSummary]] = {}
    for one in found:
        alike.setdefault((one.label or one.id, one.type), []).append(one)
    return tuple(Gathered(members[0].label, members[0].type, _by_cohort(members, places)) for members in alike.values())


def placed(catalogue: Catalogue, summaries: Iterable[ItemSummary]) -> tuple[Line, ...]:
    """The items with where they belong, in the order given; one query for all of them."""
    found = tuple(summaries)
    places = catalogue.containers_of([one.id for one in found])
    return tuple(Line(one, places[one.id].cohorts, waves_of(places[one.id])) for one in found)


@dataclass(frozen=True, slots=True)
class Belonging:
    """A cohort that holds an item, and those of its waves that do; no cohort where a wave names none."""

    cohort: ItemSummary | None
    waves: tuple[ItemSummary, ...]


def belongings(catalogue: Catalogue, held: Containers) -> tuple[Belonging, ...]:
    """The cohorts that hold an item, each with its waves."""
    waves = waves_of(held)
    if len(held.cohorts) == 1:
        return (Belonging(held.cohorts[0], waves),)
    places = catalogue.containers_of([one.id for one in waves])
    inside = {one.id: {cohort.id for cohort in places[one.id].cohorts} for one in waves}
    found = [Belonging(box, tuple(one for one in waves if box.id in inside[one.id])) for box in held.cohorts]
    named = {one.id for line in found for one in line.waves}
    stray = tuple(one for one in waves if one.id not in named)
    return (*found, Belonging(None, stray)) if stray else tuple(found)


def _by_cohort(members: Iterable[ItemSummary], places: Mapping[int, Containers]) -> tuple[CohortGroup, ...]:
    groups: dict[tuple[int, ...], tuple[tuple[ItemSummary, ...], list[Placed]]] = {}
    for one in members:
        held = places.get(one.id, Containers())
        cohorts = held.cohorts or held.studies
        key = tuple(cohort.id for cohort in cohorts)
        groups.setdefault(key, (cohorts, []))[1].append(Placed(one, waves_of(held)))
    return tuple(CohortGroup(cohorts, _marked(members_of)) for cohorts, members_of in groups.values())


def _marked(members: Sequence[Placed]) -> tuple[Placed, ...]:
    """The items in the order given, those marked that share their waves."""
    often = Counter(one.waves for one in members)
    return tuple(Placed(one.item, one.waves, often[one.waves] > 1) for one in members)


def waves_of(held: Containers) -> tuple[ItemSummary, ...]:
    """The waves to name for an item: studies rather than events, and no cohort."""
    cohorts = {one.id for one in held.cohorts}
    both = {one.id: one for one in (*held.studies, *held.waves) if one.id not in cohorts}.values()
    return tuple(one for one in both if one.type == "StudyUnit") or tuple(both)
