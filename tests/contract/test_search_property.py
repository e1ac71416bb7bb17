"""Random queries over random French and English documents: every engine answers as the reference does.

A corpus goes through three states, documents being replaced and removed in between; each state is asked several hundred
questions, ten thousand in all. The reference answers each once for all engines. A failure names its seed, state and
number, and the smallest part of the question that fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from random import Random

import pytest

from catalogue.search.memory import MemoryIndex
from catalogue.search.port import Position, Prefix, SearchDocument, SearchIndex, SearchRequest, SearchResult, Sort
from tests.contract.searching import (
    Asking,
    Place,
    SearchEngine,
    Truth,
    differences,
    drop_a_hit,
    exchange,
    hit_differences,
    lose_cursor,
    miscount_facet,
    miscount_total,
    misscore,
    random_document,
    reorder,
    simplest,
    truth,
    walked,
)

SEEDS = range(6)
STATES = range(3)
QUESTIONS = 560
# A request over the network takes longer, and the reference is checked elsewhere: every such an one is asked.
EVERY = {"opensearch": 10, "memory": 40}
WALKED = 25


@dataclass(frozen=True)
class Change:
    """What leads from one state of a corpus to the next."""

    documents: tuple[SearchDocument, ...]
    removed: tuple[int, ...]


@dataclass(frozen=True)
class Question:
    """A request and its right answer."""

    name: str
    request: SearchRequest
    expected: Truth


@cache
def changes(seed: int) -> tuple[Change, ...]:
    """A first load, then changes of some documents, new ones and removals; the second leaves out a third."""
    random = Random(seed)
    keys = random.sample(range(1, 5_000), 170)
    first, later = keys[:150], keys[150:]
    changed = (*random.sample(first, 25), *later)
    return (
        Change(tuple(random_document(random, key) for key in first), ()),
        Change(tuple(random_document(random, key) for key in changed), tuple(random.sample(first, 20))),
        Change(tuple(random_document(random, key) for key in changed[:5]), (*random.sample(first, 50), 9_999)),
    )


def held(seed: int, state: int) -> dict[int, SearchDocument]:
    """The documents of a state."""
    documents: dict[int, SearchDocument] = {}
    for change in changes(seed)[: state + 1]:
        documents = {key: one for key, one in documents.items() if key not in change.removed}
        documents |= {one.key: one for one in change.documents}
    return documents


@cache
def reference(seed: int, state: int) -> MemoryIndex:
    """The reference with the documents of a state; nothing is written to it."""
    index = MemoryIndex()
    with index.writer() as writer:
        writer.apply(held(seed, state).values(), [], Position("store", 1))
    return index


@cache
def questions(seed: int, state: int) -> tuple[Question, ...]:
    """What a state is asked."""
    asking = Asking(Random(1_000 * seed + state), list(held(seed, state).values()))
    index = reference(seed, state)
    requests = [asking.request() for _ in range(QUESTIONS)]
    return tuple(
        Question(f"seed {seed}, state {state}, question {number}", request, truth(index, request))
        for number, request in enumerate(requests)
    )


def states(place: Place, seed: int) -> Iterator[tuple[int, SearchIndex]]:
    """An index in each state of a corpus."""
    first, *following = changes(seed)
    index = place.holding(first.documents)
    yield 0, index
    for state, change in enumerate(following, 1):
        with index.writer() as writer:
            writer.apply(change.documents, change.removed, Position("store", state + 1))
        yield state, index


def failure(question: Question, index: SearchIndex, oracle: MemoryIndex, wrong: list[str]) -> str:
    """Tells what to look at."""

    def wrong_with(request: SearchRequest) -> list[str]:
        return differences(request, truth(oracle, request), index.search(request))

    smaller = simplest(question.request, lambda request: bool(wrong_with(request)))
    return "\n".join(
        [f"{question.name}: {question.request}", *wrong[:5], f"at least: {smaller}", *wrong_with(smaller)[:5]]
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_answers_are_those_of_brute_force(search_engine: SearchEngine, place: Place, seed: int) -> None:
    for state, index in states(place, seed):
        for question in questions(seed, state)[:: EVERY.get(search_engine.name, 1)]:
            wrong = differences(question.request, question.expected, index.search(question.request))
            assert not wrong, failure(question, index, reference(seed, state), wrong)


@pytest.mark.parametrize("seed", SEEDS[:2])
def test_keys_and_cursors_give_every_hit_once(search_engine: SearchEngine, place: Place, seed: int) -> None:
    for state, index in states(place, seed):
        for question in questions(seed, state)[::WALKED]:
            request, expected = question.request, question.expected
            assert list(index.keys(request.query, request.filters)) == sorted(expected.keys), question
            if request.limit > 1:
                wrong = hit_differences(request, expected, walked(index, request))
                assert not wrong, (question.name, request, wrong)


@pytest.mark.parametrize("seed", SEEDS[:2])
def test_words_are_those_of_brute_force(place: Place, seed: int) -> None:
    for state, index in states(place, seed):
        oracle = reference(seed, state)
        for word in ("tabac", "smoknig", "declare", "mesur", "ag", "heatlh", "Q12", "sf36", "x", "zzzzzz", "q12_"):
            assert index.completions(word, 5) == oracle.completions(word, 5), (seed, state, word)
            assert index.similar(word, 5) == oracle.similar(word, 5), (seed, state, word)


def test_the_questions_ask_for_everything() -> None:
    asked = [question for state in STATES for question in questions(0, state)]
    text = "".join(repr(question.request.query) for question in asked)
    kinds = (
        "Term",
        "Phrase",
        "Prefix",
        "Fuzzy",
        "And",
        "Or",
        "Best",
        "Not",
        "Having",
        "Between",
        "Everything",
        "Prefer",
    )
    assert [kind for kind in kinds if f"{kind}(" not in text] == []
    assert {question.request.sort for question in asked} == set(Sort)
    with_hits = sum(1 for question in asked if question.expected.keys)
    assert 0.5 < with_hits / len(asked) < 0.97
    assert len(SEEDS) * len(STATES) * QUESTIONS >= 10_000
    assert len(SEEDS) * len(STATES) * QUESTIONS / EVERY["opensearch"] >= 1_000


@pytest.mark.parametrize(
    "spoil", [drop_a_hit, miscount_total, miscount_facet, reorder, misscore, exchange, lose_cursor]
)
def test_a_faulty_engine_is_noticed(spoil: Callable[[SearchResult], SearchResult]) -> None:
    noticed = [
        question for question, answer in answers() if differences(question.request, question.expected, spoil(answer))
    ]
    assert len(noticed) > 20


def test_the_reference_is_not_found_faulty() -> None:
    for question, answer in answers():
        assert not differences(question.request, question.expected, answer)


@cache
def answers() -> tuple[tuple[Question, SearchResult], ...]:
    """What the reference answers to the questions of a state."""
    index = reference(0, 0)
    return tuple((question, index.search(question.request)) for question in questions(0, 0))


def test_a_failing_request_is_made_smaller() -> None:
    asking = Asking(Random(3), list(held(0, 0).values()))
    requests = [asking.request() for _ in range(500)]
    large = next(one for one in requests if "Prefix" in repr(one.query) and one.filters and one.facets)
    smaller = simplest(large, lambda request: "Prefix" in repr(request.query))
    assert isinstance(smaller.query, Prefix)
    assert not smaller.filters
    assert not smaller.facets
