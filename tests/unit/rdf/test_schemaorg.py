"""JSON-LD for search engines: what Google's guide to Dataset asks for, whatever the source has."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from rdflib import Graph

from catalogue.model.cataloguing import CohortMetadata
from catalogue.model.identity import Identification
from catalogue.model.study import Agent, StudyDescription
from catalogue.model.text import InternationalString, LocalizedText
from catalogue.rdf.schemaorg import document, study_node, study_triples

BASE = "https://catalogue.example"


def text(**texts: str) -> InternationalString:
    return InternationalString.of(LocalizedText(words, language) for language, words in texts.items())


STUDY = StudyDescription(
    Identification("a.b", "W", "1"),
    "StudyUnit",
    "W",
    text(fr="Une vague", en="A wave"),
    abstract=text(fr="Description assez longue pour un moteur de recherche, en français."),
    agents=(Agent(text(fr="Équipe"), "creator"), Agent(text(en="Trust"), "funder")),
)


def written(study: StudyDescription, language: str = "fr") -> dict[str, object]:
    return document([study_node(study, CohortMetadata(), BASE)], language)


@pytest.mark.parametrize("words", ["", "court", "mot " * 5, "mot " * 3000])
def test_a_description_has_50_to_5000_characters(words: str) -> None:
    description = written(replace(STUDY, abstract=text(fr=words) if words else InternationalString()))["description"]
    assert isinstance(description, str)
    assert 50 <= len(description) <= 5000
    assert words.strip()[:20] in description


def test_texts_are_in_the_language_of_the_page_and_others_say_theirs() -> None:
    assert written(STUDY, "en")["name"] == "A wave"
    assert written(STUDY, "fr")["name"] == "Une vague"
    funder = written(STUDY, "fr")["funder"]
    assert isinstance(funder, dict)
    assert funder["name"] == {"@value": "Trust", "@language": "en"}


def test_a_study_without_title_is_named_after_its_identifier() -> None:
    assert written(replace(STUDY, title=InternationalString(), name=None))["name"] == "W"


def test_nothing_is_told_that_nobody_said() -> None:
    found = written(STUDY)
    assert not {"license", "isAccessibleForFree", "usageInfo", "publisher", "spatialCoverage"} & found.keys()


def test_how_open_data_are_is_told_where_settings_say_it() -> None:
    for code, free in (("PUBLIC", True), ("NON_PUBLIC", False)):
        said = CohortMetadata(access_rights=code)
        assert document([study_node(STUDY, said, BASE)], "fr")["isAccessibleForFree"] is free


def test_the_json_ld_of_a_page_says_nothing_that_the_triples_do_not_say() -> None:
    """Parsed with the context's vocabulary, without its coercions: subjects, predicates and nodes are the same."""
    found = {**written(STUDY, "fr"), "@context": {"@vocab": "http://schema.org/"}}
    graph = Graph().parse(data=json.dumps(found), format="json-ld")
    told = {(s, p) for s, p, _ in study_triples(STUDY, CohortMetadata(), BASE)}
    assert {(s, p) for s, p, _ in graph} == told
