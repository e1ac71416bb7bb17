"""What is typed in an item: the parts that a person reads a variable, a question, a routing or a study by.

Each class names the DDI-L 3.3 element it follows. References to other items are ``Target`` values; ``service`` fills in
what they lead to. Everything else of an item stays in its texts and properties.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from catalogue.model.text import InternationalString


@dataclass(frozen=True, slots=True)
class Target:
    """A reference inside a content: ``position`` among the references of the item."""

    position: int
    role: str


class RepresentationKind(StrEnum):
    """The value domains of ``r:ValueRepresentation`` and ``d:ResponseDomain``."""

    CODE = "code"
    CATEGORY = "category"
    NUMERIC = "numeric"
    TEXT = "text"
    DATETIME = "datetime"
    SCALE = "scale"
    GEOGRAPHIC = "geographic"
    LOCATION = "location"
    RANKING = "ranking"
    DISTRIBUTION = "distribution"
    NOMINAL = "nominal"
    MANAGED = "managed"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Range:
    """``r:NumberRange`` or ``r:Range``: bounds as written, and whether they belong to it."""

    low: str | None = None
    high: str | None = None
    low_included: bool = True
    high_included: bool = True


@dataclass(frozen=True, slots=True)
class Representation:
    """``r:ValueRepresentation`` of a variable or ``d:ResponseDomain`` of a question.

    Attributes:
        kind: which value domain.
        element: local name in the source.
        data_type: ``NumericTypeCode``, ``DateTypeCode`` or ``RecommendedDataType``.
        unit: ``MeasurementUnit``.
        ranges: permitted ranges.
        decimals, min_length, max_length, pattern, format: as the schema names them.
        labels: of the response domain (``OutParameter`` and scale labels excluded).
        code_list: of a coded domain; managed: of a referenced managed representation.
        missing_values: values that mean missing (attribute ``missingValue``), split.
        rank: place in a ``StructuredMixedResponseDomain`` or a grid's mixed domain, from 0.
    """

    kind: RepresentationKind
    element: str
    data_type: str | None = None
    unit: str | None = None
    ranges: tuple[Range, ...] = ()
    decimals: str | None = None
    min_length: str | None = None
    max_length: str | None = None
    pattern: str | None = None
    format: str | None = None
    labels: InternationalString = field(default_factory=InternationalString)
    code_list: Target | None = None
    managed: Target | None = None
    missing_values: tuple[str, ...] = ()
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Command:
    """``r:Command`` or a 3.1 ``r:Code``: an expression in a language (``ProgramLanguage``), with its description."""

    text: str
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """``d:IfCondition``, ``d:LoopWhile`` and their like: in words and as commands."""

    description: InternationalString = field(default_factory=InternationalString)
    commands: tuple[Command, ...] = ()


@dataclass(frozen=True, slots=True)
class VariableContent:
    """``l:Variable``, ``l:RepresentedVariable``, ``c:ConceptualVariable``, managed representations."""

    representation: Representation | None = None
    missing: Target | None = None
    role: str | None = None
    analysis_unit: str | None = None
    source_unit: str | None = None
    is_weight: bool = False
    is_temporal: bool = False
    is_geographic: bool = False
    derivation: Condition | None = None


@dataclass(frozen=True, slots=True)
class GridDimension:
    """``d:GridDimension``: 1 is usually the rows, 2 the columns."""

    rank: int
    code_list: Target | None = None
    labels: InternationalString = field(default_factory=InternationalString)
    minimum_rows: str | None = None
    maximum_rows: str | None = None


@dataclass(frozen=True, slots=True)
class QuestionContent:
    """``d:QuestionItem``, ``d:QuestionGrid``, ``d:QuestionBlock``, ``d:MeasurementItem``."""

    text: InternationalString = field(default_factory=InternationalString)
    intent: InternationalString = field(default_factory=InternationalString)
    responses: tuple[Representation, ...] = ()
    dimensions: tuple[GridDimension, ...] = ()
    seconds: str | None = None


@dataclass(frozen=True, slots=True)
class Branch:
    """One way on from a control construct."""

    role: str
    condition: Condition | None
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class ConstructContent:
    """``d:Sequence``, ``d:IfThenElse``, ``d:Loop``, ``d:RepeatUntil``, ``d:StatementItem`` and their like.

    Attributes:
        condition: of the construct itself (``IfCondition``, ``LoopWhile``, ``UntilCondition``, a command).
        initial, step: of a loop.
        branches: in the order of the source.
        text: what a statement shows.
    """

    condition: Condition | None = None
    initial: Condition | None = None
    step: Condition | None = None
    branches: tuple[Branch, ...] = ()
    text: InternationalString = field(default_factory=InternationalString)
    type_of: str | None = None


@dataclass(frozen=True, slots=True)
class CodeEntry:
    """``l:Code``: its value, where its category is, its narrower codes.

    Attributes:
        local_id: ID of the code, an item of its own in 3.2 and 3.3, whose reference leads to the category.
        category: in 3.1, where a code is no item, the reference of the code list that leads to the category.
    """

    value: str
    local_id: str | None = None
    category: Target | None = None
    codes: tuple[CodeEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class CodeListContent:
    """``l:CodeList``; a 3.1 ``l:CodeScheme``."""

    codes: tuple[CodeEntry, ...] = ()
    is_system_missing: bool = False


@dataclass(frozen=True, slots=True)
class CategoryContent:
    """``l:Category``."""

    is_missing: bool = False


@dataclass(frozen=True, slots=True)
class Period:
    """``r:ReferenceDate``, ``d:DataCollectionDate``: ISO 8601 as written; a single date is a start without end.

    Attributes:
        open: goes on, or has an end that is not known yet: ``r:StartDate`` without ``r:EndDate``.
    """

    start: str | None = None
    end: str | None = None
    open: bool = False


@dataclass(frozen=True, slots=True)
class StudyContent:
    """``g:Group`` and ``s:StudyUnit``: what a cohort or a wave is introduced with."""

    title: InternationalString = field(default_factory=InternationalString)
    subtitle: InternationalString = field(default_factory=InternationalString)
    alternate_title: InternationalString = field(default_factory=InternationalString)
    abstract: InternationalString = field(default_factory=InternationalString)
    purpose: InternationalString = field(default_factory=InternationalString)
    creators: tuple[InternationalString, ...] = ()
    publishers: tuple[InternationalString, ...] = ()
    publication_date: Period | None = None
    periods: tuple[Period, ...] = ()
    countries: tuple[str, ...] = ()
    areas: tuple[InternationalString, ...] = ()
    subjects: tuple[InternationalString, ...] = ()
    keywords: tuple[InternationalString, ...] = ()
    kinds_of_data: tuple[str, ...] = ()
    analysis_units: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CollectionContent:
    """``d:CollectionEvent`` (3.1: also the modes of ``d:DataCollection``); modes as codes (``ddi.modes``)."""

    periods: tuple[Period, ...] = ()
    modes: tuple[str, ...] = ()
    mode_descriptions: tuple[InternationalString, ...] = ()


@dataclass(frozen=True, slots=True)
class Statistic:
    """``pi:SummaryStatistic`` or a statistic of one category: type as coded, value as written, weighted or not."""

    type: str
    value: str
    weighted: bool = False


@dataclass(frozen=True, slots=True)
class CategoryStatistics:
    """``pi:VariableCategory``: the value (or code reference) and its statistics."""

    value: str | None
    code: Target | None
    statistics: tuple[Statistic, ...]


@dataclass(frozen=True, slots=True)
class StatisticsContent:
    """``pi:VariableStatistics``."""

    variable: Target | None = None
    total: str | None = None
    summary: tuple[Statistic, ...] = ()
    categories: tuple[CategoryStatistics, ...] = ()


@dataclass(frozen=True, slots=True)
class GenericContent:
    """Any other item: its texts, properties and references say it all."""


Content = (
    VariableContent
    | QuestionContent
    | ConstructContent
    | CodeListContent
    | CategoryContent
    | StudyContent
    | CollectionContent
    | StatisticsContent
    | GenericContent
)
