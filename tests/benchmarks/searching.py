"""Each engine on the same documents in the same run: speed by class of question, build, size, memory, updates.

Every figure of an engine comes from a process of its own. Times of questions are of processor, so that a busy machine
tells the same; those of opening and updating are of the clock. *Cold* is the first time that a question is asked in a
process that has answered one other question (for all documents: after opening anew); *warm* is every later time.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from catalogue.search import analysis
from catalogue.search.port import Field, SearchDocument, SearchText
from tests.benchmarks.engines import BARE, ENGINES, Engine
from tests.benchmarks.measuring import in_child, print_table
from tests.benchmarks.questions import CLASSES, Catalogue, Question, questions, rare_words
from tests.benchmarks.search_documents import search_documents

SIZES: Final = (10_000, 100_000)
SEED: Final = 1
_HERE = "tests.benchmarks.searching"
_BATCH = 2_000
_WARM_ROUNDS = 3
_SAMPLED = 8  # questions and one warm round, where more would take an hour
_SAMPLED_FROM = 100_000
_UPDATES, _PER_COMMIT = 1_000, 10
_LAST_WORD = "derniermot"
_PATIENCE = 60.0


def compare_engines(
    sizes: Sequence[int] = SIZES, engines: Sequence[str] = tuple(ENGINES), scratch: Path | None = None
) -> None:
    """All figures of all engines at each size.

    Args:
        sizes: documents.
        engines: by name, see ``ENGINES``.
        scratch: where to keep the indexes for the next run; by default they are thrown away. Empty it when an engine's
            index has changed.
    """
    for size in sizes:
        with TemporaryDirectory() as folder:
            _compare(size, engines, scratch or Path(folder))


def _compare(size: int, engines: Sequence[str], folder: Path) -> None:
    roots = {name: folder / f"{size}-{SEED}-{name.replace(' ', '-')}" for name in engines}
    built = {name: _built(name, root, size) for name, root in roots.items()}
    asked = {(kind, name): _child(asking, name, roots[name], size, kind) for kind in CLASSES for name in engines}
    _print_questions(size, engines, asked)
    opening = {name: _child(first_answer, name, roots[name], size) for name in engines}
    memory = {name: _child(private_memory, name, roots[name], size) for name in engines}
    _print_resources(size, built, opening, memory)
    _print_updates(size, {name: _updated(name, roots[name], size) for name in engines})


def _child(function: Callable[..., object], name: str, root: Path, *arguments: object) -> Any:
    return in_child(_HERE, function.__name__, name, str(root), *map(str, arguments)).result


def _engine(name: str, root: str) -> Engine:
    return ENGINES[name](Path(root))


# --- building ---------------------------------------------------------------------------------------------------------


def _built(name: str, root: Path, size: int) -> dict[str, float]:
    """What building took, as noted beside an index that is kept."""
    note = root.with_name(f"{root.name}.json")
    if not note.exists():
        note.parent.mkdir(parents=True, exist_ok=True)
        seconds, of_processor = _child(building, name, root, size)
        megabytes = sum(path.stat().st_size for path in root.rglob("*") if path.is_file()) / 1e6
        note.write_text(
            json.dumps({"rate": size / seconds, "processor": size / of_processor, "megabytes": megabytes}),
            encoding="utf-8",
        )
    noted: dict[str, float] = json.loads(note.read_text(encoding="utf-8"))
    return noted


def building(name: str, root: str, size: str) -> tuple[float, float]:
    """Build an index; gives the seconds of the clock and of the processor, without those of generating."""
    source = _Batches(search_documents(int(size), SEED))
    started = _now()
    _engine(name, root).build(source, int(size))
    clock, processor = _since(started)
    return clock - source.clock, processor - source.processor


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _since(started: tuple[float, float]) -> tuple[float, float]:
    clock, processor = _now()
    return clock - started[0], processor - started[1]


class _Batches:
    """Documents in batches, and how long it took to make them."""

    def __init__(self, documents: Iterator[SearchDocument], size: int = _BATCH) -> None:
        self._documents = documents
        self._size = size
        self.clock = self.processor = 0.0

    def __iter__(self) -> Iterator[list[SearchDocument]]:
        while batch := self._next():
            yield batch

    def _next(self) -> list[SearchDocument]:
        started = _now()
        batch = list(islice(self._documents, self._size))
        clock, processor = _since(started)
        self.clock += clock
        self.processor += processor
        return batch


# --- asking -----------------------------------------------------------------------------------------------------------


def asking(name: str, root: str, size: str, kind: str) -> dict[str, Any]:
    """Seconds of each question of a class, cold and warm, and how many hits each had."""
    catalogue = Catalogue(int(size), SEED)
    engine = _engine(name, root)
    asked = questions(kind, catalogue)
    rounds = _WARM_ROUNDS
    if name == BARE and int(size) >= _SAMPLED_FROM:
        asked, rounds = asked[:_SAMPLED], 1
    engine.ask(_unrelated(catalogue))
    cold, totals = [], []
    for place, one in enumerate(asked):
        if place and one == asked[0]:
            engine = _engine(name, root)
            engine.ask(_unrelated(catalogue))
        started = time.process_time()
        totals.append(engine.ask(one))
        cold.append(time.process_time() - started)
    warm = [_seconds(engine, one) for _ in range(rounds) for one in asked]
    return {"cold": cold, "warm": warm, "totals": totals}


def _seconds(engine: Engine, question: Question) -> float:
    started = time.process_time()
    engine.ask(question)
    return time.process_time() - started


def _unrelated(catalogue: Catalogue) -> Question:
    """Opens the index, and shares no word with what is asked after it."""
    *_, word = rare_words(catalogue)
    return Question(word, analysis.term(word))


def _print_questions(size: int, engines: Sequence[str], asked: dict[tuple[str, str], dict[str, Any]]) -> None:
    rows: list[tuple[object, ...]] = []
    for kind in CLASSES:
        bare = asked.get((kind, BARE))
        for name in engines:
            one = asked[kind, name]
            factor = _factor(bare, one) if bare and name != BARE else "-"
            asked_of = (len(one["cold"]), round(statistics.median(one["totals"])))
            rows.append((kind, name, *asked_of, *_both(one), factor))
    header = ("class", "engine", "asked", "hits", "cold p50", "p95", "warm p50", "p95", "bare / this (cold p50)")
    print_table(f"Search at {size:,}, ms of processor a question", header, rows)
    _print_disagreements(size, [name for name in engines if name != BARE], asked)


def _both(one: dict[str, Any]) -> tuple[str, ...]:
    return tuple(_milliseconds(quantile(one[key], at)) for key in ("cold", "warm") for at in (0.5, 0.95))


def _factor(bare: dict[str, Any], one: dict[str, Any]) -> str:
    return f"{quantile(bare['cold'], 0.5) / quantile(one['cold'], 0.5):.0f}"


def _print_disagreements(size: int, adapters: Sequence[str], asked: dict[tuple[str, str], dict[str, Any]]) -> None:
    """The adapters must find equally many; a figure of one that finds other things would say nothing."""
    for kind in CLASSES:
        if len({tuple(asked[kind, name]["totals"]) for name in adapters}) > 1:
            print(f"\nAt {size:,} the adapters disagree on class {kind}: {', '.join(adapters)}")


def quantile(values: Iterable[float], at: float) -> float:
    """The value below which a part of the values lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(at * len(ordered)))]


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1e3:.2f}" if seconds < 0.01 else f"{seconds * 1e3:.0f}"


