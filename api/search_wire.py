"""From what a search found to JSON; ``schemas`` describes the same shapes."""

from __future__ import annotations

from functools import lru_cache

import orjson

from catalogue.model.text import InternationalString
from catalogue.service import (
    Containers,
    Correction,
    Expansion,
    Facet,
    FacetCounts,
    FacetValue,
    FoundItem,
    IndexState,
    ItemSummary,
    MarkedText,
    Note,
    SearchAnswer,
    Suggestion,
)

from .addresses import item_path
from .i18n import LANGUAGES, Locale, locale
from .searching import SearchQuery
from .unready import sentence
from .values import known_values, label_of
from .wire import Json, Wire, texts


class SearchWire(Wire):
    """Writes hits, facets and suggestions with the addresses of one catalogue; one writes one answer."""

    def __init__(self, base_url: str) -> None:
        super().__init__(base_url)
        self._written: dict[int, Json] = {}
        self._places: dict[tuple[tuple[int, ...], ...], orjson.Fragment] = {}

    def summary(self, one: ItemSummary) -> Json:
        """An item in a list; the cohorts, studies and waves of hits are written once."""
        if one.id not in self._written:
            self._written[one.id] = super().summary(one)
        return self._written[one.id]

    def _belonging(self, one: Containers) -> orjson.Fragment:
        """Where hits belong, as bytes: the same for many of them, and a good part of the answer."""
        key = tuple(tuple(box.id for box in boxes) for boxes in (one.cohorts, one.studies, one.waves))
        if key not in self._places:
            self._places[key] = orjson.Fragment(orjson.dumps(self.containers(one)))
        return self._places[key]

    def found(self, one: FoundItem) -> Json:
        """A hit."""
        summary = one.summary
        address = self.base_url + item_path(summary.identification)
        return {
            "urn": summary.urn,
            "uri": address,
            "type": summary.type,
            "name": summary.name,
            "labels": [marked(text) for text in one.labels],
            "question": [marked(text) for text in one.question],
            "matches": [{"field": str(text.field), **marked(text)} for text in one.matches],
            "containers": self._belonging(one.containers),
            "facets": {facet.value: values for facet, values in one.facets.items()},
            "links": {form: f"{address}.{form}" for form in ("html", "json")},
            "score": one.score,
        }

    def answer(self, answer: SearchAnswer, following: str | None) -> Json:
        """A piece of the hits, and how the query was understood."""
        return {
            "items": [self.found(one) for one in answer.items],
            "total": answer.total,
            "next": following,
            "facets": {str(facet): facet_counts(facet, counts) for facet, counts in answer.facets.items()},
            "query": understood(answer),
            "index": index_state(answer.index, answer.question.language or ""),
        }

    def suggestion(self, one: Suggestion, language: str) -> Json:
        """What could be meant, and where it leads: an item at once, anything else to its search."""
        query = SearchQuery(q=one.text)
        label = one.label.best((language,))
        return {
            "text": one.text,
            "kind": one.kind,
            "label": label.text if label else None,
            "type": one.item.type if one.item else None,
            "type_label": locale(language).type_name(one.item.type) if one.item else None,
            "href": self.base_url + (item_path(one.item.identification) if one.item else query.address()),
            "documents": one.documents,
        }


def marked(text: MarkedText) -> Json:
    """A text in its fragments; ``marked`` ones are what was looked for."""
    fragments = [{"text": one.text, "marked": one.marked} for one in text.fragments]
    return {"language": text.language, "text": text.text, "fragments": fragments}


def facet_counts(facet: Facet, counts: FacetCounts) -> Json:
    """The values of a facet with how many hits have each."""
    return {"values": [facet_value(facet, one) for one in counts.values], "more": counts.more}


def facet_value(facet: Facet, one: FacetValue) -> Json:
    """One of them."""
    label = texts(one.label) if one.label else _said(facet, one.value)
    return {"value": one.value, "label": label, "documents": one.documents, "chosen": one.chosen}


@lru_cache(maxsize=4096)
def _said(facet: Facet, value: str) -> list[Json]:
    """A value that is no item's, in words."""
    return texts(label_of(facet, value, InternationalString()))


def understood(answer: SearchAnswer) -> Json:
    """How a query was read."""
    return {
        "text": answer.question.text,
        "read": answer.read,
        "relaxed": answer.relaxed,
        "exact": answer.exact,
        "notes": [note(one) for one in answer.notes],
        "expansions": [expansion(one) for one in answer.expansions],
        "corrections": [correction(one) for one in answer.corrections],
    }


def note(one: Note) -> Json:
    """What could not be taken at its word, in both languages."""
    said = {language: _sentence(one, locale(language)) for language in LANGUAGES}
    return {"code": str(one.code), "subject": one.subject, "known": list(one.known), "message": said}


def _sentence(one: Note, of: Locale) -> str:
    known = f" {of.t('search.known')} {', '.join(known_values(one, of.language))}" if one.known else ""
    return of.t(f"note.{one.code}", subject=one.subject) + known


def expansion(one: Expansion) -> Json:
    """What the thesaurus added; ``without`` with its concept takes it back."""
    return {"words": one.words, "concept": one.concept.uri, "added": list(one.added), "narrower": list(one.narrower)}


def correction(one: Correction) -> Json:
    """A query that finds something."""
    return {"text": one.text, "words": dict(one.words)}


def index_state(one: IndexState, language: str) -> Json:
    """How the index is; in the reader's language, what to do while it is not whole."""
    said = sentence(one, language if language in LANGUAGES else "en") or None
    return {
        "health": str(one.health),
        "documents": one.documents,
        "done": one.done,
        "total": one.total,
        "message": said,
    }
