"""Every document of the corpus is converted whole: as many items in its triples as in the document."""

from __future__ import annotations

from collections import Counter

import pyoxigraph as ox
import pytest

from catalogue.rdf import convert
from tests.unit.rdf.documents import BASE, Stored, lifecycle

DDIL = "https://w3id.org/cohort-catalogue/ddil#"
IS_A = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
AGENCY = f"{DDIL}agency"
pytestmark = pytest.mark.usefixtures("shared")


def items_in_rdf(lines: bytes) -> Counter[str]:
    """How many items of each type the triples tell of, by Oxigraph."""
    items: set[str] = set()
    types: set[tuple[str, str]] = set()
    for triple in ox.parse(lines, format=ox.RdfFormat.N_TRIPLES):
        predicate = triple.predicate.value
        if predicate == AGENCY:
            items.add(str(triple.subject))
        elif predicate == IS_A:
            types.add((str(triple.subject), str(triple.object)[1:-1]))
    return Counter(name.removeprefix(DDIL) for node, name in types if node in items and name.startswith(DDIL))


def items_in_source(stored: Stored) -> Counter[str]:
    """How many different identifications of each type a document has."""
    return Counter(type_ for type_, _ in {(type_, urn) for type_, urn, _ in stored.contents})


def test_every_document_of_the_corpus_is_converted_whole() -> None:
    for stored in lifecycle():
        resources = list(stored.resources())
        lines = b"".join(convert.lines(one, BASE) for one in resources)
        assert items_in_rdf(lines) == items_in_source(stored), stored.name
        assert Counter(one.item.type for one in resources) == items_in_receipt(stored), stored.name


def items_in_receipt(stored: Stored) -> Counter[str]:
    """How many items of each type the receipt says a document has: what is new, and what was in the store before."""
    new = Counter({name: counts["stored"] for name, counts in stored.revision.receipt.items()})
    return new + Counter(type_ for type_, *_ in stored.known)


def test_an_item_that_is_left_out_is_noticed() -> None:
    documents = [one for one in lifecycle() if "Category" in items_in_source(one)]
    stored = min(documents, key=lambda one: len(one.contents))
    _, *rest = stored.resources()
    assert items_in_rdf(b"".join(convert.lines(one, BASE) for one in rest)) != items_in_source(stored)
    assert Counter(one.item.type for one in rest) != items_in_receipt(stored)
