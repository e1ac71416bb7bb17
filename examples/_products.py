"""Logical product and physical instances of a wave: variables, records, files and their statistics."""

from __future__ import annotations

from _statistics import MISSING_LISTS, Tally, simulate

from _cohort import Wave, grid_of
from _collection import generation_key
from _ddi import VERSION, VERSION_DATES, E, Element, Key, Text, coded, description, item, label, name, pair, ref, triple
from _representations import missing_key, values
from _tables import Measure, Representation, both

IDENTIFIER = Representation("text", "16")
ROLES = {"D": "Derived", "C": "Derived"}


def identifier(record: str) -> str:
    return f"ID_{record.upper()}"


def _identifier_variable(wave: Wave, record: str) -> Element:
    unit = both(wave.cohort.info["record"][record])
    title = Text(f"Identifiant pseudonymisé ({unit.fr})", f"Pseudonymised identifier ({unit.en})")
    return item(
        "l:Variable",
        wave.variable(identifier(record)),
        name("l:VariableName", identifier(record)),
        label(title),
        ref("r:ConceptReference", wave.cohort.library.concepts["identifier"].key),
        E("l:VariableRepresentation", coded("l:VariableRole", "Identifier"), values(IDENTIFIER, wave.cohort.library)),
    )


def variable(wave: Wave, measure: Measure) -> Element:
    """An instance variable, with all that says what it measures."""
    cohort = wave.cohort
    if measure.label is None or measure.representation is None:
        raise ValueError(f"{measure.name}: a variable needs a label and a representation")
    return item(
        "l:Variable",
        wave.variable(measure.name),
        name("l:VariableName", measure.name),
        label(measure.label),
        description(measure.text) if measure.kind == "R" else None,
        ref("r:RepresentedVariableReference", cohort.represented(measure)),
        ref("r:ConceptualVariableReference", cohort.conceptual(measure)),
        ref("r:UniverseReference", cohort.universe(measure)),
        ref("r:ConceptReference", cohort.library.concepts[measure.concept].key),
        _source(wave, measure),
        _representation(wave, measure),
    )


def _source(wave: Wave, measure: Measure) -> Element | None:
    if measure.kind == "Q":
        grid = grid_of(measure)
        return ref("r:QuestionReference", wave.grid(grid) if grid else wave.cohort.question(measure))
    if measure.kind == "M":
        return ref("r:MeasurementReference", wave.cohort.question(measure))
    return None


def _representation(wave: Wave, measure: Measure) -> Element:
    if measure.representation is None:
        raise ValueError(f"{measure.name}: representation missing")
    role = ROLES.get(measure.kind)
    return E(
        "l:VariableRepresentation",
        coded("l:VariableRole", role) if role else None,
        ref("r:ProcessingInstructionReference", generation_key(wave, measure)) if measure.kind == "D" else None,
        values(measure.representation, wave.cohort.library),
        ref("l:MissingValuesReference", missing_key(MISSING_LISTS[measure.kind])),
    )


def logical_product(wave: Wave) -> Element:
    records = wave.records()
    identifiers = [_identifier_variable(wave, record) for record in records]
    variables = [variable(wave, measure) for measure in wave.variables.values()]
    scheme = item(
        "l:VariableScheme",
        wave.key("VariableScheme", "VS"),
        label(Text("Variables de la vague", "Variables of the wave")),
        identifiers,
        variables,
    )
    relationships = [_relationship(wave, record, members) for record, members in records.items()]
    return item("l:LogicalProduct", wave.key("LogicalProduct", "LP"), relationships, scheme)


def _record(wave: Wave, record: str) -> Key:
    return wave.key("LogicalRecord", f"LR-{record}")


def _relationship(wave: Wave, record: str, members: list[Measure]) -> Element:
    used = [identifier(record), *(measure.name for measure in members)]
    logical = E(
        "l:LogicalRecord",
        triple(_record(wave, record).id),
        name("l:LogicalRecordName", record),
        label(both(wave.cohort.info["record"][record])),
        E("l:VariablesInRecord", [ref("l:VariableUsedReference", wave.variable(each)) for each in used]),
        variableQuantity=str(len(used)),
    )
    return item(
        "l:DataRelationship", wave.key("DataRelationship", f"DR-{record}"), logical, _link_to_main(wave, record)
    )


