"""Language tags against BCP 47 and the malformed ones of real documents."""

from __future__ import annotations

import pytest

from catalogue.model.text import InternationalString, LocalizedText, is_language_tag, primary_language


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("fr", "fr"),
        ("fr-FR", "fr"),
        ("fr-fr", "fr"),
        ("eng", "en"),
        ("en-IE", "en"),
        ("sv", "sv"),
        ("zh-Hant-TW", "zh"),
    ],
)
def test_a_tag_names_its_language(tag: str, language: str) -> None:
    assert primary_language(tag) == language


@pytest.mark.parametrize("tag", [None, "", "gb-EN", "fn-CA", "xx", "french"])
def test_a_malformed_tag_names_none(tag: str | None) -> None:
    assert primary_language(tag) is None
    assert not tag or not is_language_tag(tag)


LABEL = InternationalString.of(
    [LocalizedText("Age", "en-IE"), LocalizedText("Âge", "fr-FR"), LocalizedText("AGE"), LocalizedText("AGE")]
)


@pytest.mark.parametrize(
    ("preferred", "text"), [(("fr",), "Âge"), (("de", "en"), "Age"), (("de",), "AGE"), ((), "AGE")]
)
def test_the_best_text_is_the_readers_then_one_without_language(preferred: tuple[str, ...], text: str) -> None:
    best = LABEL.best(preferred)
    assert best is not None
    assert best.text == text


def test_repetitions_are_dropped_and_nothing_else() -> None:
    assert len(LABEL.texts) == 3
    assert InternationalString().best() is None
