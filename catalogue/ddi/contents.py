"""From an item's own XML to what is typed in it. One row of ``_READERS`` per item type; DDI-L 3.3 names, 3.1 beside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache, cached_property

from lxml import etree

from catalogue.ddi.element_types import element_types
from catalogue.ddi.modes import mode_code
from catalogue.ddi.navigation import at, children, first, international, language, local_name, text, text_at
from catalogue.model.contents import (
    Branch,
    CategoryContent,
    CategoryStatistics,
    CodeEntry,
    CodeListContent,
    CollectionContent,
    Command,
    Condition,
    ConstructContent,
    Content,
    GenericContent,
    GridDimension,
    Period,
    QuestionContent,
    Range,
    Representation,
    RepresentationKind,
    Statistic,
    StatisticsContent,
    StudyContent,
    Target,
    VariableContent,
)
from catalogue.model.items import Item
from catalogue.model.text import InternationalString, LocalizedText
from catalogue.xml import SEPARATOR

_KINDS = {
    "Code": RepresentationKind.CODE,
    "GeographicStructureCode": RepresentationKind.CODE,
    "GeographicLocationCode": RepresentationKind.CODE,
    "Category": RepresentationKind.CATEGORY,
    "ExternalCategory": RepresentationKind.CATEGORY,
    "Numeric": RepresentationKind.NUMERIC,
    "Text": RepresentationKind.TEXT,
    "DateTime": RepresentationKind.DATETIME,
    "Scale": RepresentationKind.SCALE,
    "Geographic": RepresentationKind.GEOGRAPHIC,
    "Location": RepresentationKind.LOCATION,
    "Ranking": RepresentationKind.RANKING,
    "Distribution": RepresentationKind.DISTRIBUTION,
    "Nominal": RepresentationKind.NOMINAL,
    "MissingValues": RepresentationKind.CODE,
}
_TRUE = ("true", "1")
_YES_NO = {"Yes": True, "No": False, **dict.fromkeys(_TRUE, True), "false": False, "0": False}


class References:
    """Which of an item's references each reference element of its tree is."""

    def __init__(self, root: etree._Element, item: Item) -> None:
        self._root = root
        self._item = item

    @cached_property
    def _positions(self) -> Mapping[etree._Element, int]:
        """By element; most items are never asked, so that the tree is gone through only then."""
        items, references = _tags(self._item.ddi_version)
        places: dict[str, list[int]] = {}
        for reference in self._item.references:
            places.setdefault(reference.path, []).append(reference.position)
        found: dict[etree._Element, int] = {}
        for element in self._root.iterdescendants("{*}*") if places else ():
            if element.tag in references and (left := places.get(self._path(element, items) or "")):
                found[element] = left.pop(0)
        return found

    def _path(self, element: etree._Element, items: frozenset[str]) -> str | None:
        """Local names below the root; None within another item."""
        names: list[str] = []
        node: etree._Element | None = element
        while node is not None and node is not self._root:
            if node.tag in items:
                return None
            names.append(local_name(node))
            node = node.getparent()
        return "/".join(reversed(names))

    def target(self, element: etree._Element | None) -> Target | None:
        """The reference that this element is, or None."""
        position = None if element is None else self._positions.get(element)
        return None if element is None or position is None else Target(position, local_name(element))

    def targets(self, elements: Iterable[etree._Element]) -> tuple[Target, ...]:
        """The references that these elements are."""
        return tuple(target for element in elements if (target := self.target(element)))


def read_content(item: Item, root: etree._Element) -> Content:
    """What is typed in an item.

    Args:
        item: as the reader made it.
        root: the item's own element.

    Returns:
        The content class of the item's type; ``GenericContent`` for a type without one.
    """
    reader = _READERS.get(item.type)
    return reader(root, References(root, item)) if reader else GenericContent()


