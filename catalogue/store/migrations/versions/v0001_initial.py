"""Documents, revisions, items, references, memberships, counts and outbox.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

CODE_POINTS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the first schema."""
    _create_blob()
    _create_document()
    _create_item()
    _create_tally()
    _create_blob_chunk()
    _create_link()
    _create_membership()
    _create_revision()
    _create_unresolved()
    _create_occurrence()
    _create_outbox()


def _create_blob() -> None:
    op.create_table(
        "blob",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("encoding", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_blob"),
    )


def _create_document() -> None:
    op.create_table(
        "document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_document"),
    )
    op.create_index("uq_document_key", "document", ["key"], unique=True)


def _create_item() -> None:
    op.create_table(
        "item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("identifier", sa.Text(), nullable=False),
        sa.Column("local_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("version_key", CODE_POINTS, nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("element", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ddi_version", sa.Text(), nullable=False),
        sa.Column("name", sa.Text()),
        sa.Column("sort", CODE_POINTS, nullable=False),
        sa.Column("labels", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("variant", sa.Integer(), nullable=False),
        sa.Column("published", sa.Boolean(), nullable=False),
        sa.Column("latest", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_item"),
    )
    op.create_index("ix_item_type_sort", "item", ["type", "sort", "id"])
    op.create_index("uq_item_identification", "item", ["identifier", "agency", "version", "variant"], unique=True)


def _create_tally() -> None:
    op.create_table(
        "tally",
        sa.Column("container_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("container_id", "type", name="pk_tally"),
    )


def _create_blob_chunk() -> None:
    op.create_table(
        "blob_chunk",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["sha256"], ["blob.sha256"], name="fk_blob_chunk_sha256"),
        sa.PrimaryKeyConstraint("sha256", "seq", name="pk_blob_chunk"),
    )


def _create_link() -> None:
    op.create_table(
        "link",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("late_bound", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name="fk_link_item_id"),
        sa.ForeignKeyConstraint(["target_id"], ["item.id"], name="fk_link_target_id"),
        sa.PrimaryKeyConstraint("item_id", "position", name="pk_link"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_link_target", "link", ["target_id", "role", "item_id", "position"])


def _create_membership() -> None:
    op.create_table(
        "membership",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("container_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("sort", CODE_POINTS, nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name="fk_membership_item_id"),
        sa.PrimaryKeyConstraint("id", name="pk_membership"),
    )
    op.create_index("ix_membership_container", "membership", ["container_id", "type", "sort", "item_id"])
    op.create_index("uq_membership_item", "membership", ["item_id", "container_id"], unique=True)


def _create_revision() -> None:
    op.create_table(
        "revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("ddi_version", sa.Text(), nullable=False),
        sa.Column("root", sa.Text(), nullable=False),
        sa.Column("xsd_valid", sa.Boolean()),
        sa.Column("encoding", sa.Text(), nullable=False),
        sa.Column("context", sa.Text(), nullable=False),
        sa.Column("cohort_id", sa.Integer()),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.Column("report", sa.Text()),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("published_at", sa.DateTime()),
        sa.ForeignKeyConstraint(["cohort_id"], ["item.id"], name="fk_revision_cohort_id"),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name="fk_revision_document_id"),
        sa.ForeignKeyConstraint(["sha256"], ["blob.sha256"], name="fk_revision_sha256"),
        sa.PrimaryKeyConstraint("id", name="pk_revision"),
    )
    op.create_index("ix_revision_sha256", "revision", ["sha256"])
    op.create_index("uq_revision_number", "revision", ["document_id", "number"], unique=True)
    op.create_index("uq_revision_public_id", "revision", ["public_id"], unique=True)


def _create_unresolved() -> None:
    op.create_table(
        "unresolved",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("identifier", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("target_type", sa.Text()),
        sa.Column("late_bound", sa.Boolean(), nullable=False),
        sa.Column("external", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name="fk_unresolved_item_id"),
        sa.PrimaryKeyConstraint("item_id", "position", name="pk_unresolved"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_unresolved_identifier", "unresolved", ["identifier"])


def _create_occurrence() -> None:
    op.create_table(
        "occurrence",
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer()),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("span_start", sa.Integer(), nullable=False),
        sa.Column("span_end", sa.Integer(), nullable=False),
        sa.Column("span_context", sa.Integer(), nullable=False),
        sa.Column("language", sa.Text()),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name="fk_occurrence_item_id"),
        sa.ForeignKeyConstraint(["parent_id"], ["item.id"], name="fk_occurrence_parent_id"),
        sa.ForeignKeyConstraint(["revision_id"], ["revision.id"], name="fk_occurrence_revision_id"),
        sa.PrimaryKeyConstraint("revision_id", "ordinal", name="pk_occurrence"),
    )
    op.create_index("ix_occurrence_item", "occurrence", ["item_id", "revision_id"])
    op.create_index("ix_occurrence_parent", "occurrence", ["parent_id", "revision_id", "ordinal"])


def _create_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name="fk_outbox_item_id"),
        sa.ForeignKeyConstraint(["revision_id"], ["revision.id"], name="fk_outbox_revision_id"),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sqlite_autoincrement=True,
    )
