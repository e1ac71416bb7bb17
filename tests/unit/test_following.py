"""The loop that follows the store: what it waits out, what it raises, when it ends."""

from __future__ import annotations

from threading import Event

import pytest

from catalogue import following
from catalogue.errors import IndexBusyError, StorageError
from catalogue.following import Progress, changes_after, follow
from catalogue.store import open_repository


def test_what_may_pass_is_waited_out_longer_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    stop, said, runs = Event(), list[str](), list[int]()
    waits: list[float | None] = []

    def wait(seconds: float | None = None) -> bool:
        waits.append(seconds)
        return stop.is_set()

    monkeypatch.setattr(stop, "wait", wait)

    def catch_up(_say: Progress) -> None:
        runs.append(1)
        if len(runs) == 10:
            stop.set()
        if len(runs) not in (3, 10):
            raise StorageError("full")

    follow(catch_up, (StorageError,), stop, 0.5, said.append)
    assert waits == [1, 2, 0.5, 1, 2, 4, 8, 16, 32, 0.5]
    assert said[:2] == ["full Trying again in 1 s.", "full Trying again in 2 s."]
    monkeypatch.setattr(following, "_LONGEST_PAUSE", 1.0)
    waits.clear()
    runs.clear()
    stop.clear()
    follow(catch_up, (StorageError,), stop, 0.5, None)
    assert max(one for one in waits if one is not None) == 1


def test_anything_else_ends_it() -> None:
    def catch_up(_say: Progress) -> None:
        raise IndexBusyError("taken")

    with pytest.raises(IndexBusyError):
        follow(catch_up, (StorageError,), Event(), 0.5, None)


def test_it_does_nothing_once_it_shall_stop() -> None:
    stop = Event()
    stop.set()
    follow(lambda _: pytest.fail("it looked"), (StorageError,), stop, 0.5, None)


def test_nothing_published_makes_no_changes() -> None:
    with open_repository("sqlite://") as repository:
        assert list(changes_after(repository, 0, 10)) == []
