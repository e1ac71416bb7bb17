"""How OpenSearch keeps a document, and how a query tree reads in its query language. Dictionaries only.

Words and stems arrive analysed and are kept as they are. A leaf of the tree is a ``constant_score`` whose constant is
its share of the score, so the scores of ``port`` come out: ``dis_max`` takes the best, ``bool`` adds up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any, Final

from catalogue.search.port import (
    GAP,
    WEIGHTS,
    And,
    Best,
    Between,
    Entry,
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
    SearchRequest,
    Sort,
    Term,
    idf,
)

Json = dict[str, Any]
Tokens = set[tuple[Layer, str]]

# All tokens of a layer, whatever their field: what frequencies and completions are counted in.
ALL: Final[Mapping[Layer, str]] = {Layer.WORD: "words", Layer.STEM: "stems"}
ORDERS: Final[Mapping[Sort, tuple[tuple[str, str, type], ...]]] = {
    Sort.RELEVANCE: (("_score", "desc", float), ("key", "asc", int)),
    Sort.NAME: (("name", "asc", str), ("key", "asc", int)),
    Sort.NAME_EN: (("name-en", "asc", str), ("key", "asc", int)),
    Sort.COHORT: (("cohort", "asc", str), ("name", "asc", str), ("key", "asc", int)),
    Sort.COHORT_EN: (("cohort-en", "asc", str), ("name-en", "asc", str), ("key", "asc", int)),
    Sort.DATE: (("date", "desc", str), ("key", "asc", int)),
}
NOTHING: Final[Json] = {"match_none": {}}
EVERYTHING: Final[Json] = {"match_all": {}}
# What stands for the gap between two texts: too long to be near any word.
_GAP_WORD: Final = GAP * 8
# Scores go in steps of a 4096th: servers add single precision numbers, which are then exact in whatever order they are
# added, tie where they should, and come back in a cursor as they went out.
_STEPS: Final = 4096
# Without these a part of an expression could be taken for an operator.
_OPERATORS: Final = frozenset('.?+*|{}[]()"\\#@&<>~^-')


# --- documents --------------------------------------------------------------------------------------------------------


def token_field(layer: Layer, where: Field) -> str:
    """Where the tokens of a layer and field are kept."""
    return f"{layer}-{where}"


def facet_field(facet: Facet) -> str:
    """Where the values of a facet are kept."""
    return f"facet-{facet}"


def template(pattern: str) -> Json:
    """The index template.

    One shard, so that frequencies, counts and ties are those of all documents; copies of it share the questions.
    Nothing that is written is seen before the index is told to show it, so that readers see all of a step or nothing.
    """
    keyword: Json = {"type": "keyword"}
    unordered = [*ALL.values(), "name", "cohort", "date", "name-en", "cohort-en", *map(facet_field, Facet)]
    properties: Json = {"key": {"type": "long"}} | dict.fromkeys(unordered, keyword)
    for where in Field:
        properties[token_field(Layer.STEM, where)] = {"type": "keyword", "doc_values": False}
        properties[token_field(Layer.WORD, where)] = {"type": "text", "analyzer": "whitespace", "norms": False}
    settings = {"number_of_shards": 1, "auto_expand_replicas": "0-1", "refresh_interval": "-1"}
    mappings = {"dynamic": False, "_source": {"enabled": False}, "properties": properties}
    return {"index_patterns": [pattern], "template": {"settings": settings, "mappings": mappings}}


def kept(entry: Entry) -> Json:
    """A document as it is kept."""
    document = entry.document
    made: Json = {"key": document.key, "name": document.name, "cohort": document.cohort, "date": document.date}
    made |= {"name-en": document.english_name, "cohort-en": document.english_cohort}
    made |= {facet_field(facet): list(values) for facet, values in document.facets.items()}
    made |= {token_field(Layer.WORD, where): _one_text(words) for where, words in entry.words.items()}
    made |= {token_field(Layer.STEM, where): sorted(stems) for where, stems in entry.stems.items()}
    made["words"] = sorted({word for words in entry.words.values() for word in words} - {GAP})
    made["stems"] = sorted({stem for stems in entry.stems.values() for stem in stems})
    return made


def _one_text(words: Iterable[str]) -> str:
    return " ".join(_GAP_WORD if word == GAP else word for word in words)


# --- queries ----------------------------------------------------------------------------------------------------------


def tokens(node: Node) -> Tokens:
    """The tokens whose frequencies the scores of a query tree depend on."""
    match node:
        case Term():
            return {(token.layer, token.text) for token in node.tokens}
        case Phrase():
            return {(Layer.WORD, word) for word in node.words}
        case Prefer():
            return tokens(node.node)
        case _:
            return {token for one in _scoring(node) for token in tokens(one)}


def _scoring(node: Node) -> Iterable[Node]:
    match node:
        case And() | Or():
            return node.nodes
        case Best():
            return [one for one, _ in node.ways]
        case _:
            return ()


class Translation:
    """Query trees in the query language.

    Args:
        documents: how many there are.
        having: how many have each token of ``tokens``; need not be known where scores do not matter.
    """

    def __init__(self, documents: int, having: Mapping[tuple[Layer, str], int]) -> None:
        self._documents = documents
        self._having = having

    def query(self, node: Node, factor: float = 1.0) -> Json:
        """What matches the node, its score multiplied."""
        return _TRANSLATORS[type(node)](self, node, factor)

    def _idf(self, some: Iterable[tuple[Layer, str]]) -> float:
        return idf(self._documents, max((self._having.get(token, 0) for token in some), default=0))

    # --- one per kind of node

    def _term(self, node: Term, factor: float) -> Json:
        worth = factor * self._idf((token.layer, token.text) for token in node.tokens)
        alike: dict[tuple[Layer, float], list[str]] = {}
        for token in node.tokens:
            alike.setdefault((token.layer, token.factor), []).append(token.text)
        return _best(
            _constant({"terms": {token_field(layer, where): texts}}, worth * share * WEIGHTS[where])
            for (layer, share), texts in alike.items()
            for where in _fields(node.field)
        )

    def _phrase(self, node: Phrase, factor: float) -> Json:
        worth = factor * sum(self._idf([(Layer.WORD, word)]) for word in node.words)
        return _in_best_field(node.field, worth, lambda name: {"match_phrase": {name: " ".join(node.words)}})

    def _prefix(self, node: Prefix, factor: float) -> Json:
        return _in_best_field(node.field, factor, lambda name: {"prefix": {name: {"value": node.prefix}}})

    def _fuzzy(self, node: Fuzzy, factor: float) -> Json:
        return _in_best_field(node.field, factor, lambda name: fuzzy(name, node.word, node.distance))

    def _and(self, node: And, factor: float) -> Json:
        return (
            {"bool": {"must": [self.query(one, factor) for one in node.nodes]}} if node.nodes else _unscored(EVERYTHING)
        )

    def _or(self, node: Or, factor: float) -> Json:
        should = [self.query(one, factor) for one in node.nodes]
        return {"bool": {"should": should, "minimum_should_match": 1}} if should else NOTHING

    def _best(self, node: Best, factor: float) -> Json:
        return _best(self.query(one, factor * share) for one, share in node.ways)

    def _not(self, node: Not, _factor: float) -> Json:
        return _unscored({"bool": {"filter": [EVERYTHING], "must_not": [self.query(node.node)]}})

    def _having_value(self, node: Having, _factor: float) -> Json:
        return _unscored(having(node.facet, node.values))

    def _between(self, node: Between, _factor: float) -> Json:
        name = facet_field(node.facet)
        bounds = {side: bound for side, bound in (("gte", node.low), ("lte", node.high)) if bound is not None}
        return _unscored({"range": {name: bounds}} if bounds else {"exists": {"field": name}})

    def _everything(self, _node: Everything, _factor: float) -> Json:
        return _unscored(EVERYTHING)

    def _prefer(self, node: Prefer, factor: float) -> Json:
        should = [_constant(self.query(one), factor * constant) for one, constant in node.preferences]
        return {"bool": {"must": [self.query(node.node, factor)], "should": should}}


_TRANSLATORS: Mapping[type, Callable[..., Json]] = {
    Term: Translation._term,
    Phrase: Translation._phrase,
    Prefix: Translation._prefix,
    Fuzzy: Translation._fuzzy,
    And: Translation._and,
    Or: Translation._or,
    Best: Translation._best,
    Not: Translation._not,
    Having: Translation._having_value,
    Between: Translation._between,
    Everything: Translation._everything,
    Prefer: Translation._prefer,
}


def having(facet: Facet, values: Iterable[str]) -> Json:
    """What has one of the values."""
    return {"terms": {facet_field(facet): list(values)}}


def fuzzy(name: str, word: str, distance: int) -> Json:
    """What has a word within a distance; every such word, not only the most frequent."""
    options = {"fuzziness": distance, "prefix_length": 0, "transpositions": True, "rewrite": "constant_score"}
    return {"fuzzy": {name: {"value": word, **options}}}


def _fields(wanted: Field | None) -> Iterator[Field]:
    return (where for where in Field if wanted is None or where is wanted)


def _in_best_field(wanted: Field | None, worth: float, matches: Callable[[str], Json]) -> Json:
    return _best(
        _constant(matches(token_field(Layer.WORD, where)), worth * WEIGHTS[where]) for where in _fields(wanted)
    )


def _constant(matching: Json, score: float) -> Json:
    return {"constant_score": {"filter": matching, "boost": round(score * _STEPS) / _STEPS}}


def _unscored(matching: Json) -> Json:
    return _constant(matching, 0.0)


def _best(queries: Iterable[Json]) -> Json:
    found = list(queries)
    return {"dis_max": {"queries": found}} if found else NOTHING


# --- requests ---------------------------------------------------------------------------------------------------------


def filtered(query: Json, filters: Mapping[Facet, tuple[str, ...]]) -> Json:
    """A query, and all facets chosen from."""
    return {"bool": {"must": [query], "filter": [having(*chosen) for chosen in filters.items()]}} if filters else query


def request_body(request: SearchRequest, query: Json, after: list[Any] | None) -> Json:
    """A request in full, for one hit more than asked for.

    Filters of facets that are counted are applied after counting, and to every count but their own; the rest before.
    """
    before = {facet: values for facet, values in request.filters.items() if facet not in request.facets}
    later = {facet: values for facet, values in request.filters.items() if facet in request.facets}
    body: Json = {
        "query": filtered(query, before),
        "sort": [{name: order} for name, order, _ in ORDERS[request.sort]],
        "size": request.limit + 1 if request.limit else 0,
        "track_total_hits": True,
        "_source": False,
        "aggs": {facet: _counting(facet, most, later) for facet, most in request.facets.items() if most > 0},
    }
    if later:
        body["post_filter"] = filtered(EVERYTHING, later)
    if after is not None:
        body["search_after"] = after
    return body


def _counting(facet: Facet, most: int, filters: Mapping[Facet, tuple[str, ...]]) -> Json:
    others = {one: values for one, values in filters.items() if one is not facet}
    counts = {"values": {"terms": {"field": facet_field(facet), "size": most}}}
    return {"filter": filtered(EVERYTHING, others), "aggs": counts}


def literal(text: str) -> str:
    """An expression that matches the text itself."""
    return "".join(f"\\{one}" if one in _OPERATORS else one for one in text)


def near(word: str, distance: int) -> str:
    """An expression that matches every word within a distance, and some others.

    An edit touches two neighbouring pieces of a word at most, so of ``2 * distance + 1`` pieces one is left whole, and
    stands ``distance`` letters from its place at most.
    """
    pieces = 2 * distance + 1
    bounds = [len(word) * number // pieces for number in range(pieces + 1)]
    ways = {
        f".{{{max(0, start - distance)},{start + distance}}}{literal(word[start:end])}.*"
        for start, end in pairwise(bounds)
    }
    return "|".join(sorted(ways))
