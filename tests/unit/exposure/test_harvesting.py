"""What the repository says of itself to harvesters: the settings of cohorts over what can be guessed."""

from __future__ import annotations

import pytest

from catalogue.exposure.harvesting import site_of
from catalogue.model.cataloguing import CatalogueMetadata, ContactPoint
from catalogue.settings import Settings

TITLE = {"fr": "Cohortes de France", "en": "Cohorts of France"}
NOTHING = CatalogueMetadata()
CONTACT = CatalogueMetadata(contact=ContactPoint(email="contact@example.org"))


@pytest.mark.parametrize(
    ("admin", "said", "expected"),
    [
        (None, NOTHING, "postmaster@cohorts.example.org"),
        (None, CatalogueMetadata(contact=ContactPoint()), "postmaster@cohorts.example.org"),
        (None, CONTACT, "contact@example.org"),
        ("admin@example.org", CONTACT, "admin@example.org"),
    ],
)
def test_who_answers(admin: str | None, said: CatalogueMetadata, expected: str) -> None:
    settings = Settings(base_url="https://cohorts.example.org", admin_email=admin)
    assert site_of(settings, "Cohorts", said).emails == (expected,)


@pytest.mark.parametrize(
    ("language", "said", "expected"),
    [
        ("fr", NOTHING, "Cohorts"),
        ("fr", CatalogueMetadata(title=TITLE), "Cohortes de France"),
        ("en", CatalogueMetadata(title=TITLE), "Cohorts of France"),
        ("fr", CatalogueMetadata(title={"en": "Cohorts of France"}), "Cohorts of France"),
    ],
)
def test_what_it_is_called(language: str, said: CatalogueMetadata, expected: str) -> None:
    settings = Settings(base_url="https://cohorts.example.org", default_language=language)
    assert site_of(settings, "Cohorts", said).name == expected
