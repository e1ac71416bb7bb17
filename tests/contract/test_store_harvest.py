"""What harvesters get of the store, on every engine: what is in it, when it changed, and that lists are whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import insert, select, text

from catalogue.model.report import Status
from catalogue.store import Repository, open_repository
from catalogue.store.engine import open_engine
from catalogue.store.harvesting import HARVESTED, STUDY_TYPES
from catalogue.store.migrations.versions import v0004_harvest
from catalogue.store.records import HarvestFilter, HarvestRecord, ItemFilter, RevisionRecord
from catalogue.store.tables import harvest_change
from tests.unit.store import builders
from tests.unit.store.builders import AGENCY, Document, Node, refer, study

EVERYTHING = HarvestFilter(HARVESTED)
VARIABLES = HarvestFilter(("Variable",))


def ingest(repository: Repository, *nodes: Node, status: Status = Status.PUBLISHED, **more: int) -> RevisionRecord:
    """A document of some nodes."""
    return builders.ingest(repository, Document(nodes), status, **more).revision


def group(identifier: str, *children: Node, **more: object) -> Node:
    """A Group with what stands in it."""
    return Node(identifier, "Group", children=children, **more)  # type: ignore[arg-type]


def everything(repository: Repository, wanted: HarvestFilter = EVERYTHING, limit: int = 3) -> list[HarvestRecord]:
    """A whole harvest, piece by piece."""
    found: list[HarvestRecord] = []
    while piece := repository.harvest(wanted, after=found[-1].id if found else 0, limit=limit):
        found += piece
    return found


def names(records: Sequence[HarvestRecord]) -> dict[str, tuple[str, ...]]:
    """Identifier -> the cohorts and studies; a deleted record's name begins with a minus."""
    return {
        ("-" if record.deleted else "") + record.identifier: tuple(sorted(box.identifier for box in record.containers))
        for record in records
    }


def later(repository: Repository) -> None:
    """Make what was changed until now an hour old, so that what comes next is newer in whole seconds."""
    engine = repository._engine
    with engine.begin() as connection:
        for row in connection.execute(select(harvest_change)).all():
            moved = harvest_change.update().where(harvest_change.c.id == row.id)
            connection.execute(moved.values(at=row.at - timedelta(hours=1)))


def changed(repository: Repository) -> set[str]:
    """What changed since ``later``."""
    since = datetime.now(UTC) - timedelta(minutes=30)
    found = everything(repository, HarvestFilter(HARVESTED, since=since))
    before = everything(repository, HarvestFilter(HARVESTED, until=since))
    assert len(found) + len(before) == len(everything(repository))
    later(repository)
    return set(names(found))


def test_every_harvested_item_is_a_record_of_its_cohorts_and_studies(repository: Repository) -> None:
    ingest(
        repository, group("g", study("w1", Node("a"), Node("k", "Category")), study("w2", Node("q", "QuestionItem")))
    )
    ingest(repository, Node("alone"))

    found = everything(repository)

    held = {"g": ("g",), "w1": ("g", "w1"), "w2": ("g", "w2"), "a": ("g", "w1"), "q": ("g", "w2"), "alone": ()}
    assert names(found) == held
    assert [record.id for record in found] == sorted(record.id for record in found)
    boxes = {box.identifier: (box.cohort, box.study) for record in found for box in record.containers}
    assert boxes == {"g": (True, False), "w1": (False, True), "w2": (False, True)}
    assert names(everything(repository, VARIABLES)) == {"a": ("g", "w1"), "alone": ()}


def test_a_set_holds_what_its_cohort_holds(repository: Repository) -> None:
    ingest(repository, group("g", study("w1", Node("a")), study("w2", Node("b"))))
    ingest(repository, study("s", Node("c")))
    g, w1, s = (repository.harvest_container(AGENCY, name) for name in ("g", "w1", "s"))
    assert g is not None
    assert w1 is not None
    assert s is not None

    def within(types: tuple[str, ...], container: int) -> set[str]:
        wanted = HarvestFilter(types, container)
        found = everything(repository, wanted, 1)
        assert repository.harvest_total(wanted) == len(found)
        return set(names(found))

    assert within(STUDY_TYPES, g.id) == {"g", "w1", "w2"}
    assert within(("Variable",), g.id) == {"a", "b"}
    assert within(("Variable",), w1.id) == {"a"}
    assert within(STUDY_TYPES, s.id) == {"s"}
    assert (s.cohort, s.study) == (True, True)
    assert repository.harvest_container(AGENCY, "a") is None
    assert repository.harvest_container(AGENCY, "nul\0") is None
    boxes = repository.harvest_containers(limit=9)
    assert {box.identifier for box in boxes} == {"g", "w1", "w2", "s"}
    first = repository.harvest_containers(limit=3)
    assert first + repository.harvest_containers(after=first[-1].id, limit=9) == boxes
    assert repository.harvest_types([g.id, s.id]) == {g.id: ("Variable",), s.id: ("Variable",)}


