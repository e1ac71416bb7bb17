"""What each node of a query matches in a generation, and what it scores: document numbers, sorted, and scores.

The arithmetic goes in the order of the reference adapter, so scores are equal to the last bit and ties are ties.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from catalogue.search.port import (
    And,
    Best,
    Between,
    Everything,
    Field,
    Fuzzy,
    Having,
    Layer,
    Node,
    Not,
    Or,
    Phrase,
    Prefer,
    Prefix,
    Term,
    idf,
)
from catalogue.search.whoosh.codec import bits_of
from catalogue.search.whoosh.generation import Found, Generation, Scores
from catalogue.search.whoosh.schema import BITS, FIELDS, WEIGHT_OF_BITS
from catalogue.search.whoosh.segment import Bits, Flags, Ints

# A set this many times smaller than all documents is worked on by sorting instead of by an array of all documents.
_SPARSE = 64
# Weights are few and positive; this stands for none.
_NONE = -1.0
# What the next piece of the same hits, another filter, and other questions with the same words ask again.
_LEAVES = (Term, Phrase, Prefix, Fuzzy)


def evaluate(generation: Generation, node: Node) -> Found:
    """What a node matches and scores."""
    if isinstance(node, _LEAVES):
        return generation.found.get(node, lambda: _EVALUATORS[type(node)](generation, node))
    return _EVALUATORS[type(node)](generation, node)


def _term(generation: Generation, node: Term) -> Found:
    table = WEIGHT_OF_BITS[node.field]
    found, frequency = [], 0
    for token in node.tokens:
        docs, bits = generation.postings(token.layer, token.text)
        frequency = max(frequency, len(docs))
        found.append(_weighed(docs, bits, table, token.factor))
    best = _united(generation.size, found, np.maximum, -np.inf)
    return Found(best.docs, best.values() * idf(generation.documents, frequency))


def _weighed(docs: Ints, bits: Bits, table: Scores, factor: float = 1.0) -> Found:
    weights = table[bits]
    matching = weights != _NONE
    if not matching.all():
        docs, weights = docs[matching], weights[matching]
    return Found(docs, factor * weights)


def _phrase(generation: Generation, node: Phrase) -> Found:
    if not node.words:
        return Found(_prefix(generation, Prefix("", node.field)).docs)
    places: list[Ints] = []
    for offset, word in enumerate(node.words):
        stands = generation.places(word)
        if not len(stands):  # most phrases of the thesaurus have a word that no document has
            return Found(stands)
        places.append(stands - offset)
    places.sort(key=len)
    starts = places[0]
    for other in places[1:]:
        starts = starts[_inside(starts, other)]
    docs = starts >> 32
    alive = generation.live[docs]
    weight = _best_weights(generation.size, [(docs[alive], bits_of(starts[alive] & 0xFFFFFFFF))], node.field)
    factor = sum(idf(generation.documents, len(generation.postings(Layer.WORD, word)[0])) for word in node.words)
    return Found(weight.docs, weight.values() * factor)


def _prefix(generation: Generation, node: Prefix) -> Found:
    return _best_weights(generation.size, generation.beginning(node.prefix), node.field)


def _fuzzy(generation: Generation, node: Fuzzy) -> Found:
    return _best_weights(generation.size, generation.within(node.word, node.distance), node.field)


def _best_weights(size: int, found: Sequence[tuple[Ints, Bits]], where: Field | None) -> Found:
    """The best weight of each document among occurrences in any order."""
    docs = np.concatenate([docs for docs, _ in found]) if found else np.zeros(0, np.intp)
    bits = np.concatenate([bits for _, bits in found]) if found else np.zeros(0, BITS)
    if len(docs) * _SPARSE < size:
        weights = WEIGHT_OF_BITS[where][bits]
        order = np.lexsort((-weights, docs))
        docs, weights = docs[order], weights[order]
        firsts = np.flatnonzero(np.diff(docs, prepend=-1))
        docs, weights = docs[firsts], weights[firsts]
        return Found(docs[weights != _NONE], weights[weights != _NONE])
    fields = np.zeros(size, BITS)
    for number in range(len(FIELDS)):
        fields[docs[(bits >> number & 1).astype(bool)]] |= BITS(1 << number)
    some = np.flatnonzero(fields)
    return _weighed(some, fields[some], WEIGHT_OF_BITS[where])


def _and(generation: Generation, node: And) -> Found:
    if not node.nodes:
        return Found(generation.docs)
    found = [evaluate(generation, one) for one in node.nodes]
    docs, *others = sorted((one.docs for one in found), key=len)
    for other in others:
        docs = docs[_contained(generation.size, docs, other)]
    scored = [one for one in found if one.scores is not None]
    if not scored:
        return Found(docs)
    scores = np.zeros(len(docs))
    for one in scored:
        scores += _scores_of(generation.size, docs, one)
    return Found(docs, scores)


def _or(generation: Generation, node: Or) -> Found:
    return _united(generation.size, [evaluate(generation, one) for one in node.nodes], np.add, 0.0)


def _best(generation: Generation, node: Best) -> Found:
    found = [(evaluate(generation, one), factor) for one, factor in node.ways]
    ways = [Found(one.docs, factor * one.values()) for one, factor in found]
    return _united(generation.size, ways, np.maximum, -np.inf)


def _not(generation: Generation, node: Not) -> Found:
    rest = generation.live.copy()
    rest[evaluate(generation, node.node).docs] = False
    return Found(np.flatnonzero(rest))


def _having(generation: Generation, node: Having) -> Found:
    return Found(np.flatnonzero(generation.having(node.facet, node.values)))


def _between(generation: Generation, node: Between) -> Found:
    return Found(np.flatnonzero(generation.between(node.facet, node.low, node.high)))


def _everything(generation: Generation, _node: Everything) -> Found:
    return Found(generation.docs)


def _prefer(generation: Generation, node: Prefer) -> Found:
    found = evaluate(generation, node.node)
    extra = np.zeros(len(found.docs))
    for one, constant in node.preferences:
        preferred = evaluate(generation, one).docs
        extra[_contained(generation.size, found.docs, preferred)] += constant
    return Found(found.docs, found.values() + extra)


_EVALUATORS: Mapping[type, Callable[[Generation, Any], Found]] = {
    Term: _term,
    Phrase: _phrase,
    Prefix: _prefix,
    Fuzzy: _fuzzy,
    And: _and,
    Or: _or,
    Best: _best,
    Not: _not,
    Having: _having,
    Between: _between,
    Everything: _everything,
    Prefer: _prefer,
}


# --- sets of documents


def _inside(some: Ints, others: Ints) -> Flags:
    """Which of some ascending numbers are among others, ascending too."""
    if not len(others):
        return np.zeros(len(some), bool)
    places = np.searchsorted(others, some)
    places[places == len(others)] = 0
    inside: Flags = others[places] == some
    return inside


def _contained(size: int, docs: Ints, others: Ints) -> Flags:
    """Which of some documents are among others."""
    if len(docs) * _SPARSE < size:
        return _inside(docs, others)
    flags = np.zeros(size, bool)
    flags[others] = True
    return flags[docs]


def _scores_of(size: int, docs: Ints, found: Found) -> Scores:
    """The scores of some documents, each of which is among those found."""
    values = found.values()
    if len(docs) == len(found.docs):
        return values
    if len(docs) * _SPARSE < size:
        return values[np.searchsorted(found.docs, docs)]
    scores = np.empty(size)
    scores[found.docs] = values
    return scores[docs]


def _united(size: int, found: Sequence[Found], combine: np.ufunc, neutral: float) -> Found:
    """The documents of any; the scores of each combined, in order."""
    found = [one for one in found if len(one.docs)]
    if len(found) == 1:
        return found[0]
    if sum(len(one.docs) for one in found) * _SPARSE < size:
        docs = np.unique(np.concatenate([one.docs for one in found])) if found else np.zeros(0, np.intp)
        scores = np.full(len(docs), neutral)
        for one in found:
            places = np.searchsorted(docs, one.docs)
            scores[places] = combine(scores[places], one.values())
        return Found(docs, scores)
    scores = np.full(size, neutral)
    flags = np.zeros(size, bool)
    for one in found:
        flags[one.docs] = True
        scores[one.docs] = combine(scores[one.docs], one.values())
    docs = np.flatnonzero(flags)
    return Found(docs, scores[docs])
