"""The words of an index: which begin alike, which are spelt nearly alike.

An edit changes the set of a word's characters by two at most, so comparing 64-bit sets of characters leaves few words
to measure.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from catalogue.search.distance import distance
from catalogue.search.port import Count, distance_of

_WIDTH: Final = 64
_CHUNK: Final = 100_000
# A character beyond every word that is searched for, so that it bounds a prefix.
_LAST: Final = "\U0010ffff"


class Speller:
    """Some words and how many documents have each.

    Args:
        words: document counts by word; words with none are left out.
    """

    def __init__(self, words: Mapping[str, int]) -> None:
        self._words = sorted(word for word, count in words.items() if count > 0)
        self._counts = np.fromiter((words[word] for word in self._words), np.int64, len(self._words))
        self._sets = _character_sets(self._words)
        self._lengths = np.fromiter(map(len, self._words), np.int16, len(self._words))

    def __len__(self) -> int:
        return len(self._words)

    def beginning(self, prefix: str) -> list[str]:
        """The words that begin so, in order."""
        start, end = self._range(prefix)
        return self._words[start:end]

    def completions(self, prefix: str, limit: int) -> tuple[Count, ...]:
        """The words that begin so, the most frequent first, then by word."""
        start, end = self._range(prefix)
        best = start + np.argsort(-self._counts[start:end], kind="stable")[:limit]
        return tuple(self._count(int(place)) for place in best)

    def within(self, word: str, most: int) -> list[str]:
        """The words at a distance of ``most`` or less, itself included."""
        return [self._words[place] for place, _ in self._near(word, most)]

    def similar(self, word: str, limit: int) -> tuple[Count, ...]:
        """Other words that it could be a misspelling of, the nearest first, then the most frequent, then by word."""
        near = [(far, -int(self._counts[place]), place) for place, far in self._near(word, distance_of(word)) if far]
        return tuple(self._count(place) for _, _, place in sorted(near)[:limit])

    def _range(self, prefix: str) -> tuple[int, int]:
        return bisect_left(self._words, prefix), bisect_left(self._words, prefix + _LAST)

    def _count(self, place: int) -> Count:
        return Count(self._words[place], int(self._counts[place]))

    def _near(self, word: str, most: int) -> Iterator[tuple[int, int]]:
        wanted = _character_sets([word])[0]
        alike = np.bitwise_count(self._sets ^ wanted) <= 2 * most
        alike &= np.abs(self._lengths - len(word)) <= most
        for place in np.flatnonzero(alike).tolist():
            if (far := distance(self._words[place], word, most)) is not None:
                yield place, far


def _character_sets(words: list[str]) -> NDArray[np.uint64]:
    """One bit for each character of a word; characters may share a bit, which only lets more words pass."""
    parts = [_chunk_sets(words[start : start + _CHUNK]) for start in range(0, len(words), _CHUNK)]
    return np.concatenate(parts) if parts else np.zeros(0, np.uint64)


def _chunk_sets(words: list[str]) -> NDArray[np.uint64]:
    codes = np.array(words, dtype=f"U{_WIDTH}").view(np.uint32).reshape(len(words), _WIDTH)
    bits = np.where(codes == 0, np.uint64(0), np.left_shift(np.uint64(1), (codes & 63).astype(np.uint64)))
    sets: NDArray[np.uint64] = np.bitwise_or.reduce(bits, axis=1)
    return sets