def test_only_what_changed_has_another_date(repository: Repository) -> None:
    ingest(repository, group("g", study("s", Node("a"), Node("b"))), study("t", Node("c")))
    later(repository)

    ingest(repository, study("s", Node("a"), Node("b"), Node("d")))
    assert changed(repository) == {"g", "s", "d"}
    ingest(repository, study("s", Node("a", version="2", label="new"), Node("b")))
    assert changed(repository) == {"g", "s", "a"}
    ingest(repository, study("s", Node("a"), Node("b")), study("t", Node("c")))
    assert changed(repository) == set()
    ingest(repository, study("s", Node("k", "Category")))
    assert changed(repository) == {"g", "s"}
    assert len(everything(repository)) == 7


def test_what_comes_into_a_cohort_later_changes(repository: Repository) -> None:
    ingest(repository, study("s", Node("a")))
    ingest(repository, Node("b"))
    later(repository)

    ingest(repository, group("g", references=(refer("s", "StudyUnitReference"),)))
    assert changed(repository) == {"g", "s", "a"}
    assert names(everything(repository))["a"] == ("g", "s")
    box = repository.harvest_container(AGENCY, "s")
    assert box is not None
    assert not box.cohort

    cohort = repository.get(AGENCY, "g")[0].id
    revision = ingest(repository, Node("b"), Node("e"))
    assert changed(repository) == {"e"}
    with repository.ingest() as session:
        session.assign(revision.id, cohort)
    assert changed(repository) == {"g", "b", "e"}
    assert names(everything(repository))["b"] == ("g",)


def test_a_newer_version_of_a_study_can_let_go(repository: Repository) -> None:
    ingest(repository, study("s", Node("a"), Node("b")))
    later(repository)

    ingest(repository, study("s", Node("b"), version="2"))

    assert names(everything(repository)) == {"s": ("s",), "a": (), "b": ("s",)}
    assert changed(repository) == {"s", "a"}


def test_drafts_are_not_harvested(repository: Repository) -> None:
    draft = ingest(repository, study("s", Node("a")), status=Status.DRAFT)
    assert everything(repository) == []
    assert repository.earliest_change() is None

    repository.publish(draft.id)
    assert names(everything(repository)) == {"s": ("s",), "a": ("s",)}


def test_what_is_deprecated_stays_as_a_deleted_record(repository: Repository) -> None:
    ingest(repository, study("s", Node("a")))
    gone = ingest(repository, study("t", Node("a"), Node("b")))
    numbers = {record.identifier: record.id for record in everything(repository)}
    later(repository)

    repository.deprecate(gone.id)

    assert names(everything(repository)) == {"s": ("s",), "a": ("s",), "-t": ("t",), "-b": ("t",)}
    assert changed(repository) == {"-t", "-b", "a"}
    (deleted,) = (box for box in repository.harvest_containers(limit=9) if box.deleted)
    assert deleted.identifier == "t"
    assert set(names(everything(repository, HarvestFilter(("Variable",), deleted.id)))) == {"-b"}

    repository.publish(gone.id)
    assert names(everything(repository)) == {"s": ("s",), "a": ("s", "t"), "t": ("t",), "b": ("t",)}
    assert changed(repository) == {"t", "b", "a"}
    assert {record.identifier: record.id for record in everything(repository)} == numbers


def test_the_newest_version_that_is_left_is_the_record_again(repository: Repository) -> None:
    ingest(repository, study("s", Node("a")))
    newer = ingest(repository, study("s", Node("a", version="2"), version="2"))
    later(repository)

    repository.deprecate(newer.id)

    found = {record.identifier: record for record in everything(repository)}
    assert changed(repository) == {"s", "a"}
    assert [one.item.identification.version for one in repository.get_many([found["a"].item_id])] == ["1"]
    assert not found["a"].deleted
    assert found["a"].containers[0].identifier == "s"


def test_twins_are_one_record(repository: Repository) -> None:
    ingest(repository, study("s", Node("a", content="one"), Node("a", content="two")))

    (record,) = everything(repository, VARIABLES)
    assert record.item_id == repository.get(AGENCY, "a")[0].id


def test_one_record_by_its_identification(repository: Repository) -> None:
    ingest(repository, study("s", Node("a")))

    found = repository.harvest_record(AGENCY, "a")
    assert found is not None
    assert found in everything(repository)
    assert repository.harvest_record(AGENCY, "b") is None
    assert repository.harvest_record(AGENCY, "a\0") is None


def test_dates_are_whole_seconds_and_never_go_back(repository: Repository) -> None:
    before = datetime.now(UTC)
    ingest(repository, Node("a"))
    first = repository.earliest_change()
    assert first is not None
    assert (first.microsecond, first > before) == (0, True)

    with repository._engine.begin() as connection:
        future = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
        connection.execute(harvest_change.update().values(at=future))
    ingest(repository, Node("b"))
    assert {record.changed_at for record in everything(repository)} == {future}


