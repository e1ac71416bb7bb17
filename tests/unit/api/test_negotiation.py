"""Accept, Accept-Language and extensions; the examples of RFC 9110, section 12, where it has some."""

from __future__ import annotations

import pytest
from catalogue_api.negotiation import (
    HTML,
    ITEM_FORMATS,
    JSON,
    XML,
    Format,
    Preference,
    by_extension,
    choose_language,
    is_browser,
    negotiate,
    preferences,
    quality_of,
    takes_gzip,
)

from catalogue.errors import NotAcceptableError

FIREFOX = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def test_rfc_9110_media_range_examples() -> None:
    """Section 12.5.1: the most specific reference has precedence."""
    accepted = preferences(
        "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, text/plain;format=fixed;q=0.4, */*;q=0.5"
    )
    assert quality_of("text/plain", accepted, {"format": "flowed"}) == 1
    assert quality_of("text/plain", accepted) == 0.7
    assert quality_of("text/html", accepted) == 0.3
    assert quality_of("image/jpeg", accepted) == 0.5
    assert quality_of("text/plain", accepted, {"format": "fixed"}) == 0.4


def test_rfc_9110_audio_example() -> None:
    accepted = preferences("audio/*; q=0.2, audio/basic")
    assert quality_of("audio/basic", accepted) == 1
    assert quality_of("audio/mpeg", accepted) == 0.2
    assert quality_of("text/html", accepted) == 0


@pytest.mark.parametrize(
    ("header", "form", "media_type"),
    [
        (None, HTML, "text/html"),
        ("", HTML, "text/html"),
        ("*/*", HTML, "text/html"),
        (FIREFOX, HTML, "text/html"),
        ("application/json", JSON, "application/json"),
        ("application/json, text/html;q=0.9", JSON, "application/json"),
        ("application/json;q=0.5, text/html;q=0.9", HTML, "text/html"),
        ("application/*", JSON, "application/json"),
        ("application/*, application/xhtml+xml;q=0.1", JSON, "application/json"),
        ("APPLICATION/XML", XML, "application/xml"),
        ("text/xml", XML, "text/xml"),
        ("text/html;q=0, */*", JSON, "application/json"),
        ("text/html;q=0, application/xhtml+xml", HTML, "application/xhtml+xml"),
        ("image/png, */*;q=0.1", HTML, "text/html"),
        ("application/xml; charset=utf-8", XML, "application/xml"),
        ("application/vnd.ddi.lifecycle+xml;version=3.3", XML, "application/vnd.ddi.lifecycle+xml"),
    ],
)
def test_the_preferred_form_wins(header: str | None, form: Format, media_type: str) -> None:
    assert negotiate(header, ITEM_FORMATS, {"version": "3.3"}) == (form, media_type)


@pytest.mark.parametrize(
    "header",
    ["text/csv", "image/png, audio/*", "*/*;q=0", "application/vnd.ddi.lifecycle+xml;version=3.2"],
)
def test_what_there_is_not_is_refused_with_the_list(header: str) -> None:
    with pytest.raises(NotAcceptableError, match="application/json"):
        negotiate(header, ITEM_FORMATS, {"version": "3.3"})


def test_malformed_elements_are_left_out() -> None:
    assert preferences("text/html;q=high, ;q=1, application/json;q=2, text/xml") == (Preference("text/xml"),)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("1.0.0.json", ("1.0.0", JSON)),
        ("1.0.0", ("1.0.0", None)),
        ("1.xml", ("1", XML)),
        ("Scheme.Item", ("Scheme.Item", None)),
        ("Scheme.Item.html", ("Scheme.Item", HTML)),
        (".json", (".json", None)),
        ("json", ("json", None)),
        ("1.JSON", ("1.JSON", None)),
    ],
)
def test_extensions(name: str, expected: tuple[str, Format | None]) -> None:
    assert by_extension(name, ITEM_FORMATS) == expected


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "fr"),
        ("en", "en"),
        ("da, en-gb;q=0.8, en;q=0.7", "en"),
        ("de-CH, fr-CH;q=0.9, en;q=0.8", "fr"),
        ("fr;q=0, en;q=0.1", "en"),
        ("de", "fr"),
        ("*", "fr"),
    ],
)
def test_language(header: str | None, language: str) -> None:
    assert choose_language(header, ("fr", "en"), "fr") == language


# --- who gets a page of what has no other form ------------------------------------------------------------------------

CHROME = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,"
    "application/signed-exchange;v=b3;q=0.7"
)
JAVA = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"


@pytest.mark.parametrize(
    ("header", "browser"),
    [
        (FIREFOX, True),
        (CHROME, True),
        ("text/html, application/xhtml+xml, */*", True),
        ("TEXT/HTML, application/XHTML+xml", True),
        ("text/html, application/xhtml+xml, application/xml", True),
        (None, False),
        ("", False),
        ("*/*", False),
        ("text/*, application/*", False),
        (JAVA, False),
        ("text/html", False),
        ("application/xhtml+xml", False),
        ("application/xml", False),
        ("text/xml", False),
        ("text/xml, application/xml", False),
        ("application/xml, application/xhtml+xml, text/html;q=0.9, */*;q=0.5", False),
        ("text/html;q=0.9, application/xhtml+xml, text/xml", False),
        ("text/html;q=0.5, application/xhtml+xml;q=0.5, */*", False),
        ("text/html, application/xhtml+xml;q=0", False),
        ("text/html;q=0, application/xhtml+xml;q=0", False),
    ],
)
def test_a_browser_names_both_types_of_html_and_prefers_them(header: str | None, browser: bool) -> None:
    assert is_browser(header) is browser


@pytest.mark.parametrize(
    ("header", "taken"),
    [
        ("gzip", True),
        ("gzip, deflate, br", True),
        ("GZIP;q=0.5", True),
        ("gzip;q=0.5, identity;q=0.5", True),
        ("identity;q=0.4, gzip;q=0.5", True),
        ("identity;q=0, gzip;q=0.1", True),
        ("*", True),
        ("*;q=0.5, identity;q=0.2", True),
        (None, False),
        ("", False),
        ("identity", False),
        ("br, deflate", False),
        ("gzip;q=0", False),
        ("*, gzip;q=0", False),
        ("identity, gzip;q=0.5", False),
        ("*, gzip;q=0.5", False),
        ("identity;q=0, *;q=0", False),
    ],
)
def test_gzip_is_taken_where_it_is_liked_no_less_than_nothing(header: str | None, taken: bool) -> None:
    """RFC 9110, section 12.5.3."""
    assert takes_gzip(header) is taken