@cache
def _tags(ddi_version: str) -> tuple[frozenset[str], frozenset[str]]:
    """The tags of items and of references, as lxml has them."""
    types = element_types(ddi_version)
    return frozenset(map(_clark, types.items)), frozenset(map(_clark, types.references))


def _clark(name: str) -> str:
    namespace, _, local = name.rpartition(SEPARATOR)
    return f"{{{namespace}}}{local}"


# --- values -----------------------------------------------------------------------------------------------------------


def _kind(element: etree._Element) -> RepresentationKind | None:
    name = local_name(element)
    if name.startswith("StructuredMixed"):
        return None
    for ending in ("RepresentationReference", "DomainReference"):
        if name.endswith(ending):
            return RepresentationKind.MANAGED
    for ending in ("RepresentationBase", "Representation", "Domain"):
        if name.endswith(ending):
            return _KINDS.get(name.removesuffix(ending).removeprefix("Managed"), RepresentationKind.OTHER)
    return None


def _representation(element: etree._Element, references: References, rank: int = 0) -> Representation:
    kind = _kind(element) or RepresentationKind.OTHER
    managed = references.target(element) if kind is RepresentationKind.MANAGED else None
    missing = element.get("missingValue") or ""
    return Representation(
        kind=kind,
        element=local_name(element),
        data_type=text_at(element, "NumericTypeCode", "DateTypeCode", "RecommendedDataType") or element.get("type"),
        unit=text_at(element, "MeasurementUnit"),
        ranges=tuple(_range(found) for name in ("NumberRange", "Range") for found in at(element, name)),
        decimals=element.get("decimalPositions"),
        min_length=element.get("minLength"),
        max_length=element.get("maxLength"),
        pattern=element.get("regExp"),
        format=text_at(element, "DateFieldFormat") or element.get("format"),
        labels=international(element, "Label"),
        code_list=references.target(first(element, "CodeListReference", "CodeSchemeReference")),
        managed=managed,
        missing_values=tuple(missing.split()),
        rank=rank,
    )


def _range(element: etree._Element) -> Range:
    low = first(element, "Low", "LowDouble", "RangeMinimum", "MinimumValue")
    high = first(element, "High", "HighDouble", "RangeMaximum", "MaximumValue")
    return Range(text(low), text(high), _included(low), _included(high))


def _included(bound: etree._Element | None) -> bool:
    return bound is None or bound.get("isInclusive", bound.get("included", "true")) in _TRUE


def _period(element: etree._Element) -> Period:
    simple = text_at(element, "SimpleDate")
    start, end = text_at(element, "StartDate"), text_at(element, "EndDate")
    return Period(simple or start, end, open=bool(start and not simple and not end))


def _periods(root: etree._Element, *paths: str) -> tuple[Period, ...]:
    found = (_period(element) for path in paths for element in at(root, path))
    return tuple(dict.fromkeys(period for period in found if period.start or period.end))


def _condition(element: etree._Element | None) -> Condition | None:
    if element is None:
        return None
    commands = [Command(words, text(first(command, "ProgramLanguage"))) for command, words in _commands(element)]
    commands += [
        Command(words, code.get("programmingLanguage"))
        for code in element.iter("{*}Code")
        if code.get("programmingLanguage") is not None and (words := text(code))
    ]
    return Condition(international(element, "Description"), tuple(commands))


def _commands(element: etree._Element) -> Iterable[tuple[etree._Element, str]]:
    for content in element.iter("{*}CommandContent"):
        command = content.getparent()
        if command is not None and content.text and content.text.strip():
            yield command, content.text.strip()


def _dynamic_text(root: etree._Element, *names: str) -> InternationalString:
    """``r:DynamicTextType``: literal pieces as they are, conditional pieces in brackets; one text per language."""
    texts: list[LocalizedText] = []
    for dynamic in children(root, *names):
        pieces: dict[str | None, list[str]] = {}
        for piece in children(dynamic, "LiteralText", "ConditionalText"):
            words = _piece(piece)
            inner = first(piece, "Text")
            pieces.setdefault(language(inner if inner is not None else piece), []).append(words)
        texts += [LocalizedText(" ".join(words).strip(), tag) for tag, words in pieces.items() if any(words)]
    return InternationalString.of(texts)