def test_both_ends_of_a_window_are_in_it(repository: Repository) -> None:
    ingest(repository, Node("a"))
    (at,) = {record.changed_at for record in everything(repository)}
    second = timedelta(seconds=1)

    def found(since: datetime | None, until: datetime | None) -> int:
        wanted = HarvestFilter(("Variable",), since=since, until=until)
        assert repository.harvest_total(wanted) == len(everything(repository, wanted))
        return len(everything(repository, wanted))

    assert found(at, at) == 1
    assert found(at + second, None) == 0
    assert found(None, at - second) == 0
    assert found(at - second, at + second) == 1


def test_the_version_of_the_source_is_a_filter(repository: Repository) -> None:
    ingest(repository, study("s", Node("a")))

    def found(**versions: str) -> set[str]:
        return set(names(everything(repository, HarvestFilter(HARVESTED, ddi_versions=versions))))

    assert found(Variable="3.3") == found(Instrument="3.2") == {"s", "a"}
    assert found(Variable="3.2") == {"s"}
    assert found(Variable="3.2", StudyUnit="3.1") == set()


def test_a_list_by_number_is_whole_while_documents_come_and_go(repository: Repository) -> None:
    """Nothing is lost or repeated that was there all the time, whatever a writer does between two pieces."""
    for number in range(12):
        ingest(repository, study(f"s{number}", Node(f"v{number}")))
    steady = {f"v{number}" for number in range(12)}
    started, over = Event(), Event()

    def write() -> None:
        number = 0
        while not over.is_set():
            again = ingest(repository, study(f"n{number}", Node(f"x{number}"), Node(f"v{number % 12}")))
            repository.deprecate(again.id)
            started.set()
            number += 1

    writer = Thread(target=write)
    writer.start()
    try:
        assert started.wait(60)
        for _ in range(5):
            found = [record.identifier for record in everything(repository, VARIABLES, 1)]
            assert len(found) == len(set(found))
            assert steady <= set(found)
    finally:
        over.set()
        writer.join()


def brute_force(repository: Repository) -> dict[str, tuple[str, ...]]:
    """What there is to harvest: a set has what the current version holds, in whatever version that is."""
    found: dict[str, tuple[str, ...]] = {}
    for item in repository.list_items(ItemFilter(types=HARVESTED), limit=10_000):
        every = [one.id for one in repository.versions(item.identification.agency, item.identification.identifier)]
        held = [box for one in repository.containers_of(every).values() for box in (*one.cohorts, *one.studies)]
        own = [item] if item.type in STUDY_TYPES else []
        boxes = {box.identification.identifier for box in (*held, *own) if box.latest}
        found[item.identification.identifier] = tuple(sorted(boxes))
    return found


STEPS: tuple[Callable[[Repository], object], ...] = (
    lambda r: ingest(r, group("g", study("s", Node("a")), references=(refer("t", "StudyUnitReference"),))),
    lambda r: ingest(r, study("t", Node("b", references=(refer("q", "QuestionReference"),)), Node("a"))),
    lambda r: ingest(r, Node("q", "QuestionItem"), Node("z", "Instrument")),
    lambda r: ingest(r, study("t", Node("b", version="2"), version="2")),
    lambda r: ingest(r, group("h", study("u", Node("z", "Instrument"))), study("lone", Node("a"))),
    lambda r: r.deprecate(next(one for one in r.revisions(limit=99) if one.document_key.endswith(":h")).id),
    lambda r: ingest(r, group("g", study("s", Node("a")), version="2")),
    lambda r: r.deprecate(next(one for one in r.revisions(limit=99) if one.document_key.endswith(":g")).id),
)


def test_records_are_what_lists_show_after_every_step(repository: Repository) -> None:
    for step in STEPS:
        step(repository)
        current = [record for record in everything(repository) if not record.deleted]
        assert names(current) == brute_force(repository)


def test_the_migration_fills_the_records_from_what_is_there(new_store: Callable[[], str]) -> None:
    url = new_store()
    with open_repository(url) as repository:
        for step in STEPS[:5]:
            step(repository)
    engine = open_engine(url)
    with engine.begin() as connection:
        for name in ("harvest_member", "harvest", "harvest_change"):
            connection.execute(text(f"DROP TABLE {name}"))
        with Operations.context(MigrationContext.configure(connection)):
            v0004_harvest.upgrade()
    engine.dispose()

    with open_repository(url) as repository:
        found = everything(repository)
        assert names(found) == brute_force(repository)
        told = {record.identifier: record.changed_at for record in found}
        assert told["t"] >= told["a"]
        assert repository.earliest_change() == min(told.values())
        later(repository)
        ingest(repository, study("lone", Node("a"), Node("more")))
        assert changed(repository) == {"lone", "more"}


def test_a_change_of_nothing_leaves_no_trace(repository: Repository) -> None:
    ingest(repository, Node("a"))
    ingest(repository, Node("k", "Category"))
    with repository._engine.begin() as connection:
        assert len(connection.execute(select(harvest_change)).all()) == 1
        with pytest.raises(Exception, match=r"(?i)null"):
            connection.execute(insert(harvest_change).values(at=None))
