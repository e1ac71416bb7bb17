"""Illustrative counts: invented, but consistent with the routing and always adding up to the number of cases.

Nothing is drawn at random: a checksum of the variable's name varies the weights of the tables a little, so that the
same tables always give the same numbers.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, field

from _cohort import Wave
from _routing import Branch, Node, Repeat, Together, tree
from _tables import Code, Measure

MISSING_LISTS = {
    "Q": "mv_question", "C": "mv_derived", "M": "mv_measurement", "D": "mv_derived", "R": "mv_record", "I": ""
}  # fmt: skip
NOT_CONCERNED = "-7"
_SIMPLE = re.compile(r"(\w+) (?:=|in) \{?([\d, ]+)\}?")


@dataclass(frozen=True)
class Tally:
    """The counts of one variable; valid and missing together are the cases of the file."""

    cases: int
    valid: int
    categories: tuple[tuple[str, int], ...]
    missing: tuple[tuple[str, int], ...]
    summary: tuple[tuple[str, float], ...]


@dataclass
class Simulation:
    """Walks through the questionnaire of a wave and counts who is asked what."""

    wave: Wave
    files: dict[str, int]
    tallies: dict[str, Tally] = field(default_factory=dict)

    def walk(self, nodes: tuple[Node, ...], asked: dict[str, int]) -> None:
        for node in nodes:
            match node:
                case Branch(arms):
                    self._branch(arms, asked)
                case Repeat(loop, inner):
                    record = self.wave.cohort.library.loops[loop].record
                    self.walk(inner, {**asked, record: self.files[record]})
                case Together(_, _, measures):
                    self.walk(measures, asked)
                case _ if node.kind != "S":
                    self.tallies[node.name] = self._draw(node, asked)

    def _branch(self, arms: tuple[tuple[str, tuple[Node, ...]], ...], asked: dict[str, int]) -> None:
        rest = dict(asked)
        for name, nodes in arms:
            here = self._pass(name, rest) if name else rest
            self.walk(nodes, here)
            rest = {record: rest[record] - here[record] for record in rest}

    def _pass(self, name: str, asked: dict[str, int]) -> dict[str, int]:
        """Of those asked, how many meet the condition: counted where it names codes, else the share of the table."""
        condition = self.wave.cohort.library.conditions[name]
        passed = {record: round(count * condition.share) for record, count in asked.items()}
        simple = _SIMPLE.fullmatch(condition.expression)
        gate = self.tallies.get(simple[1]) if simple else None
        if simple and gate and gate.categories:
            record = self.wave.cohort.record(self.wave.variables[simple[1]])
            codes = {code.strip() for code in simple[2].split(",")}
            passed[record] = min(asked[record], sum(n for code, n in gate.categories if code in codes))
        return passed

    def _draw(self, measure: Measure, asked: dict[str, int]) -> Tally:
        record = self.wave.cohort.record(measure)
        cases, concerned = self.files[record], asked[record]
        missing = self._missing(measure, cases, concerned)
        valid = cases - sum(count for _, count in missing)
        return Tally(cases, valid, self._categories(measure, valid), missing, self._summary(measure, valid))

    def _missing(self, measure: Measure, cases: int, concerned: int) -> tuple[tuple[str, int], ...]:
        if not MISSING_LISTS[measure.kind]:
            return ()
        codes = self.wave.cohort.library.codelists[MISSING_LISTS[measure.kind]].codes
        usual = sum(code.weight for code in codes if code.value != NOT_CONCERNED)
        factor = measure.numbers("na")[0] / usual if "na" in measure.more else 1.0
        return tuple(
            (code.value, cases - concerned)
            if code.value == NOT_CONCERNED
            else (code.value, int(concerned * code.weight / 100 * factor * self._jitter(measure, code.value)))
            for code in codes
        )

    def _categories(self, measure: Measure, valid: int) -> tuple[tuple[str, int], ...]:
        codes = codes_of(self.wave, measure)
        given = measure.numbers("w") or [code.weight for code in codes]
        if len(given) != len(codes):
            raise ValueError(f"{measure.name}: {len(given)} weights for {len(codes)} codes")
        if sum(given) == valid:  # the table gives the counts themselves
            return tuple((code.value, int(count)) for code, count in zip(codes, given, strict=True))
        weights = [weight * self._jitter(measure, code.value) for weight, code in zip(given, codes, strict=True)]
        return tuple(zip((code.value for code in codes), apportion(valid, weights), strict=True))

    def _summary(self, measure: Measure, valid: int) -> tuple[tuple[str, float], ...]:
        """Mean, median, standard deviation, minimum and maximum of a number, within its range."""
        moments, representation = measure.numbers("m"), measure.representation
        if valid <= 1 or not moments or representation is None or representation.kind not in ("num", "scale"):
            return ()
        usual, deviation = moments
        low, high = representation.range()
        mean = min(high, max(low, usual + (self._jitter(measure, "mean") - 1) * deviation / 2))
        return _moments(mean, deviation * (1 + self._jitter(measure, "sd")) / 2, low, high, representation.decimals)

    def _jitter(self, measure: Measure, code: str) -> float:
        """A factor between 0.88 and 1.12 that depends on wave, name and code only."""
        seed = f"{self.wave.cohort.code}{self.wave.number}{measure.name}{code}"
        return 0.88 + zlib.crc32(seed.encode()) % 1000 / 1000 * 0.24


def codes_of(wave: Wave, measure: Measure) -> tuple[Code, ...]:
    representation = measure.representation
    if representation is None or representation.kind != "code":
        return ()
    return wave.cohort.library.codelists[representation.arg].codes


def apportion(total: int, weights: list[float]) -> list[int]:
    """Whole numbers in proportion to the weights that add up to the total (largest remainder)."""
    if not weights:
        return []
    exact = [total * weight / sum(weights) for weight in weights]
    counts = [int(part) for part in exact]
    by_remainder = sorted(range(len(weights)), key=lambda i: (counts[i] - exact[i], i))
    for i in by_remainder[: total - sum(counts)]:
        counts[i] += 1
    return counts


def _moments(mean: float, deviation: float, low: float, high: float, places: int) -> tuple[tuple[str, float], ...]:
    skew = 0.12 if mean - low < 2 * deviation else 0.02
    return (
        ("ArithmeticMean", round(mean, places + 1)),
        ("Median", round(max(low, mean - skew * deviation), places)),
        ("StandardDeviation", round(deviation, places + 1)),
        ("Minimum", round(max(low, mean - 2.5 * deviation), places)),
        ("Maximum", round(min(high, mean + 3.2 * deviation), places)),
    )


def simulate(wave: Wave) -> dict[str, Tally]:
    """Variable name -> its counts, for a wave whose table gives the number of cases of each file."""
    files: dict[str, int] = wave.info.get("files", {})
    simulation = Simulation(wave, files)
    if files:
        simulation.walk(tree(wave.measures), dict(files))
    return simulation.tallies
