"""Every sentence exists in both languages, and every key that a template uses exists."""

from __future__ import annotations

import re
import string
from pathlib import Path

import catalogue_api
import pytest
from catalogue_api.i18n import LANGUAGES, humanised, locale, sentences, typeset
from catalogue_api.listings import LISTINGS
from catalogue_api.results import SAME
from catalogue_api.routes.pages import DOORS, EXAMPLES, error_codes
from jinja2 import Environment, nodes

from catalogue.model.contents import Period, RepresentationKind
from catalogue.model.report import Severity, Status
from catalogue.service import SORTS, Facet, Field, NoteCode

TEMPLATES = Path(catalogue_api.__file__).parent / "templates"


def constant_keys(function: str) -> set[str]:
    """The keys that templates give to a function as they stand."""
    environment = Environment(autoescape=True)
    trees = [environment.parse(path.read_text(encoding="utf-8")) for path in TEMPLATES.glob("*.html")]
    calls = [call for tree in trees for call in tree.find_all(nodes.Call)]
    named = [call for call in calls if isinstance(call.node, nodes.Name) and call.node.name == function and call.args]
    return {call.args[0].value for call in named if isinstance(call.args[0], nodes.Const)}


def test_both_languages_have_the_same_keys() -> None:
    assert sentences("fr").keys() == sentences("en").keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_empty(language: str) -> None:
    assert [key for key, text in sentences(language).items() if not text.strip()] == []


def test_both_languages_fill_the_same_places() -> None:
    def places(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    english = sentences("en")
    assert [key for key, text in sentences("fr").items() if places(text) != places(english[key])] == []


def test_every_key_in_a_template_exists() -> None:
    known = sentences("en").keys()
    assert len(constant_keys("t")) > 100
    assert constant_keys("t") - known == set()
    assert {f"{key}.{form}" for key in constant_keys("n") for form in ("one", "other")} - known == set()


def test_every_computed_key_exists() -> None:
    computed = {f"nav.{name}" for name in (*LISTINGS, "cohorts", "documents", "validate")}
    computed |= {f"help.is_{name}" for name in (*LISTINGS, "cohorts", "documents", "validate")}
    computed |= {f"error.{code}.{part}" for code in (*error_codes(), "error") for part in ("title", "next")}
    computed |= {f"domain.{kind}" for kind in RepresentationKind} | {f"severity.{one}" for one in Severity}
    computed |= {f"outcome.{one}" for one in (*(set(Status) - {Status.DEPRECATED}), "draft_invalid", "draft_unchecked")}
    computed |= {f"report.next_{one}" for one in ("mend", "submit", "install")}
    computed |= {f"count.{one}.{form}" for one in ("cohorts", "waves") for form in ("one", "other")}
    computed |= {f"reference.{one}" for one in ("absent", "other-version", "other-agency", "external", "resolved")}
    computed |= {f"documents.schema_{one}" for one in ("true", "false", "none")}
    computed |= {f"help.search_{meaning}" for examples in EXAMPLES.values() for _, meaning in examples}
    computed |= {f"help.machine_{door.name}" for door in DOORS}
    computed |= {f"facet.{one}" for one in Facet} | {f"field.{one}" for one in Field} | {f"sort.{one}" for one in SORTS}
    computed |= {f"note.{one}" for one in NoteCode} | {"answer.yes", "answer.no"}
    computed |= {f"search.same_{one}" for one in SAME}
    computed |= {f"route.{one}" for one in ("then", "else-if", "else", "body")}
    computed |= {f"became.{one}.{form}" for one in ("create", "update", "delete") for form in ("one", "other")}
    assert computed - sentences("en").keys() == set()


def test_every_sentence_is_used() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in TEMPLATES.iterdir())
    source += "\n".join(path.read_text(encoding="utf-8") for path in TEMPLATES.parent.rglob("*.py"))
    tables = (
        "type.",
        "role.",
        "usedby.",
        "stat.",
        "mode.",
        "kind.",
        "unit.",
        "error.",
        "figure.",
        "oai.",
        "domain.",
        "reference.",
        "help.is_",
        "help.search_",
        "help.machine_",
        "operation.",
        "access.",
        "representation.",
    )
    computed = (
        "nav.",
        "severity.",
        "route.",
        "more.",
        "documents.schema_",
        "outcome.",
        "report.next_",
        "search.same_",
        "became.",
    )
    searched = ("facet.", "field.", "sort.", "note.", "answer.")
    keys = {
        re.sub(r"\.(one|other)$", "", key)
        for key in sentences("en")
        if not key.startswith((*tables, *computed, *searched))
    }
    assert [key for key in sorted(keys) if f'"{key}"' not in source and f"'{key}'" not in source] == []


