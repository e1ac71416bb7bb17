"""What indexers read of a store in bulk, and what the outbox tells them, on every engine."""

from __future__ import annotations

from catalogue.model.report import Status
from catalogue.store import Repository, open_repository
from tests.unit.store.builders import Document, Node, ingest, refer, study


def ids(repository: Repository) -> dict[str, int]:
    """Of all items by identifier; of several versions the last that came."""
    return {entry.urn.split(":")[3]: entry.item_id for entry in repository.outbox()}


def test_a_store_has_one_identity_for_life(store_url: str) -> None:
    with open_repository(store_url) as repository:
        first = repository.identity()
    with open_repository(store_url) as repository:
        assert repository.identity() == first
    assert len(first) == 32


def test_temporary_stores_are_different_stores() -> None:
    with open_repository("sqlite://") as one, open_repository("sqlite://") as other:
        assert one.identity() != other.identity()


def test_nodes_targets_children_sources(repository: Repository) -> None:
    codes = Node("l", "CodeList", children=[Node("k1", "Code"), Node("k2", "Code")])
    variable = Node("v", label="Age", name="AGE", references=[refer("l", "CodeListReference"), refer("c")])
    ingest(repository, Document([codes, variable, Node("c", "Concept")]))
    known, near = ids(repository), repository.neighbourhood
    node = near.nodes([known["v"], 999])[known["v"]]
    assert (node.reference, node.type, node.name, node.latest) == ("int.example/v", "Variable", "AGE", True)
    assert tuple(node.texts[0]) == ("Label/Content", "Age", "en")
    assert node.paths == ["CodeListReference", "ConceptReference"]
    steps = near.targets([known["v"]])[known["v"]]
    assert [(step.id, step.type, step.position) for step in steps] == [
        (known["l"], "CodeList", 0),
        (known["c"], "Concept", 1),
    ]
    assert [step.id for step in near.children([known["l"]], ["Code"])[known["l"]]] == [known["k1"], known["k2"]]
    (source,) = near.sources([known["c"]], ["Variable"])
    assert (source.id, source.target, source.latest) == (known["v"], known["c"], True)
    assert near.sources([known["c"]], ["QuestionItem"]) == []
    assert {parent.id for parent in near.parents([known["k1"]], ["CodeList"])} == {known["l"]}


def test_current_items_are_first_contents_of_latest_versions(repository: Repository) -> None:
    ingest(repository, Document([Node("v", version="1"), Node("w", label="one"), Node("w", label="two")]))
    ingest(repository, Document([Node("v", version="2")]))
    ingest(repository, Document([Node("x")]), Status.DRAFT)
    near = repository.neighbourhood
    found = near.current(["Variable"])
    shown = repository.get_many(found)
    assert [(one.item.identification.identifier, one.item.identification.version) for one in shown] == [
        ("w", "1"),
        ("v", "2"),
    ]
    assert near.current(["Variable"], after=found[0]) == found[1:]
    assert near.current(["Variable"], limit=1) == found[:1]
    assert near.current(["Concept"]) == ()
    assert near.shown(range(20), ["Variable"]) == frozenset(found)
    assert set(near.siblings([found[1]]).values()) == {"Variable"}
    assert len(near.siblings([found[1]])) == 2
    assert near.expected(["Variable"]) >= len(found)


def test_places_agree_with_containers(repository: Repository) -> None:
    wave = study("s", Node("e", "CollectionEvent", children=[Node("m", "ModeOfCollection")]), Node("v"))
    ingest(repository, Document([Node("g", "Group", children=[wave, study("t", Node("w"))])]))
    known, near = ids(repository), repository.neighbourhood
    holders = near.holders([known["v"]])[known["v"]]
    boxes = near.boxes(holders)
    places = repository.containers(known["v"])
    for name in ("cohort", "study"):
        listed = getattr(places, {"cohort": "cohorts", "study": "studies"}[name])
        assert {box.id for box in boxes.values() if getattr(box, name)} == {one.id for one in listed}
    assert {box.id for box in boxes.values() if box.wave} == {one.id for one in places.waves} == {known["s"]}
    assert near.held([known["g"]], ["CollectionEvent"]) == {known["g"]: [known["e"]]}
    members = near.members([known["g"]], ["Variable"], after=0, limit=10)
    assert members == tuple(sorted((known["v"], known["w"])))


def test_the_outbox_tells_of_items_that_join(repository: Repository) -> None:
    ingest(repository, Document([Node("q", "QuestionItem"), Node("r", "QuestionItem")]))
    shared = ids(repository)
    mark = repository.last_change()
    ingest(repository, Document([study("s", Node("v", references=[refer("q", "QuestionReference")]))]))
    joined = [entry for entry in repository.outbox(mark) if entry.event == "joined"]
    assert [entry.item_id for entry in joined] == [shared["q"]]


def test_a_draft_that_is_published_tells_of_items_that_join(repository: Repository) -> None:
    ingest(repository, Document([Node("q", "QuestionItem")]))
    document = Document([study("s", Node("v", references=[refer("q", "QuestionReference")]))])
    draft = ingest(repository, document, Status.DRAFT).revision
    mark = repository.last_change()
    repository.publish(draft.id)
    events = sorted((entry.event, entry.type) for entry in repository.outbox(mark))
    assert events == [("joined", "QuestionItem"), ("published", "StudyUnit"), ("published", "Variable")]


def test_fresh_is_what_no_earlier_revision_holds(repository: Repository) -> None:
    ingest(repository, Document([Node("a")]))
    second = ingest(repository, Document([Node("a"), Node("b")])).revision
    known = ids(repository)
    assert repository.neighbourhood.fresh(second.id, known.values()) == {known["b"]}


def test_what_a_revision_holds_of_some_types(repository: Repository) -> None:
    first = ingest(repository, Document([study("s", Node("a")), Node("s2", "StudyUnit")])).revision
    again = ingest(repository, Document([study("s", Node("a")), Node("c", "Concept")])).revision
    draft = ingest(repository, Document([study("d")]), Status.DRAFT).revision
    known = ids(repository)
    holdings = repository.holdings
    assert sorted(holdings.in_revision(first.id, ("StudyUnit", "Group"))) == sorted((known["s"], known["s2"]))
    assert sorted(holdings.in_revision(again.id, ("StudyUnit", "Variable"))) == sorted((known["s"], known["a"]))
    assert holdings.in_revision(first.id, ("Concept",)) == holdings.in_revision(draft.id, ("StudyUnit",)) == ()
    repository.deprecate(again.id)
    assert holdings.in_revision(again.id, ("StudyUnit",)) == ()
