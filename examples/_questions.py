"""Question items, grids, blocks and measurement items."""

from __future__ import annotations

from collections.abc import Iterable

from _cohort import Wave, core_key, grid_of
from _ddi import E, Element, Key, Text, contents, description, dynamic_text, item, label, name, ref, triple
from _representations import category, code_list, domain, earlier_version
from _tables import GridTable, Library, Measure


def out_parameter(key: Key) -> Key:
    return Key("OutParameter", f"{key.id}-OUT", key.version)


def parameter(tag: str, key: Key, alias: str) -> Element:
    return E(tag, triple(key.id, key.version), name("r:ParameterName", alias), E("r:Alias", alias))


def _required(value: Text | None, measure: Measure) -> Text:
    if value is None:
        raise ValueError(f"{measure.name}: text missing")
    return value


def question_item(key: Key, measure: Measure, library: Library, history: Iterable[Element] = ()) -> Element:
    if measure.representation is None:
        raise ValueError(f"{measure.name}: a question needs a response domain")
    return item(
        "d:QuestionItem",
        key,
        list(history),
        name("d:QuestionItemName", measure.name),
        label(_required(measure.label, measure)),
        parameter("r:OutParameter", out_parameter(key), measure.name),
        dynamic_text("d:QuestionText", _required(measure.text, measure)),
        contents("d:QuestionIntent", library.intents[measure.key].label) if measure.key in library.intents else None,
        domain(measure.representation, library),
        ref("r:ConceptReference", library.concepts[measure.concept].key),
        _instructions(measure, library),
    )


def measurement_item(key: Key, measure: Measure, library: Library, history: Iterable[Element] = ()) -> Element:
    if measure.representation is None:
        raise ValueError(f"{measure.name}: a measurement needs a response domain")
    return item(
        "d:MeasurementItem",
        key,
        list(history),
        name("d:MeasurementItemName", measure.name),
        label(_required(measure.label, measure)),
        description(_required(measure.text, measure)),
        domain(measure.representation, library),
        ref("r:ConceptReference", library.concepts[measure.concept].key),
        _instructions(measure, library),
    )


def _instructions(measure: Measure, library: Library) -> list[Element | None]:
    names = measure.more.get("i", "").split()
    return [ref("d:InterviewerInstructionReference", library.instructions[each].key) for each in names]


def grid_prefix(library: Library, members: Iterable[Measure]) -> str:
    """Grids of the bank are shared; the others belong to their cohort."""
    return "" if all(member.core for member in members) else library.prefix


def grid_rows(grid: str, members: list[Measure], library: Library, key: Key) -> list[tuple[str, Key, Text]]:
    """(code, category, label) of the rows: as tabled, or the items themselves."""
    table = library.grids[grid]
    lines = table.rows or tuple((str(n), _required(m.text, m)) for n, m in enumerate(members, start=1))
    return [(code, _line(key, f"r{code}"), text) for code, text in lines]


def grid_columns(grid: str, library: Library, key: Key) -> list[tuple[str, Key, Text]]:
    return [(code, _line(key, f"c{code}"), text) for code, text in library.grids[grid].columns]


def _line(key: Key, suffix: str) -> Key:
    return Key("Category", f"{key.id}-{suffix}")


def grid_list(key: Key, axis: str) -> Key:
    return Key("CodeList", f"{key.id}-{axis}")


def question_grid(key: Key, grid: str, members: list[Measure], library: Library) -> Element:
    table = library.grids[grid]
    return item(
        "d:QuestionGrid",
        key,
        name("d:QuestionGridName", grid),
        dynamic_text("d:QuestionText", table.text),
        _dimension("1", grid_list(key, "rows")),
        _dimension("2", grid_list(key, "columns")) if table.columns else None,
        _grid_domain(table, members, library),
        ref("r:ConceptReference", library.concepts[members[0].concept].key),
    )


def _dimension(rank: str, codes: Key) -> Element:
    return E("d:GridDimension", E("d:CodeDomain", ref("r:CodeListReference", codes)), rank=rank)


def _grid_domain(table: GridTable, members: list[Measure], library: Library) -> Element:
    """One response domain for all cells, or one for each column."""
    by_column = {member.more.get("c", ",").split(",")[1]: member.representation for member in members}
    kept = {column: each for column, each in by_column.items() if each is not None}
    if len(set(kept.values())) == 1:
        return domain(next(iter(kept.values())), library)
    return E("d:StructuredMixedGridResponseDomain", [_cell_domain(c, domain(r, library)) for c, r in kept.items()])


def _cell_domain(column: str, response: Element) -> Element:
    cells = E(
        "d:CellCoordinatesAsDefined",
        E("d:SelectDimension", rank="1", allValues="true"),
        E("d:SelectDimension", rank="2", specificValue=column),
    )
    return E("d:GridResponseDomainInMixed", response, E("d:GridAttachment", cells))


