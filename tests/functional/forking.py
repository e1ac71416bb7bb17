"""Calls in processes of their own, forked off one that is ready: in milliseconds, not with all imports anew."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any, NoReturn

from tests.conftest import ROOT

# --- the process that is ready ----------------------------------------------------------------------------------------


def main(module: str) -> None:
    """Each line of standard input starts a call of what ``module.prepared`` gives, or waits for one to end."""
    work = import_module(module).prepared()
    for line in sys.stdin:
        asked = json.loads(line)
        if "wait" in asked:
            answer = os.waitstatus_to_exitcode(os.waitpid(asked["wait"], 0)[1])
        else:
            answer = os.fork() or _call(work, **asked)
        print(answer, flush=True)


def _call(work: Callable[..., int], place: str, options: Mapping[str, Any]) -> NoReturn:
    """Call it and end: as a process of its own does, with what it says in files."""
    _redirect(0, os.devnull, os.O_RDONLY)
    _redirect(1, f"{place}.out", os.O_WRONLY | os.O_CREAT)
    _redirect(2, f"{place}.err", os.O_WRONLY | os.O_CREAT)
    code = 1
    try:
        code = work(**options)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _redirect(number: int, path: str, flags: int) -> None:
    opened = os.open(path, flags)
    os.dup2(opened, number)
    os.close(opened)


# --- the side of the tests --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of a call; a code below zero is the signal that killed it."""

    code: int
    stdout: str
    stderr: str


class Forks:
    """Starts calls, kills them, waits for them."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self._process = process
        self._folder = folder
        self._numbers = count(1)
        self._places: dict[int, str] = {}

    def start(self, **options: object) -> int:
        """A process that makes the call; its number."""
        place = str(self._folder / str(next(self._numbers)))
        child = self._ask({"place": place, "options": options})
        self._places[child] = place
        return child

    def wait(self, child: int) -> Ended:
        """Until it has ended."""
        code, place = self._ask({"wait": child}), self._places.pop(child)
        return Ended(code, *(_text(Path(f"{place}.{stream}")) for stream in ("out", "err")))

    def kill(self, child: int) -> Ended:
        """Kill -9, unless it has ended by itself."""
        os.kill(child, signal.SIGKILL)  # one that has ended keeps its number until it is waited for
        return self.wait(child)

    def run(self, **options: object) -> Ended:
        """Call and wait."""
        return self.wait(self.start(**options))

    def _ask(self, what: Mapping[str, object]) -> int:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        print(json.dumps(what), file=stdin, flush=True)
        return int(stdout.readline())


def _text(file: Path) -> str:
    """Nothing of a process that was killed before it could open it."""
    return file.read_text(encoding="utf-8") if file.exists() else ""


@contextmanager
def forks(module: str, folder: Path) -> Iterator[Forks]:
    """Where calls of what a module's ``prepared`` gives are made; what they say is kept in the folder."""
    command = [sys.executable, "-m", __name__, module]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        yield Forks(process, folder)
        assert process.stdin is not None
        process.stdin.close()


if __name__ == "__main__":
    main(sys.argv[1])
