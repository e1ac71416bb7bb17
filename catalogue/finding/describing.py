"""What is known of hits before it is said where they match: each item as it is now, and its card.

Two queries for a page of hits. The indexer keeps the cards; of an item without one, as of one whose card another
release packed, the search document is made anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from catalogue.finding.showing import Described, Kept
from catalogue.model.text import InternationalString, LocalizedText
from catalogue.search.packing import unpack
from catalogue.search.port import SearchDocument
from catalogue.store import Repository
from catalogue.store.cards import Shown
from catalogue.store.records import Containers, ItemSummary


class Describer:
    """Describes items from one state of the store.

    Args:
        repository: the store.
        documents: the search documents of items, by internal id; those that are not found by search are left out.
    """

    def __init__(self, repository: Repository, documents: Callable[[Sequence[int]], Iterable[SearchDocument]]) -> None:
        self._repository = repository
        self._documents = documents
        self._made: Kept[int, SearchDocument] = Kept()
        self._labels: Kept[str, InternationalString] = Kept()
        self._containers: Kept[tuple[int, ...], Containers] = Kept()

    def of(self, keys: Sequence[int]) -> dict[int, Described]:
        """The items that the store still has, by internal id; drafts are none.

        Raises:
            StorageError: the store cannot be read.
        """
        with self._repository.snapshot():
            shown = {one.summary.id: one for one in self._repository.cards.of(keys)}
            documents = self._documents_of(shown)
            containers = self._containers_of(list(documents))
        return {key: Described(shown[key].summary, containers[key], document) for key, document in documents.items()}

    def labels(self, values: Iterable[str]) -> dict[str, InternationalString]:
        """The labels of items written ``agency/identifier``; empty where there is no such item.

        Raises:
            StorageError: the store cannot be read.
        """
        return self._labels.get_many(self._repository.last_change(), values, self._labels_of)

    def _labels_of(self, values: Sequence[str]) -> dict[str, InternationalString]:
        names = {value: _name(value) for value in values}
        found = self._repository.cards.latest(names.values())
        return {value: _label(found.get(name)) for value, name in names.items()}

    def _documents_of(self, shown: Mapping[int, Shown]) -> dict[int, SearchDocument]:
        kept = {key: unpack(key, one.card) for key, one in shown.items() if one.card is not None}
        found = {key: document for key, document in kept.items() if document is not None}
        missing = [key for key in shown if key not in found]
        if not missing:
            return found
        return found | self._made.get_many(
            self._repository.last_change(), missing, lambda new: {one.key: one for one in self._documents(new)}
        )

    def _containers_of(self, keys: Sequence[int]) -> dict[int, Containers]:
        """Asked once for all items that the same cohorts, studies and waves hold."""
        holders = self._repository.neighbourhood.holders(keys)
        held = {key: tuple(holders.get(key, ())) for key in keys}
        one_of = {boxes: key for key, boxes in held.items()}

        def asked(new: Sequence[tuple[int, ...]]) -> Mapping[tuple[int, ...], Containers]:
            found = self._repository.containers_of([one_of[boxes] for boxes in new])
            return {boxes: found[one_of[boxes]] for boxes in new}

        known = self._containers.get_many(self._repository.last_change(), one_of, asked)
        return {key: known[boxes] for key, boxes in held.items()}


def _name(value: str) -> tuple[str, str]:
    agency, _, identifier = value.partition("/")
    return agency, identifier


def _label(one: ItemSummary | None) -> InternationalString:
    """What an item is called; by its name or identifier, in no language, where it has no label."""
    if one is None:
        return InternationalString()
    return one.label or InternationalString((LocalizedText(one.name or one.identification.identifier),))
