"""Search under kill -9, damaged files, foreign indexes, a full disk: no wrong hit, a next step, recovery by itself."""

from __future__ import annotations

import gc
import os
import shutil
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from tempfile import gettempdir
from threading import Event, Thread
from typing import Any

import httpx
import psutil  # type: ignore[import-untyped]
import pytest

from catalogue.errors import CatalogueError, IndexUnavailableError, StorageError
from catalogue.indexing import Indexer
from catalogue.search import analysis
from catalogue.search.memory import MemoryIndex
from catalogue.search.port import (
    Everything,
    Facet,
    Having,
    Health,
    Phrase,
    Position,
    Prefix,
    SearchIndex,
    SearchRequest,
    Sort,
)
from catalogue.service import SearchQuestion, open_catalogue
from catalogue.settings import Settings
from catalogue.store import Repository, open_repository
from tests.conftest import ROOT
from tests.functional.conftest import TOKEN, free_port, serving, settings_for
from tests.functional.indexing_processes import CLASSES, Nursery, documents_of, look, nursery, open_engine
from tests.unit.indexing.stores import take_in
from tests.unit.store.builders import Document, Node, ingest

TEMPORARY = Path(gettempdir()).resolve()

EXAMPLES = ROOT / "examples"
XML = {"Content-Type": "application/xml"}
AUTHORIZED = {"Authorization": f"Bearer {TOKEN}"}
CONCEPT = """<?xml version="1.0" encoding="UTF-8"?>
<ddi:FragmentInstance xmlns:ddi="ddi:instance:3_3" xmlns:r="ddi:reusable:3_3" xmlns:c="ddi:conceptualcomponent:3_3">
<ddi:Fragment><c:Concept><r:Agency>org.example</r:Agency><r:ID>{identifier}</r:ID><r:Version>1</r:Version>
<r:Label><r:Content xml:lang="fr">{fr}</r:Content><r:Content xml:lang="en">{en}</r:Content></r:Label></c:Concept>
</ddi:Fragment></ddi:FragmentInstance>"""


def eventually(what: Callable[[], bool], seconds: float = 30) -> bool:
    """Looks less and less often, so that looking is no load of its own."""
    end, pause = time.monotonic() + seconds, 0.02
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(pause)
        pause = min(2 * pause, 0.3)
    return what()


@pytest.fixture(params=CLASSES)
def engine(request: pytest.FixtureRequest) -> str:
    pytest.importorskip(f"catalogue.search.{request.param}")
    name: str = request.param
    return name


# --- what is true: brute force over all documents of the store --------------------------------------------------------

QUERIES = (
    Everything(),
    analysis.term("tabac", "fr"),
    analysis.term("sommeil", "fr"),
    analysis.term("sleep", "en"),
    Phrase(("tabac", "ou")),
    Prefix("so"),
    Having(Facet.TYPE, ("Concept",)),
)
FACETS = {Facet.TYPE: 20, Facet.CONCEPT: 20, Facet.YEAR: 20, Facet.COHORT: 5}
Answer = tuple[tuple[int, ...], int, dict[Facet, Any]]


def answers(index: SearchIndex, queries: Sequence[Any] = QUERIES) -> list[Answer]:
    """The hits, totals and counts of some queries, and the words of the index."""
    found: list[Answer] = []
    for query in queries:
        for sort in (Sort.RELEVANCE, Sort.NAME):
            result = index.search(SearchRequest(query, facets=FACETS, sort=sort, limit=2000))
            keys = tuple(hit.key for hit in result.hits)
            ordered = keys if sort is Sort.NAME else tuple(sorted(keys))
            found.append((ordered, result.total, dict(result.facets)))
        assert set(index.keys(query, {})) == set(found[-1][0])
    words = [(one.value, one.documents) for prefix in ("ta", "so", "v") for one in index.completions(prefix, 10)]
    near = [(one.value, one.documents) for one in index.similar("tabca", 5)]
    return [*found, ((), len(words), {Facet.TYPE: words, Facet.WAVE: near})]


