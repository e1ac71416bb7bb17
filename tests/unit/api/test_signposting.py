"""The links of a page to those who made what it shows."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from catalogue_api.negotiation import HTML, TURTLE
from catalogue_api.routes.forms import item_headers
from fastapi import Request

from catalogue.model.identity import Identification
from catalogue.service import ItemView


def asking(*creators: str) -> Request:
    harvesters = SimpleNamespace(licence=lambda: None, creators=lambda _: creators)
    catalogue = SimpleNamespace(settings=SimpleNamespace(base_url="https://c.example"), harvesters=harvesters)
    return cast(Request, SimpleNamespace(app=SimpleNamespace(state=SimpleNamespace(catalogue=catalogue))))


def view() -> ItemView:
    item: Any = SimpleNamespace(identification=Identification("a.b", "S", "1"), type="StudyUnit")
    found = SimpleNamespace(stored=SimpleNamespace(item=item), containers=SimpleNamespace(cohorts=(), waves=()))
    return cast(ItemView, found)


@pytest.mark.parametrize(
    ("creator", "written"),
    [
        ("https://orcid.org/0000-0002-1825-0097", "https://orcid.org/0000-0002-1825-0097"),
        ("https://a.example/équipe?a=%20", "https://a.example/%C3%A9quipe?a=%20"),
    ],
)
def test_a_page_leads_to_the_creators(creator: str, written: str) -> None:
    link = item_headers(asking(creator), view(), HTML)["Link"]
    assert f'<{written}>; rel="author"' in link
    assert link.isascii()
    assert "author" not in item_headers(asking(), view(), HTML)["Link"]
    assert "author" not in item_headers(asking(creator), view(), TURTLE)["Link"]
