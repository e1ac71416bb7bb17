"""``var`` and ``varGrp`` of DDI-Codebook 2.5, from the variables of a study.

What the format has no element for stands in ``notes``, whose ``type`` and ``subject`` name the DDI-L element.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

from catalogue.ddi.codebook.markup import Attributes, around, element, escaped, plain, references, texts, token
from catalogue.model.contents import Representation, RepresentationKind, Statistic
from catalogue.model.identity import Identification
from catalogue.model.study import (
    CategoryDescription,
    Named,
    QuestionDescription,
    Universe,
    VariableDescription,
    VariableGroup,
)
from catalogue.model.text import InternationalString, LocalizedText

# DDI vocabulary SummaryStatisticType, and the words of 3.1 documents, in small letters -> ``sumStat/@type``.
_SUMMARIES: Final = {
    "arithmeticmean": "mean",
    "mean": "mean",
    "median": "medn",
    "mode": "mode",
    "validcases": "vald",
    "invalidcases": "invd",
    "minimum": "min",
    "maximum": "max",
    "standarddeviation": "stdev",
}
# DDI vocabulary CategoryStatisticType and the like -> ``catStat/@type``.
_COUNTS: Final = {
    "frequency": "freq",
    "count": "freq",
    "percent": "percent",
    "percentage": "percent",
}
_REPRESENTATIONS: Final = {
    RepresentationKind.CODE: "code",
    RepresentationKind.CATEGORY: "code",
    RepresentationKind.NUMERIC: "numeric",
    RepresentationKind.SCALE: "numeric",
    RepresentationKind.TEXT: "text",
    RepresentationKind.DATETIME: "datetime",
}
_DOMAINS: Final = {
    RepresentationKind.CODE: "code",
    RepresentationKind.CATEGORY: "category",
    RepresentationKind.NUMERIC: "numeric",
    RepresentationKind.TEXT: "text",
    RepresentationKind.DATETIME: "datetime",
    RepresentationKind.GEOGRAPHIC: "geographic",
}
_CONTINUOUS: Final = (RepresentationKind.NUMERIC, RepresentationKind.SCALE)
_WRITTEN: Final = (RepresentationKind.TEXT, RepresentationKind.DATETIME)
_WHOLE: Final = frozenset(("Integer", "BigInteger", "Long", "Short", "Count", "Incremental"))
_GROUP_TYPES: Final = frozenset(
    (
        "section",
        "multipleResp",
        "grid",
        "display",
        "repetition",
        "subject",
        "version",
        "iteration",
        "analysis",
        "pragmatic",
        "record",
        "file",
        "randomized",
    )
)


def variable_id(number: int) -> str:
    """The ID of a variable: its place in the study."""
    return f"V{number}"


def write_variable(variable: VariableDescription, files: Mapping[Identification, str]) -> str:
    """``var`` of a variable.

    Args:
        variable: what is written.
        files: the ID of the ``fileDscr`` of each data file of the study.
    """
    representation = variable.representation
    inside = [files[one] for one in variable.files if one in files]
    parts = (
        *(_location(one, representation) for one in inside or (None,)),
        texts("labl", variable.label),
        plain("anlysUnit", variable.analysis_unit),
        *(_question(one) for one in variable.questions),
        _valid(representation),
        _invalid(variable),
        *(_universe(one) for one in variable.universes),
        plain("TotlResp", variable.total),
        *(_summary(one) for one in variable.statistics),
        texts("txt", variable.description),
        *_categories(variable),
        *(_concept(one) for one in variable.concepts),
        _derivation(variable),
        _format(representation),
        *_notes(variable),
    )
    return element("var", "".join(parts), _attributes(variable, inside))


def _attributes(variable: VariableDescription, files: Sequence[str]) -> Attributes:
    representation = variable.representation
    kind = representation.kind if representation else None
    return {
        "ID": variable_id(variable.number),
        "name": variable.name or variable.identification.identifier,
        "wgt": "wgt" if variable.is_weight else None,
        "wgt-var": references(map(variable_id, variable.weight_numbers)),
        "files": references(files),
        "dcml": representation.decimals if representation else None,
        "intrvl": "contin" if kind in _CONTINUOUS else "discrete",
        "measUnit": representation.unit if representation else None,
        "temporal": "Y" if variable.is_temporal else None,
        "geog": "Y" if variable.is_geographic else None,
        "representationType": _REPRESENTATIONS.get(kind, "other") if kind else None,
        "otherRepresentationType": str(kind) if kind and kind not in _REPRESENTATIONS else None,
        "ddiLifecycleUrn": variable.identification.urn,
    }


def _location(file: str | None, representation: Representation | None) -> str:
    width = representation.max_length if representation else None
    return around("location", attributes={"width": width, "fileid": file})


# --- questions


def _question(question: QuestionDescription) -> str:
    kinds = {response.kind for response in question.responses}
    domain = next((_DOMAINS.get(kind, "other") for kind in kinds), None) if len(kinds) < 2 else "multiple"
    content = (
        texts("preQTxt", question.before),
        texts("qstnLit", question.text),
        texts("postQTxt", question.after),
        texts("backward", question.condition),
        *(texts("ivuInstr", instruction) for instruction in question.instructions),
    )
    attributes = {"responseDomainType": domain, "ddiLifecycleUrn": question.identification.urn}
    return element("qstn", "".join(content), attributes)


def _question_notes(question: QuestionDescription) -> Iterator[str]:
    if question.name:
        yield _note("question", "name", question.name)
    if question.label != question.text:
        yield _texts_note("question", "label", question.label)
    yield _texts_note("question", "intent", question.intent)
    for number, labels in enumerate(question.dimensions, 1):
        for label in labels:
            yield _texts_note("question", f"grid dimension {number}", label)
    for response in question.responses:
        yield from _representation_notes("response domain", response)


# --- values


def _valid(representation: Representation | None) -> str:
    if representation is None or not representation.ranges:
        return ""
    units = "INT" if representation.data_type in _WHOLE or representation.decimals == "0" else "REAL"
    ranges = (
        element(
            "range",
            "",
            {
                "UNITS": units,
                "min" if one.low_included else "minExclusive": one.low,
                "max" if one.high_included else "maxExclusive": one.high,
            },
        )
        for one in representation.ranges
        if one.low is not None or one.high is not None
    )
    return around("valrng", *ranges)


def _invalid(variable: VariableDescription) -> str:
    listed = [one.value for one in variable.categories if one.missing]
    declared = variable.representation.missing_values if variable.representation else ()
    values = dict.fromkeys(value for value in (*listed, *declared) if value)
    return around("invalrng", *(element("item", "", {"VALUE": value}) for value in values))


def _summary(statistic: Statistic) -> str:
    type_ = _SUMMARIES.get(statistic.type.lower().replace(" ", ""))
    attributes = {
        "wgtd": "wgtd" if statistic.weighted else "not-wgtd",
        "type": type_ or "other",
        "otherType": None if type_ else token(statistic.type),
    }
    return plain("sumStat", statistic.value, attributes)


def _count(statistic: Statistic) -> str:
    type_ = _COUNTS.get(statistic.type.lower().replace(" ", ""))
    attributes = {
        "type": type_ or "other",
        "otherType": None if type_ else token(statistic.type),
        "wgtd": "wgtd" if statistic.weighted else "not-wgtd",
    }
    return plain("catStat", statistic.value, attributes)


def _categories(variable: VariableDescription) -> Iterator[str]:
    below = _below(variable.categories)
    number = variable_id(variable.number)
    for place, category in enumerate(variable.categories):
        attributes = {
            "ID": f"{number}C{place + 1}" if below else None,
            "missing": "Y" if category.missing else None,
            "catgry": references(f"{number}C{one + 1}" for one in below.get(place, ())),
        }
        yield _category(category, attributes)


@lru_cache(maxsize=4096)
def _labelled(value: str, label: InternationalString, description: InternationalString) -> str:
    """The same for every variable of a code list."""
    return plain("catValu", value) + texts("labl", label) + texts("txt", description)


def _category(category: CategoryDescription, attributes: Attributes) -> str:
    labelled = _labelled(category.value, category.label, category.description)
    return element("catgry", labelled + "".join(map(_count, category.statistics)), attributes)


def _below(categories: Sequence[CategoryDescription]) -> Mapping[int, list[int]]:
    """The places of the categories directly below each; empty for a flat list."""
    found: dict[int, list[int]] = {}
    around_: list[int] = []
    for place, category in enumerate(categories):
        del around_[category.depth :]
        if around_:
            found.setdefault(around_[-1], []).append(place)
        around_.append(place)
    return found


def _format(representation: Representation | None) -> str:
    if representation is None:
        return ""
    kind = representation.kind
    named = {
        "type": "numeric" if kind in _CONTINUOUS else "character" if kind in _WRITTEN else None,
        "formatname": representation.data_type,
        "schema": "other" if representation.data_type else None,
        "otherSchema": "DDI" if representation.data_type else None,
        "category": "date" if kind is RepresentationKind.DATETIME else None,
    }
    return around("varFormat", escaped(representation.format or ""), attributes=named)


# --- meaning


@lru_cache(maxsize=4096)
def _concept(concept: Named) -> str:
    label = concept.label or InternationalString((LocalizedText(concept.name or concept.identification.identifier),))
    return texts("concept", label, {"ddiLifecycleUrn": concept.identification.urn})


@lru_cache(maxsize=4096)
def _universe(universe: Universe) -> str:
    return write_universe(universe, {})


def write_universe(universe: Universe, attributes: Attributes) -> str:
    """``universe``: in each language the label, then the description if it says more."""
    words: dict[str | None, list[str]] = {}
    for one in (*universe.label, *universe.description):
        words.setdefault(one.language, []).append(one.text)
    found = (LocalizedText(": ".join(dict.fromkeys(some)), tag) for tag, some in words.items())
    said = {**attributes, "ddiLifecycleUrn": universe.identification.urn}
    return texts("universe", InternationalString.of(found), said)


def _derivation(variable: VariableDescription) -> str:
    derivation = variable.derivation
    described = texts("drvdesc", derivation.description) if derivation else ""
    commands = derivation.commands if derivation else ()
    written = (plain("drvcmd", command.text, {"syntax": command.language}) for command in commands)
    sources = references(map(variable_id, variable.source_numbers))
    return around("derivation", described, *written, attributes={"var": sources})


# --- what has no element


def _notes(variable: VariableDescription) -> Iterator[str]:
    if variable.role:
        yield _note("Variable", "VariableRole", variable.role)
    for type_, named in (
        ("RepresentedVariable", variable.represented),
        ("ConceptualVariable", variable.conceptual),
        *(("SourceVariable", one) for one in variable.source_variables),
        *(("WeightVariable", one) for one in variable.weighted_by),
    ):
        if named is not None:
            yield _named_note(type_, named)
    for question in variable.questions:
        yield from _question_notes(question)
    if variable.representation is not None:
        yield from _representation_notes("representation", variable.representation)
    yield from written_attributes(variable.user_ids, variable.user_attributes)


def _representation_notes(type_: str, representation: Representation) -> Iterator[str]:
    yield _texts_note(type_, "label", representation.labels)
    response = type_ == "response domain"
    rows = (
        ("minLength", representation.min_length),
        ("maxLength", representation.max_length if response else None),
        ("regExp", representation.pattern),
        ("measurementUnit", representation.unit if response else None),
        ("decimalPositions", representation.decimals if response else None),
        ("dataType", representation.data_type if response else None),
        ("format", representation.format if response else None),
    )
    yield from (_note(type_, subject, value) for subject, value in rows if value)
    if response:
        bounds = (bound for one in representation.ranges for bound in (("low", one.low), ("high", one.high)))
        yield from (_note(type_, subject, value) for subject, value in bounds if value is not None)


def written_attributes(user_ids: Sequence[tuple[str, str]], pairs: Sequence[tuple[str, str]]) -> Iterator[str]:
    """``notes`` for ``r:UserID`` and ``r:UserAttributePair``."""
    yield from (_note("UserID", kind, value) for kind, value in user_ids)
    yield from (_note("UserAttributePair", key, value) for key, value in pairs)


@lru_cache(maxsize=4096)
def _named_note(type_: str, named: Named) -> str:
    shown = named.label or InternationalString((LocalizedText(named.name or named.identification.identifier),))
    attributes = {"type": type_, "subject": named.name, "ddiLifecycleUrn": named.identification.urn}
    return texts("notes", shown, attributes)


def _note(type_: str, subject: str, text: str) -> str:
    return plain("notes", text, {"type": type_, "subject": subject or None})


def _texts_note(type_: str, subject: str, value: InternationalString) -> str:
    return texts("notes", value, {"type": type_, "subject": subject})


# --- groups


def write_groups(groups: Sequence[VariableGroup]) -> Iterator[str]:
    """``varGrp`` of each group of variables."""
    ids = {group.identification: f"VG{number}" for number, group in enumerate(groups, 1)}
    for group in groups:
        typed = group.type if group.type in _GROUP_TYPES else None
        attributes = {
            "ID": ids[group.identification],
            "type": typed or "other",
            "otherType": None if typed else token(group.type or ""),
            "var": references(map(variable_id, group.variables)),
            "varGrp": references(ids[one] for one in group.groups if one in ids),
            "name": group.name,
            "ddiLifecycleUrn": group.identification.urn,
        }
        yield element("varGrp", texts("labl", group.label) + texts("txt", group.description), attributes)
