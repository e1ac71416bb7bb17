"""Published items that no document stands for any more.

Revision ID: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the column; nothing was deprecated before."""
    op.add_column("item", sa.Column("deprecated", sa.Boolean(), nullable=False, server_default=sa.false()))
