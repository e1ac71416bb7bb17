"""Pieces of pages that are made by macros."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from jinja2 import Environment, FileSystemLoader

from tests.conftest import ROOT

COHORT, FIRST, SECOND = (SimpleNamespace(urn=name) for name in ("cohort", "first", "second"))


@pytest.fixture(scope="module")
def macros() -> Any:
    environment = Environment(loader=FileSystemLoader(ROOT / "api" / "templates"), autoescape=True)
    environment.globals.update(
        short=lambda one: one.urn, wave_title=lambda one, _: one.urn, n=lambda key, number: f"{number} {key}"
    )
    return environment.get_template("macros.html").module


@pytest.mark.parametrize(
    ("cohorts", "waves", "within", "expected"),
    [
        ((COHORT,), (FIRST,), None, "cohort · first"),
        ((COHORT,), (FIRST,), "cohort", "first"),
        ((COHORT,), (FIRST,), "first", "cohort"),
        ((COHORT,), (), None, "cohort"),
        ((COHORT, SECOND), (FIRST,), "first", "2 count.cohorts"),
        ((COHORT, SECOND), (FIRST, SECOND), "first", "2 count.cohorts · 2 count.waves"),
        ((), (FIRST,), "first", ""),
    ],
)
def test_a_dot_stands_only_between_two_places(
    macros: Any, cohorts: tuple[object, ...], waves: tuple[object, ...], within: str | None, expected: str
) -> None:
    assert str(macros.place(cohorts, waves, within)).strip() == expected