# --- opening and memory -----------------------------------------------------------------------------------------------


def first_answer(name: str, root: str, size: str) -> list[float]:
    """Seconds of opening with a first answer without facets, and of the first one with facets after it."""
    question = questions("common + 14 facets", Catalogue(int(size), SEED))[0]
    _engine(name, f"{root}-none")  # what is imported is not measured
    started = time.perf_counter()
    engine = _engine(name, root)
    engine.ask(replace(question, counted=False))
    opened = time.perf_counter()
    engine.ask(question)
    return [opened - started, time.perf_counter() - opened]


def private_memory(name: str, root: str, size: str) -> list[float]:
    """MB that a process has for itself before opening, after a first answer, and after questions of each class."""
    catalogue = Catalogue(int(size), SEED)
    found = [_private()]
    engine = _engine(name, root)
    engine.ask(_unrelated(catalogue))
    found.append(_private())
    for kind in CLASSES:
        for question in questions(kind, catalogue)[: _SAMPLED if name == BARE else None]:
            engine.ask(question)
    return [*found, _private()]


def _private() -> float:
    """MB of anonymous memory: what other processes cannot share and the system cannot drop, unlike mapped files."""
    rows = (line.split() for line in Path("/proc/self/smaps_rollup").read_text(encoding="utf-8").splitlines()[1:])
    return next(int(row[1]) for row in rows if row[0] == "Anonymous:") / 1e3


