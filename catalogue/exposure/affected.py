"""Which document revisions' triples a change of the store makes different.

An item's triples name what it refers to, what it stands in, what stands in it, the versions beside it and what it
belongs to; those of a code list have the labels of its categories, those of a cohort or wave the texts of whatever it
holds. So from the items of a change it goes to all their versions, two steps up along references and containment (a
category, its code, the code list), and to what holds them. Rather too many than too few: a graph that is made again
without need is the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from catalogue.store import Repository
from catalogue.store.records import OutboxEntry

_STEPS: Final = 2
_STUDIES: Final = ("Group", "StudyUnit")
_PIECE: Final = 5_000


def revisions_changed_after(repository: Repository, change: int) -> dict[str, int]:
    """The published revisions whose triples may be different after a change, and the newest change that it may be of.

    Raises:
        StorageError: the store cannot be read.
    """
    found: dict[str, int] = {}
    while entries := repository.outbox(change, _PIECE):
        change = entries[-1].id
        found.update(dict.fromkeys(affected(repository, entries), change))
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
