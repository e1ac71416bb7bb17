"""What cohorts and waves say of themselves: long elements, so what is typed in them is read once and kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from weakref import WeakKeyDictionary

from catalogue.model.contents import Content
from catalogue.service import Catalogue

_MOST = 5000

# What is stored under an internal id never changes, so neither does what was read of it.
_KEPT: WeakKeyDictionary[Catalogue, dict[int, Content]] = WeakKeyDictionary()


def introductions(catalogue: Catalogue, item_ids: Sequence[int]) -> Mapping[int, Content]:
    """What is typed in each of the items, by internal id; those that are not published are left out."""
    kept = _KEPT.setdefault(catalogue, {})
    if len(kept) > _MOST:
        kept.clear()
    new = [one for one in dict.fromkeys(item_ids) if one not in kept]
    if new:
        kept.update(catalogue.contents_of(new))
    return {one: kept[one] for one in item_ids if one in kept}
