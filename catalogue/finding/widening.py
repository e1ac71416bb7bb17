"""Where a query finds little: what else may be meant, from the nearest to the farthest."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from catalogue.finding.answers import SearchQuestion
from catalogue.finding.asking import Asker, replaced
from catalogue.search import analysis
from catalogue.search.notes import Note, NoteCode
from catalogue.search.port import Node, Or, Prefer
from catalogue.search.syntax import ParsedQuery

# Fewer hits than this, and hits with some of the words follow.
ENOUGH: Final = 10
# What having all the words adds where some are enough.
_ALL_WORDS: Final = 4.0
# So many words may be a wording that somebody remembers.
_WORDING: Final = 4
# What holds words together in a query.
_JOINED: Final = re.compile(r'(?<=\w)[-/+|](?=\w)|"')


@dataclass(frozen=True, slots=True)
class Way:
    """What is asked for a query.

    Attributes:
        relaxed: some of the words are enough.
        notes: what was read otherwise than typed.
    """

    node: Node
    relaxed: bool = False
    notes: tuple[Note, ...] = ()


def widened(asker: Asker, parsed: ParsedQuery, question: SearchQuestion) -> Way:
    """What to ask: the query as it was read, or something wider, where that has few hits.

    Filters and years have no part in this: were they to widen a query, a value would give more hits than its count.
    """
    strict = Way(parsed.node)
    if question.every_word or (exact := asker.count(parsed.node)) >= ENOUGH:
        return strict
    tried = (_relaxed,) if exact else _WIDER
    return next((way for one in tried if (way := one(asker, parsed, question, exact)) is not None), strict)


def _relaxed(asker: Asker, parsed: ParsedQuery, _question: SearchQuestion, exact: int) -> Way | None:
    """Some of the words, all of them first. Operators and phrases stand as they are while they find anything."""
    if parsed.relaxed is None or (exact and not parsed.plain):
        return None
    node = Prefer(parsed.relaxed, ((parsed.node, _ALL_WORDS),)) if exact else parsed.relaxed
    return Way(node, relaxed=True) if asker.count(node) > exact else None


def _begun(asker: Asker, parsed: ParsedQuery, question: SearchQuestion, _exact: int) -> Way | None:
    """Words that nothing has, as beginnings: ``kiné`` is short for ``kinésithérapeute``."""
    begun = [word for word in asker.unknown(parsed) if asker.index.completions(analysis.compact(word), 1)]
    if not begun:
        return None
    node = asker.parse(question, replaced(parsed.text, {word: f"{word}*" for word in begun})).node
    notes = tuple(Note(NoteCode.BEGINNING, word) for word in begun)
    return Way(node, notes=notes) if asker.count(node) else None


def _apart(asker: Asker, parsed: ParsedQuery, question: SearchQuestion, _exact: int) -> Way | None:
    """The words of a phrase, or written together as in ``poids/taille``, each by itself."""
    text = _JOINED.sub(" ", parsed.text)
    node = asker.parse(question, text).node if text != parsed.text else None
    return Way(node, relaxed=True) if node is not None and asker.count(node) else None


def _broadened(asker: Asker, parsed: ParsedQuery, question: SearchQuestion, _exact: int) -> Way | None:
    """The nearest broader concept of the thesaurus that anything is found by, of what was asked for alone."""
    level = [] if parsed.joined else [one.concept for one in parsed.expansions]
    seen: set[str] = set()
    while level:
        seen.update(one.uri for one in level)  # a thesaurus may go in circles
        level = [above for one in level for above in asker.thesaurus.broader(one) if above.uri not in seen]
        for concept in level:
            label = concept.preferred(question.language or "en")
            node = asker.parse(question, label).node
            if asker.count(node):
                return Way(node, notes=(Note(NoteCode.BROADER, label),))
    return None


def _any(asker: Asker, parsed: ParsedQuery, question: SearchQuestion, _exact: int) -> Way | None:
    """Any of the words, idle ones too: of a remembered wording they may be all that is right."""
    if len(parsed.words) < _WORDING or not parsed.plain:
        return None
    node = Or(tuple(analysis.term(word, question.language) for word in dict.fromkeys(parsed.words)))
    return Way(node, relaxed=True) if asker.count(node) else None


_Widen = Callable[[Asker, ParsedQuery, SearchQuestion, int], Way | None]
# What is tried in turn where nothing has all the words.
_WIDER: Final[Sequence[_Widen]] = (_begun, _apart, _relaxed, _broadened, _any)
