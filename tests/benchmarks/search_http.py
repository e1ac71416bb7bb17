"""Mixed questions with all facets over HTTP: sixteen connections, two workers, each embedded engine."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final
from urllib.parse import urlencode

from tests.benchmarks.generator import write_cohort
from tests.benchmarks.measuring import print_table
from tests.benchmarks.questions import CLASSES, Catalogue, Kind, questions
from tests.benchmarks.searching import SEED, quantile
from tests.benchmarks.serving import BARE_APPLICATION, served

ENGINES: Final = ("whoosh", "tantivy")
_CONNECTIONS = 16
_WORKERS = 2
_SECONDS = 15.0
_WARM_UP = 100  # requests before the clock starts
_PATIENCE = 60.0
_UNLIKE = 20_000
_BARE = "bare FastAPI route"
_SERVE = """import sys
from catalogue.serving import serve_web
workers, application, _, port = sys.argv[1:]
serve_web("127.0.0.1", int(port), int(workers), application)
"""
_COMMAND = ("-m", "catalogue.cli")
# How often a class is asked, of all.
_SHARES: Final[Mapping[str, int]] = {
    "rare": 3,
    "common": 6,
    "AND": 6,
    "phrase": 2,
    "prefix": 1,
    "fuzzy": 1,
    "filter": 4,
    "all + 14 facets": 1,
}


def compare_search_over_http(size: int, engines: Sequence[str] = ENGINES, scratch: Path | None = None) -> None:
    """Errors, times and rates of each engine, beside a route that does nothing.

    Args:
        size: variables in the catalogue.
        engines: by the name that the setting has.
        scratch: where to keep the generated catalogue for the next run; by default it is thrown away.
    """
    with TemporaryDirectory() as folder:
        data = (scratch or Path(folder)) / f"catalogue-{size}-{SEED}"
        _filled(data, size)
        paths = list(dict.fromkeys(_paths(Catalogue(size, SEED))))
        orders = {"each answer made anew": _each_unlike(paths), "as people ask": _as_people_ask(paths)}
        bare = _asked_bare(Path(folder))
        rows = [_row(_BARE, bare, bare)]
        for engine in engines:
            seconds = _indexed(data, engine)
            print(f"{engine}: indexed in {seconds:.0f} s")
            rows += [_row(f"{engine}, {how}", _asked(data, engine, some), bare) for how, some in orders.items()]
    header = ("server", "requests", "errors", "p50, ms", "p95", "p99", "requests/s", "p95 / bare")
    print_table(f"Search over HTTP at {size:,}, {_CONNECTIONS} connections, {_WORKERS} workers", header, rows)


# --- the catalogue ----------------------------------------------------------------------------------------------------


def _filled(data: Path, size: int) -> None:
    """Take a generated cohort in, unless an earlier run has."""
    done = data / "complete"
    if done.exists():
        return
    data.mkdir(parents=True, exist_ok=True)
    document = data / "cohort.xml"
    with document.open("wb") as file:
        file.writelines(write_cohort(size, seed=SEED))
    _run(data, "whoosh", "ingest", str(document))
    document.unlink()
    done.touch()


def _indexed(data: Path, engine: str) -> float:
    """Seconds of indexing the whole catalogue."""
    started = time.perf_counter()
    _run(data, engine, "reindex")
    return time.perf_counter() - started


def _run(data: Path, engine: str, *arguments: str) -> None:
    command = [sys.executable, *_COMMAND, *arguments]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env={**os.environ, **_environment(data, engine)})


def _environment(data: Path, engine: str) -> dict[str, str]:
    return {"CATALOGUE_DATA": str(data), "CATALOGUE_SEARCH_ENGINE": engine}


# --- what is asked ----------------------------------------------------------------------------------------------------


def _paths(catalogue: Catalogue) -> Iterator[str]:
    """Addresses of every class by its share, in the order of a seed."""
    kinds = [kind for kind, share in _SHARES.items() for _ in range(share)]
    Random(SEED).shuffle(kinds)
    texts = {kind: cycle(_queries(kind, catalogue)) for kind in CLASSES if kind in _SHARES}
    languages = cycle(("fr", "en", "fr"))
    for kind in islice(cycle(kinds), 100 * len(kinds)):
        asked = [*next(texts[kind]), ("type", "Variable"), ("limit", "20"), ("lang", next(languages))]
        yield f"/api/v1/search?{urlencode(asked)}"


def _each_unlike(paths: Sequence[str]) -> list[str]:
    """More addresses than can be asked in the time, so that no answer is kept from an earlier one."""
    return [f"{path}&number={number}" for number, path in enumerate(islice(cycle(paths), _UNLIKE))]


def _as_people_ask(paths: Sequence[str]) -> list[str]:
    """Some questions often and most seldom, by Zipf's law (Xie and O'Hallaron, INFOCOM 2002, section III)."""
    return Random(SEED).choices(paths, [1 / rank for rank in range(1, len(paths) + 1)], k=len(paths))


def _queries(kind: str, catalogue: Catalogue) -> list[list[tuple[str, str]]]:
    found = [one for one in questions(kind, catalogue) if one.kind is Kind.SEARCH]
    return [
        [("q", "" if one.words == "*:*" else one.words)]
        + [(facet.value, value) for facet, values in one.filters.items() for value in values]
        for one in found
    ]


# --- asking -----------------------------------------------------------------------------------------------------------


@dataclass
class _Answers:
    """What came back: seconds of each answer, errors, and how long it took in all."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    duration: float = 0.0


