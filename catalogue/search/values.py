"""Values of facets as people type them: ``type:variables``, ``année:1990-2005``, ``has-question:oui``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import Enum, auto
from typing import Final

from catalogue.search import analysis
from catalogue.search.names import WORDED
from catalogue.search.port import Between, Facet, Having, Node

# Comes after whatever a code or year can go on with.
_AFTER: Final = "~"
# What people type for a value, folded.
_YES_NO: Final = {"yes": ("yes",), "oui": ("yes",), "no": ("no",), "non": ("no",)}
_QUESTION_TYPES: Final = ("QuestionItem", "QuestionGrid", "QuestionBlock", "MultipleQuestionItem", "MeasurementItem")
_OTHER_TYPES: Final = ("Variable", "RepresentedVariable", "ConceptualVariable", "Concept", "Universe", "CodeList")
_SAID: Final[Mapping[Facet, Mapping[str, tuple[str, ...]]]] = {
    Facet.TYPE: {
        **{one.lower(): (one,) for one in (*_OTHER_TYPES, *_QUESTION_TYPES, "Instrument", "StudyUnit", "Group")},
        "variables": ("Variable",),
        "concepts": ("Concept",),
        **dict.fromkeys(("question", "questions"), _QUESTION_TYPES),
        **dict.fromkeys(("questionnaire", "questionnaires"), ("Instrument",)),
        **dict.fromkeys(("cohort", "cohorts", "cohorte", "cohortes"), ("Group",)),
        **dict.fromkeys(("study", "studies", "etude", "etudes"), ("StudyUnit", "Group")),
    },
    Facet.LANGUAGE: {"fr": ("fr",), "en": ("en",), "francais": ("fr",), "french": ("fr",), "anglais": ("en",)},
    Facet.REPRESENTATION: {"numerique": ("numeric",), "texte": ("text",), "codee": ("code",), "coded": ("code",)},
    Facet.ACCESS: {"libre": ("open",), "restreint": ("restricted",), "sur-demande": ("on-request",)},
    Facet.HAS_QUESTION: _YES_NO,
    Facet.HAS_STATISTICS: _YES_NO,
    Facet.HAS_BIOSAMPLE: _YES_NO,
}


class Alike(Enum):
    """How the name of a value is typed: in full, by some of its words, by the beginning of one."""

    WHOLE = auto()
    WORDS = auto()
    BEGINNING = auto()


Named = Callable[[Facet, str, Alike], tuple[str, ...]]
"""The values that readers know by a name; none where nothing is called so."""


def nothing_named(_facet: Facet, _text: str, _alike: Alike) -> tuple[str, ...]:
    """Of values that are shown as they are."""
    return ()


def values(facet: Facet, text: str, named: Named) -> tuple[str, ...]:
    """The values that a text names: as they are shown to people, as people say them, by words of what is shown, else as
    it is written."""
    said = named(facet, text, Alike.WHOLE) or _SAID.get(facet, {}).get(analysis.fold(text))
    return said or named(facet, text, Alike.WORDS) or (text,)


def facet_node(facet: Facet, text: str, named: Named) -> Node | None:
    """A value of a facet, or a range of values; None where its words are meant."""
    text = text.strip(",;!?")
    low, dots, high = text.partition("..")
    if dots:
        return between(facet, low, high)
    if facet is Facet.YEAR and (years := re.fullmatch(r"(\d{4})[-–](\d{4})", text)):
        return between(facet, *years.groups())
    if facet in WORDED and "/" not in text:
        return None
    return Having(facet, values(facet, text, named)) if text else None


def between(facet: Facet, low: str | None, high: str | None) -> Node:
    """Between two bounds, whichever way round they were typed."""
    if low and high and high < low:
        low, high = high, low
    return Between(facet, low or None, high or None)


def beginning(facet: Facet, text: str, named: Named) -> Node:
    """The values of a facet that begin so, or that are shown with a word that does."""
    shown = named(facet, text, Alike.BEGINNING)
    return Having(facet, shown) if shown else Between(facet, text, text + _AFTER)
