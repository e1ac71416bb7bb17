"""What could not be taken at its word in a query."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class NoteCode(StrEnum):
    """Why a query was read otherwise than as it was typed."""

    UNCLOSED_QUOTE = "unclosed-quote"
    UNBALANCED_PARENTHESIS = "unbalanced-parenthesis"
    STRAY_OPERATOR = "stray-operator"
    UNKNOWN_FIELD = "unknown-field"
    EMPTY_FIELD = "empty-field"
    LONE_STAR = "lone-star"
    CUT = "cut"
    NO_WORD = "no-word"
    BEGINNING = "beginning"
    BROADER = "broader"


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that could not be taken at its word, and what it is about."""

    code: NoteCode
    subject: str = ""
