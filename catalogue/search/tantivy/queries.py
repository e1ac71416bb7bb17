"""The query tree as queries of the engine.

Scores are the port's, not the engine's: every leaf has a constant score, the best of several is a maximum of
disjuncts, and only sums are left to the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

import tantivy

from catalogue.errors import UsageError
from catalogue.search.port import (
    WEIGHTS,
    And,
    Best,
    Between,
    Everything,
    Facet,
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
from catalogue.search.tantivy.postings import Postings

FARTHEST: Final = 2
Filters = tuple[tuple[Facet, tuple[str, ...]], ...]
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

    def compile_first(self, node: Term, wanted: int) -> tantivy.Query:
        """What has the same first hits as the term, ``wanted`` of them, and maybe not all others.

        Where the best places have enough documents, the others need not be looked at.
        """
        kept: list[tuple[str, str, float]] = []
        enough = 0.0
        for name, token, weight in sorted(self._leaves(node), key=lambda leaf: -leaf[2]):
            if weight < enough:
                break
            kept.append((name, token, weight))
            if not enough and self._postings.at_least(name, token) >= wanted:
                enough = weight
        return self._of_leaves(node, kept)

    # --- one per kind of node

    def _term(self, node: Term) -> tantivy.Query:
        return self._of_leaves(node, self._leaves(node))

    def _leaves(self, node: Term) -> list[tuple[str, str, float]]:
        """Where a term may be found: index field, token, weight."""
        return [
            (name, schema.token(token.text), token.factor * weight)
            for token in node.tokens
            for name, weight in _places(token.layer, node.field)
            if self._postings.occurs(name, schema.token(token.text))
        ]

    def _of_leaves(self, node: Term, leaves: list[tuple[str, str, float]]) -> tantivy.Query:
        scale = self._postings.idf(node.tokens) if self._scoring and leaves else 0.0
        return self._best_of((self._equal(name, token), weight * scale) for name, token, weight in leaves)

    def _phrase(self, node: Phrase) -> tantivy.Query:
        words = [schema.token(word) for word in node.words]
        places = [
            (name, weight)
            for name, weight in _fields(Layer.WORD, node.field)
            if all(self._postings.occurs(name, word) for word in words)
        ]
        tokens = (Token(word, Layer.WORD) for word in node.words)
        scale = sum(self._postings.idf([token]) for token in tokens) if self._scoring and places else 0.0
        return self._best_of((self._sequence(name, words), weight * scale) for name, weight in places)

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
        if not self._scoring:
            return _any([query for query, _ in leaves])
        return _maximum([_Query.const_score_query(query, score) for query, score in leaves])


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
