"""Floor 3: from the store's items to search documents, and the index that follows the store. Entry: ``Indexer``."""

from catalogue.indexing.documents import DocumentBuilder, Documents
from catalogue.indexing.feeding import INDEXED
from catalogue.indexing.indexer import Indexer

__all__ = ["INDEXED", "DocumentBuilder", "Documents", "Indexer"]
