"""What cohorts, studies and waves tell of the items in them: titles, years, modes of collection, access, universe."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Final

from catalogue.ddi.modes import mode_code
from catalogue.indexing.definitions import (
    ACCESS_CODE_PATHS,
    ACCESS_WORD_PATHS,
    UNKNOWN,
    access_of_code,
    access_of_words,
    is_biosample,
)
from catalogue.indexing.feeding import STUDIES, TELLING
from catalogue.indexing.known import Graph, Known, Texts, in_language, refield
from catalogue.search.analysis import sort_key
from catalogue.search.port import Field
from catalogue.store.neighbourhood import Box, ItemNode, Neighbourhood
from catalogue.store.records import COLLECTION_EVENT

_DATE: Final = re.compile(r"\d{4}(?:-\d\d){0,2}")
_LONGEST_SPAN: Final = 200  # years; more is a mistyped date
# A concept of every study of a large catalogue is not found by all their titles.
_MOST_TITLES: Final = 40
_MOST_PLACES: Final = 5_000


@dataclass(frozen=True, slots=True)
class Place:
    """A cohort, study or wave.

    Attributes:
        titles: as texts of field ``STUDY``.
        events: ids of its collection events.
        years, start: of data collection (``d:DataCollectionDate`` of its events), else of its reference period
            (``r:TemporalCoverage/r:ReferenceDate``).
        modes: of its events.
        access: codes of what is said of access in it; empty where nothing is said.
        universe: labels and descriptions of its universes.
        biosample: whether its modes or kinds of data are about biological samples.
    """

    box: Box
    reference: str
    titles: Texts
    sorts: tuple[str, str]
    events: frozenset[int]
    years: tuple[str, ...]
    start: str
    modes: tuple[str, ...]
    access: tuple[str, ...]
    universe: Texts
    biosample: bool


@dataclass(frozen=True)
class Home:
    """The places of one item, by id; a container is in itself. ``today`` is an ISO 8601 date."""

    cohorts: tuple[Place, ...]
    studies: tuple[Place, ...]
    waves: tuple[Place, ...]
    events: tuple[Place, ...]
    today: str

    @cached_property
    def study_ids(self) -> frozenset[int]:
        """Of its studies."""
        return frozenset(place.box.id for place in self.studies)

    @cached_property
    def titles(self) -> Texts:
        """Of the cohorts, studies and waves, as texts of field ``STUDY``."""
        every = (*self.cohorts, *self.studies, *self.waves)
        return tuple(dict.fromkeys(text for place in every[:_MOST_TITLES] for text in place.titles))

    @cached_property
    def _nearest(self) -> tuple[tuple[Place, ...], ...]:
        return self.waves, self.studies, self.cohorts

    @cached_property
    def years(self) -> tuple[str, ...]:
        """Of its waves; of its studies, then of its cohorts, where those have none."""
        return next((found for some in self._nearest if (found := _union(place.years for place in some))), ())

    @cached_property
    def start(self) -> str:
        """When the newest of its waves began that has begun (of its studies, then of its cohorts, where those say
        nothing of it); empty while all are planned, so that what has been collected comes before what will be."""
        said = ([place.start for place in some if place.start] for some in self._nearest)
        starts = next((found for found in said if found), [])
        return max((start for start in starts if start <= self.today), default="")

    @cached_property
    def modes(self) -> tuple[str, ...]:
        """Of the events that hold it, else of its waves, studies, cohorts."""
        nearest = (self.events, *self._nearest)
        return next((found for some in nearest if (found := _union(place.modes for place in some))), ())

    @cached_property
    def access(self) -> tuple[str, ...]:
        """Of its studies; of its cohorts, where those say nothing."""
        found = _union(place.access for place in self.studies) or _union(place.access for place in self.cohorts)
        return found or (UNKNOWN,)

    @cached_property
    def universe(self) -> Texts:
        """Of its studies; of its cohorts, where those have none."""
        some = self.studies if any(place.universe for place in self.studies) else self.cohorts
        return tuple(dict.fromkeys(text for place in some[:_MOST_TITLES] for text in place.universe))

    @cached_property
    def sorts(self) -> tuple[str, str]:
        """The title of its first cohort by title, as readers of French and of English see it."""
        french, english = ([place.sorts[n] for place in self.cohorts] for n in range(2))
        return min(french, default=""), min(english, default="")


def _union(values: Iterable[Sequence[str]]) -> tuple[str, ...]:
    return tuple(sorted({one for some in values for one in some}))


class Places:
    """The places of a batch of items, kept between batches.

    Args:
        neighbourhood: of the store.
        graph: the items around them.
        today: what has begun by then counts as collected; the day on which documents are made.
    """

    def __init__(self, neighbourhood: Neighbourhood, graph: Graph, today: date | None = None) -> None:
        self._neighbourhood = neighbourhood
        self._graph = graph
        self._today = (today or datetime.now(UTC).date()).isoformat()
        self._places: dict[int, Place] = {}
        self._holders: dict[int, tuple[int, ...]] = {}
        self._homes: dict[tuple[int, ...], Home] = {}

    def trim(self) -> None:
        """Forget the items of the last batch, and the places once they are many."""
        self._holders.clear()
        if len(self._places) > _MOST_PLACES or len(self._homes) > _MOST_PLACES:
            self._places.clear()
            self._homes.clear()

    def load(self, item_ids: Collection[int], containers: Collection[int]) -> None:
        """Load the places of items; ``containers`` are those of the items that are places themselves."""
        new = [item_id for item_id in item_ids if item_id not in self._holders]
        found = self._neighbourhood.holders(new)
        own = frozenset(containers)
        self._holders |= {one: (*found.get(one, ()), *((one,) if one in own else ())) for one in new}
        self._describe({box for one in new for box in self._holders[one]} - self._places.keys())

    def home(self, item_id: int) -> Home:
        """The places of an item that was loaded; many items share one."""
        holders = self._holders.get(item_id, ())
        if holders not in self._homes:
            self._homes[holders] = self._sorted_out(holders)
        return self._homes[holders]

    def _sorted_out(self, holders: Iterable[int]) -> Home:
        found = [self._places[holder] for holder in holders if holder in self._places]
        return Home(
            tuple(place for place in found if place.box.cohort),
            tuple(place for place in found if place.box.study),
            tuple(place for place in found if place.box.wave),
            tuple(place for place in found if place.box.type == COLLECTION_EVENT),
            self._today,
        )

    def modes_within(self, events: Iterable[Place], home: Home) -> tuple[str, ...]:
        """Of those events that are events of the item's studies too."""
        near = frozenset(event for study in home.studies for event in study.events)
        return _union(place.modes for place in events if place.box.id in near)

    def _describe(self, container_ids: Collection[int]) -> None:
        if not container_ids:
            return
        boxes = self._neighbourhood.boxes(container_ids)
        telling = self._neighbourhood.held(boxes, TELLING)
        self._graph.load([*boxes, *{one for some in telling.values() for one in some}])
        for box_id, box in boxes.items():
            known = self._graph.get(box_id)
            if known is not None:
                self._places[box_id] = self._place(known, box, list(self._found(telling.get(box_id, ()))))

    def _found(self, item_ids: Iterable[int]) -> Iterator[Known]:
        for item_id in item_ids:
            known = self._graph.get(item_id)
            if known is not None:
                yield known

    def _place(self, known: Known, box: Box, telling: Sequence[Known]) -> Place:
        event = known.type == COLLECTION_EVENT
        events = [known] if event else [one for one in telling if one.type == COLLECTION_EVENT]
        modes = [mode for one in events for mode in self._graph.to(one, "ModeOfCollection") if mode.whole]
        periods = _periods(events) or _periods(self._graph.to(known, "TemporalCoverage"))
        titles = known.called(Field.STUDY)
        universes = self._graph.to(known, "Universe") if known.type in STUDIES else []
        return Place(
            box=box,
            reference=known.reference,
            titles=titles,
            sorts=(_sort(titles, known, "fr"), _sort(titles, known, "en")),
            events=frozenset(one.id for one in events),
            years=tuple(sorted({year for period in periods for year in _years(*period)})),
            start=min((start for start, _ in periods), default=""),
            modes=_union(_modes(mode.whole) for mode in modes if mode.whole),
            access=_access([one.whole for one in telling if one.type != COLLECTION_EVENT and one.whole]),
            universe=tuple(text for one in universes for text in universe_texts(one)),
            biosample=is_biosample(_biosample_words(known, modes)),
        )


