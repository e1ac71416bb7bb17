"""What data files say of variables: their statistics, and which files hold them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Final

from catalogue.ddi.statistics import read_embedded_statistics
from catalogue.exposure.gathering import HOLDERS, Gathering, elements
from catalogue.model.contents import CategoryStatistics, StatisticsContent, Target
from catalogue.model.identity import Identification
from catalogue.store import Repository
from catalogue.store.records import OutgoingReference
from catalogue.views import Views

_STATISTICS: Final = "VariableStatistics"
_FILE: Final = "PhysicalInstance"


class Tabulation:
    """The data files of one study, asked for a batch of its variables at a time."""

    def __init__(self, repository: Repository, views: Views, study_id: int) -> None:
        self._repository = repository
        self._views = views
        self._study_id = study_id
        gathering = Gathering(repository, [study_id], (_FILE,))
        self._files = {file.stored.id: file.stored for file in gathering.within(study_id, _FILE)}
        self._holders: dict[int, list[int]] = defaultdict(list)
        for file in gathering.within(study_id, _FILE):
            for holder in (one for some in gathering.holders(file).values() for one in some):
                self._holders[holder].append(file.stored.id)
        self._embedded = self._read_embedded()
        self._statistics: Mapping[int, Sequence[StatisticsContent]] = {}
        self._places: Mapping[int, Sequence[int]] = {}

    def load(self, variable_ids: Sequence[int]) -> None:
        """Load what is said of variables; what was loaded before is forgotten."""
        statistics: dict[int, list[StatisticsContent]] = defaultdict(list)
        places: dict[int, list[int]] = defaultdict(list)
        for source in sorted(self._repository.neighbourhood.sources(variable_ids, HOLDERS)):
            places[source.target] += self._holders.get(source.id, ())
        sources = self._repository.neighbourhood.sources(variable_ids, (_STATISTICS,))
        inside = self._repository.studies.among(self._study_id, {source.id for source in sources})
        contents = self._contents(inside)
        around = {one.target: one.id for one in self._repository.neighbourhood.parents(inside, (_FILE,))}
        for source in sorted(sources):
            if source.id in contents:
                statistics[source.target].append(contents[source.id])
                places[source.target] += [around[source.id]] if around.get(source.id) in self._files else []
        for variable in variable_ids:
            for file, content in self._embedded.get(variable, ()):
                statistics[variable].append(content)
                places[variable].append(file)
        self._statistics, self._places = statistics, places

    def statistics(self, variable_id: int) -> Sequence[StatisticsContent]:
        """Of a variable that was loaded; categories by value."""
        return self._statistics.get(variable_id, ())

    def files(self, variable_id: int) -> tuple[Identification, ...]:
        """The data files of the study that hold a variable that was loaded, in document order."""
        found = set(self._places.get(variable_id, ()))
        return tuple(file.item.identification for one, file in self._files.items() if one in found)

    def _contents(self, statistics_ids: Collection[int]) -> Mapping[int, StatisticsContent]:
        items = self._repository.get_many(sorted(statistics_ids))
        outgoing = self._repository.outgoing_of(items)
        return {
            one: _by_value(content, outgoing.get(one, ()))
            for one, content in self._views.contents(items).items()
            if isinstance(content, StatisticsContent)
        }

    def _read_embedded(self) -> Mapping[int, Sequence[tuple[int, StatisticsContent]]]:
        """In DDI-L 3.1 statistics are no items: those of each variable, with their file."""
        old = [file for file in self._files.values() if file.item.ddi_version == "3.1"]
        roots = elements(self._repository, old)
        outgoing = self._repository.outgoing_of(old)
        found: dict[int, list[tuple[int, StatisticsContent]]] = defaultdict(list)
        for file in old:
            for content in read_embedded_statistics(file.item, roots[file.id]):
                target = _target(content.variable, outgoing.get(file.id, ()))
                if target is not None and target.target is not None:
                    found[target.target.id].append((file.id, content))
        return found


def _by_value(content: StatisticsContent, outgoing: Sequence[OutgoingReference]) -> StatisticsContent:
    """Categories that are named by a reference to their code get its value."""
    return replace(content, categories=tuple(_valued(one, outgoing) for one in content.categories))


def _valued(category: CategoryStatistics, outgoing: Sequence[OutgoingReference]) -> CategoryStatistics:
    code = _target(category.code, outgoing)
    if category.value is not None or code is None or code.target is None:
        return category
    return replace(category, value=code.target.name)


def _target(target: Target | None, outgoing: Sequence[OutgoingReference]) -> OutgoingReference | None:
    return outgoing[target.position] if target is not None and target.position < len(outgoing) else None
