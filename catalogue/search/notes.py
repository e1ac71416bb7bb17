"""What could not be taken at its word in a query."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from catalogue.search.port import Facet


class NoteCode(StrEnum):
    """Why a query was read otherwise than as it was typed."""

    UNCLOSED_QUOTE = "unclosed-quote"
    UNBALANCED_PARENTHESIS = "unbalanced-parenthesis"
    STRAY_OPERATOR = "stray-operator"
    UNKNOWN_FIELD = "unknown-field"
    EMPTY_FIELD = "empty-field"
    NO_YEAR = "no-year"
    BOOST = "boost"
    SLOP = "slop"
    DISTANCE = "distance"
    LONE_STAR = "lone-star"
    CUT = "cut"
    NO_WORD = "no-word"
    BEGINNING = "beginning"
    BROADER = "broader"
    UNKNOWN_VALUE = "unknown-value"


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that could not be taken at its word, and what it is about.

    Attributes:
        known: of a value that nothing has, the values that there are, where they are few.
        facet: whose values these are.
    """

    code: NoteCode
    subject: str = ""
    known: tuple[str, ...] = ()
    facet: Facet | None = None
