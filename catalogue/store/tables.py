"""The schema, as SQLAlchemy Core tables. ``migrations`` brings a database to it; a test holds the two together.

What keeps large catalogues quick: a reference as written is part of its item's ``content``, and ``link`` says only
where it leads (``unresolved`` holds the few that lead nowhere); ``membership`` repeats an item's type and sort key, so
that a cohort's list is an index range; ``tally`` holds the exact counts, so that no page counts rows.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    false,
)

# ``container_id`` of membership and tally where no item stands for the container.
UNASSIGNED: Final = 0
EVERYTHING: Final = -1

# Sorted by code point on both engines, so that cursors mean the same everywhere.
CodePoints = Text().with_variant(Text(collation="C"), "postgresql")


class Instant(TypeDecorator[datetime]):
    """A moment in UTC, without zone in the database and with it in Python."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Drop the zone."""
        return value and value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Put it back."""
        return value and value.replace(tzinfo=UTC)


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
    }
)

blob = Table(
    "blob",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("size", Integer, nullable=False),
    Column("encoding", Text, nullable=False),
)

blob_chunk = Table(
    "blob_chunk",
    metadata,
    Column("sha256", Text, ForeignKey("blob.sha256"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
)

document = Table(
    "document",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", Text, nullable=False),
    Column("name", Text, nullable=False),
    Index("uq_document_key", "key", unique=True),
)

revision = Table(
    "revision",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("public_id", Text, nullable=False),
    Column("document_id", Integer, ForeignKey("document.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("sha256", Text, ForeignKey("blob.sha256"), nullable=False),
    Column("file_name", Text, nullable=False),
    Column("ddi_version", Text, nullable=False),
    Column("root", Text, nullable=False),
    Column("xsd_valid", Boolean),
    Column("encoding", Text, nullable=False),
    Column("context", Text, nullable=False),
    Column("cohort_id", Integer, ForeignKey("item.id")),
    Column("receipt", Text, nullable=False),
    Column("report", Text),
    Column("created_at", Instant, nullable=False),
    Column("published_at", Instant),
    Index("uq_revision_public_id", "public_id", unique=True),
    Index("uq_revision_number", "document_id", "number", unique=True),
    Index("ix_revision_sha256", "sha256"),
)

item = Table(
    "item",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("agency", Text, nullable=False),
    Column("identifier", Text, nullable=False),
    Column("local_id", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("version_key", CodePoints, nullable=False),
    Column("type", Text, nullable=False),
    Column("element", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("ddi_version", Text, nullable=False),
    Column("name", Text),
    Column("sort", CodePoints, nullable=False),
    Column("labels", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("digest", Text, nullable=False),
    Column("variant", Integer, nullable=False),
    Column("published", Boolean, nullable=False),
    Column("latest", Boolean, nullable=False),
    Column("deprecated", Boolean, nullable=False, server_default=false()),
    Index("uq_item_identification", "identifier", "agency", "version", "variant", unique=True),
    Index("ix_item_type_sort", "type", "sort", "id"),
)

occurrence = Table(
    "occurrence",
    metadata,
    Column("revision_id", Integer, ForeignKey("revision.id"), primary_key=True),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    Column("item_id", Integer, ForeignKey("item.id"), nullable=False),
    Column("parent_id", Integer, ForeignKey("item.id")),
    Column("line", Integer, nullable=False),
    Column("span_start", Integer, nullable=False),
    Column("span_end", Integer, nullable=False),
    Column("span_context", Integer, nullable=False),
    Column("language", Text),
    Index("ix_occurrence_item", "item_id", "revision_id"),
    Index("ix_occurrence_parent", "parent_id", "revision_id", "ordinal"),
)

link = Table(
    "link",
    metadata,
    Column("item_id", Integer, ForeignKey("item.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("role", Text, nullable=False),
    Column("target_id", Integer, ForeignKey("item.id"), nullable=False),
    Column("late_bound", Boolean, nullable=False),
    Index("ix_link_target", "target_id", "role", "item_id", "position"),
    sqlite_with_rowid=False,
)

unresolved = Table(
    "unresolved",
    metadata,
    Column("item_id", Integer, ForeignKey("item.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("role", Text, nullable=False),
    Column("agency", Text, nullable=False),
    Column("identifier", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("target_type", Text),
    Column("late_bound", Boolean, nullable=False),
    Column("external", Boolean, nullable=False),
    Column("status", Text, nullable=False),
    Index("ix_unresolved_identifier", "identifier"),
    sqlite_with_rowid=False,
)

membership = Table(
    "membership",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("container_id", Integer, nullable=False),
    Column("item_id", Integer, ForeignKey("item.id"), nullable=False),
    Column("type", Text, nullable=False),
    Column("sort", CodePoints, nullable=False),
    Index("uq_membership_item", "item_id", "container_id", unique=True),
    Index("ix_membership_container", "container_id", "type", "sort", "item_id"),
)

tally = Table(
    "tally",
    metadata,
    Column("container_id", Integer, primary_key=True, autoincrement=False),
    Column("type", Text, primary_key=True),
    Column("number", Integer, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("event", Text, nullable=False),
    Column("revision_id", Integer, ForeignKey("revision.id"), nullable=False),
    Column("item_id", Integer, ForeignKey("item.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    sqlite_autoincrement=True,
)

# One row for each transaction that changed what harvesters get, stamped as its last act: ``at`` never goes back.
harvest_change = Table(
    "harvest_change",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Index("ix_harvest_change_at", "at"),
)

# One row for each (agency, identifier) that is or was harvested, never taken away; ``id`` is the order of listing.
harvest = Table(
    "harvest",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("agency", Text, nullable=False),
    Column("identifier", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("ddi_version", Text, nullable=False),
    Column("item_id", Integer, ForeignKey("item.id"), nullable=False),
    Column("change_id", Integer, ForeignKey("harvest_change.id"), nullable=False),
    Column("deleted", Boolean, nullable=False),
    Index("uq_harvest_identifier", "identifier", "agency", unique=True),
    Index("ix_harvest_type", "type", "id", "change_id"),
    Index("ix_harvest_change", "change_id"),
)

# Which cohorts and studies a record is harvested with; of a deleted record, those that it was in.
harvest_member = Table(
    "harvest_member",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("container_id", Integer, ForeignKey("harvest.id"), nullable=False),
    Column("record_id", Integer, ForeignKey("harvest.id"), nullable=False),
    Column("type", Text, nullable=False),
    Index("uq_harvest_member_record", "record_id", "container_id", unique=True),
    Index("ix_harvest_member_container", "container_id", "type", "record_id"),
)

# What a search shows of an item, as the indexer packed it; made anew where there is none.
card = Table(
    "card",
    metadata,
    Column("item_id", Integer, ForeignKey("item.id"), primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
)

# One row, made with the store.
store = Table("store", metadata, Column("identity", Text, primary_key=True))
