"""Names on the wire, dates and tokens: whatever they are made from, they are legal and lead back to it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.oai import dates, names, tokens
from catalogue.oai.names import domain_of, identifier_of, is_set, is_uri, key_of, read_set, sets_of, triple_of
from catalogue.oai.tokens import Token
from tests.unit.oai.conftest import record

# The patterns of OAI-PMH.xsd and oai-identifier.xsd.
SET_SPEC = re.compile(r"([A-Za-z0-9\-_\.!~\*'\(\)])+(:[A-Za-z0-9\-_\.!~\*'\(\)]+)*")
IDENTIFIER = re.compile(
    r"oai:[a-zA-Z][a-zA-Z0-9\-]*(\.[a-zA-Z][a-zA-Z0-9\-]*)+:[a-zA-Z0-9\-_\.!~\*'\(\);/\?:@&=\+$,%]+"
)
DOMAIN = "cohorts.example.org"
visible = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp")), max_size=20)
agencies = visible.filter(lambda text: ":" not in text and text != "-")
identifiers = visible.filter(bool)


@given(agencies, identifiers)
def test_identifiers_lead_back(agency: str, identifier: str) -> None:
    name = identifier_of(DOMAIN, replace(record(1), agency=agency, identifier=identifier))
    assert IDENTIFIER.fullmatch(name)
    assert is_uri(name)
    assert triple_of(DOMAIN, name) == (agency, identifier)
    assert triple_of("other.example.org", name) is None


@given(agencies, identifiers)
def test_sets_lead_back(agency: str, identifier: str) -> None:
    key = key_of(agency, identifier)
    for spec in (f"cohort:{key}", f"study:{key}", f"type:Variable:{key}"):
        assert SET_SPEC.fullmatch(spec)
        assert is_set(spec)
        found = read_set(spec)
        assert found is not None
        assert found.holder == (agency, identifier)


@given(st.text(max_size=30))
def test_what_is_read_is_what_would_be_written(text: str) -> None:
    triple = triple_of(DOMAIN, text)
    if triple:
        assert identifier_of(DOMAIN, replace(record(1), agency=triple[0], identifier=triple[1])) == text
    found = read_set(text)
    if found and found.holder:
        assert text.endswith(key_of(*found.holder))


@pytest.mark.parametrize(
    "spec",
    ["", "nowhere", "cohort:", "cohort:x", "cohort:a!b:c", "cohort:a!", "cohort:a!~zz", "cohort:a!~62", "type:Category",
     "type:StudyUnit:a!b", "type:Variable:a", "type:Variable:a!b:c", "cohort:a!~FF", "COHORT"],
)  # fmt: skip
def test_other_sets_are_none(spec: str) -> None:
    assert read_set(spec) is None


@pytest.mark.parametrize(
    "identifier",
    ["oai:cohorts.example.org:", "oai:cohorts.example.org:a", "oai:cohorts.example.org:a/%62",
     "oai:cohorts.example.org:a/é", "oai:cohorts.example.org:a/%FF", "OAI:cohorts.example.org:a/b", "urn:ddi:a:b:1",
     "oai:cohorts.example.org:/b"],
)  # fmt: skip
def test_other_identifiers_are_none(identifier: str) -> None:
    assert triple_of(DOMAIN, identifier) is None


def test_a_host_without_domain_name_has_a_reserved_one() -> None:
    assert domain_of("cohorts.example.org") == "cohorts.example.org"
    for host in ("127.0.0.1", "localhost", "::1", None, "a..b"):
        assert domain_of(host) == "catalogue.localhost"


def test_the_sets_of_a_record() -> None:
    assert list(sets_of(record(3))) == ["type:StudyUnit", "cohort:org.example!C", "study:org.example!S"]
    assert list(sets_of(record(3, "Variable"))) == [
        "type:Variable",
        "type:Variable:org.example!C",
        "type:Variable:org.example!S",
    ]
    assert all(SET_SPEC.fullmatch(spec) for spec in sets_of(record(2, "Variable")))


numbers = st.integers(0, 2**31 - 1)


@given(st.builds(Token, *[st.text(max_size=40)] * 5, numbers, numbers, numbers))
def test_tokens_lead_back(token: Token) -> None:
    try:
        text = token.text
    except TypeError:  # a lone surrogate, which no request can hold
        return
    assert re.fullmatch(r"[A-Za-z0-9_-]+", text)
    assert tokens.read(text) == token


@given(st.text(max_size=80))
def test_other_texts_are_no_tokens(text: str) -> None:
    with pytest.raises(ValueError, match="token"):
        tokens.read(text)


def test_a_day_is_all_of_it() -> None:
    day = dates.parse("2026-02-28")
    assert day.first == datetime(2026, 2, 28, tzinfo=UTC)
    assert dates.written(day.last) == "2026-02-28T23:59:59Z"
    second = dates.parse("2026-02-28T10:00:00Z")
    assert second.first == second.last
    assert names.STUDIES == ("Group", "StudyUnit")
