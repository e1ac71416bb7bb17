"""Resources of real documents: the examples together, every document of the corpus beside those it agrees with."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from catalogue.ddi.element_types import element_types
from catalogue.exposure.resources import ResourceBuilder
from catalogue.rdf.resource import Resource
from catalogue.store import Repository, open_repository
from catalogue.store.records import RevisionRecord
from tests.conftest import LIFECYCLE, ROOT, CorpusFile, corpus_files
from tests.unit.indexing.stores import keep, read

BASE = "https://catalogue.example"
_ELEMENT = re.compile(rb"<(?:[A-Za-z0-9]+:)?([A-Z][A-Za-z]+)")


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


def _take_in(path: Path, repository: Repository) -> Stored:
    """A document in a store, or in one of its own where it is in conflict with the others."""
    document = read(path.read_bytes())
    if (revision := keep(repository, document, path.name)) is not None:
        return Stored(path.name, repository, revision)
    alone = open_repository("sqlite://")
    revision = keep(alone, document, path.name)
    assert revision is not None, f"{path.name} is in conflict with itself"
    return Stored(path.name, alone, revision)


@cache
def examples() -> tuple[Stored, ...]:
    """The cohorts that come with the catalogue, in one store."""
    together = open_repository("sqlite://")
    paths = sorted((ROOT / "examples").glob("*.xml"), key=lambda path: path.name != "common.xml")
    return tuple(_take_in(path, together) for path in paths)


@cache
def corpus() -> tuple[Stored, ...]:
    """Documents of the corpus in which all types of items in it occur, by DDI version; none where it is absent."""
    together = open_repository("sqlite://")
    return tuple(_take_in(file.path, together) for file in _telling(lifecycle_files()))


def lifecycle_files() -> list[CorpusFile]:
    """The well-formed DDI-L documents of the corpus."""
    return [file for file in corpus_files() if file.is_lifecycle and file.is_well_formed]


def _telling(files: Sequence[CorpusFile]) -> list[CorpusFile]:
    """The shortest document first that has a type of item which those before have not."""
    types = {version: {name.rpartition(" ")[2] for name in element_types(version).items} for version in LIFECYCLE}
    seen: set[tuple[str, str]] = set()
    chosen = []
    for file in sorted(files, key=lambda file: file.path.stat().st_size):
        found = {name.decode() for name in _ELEMENT.findall(file.read())}
        names = {(file.ddi_version, name) for name in found & types[file.ddi_version]}
        if not names <= seen:
            chosen.append(file)
        seen |= names
    return chosen


@cache
def sample(each: int) -> tuple[Resource, ...]:
    """Some items of each type and DDI version, from as many documents as there are; those that say most come first."""
    return tuple(one for some in _best_of_documents().values() for one in sorted(some, key=_size, reverse=True)[:each])


@cache
def _best_of_documents() -> Mapping[tuple[str, str], Sequence[Resource]]:
    """By type and DDI version, the item of each document that says most."""
    found: dict[tuple[str, str], list[Resource]] = defaultdict(list)
    for stored in (*examples(), *corpus()):
        best: dict[tuple[str, str], Resource] = {}
        for resource in stored.resources():
            key = (resource.item.type, resource.item.ddi_version)
            if key not in best or _size(resource) > _size(best[key]):
                best[key] = resource
        for key, resource in best.items():
            found[key].append(resource)
    return found


def _size(resource: Resource) -> int:
    """How much an item says; very long ones last, since every form of them is made."""
    item = resource.item
    said = len(item.texts) + len(item.properties) + len(item.references) + len(resource.children)
    return said if said < 200 else 0
