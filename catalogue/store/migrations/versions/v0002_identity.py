"""The identity of the store.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op

from catalogue.store.migrations import identify

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table and its row."""
    op.create_table(
        "store",
        sa.Column("identity", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("identity", name="pk_store"),
    )
    identify(op.get_bind())
