"""What is measured side by side: the adapters behind the port, and Whoosh as one would first write it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Protocol

from whoosh.analysis import StemmingAnalyzer
from whoosh.fields import ID, NUMERIC, TEXT, Schema
from whoosh.index import create_in, open_dir
from whoosh.qparser import FuzzyTermPlugin, MultifieldParser
from whoosh.query import And, Or, Term
from whoosh.sorting import Count

from catalogue.search.port import Facet, Field, Position, SearchDocument, SearchIndex, SearchRequest
from tests.benchmarks.questions import FACETS, Kind, Question

BARE: Final = "bare Whoosh"
_HITS = 20
_VALUES = 20
_WORDS = 10
_STORE = "bench"


class Engine(Protocol):
    """An index in a folder, with what the measurements ask of it."""

    def build(self, batches: Iterable[list[SearchDocument]], total: int) -> None:
        """Index everything anew."""
        ...

    def ask(self, question: Question) -> int:
        """Answer as for a page, and give the number of hits or words."""
        ...

    def updates(self, batches: Iterable[list[SearchDocument]]) -> Iterator[None]:
        """Put documents in place of those with the same key; comes back after each batch, when readers see it."""
        ...


class Adapter:
    """An adapter of the port."""

    def __init__(self, index: SearchIndex) -> None:
        self._index = index

    def build(self, batches: Iterable[list[SearchDocument]], total: int) -> None:
        """See Engine."""
        with self._index.writer() as writer, writer.rebuild(total) as making:
            for batch in batches:
                making.add(batch)
            making.publish(Position(_STORE, 1))

    def ask(self, question: Question) -> int:
        """See Engine."""
        if question.kind is Kind.COMPLETE:
            return len(self._index.completions(question.words, _WORDS))
        if question.kind is Kind.SIMILAR:
            return len(self._index.similar(question.words, _WORDS))
        facets: dict[Facet, int] = dict.fromkeys(FACETS, _VALUES) if question.counted else {}
        return self._index.search(SearchRequest(question.node, question.filters, facets, limit=_HITS)).total

    def updates(self, batches: Iterable[list[SearchDocument]]) -> Iterator[None]:
        """See Engine."""
        with self._index.writer() as writer:
            for change, batch in enumerate(batches, 2):
                writer.apply(batch, (), Position(_STORE, change))
                yield


# --- bare Whoosh ------------------------------------------------------------------------------------------------------

_TEXTS: Final = (Field.LABEL, Field.QUESTION, Field.CATEGORY, Field.CONCEPT, Field.NAME)
_MEMORY = 256  # MB that the writer may use


class BareWhoosh:
    """Five stored and stemmed text fields, a sortable column for each facet, ``MultifieldParser`` and ``groupedby``.

    Several values of a facet stand in one column as one text; it would be slower to count them one by one. The number
    of hits disregards a filter, since Whoosh's does.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._found: Any = None
        self._parser: Any = None

    def build(self, batches: Iterable[list[SearchDocument]], total: int) -> None:
        """See Engine."""
        self._root.mkdir(parents=True, exist_ok=True)
        writer = create_in(str(self._root), _schema()).writer(limitmb=_MEMORY)
        for batch in batches:
            for document in batch:
                writer.add_document(**_row(document))
        writer.commit()

    def ask(self, question: Question) -> int:
        """See Engine."""
        searcher = self._searcher()
        if question.kind is Kind.COMPLETE:
            return len(searcher.reader().most_frequent_terms("label", _WORDS, question.words))
        if question.kind is Kind.SIMILAR:
            return len(searcher.suggest("label", question.words, limit=_WORDS, maxdist=2))
        groups = [_column(facet) for facet in FACETS] if question.counted else None
        query = self._parser.parse(question.words)
        found = searcher.search(query, limit=_HITS, groupedby=groups, filter=_filter(question.filters), maptype=Count)
        _ = [hit.fields() for hit in found]
        return len(found)

    def updates(self, batches: Iterable[list[SearchDocument]]) -> Iterator[None]:
        """See Engine."""
        index = open_dir(str(self._root))
        for batch in batches:
            writer = index.writer(limitmb=_MEMORY)
            for document in batch:
                writer.update_document(**_row(document))
            writer.commit()
            yield

    def _searcher(self) -> Any:
        """The latest: opened anew after a commit."""
        if self._found is None:
            self._found = self._open()
        elif not self._found.up_to_date():
            self._found.close()
            self._found = self._open()
        return self._found

    def _open(self) -> Any:
        index = open_dir(str(self._root))
        self._parser = MultifieldParser([text.value for text in _TEXTS], index.schema)
        self._parser.add_plugin(FuzzyTermPlugin())
        return index.searcher()


def _column(facet: Facet) -> str:
    return f"facet_{facet.value}"


def _schema() -> Any:
    texts = {text.value: TEXT(stored=True, analyzer=StemmingAnalyzer()) for text in _TEXTS}
    facets = {_column(facet): ID(sortable=True) for facet in FACETS}
    return Schema(key=NUMERIC(unique=True, stored=True), **texts, **facets)


def _row(document: SearchDocument) -> dict[str, Any]:
    row: dict[str, Any] = {"key": document.key}
    for field in _TEXTS:
        row[field.value] = " ".join(text.text for text in document.texts if text.field is field)
    for facet in FACETS:
        row[_column(facet)] = ",".join(document.facets.get(facet, ()))
    return row


def _filter(filters: Mapping[Facet, tuple[str, ...]]) -> Any:
    if not filters:
        return None
    return And([Or([Term(_column(facet), value) for value in values]) for facet, values in filters.items()])


# --- by name ----------------------------------------------------------------------------------------------------------


def _whoosh(root: Path) -> Engine:
    from catalogue.search.whoosh import WhooshIndex

    return Adapter(WhooshIndex(root))


def _tantivy(root: Path) -> Engine:
    from catalogue.search.tantivy import TantivyIndex

    return Adapter(TantivyIndex(root))


ENGINES: Final[Mapping[str, Callable[[Path], Engine]]] = {"whoosh": _whoosh, "tantivy": _tantivy, BARE: BareWhoosh}
