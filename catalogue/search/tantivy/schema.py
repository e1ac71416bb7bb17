"""What the index keeps of a document, and under which field names.

    in_word_label    the words of a field in order, for phrases and ``field:word``
    in_stem_label    its stems
    top_word_label   the words of a document that have no better field; so a word has one posting a document in all
    top_stem_label   likewise
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

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
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
ORDERS: Final = {Sort.NAME: "by_name", Sort.COHORT: "by_cohort", Sort.DATE: "by_date"}
LIVE: Final = "yes"
_VALUES, _FACETS = "\x1e", "\x1f"
# Prefixes up to this length are tokens of their own; those that are longer have few words.
LONGEST_START: Final = 4
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
        for name in (within(Layer.STEM, field), top(Layer.WORD, field), top(Layer.STEM, field), starting(field)):
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
    words = {word for sequence in entry.words.values() for word in sequence if word != GAP}
    fields: dict[str, Any] = {"key": document.key, "live": LIVE, "words": tokens(words)}
    fields.update(_words(entry))
    fields.update((within(Layer.STEM, field), tokens(stems)) for field, stems in entry.stems.items())
    fields.update(_tops(entry))
    fields.update((faceted(facet), list(values)) for facet, values in document.facets.items())
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


def _words(entry: Entry) -> Iterator[tuple[str, list[str]]]:
    for field, sequence in entry.words.items():
        texts: list[list[str]] = [[]]
        for word in sequence:
            if word == GAP:
                texts.append([])
            else:
                texts[-1].append(word)
        yield within(Layer.WORD, field), [tokens(text) for text in texts]


def _tops(entry: Entry) -> Iterator[tuple[str, str]]:
    for field, fresh in _at_their_best(entry.stems):
        yield top(Layer.STEM, field), tokens(fresh)
    begun: set[str] = set()
    for field, fresh in _at_their_best(entry.words):
        yield top(Layer.WORD, field), tokens(fresh)
        started = {start for word in fresh for start in starts(word)} - begun
        begun |= started
        yield starting(field), tokens(started)


def _at_their_best(by_field: Mapping[Field, Iterable[str]]) -> Iterator[tuple[Field, set[str]]]:
    seen = {GAP}
    for field in BY_WEIGHT:
        fresh = set(by_field.get(field, ())) - seen
        if fresh:
            seen |= fresh
            yield field, fresh


def starts(word: str) -> list[str]:
    """The beginnings of a word that are tokens of their own."""
    return [word[:length] for length in range(1, min(len(word), LONGEST_START) + 1)]


def _orders(document: SearchDocument) -> Iterator[tuple[str, str]]:
    tie = f"\0{document.key:020}"
    yield "by_name", document.name + tie
    yield "by_cohort", f"{document.cohort}\0{document.name}{tie}"
    yield "by_date", document.date.ljust(_DATE_WIDTH).translate(_BACKWARDS) + tie


# --- groups of facets -------------------------------------------------------------------------------------------------


def pack(document: SearchDocument, facets: Iterable[Facet]) -> str:
    """The values of some facets as one."""
    return _FACETS.join(_VALUES.join(sorted(document.facets.get(facet, ()))) for facet in facets)


@lru_cache(maxsize=50_000)
def unpack(packed: str) -> tuple[tuple[str, ...], ...]:
    """The values by facet, in the order in which they were packed."""
    return tuple(tuple(values.split(_VALUES)) if values else () for values in packed.split(_FACETS))
