"""What the index keeps of a document, and under which field names.

    in_word_label    the words of a field in order, for phrases and ``field:word``
    in_stem_label    its stems
    top_word_label   the words of a document that have no better field; so a word has one posting a document in all
    top_stem_label   likewise
    top_gram_label   two and three words that follow each other, likewise: phrases that need no look at positions
    words            every word; how many documents have it
    start_label      the first letters of the words of ``top_word_label``, of each length up to ``LONGEST_START``
    facet_wave       the values of a facet
    group_0          the values of several facets as one, since few combinations occur; see ``pack``
    by_name          what ``Sort.NAME`` goes by, the key included
    key              the document's key
    live             the same in every document; tells whether deleted documents are still counted

Tokens come from ``analysis.entry`` and are separated by line feeds; a space within a token becomes a no-break space,
which no folded token has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Final

import orjson
import tantivy

from catalogue.search import analysis
from catalogue.search.port import GAP, WEIGHTS, Entry, Facet, Field, Layer, SearchDocument, Sort

# Fields from the one that counts most.
BY_WEIGHT: Final = tuple(sorted(Field, key=lambda field: -WEIGHTS[field]))
# Facets that go together: those of a data collection, those of an item; and one of which few have several values.
GROUPS: Final = (
    (
        Facet.COHORT,
        Facet.STUDY,
        Facet.WAVE,
        Facet.YEAR,
        Facet.MODE,
        Facet.INSTRUMENT,
        Facet.ACCESS,
        Facet.HAS_BIOSAMPLE,
    ),
    (Facet.TYPE, Facet.LANGUAGE, Facet.REPRESENTATION, Facet.HAS_QUESTION, Facet.HAS_STATISTICS),
    (Facet.CONCEPT,),
)
ORDERS: Final = {sort: f"by_{sort.name.lower()}" for sort in Sort if sort is not Sort.RELEVANCE}
LIVE: Final = "yes"
_VALUES, _FACETS, _WORDS = "\x1e", "\x1f", "\x1f"
# Prefixes up to this length are tokens of their own; those that are longer have few words.
LONGEST_START: Final = 4
# So many words that follow each other are a token of their own.
GRAMS: Final = (2, 3)
_DATE_WIDTH = 10
# Later characters first: what ``Sort.DATE`` is written in.
_BACKWARDS = {code: chr(255 - code) for code in range(128)}
# Written in tokens, and as they are; the last is indexed by nothing, for it is only sorted by.
_TOKENS, _WHOLE, _SORTED = "tokens", "whole", "sorted"


def within(layer: Layer, field: Field) -> str:
    """The index field with all tokens of a field."""
    return f"in_{layer}_{field}"


def top(layer: Layer, field: Field) -> str:
    """The index field with the tokens of a document for which ``field`` is the best one."""
    return f"top_{layer}_{field}"


def starting(field: Field) -> str:
    """The index field with the beginnings of words for which ``field`` is the best one, or a better one is."""
    return f"start_{field}"


def following(field: Field) -> str:
    """The index field with the grams for which ``field`` is the best one."""
    return f"top_gram_{field}"


def faceted(facet: Facet) -> str:
    """The index field with the values of a facet."""
    return f"facet_{facet}"


def grouped(group: int) -> str:
    """The index field with the packed values of the facets of a group."""
    return f"group_{group}"


def build() -> tantivy.Schema:
    """The index's schema."""
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("key", indexed=True, fast=True)
    for field in BY_WEIGHT:
        builder.add_text_field(within(Layer.WORD, field), tokenizer_name=_TOKENS, index_option="position")
        unordered = (within(Layer.STEM, field), top(Layer.WORD, field), top(Layer.STEM, field))
        for name in (*unordered, starting(field), following(field)):
            builder.add_text_field(name, tokenizer_name=_TOKENS, index_option="basic")
    builder.add_text_field("words", tokenizer_name=_TOKENS, index_option="basic")
    builder.add_text_field("live", tokenizer_name=_WHOLE, index_option="basic")
    for name in (*map(faceted, Facet), *map(grouped, range(len(GROUPS)))):
        builder.add_text_field(name, tokenizer_name=_WHOLE, index_option="basic", fast=True)
    for name in ORDERS.values():
        builder.add_text_field(name, tokenizer_name=_SORTED, index_option="basic", fast=True)
    return builder.build()


