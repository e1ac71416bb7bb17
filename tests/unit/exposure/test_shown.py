"""What a page tells search engines, made from what the page has read, is what a conversion of the item tells them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event

from catalogue.exposure.cohorts import Cohorts
from catalogue.exposure.portals import Portals
from catalogue.exposure.resources import ResourceBuilder
from catalogue.rdf import schemaorg
from catalogue.store import Repository
from catalogue.store.records import ItemFilter, StoredItem
from catalogue.views import Views

BASE = "https://cohorts.example.org"
# With nothing kept from pages before. (Before pages were spared what they had read: 56, 34, 32, 21 and 19.)
MOST_STATEMENTS = {"Variable": 26, "QuestionItem": 15, "CodeList": 10, "Concept": 9, "Category": 8}


@pytest.fixture(scope="module")
def some(cohorts: Repository) -> dict[str, tuple[StoredItem, ...]]:
    """Items of each type of the examples, from all over them."""
    types = cohorts.stats().items
    found = {type_: list(cohorts.list_items(ItemFilter(types=(type_,)), limit=400)) for type_ in types}
    spread = {type_: [one.id for one in all_[:: max(1, len(all_) // 6)]] for type_, all_ in found.items()}
    return {type_: cohorts.get_many(ids) for type_, ids in spread.items()}


def test_the_same_of_a_page_as_of_a_conversion(cohorts: Repository, some: dict[str, tuple[StoredItem, ...]]) -> None:
    views, resources = Views(cohorts), ResourceBuilder(cohorts)
    for stored in (one for of_type in some.values() for one in of_type):
        view, codes = views.item([stored]), views.code_rows(stored)
        (converted,) = resources.build([stored.id])
        expected = list(schemaorg.item_triples(converted, BASE))
        assert list(schemaorg.item_triples(resources.shown(view, codes), BASE)) == expected
        if codes and stored.item.type == "CodeList":
            assert list(schemaorg.item_triples(resources.shown(view, ()), BASE)) != expected


def test_how_often_a_page_asks_the_database(cohorts: Repository, some: dict[str, tuple[StoredItem, ...]]) -> None:
    views, portals = Views(cohorts), Portals(cohorts, Cohorts(None), BASE)
    for type_, most in MOST_STATEMENTS.items():
        for stored in some[type_]:
            with statements() as asked, cohorts.snapshot():
                portals.structured(views.item([stored]), views.code_rows(stored) if type_ == "CodeList" else (), "fr")
            assert 5 < len(asked) <= most


def test_a_study_is_described_once_in_a_page(cohorts: Repository, some: dict[str, tuple[StoredItem, ...]]) -> None:
    portals, study = Portals(cohorts, Cohorts(None), BASE), some["StudyUnit"][0].id
    with cohorts.snapshot():
        creators = portals.creators(study)
        with statements() as asked:
            described, _ = portals.study(study)
    assert asked == []
    with statements() as asked:
        assert portals.study(study)[0] == described
    assert len(asked) > 20
    assert portals.creators(study) == creators


@contextmanager
def statements() -> Iterator[list[str]]:
    """Those that are sent to the database meanwhile."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", note)
