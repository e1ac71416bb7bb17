"""What harvesters get: one record for each identification, when it changed, and in which cohorts and studies it is.

Revision ID: 0004
"""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

TYPES = (
    "'ConceptualVariable', 'Group', 'Instrument', 'QuestionGrid', 'QuestionItem', 'RepresentedVariable', 'StudyUnit', "
    "'Variable'"
)
# Each revision that was published is the change of that number.
RANKED = (
    "SELECT id AS revision_id, row_number() OVER (ORDER BY published_at, id) AS change_id "
    "FROM revision WHERE published_at IS NOT NULL"
)
RECORDS = f"""
INSERT INTO harvest (agency, identifier, type, ddi_version, item_id, change_id, deleted)
SELECT item.agency, item.identifier, item.type, item.ddi_version, item.id, min(ranked.change_id), :deleted
FROM item JOIN occurrence ON occurrence.item_id = item.id
JOIN ({RANKED}) AS ranked ON ranked.revision_id = occurrence.revision_id
WHERE item.type IN ({TYPES})
AND item.id IN (SELECT min(id) FROM item WHERE latest GROUP BY identifier, agency)
GROUP BY item.agency, item.identifier, item.type, item.ddi_version, item.id
ORDER BY item.id
"""  # noqa: S608  (constants of this file)
MEMBERS = f"""
INSERT INTO harvest_member (container_id, record_id, type)
SELECT DISTINCT container.id, record.id, record.type
FROM membership
JOIN item AS box ON box.id = membership.container_id AND box.latest AND box.type IN ('Group', 'StudyUnit')
JOIN item AS held ON held.id = membership.item_id AND held.published
JOIN harvest AS container ON container.identifier = box.identifier AND container.agency = box.agency
JOIN harvest AS record ON record.identifier = held.identifier AND record.agency = held.agency
WHERE membership.type IN ({TYPES})
ORDER BY container.id, record.id
"""  # noqa: S608
LAST_CHANGES = """
UPDATE harvest SET change_id = (
    SELECT max(held.change_id) FROM harvest_member JOIN harvest AS held ON held.id = harvest_member.record_id
    WHERE harvest_member.container_id = harvest.id
)
WHERE id IN (SELECT container_id FROM harvest_member)
"""


def upgrade() -> None:
    """Make the tables and fill them from what is published; nothing was deprecated before."""
    _create_change()
    _create_harvest()
    _create_member()
    connection = op.get_bind()
    _fill_changes(connection)
    connection.execute(sa.text(RECORDS), {"deleted": False})
    connection.execute(sa.text(MEMBERS))
    connection.execute(sa.text(LAST_CHANGES))


def _create_change() -> None:
    op.create_table(
        "harvest_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_harvest_change"),
    )
    op.create_index("ix_harvest_change_at", "harvest_change", ["at"])


def _create_harvest() -> None:
    op.create_table(
        "harvest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("identifier", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("ddi_version", sa.Text(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("change_id", sa.Integer(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name="fk_harvest_item_id"),
        sa.ForeignKeyConstraint(["change_id"], ["harvest_change.id"], name="fk_harvest_change_id"),
        sa.PrimaryKeyConstraint("id", name="pk_harvest"),
    )
    op.create_index("uq_harvest_identifier", "harvest", ["identifier", "agency"], unique=True)
    op.create_index("ix_harvest_type", "harvest", ["type", "id", "change_id"])
    op.create_index("ix_harvest_change", "harvest", ["change_id"])


def _create_member() -> None:
    op.create_table(
        "harvest_member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("container_id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["container_id"], ["harvest.id"], name="fk_harvest_member_container_id"),
        sa.ForeignKeyConstraint(["record_id"], ["harvest.id"], name="fk_harvest_member_record_id"),
        sa.PrimaryKeyConstraint("id", name="pk_harvest_member"),
    )
    op.create_index("uq_harvest_member_record", "harvest_member", ["record_id", "container_id"], unique=True)
    op.create_index("ix_harvest_member_container", "harvest_member", ["container_id", "type", "record_id"])


def _fill_changes(connection: sa.Connection) -> None:
    """One for each published revision, at whole seconds, rounded up."""
    told = sa.table("revision", sa.column("id", sa.Integer), sa.column("published_at", sa.DateTime))
    change = sa.table("harvest_change", sa.column("at", sa.DateTime))
    query = sa.select(told.c.published_at).where(told.c.published_at.is_not(None))
    for moment in connection.scalars(query.order_by(told.c.published_at, told.c.id)).all():
        whole = moment.replace(microsecond=0)
        at = whole + timedelta(seconds=1) if whole < moment else whole
        connection.execute(change.insert().values(at=at))