def test_plurals_follow_the_language() -> None:
    french, english = locale("fr"), locale("en")
    assert [french.n("count.waves", n) for n in (0, 1, 2)] == ["0 vague", "1 vague", "2 vagues"]
    assert [english.n("count.waves", n) for n in (0, 1, 2)] == ["0 waves", "1 wave", "2 waves"]


def test_numbers_dates_and_names_follow_the_language() -> None:
    french, english = locale("fr"), locale("en")
    assert french.number("1234.5") == "1\u202f234,5"
    assert english.number(1234) == "1,234"
    assert english.number("n/a") == "n/a"
    assert [french.day(text) for text in ("2027-03-02", "2027-03", "2027", "soon")] == [
        "2 mars 2027", "mars 2027", "2027", "soon",
    ]  # fmt: skip
    assert english.day("2027-13-45") == "2027-13-45"
    assert english.country("FR") == "France"
    assert french.country("Atlantide") == "Atlantide"
    assert english.language_name("fr-FR") == "French"
    assert english.language_name("gb-EN") == "gb-EN"


def test_periods() -> None:
    english = locale("en")
    assert english.period(Period("2027-01-01", "2027-06-30")) == "1 January 2027 – 30 June 2027"
    assert english.period(Period("2027", None)) == "2027"
    assert english.period(Period(None, "2027")) == "until 2027"
    assert english.period(Period()) == ""
    assert english.period(Period("2025-04-01", open=True)) == "from 1 April 2025"


def test_an_open_period_says_so_and_a_single_date_does_not() -> None:
    french = locale("fr")
    written = ("2025-04-01", "2025-04", "2025-05", "2025")
    assert [french.period(Period(start, open=True)) for start in written] == [
        "à partir du 1er avril 2025", "à partir d’avril 2025", "à partir de mai 2025", "à partir de 2025",
    ]  # fmt: skip
    assert french.period(Period("2025-04-01")) == "1er avril 2025"
    assert (french.span(Period("2025-04", open=True)), french.span(Period("2025-04"))) == ("à partir de 2025", "2025")


def test_coded_names_become_words() -> None:
    assert humanised("PhysicalInstance") == "Physical instance"
    assert humanised("Interview.FaceToFace") == "Interview – face to face"
    assert locale("fr").type_name("Unheard") == "Unheard"
    assert locale("fr").type_name("Variable", 2) == "Variables"


def test_french_punctuation_stays_with_its_word() -> None:
    assert (
        typeset("Que dit « x » ? Ceci : a ; b !", "fr")
        == "Que dit «\u00a0x\u00a0»\u00a0? Ceci\u00a0: a\u00a0; b\u00a0!"
    )
    assert typeset("« x » :", "en") == "« x » :"
    assert typeset("L'arrêt, l'item 'x' et d'1 an : xmlns:r='a'", "fr").count("’") == 3
    assert typeset("the file's end", "en") == "the file's end"
    assert [text for text in locale("fr").sentences.values() if re.search(r"« | [»:;?!]", text)] == []


def test_figures_follow_the_language() -> None:
    """One questionnaire is not called questionnaires, on the pages of cohorts and waves as at home."""
    french, english = locale("fr"), locale("en")
    for name in ("cohorts", *(one for one in LISTINGS if one != "items")):
        assert french.n(f"figure.{name}", 1) != french.n(f"figure.{name}", 2)
        assert english.n(f"figure.{name}", 1) != english.n(f"figure.{name}", 0)
    assert french.n("figure.instruments", 1) == "questionnaire"


def test_kinds_of_data_of_the_examples_are_translated() -> None:
    """A kind without a sentence is shown by its own, English, name."""
    examples = TEMPLATES.parent.parent / "examples"
    used = {
        kind for one in examples.glob("*.xml") for kind in re.findall(r"<r:KindOfData[^>]*>(\w+)<", one.read_text())
    }
    assert used >= {"SensorData", "OmicsData"}
    assert [one for one in sorted(used) if f"kind.{one}" not in sentences("fr")] == []
    assert locale("fr").term("kind", "UnheardData") == "Unheard data"
