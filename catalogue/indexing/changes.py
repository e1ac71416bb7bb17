"""From outbox entries to the documents that they change: the items themselves, and what is fed by them.

What an item feeds is found by reading ``feeding`` backwards, level by level. Only an item that was not published before
feeds anything new: a category that every document repeats changes nothing. A study that changes, or whose events or
terms of access do, changes everything in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from catalogue.indexing.feeding import (
    CONTAINERS,
    FED_BY_CONTAINMENT,
    FED_BY_REFERENCE,
    INDEXED,
    QUESTIONS,
    ROUTING,
    STATISTICS,
    STUDIES,
    TELLING,
)
from catalogue.store import Repository
from catalogue.store.neighbourhood import Neighbourhood
from catalogue.store.records import OutboxEntry

_PUBLISHED: Final = "published"
_DEPRECATED: Final = "deprecated"
_DEEPEST: Final = 80
_PIECE: Final = 5_000
# What the documents of other items tell of it besides its contents: where it is held.
_HELD_MATTERS: Final = frozenset((*QUESTIONS, *CONTAINERS, *TELLING, "Instrument"))
# What tells in its latest version only: when a newer one comes, what the older one told is gone.
_LATEST_TELLS: Final = frozenset((*CONTAINERS, *TELLING, "Instrument", STATISTICS))
# Type -> types of what it refers to and feeds: the other way round than ``feeding.REFERENCES``.
_DOWN: Final = {
    **dict.fromkeys(ROUTING, frozenset((*ROUTING, *QUESTIONS))),
    STATISTICS: frozenset(("Variable",)),
}
_Ids = dict[int, str]  # item id -> type


@dataclass(frozen=True, slots=True)
class Changes:
    """What outbox entries change.

    Attributes:
        items: ids, of whatever type, whose documents may be different.
        containers: ids of studies, cohorts and events; the documents of all that these hold may be different.
    """

    items: frozenset[int] = frozenset()
    containers: frozenset[int] = frozenset()


@dataclass(slots=True)
class _Spread:
    """Changes while they spread."""

    touched: _Ids = field(default_factory=dict)
    containers: set[int] = field(default_factory=set)


def changes(repository: Repository, entries: Sequence[OutboxEntry]) -> Changes:
    """What entries of the outbox change, read from one state of the store.

    Raises:
        StorageError: the store cannot be read.
    """
    with repository.snapshot():
        neighbourhood = repository.neighbourhood
        moved = _moving(neighbourhood, entries)
        others = neighbourhood.siblings([entry.item_id for entry in entries])
        moved |= {one: type_ for one, type_ in others.items() if type_ in _LATEST_TELLS and one not in moved}
        spread = _Spread()
        _spread(neighbourhood, moved, spread)
        return Changes(frozenset(spread.touched) | frozenset(others), frozenset(spread.containers))


def _moving(neighbourhood: Neighbourhood, entries: Sequence[OutboxEntry]) -> _Ids:
    """Of the entries' items those that change others: new ones, deprecated ones, and those held elsewhere now."""
    found: _Ids = {}
    for (event, revision), some in groupby(entries, key=lambda entry: (entry.event, entry.revision)):
        types = {entry.item_id: entry.type for entry in some}
        if event == _DEPRECATED:
            found |= types
        elif event == _PUBLISHED:
            fresh = neighbourhood.fresh(revision, types)
            found |= {one: type_ for one, type_ in types.items() if one in fresh}
        else:
            found |= {one: type_ for one, type_ in types.items() if type_ in _HELD_MATTERS}
    return found


def _spread(neighbourhood: Neighbourhood, start: _Ids, spread: _Spread) -> None:
    level = start
    for _ in range(_DEEPEST):
        new = {one: type_ for one, type_ in level.items() if one not in spread.touched}
        if not new:
            return
        spread.touched |= new
        spread.containers.update(_told_by(neighbourhood, new))
        level = dict(_fed_by(neighbourhood, new))


def _fed_by(neighbourhood: Neighbourhood, items: _Ids) -> Iterator[tuple[int, str]]:
    """One step: the items that these feed."""
    for types, some in _grouped(items, FED_BY_REFERENCE):
        yield from ((source.id, source.type) for source in neighbourhood.sources(some, types))
    for types, some in _grouped(items, FED_BY_CONTAINMENT):
        yield from ((parent.id, parent.type) for parent in neighbourhood.parents(some, types))
    for types, some in _grouped(items, _DOWN):
        targets = neighbourhood.targets(some)
        yield from ((step.id, step.type) for steps in targets.values() for step in steps if step.type in types)


def _grouped(items: _Ids, table: Mapping[str, frozenset[str]]) -> Iterator[tuple[frozenset[str], Sequence[int]]]:
    """Items by the types that a table leads them to."""
    found: dict[frozenset[str], list[int]] = defaultdict(list)
    for one, type_ in items.items():
        if types := table.get(type_):
            found[types].append(one)
    return iter(found.items())


def _told_by(neighbourhood: Neighbourhood, items: _Ids) -> set[int]:
    """The containers whose members these items change: containers themselves, and those that hold what tells."""
    own = {one for one, type_ in items.items() if type_ in CONTAINERS}
    telling = [one for one, type_ in items.items() if type_ in TELLING]
    holders = {box for some in neighbourhood.holders(telling).values() for box in some}
    return own | holders | _groups_of_few(neighbourhood, [one for one, type_ in items.items() if type_ in STUDIES])


def _groups_of_few(neighbourhood: Neighbourhood, studies: Collection[int]) -> set[int]:
    """The Groups in which these studies are all but one: there a study may just have become one of several waves."""
    holders = neighbourhood.holders(studies)
    inside = neighbourhood.held({box for some in holders.values() for box in some}, ("StudyUnit",))
    known = frozenset(studies)
    return {box for box, some in inside.items() if len([one for one in some if one not in known]) <= 1}


def keys(repository: Repository, changed: Changes) -> Iterator[tuple[Sequence[int], Sequence[int]]]:
    """The documents of changes, in pieces: ids to index, ids to take out."""
    found = sorted(changed.items)
    for start in range(0, len(found), _PIECE):
        yield _sorted_out(repository, found[start : start + _PIECE])
    after = 0
    while changed.containers:
        some = repository.neighbourhood.members(sorted(changed.containers), INDEXED, after=after, limit=_PIECE)
        if not some:
            return
        after = some[-1]
        yield _sorted_out(repository, [one for one in some if one not in changed.items])


def _sorted_out(repository: Repository, item_ids: Sequence[int]) -> tuple[Sequence[int], Sequence[int]]:
    shown = repository.neighbourhood.shown(item_ids, INDEXED)
    return sorted(shown), [one for one in item_ids if one not in shown]
