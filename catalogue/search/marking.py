"""Where in a text the things are that a query looked for."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

from catalogue.search import analysis
from catalogue.search.distance import distance
from catalogue.search.port import Field, Fuzzy, Layer, Phrase, Prefix, SearchDocument, SearchText, Term

ELLIPSIS: Final = "…"
_BEFORE = 60
_HIT, _OPENS = 1, 2


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a text; ``marked`` where it is what was looked for."""

    text: str
    marked: bool = False


@dataclass(frozen=True, slots=True)
class _Scan:
    """The words of a text, where each stands, and what is written together with punctuation: token, start, end."""

    words: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    compounds: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class _Sought:
    """The leaves of a query that can stand in one field, made quick to compare with; phrases by their first word."""

    words: frozenset[str]
    stems: frozenset[str]
    phrases: Mapping[str, tuple[tuple[str, ...], ...]]
    prefixes: tuple[str, ...]
    fuzzy: tuple[tuple[str, int], ...]

    @cached_property
    def tokens(self) -> frozenset[str]:
        """What a text has one of where a word, a stem or a phrase is found in it."""
        return self.words | self.stems | self.phrases.keys()

    @cached_property
    def is_nothing(self) -> bool:
        """Whether there is nothing to look for."""
        return not (self.tokens or self.prefixes or self.fuzzy)

    def is_absent(self, tokens: frozenset[str]) -> bool:
        """Whether nothing is found among the tokens of a text; seen at once, and so for most texts."""
        return not (self.prefixes or self.fuzzy) and self.tokens.isdisjoint(tokens)

    def has(self, folded: str, stems: Iterable[str] = ()) -> bool:
        """Whether a word is one of those sought by themselves."""
        if folded in self.words or not self.stems.isdisjoint(stems):
            return True
        if self.prefixes and folded.startswith(self.prefixes):
            return True
        return bool(self.fuzzy) and any(distance(folded, other, most) is not None for other, most in self.fuzzy)

    def is_name(self, forms: Sequence[str]) -> bool:
        """Whether a name is sought that is found by these words."""
        return any(map(self.has, forms)) or any(True for _ in self.phrases_in(forms))

    def phrases_in(self, folded: Sequence[str]) -> Iterator[tuple[int, int]]:
        """Where phrases stand among words: the words [start, end)."""
        for start, word in enumerate(folded):
            for phrase in self.phrases.get(word, ()):
                if tuple(folded[start : start + len(phrase)]) == phrase:
                    yield start, start + len(phrase)


class _Verdicts(dict[str, int]):
    """By word as written: whether it is sought (``_HIT``), begins a phrase that is (``_OPENS``), or neither.

    A word is looked at once for all texts that have it: the hits of a query say much the same.
    """

    def __init__(self, sought: _Sought, languages: Sequence[str]) -> None:
        self._sought = sought
        self._languages = languages

    def __missing__(self, word: str) -> int:
        folded, stems = _tokens(word, self._languages)
        self[word] = verdict = _HIT * self._sought.has(folded, stems) | _OPENS * (folded in self._sought.phrases)
        return verdict


class Marker:
    """Marks texts for one query.

    Args:
        leaves: what the query looks for (``syntax.tokens``).
    """

    def __init__(self, leaves: Iterable[Term | Phrase | Prefix | Fuzzy]) -> None:
        kept = tuple(leaves)
        named = {leaf.field for leaf in kept}
        anywhere = _sought([leaf for leaf in kept if leaf.field is None])
        self._sought = {
            where: _sought([leaf for leaf in kept if leaf.field in (None, where)]) if where in named else anywhere
            for where in Field
        }
        self._verdicts: dict[tuple[int, Sequence[str]], _Verdicts] = {}

    def mark(self, text: SearchText) -> tuple[Stretch, ...]:
        """The text in stretches, marked and not; joined they are the text. A name is one word to a person."""
        sought = self._sought[text.field]
        if sought.is_nothing or not text.text:
            return (Stretch(text.text),) if text.text else ()
        if text.field in (Field.NAME, Field.ID) and sought.is_name(_forms(text)):
            return (Stretch(text.text, True),)
        if sought.is_absent(_tokens_of(text.text, _languages_of(text.language))):
            return (Stretch(text.text),)
        scan = _scan(text.text)
        hit = self._hit(scan, sought, _languages_of(text.language))
        return _stretches(text.text, [span for span, is_hit in zip(scan.spans, hit, strict=True) if is_hit])

    def _hit(self, scan: _Scan, sought: _Sought, languages: Sequence[str]) -> Sequence[int]:
        """Of each word of a text whether it is to be marked."""
        verdicts = self._verdicts.get((id(sought), languages))
        if verdicts is None:
            verdicts = self._verdicts[id(sought), languages] = _Verdicts(sought, languages)
        found = [verdicts[word] for word in scan.words]
        hit = [verdict & _HIT for verdict in found] if any(found) else [0] * len(found)
        if sought.phrases and any(verdict & _OPENS for verdict in found):
            for start, end in sought.phrases_in([analysis.folded_word(word) for word in scan.words]):
                hit[start:end] = [_HIT] * (end - start)
        for token, start, end in scan.compounds:
            if token in sought.stems:
                hit = [
                    one or (start <= first and last <= end) for one, (first, last) in zip(hit, scan.spans, strict=True)
                ]
        return hit


# The same texts are shown again and again: studies, concepts, answers.
@lru_cache(maxsize=10_000)
def _tokens_of(text: str, languages: Sequence[str]) -> frozenset[str]:
    """The words of a text as they are folded, their stems, and what is written together with punctuation."""
    found = {compound for compound, _, _ in analysis.compounds(text)}
    for word in analysis.written_words(text):
        folded, stems = _tokens(word, languages)
        found.add(folded)
        found.update(stems)
    return frozenset(found)


@lru_cache(maxsize=2_000)
def _scan(text: str) -> _Scan:
    words = tuple(analysis.words(text))
    spans = tuple((word.start, word.end) for word in words)
    return _Scan(tuple(word.text for word in words), spans, tuple(analysis.compounds(text)))


@lru_cache(maxsize=50_000)
def _tokens(word: str, languages: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """A word as it is folded, and its stems."""
    return analysis.folded_word(word), tuple(stem for one in languages for stem in analysis.stems(word, one))


_languages_of = lru_cache(maxsize=1000)(analysis.languages_of)


@lru_cache(maxsize=10_000)
def _forms(name: SearchText) -> tuple[str, ...]:
    """The words that a name is found by."""
    return analysis.entry(SearchDocument(1, (name,))).words.get(name.field, ())


def _sought(leaves: Sequence[Term | Phrase | Prefix | Fuzzy]) -> _Sought:
    tokens = [token for leaf in leaves if isinstance(leaf, Term) for token in leaf.tokens]
    phrases: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for leaf in leaves:
        if isinstance(leaf, Phrase) and leaf.words:
            phrases[leaf.words[0]].append(leaf.words)
    return _Sought(
        frozenset(token.text for token in tokens if token.layer is Layer.WORD),
        frozenset(token.text for token in tokens if token.layer is Layer.STEM),
        {first: tuple(some) for first, some in phrases.items()},
        tuple(leaf.prefix for leaf in leaves if isinstance(leaf, Prefix)),
        tuple((leaf.word, leaf.distance) for leaf in leaves if isinstance(leaf, Fuzzy)),
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
