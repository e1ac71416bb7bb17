"""While somebody types: how labels and concepts go on with what stands there already."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from catalogue.finding.asking import Asker
from catalogue.finding.spelt import TextsOf
from catalogue.model.text import primary_language
from catalogue.search import analysis
from catalogue.search.port import And, Everything, Facet, Field, Having, Node, Or, Phrase, Prefer, Prefix, SearchRequest

# Where phrases are taken from.
_FIELDS: Final = (Field.LABEL, Field.CONCEPT)
# A phrase is looked for in the texts of so many items, concepts first: what those are called, others repeat.
_LOOKED_THROUGH: Final = 40
_CONCEPTS_FIRST: Final = ((Having(Facet.TYPE, ("Concept",)), 1000.0),)
# So many words before the one that is being typed can belong to a phrase.
_MOST_BEFORE: Final = 4
_PLAIN: Final = re.compile(r"[^\W_](?:[\w'’-]*[\w'’])?")
# No phrase reaches over these.
_APART: Final = re.compile(r"[.,:;?!()\[\]…–—/|]")
_OPERATORS: Final = frozenset(("AND", "OR", "NOT", "ET", "OU", "SAUF"))
_OPENED: Final = '(“«"'


@dataclass(frozen=True, slots=True)
class Continuation:
    """How a phrase goes on.

    Attributes:
        text: as a text writes it, from the word that is being typed on.
        documents: how many have the phrase, beside what stands before it.
        own: it is in the reader's language, or in none.
    """

    text: str
    documents: int
    own: bool


def continuations(
    asker: Asker, texts_of: TextsOf, before: str, beginning: str, language: str | None
) -> list[Continuation]:
    """How phrases go on with what was typed, the reader's language first, then the most frequent.

    Args:
        before: what stands before the word that is being typed; as much of its end as is in a phrase is part of it.
        beginning: of that word, folded.
    """
    for start in _starts(before):
        words = tuple(analysis.folded_word(word.text) for word in analysis.words(before[start:]))
        if words and (found := _found(asker, texts_of, words, beginning, language)):
            return _counted(asker, beside(asker, before[:start], language), found)
    return []


def beside(asker: Asker, earlier: str, language: str | None) -> Node:
    """What is asked for beside a phrase; of what is an alternative to it, or excluded, nothing."""
    words = earlier.rstrip(_OPENED + " ").rsplit(maxsplit=1)
    return Everything() if not words or words[-1] in _OPERATORS else asker.plain(" ".join(words), language)


def _starts(before: str) -> Iterator[int]:
    """Where in a text a phrase can begin that goes on to its end, the longest first: at a plain word."""
    found: list[int] = []
    for word in reversed(list(re.finditer(r"\S+", before))):
        bare = word[0].lstrip(_OPENED)
        if len(found) == _MOST_BEFORE or word[0] in _OPERATORS or not _PLAIN.fullmatch(bare):
            break
        found.append(word.end() - len(bare))
        if bare != word[0]:
            break
    return reversed(found)


_Key = tuple[str, ...]


def _found(
    asker: Asker, texts_of: TextsOf, words: _Key, beginning: str, language: str | None
) -> dict[_Key, Continuation]:
    """The phrases of texts that go on so, each once, whatever its case, accents and plural; not counted yet."""
    parts = (And((Phrase(words, field), Prefix(beginning, field))) for field in _FIELDS)
    request = SearchRequest(Prefer(Or(tuple(parts)), _CONCEPTS_FIRST), limit=_LOOKED_THROUGH)
    keys = [hit.key for hit in asker.index.search(request).hits]
    texts = [text for some in texts_of(keys).values() for text in some if text.field in _FIELDS]
    found: dict[_Key, tuple[_Key, Continuation]] = {}
    for text in dict.fromkeys(texts):
        own = language is None or primary_language(text.language) in (None, language)
        for phrase, written in _going_on(text.text, words, beginning):
            alike = analysis.normal(" ".join(phrase))
            if alike not in found or (own and not found[alike][1].own):
                found[alike] = phrase, Continuation(written, 0, own)
    return dict(found.values())


def _going_on(text: str, before: _Key, beginning: str) -> Iterator[tuple[_Key, str]]:
    """Where words stand in a text, and go on: the whole phrase, and what comes new. It ends with a telling word."""
    words = list(analysis.words(text))
    folded = tuple(analysis.folded_word(word.text) for word in words)
    for place in range(len(before), len(words)):
        if folded[place - len(before) : place] != before or not folded[place].startswith(beginning):
            continue
        end = place
        while folded[end] in analysis.stop_words() and end + 1 < len(words):
            end += 1
        written = text[words[place - len(before)].start : words[end].end]
        if folded[end] not in analysis.stop_words() and not _APART.search(written):
            yield folded[place - len(before) : end + 1], text[words[place].start : words[end].end].lower()


def _counted(asker: Asker, earlier: Node, found: dict[_Key, Continuation]) -> list[Continuation]:
    counted = []
    for words, one in found.items():
        phrase: Node = Phrase(words)
        documents = asker.count(phrase if isinstance(earlier, Everything) else And((earlier, phrase)))
        if documents:
            counted.append(Continuation(one.text, documents, one.own))
    return sorted(counted, key=lambda one: (not one.own, -one.documents, one.text))
