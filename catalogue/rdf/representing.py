"""Value domains as RDF: ``r:ValueRepresentation`` and ``d:ResponseDomain`` as datatypes with the facets of XML Schema.

OWL 2 Structural Specification, 7.5 "Datatype Restrictions": a restricted datatype names the one it restricts and lists
its facets; several permitted ranges are the union of as many restrictions.
"""

from __future__ import annotations

from collections.abc import Sequence

from catalogue.model.contents import Range, Representation
from catalogue.rdf import terms
from catalogue.rdf.describing import Description
from catalogue.rdf.namespaces import DDIL, DISCO, OWL, QUDT, RDFS, SKOS, UNIT, XSD
from catalogue.rdf.terms import Term

# r:NumericTypeCode, r:DateTypeCode, r:RecommendedDataType and what documents write instead, in small letters.
_DATATYPES = {
    "bigdecimal": XSD.decimal,
    "biginteger": XSD.integer,
    "boolean": XSD.boolean,
    "byte": XSD.byte,
    "count": XSD.integer,
    "date": XSD.date,
    "datetime": XSD.dateTime,
    "decimal": XSD.decimal,
    "double": XSD.double,
    "duration": XSD.duration,
    "entier": XSD.integer,
    "float": XSD.float,
    "gyear": XSD.gYear,
    "gyearmonth": XSD.gYearMonth,
    "incremental": XSD.integer,
    "int": XSD.int,
    "integer": XSD.integer,
    "long": XSD.long,
    "short": XSD.short,
    "string": XSD.string,
    "time": XSD.time,
    "year": XSD.gYear,
    "yearmonth": XSD.gYearMonth,
}
_BY_KIND = {"numeric": XSD.decimal, "text": XSD.string, "datetime": XSD.dateTime}
# Units that QUDT has under exactly this symbol (UCUM or SI); counts of things are no units.
UNITS = {
    "%": "PERCENT",
    "bpm": "BEAT-PER-MIN",
    "cm": "CentiM",
    "days": "DAY",
    "degrees": "DEG",
    "g": "GM",
    "h": "HR",
    "kg": "KiloGM",
    "kg/m2": "KiloGM-PER-M2",
    "km": "KiloM",
    "m": "M",
    "mg/dL": "MilliGM-PER-DeciL",
    "min": "MIN",
    "mm": "MilliM",
    "mmHg": "MilliM_HG",
    "mmol/L": "MilliMOL-PER-L",
    "months": "MO",
    "ng/L": "NanoGM-PER-L",
    "ug/m3": "MicroGM-PER-M3",
    "um": "MicroM",
    "weeks": "WK",
    "years": "YR",
}

PREDICATES = (
    OWL.onDatatype, OWL.withRestrictions, OWL.unionOf, XSD.minInclusive, XSD.maxInclusive, XSD.minExclusive,
    XSD.maxExclusive, XSD.fractionDigits, XSD.minLength, XSD.maxLength, XSD.pattern, DDIL.dataType,
    DDIL.measurementUnit, QUDT.hasUnit, DDIL.dateFormat, DDIL.domain, DDIL.element, DDIL.rank, DDIL.codeList,
    DDIL.missingValue, SKOS.prefLabel,
)  # fmt: skip
CLASSES = (RDFS.Datatype, DISCO.Representation)
# Where it all stands, whatever is around it.
TEXTS = (
    "**NumericTypeCode", "**DateTypeCode", "**RecommendedDataType", "**NumberRange/*", "**Range/*",
    "**MeasurementUnit", "**DateFieldFormat", "**Domain/Label", "**Domain/Label/Content",
    "**RepresentationBase/Label/Content", "**Representation/Label/Content",
)  # fmt: skip
PROPERTIES = (
    "**@decimalPositions", "**@minLength", "**@maxLength", "**@regExp", "**@missingValue", "**@type", "**@format",
)  # fmt: skip


def is_list(representation: Representation) -> bool:
    """Whether a code list says all there is to say of a representation."""
    told = representation.labels or representation.ranges or representation.missing_values
    return not told and not representation.data_type and not representation.unit and not representation.format


def represent(description: Description, representation: Representation, name: str) -> Term:
    """A node ``name`` for a value domain, described; gives its term."""
    node = description.part(name)
    coded = description.target(representation.code_list)
    description.be(node, DISCO.Representation, *(() if coded else (RDFS.Datatype,)))
    description.say(DDIL.domain, terms.plain(str(representation.kind)), node)
    description.say(DDIL.codeList, coded, node)
    description.tell(SKOS.prefLabel, representation.labels, node)
    for predicate, value in (
        (DDIL.dataType, representation.data_type),
        (DDIL.measurementUnit, representation.unit),
        (DDIL.dateFormat, representation.format),
        *((DDIL.missingValue, value) for value in representation.missing_values),
    ):
        description.say(predicate, terms.plain(value) if value else None, node)
    if symbol := UNITS.get(representation.unit or ""):
        description.say(QUDT.hasUnit, UNIT[symbol], node)
    if not coded:
        _restrict(description, representation, node, name)
    return node


def _restrict(description: Description, representation: Representation, node: Term, name: str) -> None:
    datatype = _datatype(representation)
    ranges = [facets for one in representation.ranges if (facets := _bounds(one))]
    common = _facets(representation)
    if datatype is None:
        return
    if len(ranges) > 1:
        parts = [description.part(f"{name}-range-{number}") for number in range(1, len(ranges) + 1)]
        for number, (part, bounds) in enumerate(zip(parts, ranges, strict=True), 1):
            description.be(part, RDFS.Datatype)
            _restriction(description, part, datatype, [*bounds, *common], f"{name}-range-{number}")
        description.order(OWL.unionOf, f"{name}-ranges", parts, node)
    else:
        _restriction(description, node, datatype, [*(ranges[0] if ranges else []), *common], name)


def _restriction(
    description: Description, node: Term, datatype: Term, facets: Sequence[tuple[Term, Term]], name: str
) -> None:
    description.say(OWL.onDatatype, datatype, node)
    parts = [description.part(f"{name}-facet-{number}") for number in range(1, len(facets) + 1)]
    for part, (facet, value) in zip(parts, facets, strict=True):
        description.say(facet, value, part)
    description.order(OWL.withRestrictions, f"{name}-facets", parts, node)


def _datatype(representation: Representation) -> Term | None:
    words = (representation.data_type or "").strip().lower()
    return _DATATYPES.get(words) or _BY_KIND.get(str(representation.kind))


def _bounds(one: Range) -> list[tuple[Term, Term]]:
    low = XSD.minInclusive if one.low_included else XSD.minExclusive
    high = XSD.maxInclusive if one.high_included else XSD.maxExclusive
    return [(facet, _bound(value)) for facet, value in ((low, one.low), (high, one.high)) if value]


def _bound(value: str) -> Term:
    found = terms.number(value)
    return found if "^^" in found else terms.moment(value)


def _facets(representation: Representation) -> list[tuple[Term, Term]]:
    lengths = (
        (XSD.fractionDigits, representation.decimals),
        (XSD.minLength, representation.min_length),
        (XSD.maxLength, representation.max_length),
    )
    found = [(facet, terms.whole(value)) for facet, value in lengths if value]
    return [*found, *([(XSD.pattern, terms.plain(representation.pattern))] if representation.pattern else [])]
