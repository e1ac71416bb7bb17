"""Documents and their revisions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, delete, exists, func, insert, select, update

from catalogue.errors import NotFoundError
from catalogue.model.identity import Identification
from catalogue.model.report import Message, Status
from catalogue.store import blobs
from catalogue.store.bulk import chunks
from catalogue.store.codec import load_json
from catalogue.store.pages import cursor_text, cursor_values
from catalogue.store.recent import Recent
from catalogue.store.records import NewRevision, OutboxEntry, Page, RevisionRecord
from catalogue.store.tables import blob, document, item, occurrence, outbox, revision, store

_COLUMNS = (
    revision.c.public_id,
    document.c.key,
    document.c.name,
    revision.c.number,
    revision.c.status,
    revision.c.sha256,
    blob.c.size,
    revision.c.file_name,
    revision.c.ddi_version,
    revision.c.root,
    revision.c.xsd_valid,
    revision.c.encoding,
    revision.c.context,
    revision.c.cohort_id,
    revision.c.receipt,
    revision.c.created_at,
    revision.c.published_at,
)
# Spans of these are offsets into the very bytes.
_UTF8 = ("utf-8", "us-ascii")
# The types that identify a document, most telling first.
_PRINCIPAL = ("DDIInstance", "Group", "StudyUnit", "ResourcePackage")
_JOINED = revision.join(document).join(blob)
_SELECT = select(*_COLUMNS).select_from(_JOINED)
_SOURCES = select(revision.c.public_id, revision.c.sha256, revision.c.encoding).where(
    revision.c.public_id.in_(bindparam("ids", expanding=True))
)
# No two revisions have one id, and none is ever about other bytes.
_RECENT = Recent[str, Any](1000)
# Asked by every request.
_LAST_CHANGE = select(outbox.c.id, outbox.c.created_at).order_by(outbox.c.id.desc()).limit(1)
# What was published stays readable; what is deprecated leaves every list.
PUBLISHED: ColumnElement[bool] = revision.c.status.in_((str(Status.PUBLISHED), str(Status.DEPRECATED)))
CURRENT: ColumnElement[bool] = revision.c.status == str(Status.PUBLISHED)
_FIRST_PUBLISHED = (
    select(occurrence.c.item_id, func.min(revision.c.published_at))
    .join(revision, revision.c.id == occurrence.c.revision_id)
    .where(occurrence.c.item_id.in_(bindparam("ids", expanding=True)), PUBLISHED)
    .group_by(occurrence.c.item_id)
)


def insert_revision(connection: Connection, new: NewRevision, sha256: str, public_id: str) -> int:
    """Open a draft, as the next revision of the document that these bytes stand for; gives its id."""
    document_id = _document(connection, sha256, new.file_name)
    values = {
        "public_id": public_id,
        "document_id": document_id,
        "number": _next_number(connection, document_id),
        "status": str(Status.DRAFT),
        "sha256": sha256,
        "file_name": new.file_name,
        "ddi_version": new.ddi_version,
        "root": new.root,
        "xsd_valid": new.xsd_valid,
        "encoding": new.encoding,
        "context": "{}",
        "cohort_id": new.cohort,
        "receipt": "{}",
        "created_at": datetime.now(UTC),
    }
    return int(connection.execute(insert(revision).values(**values).returning(revision.c.id)).scalar_one())


def principal(top: Sequence[tuple[str, Identification]]) -> Identification | None:
    """Which of the outermost items stands for the document, if one does."""
    ranked = [identification for type_ in _PRINCIPAL for found, identification in top if found == type_]
    return ranked[0] if ranked else top[0][1] if len(top) == 1 else None


def file_under(connection: Connection, revision_id: int, top: Identification) -> None:
    """Make a new revision the next one of the document that its principal item identifies."""
    provisional = connection.scalar(select(revision.c.document_id).where(revision.c.id == revision_id))
    title = _title(connection, top) or connection.scalar(
        select(revision.c.file_name).where(revision.c.id == revision_id)
    )
    document_id = _document(connection, f"{top.agency}:{top.identifier}", title or "")
    values = {"document_id": document_id, "number": _next_number(connection, document_id)}
    connection.execute(update(revision).where(revision.c.id == revision_id).values(**values))
    others = exists().where(revision.c.document_id == document.c.id)
    connection.execute(delete(document).where(document.c.id == provisional, ~others))


def source_slices(connection: Connection, places: Sequence[tuple[str, int, int]]) -> list[bytes]:
    """The bytes [start, end) of a revision's source in UTF-8, for each place (revision, start, end).

    Raises:
        NotFoundError: there is no such revision.
    """
    wanted = {public_id for public_id, _, _ in places}
    found = _RECENT.get(wanted, partial(_sources, connection))
    if missing := wanted - found.keys():
        raise NotFoundError(
            Message(f"Il n’y a pas de révision « {min(missing)} ».", f"There is no revision {min(missing)!r}.")
        )
    recoded = {
        one: _recoded(connection, row.sha256, row.encoding) for one, row in found.items() if row.encoding not in _UTF8
    }
    plain = [(found[one].sha256, start, end) for one, start, end in places if one not in recoded]
    slices = iter(blobs.slices(connection, plain))
    return [recoded[one][start:end] if one in recoded else next(slices) for one, start, end in places]


def _sources(connection: Connection, public_ids: Sequence[str]) -> dict[str, Any]:
    """SHA-256 and encoding of revisions."""
    return {row.public_id: row for some in chunks(public_ids) for row in connection.execute(_SOURCES, {"ids": some})}


def _recoded(connection: Connection, sha256: str, encoding: str) -> bytes:
    """A whole source in UTF-8."""
    return b"".join(blobs.read(connection, sha256)).decode(encoding).encode()


def get(connection: Connection, public_id: str) -> RevisionRecord:
    """A revision, draft or published.

    Raises:
        NotFoundError: there is none.
    """
    found = find(connection, public_id, include_drafts=True)
    if found is None:
        raise NotFoundError(
            Message(f"Il n’y a pas de révision « {public_id} ».", f"There is no revision {public_id!r}.")
        )
    return found


def find(connection: Connection, public_id: str, *, include_drafts: bool) -> RevisionRecord | None:
    """A revision by its public id."""
    query = _SELECT.where(revision.c.public_id == public_id, *([] if include_drafts else [PUBLISHED]))
    row = connection.execute(query).one_or_none()
    return row and _record(row)


def by_sha256(connection: Connection, sha256: str) -> RevisionRecord | None:
    """The revision made from these bytes: the newest published one, else the newest draft, else a deprecated one."""
    query = _SELECT.where(revision.c.sha256 == sha256).order_by(revision.c.status.desc(), revision.c.id.desc())
    row = connection.execute(query.limit(1)).one_or_none()
    return row and _record(row)


def listing(
    connection: Connection, document_key: str | None, include_drafts: bool, cursor: str | None, limit: int
) -> Page[RevisionRecord]:
    """Revisions, newest first."""
    conditions = [] if include_drafts else [PUBLISHED]
    if document_key is not None:
        conditions.append(document.c.key == document_key)
    total = select(func.count()).select_from(revision.join(document)).where(*conditions)
    query = _SELECT.add_columns(revision.c.id).where(*conditions).order_by(revision.c.id.desc()).limit(limit + 1)
    if cursor is not None:
        query = query.where(revision.c.id < cursor_values(cursor, int)[0])
    rows = connection.execute(query).all()
    following = cursor_text(rows[limit - 1][-1]) if len(rows) > limit else None
    return Page(tuple(_record(row[:-1]) for row in rows[:limit]), connection.scalar(total) or 0, following)


def report(connection: Connection, public_id: str) -> dict[str, Any] | None:
    """The validation report, as JSON values, or None."""
    text = connection.scalar(select(revision.c.report).where(revision.c.public_id == public_id))
    return None if text is None else dict(load_json(text))


def identity(connection: Connection) -> str:
    """What tells this store from every other."""
    return str(connection.execute(select(store.c.identity)).scalar_one())


def revision_of(connection: Connection, change: int) -> str:
    """The public id of the revision that an entry of the outbox tells of; empty where there is no such entry."""
    query = select(revision.c.public_id).join(outbox, outbox.c.revision_id == revision.c.id)
    return connection.scalar(query.where(outbox.c.id == change)) or ""


def published_at(connection: Connection, item_ids: Sequence[int]) -> dict[int, datetime]:
    """When each item was first published."""
    rows = connection.execute(_FIRST_PUBLISHED, {"ids": list(item_ids)})
    return {item_id: moment for item_id, moment in rows if moment}


def last_change(connection: Connection) -> tuple[int, datetime | None]:
    """The id of the newest entry of the outbox, and since when it is there; 0 and None before anything is published."""
    found = connection.execute(_LAST_CHANGE).one_or_none()
    return (found.id, found.created_at) if found else (0, None)


def outbox_entries(connection: Connection, after: int, limit: int) -> tuple[OutboxEntry, ...]:
    """Entries with an id above ``after``, oldest first."""
    query = (
        select(outbox.c.id, outbox.c.event, revision.c.public_id, outbox.c.item_id, outbox.c.created_at)
        .add_columns(item.c.type, item.c.agency, item.c.identifier, item.c.version)
        .select_from(
            outbox.join(revision, revision.c.id == outbox.c.revision_id).join(item, item.c.id == outbox.c.item_id)
        )
        .where(outbox.c.id > after)
        .order_by(outbox.c.id)
        .limit(limit)
    )
    return tuple(_entry(row) for row in connection.execute(query))


def _document(connection: Connection, key: str, name: str) -> int:
    """The id of the document of this key, made if need be; the newest name counts."""
    known = connection.scalar(select(document.c.id).where(document.c.key == key))
    if known is not None:
        connection.execute(update(document).where(document.c.id == known).values(name=name))
        return int(known)
    created = insert(document).values(key=key, name=name).returning(document.c.id)
    return int(connection.execute(created).scalar_one())


def _title(connection: Connection, top: Identification) -> str | None:
    """Label or name of an item."""
    query = select(item.c.labels, item.c.name).where(item.c.identifier == top.identifier, item.c.agency == top.agency)
    row = connection.execute(query.where(item.c.version == top.version).order_by(item.c.id.desc()).limit(1)).one()
    title: str | None = next((text for text, _ in load_json(row.labels)), row.name)
    return title


def _next_number(connection: Connection, document_id: int) -> int:
    last = connection.scalar(select(func.max(revision.c.number)).where(revision.c.document_id == document_id))
    return (last or 0) + 1


def _entry(row: Row[Any]) -> OutboxEntry:
    number, event, public_id, item_id, created_at, type_, *triple = tuple(row)
    return OutboxEntry(number, event, public_id, item_id, "urn:ddi:" + ":".join(triple), type_, created_at)


def _record(row: Row[Any] | tuple[Any, ...]) -> RevisionRecord:
    values: dict[str, Any] = dict(zip((column.name for column in _COLUMNS), row, strict=True))
    values["id"] = values.pop("public_id")
    values["document_key"] = values.pop("key")
    values["document_name"] = values.pop("name")
    values["status"] = Status(values["status"])
    values["cohort"] = values.pop("cohort_id")
    values["context"] = load_json(values["context"])
    values["receipt"] = load_json(values["receipt"])
    return RevisionRecord(**values)