def _print_resources(
    size: int, built: dict[str, dict[str, float]], opening: dict[str, list[float]], memory: dict[str, list[float]]
) -> None:
    rows: list[tuple[object, ...]] = []
    for name, one in built.items():
        seconds = tuple(_milliseconds(found) for found in opening[name])
        megabytes = tuple(f"{found:.0f}" for found in memory[name])
        rates = (f"{one['rate']:,.0f}", f"{one['processor']:,.0f}", f"{one['megabytes']:.0f}")
        rows.append((name, *rates, *seconds, *megabytes))
    times = ("open + first answer, ms", "first with facets, ms")
    build = ("build, documents/s", "per s of processor", "disk, MB")
    header = ("engine", *build, *times, "private MB before", "opened", "after all classes")
    print_table(f"Build, size, opening and memory at {size:,}", header, rows)


# --- updates while serving --------------------------------------------------------------------------------------------


def _updated(name: str, root: Path, size: int) -> dict[str, Any]:
    """On a copy, so that an index that is kept stays as it was built."""
    with TemporaryDirectory() as folder:
        copy = Path(folder) / "index"
        subprocess.run(["cp", "-r", str(root), str(copy)], check=True)
        found: dict[str, Any] = _child(serving, name, copy, size)
        return found


def serving(name: str, root: str, size: str) -> dict[str, Any]:
    """Answer while another process applies 1,000 updates; seconds of answers, commits, and until the last is seen."""
    engine = _engine(name, root)
    asked = questions("common + 14 facets", Catalogue(int(size), SEED))
    for question in asked[:_SAMPLED]:
        engine.ask(question)
    code = f"import sys; from {_HERE} import updating; updating(*sys.argv[1:])"
    writer = subprocess.Popen([sys.executable, "-c", code, name, root, size], stdout=subprocess.PIPE, text=True)
    answers: list[float] = []
    while writer.poll() is None:
        question = asked[len(answers) % len(asked)]
        started = time.perf_counter()
        engine.ask(question)
        answers.append(time.perf_counter() - started)
    written = json.loads(writer.communicate()[0])
    return {"answers": answers, "commits": written["commits"], "seen": _until_seen(engine, written["ended"])}


def _until_seen(engine: Engine, ended: float) -> float | None:
    """Seconds from the end of writing until the last update is found; None where it is not."""
    while time.time() - ended < _PATIENCE:
        if engine.ask(Question(_LAST_WORD, analysis.term(_LAST_WORD))) == 1:
            return time.time() - ended
        time.sleep(0.01)
    return None


def updating(name: str, root: str, size: str) -> None:
    """Apply 1,000 updates in batches of 10, and print what each batch took."""
    changed = list(_changed(int(size)))
    batches = [changed[place : place + _PER_COMMIT] for place in range(0, len(changed), _PER_COMMIT)]
    commits = []
    started = time.perf_counter()
    for _ in _engine(name, root).updates(batches):
        commits.append(time.perf_counter() - started)
        started = time.perf_counter()
    print(json.dumps({"commits": commits, "ended": time.time()}))


def _changed(size: int) -> Iterator[SearchDocument]:
    """Documents of another seed in place of every so many-th; the last with a word that no other has."""
    number = min(_UPDATES, size)
    for place, document in enumerate(islice(search_documents(size, SEED + 1), number)):
        texts = document.texts
        if place == number - 1:
            texts += (SearchText(Field.LABEL, _LAST_WORD, "fr"),)
        yield replace(document, key=place * (size // number) + 1, texts=texts)


def _print_updates(size: int, updated: dict[str, dict[str, Any]]) -> None:
    rows: list[tuple[object, ...]] = []
    for name, one in updated.items():
        answers = tuple(_milliseconds(quantile(one["answers"], at)) for at in (0.5, 0.95, 1.0))
        commits = tuple(_milliseconds(quantile(one["commits"], at)) for at in (0.5, 0.95))
        seen = "never" if one["seen"] is None else _milliseconds(one["seen"])
        rows.append((name, len(one["answers"]), *answers, *commits, seen))
    header = (
        "engine",
        "answers meanwhile",
        "p50, ms",
        "p95",
        "longest",
        "commit of 10, p50",
        "p95",
        "last seen after, ms",
    )
    print_table(f"1,000 updates while answering common terms with facets, at {size:,}", header, rows)
