"""The search index in Whoosh: the embedded default."""

from catalogue.search.whoosh.index import WhooshIndex

__all__ = ["WhooshIndex"]
