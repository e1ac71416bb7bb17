"""The tantivy adapter of the search port: an engine in the process, its index in a folder. An optional extra."""

from catalogue.search.tantivy.index import TantivyIndex

__all__ = ["TantivyIndex"]
