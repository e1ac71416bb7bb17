"""The analysis against French and English grammar, the published vocabulary of Snowball, and the reference adapter."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from catalogue.search import analysis
from catalogue.search.memory import MemoryIndex
from catalogue.search.port import (
    GAP,
    SORT_WIDTH,
    Best,
    Field,
    Layer,
    Node,
    Phrase,
    Position,
    SearchDocument,
    SearchRequest,
    SearchText,
    Term,
)

ANY_TEXT = st.text(st.characters(codec="utf-8"), max_size=60)


def folded(text: str) -> list[str]:
    return [analysis.folded_word(word.text) for word in analysis.words(text)]


def is_found(
    text: str, *typed: str, where: Field = Field.LABEL, language: str | None = None, reader: str | None = None
) -> bool:
    """Whether every typed word finds a document that has but this text."""
    index = MemoryIndex()
    index.apply([SearchDocument(1, (SearchText(where, text, language),))], (), Position("s", 1))
    return all(index.search(SearchRequest(analysis.term(word, reader))).total for word in typed)


# --- words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("apostrophe", ["'", "’", "ʼ", "‘", "´", "`", "′", "＇"])
@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("L'Âge", ["age"]),
        ("D'abord", ["abord"]),
        ("J'ai qu'il s'en", ["ai", "il", "en"]),
        ("QU'EST", ["est"]),
        ("lorsqu'un jusqu'à puisqu'on quoiqu'il", ["un", "a", "on", "il"]),
        ("the child's age", ["the", "child", "age"]),
        ("don't", ["don"]),
        # The apostrophe is part of these words (Dictionnaire de l'Académie française), so nothing of them is dropped.
        ("aujourd'hui", ["aujourd", "hui"]),
        ("presqu'île", ["presqu", "ile"]),
        ("quelqu'un", ["quelqu", "un"]),
        ("prud'homme", ["prud", "homme"]),
        ("entr'ouvert", ["entr", "ouvert"]),
        ("parents' home", ["parents", "home"]),
        ("O'Brien", ["o", "brien"]),
    ],
)
def test_elision_and_possessives_with_every_apostrophe(apostrophe: str, written: str, said: list[str]) -> None:
    assert folded(written.replace("'", apostrophe)) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("l'« école » d'“Arles”", ["ecole", "arles"]),
        ("Y a-t-il ? fume-t-on ? boit-elle ?", ["y", "a", "il", "fume", "on", "boit", "elle"]),
        ("vitamine-t-issue", ["vitamine", "t", "issue"]),  # no pronoun follows
        ("Œdème, cœur, ex æquo, straße, naïf", ["oedeme", "coeur", "ex", "aequo", "strasse", "naif"]),
        ("SF-36 Q12_a PM2.5", ["sf", "36", "q12", "a", "pm2", "5"]),
        ("µg μg m³ ½", ["μg", "μg", "m3", "12"]),
        ("שלום عالم 日本語", ["שלום", "عالم", "日本語"]),
        ("", []),
        ("  ?! — … ___ ", []),
    ],
)
def test_words(written: str, said: list[str]) -> None:
    assert folded(written) == said


@given(ANY_TEXT)
@example("état dépressif")
@example("ͺ ﷺ ½")
def test_words_stand_where_they_say_and_fold_to_letters_and_digits(text: str) -> None:
    place = 0
    for word in analysis.words(text):
        assert place <= word.start < word.end
        assert text[word.start : word.end] == word.text
        token = analysis.folded_word(word.text)
        assert token.isalnum()
        assert len(token) <= 64
        assert not any(unicodedata.combining(character) for character in token)
        place = word.end


def test_decomposed_text_is_the_same_text() -> None:
    text = "L'état dépressif déclaré à 2 ans, bénéficiaire du PÉSÉ_Âge"
    parts = unicodedata.normalize("NFD", text)
    assert parts != text
    assert folded(parts) == folded(text)
    for where in (Field.LABEL, Field.NAME, Field.QUESTION):
        one, other = (analysis.entry(SearchDocument(1, (SearchText(where, form, "fr"),))) for form in (text, parts))
        assert (one.words, one.stems) == (other.words, other.stems)


def test_a_very_long_word_is_cut_alike_everywhere() -> None:
    word = "anticonstitutionnellement" * 40
    assert is_found(word, word, word.upper())
    assert not is_found(word, word[:63])
    assert is_found(word, word, where=Field.NAME)


# --- stems ------------------------------------------------------------------------------------------------------------

# Rows of the sample vocabularies on https://snowballstem.org/algorithms/french/stemmer.html and .../english/....
FRENCH = """continu continu|continua continu|continuait continu|continuation continu|continuelle continuel
continuellement continuel|continuerait continu|continuité continu|contours contour|contractée contract
contractions contract|contradictoirement contradictoir|contraintes contraint|main main|mains main|maintenir mainten
maires mair|maison maison|maîtres maîtr|maîtresse maîtress|majestueusement majestu|majorités major|malades malad
maladie malad|maladive malad"""
ENGLISH = """consign consign|consigned consign|consignment consign|consistency consist|consistently consist
consolation consol|consolatory consolatori|consoled consol|consolidate consolid|knackeries knackeri|knaves knave
kneeled kneel|knees knee|knight knight|knightly knight|knives knive"""


@pytest.mark.parametrize(("language", "sample"), [("fr", FRENCH), ("en", ENGLISH)])
def test_stems_are_those_that_snowball_publishes(language: str, sample: str) -> None:
    for row in sample.replace("\n", "|").split("|"):
        word, stem = row.split()
        assert f"{analysis.fold(stem)}~{language}" in analysis.stems(word, language), word


@pytest.mark.parametrize(
    ("text", "language", "typed"),
    [
        ("Tension artérielle déclarée", "fr", "declarees"),
        ("Tension artérielle déclarée", "fr", "DÉCLARÉS"),
        ("Consommations régulières", "fr", "consommation"),
        ("Smoking habits", "en", "smoke"),
        ("Smoking habits", "eng", "smoke"),
        ("Antécédents familiaux", "fra", "familial"),
        ("Antécédents", "fr-CA", "antécédent"),
        ("Diseases", None, "disease"),
        ("Maladies", None, "maladie"),
    ],
)
def test_other_forms_of_a_word_find_it(text: str, language: str | None, typed: str) -> None:
    assert is_found(text, typed, language=language)


def test_rules_of_a_language_are_for_its_texts_alone() -> None:
    assert is_found("Mesurées", "mesure", language="fr")
    assert not is_found("Mesurées", "mesure", language="de")
    assert not is_found("Mesurées", "mesurage de", language="en")
    assert analysis.languages_of(None) == analysis.languages_of("") == ("fr", "en")
    assert analysis.languages_of("de") == analysis.languages_of("français") == ()


def test_what_a_reader_of_a_language_means_weighs_more() -> None:
    found = analysis.term("mesures", "fr")
    assert isinstance(found, Term)
    factor = {token.text: token.factor for token in found.tokens if token.layer is Layer.STEM}
    assert factor["mesur~fr"] > factor["measur~en"] if "measur~en" in factor else factor["mesur~fr"] == 1.0
    assert [token.factor for token in found.tokens if token.text.endswith("~en")] == [0.85]


SENTENCES = {
    "fr": "L’enfant a-t-il déjà été hospitalisé à cause d'une bronchiolite aiguë ? Si oui, précisez l'âge (œdème, "
    "naïveté), où et chez qui ; jusqu'à 3 fois par jour : 2,5 µg/m³, COVID-19, SF-36, HbA1c, presqu'île.",
    "en": "Has the child's physician ever diagnosed wheezing? Don't count X-ray follow-ups; naïve café, PM2.5 "
    "exposure, mother’s BMI (kg/m²), T-cells, O'Brien's 1st résumé.",
}


def plain(word: str) -> str:
    """Without accents and ligatures, as typed on another keyboard."""
    flat = unicodedata.normalize("NFD", word.replace("œ", "oe").replace("Œ", "OE"))
    return "".join(c for c in flat if not unicodedata.combining(c))


@pytest.mark.parametrize("text", SENTENCES.values(), ids=SENTENCES)
@pytest.mark.parametrize("language", ["fr", "en", None, "de"])
def test_every_word_of_a_text_finds_it_however_it_is_typed(text: str, language: str | None) -> None:
    for word in [word.text for word in analysis.words(text)]:
        forms = (word, word.upper(), word.lower(), plain(word), unicodedata.normalize("NFD", word))
        assert is_found(text, *forms, language=language), word
        assert not is_found(text, word + "qqq", language=language)


@given(ANY_TEXT, st.sampled_from(["fr", "en", None]), st.sampled_from([Field.LABEL, Field.NAME]))
@settings(max_examples=30)
def test_every_word_of_any_text_finds_it(text: str, language: str | None, where: Field) -> None:
    for word in analysis.words(text):
        if where is Field.NAME and len(text) > len(word.text):
            continue  # a name is cut at camel case and digits, not as text is
        assert is_found(text, word.text, language=language, where=where)


# --- names and codes --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "typed", "others"),
    [
        ("Q12_a", ["Q12_a", "q12_A", "q12a", "Q12-a", "Q12.a", "q12"], ["q1", "q12b", "q13"]),
        ("SF36", ["SF36", "sf-36", "SF_36", "sf36"], ["sf3", "sf-3"]),
        ("SF-36", ["SF36", "sf-36", "sf36"], ["sf-35"]),
        ("bmiCat", ["bmicat", "bmiCat", "BMI_cat", "bmi", "cat"], ["mi", "bmic"]),
        ("HbA1c", ["hba1c", "HBA1C", "HbA1c"], ["hba", "hba2c"]),
        ("pH", ["ph", "PH", "pH"], ["phs"]),
        ("PM2.5", ["pm2.5", "PM25", "pm2_5"], ["pm10"]),
        ("2eVague", ["2evague", "2eVague", "vague"], ["3evague"]),
        ("Âge_Déclaré", ["age_declare", "âge", "DÉCLARÉ", "agedeclare"], ["ages_"]),
        ("GENDER\tat\xa0birth", ["gender", "birth"], ["gen"]),
    ],
)
def test_a_name_is_found_in_every_writing(name: str, typed: list[str], others: list[str]) -> None:
    assert [word for word in typed if not is_found(name, word, where=Field.NAME)] == []
    assert [word for word in others if is_found(name, word, where=Field.NAME)] == []


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("The SF-36 score", ["SF36", "sf-36", "SF_36"]),
        ("The SF36 score", ["SF36", "sf-36"]),
        ("COVID-19 infection", ["covid19", ["COVID", "19"][0], "covid-19"]),
        ("An e-mail was sent", ["email", "e-mail"]),
        ("an e‐mail, with the hyphen of Unicode", ["email", "e-mail"]),
        ("Exposure to PM2.5", ["PM25", "pm2.5"]),
    ],
)
def test_a_code_in_a_text_is_found_in_every_writing(text: str, typed: list[str]) -> None:
    assert [word for word in typed if not is_found(text, word)] == []
    assert not is_found(text, typed[0] + "0")


@pytest.mark.parametrize("name", ["", "  ", "\n"])
def test_a_name_of_nothing_has_no_tokens(name: str) -> None:
    assert analysis.entry(SearchDocument(1, (SearchText(Field.NAME, name),))).words == {}


def leaves(node: Node) -> list[tuple[Layer, str]]:
    match node:
        case Term(tokens):
            return [(token.layer, token.text) for token in tokens]
        case Phrase(words):
            return [(Layer.WORD, word) for word in words]
        case Best(ways):
            return [leaf for way, _ in ways for leaf in leaves(way)]
        case _:
            raise AssertionError(node)


@given(st.one_of(ANY_TEXT, st.sampled_from(["~fr", "=tabac", "<short", "a_b", "¶", "x~fr", "=a_b", "_"])))
def test_nobody_can_type_what_only_the_index_knows(typed: str) -> None:
    """Stems end in a language, labels begin with =, neighbours are joined by _: no typed word gives the last three."""
    for layer, token in leaves(analysis.term(typed)):
        if layer is Layer.STEM:
            stem, tilde, language = token.partition("~")
            assert not tilde or language in analysis.LANGUAGES
            assert stem.replace("'", "").isalnum() or not stem
        assert (layer, token) != (Layer.STEM, analysis.SHORT)
    assert all(word != GAP for word in folded(typed))


# --- stop words, labels, sorting --------------------------------------------------------------------------------------


def test_stop_words_say_nothing_and_what_says_something_is_none() -> None:
    idle = analysis.stop_words()
    assert {"le", "la", "les"[:2], "de", "des", "du", "est", "the", "of", "and", "a", "vous", "meme", "etaient"} <= idle
    telling = {"tabac", "age", "sommeil", "fumes", "sleep", "bmi"}
    # Vitamins, hepatitis, groups of blood, cells: a letter tells, unless it is a word.
    assert not idle & (telling | set("bcdejklmnt"))


def test_the_tokens_of_a_label_leave_out_what_says_nothing() -> None:
    assert list(analysis.label_tokens(["poids", "de", "naissance"])) == ["=poids_naissance", "poids_naissance"]
    assert list(analysis.label_tokens(["vitamine", "d"])) == ["=vitamine_d", "vitamine_d"]
    assert list(analysis.label_tokens(["le", "la"])) == ["=le_la", "le_la"]


@given(ANY_TEXT)
def test_a_sort_key_is_short_ascii(text: str) -> None:
    key = analysis.sort_key(text)
    assert key.isascii()
    assert len(key) <= SORT_WIDTH


def test_sorting_disregards_case_accents_and_articles_before_an_apostrophe() -> None:
    assert analysis.sort_key("L’Âge  du père") == analysis.sort_key("age DU pere") == "age du pere"
    assert analysis.sort_key("b") > analysis.sort_key("Âge")


def test_the_normal_form_unites_plurals_and_spellings_but_not_words() -> None:
    assert analysis.normal("Troubles du Sommeil") == analysis.normal("trouble du sommeil")
    assert analysis.normal("sleep-disorder") == analysis.normal("Sleep disorders")
    assert analysis.normal("l'IMC") == ("imc",)
    assert analysis.normal("virus stress pelvis") == ("virus", "stress", "pelvis")
    assert analysis.normal("poids") != analysis.normal("point")
