"""Cohorts, studies and waves, and what they hold.

A cohort is a Group, or a StudyUnit that no Group holds. A wave is a StudyUnit of a Group, or a CollectionEvent where
one StudyUnit holds several. Lists have the latest version of each; what each holds is told by ``belonging``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, bindparam, exists, func, select

from catalogue.model.report import Status
from catalogue.store.belonging import counts_in, is_home
from catalogue.store.bulk import chunks, counted
from catalogue.store.codec import summaries, summary
from catalogue.store.membership import CONTAINER_TYPES
from catalogue.store.reading import summary_columns
from catalogue.store.records import (
    COLLECTION_EVENT,
    GROUP,
    STUDY_UNIT,
    Containers,
    ContainerSummary,
    ItemSummary,
    Statistics,
)
from catalogue.store.tables import EVERYTHING, UNASSIGNED, document, item, membership, revision, tally

_box = item.alias("box")
_outer = item.alias("outer_box")
_link = membership.alias("link")
_SHOWN: Final = and_(_box.c.published, _box.c.latest)


def _held_by(type_: str, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether the box belongs to another container of this type."""
    joined = _link.join(_outer, _outer.c.id == _link.c.container_id)
    inside = and_(_link.c.item_id == _box.c.id, _link.c.container_id != _box.c.id)
    query = select(_outer.c.id).select_from(joined).where(inside, _outer.c.type == type_, *conditions)
    return query.where(is_home(_link, _outer)).correlate(_box).exists()


_IN_GROUP: Final = _held_by(GROUP)
_around = membership.alias("around")
_several = tally.alias("several")
# Where the studies of a Group are the waves, the events of each are how one wave was collected.
_STUDY_IS_A_WAVE: Final = exists().where(
    _around.c.item_id == _outer.c.id,
    _around.c.container_id != _outer.c.id,
    _several.c.container_id == _around.c.container_id,
    _several.c.type == STUDY_UNIT,
    _several.c.number > 1,
)
_ONE_OF_SEVERAL: Final = _held_by(
    STUDY_UNIT,
    exists().where(tally.c.container_id == _outer.c.id, tally.c.type == COLLECTION_EVENT, tally.c.number > 1),
    ~_STUDY_IS_A_WAVE,
)


_HOLDERS: Final = (
    select(membership.c.item_id, *summary_columns(_box), _IN_GROUP, _ONE_OF_SEVERAL)
    .select_from(membership.join(_box, _box.c.id == membership.c.container_id))
    .where(membership.c.item_id.in_(bindparam("ids", expanding=True)), _box.c.id != membership.c.item_id)
    .where(is_home(membership, _box))
    .order_by(_box.c.id)
)
_INSIDE: Final = (
    select(membership.c.container_id, *summary_columns(_box))
    .select_from(membership.join(_box, _box.c.id == membership.c.item_id))
    .where(membership.c.container_id.in_(bindparam("ids", expanding=True)), membership.c.type == bindparam("type"))
    .where(counts_in(membership, _box))
    .order_by(_box.c.id)
)


def containers(connection: Connection, item_ids: Sequence[int]) -> Mapping[int, Containers]:
    """Cohorts, studies and waves that each of the items belongs to; see ``belonging``."""
    found: dict[int, list[tuple[ItemSummary, bool, bool]]] = {item_id: [] for item_id in item_ids}
    once = summaries()
    for some in chunks(item_ids):
        for item_id, *columns, in_group, one_of_several in connection.execute(_HOLDERS, {"ids": some}):
            found[item_id].append((once(columns), in_group, one_of_several))
    return {item_id: _sorted_out(boxes) for item_id, boxes in found.items()}


def classified(connection: Connection, container_ids: Collection[int]) -> list[tuple[int, str, bool, bool, bool]]:
    """Of containers: id, type, and whether each is a cohort, a study, a wave."""
    wanted = (_box.c.type.in_(CONTAINER_TYPES), _box.c.published)
    query = select(_box.c.id, _box.c.type, _IN_GROUP, _ONE_OF_SEVERAL).where(*wanted)
    found = []
    for some in chunks(list(container_ids)):
        for box_id, type_, in_group, several in connection.execute(query.where(_box.c.id.in_(some))):
            cohort = type_ != COLLECTION_EVENT and not in_group
            wave = bool(in_group if type_ == STUDY_UNIT else several)
            found.append((box_id, type_, cohort, type_ == STUDY_UNIT, wave))
    return found


