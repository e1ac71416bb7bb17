"""The adapter of OpenSearch, for a catalogue on several machines. The extra ``opensearch`` installs what it needs.

    <prefix>-1e3            an alias: what answers to the versions of the program with layout 1 and edition 3
    <prefix>-1e3-000001     an index; another one beside it while the catalogue is indexed anew
    <prefix>-1e3-state      documents ``current`` (position), ``making`` (progress) and ``lock`` (who writes)

Versions of the program whose indexes differ have each their own, as in ``folder``: what others left is removed when a
whole index takes the place of one that could answer, as ``catalogue reindex`` does, and at no other time.

What was tested. The contract suite runs against ``noida-db`` 0.2.3, which speaks the protocol: queries, scores,
counts, sorts, cursors, bulk, aliases, templates, conditional writes. It ignores ``include`` of a terms aggregation, so
that words are also chosen here. Never tested: OpenSearch itself, a cluster with copies of a shard, security plug-ins,
a full disk, a million documents. Known of Lucene and not of ``noida-db``: a fuzzy word of one letter finds no other
letter; a query has at most ``indices.query.bool.max_clause_count`` clauses, of which a typed word takes about thirty.
"""

from __future__ import annotations

import base64
import json
import math
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from threading import Event, Thread
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from opensearchpy import ConflictError, NotFoundError, OpenSearch, OpenSearchException, TransportError
from opensearchpy import ConnectionError as UnreachableError
from opensearchpy.helpers import bulk

from catalogue.errors import IndexBusyError, IndexUnavailableError, StorageError
from catalogue.search import analysis
from catalogue.search.foreign import foreign_cursor
from catalogue.search.memory import distance
from catalogue.search.opensearch_query import (
    ALL,
    ORDERS,
    Json,
    Translation,
    filtered,
    fuzzy,
    kept,
    literal,
    near,
    request_body,
    template,
    tokens,
)
from catalogue.search.port import (
    EDITION,
    Count,
    Facet,
    Health,
    Hit,
    IndexState,
    Layer,
    Node,
    Position,
    SearchDocument,
    SearchRequest,
    SearchResult,
    Sort,
    distance_of,
)

_LAYOUT = f"1e{EDITION}"
_PIECE = 1_000  # keys and documents a request
_MOST = 9_999  # hits a request, one less than the server gives
_WORDS = 10_000  # words looked at for similar ones
_TIMEOUT = 60.0  # seconds a request
_LEASE = 60.0  # seconds without a sign of life after which another may write


