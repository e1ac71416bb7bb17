"""What harvesters get: one record for each identification of some types, kept while documents come and go.

Records are numbered once and never taken away, so that a list by number neither loses nor repeats one while it is being
read. What a published or deprecated document changes is found by comparing records with the items and memberships that
there are now, over what the document touches; so a variable that comes again unchanged is no change.

Datestamps (OAI-PMH 2.0, 2.7.1): a harvester asks next time for what changed since it asked. So all that a transaction
changes is stamped by its last statement, rounded up to a second: nobody can have asked later and not have seen it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    union,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from catalogue.store.bulk import chunks, insert_ignore
from catalogue.store.codec import SUMMARY_COLUMNS, summary
from catalogue.store.membership import LINEAGE
from catalogue.store.reading import storable
from catalogue.store.records import (
    GROUP,
    STUDY_UNIT,
    HarvestContainer,
    HarvestFilter,
    HarvestItem,
    HarvestRecord,
    ItemSummary,
)
from catalogue.store.resolving import identifiers_of, items_of
from catalogue.store.tables import harvest, harvest_change, harvest_member, item, link, membership

STUDY_TYPES: Final = (GROUP, STUDY_UNIT)
ITEM_TYPES: Final = (
    "Variable",
    "RepresentedVariable",
    "ConceptualVariable",
    "QuestionItem",
    "QuestionGrid",
    "Instrument",
)
HARVESTED: Final = (*STUDY_TYPES, *ITEM_TYPES)

_COLUMNS: Final = ("agency", "identifier", "type", "ddi_version", "item_id", "change_id", "deleted")
_BEYOND: Final = 2**31 - 1  # more than any change
_INSERT: Final = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_container = harvest.alias("container")
_box = item.alias("box")
_held = item.alias("held")
# A record is in the sets of all that hold its item in whatever version.
_SHOWN: Final = and_(_held.c.published, ~_held.c.deprecated)


# --- writing ----------------------------------------------------------------------------------------------------------


def note(
    connection: Connection, revision_id: int, containers: Collection[int], *, mark: int | None = None, alone: bool
) -> None:
    """Bring the records up to date after a revision was published, assigned or deprecated: the last act of it.

    Args:
        revision_id: the revision.
        containers: ids of the items whose contents are other ones now.
        mark: the last membership before; None where none were added.
        alone: no item of the revision's identifications was there before.
    """
    started = _now()
    change = connection.execute(insert(harvest_change).values(at=started).returning(harvest_change.c.id)).scalar_one()
    touched = _touched(revision_id, mark, alone)
    _keep(connection, touched, change)
    if not alone:
        _drop(connection, touched, change)
        _leave(connection, touched, change)
    _join(connection, touched, change)
    _change_containers(connection, containers, mark, change)
    _stamp(connection, change)


def _touched(revision_id: int, mark: int | None, alone: bool) -> Select[tuple[int]]:
    """Items whose record or whose cohorts and studies may be other ones now."""
    members = select(membership.c.item_id).where(membership.c.type.in_(HARVESTED))
    parts = [] if mark is None else [members.where(membership.c.id > mark)]
    if alone:
        parts.append(items_of(revision_id))
    else:
        same = identifiers_of(revision_id)
        boxes = select(_box.c.id).where(_box.c.identifier.in_(same), _box.c.type.in_(STUDY_TYPES))
        parts.append(select(_held.c.id).where(_held.c.identifier.in_(same), _held.c.type.in_(HARVESTED)))
        parts.append(members.where(membership.c.container_id.in_(boxes)))
    return select(union(*parts).subquery().c[0])


def _is(record: Any, of: Any) -> ColumnElement[bool]:
    """Whether a record is that of an item."""
    return and_(record.c.identifier == of.c.identifier, record.c.agency == of.c.agency)


def _records_of(touched: Select[tuple[int]]) -> Select[tuple[int]]:
    joined = harvest.join(item, _is(harvest, item))
    return select(harvest.c.id).select_from(joined).where(item.c.id.in_(touched), item.c.type.in_(HARVESTED))


def _keep(connection: Connection, touched: Select[tuple[int]], change: int) -> None:
    """Let the record of each touched identification lead to its latest version: the first, where there are twins."""
    same = and_(_held.c.identifier == item.c.identifier, _held.c.agency == item.c.agency, _held.c.latest)
    earlier = exists().where(same, _held.c.id < item.c.id)
    named = select(_box.c.identifier).where(_box.c.id.in_(touched), _box.c.type.in_(HARVESTED))
    current = (
        select(item.c.agency, item.c.identifier, item.c.type, item.c.ddi_version, item.c.id)
        .add_columns(literal(change), literal(False))
        .where(item.c.identifier.in_(named), item.c.type.in_(HARVESTED), item.c.latest, ~earlier)
        .order_by(item.c.id)
    )
    statement: Any = _INSERT[connection.dialect.name](harvest).from_select(_COLUMNS, current)
    new = statement.excluded
    told = ("type", "ddi_version", "item_id", "change_id", "deleted")
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["identifier", "agency"],
            set_={name: new[name] for name in told},
            where=or_(harvest.c.item_id != new.item_id, harvest.c.deleted),
        )
    )


def _drop(connection: Connection, touched: Select[tuple[int]], change: int) -> None:
    """Mark the records as deleted of which no version is left."""
    left = exists().where(_is(harvest, _held), _held.c.latest)
    gone = (harvest.c.id.in_(_records_of(touched)), ~harvest.c.deleted, ~left.correlate(harvest))
    connection.execute(update(harvest).where(*gone).values(deleted=True, change_id=change))


def _leave(connection: Connection, touched: Select[tuple[int]], change: int) -> None:
    """Take records out of the cohorts and studies that do not hold them any more."""
    joined = membership.join(_box, _box.c.id == membership.c.container_id).join(
        _held, _held.c.id == membership.c.item_id
    )
    holds = (
        exists()
        .select_from(joined)
        .where(_is(harvest, _held), _is(_container, _box), _box.c.latest, _SHOWN)
        .correlate(harvest, _container)
    )
    around = harvest_member.join(harvest, harvest.c.id == harvest_member.c.record_id).join(
        _container, _container.c.id == harvest_member.c.container_id
    )
    stale = (
        select(harvest_member.c.id)
        .select_from(around)
        .where(harvest.c.id.in_(_records_of(touched)), ~harvest.c.deleted)
        .where(or_(~holds, harvest_member.c.type != harvest.c.type))
    )
    members = list(connection.scalars(stale))
    for some in chunks(members):
        records = select(harvest_member.c.record_id).where(harvest_member.c.id.in_(some))
        _change(connection, harvest.c.id.in_(records), change)
        connection.execute(delete(harvest_member).where(harvest_member.c.id.in_(some)))


def _join(connection: Connection, touched: Select[tuple[int]], change: int) -> None:
    """Put the touched records into the cohorts and studies that hold them now."""
    last = connection.scalar(select(func.max(harvest_member.c.id))) or 0
    joined = (
        membership.join(_box, and_(_box.c.id == membership.c.container_id, _box.c.latest))
        .join(_held, and_(_held.c.id == membership.c.item_id, _SHOWN))
        .join(_container, _is(_container, _box))
        .join(harvest, _is(harvest, _held))
    )
    pairs = select(_container.c.id, harvest.c.id, harvest.c.type).select_from(joined).distinct()
    pairs = pairs.where(membership.c.item_id.in_(touched), membership.c.type.in_(HARVESTED))
    pairs = pairs.where(_box.c.type.in_(STUDY_TYPES)).order_by(_container.c.id, harvest.c.id)
    insert_ignore(connection, harvest_member, ("container_id", "record_id", "type"), pairs)
    new = select(harvest_member.c.record_id).where(harvest_member.c.id > last)
    _change(connection, harvest.c.id.in_(new), change)


def _change_containers(connection: Connection, containers: Collection[int], mark: int | None, change: int) -> None:
    """Change the records of studies in which anything changed, and of those whose cohort came anew."""
    for some in chunks(sorted(containers)):
        _change_items(connection, item.c.id.in_(some), change)
    if mark is not None:
        anew = select(membership.c.item_id).where(membership.c.id > mark, membership.c.type.in_(STUDY_TYPES))
        _change_items(connection, item.c.id.in_(anew), change)


def _change_items(connection: Connection, items: ColumnElement[bool], change: int) -> None:
    joined = harvest.join(item, _is(harvest, item))
    records = select(harvest.c.id).select_from(joined).where(items, item.c.latest, item.c.type.in_(STUDY_TYPES))
    _change(connection, harvest.c.id.in_(records), change)


def _change(connection: Connection, records: ColumnElement[bool], change: int) -> None:
    connection.execute(update(harvest).where(records, harvest.c.change_id != change).values(change_id=change))


def _stamp(connection: Connection, change: int) -> None:
    """Say when; a change of nothing is none."""
    told = harvest_change.c.id == change
    if not connection.scalar(select(exists().where(harvest.c.change_id == change))):
        connection.execute(delete(harvest_change).where(told))
        return
    before = connection.scalar(select(func.max(harvest_change.c.at)).where(harvest_change.c.id < change))
    connection.execute(update(harvest_change).where(told).values(at=max(filter(None, (_now(), before)))))


def _now() -> datetime:
    """The next whole second."""
    return datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1)


# --- reading ----------------------------------------------------------------------------------------------------------

_RECORD: Final = (
    harvest.c.id,
    harvest.c.agency,
    harvest.c.identifier,
    harvest.c.type,
    harvest.c.ddi_version,
    harvest.c.item_id,
    harvest_change.c.at,
    harvest.c.deleted,
)
_BASE: Final = harvest.join(harvest_change, harvest_change.c.id == harvest.c.change_id)
_IDS: Final[BindParameter[Any]] = bindparam("ids", expanding=True)
_ITEMS: Final = select(item.c.content, *SUMMARY_COLUMNS).where(item.c.id.in_(_IDS), item.c.published)
_SUMMARIES: Final = select(*SUMMARY_COLUMNS).where(item.c.id.in_(_IDS))
_LINKS: Final = (
    select(link.c.item_id, link.c.target_id)
    .select_from(link.join(item, item.c.id == link.c.target_id))
    .where(link.c.item_id.in_(_IDS), link.c.role != LINEAGE, item.c.published)
    .where(item.c.type.in_(bindparam("types", expanding=True)))
    .order_by(link.c.item_id, link.c.position)
)


def listing(connection: Connection, wanted: HarvestFilter, after: int, limit: int) -> tuple[HarvestRecord, ...]:
    """The records behind a number, in their order."""
    query = select(*_RECORD).select_from(_listed(wanted, _BASE)).where(*_conditions(wanted))
    key = harvest.c.id if wanted.container is None else harvest_member.c.record_id
    return _records(connection, query.where(key > after).order_by(key).limit(limit))


def total(connection: Connection, wanted: HarvestFilter) -> int:
    """How many records there are."""
    query = select(func.count()).select_from(_listed(wanted, harvest)).where(*_conditions(wanted))
    return connection.scalar(query) or 0


def record(connection: Connection, agency: str, identifier: str) -> HarvestRecord | None:
    """The record of an identification, deleted or not."""
    if not storable(agency, identifier):
        return None
    query = select(*_RECORD).select_from(_BASE)
    found = _records(connection, query.where(harvest.c.agency == agency, harvest.c.identifier == identifier))
    return found[0] if found else None


def earliest(connection: Connection) -> datetime | None:
    """When the first record changed; None where there is none."""
    found: datetime | None = connection.scalar(select(func.min(harvest_change.c.at)))
    return found


def containers(connection: Connection, after: int, limit: int) -> tuple[HarvestContainer, ...]:
    """The cohorts and studies behind a number, in the order of their records."""
    query = select(harvest.c.id).where(harvest.c.type.in_(STUDY_TYPES), harvest.c.id > after)
    ids = connection.scalars(query.order_by(harvest.c.id).limit(limit)).all()
    return tuple(_containers(connection, ids).values())


def container(connection: Connection, agency: str, identifier: str) -> HarvestContainer | None:
    """A cohort or study; None where there is no such one, nor was."""
    if not storable(agency, identifier):
        return None
    query = select(harvest.c.id).where(harvest.c.agency == agency, harvest.c.identifier == identifier)
    ids = connection.scalars(query.where(harvest.c.type.in_(STUDY_TYPES))).all()
    return next(iter(_containers(connection, ids).values()), None)


def types_in(connection: Connection, container_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """The types of ``ITEM_TYPES`` that each of the cohorts and studies holds or held."""
    found: dict[int, tuple[str, ...]] = dict.fromkeys(container_ids, ())
    for type_ in ITEM_TYPES:
        within = exists().where(harvest_member.c.container_id == harvest.c.id, harvest_member.c.type == type_)
        for some in chunks(container_ids):
            for container_id in connection.scalars(select(harvest.c.id).where(harvest.c.id.in_(some), within)):
                found[container_id] += (type_,)
    return found


def items(connection: Connection, item_ids: Sequence[int], types: Collection[str]) -> dict[int, HarvestItem]:
    """Published items with the targets of some types that they refer to, lineage aside; each target is read once."""
    found: dict[int, HarvestItem] = {}
    for some in chunks(item_ids):
        targets = _targets(connection, some, types)
        for content, *columns in connection.execute(_ITEMS, {"ids": some}):
            texts = tuple(tuple(text) for text in orjson.loads(content)[0])
            found[columns[0]] = HarvestItem(summary(columns), texts, tuple(targets.get(columns[0], ())))
    return found


def _targets(connection: Connection, item_ids: Sequence[int], types: Collection[str]) -> dict[int, list[ItemSummary]]:
    links = connection.execute(_LINKS, {"ids": item_ids, "types": list(types)}).all()
    known: dict[int, ItemSummary] = {}
    for some in chunks(sorted({target_id for _, target_id in links})):
        known.update((row[0], summary(row)) for row in connection.execute(_SUMMARIES, {"ids": some}))
    found: dict[int, list[ItemSummary]] = defaultdict(list)
    for item_id, target_id in links:
        found[item_id].append(known[target_id])
    return found


def _listed(wanted: HarvestFilter, base: Any) -> Any:
    if wanted.container is None:
        return base
    return base.join(harvest_member, harvest_member.c.record_id == harvest.c.id)


def _conditions(wanted: HarvestFilter) -> list[ColumnElement[bool]]:
    """When a record changed is told by the number of the change, which goes up with the time: indexes hold it."""
    held = harvest_member.c
    type_column: ColumnElement[str] = harvest.c.type if wanted.container is None else held.type
    conditions: list[ColumnElement[bool]] = [
        type_column == wanted.types[0] if len(wanted.types) == 1 else type_column.in_(wanted.types)
    ]
    if wanted.container is not None:
        conditions.append(held.container_id == wanted.container)
    for type_, version in wanted.ddi_versions.items():
        conditions.append(or_(harvest.c.type != type_, harvest.c.ddi_version == version))
    changes = harvest_change.alias("change")
    if wanted.since is not None:
        first = select(func.min(changes.c.id)).where(changes.c.at >= wanted.since).scalar_subquery()
        conditions.append(harvest.c.change_id >= func.coalesce(first, _BEYOND))
    if wanted.until is not None:
        last = select(func.max(changes.c.id)).where(changes.c.at <= wanted.until).scalar_subquery()
        conditions.append(harvest.c.change_id <= func.coalesce(last, 0))
    return conditions


def _records(connection: Connection, query: Select[Any]) -> tuple[HarvestRecord, ...]:
    rows: list[tuple[Any, ...]] = [tuple(row) for row in connection.execute(query)]
    inside = _around(connection, [row[0] for row in rows])
    return tuple(HarvestRecord(*row, containers=inside[row[0]]) for row in rows)  # type: ignore[misc]


def _around(connection: Connection, record_ids: Sequence[int]) -> dict[int, tuple[HarvestContainer, ...]]:
    """The cohorts and studies of each record."""
    held: dict[int, list[int]] = defaultdict(list)
    columns = select(harvest_member.c.record_id, harvest_member.c.container_id)
    for some in chunks(record_ids):
        query = columns.where(harvest_member.c.record_id.in_(some)).order_by(harvest_member.c.container_id)
        for record_id, container_id in connection.execute(query):
            held[record_id].append(container_id)
    known = _containers(connection, sorted({one for some in held.values() for one in some}))
    return {record_id: tuple(known[one] for one in held[record_id]) for record_id in record_ids}


def _containers(connection: Connection, ids: Sequence[int]) -> dict[int, HarvestContainer]:
    group = harvest_member.join(_container, _container.c.id == harvest_member.c.container_id)
    grouped = exists().select_from(group).where(harvest_member.c.record_id == harvest.c.id, _container.c.type == GROUP)
    whole = or_(harvest.c.type == GROUP, ~grouped.correlate(harvest))
    columns = (harvest.c.id, harvest.c.agency, harvest.c.identifier, harvest.c.type, harvest.c.item_id)
    found: dict[int, HarvestContainer] = {}
    for some in chunks(ids):
        query = select(*columns, harvest.c.deleted, whole).where(harvest.c.id.in_(some)).order_by(harvest.c.id)
        found.update((row.id, HarvestContainer(*tuple(row))) for row in connection.execute(query))
    return found
