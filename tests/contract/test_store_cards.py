"""What searches show of items: kept, renewed, taken away, and never shown of a draft, on every engine."""

from __future__ import annotations

import pytest

from catalogue.model.report import Status
from catalogue.store import Repository
from tests.unit.store.builders import AGENCY, Document, Node, ingest


def cards(repository: Repository, last: int = 9) -> dict[int, bytes | None]:
    """By item, for the first items of the store."""
    return {one.summary.id: one.card for one in repository.cards.of(range(1, last + 1))}


@pytest.fixture
def filled(repository: Repository) -> Repository:
    """A store of items 1 to 4."""
    ingest(repository, Document([Node(one, label=f"Label {one}") for one in "abcd"]))
    return repository


def test_an_item_without_a_card_is_shown_without(filled: Repository) -> None:
    assert cards(filled) == dict.fromkeys((1, 2, 3, 4))
    assert filled.cards.of([]) == []


def test_the_item_beside_the_card_is_that_of_the_store(filled: Repository) -> None:
    filled.cards.keep({1: b"\x00card\xff"})
    (shown,) = filled.cards.of([1])
    (stored,) = filled.get_many([1])
    assert (shown.summary, shown.card) == (stored.summary, b"\x00card\xff")


def test_cards_take_the_place_of_others_and_go(filled: Repository) -> None:
    filled.cards.keep({1: b"one", 2: b"two", 3: b"three"})
    filled.cards.keep({2: b"again", 4: b"four"}, gone=[3, 99])
    assert cards(filled) == {1: b"one", 2: b"again", 3: None, 4: b"four"}
    filled.cards.keep({}, gone=[1, 2, 4])
    assert cards(filled) == dict.fromkeys((1, 2, 3, 4))


def test_renewing_leaves_nothing_old_between_two_ids(filled: Repository) -> None:
    filled.cards.keep(dict.fromkeys((1, 2, 3, 4), b"old"))
    filled.cards.renew({3: b"new"}, 1, 3)
    assert cards(filled) == {1: b"old", 2: None, 3: b"new", 4: b"old"}


def test_more_cards_than_a_query_can_name(repository: Repository) -> None:
    ingest(repository, Document([Node(f"v{number}") for number in range(2_100)]))
    repository.cards.keep({one: b"%d" % one for one in range(1, 2_101)})
    assert cards(repository, 2_100) == {one: b"%d" % one for one in range(1, 2_101)}
    repository.cards.keep({}, gone=range(1, 2_101))
    assert set(cards(repository, 2_100).values()) == {None}


def test_a_draft_is_not_shown_though_it_has_a_card(filled: Repository) -> None:
    draft = ingest(filled, Document([Node("e")]), Status.DRAFT).revision
    filled.cards.keep({5: b"early"})
    assert 5 not in cards(filled)
    filled.publish(draft.id)
    assert cards(filled)[5] == b"early"


# --- the items that values of facets are


def labels(repository: Repository, *identifiers: str) -> dict[str, str]:
    """By identifier, the label that is shown."""
    found = repository.cards.latest([(AGENCY, one) for one in identifiers])
    return {identifier: one.label.texts[0].text for (_, identifier), one in found.items()}


def test_the_latest_version_is_what_a_value_is_called_by(filled: Repository) -> None:
    ingest(filled, Document([Node("a", version="10", label="Ten")]))
    ingest(filled, Document([Node("a", version="9", label="Nine")]))
    ingest(filled, Document([Node("b", version="2", label="Not yet")]), Status.DRAFT)
    assert labels(filled, "a", "b", "z") == {"a": "Ten", "b": "Label b"}
    for identifier in "ab":
        (stored,) = filled.get(AGENCY, identifier)
        assert filled.cards.latest([(AGENCY, identifier)]) == {(AGENCY, identifier): stored.summary}


def test_what_is_deprecated_is_the_latest_only_of_what_is_all_deprecated(filled: Repository) -> None:
    newer = ingest(filled, Document([Node("a", version="2", label="Two"), Node("e", label="E")])).revision
    assert labels(filled, "a", "e") == {"a": "Two", "e": "E"}
    filled.deprecate(newer.id)
    assert labels(filled, "a", "e") == {"a": "Label a", "e": "E"}


def test_of_variants_the_first_counts(repository: Repository) -> None:
    ingest(repository, Document([Node("w", label="one"), Node("w", label="two")]))
    assert labels(repository, "w") == {"w": "one"}


def test_the_agency_counts_and_what_no_store_can_hold_is_nothing(filled: Repository) -> None:
    ingest(filled, Document([Node("a", agency="org.other", label="Other")]))
    found = filled.cards.latest([("org.other", "a"), (AGENCY, "b"), (AGENCY, "\0"), ("\ud800", "b"), ("", "")])
    assert {name: str(one.label.texts[0].text) for name, one in found.items()} == {
        ("org.other", "a"): "Other",
        (AGENCY, "b"): "Label b",
    }
    assert filled.cards.latest([]) == {}
