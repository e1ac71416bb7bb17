"""From a question to its answer: the index finds, the store says what is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from heapq import nlargest
from itertools import islice
from typing import Final

from catalogue.errors import IndexUnavailableError
from catalogue.finding.absent import absent_values
from catalogue.finding.answers import (
    COUNTED,
    FACET_VALUES,
    ITEM_FACETS,
    MOST_FACET_VALUES,
    MOST_HITS,
    FacetCounts,
    FacetValue,
    FoundItem,
    SearchAnswer,
    SearchQuestion,
    Suggestion,
)
from catalogue.finding.asking import Asker, within_years
from catalogue.finding.cursors import bound, unbound
from catalogue.finding.describing import Describer
from catalogue.finding.naming import Called, ValueNames, nameless
from catalogue.finding.showing import Excerpts, exported_item, shown_item
from catalogue.finding.spelt import FEW, Speller
from catalogue.finding.suggesting import Suggester
from catalogue.finding.widening import ENOUGH, Way, widened
from catalogue.model.text import InternationalString
from catalogue.search.marking import Marker
from catalogue.search.notes import NoteCode
from catalogue.search.port import (
    IN_ENGLISH,
    Count,
    Facet,
    Health,
    Hit,
    IndexState,
    Node,
    Position,
    SearchDocument,
    SearchIndex,
    SearchRequest,
    SearchResult,
    SearchText,
    Sort,
)
from catalogue.search.syntax import ParsedQuery, tokens
from catalogue.search.thesaurus import Thesaurus
from catalogue.store import Repository

_BATCH: Final = 200
# More hits than this are exported by key, whatever the order.
_ORDERED: Final = 10_000
# So many hits at a time are asked when they were published.
_DATED: Final = 5_000


class Finder:
    """Answers searches from an index and the store: the index finds, the store says what is shown.

    Args:
        repository: the store.
        index: an engine.
        thesaurus: expands queries.
        documents: the search documents of items, by internal id; those that are not found by search are left out.
        called: what readers see for codes of facets, which they can type.
    """

    def __init__(
        self,
        repository: Repository,
        index: SearchIndex,
        thesaurus: Thesaurus,
        documents: Callable[[Sequence[int]], Iterable[SearchDocument]],
        called: Called = nameless,
    ) -> None:
        self._repository = repository
        self._index = index
        self._describer = Describer(repository, documents)
        self._asker = Asker(index, thesaurus, ValueNames(index, called))
        self._speller = Speller(self._asker, self._texts_of)
        self._suggester = Suggester(self._asker, self._speller, self._texts_of, self._shown)
        self._trusted: Position | None = None

    # --- search

    def search(self, question: SearchQuestion) -> SearchAnswer:
        """One piece of the hits, the counts, and how the question was understood.

        Raises:
            UsageError: the cursor was not given by a search in this order.
            IndexUnavailableError: there is no index that can answer.
        """
        self._check_index()
        parsed = self._asker.parse(question)
        node = within_years(parsed.node, question)
        found = self._ask(node, question)
        exact = found.total
        way = widened(self._asker, parsed, question) if exact < ENOUGH else Way(parsed.node)
        if way.node is not parsed.node:
            node = within_years(way.node, question)
            found = self._ask(node, question)
        index = self._index.state()
        # Of an index that is being built nobody knows what it will not have.
        absent = absent_values(self._asker, parsed, question, found.total) if index.health is Health.READY else ()
        return SearchAnswer(
            question=question,
            items=self._shown(found.hits, way.node, question.language, thorough=len(parsed.words) > 1),
            total=found.total,
            facets=self._counted(found, node, question),
            cursor=bound(found.cursor, question),
            read=parsed.text,
            notes=(*parsed.notes, *way.notes, *absent),
            expansions=parsed.expansions,
            relaxed=way.relaxed,
            exact=exact,
            corrections=self._speller.corrections(parsed, question) if exact < FEW or _has_wrong_field(parsed) else (),
            index=index,
        )

    def all(self, question: SearchQuestion) -> Iterator[FoundItem]:
        """Every hit of a question, without score; its cursor and limit do not matter. Very many come by key.

        Raises:
            IndexUnavailableError: there is no index that can answer.
        """
        keys = self._keys(self._wanted(question), question)
        while batch := list(islice(keys, _BATCH)):
            described = self._describer.of(batch)
            yield from (exported_item(described[key], question.language) for key in batch if key in described)

    def newest(self, question: SearchQuestion, limit: int) -> tuple[FoundItem, ...]:
        """The hits that were first published last, the latest first, however many there are; without score.

        Raises:
            IndexUnavailableError: there is no index that can answer.
        """
        keys = self._index.keys(self._wanted(question), question.filters)
        latest = [key for _, key in nlargest(limit, self._published(keys))]
        described = self._describer.of(latest)
        return tuple(exported_item(described[key], question.language) for key in latest if key in described)

    def _published(self, keys: Iterator[int]) -> Iterator[tuple[datetime, int]]:
        """When each was first published."""
        while batch := list(islice(keys, _DATED)):
            yield from ((moment, key) for key, moment in self._repository.published_at(batch).items())

    def _wanted(self, question: SearchQuestion) -> Node:
        """What the whole result of a question matches."""
        self._check_index()
        way = widened(self._asker, self._asker.parse(question), question)
        return within_years(way.node, question)

    def _keys(self, node: Node, question: SearchQuestion) -> Iterator[int]:
        """The keys of all hits: as they are sorted, while they are not too many to ask for piece by piece."""
        if self._asker.count(node, question.filters) > _ORDERED:
            yield from self._index.keys(node, question.filters)
            return
        request: SearchRequest | None = SearchRequest(node, question.filters, sort=_order(question), limit=_BATCH)
        while request is not None:
            found = self._index.search(request)
            yield from (hit.key for hit in found.hits)
            request = replace(request, cursor=found.cursor) if found.cursor else None

    def state(self) -> IndexState:
        """How the index is; never raises."""
        return self._index.state()

    def _check_index(self) -> None:
        """Raises IndexUnavailableError where the index has followed something else than this store: numbers of items
        mean others there."""
        position = self._index.state().position
        if position is None or position == self._trusted:
            return
        past = self._repository.past(position.change)
        if past == position.store:
            self._trusted = position
        # A change that this thread does not see yet may just have been made.
        elif not (past.endswith("/") and position.store.startswith(past)):
            raise IndexUnavailableError("The search index is not that of this catalogue.")

    def _ask(self, node: Node, question: SearchQuestion) -> SearchResult:
        wanted = {facet: _most(facet, question) for facet in COUNTED}
        return self._index.search(
            SearchRequest(
                query=node,
                filters=question.filters,
                # One more than is shown tells whether there are more.
                facets={facet: most + 1 for facet, most in wanted.items() if most > 0},
                sort=_order(question),
                cursor=unbound(question.cursor, question),
                limit=max(0, min(question.limit, MOST_HITS)),
            )
        )

    # --- what is shown of hits

    def _shown(
        self, hits: Iterable[Hit], node: Node, language: str | None, *, thorough: bool = False
    ) -> tuple[FoundItem, ...]:
        """The hits that the store still has, in the index's order."""
        wanted = list(hits)
        described = self._describer.of([hit.key for hit in wanted])
        excerpts = Excerpts(Marker(tokens(node)))
        return tuple(
            shown_item(described[hit.key], hit.score, excerpts, language, thorough=thorough)
            for hit in wanted
            if hit.key in described
        )

    def _texts_of(self, keys: Sequence[int]) -> dict[int, Sequence[SearchText]]:
        return {key: one.document.texts for key, one in self._describer.of(keys).items()}

    # --- facets

    def _counted(self, found: SearchResult, node: Node, question: SearchQuestion) -> dict[Facet, FacetCounts]:
        shown = {
            facet: [*counts[: _most(facet, question)], *self._chosen(counts, facet, node, question)]
            for facet, counts in found.facets.items()
        }
        items = [one.value for facet, counts in shown.items() if facet in ITEM_FACETS for one in counts]
        labels = self._describer.labels(items)
        return {
            facet: FacetCounts(
                tuple(
                    FacetValue(
                        one.value,
                        one.documents,
                        labels.get(one.value, InternationalString()) if facet in ITEM_FACETS else InternationalString(),
                        one.value in question.filters.get(facet, ()),
                    )
                    for one in counts
                ),
                more=len(found.facets[facet]) > _most(facet, question),
            )
            for facet, counts in shown.items()
        }

    def _chosen(self, counts: Sequence[Count], facet: Facet, node: Node, question: SearchQuestion) -> Iterator[Count]:
        """The chosen values that are not among those with most documents, with what they have."""
        most = _most(facet, question)
        known = {one.value for one in counts[:most]}
        others = {one: values for one, values in question.filters.items() if one is not facet}
        for value in dict.fromkeys(question.filters.get(facet, ())):
            if value not in known:
                # All values are known where there are no more than are shown.
                count = self._asker.count(node, others | {facet: (value,)}) if len(counts) > most else 0
                yield Count(value, count)

    # --- while typing

    def suggest(self, text: str, language: str | None = None, limit: int = 8) -> tuple[Suggestion, ...]:
        """What could be meant by a text that is being typed: its last word completed, and items that it leads to.

        What is in the reader's language comes first.

        Raises:
            IndexUnavailableError: there is no index that can answer.
        """
        self._check_index()
        return self._suggester.suggest(text, language, limit)


def _has_wrong_field(parsed: ParsedQuery) -> bool:
    return any(note.code is NoteCode.UNKNOWN_FIELD for note in parsed.notes)


def _order(question: SearchQuestion) -> Sort:
    """By what the reader sees."""
    return IN_ENGLISH.get(question.sort, question.sort) if question.language == "en" else question.sort


def _most(facet: Facet, question: SearchQuestion) -> int:
    """How many values of a facet are wanted."""
    return min(question.facet_values.get(facet, FACET_VALUES), MOST_FACET_VALUES)
