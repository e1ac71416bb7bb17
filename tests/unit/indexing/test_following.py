"""Whatever comes in whatever order: an index that follows the store holds what one built anew holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import pytest

from catalogue.errors import ConflictError
from catalogue.indexing import Indexer
from catalogue.indexing.feeding import CHILDREN, REFERENCES
from catalogue.model.items import Reference
from catalogue.model.report import Status
from catalogue.search.port import Facet
from catalogue.store import Repository, open_repository
from tests.conftest import CorpusFile
from tests.unit.indexing.shelves import Shelf
from tests.unit.indexing.stores import example, keep, take_in
from tests.unit.store.builders import Document, Node, ingest, refer, study

EXAMPLES = ("common.xml", "dmfsh.xml", "e3n-generations.xml")
AGENCIES = ("a.one", "b.two")
VERSIONS = ("1", "2", "1.0")
TYPES = (
    *("Variable",) * 4,
    *("QuestionItem", "QuestionGrid", "MeasurementItem", "Concept", "Universe", "CodeList", "Category", "Code") * 2,
    *("RepresentedVariable", "ConceptualVariable", "QuestionBlock", "ManagedNumericRepresentation", "Instruction"),
    *("Instrument", "Sequence", "QuestionConstruct", "VariableStatistics", "CollectionEvent", "ModeOfCollection") * 2,
    *("Group", "StudyUnit", "StudyUnit", "DefaultAccess", "TemporalCoverage", "Organization", "VariableScheme"),
)
ROLES = {
    ("Concept", "Concept"): "SubclassOfReference",
    ("StudyUnit", "Organization"): "CreatorReference",
    ("Group", "Organization"): "CreatorReference",
}
# What the tables of feeding do not name, and changes documents all the same.
OTHERWISE = {
    "QuestionConstruct": ("QuestionItem", "QuestionGrid", "Instruction"),
    "Sequence": ("QuestionConstruct", "Sequence"),
    "Instrument": ("Sequence", "QuestionConstruct"),
    "VariableStatistics": ("Variable",),
    "CollectionEvent": ("Instrument",),
    "Group": ("StudyUnit", "Universe", "VariableScheme", "DefaultAccess"),
    "StudyUnit": ("VariableScheme", "CollectionEvent", "Variable", "DefaultAccess", "Instrument"),
    "VariableScheme": ("Variable",),
}
Key = tuple[str, str, str]  # agency, identifier, version


@dataclass
class World:
    """What every identification holds wherever it stands, and what happens."""

    random: Random
    number: int

    def __post_init__(self) -> None:
        self.types = {f"{type_[:2]}{n}": type_ for n, type_ in enumerate(self.random.choices(TYPES, k=self.number))}
        self.by_type: dict[str, list[str]] = defaultdict(list)
        for identifier, type_ in self.types.items():
            self.by_type[type_].append(identifier)
        self._references: dict[Key, tuple[Reference, ...]] = {}

    def key(self, identifier: str | None = None) -> Key:
        random = self.random
        version = random.choice(("1",) * 5 + VERSIONS)
        return random.choice(("a.one",) * 8 + AGENCIES), identifier or random.choice(sorted(self.types)), version

    def references(self, key: Key) -> tuple[Reference, ...]:
        """Always the same for one identification; mostly such as feed something."""
        if key not in self._references:
            type_ = self.types[key[1]]
            wanted = [*REFERENCES.get(type_, ()), *OTHERWISE.get(type_, ())]
            near = sorted(one for target in sorted(wanted) for one in self.by_type[target])
            chosen = self.random.choices(near, k=self.random.randrange(4)) if near else []
            self._references[key] = tuple(self._reference(type_, one) for one in chosen)
        return self._references[key]

    def _reference(self, type_: str, identifier: str) -> Reference:
        agency, _, version = self.key(identifier)
        role = ROLES.get((type_, self.types[identifier]), f"{self.types[identifier]}Reference")
        role = "BasedOnReference" if self.random.random() < 0.1 else role
        return refer(identifier, role, version, agency, late_bound=self.random.random() < 0.3)

    def document(self) -> list[Node]:
        """A few items, nested where one type stands in the other, or anyhow."""
        keys = [self.key() for _ in range(self.random.randrange(1, 9))]
        children: dict[int | None, list[int]] = defaultdict(list)
        for number, key in enumerate(keys):
            type_ = self.types[key[1]]
            apt = [n for n in range(number) if type_ in CHILDREN.get(self.types[keys[n][1]], ())]
            anyhow = self.random.choice([None, *range(number)])
            children[self.random.choice(apt) if apt else anyhow].append(number)
        return [self._node(number, keys, children) for number in children[None]]

    def _node(self, number: int, keys: Sequence[Key], children: dict[int | None, list[int]]) -> Node:
        agency, identifier, version = keys[number]
        inside = [self._node(child, keys, children) for child in children[number]]
        label = f"{identifier} {version}" + (" biosample" if identifier.endswith("3") else "")
        references = self.references(keys[number])
        # the reader's digest covers which items stand inside
        content = str([(one.agency, one.identifier, one.version) for one in inside])
        type_ = self.types[identifier]
        return Node(identifier, type_, version, agency, label, None, None, references, inside, content)


def same(followed: Shelf, repository: Repository) -> None:
    """Fail where documents differ from those of an index built anew."""
    anew = Shelf()
    Indexer(repository, anew).rebuild()
    assert followed.documents.keys() == anew.documents.keys()
    for key, document in anew.documents.items():
        assert followed.documents[key] == document
    assert followed.position == anew.position


def happen(repository: Repository, world: World, drafts: list[str]) -> None:
    """One thing that changes a store."""
    chance = world.random.random()
    try:
        if drafts and chance < 0.25:
            repository.publish(drafts.pop(world.random.randrange(len(drafts))))
            return
        cohorts = [one.item.id for one in repository.cohorts()]
        cohort = world.random.choice(cohorts) if cohorts and chance > 0.7 else None
        status = Status.DRAFT if chance < 0.4 else Status.PUBLISHED
        revision = ingest(repository, Document(world.document()), status, cohort).revision
        if status is Status.DRAFT:
            drafts.append(revision.id)
        elif cohorts and chance > 0.6 and cohort is None:
            with repository.ingest() as session:
                session.assign(revision.id, world.random.choice(cohorts))
    except ConflictError:
        pass


def follows(random: Random, number: int, steps: int, entries: int) -> None:
    """Let things happen to a store and follow it after each."""
    with open_repository("sqlite://") as repository:
        world, drafts, shelf = World(random, number), list[str](), Shelf()
        indexer = Indexer(repository, shelf, batch=50, entries=entries)
        for _ in range(steps):
            happen(repository, world, drafts)
            indexer.catch_up()
            same(shelf, repository)
        assert shelf.rebuilds == 1
        assert indexer.skipped == 0


@pytest.mark.parametrize("seed", range(15))
def test_an_index_that_follows_is_an_index_built_anew(seed: int) -> None:
    random = Random(seed)
    follows(random, random.randrange(3, 40), 8, random.choice((3, 5000)))


@pytest.mark.parametrize("order", [1, -1])
def test_the_examples_in_any_order(order: int) -> None:
    shelf = Shelf()
    with open_repository("sqlite://") as repository:
        indexer = Indexer(repository, shelf)
        for name in EXAMPLES[::order]:
            keep(repository, example(name), name)
            indexer.catch_up()
        same(shelf, repository)
    assert shelf.rebuilds == 1


def test_the_corpus(lifecycle_corpus: tuple[CorpusFile, ...]) -> None:
    """Real documents on end, whose items meet in part."""
    small = [file for file in lifecycle_corpus if file.path.stat().st_size < 40_000]
    shelf = Shelf()
    with open_repository("sqlite://") as repository:
        indexer = Indexer(repository, shelf)
        for file in sorted(small, key=lambda file: file.name):
            take_in(repository, file.read(), file.name)
            indexer.catch_up()
        same(shelf, repository)
        assert indexer.skipped == 0
    assert shelf.rebuilds == 1


def asked(identifier: str) -> list[Node]:
    """A question that an instrument asks."""
    construct = Node("k", "QuestionConstruct", references=[refer(identifier, "QuestionReference")])
    instrument = Node("i", "Instrument", references=[refer("k", "ControlConstructReference")])
    return [Node(identifier, "QuestionItem", label="Smoking?"), construct, instrument]


def test_an_instrument_that_joins_another_study_leaves_the_variables_of_this_one() -> None:
    shelf = Shelf()
    variable = Node("v", references=[refer("q", "QuestionReference")])
    later = study("t", references=[refer("i", "InstrumentReference")])
    with open_repository("sqlite://") as repository:
        indexer = Indexer(repository, shelf)
        ingest(repository, Document([*asked("q"), study("s", variable)]))
        indexer.catch_up()
        assert instruments(shelf, "Variable") == {("int.example/i",)}
        ingest(repository, Document([later]))
        indexer.catch_up()
        assert instruments(shelf, "Variable") == {()}
        same(shelf, repository)


def instruments(shelf: Shelf, type_: str) -> set[tuple[str, ...]]:
    return {
        document.facets.get(Facet.INSTRUMENT, ())
        for document in shelf.documents.values()
        if document.facets[Facet.TYPE] == (type_,)
    }


def test_the_events_of_an_only_study_are_waves_until_a_second_study_comes() -> None:
    shelf = Shelf()
    events = [Node(f"e{n}", "CollectionEvent", references=[refer("i", "InstrumentReference")]) for n in (1, 2)]
    group = Node("g", "Group", children=[study("s", *asked("q"), *events)])
    with open_repository("sqlite://") as repository:
        indexer = Indexer(repository, shelf)
        ingest(repository, Document([group]))
        indexer.catch_up()
        assert waves(shelf) == {"int.example/s", "int.example/e1", "int.example/e2"}
        (cohort,) = repository.cohorts()
        ingest(repository, Document([study("t")]), cohort=cohort.item.id)
        indexer.catch_up()
        assert waves(shelf) == {"int.example/s"}
        same(shelf, repository)


def waves(shelf: Shelf) -> set[str]:
    questions = (one for one in shelf.documents.values() if one.facets[Facet.TYPE] == ("QuestionItem",))
    return {wave for question in questions for wave in question.facets[Facet.WAVE]}


def test_what_a_study_lets_go_stays_with_it_as_long_as_nothing_current_holds_it() -> None:
    """A cohort and wave in new versions, which are deprecated again; a study that takes in what was let go."""
    shelf = Shelf()
    first = Node("g", "Group", children=[study("s", Node("kept"), Node("dropped"))])
    newer = Node("g", "Group", version="2", children=[study("s", Node("kept"), version="2")])
    with open_repository("sqlite://") as repository:
        indexer = Indexer(repository, shelf)

        def homes() -> dict[str, tuple[str, ...]]:
            indexer.catch_up()
            same(shelf, repository)
            found = {one.item.identification.identifier: one.id for one in repository.get_many(list(shelf.documents))}
            facets = {name: shelf.documents[found[name]].facets for name in ("kept", "dropped")}
            return {
                name: tuple(value.removeprefix("int.example/") for facet in _PLACES for value in some.get(facet, ()))
                for name, some in facets.items()
            }

        ingest(repository, Document([first]))
        assert homes() == {"kept": ("g", "s", "s"), "dropped": ("g", "s", "s")}
        revision = ingest(repository, Document([newer])).revision
        assert homes() == {"kept": ("g", "s", "s"), "dropped": ("g", "s", "s")}
        ingest(repository, Document([study("t", references=[refer("dropped", "VariableReference")])]))
        assert homes() == {"kept": ("g", "s", "s"), "dropped": ("t", "t")}
        repository.deprecate(revision.id)
        assert homes() == {"kept": ("g", "s", "s"), "dropped": ("g", "t", "s", "t", "s")}


_PLACES = (Facet.COHORT, Facet.STUDY, Facet.WAVE)
