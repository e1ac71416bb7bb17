"""Chosen values that nothing in the catalogue has: mistyped, gone, or of another catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from catalogue.finding.answers import COUNTED, ITEM_FACETS, SearchQuestion
from catalogue.finding.asking import Asker
from catalogue.search.notes import Note, NoteCode
from catalogue.search.port import Everything, Facet, Having, Node, SearchRequest
from catalogue.search.syntax import choices

# Facets whose values are codes: few enough to say which there are.
_CODED: Final = frozenset(COUNTED) - ITEM_FACETS - {Facet.YEAR}
_MOST_KNOWN: Final = 20
# An address can name any number of values.
_MOST_ASKED: Final = 20


def absent_values(asker: Asker, node: Node, question: SearchQuestion, total: int) -> tuple[Note, ...]:
    """What to say of filters, and of values typed in a query, that nothing has.

    Args:
        node: the query as it was read.
        total: how many hits there are.
    """
    asked = dict.fromkeys((*_typed(node), *_filtered(question, total)))
    absent = (one for one in islice(asked, _MOST_ASKED) if not asker.count(Having(one[0], (one[1],))))
    return tuple(Note(NoteCode.UNKNOWN_VALUE, f"{facet}:{value}", _known(asker, facet)) for facet, value in absent)


def _typed(node: Node) -> Iterator[tuple[Facet, str]]:
    """Of a word that stands for several values, such as ``type:questions``, a catalogue may well lack some."""
    yield from ((one.facet, one.values[0]) for one in choices(node) if len(one.values) == 1)


def _filtered(question: SearchQuestion, total: int) -> Iterator[tuple[Facet, str]]:
    """The filters that may be absent: what is chosen alone is had by every hit."""
    for facet, values in question.filters.items():
        if not total or len(values) > 1:
            yield from ((facet, value) for value in values)


def _known(asker: Asker, facet: Facet) -> tuple[str, ...]:
    if facet not in _CODED:
        return ()
    found = asker.index.search(SearchRequest(Everything(), facets={facet: _MOST_KNOWN}, limit=0))
    return tuple(one.value for one in found.facets[facet])
