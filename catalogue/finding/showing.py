"""What is shown of a hit: all of it from the store."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from threading import Lock
from typing import Generic, TypeVar

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

_CUT = 220
_MATCHES = 3
_MOST_KEPT = 20_000

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """Values worked out for one state of the catalogue, thrown away with it. Safe to share between threads."""

    def __init__(self, most: int = _MOST_KEPT) -> None:
        self._most = most
        self._state: int | None = None
        self._values: dict[K, V] = {}
        self._lock = Lock()

    def get_many(self, state: int, keys: Iterable[K], make: Callable[[Sequence[K]], Mapping[K, V]]) -> dict[K, V]:
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


def shown_item(
    described: Described, score: float, marker: Marker, language: str | None, *, thorough: bool
) -> FoundItem:
    """A hit with its matches marked.

    Args:
        thorough: show other matching texts although the label or question has a match, since it may not be the whole.
    """
    texts = sorted(described.document.texts, key=lambda text: primary_language(text.language) != language)
    labels = tuple(_marked(text, marker) for text in texts if text.field is Field.LABEL)
    question = tuple(_marked(text, marker) for text in texts if text.field is Field.QUESTION)
    explained = any(text.is_marked for text in (*labels, *question)) and not thorough
    return FoundItem(
        described.summary,
        described.containers,
        score,
        labels or (_named(described.summary, marker),),
        question,
        () if explained else tuple(islice(_other_matches(texts, marker), _MATCHES)),
        described.document.facets,
    )


def _other_matches(texts: Iterable[SearchText], marker: Marker) -> Iterator[MarkedText]:
    others = (text for text in texts if text.field not in (Field.LABEL, Field.QUESTION))
    for text in sorted(others, key=lambda text: -WEIGHTS[text.field]):
        if marker.matches(text):
            yield _marked(text, marker)


def _marked(text: SearchText, marker: Marker) -> MarkedText:
    return MarkedText(text.field, text.language, cut(marker.mark(text), _CUT))


def exported_item(described: Described, language: str | None) -> FoundItem:
    """An item whole and without marks: nothing is shown of where something matched."""
    texts = sorted(described.document.texts, key=lambda text: primary_language(text.language) != language)
    whole = {
        where: tuple(MarkedText(where, one.language, (Stretch(one.text),)) for one in texts if one.field is where)
        for where in (Field.LABEL, Field.QUESTION)
    }
    labels = whole[Field.LABEL] or (_named(described.summary, Marker(())),)
    summary, containers = described.summary, described.containers
    return FoundItem(summary, containers, 0.0, labels, whole[Field.QUESTION], (), described.document.facets)


def _named(summary: ItemSummary, marker: Marker) -> MarkedText:
    name = SearchText(Field.NAME, summary.name or summary.identification.identifier)
    return MarkedText(Field.LABEL, None, marker.mark(name))
