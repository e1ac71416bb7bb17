"""Search as the catalogue offers it: the index that the settings name, opened when first asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from threading import Lock

from catalogue.errors import CatalogueError
from catalogue.finding import Called, Finder, FoundItem, SearchAnswer, SearchQuestion, Suggestion, nameless
from catalogue.indexing import DocumentBuilder, Indexer
from catalogue.search import analysis
from catalogue.search.engines import open_index
from catalogue.search.port import IndexState, SearchDocument, SearchIndex
from catalogue.search.thesaurus import read_thesaurus
from catalogue.settings import Settings
from catalogue.store import Repository


class Searching:
    """Everything by words and filters. Safe to share between threads; close it at the end.

    Args:
        index: the search index, where it is not the one that the settings name.
    """

    def __init__(self, settings: Settings, repository: Repository, index: SearchIndex | None = None) -> None:
        self._settings = settings
        self._repository = repository
        self._opening = Lock()
        self._index = index
        self._finder: Finder | None = None
        self._called: Called = nameless
        self._building = Lock()
        self._builder: tuple[int, DocumentBuilder] | None = None

    def search(self, question: SearchQuestion) -> SearchAnswer:
        """One piece of the hits, the counts, and how the question was understood.

        Raises:
            UsageError: the cursor was not given by an answer to this question.
            IndexUnavailableError: there is no index that can answer.
        """
        return self._asked().search(question)

    def all(self, question: SearchQuestion) -> Iterator[FoundItem]:
        """Every hit of a question, by key, streamed. Raises IndexUnavailableError."""
        return self._asked().all(question)

    def newest(self, question: SearchQuestion, limit: int) -> tuple[FoundItem, ...]:
        """The hits of a question that were first published last, the latest first. Raises IndexUnavailableError."""
        return self._asked().newest(question, limit)

    def published_at(self, item_ids: Sequence[int]) -> Mapping[int, datetime]:
        """When each of the items was first published, by internal id."""
        return self._repository.published_at(item_ids)

    def suggest(self, text: str, language: str | None = None, limit: int = 8) -> tuple[Suggestion, ...]:
        """What could be meant by a text that is being typed. Raises IndexUnavailableError."""
        return self._asked().suggest(text, language, limit)

    def call_values(self, called: Called) -> None:
        """Have codes of facets found by what readers see for them, from the next search on."""
        with self._opening:
            self._called, self._finder = called, None

    def state(self) -> IndexState:
        """How the search index is; never raises but UsageError for an engine that is not installed."""
        return self.index().state()

    def index(self) -> SearchIndex:
        """The search index. Raises UsageError for an engine that is not installed."""
        with self._opening:
            if self._index is None:
                self._index = open_index(self._settings)
            return self._index

    def indexer(self) -> Indexer:
        """What brings the search index up to date with the store."""
        return Indexer(self._repository, self.index())

    def warm(self) -> None:
        """Read what the first search needs, so that nobody waits for it; what is not there is not waited for."""
        with suppress(CatalogueError):
            self.search(SearchQuestion(limit=1))

    def close(self) -> None:
        """Give back the index."""
        if self._index is not None:
            self._index.close()

    def _asked(self) -> Finder:
        index = self.index()
        with self._opening:
            if self._finder is None:
                thesaurus = read_thesaurus(self._settings.thesaurus, analysis.normal)
                self._finder = Finder(self._repository, index, thesaurus, self._documents, self._called)
            return self._finder

    def _documents(self, item_ids: Sequence[int]) -> Sequence[SearchDocument]:
        """Made by a builder that remembers concepts, code lists and studies while the store stays as it is."""
        with self._building:
            state = self._repository.last_change()
            if self._builder is None or self._builder[0] != state:
                self._builder = state, DocumentBuilder(self._repository)
            return self._builder[1].build(item_ids).documents