def _piece(element: etree._Element) -> str:
    if local_name(element) == "LiteralText":
        return text(element) or ""
    condition = _condition(element)
    described = condition.description.best() if condition else None
    words = described.text if described else (condition.commands[0].text if condition and condition.commands else "")
    return f"[{words or text(element) or '…'}]"


# --- variables and questions ------------------------------------------------------------------------------------------


def _variable(root: etree._Element, references: References) -> VariableContent:
    holder = first(root, "VariableRepresentation", "Representation")
    place = holder if holder is not None else root
    found = next((child for child in children(place) if _kind(child)), None)
    derivation = first(place, "ProcessingInstruction", "ComputationBase", "CodingInstruction")
    return VariableContent(
        representation=_representation(found, references) if found is not None else None,
        missing=references.target(first(place, "MissingValuesReference")),
        role=text_at(place, "VariableRole"),
        analysis_unit=text_at(root, "AnalysisUnit"),
        source_unit=text_at(root, "SourceUnit"),
        is_weight=root.get("isWeight") in _TRUE,
        is_temporal=root.get("isTemporal") in _TRUE,
        is_geographic=root.get("isGeographic") in _TRUE,
        derivation=_condition(derivation),
    )


def _managed(root: etree._Element, references: References) -> VariableContent:
    """``r:ManagedNumericRepresentation`` and its like are a representation themselves."""
    inner = next((child for child in children(root) if _kind(child)), None)
    return VariableContent(representation=_representation(root if inner is None else inner, references))


def _question(root: etree._Element, references: References) -> QuestionContent:
    return QuestionContent(
        text=_dynamic_text(root, "QuestionText", "MeasurementPurpose", "StimulusMaterial"),
        intent=international(root, "QuestionIntent", "QuestionBlockIntent", "Purpose"),
        responses=tuple(_responses(root, references)),
        dimensions=tuple(_dimension(found, references) for found in at(root, "GridDimension")),
        seconds=root.get("estimatedSecondsResponseTime"),
    )


# Where several response domains stand side by side (3.2 and 3.3 differ in the grid's).
_MIXED = (
    "StructuredMixedResponseDomain/ResponseDomainInMixed",
    "StructuredMixedGridResponseDomain/GridResponseDomainInMixed",
    "StructuredMixedGridResponseDomain/GridResponseDomain",
)


def _responses(root: etree._Element, references: References) -> Iterable[Representation]:
    holders = [root, *(holder for path in _MIXED for holder in at(root, path))]
    domains = [child for holder in holders for child in children(holder) if _kind(child)]
    return (_representation(domain, references, rank) for rank, domain in enumerate(domains))


def _dimension(element: etree._Element, references: References) -> GridDimension:
    domain = first(element, "CodeDomain")
    roster = first(element, "Roster")
    code_list = first(domain, "CodeListReference", "CodeSchemeReference") if domain is not None else None
    return GridDimension(
        rank=int(rank) if (rank := element.get("rank", "")).isdecimal() else 0,
        code_list=references.target(code_list),
        labels=international(element, "CodeDomain/Label", "Roster/Label"),
        minimum_rows=roster.get("minimumRequired") if roster is not None else None,
        maximum_rows=roster.get("maximumAllowed") if roster is not None else None,
    )


# --- control constructs -----------------------------------------------------------------------------------------------

# Element -> role of the branch; an ElseIf carries its own condition.
_BRANCHES = {
    "ControlConstructReference": "step",
    "ThenConstructReference": "then",
    "ElseConstructReference": "else",
    "WhileConstructReference": "body",
    "UntilConstructReference": "body",
    "QuestionReference": "question",
    "MeasurementReference": "question",
    "QuestionItemReference": "question",
    "QuestionGridReference": "question",
}
_CONDITIONS = ("IfCondition", "LoopWhile", "WhileCondition", "UntilCondition", "CommandCode", "Code")


