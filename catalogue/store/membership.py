"""Which cohorts, studies and waves hold an item: those whose Group, StudyUnit or CollectionEvent reaches it.

Memberships spread in rounds from the rows that are new: each round follows containment and references one step from the
rows that the round before added. So a document costs what it adds, on both engines, and nothing is walked twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, delete, exists, func, literal, or_, select

from catalogue.store.bulk import chunks, insert_ignore
from catalogue.store.documents import PUBLISHED
from catalogue.store.records import COLLECTION_EVENT, GROUP, STUDY_UNIT
from catalogue.store.resolving import items_of
from catalogue.store.tables import UNASSIGNED, item, link, membership, occurrence, revision

CONTAINER_TYPES: Final = (GROUP, STUDY_UNIT, COLLECTION_EVENT)

_GROUPS: Final = (GROUP, "SubGroup")
_STUDIES: Final = (*_GROUPS, STUDY_UNIT)
# container type -> what it does not reach into
_CLOSED: Final = {STUDY_UNIT: _STUDIES, COLLECTION_EVENT: (*_STUDIES, "DataCollection")}
# Lineage, not contents: the older version of an item need not belong to the cohort of the newer one.
LINEAGE: Final = "BasedOnReference"
# What an item was computed from stays where it was measured: a wave that computes with it has not asked for it again.
_ELSEWHERE: Final = (
    LINEAGE,
    "InputVariableReference",
    "InputQuestionReference",
    "InputMeasurementReference",
    "SourceVariableReference",
)

_COLUMNS: Final = ("container_id", "item_id", "type", "sort")
_container = item.alias("container")
_target = item.alias("target")


class _Edge(NamedTuple):
    """A table whose rows lead from one item to another."""

    table: Table
    source: ColumnElement[Any]
    target: ColumnElement[Any]
    condition: ColumnElement[bool]


_CONTAINMENT: Final = _Edge(
    occurrence,
    occurrence.c.parent_id,
    occurrence.c.item_id,
    occurrence.c.revision_id.in_(select(revision.c.id).where(PUBLISHED)),
)
_REFERENCE: Final = _Edge(link, link.c.item_id, link.c.target_id, link.c.role.not_in(_ELSEWHERE))


def extend(connection: Connection, revision_id: int, *, alone: bool) -> list[int]:
    """Add the memberships that a published revision brings about, for its own items and those of other documents.

    ``alone``: nothing that was there before can reach its items. Gives the containers that hold more or less now.
    """
    mark = last(connection)
    if not alone:
        _seed_from_others(connection, revision_id)
    _seed(connection, revision_id)
    _spread(connection, mark)
    _list_unassigned(connection, revision_id, mark)
    return _grown(connection, mark)


def restore(connection: Connection, item_ids: Sequence[int]) -> list[int]:
    """Add to Groups that are current again the studies of theirs that came meanwhile; gives what to count again."""
    if not item_ids:
        return []
    mark = last(connection)
    for some in chunks(item_ids):
        _insert(connection, _newer_studies(_container.c.id.in_(some), item.c.latest))
    _spread(connection, mark)
    return _grown(connection, mark)


def _spread(connection: Connection, low: int) -> None:
    """Follow the memberships behind a row until none comes any more."""
    while low < (high := last(connection)):
        for edge in (_CONTAINMENT, _REFERENCE):
            _insert(connection, _steps(edge).where(membership.c.id > low, membership.c.id <= high))
        low = high


def _seed_from_others(connection: Connection, revision_id: int) -> None:
    """What containers of earlier documents now reach, and the newer versions of the studies that Groups hold."""
    _insert(connection, _steps(_CONTAINMENT).where(occurrence.c.revision_id == revision_id))
    _insert(connection, _steps(_REFERENCE).where(link.c.target_id.in_(items_of(revision_id))))
    _insert(connection, _newer_studies(item.c.id.in_(items_of(revision_id))))


def _newer_studies(*wanted: ColumnElement[bool]) -> Select[Any]:
    """A study that comes in a new version by itself goes on to belong to the Group that holds an older one."""
    older = item.alias("older")
    same = and_(older.c.identifier == item.c.identifier, older.c.agency == item.c.agency, older.c.id != item.c.id)
    joined = (
        item.join(older, same)
        .join(membership, membership.c.item_id == older.c.id)
        .join(_container, _container.c.id == membership.c.container_id)
    )
    held = and_(_container.c.type == GROUP, _container.c.latest, _container.c.id != older.c.id, older.c.published)
    query = select(_container.c.id, item.c.id, item.c.type, item.c.sort).select_from(joined).where(held)
    return query.where(item.c.type.in_(_STUDIES), *wanted)


def _seed(connection: Connection, revision_id: int) -> None:
    """The revision's own containers, and the cohort that it is assigned to."""
    items = items_of(revision_id)
    held = select(item.c.id, item.c.type, item.c.sort).where(item.c.id.in_(items))
    own = held.with_only_columns(item.c.id, *held.selected_columns).where(item.c.type.in_(CONTAINER_TYPES))
    _insert(connection, own)
    cohort = connection.scalar(select(revision.c.cohort_id).where(revision.c.id == revision_id))
    if cohort is not None:
        _insert(connection, held.with_only_columns(literal(cohort), *held.selected_columns))


def _steps(edge: _Edge) -> Select[Any]:
    """One step along an edge from every membership."""
    joined = (
        membership.join(_container, _container.c.id == membership.c.container_id)
        .join(edge.table, edge.source == membership.c.item_id)
        .join(_target, _target.c.id == edge.target)
    )
    query = select(membership.c.container_id, _target.c.id, _target.c.type, _target.c.sort).select_from(joined)
    return query.where(edge.condition, _target.c.published, _allowed())


def _allowed() -> ColumnElement[bool]:
    """Whether a container reaches into the target: a Group into its own studies only, a study into none."""
    closed = (and_(_container.c.type == type_, _target.c.type.in_(types)) for type_, types in _CLOSED.items())
    foreign = and_(_container.c.type == GROUP, _target.c.type.in_(_STUDIES), membership.c.type.not_in(_GROUPS))
    return ~or_(foreign, *closed)


def assign(connection: Connection, revision_id: int) -> list[int]:
    """Add a published revision's items to the cohort that it was assigned to afterwards; gives what to count again."""
    mark = last(connection)
    _seed(connection, revision_id)
    _list_unassigned(connection, revision_id, mark)
    return _grown(connection, mark)


def _grown(connection: Connection, mark: int) -> list[int]:
    """The containers with new rows, and the list of items that none holds."""
    query = select(membership.c.container_id).where(membership.c.id > mark, membership.c.container_id != UNASSIGNED)
    return [UNASSIGNED, *connection.scalars(query.distinct())]


def _list_unassigned(connection: Connection, revision_id: int, mark: int) -> None:
    """Keep the list of items that no container holds."""
    reached = select(membership.c.item_id).where(membership.c.id > mark)
    connection.execute(
        delete(membership).where(membership.c.container_id == UNASSIGNED, membership.c.item_id.in_(reached))
    )
    held = exists().where(membership.c.item_id == item.c.id)
    alone = select(literal(UNASSIGNED), item.c.id, item.c.type, item.c.sort).where(item.c.id.in_(items_of(revision_id)))
    _insert(connection, alone.where(~held))


def _insert(connection: Connection, rows: Select[Any]) -> None:
    insert_ignore(connection, membership, _COLUMNS, rows)


def last(connection: Connection) -> int:
    """The id of the newest row."""
    return connection.scalar(select(func.max(membership.c.id))) or 0
