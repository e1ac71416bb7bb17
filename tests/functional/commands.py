"""The command line in processes of its own, forked off one that has imported all that a command may need."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence

import alembic.command  # noqa: F401  (as below: imported when first used, and no part of a command's own memory)
import xmlschema  # noqa: F401

from catalogue.cli import main
from tests.benchmarks.measuring import peak


def prepared() -> Callable[..., int]:
    """What ``forking`` calls."""
    return command


def command(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run it; says last how much memory it took above that of a command that does nothing. Gives its exit code."""
    os.environ.update(environment)
    before = peak()
    code = 0
    try:
        main(arguments)
    except SystemExit as end:
        code = int(end.code or 0)
    print(peak() - before, file=sys.stderr)
    return code
