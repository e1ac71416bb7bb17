"""``make bench``: every figure of the README. Name some of the measurements to run only these."""

from __future__ import annotations

import sys

from tests.benchmarks.ingesting import compare_with_bare_lxml, measure_growth, measure_memory
from tests.benchmarks.measuring import machine
from tests.benchmarks.serving import compare_with_bare_fastapi

MEASUREMENTS = {
    "corpus": compare_with_bare_lxml,
    "memory": measure_memory,
    "growth": measure_growth,
    "http": compare_with_bare_fastapi,
}


def main(names: list[str]) -> None:
    """Run the named measurements, or all."""
    print(machine())
    for name in names or MEASUREMENTS:
        MEASUREMENTS[name]()


if __name__ == "__main__":
    main(sys.argv[1:])
