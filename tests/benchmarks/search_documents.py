"""The generated cohorts as search documents: what indexing of ``generator.write_cohort`` of the same gives."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache

from catalogue.search.analysis import sort_key
from catalogue.search.port import Facet, Field, SearchDocument, SearchText
from tests.benchmarks import vocabulary
from tests.benchmarks.records import AGENCY, Cohort, Measure, Record, Wave, cohorts, records
from tests.benchmarks.vocabulary import Pair

_BOTH = ("fr", "en")
_YES_NO = {True: ("yes",), False: ("no",)}


def search_documents(variables: int, seed: int = 1, name: str = "BENCH") -> Iterator[SearchDocument]:
    """The variables of so large a catalogue, one after the other; keys count from 1."""
    first = 0
    for cohort in cohorts(variables, seed, name):
        for record in records(cohort, seed, first):
            yield _document(record, name)
        _measure_texts.cache_clear()
        first += sum(cohort.sizes)


def _document(record: Record, name: str) -> SearchDocument:
    wave, measure = record.wave, record.measure
    return SearchDocument(
        key=record.number + 1,
        texts=(SearchText(Field.ID, record.identifier), *_measure_texts(measure, wave.cohort), *_wave_texts(wave)),
        facets=_wave_facets(wave) | _own_facets(record, name),
        name=_title(measure, wave.cohort, "fr"),
        name_en=_title(measure, wave.cohort, "en"),
        cohort=_sort_key(next(_said(Field.STUDY, wave.cohort.title, wave.cohort.languages)).text),
        date=wave.start,
    )


def _title(measure: Measure, cohort: Cohort, language: str) -> str:
    """What readers of a language see it sorted by."""
    seen = sorted(_said(Field.LABEL, measure.label, cohort.languages), key=lambda label: label.language != language)
    return _sort_key(seen[0].text)


@cache
def _measure_texts(measure: Measure, cohort: Cohort) -> tuple[SearchText, ...]:
    texts = [SearchText(Field.NAME, measure.name)]
    texts += _said(Field.LABEL, measure.label, cohort.languages)
    texts += _said(Field.QUESTION, measure.question_text, cohort.languages)
    texts += _said(Field.CONCEPT, vocabulary.concept(measure.concept))
    for category in vocabulary.SCALES[measure.scale] if measure.representation == "code" else ():
        texts += _said(Field.CATEGORY, category)
    if measure.description:
        texts += _said(Field.DESCRIPTION, measure.description, cohort.languages)
    return (*texts, *_said(Field.UNIVERSE, vocabulary.UNIVERSES[measure.universe]))


@lru_cache(maxsize=8)
def _wave_texts(wave: Wave) -> tuple[SearchText, ...]:
    languages = wave.cohort.languages
    return (*_said(Field.STUDY, wave.cohort.title, languages), *_said(Field.STUDY, wave.title, languages))


def _said(field: Field, pair: Pair, languages: tuple[str | None, ...] = _BOTH) -> Iterator[SearchText]:
    for language in languages:
        yield SearchText(field, pair.en if language == "en" else pair.fr, language)


@lru_cache(maxsize=100_000)
def _sort_key(text: str) -> str:
    return sort_key(text)


@lru_cache(maxsize=8)
def _wave_facets(wave: Wave) -> dict[Facet, tuple[str, ...]]:
    return {
        Facet.TYPE: ("Variable",),
        Facet.COHORT: (f"{AGENCY}/{wave.cohort.identifier}",),
        Facet.STUDY: (f"{AGENCY}/{wave.identifier}",),
        Facet.WAVE: (f"{AGENCY}/{wave.identifier}",),
        Facet.YEAR: wave.years,
        Facet.MODE: tuple(sorted(wave.modes)),
        Facet.LANGUAGE: tuple(sorted(language or "und" for language in wave.cohort.languages)),
        Facet.ACCESS: (wave.cohort.access,),
    }


def _own_facets(record: Record, name: str) -> dict[Facet, tuple[str, ...]]:
    wave, measure = record.wave.identifier, record.measure
    return {
        Facet.INSTRUMENT: (f"{AGENCY}/{wave}-I{record.instrument}",),
        Facet.CONCEPT: (f"{AGENCY}/{name}-C{measure.concept}",),
        Facet.REPRESENTATION: (measure.representation,),
        Facet.HAS_QUESTION: _YES_NO[True],
        Facet.HAS_BIOSAMPLE: _YES_NO[vocabulary.is_biosample(measure.concept)],
        Facet.HAS_STATISTICS: _YES_NO[measure.statistics],
        Facet.REPRESENTED: (f"{AGENCY}/{record.wave.cohort.identifier}-R{measure.number}",),
        Facet.SOURCE_QUESTION: (f"{AGENCY}/{wave}-Q{measure.question}",),
    }
