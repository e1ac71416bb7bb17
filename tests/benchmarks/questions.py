"""What the engines are asked, by class, each question as a tree of the port and in the syntax of bare Whoosh.

No two questions of a class share a word (phrases of common words: no two are the same), so that the first time that
one is asked nothing of it is in any cache.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import islice
from types import MappingProxyType
from typing import Final

from catalogue.search import analysis
from catalogue.search.port import And, Everything, Facet, Fuzzy, Node, Phrase, Prefix, distance_of
from tests.benchmarks import vocabulary
from tests.benchmarks.records import AGENCY, cohorts, waves

# What a page of results shows beside the hits.
FACETS: Final[tuple[Facet, ...]] = tuple(one for one in Facet if one not in (Facet.REPRESENTED, Facet.SOURCE_QUESTION))
_MOST = 40
_OPENINGS = 8


class Kind(StrEnum):
    """Which method of the port answers."""

    SEARCH = "search"
    COMPLETE = "complete"
    SIMILAR = "similar"


@dataclass(frozen=True, slots=True)
class Question:
    """One question: ``node`` for the port, ``words`` for bare Whoosh; ``words`` alone for the two lists of words."""

    words: str
    node: Node = field(default_factory=Everything)
    filters: Mapping[Facet, tuple[str, ...]] = field(default_factory=dict)
    counted: bool = False
    kind: Kind = Kind.SEARCH


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Which generated catalogue is asked."""

    variables: int
    seed: int
    name: str = "BENCH"


def questions(kind: str, catalogue: Catalogue) -> list[Question]:
    """The questions of a class, at most 40."""
    return list(islice(CLASSES[kind](catalogue), _MOST))


def rare_words(catalogue: Catalogue) -> Iterator[str]:
    """Words that fewer than 20 documents have: those that a cohort of two waves keeps to itself."""
    for number, cohort in enumerate(cohorts(catalogue.variables, catalogue.seed, catalogue.name)):
        if len(cohort.sizes) <= 2:
            for pair in vocabulary.kept_by(cohort.number, max(cohort.sizes)):
                yield pair.fr if number % 8 else pair.en


def topic_words() -> Iterator[str]:
    """The first words of what the concepts are called, each once and none of them common."""
    known = {analysis.fold(word) for word in vocabulary.COMMON}
    for number in range(vocabulary.CONCEPTS):
        pair = vocabulary.concept(number)
        word = (pair.fr, pair.en)[number % 2].split()[0]
        if len(word) > 5 and word.isalpha() and (folded := analysis.fold(word)) not in known:
            known.add(folded)
            yield word


def misspelt_words() -> Iterator[str]:
    """Topic words with two letters in the wrong order."""
    for word in topic_words():
        middle = len(word) // 2
        yield analysis.fold(word[: middle - 1] + word[middle] + word[middle - 1] + word[middle + 1 :])


def _rare(catalogue: Catalogue) -> Iterator[Question]:
    return (Question(word, analysis.term(word)) for word in rare_words(catalogue))


def _common(_: Catalogue) -> Iterator[Question]:
    return (Question(word, analysis.term(word)) for word in vocabulary.COMMON)


def _both(_: Catalogue) -> Iterator[Question]:
    for one, other in zip(vocabulary.COMMON, topic_words(), strict=False):
        yield Question(f"{one} {other}", And((analysis.term(one), analysis.term(other))))


def _phrase(_: Catalogue) -> Iterator[Question]:
    for number in range(vocabulary.CONCEPTS):
        text = vocabulary.concept(number)[number % 2]
        words = tuple(analysis.folded_word(word.text) for word in analysis.words(text))
        if len(words) > 1:
            yield Question(f'"{text}"', Phrase(words))


def _common_phrase(_: Catalogue) -> Iterator[Question]:
    """Two and three words that texts begin with: stop words, and what everybody asks."""
    asked = (*vocabulary.PERIODS, *vocabulary.PLACES, *vocabulary.OPENINGS, *vocabulary.PEOPLE)
    begun = dict.fromkeys(tuple(analysis.words(text))[:length] for pair in asked for text in pair for length in (2, 3))
    for some in dict.fromkeys(tuple(word.text for word in words) for words in begun if len(words) > 1):
        yield Question(f'"{" ".join(some)}"', Phrase(tuple(map(analysis.folded_word, some))))


def _prefixes(length: int) -> Iterator[str]:
    return iter(dict.fromkeys(analysis.fold(word)[:length] for word in topic_words()))


def _prefix(_: Catalogue) -> Iterator[Question]:
    return (Question(f"{prefix}*", Prefix(prefix)) for prefix in _prefixes(4))


def _fuzzy(_: Catalogue) -> Iterator[Question]:
    for word in misspelt_words():
        yield Question(f"{word}~{distance_of(word)}", Fuzzy(word, distance_of(word)))


def _filter(catalogue: Catalogue) -> Iterator[Question]:
    held = [
        wave
        for one in cohorts(catalogue.variables, catalogue.seed, catalogue.name)
        for wave in waves(one, catalogue.seed)
    ]
    for number, word in enumerate(vocabulary.COMMON):
        wave = held[number % len(held)]
        years = tuple(str(int(wave.start[:4]) + more) for more in range(3))
        filters = {Facet.COHORT: (f"{AGENCY}/{wave.cohort.identifier}",), Facet.YEAR: years}
        yield Question(word, analysis.term(word), filters)


def _common_counted(_: Catalogue) -> Iterator[Question]:
    return (Question(word, analysis.term(word), counted=True) for word in vocabulary.COMMON)


def _all_counted(_: Catalogue) -> Iterator[Question]:
    return (Question("*:*", Everything(), counted=True) for _ in range(_OPENINGS))


def _filter_counted(catalogue: Catalogue) -> Iterator[Question]:
    return (replace(question, counted=True) for question in _filter(catalogue))


def _complete(_: Catalogue) -> Iterator[Question]:
    return (Question(prefix, kind=Kind.COMPLETE) for prefix in _prefixes(3))


def _similar(_: Catalogue) -> Iterator[Question]:
    return (Question(word, kind=Kind.SIMILAR) for word in misspelt_words())


CLASSES: Final[Mapping[str, Callable[[Catalogue], Iterator[Question]]]] = MappingProxyType(
    {
        "rare": _rare,
        "common": _common,
        "AND": _both,
        "phrase": _phrase,
        "phrase of common words": _common_phrase,
        "prefix": _prefix,
        "fuzzy": _fuzzy,
        "filter": _filter,
        "common + 14 facets": _common_counted,
        "filter + 14 facets": _filter_counted,
        "all + 14 facets": _all_counted,
        "suggest": _complete,
        "did you mean": _similar,
    }
)
