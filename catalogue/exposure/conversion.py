"""A document revision's triples, item by item: of each item what all profiles say, of cohorts and waves the rest."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from catalogue.model.identity import Identification, path_of
from catalogue.rdf import convert
from catalogue.rdf.files import Piece
from catalogue.rdf.resource import Related, Resource

EDITION: Final = 5
"""Grows whenever items are made into triples otherwise: then all triples are made anew."""
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
        settings: what else the triples depend on: a digest of the settings of cohorts.
        lines: an item's own triples as N-Triples.
    """

    base: str
    resources: Callable[[str], Iterator[Resource]]
    studies: Callable[[Sequence[Identification]], Mapping[Identification, Iterable[convert.RdfTriple]]]
    settings: str = ""
    lines: Lines = convert.lines

    @property
    def edition(self) -> str:
        """What the triples depend on besides the store."""
        told = hashlib.blake2b(f"{self.base} {self.settings}".encode(), digest_size=8).hexdigest()
        return f"{EDITION}-{told}"

    def graph(self, revision: str) -> str:
        """The name of a revision's graph: the address of its page."""
        return f"{self.base}/documents/{revision}"

    def pieces(self, revision: str) -> Iterator[Piece]:
        """The triples of a revision, item by item. Raises StorageError."""
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


def _cohorts(resource: Resource) -> tuple[str, ...]:
    """Paths of the cohorts that hold an item; a cohort, and a study that stands alone, holds itself."""
    item = resource.item
    own = (Related(item.identification, item.type),) if item.type == "Group" else ()
    alone = (Related(item.identification, item.type),) if item.type == "StudyUnit" and not resource.cohorts else ()
    found = (one.identification for one in (*resource.cohorts, *own, *alone))
    return tuple(dict.fromkeys(path_of(one.agency, one.identifier) for one in found))
