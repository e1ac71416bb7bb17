"""What the example documents say, read with XPath alone: the truth for descriptions and exports."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache

from lxml import etree

from tests.unit.exposure.conftest import EXAMPLES

NS = {
    "a": "ddi:archive:3_3",
    "d": "ddi:datacollection:3_3",
    "g": "ddi:group:3_3",
    "l": "ddi:logicalproduct:3_3",
    "pi": "ddi:physicalinstance:3_3",
    "r": "ddi:reusable:3_3",
    "s": "ddi:studyunit:3_3",
}
Element = etree._Element


def found(element: Element, path: str) -> list[Element]:
    result = element.xpath(path, namespaces=NS)
    assert isinstance(result, list)
    return [one for one in result if isinstance(one, etree._Element)]


def texts(element: Element, path: str) -> list[str]:
    return [" ".join("".join(one.itertext()).split()) for one in found(element, path)]


def triple(element: Element) -> tuple[str, str]:
    return texts(element, "r:ID")[0], texts(element, "r:Version")[0]


@cache
def items() -> dict[tuple[str, str], Element]:
    """Every identified element of the examples by ID and version."""
    roots = [etree.parse(path).getroot() for path in EXAMPLES]
    every = (one for root in roots for one in root.iter("{*}*") if one.find("r:ID", NS) is not None)
    return {triple(one): one for one in every if not str(one.tag).endswith(("Reference", "Object"))}


def study(identifier: str) -> Element:
    return next(element for (found_id, _), element in items().items() if found_id == identifier)


def target(reference: Element) -> Element:
    return items()[triple(reference)]


@dataclass(frozen=True)
class Counts:
    """How much a study has of what a codebook describes."""

    variables: int
    categories: int
    missing: int
    category_statistics: int
    summary_statistics: int
    with_question: int
    files: int


def counts(identifier: str) -> Counts:
    """Of a wave, counted in its source."""
    wave = study(identifier)
    variables = found(wave, ".//l:VariableScheme/l:Variable")
    lists = [_lists(variable) for variable in variables]
    return Counts(
        variables=len(variables),
        categories=sum(_codes(one) for one, _ in lists) + sum(_codes(one) for _, one in lists),
        missing=sum(_codes(one) for _, one in lists) + sum(_declared_missing(one) for one, _ in lists),
        category_statistics=len(found(wave, ".//pi:VariableCategory/pi:CategoryStatistic")),
        summary_statistics=len(found(wave, ".//pi:SummaryStatistic")),
        with_question=sum(bool(found(one, "r:QuestionReference | r:MeasurementReference")) for one in variables),
        files=len(found(wave, "pi:PhysicalInstance")),
    )


def _lists(variable: Element) -> tuple[Element | None, Element | None]:
    """The code lists of the values and of the missing values; the former perhaps of the represented variable."""
    holders = [variable, *(target(one) for one in found(variable, "r:RepresentedVariableReference"))]
    path = ".//r:CodeRepresentation/r:CodeListReference"
    coded = next((target(one) for holder in holders for one in found(holder, path)), None)
    managed = [target(one) for one in found(variable, ".//l:MissingValuesReference")]
    missing = next((target(one) for holder in managed for one in found(holder, ".//r:CodeListReference")), None)
    return coded, missing


def _codes(code_list: Element | None) -> int:
    return 0 if code_list is None else len(found(code_list, ".//l:Code"))


def _declared_missing(code_list: Element | None) -> int:
    """Codes whose category itself is declared to mean missing."""
    references = [] if code_list is None else found(code_list, ".//l:Code/r:CategoryReference")
    return sum(target(one).get("isMissing") == "true" for one in references)


def in_files(identifier: str) -> set[str]:
    """IDs of the variables of a wave that are in a record of one of its data files."""
    files = found(study(identifier), "pi:PhysicalInstance")
    records = [target(one) for file in files for one in found(file, "r:DataRelationshipReference")]
    return {one for record in records for one in texts(record, ".//l:VariableUsedReference/r:ID")}


def summary_types(identifier: str) -> Counter[str]:
    """The types of the summary statistics of a wave, as coded."""
    return Counter(texts(study(identifier), ".//pi:TypeOfSummaryStatistic"))