def _sorted_out(boxes: Sequence[tuple[ItemSummary, bool, bool]]) -> Containers:
    return Containers(
        cohorts=tuple(box for box, in_group, _ in boxes if box.type != COLLECTION_EVENT and not in_group),
        studies=tuple(box for box, _, _ in boxes if box.type == STUDY_UNIT),
        waves=tuple(box for box, in_group, several in boxes if (in_group if box.type == STUDY_UNIT else several)),
    )


def cohorts(connection: Connection) -> tuple[ContainerSummary, ...]:
    """Every cohort, by label, with its waves in document order; the number of queries does not depend on theirs."""
    query = select(*summary_columns(_box)).where(_box.c.type.in_((GROUP, STUDY_UNIT)), _SHOWN, ~_IN_GROUP)
    rows = connection.execute(query.order_by(_box.c.sort, _box.c.id))
    return _with_waves(connection, [summary(tuple(row)) for row in rows])


def cohort(connection: Connection, item_id: int) -> ContainerSummary | None:
    """One cohort, study or wave, in any published version; None for any other item."""
    query = select(*summary_columns(_box)).where(_box.c.id == item_id, _box.c.type.in_(CONTAINER_TYPES))
    rows = connection.execute(query.where(_box.c.published)).all()
    return next(iter(_with_waves(connection, [summary(tuple(row)) for row in rows])), None)


def stats(connection: Connection) -> Statistics:
    """What the catalogue holds."""
    counts = _counts(connection, [EVERYTHING, UNASSIGNED])
    by_status = select(revision.c.status, func.count()).group_by(revision.c.status)
    revisions = counted(connection, by_status)
    return Statistics(
        items=counts[EVERYTHING],
        unassigned=counts[UNASSIGNED],
        documents=connection.scalar(select(func.count()).select_from(document)) or 0,
        revisions=revisions[str(Status.PUBLISHED)],
        drafts=revisions[str(Status.DRAFT)],
    )


def _with_waves(connection: Connection, boxes: Sequence[ItemSummary]) -> tuple[ContainerSummary, ...]:
    groups = [box.id for box in boxes if box.type == GROUP]
    studies = _inside(connection, groups, STUDY_UNIT)
    alone = [some[0].id for some in studies.values() if len(some) == 1]
    events = _inside(connection, alone + [box.id for box in boxes if box.type == STUDY_UNIT], COLLECTION_EVENT)
    inside = studies | {study: found for study, found in events.items() if len(found) > 1}
    counts = _counts(connection, [*(box.id for box in boxes), *(box.id for some in inside.values() for box in some)])

    def tree(box: ItemSummary) -> ContainerSummary:
        return ContainerSummary(box, counts[box.id], tuple(tree(wave) for wave in inside.get(box.id, ())))

    return tuple(tree(box) for box in boxes)


def _inside(connection: Connection, container_ids: Sequence[int], type_: str) -> dict[int, list[ItemSummary]]:
    """The items of one type that count in each container, in the order in which they came."""
    found: dict[int, list[ItemSummary]] = defaultdict(list)
    for some in chunks(container_ids):
        for container_id, *columns in connection.execute(_INSIDE, {"ids": some, "type": type_}):
            found[container_id].append(summary(tuple(columns)))
    return found


def _counts(connection: Connection, container_ids: Sequence[int]) -> Mapping[int, Mapping[str, int]]:
    found: dict[int, dict[str, int]] = {container_id: {} for container_id in container_ids}
    for some in chunks(container_ids):
        query = select(tally.c.container_id, tally.c.type, tally.c.number).where(tally.c.container_id.in_(some))
        for container_id, type_, number in connection.execute(query.order_by(tally.c.type)):
            found[container_id][type_] = number
    return found
