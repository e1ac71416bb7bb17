"""Floor 2: documents, their revisions, items and references in SQLite or PostgreSQL. Entry: ``open_repository``."""

from catalogue.store.records import NewRevision
from catalogue.store.repository import Repository, open_repository
from catalogue.store.writing import IngestSession

__all__ = ["IngestSession", "NewRevision", "Repository", "open_repository"]
