"""Where in a text the things are that a query looked for."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from catalogue.search import analysis
from catalogue.search.port import Field, Fuzzy, Layer, Phrase, Prefix, SearchDocument, SearchText, Term
from catalogue.search.spelling import distance

ELLIPSIS: Final = "…"
_BEFORE = 60
# Names are not stemmed.
_NO_LANGUAGE: Final = "zxx"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a text; ``marked`` where it is what was looked for."""

    text: str
    marked: bool = False


@dataclass(frozen=True, slots=True)
class _Sought:
    """The leaves of a query that can stand in one field, made quick to compare with."""

    words: frozenset[str]
    stems: frozenset[str]
    phrases: tuple[tuple[str, ...], ...]
    prefixes: tuple[str, ...]
    fuzzy: tuple[tuple[str, int], ...]

    def has(self, word: str, language: str | None) -> bool:
        """Whether a word as written is one of those sought by themselves."""
        folded = analysis.folded_word(word)
        if folded in self.words or folded.startswith(self.prefixes):
            return True
        if any(distance(folded, other, most) is not None for other, most in self.fuzzy):
            return True
        if not self.stems:
            return False
        return any(stem in self.stems for one in analysis.languages_of(language) for stem in analysis.stems(word, one))


class Marker:
    """Marks texts for one query.

    Args:
        leaves: what the query looks for (``syntax.tokens``).
    """

    def __init__(self, leaves: Iterable[Term | Phrase | Prefix | Fuzzy]) -> None:
        kept = tuple(leaves)
        self._sought = {where: _sought(kept, where) for where in Field}

    def mark(self, text: SearchText) -> tuple[Stretch, ...]:
        """The text in stretches, marked and not; joined they are the text."""
        sought = self._sought[text.field]
        found = list(analysis.words(text.text))
        if text.field in (Field.NAME, Field.ID) and self._is_named(sought, text.text):
            return (Stretch(text.text, True),)
        compounds = [span for span in analysis.compounds(text.text) if span[0] in sought.stems]
        hit = [
            sought.has(word.text, text.language)
            or any(start <= word.start and word.end <= end for _, start, end in compounds)
            for word in found
        ]
        folded = [analysis.folded_word(word.text) for word in found]
        for phrase in sought.phrases:
            for start in range(len(folded) - len(phrase) + 1):
                if tuple(folded[start : start + len(phrase)]) == phrase:
                    hit[start : start + len(phrase)] = [True] * len(phrase)
        return _stretches(
            text.text, [(word.start, word.end) for word, is_hit in zip(found, hit, strict=True) if is_hit]
        )

    @staticmethod
    def _is_named(sought: _Sought, name: str) -> bool:
        """A name is marked as a whole, whatever of it is sought: it is one word to a person."""
        sequence = analysis.entry(SearchDocument(1, (SearchText(Field.NAME, name),))).words.get(Field.NAME, ())
        if any(sought.has(form, _NO_LANGUAGE) for form in sequence):
            return True
        return any(
            sequence[start : start + len(phrase)] == phrase
            for phrase in sought.phrases
            for start in range(len(sequence) - len(phrase) + 1)
        )


def _sought(leaves: Sequence[Term | Phrase | Prefix | Fuzzy], where: Field) -> _Sought:
    here = [leaf for leaf in leaves if leaf.field is None or leaf.field is where]
    tokens = [token for leaf in here if isinstance(leaf, Term) for token in leaf.tokens]
    phrases = tuple(leaf.words for leaf in here if isinstance(leaf, Phrase))
    return _Sought(
        frozenset(token.text for token in tokens if token.layer is Layer.WORD),
        frozenset(token.text for token in tokens if token.layer is Layer.STEM),
        phrases,
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
    while place > least and unicodedata.category(text[place]).startswith("M"):
        place -= 1
    return place


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
