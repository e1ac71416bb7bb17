"""What was published, changed and withdrawn, in order: W3C Activity Streams 2.0, as an OrderedCollection in pages.

The pages go from the oldest change to the newest, as the IIIF Change Discovery API 1.0 has it: a consumer begins at
the last page and goes back along ``prev`` until it meets what it knows. A page holds a fixed range of the store's
outbox, so a page that is not the last never changes. The state is all in the store; nothing is kept for consumers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, groupby
from typing import Any, Final

from catalogue.errors import NotFoundError
from catalogue.model.identity import Identification
from catalogue.model.report import Message
from catalogue.store import Repository
from catalogue.store.records import ItemSummary, OutboxEntry, RevisionRecord

# Activity Streams 2.0, 2.1: what its context does not define needs a definition beside it.
CONTEXT: Final = (
    "https://www.w3.org/ns/activitystreams",
    {"urn": "http://purl.org/dc/terms/identifier", "ddiType": "http://purl.org/dc/terms/type"},
)
ON_PAGE: Final = 1000
_DEPRECATED: Final = "deprecated"
_PUBLISHED: Final = "published"
_JOINED: Final = "joined"
_TYPES: Final = ("Create", "Delete", "Update")

Twins = Mapping[int, frozenset[int]]
"""All contents of an identification that has several, by each of them."""


@dataclass(frozen=True, slots=True)
class ChangePage:
    """A page of the feed.

    Attributes:
        body: an ``OrderedCollectionPage`` as JSON-LD.
        whole: whether it will never change.
    """

    body: Mapping[str, Any]
    whole: bool


@dataclass(frozen=True, slots=True)
class Batch:
    """What became of some items at one time, by one document, as people read it.

    Attributes:
        type: ``Create``, ``Update`` or ``Delete``.
        document: the revision; None where it is not published any more in any way.
    """

    type: str
    at: datetime
    document: RevisionRecord | None
    items: tuple[ItemSummary, ...]


@dataclass(frozen=True, slots=True)
class BatchPage:
    """A page of the feed for people, newest first; ``number`` from 0 to ``last``."""

    number: int
    last: int
    batches: tuple[Batch, ...]


class ChangeFeed:
    """The feed of one catalogue.

    Args:
        repository: the store of record.
        base: root of all addresses, without a slash at its end.
    """

    def __init__(self, repository: Repository, base: str) -> None:
        self._repository = repository
        self._base = base

    def collection(self) -> Mapping[str, Any]:
        """The ``OrderedCollection`` that leads to the pages."""
        return {
            "@context": CONTEXT,
            "id": self._address(),
            "type": "OrderedCollection",
            "first": self._link(0),
            "last": self._link(self._last()),
        }

    def page(self, number: int) -> ChangePage:
        """One page, from 0. Raises NotFoundError where there is none."""
        with self._repository.snapshot():
            last = self._known(number)
            body = {
                "@context": CONTEXT,
                "id": self._address(number),
                "type": "OrderedCollectionPage",
                "partOf": {"id": self._address(), "type": "OrderedCollection"},
                **({"prev": self._link(number - 1)} if number else {}),
                **({"next": self._link(number + 1)} if number < last else {}),
                "orderedItems": [self._activity(*change) for change in self._changes(number)],
            }
            return ChangePage(body, number < last)

    def batches(self, number: int | None = None) -> BatchPage:
        """The same page for people; by default the last that tells anything. Raises NotFoundError if there is none."""
        with self._repository.snapshot():
            self._known(number or 0)
            last = next((one for one in range(self._last(), 0, -1) if any(self._changes(one))), 0)
            number = last if number is None else number
            changes = list(self._changes(number))
            shown = {one.summary.id: one.summary for one in self._repository.cards.of([e.item_id for e, _ in changes])}
            acts = groupby(changes, key=lambda change: (change[0].created_at, change[0].revision))
            made = [tuple(self._batches(*act, list(some), shown)) for act, some in acts]
            return BatchPage(number, max(last, number), tuple(chain.from_iterable(reversed(made))))

    def _batches(
        self, at: datetime, revision: str, changes: Sequence[tuple[OutboxEntry, str]], shown: Mapping[int, ItemSummary]
    ) -> Iterator[Batch]:
        """What one document did at one time: first what is there now that was not, or the other way round."""
        document = self._repository.revision(revision)
        for type_ in _TYPES:
            items = [shown[entry.item_id] for entry, became in changes if became == type_ and entry.item_id in shown]
            if items:
                yield Batch(type_, at, document, tuple(items))

    def _known(self, number: int) -> int:
        """The number of the last page. Raises NotFoundError where there is no page of this number."""
        last = self._last()
        if not 0 <= number <= last:
            raise NotFoundError(
                Message(f"Il n’y a pas de page {number} de changements.", f"There is no page {number} of changes."),
                next_step=Message("Commencez à /changes.", "Begin at /changes."),
            )
        return last

    def _last(self) -> int:
        """The page that grows. A page gets a successor, and ``next``, only once the successor has something."""
        return max(self._repository.last_change() - 1, 0) // ON_PAGE

    def _entries(self, number: int) -> Sequence[OutboxEntry]:
        found = self._repository.outbox(number * ON_PAGE, ON_PAGE)
        return [entry for entry in found if entry.id <= (number + 1) * ON_PAGE]

    def _changes(self, number: int) -> Iterator[tuple[OutboxEntry, str]]:
        """The entries of a page with what became of their items; of several contents of one identification the first.

        The outbox tells of contents. Twins are contents of one item, which has one address and changes once.
        """
        entries = self._entries(number)
        twins = self._repository.holdings.twins({entry.item_id for entry in entries})
        repeated = self._repeated(entries, twins)
        types = {
            **dict.fromkeys(self._fresh(entries, twins), "Create"),
            **dict.fromkeys(self._gone(entries, twins), "Delete"),
        }
        return ((entry, types.get(entry.id, "Update")) for entry in entries if entry.id not in repeated)

    def _activity(self, entry: OutboxEntry, type_: str) -> Mapping[str, Any]:
        found = Identification.from_urn(entry.urn)
        address = f"{self._base}/id{found.path}"
        return {
            "id": f"{self._address()}#{entry.id}",
            "type": type_,
            "endTime": entry.created_at.isoformat(),
            "object": {"id": address, "type": "Object", "urn": entry.urn, "ddiType": entry.type},
            "instrument": f"{self._base}/documents/{entry.revision}",
        }

    def _repeated(self, entries: Sequence[OutboxEntry], twins: Twins) -> frozenset[int]:
        """The entries of what one before tells, of one document at one time; that may be on the page before.

        All contents that a document holds are told of in the order of their ids; what joins a cohort by it, afterwards.
        """
        found, told = set(), set()
        held = self._held(entries, twins)
        for entry in entries:
            contents = _contents(entry.item_id, twins)
            before = contents if entry.event == _JOINED else {one for one in contents if one < entry.item_id}
            key = (min(contents), entry.revision, entry.created_at)
            if key in told or not before.isdisjoint(held.get(entry.revision, ())):
                found.add(entry.id)
            told.add(key)
        return frozenset(found)

    def _held(self, entries: Sequence[OutboxEntry], twins: Twins) -> Mapping[str, frozenset[int]]:
        """Which contents documents hold, of those that may be told of twice."""
        asked: dict[str, set[int]] = {}
        for entry in entries:
            if entry.event == _JOINED or entry.item_id in twins:
                asked.setdefault(entry.revision, set()).update(_contents(entry.item_id, twins))
        return {revision: self._repository.holdings.held(revision, ids) for revision, ids in asked.items()}

    def _fresh(self, entries: Sequence[OutboxEntry], twins: Twins) -> frozenset[int]:
        """The entries by which items came into the catalogue."""
        by_revision: dict[str, list[OutboxEntry]] = {}
        for entry in entries:
            if entry.event == _PUBLISHED:
                by_revision.setdefault(entry.revision, []).append(entry)
        found = set()
        for revision, some in by_revision.items():
            contents = {entry.id: _contents(entry.item_id, twins) for entry in some}
            fresh = self._repository.neighbourhood.fresh(revision, frozenset().union(*contents.values()))
            found |= {number for number, own in contents.items() if own <= fresh}
        return frozenset(found)

    def _gone(self, entries: Sequence[OutboxEntry], twins: Twins) -> frozenset[int]:
        """The entries after which no published revision held their item any more, as it was then."""
        items = {entry.item_id for entry in entries if entry.event == _DEPRECATED}
        if not items:
            return frozenset()
        items = items.union(*(_contents(one, twins) for one in items))
        found = set()
        holders: dict[int, set[str]] = {}
        for number, event, revision, item_id, _ in self._repository.holdings.history(items, entries[-1].id):
            held = holders.setdefault(min(_contents(item_id, twins)), set())
            if event == _PUBLISHED:
                held.add(revision)
            elif event == _DEPRECATED:
                held.discard(revision)
                found |= set() if held else {number}
        return frozenset(found)

    def _link(self, number: int) -> Mapping[str, str]:
        return {"id": self._address(number), "type": "OrderedCollectionPage"}

    def _address(self, number: int | None = None) -> str:
        return f"{self._base}/changes" if number is None else f"{self._base}/changes/{number}"


def _contents(item_id: int, twins: Twins) -> frozenset[int]:
    """Everything that stands under the identification of a content."""
    return twins.get(item_id) or frozenset((item_id,))