def _link_to_main(wave: Wave, record: str) -> Element | None:
    """The files of a wave are linked to its first one by the identifier of the latter."""
    main = next(iter(wave.records()))
    if record == main:
        return None
    return E(
        "l:RecordRelationship",
        triple(wave.key("RecordRelationship", f"RR-{record}").id),
        ref("l:SourceLogicalRecordReference", _record(wave, record)),
        ref("l:TargetLogicalRecordReference", _record(wave, main)),
        E(
            "l:SourceTargetLink",
            ref("l:SourceLinkVariableReference", wave.variable(identifier(record))),
            ref("l:TargetLinkVariableReference", wave.variable(identifier(main))),
        ),
        relationToTarget="Child",
    )


def physical_instances(wave: Wave) -> list[Element]:
    """One for each file of the wave; none while nothing is collected or simulated."""
    tallies = simulate(wave)
    if not tallies:
        return []
    return [_physical(wave, record, members, tallies) for record, members in wave.records().items()]


def _physical(wave: Wave, record: str, members: list[Measure], tallies: dict[str, Tally]) -> Element:
    cases = str(wave.info["files"][record])
    structure = E(
        "pi:GrossFileStructure",
        triple(wave.key("GrossFileStructure", f"GFS-{record}").id),
        E("pi:CaseQuantity", cases),
        E("pi:OverallRecordCount", cases),
    )
    title = both(wave.cohort.info["record"][record])
    return E(
        "pi:PhysicalInstance",
        triple(wave.key("PhysicalInstance", f"PI-{record}").id),
        _mark(wave),
        E("r:Citation", E("r:Title", [E("r:String", value, lang=lang) for lang, value in title.items()])),
        ref("r:DataRelationshipReference", wave.key("DataRelationship", f"DR-{record}")),
        E("pi:DataFileIdentification", E("pi:DataFileURI", _file_url(wave, record), isPublic="false")),
        structure,
        E("pi:StatisticalSummary", [_statistics(wave, measure, tallies[measure.name]) for measure in members]),
        versionDate=VERSION_DATES[VERSION],
    )


def _file_url(wave: Wave, record: str) -> str:
    return f"https://example.org/{wave.cohort.code.lower()}/w{wave.number}/{record}.csv"


def _mark(wave: Wave) -> Element:
    return pair("illustrative-statistics", "simulated" if wave.info.get("simulated") else "illustrative")


def _statistics(wave: Wave, measure: Measure, tally: Tally) -> Element:
    invalid = sum(count for _, count in tally.missing)
    return item(
        "pi:VariableStatistics",
        wave.key("VariableStatistics", f"VS-{measure.name}"),
        _mark(wave),
        ref("r:VariableReference", wave.variable(measure.name)),
        _summary("ValidCases", tally.valid),
        _summary("InvalidCases", invalid),
        [_summary(kind, value) for kind, value in tally.summary],
        _frequencies(tally),
    )


def _summary(kind: str, value: float) -> Element:
    return E(
        "pi:SummaryStatistic",
        coded("pi:TypeOfSummaryStatistic", kind),
        E("pi:Statistic", str(value) if isinstance(value, int) else f"{value:g}"),
    )


def _frequencies(tally: Tally) -> Element | None:
    """The count of every valid code and of the missing ones that occur; their sum is the number of cases."""
    if not tally.categories:
        return None
    counts = [*tally.categories, *((code, count) for code, count in tally.missing if count)]
    return E("pi:UnfilteredCategoryStatistics", [_frequency(value, count) for value, count in counts])


def _frequency(value: str, count: int) -> Element:
    """The count of one code; percentages are left to the reader, who chooses the base."""
    frequency = E(
        "pi:CategoryStatistic", coded("pi:TypeOfCategoryStatistic", "Frequency"), E("pi:Statistic", str(count))
    )
    return E("pi:VariableCategory", E("pi:CategoryValue", E("r:Value", value)), frequency)
