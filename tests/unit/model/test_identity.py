"""Identification and URN, against the forms that reusable.xsd of 3.1, 3.2 and 3.3 and their documentation give."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.model.identity import Identification, version_key

# Characters that r:BaseIDType (3.3) admits.
IDS = st.text("ABCabc019*@$-_", min_size=1, max_size=20)
VERSIONS = st.lists(st.integers(0, 10**6), min_size=1, max_size=4)


@pytest.mark.parametrize(
    ("urn", "expected"),
    [
        ("urn:ddi:fr.insee:ABC-1:2", ("fr.insee", "ABC-1", "2")),
        ("URN:DDI:us.mpc:GEO_1.Item:1.0.0", ("us.mpc", "GEO_1.Item", "1.0.0")),
        ("  urn:ddi:fr.insee:ABC:1 ", ("fr.insee", "ABC", "1")),
        # Deprecated form of 3.2 and 3.3: types beside the identifiers
        ("urn:ddi:us.mpc:VariableScheme:VS1:Variable:V7:1.1", ("us.mpc", "V7", "1.1")),
        ("urn:ddi:us.mpc:VariableScheme:VS1:2", ("us.mpc", "VS1", "2")),
        # 3.1, DDIURNType: the version of each part behind its id
        ("urn:ddi:dk.dda:VariableScheme.VS1.1.0.0:Variable.V7.1.2.0", ("dk.dda", "VS1.V7", "1.2.0")),
        ("urn:ddi:dk.dda:VariableScheme.VS1.1.0.0", ("dk.dda", "VS1", "1.0.0")),
    ],
)
def test_every_form_of_urn_is_read(urn: str, expected: tuple[str, str, str]) -> None:
    found = Identification.from_urn(urn)
    assert (found.agency, found.identifier, found.version) == expected


@pytest.mark.parametrize("text", ["", "urn:ddi:a:b", "urn:isbn:1:2:3", "http://x/1", "urn:ddi:a:b c:1", "urn:ddi:a::1"])
def test_what_is_no_urn_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a DDI URN"):
        Identification.from_urn(text)


@pytest.mark.parametrize(
    ("agency", "identifier", "version"),
    [("a", "", "1"), ("a", "b", ""), ("a:x", "b", "1"), ("a", "b", "1:2"), ("a", "b c", "1"), ("a", "b", "1 2")],
)
def test_bad_parts_are_refused(agency: str, identifier: str, version: str) -> None:
    with pytest.raises(ValueError, match=r"needs|contains|colon"):
        Identification(agency, identifier, version)


def test_a_colon_in_an_identifier_is_kept_because_real_documents_have_it() -> None:
    one = Identification("fr.insee", "INSEE-COMMUN-MNR-Duration-HH:CH", "1")
    assert Identification.from_urn(one.urn) == one


def test_an_empty_agency_is_kept_because_real_documents_have_it() -> None:
    assert Identification("", "x", "1").urn == "urn:ddi::x:1"


@given(st.from_regex(r"[a-z]{2}\.[a-z]{1,8}", fullmatch=True), IDS, VERSIONS)
def test_a_canonical_urn_comes_back_the_same(agency: str, identifier: str, version: list[int]) -> None:
    one = Identification(agency, identifier, ".".join(map(str, version)))
    assert Identification.from_urn(one.urn) == one


@given(VERSIONS, VERSIONS)
def test_versions_sort_as_their_numbers_do(one: list[int], other: list[int]) -> None:
    keys = version_key(".".join(map(str, one))), version_key(".".join(map(str, other)))
    assert (keys[0] < keys[1]) == (one < other)