def _sort(titles: Texts, known: Known, language: str) -> str:
    """What a place is sorted by where readers of a language see it."""
    shown = in_language(titles, language)
    return sort_key(shown.text if shown else known.reference)


def universe_texts(universe: Known) -> Texts:
    """What an item in this universe is found by (``c:Universe``: its label and description, else its name)."""
    described = refield(universe.text(Field.DESCRIPTION), Field.UNIVERSE)
    return tuple(dict.fromkeys((*universe.called(Field.UNIVERSE), *described)))


# --- dates


def _periods(items: Iterable[Known]) -> list[tuple[str, str]]:
    """First and last date of each period, in source order; a single date is both."""
    found: list[tuple[str, str]] = []
    for path, text, _ in (entry for one in items if one.whole for entry in one.whole.texts):
        holder, _, which = path.rpartition("/")
        matched = _DATE.match(text)
        if holder not in ("DataCollectionDate", "ReferenceDate") or not matched:
            continue
        if which in ("StartDate", "SimpleDate"):
            found.append((matched.group(), matched.group()))
        elif which == "EndDate" and found:
            found[-1] = (found[-1][0], matched.group())
        elif which == "EndDate":
            found.append((matched.group(), matched.group()))
    return found


def _years(start: str, end: str) -> Iterable[str]:
    first, last = int(start[:4]), int(end[:4])
    if not first <= last < first + _LONGEST_SPAN:
        return f"{first:04}", f"{last:04}"
    return (f"{year:04}" for year in range(first, last + 1))