def truth(repository: Repository, queries: Sequence[Any] = QUERIES) -> list[Answer]:
    """What an index of this store has to answer."""
    reference = MemoryIndex()
    Indexer(repository, reference).rebuild()
    return answers(reference, queries)


def until_done(indexer: Indexer) -> list[str]:
    """What an indexer says that is left alone, with short pauses, until it has nothing more to do."""
    said: list[str] = []
    for _ in range(4):
        try:
            indexer.catch_up(said.append)
        except CatalogueError as error:
            said.append(f"{error.message} {error.next_step}")
        else:
            return said
    raise AssertionError(said)


# --- 1. the real command ----------------------------------------------------------------------------------------------


@dataclass
class Running:
    """``catalogue serve --workers 2``, and what it said."""

    process: subprocess.Popen[str]
    client: httpx.Client
    errors: Path

    def said(self) -> str:
        return self.errors.read_text()

    def children(self) -> list[psutil.Process]:
        found: list[psutil.Process] = psutil.Process(self.process.pid).children(recursive=True)
        return found

    def indexer(self) -> psutil.Process | None:
        with suppress(psutil.Error):
            for one in self.children():
                with suppress(psutil.Error):
                    if "--follow" in one.cmdline() and one.status() != psutil.STATUS_ZOMBIE:
                        return one
        return None

    def search(self, **parameters: Any) -> httpx.Response:
        """An answer that may be refused for a while, and if so with a next step; nothing else."""
        response = self.client.get("/api/v1/search", params={"lang": "fr", **parameters})
        assert response.status_code in (200, 503), response.text
        if response.status_code == 503:
            body = response.json()
            assert response.headers["retry-after"], response.headers
            assert body.get("next_step") or body["index"]["message"], response.text
        return response

    def total(self, **parameters: Any) -> int:
        """How many hits, of a search that can be answered in full; else -1."""
        body = self.search(**parameters).json()
        return int(body["total"]) if body.get("index", {}).get("health") == "ready" else -1


@contextmanager
def command(settings: Settings, folder: Path) -> Iterator[Running]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {
        **os.environ, "CATALOGUE_DATA": str(settings.data), "CATALOGUE_SCHEMAS": str(settings.schemas),
        "CATALOGUE_TOKEN": TOKEN, "CATALOGUE_BASE_URL": url,
    }  # fmt: skip
    with (folder / "stderr").open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "catalogue.cli", "serve", "--workers", "2", "--port", str(port)],
            stdout=subprocess.DEVNULL, stderr=errors, env=environment, text=True,
        )  # fmt: skip
    children: list[psutil.Process] = []
    try:
        with httpx.Client(base_url=url, timeout=30) as client:
            running = Running(process, client, folder / "stderr")
            assert eventually(lambda: _answers(client), 60), running.said()
            children = running.children()
            yield running
            with suppress(psutil.Error):
                children += running.children()
    finally:
        process.terminate()
        try:
            process.wait(30)
        finally:
            for one in children:
                with suppress(psutil.Error):
                    one.kill()


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("/api/v1/search", params={"q": "tabac"}).status_code in (200, 503)
    except httpx.TransportError:
        return False


def worker_of(response: httpx.Response, running: Running) -> int | None:
    """The process at the other end of an answer's connection."""
    own = response.extensions["network_stream"].get_extra_info("client_addr")
    for one in running.children():
        with suppress(psutil.Error):
            for connection in one.net_connections():
                if connection.raddr and tuple(connection.raddr) == tuple(own[:2]):
                    return int(one.pid)
    return None


