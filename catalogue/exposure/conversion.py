"""A document revision's triples, item by item: of each item what all profiles say, of cohorts and waves the rest.

Beside the revisions stands what the catalogue says of itself: a graph like theirs, named by its address.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from catalogue.model.identity import Identification, path_of
from catalogue.rdf import convert
from catalogue.rdf.files import Piece
from catalogue.rdf.quads import Position
from catalogue.rdf.resource import Related, Resource
from catalogue.store import Repository

EDITION: Final = 5
"""Grows whenever items are made into triples, or studies into records, otherwise: then all are made anew."""
CATALOGUE: Final = "catalog"
"""What is converted as if it were a revision: the catalogue about itself."""
_STUDIES: Final = ("Group", "StudyUnit")
_TOGETHER: Final = 200

Lines = Callable[[Resource, str], bytes]


@dataclass(frozen=True, slots=True)
class RevisionConversion:
    """How the items of a revision become triples.

    Attributes:
        base: root of all addresses, without a slash at its end.
        resources: the items of a revision in document order, streamed.
        studies: what is said of cohorts and waves as a whole, for harvesters.
        about: what the catalogue says of itself.
        settings: what else the triples depend on: what changes with the settings of cohorts.
        lines: an item's own triples as N-Triples.
    """

    base: str
    resources: Callable[[str], Iterator[Resource]]
    studies: Callable[[Sequence[Identification]], Mapping[Identification, Iterable[convert.RdfTriple]]]
    about: Callable[[], Iterable[convert.RdfTriple]]
    settings: Callable[[], str]
    lines: Lines = convert.lines

    @property
    def beside(self) -> tuple[str, ...]:
        """What is converted besides revisions."""
        return (CATALOGUE,)

    @property
    def edition(self) -> str:
        """What the triples depend on besides the store."""
        told = hashlib.blake2b(f"{self.base} {self.settings()}".encode(), digest_size=8).hexdigest()
        return f"{EDITION}-{told}"

    def graph(self, revision: str) -> str:
        """The name of a revision's graph: the address of its page; of the catalogue's: its own address."""
        return f"{self.base}/{CATALOGUE}" if revision == CATALOGUE else f"{self.base}/documents/{revision}"

    def pieces(self, revision: str) -> Iterator[Piece]:
        """The triples of a revision, item by item. Raises StorageError, CohortSettingsError."""
        if revision == CATALOGUE:
            yield Piece("Catalog", (), convert.n_triples(self.about()))
            return
        resources = self.resources(revision)
        while some := list(islice(resources, _TOGETHER)):
            studies = self.studies([one.item.identification for one in some if one.item.type in _STUDIES])
            for resource in some:
                yield Piece(resource.item.type, _cohorts(resource), self._lines_of(resource, studies))

    def _lines_of(self, resource: Resource, studies: Mapping[Identification, Iterable[convert.RdfTriple]]) -> bytes:
        lines = self.lines(resource, self.base)
        if resource.item.type not in _STUDIES:
            return lines
        return lines + convert.n_triples(studies.get(resource.item.identification, ()))


def edition_of(base: str, settings: str) -> str:
    """What triples, and records of studies, depend on besides the store."""
    told = hashlib.blake2b(f"{base} {settings}".encode(), digest_size=8).hexdigest()
    return f"{EDITION}-{told}"


def position_of(repository: Repository, edition: str) -> Position:
    """The state of the store as of now. Raises StorageError."""
    with repository.snapshot():
        change = repository.last_change()
        return Position(repository.past(change), change, edition)


def _cohorts(resource: Resource) -> tuple[str, ...]:
    """Paths of the cohorts that hold an item; a cohort, and a study that stands alone, holds itself."""
    item = resource.item
    own = (Related(item.identification, item.type),) if item.type == "Group" else ()
    alone = (Related(item.identification, item.type),) if item.type == "StudyUnit" and not resource.cohorts else ()
    found = (one.identification for one in (*resource.cohorts, *own, *alone))
    return tuple(dict.fromkeys(path_of(one.agency, one.identifier) for one in found))
