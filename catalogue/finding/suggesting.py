"""While somebody types: the phrase and the last word completed, and items that the text leads to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from catalogue.finding.answers import MOST_FACET_VALUES, FoundItem, Suggestion
from catalogue.finding.asking import Asker
from catalogue.finding.naming import CODED
from catalogue.finding.phrases import beside, continuations
from catalogue.finding.spelt import Speller, TextsOf
from catalogue.model.text import primary_language
from catalogue.search import analysis
from catalogue.search.names import FACET_NAMES
from catalogue.search.port import (
    WEIGHTS,
    And,
    Count,
    Everything,
    Facet,
    Field,
    Having,
    Hit,
    Node,
    Or,
    Prefer,
    Prefix,
    SearchRequest,
)
from catalogue.search.values import Alike

# A shorter beginning has too many items to be worth showing any.
_ITEM_PREFIX: Final = 3
# So many times what is wanted is looked at, so that what is in the reader's language can come first.
_LOOKED_AT: Final = 2
# What can stand before the word that is being typed: a sign, a quote, a field.
_OPENING: Final = re.compile(r"[-(“«\"]*(?:[^\W\d][\w-]*:)?[(“«\"]*")
# A facet at the end of what is typed, and as much of a value as there is.
_VALUE: Final = re.compile(
    r"(?:^|(?<=\s))(?P<sign>[-+(]*)(?P<facet>[^\W\d][\w-]*):(?:[\"“«]\s*(?P<quoted>[^\"“”«»]*)|(?P<word>[^\s\"“”«»()]*))$"
)
_ONE_WORD: Final = re.compile(r"\w+")
_FIRST_TYPES: Final = ("Concept", "Group", "StudyUnit", "Instrument")

Show = Callable[[Iterable[Hit], Node, str | None], Sequence[FoundItem]]
"""Hits of a query as they are shown to readers of a language."""


class Suggester:
    """Makes suggestions.

    Args:
        asker: the index.
        speller: says how words are written, and in which language.
        texts_of: what documents say.
        show: describes items.
    """

    def __init__(self, asker: Asker, speller: Speller, texts_of: TextsOf, show: Show) -> None:
        self._asker = asker
        self._speller = speller
        self._texts_of = texts_of
        self._show = show

    def suggest(self, text: str, language: str | None, limit: int) -> tuple[Suggestion, ...]:
        """Phrases, words and items, at most ``limit`` together; of each, those in the reader's language first. In a
        facet of codes its values."""
        if (value := _value(text)) is not None:
            return tuple(self._values(text, value, language, limit))
        typed = text.rstrip()
        before, last = _last_word(typed)
        beginning = analysis.compact(last)
        if not beginning or text != typed:
            return ()
        earlier, _, opening = before.rpartition(" ")
        phrases = continuations(self._asker, self._texts_of, before, beginning, language)
        single = self._completions(before, beginning, language, limit) if len(phrases) < limit else []
        texts = [(one.text, one.documents) for one in phrases]
        texts += [(self._speller.written(one.value, language), one.documents) for one in single]
        words = _apart(Suggestion(before + text, "word", documents=documents) for text, documents in texts)
        items = [] if opening.startswith("-") else self._items(earlier, beginning, language, limit)
        half = limit // 2
        return (*words[: max(half, limit - len(items))], *items[: max(half, limit - len(words))])

    def _values(self, text: str, typed: re.Match[str], language: str | None, limit: int) -> list[Suggestion]:
        """The values of a facet as the reader sees them that go with what stands before, the most frequent first."""
        facet = FACET_NAMES[analysis.fold(typed["facet"])]
        earlier = beside(self._asker, text[: typed.start()], language)
        shown = self._asker.names.shown(facet, typed["quoted"] or typed["word"] or "", language)
        counts = self._counts(facet, shown, earlier)
        found = sorted((name for name in counts if counts[name]), key=lambda name: -counts[name])
        before = text[: typed.end("facet")]
        return _apart(Suggestion(f"{before}:{_quoted(name)}", "word", documents=counts[name]) for name in found)[:limit]

    def _counts(self, facet: Facet, names: Iterable[str], earlier: Node) -> Mapping[str, int]:
        """How many have each value by name; of a name of several, how many have any."""
        request = SearchRequest(earlier, facets={facet: MOST_FACET_VALUES}, limit=0)
        found = self._asker.index.search(request).facets[facet]
        codes = {name: self._asker.names(facet, name, Alike.WHOLE) for name in names}
        several = {some for some in codes.values() if len(some) > 1}
        counts: dict[tuple[str, ...], int] = {(one.value,): one.documents for one in found}
        counts |= {some: self._asker.count(And((earlier, Having(facet, some)))) for some in several}
        return {name: counts.get(some, 0) for name, some in codes.items()}

    def _completions(self, before: str, beginning: str, language: str | None, limit: int) -> list[Count]:
        """Telling words, codes only where digits are being typed; with what stands before, those that go with it."""
        found = self._asker.index.completions(beginning, limit * 4)
        coded = any(character.isdigit() for character in beginning)
        telling = [one for one in found if (coded or one.value.isalpha()) and one.value not in analysis.stop_words()]
        likely = telling[: limit * _LOOKED_AT]
        if before.strip():
            together = (
                Count(one.value, self._asker.count(_completed(self._asker, before, one.value))) for one in likely
            )
            likely = sorted((one for one in together if one.documents), key=lambda one: -one.documents)
        return sorted(likely, key=lambda one: self._speller.strangeness(one.value, language))[:limit]

    def _items(self, before: str, beginning: str, language: str | None, limit: int) -> list[Suggestion]:
        if len(beginning) < _ITEM_PREFIX:
            return []
        earlier = self._asker.plain(before, language)
        wanted: Node = Prefer(
            Or((Prefix(beginning, Field.NAME), Prefix(beginning, Field.LABEL))),
            ((Having(Facet.TYPE, _FIRST_TYPES), WEIGHTS[Field.NAME]),),
        )
        if not isinstance(earlier, Everything):
            wanted = And((earlier, wanted))
        hits = self._asker.index.search(SearchRequest(wanted, limit=limit * _LOOKED_AT)).hits
        shown = sorted(self._show(hits, wanted, language), key=lambda found: not _is_read(found, language))
        items = (Suggestion(one.labels[0].text, "item", one.summary, one.summary.label) for one in shown)
        return _apart(items)[:limit]


def _value(text: str) -> re.Match[str] | None:
    """A value of a facet of codes that is being typed; what stands in open quotes is words."""
    found = _VALUE.search(text)
    if found is None or FACET_NAMES.get(analysis.fold(found["facet"])) not in CODED:
        return None
    return None if text[: found.start()].count('"') % 2 else found


def _quoted(name: str) -> str:
    """A name as one value of a query."""
    return name if _ONE_WORD.fullmatch(name) else f'"{name.replace(chr(34), " ")}"'


def _apart(suggestions: Iterable[Suggestion]) -> list[Suggestion]:
    """Each once, whatever its case, accents and plural; items of different types are not the same."""
    first: dict[tuple[object, ...], Suggestion] = {}
    for one in suggestions:
        first.setdefault((one.item.type if one.item else "", *(analysis.normal(one.text) or (one.text,))), one)
    return list(first.values())


def _completed(asker: Asker, before: str, word: str) -> Node:
    """What is asked with a word: in the field that stands before it, else beside what stands there."""
    earlier, _, opening = before.rpartition(" ")
    if ":" in opening:
        return asker.plain(before + word)
    return And((asker.plain(earlier), analysis.term(word)))


def _is_read(found: FoundItem, language: str | None) -> bool:
    """Whether the reader sees why an item is suggested: by its name, or by a label in no language or the reader's."""
    marked = [primary_language(one.language) for one in found.labels if one.is_marked]
    return not marked or language is None or any(one in (None, language) for one in marked)


def _last_word(typed: str) -> tuple[str, str]:
    """What stands before the word that is being typed, elision included, and the word."""
    start = typed.rfind(" ") + 1
    opening = _OPENING.match(typed, start)
    start = opening.end() if opening else start
    bare = analysis.without_elision(typed[start:]).lstrip()
    return typed[: len(typed) - len(bare)], typed[len(typed) - len(bare) :]
