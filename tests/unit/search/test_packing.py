"""Documents come back from their bytes as they were, and not at all from those of another edition."""

from __future__ import annotations

import zlib

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.search.packing import pack, unpack
from catalogue.search.port import EDITION, Facet, Field, SearchDocument, SearchText

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
TEXTS = st.builds(SearchText, st.sampled_from(list(Field)), WORDS, st.sampled_from([None, "", "fr", "en-GB"]))
SORTS = st.text("az 09", max_size=8)
DOCUMENTS = st.builds(
    SearchDocument,
    st.integers(1, 2**31),
    st.lists(TEXTS, max_size=6).map(tuple),
    st.dictionaries(st.sampled_from(list(Facet)), st.lists(WORDS, max_size=3).map(tuple), max_size=4),
    SORTS,
    SORTS,
    SORTS,
)


@given(DOCUMENTS)
def test_a_document_comes_back_as_it_was(document: SearchDocument) -> None:
    found = unpack(document.key, pack(document))
    assert found == document
    assert found is not None
    assert all(type(text.field) is Field for text in found.texts)
    assert all(type(facet) is Facet for facet in found.facets)


@pytest.mark.parametrize("difference", [-1, 1])
def test_what_another_edition_packed_is_not_read(difference: int) -> None:
    """Whatever else its bytes hold."""
    edition, *rest = orjson.loads(zlib.decompress(pack(SearchDocument(1, ()))))
    assert edition == EDITION
    for others in (rest, [], ["?"]):
        assert unpack(1, zlib.compress(orjson.dumps([edition + difference, *others]))) is None
