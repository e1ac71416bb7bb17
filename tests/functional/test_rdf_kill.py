"""Kill -9 of the RDF feeder at many moments, damage, a full disk: what answers is always whole, and it recovers."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import pytest

from catalogue.durable import exclusive
from catalogue.errors import StorageError
from catalogue.exposure.feeder import Feeder
from catalogue.rdf.evaluating import Evaluators
from catalogue.rdf.files import GraphFiles
from catalogue.rdf.oxigraph import OxigraphStore
from catalogue.rdf.quads import GraphQuery, QueryLimits, StoreBusyError, StoreUnavailableError
from catalogue.store import Repository, open_repository
from tests.functional.forking import Forks, forks
from tests.unit.exposure.told import Told, in_files, in_store, truth, whole
from tests.unit.store.builders import Document, Node, ingest, refer

MOMENTS = 8
LIMITS = QueryLimits(30, 2**26)


def feeder(repository: Repository, folder: Path) -> Feeder:
    triples = OxigraphStore(folder / "triples", Evaluators({}))
    return Feeder(repository, Told(repository), GraphFiles(folder / "graphs"), triples)


def prepared() -> Callable[[str, str], int]:
    """What ``forking`` calls: a feeder that goes on until it is killed."""

    def follow(store: str, folder: str) -> int:
        feeder(open_repository(store), Path(folder)).follow(Event(), 0.02)
        return 0

    return follow


def publish(repository: Repository, step: int) -> None:
    """Some concepts, some of which refer to the first, in one version after the other."""
    nodes = [
        Node(f"c{step % 5}-{one}", "Concept", str(step), label=f"Concept {one}", references=[refer("c0-0")])
        for one in range(30)
    ]
    ingest(repository, Document(nodes, salt=str(step)))


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    with open_repository(f"sqlite:///{tmp_path / 'store'}") as opened:
        yield opened


@pytest.fixture
def triples(tmp_path: Path) -> Iterator[OxigraphStore]:
    made = OxigraphStore(tmp_path / "triples", Evaluators({}))
    yield made
    made.close()


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    with forks(__name__, tmp_path_factory.mktemp("said")) as made:
        yield made


def test_a_feeder_that_is_killed_at_any_moment(
    repository: Repository, triples: OxigraphStore, calls: Forks, tmp_path: Path
) -> None:
    states = []  # every state of the store that may be seen
    killed, duration = 0, 0.0  # of loading one document
    own = feeder(repository, tmp_path)
    for step in range(MOMENTS):
        publish(repository, step + 1)
        states.append(whole(truth(repository)))
        child, began = calls.start(store=f"sqlite:///{tmp_path / 'store'}", folder=str(tmp_path)), time.monotonic()
        if step == 0:
            _until(lambda: triples.state().position is not None)
            duration = time.monotonic() - began
        else:
            time.sleep(1.5 * duration * step / MOMENTS)
        killed += calls.kill(child).code == -signal.SIGKILL
        assert in_store(triples) in states
        if step % 3 == 2:
            own.catch_up()
            assert in_store(triples) == states[-1]
    own.catch_up()
    assert in_store(triples) == states[-1] == whole(in_files(GraphFiles(tmp_path / "graphs")))
    assert killed == MOMENTS
    left = [path.name for path in (tmp_path / "triples").iterdir() if path.is_dir()]
    assert len(left) <= 2  # the one that answers, and one that is still read
    assert not list((tmp_path / "graphs").glob(".writing-*"))


def _until(what: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not what() and time.monotonic() < end:
        time.sleep(0.02)


@pytest.mark.parametrize("pattern", ["*.sst", "CURRENT", "MANIFEST-*"])
def test_a_damaged_store_is_filled_anew(
    repository: Repository, triples: OxigraphStore, tmp_path: Path, pattern: str
) -> None:
    publish(repository, 1)
    own = feeder(repository, tmp_path)
    own.catch_up()
    folder = tmp_path / "triples" / triples.state().generation / "store"
    for path in folder.glob(pattern):
        path.write_bytes(b"damaged" * 40)
    with pytest.raises(StoreUnavailableError):
        triples.query(GraphQuery("SELECT * { ?s ?p ?o }"), LIMITS)
    assert triples.state().position is None
    own.catch_up()
    assert in_store(triples) == whole(truth(repository))


def test_a_lost_folder_is_filled_anew(repository: Repository, triples: OxigraphStore, tmp_path: Path) -> None:
    publish(repository, 1)
    own = feeder(repository, tmp_path)
    own.catch_up()
    (tmp_path / "triples" / "current.json").unlink()
    with pytest.raises(StoreUnavailableError):
        triples.query(GraphQuery("ASK {}"), LIMITS)
    own.catch_up()
    assert in_store(triples) == whole(truth(repository))


def test_a_full_disk_is_told_and_nothing_is_lost(
    repository: Repository, triples: OxigraphStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(repository, 1)
    own = feeder(repository, tmp_path)
    own.catch_up()
    before = in_store(triples)
    publish(repository, 2)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("catalogue.rdf.oxigraph._alter", full)
    monkeypatch.setattr("catalogue.rdf.oxigraph._load", full)
    with pytest.raises(StorageError, match="No space") as raised:
        own.catch_up()
    assert "space" in raised.value.next_step
    assert in_store(triples) == before
    monkeypatch.undo()
    own.catch_up()
    assert in_store(triples) == whole(truth(repository)) != before


def test_there_is_one_writer(triples: OxigraphStore, tmp_path: Path) -> None:
    (tmp_path / "triples").mkdir()
    with exclusive(tmp_path / "triples" / "lock") as free:
        assert free
        with pytest.raises(StoreBusyError) as raised, triples.writer():
            pass
    assert raised.value.next_step
