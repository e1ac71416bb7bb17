"""What older versions of cohorts, studies and waves held: counted by what they held, no longer by what is still latest.

Revision ID: 0006
"""

from alembic import op

revision = "0006"
down_revision = "0005"

OLDER = "SELECT id FROM item WHERE published AND NOT latest AND type IN ('Group', 'StudyUnit', 'CollectionEvent')"
# Of several versions of one item that a container reached the newest counts, as in ``catalogue.store.belonging``.
NEWER = """
SELECT 1 FROM membership AS beside JOIN item AS newer ON newer.id = beside.item_id
WHERE beside.container_id = held.container_id AND newer.identifier = member.identifier
AND newer.agency = member.agency AND newer.version_key > member.version_key
AND newer.published AND NOT newer.deprecated
"""
COUNTS = f"""
INSERT INTO tally (container_id, type, number)
SELECT held.container_id, held.type, count(*)
FROM membership AS held JOIN item AS member ON member.id = held.item_id
WHERE held.container_id IN ({OLDER}) AND held.item_id <> held.container_id
AND member.published AND NOT member.deprecated AND NOT EXISTS ({NEWER})
GROUP BY held.container_id, held.type
"""  # noqa: S608  (constants of this file)


def upgrade() -> None:
    """Count again what is superseded; the counts of latest versions stay as they are."""
    op.execute(f"DELETE FROM tally WHERE container_id IN ({OLDER})")  # noqa: S608
    op.execute(COUNTS)
