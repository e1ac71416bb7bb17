"""The variables of a study with what they refer to, streamed in document order.

A batch costs the same few queries whatever is in it. Code lists, questions and definitions, which many variables share,
are kept from batch to batch while they are few, so that memory does not grow with the study.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import chain
from typing import Final

from catalogue.exposure.codelists import CodeLists
from catalogue.exposure.defining import Definition, Definitions, code_lists_of, representation_of
from catalogue.exposure.gathering import named
from catalogue.exposure.questions import Questions
from catalogue.exposure.tabulating import Tabulation
from catalogue.model.contents import Statistic, StatisticsContent
from catalogue.model.study import (
    CategoryDescription,
    Named,
    QuestionDescription,
    Universe,
    VariableDescription,
    VariableGroup,
)
from catalogue.store import Repository
from catalogue.store.records import ItemSummary, StoredItem
from catalogue.views import Views

_VARIABLE: Final = "Variable"
_GROUP: Final = "VariableGroup"
# What a variable stands in, or is listed by.
_PLACES: Final = ("LogicalProduct", "LogicalRecord", "RecordLayout", "ResourcePackage", _GROUP, "VariableScheme")
_GROUP_TYPES: Final = ("TypeOfVariableGroup", "GroupType")
_BATCH: Final = 500
_MOST: Final = 20_000


class VariableReader:
    """Describes the variables of one study, batch by batch."""

    def __init__(self, repository: Repository, study_id: int) -> None:
        self._repository = repository
        self._study_id = study_id
        self._views = Views(repository)
        self._code_lists = CodeLists(repository, self._views)
        self._questions = Questions(repository, self._views, self._code_lists, study_id)
        self._definitions = Definitions(repository, self._views)
        self._universes: dict[int, Universe] = {}
        self._tabulation = Tabulation(repository, self._views, study_id)
        self._ids = array("q", self._own(repository.studies.members([study_id], (_VARIABLE,)).get(study_id, ())))

    def _own(self, variable_ids: Sequence[int]) -> Iterator[int]:
        """Those that have a place in the study, and are not only named by a variable that was made from them."""
        neighbourhood = self._repository.neighbourhood
        found = (*neighbourhood.parents(variable_ids, _PLACES), *neighbourhood.sources(variable_ids, _PLACES))
        inside = self._repository.studies.among(self._study_id, {place.id for place in found})
        here = {place.target for place in found if place.id in inside}
        elsewhere = {place.target for place in found} - here
        return (one for one in variable_ids if one not in elsewhere)

    def __iter__(self) -> Iterator[VariableDescription]:
        for start in range(0, len(self._ids), _BATCH):
            yield from self._batch(self._ids[start : start + _BATCH].tolist(), start + 1)

    def groups(self) -> tuple[VariableGroup, ...]:
        """The groups of variables that the study holds, in document order."""
        ids = self._repository.studies.members([self._study_id], (_GROUP,)).get(self._study_id, ())
        numbers = self._numbers
        variables = self._repository.studies.leads(ids, (_VARIABLE,))
        inner = self._repository.studies.leads(ids, (_GROUP,))
        items = {stored.id: stored for stored in self._repository.get_many(ids)}
        return tuple(
            VariableGroup(
                identification=stored.item.identification,
                name=stored.item.name,
                label=stored.item.label,
                description=stored.item.description,
                type=next((text.text for text in stored.item.texts if text.path in _GROUP_TYPES), None),
                variables=tuple(dict.fromkeys(numbers[v] for v in variables.get(one, ()) if v in numbers)),
                groups=tuple(items[to].item.identification for to in inner.get(one, ()) if to in items),
            )
            for one, stored in items.items()
        )

    # --- loading

    def _batch(self, ids: Sequence[int], first: int) -> list[VariableDescription]:
        with self._repository.snapshot():
            self._trim()
            items = self._repository.get_many(ids)
            own = self._definitions.read(items)
            self._definitions.load(own.values())
            chains = {one: self._definitions.chain(found) for one, found in own.items()}
            self._load(chains)
            self._tabulation.load(ids)
            groups = self._groups_of(ids)
            return [
                self._description(stored, chains[stored.id], number, groups.get(stored.id, ()))
                for number, stored in enumerate(items, first)
            ]

    def _trim(self) -> None:
        self._code_lists.trim()
        self._questions.trim()
        self._definitions.trim()
        if len(self._universes) > _MOST:
            self._universes.clear()

    def _load(self, chains: Mapping[int, Sequence[Definition]]) -> None:
        reached = [one for some in chains.values() for one in some]
        self._code_lists.load([one for some in reached for one in some.code_lists])
        self._questions.load([one for some in chains.values() for one in some[0].questions])
        universes = {one for some in reached for one in some.universes} - self._universes.keys()
        for stored in self._repository.get_many(sorted(universes)):
            item = stored.item
            self._universes[stored.id] = Universe(item.identification, item.label, item.description)

    def _groups_of(self, ids: Sequence[int]) -> Mapping[int, Sequence[Named]]:
        sources = sorted(self._repository.neighbourhood.sources(ids, (_GROUP,)))
        inside = self._repository.studies.among(self._study_id, {source.id for source in sources})
        known = {stored.id: named(stored.summary) for stored in self._repository.get_many(sorted(inside))}
        found: dict[int, list[Named]] = defaultdict(list)
        for source in sources:
            if source.id in known:
                found[source.target].append(known[source.id])
        return found

    # --- one variable

    def _description(
        self, stored: StoredItem, defined: Sequence[Definition], number: int, groups: Sequence[Named]
    ) -> VariableDescription:
        item, own = stored.item, defined[0]
        sources = list(chain.from_iterable(one.sources for one in defined))
        statistics = self._tabulation.statistics(stored.id)
        representation = representation_of(defined)
        categories = self._categories(defined, representation.missing_values if representation else ())
        universes = next((one.universes for one in defined if one.universes), ())
        return VariableDescription(
            identification=item.identification,
            number=number,
            name=item.name,
            label=item.label,
            description=item.description,
            representation=representation,
            is_weight=own.is_weight,
            is_temporal=own.is_temporal,
            is_geographic=own.is_geographic,
            role=own.role,
            concepts=next((one.concepts for one in defined if one.concepts), ()),
            universes=tuple(self._universes[one] for one in universes if one in self._universes),
            analysis_unit=own.analysis_unit,
            questions=tuple(self._asked(own)),
            categories=tuple(_with_statistics(categories, statistics)),
            statistics=tuple(chain.from_iterable(one.summary for one in statistics)),
            total=next((one.total for one in statistics if one.total is not None), None),
            derivation=next((one.derivation for one in defined if one.derivation), None),
            source_variables=tuple(dict.fromkeys(map(named, sources))),
            source_numbers=self._numbered(sources),
            weight_numbers=self._numbered(own.weights),
            represented=_named(defined, "RepresentedVariable"),
            conceptual=_named(defined, "ConceptualVariable"),
            files=self._tabulation.files(stored.id),
            groups=tuple(groups),
            weighted_by=tuple(dict.fromkeys(map(named, own.weights))),
            user_ids=item.user_ids,
            user_attributes=item.user_attributes,
        )

    @cached_property
    def _numbers(self) -> Mapping[int, int]:
        return {one: number for number, one in enumerate(self._ids, 1)}

    def _numbered(self, variables: Iterable[ItemSummary]) -> tuple[int, ...]:
        found = (self._numbers.get(one.id) for one in variables)
        return tuple(sorted({number for number in found if number is not None}))

    def _asked(self, own: Definition) -> Iterator[QuestionDescription]:
        found = (self._questions.get(one) for one in own.questions)
        return (question for question in found if question is not None)

    def _categories(
        self, defined: Sequence[Definition], missing_values: Sequence[str]
    ) -> Iterator[CategoryDescription]:
        """The codes of its value domain, then those for missing values, each value once."""
        seen: set[str] = set()
        for row in chain.from_iterable(self._code_lists[one] for one in code_lists_of(defined)):
            if row.value not in seen:
                seen.add(row.value)
                yield replace(row, missing=True) if row.value in missing_values else row


def _named(defined: Sequence[Definition], type_: str) -> Named | None:
    return next((one.itself for one in defined[1:] if one.itself.type == type_), None)


def _with_statistics(
    categories: Iterator[CategoryDescription], statistics: Sequence[StatisticsContent]
) -> Iterator[CategoryDescription]:
    """Categories with what was counted; values that no code stands for come last."""
    counted: dict[str, list[Statistic]] = defaultdict(list)
    for one in chain.from_iterable(content.categories for content in statistics):
        counted[one.value or ""] += one.statistics
    for category in categories:
        found = counted.pop(category.value, ())
        yield replace(category, statistics=tuple(found)) if found else category
    for value, found in counted.items():
        yield CategoryDescription(value, statistics=tuple(found))
