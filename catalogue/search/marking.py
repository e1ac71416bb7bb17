"""Where in a text the things are that a query looked for."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from catalogue.search import analysis
from catalogue.search.port import Field, Fuzzy, Layer, Phrase, Prefix, SearchDocument, SearchText, Term
from catalogue.search.spelling import distance

ELLIPSIS: Final = "…"
_BEFORE = 60


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a text; ``marked`` where it is what was looked for."""

    text: str
    marked: bool = False


@dataclass(frozen=True, slots=True)
class _Part:
    """A word of a text: where it stands, as it is folded, and its unordered tokens, those of compounds included."""

    start: int
    end: int
    folded: str
    tokens: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Read:
    """A text in parts, and everything that it has any of."""

    parts: tuple[_Part, ...]
    folded: tuple[str, ...]
    bag: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Sought:
    """The leaves of a query that can stand in one field, made quick to compare with; ``openings`` begin phrases."""

    words: frozenset[str]
    stems: frozenset[str]
    phrases: tuple[tuple[str, ...], ...]
    openings: frozenset[str]
    prefixes: tuple[str, ...]
    fuzzy: tuple[tuple[str, int], ...]

    def may_be_in(self, read: _Read) -> bool:
        """False where nothing sought is in a text, which is known at once for most."""
        if self.prefixes or self.fuzzy:
            return True
        return not all(some.isdisjoint(read.bag) for some in (self.words, self.stems, self.openings))

    def has(self, folded: str, tokens: frozenset[str] = frozenset()) -> bool:
        """Whether a word is one of those sought by themselves."""
        if folded in self.words or not self.stems.isdisjoint(tokens) or folded.startswith(self.prefixes):
            return True
        return any(distance(folded, other, most) is not None for other, most in self.fuzzy)


class Marker:
    """Marks texts for one query.

    Args:
        leaves: what the query looks for (``syntax.tokens``).
    """

    def __init__(self, leaves: Iterable[Term | Phrase | Prefix | Fuzzy]) -> None:
        kept = tuple(leaves)
        self._sought = {where: _sought(kept, where) for where in Field}

    def mark(self, text: SearchText) -> tuple[Stretch, ...]:
        """The text in stretches, marked and not; joined they are the text. A name is one word to a person."""
        sought = self._sought[text.field]
        if text.field in (Field.NAME, Field.ID) and _is_named(sought, _forms(text)):
            return (Stretch(text.text, True),)
        read = _read(text)
        if not sought.may_be_in(read):
            return (Stretch(text.text),) if text.text else ()
        hit = [sought.has(part.folded, part.tokens) for part in read.parts]
        if not sought.openings.isdisjoint(read.bag):
            for start, end in _phrases(read.folded, sought.phrases):
                hit[start:end] = [True] * (end - start)
        return _stretches(
            text.text, [(one.start, one.end) for one, is_hit in zip(read.parts, hit, strict=True) if is_hit]
        )

    def matches(self, text: SearchText) -> bool:
        """Whether anything in the text is what was looked for."""
        return any(stretch.marked for stretch in self.mark(text))


# The same texts are shown again and again: studies, concepts, answers.
@lru_cache(maxsize=50_000)
def _read(text: SearchText) -> _Read:
    compounds = list(analysis.compounds(text.text))
    languages = analysis.languages_of(text.language)
    parts = tuple(
        _Part(
            word.start,
            word.end,
            analysis.folded_word(word.text),
            frozenset(stem for one in languages for stem in analysis.stems(word.text, one))
            | {token for token, start, end in compounds if start <= word.start and word.end <= end},
        )
        for word in analysis.words(text.text)
    )
    folded = tuple(part.folded for part in parts)
    return _Read(parts, folded, frozenset(folded).union(*(part.tokens for part in parts)))


@lru_cache(maxsize=50_000)
def _forms(name: SearchText) -> tuple[str, ...]:
    """The words that a name is found by."""
    return analysis.entry(SearchDocument(1, (name,))).words.get(name.field, ())


def _is_named(sought: _Sought, forms: tuple[str, ...]) -> bool:
    return any(map(sought.has, forms)) or any(True for _ in _phrases(forms, sought.phrases))


def _phrases(folded: tuple[str, ...], phrases: Iterable[tuple[str, ...]]) -> Iterator[tuple[int, int]]:
    """Where phrases stand among words: the words [start, end)."""
    for phrase in phrases:
        for start in range(len(folded) - len(phrase) + 1):
            if folded[start : start + len(phrase)] == phrase:
                yield start, start + len(phrase)


def _sought(leaves: Sequence[Term | Phrase | Prefix | Fuzzy], where: Field) -> _Sought:
    here = [leaf for leaf in leaves if leaf.field is None or leaf.field is where]
    tokens = [token for leaf in here if isinstance(leaf, Term) for token in leaf.tokens]
    phrases = tuple(leaf.words for leaf in here if isinstance(leaf, Phrase))
    return _Sought(
        frozenset(token.text for token in tokens if token.layer is Layer.WORD),
        frozenset(token.text for token in tokens if token.layer is Layer.STEM),
        phrases,
        frozenset(phrase[0] for phrase in phrases if phrase),
        tuple(leaf.prefix for leaf in here if isinstance(leaf, Prefix)),
        tuple((leaf.word, leaf.distance) for leaf in here if isinstance(leaf, Fuzzy)),
    )


def _stretches(text: str, spans: Sequence[tuple[int, int]]) -> tuple[Stretch, ...]:
    parts: list[Stretch] = []
    place = 0
    for start, end in spans:
        parts += [Stretch(text[place:start])] if start > place else []
        parts.append(Stretch(text[start:end], True))
        place = end
    parts += [Stretch(text[place:])] if place < len(text) else []
    return tuple(parts)


def cut(stretches: Sequence[Stretch], most: int) -> tuple[Stretch, ...]:
    """At most ``most`` characters around the first match, at word boundaries, and ellipses where text is left out."""
    text = "".join(stretch.text for stretch in stretches)
    if len(text) <= most:
        return tuple(stretches)
    first, last = _first_match(stretches)
    before = min(_BEFORE, most // 3)
    start = 0 if first <= before else _boundary(text, first - before, max(1, first - 2 * before), space=-1)
    stop = start + most
    end = len(text) if stop >= len(text) else _boundary(text, stop, max(start + 1, min(last, stop)), space=0)
    kept = _between(stretches, start, end)
    return (*([Stretch(ELLIPSIS)] if start else []), *kept, *([Stretch(ELLIPSIS)] if end < len(text) else []))


def _boundary(text: str, place: int, least: int, *, space: int) -> int:
    """The nearest place between ``least`` and ``place`` with white space after it (0) or before it (-1).

    Where there is none, one that is not within a character.
    """
    for candidate in range(place, least - 1, -1):
        if text[candidate + space].isspace():
            return candidate
    while place > least and _is_mark(text[place]):
        place -= 1
    while place < len(text) and _is_mark(text[place]):
        place += 1
    return place


def _is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M")


def _first_match(stretches: Sequence[Stretch]) -> tuple[int, int]:
    place = 0
    for stretch in stretches:
        if stretch.marked:
            return place, place + len(stretch.text)
        place += len(stretch.text)
    return 0, 0


def _between(stretches: Sequence[Stretch], start: int, end: int) -> list[Stretch]:
    kept: list[Stretch] = []
    place = 0
    for stretch in stretches:
        piece = stretch.text[max(0, start - place) : max(0, end - place)]
        kept += [Stretch(piece, stretch.marked)] if piece else []
        place += len(stretch.text)
    return kept
