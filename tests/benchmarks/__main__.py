"""``make bench``: every figure of the README. Name some of the measurements to run only these."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.benchmarks.engines import ENGINES
from tests.benchmarks.exposing import SIZES as RDF_SIZES
from tests.benchmarks.exposing import measure_rdf
from tests.benchmarks.harvesting import measure_harvesting
from tests.benchmarks.ingesting import compare_with_bare_lxml, measure_growth, measure_memory
from tests.benchmarks.measuring import machine
from tests.benchmarks.relevance import measure_relevance
from tests.benchmarks.search_http import ENGINES as SERVED
from tests.benchmarks.search_http import compare_search_over_http
from tests.benchmarks.searching import SIZES, compare_engines
from tests.benchmarks.serving import compare_with_bare_fastapi


def measurements(options: argparse.Namespace) -> dict[str, Callable[[], None]]:
    """Everything that can be measured, by name."""
    http_size = options.size[-1] if options.size else SIZES[-1]
    served = [name for name in SERVED if name in (options.engine or SERVED)]
    return {
        "corpus": compare_with_bare_lxml,
        "memory": measure_memory,
        "growth": measure_growth,
        "http": compare_with_bare_fastapi,
        "oai": measure_harvesting,
        "relevance": measure_relevance,
        "rdf": partial(measure_rdf, tuple(options.size or RDF_SIZES), options.scratch),
        "search": partial(compare_engines, options.size or SIZES, options.engine or tuple(ENGINES), options.scratch),
        "search-http": partial(compare_search_over_http, http_size, served, options.scratch),
    }


def main() -> None:
    """Run the named measurements, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help="corpus, memory, growth, http, oai, relevance, rdf, search, search-http",
    )
    parser.add_argument("--size", type=int, action="append", help="variables, for search (may be repeated)")
    parser.add_argument("--engine", action="append", choices=tuple(ENGINES), help="for search (may be repeated)")
    parser.add_argument("--scratch", type=Path, help="where to keep generated indexes and stores for the next run")
    options = parser.parse_args()
    known = measurements(options)
    if unknown := set(options.names) - set(known):
        parser.error(f"there is no measurement {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    print(machine())
    for name in options.names or known:
        known[name]()


if __name__ == "__main__":
    main()
