"""Resolution, membership, latest versions and lists against a plain model in Python, on random documents."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalogue.model.identity import version_key
from catalogue.model.items import Reference
from catalogue.model.report import Status
from catalogue.store import Repository
from catalogue.store.records import ItemFilter, ItemSummary
from tests.unit.store.builders import Document, Node, ingest, refer, walk

Key = tuple[str, str, str]  # agency, identifier, version

AGENCIES = ("a.one", "b.two")
VERSIONS = ("1", "2", "10")
# identifier -> type; the identifier decides, as in real documents
TYPES = {
    "g": "Group",
    "s": "StudyUnit",
    "t": "StudyUnit",
    "e": "CollectionEvent",
    "d": "DataCollection",
    "v": "Variable",
    "w": "Variable",
    "c": "Concept",
}
CONTAINERS = ("Group", "StudyUnit", "CollectionEvent")


@dataclass(frozen=True)
class Universe:
    """What every identification refers to, wherever it stands, and documents as (parent index, key) lists."""

    contents: dict[Key, tuple[Reference, ...]]
    documents: list[list[tuple[int, Key]]]


def any_key(random: Random) -> Key:
    """Mostly the first agency and version, so that references meet."""
    agency = random.choice((AGENCIES[0],) * 6 + AGENCIES)
    return agency, random.choice(sorted(TYPES)), random.choice((VERSIONS[0],) * 4 + VERSIONS)


def any_reference(random: Random, late: bool) -> Reference:
    agency, identifier, version = any_key(random)
    role = random.choice(["ConceptReference", "ConceptReference", "BasedOnReference"])
    return refer(identifier, role, version, agency, late_bound=late and random.random() < 0.3)


@st.composite
def universes(draw: st.DrawFn) -> Universe:
    """Dense enough that most references lead somewhere and items are shared between documents."""
    random = draw(st.randoms(use_true_random=False))
    late = draw(st.booleans())
    every = [(agency, identifier, version) for agency in AGENCIES for identifier in TYPES for version in VERSIONS]
    contents = {key: tuple(any_reference(random, late) for _ in range(random.randrange(3))) for key in every}
    documents = [
        [(random.randrange(9), any_key(random)) for _ in range(random.randrange(1, 9))]
        for _ in range(draw(st.integers(1, 4)))
    ]
    return Universe(contents, documents)


def trees(universe: Universe, rows: list[tuple[int, Key]]) -> list[Node]:
    """Item number n stands inside item number ``parent`` if that came before, else at the top."""
    children: dict[int | None, list[int]] = defaultdict(list)
    for number, (parent, _) in enumerate(rows):
        children[parent if parent < number else None].append(number)

    def node(number: int) -> Node:
        agency, identifier, version = rows[number][1]
        return Node(
            identifier,
            TYPES[identifier],
            version,
            agency,
            label=f"{identifier} {len(universe.contents)}",
            references=universe.contents.get(rows[number][1], ()),
            children=[node(child) for child in children[number]],
        )

    return [node(number) for number in children[None]]


class Model:
    """The brute-force truth about a set of published documents."""

    def __init__(self, documents: Iterable[list[Node]]) -> None:
        self.items: dict[Key, Node] = {}
        self.inside: set[tuple[Key, Key]] = set()
        for nodes in documents:
            for node, parent in walk(nodes):
                self.items[key_of(node)] = node
                if parent is not None:
                    self.inside.add((key_of(parent), key_of(node)))

    def latest(self, agency: str, identifier: str) -> str | None:
        versions = [key[2] for key in self.items if key[:2] == (agency, identifier)]
        return max(versions, key=version_key, default=None)

    def is_latest(self, key: Key) -> bool:
        return self.latest(*key[:2]) == key[2]

    def target(self, reference: Reference) -> Key | str:
        agency, identifier, version = reference.agency, reference.identifier, reference.version
        latest = self.latest(agency, identifier)
        if reference.late_bound and latest:
            return agency, identifier, latest
        if (agency, identifier, version) in self.items:
            return agency, identifier, version
        if latest:
            return "other-version"
        return "other-agency" if any(key[1] == identifier for key in self.items) else "absent"

    def held(self, container: Key) -> set[Key]:
        """Everything that a container reaches, itself excluded."""
        edges: dict[Key, set[Key]] = defaultdict(set)
        for parent, child in self.inside:
            edges[parent].add(child)
        for key, node in self.items.items():
            for reference in node.references:
                target = self.target(reference)
                if reference.role != "BasedOnReference" and not isinstance(target, str):
                    edges[key].add(target)
        kind = TYPES[container[1]]
        seen, todo = {container}, [container]
        while todo:
            source = todo.pop()
            for target in edges[source] - seen:
                if reaches(kind, TYPES[source[1]], TYPES[target[1]]):
                    seen.add(target)
                    todo.append(target)
        return seen - {container}


def key_of(node: Node) -> Key:
    return node.agency, node.identifier, node.version


def reaches(container: str, source: str, target: str) -> bool:
    if target in ("Group", "StudyUnit"):
        return container == "Group" and source == "Group"
    return not (container == "CollectionEvent" and target == "DataCollection")


def key(item: ItemSummary) -> Key:
    identification = item.identification
    return identification.agency, identification.identifier, identification.version


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(universe=universes(), drafts=st.lists(st.booleans(), min_size=4, max_size=4))
def test_the_store_agrees_with_the_model(
    new_repository: Callable[[], Repository], universe: Universe, drafts: list[bool]
) -> None:
    repository = new_repository()
    documents = [trees(universe, rows) for rows in universe.documents]
    check_ingest(repository, documents, drafts)
    model = Model(documents)
    ids = {key(item): item.id for item in everything(repository, ItemFilter(latest_only=False))}

    assert ids.keys() == model.items.keys()
    check_references(repository, model, ids)
    check_latest(repository, model)
    check_members(repository, model, ids)
    repository.close()


def check_ingest(repository: Repository, documents: list[list[Node]], drafts: list[bool]) -> None:
    """Publish at once, or leave as a draft and publish later, in another order."""
    waiting = []
    for number, (nodes, draft) in enumerate(zip(documents, drafts, strict=False)):
        document = Document(nodes, salt=str(number))
        done = ingest(repository, document, Status.DRAFT if draft else Status.PUBLISHED)
        found = sum(counts["found"] for counts in done.revision.receipt.values())
        assert found == len(document.items)
        if draft:
            waiting.append(done.revision.id)
    for revision in reversed(waiting):
        repository.publish(revision)


def everything(repository: Repository, wanted: ItemFilter) -> list[ItemSummary]:
    """A whole list, in pieces of three."""
    page = repository.list_items(wanted, limit=3)
    found = list(page)
    while page.next_cursor:
        page = repository.list_items(wanted, cursor=page.next_cursor, limit=3)
        found += page
    assert page.total == len(found) == len({item.id for item in found})
    return found


def check_references(repository: Repository, model: Model, ids: dict[Key, int]) -> None:
    incoming: Counter[Key] = Counter()
    outgoing = repository.outgoing_many(list(ids.values()))
    for where, node in model.items.items():
        expected = [model.target(reference) for reference in node.references]
        found = [one.status.value if one.target is None else key(one.target) for one in outgoing[ids[where]]]
        assert found == expected
        incoming.update(target for target in expected if not isinstance(target, str))
    for where, item_id in ids.items():
        assert sum(repository.incoming_roles(item_id).values()) == incoming[where]
        assert repository.incoming(item_id).total == incoming[where]


def check_latest(repository: Repository, model: Model) -> None:
    latest = {key(item) for item in everything(repository, ItemFilter())}
    assert latest == {where for where in model.items if model.latest(*where[:2]) == where[2]}
    assert repository.stats().items == Counter(TYPES[where[1]] for where in latest)


def several_versions_within_groups(model: Model) -> bool:
    """Whether a Group holds another or a StudyUnit of which there are several versions."""
    versions = Counter(where[:2] for where in model.items)
    groups = [where for where in model.items if TYPES[where[1]] == "Group"]
    within = {held for group in groups for held in model.held(group) - {group}}
    return any(TYPES[held[1]] in ("Group", "StudyUnit") and versions[held[:2]] > 1 for held in within)


def check_members(repository: Repository, model: Model, ids: dict[Key, int]) -> None:
    """Late-bound references that moved on leave their former targets where they were, and so does a wave or a cohort
    within another: a new version of it stays in the cohort that holds the old one."""
    moved = any(r.late_bound for node in model.items.values() for r in node.references)
    exact = not moved and not several_versions_within_groups(model)
    held: dict[Key, set[Key]] = {}
    for where, item_id in ids.items():
        if TYPES[where[1]] not in CONTAINERS:
            continue
        found = {key(item) for item in everything(repository, ItemFilter(containers=(item_id,), latest_only=False))}
        expected = model.held(where)
        assert found == expected if exact else found >= expected
        held[where] = found
        check_contents(repository, model, ids, where, found)
    alone = {key(item) for item in everything(repository, ItemFilter(unassigned=True, latest_only=False))}
    assert alone == ids.keys() - held.keys() - {one for some in held.values() for one in some}
    check_homes(repository, model, ids, held)


def newest(keys: Iterable[Key]) -> set[Key]:
    """Of several versions the newest."""
    last: dict[tuple[str, str], Key] = {}
    for one in sorted(keys, key=lambda one: version_key(one[2])):
        last[one[:2]] = one
    return set(last.values())


def check_contents(repository: Repository, model: Model, ids: dict[Key, int], where: Key, held: set[Key]) -> None:
    """A container counts and lists the newest of what it reached of each item."""
    expected = newest(held)
    assert {key(item) for item in everything(repository, ItemFilter(containers=(ids[where],)))} == expected
    summary = repository.cohort(ids[where])
    assert summary is not None
    assert summary.counts == Counter(TYPES[one[1]] for one in expected)
    inside = repository.neighbourhood.held([ids[where]], list(TYPES.values())).get(ids[where], ())
    assert set(inside) - {ids[where]} == {ids[one] for one in expected}


def check_homes(repository: Repository, model: Model, ids: dict[Key, int], held: dict[Key, set[Key]]) -> None:
    """An item belongs to the current containers that hold it; without a current study, to the last that held it.

    A container in an older version of itself is at home in itself.
    """
    found = repository.neighbourhood.holders(list(ids.values()))
    places = repository.containers_of(list(ids.values()))
    for one, item_id in ids.items():
        around = {where for where, some in held.items() if one in some}
        itself = {one} & held.keys()
        current = {where for where in around | itself if model.is_latest(where)}
        homes = ("StudyUnit", "Group")
        at_home = any(TYPES[where[1]] in (homes if where == one else homes[:1]) for where in current)
        expected = (current if at_home else newest(around | itself)) - {one}
        assert set(found.get(item_id, ())) == {ids[where] for where in expected}
        shown = places[item_id]
        assert {key(box) for box in (*shown.cohorts, *shown.studies, *shown.waves)} <= expected
        assert {key(box) for box in shown.studies} == {where for where in expected if TYPES[where[1]] == "StudyUnit"}
