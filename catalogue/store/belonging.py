"""What counts among the memberships, which are kept for every version of a container and of an item.

A container counts the newest of the versions that it reached of an item: a wave that asked a question goes on to have
asked it so when a later wave words it otherwise, and an older version goes on to tell what it held. An item
belongs to the current containers that hold it. Where it is in no current study any more, it belongs also to the last
version of each container that held it.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import ColumnElement, FromClause, and_, or_, select

from catalogue.store.records import GROUP, STUDY_UNIT
from catalogue.store.tables import UNASSIGNED, item, membership

_beside: Final = membership.alias("beside")
_newer: Final = item.alias("newer")
_now: Final = item.alias("now")
_beside_and_newer: Final = _beside.join(_newer, _newer.c.id == _beside.c.item_id)
_around_and_newer: Final = _beside.join(_newer, _newer.c.id == _beside.c.container_id)
_around_now: Final = _beside.join(_now, _now.c.id == _beside.c.container_id)


def counts_in(row: FromClause, member: FromClause) -> ColumnElement[bool]:
    """Whether a member counts in its container; the list of items that none holds has what is latest.

    Args:
        row: the membership.
        member: its item.
    """
    beside = select(_newer.c.id).select_from(_beside_and_newer)
    newer = beside.where(_beside.c.container_id == row.c.container_id, _supersedes(member)).correlate(row, member)
    held_last = and_(member.c.published, ~member.c.deprecated, ~newer.exists())
    return or_(member.c.latest, and_(row.c.container_id != UNASSIGNED, held_last))


def is_home(row: FromClause, container: FromClause) -> ColumnElement[bool]:
    """Whether the item of a membership belongs to the container.

    Args:
        row: the membership.
        container: its Group, StudyUnit or CollectionEvent.
    """
    same_item = _beside.c.item_id == row.c.item_id
    newer = select(_newer.c.id).select_from(_around_and_newer).where(same_item, _supersedes(container))
    # What is a current cohort itself is in none that let it go.
    home = or_(_now.c.type == STUDY_UNIT, and_(_now.c.type == GROUP, _now.c.id == row.c.item_id))
    now = select(_now.c.id).select_from(_around_now).where(same_item, _now.c.latest, home)
    last = and_(~newer.correlate(row, container).exists(), ~now.correlate(row).exists())
    return and_(container.c.published, or_(container.c.latest, and_(~container.c.deprecated, last)))


def _supersedes(older: FromClause) -> ColumnElement[bool]:
    """Whether ``_newer`` is a newer version that is not deprecated."""
    same = and_(_newer.c.identifier == older.c.identifier, _newer.c.agency == older.c.agency)
    return and_(same, _newer.c.version_key > older.c.version_key, _newer.c.published, ~_newer.c.deprecated)
