"""Which instruments ask a question: control constructs followed upwards, level by level."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Final

from catalogue.indexing.feeding import ROUTING
from catalogue.store.neighbourhood import Neighbourhood, Source

_DEEPEST: Final = 60
_MOST: Final = 100_000


class Routing:
    """What refers to questions and control constructs, kept between batches."""

    def __init__(self, neighbourhood: Neighbourhood) -> None:
        self._neighbourhood = neighbourhood
        self._above: dict[int, tuple[Source, ...]] = {}
        self._instruments: dict[int, tuple[int, ...]] = {}

    def trim(self) -> None:
        """Forget what was loaded, once it is much; between batches only."""
        if len(self._above) > _MOST:
            self._above.clear()
            self._instruments.clear()

    def load(self, item_ids: Collection[int]) -> None:
        """Load what leads to questions."""
        level = [item_id for item_id in item_ids if item_id not in self._above]
        for _ in range(_DEEPEST):
            if not level:
                return
            found: dict[int, list[Source]] = defaultdict(list)
            for source in self._neighbourhood.sources(level, ROUTING):
                found[source.target].append(source)
            self._above |= {item_id: tuple(found.get(item_id, ())) for item_id in level}
            above = {source.id for some in found.values() for source in some if source.type != "Instrument"}
            level = [item_id for item_id in above if item_id not in self._above]

    def instruments(self, item_id: int) -> tuple[int, ...]:
        """The ids of the latest instruments that lead to an item that was loaded, ascending."""
        if item_id not in self._instruments:
            self._instruments[item_id] = tuple(sorted(self._climb(item_id)))
        return self._instruments[item_id]

    def _climb(self, item_id: int) -> set[int]:
        found: set[int] = set()
        seen, waiting = {item_id}, [item_id]
        while waiting:
            for source in self._above.get(waiting.pop(), ()):
                if source.type == "Instrument":
                    found.update((source.id,) if source.latest else ())
                elif source.id not in seen:
                    seen.add(source.id)
                    waiting.append(source.id)
        return found

    def constructs(self, item_id: int) -> tuple[int, ...]:
        """The constructs that ask an item that was loaded."""
        return tuple(source.id for source in self._above.get(item_id, ()))
