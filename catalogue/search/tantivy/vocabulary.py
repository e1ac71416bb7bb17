"""All words of the index, beside it: what a prefix can become, and what is near a misspelling.

A document of this index is a word with a bound of how many documents have it. The bound is exact for rare words and
rough for others; a word gets a new document when it outgrows its bound, and none when it becomes rarer, since the true
number is looked up in any case. So most changes leave the vocabulary alone, and answers are exact.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import orjson
import tantivy

from catalogue.search import port
from catalogue.search.memory import distance
from catalogue.search.port import Count
from catalogue.search.tantivy import schema

FOLDER: Final = "vocabulary"
_HEAP = 64_000_000
_SCHEMA: Final = schema.build_vocabulary()
# Up to this many documents a bound is exact; then each is larger by this factor than the one before.
_EXACT = 32
_FACTOR = 1.25
_HIGHEST = 999


def bound_class(documents: int) -> int:
    """The class of words that at most ``bound_of`` documents have."""
    if documents <= _EXACT:
        return documents
    return min(_EXACT + math.ceil(math.log(documents / _EXACT, _FACTOR)), _HIGHEST)


def bound_of(number: int) -> int:
    """How many documents a word of a class can have."""
    return number if number <= _EXACT else math.ceil(_EXACT * _FACTOR ** (number - _EXACT))


def teach(index: tantivy.Index, words: Iterable[tuple[str, int]]) -> None:
    """Add words as they stand in the index, each with the number of documents that have it."""
    ranked = sorted((_HIGHEST - bound_class(documents), word) for word, documents in words)
    if not ranked:
        return
    writer = index.writer(_HEAP, num_threads=1)
    for rank, word in ranked:
        record = {"word": word, "start": schema.tokens(schema.starts(word)), "rank": f"{rank:03}{word}"}
        writer.add_json(orjson.dumps(record).decode())
    writer.commit()
    writer.wait_merging_threads()


class Vocabulary:
    """What was taught until it is opened.

    Args:
        path: its folder.
        documents_with: how many documents have a word now.
    """

    def __init__(self, path: Path, documents_with: Callable[[str], int]) -> None:
        self._searcher = schema.open_index(path).searcher()
        self._documents_with = documents_with

    def completions(self, prefix: str, limit: int) -> tuple[Count, ...]:
        """See SearchIndex."""
        query = _starting(schema.token(prefix))
        fetched = max(limit, 1) * 4
        while True:
            ranked = self._ranked(query, fetched)
            counts = self._living(word for _, word in ranked)[: max(limit, 0)]
            if len(ranked) < fetched or (len(counts) >= limit and _is_settled(counts, ranked[-1])):
                return tuple(counts)
            fetched *= 8

    def _ranked(self, query: tantivy.Query, limit: int) -> list[tuple[int, str]]:
        """Words from the most frequent class, each with its class."""
        found: Any = self._searcher.search(query, limit, count=False, order_by_field="rank", order=tantivy.Order.Asc)
        return [(_HIGHEST - int(rank[:3]), rank[3:]) for rank, _ in found.hits]

    def _living(self, words: Iterable[str]) -> list[Count]:
        counts = [Count(schema.plain(word), self._documents_with(word)) for word in dict.fromkeys(words)]
        return sorted((count for count in counts if count.documents), key=lambda one: (-one.documents, one.value))

    def similar(self, word: str, limit: int) -> tuple[Count, ...]:
        """See SearchIndex."""
        found: list[tuple[int, int, str]] = []
        for most in range(1, port.distance_of(word) + 1):
            found = sorted(self._near(word, most))
            if len(found) >= limit:
                break
        return tuple(Count(other, -count) for _, count, other in found[: max(limit, 0)])

    def _near(self, word: str, most: int) -> Iterator[tuple[int, int, str]]:
        query = tantivy.Query.fuzzy_term_query(_SCHEMA, "word", schema.token(word), most)
        near = self._ranked(query, max(self._searcher.num_docs, 1))
        for other in dict.fromkeys(schema.plain(other) for _, other in near):
            how_far = distance(other, word, most)
            count = self._documents_with(schema.token(other)) if how_far else 0
            if how_far and count:
                yield how_far, -count, other


def _starting(prefix: str) -> tantivy.Query:
    if not prefix:
        return tantivy.Query.all_query()
    if len(prefix) <= schema.LONGEST_START:
        return tantivy.Query.term_query(_SCHEMA, "start", prefix, index_option="basic")
    return tantivy.Query.fuzzy_term_query(_SCHEMA, "word", prefix, 0, prefix=True)


def _is_settled(counts: list[Count], last: tuple[int, str]) -> bool:
    """Whether no word after the last that was fetched can come before the last that is given."""
    if not counts:
        return True
    number, word = last
    given, most = counts[-1], bound_of(number)
    return given.documents > most or (
        given.documents == most and number <= _EXACT and given.value <= schema.plain(word)
    )
