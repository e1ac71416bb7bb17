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
    """A word of a list: as coded, with its vocabulary if the source names one, and in words."""

    code: str = ""
    label: InternationalString = _EMPTY
    vocabulary: str | None = None


@dataclass(frozen=True, slots=True)
class Universe:
    """``c:Universe``."""

    identification: Identification
    label: InternationalString
    description: InternationalString


@dataclass(frozen=True, slots=True)
class Collection:
    """``d:CollectionEvent`` with what ``d:DataCollection`` and ``d:Methodology`` say of it."""

    identification: Identification
    label: InternationalString = _EMPTY
    periods: tuple[Period, ...] = ()
    modes: tuple[Term, ...] = ()
    situation: InternationalString = _EMPTY
    instruments: tuple[Named, ...] = ()
    sampling: tuple[Term, ...] = ()
    time_method: tuple[Term, ...] = ()
    frequency: InternationalString = _EMPTY


@dataclass(frozen=True, slots=True)
class Access:
    """``a:Access``: conditions, restrictions, where to ask."""

    label: InternationalString = _EMPTY
    restrictions: InternationalString = _EMPTY
    conditions: InternationalString = _EMPTY
    confidentiality: InternationalString = _EMPTY
    citation: InternationalString = _EMPTY
    homepage: str | None = None


@dataclass(frozen=True, slots=True)
class DataFile:
    """``pi:PhysicalInstance``."""

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


@dataclass(frozen=True, slots=True)
class CategoryDescription:
    """A code with its category and its statistics."""

    value: str
    label: InternationalString = _EMPTY
    missing: bool = False
    depth: int = 0
    statistics: tuple[Statistic, ...] = ()


@dataclass(frozen=True, slots=True)
class QuestionDescription:
    """The question (or item of a grid) by which a variable was measured."""

    identification: Identification
    name: str | None
    text: InternationalString
    intent: InternationalString = _EMPTY
    instructions: tuple[InternationalString, ...] = ()
    condition: InternationalString = _EMPTY
    responses: tuple[Representation, ...] = ()


@dataclass(frozen=True, slots=True)
class VariableDescription:
    """``l:Variable`` with what it refers to.

    Attributes:
        number: place among the study's variables, from 1.
        files: the data files that hold it.
        total: ``pi:TotalResponses`` as written.
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


@dataclass(frozen=True, slots=True)
class StudyDescription:
    """A Group (cohort) or StudyUnit (wave, or study by itself) with everything said of it as a whole.

    Attributes:
        type: ``Group`` or ``StudyUnit``.
        cohorts: those that a wave belongs to; waves: those of a cohort, in order.
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