class OpenSearchIndex:
    """A SearchIndex on a server.

    Args:
        url: of the server, with user and password where it asks for them.
        prefix: begins the names of all that the catalogue keeps there.
        lease: seconds after which the right to write passes on from a writer that gives no sign of life. The clocks of
            machines that write must agree better than that.
    """

    def __init__(self, url: str, prefix: str, lease: float = _LEASE) -> None:
        self._client = OpenSearch(url, timeout=_TIMEOUT)
        self._server = _without_password(url)
        self._family = prefix
        self._layout = _LAYOUT
        self._prefix = f"{prefix}-{_LAYOUT}"
        self._lease = lease

    def search(self, request: SearchRequest) -> SearchResult:
        """See SearchIndex."""
        asked = SearchRequest(
            request.query, request.filters, request.facets, request.sort, request.cursor, min(request.limit, _MOST)
        )
        after = _after(request.cursor, request.sort)
        with self._reaching():
            scored = request.sort is Sort.RELEVANCE
            query = self._translation(request.query, scored).query(request.query)
            answer = self._client.search(index=self._prefix, body=request_body(asked, query, after))
        return _result(asked, answer)

    def keys(self, query: Node, filters: Mapping[Facet, tuple[str, ...]]) -> Iterator[int]:
        """See SearchIndex."""
        with self._reaching():
            matching = filtered(self._translation(query, scored=False).query(query), filters)
        body: Json = {"query": matching, "sort": [{"key": "asc"}], "size": _PIECE, "_source": False}
        while True:
            with self._reaching():
                hits = self._client.search(index=self._prefix, body=body)["hits"]["hits"]
            yield from (hit["sort"][0] for hit in hits)
            if len(hits) < _PIECE:
                return
            body["search_after"] = hits[-1]["sort"]

    def completions(self, prefix: str, limit: int) -> tuple[Count, ...]:
        """See SearchIndex."""
        query = {"prefix": {ALL[Layer.WORD]: {"value": prefix}}}
        words: list[Count] = []
        for most in (limit, _WORDS):  # the second for a server that does not heed the expression
            words = self._words(query, f"{literal(prefix)}.*", most)
            if all(word.value.startswith(prefix) for word in words):
                break
        return tuple(word for word in words if word.value.startswith(prefix))[:limit]

    def similar(self, word: str, limit: int) -> tuple[Count, ...]:
        """See SearchIndex; exact while at most ten thousand words share a part with the word."""
        most = distance_of(word)
        found = self._words(fuzzy(ALL[Layer.WORD], word, most), near(word, most), _WORDS)
        measured = ((distance(one.value, word, most), one) for one in found if one.value != word)
        nearest = sorted((far, -one.documents, one.value) for far, one in measured if far is not None)
        return tuple(Count(value, -count) for _, count, value in nearest[:limit])

    def state(self) -> IndexState:
        """See SearchIndex."""
        try:
            with self._reaching():
                return self._state()
        except IndexUnavailableError as error:
            return IndexState(Health.BROKEN, message=f"{error.message} {error.next_step}")

    @contextmanager
    def writer(self) -> Iterator[OpenSearchWriter]:
        """See SearchIndex."""
        with self._reaching(), suppress(ConflictError):
            self._client.indices.create(index=self._states, body={"mappings": {"dynamic": False}}, ignore=400)
        lease = Lease(self._client, self._states, self._lease)
        with self._reaching():
            lease.take()
        try:
            writer = OpenSearchWriter(self, lease)
            writer.settle()
            yield writer
        finally:
            lease.give_back()

    def close(self) -> None:
        """See SearchIndex."""
        self._client.close()

    # --- parts

    @property
    def _states(self) -> str:
        return f"{self._prefix}-state"

    def _state(self) -> IndexState:
        current, making = self._document("current"), self._document("making")
        answering = current or (making if making and making["shown"] else None)
        documents = self._answering_documents() if answering else 0
        position = Position(current["store"], current["change"]) if current else None
        generation = f"{answering['index']}.{answering['serial']}" if answering else ""
        if making is not None:
            return IndexState(Health.BUILDING, documents or 0, position, making["done"], making["total"], generation)
        if current is None:
            return IndexState(Health.ABSENT)
        if documents is None:
            return IndexState(Health.BROKEN, 0, position, message=f"The index {current['index']} was deleted.")
        return IndexState(Health.READY, documents, position, documents, documents, generation)

    def _document(self, name: str) -> Json | None:
        """A document of the state; None where there is none of this layout."""
        found = self._client.get(index=self._states, id=name, ignore=404).get("_source")
        return found if isinstance(found, dict) and found.get("layout") == self._layout else None

    def _answering_documents(self) -> int | None:
        counted = self._client.count(index=self._prefix, ignore=404).get("count")
        return None if counted is None else int(counted)

    def _translation(self, query: Node, scored: bool) -> Translation:
        """Knows how frequent the tokens of a query are, where scores matter."""
        needed = sorted(tokens(query)) if scored else []
        if not needed:
            return Translation(0, {})
        counting = [{}, *({"query": {"term": {ALL[layer]: text}}} for layer, text in needed)]
        lines = [line for one in counting for line in ({}, {"size": 0, "track_total_hits": True, **one})]
        answers = self._client.msearch(body=lines, index=self._prefix)["responses"]
        documents, *counts = map(_total, answers)
        return Translation(documents, dict(zip(needed, counts, strict=True)))

    def _words(self, query: Json, expression: str, most: int) -> list[Count]:
        counting = {"terms": {"field": ALL[Layer.WORD], "size": most, "include": expression}}
        body = {"query": query, "size": 0, "aggs": {"words": counting}}
        with self._reaching():
            answer = self._client.search(index=self._prefix, body=body)
        return _counts(answer["aggregations"]["words"])

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        """What the server says becomes an error that says what to do."""
        step = f"Check that the search server at {self._server} runs and can be reached from here"
        try:
            yield
        except NotFoundError as error:
            raise IndexUnavailableError(f"There is no search index yet on {self._server}.") from error
        except UnreachableError as error:
            raise IndexUnavailableError(
                f"The search server at {self._server} does not answer.", next_step=f"{step}, then try again."
            ) from error
        except OpenSearchException as error:
            raise IndexUnavailableError(
                f"The search server at {self._server} refused: {_reason(error)}.",
                next_step=f"{step}, and that it lets the catalogue in; its log says more.",
            ) from error


def _total(answer: Json) -> int:
    if answer.get("status") == 404:
        raise NotFoundError(404, "index_not_found_exception", answer)
    if "error" in answer:
        raise TransportError(answer.get("status", "N/A"), str(answer["error"].get("type")), answer)
    return int(answer["hits"]["total"]["value"])


def _reason(error: OpenSearchException) -> str:
    return f"{error.status_code} {error.error}" if isinstance(error, TransportError) else type(error).__name__


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _counts(aggregation: Json) -> list[Count]:
    return [Count(bucket["key"], bucket["doc_count"]) for bucket in aggregation["buckets"]]