def _asked_bare(folder: Path) -> _Answers:
    (folder / "bare.py").write_text(f"{BARE_APPLICATION}\ndef made(): return app\n", encoding="utf-8")
    with served(_web("bare:made"), {"PYTHONPATH": str(folder)}) as port:
        return _measured(port, ["/bare"])


def _asked(data: Path, engine: str, paths: list[str]) -> _Answers:
    """The web workers that ``serve`` starts, without what follows the store beside them: all is indexed already."""
    with served(_web("catalogue_api.app:from_environment"), _environment(data, engine)) as port:
        return _measured(port, paths)


def _web(application: str) -> Sequence[str]:
    return ("-c", _SERVE, str(_WORKERS), application)


def _measured(port: int, paths: list[str]) -> _Answers:
    """Ask through all connections at once, each beginning at another of the addresses."""
    _until_ready(port, paths[0])
    _each_connection(port, paths, count=_WARM_UP // _CONNECTIONS + 1, seconds=_PATIENCE)
    started = time.perf_counter()
    answers = _each_connection(port, paths, count=None, seconds=_SECONDS)
    answers.duration = time.perf_counter() - started
    return answers


def _until_ready(port: int, path: str) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        with _connection(port) as connection:
            if _status(connection, path) == 200:
                return
        time.sleep(0.2)
    raise RuntimeError(f"{path} did not answer")


def _each_connection(port: int, paths: list[str], *, count: int | None, seconds: float) -> _Answers:
    together = _Answers()

    def ask(number: int) -> None:
        begin = number * len(paths) // _CONNECTIONS
        _ask_repeatedly(port, paths[begin:] + paths[:begin], together, count, time.perf_counter() + seconds)

    with ThreadPoolExecutor(_CONNECTIONS) as pool:
        list(pool.map(ask, range(_CONNECTIONS)))
    return together


def _ask_repeatedly(port: int, paths: list[str], answers: _Answers, count: int | None, end: float) -> None:
    with _connection(port) as connection:
        for path in islice(cycle(paths), count):
            started = time.perf_counter()
            if started > end:
                return
            status = _status(connection, path)
            answers.seconds.append(time.perf_counter() - started)
            if status != 200:
                answers.errors.append(f"{status} {path}")


def _status(connection: http.client.HTTPConnection, path: str) -> int:
    """0 where the connection broke."""
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        response.read()
        return response.status
    except (OSError, http.client.HTTPException):
        connection.close()
        return 0


@contextmanager
def _connection(port: int) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
    try:
        yield connection
    finally:
        connection.close()


def _row(name: str, answers: _Answers, bare: _Answers) -> tuple[object, ...]:
    for error in answers.errors[:3]:
        print(f"{name}: {error}")
    times = tuple(f"{quantile(answers.seconds, at) * 1e3:.1f}" for at in (0.5, 0.95, 0.99))
    rate = f"{len(answers.seconds) / answers.duration:,.0f}"
    ratio = f"{quantile(answers.seconds, 0.95) / quantile(bare.seconds, 0.95):.1f}"
    return (name, len(answers.seconds), len(answers.errors), *times, rate, ratio)
