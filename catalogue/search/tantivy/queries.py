"""The query tree as queries of the engine.

Scores are the port's, not the engine's: every leaf has a constant score, the best of several is a maximum of
disjuncts, and only sums are left to the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, TypeGuard

import tantivy

from catalogue.errors import UsageError
from catalogue.search.port import (
    WEIGHTS,
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
    Token,
)
from catalogue.search.tantivy import schema
from catalogue.search.tantivy.combining import Filters
from catalogue.search.tantivy.postings import Postings

FARTHEST: Final = 2
# How much less a place counts than one before it, relatively; single precision tells that apart.
_NUANCE: Final = 2.0**-20
# Where something may be found: index field, token, weight.
_Leaf = tuple[str, str, float]
_Query = tantivy.Query
_MUST, _SHOULD, _NOT = tantivy.Occur.Must, tantivy.Occur.Should, tantivy.Occur.MustNot


class Compiler:
    """Makes queries for one state of the index.

    Args:
        scoring: whether scores matter; without, queries are plainer and faster.
    """

    def __init__(self, postings: Postings, *, scoring: bool) -> None:
        self._postings = postings
        self._schema = postings.schema
        self._scoring = scoring

    def compile(self, node: Node) -> tantivy.Query:
        """Raises UsageError for a distance that the engine does not know."""
        return _COMPILERS[type(node)](self, node)

    def compile_first(self, node: Term | Phrase, wanted: int) -> tantivy.Query:
        """What has the same first hits as the node, ``wanted`` of them, and maybe not all others.

        Where the best places have enough documents, the others need not be looked at. Of places that weigh the same,
        those with fewer documents go first, by a factor too small to matter, so that pieces fit together.
        """
        scale = self._scale(node)
        kept: list[tuple[tantivy.Query, float]] = []
        for name, token, weight in sorted(self._leaves(node), key=self._from_best):
            kept.append((self._equal(name, token), weight * scale * (1 - len(kept) * _NUANCE)))
            if self._postings.at_least(name, token) >= wanted:
                break
        return self._best_of(kept)

    def _from_best(self, leaf: _Leaf) -> tuple[float, int]:
        name, token, weight = leaf
        return -weight, self._postings.at_least(name, token)

    # --- one per kind of node

    def _term(self, node: Term) -> tantivy.Query:
        return self._of_leaves(node, self._leaves(node))

    def _phrase(self, node: Phrase) -> tantivy.Query:
        if has_leaves(node):
            return self._of_leaves(node, self._leaves(node))
        words = [schema.token(word) for word in node.words]
        places = [
            (name, weight)
            for name, weight in _fields(Layer.WORD, node.field)
            if all(self._postings.occurs(name, word) for word in words)
        ]
        scale = self._scale(node) if places else 0.0
        return self._best_of((self._sequence(name, words), weight * scale) for name, weight in places)

    # --- terms, and what is found like them

    def _leaves(self, node: Term | Phrase) -> list[_Leaf]:
        found = _leaves_of_term(node) if isinstance(node, Term) else _leaves_of_phrase(node)
        return [(name, token, weight) for name, token, weight in found if self._postings.occurs(name, token)]

    def _of_leaves(self, node: Term | Phrase, leaves: list[_Leaf]) -> tantivy.Query:
        scale = self._scale(node) if leaves else 0.0
        return self._best_of((self._equal(name, token), weight * scale) for name, token, weight in leaves)

    def _scale(self, node: Term | Phrase) -> float:
        """What the weight of a place counts."""
        if not self._scoring:
            return 0.0
        if isinstance(node, Term):
            return self._postings.idf(node.tokens)
        return sum(self._postings.idf([Token(word, Layer.WORD)]) for word in node.words)

    # --- other nodes

    def _sequence(self, name: str, words: list[str]) -> tantivy.Query:
        if len(words) > 1:
            return _Query.phrase_query(self._schema, name, list(words))
        return self._equal(name, words[0]) if words else _Query.regex_query(self._schema, name, ".*")

    def _prefix(self, node: Prefix) -> tantivy.Query:
        prefix = schema.token(node.prefix)
        if node.field is None and 0 < len(prefix) <= schema.LONGEST_START:
            begun = [(schema.starting(field), WEIGHTS[field]) for field in schema.BY_WEIGHT]
            return self._best_of((self._equal(name, prefix), weight) for name, weight in begun)
        return self._expanded(node.field, lambda name: self._near(name, prefix, 0, prefix=True))

    def _fuzzy(self, node: Fuzzy) -> tantivy.Query:
        if node.distance > FARTHEST:
            raise UsageError(f"A word can be at most {FARTHEST} letters off, not {node.distance}.")
        word = schema.token(node.word)
        return self._expanded(node.field, lambda name: self._near(name, word, node.distance))

    def _near(self, name: str, word: str, distance: int, *, prefix: bool = False) -> tantivy.Query:
        return _Query.fuzzy_term_query(self._schema, name, word, distance, transposition_cost_one=True, prefix=prefix)

    def _expanded(self, field: Field | None, query: Callable[[str], tantivy.Query]) -> tantivy.Query:
        return self._best_of((query(name), weight) for name, weight in _places(Layer.WORD, field))

    def _and(self, node: And) -> tantivy.Query:
        wanted = [(_MUST, self.compile(one)) for one in node.nodes if not isinstance(one, Not)]
        unwanted = [(_NOT, self.compile(one.node)) for one in node.nodes if isinstance(one, Not)]
        return _Query.boolean_query([*(wanted or [(_MUST, _everything())]), *unwanted])

    def _or(self, node: Or) -> tantivy.Query:
        return _any([self.compile(one) for one in node.nodes])

    def _best(self, node: Best) -> tantivy.Query:
        ways = [(self.compile(one), factor) for one, factor in node.ways]
        if not self._scoring:
            return _any([query for query, _ in ways])
        return _maximum([_Query.boost_query(query, factor) for query, factor in ways])

    def _not(self, node: Not) -> tantivy.Query:
        return self._and(And((node,)))

    def _having(self, node: Having) -> tantivy.Query:
        name = schema.faceted(node.facet)
        found = [self._equal(name, value) for value in node.values if self._postings.occurs(name, value)]
        return _Query.const_score_query(_any(found), 0.0)

    def _between(self, node: Between) -> tantivy.Query:
        values = self._postings.values(node.facet)
        return self._having(Having(node.facet, tuple(value for value in values if _is_between(value, node))))

    def _everything(self, _node: Everything) -> tantivy.Query:
        return _everything()

    def _prefer(self, node: Prefer) -> tantivy.Query:
        wanted = self.compile(node.node)
        if not self._scoring:
            return wanted
        preferred = [
            (_SHOULD, _Query.const_score_query(self.compile(one), constant)) for one, constant in node.preferences
        ]
        return _Query.boolean_query([(_MUST, wanted), *preferred])

    # --- leaves

    def _equal(self, name: str, token: str) -> tantivy.Query:
        return _Query.term_query(self._schema, name, token, index_option="basic")

    def _best_of(self, leaves: Iterable[tuple[tantivy.Query, float]]) -> tantivy.Query:
        """The maximum of scores; without those it costs the engine less, so what scores the same is one."""
        if not self._scoring:
            return _any([query for query, _ in leaves])
        by_score: dict[float, list[tantivy.Query]] = {}
        for query, score in leaves:
            by_score.setdefault(score, []).append(query)
        return _maximum([_Query.const_score_query(_any(some), score) for score, some in by_score.items()])


_COMPILERS: Mapping[type, Callable[..., tantivy.Query]] = {
    Term: Compiler._term,
    Phrase: Compiler._phrase,
    Prefix: Compiler._prefix,
    Fuzzy: Compiler._fuzzy,
    And: Compiler._and,
    Or: Compiler._or,
    Best: Compiler._best,
    Not: Compiler._not,
    Having: Compiler._having,
    Between: Compiler._between,
    Everything: Compiler._everything,
    Prefer: Compiler._prefer,
}


def filtered(query: Node, filters: Filters) -> Node:
    """A query with chosen values of facets."""
    chosen = [Having(facet, values) for facet, values in filters]
    return And((query, *chosen)) if chosen else query


def has_leaves(node: Node) -> TypeGuard[Term | Phrase]:
    """Whether the node is found by tokens alone: a word, or a phrase that is a token of its own."""
    return isinstance(node, Term) or (
        isinstance(node, Phrase) and node.field is None and len(node.words) in schema.GRAMS
    )


def _leaves_of_term(node: Term) -> Iterator[_Leaf]:
    for token in node.tokens:
        for name, weight in _places(token.layer, node.field):
            yield name, schema.token(token.text), token.factor * weight


def _leaves_of_phrase(node: Phrase) -> Iterator[_Leaf]:
    token = schema.gram(node.words)
    return ((schema.following(field), token, WEIGHTS[field]) for field in schema.BY_WEIGHT)


def _places(layer: Layer, field: Field | None) -> list[tuple[str, float]]:
    """The index fields that each have a document at most once for a token, and the weight of each."""
    if field is not None:
        return _fields(layer, field)
    return [(schema.top(layer, one), WEIGHTS[one]) for one in schema.BY_WEIGHT]


def _fields(layer: Layer, field: Field | None) -> list[tuple[str, float]]:
    wanted = schema.BY_WEIGHT if field is None else (field,)
    return [(schema.within(layer, one), WEIGHTS[one]) for one in wanted]


def _any(queries: list[tantivy.Query]) -> tantivy.Query:
    if len(queries) == 1:
        return queries[0]
    return _Query.boolean_query([(_SHOULD, query) for query in queries]) if queries else _Query.empty_query()


def _maximum(queries: list[tantivy.Query]) -> tantivy.Query:
    if len(queries) == 1:
        return queries[0]
    return _Query.disjunction_max_query(queries) if queries else _Query.empty_query()


def _everything() -> tantivy.Query:
    return _Query.const_score_query(_Query.all_query(), 0.0)


def _is_between(value: str, bounds: Between) -> bool:
    return (bounds.low or "") <= value and (bounds.high is None or value <= bounds.high)