def _result(request: SearchRequest, answer: Json) -> SearchResult:
    found = answer["hits"]["hits"]
    scored = request.sort is Sort.RELEVANCE
    hits = tuple(Hit(hit["sort"][-1], hit["sort"][0] if scored else 0.0) for hit in found[: request.limit])
    counted = answer.get("aggregations", {})
    facets = {facet: tuple(_counts(counted[facet]["values"])) if facet in counted else () for facet in request.facets}
    more = len(found) > request.limit > 0
    cursor = _cursor(request.sort, found[request.limit - 1]["sort"]) if more else None
    return SearchResult(hits, answer["hits"]["total"]["value"], facets, cursor)


def _cursor(sort: Sort, values: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps([sort, *values]).encode()).decode().rstrip("=")


def _after(cursor: str | None, sort: Sort) -> list[Any] | None:
    """The last hit's values that a cursor was made from."""
    if cursor is None:
        return None
    try:
        values: list[Any]
        made_for, *values = json.loads(
            base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        )
        expected = [kind for _, _, kind in ORDERS[sort]]
        if made_for != sort or [type(value) for value in values] != expected:
            raise ValueError("made for another sort")
        if any(isinstance(value, float) and not math.isfinite(value) for value in values):
            raise ValueError("not a score")
    except (ValueError, TypeError) as error:
        raise foreign_cursor() from error
    return values


# --- writing ----------------------------------------------------------------------------------------------------------


class Lease:
    """The right to write: a document that lapses unless it is renewed, which a thread does."""

    def __init__(self, client: OpenSearch, index: str, seconds: float) -> None:
        self._client = client
        self._where = {"index": index, "id": "lock"}
        self._seconds = seconds
        self._owner = uuid4().hex
        self._until = 0.0
        self._version: Json = {}
        self._ended = Event()
        self._thread = Thread(target=self._keep, name="search-index-lease", daemon=True)

    def take(self) -> None:
        """Raises IndexBusyError while another has it."""
        try:
            self._note(self._client.create, {})
        except ConflictError:
            self._take_over()
        self._thread.start()

    def check(self) -> None:
        """Raises IndexBusyError if it was lost: it could not be renewed in time."""
        if time.time() > self._until:
            raise IndexBusyError("The right to write to the search index was lost: it was not renewed in time.")

    def give_back(self) -> None:
        """Ends it; where the server is gone it lapses."""
        self._ended.set()
        if self._thread.ident is not None:
            self._thread.join()
        with suppress(OpenSearchException):
            self._client.delete(**self._where, params=self._version)

    def _take_over(self) -> None:
        try:
            found = self._client.get(**self._where)
            if found["_source"]["until"] > time.time():
                raise IndexBusyError("Another process writes to the search index.")
            self._note(self._client.index, {"if_seq_no": found["_seq_no"], "if_primary_term": found["_primary_term"]})
        except (ConflictError, NotFoundError) as error:
            raise IndexBusyError("Another process writes to the search index.") from error

    def _note(self, write: Any, condition: Json) -> None:
        until = time.time() + self._seconds
        noted = write(**self._where, body={"owner": self._owner, "until": until}, params=condition)
        self._version = {"if_seq_no": noted["_seq_no"], "if_primary_term": noted["_primary_term"]}
        self._until = until

    def _keep(self) -> None:
        while not self._ended.wait(self._seconds / 4):
            try:
                self._note(self._client.index, self._version)
            except ConflictError:
                self._until = 0.0
                return
            except OpenSearchException:
                continue  # tried again until it lapses


