"""What the pages lay out as tables: codes with their frequencies, the waves of a cohort, faults by kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from catalogue.model.contents import (
    CategoryStatistics,
    CollectionContent,
    Content,
    Period,
    Representation,
    Statistic,
    StatisticsContent,
    StudyContent,
    VariableContent,
)
from catalogue.model.items import Item
from catalogue.model.report import Severity, ValidationReport, Violation
from catalogue.model.text import InternationalString
from catalogue.service import Catalogue, CodeRow, ContainerSummary, ItemFilter, ItemSummary, ItemView

from .introductions import introductions

_COUNTS = ("Frequency", "UnweightedFrequency", "Count")
_PERCENTS = ("Percent", "PercentOfTotal", "ValidPercent", "Percentage")
_COLLECTIONS = ("CollectionEvent", "DataCollection")
_WAVES_IN_FULL = 60
_MOST_EVENTS = 500
# Of a timeline's width at its narrowest (``.timeline`` in site.css), in percent.
_LETTER = 1.1
_GAP = 0.8


@dataclass(frozen=True, slots=True)
class CodeLine:
    """A code of a variable and how often it occurs.

    Attributes:
        percent: of all cases, 0 to 100, as the source gives it, else computed from the frequencies.
        share: length of the bar, 0 to 100, the longest being 100.
    """

    depth: int
    value: str
    label: InternationalString
    category: ItemSummary | None
    missing: bool
    frequency: str | None = None
    percent: float | None = None
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class StatisticsTable:
    """The statistics of a variable in one data file: codes with frequencies, then figures."""

    view: ItemView | None
    total: str | None
    summary: tuple[Statistic, ...]
    lines: tuple[CodeLine, ...]

    @property
    def counted(self) -> bool:
        """Whether any code has a frequency or a percentage."""
        return any(line.frequency is not None or line.percent is not None for line in self.lines)


@dataclass(frozen=True, slots=True)
class NamePlace:
    """Where a name is drawn: from or up to a percentage of the timeline's width.

    Attributes:
        kind: the class in site.css: "" begins there, "inside" begins there on the bar, "at-end" ends there.
    """

    at: float
    kind: str


@dataclass(frozen=True, slots=True)
class WaveLine:
    """A wave of a cohort as a row of its table and a bar of its timeline (start and width as percentages)."""

    container: ContainerSummary
    periods: tuple[Period, ...]
    modes: tuple[str, ...]
    start: float | None = None
    width: float = 0.0

    def place_of(self, name: str) -> NamePlace | None:
        """After the bar, on it or before it: the first that has room, else the one with most; None without a bar."""
        if self.start is None:
            return None
        end = self.start + self.width
        places = (
            (100 - end, NamePlace(end + _GAP, "")),
            (self.width, NamePlace(self.start + _GAP, "inside")),
            (self.start, NamePlace(self.start - _GAP, "at-end")),
        )
        needed = len(name) * _LETTER + _GAP
        return next((place for room, place in places if room >= needed), max(places, key=lambda one: one[0])[1])


@dataclass(frozen=True, slots=True)
class Timeline:
    """The waves on one scale of years: (year, position as a percentage)."""

    lines: tuple[WaveLine, ...]
    ticks: tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class FaultGroup:
    """The violations of one kind."""

    code: str
    severity: Severity
    violations: tuple[Violation, ...]


# --- codes and statistics ---------------------------------------------------------------------------------------------


def code_rows(view: ItemView, representation: Representation | None) -> tuple[CodeRow, ...]:
    """The codes of a value domain, those of its separate list of missing values last."""
    content = view.content
    targets = [representation.code_list, representation.managed] if representation else []
    if isinstance(content, VariableContent):
        targets.append(content.missing)
    positions = [target.position for target in targets if target is not None]
    rows = [row for position in positions for row in view.code_lists.get(position, ())]
    return tuple({row.value: row for row in reversed(rows)}.values())[::-1]


def statistics_tables(view: ItemView) -> tuple[StatisticsTable, ...]:
    """One table per data file that has statistics of a variable; one without statistics when there are only codes."""
    content = view.content
    representation = content.representation if isinstance(content, VariableContent) else None
    rows = code_rows(view, representation)
    declared = frozenset(representation.missing_values) if representation else frozenset()
    tables = tuple(_table(one, one.content, rows, declared) for one in view.statistics if _is_statistics(one))
    return tables or (StatisticsTable(None, None, (), tuple(_line(row, declared) for row in rows)),)


def _is_statistics(view: ItemView) -> bool:
    return isinstance(view.content, StatisticsContent)


def _table(view: ItemView, content: object, rows: Sequence[CodeRow], declared: frozenset[str]) -> StatisticsTable:
    assert isinstance(content, StatisticsContent)
    counts = {_value(view, one): one.statistics for one in content.categories}
    known = {row.value for row in rows}
    strays = [CodeRow(0, value, InternationalString(), None) for value in counts if value not in known]
    lines = [_line(row, declared, counts.get(row.value, ())) for row in [*rows, *strays]]
    return StatisticsTable(view, content.total, content.summary, scaled(lines))


def _value(view: ItemView, one: CategoryStatistics) -> str:
    reference = view.reference(one.code)
    named = reference.target.name if reference and reference.target else None
    return one.value or named or (reference.reference.identifier if reference else "")


def _line(row: CodeRow, declared: frozenset[str], statistics: Iterable[Statistic] = ()) -> CodeLine:
    found = {one.type: one.value for one in statistics}
    frequency = next((found[name] for name in _COUNTS if name in found), None)
    percent = next((_number(found[name]) for name in _PERCENTS if name in found), None)
    missing = row.missing or row.value in declared
    return CodeLine(row.depth, row.value, row.label, row.category, missing, frequency, percent)


def scaled(lines: Sequence[CodeLine]) -> tuple[CodeLine, ...]:
    """The lines with the percentages that the source leaves out, and with the lengths of their bars."""
    counts = [_number(line.frequency) or 0.0 for line in lines]
    total = sum(counts)
    percents = [
        line.percent if line.percent is not None else (100 * count / total if total and line.frequency else None)
        for line, count in zip(lines, counts, strict=True)
    ]
    longest = max((percent for percent in percents if percent), default=100.0)
    return tuple(
        CodeLine(
            line.depth, line.value, line.label, line.category, line.missing, line.frequency, percent,
            100 * (percent or 0.0) / longest,
        )
        for line, percent in zip(lines, percents, strict=True)
    )  # fmt: skip


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text is not None else None
    except ValueError:
        return None


# --- waves ------------------------------------------------------------------------------------------------------------


def wave_lines(catalogue: Catalogue, cohort: ContainerSummary) -> tuple[WaveLine, ...]:
    """The waves with their periods and modes of collection, earliest first."""
    shown = cohort.waves[:_WAVES_IN_FULL]
    events = _events(catalogue, cohort, shown)
    ids = [one.item.id for one in shown] + [event for inside in events.values() for event in inside]
    contents = introductions(catalogue, ids)
    lines = [_wave_line(wave, contents, events.get(wave.item.id, ())) for wave in shown]
    lines += [WaveLine(wave, (), ()) for wave in cohort.waves[_WAVES_IN_FULL:]]
    return tuple(sorted(lines, key=lambda line: line.periods[0].start or "~" if line.periods else "~"))


def _events(
    catalogue: Catalogue, cohort: ContainerSummary, waves: Sequence[ContainerSummary]
) -> Mapping[int, Sequence[int]]:
    """The collections within each wave that is a study, by internal ids."""
    if not any(wave.item.type == "StudyUnit" for wave in waves):
        return {}
    found = catalogue.list_items(ItemFilter(types=_COLLECTIONS, containers=(cohort.item.id,)), limit=_MOST_EVENTS)
    telling = [one.id for one in found if one.type == "CollectionEvent" or one.ddi_version == "3.1"]
    held = catalogue.held([wave.item.id for wave in waves], _COLLECTIONS)
    return {wave: [one for one in telling if one in some] for wave, some in held.items()}


def _wave_line(wave: ContainerSummary, contents: Mapping[int, Content], events: Iterable[int]) -> WaveLine:
    own = contents.get(wave.item.id)
    found = (own, *(contents.get(one) for one in events))
    collections = [one for one in found if isinstance(one, CollectionContent)]
    periods: Sequence[Period] = [period for one in collections for period in one.periods]
    if isinstance(own, StudyContent) and not periods:
        periods = own.periods
    modes = dict.fromkeys(mode for one in collections for mode in one.modes)
    return WaveLine(wave, tuple(filter(None, [whole(periods)])), tuple(modes))


def whole(periods: Sequence[Period]) -> Period | None:
    """From the earliest to the latest date of several periods; open as soon as one of them is."""
    starts = sorted(period.start for period in periods if period.start)
    ends = sorted(date for period in periods if (date := period.end or period.start))
    if not starts and not ends:
        return None
    if starts and any(period.open for period in periods):
        return Period(starts[0], open=True)
    return Period(starts[0] if starts else None, ends[-1] if ends and ends[-1:] != starts[:1] else None)


def timeline(lines: Sequence[WaveLine]) -> Timeline | None:
    """The waves on a scale of whole years, open ones up to its end; None when fewer than two have dates."""
    spans = {index: _span(line.periods) for index, line in enumerate(lines)}
    dated = {index: span for index, span in spans.items() if span}
    if len(dated) < 2:
        return None
    first = int(min(start for start, _ in dated.values()))
    last = int(max(end for _, end in dated.values())) + 1
    scale = 100 / (last - first)
    placed = tuple(
        WaveLine(line.container, line.periods, line.modes, *_placed(_drawn(line, dated.get(index), last), first, scale))
        for index, line in enumerate(lines)
    )
    step = max(1, (last - first) // 6)
    return Timeline(placed, tuple((year, (year - first) * scale) for year in range(first, last + 1, step)))


def _drawn(line: WaveLine, span: tuple[float, float] | None, last: int) -> tuple[float, float] | None:
    """Where the bar of a wave begins and ends."""
    return (span[0], last) if span and any(period.open for period in line.periods) else span


def _placed(span: tuple[float, float] | None, first: int, scale: float) -> tuple[float | None, float]:
    return ((span[0] - first) * scale, max((span[1] - span[0]) * scale, 0.8)) if span else (None, 0.0)


def _span(periods: Sequence[Period]) -> tuple[float, float] | None:
    starts = [year for period in periods if (year := _year(period.start)) is not None]
    ends = [year for period in periods if (year := _year(period.end or period.start)) is not None]
    return (min(starts), max(max(ends), min(starts))) if starts and ends else None


def _year(date: str | None) -> float | None:
    """An ISO 8601 date as a fraction of years."""
    year, _, rest = (date or "").partition("-")
    month = rest[:2]
    if not (len(year) == 4 and year.isdecimal()):
        return None
    return int(year) + ((int(month) - 1) / 12 if month.isdecimal() else 0.0)


# --- reports and receipts ---------------------------------------------------------------------------------------------


def fault_groups(report: ValidationReport) -> tuple[FaultGroup, ...]:
    """The violations by kind, errors first, the most frequent kind first."""
    kinds: dict[tuple[Severity, str], list[Violation]] = {}
    for violation in report.violations:
        kinds.setdefault((violation.severity, violation.code), []).append(violation)
    order = list(Severity)
    groups = [FaultGroup(code, severity, tuple(found)) for (severity, code), found in kinds.items()]
    return tuple(sorted(groups, key=lambda group: (order.index(group.severity), -len(group.violations))))


def totals(receipt: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """The last row of a receipt."""
    columns = ("found", "stored", "merged", "refused")
    return {name: sum(row.get(name, 0) for row in receipt.values()) for name in columns}


def texts_by_path(item: Item) -> dict[str, InternationalString]:
    """All texts of an item, those of one place together."""
    paths = dict.fromkeys(text.path for text in item.texts)
    return {path: item.texts_at(path) for path in paths}
