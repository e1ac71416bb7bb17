"""Words of the index as texts write them, and the words that a misspelt one may be meant for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from catalogue.finding.answers import Correction, SearchQuestion
from catalogue.finding.asking import Asker, replaced
from catalogue.model.text import primary_language
from catalogue.search import analysis
from catalogue.search.distance import distance
from catalogue.search.port import Field, Layer, SearchRequest, SearchText, Term, Token
from catalogue.search.syntax import ParsedQuery

# Fewer hits than this, and other spellings are looked for.
FEW: Final = 3
# A shorter word is misspelt in one place at most.
_LONG_WORD: Final = 7
_SPELLINGS: Final = 3

TextsOf = Callable[[Sequence[int]], Mapping[int, Sequence[SearchText]]]
"""The texts of documents by key; those that are gone are left out."""


class Speller:
    """Knows how words are written.

    Args:
        asker: the index.
        texts_of: what its documents say.
    """

    def __init__(self, asker: Asker, texts_of: TextsOf) -> None:
        self._asker = asker
        self._texts_of = texts_of

    def written(self, folded: str, language: str | None = None) -> str:
        """A word of the index with its accents, as a text has it: one in the reader's language, if there is one."""
        request = SearchRequest(Term((Token(folded, Layer.WORD),)), limit=1)
        keys = [hit.key for hit in self._asker.index.search(request).hits]
        texts = [text for found in self._texts_of(keys).values() for text in found]
        for text in sorted(texts, key=lambda text: primary_language(text.language) != language):
            for word in analysis.words(text.text):
                if analysis.folded_word(word.text) == folded and text.field not in (Field.NAME, Field.ID):
                    return word.text.lower()
        return folded

    def is_of(self, word: str, language: str | None) -> bool:
        """Whether a word is one of a language: at least as many documents have its stem there as in the other."""
        counts = {one: self._stemmed(word, one) for one in analysis.LANGUAGES}
        return language not in counts or counts[language] == max(counts.values())

    def _stemmed(self, word: str, language: str) -> int:
        tokens = tuple(Token(stem, Layer.STEM) for stem in analysis.stems(word, language))
        return self._asker.count(Term(tokens)) if tokens else 0

    def corrections(self, parsed: ParsedQuery, question: SearchQuestion) -> tuple[Correction, ...]:
        """Queries with the words replaced that nothing has, most likely first; only those that find something."""
        unknown = [word for word in self._asker.unknown(parsed) if not any(map(str.isdigit, word))]
        choices = {word: self._spellings(word, question.language) for word in unknown}
        if not unknown or not all(choices.values()):
            return ()
        corrections = []
        for place in range(min(len(found) for found in choices.values())):
            words = {word: found[place] for word, found in choices.items()}
            text = replaced(parsed.text, words)
            corrected = self._asker.parse(question, text)
            if any(self._asker.count(node) for node in (corrected.node, corrected.relaxed) if node is not None):
                corrections.append(Correction(text, words))
        return tuple(corrections)

    def _spellings(self, word: str, language: str | None) -> list[str]:
        """Words that one is likely to be meant for: hardly anybody gets the first letter wrong."""
        folded = analysis.compact(word)
        most = 1 if len(folded) < _LONG_WORD else 2
        similar = self._asker.index.similar(folded, _SPELLINGS * 4)
        near = [one.value for one in similar if one.value[:1] == folded[:1]]
        likely = [other for other in near if distance(other, folded, most) is not None]
        return [self.written(other, language) for other in likely[:_SPELLINGS]]
