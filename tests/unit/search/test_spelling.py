"""Distances against worked examples and the recurrence itself; the words of an index against looking at each."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.search.distance import distance
from catalogue.search.port import Count
from catalogue.search.spelling import Speller


@pytest.mark.parametrize(
    ("one", "other", "far"),
    [
        ("kitten", "sitting", 3),  # Levenshtein's, as in Navarro 2001
        ("saturday", "sunday", 3),
        (
            "ca",
            "abc",
            3,
        ),  # Damerau and Levenshtein's would be 2 (Boytsov 2011)
        ("tabca", "tabac", 1),  # a transposition
        ("tabagizme", "tabagisme", 1),
        ("", "ab", 2),
        ("sommeil", "sommeil", 0),
    ],
)
def test_distances_of_the_literature(one: str, other: str, far: int) -> None:
    for most in range(5):
        assert distance(one, other, most) == distance(other, one, most) == (far if far <= most else None)


def recurrence(one: str, other: str) -> int:
    """Optimal string alignment, written as it is defined (Boytsov 2011, section 2.2)."""
    if not one or not other:
        return len(one) + len(other)
    ways = [
        recurrence(one[:-1], other) + 1,
        recurrence(one, other[:-1]) + 1,
        recurrence(one[:-1], other[:-1]) + (one[-1] != other[-1]),
    ]
    if len(one) > 1 and len(other) > 1 and one[-2:] == other[-1] + other[-2]:
        ways.append(recurrence(one[:-2], other[:-2]) + 1)
    return min(ways)


SHORT = st.text("abé", max_size=5)


@given(SHORT, SHORT)
@settings(max_examples=60)
def test_distances_are_those_of_the_definition(one: str, other: str) -> None:
    assert distance(one, other, 10) == recurrence(one, other)


WORDS = st.dictionaries(
    st.one_of(st.text("abcé0日😀", max_size=6), st.text("ab", min_size=62, max_size=66)), st.integers(0, 5), max_size=25
)


@given(WORDS, st.one_of(st.text("abcé0日😀", max_size=6), st.text("ab", min_size=62, max_size=66)), st.integers(0, 2))
@settings(max_examples=50)
def test_words_are_those_that_looking_at_each_gives(words: dict[str, int], word: str, most: int) -> None:
    speller = Speller(words)
    kept = {one: count for one, count in words.items() if count}
    assert len(speller) == len(kept)
    assert speller.beginning(word) == sorted(one for one in kept if one.startswith(word))
    assert speller.within(word, most) == sorted(one for one in kept if distance(one, word, most) is not None)
    ordered = sorted((-count, one) for one, count in kept.items() if one.startswith(word[:1]))
    assert speller.completions(word[:1], 3) == tuple(Count(one, -count) for count, one in ordered[:3])
    allowed = 1 if len(word) <= 4 else 2
    near = sorted(
        (far, -count, one) for one, count in kept.items() if (far := distance(one, word, allowed)) is not None and far
    )
    assert speller.similar(word, 4) == tuple(Count(one, -count) for _, count, one in near[:4])


def test_a_word_is_never_its_own_misspelling_and_none_is_made_up() -> None:
    speller = Speller({"tabac": 3, "tabacs": 1, "alcool": 9})
    assert speller.similar("tabac", 5) == (Count("tabacs", 1),)
    assert speller.similar("xyz", 5) == ()
    assert Speller({}).similar("tabac", 5) == Speller({}).completions("", 5) == ()
