"""Code lists with the labels of their categories, many at a time; kept between batches, since variables share them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from catalogue.model.contents import CodeEntry, CodeListContent, VariableContent
from catalogue.model.study import CategoryDescription
from catalogue.model.text import InternationalString, LocalizedText
from catalogue.store import Repository
from catalogue.store.neighbourhood import ItemNode
from catalogue.store.records import OutgoingReference, StoredItem
from catalogue.views import CodeRow, Views

CODED: Final = frozenset(("CodeList", "ManagedMissingValuesRepresentation"))
_MOST: Final = 5_000
_DEEPEST: Final = 40
_LABELS: Final = frozenset(("Label", "Label/Content"))
_DESCRIPTIONS: Final = frozenset(("Description", "Description/Content"))
_MISSING: Final = frozenset((name, value) for name in ("@isMissing", "@missing") for value in ("true", "1", "Yes"))


@dataclass(frozen=True, slots=True)
class _Code:
    """A code, and the internal id of its category."""

    depth: int
    value: str
    category: int | None


class CodeLists:
    """The codes of code lists, and of managed representations of missing values."""

    def __init__(self, repository: Repository, views: Views) -> None:
        self._repository = repository
        self._views = views
        self._known: dict[int, tuple[CategoryDescription, ...]] = {}

    def __getitem__(self, item_id: int) -> tuple[CategoryDescription, ...]:
        return self._known.get(item_id, ())

    def trim(self) -> None:
        """Forget what was loaded, once it is much; between batches only."""
        if len(self._known) > _MOST:
            self._known.clear()

    def load(self, item_ids: Collection[int]) -> None:
        """Load code lists and managed representations of missing values."""
        new = [item_id for item_id in dict.fromkeys(item_ids) if item_id not in self._known]
        if not new:
            return
        items = self._repository.get_many(new)
        contents = self._views.contents(items)
        outgoing = self._repository.outgoing_of(items)
        self._known |= dict.fromkeys(new, ())
        lists = [(one, found) for one in items if isinstance(found := contents[one.id], CodeListContent)]
        self._add(lists, outgoing)
        # Every code of a representation of missing values means missing.
        leads = {
            one.id: target
            for one in items
            if isinstance(found := contents[one.id], VariableContent)
            and (target := _code_list(found, outgoing.get(one.id, ()))) is not None
        }
        self.load(list(leads.values()))
        for one, target in leads.items():
            self._known[one] = tuple(replace(row, missing=True) for row in self._known.get(target, ()))

    def _add(
        self, lists: Sequence[tuple[StoredItem, CodeListContent]], outgoing: Mapping[int, Sequence[OutgoingReference]]
    ) -> None:
        codes = self._codes(lists, outgoing)
        categories = {code.category for some in codes.values() for code in some if code.category is not None}
        nodes = self._repository.neighbourhood.nodes(categories)
        for stored, content in lists:
            if stored.id in codes:
                rows = (_described(code, nodes.get(code.category or 0), content) for code in codes[stored.id])
            else:
                rows = (_shown(row) for row in self._views.code_rows(stored))
            self._known[stored.id] = tuple(rows)

    def _codes(
        self, lists: Sequence[tuple[StoredItem, CodeListContent]], outgoing: Mapping[int, Sequence[OutgoingReference]]
    ) -> Mapping[int, Sequence[_Code]]:
        """A code is an item whose reference leads to its category (3.2, 3.3), or the list's own reference leads (3.1).

        Lists in which a code has no identity, or two have the same, are left out.
        """
        items = self._code_items([stored.id for stored, _ in lists])
        steps = self._repository.neighbourhood.targets([code for some in items.values() for code in some])
        leads = {code: step.id for code, some in steps.items() for step in some if step.type == "Category"}
        found = {}
        for stored, content in lists:
            entries = list(_flat(content.codes, 0))
            inside: Sequence[int | None] = items[stored.id] or [None] * len(entries)
            own = outgoing.get(stored.id, ())
            if len(inside) == len(entries):
                found[stored.id] = [
                    _Code(depth, entry.value, leads.get(code) if code else _own_category(entry, own))
                    for (depth, entry), code in zip(entries, inside, strict=True)
                ]
        return found

    def _code_items(self, list_ids: Sequence[int]) -> Mapping[int, list[int]]:
        """The codes of each list that are items, hierarchy flattened in document order."""
        inside: dict[int, list[int]] = {}
        level = list(list_ids)
        for _ in range(_DEEPEST):
            steps = self._repository.neighbourhood.children(level, ("Code",)) if level else {}
            inside |= {item_id: [step.id for step in some] for item_id, some in steps.items()}
            level = [step.id for some in steps.values() for step in some if step.id not in inside]
        return {list_id: list(_below(list_id, inside)) for list_id in list_ids}


def _below(item_id: int, inside: Mapping[int, Sequence[int]]) -> Iterator[int]:
    for one in inside.get(item_id, ()):
        yield one
        yield from _below(one, inside)


def _flat(codes: Sequence[CodeEntry], depth: int) -> Iterator[tuple[int, CodeEntry]]:
    for code in codes:
        yield depth, code
        yield from _flat(code.codes, depth + 1)


def _own_category(entry: CodeEntry, own: Sequence[OutgoingReference]) -> int | None:
    position = entry.category.position if entry.category else len(own)
    target = own[position].target if position < len(own) else None
    return target.id if target else None


def _code_list(content: VariableContent, outgoing: Sequence[OutgoingReference]) -> int | None:
    """The code list of a managed representation."""
    target = content.representation.code_list if content.representation else None
    found = outgoing[target.position].target if target and target.position < len(outgoing) else None
    return found.id if found and found.type == "CodeList" else None


def _described(code: _Code, category: ItemNode | None, content: CodeListContent) -> CategoryDescription:
    if category is None:
        return CategoryDescription(code.value, missing=content.is_system_missing, depth=code.depth)
    name = InternationalString((LocalizedText(category.name),)) if category.name else InternationalString()
    return CategoryDescription(
        value=code.value,
        label=_texts(category, _LABELS) or name,
        missing=content.is_system_missing or not _MISSING.isdisjoint(map(tuple, category.properties)),
        depth=code.depth,
        description=_texts(category, _DESCRIPTIONS),
    )


def _texts(node: ItemNode, paths: frozenset[str]) -> InternationalString:
    return InternationalString.of(LocalizedText(text, language) for path, text, language in node.texts if path in paths)


def _shown(row: CodeRow) -> CategoryDescription:
    return CategoryDescription(row.value, row.label, row.missing, row.depth)
