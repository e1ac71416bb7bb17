"""The piece of the hits that is asked for, and the cursor to the next: stateless, it says after which hit to go on."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import orjson

from catalogue.search.foreign import foreign_cursor
from catalogue.search.port import Hit, SearchRequest, Sort
from catalogue.search.whoosh.generation import Found, Generation
from catalogue.search.whoosh.segment import Flags, Ints

_COLUMNS: Final[Mapping[Sort, tuple[Sort, ...]]] = {
    Sort.RELEVANCE: (),
    Sort.NAME: (Sort.NAME,),
    Sort.NAME_EN: (Sort.NAME_EN,),
    Sort.COHORT: (Sort.COHORT, Sort.NAME),
    Sort.COHORT_EN: (Sort.COHORT_EN, Sort.NAME_EN),
    Sort.DATE: (Sort.DATE,),
}


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last hit of a piece: its key, its score or else its values of the sort columns."""

    key: int
    score: float
    values: tuple[bytes, ...]


def page(
    generation: Generation, found: Found, request: SearchRequest, cursor: Cursor | None
) -> tuple[tuple[Hit, ...], str | None]:
    """Hits in order, and the cursor to those after them, or None at the end."""
    rest = found if cursor is None else _after(generation, found, request.sort, cursor)
    if not request.limit:
        return (), None
    relevance = request.sort is Sort.RELEVANCE
    if relevance:
        places = _highest(rest.values(), generation.keys[rest.docs], request.limit)
    else:
        places = _lowest(generation.rank(_COLUMNS[request.sort])[rest.docs], request.limit)
    scores = rest.values()[places] if relevance else np.zeros(len(places))
    docs = rest.docs[places]
    hits = tuple(map(Hit, generation.keys[docs].tolist(), scores.tolist()))
    if len(places) == len(rest.docs):
        return hits, None
    values = _values(generation, request.sort, int(docs[-1]))
    return hits, _write_cursor(Cursor(hits[-1].key, hits[-1].score, values), request.sort)


def _highest(scores: npt.NDArray[np.float64], keys: Ints, limit: int) -> Ints:
    """The places of the highest scores, lowest keys first among equals."""
    places = np.arange(len(scores))
    if len(scores) > limit:
        least = np.partition(scores, len(scores) - limit)[len(scores) - limit]
        places = np.flatnonzero(scores > least)
        equals = np.flatnonzero(scores == least)
        places = np.concatenate((places, equals[_lowest(keys[equals], limit - len(places))]))
    return places[np.lexsort((keys[places], -scores[places]))]


def _lowest(ranks: Ints, limit: int) -> Ints:
    """The places of the lowest ranks, in order."""
    places = np.argpartition(ranks, limit)[:limit] if len(ranks) > limit else np.arange(len(ranks))
    return places[np.argsort(ranks[places])]


def _after(generation: Generation, found: Found, sort: Sort, cursor: Cursor) -> Found:
    """What comes after a hit, whether or not that is still found."""
    later = generation.keys[found.docs] > cursor.key
    if sort is Sort.RELEVANCE:
        scores = found.values()
        later = (scores < cursor.score) | (scores == cursor.score) & later
    for column, value in reversed(list(zip(_COLUMNS[sort], cursor.values, strict=True))):
        later = _later(generation, found.docs, column, value, later)
    return Found(found.docs[later], None if found.scores is None else found.scores[later])


def _later(generation: Generation, docs: Ints, column: Sort, value: bytes, otherwise: Flags) -> Flags:
    ordinals, values = generation.ordinals(column)
    low, high = np.searchsorted(values, value, "left"), np.searchsorted(values, value, "right")
    return (ordinals[docs] >= high) | (ordinals[docs] >= low) & otherwise


def _values(generation: Generation, sort: Sort, doc: int) -> tuple[bytes, ...]:
    columns = (generation.ordinals(column) for column in _COLUMNS[sort])
    return tuple(bytes(values[ordinals[doc]]) for ordinals, values in columns)


def _write_cursor(cursor: Cursor, sort: Sort) -> str:
    said = [sort, cursor.key, cursor.score.hex(), *(value.hex() for value in cursor.values)]
    return urlsafe_b64encode(orjson.dumps(said)).decode().rstrip("=")


def read_cursor(text: str, sort: Sort) -> Cursor:
    """The cursor that a piece was given.

    Raises:
        UsageError: nothing that was given here, or with another sort.
    """
    try:
        said, key, score, *values = orjson.loads(urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)))
        if said != sort or type(key) is not int or abs(key) >= 1 << 63 or len(values) != len(_COLUMNS[sort]):
            raise ValueError(text)
        return Cursor(key, float.fromhex(score), tuple(bytes.fromhex(value) for value in values))
    except (ValueError, TypeError, OverflowError) as error:
        raise foreign_cursor() from error
