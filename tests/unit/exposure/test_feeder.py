"""Files and triple store follow the store: always what everything converted anew would be."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from random import Random
from threading import Event

import pytest

from catalogue.errors import CatalogueError, StorageError
from catalogue.exposure.affected import revisions_changed_after
from catalogue.exposure.cohorts import CohortSettingsError
from catalogue.exposure.conversion import position_of
from catalogue.exposure.feeder import Feeder
from catalogue.exposure.prepared import PREPARED, PreparedRecords
from catalogue.exposure.studies import StudyBuilder
from catalogue.model.report import Status
from catalogue.model.study import StudyDescription
from catalogue.rdf.evaluating import Evaluators
from catalogue.rdf.files import GraphFile, GraphFiles, Piece
from catalogue.rdf.memory import MemoryStore
from catalogue.rdf.oxigraph import OxigraphStore
from catalogue.rdf.quads import Position, TripleStore
from catalogue.store import open_repository
from catalogue.store.records import ItemFilter, OutboxEntry
from tests.unit.exposure.told import Told, in_files, in_store, truth
from tests.unit.exposure.told import whole as whole_of
from tests.unit.store.builders import Document, Node, ingest, refer, study


class Fed:
    """A store, files, a triple store, and what feeds them."""

    def __init__(self, folder: Path, triples: TripleStore) -> None:
        self.repository = open_repository(f"sqlite:///{folder / 'store'}")
        self.conversion = Told(self.repository)
        self.files = GraphFiles(folder / "graphs")
        self.triples = triples
        self.prepared = PreparedRecords(self.repository, self.files, self.position, dict.fromkeys(PREPARED, told_whole))
        self.feeder = Feeder(self.repository, self.conversion, self.files, triples, self.prepared.prepare)

    def position(self) -> Position:
        return position_of(self.repository, self.conversion.edition)

    def publish(self, *nodes: Node, salt: str = "", status: Status = Status.PUBLISHED, cohort: str = "") -> str:
        found = self.repository.get("int.example", cohort) if cohort else ()
        done = ingest(self.repository, Document(nodes, salt=salt), status, found[0].id if found else None)
        return done.revision.id

    def document(self) -> GraphFile:
        """The file of the only document."""
        (one,) = (file for file in self.files.all().values() if file.revision not in self.conversion.beside)
        return one

    def check(self) -> None:
        """After catching up, everything is as if made anew."""
        self.feeder.catch_up()
        expected = truth(self.repository)
        assert in_files(self.files) == expected
        assert in_store(self.triples) == whole_of(expected)
        assert self.feeder.is_current()
        described = StudyBuilder(self.repository).describe_many(self.studies())
        expected_records = {one: told_whole(study, one) for one, study in described.items()}
        assert self.prepared.read(PREPARED[0], self.studies()) == expected_records

    def studies(self) -> list[int]:
        return [one.id for one in self.repository.list_items(ItemFilter(types=("Group", "StudyUnit")), limit=100)]


def told_whole(study: StudyDescription, item_id: int) -> bytes:
    """A record that says everything that is known."""
    return f"{item_id} {study!r}".encode()


@pytest.fixture(params=["memory", "oxigraph"])
def fed(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Fed]:
    triples = MemoryStore() if request.param == "memory" else OxigraphStore(tmp_path / "triples", Evaluators({}))
    made = Fed(tmp_path, triples)
    yield made
    triples.close()
    made.repository.close()


def cohort(identifier: str, *children: Node, version: str = "1", label: str = "Cohort") -> Node:
    return Node(identifier, "Group", version, label=label, children=children)


def codes(version: str = "1") -> Node:
    code = Node("code", "Code", version, references=[refer("cat", "CategoryReference", late_bound=True)])
    return Node("list", "CodeList", version, children=[code])


def test_a_document_becomes_a_graph(fed: Fed) -> None:
    fed.publish(cohort("g", study("s", Node("v", label="Weight"))))
    fed.check()
    one = fed.document()
    assert one.items == {"Group": 1, "StudyUnit": 1, "Variable": 1}
    assert one.cohorts == {"/int.example/g": one.cohorts["/int.example/g"]}
    assert one.triples == len(in_files(fed.files)[fed.conversion.graph(one.revision)])


def test_what_is_told_beside_the_documents_follows_every_change(fed: Fed) -> None:
    fed.check()
    assert fed.triples.state().graphs == 1
    gone = fed.publish(Node("v"))
    fed.check()
    (about,) = (fed.files.get(one) for one in fed.conversion.beside)
    assert about is not None
    assert (about.cohorts, about.triples) == ({}, 2)
    fed.repository.deprecate(gone)
    fed.check()
    assert gone not in repr(in_store(fed.triples))
    before = fed.triples.state().generation
    assert fed.feeder.catch_up() == 0
    assert fed.triples.state().generation == before


def test_settings_that_cannot_be_read_are_waited_out(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    fed.publish(Node("v"))
    stop, said = Event(), list[str]()

    def refused(_revision: str) -> Iterator[Piece]:
        raise CohortSettingsError("cohorts.toml is no TOML.")

    def say(line: str) -> None:
        said.append(line)
        if "is no TOML" in line:
            monkeypatch.undo()
            stop.set()

    monkeypatch.setattr(fed.conversion, "pieces", refused)
    fed.feeder.follow(stop, progress=say)
    assert any("is no TOML" in line for line in said)
    assert fed.triples.state().position is None
    fed.check()


def test_drafts_are_nowhere(fed: Fed) -> None:
    fed.publish(Node("v", label="Public"))
    draft = fed.publish(Node("secret", label="Secret"), salt="draft", status=Status.DRAFT)
    fed.check()
    assert "Secret" not in repr(in_files(fed.files)) + repr(in_store(fed.triples))
    fed.repository.publish(draft)
    fed.check()
    assert "Secret" in repr(in_files(fed.files))
    assert "Secret" in repr(in_store(fed.triples))


def test_what_is_deprecated_goes(fed: Fed) -> None:
    fed.publish(study("s", Node("v", label="Kept")))
    gone = fed.publish(study("s", Node("v", version="2", label="Gone"), version="2"), salt="2")
    fed.check()
    assert "Gone" in repr(in_store(fed.triples))
    fed.repository.deprecate(gone)
    fed.check()
    assert "Gone" not in repr(in_files(fed.files)) + repr(in_store(fed.triples))


def test_a_reference_that_dangled_is_resolved_later(fed: Fed) -> None:
    fed.publish(Node("v", references=[refer("late")]))
    fed.check()
    assert "refersTo" not in repr(in_files(fed.files))
    fed.publish(Node("late", "Concept"), salt="2")
    fed.check()
    assert "refersTo" in repr(in_files(fed.files))


def test_only_what_may_be_different_is_made_again(fed: Fed) -> None:
    fed.publish(Node("alone", label="Alone"), salt="a")
    fed.publish(Node("user", references=[refer("c")]), Node("c", "Concept"), salt="b")
    fed.check()
    fed.conversion.converted.clear()
    third = fed.publish(Node("c", "Concept", "2"), salt="c")
    fed.feeder.catch_up()
    assert len(fed.conversion.converted) == 2
    assert third in fed.conversion.converted
    fed.conversion.converted.clear()
    assert fed.feeder.catch_up() == 0
    assert fed.conversion.converted == []


def test_what_was_made_between_other_changes_is_not_made_again(fed: Fed) -> None:
    fed.publish(Node("first"), salt="1")
    fed.check()
    fed.publish(Node("second", references=[refer("first")]), salt="2")
    fed.check()
    fed.conversion.converted.clear()
    third = fed.publish(Node("third"), salt="3")
    fed.check()
    assert fed.conversion.converted == [third]


@pytest.mark.parametrize("known", [True, False])
def test_positions_tell_apart_what_came_before_and_after_them(fed: Fed, known: bool) -> None:
    touched = fed.publish(Node("touched"), salt="1")
    position = fed.repository.last_change()
    later = fed.publish(*(Node(f"later{number}") for number in range(3)), salt="2")
    changed = revisions_changed_after(fed.repository, 0, [position] if known else [])
    assert set(changed) == {touched, later}
    assert (changed[touched] > position) is not known
    assert changed[later] == fed.repository.last_change()


def test_changes_are_read_once(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    fed.publish(Node("first"), salt="1")
    fed.check()
    fed.publish(Node("second"), salt="2")
    fed.check()
    examined = fed.repository.last_change()
    fed.publish(Node("third"), salt="3")
    read: list[int] = []
    real = fed.repository.outbox

    def outbox(after: int = 0, limit: int = 1000) -> tuple[OutboxEntry, ...]:
        read.append(after)
        return real(after, limit)

    monkeypatch.setattr(fed.repository, "outbox", outbox)
    fed.check()
    assert min(read) == examined
    # Without what was noted, they are read from the oldest file on, and nothing is missed.
    (fed.files.root / "followed").write_text("{}")
    fed.publish(Node("first", version="2"), salt="4")
    read.clear()
    fed.check()
    assert min(read) < examined


def test_any_order_of_changes_gives_what_is_true(fed: Fed) -> None:
    random = Random(4)
    published: list[str] = []
    for step in range(25):
        version = str(random.randint(1, 3))
        salt = str(step)
        shape = random.randrange(7)
        if shape == 0:
            nodes = [cohort("g", study("w1", Node("v1", references=[refer("c")]), version=version), version=version)]
        elif shape == 1:
            nodes = [study("w2", Node("v2", references=[refer("c", late_bound=True)]), codes(version), version=version)]
        elif shape == 2:
            nodes = [Node("c", "Concept", version, label=f"Concept {version}")]
        elif shape == 3:
            nodes = [Node("cat", "Category", version, label=f"Category {version}")]
        elif shape == 4:
            nodes = [cohort("g", version=version, label=f"Group {version}")]
        elif shape == 5 and published:
            fed.repository.deprecate(random.choice(published))
            nodes = []
        else:
            nodes = [Node(f"free{step}", references=[refer("v1")])]
        if nodes:
            published.append(_published(fed, nodes, salt))
        if random.random() < 0.6:
            fed.check()
    fed.check()


def _published(fed: Fed, nodes: list[Node], salt: str) -> str:
    try:
        return fed.publish(*nodes, salt=salt, cohort="g" if fed.repository.get("int.example", "g") else "")
    except CatalogueError:
        return fed.publish(Node(f"instead{salt}"), salt=salt)


def test_a_lost_or_foreign_triple_store_is_filled_from_the_files(fed: Fed, tmp_path: Path) -> None:
    fed.publish(Node("v", references=[refer("c")]), Node("c", "Concept"))
    fed.check()
    fed.conversion.converted.clear()
    fed.triples = MemoryStore()
    fed.feeder = Feeder(fed.repository, fed.conversion, fed.files, fed.triples)
    fed.check()
    assert fed.conversion.converted == []  # the files were enough
    other = Fed(_folder(tmp_path / "other"), fed.triples)
    other.publish(Node("x", label="Other"), salt="other")
    other.check()
    other.repository.close()


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


def test_another_edition_makes_all_anew(fed: Fed) -> None:
    fed.publish(Node("v"))
    fed.check()
    fed.conversion.converted.clear()
    fed.conversion.edition = "2"
    fed.check()
    assert len(fed.conversion.converted) == 1


@pytest.mark.parametrize("damage", ["file", "sidecar", "both", "all", "cut"])
def test_files_that_are_lost_are_made_again_by_themselves(fed: Fed, damage: str) -> None:
    fed.publish(Node("v"))
    fed.publish(Node("w"), salt="2")
    fed.check()
    one, *_ = fed.files.all().values()
    if damage == "all":
        shutil.rmtree(fed.files.root)
    if damage == "cut":
        one.path.write_bytes(one.path.read_bytes()[:-12])
    if damage in ("file", "both"):
        one.path.unlink()
    if damage in ("sidecar", "both"):
        (fed.files.root / f"{one.revision}.json").unlink()
    assert fed.feeder.is_current() is (damage == "sidecar")
    if damage == "sidecar":  # it is missed when something changes
        fed.publish(Node("x"), salt="3")
    fed.check()


@pytest.mark.parametrize("damage", ["cut", "garbled", "empty"])
def test_damaged_files_are_made_again(fed: Fed, damage: str) -> None:
    """What reads them next is a triple store that is filled from them, or one that compares them with newer ones."""
    fed.publish(Node("v", label="Weight"))
    fed.check()
    one, *_ = fed.files.all().values()
    whole = one.path.read_bytes()
    one.path.write_bytes({"cut": whole[:-12], "garbled": whole[:30] + bytes(20) + whole[50:], "empty": b""}[damage])
    new = MemoryStore()
    Feeder(fed.repository, fed.conversion, fed.files, new).catch_up()
    assert in_files(fed.files) == truth(fed.repository)
    assert in_store(new) == whole_of(truth(fed.repository))
    fed.publish(Node("v", version="2", label="Weight"), salt="2")
    fed.check()


def test_files_are_there_while_everything_is_converted_again(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        fed.publish(Node(f"v{number}"), salt=str(number))
    fed.check()
    before, seen = in_files(fed.files), []
    real = fed.conversion.pieces

    def looking(revision: str) -> Iterator[Piece]:
        seen.append(in_files(fed.files) == before)
        return real(revision)

    monkeypatch.setattr(fed.conversion, "pieces", looking)
    fed.feeder.rebuild()
    assert seen == [True] * len(before)


def test_what_fails_in_the_middle_is_done_later(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        fed.publish(Node(f"v{number}", references=[refer("v0")]), salt=str(number))
    real = fed.conversion.pieces
    left = [2]

    def failing(revision: str) -> Iterator[Piece]:
        left[0] -= 1
        if left[0] < 0:
            raise StorageError("The disk is full.")
        return real(revision)

    monkeypatch.setattr(fed.conversion, "pieces", failing)
    with pytest.raises(StorageError):
        fed.feeder.catch_up()
    monkeypatch.undo()
    fed.conversion.converted.clear()
    fed.check()
    assert len(fed.conversion.converted) == 2  # the first two need not be made again
