"""The embedded engine: Whoosh's index, read and searched as arrays.

One query at a time is worked on in a process: what numpy does not do holds the interpreter's lock anyway, and queries
that share it come out slower than in a row. Several processes scale.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Final

import numpy as np

from catalogue.errors import CatalogueError, IndexUnavailableError
from catalogue.search.folder import IndexFolder
from catalogue.search.port import Count, Facet, IndexState, Node, SearchRequest, SearchResult
from catalogue.search.whoosh.evaluation import evaluate
from catalogue.search.whoosh.generation import Found, Generation, Opener
from catalogue.search.whoosh.paging import page, read_cursor
from catalogue.search.whoosh.schema import FIELDS
from catalogue.search.whoosh.segment import Flags, Ints
from catalogue.search.whoosh.writing import WhooshWriter, broken

# Another version of Whoosh, another layout of ours or other fields cannot read an index: it is then built anew.
LAYOUT: Final = "/".join(("whoosh3-3.54.0", "2", *FIELDS))
_ATTEMPTS: Final = 5


class WhooshIndex:
    """A SearchIndex in a folder.

    Args:
        root: the folder, made when first written.
    """

    def __init__(self, root: Path) -> None:
        self._folder = IndexFolder(root, LAYOUT)
        self._lock = RLock()
        self._opener = Opener()
        self._seen: object = None
        self._generation: Generation | None = None

    def search(self, request: SearchRequest) -> SearchResult:
        """See SearchIndex."""
        cursor = None if request.cursor is None else read_cursor(request.cursor, request.sort)
        with self._reading() as generation:
            found = evaluate(generation, request.query)
            filters = {facet: generation.having(facet, values) for facet, values in request.filters.items()}
            chosen = _passing(found, filters.values())
            hits, following = page(generation, chosen, request, cursor)
            facets = {
                facet: generation.counts(facet, _disregarding(facet, found, chosen, filters), limit)
                for facet, limit in request.facets.items()
            }
        return SearchResult(hits, len(chosen.docs), facets, following)

    def keys(self, query: Node, filters: Mapping[Facet, tuple[str, ...]]) -> Iterator[int]:
        """See SearchIndex."""
        with self._reading() as generation:
            flags = [generation.having(facet, values) for facet, values in filters.items()]
            keys = np.sort(generation.keys[_passing(evaluate(generation, query), flags).docs])
        return (key for start in range(0, len(keys), 1000) for key in keys[start : start + 1000].tolist())

    def completions(self, prefix: str, limit: int) -> tuple[Count, ...]:
        """See SearchIndex."""
        with self._reading() as generation:
            return generation.completions(prefix, limit)

    def similar(self, word: str, limit: int) -> tuple[Count, ...]:
        """See SearchIndex."""
        with self._reading() as generation:
            return generation.similar(word, limit)

    def state(self) -> IndexState:
        """See SearchIndex."""
        return self._folder.state()

    @contextmanager
    def writer(self) -> Iterator[WhooshWriter]:
        """See SearchIndex."""
        with self._folder.lock():
            yield WhooshWriter(self._folder)

    def close(self) -> None:
        """See SearchIndex."""
        with self._lock:
            self._opener, self._seen, self._generation = Opener(), None, None

    @contextmanager
    def _reading(self) -> Iterator[Generation]:
        """What the index holds now, for this thread alone; what cannot be read is reported, to be built anew."""
        with self._lock:
            generation = self._current()
            try:
                yield generation
            except CatalogueError:
                raise
            except Exception as error:
                raise broken(self._folder, error) from error

    def _current(self) -> Generation:
        """The newest generation, opened when the folder says that there is one."""
        for attempt in range(_ATTEMPTS):
            seen = self._folder.signature()
            if self._generation is not None and seen == self._seen:
                return self._generation
            published = self._folder.published()
            if published is None:
                self.close()
                raise IndexUnavailableError("There is no search index yet.")
            try:
                self._generation, self._seen = self._opener.open(published.path), seen
            except Exception as error:
                # A commit takes the files of the one before away; a second look finds its own.
                if attempt == _ATTEMPTS - 1 or (attempt > 1 and self._folder.signature() == seen):
                    self.close()
                    raise broken(self._folder, error) from error
        raise AssertionError("unreachable")


def _passing(found: Found, filters: Iterable[Flags]) -> Found:
    """What passes all filters."""
    for flags in filters:
        kept = flags[found.docs]
        found = Found(found.docs[kept], None if found.scores is None else found.scores[kept])
    return found


def _disregarding(facet: Facet, found: Found, chosen: Found, filters: Mapping[Facet, Flags]) -> Ints:
    """What passes all filters but a facet's own, given what passes all."""
    if facet not in filters:
        return chosen.docs
    return _passing(Found(found.docs), (flags for one, flags in filters.items() if one is not facet)).docs
