"""Representations, code lists, categories, concepts, universes, conceptual and represented variables."""

from __future__ import annotations

from collections.abc import Iterable

from _cohort import conceptual_key, represented_key
from _ddi import (
    Child,
    E,
    Element,
    Key,
    Text,
    coded,
    contents,
    description,
    item,
    label,
    name,
    ref,
    strings,
    triple,
    version_history,
)
from _tables import CodeList, Entry, Library, Measure, Representation

UNIT_TYPE = Key("UnitType", "UT-person")

# kind -> (question's domain, variable's representation)
_ELEMENTS = {
    "code": ("d:CodeDomain", "r:CodeRepresentation"),
    "num": ("d:NumericDomain", "r:NumericRepresentation"),
    "text": ("d:TextDomain", "r:TextRepresentation"),
    "date": ("d:DateTimeDomain", "r:DateTimeRepresentation"),
    "scale": ("d:ScaleDomain", "r:ScaleRepresentation"),
}


def domain(representation: Representation, library: Library) -> Element:
    """The response domain of a question."""
    return _representation(_ELEMENTS[representation.kind][0], representation, library)


def values(representation: Representation, library: Library) -> Element:
    """The value representation of a variable."""
    return _representation(_ELEMENTS[representation.kind][1], representation, library)


def _representation(tag: str, representation: Representation, library: Library) -> Element:
    arg = representation.arg
    match representation.kind:
        case "code":
            return E(tag, ref("r:CodeListReference", library.codelists[arg].key))
        case "num":
            return _numeric(tag, representation)
        case "text":
            return E(tag, maxLength=arg)
        case "date":
            return E(tag, E("r:DateTypeCode", arg))
        case _:
            return E(tag, _scale(representation, library))


def _numeric(tag: str, representation: Representation) -> Element:
    low, high = representation.arg.split("..")
    unit = E("r:MeasurementUnit", representation.unit) if representation.unit else None
    places = {"decimalPositions": str(representation.decimals)} if representation.decimals else {}
    kind = "Decimal" if representation.decimals else "Integer"
    limits = E("r:NumberRange", E("r:Low", low), E("r:High", high))
    return E(tag, unit, limits, E("r:NumericTypeCode", kind), **places)


def _scale(representation: Representation, library: Library) -> Element:
    """An anchored scale; the unit column names its anchors, whose categories are <anchor>_low and <anchor>_high."""
    low, high = representation.arg.split("..")
    anchor = representation.unit
    return E(
        "r:ScaleDimension",
        E("r:NumberRange", E("r:Low", low), E("r:High", high)),
        _anchor(low, library.anchors[f"{anchor}_low"]),
        _anchor(high, library.anchors[f"{anchor}_high"]),
        dimensionNumber="1",
    )


def _anchor(value: str, entry: Entry) -> Element:
    return E("r:Anchor", ref("r:CategoryReference", entry.key), value=value)


def concept_scheme(key: Key, title: Text, library: Library) -> Element:
    return item(
        "c:ConceptScheme", key, label(title), [_concept(entry, library) for entry in library.own(library.concepts)]
    )


def _concept(entry: Entry, library: Library) -> Element:
    parent = entry.row["parent"]
    return item(
        "c:Concept",
        entry.key,
        name("c:ConceptName", entry.name),
        label(entry.label),
        description(entry.description),
        ref("c:SubclassOfReference", library.concepts[parent].key) if parent else None,
    )


def universe_scheme(key: Key, title: Text, library: Library) -> Element:
    return item(
        "c:UniverseScheme", key, label(title), [_universe(entry, library) for entry in library.own(library.universes)]
    )


def _universe(entry: Entry, library: Library) -> Element:
    inside = [other for other in library.own(library.universes) if other.row["parent"] == entry.name]
    return item(
        "c:Universe",
        entry.key,
        name("c:UniverseName", entry.name),
        label(entry.label),
        description(entry.description),
        ref("r:UnitTypeReference", library.units[entry.row["unit"]].key),
        [ref("c:SubUniverseClassReference", other.key) for other in inside],
    )


def unit_type_scheme(key: Key, title: Text, library: Library) -> Element:
    return item("c:UnitTypeScheme", key, label(title), [_unit_type(entry, library) for entry in library.units.values()])


def _unit_type(entry: Entry, library: Library) -> Element:
    concept = library.concepts[entry.row["concept"]].key
    return item(
        "c:UnitType",
        entry.key,
        label(entry.label),
        description(entry.description),
        ref("r:ConceptReference", concept),
    )


