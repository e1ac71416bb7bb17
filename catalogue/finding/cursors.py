"""Cursors that are good for one question: an engine's says where to go on, not what was asked."""

from __future__ import annotations

from hashlib import blake2b
from typing import Final

from catalogue.errors import UsageError
from catalogue.finding.answers import SearchQuestion
from catalogue.model.report import Message

_BYTES: Final = 6


def bound(cursor: str | None, question: SearchQuestion) -> str | None:
    """An engine's cursor, marked with the question that it belongs to."""
    return None if cursor is None else f"{_mark(question)}.{cursor}"


def unbound(cursor: str | None, question: SearchQuestion) -> str | None:
    """The engine's own cursor. Raises UsageError for one of another question, which would lead to wrong hits."""
    if cursor is None:
        return None
    mark, _, own = cursor.partition(".")
    if mark != _mark(question):
        raise UsageError(
            Message(
                "Ce curseur n’a pas été donné par cette recherche : mots, filtres, années, ordre et langue en sont.",
                "This cursor was not given by this search: its words, filters, years, order and language are part "
                "of it.",
            ),
            next_step=Message(
                "Ôtez le curseur pour recommencer, puis suivez les liens.",
                "Leave the cursor out to begin anew, and follow the links from there.",
            ),
        )
    return own


def _mark(question: SearchQuestion) -> str:
    """A digest of all that decides which hits there are, and their order."""
    filters = sorted((str(facet), sorted(values)) for facet, values in question.filters.items())
    asked = (question.text, question.language, filters, question.years, str(question.sort))
    how = (question.expand, sorted(question.without), question.every_word)
    return blake2b(repr((asked, how)).encode(), digest_size=_BYTES).hexdigest()