class OpenSearchWriter:
    """See IndexWriter."""

    def __init__(self, index: OpenSearchIndex, lease: Lease) -> None:
        self._index = index
        self._client = index._client
        self._prefix = index._prefix
        self._lease = lease

    def apply(self, documents: Iterable[SearchDocument], removed: Sequence[int], position: Position) -> None:
        """See IndexWriter."""
        with self.storing():
            current = self._index._document("current")
            if current is None:
                raise StorageError("There is no published index.", next_step="Run: catalogue reindex")
            name, serial = current["index"], current["serial"] + 1
            self.send(name, _changes(documents, removed))
            self._client.indices.refresh(index=name)
            self.note("current", index=name, serial=serial, store=position.store, change=position.change)

    def withdraw(self) -> None:
        """See IndexWriter."""
        with self.storing():
            self._client.delete(index=self._index._states, id="current", ignore=404)
            self.settle()

    @contextmanager
    def rebuild(self, total: int) -> Iterator[OpenSearchRebuild]:
        """See IndexWriter."""
        with self.storing():
            self.settle()
            name = f"{self._prefix}-{max(self._numbers(), default=0) + 1:06}"
            self._client.indices.put_index_template(name=self._prefix, body=template(f"{self._prefix}-0*"))
            self._client.indices.create(index=name)
        making = OpenSearchRebuild(self, name, total, shown=self._index._document("current") is None)
        try:
            with self.storing():
                making.note()
            yield making
        finally:
            if not making.published:
                self._abandon()

    # --- parts

    def settle(self) -> None:
        """The alias leads to the current index, and no other is left: what a killed writer left half done is done."""
        with self._index._reaching():
            current = self._index._document("current")
            kept_name = current["index"] if current else None
            names = self._names()
            actions: list[Json] = [{"remove_index": {"index": name}} for name in names if name != kept_name]
            if kept_name in names:
                actions.insert(0, {"add": {"index": kept_name, "alias": self._prefix}})
            if actions:
                self._client.indices.update_aliases(body={"actions": actions})
            self._client.delete(index=self._index._states, id="making", ignore=404)

    def remove_others(self) -> None:
        """What other versions of the program left; those of one age had no layout in their names."""
        family = re.escape(self._index._family)
        with self.storing():
            found = self._client.indices.get(index=f"{self._index._family}-*")
            ours = [name for name in found if re.fullmatch(rf"{family}(-\d+e\d+)?-(\d{{6}}|state)", name)]
            for name in ours:
                if not name.startswith(f"{self._prefix}-"):
                    self._client.indices.delete(index=name, ignore=404)

    def show(self, name: str) -> None:
        """The alias leads to an index."""
        self._client.indices.update_aliases(body={"actions": [{"add": {"index": name, "alias": self._prefix}}]})

    def send(self, name: str, actions: Iterable[Json]) -> None:
        """Changes to an index, in pieces; not seen before it is refreshed."""
        addressed = ({**action, "_index": name} for action in self._while_held(actions))
        bulk(self._client, addressed, chunk_size=_PIECE, ignore_status=(404,))

    def note(self, name: str, **content: Any) -> None:
        """A document of the state."""
        self._lease.check()
        self._client.index(index=self._index._states, id=name, body={"layout": self._index._layout, **content})

    @contextmanager
    def storing(self) -> Iterator[None]:
        """Raises IndexUnavailableError where the server is out of reach, StorageError where it does not take it."""
        with self._index._reaching():
            self._lease.check()
            try:
                yield
            except UnreachableError:
                raise
            except OpenSearchException as error:
                raise StorageError(
                    f"The search server at {self._index._server} does not take it: {_reason(error)}.",
                    next_step=f"Check that {self._index._server} has space on its disks and may be written to; "
                    "the index is then brought up to date by itself, the catalogue has lost nothing.",
                ) from error

    def _abandon(self) -> None:
        with suppress(IndexUnavailableError):
            self.settle()

    def _while_held(self, actions: Iterable[Json]) -> Iterator[Json]:
        for action in actions:
            self._lease.check()
            yield action

    def _names(self) -> list[str]:
        found = self._client.indices.get(index=f"{self._prefix}-0*")
        return [name for name in found if re.fullmatch(rf"{re.escape(self._prefix)}-\d{{6}}", name)]

    def _numbers(self) -> list[int]:
        return [int(name.rpartition("-")[2]) for name in self._names()]


class OpenSearchRebuild:
    """See Rebuild."""

    def __init__(self, writer: OpenSearchWriter, name: str, total: int, shown: bool) -> None:
        self._writer = writer
        self._name = name
        self._total = total
        self._alone = shown
        self._done = self._serial = 0
        self.published = False

    def add(self, documents: Iterable[SearchDocument]) -> None:
        """See Rebuild."""
        added = list(documents)
        with self._writer.storing():
            self._writer.send(self._name, _changes(added, ()))
            self._done += len(added)
            if self._alone:
                self._writer._client.indices.refresh(index=self._name)
                self._writer.show(self._name)
            self.note()

    def publish(self, position: Position) -> None:
        """See Rebuild."""
        with self._writer.storing():
            self._writer._client.indices.refresh(index=self._name)
            serial = self._serial + 1
            self._writer.note("current", index=self._name, serial=serial, store=position.store, change=position.change)
            self.published = True
        self._writer.settle()
        if not self._alone:
            self._writer.remove_others()

    def note(self) -> None:
        """How far it is."""
        self._serial += 1
        shown = self._alone and self._done > 0
        self._writer.note(
            "making", index=self._name, serial=self._serial, done=self._done, total=self._total, shown=shown
        )


def _changes(documents: Iterable[SearchDocument], removed: Sequence[int]) -> Iterator[Json]:
    for key in removed:
        yield {"_op_type": "delete", "_id": str(key)}
    for document in documents:
        yield {"_op_type": "index", "_id": str(document.key), **kept(analysis.entry(document))}
