"""Who may have a query evaluated next: everybody who asks has a part of the places, and all are served in turn."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition
from time import monotonic
from typing import Final

from catalogue.model.report import Message
from catalogue.rdf.quads import ClientCrowdedError, StoreCrowdedError

_LONGEST: Final = 8
"""Of the queue of one client: each who waits holds a thread of the server."""


class Turns:
    """Places that are shared fairly. Safe to share between threads.

    Args:
        places: so many at a time.
        longest: so many wait of one client.
    """

    def __init__(self, places: int, longest: int = _LONGEST) -> None:
        self._free = places
        self._each = max(1, places // 2)
        self._places = places
        self._longest = longest
        self._held = Counter[str]()
        self._queues: dict[str, deque[object]] = {}
        self._changed = Condition()

    @contextmanager
    def one(self, client: str, seconds: float) -> Iterator[None]:
        """A place, when it is this client's turn.

        Args:
            client: half of the places are the most that one has; without a name, all.
            seconds: of waiting at most.

        Raises:
            ClientCrowdedError: too many wait already that are of this client.
            StoreCrowdedError: the turn has not come in time.
        """
        self._take(client, seconds)
        try:
            yield
        finally:
            with self._changed:
                self._free += 1
                self._held -= Counter((client,))
                self._changed.notify_all()

    def _take(self, client: str, seconds: float) -> None:
        turn, end = object(), monotonic() + seconds
        with self._changed:
            queue = self._queues.setdefault(client, deque())
            if len(queue) >= self._longest and client:
                raise ClientCrowdedError(
                    Message(
                        f"{len(queue)} de vos requêtes attendent déjà.",
                        f"{len(queue)} of your queries wait already.",
                    )
                )
            queue.append(turn)
            try:
                while not (self._free and self._next() is turn):
                    if not self._changed.wait(end - monotonic()):
                        raise StoreCrowdedError(
                            Message(
                                "D’autres requêtes sont en cours d’évaluation, et celle-ci a attendu longtemps.",
                                "Others' queries are being evaluated, and this one has waited long.",
                            )
                        )
                self._free -= 1
                self._held[client] += 1
            finally:
                self._leave(client, turn)

    def _next(self) -> object | None:
        """The first who waits of the client whose turn it is: the one who has waited longest since it was served."""
        for client, queue in self._queues.items():
            if self._held[client] < (self._each if client else self._places):
                return queue[0]
        return None

    def _leave(self, client: str, turn: object) -> None:
        """Out of the queue, and the client behind all others."""
        queue = self._queues.pop(client)
        queue.remove(turn)
        if queue:
            self._queues[client] = queue
        self._changed.notify_all()
