"""Where in a text the things are that a query looked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from catalogue.search import analysis
from catalogue.search.port import Field, Fuzzy, Layer, Phrase, Prefix, SearchText, Term
from catalogue.search.spelling import distance

ELLIPSIS: Final = "…"
_BEFORE = 60


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
        if text.field is Field.NAME and self._is_named(sought, text.text):
            return (Stretch(text.text, True),)
        hit = [sought.has(word.text, text.language) for word in found]
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
        """A name is marked as a whole: it is one word to a person."""
        forms = (analysis.fold(name.strip()), analysis.compact(name))
        return any(form in sought.words or form.startswith(sought.prefixes) for form in forms)


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
    """At most about ``most`` characters around the first match, at word boundaries, with ellipses where text is left out."""
    text = "".join(stretch.text for stretch in stretches)
    if len(text) <= most:
        return tuple(stretches)
    first = _first_match(stretches)
    start = 0 if first <= _BEFORE else text.rfind(" ", 0, first - _BEFORE) + 1
    end = text.rfind(" ", start, start + most) if start + most < len(text) else len(text)
    end = end if end > start else start + most
    kept = _between(stretches, start, end)
    before = [Stretch(ELLIPSIS)] if start else []
    return (*before, *kept, *([Stretch(ELLIPSIS)] if end < len(text) else []))


def _first_match(stretches: Sequence[Stretch]) -> int:
    place = 0
    for stretch in stretches:
        if stretch.marked:
            return place
        place += len(stretch.text)
    return 0


def _between(stretches: Sequence[Stretch], start: int, end: int) -> list[Stretch]:
    kept: list[Stretch] = []
    place = 0
    for stretch in stretches:
        piece = stretch.text[max(0, start - place) : max(0, end - place)]
        kept += [Stretch(piece, stretch.marked)] if piece else []
        place += len(stretch.text)
    return kept
