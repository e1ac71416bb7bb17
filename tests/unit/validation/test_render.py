"""Terminal and HTML forms of a report."""

from __future__ import annotations

import io

import pytest
from lxml import etree
from rich.console import Console

from catalogue.model.report import ValidationReport
from catalogue.validation import rules
from catalogue.validation.codes import Place, violation
from catalogue.validation.render import grouped, html_report, print_report, summary

EVIL = "<script>alert(1)</script>[bold]"


def report(valid: bool | None = False, count: int = 3) -> ValidationReport:
    found = [
        violation(
            "xsd.unknown-element",
            Place(n + 1, f"/a/b[{n + 1}]", f"urn:ddi:x:{n}:1", "QuestionItem", EVIL),
            {"child": "Foo", "element": "Bar", "version": "3.3"},
            expected=(("QuestionText", "The text."),),
            detail=EVIL,
        )
        for n in range(count)
    ]
    language = rules.malformed_language("gb-EN", 2, 7)
    return ValidationReport(EVIL, "3.3", "DDIInstance", valid, (language, *found))


def test_identical_violations_are_grouped_gravest_first() -> None:
    groups = grouped(report().violations)
    assert [(g.first.code, g.count) for g in groups] == [("xsd.unknown-element", 3), ("language.malformed", 1)]


@pytest.mark.parametrize(
    ("given", "fr", "en"),
    [
        (ValidationReport("f", "3.3", "X", True), "Valide selon DDI-Lifecycle 3.3.", "Valid DDI-Lifecycle 3.3."),
        (
            report(),
            "3 erreurs dans 3 éléments ; 1 avertissement.",
            "3 errors in 3 items; 1 warning.",
        ),
        (report(count=1), "1 erreur dans 1 élément ; 1 avertissement.", "1 error in 1 item; 1 warning."),
        (
            ValidationReport("f", "3.1", "X", None, (rules.schema_not_installed("3.1"),)),
            "Non validé : aucun schéma n'a pu décider ; 1 avertissement.",
            "Not validated: no schema could decide; 1 warning.",
        ),
        (
            ValidationReport("f", "3.3", "X", True, (rules.missing_identifier("Variable", 3),)),
            "Conforme au schéma DDI-Lifecycle 3.3, mais 1 erreur.",
            "Follows the schema of DDI-Lifecycle 3.3, but 1 error.",
        ),
    ],
)
def test_summary(given: ValidationReport, fr: str, en: str) -> None:
    assert (summary(given).fr, summary(given).en) == (fr, en)


def test_summary_says_what_was_left_out() -> None:
    cut = ValidationReport("f", "3.3", "X", False, report().violations, 9, False)
    assert "12 errors" in summary(cut).en
    assert "9 are not listed" in summary(cut).en
    assert "may be more" in summary(cut).en


@pytest.mark.parametrize("language", ["fr", "en"])
def test_html_stands_alone_and_escapes(language: str) -> None:
    page = html_report(report(), language)
    assert EVIL not in page
    tree = etree.fromstring(page, etree.HTMLParser())
    assert tree.get("lang") == language
    assert not tree.xpath("//script | //link | //img | //iframe | //@src | //@href")
    assert "http" not in page.replace("http-equiv", "")
    assert tree.xpath("count(//article)") == 2
    assert tree.xpath("count(//article[1]//tbody/tr)") == 3
    assert tree.xpath("count(//h1)") == 1
    assert tree.xpath("count(//th[@scope='col']) = count(//th)")
    assert tree.xpath("//dd[@lang='en']/text()") == ["The text."]


def test_html_of_a_valid_document() -> None:
    assert "Rien à signaler" in html_report(ValidationReport("f", "3.3", "X", True), "fr")


def test_html_shortens_long_groups() -> None:
    assert "and 10 more places" in html_report(report(count=60), "en")


def test_terminal_table() -> None:
    output = io.StringIO()
    print_report(report(count=9), Console(file=output, width=120), "en")
    text = output.getvalue()
    assert "9 errors in 9 items" in text
    assert "(9 times)" in text
    assert "+6" in text
    assert EVIL in text
    assert "QuestionText" in text
    print_report(ValidationReport("good.xml", "3.3", "X", True), Console(file=output), "fr")
    assert "Valide selon DDI-Lifecycle 3.3." in output.getvalue()