def test_the_command_serves_indexes_and_outlives_kills(tmp_path: Path, shared: Path) -> None:
    settings = settings_for(tmp_path / "data", shared, token=TOKEN)
    settings.data.mkdir()
    with open_repository(settings.store_url) as repository:
        for name in ("common.xml", "mitomics.xml"):
            take_in(repository, (EXAMPLES / name).read_bytes(), name)
        expected = len(truth(repository)[0][0])
    with command(settings, tmp_path) as running:
        # The index is built by itself, and serve says so.
        assert eventually(lambda: running.total() == expected), running.said()
        assert "The search index does not exist: it is being built." in running.said()
        assert f"of {expected} documents." in running.said()
        found = running.search(q="tabac").json()
        assert found["total"] == 0 or all(one["urn"] for one in found["items"])
        sleepers = running.total(q="fatigue")
        assert sleepers > 0
        _every_worker_answers(running, q="fatigue", total=sleepers)

        # What is published is found within seconds, and what is not published is not.
        assert running.total(q="zorglub") == 0
        published = CONCEPT.format(identifier="zorglub", fr="Zorglub étudié", en="Zorglub studied")
        answer = running.client.post("/api/v1/documents", content=published, headers={**XML, **AUTHORIZED})
        assert answer.json()["status"] == "published", answer.text
        assert eventually(lambda: running.total(q="zorglub") == 1, 15)
        _every_worker_answers(running, q="zorglub", total=1)

        # Killed, it comes back and goes on; search answers all the while.
        first = running.indexer()
        assert first is not None
        first.kill()
        assert eventually(lambda: running.total(q="zorglub") == 1 and running.indexer() not in (None, first))
        assert running.total(q="zorglub") == 1
        assert "It is started again" in running.said()
        more = CONCEPT.format(identifier="bulgroz", fr="Bulgroz", en="Bulgroz")
        running.client.post("/api/v1/documents", content=more, headers={**XML, **AUTHORIZED})
        assert eventually(lambda: running.total(q="bulgroz") == 1, 15)

        # The folder is taken away while it serves.
        shutil.rmtree(settings.search_folder)
        assert eventually(lambda: running.total() == expected + 2), running.said()
        assert running.total(q="zorglub") == 1

        # With the command, killed too, the indexer ends.
        last = running.indexer()
        assert last is not None
        running.process.send_signal(signal.SIGKILL)
        assert eventually(lambda: not last.is_running() or last.status() == psutil.STATUS_ZOMBIE, 15)
    with open_repository(settings.store_url) as repository:
        assert answers(open_engine("whoosh", settings.search_folder / "whoosh")) == truth(repository)


def _every_worker_answers(running: Running, q: str, total: int) -> None:
    seen: set[int | None] = set()

    def look_again() -> bool:
        with httpx.Client(base_url=running.client.base_url, timeout=30) as fresh:
            response = fresh.get("/api/v1/search", params={"q": q, "lang": "fr"})
            seen.add(worker_of(response, running))
            return bool(response.json().get("total") == total and len(seen - {None}) == 2)

    assert eventually(look_again, 20), seen


# --- kill -9 of the indexer at many moments ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def processes() -> Iterator[Nursery]:
    with nursery() as made:
        yield made


class Watcher:
    """A reader beside: keeps what was found, and whatever went wrong."""

    def __init__(self, index: SearchIndex) -> None:
        self._index = index
        self._stop = Event()
        self._thread = Thread(target=self._run)
        self.found: set[int] = set()
        self.answers = 0
        self.wrong: list[str] = []

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.found.update(self._index.keys(analysis.term("tabac", "fr"), {}))
                result = self._index.search(SearchRequest(analysis.term("tabac", "fr"), facets=FACETS, limit=2000))
                self.found.update(hit.key for hit in result.hits)
                if len(result.hits) != result.total:
                    self.wrong.append(f"{len(result.hits)} hits of {result.total}")
                self.answers += 1
            except IndexUnavailableError as error:
                if not error.next_step:
                    self.wrong.append(repr(error))
            except BaseException as error:
                self.wrong.append(repr(error))
            self._stop.wait(0.01)

    def __enter__(self) -> Watcher:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


def smokers(repository: Repository) -> set[int]:
    """What is about tobacco, by its label."""
    page = repository.list_items(limit=500)
    assert page.next_cursor is None
    return {one.id for one in page.items if any("Tabac" in text.text for text in one.label)}