def _construct(root: etree._Element, references: References) -> ConstructContent:
    return ConstructContent(
        condition=_own_condition(root),
        initial=_condition(first(root, "InitialValue")),
        step=_condition(first(root, "StepValue")),
        branches=tuple(_branches(root, references)),
        text=_dynamic_text(root, "DisplayText", "InstructionText"),
        type_of=text_at(root, "TypeOfSequence", "TypeOfIfThenElse", "TypeOfInstrument"),
    )


def _own_condition(root: etree._Element) -> Condition | None:
    condition = _condition(first(root, *_CONDITIONS))
    if condition and not condition.description:
        return replace(condition, description=international(root, "Description")) if condition.commands else condition
    return condition


def _branches(root: etree._Element, references: References) -> Iterable[Branch]:
    for child in children(root):
        name = local_name(child)
        if name == "ElseIf":
            targets = references.targets(children(child, "ThenConstructReference"))
            yield Branch("else-if", _condition(first(child, "IfCondition")), targets)
        elif name in _BRANCHES and (target := references.target(child)):
            role = "body" if local_name(root) == "Loop" else _BRANCHES[name]
            yield Branch(role, None, (target,))


# --- code lists, statistics -------------------------------------------------------------------------------------------


def _code_list(root: etree._Element, references: References) -> CodeListContent:
    return CodeListContent(
        codes=tuple(_code(code, references) for code in children(root, "Code")),
        is_system_missing=root.get("isSystemMissingValue") in _TRUE,
    )


def _code(element: etree._Element, references: References) -> CodeEntry:
    return CodeEntry(
        value=text_at(element, "Value") or "",
        local_id=text_at(element, "ID"),
        category=references.target(first(element, "CategoryReference")),
        codes=tuple(_code(code, references) for code in children(element, "Code")),
    )


def _category(root: etree._Element, _references: References) -> CategoryContent:
    return CategoryContent(is_missing=_YES_NO.get(root.get("isMissing") or root.get("missing") or "", False))


def _statistics(root: etree._Element, references: References) -> StatisticsContent:
    return StatisticsContent(
        variable=references.target(first(root, "VariableReference")),
        total=text_at(root, "TotalResponses"),
        summary=tuple(
            _statistic(found, "TypeOfSummaryStatistic", "SummaryStatisticType")
            for found in at(root, "SummaryStatistic")
        ),
        categories=tuple(
            _category_statistics(found, references)
            for path in ("UnfilteredCategoryStatistics/VariableCategory", "CategoryStatistics")
            for found in at(root, path)
        ),
    )


def _statistic(element: etree._Element, *type_paths: str) -> Statistic:
    value = first(element, "Statistic", "StatisticDouble", "Value")
    weighted = value is not None and value.get("isWeighted", element.get("weighted", "false")) in _TRUE
    return Statistic(text_at(element, *type_paths) or "", text(value) or "", weighted)


def _category_statistics(element: etree._Element, references: References) -> CategoryStatistics:
    return CategoryStatistics(
        value=text_at(element, "CategoryValue/Value", "CategoryValue"),
        code=references.target(first(element, "CategoryValue/CodeReference")),
        statistics=tuple(
            _statistic(found, "TypeOfCategoryStatistic", "CategoryStatisticType")
            for found in at(element, "CategoryStatistic")
        ),
    )


# --- studies ----------------------------------------------------------------------------------------------------------


