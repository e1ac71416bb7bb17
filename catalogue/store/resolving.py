"""Find the item that each reference means.

In order: the exact identification in the same document; the identifier below its maintainable there; a bare DDI-L 3.1
id that only one item of the document has; then the first two among the published items of other documents. A late-bound
reference, or one without version, means the latest version.

``targets`` finds the first two for most references as the document streams by. Here is the rest: rows of table
``unresolved`` become rows of table ``link``, each step one statement over many references.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    ScalarSelect,
    Select,
    and_,
    case,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    true,
    union,
    update,
)

from catalogue.model.identity import Identification
from catalogue.store.bulk import Row, chunks, insert_rows
from catalogue.store.codec import references_in, unresolved_row
from catalogue.store.records import DanglingReference, DanglingReferences, ReferenceStatus
from catalogue.store.tables import item, link, occurrence, unresolved

Condition = ColumnElement[bool]

_LINK_COLUMNS: Final = ("item_id", "position", "role", "target_id", "late_bound")
_SCOPED: Final = unresolved.c.scope + "." + unresolved.c.identifier
_IS_LINKED: Final = and_(link.c.item_id == unresolved.c.item_id, link.c.position == unresolved.c.position)
_candidate = item.alias("candidate")


def items_of(revision_id: int) -> Select[tuple[int]]:
    """The ids of the items of a revision, with repetitions."""
    return select(occurrence.c.item_id).where(occurrence.c.revision_id == revision_id)


def identifiers_of(revision_id: int) -> Select[tuple[str]]:
    """The identifiers of the items of a revision, with repetitions."""
    joined = occurrence.join(item, item.c.id == occurrence.c.item_id)
    return select(item.c.identifier).select_from(joined).where(occurrence.c.revision_id == revision_id)


def stage(connection: Connection, keys: Sequence[tuple[int, int]]) -> None:
    """Put references, given by item and position, as they are written into ``unresolved``."""
    for some in chunks(keys):
        query = select(item.c.id, item.c.content).where(item.c.id.in_({item_id for item_id, _ in some}))
        written = {row.id: {r.position: r for r in references_in(row.content)} for row in connection.execute(query)}
        rows: list[Row] = [unresolved_row(item_id, written[item_id][position]) for item_id, position in some]
        insert_rows(connection, unresolved, rows)


def resolve_revision(connection: Connection, revision_id: int, first_item: int) -> None:
    """Resolve what the items of a new revision refer to; items from ``first_item`` on are new, others were merged."""
    own = or_(_candidate.c.id >= first_item, _stands_in(_candidate.c.id, revision_id))
    merged = items_of(revision_id).where(occurrence.c.item_id < first_item)
    _unlink_hidden_targets(connection, merged, revision_id)
    for selection in (unresolved.c.item_id >= first_item, unresolved.c.item_id.in_(merged)):
        if connection.scalar(select(exists().where(selection))):
            newest = and_(unresolved.c.late_bound, _candidate.c.published)  # the latest may be in another document
            _link(connection, selection, or_(own, newest))
            _link_by_local_id(connection, selection, revision_id)
            _link(connection, selection, _candidate.c.published)
            _explain(connection, selection, or_(own, _candidate.c.published))


def resolve_others(connection: Connection, revision_id: int) -> int:
    """Resolve what dangled until this revision was published; gives the number of new links."""
    if not connection.scalar(select(exists().select_from(unresolved))):
        return 0
    joined = occurrence.join(item, item.c.id == occurrence.c.item_id)
    local_ids = select(item.c.local_id).select_from(joined).where(occurrence.c.revision_id == revision_id)
    named = unresolved.c.identifier.in_(union(identifiers_of(revision_id), local_ids))
    linked = 0
    for some in chunks(connection.scalars(select(unresolved.c.item_id).where(named).distinct()).all()):
        wanted = unresolved.c.item_id.in_(some)
        linked += _link(connection, wanted, _candidate.c.published)
        _explain(connection, wanted, _candidate.c.published)
    return linked


def advance_late_bound(connection: Connection, superseded: Sequence[int]) -> None:
    """Lead late-bound references from items that were the latest to the version that is, where there is one."""
    old, new = item.alias("old"), item.alias("new")
    same = and_(new.c.identifier == old.c.identifier, new.c.agency == old.c.agency)
    latest = select(func.min(new.c.id)).select_from(old.join(new, same)).where(old.c.id == link.c.target_id)
    target = latest.where(new.c.latest, new.c.published).correlate(link).scalar_subquery()
    for some in chunks(superseded):
        affected = and_(link.c.target_id.in_(some), link.c.late_bound, target.is_not(None))
        connection.execute(update(link).where(affected).values(target_id=target))


def dangling(connection: Connection, revision_id: int, limit: int) -> DanglingReferences:
    """What the items of a revision refer to in vain, in document order; references to an address do not count."""
    joined = occurrence.join(unresolved, unresolved.c.item_id == occurrence.c.item_id)
    conditions = (occurrence.c.revision_id == revision_id, unresolved.c.status != str(ReferenceStatus.EXTERNAL))
    key = (unresolved.c.item_id, unresolved.c.position)
    once = select(*key, unresolved.c.status).select_from(joined).where(*conditions).distinct().subquery()
    counts = connection.execute(select(once.c.status, func.count()).group_by(once.c.status))
    first = select(*key, func.min(occurrence.c.ordinal).label("ordinal"), func.min(occurrence.c.line).label("line"))
    listed = first.select_from(joined).where(*conditions).group_by(*key).order_by("ordinal", unresolved.c.position)
    totals = {ReferenceStatus(row[0]): row[1] for row in counts}
    return DanglingReferences(_describe(connection, revision_id, listed.limit(limit)), totals)


def _stands_in(item_id: ColumnElement[int], revision_id: int) -> Condition:
    here = occurrence.alias()
    return exists().where(here.c.item_id == item_id, here.c.revision_id == revision_id)


def _link(connection: Connection, selection: Condition, visible: Condition) -> int:
    """Link where an identifier, as it is or below its maintainable, leads to a visible item."""
    below = and_(visible, unresolved.c.scope != "")
    found = func.coalesce(_best(visible, unresolved.c.identifier), _best(below, _SCOPED))
    keys = (unresolved.c.item_id, unresolved.c.position, unresolved.c.role)
    rows = select(*keys, found.label("target_id"), unresolved.c.late_bound).where(selection).subquery()
    return _move(connection, select(rows).where(rows.c.target_id.is_not(None)), selection)


def _move(connection: Connection, links: Select[Any], selection: Condition) -> int:
    """Insert links and take away what they resolve."""
    number = connection.execute(insert(link).from_select(_LINK_COLUMNS, links)).rowcount
    if number:
        connection.execute(delete(unresolved).where(selection, exists().where(_IS_LINKED)))
    return number


def _best(visible: Condition, identifier: ColumnElement[str]) -> ScalarSelect[int]:
    """The id of the newest visible item of this identifier in a fitting version."""
    query = select(_candidate.c.id).where(
        _candidate.c.identifier == identifier,
        _candidate.c.agency == unresolved.c.agency,
        or_(_candidate.c.version == unresolved.c.version, unresolved.c.late_bound),
        visible,
    )
    best = query.order_by(_candidate.c.version_key.desc(), _candidate.c.id).limit(1)
    return best.correlate(unresolved).scalar_subquery()


def _link_by_local_id(connection: Connection, selection: Condition, revision_id: int) -> None:
    """A bare id of DDI-L 3.1 means the only item of the document that has it: of the wanted type, else of any."""
    bare = and_(selection, unresolved.c.scope != "")
    if not connection.scalar(select(exists().where(bare))):
        return
    for keys in ((item.c.local_id, item.c.type), (item.c.local_id,)):
        only = _only(revision_id, keys)
        same_type = unresolved.c.target_type == only.c.type if len(keys) > 1 else true()
        columns = (unresolved.c.item_id, unresolved.c.position, unresolved.c.role, only.c.item_id.label("target_id"))
        joined = unresolved.join(only, and_(only.c.local_id == unresolved.c.identifier, same_type))
        links = select(*columns, unresolved.c.late_bound).select_from(joined).where(bare)
        _move(connection, links, bare)


def _only(revision_id: int, keys: Sequence[ColumnElement[str]]) -> Any:
    """Items that are alone in a revision with their local id (and type)."""
    joined = occurrence.join(item, item.c.id == occurrence.c.item_id)
    query = select(*keys, func.min(item.c.id).label("item_id")).select_from(joined)
    query = query.where(occurrence.c.revision_id == revision_id).group_by(*keys)
    return query.having(func.min(item.c.id) == func.max(item.c.id)).subquery()


def _explain(connection: Connection, selection: Condition, visible: Condition) -> None:
    """Say why what is still unresolved leads nowhere."""
    same = or_(_candidate.c.identifier == unresolved.c.identifier, _candidate.c.identifier == _SCOPED)
    known = select(_candidate.c.id).where(same, visible).correlate(unresolved)
    reason = case(
        (unresolved.c.external, str(ReferenceStatus.EXTERNAL)),
        (known.where(_candidate.c.agency == unresolved.c.agency).exists(), str(ReferenceStatus.OTHER_VERSION)),
        (known.exists(), str(ReferenceStatus.OTHER_AGENCY)),
        else_=str(ReferenceStatus.ABSENT),
    )
    connection.execute(update(unresolved).where(selection).values(status=reason))


def _unlink_hidden_targets(connection: Connection, merged: Select[tuple[int]], revision_id: int) -> None:
    """An item merged from the draft of another document may lead to what only that draft has."""
    joined = link.join(_candidate, _candidate.c.id == link.c.target_id)
    hidden = select(link.c.item_id, link.c.position).select_from(joined).where(link.c.item_id.in_(merged))
    hidden = hidden.where(_candidate.c.published.is_(False), ~_stands_in(_candidate.c.id, revision_id))
    keys = [(row.item_id, row.position) for row in connection.execute(hidden)]
    stage(connection, keys)
    if keys:
        connection.execute(delete(link).where(exists().where(_IS_LINKED)))


def _near(revision_id: int, column: ColumnElement[str], *conditions: Condition) -> ScalarSelect[str]:
    """Of the newest visible item with the identifier that a reference spells."""
    same = or_(_candidate.c.identifier == unresolved.c.identifier, _candidate.c.identifier == _SCOPED)
    visible = or_(_candidate.c.published, _stands_in(_candidate.c.id, revision_id))
    query = select(column).where(same, visible, *conditions).order_by(_candidate.c.version_key.desc()).limit(1)
    return query.correlate(unresolved).scalar_subquery()


def _describe(connection: Connection, revision_id: int, listed: Select[Any]) -> tuple[DanglingReference, ...]:
    found = listed.subquery()
    is_listed = and_(unresolved.c.item_id == found.c.item_id, unresolved.c.position == found.c.position)
    source = (item.c.agency, item.c.identifier, item.c.version, item.c.type, item.c.name, found.c.line)
    target = (unresolved.c.agency, unresolved.c.identifier, unresolved.c.version)
    same_agency = _candidate.c.agency == unresolved.c.agency
    near = (_near(revision_id, _candidate.c.agency), _near(revision_id, _candidate.c.version, same_agency))
    query = (
        select(*source, unresolved.c.role, unresolved.c.target_type, unresolved.c.status, *near, *target)
        .select_from(found.join(unresolved, is_listed).join(item, item.c.id == found.c.item_id))
        .order_by(found.c.ordinal, found.c.position)
    )
    return tuple(_dangling(*row) for row in connection.execute(query))


def _dangling(
    agency: str,
    identifier: str,
    version: str,
    type_: str,
    name: str | None,
    line: int,
    role: str,
    target_type: str | None,
    status: str,
    near_agency: str | None,
    near_version: str | None,
    *target: str,
) -> DanglingReference:
    urn = Identification(agency, identifier, version).urn
    target_urn = "urn:ddi:" + ":".join(target)
    near = {ReferenceStatus.OTHER_VERSION: near_version, ReferenceStatus.OTHER_AGENCY: near_agency}
    reason = ReferenceStatus(status)
    return DanglingReference(urn, type_, name, line, role, target_urn, target_type, reason, near.get(reason))
