"""Keeping up with the store: its changes in pieces, and a loop that waits out what fails.

What follows the store (the search index, the triple store) differs in what it does with a change; when it looks, how
long it waits and what it says meanwhile is the same.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from threading import Event
from typing import Final

from catalogue.errors import CatalogueError
from catalogue.store import Repository
from catalogue.store.records import OutboxEntry

Progress = Callable[[str], None]

_log = logging.getLogger(__name__)

_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 60.0


def silent(_line: str) -> None:
    """Says nothing."""


def changes_after(repository: Repository, change: int, most: int) -> Iterator[Sequence[OutboxEntry]]:
    """The entries of the outbox after a change, so many at a time, until there are none. Raises StorageError."""
    while entries := repository.outbox(change, most):
        yield entries
        change = entries[-1].id


def follow(
    catch_up: Callable[[Progress], object],
    waited_out: tuple[type[CatalogueError], ...],
    stop: Event,
    interval: float,
    progress: Progress | None,
) -> None:
    """Catch up again and again until told to stop; what fails is said, waited out and tried again.

    Args:
        catch_up: does everything that there is to do, or raises.
        waited_out: what may pass by itself; anything else is raised.
        interval: seconds between two looks at the store.
        progress: is told how it goes.
    """
    say = progress or silent
    pause = _FIRST_PAUSE
    while not stop.is_set():
        try:
            catch_up(say)
        except waited_out as error:
            _log.info("following the store waits %s s: %s", pause, error)
            say(f"{error} Trying again in {pause:.0f} s.")
            stop.wait(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
        else:
            pause = _FIRST_PAUSE
            stop.wait(interval)