def _study(root: etree._Element, _references: References) -> StudyContent:
    return StudyContent(
        title=international(root, "Citation/Title"),
        subtitle=international(root, "Citation/SubTitle"),
        alternate_title=international(root, "Citation/AlternateTitle"),
        abstract=international(root, "Abstract", "Abstract/Content"),
        purpose=international(root, "Purpose", "Purpose/Content"),
        creators=_each(root, "Citation/Creator/CreatorName", "Citation/Creator"),
        publishers=_each(root, "Citation/Publisher/PublisherName", "Citation/Publisher"),
        publication_date=next(iter(_periods(root, "Citation/PublicationDate")), None),
        periods=_periods(root, "Coverage/TemporalCoverage/ReferenceDate"),
        countries=_strings(root, "Coverage/SpatialCoverage/CountryCode", "Coverage/SpatialCoverage/Country"),
        areas=_each(
            root, "Coverage/SpatialCoverage/Description", "Coverage/SpatialCoverage/TopLevelReference/LevelName"
        ),
        subjects=_each(root, "Coverage/TopicalCoverage/Subject"),
        keywords=_each(root, "Coverage/TopicalCoverage/Keyword"),
        kinds_of_data=_strings(root, "KindOfData"),
        analysis_units=_strings(root, "AnalysisUnit"),
    )


def _each(root: etree._Element, *paths: str) -> tuple[InternationalString, ...]:
    """One text in languages per element of the first path that leads anywhere; 3.1 repeats the element per language."""
    for path in paths:
        found = [_own(element) for element in at(root, path)]
        if texts := tuple(dict.fromkeys(one for one in found if one)):
            return texts
    return ()


def _own(element: etree._Element) -> InternationalString:
    leaves = list(children(element, "String", "Content")) or [element]
    return InternationalString.of(LocalizedText(words, language(leaf)) for leaf in leaves if (words := text(leaf)))


def _strings(root: etree._Element, *paths: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words for path in paths for found in at(root, path) if (words := text(found))))


def _collection(root: etree._Element, _references: References) -> CollectionContent:
    modes = ("ModeOfCollection/TypeOfModeOfCollection", "CollectionEvent/ModeOfCollection/TypeOfModeOfCollection")
    return CollectionContent(
        periods=_periods(root, "DataCollectionDate", "CollectionEvent/DataCollectionDate"),
        modes=tuple(dict.fromkeys(_modes(root, *modes))),
        mode_descriptions=tuple(
            words
            for path in ("ModeOfCollection", "CollectionEvent/ModeOfCollection")
            for found in at(root, path)
            if (words := international(found, "Description", "Content"))
        ),
    )


def _modes(root: etree._Element, *paths: str) -> Iterator[str]:
    found = (element for path in paths for element in at(root, path))
    return (mode_code(words, element.get("otherValue")) for element in found if (words := text(element)))


_Reader = Callable[[etree._Element, References], Content]
_READERS: dict[str, _Reader] = {
    **dict.fromkeys(("Variable", "RepresentedVariable", "ConceptualVariable", "DataElementConcept"), _variable),
    **dict.fromkeys(
        (
            "ManagedNumericRepresentation",
            "ManagedTextRepresentation",
            "ManagedDateTimeRepresentation",
            "ManagedScaleRepresentation",
            "ManagedMissingValuesRepresentation",
        ),
        _managed,
    ),
    **dict.fromkeys(
        ("QuestionItem", "QuestionGrid", "QuestionBlock", "MultipleQuestionItem", "MeasurementItem"), _question
    ),
    **dict.fromkeys(
        (
            "ComputationItem",
            "IfThenElse",
            "Instruction",
            "Instrument",
            "Loop",
            "MeasurementConstruct",
            "QuestionConstruct",
            "RepeatUntil",
            "RepeatWhile",
            "Sequence",
            "Split",
            "SplitJoin",
            "StatementItem",
        ),
        _construct,
    ),
    "CodeList": _code_list,
    "Category": _category,
    "VariableStatistics": _statistics,
    "Group": _study,
    "SubGroup": _study,
    "StudyUnit": _study,
    "CollectionEvent": _collection,
    "DataCollection": _collection,
}
TYPED = frozenset(_READERS)
"""The item types that have a content class of their own."""
