"""What counts among the memberships, which are kept for every version of a container and of an item.

A container that is current counts what is current of what it holds; one that a newer version superseded goes on to tell
what it held: the newest of the versions that it reached. An item belongs to the current containers that hold it. Where
it is in no current study any more, it belongs also to the last version of each container that held it.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, FromClause, and_, case, or_, select

from catalogue.store.records import GROUP, STUDY_UNIT
from catalogue.store.tables import item, membership

_beside: Final = membership.alias("beside")
_newer: Final = item.alias("newer")
_now: Final = item.alias("now")
_beside_and_newer: Final = _beside.join(_newer, _newer.c.id == _beside.c.item_id)
_around_and_newer: Final = _beside.join(_newer, _newer.c.id == _beside.c.container_id)
_around_now: Final = _beside.join(_now, _now.c.id == _beside.c.container_id)


def counts_in(current: ColumnElement[Any], row: FromClause, member: FromClause) -> ColumnElement[bool]:
    """Whether a member counts in its container.

    Args:
        current: whether the container is a latest version.
        row: the membership.
        member: its item.
    """
    return case((current, member.c.latest), else_=held_last(row, member))


def held_last(row: FromClause, member: FromClause) -> ColumnElement[bool]:
    """Whether no newer version of a member is in the same container."""
    beside = select(_newer.c.id).select_from(_beside_and_newer)
    newer = beside.where(_beside.c.container_id == row.c.container_id, _supersedes(member)).correlate(row, member)
    return and_(member.c.published, ~member.c.deprecated, ~newer.exists())


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
