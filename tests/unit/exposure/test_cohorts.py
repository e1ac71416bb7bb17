"""The settings file of cohorts: what it says of which cohort, what it refuses and how, that changes are seen."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from catalogue.exposure.cohorts import Cohorts, CohortSettingsError, read
from catalogue.model.cataloguing import CohortMetadata
from catalogue.model.identity import Identification
from catalogue.model.study import Named, StudyDescription
from catalogue.model.text import InternationalString
from tests.conftest import ROOT

EMPTY = InternationalString()


def study(identifier: str, *cohorts: str) -> StudyDescription:
    named = tuple(Named(Identification("a.b", cohort, "2"), "Group") for cohort in cohorts)
    kind = "StudyUnit" if cohorts else "Group"
    return StudyDescription(Identification("a.b", identifier, "1"), kind, None, EMPTY, cohorts=named)


def written(folder: Path, text: str) -> Path:
    file = folder / "cohorts.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_wave_has_its_own_over_its_cohorts_over_the_defaults(tmp_path: Path) -> None:
    cohorts = Cohorts(
        written(
            tmp_path,
            """
            [defaults]
            access_rights = "NON_PUBLIC"
            type = "PERSONAL_DATA"
            min_age = 18
            [cohorts."a.b/C"]
            access_rights = "RESTRICTED"
            type = "STATISTICAL"
            [cohorts."a.b/W"]
            type = "TEST_DATA"
            min_age = 0
            """,
        )
    )
    wave, cohort, other = (cohorts.of(one) for one in (study("W", "C"), study("C"), study("X")))
    assert (wave.type, wave.access_rights, wave.min_age) == ("TEST_DATA", "RESTRICTED", 0)
    assert (cohort.type, cohort.access_rights, cohort.min_age) == ("STATISTICAL", "RESTRICTED", 18)
    assert (other.type, other.access_rights) == ("PERSONAL_DATA", "NON_PUBLIC")


def test_without_a_file_nothing_is_said_but_the_catalogue_has_a_name() -> None:
    cohorts = Cohorts(None)
    assert cohorts.of(study("C")) == CohortMetadata()
    assert set(cohorts.catalogue().title) == {"fr", "en"}
    assert cohorts.catalogue().publisher is None


def test_a_file_that_has_changed_is_read_again(tmp_path: Path) -> None:
    file = written(tmp_path, '[defaults]\ntype = "OTHER"')
    cohorts = Cohorts(file)
    assert cohorts.of(study("C")).type == "OTHER"
    before = cohorts.state()
    written(tmp_path, '[defaults]\ntype = "TEST_DATA"')
    os.utime(file, (1, 1))
    assert cohorts.state() != before
    assert cohorts.of(study("C")).type == "TEST_DATA"


def test_an_unchanged_file_is_read_once(tmp_path: Path) -> None:
    cohorts = Cohorts(written(tmp_path, "[defaults]"))
    assert cohorts.settings() is cohorts.settings()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[defaults", "is no TOML"),
        ("[defaults]\ncolour = 1", "defaults.colour: there is no such key"),
        ("[elsewhere]\na = 1", "elsewhere: there is no such key"),
        ('[defaults]\naccess_rights = "SECRET"', "defaults.access_rights: 'SECRET' is none of PUBLIC"),
        ('[defaults]\nduo = ["ABC"]', "defaults.duo: 'ABC' is none of NRES"),
        ('[defaults.publisher]\nname = { fr = "A" }\nhealth_type = "shop"', "defaults.publisher.health_type: 'shop'"),
        ('[defaults]\naccess_url = "here"', "access_url: 'here' is no address"),
        ('[defaults.contact]\nemail = "nobody"', "email: 'nobody' is no e-mail address"),
        ("[defaults]\nmin_age = -1", "min_age: -1 is no number of things"),
        ('[defaults]\nrights = { zz = "x" }', "rights: write a text for each language"),
        ('[catalogue]\nissued = "yesterday"', "issued: 'yesterday' is no date"),
        ("[defaults.publisher]\nnote = { fr = 'x' }", "defaults.publisher.name"),
        ('[cohorts.ALONE]\ntype = "OTHER"', 'cohorts."ALONE": write agency/identifier'),
    ],
)
def test_a_fault_is_told_with_its_file_and_key(tmp_path: Path, text: str, told: str) -> None:
    file = written(tmp_path, text)
    with pytest.raises(CohortSettingsError) as caught:
        read(file)
    assert caught.value.message.startswith(f"{file.name}")
    assert str(file.parent) not in caught.value.message  # everybody reads it
    assert told in caught.value.message
    assert "examples/cohorts.toml" in caught.value.next_step


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    cohorts = Cohorts(tmp_path / "none.toml")
    assert cohorts.state() == "unreadable"
    with pytest.raises(CohortSettingsError, match="cannot be read"):
        cohorts.of(study("C"))


def test_the_example_shows_what_can_be_said() -> None:
    found = read(ROOT / "examples" / "cohorts.toml")
    assert found.catalogue.publisher is not None
    assert found.defaults.hdab is not None
    assert found.cohorts