def build_vocabulary() -> tantivy.Schema:
    """The schema of the index of all words, in which near ones are looked for."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("word", tokenizer_name=_WHOLE, index_option="basic")
    builder.add_text_field("start", tokenizer_name=_TOKENS, index_option="basic")
    builder.add_text_field("rank", tokenizer_name=_SORTED, index_option="basic", fast=True)
    return builder.build()


def create(path: Path, schema: tantivy.Schema) -> tantivy.Index:
    """A new index in an empty folder, made where it is absent."""
    path.mkdir(parents=True, exist_ok=True)
    return _prepared(tantivy.Index(schema, str(path), reuse=False))


def open_index(path: Path) -> tantivy.Index:
    """An index that is there. Raises ValueError where it cannot be read."""
    return _prepared(tantivy.Index.open(str(path)))


def _prepared(index: tantivy.Index) -> tantivy.Index:
    whole = tantivy.Tokenizer.raw()
    nothing = tantivy.TextAnalyzerBuilder(whole).filter(tantivy.Filter.remove_long(1)).build()
    index.register_tokenizer(_TOKENS, tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    index.register_tokenizer(_WHOLE, tantivy.TextAnalyzerBuilder(whole).build())
    index.register_tokenizer(_SORTED, nothing)
    for name in (_WHOLE, _SORTED):
        index.register_fast_field_tokenizer(name, tantivy.TextAnalyzerBuilder(whole).build())
    return index


# --- documents --------------------------------------------------------------------------------------------------------


def record(document: SearchDocument) -> tuple[str, set[str]]:
    """A document as JSON for the engine, and its words."""
    entry = analysis.entry(document)
    texts = {field: (_own if field in _UNIQUE else _shared)(sequence) for field, sequence in entry.words.items()}
    words = set().union(*(one.words for one in texts.values()))
    fields: dict[str, Any] = {"key": document.key, "live": LIVE, "words": tokens(words)}
    fields.update((within(Layer.WORD, field), one.tokens) for field, one in texts.items())
    fields.update((within(Layer.STEM, field), tokens(stems)) for field, stems in entry.stems.items())
    fields.update(_tops(entry, texts))
    fields.update((faceted(facet), values) for facet, values in document.facets.items())
    fields.update((grouped(number), pack(document, facets)) for number, facets in enumerate(GROUPS))
    fields.update(_orders(document))
    return orjson.dumps(fields).decode(), words


def tokens(found: Iterable[str]) -> str:
    """Tokens as the text of an index field."""
    return token("\n".join(found))


def token(text: str) -> str:
    """A token as it stands in the index."""
    return text.replace(" ", "\u00a0")


def plain(text: str) -> str:
    """A token of the index as it was."""
    return text.replace("\u00a0", " ")


@dataclass(frozen=True, slots=True)
class _Texts:
    """The texts of a field: each as it is kept, and the words, beginnings and grams in any of them."""

    tokens: Sequence[str]
    words: Set[str]
    starts: Set[str]
    grams: Set[str]


def _own(sequence: tuple[str, ...]) -> _Texts:
    texts = list(_split(sequence))
    words = frozenset(sequence) - {GAP}
    return _Texts(
        tuple(map(tokens, texts)),
        words,
        frozenset().union(*map(starts, words)),
        frozenset(gram(text[at : at + n]) for text in texts for n in GRAMS for at in range(len(text) - n + 1)),
    )


# Names are seldom the same; what categories, concepts and studies are called is the same for thousands of variables.
_UNIQUE: Final = frozenset({Field.NAME, Field.ID})
_shared = lru_cache(maxsize=4_000)(_own)


def gram(words: Sequence[str]) -> str:
    """Words that follow each other as one token."""
    return token(_WORDS.join(words))


def _split(sequence: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The texts of a field."""
    start = 0
    for _ in range(sequence.count(GAP)):
        end = sequence.index(GAP, start)
        yield sequence[start:end]
        start = end + 1
    yield sequence[start:]


def _tops(entry: Entry, texts: Mapping[Field, _Texts]) -> Iterator[tuple[str, str]]:
    kinds: tuple[tuple[Callable[[Field], str], Mapping[Field, Set[str]]], ...] = (
        (partial(top, Layer.STEM), entry.stems),
        (partial(top, Layer.WORD), {field: one.words for field, one in texts.items()}),
        (starting, {field: one.starts for field, one in texts.items()}),
        (following, {field: one.grams for field, one in texts.items()}),
    )
    for name, found in kinds:
        for field, best in _at_their_best(found):
            yield name(field), tokens(best)


def _at_their_best(by_field: Mapping[Field, Set[str]]) -> Iterator[tuple[Field, Set[str]]]:
    """By field, what stands in no better one."""
    seen: set[str] = set()
    for field in BY_WEIGHT:
        fresh = by_field.get(field, frozenset()) - seen
        if fresh:
            seen |= fresh
            yield field, fresh


@lru_cache(maxsize=50_000)
def starts(word: str) -> tuple[str, ...]:
    """The beginnings of a word that are tokens of their own."""
    return tuple(word[:length] for length in range(1, min(len(word), LONGEST_START) + 1))


def _orders(document: SearchDocument) -> Iterator[tuple[str, str]]:
    tie = f"\0{document.key:020}"
    yield ORDERS[Sort.NAME], document.name + tie
    yield ORDERS[Sort.NAME_EN], document.english_name + tie
    yield ORDERS[Sort.COHORT], f"{document.cohort}\0{document.name}{tie}"
    yield ORDERS[Sort.COHORT_EN], f"{document.english_cohort}\0{document.english_name}{tie}"
    yield ORDERS[Sort.DATE], document.date.ljust(_DATE_WIDTH).translate(_BACKWARDS) + tie


# --- groups of facets -------------------------------------------------------------------------------------------------


def pack(document: SearchDocument, facets: Iterable[Facet]) -> str:
    """The values of some facets as one."""
    return _FACETS.join(_packed(document.facets.get(facet, ())) for facet in facets)


def _packed(values: Sequence[str]) -> str:
    """One that is empty is not none: it stands there twice."""
    return _VALUES.join(sorted(values)) or _VALUES * len(values)


@lru_cache(maxsize=50_000)
def unpack(packed: str) -> tuple[tuple[str, ...], ...]:
    """The values by facet, in the order in which they were packed."""
    return tuple(tuple(dict.fromkeys(values.split(_VALUES))) if values else () for values in packed.split(_FACETS))
