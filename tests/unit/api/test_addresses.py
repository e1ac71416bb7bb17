"""Addresses that identify, whatever characters an identifier has."""

from __future__ import annotations

import pytest
from catalogue_api.addresses import ROOT, Address, api_path, item_path, readings, segments_below, with_query
from catalogue_api.negotiation import ITEM_FORMATS, JSON
from hypothesis import given
from hypothesis import strategies as st

from catalogue.errors import UsageError
from catalogue.model.identity import Identification

PART = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp"), exclude_characters=":"), min_size=1
).filter(
    lambda text: text.strip() == text and text not in ("-", ".", "..") and not text.endswith((".json", ".xml", ".html"))
)


@given(agency=st.one_of(st.just(""), PART), identifier=PART, version=PART)
def test_there_and_back(agency: str, identifier: str, version: str) -> None:
    try:
        identification = Identification(agency, identifier, version)
    except ValueError:
        return
    path = item_path(identification, "json")
    assert path.isascii()
    assert " " not in path
    (first, *_) = readings(segments_below(path.encode(), ROOT), ITEM_FORMATS)
    assert first == Address(agency, identifier, version, JSON)


def test_a_slash_and_an_empty_agency() -> None:
    identification = Identification("", "a/b", "1")
    assert item_path(identification) == "/id/-/a%2Fb/1"
    assert api_path(identification, "used-by") == "/api/v1/items/-/a%2Fb/1/used-by"
    assert segments_below(b"/id/-/a%2Fb/1", ROOT) == ["-", "a/b", "1"]


def test_a_name_that_looks_like_an_extension_is_tried_too() -> None:
    found = readings(["agency", "data.xml"], ITEM_FORMATS)
    assert [(one.identifier, one.format and one.format.name) for one in found] == [("data", "xml"), ("data.xml", None)]


def test_views() -> None:
    (found,) = readings(["a", "b", "1", "used-by"], ITEM_FORMATS, ("used-by",))
    assert found == Address("a", "b", "1", None, "used-by")
    (plain,) = readings(["a", "used-by"], ITEM_FORMATS, ("used-by",))
    assert plain.identifier == "used-by"


@pytest.mark.parametrize("segments", [[], ["a"], ["a", ""], ["a", "b", "1", "more"], ["", "b", "1"]])
def test_other_shapes_are_refused(segments: list[str]) -> None:
    with pytest.raises(UsageError, match="agency"):
        readings(segments, ITEM_FORMATS)


def test_queries_leave_out_what_says_nothing() -> None:
    assert with_query("/x", a=None, b="", c=(), d=False) == "/x"
    assert with_query("/x", a="1 2", b=("u", "v")) == "/x?a=1+2&b=u&b=v"
