"""Words of the index as texts write them, and the words that a misspelt one may be meant for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from itertools import islice, product
from typing import Final

from catalogue.finding.answers import Correction, SearchQuestion
from catalogue.finding.asking import Asker, replaced
from catalogue.model.text import primary_language
from catalogue.search import analysis, names
from catalogue.search.distance import distance
from catalogue.search.notes import NoteCode
from catalogue.search.port import Field, Layer, SearchRequest, SearchText, Term, Token
from catalogue.search.repair import with_field
from catalogue.search.syntax import ParsedQuery

# Fewer hits than this, and other spellings are looked for.
FEW: Final = 3
# A shorter word is misspelt in one place at most.
_LONG_WORD: Final = 7
_SPELLINGS: Final = 3
# So many ways to put misspelt names right are tried.
_MOST_NAMES: Final = 8

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

    def strangeness(self, word: str, language: str | None) -> int:
        """0 for a word of a language, where at least as many documents have its stem as in the other; 1 for one of the
        other; 2 for what no text has in either, such as the name of a variable."""
        counts = {one: self._stemmed(word, one) for one in analysis.LANGUAGES}
        most = max(counts.values())
        return 2 if not most else int(counts.get(language or "", most) < most)

    def _stemmed(self, word: str, language: str) -> int:
        tokens = tuple(Token(stem, Layer.STEM) for stem in analysis.stems(word, language))
        return self._asker.count(Term(tokens)) if tokens else 0

    def corrections(self, parsed: ParsedQuery, question: SearchQuestion) -> tuple[Correction, ...]:
        """Queries that find something, most likely first: with other names before a colon where there is no such field,
        with the words replaced that nothing has."""
        found = self._of_fields(parsed, question) or self._of_words(parsed, question)
        return tuple({one.text: one for one in found}.values())[:_SPELLINGS]

    def _of_fields(self, parsed: ParsedQuery, question: SearchQuestion) -> list[Correction]:
        """Other names for those that there are not; what follows one may be misspelt as well. Where nothing is found
        by any of them, the nearest says all the same what the name is."""
        wrong = [note.subject for note in parsed.notes if note.code is NoteCode.UNKNOWN_FIELD]
        meant = {name: others for name in wrong if (others := names.meant(name, question.language))}
        if not meant:
            return []
        ways = [dict(zip(meant, others, strict=True)) for others in islice(product(*meant.values()), _MOST_NAMES)]
        renamed = [Correction(reduce(_renamed, words.items(), parsed.text), words) for words in ways]
        found = [better for one in renamed for better in self._found(one, question)]
        return found or renamed[:1]

    def _found(self, renamed: Correction, question: SearchQuestion) -> list[Correction]:
        """A correction, if it finds something, else with its words corrected as well."""
        parsed = self._asker.parse(question, renamed.text)
        if self._finds(parsed):
            return [renamed]
        return [Correction(one.text, {**renamed.words, **one.words}) for one in self._of_words(parsed, question)]

    def _finds(self, parsed: ParsedQuery) -> bool:
        return any(self._asker.count(node) for node in (parsed.node, parsed.relaxed) if node is not None)

    def _of_words(self, parsed: ParsedQuery, question: SearchQuestion) -> list[Correction]:
        fields = {note.subject for note in parsed.notes if note.code is NoteCode.UNKNOWN_FIELD}
        words = (word for word in self._asker.unknown(parsed) if word not in fields)
        unknown = [word for word in words if not any(map(str.isdigit, word))]
        choices = {word: self._spellings(word, question.language) for word in unknown}
        if not unknown or not all(choices.values()):
            return []
        corrections = []
        for place in range(min(len(found) for found in choices.values())):
            others = {word: found[place] for word, found in choices.items()}
            text = replaced(parsed.text, others)
            if self._finds(self._asker.parse(question, text)):
                corrections.append(Correction(text, others))
        return corrections

    def _spellings(self, word: str, language: str | None) -> list[str]:
        """Telling words that one is likely to be meant for: hardly anybody gets the first letter wrong."""
        folded = analysis.compact(word)
        most = 1 if len(folded) < _LONG_WORD else 2
        similar = self._asker.index.similar(folded, _SPELLINGS * 4)
        telling = (one.value for one in similar if one.value not in analysis.stop_words())
        near = [one for one in telling if one[:1] == folded[:1]]
        likely = [other for other in near if distance(other, folded, most) is not None]
        return [self.written(other, language) for other in likely[:_SPELLINGS]]


def _renamed(text: str, names: tuple[str, str]) -> str:
    return with_field(text, *names)
