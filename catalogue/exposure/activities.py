"""What was published, changed and withdrawn, in order: W3C Activity Streams 2.0, as an OrderedCollection in pages.

The pages go from the oldest change to the newest, as the IIIF Change Discovery API 1.0 has it: a consumer begins at
the last page and goes back along ``prev`` until it meets what it knows. A page holds a fixed range of the store's
outbox, so a page that is not the last never changes. The state is all in the store; nothing is kept for consumers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from catalogue.errors import NotFoundError
from catalogue.model.identity import Identification
from catalogue.model.report import Message
from catalogue.store import Repository
from catalogue.store.records import OutboxEntry

CONTEXT: Final = "https://www.w3.org/ns/activitystreams"
ON_PAGE: Final = 1000
_DEPRECATED: Final = "deprecated"
_PUBLISHED: Final = "published"


@dataclass(frozen=True, slots=True)
class ChangePage:
    """A page of the feed.

    Attributes:
        body: an ``OrderedCollectionPage`` as JSON-LD.
        whole: whether it will never change.
    """

    body: Mapping[str, Any]
    whole: bool
    modified: datetime | None


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
        last = self._last()
        return {
            "@context": CONTEXT,
            "id": self._address(),
            "type": "OrderedCollection",
            "totalItems": self._repository.last_change(),
            "first": self._link(0),
            "last": self._link(last),
        }

    def page(self, number: int) -> ChangePage:
        """One page, from 0. Raises NotFoundError where there is none."""
        with self._repository.snapshot():
            last = self._last()
            if not 0 <= number <= last:
                raise NotFoundError(
                    Message(f"Il n’y a pas de page {number} de changements.", f"There is no page {number} of changes."),
                    next_step=Message("Commencez à /changes.", "Begin at /changes."),
                )
            entries = self._entries(number)
            body = {
                "@context": CONTEXT,
                "id": self._address(number),
                "type": "OrderedCollectionPage",
                "partOf": {"id": self._address(), "type": "OrderedCollection"},
                "startIndex": number * ON_PAGE,
                **({"prev": self._link(number - 1)} if number else {}),
                **({"next": self._link(number + 1)} if number < last else {}),
                "orderedItems": list(self._activities(entries)),
            }
            return ChangePage(body, number < last, entries[-1].created_at if entries else None)

    def _last(self) -> int:
        """The page that grows. A page gets a successor, and ``next``, only once the successor has something."""
        return max(self._repository.last_change() - 1, 0) // ON_PAGE

    def _entries(self, number: int) -> Sequence[OutboxEntry]:
        found = self._repository.outbox(number * ON_PAGE, ON_PAGE)
        return [entry for entry in found if entry.id <= (number + 1) * ON_PAGE]

    def _activities(self, entries: Sequence[OutboxEntry]) -> Iterable[Mapping[str, Any]]:
        types = {**dict.fromkeys(self._fresh(entries), "Create"), **dict.fromkeys(self._gone(entries), "Delete")}
        for entry in entries:
            yield self._activity(entry, types.get(entry.id, "Update"))

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

    def _fresh(self, entries: Sequence[OutboxEntry]) -> frozenset[int]:
        """The entries by which items came into the catalogue."""
        by_revision: dict[str, list[OutboxEntry]] = {}
        for entry in entries:
            if entry.event == _PUBLISHED:
                by_revision.setdefault(entry.revision, []).append(entry)
        found = set()
        for revision, some in by_revision.items():
            fresh = self._repository.neighbourhood.fresh(revision, [entry.item_id for entry in some])
            found |= {entry.id for entry in some if entry.item_id in fresh}
        return frozenset(found)

    def _gone(self, entries: Sequence[OutboxEntry]) -> frozenset[int]:
        """The entries after which no published revision held their item any more, as it was then."""
        items = {entry.item_id for entry in entries if entry.event == _DEPRECATED}
        if not items:
            return frozenset()
        found = set()
        holders: dict[int, set[str]] = {}
        for number, event, revision, item_id in self._repository.holdings.history(items, entries[-1].id):
            held = holders.setdefault(item_id, set())
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
