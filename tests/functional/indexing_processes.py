"""Processes that index and search, made to be killed: forked off one that has everything imported, in milliseconds."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from threading import Event

from catalogue.errors import IndexUnavailableError
from catalogue.indexing import Indexer
from catalogue.search import analysis
from catalogue.search.port import (
    Everything,
    Facet,
    Field,
    Position,
    SearchDocument,
    SearchIndex,
    SearchRequest,
    SearchText,
)
from catalogue.store import open_repository
from tests.conftest import ROOT

CLASSES = {"whoosh": "WhooshIndex", "tantivy": "TantivyIndex"}
# Documents of the greatest step.
MOST = 40


def open_engine(engine: str, root: Path) -> SearchIndex:
    """A handle on an index."""
    made: SearchIndex = getattr(import_module(f"catalogue.search.{engine}"), CLASSES[engine])(root)
    return made


# --- steps of an index, each of which replaces everything -------------------------------------------------------------


def keys_of(step: int) -> list[int]:
    """The documents after a step: sometimes more, sometimes fewer."""
    return list(range(1, MOST // 2 + step * 7 % (MOST // 2) + 1))


def documents_of(step: int) -> list[SearchDocument]:
    """Them, all of which say which step it was."""
    facets = {Facet.WAVE: (str(step),), Facet.TYPE: ("Variable",)}
    return [
        SearchDocument(key, (SearchText(Field.LABEL, f"tabac pas{step} v{key}"),), facets, f"v{key:03}")
        for key in keys_of(step)
    ]


def look(index: SearchIndex, before: int) -> int:
    """Which step an index shows; fails for an answer that mixes two, or goes back."""
    for query in (Everything(), analysis.term("tabac")):
        found = index.search(SearchRequest(query, facets={Facet.WAVE: 9, Facet.TYPE: 9}, limit=100))
        (wave,) = found.facets[Facet.WAVE]
        step = int(wave.value)
        keys = sorted(hit.key for hit in found.hits)
        assert keys == keys_of(step), f"step {step} has other documents: {keys}"
        assert (found.total, wave.documents, found.facets[Facet.TYPE][0].documents) == (len(keys),) * 3
        assert step >= before, f"back from step {before} to {step}"
        before = step
    return before


# --- what the processes do --------------------------------------------------------------------------------------------


def follow(engine: str, root: str, store: str, batch: int, entries: int) -> None:
    """An indexer as ``catalogue index --follow`` is."""
    with open_repository(store) as repository:
        Indexer(repository, open_engine(engine, Path(root)), batch=batch, entries=entries).follow(Event(), 0.02)


def rebuild(engine: str, root: str, store: str, batch: int) -> None:
    """As ``catalogue reindex``."""
    with open_repository(store) as repository:
        Indexer(repository, open_engine(engine, Path(root)), batch=batch).rebuild()


def write(engine: str, root: str, steps: int) -> None:
    """One step after the other."""
    with open_engine(engine, Path(root)).writer() as writer:
        for step in range(1, steps + 1):
            gone = sorted(set(keys_of(step - 1)) - set(keys_of(step)))
            writer.apply(documents_of(step), gone, Position("store", step))


def read(engine: str, root: str, steps: int, said: str) -> None:
    """Look until the last step is shown; says how many answers there were, or what was wrong."""
    index, step, answers = open_engine(engine, Path(root)), 0, 0
    try:
        while step < steps:
            step = look(index, step)
            answers += 1
            time.sleep(0.005)
        Path(said).write_text(str(answers))
    except Exception as error:
        Path(said).write_text(repr(error))


WORK: dict[str, Callable[..., None]] = {"follow": follow, "rebuild": rebuild, "write": write, "read": read}


def main() -> None:
    """Fork a process for each line of standard input; its number on standard output."""
    for engine in CLASSES:
        try:
            import_module(f"catalogue.search.{engine}")
        except ModuleNotFoundError:
            continue
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        job = json.loads(line)
        child = os.fork()
        if child == 0:
            try:
                WORK[job.pop("work")](**job)
            except (IndexUnavailableError, OSError) as error:
                print(error, file=sys.stderr)
            os._exit(0)
        print(child, flush=True)


# --- the side of the tests --------------------------------------------------------------------------------------------


class Nursery:
    """Starts processes and kills them."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._started: list[int] = []

    def start(self, work: str, **options: object) -> int:
        """A process that does one of ``WORK``; its number."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        print(json.dumps({"work": work, **options}), file=stdin, flush=True)
        self._started.append(int(stdout.readline()))
        return self._started[-1]

    def kill(self, process: int) -> bool:
        """Kill -9; whether it still ran. It is gone afterwards."""
        try:
            os.kill(process, signal.SIGKILL)
        except ProcessLookupError:
            return False
        finally:
            self._started.remove(process)
        self.wait(process)
        return True

    def wait(self, process: int, seconds: float = 60) -> None:
        """Until a process has ended."""
        end = time.monotonic() + seconds
        while _runs(process):
            assert time.monotonic() < end, "a process does not end"
            time.sleep(0.002)

    def kill_all(self) -> None:
        """Kill what is left."""
        for process in list(self._started):
            self.kill(process)


@contextmanager
def nursery() -> Iterator[Nursery]:
    """Where processes come from."""
    with subprocess.Popen(
        [sys.executable, "-m", __spec__.name if __spec__ else __name__],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
    ) as process:  # fmt: skip
        made = Nursery(process)
        try:
            yield made
        finally:
            made.kill_all()
            process.kill()


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    main()
