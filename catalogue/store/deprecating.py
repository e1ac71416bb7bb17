"""Deprecate a revision: what only it stands for leaves every list, and keeps its address.

Nothing is deleted: an item that was published stays readable under its URN and nothing else can be published there.
Of an identification whose newest version is deprecated, the newest that is not becomes the latest again.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from sqlalchemy import Connection, and_, exists, func, select, update

from catalogue.errors import UsageError
from catalogue.model.report import Status
from catalogue.store import documents, harvesting, membership, publishing, resolving
from catalogue.store.bulk import chunks, counted
from catalogue.store.resolving import identifiers_of, items_of
from catalogue.store.tables import item, occurrence, revision


def deprecate(connection: Connection, public_id: str) -> None:
    """Deprecate a published revision; one that is deprecated stays so.

    Raises:
        NotFoundError: there is no such revision.
        UsageError: it is a draft.
    """
    found = documents.get(connection, public_id).status
    if found is Status.DEPRECATED:
        return
    if found is Status.DRAFT:
        raise UsageError(
            f"{public_id} is a draft, which nobody relies on.",
            next_step="Leave it, or send the document again: only what is published can be deprecated.",
        )
    revision_id = connection.execute(select(revision.c.id).where(revision.c.public_id == public_id)).scalar_one()
    connection.execute(update(revision).where(revision.c.id == revision_id).values(status=str(Status.DEPRECATED)))
    _withdraw(connection, revision_id)


def _withdraw(connection: Connection, revision_id: int) -> None:
    now = datetime.now(UTC)
    gone = _only_there(connection, revision_id)
    dropped = _shown_by_type(connection, gone)
    for some in chunks(gone):
        connection.execute(update(item).where(item.c.id.in_(some)).values(latest=False, deprecated=True))
    revived = _revive(connection, revision_id)
    resolving.advance_late_bound(connection, gone)
    mark = membership.last(connection)
    grown = membership.restore(connection, revived)
    change = _shown_by_type(connection, revived)
    change.subtract(dropped)
    publishing.count_everything(connection, change)
    changed = {*grown, *publishing.containers_of(connection, [*gone, *revived])}
    publishing.count_containers(connection, changed)
    publishing.announce(connection, items_of(revision_id), revision_id, now, publishing.EVENT_DEPRECATED)
    harvesting.note(connection, revision_id, changed, mark=mark, alone=False)


def _only_there(connection: Connection, revision_id: int) -> list[int]:
    """The items of a revision that no other published revision holds."""
    twin = occurrence.alias("twin")
    held = exists().where(twin.c.item_id == item.c.id, twin.c.revision_id == revision.c.id, documents.CURRENT)
    return list(connection.scalars(select(item.c.id).where(item.c.id.in_(items_of(revision_id)), ~held)))


def _shown_by_type(connection: Connection, item_ids: list[int]) -> Counter[str]:
    total: Counter[str] = Counter()
    for some in chunks(item_ids):
        query = select(item.c.type, func.count()).where(item.c.id.in_(some), item.c.latest).group_by(item.c.type)
        total.update(counted(connection, query))
    return total


def _revive(connection: Connection, revision_id: int) -> list[int]:
    """Of what the revision identifies, mark the newest version that is not deprecated as latest; gives its ids."""
    newer = item.alias("newer")
    current = and_(newer.c.published, ~newer.c.deprecated)
    same = and_(newer.c.identifier == item.c.identifier, newer.c.agency == item.c.agency)
    superseded = exists().where(same, newer.c.version_key > item.c.version_key, current)
    touched = item.c.identifier.in_(identifiers_of(revision_id))
    query = select(item.c.id).where(touched, item.c.published, ~item.c.deprecated, ~item.c.latest, ~superseded)
    found = list(connection.scalars(query))
    for some in chunks(found):
        connection.execute(update(item).where(item.c.id.in_(some)).values(latest=True))
    return found
