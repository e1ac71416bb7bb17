"""How many documents have what, in one state of the index.

Document frequencies of the engine count deleted documents until their segment is merged. Where there are any, they are
counted anew; for an idf only where that could change it.
"""

from __future__ import annotations

from collections.abc import Iterable

import tantivy

from catalogue.search import port
from catalogue.search.port import Facet, Layer, Token
from catalogue.search.tantivy import schema
from catalogue.search.tantivy.caching import Latest

_REMEMBERED = 10_000
# How much an idf may be off, relatively, for deleted documents.
_PRECISION = 5e-4


class Postings:
    """What an opened index has.

    Attributes:
        documents: how many there are.
        deleted: how many more the engine still counts at most.
    """

    def __init__(self, searcher: tantivy.Searcher) -> None:
        self.searcher = searcher
        self.schema = schema.build()
        self.documents = searcher.num_docs
        self.deleted = searcher.doc_freq("live", schema.LIVE) - self.documents
        self._values: Latest[Facet, tuple[str, ...]] = Latest(len(Facet))
        self._living: Latest[tuple[Layer, str], int] = Latest(_REMEMBERED)

    def occurs(self, name: str, token: str) -> bool:
        """Whether any document may have a token in an index field."""
        return self.searcher.doc_freq(name, token) > 0

    def at_least(self, name: str, token: str) -> int:
        """How many documents surely have a token in an index field."""
        return self.searcher.doc_freq(name, token) - self.deleted

    def count(self, query: tantivy.Query) -> int:
        """How many documents match."""
        found = self.searcher.aggregate(query, {"keys": {"value_count": {"field": "key"}}})
        return int(found["keys"]["value"])

    def values(self, facet: Facet) -> tuple[str, ...]:
        """All values of a facet, and maybe some that it had."""
        found = self.searcher.terms_with_prefix
        return self._values.get(facet, lambda: tuple(value for value, _ in found(schema.faceted(facet), "")))

    def idf(self, tokens: Iterable[Token]) -> float:
        """See ``port.idf``; of the most frequent of some tokens."""
        found = [(token.layer, schema.token(token.text)) for token in tokens]
        most = max((self._counted(*one) for one in found), default=0)
        lowest = port.idf(self.documents, min(most, self.documents))
        highest = port.idf(self.documents, max(most - self.deleted, 0))
        if highest - lowest <= _PRECISION * lowest:
            return lowest
        return port.idf(self.documents, max((self._with(*one) for one in found), default=0))

    def documents_with(self, word: str) -> int:
        """How many documents have a word, as it stands in the index."""
        return self._with(Layer.WORD, word)

    def _with(self, layer: Layer, token: str) -> int:
        if not self.deleted:
            return self._counted(layer, token)
        return self._living.get((layer, token), lambda: self._count(layer, token))

    def _counted(self, layer: Layer, token: str) -> int:
        return sum(self.searcher.doc_freq(name, token) for name in _NAMES[layer])

    def _count(self, layer: Layer, token: str) -> int:
        term = tantivy.Query.term_query
        leaves = [term(self.schema, name, token, "basic") for name in _NAMES[layer] if self.occurs(name, token)]
        return self.count(tantivy.Query.boolean_query([(tantivy.Occur.Should, leaf) for leaf in leaves]))


# Index fields that together have a document at most once for a token.
_NAMES = {Layer.WORD: ["words"], Layer.STEM: [schema.top(Layer.STEM, field) for field in schema.BY_WEIGHT]}
