"""A cohort or wave put together from its items: what a harvester is given of a study, whatever the format.

Made by ``exposure.studies`` from the store; written by ``rdf.dcat``, ``oai`` and ``ddi.codebook``. Each class names the
DDI-L 3.3 elements that it gathers. Texts keep every language of the source.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from catalogue.model.contents import Condition, Period, Representation, Statistic
from catalogue.model.identity import Identification
from catalogue.model.text import InternationalString

_EMPTY = InternationalString()


@dataclass(frozen=True, slots=True)
class Named:
    """Another item as a study names it."""

    identification: Identification
    type: str
    name: str | None = None
    label: InternationalString = _EMPTY


@dataclass(frozen=True, slots=True)
class Agent:
    """``r:Creator``, ``r:Publisher``, ``r:Contributor``, ``r:FundingInformation``; ``a:Organization``.

    Attributes:
        role: ``creator``, ``publisher``, ``contributor``, ``funder``, ``contact``.
        item: where the source describes the agent as an item.
    """

    name: InternationalString
    role: str
    affiliation: InternationalString = _EMPTY
    email: str | None = None
    homepage: str | None = None
    identifier: str | None = None
    item: Identification | None = None
    grant: str | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """A word of a list (``r:CodeValueType``): as coded, with its vocabulary if the source names one, and in words."""

    code: str = ""
    label: InternationalString = _EMPTY
    vocabulary: str | None = None
    vocabulary_uri: str | None = None


@dataclass(frozen=True, slots=True)
class Universe:
    """``c:Universe``."""

    identification: Identification
    label: InternationalString
    description: InternationalString


@dataclass(frozen=True, slots=True)
class Collection:
    """``d:CollectionEvent`` with what ``d:DataCollection`` and ``d:Methodology`` say of it, or these by themselves.

    Attributes:
        methodology: ``d:DataCollectionMethodology``.
        deviations: ``d:DeviationFromSampleDesign``.
        losses: ``d:ActionToMinimizeLosses``.
    """

    identification: Identification
    label: InternationalString = _EMPTY
    periods: tuple[Period, ...] = ()
    modes: tuple[Term, ...] = ()
    situation: InternationalString = _EMPTY
    instruments: tuple[Named, ...] = ()
    sampling: tuple[Term, ...] = ()
    time_method: tuple[Term, ...] = ()
    frequency: InternationalString = _EMPTY
    description: InternationalString = _EMPTY
    collectors: tuple[Agent, ...] = ()
    methodology: InternationalString = _EMPTY
    weighting: InternationalString = _EMPTY
    deviations: InternationalString = _EMPTY
    losses: InternationalString = _EMPTY


@dataclass(frozen=True, slots=True)
class Access:
    """``a:Access``: conditions, restrictions, where to ask.

    Attributes:
        terms: ``a:TypeOfAccess`` and ``a:AccessTypeName``, as coded.
        available_from: ``a:AccessRestrictionDate``, the end of a restriction if it has one.
    """

    label: InternationalString = _EMPTY
    description: InternationalString = _EMPTY
    terms: tuple[Term, ...] = ()
    permission: InternationalString = _EMPTY
    deposit: InternationalString = _EMPTY
    disclaimer: InternationalString = _EMPTY
    available_from: Period | None = None
    contacts: tuple[Agent, ...] = ()
    restrictions: InternationalString = _EMPTY
    conditions: InternationalString = _EMPTY
    confidentiality: InternationalString = _EMPTY
    citation: InternationalString = _EMPTY
    homepage: str | None = None


@dataclass(frozen=True, slots=True)
class Material:
    """``r:OtherMaterial``: a questionnaire, a publication, a report."""

    identification: Identification
    type: Term = field(default_factory=Term)
    title: InternationalString = _EMPTY
    description: InternationalString = _EMPTY
    uris: tuple[str, ...] = ()
    media_type: str | None = None
    publication_date: Period | None = None
    identifiers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class StudyNote:
    """``r:Note``."""

    type: str | None = None
    header: InternationalString = _EMPTY
    content: InternationalString = _EMPTY


@dataclass(frozen=True, slots=True)
class DataFile:
    """``pi:PhysicalInstance``.

    Attributes:
        label: of the instance, else the title of its citation.
        format: ``MIMEType`` of its URI, else ``p:PhysicalStructure/p:Format``.
        variables: how many it holds, as far as records and layouts say.
        records: ``pi:OverallRecordCount``.
        is_public: whether its address is that of a public copy, if the source says so.
    """

    identification: Identification
    name: str | None = None
    label: InternationalString = _EMPTY
    description: InternationalString = _EMPTY
    uris: tuple[str, ...] = ()
    format: str | None = None
    cases: int | None = None
    variables: int | None = None
    byte_size: int | None = None
    checksum: str | None = None
    checksum_algorithm: str | None = None
    records: int | None = None
    is_public: bool | None = None


@dataclass(frozen=True, slots=True)
class CategoryDescription:
    """A code with its category and its statistics."""

    value: str
    label: InternationalString = _EMPTY
    missing: bool = False
    depth: int = 0
    statistics: tuple[Statistic, ...] = ()
    description: InternationalString = _EMPTY


@dataclass(frozen=True, slots=True)
class QuestionDescription:
    """The question (or item of a grid) by which a variable was measured.

    Attributes:
        type: ``QuestionItem``, ``QuestionGrid``, ``MeasurementItem``, ...
        instructions: to interviewers, of the question and of the constructs that ask it.
        condition: of the nearest routing under which it is asked.
        dimensions: of a grid, the labels of rows, then of columns.
        before, after: statements that stand directly before and after it in its sequence.
    """

    identification: Identification
    name: str | None
    text: InternationalString
    intent: InternationalString = _EMPTY
    instructions: tuple[InternationalString, ...] = ()
    condition: InternationalString = _EMPTY
    responses: tuple[Representation, ...] = ()
    type: str = "QuestionItem"
    label: InternationalString = _EMPTY
    dimensions: tuple[tuple[InternationalString, ...], ...] = ()
    before: InternationalString = _EMPTY
    after: InternationalString = _EMPTY


@dataclass(frozen=True, slots=True)
class VariableGroup:
    """``l:VariableGroup`` with the numbers of its variables in the study and the groups directly below it."""

    identification: Identification
    name: str | None = None
    label: InternationalString = _EMPTY
    description: InternationalString = _EMPTY
    type: str | None = None
    variables: tuple[int, ...] = ()
    groups: tuple[Identification, ...] = ()


@dataclass(frozen=True, slots=True)
class VariableDescription:
    """``l:Variable`` with what it refers to.

    Attributes:
        number: place among the study's variables, from 1.
        files: the data files that hold it.
        representation: its own, else that of the managed representation or represented variable that it refers to.
        total: ``pi:TotalResponses`` as written.
        source_numbers, weight_numbers: the places of those source and weighting variables that the study holds.
    """

    identification: Identification
    number: int
    name: str | None
    label: InternationalString = _EMPTY
    description: InternationalString = _EMPTY
    representation: Representation | None = None
    is_weight: bool = False
    role: str | None = None
    concepts: tuple[Named, ...] = ()
    universes: tuple[Universe, ...] = ()
    analysis_unit: str | None = None
    questions: tuple[QuestionDescription, ...] = ()
    categories: tuple[CategoryDescription, ...] = ()
    statistics: tuple[Statistic, ...] = ()
    total: str | None = None
    derivation: Condition | None = None
    source_variables: tuple[Named, ...] = ()
    represented: Named | None = None
    conceptual: Named | None = None
    files: tuple[Identification, ...] = ()
    groups: tuple[Named, ...] = ()
    weighted_by: tuple[Named, ...] = ()
    source_numbers: tuple[int, ...] = ()
    weight_numbers: tuple[int, ...] = ()
    is_temporal: bool = False
    is_geographic: bool = False
    user_ids: tuple[tuple[str, str], ...] = ()
    user_attributes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class StudyDescription:
    """A Group (cohort) or StudyUnit (wave, or study by itself) with everything said of it as a whole.

    Attributes:
        type: ``Group`` or ``StudyUnit``.
        cohorts: those that a wave belongs to; waves: those of a cohort, in order.
        identifiers: (agency, identifier) of each ``r:InternationalIdentifier``.
        subject_terms, keyword_terms: the subjects and keywords again, with code and vocabulary.
        access: of the study, else of its cohort.
        languages: of its texts, ISO 639-1 where there is one.
        counts: latest items in it by type.
        published_at: of this version; changed_at: last change of anything in it.
        previous: the version before.
    """

    identification: Identification
    type: str
    name: str | None
    title: InternationalString
    alternate_titles: tuple[InternationalString, ...] = ()
    subtitle: InternationalString = _EMPTY
    abstract: InternationalString = _EMPTY
    purpose: InternationalString = _EMPTY
    agents: tuple[Agent, ...] = ()
    publication_date: Period | None = None
    copyright: InternationalString = _EMPTY
    user_ids: tuple[tuple[str, str], ...] = ()
    user_attributes: tuple[tuple[str, str], ...] = ()
    cohorts: tuple[Named, ...] = ()
    waves: tuple[Named, ...] = ()
    periods: tuple[Period, ...] = ()
    countries: tuple[str, ...] = ()
    areas: tuple[InternationalString, ...] = ()
    subjects: tuple[InternationalString, ...] = ()
    keywords: tuple[InternationalString, ...] = ()
    kinds_of_data: tuple[Term, ...] = ()
    analysis_units: tuple[Term, ...] = ()
    universes: tuple[Universe, ...] = ()
    collections: tuple[Collection, ...] = ()
    access: tuple[Access, ...] = ()
    files: tuple[DataFile, ...] = ()
    instruments: tuple[Named, ...] = ()
    languages: tuple[str, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    has_biosamples: bool = False
    published_at: datetime | None = None
    changed_at: datetime | None = None
    previous: Identification | None = None
    identifiers: tuple[tuple[str, str], ...] = ()
    series: tuple[InternationalString, ...] = ()
    subject_terms: tuple[Term, ...] = ()
    keyword_terms: tuple[Term, ...] = ()
    data_formats: tuple[Term, ...] = ()
    analysis_units_covered: InternationalString = _EMPTY
    materials: tuple[Material, ...] = ()
    notes: tuple[StudyNote, ...] = ()