# --- modes, access, biosamples


def _modes(mode: ItemNode) -> tuple[str, ...]:
    """The codes of a ``d:ModeOfCollection``."""
    others = [value for path, value in mode.properties if path == "TypeOfModeOfCollection/@otherValue"]
    written = [text for path, text, _ in mode.texts if path == "TypeOfModeOfCollection" and text.strip()]
    single = others[0] if len(others) == len(written) == 1 else None
    return tuple(mode_code(one, single) for one in written)


def _access(statements: Sequence[ItemNode]) -> tuple[str, ...]:
    """The codes of ``a:Access`` and ``a:DefaultAccess``, in the order of the definition."""
    return tuple(sorted({_access_of(statement) for statement in statements}))


def _access_of(statement: ItemNode) -> str:
    texts: Mapping[str, list[str]] = defaultdict(list)
    for path, text, _ in statement.texts:
        texts[path.removesuffix("/Content")].append(text)
    by_code = (access_of_code(text) for path in ACCESS_CODE_PATHS for text in texts.get(path, ()))
    by_words = (access_of_words(text) for path in ACCESS_WORD_PATHS for text in texts.get(path, ()))
    return next((code for found in (by_code, by_words) for code in found if code), UNKNOWN)


def _biosample_words(known: Known, modes: Sequence[Known]) -> Iterator[str]:
    if known.whole:
        yield from (text for path, text, _ in known.whole.texts if path == "KindOfData")
    for mode in modes:
        if mode.whole:
            yield from _modes(mode.whole)
            yield from (text for path, text, _ in mode.whole.texts if path.startswith(("Description", "Content")))
