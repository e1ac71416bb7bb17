"""Resources of real documents: the examples together, every document of the corpus beside those it agrees with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from catalogue.exposure.resources import ResourceBuilder
from catalogue.rdf.resource import Resource
from catalogue.store import Repository, open_repository
from catalogue.store.records import RevisionRecord
from tests.conftest import ROOT, corpus_files
from tests.unit.indexing.stores import take_in

BASE = "https://catalogue.example"


@dataclass(frozen=True)
class Stored:
    """A document that was published, and where."""

    name: str
    repository: Repository
    revision: RevisionRecord

    @property
    def builder(self) -> ResourceBuilder:
        return ResourceBuilder(self.repository)

    def resources(self) -> Iterator[Resource]:
        """Of its items, in document order."""
        return self.builder.of_revision(self.revision.id)


def _take_in(path: Path, stores: list[Repository]) -> Stored:
    """A document in the first store that it is not in conflict with."""
    for repository in stores:
        if revision := take_in(repository, path.read_bytes(), path.name):
            return Stored(path.name, repository, revision)
    stores.append(open_repository("sqlite://"))
    return _take_in(path, stores)


@cache
def examples() -> tuple[Stored, ...]:
    """The cohorts that come with the catalogue, in one store."""
    stores = [open_repository("sqlite://")]
    paths = sorted((ROOT / "examples").glob("*.xml"), key=lambda path: path.name != "common.xml")
    return tuple(_take_in(path, stores) for path in paths)


@cache
def corpus() -> tuple[Stored, ...]:
    """Every well-formed DDI-L document of the corpus; none where it is absent."""
    stores: list[Repository] = []
    files = [file for file in corpus_files() if file.is_lifecycle and file.is_well_formed]
    return tuple(_take_in(file.path, stores) for file in files)


@cache
def sample(each: int) -> tuple[Resource, ...]:
    """Some items of each type and DDI version, from as many documents as there are; those that say most come first."""
    found: dict[tuple[str, str], list[Resource]] = defaultdict(list)
    for stored in (*examples(), *corpus()):
        best: dict[tuple[str, str], Resource] = {}
        for resource in stored.resources():
            key = (resource.item.type, resource.item.ddi_version)
            if key not in best or _size(resource) > _size(best[key]):
                best[key] = resource
        for key, resource in best.items():
            found[key].append(resource)
    return tuple(one for some in _largest(found, each).values() for one in some)


def _largest(found: Mapping[tuple[str, str], list[Resource]], each: int) -> dict[tuple[str, str], list[Resource]]:
    return {key: sorted(some, key=_size, reverse=True)[:each] for key, some in found.items()}


def _size(resource: Resource) -> int:
    """How much an item says; very long ones last, since every form of them is made."""
    item = resource.item
    said = len(item.texts) + len(item.properties) + len(item.references) + len(resource.children)
    return said if said < 400 else 0
