"""Marks and cuts against what a reader expects to see."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.search.marking import ELLIPSIS, Marker, Stretch, cut
from catalogue.search.port import Field, SearchText
from catalogue.search.syntax import parse, tokens


def marker(query: str) -> Marker:
    return Marker(tokens(parse(query).node))


def marked(query: str, text: str, where: Field = Field.LABEL, language: str | None = None) -> str:
    """The text with its marks as [ ]."""
    stretches = marker(query).mark(SearchText(where, text, language))
    assert "".join(stretch.text for stretch in stretches) == text
    return "".join(f"[{stretch.text}]" if stretch.marked else stretch.text for stretch in stretches)


@pytest.mark.parametrize(
    ("query", "text", "seen"),
    [
        ("declarees", "Tension déclarée, non mesurée.", "Tension [déclarée], non mesurée."),
        ("âge", "L’âge de l'AGE ; ages, nuage", "L’[âge] de l'[AGE] ; [ages], nuage"),
        ("tab*", "Tabac, tabagisme, étable", "[Tabac], [tabagisme], étable"),
        ("smokng~", "smoking or smocking", "[smoking] or smocking"),
        ('"poids de naissance"', "Poids de naissance, poids", "[Poids] [de] [naissance], poids"),
        ('"poids naissance"', "Poids de naissance", "Poids de naissance"),
        ("tabac NOT alcool", "Tabac et alcool", "[Tabac] et alcool"),
        ("label:tabac", "tabac", "[tabac]"),
        ("question:tabac", "tabac", "tabac"),
        ("SF-36", "The SF-36 and SF 12", "The [SF]-[36] and SF 12"),
        ("email", "An e-mail, a mail", "An [e]-[mail], a mail"),
        ("cœur", "Coeur, cœur, CŒUR, chœur", "[Coeur], [cœur], [CŒUR], chœur"),
        ("état", "E\u0301tat, etat", "[E\u0301tat], [etat]"),
        ("tabac", "", ""),
        ("", "tabac", "tabac"),
    ],
)
def test_whole_words_are_marked(query: str, text: str, seen: str) -> None:
    assert marked(query, text) == seen


@pytest.mark.parametrize(
    ("query", "name", "is_marked"),
    [
        ("q12a", "Q12_a", True),
        ("Q12_a", "Q12_a", True),
        ("q12*", "Q12_a", True),
        ("bmi", "bmiCat", True),
        ("bmi-cat", "bmiCat", True),
        ("bmj~", "bmiCat", True),
        ("mi", "bmiCat", False),
        ("q13", "Q12_a", False),
        ("label:bmi", "bmiCat", False),
    ],
)
def test_a_name_is_marked_as_a_whole(query: str, name: str, is_marked: bool) -> None:
    assert marked(query, name, Field.NAME) == (f"[{name}]" if is_marked else name)


def test_words_are_stemmed_by_the_language_of_the_text() -> None:
    assert marked("mesure", "mesurées", language="fr") == "[mesurées]"
    assert marked("mesure", "mesurées", language="de") == "mesurées"


TEXTS = st.text(st.sampled_from("ab é\u0301L'’-_.12Cœ日\u0301😀\n"), max_size=40)


@given(TEXTS, TEXTS, st.sampled_from(list(Field)), st.sampled_from(["fr", "en", None]))
@settings(max_examples=60)
def test_stretches_are_the_text(query: str, text: str, where: Field, language: str | None) -> None:
    stretches = marker(query).mark(SearchText(where, text, language))
    assert "".join(stretch.text for stretch in stretches) == text
    assert all(stretch.text for stretch in stretches if text)
    for stretch in stretches[1:]:
        assert not unicodedata.combining(stretch.text[0]) or not stretch.marked


# --- cutting ----------------------------------------------------------------------------------------------------------

LOREM = "Au cours des douze derniers mois, combien de fois votre enfant a-t-il eu de la fièvre ou une otite ? " * 8


def shown(stretches: tuple[Stretch, ...]) -> str:
    return "".join(stretch.text for stretch in stretches)


def test_a_short_text_is_not_cut() -> None:
    stretches = (Stretch("a "), Stretch("b", True))
    assert cut(stretches, 3) == stretches


@pytest.mark.parametrize("before", [0, 30, 59, 61, 200, 400, len(LOREM)])
@pytest.mark.parametrize("most", [40, 100, 220])
@pytest.mark.parametrize("glue", [" ", "_", "語", "\n", "é"])
def test_the_first_match_is_seen_within_the_limit(before: int, most: int, glue: str) -> None:
    """Also where a text has no spaces, such as Japanese or an address."""
    text = LOREM.replace(" ", glue)
    stretches = (Stretch(text[:before]), Stretch("TROUVÉ", True), Stretch(text[before:]), Stretch("ENCORE", True))
    result = cut(stretches, most)
    assert Stretch("TROUVÉ", True) in result
    inner = shown(result).removeprefix(ELLIPSIS).removesuffix(ELLIPSIS)
    assert inner in shown(stretches)
    assert most // 4 <= len(inner) <= most
    assert shown(result).startswith(ELLIPSIS) == (not shown(stretches).startswith(inner))
    assert shown(result).endswith(ELLIPSIS) == (not shown(stretches).endswith(inner))


def test_without_a_match_the_beginning_is_shown_to_the_end_of_a_word() -> None:
    result = shown(cut((Stretch(LOREM),), 50))
    assert result == "Au cours des douze derniers mois, combien de fois" + ELLIPSIS


def test_words_are_not_cut_where_there_is_a_space() -> None:
    whole = set(LOREM.split()) | {"TROUVÉ"}
    result = cut((Stretch(LOREM), Stretch("TROUVÉ ", True), Stretch(LOREM)), 200)
    assert set(shown(result).strip(ELLIPSIS).split()) <= whole


@given(st.integers(1, 120), st.integers(0, 200))
def test_a_letter_keeps_its_accent(most: int, before: int) -> None:
    text = "e\u0301\u0308" * 100
    result = cut((Stretch("e\u0301" * before), Stretch("a", True), Stretch(text)), most)
    for stretch in result:
        assert not unicodedata.combining(stretch.text[0])
    assert Stretch("a", True) in result or most < 3


def test_a_match_longer_than_the_limit_is_cut_itself() -> None:
    result = cut((Stretch("a "), Stretch("x" * 500, True)), 100)
    assert result[-1] == Stretch(ELLIPSIS)
    assert any(stretch.marked for stretch in result)
    assert len(shown(result)) <= 102
