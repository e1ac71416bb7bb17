"""One item as a graph, under all profiles or one of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rdflib import Graph

from catalogue.exposure.portals import PORTAL_PROFILES, WRITERS, Portals, as_graph
from catalogue.exposure.resources import ResourceBuilder
from catalogue.rdf import convert
from catalogue.rdf.resource import Resource

DISCO: Final = "disco"
SCHEMA: Final = "schema"
_STUDIES: Final = ("Group", "StudyUnit")


class Graphs:
    """Makes graphs of single items; safe to share between threads.

    Args:
        resources: items with what their triples name of others.
        portals: what is said of cohorts and waves as a whole.
        base: root of every address, without trailing slash.
    """

    def __init__(self, resources: ResourceBuilder, portals: Portals, base: str) -> None:
        self._resources = resources
        self._portals = portals
        self._base = base

    def graph(self, item_id: int, profile: str | None = None) -> Graph:
        """The triples of a published item, by internal id.

        Args:
            item_id: the item.
            profile: one of ``profiles_of`` its type; by default all that the triple store holds of it.

        Raises:
            CohortSettingsError: the settings of cohorts cannot be read.
        """
        (resource,) = self._resources.build([item_id])
        return as_graph(self._triples(resource, item_id, profile))

    def _triples(self, resource: Resource, item_id: int, profile: str | None) -> Iterator[convert.RdfTriple]:
        is_study = resource.item.type in _STUDIES
        if profile in (None, DISCO):
            yield from convert.triples(resource, self._base)
        if is_study and profile != DISCO:
            yield from self._portals.study_triples(item_id, PORTAL_PROFILES if profile is None else (profile,))
        elif profile == SCHEMA:
            yield from self._portals.item_triples(resource)


def profiles_of(item_type: str) -> tuple[str, ...]:
    """The names of the profiles in which an item of a type can be had."""
    return (DISCO, *WRITERS) if item_type in _STUDIES else (DISCO, SCHEMA)