def publish(repository: Repository, name: str, number: int = 25, version: str = "1") -> None:
    """Some concepts; every second one is about tobacco, another half in each version."""
    about = {True: "Tabac ou cigarettes", False: "Durée du sommeil"}
    nodes = [
        Node(f"{name}-{one}", "Concept", version, label=f"{about[(one + len(version)) % 2 == 0]} {one}", name=f"v{one}")
        for one in range(number)
    ]
    ingest(repository, Document(nodes, salt=f"{name}{version}"))


MOMENTS = 10


def test_an_indexer_that_is_killed_at_any_moment(engine: str, processes: Nursery, tmp_path: Path) -> None:
    store, root = f"sqlite:///{tmp_path / 'store'}", tmp_path / "index"
    options: dict[str, Any] = {"engine": engine, "root": str(root), "store": store}
    with open_repository(store) as repository:
        for number in range(8):
            publish(repository, f"s{number}")
        allowed, killed = smokers(repository), 0
        assert allowed == set(truth(repository, [analysis.term("tabac", "fr")])[0][0]) != set()
        reader = open_engine(engine, root)
        with Watcher(open_engine(engine, root)) as watcher:
            # The first time, when nothing else can answer.
            for moment in range(MOMENTS // 2):
                child = processes.start("follow", **options, batch=20, entries=20)
                time.sleep(0.02 + 0.07 * moment)
                killed += processes.kill(child)
                with suppress(IndexUnavailableError):
                    assert set(reader.keys(analysis.term("tabac", "fr"), {})) <= allowed
            until_done(Indexer(repository, reader))
            whole = truth(repository)
            assert answers(reader) == whole

            # Anew: the old one answers in full, and nobody is told that it is being built when nobody builds.
            began = time.monotonic()
            processes.wait(processes.start("rebuild", **options, batch=20))
            duration = time.monotonic() - began
            for moment in range(1, MOMENTS + 1):
                child = processes.start("rebuild", **options, batch=20)
                time.sleep(duration * moment / MOMENTS)
                killed += processes.kill(child)
                assert reader.state().health is Health.READY, moment
                assert answers(reader) == whole, moment
            assert Indexer(repository, reader).catch_up() == 0

            # While it follows changes: what is new is found or not, never anything else.
            for moment in range(1, MOMENTS + 1):
                publish(repository, f"s{moment}", version="2" if moment < 8 else "1")
                allowed |= smokers(repository)
                child = processes.start("follow", **options, batch=5, entries=10)
                time.sleep(0.04 * moment)
                killed += processes.kill(child)
                found = answers(reader)
                assert {key for answer in found[2:4] for key in answer[0]} <= allowed
                assert reader.state().health is Health.READY
            child = processes.start("follow", **options, batch=100, entries=100)
            assert eventually(lambda: Indexer(repository, reader)._is_current())
            processes.kill(child)
        assert answers(reader) == truth(repository) != whole
        assert watcher.wrong == []
        assert watcher.answers > MOMENTS
        assert watcher.found <= allowed
        assert killed >= MOMENTS
        with reader.writer():
            pass
        own = open_folder(root).parent
        assert [path for path in own.iterdir() if path.is_dir() or path.name.startswith(".")] == [open_folder(root)]
    reader.close()


def open_folder(root: Path) -> Path:
    """The folder of the published index."""
    (found,) = [path for path in root.glob("*/*") if path.is_dir() and path.name.isdecimal()]
    return found


# --- 2. readers while another process writes --------------------------------------------------------------------------

STEPS = {"whoosh": 120, "tantivy": 60}


def test_readers_see_whole_steps_while_another_process_writes(engine: str, processes: Nursery, tmp_path: Path) -> None:
    root, said, steps = tmp_path / "index", tmp_path / "said", STEPS[engine]
    index = open_engine(engine, root)
    with index.writer() as writer, writer.rebuild(1) as making:
        making.add(documents_of(0))
        making.publish(Position("store", 0))
    wrong: list[BaseException] = []
    seen: list[set[int]] = [set(), set()]

    def watch(number: int) -> None:
        step = 0
        try:
            while step < steps and not wrong:
                time.sleep(0.01)
                step = look(index, step)
                seen[number].add(step)
                index.completions("pas", 3)
                index.similar("tabca", 3)
        except BaseException as error:
            wrong.append(error)

    threads = [Thread(target=watch, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    other = processes.start("read", engine=engine, root=str(root), steps=steps, said=str(said))
    writer_ = processes.start("write", engine=engine, root=str(root), steps=steps)
    processes.wait(writer_, 120)
    processes.wait(other)
    for thread in threads:
        thread.join(30)
    assert wrong == []
    assert all(steps in some and len(some) > steps / 20 for some in seen)
    assert said.read_text().isdecimal(), said.read_text()
    assert int(said.read_text()) > 10
    index.close()


def test_a_mixed_answer_would_be_noticed() -> None:
    """The check of the test above fails where it should."""
    index = MemoryIndex()
    with index.writer() as writer:
        writer.apply(documents_of(3), (), Position("store", 3))
        assert look(index, 0) == 3
        with pytest.raises(AssertionError, match="back from"):
            look(index, 4)
        writer.apply(documents_of(4)[:5], (), Position("store", 4))
        with pytest.raises((AssertionError, ValueError)):
            look(index, 0)


# --- damaged, lost and foreign files ----------------------------------------------------------------------------------


@dataclass
class Small:
    """A small store and its index, which has several segments and deleted documents."""

    repository: Repository
    root: Path
    truth: list[Answer]

    @property
    def folder(self) -> Path:
        """What is of this version of the program."""
        (own,) = self.root.iterdir()
        return own


@contextmanager
def small_store(path: Path) -> Iterator[Repository]:
    with open_repository(f"sqlite:///{path}") as repository:
        publish(repository, "a", 12)
        yield repository


@pytest.fixture(scope="module")
def of_engine(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A store and its index in each engine, made once, to be copied."""

    @cache
    def made(engine: str) -> Path:
        folder = tmp_path_factory.mktemp(engine)
        with small_store(folder / "store") as repository:
            index = open_engine(engine, folder / "index")
            Indexer(repository, index).catch_up()
            publish(repository, "b", 6)
            publish(repository, "a", 4, version="2")
            Indexer(repository, index).catch_up()
            index.close()
        return folder

    return made


@pytest.fixture
def small(engine: str, of_engine: Callable[[str], Path], tmp_path: Path) -> Iterator[Small]:
    shutil.copytree(of_engine(engine), tmp_path, dirs_exist_ok=True)
    with open_repository(f"sqlite:///{tmp_path / 'store'}") as repository:
        yield Small(repository, tmp_path / "index", truth(repository))


def deleted(path: Path) -> None:
    path.unlink()


def emptied(path: Path) -> None:
    _replace(path, b"")


def cut(path: Path) -> None:
    _replace(path, path.read_bytes()[: path.stat().st_size // 2])


def lengthened(path: Path) -> None:
    _replace(path, path.read_bytes() + b"\0" * 100)


def garbage(path: Path) -> None:
    _replace(path, Random(1).randbytes(path.stat().st_size))


def flipped(where: float) -> Callable[[Path], None]:
    def flip(path: Path) -> None:
        content = bytearray(path.read_bytes())
        if content:
            content[int(where * (len(content) - 1))] ^= 1 << int(where * 100) % 8
        _replace(path, bytes(content))

    return flip


def _replace(path: Path, content: bytes) -> None:
    """Another file in its place: what is mapped stays as it is, as with a disk that is read anew."""
    path.unlink()
    path.write_bytes(content)


DAMAGES = (deleted, emptied, cut, lengthened, garbage, *(flipped(place / 6) for place in range(7)))
IGNORED = (".lock", "lock")
# Of the damages every so many is done, and after every so many it is looked whether the index is made anew.
EVERY, MADE_ANEW = {"whoosh": 1, "tantivy": 5}, {"whoosh": 2, "tantivy": 4}


def test_a_damaged_file_gives_no_wrong_answer_and_is_made_anew(engine: str, small: Small, tmp_path: Path) -> None:
    files = [path for path in small.root.rglob("*") if path.is_file() and not path.name.endswith(IGNORED)]
    kinds = {path.name if path.suffix == ".json" else path.suffix for path in files}
    assert kinds > {"current.json", *({".seg", ".toc"} if engine == "whoosh" else {".idx", ".del", "meta.json"})}
    victims = {(path.parent, path.name if path.suffix == ".json" else path.suffix): path for path in files}
    cases = [(victim, damage) for victim in victims.values() for damage in DAMAGES][:: EVERY[engine]]
    refused = 0
    for number, (victim, damage) in enumerate(cases):
        root, case = tmp_path / "damaged", (victim.name, DAMAGES.index(damage))
        shutil.copytree(small.root, root)
        damage(root / victim.relative_to(small.root))
        index = open_engine(engine, root)
        try:
            assert answers(index) == small.truth, case
        except IndexUnavailableError as error:
            refused += 1
            if not error.next_step:
                raise AssertionError(case) from error
            assert index.state().health in (Health.BROKEN, Health.ABSENT), case
        if number % MADE_ANEW[engine] == 0:
            until_done(Indexer(small.repository, index))
            assert answers(index) == small.truth, case
            assert index.state().health is Health.READY, case
        index.close()
        shutil.rmtree(root)
    assert len(cases) > refused > len(cases) // 2


def test_a_writer_that_finds_the_damage_first_builds_anew(engine: str, small: Small, tmp_path: Path) -> None:
    files = [path for path in small.root.rglob("*") if path.is_file() and not path.name.endswith(IGNORED)]
    for number, victim in enumerate(files):
        damage = DAMAGES[number % len(DAMAGES)]
        damage(victim)
        publish(small.repository, f"c{number}", 3)
        index = open_engine(engine, small.root)
        until_done(Indexer(small.repository, index))
        assert answers(index) == truth(small.repository), (victim.name, damage)
        index.close()
        if not all(path.exists() for path in files):
            # It was built anew: go on with the files that there are now.
            files[number + 1 :] = []
    assert truth(small.repository) != small.truth


def test_an_index_of_another_store_finds_nothing(engine: str, small: Small, tmp_path: Path) -> None:
    """The numbers of items mean others there."""
    settings = Settings(data=tmp_path / "other", search_engine=engine)  # type: ignore[arg-type]
    settings.data.mkdir()
    with open_repository(settings.store_url) as other:
        publish(other, "z", 9)
        publish(other, "y", 7)
    shutil.copytree(small.root, settings.search_folder / engine)
    with open_catalogue(settings) as catalogue:
        for ask in (catalogue.searching.search, lambda question: list(catalogue.searching.all(question))):
            with pytest.raises(IndexUnavailableError) as caught:
                ask(SearchQuestion("tabac"))
            assert caught.value.next_step
        with pytest.raises(IndexUnavailableError):
            catalogue.searching.suggest("taba")
        assert "belongs to another store" in until_done(catalogue.indexer())[0]
        assert {one.summary.name for one in catalogue.searching.search(SearchQuestion("tabac")).items} == {
            f"v{one}" for one in range(9) if (one + 1) % 2 == 0
        }


@pytest.mark.parametrize("published_since", [0, 1, 9])
def test_a_store_that_was_restored_from_an_older_backup(engine: str, published_since: int, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data", search_engine=engine)  # type: ignore[arg-type]
    settings.data.mkdir()
    with open_repository(settings.store_url) as repository:
        publish(repository, "a", 4)
    backup = {path.name: path.read_bytes() for path in settings.data.iterdir() if path.is_file()}
    with open_catalogue(settings) as catalogue:
        publish(catalogue._repository, "lost", 8)
        catalogue.indexer().catch_up()
        assert catalogue.searching.search(SearchQuestion("tabac", limit=50)).total == 2 + 4
    for path in settings.data.iterdir():
        if path.is_file():
            path.unlink()
    for name, content in backup.items():
        (settings.data / name).write_bytes(content)
    with open_catalogue(settings) as catalogue:
        for number in range(published_since):
            publish(catalogue._repository, f"other{number}", 3)
        said = until_done(catalogue.indexer())
        reason = "is ahead of the store" if published_since < 2 else "has followed what the store is not any more"
        assert reason in said[0]
        assert answers(catalogue.searching.index()) == truth(catalogue._repository)


def test_an_index_of_another_layout_is_made_anew(engine: str, small: Small) -> None:
    current = small.folder / "current.json"
    current.write_text(current.read_text().replace('"layout": "', '"layout": "older-'))
    index = open_engine(engine, small.root)
    with pytest.raises(IndexUnavailableError):
        answers(index)
    assert "does not exist" in until_done(Indexer(small.repository, index))[0]
    assert answers(index) == small.truth
    index.close()


@pytest.mark.parametrize("lost", ["current.json", "0001", "."])
def test_what_is_lost_while_a_reader_has_it_open_comes_back(engine: str, small: Small, lost: str) -> None:
    index = open_engine(engine, small.root)
    assert answers(index) == small.truth
    if (victim := small.folder / lost).is_dir():
        shutil.rmtree(victim)
    else:
        victim.unlink()
    with suppress(IndexUnavailableError):
        assert answers(index) == small.truth
    fresh = open_engine(engine, small.root)
    with pytest.raises(IndexUnavailableError):
        answers(fresh)
    until_done(Indexer(small.repository, fresh))
    assert answers(index) == answers(fresh) == small.truth
    index.close()
    fresh.close()


AS_NOBODY = """
import os, sys
from pathlib import Path
from catalogue.errors import IndexUnavailableError, StorageError
from catalogue.search.port import Everything, Health, SearchRequest
from tests.functional.indexing_processes import open_engine
index = open_engine(sys.argv[1], Path(sys.argv[2]))
os.setgroups([]), os.setgid(65534), os.setuid(65534)
try:
    assert index.search(SearchRequest(Everything())).total > 0
    assert index.state().health is Health.READY
except IndexUnavailableError as error:
    # The engine keeps some of its files to whoever wrote them.
    assert sys.argv[1] == "tantivy" and error.next_step
try:
    with index.writer():
        raise SystemExit("may write")
except StorageError as error:
    print(error.next_step)
"""


def test_who_may_only_read_searches_and_is_told_when_writing(engine: str, small: Small) -> None:
    if os.geteuid() != 0:
        pytest.skip("only the superuser can become somebody who may not write")
    for path in (small.root, *small.root.parents):
        if path.stat().st_uid == 0 and path != TEMPORARY and path.is_relative_to(TEMPORARY):
            path.chmod(0o755)
    told = subprocess.run(
        [sys.executable, "-c", AS_NOBODY, engine, str(small.root)], capture_output=True, text=True, cwd=ROOT
    )
    assert told.stdout.startswith("Check that the folder can be written"), (told.stdout, told.stderr)


# --- 3. a full disk ---------------------------------------------------------------------------------------------------


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of few megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "none", str(place)]
    if os.geteuid() != 0 or shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a small disk cannot be mounted here: only the superuser may")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def fill(disk: Path, leave: int) -> Path:
    """Leave so many bytes."""
    free = shutil.disk_usage(disk).free
    (disk / "filler").write_bytes(b"x" * max(0, free - leave))
    return disk / "filler"


def used(root: Path) -> dict[str, int]:
    return {str(path.relative_to(root)): path.stat().st_size for path in root.rglob("*") if path.is_file()}


@pytest.fixture
def collected() -> Iterator[None]:
    """Whoosh leaves the files of a commit that failed to the garbage collector: in this test, not in a later one."""
    yield
    with warnings.catch_warnings(action="ignore", category=ResourceWarning):
        gc.collect()


@pytest.mark.usefixtures("collected")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
@pytest.mark.parametrize("leave", [0, 16_384, 65_536])
def test_a_full_disk_leaves_the_old_index_and_is_got_over(
    engine: str, disk: Path, tmp_path: Path, leave: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalogue.following._FIRST_PAUSE", 0.05)
    with small_store(tmp_path / "store") as repository:
        index = open_engine(engine, disk / "index")
        indexer = Indexer(repository, index)
        indexer.catch_up()
        before, files = truth(repository), used(disk / "index")
        assert answers(index) == before
        publish(repository, "more", 200)
        filler = fill(disk, leave)
        for work in (indexer.catch_up, indexer.rebuild):
            with pytest.raises(StorageError) as caught:
                work()
            assert "space" in caught.value.next_step, caught.value
            assert answers(index) == before
            assert answers(open_engine(engine, disk / "index")) == before
            assert index.state().health is Health.READY
        left = [name for name in used(disk / "index") if name not in files]
        # tantivy takes them away when it is opened to write again.
        assert left == [] or engine == "tantivy"
        said, stop = list[str](), Event()
        thread = Thread(target=indexer.follow, args=(stop, 0.05, said.append))
        thread.start()
        try:
            assert eventually(lambda: any("Trying again" in line for line in said))
            filler.unlink()
            assert eventually(indexer._is_current), said
        finally:
            stop.set()
            thread.join()
        assert answers(index) == truth(repository) != before
        gone = {name for name in left if "vocabulary" not in name}  # words may be learnt before the documents
        assert not gone & used(disk / "index").keys()
        index.close()


# --- 4. drafts --------------------------------------------------------------------------------------------------------


def found_anywhere(client: httpx.Client, word: str, headers: dict[str, str]) -> set[str]:
    """Where a word is found, of all the places in which an item can show."""
    places = set[str]()
    for where in ("/api/v1/search", "/search.csv", "/search.ris", "/search.atom", "/search"):
        response = client.get(where, params={"q": word, "lang": "fr"}, headers=headers, follow_redirects=True)
        assert response.status_code == 200, response.text
        if f"draft-{word}" in response.text:
            places.add(where)
    suggested = client.get("/api/v1/suggest", params={"q": word[:5], "lang": "fr"}, headers=headers)
    if word in suggested.text.lower():
        places.add("suggest")
    everything = client.get("/api/v1/search", params={"lang": "fr", "limit": 100}, headers=headers).json()
    if any(word in one["urn"] for one in everything["items"]):
        places.add("everything")
    counts = {one["value"]: one["documents"] for one in everything["facets"]["type"]["values"]}
    if counts.get("Concept", 0) > 1:
        places.add("counts")
    return places


def test_drafts_are_found_by_nobody_until_they_are_published(
    tmp_path: Path, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_for(tmp_path, shared, token=TOKEN)
    public = CONCEPT.format(identifier="public", fr="Concept public", en="Public concept")
    draft = CONCEPT.format(identifier="draft-zorglub", fr="Zorglub secret", en="Secret zorglub")
    with serving(settings, ("public.xml", public.encode())) as site, site.client() as client:
        kept = site.catalogue.submit(draft.encode(), "draft.xml", draft=True)
        site.catalogue.indexer().rebuild()
        for headers in ({}, AUTHORIZED):
            assert found_anywhere(client, "zorglub", headers) == set(), headers
        assert kept.document is not None
        site.catalogue.publish(kept.document)
        site.catalogue.indexer().catch_up()
        for headers in ({}, AUTHORIZED):
            assert found_anywhere(client, "zorglub", headers) == {
                "/api/v1/search", "/search.csv", "/search.ris", "/search.atom", "/search", "suggest", "everything",
                "counts",
            }  # fmt: skip
