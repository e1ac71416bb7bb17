"""What cohorts, studies and waves hold, in whatever version, no longer only what of it is still the latest.

Revision ID: 0006
"""

from alembic import op

revision = "0006"
down_revision = "0005"

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
WHERE held.container_id > 0 AND held.item_id <> held.container_id
AND member.published AND NOT member.deprecated AND NOT EXISTS ({NEWER})
GROUP BY held.container_id, held.type
"""  # noqa: S608  (constants of this file)

MEMBERS = """
INSERT INTO harvest_member (container_id, record_id, type)
SELECT DISTINCT container.id, record.id, record.type
FROM membership
JOIN item AS box ON box.id = membership.container_id AND box.latest AND box.type IN ('Group', 'StudyUnit')
JOIN item AS held ON held.id = membership.item_id AND held.published AND NOT held.deprecated
JOIN harvest AS container ON container.identifier = box.identifier AND container.agency = box.agency
JOIN harvest AS record ON record.identifier = held.identifier AND record.agency = held.agency
WHERE NOT EXISTS (
    SELECT 1 FROM harvest_member AS known WHERE known.record_id = record.id AND known.container_id = container.id
)
ORDER BY container.id, record.id
"""


def upgrade() -> None:
    """Count again, and put records into the sets of what holds them.

    The counts of the whole catalogue and of what nothing holds stay as they are.
    """
    op.execute("DELETE FROM tally WHERE container_id > 0")
    op.execute(COUNTS)
    op.execute(MEMBERS)