def grid_lists(grid: str, members: list[Measure], library: Library, key: Key) -> tuple[list[Element], list[Element]]:
    """The code lists of the dimensions of a grid, and the categories of their lines."""
    axes = {"rows": grid_rows(grid, members, library, key), "columns": grid_columns(grid, library, key)}
    lists = [
        code_list(grid_list(key, axis), library.grids[grid].text, [(code, each) for code, each, _ in lines])
        for axis, lines in axes.items()
        if lines
    ]
    return lists, [category(each, text) for lines in axes.values() for _, each, text in lines]


def question_block(key: Key, block: str, wave: Wave, members: list[Measure]) -> Element:
    """A stimulus with the questions about it; its text and material stand in the table of grids."""
    library = wave.cohort.library
    material = E(
        "r:OtherMaterial",
        triple(f"{key.id}-material"),
        E("r:TypeOfMaterial", "Stimulus"),
        description(library.grids[block].text),
        E("r:ExternalURLReference", f"https://example.org/{wave.cohort.code.lower()}/{block}.png"),
        E("r:MIMEType", "image/png"),
    )
    return item(
        "d:QuestionBlock",
        key,
        name("d:QuestionBlockName", block),
        description(library.grids[block].text),
        E("d:StimulusMaterial", material),
        [ref("d:QuestionItemReference", wave.cohort.question(member)) for member in members],
        ref("r:ConceptReference", library.concepts[members[0].concept].key),
    )


def shared_questions(library: Library) -> tuple[list[Element], list[Element], list[Element]]:
    """The bank: question items, grids and measurement items."""
    grids: dict[str, list[Measure]] = {}
    items, measurements = [], []
    for measure in library.core.values():
        key = core_key(measure)
        if grid_of(measure):
            grids.setdefault(grid_of(measure), []).append(measure)
        elif measure.kind == "Q":
            items.append(question_item(key, measure, library, earlier_version(key, measure)))
        elif measure.kind == "M":
            measurements.append(measurement_item(key, measure, library, earlier_version(key, measure)))
    return items, [question_grid(Key("QuestionGrid", f"G-{g}"), g, m, library) for g, m in grids.items()], measurements


def wave_questions(wave: Wave) -> Element:
    """The QuestionScheme of a wave: its new questions, and references to those asked before or of the bank."""
    new, known = [], []
    for measure in wave.measures:
        if measure.kind != "Q" or grid_of(measure):
            continue
        key = wave.cohort.question(measure)
        if measure.core or measure.waves[0] != wave.number:
            known.append(ref("d:QuestionItemReference", key))
        else:
            new.append(question_item(key, measure, wave.cohort.library))
    title = Text("Questions de la vague", "Questions of the wave")
    key = wave.key("QuestionScheme", "QS")
    return item("d:QuestionScheme", key, label(title), new, known, _wave_grids(wave), _wave_blocks(wave))


def grids_of(wave: Wave) -> dict[str, list[Measure]]:
    names = dict.fromkeys(grid_of(measure) for measure in wave.measures if grid_of(measure))
    return {grid: wave.grid_members(grid) for grid in names}


def is_new_grid(wave: Wave, grid: str) -> bool:
    """Whether this wave declares the grid: not of the bank and not asked alike before."""
    key = wave.grid(grid)
    return key.id == wave.key("QuestionGrid", f"G-{grid}").id


def _wave_grids(wave: Wave) -> list[Element | None]:
    return [
        question_grid(wave.grid(grid), grid, members, wave.cohort.library)
        if is_new_grid(wave, grid)
        else ref("d:QuestionGridReference", wave.grid(grid))
        for grid, members in sorted(grids_of(wave).items(), key=lambda each: not is_new_grid(wave, each[0]))
    ]


def _wave_blocks(wave: Wave) -> list[Element]:
    blocks: dict[str, list[Measure]] = {}
    for measure in wave.measures:
        for step in measure.route:
            if step.startswith("block:"):
                blocks.setdefault(step[6:], []).append(measure)
    return [question_block(block_key(wave, block), block, wave, members) for block, members in blocks.items()]


def block_key(wave: Wave, block: str) -> Key:
    return wave.key("QuestionBlock", f"B-{block}")


def wave_measurements(wave: Wave) -> Element | None:
    measures = [measure for measure in wave.measures if measure.kind == "M"]
    if not measures:
        return None
    new = [measure for measure in measures if not measure.core and measure.waves[0] == wave.number]
    known = [measure for measure in measures if measure not in new]
    return item(
        "d:MeasurementScheme",
        wave.key("MeasurementScheme", "MS"),
        label(Text("Mesures de la vague", "Measurements of the wave")),
        [measurement_item(wave.cohort.question(measure), measure, wave.cohort.library) for measure in new],
        [ref("r:MeasurementItemReference", wave.cohort.question(measure)) for measure in known],
    )
