"""What data portals are given: cohorts and waves as datasets, the catalogue and its FAIR Data Point, what lacks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from itertools import islice
from typing import Any, Final

from rdflib import Graph

from catalogue.exposure.cohorts import Cohorts
from catalogue.exposure.refusing import no_study
from catalogue.exposure.resources import ResourceBuilder
from catalogue.exposure.studies import StudyBuilder, described
from catalogue.model.cataloguing import CohortMetadata
from catalogue.model.identity import Identification
from catalogue.model.study import Named, StudyDescription
from catalogue.rdf import dcat, fdp, healthdcat, schemaorg
from catalogue.rdf.completeness import Missing, missing, missing_of_catalogue
from catalogue.rdf.fdp import Entry, Whole
from catalogue.rdf.namespaces import bind
from catalogue.rdf.resource import Resource
from catalogue.rdf.shapes import Node, Triple, addresses
from catalogue.store import Repository
from catalogue.store.records import GROUP, STUDY_UNIT, ContainerSummary, ItemSummary
from catalogue.views import CodeRow, ItemView

_TOGETHER: Final = 200

Writer = Callable[[StudyDescription, CohortMetadata, str], Iterator[Triple]]

WRITERS: Final[Mapping[str, Writer]] = {
    "dcat-ap": dcat.study_triples,
    "healthdcat-ap": healthdcat.study_triples,
    "schema": schemaorg.study_triples,
}
"""Profiles of a whole cohort or wave, by name."""
PORTAL_PROFILES: Final = ("healthdcat-ap", "schema")
"""What is said of a cohort or wave where nobody asks for a profile."""
CATALOGUE_PROFILES: Final = ("dcat-ap", "healthdcat-ap")
"""Those that the whole catalogue can be had in; in their words a wave tells of the series that it is in."""


@dataclass(frozen=True, slots=True)
class Completeness:
    """What a cohort or wave, or the catalogue (``study`` is None), lacks."""

    study: Named | None
    missing: tuple[Missing, ...]

    @property
    def mandatory(self) -> tuple[Missing, ...]:
        """What a profile cannot do without."""
        return tuple(one for one in self.missing if one.mandatory)

    def as_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "urn": self.study.identification.urn if self.study else None,
            "type": self.study.type if self.study else "Catalog",
            "missing": [one.as_dict() for one in self.missing],
        }


class Portals:
    """Describes the catalogue for data portals; safe to share between threads.

    Args:
        repository: the store.
        cohorts: what settings say.
        base: root of every address, without trailing slash.
    """

    def __init__(self, repository: Repository, cohorts: Cohorts, base: str) -> None:
        self._repository = repository
        self._studies = StudyBuilder(repository)
        self._resources = ResourceBuilder(repository)
        self._base = base
        self.cohorts = cohorts

    def study_triples(self, item_id: int, profiles: Sequence[str] = PORTAL_PROFILES) -> Iterator[Triple]:
        """A Group or StudyUnit as a whole under some profiles (``WRITERS``), each triple once.

        HealthDCAT-AP holds all of DCAT-AP. Raises NotFoundError for any other item, CohortSettingsError.
        """
        found = self._studies.with_cohorts([item_id])
        return self._told(described(found, item_id), found.values(), profiles)

    def _told(
        self, study: StudyDescription, around: Iterable[StudyDescription], profiles: Sequence[str]
    ) -> Iterator[Triple]:
        said = self.cohorts.of(study)
        found = [triple for name in profiles for triple in WRITERS[name](study, said, self._base)]
        if study.type == STUDY_UNIT and not set(profiles).isdisjoint(CATALOGUE_PROFILES):
            found += self._introduced(study, around)
        return iter(dict.fromkeys(found))

    def _introduced(self, wave: StudyDescription, around: Iterable[StudyDescription]) -> Iterator[Triple]:
        """The series that a wave is in."""
        cohorts = {one.identification for one in wave.cohorts}
        for one in around:
            if one.type == GROUP and one.identification in cohorts:
                yield from dcat.introduction(one, self.cohorts.of(one), self._base)

    def triples_of(self, identifications: Sequence[Identification]) -> Mapping[Identification, Iterator[Triple]]:
        """The same for published Groups and StudyUnits by identification, read together; others are left out."""
        ids = self._repository.surroundings.first_of(identifications)
        found = self._studies.with_cohorts(list(ids.values()))
        return {
            identification: self._told(found[item_id], found.values(), PORTAL_PROFILES)
            for identification, item_id in ids.items()
            if item_id in found
        }

    def item_triples(self, resource: Resource) -> Iterator[Triple]:
        """Any item in schema.org's words, each triple once."""
        return schemaorg.item_triples(resource, self._base)

    def study(self, item_id: int) -> tuple[StudyDescription, CohortMetadata]:
        """A cohort or wave and what the settings add. Raises NotFoundError, CohortSettingsError."""
        found = self._described(item_id)
        return found, self.cohorts.of(found)

    def creators(self, item_id: int) -> tuple[str, ...]:
        """The addresses of who made a cohort or wave (``creators_of``). Raises NotFoundError."""
        return creators_of(self._described(item_id))

    def _described(self, item_id: int) -> StudyDescription:
        """As ``StudyBuilder.describe``; a page asks for who made a study, and for all of it."""
        return self._repository.once(("study", item_id), lambda: self._studies.describe(item_id))

    # --- the catalogue about itself

    def changed_at(self) -> datetime | None:
        """When what everybody sees last changed, settings included; None while nothing is published."""
        published, settings = self._repository.changed_at(), self.cohorts.changed_at()
        return max(published, settings) if published and settings else published

    def whole(self) -> Whole:
        """The catalogue with what it lists. Raises CohortSettingsError."""
        containers = self._repository.cohorts()
        ids = [one.item.id for container in containers for one in (container, *container.waves)]
        published = self._repository.published_at(ids).values()
        return Whole(
            said=self.cohorts.catalogue(),
            base=self._base,
            entries=tuple(_entry(one) for one in containers if one.item.type in (GROUP, STUDY_UNIT)),
            opened=min(published, default=None),
            changed=self.changed_at(),
            software=version("cohort-catalogue"),
        )

    def point_graph(self) -> Graph:
        """The FAIR Data Point. Raises CohortSettingsError."""
        return as_graph(fdp.triples(fdp.point_nodes(self.whole())))

    def about(self) -> Iterator[Triple]:
        """FAIR Data Point and ``dcat:Catalog``, which name what there is without describing it: for the triple store,
        which has the descriptions. Raises CohortSettingsError."""
        whole = self.whole()
        return fdp.triples((*fdp.point_nodes(whole), *fdp.catalogue_nodes(whole)))

    def catalogue_triples(self, profile: str) -> Iterator[Triple]:
        """The ``dcat:Catalog`` with all series and datasets that it lists in full, under one of
        ``CATALOGUE_PROFILES``; a triple may come more than once. Raises CohortSettingsError."""
        yield from fdp.triples(fdp.catalogue_nodes(self.whole()))
        left = iter(self._ids(None))
        while some := list(islice(left, _TOGETHER)):
            found = self._studies.with_cohorts(some)
            for one in some:
                if one in found:
                    yield from self._told(found[one], found.values(), (profile,))

    # --- pages

    def structured(self, view: ItemView | None, codes: Sequence[CodeRow], language: str) -> dict[str, Any]:
        """JSON-LD of schema.org for the page of an item, or of the catalogue. Raises CohortSettingsError.

        Args:
            codes: of a code list.
        """
        if view is None:
            nodes: tuple[Node, ...] = (schemaorg.catalogue_node(self.whole()),)
        elif view.stored.item.type in (GROUP, STUDY_UNIT):
            nodes = (schemaorg.study_node(*self.study(view.stored.id), self._base),)
        else:
            nodes = schemaorg.item_nodes(self._resources.shown(view, codes), self._base)
        return schemaorg.document(nodes, language)

    # --- what is missing

    def completeness(self, cohort: ItemSummary | None = None) -> tuple[Completeness, ...]:
        """What DCAT-AP and HealthDCAT-AP miss of the catalogue and every cohort and wave, or of one cohort.

        Raises:
            NotFoundError: the item is neither cohort nor study.
            CohortSettingsError: the settings file is not valid.
        """
        own = [Completeness(None, missing_of_catalogue(self.whole()))] if cohort is None else []
        found = self._studies.describe_many(self._ids(cohort))
        return (*own, *(self._checked(study) for study in found.values()))

    def _checked(self, study: StudyDescription) -> Completeness:
        named = Named(study.identification, study.type, study.name, study.title)
        return Completeness(named, missing(study, self.cohorts.of(study), self._base))

    def _ids(self, cohort: ItemSummary | None) -> list[int]:
        if cohort is None:
            containers = self._repository.cohorts()
        else:
            found = self._repository.cohort(cohort.id)
            if found is None:
                raise no_study()
            containers = (found,)
        return [one.item.id for container in containers for one in (container, *container.waves)]


def creators_of(study: StudyDescription) -> tuple[str, ...]:
    """The address on the web of each creator that has one: the identifier, else the homepage."""
    agents = (agent for agent in study.agents if agent.role == "creator")
    found = (map(str, addresses(agent.identifier, agent.homepage)) for agent in agents)
    on_web = (next((one for one in some if one.startswith(("http://", "https://"))), None) for some in found)
    return tuple(dict.fromkeys(one for one in on_web if one))


def as_graph(triples: Iterable[Triple]) -> Graph:
    """Triples as a graph with the usual prefixes."""
    graph = bind(Graph(bind_namespaces="none"))
    for triple in triples:
        graph.add(triple)
    return graph


def _entry(container: ContainerSummary) -> Entry:
    return Entry(_named(container.item), tuple(_named(wave.item) for wave in container.waves))


def _named(summary: ItemSummary) -> Named:
    return Named(summary.identification, summary.type, summary.name, summary.label)
