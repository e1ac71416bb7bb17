"""The tables of sentences: complete, bilingual, free of jargon; the pure findings built on them."""

from __future__ import annotations

import re
import string

import pytest

from catalogue.errors import CatalogueError, LimitExceededError, UnreadableDocumentError, UnsupportedDocumentError
from catalogue.model.report import Message, Severity, Violation
from catalogue.validation import rules
from catalogue.validation.advice import ADVICE, Case, advise
from catalogue.validation.codes import FAULTS
from catalogue.validation.content import enumerate_names, shortened
from catalogue.validation.unreadable import unreadable
from catalogue.xml import Limits, scan

URN = "urn:ddi:fr.x:Q1:1.0"


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("code", FAULTS)
def test_both_languages_say_the_same_with_the_same_places(code: str) -> None:
    fault = FAULTS[code]
    for message in (fault.message, fault.remedy):
        assert message.fr.strip()
        assert message.en.strip()
        assert message.fr != message.en
        strip = {re.sub(r"_(fr|en)$", "", name) for name in places(message.fr)}
        assert strip == {re.sub(r"_(fr|en)$", "", name) for name in places(message.en)}
    assert re.fullmatch(r"[a-z]+\.[a-z-]+", code)


@pytest.mark.parametrize("row", ADVICE)
def test_advice_speaks_of_known_faults_and_both_languages(row: object) -> None:
    assert isinstance(row, type(ADVICE[0]))
    assert set(row.codes) <= set(FAULTS)
    assert row.message or row.remedy
    for message in filter(None, (row.message, row.remedy)):
        assert message.fr != message.en
        assert places(message.fr) | places(message.en) <= {"parent", "child"}


def test_advice_picks_the_first_row_that_fits() -> None:
    assert advise(Case("xsd.unknown-element", "3.3", "GenerationInstruction", "SourceQuestion"))
    assert advise(Case("xsd.unknown-element", "3.2", "GenerationInstruction", "SourceQuestion")) is None
    assert advise(Case("xsd.missing-element", "3.1", "QuestionItem", "", ("TextDomain",)))
    assert advise(Case("xsd.missing-element", "3.1", "QuestionItem", "", ("Other",))) is None


FINDINGS: list[tuple[Violation, str, Severity]] = [
    (rules.duplicate_identification(URN, "QuestionItem", 3, 9), "identity.duplicate", Severity.WARNING),
    (rules.inherited_agency(12, "fr.x"), "identity.inherited-agency", Severity.INFO),
    (rules.empty_agency("Variable", 4), "identity.empty-agency", Severity.WARNING),
    (rules.empty_version("Variable", 4), "identity.empty-version", Severity.WARNING),
    (rules.missing_identifier("Variable", 4), "identity.missing", Severity.ERROR),
    (rules.urn_mismatch("urn:ddi:a:b:2", URN, "Variable", 4), "identity.urn-mismatch", Severity.WARNING),
    (rules.top_level_reference_unmatched(URN), "reference.top-level", Severity.WARNING),
    (rules.malformed_language("gb-EN", 3, 7), "language.malformed", Severity.WARNING),
    (rules.conflict(URN, "Variable", "AGE", 8, "<a/>", "<b/>"), "publication.conflict", Severity.ERROR),
    (rules.schema_not_installed("3.1"), "schema.not-installed", Severity.WARNING),
]


@pytest.mark.parametrize(("found", "code", "severity"), FINDINGS)
def test_findings(found: Violation, code: str, severity: Severity) -> None:
    assert (found.code, found.severity) == (code, severity)
    assert "{" not in found.message.fr + found.message.en + found.remedy.fr + found.remedy.en
    assert Violation.from_dict(found.as_dict()) == found


