"""Which document revisions' triples a change of the store makes different.

An item's triples name what it refers to, what it stands in, what stands in it, the versions beside it and what it
belongs to; those of a code list have the labels of its categories, those of a cohort or wave the texts of whatever it
holds. So from the items of a change it goes to all their versions, two steps up along references and containment (a
category, its code, the code list), and to what holds them. Rather too many than too few: a graph that is made again
without need is the same.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from itertools import groupby
from typing import Final

from catalogue.following import changes_after
from catalogue.store import Repository
from catalogue.store.records import OutboxEntry

_STEPS: Final = 2
_STUDIES: Final = ("Group", "StudyUnit")
_PIECE: Final = 5_000


def revisions_changed_after(repository: Repository, change: int, positions: Collection[int] = ()) -> dict[str, int]:
    """The published revisions whose triples may be different after a change, and the newest change that it may be of.

    Args:
        repository: the store of record.
        change: the last one that is known.
        positions: changes that the answer is compared with: of each revision it is above such a one only if a change
            above it may be the cause, and else names any change up to there.

    Raises:
        StorageError: the store cannot be read.
    """
    found: dict[str, int] = {}
    cuts = sorted(positions)
    for entries in changes_after(repository, change, _PIECE):
        for _, run in groupby(entries, key=lambda entry: bisect_left(cuts, entry.id)):
            some = tuple(run)
            found.update(dict.fromkeys(affected(repository, some), some[-1].id))
    return found


def affected(repository: Repository, entries: Sequence[OutboxEntry]) -> frozenset[str]:
    """The published revisions whose triples some entries of the outbox may have changed, from one state."""
    holdings = repository.holdings
    with repository.snapshot():
        items = {entry.item_id for entry in entries} | {*repository.neighbourhood.siblings(_ids(entries))}
        touched = set(items)
        level: Collection[int] = items
        for _ in range(_STEPS):
            level = (holdings.referring(level) | holdings.around(level)) - touched
            touched |= level
        # What tells of a cohort or wave as a whole: itself, the waves beside it, and whatever names it.
        changed = holdings.typed(items, _STUDIES)
        holders = holdings.holding(touched)
        waves = _waves(repository, holdings.typed(holders, ("Group",)) & (changed | holdings.holding(changed)))
        named = holdings.revisions_with_members(changed)
        return holdings.revisions_with(touched | holders | waves) | named


def _ids(entries: Iterable[OutboxEntry]) -> list[int]:
    return [entry.item_id for entry in entries]


def _waves(repository: Repository, cohorts: Collection[int]) -> frozenset[int]:
    held = repository.neighbourhood.held(cohorts, ("StudyUnit",))
    return frozenset(one for some in held.values() for one in some)
