"""Reading the tables: semicolon-separated values and TOML become frozen dataclasses.

See tables/README.md for the meaning of each column.
"""

from __future__ import annotations

import csv
import re
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from _ddi import VERSION, Key, Text

Row = dict[str, str]
Toml = dict[str, Any]

_REPRESENTATION = re.compile(r"(?P<kind>code|num|text|date|scale)(?P<decimals>\d?):(?P<arg>\S+)(?: (?P<unit>.+))?")


@dataclass(frozen=True)
class Representation:
    """How values are written: a code list, a number, a text, a date or an anchored scale."""

    kind: str
    arg: str
    unit: str = ""
    decimals: int = 0

    @classmethod
    def parse(cls, text: str) -> Representation:
        found = _REPRESENTATION.fullmatch(text)
        if not found:
            raise ValueError(f"representation not understood: {text!r}")
        return cls(found["kind"], found["arg"], found["unit"] or "", int(found["decimals"] or 0))

    def range(self) -> tuple[float, float]:
        low, high = self.arg.split("..")
        return float(low), float(high)


@dataclass(frozen=True)
class Code:
    value: str
    label: Text
    weight: float
    category: Key


@dataclass(frozen=True)
class CodeList:
    key: Key
    label: Text
    codes: tuple[Code, ...]
    missing: bool
    based_on: Key | None = None
    rationale: Text | None = None


@dataclass(frozen=True)
class Entry:
    """A labelled item of a simple scheme: concept, universe, conceptual variable, instruction, section..."""

    key: Key
    name: str
    label: Text
    description: Text | None
    row: Row


@dataclass(frozen=True)
class Measure:
    """One line of a table of variables: what is measured, by which question or other source, and how it is written."""

    waves: tuple[int, ...]
    section: str
    route: tuple[str, ...]
    name: str
    key: str
    version: str
    kind: str
    concept: str
    universe: str
    representation: Representation | None
    label: Text | None
    text: Text | None
    conceptual: str
    more: dict[str, str]
    core: bool
    rationale: Text | None = None

    def numbers(self, option: str) -> list[float]:
        """The numbers of an option such as ``m=65,12``; empty when it is absent."""
        return [float(part) for part in self.more[option].split(",")] if option in self.more else []


@dataclass(frozen=True)
class Condition:
    name: str
    expression: str
    share: float
    text: Text


@dataclass(frozen=True)
class LoopTable:
    name: str
    record: str
    maximum: int
    expression: str
    text: Text


@dataclass(frozen=True)
class GridTable:
    """The text of a grid and, when it has two named dimensions, its rows and columns."""

    text: Text
    rows: tuple[tuple[str, Text], ...]
    columns: tuple[tuple[str, Text], ...]


@dataclass(frozen=True)
class Library:
    """Everything that one folder of tables declares, over what the shared folder declares."""

    prefix: str
    concepts: dict[str, Entry]
    universes: dict[str, Entry]
    units: dict[str, Entry]
    conceptuals: dict[str, Entry]
    sections: dict[str, Entry]
    instructions: dict[str, Entry]
    anchors: dict[str, Entry]
    intents: dict[str, Entry]
    codelists: dict[str, CodeList]
    categories: dict[Text, Key]
    conditions: dict[str, Condition]
    loops: dict[str, LoopTable]
    grids: dict[str, GridTable]
    core: dict[str, Measure]

    def own(self, table: dict[str, Entry]) -> list[Entry]:
        """The entries of a table that this folder declares itself."""
        return [entry for entry in table.values() if self.is_own(entry.key)]

    def is_own(self, key: Key) -> bool:
        return key.id.startswith(self.prefix)


