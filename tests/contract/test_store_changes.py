"""The feed of changes: each change of an item once, however many contents an identification stands for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from catalogue.errors import NotFoundError
from catalogue.exposure import activities
from catalogue.exposure.activities import ChangeFeed
from catalogue.store import Repository
from tests.unit.store.builders import Document, Node, ingest, refer, study

BASE = "https://catalogue.example"
ONE, TWO, OTHER = Node("v", label="One"), Node("v", label="Two"), Node("w", label="Other")


def announced(repository: Repository) -> list[tuple[str, str]]:
    """What a consumer reads from the first page to the last: type of change, identifier."""
    feed = ChangeFeed(repository, BASE)
    found: list[tuple[str, str]] = []
    number: int | None = 0
    while number is not None:
        body: Mapping[str, Any] = feed.page(number).body
        found += [(one["type"], one["object"]["id"].split("/")[-2]) for one in body["orderedItems"]]
        number = number + 1 if "next" in body else None
    return found


def publish(repository: Repository, *nodes: Node, salt: str = "") -> str:
    return ingest(repository, Document(nodes, salt=salt)).revision.id


def test_twins_of_a_document_are_announced_once(repository: Repository) -> None:
    document = publish(repository, ONE, OTHER, TWO)
    assert repository.last_change() == 3
    assert announced(repository) == [("Create", "v"), ("Create", "w")]
    repository.deprecate(document)
    assert announced(repository)[2:] == [("Delete", "v"), ("Delete", "w")]


def test_an_address_that_answers_still_is_not_deleted(repository: Repository) -> None:
    """One of the contents has gone, another is in a document that stays."""
    both = publish(repository, ONE, TWO)
    publish(repository, TWO, salt="2")
    assert announced(repository) == [("Create", "v"), ("Update", "v")]
    repository.deprecate(both)
    assert announced(repository)[2:] == [("Update", "v")]


def test_what_comes_back_is_announced_again(repository: Repository) -> None:
    repository.deprecate(publish(repository, ONE, TWO))
    publish(repository, ONE, TWO)
    assert [one for _, one in announced(repository)] == ["v"] * 3
    assert [kind for kind, _ in announced(repository)][:2] == ["Create", "Delete"]


def test_what_is_published_again_is_announced_once_though_it_joins_its_cohort_again(repository: Repository) -> None:
    """The outbox tells that it is published, and that it comes into the cohort."""
    nodes = [Node("g", "Group", children=[study("s", ONE)])]
    repository.deprecate(publish(repository, *nodes))
    before = announced(repository)
    publish(repository, *nodes)
    events = [(entry.event, entry.item_id) for entry in repository.outbox(6)]
    assert len({item for _, item in events}) == 3 < len(events)
    assert sorted(one for _, one in announced(repository)[len(before) :]) == ["g", "s", "v"]


def test_what_comes_into_a_wave_by_another_document_is_announced(repository: Repository) -> None:
    publish(repository, ONE)
    publish(repository, study("s", references=[refer("v", "VariableReference")]), salt="2")
    assert repository.outbox(1)[-1].event == "joined"
    assert announced(repository) == [("Create", "v"), ("Create", "s"), ("Update", "v")]


def test_versions_are_no_twins(repository: Repository) -> None:
    publish(repository, ONE, Node("v", version="2", label="Two"), Node("v", agency="int.other", label="Other"))
    assert announced(repository) == [("Create", "v")] * 3


@pytest.mark.parametrize("size", [1, 2, 3])
def test_where_pages_end_makes_no_difference(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    repository.deprecate(publish(repository, OTHER, TWO, ONE))
    publish(repository, ONE, TWO, salt="2")
    whole = announced(repository)
    monkeypatch.setattr(activities, "ON_PAGE", size)
    assert announced(repository) == whole
    assert len(whole) == 5


def test_people_read_the_same_newest_first(repository: Repository) -> None:
    feed = ChangeFeed(repository, BASE)
    assert feed.batches().batches == ()
    first = publish(repository, ONE, OTHER, TWO)
    second = publish(repository, Node("x"), salt="2")
    repository.deprecate(second)
    page = feed.batches()
    told = [
        (one.type, one.document and one.document.id, [item.identification.identifier for item in one.items])
        for one in page.batches
    ]
    assert told == [("Delete", second, ["x"]), ("Create", second, ["x"]), ("Create", first, ["v", "w"])]
    assert (page.number, page.last) == (0, 0)
    with pytest.raises(NotFoundError):
        feed.batches(1)


def test_people_begin_with_the_newest_page_that_tells_anything(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = publish(repository, OTHER, ONE, TWO)
    monkeypatch.setattr(activities, "ON_PAGE", 1)
    feed = ChangeFeed(repository, BASE)
    assert feed.page(2).body["orderedItems"] == []  # the second content of an identification changes nothing more
    page = feed.batches()
    assert [(one.type, one.document and one.document.id) for one in page.batches] == [("Create", first)]
    assert (page.number, page.last) == (1, 1)


def test_people_read_first_what_a_document_brought(repository: Repository) -> None:
    publish(repository, OTHER)
    second = publish(repository, OTHER, Node("x"), Node("z"), salt="2")
    batches = [one for one in ChangeFeed(repository, BASE).batches().batches if one.document]
    told = [
        (one.type, [item.identification.identifier for item in one.items])
        for one in batches
        if one.document and one.document.id == second
    ]
    assert told == [("Create", ["x", "z"]), ("Update", ["w"])]
