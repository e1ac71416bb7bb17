"""Resources of real documents: the examples together, every document of the corpus beside those it agrees with."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from catalogue.ddi.element_types import element_types
from catalogue.exposure.resources import ResourceBuilder
from catalogue.rdf.resource import Resource
from catalogue.store import Repository, open_repository
from catalogue.store.records import RevisionRecord
from tests.conftest import LIFECYCLE, ROOT, CorpusFile, corpus_files
from tests.unit.indexing.stores import DocumentRead, keep, read

BASE = "https://catalogue.example"
_ELEMENT = re.compile(rb"<(?:[A-Za-z0-9]+:)?([A-Z][A-Za-z]+)")


Content = tuple[str, str, str]  # type, URN, digest


@dataclass(frozen=True)
class Stored:
    """A document that was published, and where.

    Attributes:
        contents: what the reader found in it.
        known: those of them that its store had before, from other documents.
    """

    name: str
    repository: Repository
    revision: RevisionRecord
    contents: frozenset[Content]
    known: frozenset[Content]

    @property
    def builder(self) -> ResourceBuilder:
        return ResourceBuilder(self.repository)

    def resources(self) -> Iterator[Resource]:
        """Of its items, in document order."""
        return self.builder.of_revision(self.revision.id)


class _Shelf:
    """A store of documents that agree with each other."""

    def __init__(self) -> None:
        self._repository = open_repository("sqlite://")
        self._digests: dict[str, set[str]] = defaultdict(set)

    def agrees(self, document: DocumentRead) -> bool:
        """Whether it has no other content under an identification that is known here."""
        known = self._digests
        return all(item.urn not in known or item.digest in known[item.urn] for item in document.items)

    def take_in(self, document: DocumentRead, name: str) -> Stored:
        contents = frozenset((item.type, item.urn, item.digest) for item in document.items)
        known = frozenset(one for one in contents if one[2] in self._digests.get(one[1], ()))
        revision = keep(self._repository, document, name)
        assert revision is not None, f"{name} is in conflict with a document that it agrees with"
        for _, urn, digest in contents:
            self._digests[urn].add(digest)
        return Stored(name, self._repository, revision, contents, known)


@cache
def examples() -> tuple[Stored, ...]:
    """The cohorts that come with the catalogue, in one store."""
    together = _Shelf()
    paths = sorted((ROOT / "examples").glob("*.xml"), key=lambda path: path.name != "common.xml")
    return tuple(together.take_in(read(path.read_bytes()), path.name) for path in paths)


@cache
def lifecycle() -> tuple[Stored, ...]:
    """The well-formed DDI-L documents of the corpus, each beside those that it agrees with; none where it is absent."""
    shelves: list[_Shelf] = []
    return tuple(_shelved(file, shelves) for file in lifecycle_files())


def _shelved(file: CorpusFile, shelves: list[_Shelf]) -> Stored:
    document = read(file.read())
    shelf = next((one for one in shelves if one.agrees(document)), None)
    if shelf is None:
        shelf = _Shelf()
        shelves.append(shelf)
    return shelf.take_in(document, file.name)


def corpus() -> tuple[Stored, ...]:
    """Documents of the corpus in which all types of items in it occur, by DDI version."""
    telling = {file.name for file in _telling(lifecycle_files())}
    return tuple(stored for stored in lifecycle() if stored.name in telling)


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
