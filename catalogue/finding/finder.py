"""From a question to its answer: the index finds, the store says what is shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from types import MappingProxyType

from catalogue.errors import IndexUnavailableError
from catalogue.finding.answers import (
    COUNTED,
    FACET_VALUES,
    ITEM_FACETS,
    MOST_FACET_VALUES,
    MOST_HITS,
    Correction,
    FacetCounts,
    FacetValue,
    FoundItem,
    SearchAnswer,
    SearchQuestion,
    Suggestion,
)
from catalogue.finding.showing import Described, Kept, exported_item, shown_item
from catalogue.model.text import InternationalString, LocalizedText
from catalogue.search import analysis
from catalogue.search.marking import Marker
from catalogue.search.port import (
    WEIGHTS,
    And,
    Count,
    Everything,
    Facet,
    Field,
    Having,
    Hit,
    IndexState,
    Layer,
    Node,
    Or,
    Position,
    Prefer,
    Prefix,
    SearchDocument,
    SearchIndex,
    SearchRequest,
    SearchResult,
    Term,
    Token,
)
from catalogue.search.spelling import distance
from catalogue.search.syntax import Note, NoteCode, ParsedQuery, parse, tokens
from catalogue.search.thesaurus import Thesaurus
from catalogue.store import Repository
from catalogue.store.records import Containers

_BATCH = 200
# More hits than this are exported by key, whatever the order.
_ORDERED = 10_000
# Fewer hits than this, and hits with some of the words follow; still fewer, and other spellings are looked for.
_ENOUGH, _FEW = 10, 3
# What having all the words adds where some are enough.
_ALL_WORDS = 4.0
# So many words may be a wording that somebody remembers.
_WORDING = 4
# What holds words together in a query.
_JOINED = re.compile(r'(?<=\w)[-/+|](?=\w)|"')
# A shorter word is misspelt in one place at most.
_LONG_WORD = 8
_SPELLINGS = 3
# A shorter beginning has too many items to be worth showing any.
_ITEM_PREFIX = 3
NO_FILTERS: Mapping[Facet, tuple[str, ...]] = MappingProxyType({})
# What can stand before the word that is being typed: a sign, a quote, a field.
_OPENING = re.compile(r"[-(“«\"]*(?:[^\W\d][\w-]*:)?[(“«\"]*")
_FIRST_TYPES = ("Concept", "Group", "StudyUnit", "Instrument")


@dataclass(frozen=True, slots=True)
class _Way:
    """What is asked for a query."""

    node: Node
    relaxed: bool = False
    notes: tuple[Note, ...] = ()


class Finder:
    """Answers searches from an index and the store: the index finds, the store says what is shown.

    Args:
        repository: the store.
        index: an engine.
        thesaurus: expands queries.
        documents: the search documents of items, by internal id; those that are not found by search are left out.
    """

    def __init__(
        self,
        repository: Repository,
        index: SearchIndex,
        thesaurus: Thesaurus,
        documents: Callable[[Sequence[int]], Iterable[SearchDocument]],
    ) -> None:
        self._repository = repository
        self._index = index
        self._thesaurus = thesaurus
        self._documents = documents
        self._described: Kept[int, Described] = Kept()
        self._labels: Kept[str, InternationalString] = Kept()
        self._trusted: Position | None = None

    # --- search

    def search(self, question: SearchQuestion) -> SearchAnswer:
        """One piece of the hits, the counts, and how the question was understood.

        Raises:
            UsageError: the cursor was not given by a search in this order.
            IndexUnavailableError: there is no index that can answer.
        """
        self._check_index()
        parsed = self._parse(question)
        found = self._ask(parsed.node, question)
        exact = found.total
        way = self._way(parsed, question) if exact < _ENOUGH else _Way(parsed.node)
        if way.node is not parsed.node:
            found = self._ask(way.node, question)
        return SearchAnswer(
            question=question,
            items=self._shown(found.hits, way.node, question.language, thorough=len(parsed.words) > 1),
            total=found.total,
            facets=self._counted(found, way.node, question),
            cursor=found.cursor,
            read=parsed.text,
            notes=(*parsed.notes, *way.notes),
            expansions=parsed.expansions,
            relaxed=way.relaxed,
            exact=exact,
            corrections=self._corrections(parsed, question) if exact < _FEW else (),
            index=self._index.state(),
        )

    def all(self, question: SearchQuestion) -> Iterator[FoundItem]:
        """Every hit of a question, without score; its cursor and limit do not matter. Very many come by key.

        Raises:
            IndexUnavailableError: there is no index that can answer.
        """
        self._check_index()
        parsed = self._parse(question)
        node = self._way(parsed, question).node
        keys = self._keys(node, question)
        while batch := list(islice(keys, _BATCH)):
            described = self._describe(batch)
            yield from (exported_item(described[key], question.language) for key in batch if key in described)

    def _keys(self, node: Node, question: SearchQuestion) -> Iterator[int]:
        """The keys of all hits: as they are sorted, while they are not too many to ask for piece by piece."""
        if self._count(node, question.filters) > _ORDERED:
            yield from self._index.keys(node, question.filters)
            return
        request: SearchRequest | None = SearchRequest(node, question.filters, sort=question.sort, limit=_BATCH)
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

    # --- where little is found

    def _way(self, parsed: ParsedQuery, question: SearchQuestion) -> _Way:
        """What to ask: the query as it was read, or something wider, where that has few hits.

        Filters have no part in this: were they to widen a query, a value would give more hits than its count.
        """
        strict = _Way(parsed.node)
        if question.every_word or (exact := self._count(parsed.node)) >= _ENOUGH:
            return strict
        tried = (
            (self._begun, self._apart, self._relaxed, self._broadened, self._any) if exact == 0 else (self._relaxed,)
        )
        return next((way for one in tried if (way := one(parsed, question, exact)) is not None), strict)

    def _relaxed(self, parsed: ParsedQuery, question: SearchQuestion, exact: int) -> _Way | None:
        """Some of the words, all of them first. Operators and phrases stand as they are while they find anything."""
        if parsed.relaxed is None or (exact and not parsed.plain):
            return None
        node = Prefer(parsed.relaxed, ((parsed.node, _ALL_WORDS),)) if exact else parsed.relaxed
        return _Way(node, relaxed=True) if self._count(node) > exact else None

    def _begun(self, parsed: ParsedQuery, question: SearchQuestion, _exact: int) -> _Way | None:
        """Words that nothing has, as beginnings: ``kiné`` is short for ``kinésithérapeute``."""
        begun = [word for word in self._unknown(parsed) if self._index.completions(analysis.compact(word), 1)]
        if not begun:
            return None
        text = _replaced(parsed.text, {word: f"{word}*" for word in begun})
        node = self._parse(replace(question, text=text)).node
        notes = tuple(Note(NoteCode.BEGINNING, word) for word in begun)
        return _Way(node, notes=notes) if self._count(node) else None

    def _apart(self, parsed: ParsedQuery, question: SearchQuestion, _exact: int) -> _Way | None:
        """The words of a phrase, or written together as in ``poids/taille``, each by itself."""
        text = _JOINED.sub(" ", parsed.text)
        node = self._parse(replace(question, text=text)).node if text != parsed.text else None
        return _Way(node, relaxed=True) if node is not None and self._count(node) else None

    def _broadened(self, parsed: ParsedQuery, question: SearchQuestion, _exact: int) -> _Way | None:
        """The nearest broader concept of the thesaurus that anything is found by."""
        level = [one.concept for one in parsed.expansions]
        seen: set[str] = set()
        while level:
            seen.update(one.uri for one in level)  # a thesaurus may go in circles
            level = [above for one in level for above in self._thesaurus.broader(one) if above.uri not in seen]
            for concept in level:
                label = concept.preferred(question.language or "en")
                node = self._parse(replace(question, text=label)).node
                if self._count(node):
                    return _Way(node, notes=(Note(NoteCode.BROADER, label),))
        return None

    def _any(self, parsed: ParsedQuery, question: SearchQuestion, _exact: int) -> _Way | None:
        """Any of the words, idle ones too: of a remembered wording they may be all that is right."""
        if len(parsed.words) < _WORDING or not parsed.plain:
            return None
        node = Or(tuple(analysis.term(word, question.language) for word in dict.fromkeys(parsed.words)))
        return _Way(node, relaxed=True) if self._count(node) else None

    def _unknown(self, parsed: ParsedQuery) -> list[str]:
        """The words that nothing has."""
        return [word for word in dict.fromkeys(parsed.words) if self._count(analysis.term(word)) == 0]

    def _parse(self, question: SearchQuestion) -> ParsedQuery:
        thesaurus = self._thesaurus if question.expand else None
        return parse(question.text, thesaurus, reader=question.language, without=question.without)

    def _ask(self, node: Node, question: SearchQuestion) -> SearchResult:
        wanted = {facet: _most(facet, question) for facet in COUNTED}
        return self._index.search(
            SearchRequest(
                query=node,
                filters=question.filters,
                # One more than is shown tells whether there are more.
                facets={facet: most + 1 for facet, most in wanted.items() if most > 0},
                sort=question.sort,
                cursor=question.cursor,
                limit=max(0, min(question.limit, MOST_HITS)),
            )
        )

    # --- what is shown of hits

    def _shown(self, hits: Iterable[Hit], node: Node, language: str | None, *, thorough: bool) -> tuple[FoundItem, ...]:
        """The hits that the store still has, in the index's order."""
        wanted = list(hits)
        described = self._described.get_many(
            self._repository.last_change(), [hit.key for hit in wanted], self._describe
        )
        marker = Marker(tokens(node))
        return tuple(
            shown_item(described[hit.key], hit.score, marker, language, thorough=thorough)
            for hit in wanted
            if hit.key in described
        )

    def _describe(self, keys: Sequence[int]) -> dict[int, Described]:
        documents = {document.key: document for document in self._documents(keys)}
        containers = self._repository.containers_of(list(documents))
        return {
            stored.id: Described(stored.summary, containers.get(stored.id, Containers()), documents[stored.id])
            for stored in self._repository.get_many(list(documents))
        }

    # --- facets

    def _counted(self, found: SearchResult, node: Node, question: SearchQuestion) -> dict[Facet, FacetCounts]:
        shown = {
            facet: [*counts[: _most(facet, question)], *self._chosen(counts, facet, node, question)]
            for facet, counts in found.facets.items()
        }
        items = [one.value for facet, counts in shown.items() if facet in ITEM_FACETS for one in counts]
        labels = self._labels.get_many(self._repository.last_change(), items, self._labels_of)
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
                count = self._count(node, others | {facet: (value,)}) if len(counts) > most else 0
                yield Count(value, count)

    def _labels_of(self, values: Sequence[str]) -> dict[str, InternationalString]:
        """The labels of items written ``agency/identifier``; empty where there is no such item."""
        return {value: self._label(*value.partition("/")[::2]) for value in values}

    def _label(self, agency: str, identifier: str) -> InternationalString:
        found = self._repository.get(agency, identifier, None)
        if not found:
            return InternationalString()
        item = found[0].item
        return item.title or _unlabelled(item.name or identifier)

    # --- other spellings

    def _corrections(self, parsed: ParsedQuery, question: SearchQuestion) -> tuple[Correction, ...]:
        """Queries with the words replaced that nothing has, most likely first; only those that find something."""
        unknown = [word for word in self._unknown(parsed) if not any(map(str.isdigit, word))]
        choices = {word: self._spellings(word) for word in unknown}
        if not unknown or not all(choices.values()):
            return ()
        corrections = []
        for place in range(min(len(found) for found in choices.values())):
            words = {word: found[place] for word, found in choices.items()}
            text = _replaced(parsed.text, words)
            corrected = self._parse(replace(question, text=text))
            if any(self._count(node) for node in (corrected.node, corrected.relaxed) if node is not None):
                corrections.append(Correction(text, words))
        return tuple(corrections)

    def _spellings(self, word: str) -> list[str]:
        """Words that one is likely to be meant for: hardly anybody gets the first letter wrong."""
        folded = analysis.compact(word)
        most = 1 if len(folded) < _LONG_WORD else 2
        near = [one.value for one in self._index.similar(folded, _SPELLINGS * 4) if one.value[:1] == folded[:1]]
        likely = [other for other in near if distance(other, folded, most) is not None]
        return [self._as_written(other) for other in likely[:_SPELLINGS]]

    def _count(self, node: Node, filters: Mapping[Facet, tuple[str, ...]] = NO_FILTERS) -> int:
        return self._index.search(SearchRequest(node, filters, limit=0)).total

    def _as_written(self, folded: str) -> str:
        """A word of the index with its accents, as a text has it."""
        request = SearchRequest(Term((Token(folded, Layer.WORD),)), limit=1)
        for hit in self._index.search(request).hits:
            described = self._described.get_many(self._repository.last_change(), [hit.key], self._describe)
            for text in described[hit.key].document.texts if hit.key in described else ():
                for word in analysis.words(text.text):
                    if analysis.folded_word(word.text) == folded and text.field not in (Field.NAME, Field.ID):
                        return word.text.lower()
        return folded

    # --- while typing

    def suggest(self, text: str, language: str | None = None, limit: int = 8) -> tuple[Suggestion, ...]:
        """What could be meant by a text that is being typed: its last word completed, and items that it leads to.

        Raises:
            IndexUnavailableError: there is no index that can answer.
        """
        self._check_index()
        typed = text.rstrip()
        before, last = _last_word(typed)
        beginning = analysis.compact(last)
        if not beginning or text != typed:
            return ()
        earlier, _, opening = before.rpartition(" ")
        words = [
            Suggestion(before + self._as_written(one.value), "word", documents=one.documents)
            for one in self._completions(earlier, beginning, limit)
        ]
        items = [] if opening.startswith("-") else self._suggested_items(earlier, beginning, language, limit)
        half = limit // 2
        return (*words[: max(half, limit - len(items))], *items[: max(half, limit - len(words))])

    def _completions(self, earlier: str, beginning: str, limit: int) -> list[Count]:
        """Telling words, codes only where digits are being typed; with what stands before, those that go with it."""
        found = self._index.completions(beginning, limit * 4)
        coded = any(character.isdigit() for character in beginning)
        likely = [one for one in found if (coded or one.value.isalpha()) and one.value not in analysis.stop_words()][
            :limit
        ]
        before = parse(earlier).node
        if isinstance(before, Everything):
            return likely
        together = [(one, self._count(And((before, analysis.term(one.value))))) for one in likely]
        return sorted((Count(one.value, number) for one, number in together if number), key=lambda one: -one.documents)

    def _suggested_items(self, before: str, beginning: str, language: str | None, limit: int) -> list[Suggestion]:
        if len(beginning) < _ITEM_PREFIX:
            return []
        earlier = parse(before, reader=language).node
        wanted: Node = Prefer(
            Or((Prefix(beginning, Field.NAME), Prefix(beginning, Field.LABEL))),
            ((Having(Facet.TYPE, _FIRST_TYPES), WEIGHTS[Field.NAME]),),
        )
        if not isinstance(earlier, Everything):
            wanted = And((earlier, wanted))
        hits = self._index.search(SearchRequest(wanted, limit=limit)).hits
        return [
            Suggestion(found.labels[0].text, "item", found.summary, found.summary.label)
            for found in self._shown(hits, wanted, language, thorough=False)
        ]


def _last_word(typed: str) -> tuple[str, str]:
    """What stands before the word that is being typed, elision included, and the word."""
    start = typed.rfind(" ") + 1
    opening = _OPENING.match(typed, start)
    start = opening.end() if opening else start
    bare = analysis.without_elision(typed[start:]).lstrip()
    return typed[: len(typed) - len(bare)], typed[len(typed) - len(bare) :]


def _unlabelled(text: str) -> InternationalString:
    """A label in no language."""
    return InternationalString((LocalizedText(text),))


def _most(facet: Facet, question: SearchQuestion) -> int:
    """How many values of a facet are wanted."""
    return min(question.facet_values.get(facet, FACET_VALUES), MOST_FACET_VALUES)


def _replaced(text: str, words: Mapping[str, str]) -> str:
    for word, other in words.items():
        text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", partial(_itself, other), text)
    return text


def _itself(other: str, _found: re.Match[str]) -> str:
    """A backslash of the reader's is no part of a pattern."""
    return other
