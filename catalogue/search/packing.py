"""A search document as bytes and back, to be kept beside the item that it was made of.

Compressed JSON: the edition, the texts by field and language, the values by facet, the sort keys.
"""

from __future__ import annotations

import zlib
from functools import lru_cache
from typing import Final

import orjson

from catalogue.search.port import EDITION, Facet, Field, SearchDocument, SearchText

_LEVEL: Final = 1  # texts are short: more takes longer and gains next to nothing
_FIELDS: Final = {field.value: field for field in Field}
_FACETS: Final = {facet.value: facet for facet in Facet}


def pack(document: SearchDocument) -> bytes:
    """A document without its key."""
    texts = [(text.field.value, text.text, text.language) for text in document.texts]
    facets = {facet.value: values for facet, values in document.facets.items()}
    whole = (EDITION, texts, facets, *_sorts(document))
    return zlib.compress(orjson.dumps(whole), _LEVEL)


def _sorts(document: SearchDocument) -> tuple[str, ...]:
    return (document.name, document.cohort, document.date, document.name_en, document.cohort_en)


# Popular hits come again and again; they are unpacked again as soon as their bytes are others.
@lru_cache(maxsize=4_000)
def unpack(key: int, packed: bytes) -> SearchDocument | None:
    """The document of a key that ``pack`` was given; None if it was packed by a program of another edition."""
    edition, *rest = orjson.loads(zlib.decompress(packed))
    if edition != EDITION:
        return None
    texts, facets, *sorts = rest
    values = {_FACETS[facet]: tuple(some) for facet, some in facets.items()}
    return SearchDocument(key, tuple(_text(*text) for text in texts), values, *sorts)


# Hits say much the same: what repeats is one object, and quicker found than made.
@lru_cache(maxsize=20_000)
def _text(field: str, text: str, language: str | None) -> SearchText:
    return SearchText(_FIELDS[field], text, language)
