"""Honest figures: best of several runs, memory of a process of its own, ratios to a baseline of the same run."""

from __future__ import annotations

import json
import os
import platform
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

# Runs a function of a module and prints its result beside the peak of the process' memory.
_IN_CHILD = """
import importlib, json, sys
from tests.benchmarks.measuring import peak
module, function, *arguments = sys.argv[1:]
result = getattr(importlib.import_module(module), function)(*arguments)
print(json.dumps({"result": result, "peak": peak()}))
"""


@dataclass(frozen=True, slots=True)
class Child:
    """What a process of its own gave back, and the peak of its memory in bytes."""

    result: object
    peak: int


def peak() -> int:
    """The most memory that this process has had, in bytes.

    Linux counts it anew for each program; ``ru_maxrss`` begins with what the process had that started it.
    """
    with suppress(OSError):
        found = re.search(r"^VmHWM:\s+(\d+) kB$", Path("/proc/self/status").read_text(encoding="ascii"), re.MULTILINE)
        if found:
            return int(found[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def best(function: Callable[[], object], runs: int = 5) -> float:
    """The shortest of several runs, in seconds of this process' own time."""
    durations = []
    for _ in range(runs):
        started = time.process_time()
        function()
        durations.append(time.process_time() - started)
    return min(durations)


def in_child(module: str, function: str, *arguments: str) -> Child:
    """Run a function of a module in a process of its own."""
    command = [sys.executable, "-c", _IN_CHILD, module, function, *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    answer = json.loads(done.stdout.splitlines()[-1])
    return Child(answer["result"], answer["peak"])


def machine() -> str:
    """One line about where the figures come from."""
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {platform.system()}"


def print_table(title: str, header: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    """Markdown, so that a table can be copied into a note."""
    print(f"\n### {title}\n")
    print("| " + " | ".join(header) + " |")
    print("|" + "---|" * len(header))
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |", flush=True)