@pytest.mark.parametrize(
    ("reason", "known", "code", "words"),
    [
        ("absent", None, "reference.dangling", URN),
        ("other-version", "2.0", "reference.other-version", "2.0"),
        ("other-agency", "fr.y", "reference.other-agency", "fr.y"),
    ],
)
def test_dangling_reference_says_why(reason: str, known: str | None, code: str, words: str) -> None:
    found = rules.dangling_reference(
        source_urn=URN,
        source_type="Variable",
        source_name="AGE",
        line=7,
        role="QuestionReference",
        target_urn=URN,
        reason=reason,
        known=known,
    )
    assert (found.code, found.severity, found.line, found.item_name) == (code, Severity.WARNING, 7, "AGE")
    assert words in found.message.fr
    assert words in found.message.en


def test_schema_not_installed_says_what_to_run() -> None:
    found = rules.schema_not_installed("3.1")
    assert "Not validated" in found.message.en
    assert "catalogue schemas install 3.1" in found.remedy.en


@pytest.mark.parametrize(
    ("tag", "meant"), [("gb-EN", "en-GB"), ("fr-fr", "fr-FR"), ("eng", "en"), ("fr_FR", "fr-FR"), ("fn-CA", None)]
)
def test_language_suggestions(tag: str, meant: str | None) -> None:
    assert rules.suggest_language(tag) == meant


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (b"", "xml.empty", "export"),
        (b"<a><b></a>", "xml.not-well-formed", "end tag"),
        (b"<a><b></b>", "xml.not-well-formed", "too early"),
        (b"<a", "xml.not-well-formed", "middle of a tag"),
        (b"<a>&nbsp;</a>", "xml.not-well-formed", "entity"),
        (b"<a>x & y</a>", "xml.not-well-formed", "&amp;"),
        (b"<a/><b/>", "xml.not-well-formed", "joined"),
        (b"\n<?xml version='1.0'?><a/>", "xml.not-well-formed", "open the file"),
        (b"{}", "xml.not-well-formed", "JSON"),
        (b"<a x='1' x='2'/>", "xml.not-well-formed", "twice"),
        (b"<r:a/>", "xml.not-well-formed", "prefix"),
        (b"<a xmlns='ddi: instance'/>", "xml.not-well-formed", "xmlns"),
        ("<a>é</a>".encode("latin-1"), "xml.not-well-formed", "UTF-8"),
        (b"<!DOCTYPE a><a/>", "xml.doctype", "DOCTYPE"),
        (b"\x1f\x8b\x08", "xml.compressed", "zip archive"),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', "xml.encoding", "UTF-8"),
        (b'<?xml version="1.0" encoding="UTF-16"?><a/>', "xml.encoding", "UTF-8"),
        (b"<a>" * 30, "xml.limit", "Split"),
    ],
)
def test_unreadable_says_what_usually_causes_it(data: bytes, code: str, words: str) -> None:
    with pytest.raises(UnreadableDocumentError) as caught:
        scan(data, Limits(max_depth=20))
    found = unreadable(caught.value)
    assert found.code == code
    assert words in found.remedy.en
    assert found.message.fr != found.message.en
    assert found.detail == caught.value.message
    if code == "xml.not-well-formed":
        assert found.line is not None


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UnsupportedDocumentError("This is a DDI-Codebook document; ..."), "ddi.codebook"),
        (
            UnsupportedDocumentError("DDI-Lifecycle 3.0 is not supported; 3.1, 3.2 and 3.3 are."),
            "ddi.unsupported-version",
        ),
        (UnsupportedDocumentError("The root element <html> is in no namespace"), "ddi.not-ddi"),
        (LimitExceededError("too large"), "xml.limit"),
        (UnreadableDocumentError("something new"), "xml.not-well-formed"),
    ],
)
def test_unreadable_by_class(error: CatalogueError, code: str) -> None:
    assert unreadable(error).code == code


def test_words() -> None:
    assert enumerate_names([], "or") == ""
    assert enumerate_names(["A"], "or") == "A"
    assert enumerate_names(["A", "B", "C"], "ou") == "A, B ou C"
    assert enumerate_names(list("ABCDEFGH"), "or") == "A, B, C, D, E, F ..."
    assert shortened("One. Two.") == "One."
    assert len(shortened("word " * 100)) <= 204
    assert Message("a", "b").in_language("de") == "b"