def conceptual_variable(key: Key, title: Text, note: Text | None, concept: Key, unit: Key = UNIT_TYPE) -> Element:
    return item(
        "c:ConceptualVariable",
        key,
        name("c:ConceptualVariableName", key.id.partition("CV-")[2]),
        label(title),
        description(note),
        ref("r:ConceptReference", concept),
        ref("r:UnitTypeReference", unit),
    )


def shared_conceptual_variables(library: Library) -> list[Element]:
    """One for each name of the bank; the table of conceptual variables words those with several measurements."""
    found: dict[Key, Element] = {}
    for measure in library.core.values():
        key = conceptual_key(measure)
        if key in found or measure.label is None:
            continue
        entry = library.conceptuals.get(key.id.removeprefix("CV-"))
        title = entry.label if entry else measure.label
        found[key] = conceptual_variable(
            key, title, entry.description if entry else None, library.concepts[measure.concept].key
        )
    return list(found.values())


def represented_variable(
    key: Key, measure: Measure, conceptual: Key, library: Library, history: Iterable[Element] = ()
) -> Element:
    if measure.label is None or measure.representation is None:
        raise ValueError(f"{measure.name}: a represented variable needs a label and a representation")
    return item(
        "l:RepresentedVariable",
        key,
        list(history),
        name("l:RepresentedVariableName", measure.name),
        label(measure.label),
        ref("r:ConceptualVariableReference", conceptual),
        values(measure.representation, library),
    )


def earlier_version(key: Key, measure: Measure) -> list[Element]:
    """The version history of an item of the bank: each version after the first says why it differs."""
    before = Key(key.type, key.id, f"{int(key.version.split('.')[0]) - 1}.0.0")
    return version_history(measure.rationale, before)


def shared_represented_variables(library: Library) -> list[Element]:
    return [
        represented_variable(
            represented_key(measure),
            measure,
            conceptual_key(measure),
            library,
            earlier_version(represented_key(measure), measure),
        )
        for measure in library.core.values()
    ]


def category(key: Key, title: Text, *, missing: bool = False) -> Element:
    flag = {"isMissing": "true"} if missing else {}
    return item("l:Category", key, label(title), **flag)


def categories(library: Library, rows: Iterable[tuple[Key, Text]]) -> list[Element]:
    """The categories that this folder declares: of its code lists, its anchors and the rows of its grids."""
    absent = {code.category for each in library.codelists.values() if each.missing for code in each.codes}
    own = [(key, title) for title, key in library.categories.items() if library.is_own(key)]
    anchors = [(entry.key, entry.label) for entry in library.own(library.anchors)]
    return [category(key, title, missing=key in absent) for key, title in [*own, *anchors, *rows]]


def code_list(key: Key, title: Text, codes: Iterable[tuple[str, Key]], *history: Child, **flags: str) -> Element:
    return item(
        "l:CodeList",
        key,
        history,
        label(title),
        [_code(key, value, category) for value, category in codes],
        **flags,
    )


def _code(key: Key, value: str, category: Key) -> Element:
    identifier = f"{key.id}-{value.replace('-', 'm')}"
    return E("l:Code", triple(identifier, key.version), ref("r:CategoryReference", category), E("r:Value", value))


def own_code_lists(library: Library) -> list[Element]:
    """The code lists that this folder declares."""
    return [_declared(each) for each in library.codelists.values() if library.is_own(each.key)]


def _declared(each: CodeList) -> Element:
    return code_list(
        each.key,
        each.label,
        [(code.value, code.category) for code in each.codes],
        version_history(each.rationale, each.based_on),
    )


def managed_missing(library: Library) -> list[Element]:
    """One managed representation of missing values for each list whose name begins with mv_."""
    return [
        item(
            "r:ManagedMissingValuesRepresentation",
            missing_key(list_name),
            name("r:ManagedMissingValuesRepresentationName", list_name),
            label(each.label),
            E("r:MissingCodeRepresentation", ref("r:CodeListReference", each.key)),
            isBlankMissingValue="false",
        )
        for list_name, each in library.codelists.items()
        if each.missing
    ]


def missing_key(list_name: str) -> Key:
    return Key("ManagedMissingValuesRepresentation", list_name.replace("mv_", "MV-"))


def instruction(entry: Entry) -> Element:
    texts = [
        E("d:InstructionText", E("d:LiteralText", E("d:Text", value, lang=lang)), audienceLanguage=lang)
        for lang, value in entry.label.items()
    ]
    return item("d:Instruction", entry.key, name("d:InstructionName", entry.name), texts)


def lifecycle_note(subject: Key, header: Text, body: Text) -> Element:
    """A note about an item, in both languages."""
    return E(
        "r:Note",
        coded("r:TypeOfNote", "Notice"),
        E("r:Relationship", ref("r:RelatedToReference", subject)),
        strings("r:Header", header),
        contents("r:NoteContent", body),
    )
