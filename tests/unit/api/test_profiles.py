"""Which profile a request asks for, and what is said where there is none."""

from __future__ import annotations

import pytest
from catalogue_api.profiles import PROFILES, chosen_profile
from fastapi import Request

from catalogue.errors import NotAcceptableError

EVERY = tuple(one.name for one in PROFILES)


def asking(query: str = "", accept: str | None = None) -> Request:
    headers = [(b"accept-profile", accept.encode())] if accept else []
    return Request({"type": "http", "query_string": query.encode(), "headers": headers})


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("schema.org", "schema"),
        ("Schema", "schema"),
        ("dcat", "dcat-ap"),
        ("healthdcat", "healthdcat-ap"),
        ("https://schema.org", "schema"),
        ("disco", "disco"),
    ],
)
def test_a_profile_has_names_and_an_address(asked: str, name: str) -> None:
    found = chosen_profile(asking(f"profile={asked}"), EVERY)
    assert found is not None
    assert found.name == name


def test_no_two_profiles_have_a_name_in_common() -> None:
    names = [name for one in PROFILES for name in (one.name, *one.further)]
    assert len(names) == len(set(names))


def test_who_asks_for_none_gets_none() -> None:
    assert chosen_profile(asking(), EVERY) is None


@pytest.mark.parametrize("request_", [asking("profile=dcat"), asking(accept="<urn:x>")])
def test_what_to_do_where_there_is_no_such_profile(request_: Request) -> None:
    with pytest.raises(NotAcceptableError, match=r"schema \(http://schema.org/\)") as refused:
        chosen_profile(request_, ("schema",))
    assert "profiles" in refused.value.next_step
    assert "media type" not in refused.value.next_step
