"""One cohort as read from its tables: its waves, its measures and the keys of the items that they become."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from _ddi import Key
from _tables import Library, Measure, Toml, read_library, read_measures, read_toml

TABLES = Path(__file__).parent / "tables"
IDENTIFIER = re.compile(r"[A-Z][A-Z0-9_]+")


def read_shared() -> Library:
    return read_library(TABLES / "shared", "", None)


@dataclass(frozen=True)
class Cohort:
    """The tables of one cohort."""

    code: str
    info: Toml
    library: Library
    measures: tuple[Measure, ...]

    @classmethod
    def read(cls, folder: str, shared: Library) -> Cohort:
        info = read_toml(TABLES / folder / "cohort.toml")
        library = read_library(TABLES / folder, f"{info['code']}-", shared)
        return cls(info["code"], info, library, tuple(read_measures(TABLES / folder, library)))

    @cached_property
    def waves(self) -> list[Wave]:
        return [Wave(self, index, info) for index, info in enumerate(self.info["wave"], start=1)]

    def key(self, type_of_object: str, suffix: str) -> Key:
        return Key(type_of_object, f"{self.code}-{suffix}")

    def record(self, measure: Measure) -> str:
        """The file that a measure is written to: that of its loop, else that of its universe."""
        for step in reversed(measure.route):
            if step.startswith("loop:"):
                return self.library.loops[step[5:]].record
        return self.library.universes[measure.universe or self.info["universe"]].row["record"]

    def universe(self, measure: Measure) -> Key:
        return self.library.universes[measure.universe or self.info["universe"]].key

    def repeated(self, measure: Measure) -> list[Measure]:
        """The local measures of this name: more than one when the measurement changed."""
        return [other for other in self.measures if other.name == measure.name and not other.core]

    def conceptual(self, measure: Measure) -> Key | None:
        if measure.core:
            return conceptual_key(measure)
        if "cv" in measure.more:
            return Key("ConceptualVariable", f"CV-{measure.more['cv']}")
        same = self.repeated(measure)
        if len(same) > 1 or len(measure.waves) > 1:
            return self.key("ConceptualVariable", f"CV-{measure.name}")
        return None

    def represented(self, measure: Measure) -> Key | None:
        """A measure has a represented variable when other waves or cohorts may use it, too."""
        if measure.core:
            return represented_key(measure)
        if self.conceptual(measure) is None:
            return None
        suffix = f"-W{measure.waves[0]}" if len(self.repeated(measure)) > 1 else ""
        return self.key("RepresentedVariable", f"RV-{measure.name}{suffix}")

    def question(self, measure: Measure) -> Key:
        if measure.core:
            return core_key(measure)
        letter, type_of_object = ("M", "MeasurementItem") if measure.kind == "M" else ("Q", "QuestionItem")
        return self.key(type_of_object, f"W{measure.waves[0]}-{letter}-{measure.name}")


@dataclass(frozen=True)
class Wave:
    """One wave: a StudyUnit."""

    cohort: Cohort
    number: int
    info: Toml

    @cached_property
    def measures(self) -> list[Measure]:
        return [measure for measure in self.cohort.measures if self.number in measure.waves]

    @cached_property
    def variables(self) -> dict[str, Measure]:
        """Name -> measure, of everything that is a variable of this wave."""
        found = [measure for measure in self.measures if measure.kind != "S"]
        names = [measure.name for measure in found]
        if len(names) != len(set(names)):
            raise ValueError(f"{self.cohort.code} W{self.number}: {sorted(n for n in names if names.count(n) > 1)}")
        return {measure.name: measure for measure in found}

    def key(self, type_of_object: str, suffix: str) -> Key:
        return self.cohort.key(type_of_object, f"W{self.number}-{suffix}")

    def variable(self, name: str) -> Key:
        return self.key("Variable", f"V-{name}")

    def inputs(self, expression: str) -> list[Measure]:
        """The measures of this wave that an expression names, in order, each once."""
        names = dict.fromkeys(IDENTIFIER.findall(expression))
        return [self.variables[name] for name in names if name in self.variables]

    def sources(self, expression: str) -> list[Key]:
        """The variables that an expression names, of this wave or else of the latest earlier one."""
        names = dict.fromkeys(IDENTIFIER.findall(expression))
        waves = self.cohort.waves[self.number - 1 :: -1]
        found = (next((wave.variable(name) for wave in waves if name in wave.variables), None) for name in names)
        return [key for key in found if key is not None]

    def grid_members(self, grid: str) -> list[Measure]:
        return [measure for measure in self.measures if f"grid:{grid}" in measure.route]

    def grid(self, grid: str) -> Key:
        """The grid, as first asked with exactly these rows."""
        if self.grid_members(grid)[0].core:
            return Key("QuestionGrid", f"G-{grid}")
        members = self.grid_members(grid)
        first = next(wave for wave in self.cohort.waves if wave.grid_members(grid) == members)
        return first.key("QuestionGrid", f"G-{grid}")

    def records(self) -> dict[str, list[Measure]]:
        found: dict[str, list[Measure]] = {}
        for measure in self.variables.values():
            found.setdefault(self.cohort.record(measure), []).append(measure)
        return found


def grid_of(measure: Measure) -> str:
    """The grid that a measure is a cell of, or nothing."""
    return measure.route[-1][5:] if measure.route and measure.route[-1].startswith("grid:") else ""


def core_key(measure: Measure) -> Key:
    letter, type_of_object = ("M", "MeasurementItem") if measure.kind == "M" else ("Q", "QuestionItem")
    return Key(type_of_object, f"{letter}-{measure.key.replace('.', '-')}", measure.version)


def represented_key(measure: Measure) -> Key:
    return Key("RepresentedVariable", f"RV-{measure.key.replace('.', '-')}", measure.version)


def conceptual_key(measure: Measure) -> Key:
    return Key("ConceptualVariable", f"CV-{measure.conceptual or measure.key.partition('.')[0]}")
