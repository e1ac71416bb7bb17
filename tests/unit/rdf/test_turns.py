"""One client, however much it asks, leaves room for others, and waits behind them."""

from __future__ import annotations

import threading
from time import monotonic, sleep

import pytest

from catalogue.rdf.quads import ClientCrowdedError, StoreCrowdedError
from catalogue.rdf.turns import Turns


def waiting(turns: Turns, client: str, served: list[str]) -> threading.Thread:
    """A thread that waits for a turn; it stands in the queue when this returns."""

    def ask() -> None:
        with turns.one(client, 10):
            served.append(client)

    before = len(turns._queues.get(client, ()))
    thread = threading.Thread(target=ask)
    thread.start()
    until = monotonic() + 5
    while len(turns._queues.get(client, ())) == before and monotonic() < until:
        sleep(0.001)
    return thread


def test_a_client_has_half_of_the_places_and_we_ourselves_all() -> None:
    turns = Turns(2)
    with turns.one("a", 0):
        with pytest.raises(StoreCrowdedError), turns.one("a", 0.01):
            raise AssertionError
        with turns.one("b", 0), pytest.raises(StoreCrowdedError), turns.one("c", 0.01):
            raise AssertionError
    with turns.one("", 0), turns.one("", 0):
        pass
    with turns.one("a", 0), turns.one("b", 0):
        pass


def test_clients_are_served_in_turn() -> None:
    turns, served = Turns(1), list[str]()
    with turns.one("", 0):
        threads = [waiting(turns, client, served) for client in ("a", "a", "a", "b", "c", "b")]
    for thread in threads:
        thread.join(10)
    assert served == ["a", "b", "c", "a", "b", "a"]


def test_too_long_a_queue_is_the_clients_own() -> None:
    turns, served = Turns(2, longest=3), list[str]()
    with turns.one("a", 0):
        threads = [waiting(turns, "a", served) for _ in range(3)]
        with pytest.raises(ClientCrowdedError) as caught, turns.one("a", 10):
            raise AssertionError
        assert caught.value.http_status == 429
        with turns.one("b", 0):
            pass
    for thread in threads:
        thread.join(10)
    assert served == ["a"] * 3


def test_who_gives_up_leaves_no_trace() -> None:
    turns = Turns(1)
    with turns.one("a", 0), pytest.raises(StoreCrowdedError), turns.one("b", 0.01):
        raise AssertionError
    with pytest.raises(ZeroDivisionError), turns.one("a", 0):
        raise ZeroDivisionError
    with turns.one("b", 0):
        pass
    assert (turns._free, turns._queues, +turns._held) == (1, {}, {})
