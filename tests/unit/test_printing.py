"""What the command line prints."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from catalogue.exposure.portals import Completeness
from catalogue.model.identity import Identification
from catalogue.model.study import Named
from catalogue.model.text import InternationalString, LocalizedText
from catalogue.printing import _NOTES, print_completeness
from catalogue.search.notes import NoteCode

TITLE = InternationalString((LocalizedText("Enquête", "fr"), LocalizedText("Survey", "en")))


@pytest.mark.parametrize(
    ("name", "label", "expected"),
    [
        ("WAVE1", TITLE, "Enquête"),
        ("WAVE1", InternationalString(), "WAVE1"),
        (None, InternationalString(), "S-1"),
    ],
)
def test_a_study_is_called_by_its_title_else_its_name_else_its_identifier(
    name: str | None, label: InternationalString, expected: str
) -> None:
    study = Named(Identification("a.b", "S-1", "1"), "StudyUnit", name, label)
    written = io.StringIO()
    print_completeness(Completeness(study, ()), Console(file=written, width=200), "fr")
    assert written.getvalue().splitlines()[0] == f"{expected} urn:ddi:a.b:S-1:1"


def test_every_note_is_said_in_both_languages() -> None:
    assert set(_NOTES) == set(NoteCode)
    assert all(french and english and french != english for french, english in _NOTES.values())
