"""What is shown of a hit: all of it from the store."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Final, Generic, TypeVar

from catalogue.finding.answers import FoundItem, MarkedText
from catalogue.model.text import primary_language
from catalogue.search.marking import Marker, Stretch, cut
from catalogue.search.port import (
    WEIGHTS,
    Field,
    SearchDocument,
    SearchText,
)
from catalogue.store.records import Containers, ItemSummary

_CUT: Final = 220
_MATCHES: Final = 3
_MOST_KEPT: Final = 20_000
# Where else something can match than in what is always shown, the weightiest first.
_OTHERS: Final[Mapping[Field, int]] = {
    where: rank for rank, where in enumerate(WEIGHTS) if where not in (Field.LABEL, Field.QUESTION)
}

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """Values worked out for one state of the catalogue, thrown away with it. Safe to share between threads."""

    def __init__(self, most: int = _MOST_KEPT) -> None:
        self._most = most
        self._state: Hashable = None
        self._values: dict[K, V] = {}
        self._lock = Lock()

    def get_many(self, state: Hashable, keys: Iterable[K], make: Callable[[Sequence[K]], Mapping[K, V]]) -> dict[K, V]:
        """The values of the keys; those that are not kept are made in one go. A key without a value is left out."""
        wanted = list(dict.fromkeys(keys))
        with self._lock:
            if state != self._state or len(self._values) > self._most:
                self._state, self._values = state, {}
            values = self._values
        made = make(missing) if (missing := [key for key in wanted if key not in values]) else {}
        values.update(made)
        return {key: values[key] for key in wanted if key in values}


@dataclass(frozen=True, slots=True)
class Described:
    """What is shown of an item, whatever was searched for."""

    summary: ItemSummary
    containers: Containers
    document: SearchDocument


class Excerpts(dict[SearchText, MarkedText]):
    """Texts as the hits of one query show them: marked, cut. Hits say much the same, so each is made once."""

    def __init__(self, marker: Marker) -> None:
        self.marker = marker

    def __missing__(self, text: SearchText) -> MarkedText:
        self[text] = made = MarkedText(text.field, text.language, cut(self.marker.mark(text), _CUT))
        return made


def shown_item(
    described: Described, score: float, excerpts: Excerpts, language: str | None, *, thorough: bool
) -> FoundItem:
    """A hit with its matches marked.

    Args:
        thorough: show other matching texts although the label or question has a match, since it may not be the whole.
    """
    texts = described.document.texts
    labels, question = (
        tuple(excerpts[text] for text in _of(where, texts, language)) for where in (Field.LABEL, Field.QUESTION)
    )
    explained = not thorough and any(text.is_marked for text in (*labels, *question))
    return FoundItem(
        described.summary,
        described.containers,
        score,
        labels or (_named(described.summary, excerpts.marker),),
        question,
        () if explained else _other_matches(texts, excerpts, language),
        described.document.facets,
    )


def _of(where: Field, texts: Iterable[SearchText], language: str | None) -> Sequence[SearchText]:
    """The texts of one field, those in a language first."""
    found = [text for text in texts if text.field is where]
    if len(found) > 1:
        found.sort(key=lambda text: _primary(text.language) != language)
    return found


_primary = lru_cache(maxsize=1000)(primary_language)


def _other_matches(texts: Iterable[SearchText], excerpts: Excerpts, language: str | None) -> tuple[MarkedText, ...]:
    """The few weightiest, of each field those in a language first."""
    marked = [text for text in texts if text.field in _OTHERS and excerpts[text].is_marked]
    marked.sort(key=lambda text: (_OTHERS[text.field], _primary(text.language) != language))
    return tuple(excerpts[text] for text in marked[:_MATCHES])


def exported_item(described: Described, language: str | None) -> FoundItem:
    """An item whole and without marks: nothing is shown of where something matched."""
    texts = described.document.texts
    labels, question = (
        tuple(MarkedText(where, one.language, (Stretch(one.text),)) for one in _of(where, texts, language))
        for where in (Field.LABEL, Field.QUESTION)
    )
    summary, containers = described.summary, described.containers
    named = labels or (_named(summary, Marker(())),)
    return FoundItem(summary, containers, 0.0, named, question, (), described.document.facets)


def _named(summary: ItemSummary, marker: Marker) -> MarkedText:
    name = SearchText(Field.NAME, summary.name or summary.identification.identifier)
    return MarkedText(Field.LABEL, None, marker.mark(name))
