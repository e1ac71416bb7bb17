"""What a search shows of items.

Revision ID: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the table; the next indexing fills it."""
    op.create_table(
        "card",
        sa.Column("item_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name="fk_card_item_id"),
        sa.PrimaryKeyConstraint("item_id", name="pk_card"),
    )
