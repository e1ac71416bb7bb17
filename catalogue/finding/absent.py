"""Chosen values that nothing in the catalogue has: mistyped, gone, or of another catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from catalogue.finding.answers import SearchQuestion
from catalogue.finding.asking import Asker
from catalogue.finding.naming import CODED
from catalogue.search.notes import Note, NoteCode
from catalogue.search.port import Facet, Having, Node
from catalogue.search.syntax import ParsedQuery, choices

_MOST_KNOWN: Final = 20
# An address can name any number of values.
_MOST_ASKED: Final = 20


def absent_values(asker: Asker, parsed: ParsedQuery, question: SearchQuestion, total: int) -> tuple[Note, ...]:
    """What to say of filters, and of values typed in a query, that nothing has.

    Args:
        parsed: the query as it was read.
        total: how many hits there are.
    """
    asked = dict.fromkeys((*_typed(parsed), *_filtered(question, total)))
    absent = (one for one in islice(asked, _MOST_ASKED) if not asker.count(one[2]))
    return tuple(_note(asker, facet, value) for facet, value, _ in absent)


def _typed(parsed: ParsedQuery) -> Iterator[tuple[Facet, str, Node]]:
    """Of a word that stands for several values, such as ``type:questions``, a catalogue may well lack some."""
    yield from ((one.facet, one.values[0], one) for one in choices(parsed.node) if len(one.values) == 1)
    yield from parsed.worded


def _filtered(question: SearchQuestion, total: int) -> Iterator[tuple[Facet, str, Node]]:
    """The filters that may be absent: what is chosen alone is had by every hit."""
    for facet, values in question.filters.items():
        if not total or len(values) > 1:
            yield from ((facet, value, Having(facet, (value,))) for value in values)


def _note(asker: Asker, facet: Facet, value: str) -> Note:
    known = asker.names.codes(facet, _MOST_KNOWN) if facet in CODED else ()
    return Note(NoteCode.UNKNOWN_VALUE, f"{facet}:{value}", known, facet)
