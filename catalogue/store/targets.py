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
_SEVERAL: Final = -2
# item, position, role; the identification as it is, below its maintainable, and as a bare id of DDI-L 3.1
_WIDTH: Final = 6
_BARE: Final = "\0"  # before an identifier that is known within its maintainable only


class Targets:
    """The identifications of one document, and the references that wait for them."""

    def __init__(self) -> None:
        self._numbers: dict[Triple, int] = {}
        self._items = array("q")  # by number: item id or _NONE
        self._roles: dict[str, int] = {}
        self._waiting = array("q")

    def add_item(self, triple: Triple, local_id: str, item_id: int) -> None:
        """Note where an identification leads; of several contents the first counts, of several bare ids none."""
        identifier, agency, version = triple
        number = self._number(triple)
        if self._items[number] == _NONE:
            self._items[number] = item_id
        if local_id != identifier:
            bare = self._number((_BARE + local_id, agency, version))
            self._items[bare] = item_id if self._items[bare] in (_NONE, item_id) else _SEVERAL

    def add_reference(self, item_id: int, reference: Reference) -> None:
        """Let a reference to one exact version wait."""
        agency, identifier, version = reference.agency, reference.identifier, reference.version
        role = self._roles.setdefault(reference.role, len(self._roles))
        exact = self._number((identifier, agency, version))
        below = bare = _NONE
        if reference.scope:
            below = self._number((f"{reference.scope}.{identifier}", agency, version))
            bare = self._number((_BARE + identifier, agency, version))
        self._waiting.extend((item_id, reference.position, role, exact, below, bare))

    def __iter__(self) -> Iterator[tuple[int, int, str, int | None]]:
        """(item, position, role, target or None) of each reference, in order."""
        roles = list(self._roles)
        waiting, items = self._waiting, self._items
        for start in range(0, len(waiting), _WIDTH):
            item_id, position, role, *numbers = waiting[start : start + _WIDTH]
            found = (items[number] for number in numbers if number != _NONE)
            yield item_id, position, roles[role], next((target for target in found if target >= 0), None)

    def _number(self, triple: Triple) -> int:
        number = self._numbers.setdefault(triple, len(self._numbers))
        if number == len(self._items):
            self._items.append(_NONE)
        return number
