"""The targets of a document's references, found in memory while the document streams by.

Every identification that the document mentions gets a number; a reference waits as five integers until the end, since
most targets stand later in the document. What is not found here is left to ``resolving``.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import Final

from catalogue.model.items import Reference

Triple = tuple[str, str, str]  # identifier, agency, version

_NONE: Final = -1
_WIDTH: Final = 5  # item, position, role, the identification as it is, the identification below its maintainable


class Targets:
    """The identifications of one document, and the references that wait for them."""

    def __init__(self) -> None:
        self._numbers: dict[Triple, int] = {}
        self._items = array("q")  # by number: item id or _NONE
        self._roles: dict[str, int] = {}
        self._waiting = array("q")

    def add_item(self, triple: Triple, item_id: int) -> None:
        """Note where an identification leads; of several contents the first counts."""
        number = self._number(triple)
        if self._items[number] == _NONE:
            self._items[number] = item_id

    def add_reference(self, item_id: int, reference: Reference) -> None:
        """Let a reference to one exact version wait."""
        agency, identifier, version = reference.agency, reference.identifier, reference.version
        role = self._roles.setdefault(reference.role, len(self._roles))
        exact = self._number((identifier, agency, version))
        below = self._number((f"{reference.scope}.{identifier}", agency, version)) if reference.scope else _NONE
        self._waiting.extend((item_id, reference.position, role, exact, below))

    def __iter__(self) -> Iterator[tuple[int, int, str, int | None]]:
        """(item, position, role, target or None) of each reference, in order."""
        roles = list(self._roles)
        waiting, items = self._waiting, self._items
        for start in range(0, len(waiting), _WIDTH):
            item_id, position, role, exact, below = waiting[start : start + _WIDTH]
            target = items[exact]
            if target == _NONE and below != _NONE:
                target = items[below]
            yield item_id, position, roles[role], None if target == _NONE else target

    def _number(self, triple: Triple) -> int:
        number = self._numbers.setdefault(triple, len(self._numbers))
        if number == len(self._items):
            self._items.append(_NONE)
        return number
