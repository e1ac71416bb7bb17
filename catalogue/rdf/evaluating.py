"""Queries in processes of their own: so many at a time, each killed at its deadline."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Any, Final

from catalogue.errors import CatalogueError
from catalogue.model.report import Message
from catalogue.rdf.quads import (
    FederationError,
    GraphQuery,
    Kind,
    MalformedQueryError,
    NestedTooDeeplyError,
    QueryAnswer,
    QueryLimits,
    QueryTimeoutError,
    QueryTooHeavyError,
    QueryTooLargeError,
    ResultNotAcceptableError,
    StoreUnavailableError,
    UpdateRefusedError,
)
from catalogue.rdf.turns import Turns

_COMMAND: Final = (sys.executable, "-m", "catalogue.rdf.evaluator")
_AT_A_TIME: Final = 2
_READ: Final = 1 << 16
_LAST: Final = 5.0
"""Seconds that the system may take to tell how a process ended whose output has."""
_ERRORS: Final[Mapping[str, type[CatalogueError]]] = {
    error.__name__: error
    for error in (
        FederationError,
        MalformedQueryError,
        NestedTooDeeplyError,
        QueryTooLargeError,
        ResultNotAcceptableError,
        StoreUnavailableError,
        UpdateRefusedError,
    )
}


class GenerationMovedError(Exception):
    """The folder is not that of the newest generation any more, and gone."""


class GenerationBrokenError(Exception):
    """The files of the generation are damaged."""


class Evaluators:
    """Processes that evaluate queries. Safe to share between threads; close it at the end.

    Args:
        prefixes: with which graphs are written.
        processes: so many queries at a time, of one client half as many; a further one waits for half of its time,
            then is refused.
    """

    def __init__(self, prefixes: Mapping[str, str], processes: int = _AT_A_TIME) -> None:
        self._prefixes = dict(prefixes)
        self._turns = Turns(processes)
        self._lock = Lock()
        self._idle: list[_Evaluator] = []

    def check(self, text: str, seconds: float, client: str = "") -> None:
        """Let pass what is a query that asks nobody else; raises as ``sparql.check``, and QueryTimeoutError."""
        self._run({"text": text, "folder": None}, seconds, client)

    def evaluate(self, query: GraphQuery, folder: Path, limits: QueryLimits) -> QueryAnswer:
        """Evaluate a query over a generation.

        Raises:
            GenerationMovedError: the folder is gone.
            GenerationBrokenError: what is in it is damaged.
            CatalogueError: as ``TripleStore.query``.
        """
        job = {
            "text": query.text,
            "folder": str(folder),
            "default_graph": query.default_graphs,
            "named_graphs": query.named_graphs,
            "results": query.results,
            "graph": query.graph,
            "bytes": limits.bytes,
            "prefixes": self._prefixes,
        }
        body, said = self._run(job, limits.seconds, query.client)
        return QueryAnswer(Kind(said["kind"]), said["media_type"], body, folder.name)

    def close(self) -> None:
        """End the processes that wait."""
        with self._lock:
            for one in self._idle:
                one.end()
            self._idle.clear()

    def _run(self, job: Mapping[str, Any], seconds: float, client: str) -> tuple[bytes, dict[str, Any]]:
        with self._turns.one(client, seconds / 2), self._one() as evaluator:
            body, said = evaluator.run(job, seconds)
        if "error" not in said:
            return body, said
        if said["error"] in _FAULTS:
            raise _FAULTS[said["error"]](said["message"])
        french = said.get("french")
        raise _ERRORS[said["error"]](Message(french, said["message"]) if french else said["message"])

    @contextmanager
    def _one(self) -> Iterator[_Evaluator]:
        with self._lock:
            one = self._idle.pop() if self._idle else None
        one = one if one is not None and one.lives else _Evaluator()
        yield one
        with self._lock:
            if one.lives:
                self._idle.append(one)


_FAULTS: Final = {"MovedError": GenerationMovedError, "BrokenError": GenerationBrokenError}


class _Evaluator:
    """One process."""

    def __init__(self) -> None:
        try:
            self._process = subprocess.Popen(_COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603
        except OSError as error:
            raise StoreUnavailableError(
                Message(
                    "Aucun processus n’a pu être lancé pour évaluer des requêtes.",
                    f"No process can be started to evaluate queries: {error}.",
                )
            ) from error
        assert self._process.stdout is not None  # it was asked for
        self._poll = select.poll()
        self._poll.register(self._process.stdout, select.POLLIN)
        self._received = bytearray()

    @property
    def lives(self) -> bool:
        return self._process.poll() is None

    def run(self, job: Mapping[str, Any], seconds: float) -> tuple[bytes, dict[str, Any]]:
        """One job; a process that is late, or failed, is ended. What it sent, and what it said at the end."""
        deadline = monotonic() + seconds
        self._received.clear()
        done = False
        try:
            self._send(job)
            body, said = self._answer(deadline, seconds)
            done = True
            return body, said
        finally:
            if not done:
                self.end()

    def end(self) -> None:
        """Kill it."""
        self._process.kill()
        with suppress(OSError):
            self._process.communicate()

    def _send(self, job: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None  # it was asked for
        try:
            self._process.stdin.write(json.dumps(job).encode() + b"\n")
            self._process.stdin.flush()
        except OSError as error:
            raise StoreUnavailableError(
                Message(
                    "Le processus qui évalue les requêtes s’est arrêté.",
                    "The process that evaluates queries has died.",
                )
            ) from error

    def _answer(self, deadline: float, seconds: float) -> tuple[bytes, dict[str, Any]]:
        pieces = []
        while length := int.from_bytes(self._take(4, deadline, seconds), "big"):
            pieces.append(self._take(length, deadline, seconds))
        line = bytearray()
        while not line.endswith(b"\n"):
            line += self._take(1, deadline, seconds)
        return b"".join(pieces), json.loads(line)

    def _take(self, number: int, deadline: float, seconds: float) -> bytes:
        while len(self._received) < number:
            self._received += self._read(deadline, seconds)
        found = bytes(self._received[:number])
        del self._received[:number]
        return found

    def _read(self, deadline: float, seconds: float) -> bytes:
        assert self._process.stdout is not None  # it was asked for
        left = deadline - monotonic()
        if left <= 0 or not self._poll.poll(left * 1000):
            raise QueryTimeoutError(
                Message(
                    f"La requête n’était pas finie au bout de {seconds:g} secondes ; elle a été arrêtée.",
                    f"The query was not done after {seconds:g} seconds, and was stopped.",
                )
            )
        found = os.read(self._process.stdout.fileno(), _READ)
        if not found:
            raise self._death()
        return found

    def _death(self) -> CatalogueError:
        """Why it ended: memory that is refused aborts it or has it killed, a full stack is a fault of segmentation."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_LAST)
        if self._process.returncode == -signal.SIGSEGV:
            return NestedTooDeeplyError(
                Message(
                    "La requête ne peut pas être lue : elle est trop imbriquée.",
                    "The query cannot be read: it is nested too deeply.",
                )
            )
        return QueryTooHeavyError(
            Message(
                "Le processus qui évaluait la requête s’est arrêté : il lui fallait trop de mémoire.",
                "The process that evaluated the query ended: it needed too much memory.",
            )
        )