def rows(path: Path) -> list[Row]:
    """The lines of a table as dicts; no table, no lines."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as handle:
        return [_checked(row, path) for row in csv.DictReader(handle, delimiter=";", restval="")]


def _checked(row: dict[str | Any, str | Any], path: Path) -> Row:
    if None in row or None in row.values():
        raise ValueError(f"{path}: a line has too many or too few columns: {row}")
    return {column: value.strip() for column, value in row.items()}


def read_toml(path: Path) -> Toml:
    with path.open("rb") as handle:
        return tomllib.load(handle)


def text_of(row: Row, column: str = "") -> Text:
    return Text(row[f"{column}fr"], row[f"{column}en"])


def maybe_text(row: Row, column: str) -> Text | None:
    return text_of(row, column) if row.get(f"{column}fr") else None


def both(value: list[str]) -> Text:
    """A two-element TOML array, French then English."""
    french, english = value
    return Text(french, english)


# table -> (type of object, prefix of the ID)
_ENTRY_TABLES = {
    "concepts": ("Concept", "C"),
    "universes": ("Universe", "U"),
    "units": ("UnitType", "UT"),
    "conceptuals": ("ConceptualVariable", "CV"),
    "sections": ("Section", "S"),
    "instructions": ("Instruction", "I"),
    "anchors": ("Category", "CAT-anchor"),
    "intents": ("Intent", "INTENT"),
}


def _entries(folder: Path, table: str, prefix: str) -> dict[str, Entry]:
    type_of_object, letter = _ENTRY_TABLES[table]
    return {
        row["id"]: Entry(
            Key(type_of_object, f"{prefix}{letter}-{row['id']}"), row["id"], text_of(row), maybe_text(row, "d_"), row
        )
        for row in rows(folder / f"{table}.csv")
    }


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:48]


def _category(categories: dict[Text, Key], label: Text, prefix: str) -> Key:
    """The category with this label: the one already declared, or a new one."""
    if label not in categories:
        wanted = f"{prefix}CAT-{_slug(label.en)}"
        taken = sum(1 for key in categories.values() if key.id == wanted or key.id.startswith(wanted + "--"))
        categories[label] = Key("Category", f"{wanted}--{taken + 1}" if taken else wanted)
    return categories[label]


def _codelists(folder: Path, prefix: str, categories: dict[Text, Key]) -> dict[str, CodeList]:
    """``list[@version]`` -> code list; the line without a code carries the label of the list."""
    found: dict[str, CodeList] = {}
    for row in rows(folder / "codelists.csv"):
        name, _, version = row["list"].partition("@")
        if row["code"]:
            code = Code(
                row["code"], text_of(row), float(row["weight"] or 1), _category(categories, text_of(row), prefix)
            )
            found[row["list"]] = replace(found[row["list"]], codes=(*found[row["list"]].codes, code))
            continue
        key = Key("CodeList", f"{prefix}CL-{name}", version or VERSION)
        earlier = found[name].key if version else None
        found[row["list"]] = CodeList(key, text_of(row), (), name.startswith("mv_"), earlier, maybe_text(row, "r_"))
    return found


def _conditions(folder: Path) -> dict[str, Condition]:
    return {
        row["id"]: Condition(row["id"], row["expression"], float(row["share"]), text_of(row))
        for row in rows(folder / "conditions.csv")
    }


def _loops(folder: Path) -> dict[str, LoopTable]:
    return {
        row["id"]: LoopTable(row["id"], row["record"], int(row["max"]), row["expression"], text_of(row))
        for row in rows(folder / "loops.csv")
    }


def _grids(folder: Path) -> dict[str, GridTable]:
    """``q`` lines carry the text of the grid, ``row`` and ``col`` lines its dimensions."""
    lines = rows(folder / "grids.csv")

    def dimension(grid: str, dim: str) -> tuple[tuple[str, Text], ...]:
        return tuple((line["code"], text_of(line)) for line in lines if line["grid"] == grid and line["dim"] == dim)

    return {
        line["grid"]: GridTable(text_of(line), dimension(line["grid"], "row"), dimension(line["grid"], "col"))
        for line in lines
        if line["dim"] == "q"
    }


def _options(text: str) -> dict[str, str]:
    """``m=65,12 | f=A / B`` -> {"m": "65,12", "f": "A / B"}."""
    return {k.strip(): v.strip() for k, v in (part.split("=", 1) for part in text.split(" | ") if part)}


def _measure(row: Row, key: str, version: str, *, core: bool) -> Measure:
    return Measure(
        waves=tuple(int(wave) for wave in row.get("waves", "").split(",") if wave),
        section=row.get("section", ""),
        route=tuple(row.get("route", "").split()),
        name=key.partition(".")[0],
        key=key,
        version=version,
        kind=row["kind"],
        concept=row["concept"],
        universe=row.get("universe", ""),
        representation=Representation.parse(row["rep"]) if row["rep"] else None,
        label=maybe_text(row, "l_"),
        text=maybe_text(row, "t_"),
        conceptual=row.get("conceptual", ""),
        more=_options(row["more"]),
        core=core,
        rationale=maybe_text(row, "r_"),
    )


def _core(folder: Path) -> dict[str, Measure]:
    """``KEY@version`` -> a measure of the shared bank."""
    found = (_measure(row, row["key"], row["version"] or VERSION, core=True) for row in rows(folder / "core.csv"))
    return {f"{measure.key}@{measure.version}": measure for measure in found}


def _from_core(row: Row, core: dict[str, Measure]) -> list[Measure]:
    """A line that calls the bank: one measure (``KEY``, ``KEY@2.0.0``) or a whole grid (``@grid``)."""
    called = row["name"]
    if called.startswith("@"):
        step = f"grid:{called[1:]}"
        wanted = [measure for measure in core.values() if step in measure.route]
    else:
        wanted = [core[called if "@" in called else f"{called}@{VERSION}"]]
    here = _measure({**row, "kind": "core"}, called, VERSION, core=True)
    return [
        replace(
            measure,
            waves=here.waves,
            section=here.section,
            route=(*here.route, *measure.route),
            universe=here.universe,
            more={**measure.more, **here.more},
            name=_alias(measure.name, here.more.get("as", "")),
        )
        for measure in wanted
    ]


def _alias(name: str, wanted: str) -> str:
    """The name in this cohort: as asked, or (``as=F_``) the usual name with a prefix."""
    return wanted + name if wanted.endswith("_") else wanted or name


def read_measures(folder: Path, library: Library) -> list[Measure]:
    """The variables of one cohort, in the order of the questionnaire."""
    found: list[Measure] = []
    for row in rows(folder / "variables.csv"):
        if row["kind"] == "core":
            found.extend(_from_core(row, library.core))
        else:
            found.append(_measure(row, row["name"], VERSION, core=False))
    return found


def read_library(folder: Path, prefix: str, shared: Library | None) -> Library:
    """The tables of a folder; what it does not declare is looked up in the shared library."""
    categories = dict(shared.categories) if shared else {}
    entries = {table: _entries(folder, table, prefix) for table in _ENTRY_TABLES}
    return Library(
        prefix=prefix,
        **{table: {**(getattr(shared, table) if shared else {}), **own} for table, own in entries.items()},
        codelists={**(shared.codelists if shared else {}), **_codelists(folder, prefix, categories)},
        categories=categories,
        conditions={**(shared.conditions if shared else {}), **_conditions(folder)},
        loops=_loops(folder),
        grids={**(shared.grids if shared else {}), **_grids(folder)},
        core=shared.core if shared else _core(folder),
    )
