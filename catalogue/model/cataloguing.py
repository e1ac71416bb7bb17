"""What is said of a catalogue and of its cohorts for those who harvest them, beyond what DDI-Lifecycle carries.

Publishers, contact points, health data access bodies, legislation, access conditions: the terms of DCAT-AP 3.0.1 and
HealthDCAT-AP that a settings file gives (``exposure.cohorts`` reads it) and that ``rdf`` writes. Codes are those of the
lists in ``rdf.authorities``; where a code is asked for, a full address is taken as well.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, ClassVar, Final

from catalogue.model.text import is_language_tag

Words = Mapping[str, str]
"""A text by language tag; the empty tag is that of a text whose source says no language."""

_TEXTS: Final = {"form": "texts"}
_ADDRESS: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")
_DATE: Final = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_EMAIL: Final = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+")


def is_address(text: str) -> bool:
    """Whether a text is an absolute address."""
    return _ADDRESS.fullmatch(text) is not None


def is_email(text: str) -> bool:
    """Whether a text is an e-mail address."""
    return _EMAIL.fullmatch(text) is not None


def _address() -> Any:
    return field(default=None, metadata={"form": "address"})


def _addresses() -> Any:
    return field(default=(), metadata={"form": "address"})


def _email() -> Any:
    return field(default=None, metadata={"form": "email"})


def _count() -> Any:
    return field(default=None, metadata={"form": "count"})


def _date() -> Any:
    return field(default=None, metadata={"form": "date"})


def _code(authority: str) -> Any:
    return field(default=None, metadata={"authority": authority})


def _codes(authority: str) -> Any:
    return field(default=(), metadata={"authority": authority})


class _Checked:
    """Refuses values that are not of the form that their field asks for."""

    __slots__ = ()
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    __dataclass_fields__: ClassVar[dict[str, Any]]

    def __post_init__(self) -> None:
        for one in fields(self):
            check = _FORMS.get(one.metadata.get("form", ""))
            value = getattr(self, one.name)
            if check and value:
                check(one.name, value)


def _check_texts(name: str, value: Words) -> None:
    for tag, text in value.items():
        if (tag and not is_language_tag(tag)) or not text.strip():
            raise ValueError(f"{name}: write a text for each language, as {{ fr = '...', en = '...' }}")


def _check_addresses(name: str, value: str | Sequence[str]) -> None:
    for one in (value,) if isinstance(value, str) else value:
        if not is_address(one):
            raise ValueError(f"{name}: {one!r} is no address (https://...)")


def _check_email(name: str, value: str) -> None:
    if not is_email(value):
        raise ValueError(f"{name}: {value!r} is no e-mail address")


def _check_count(name: str, value: int) -> None:
    if value < 0:
        raise ValueError(f"{name}: {value} is no number of things")


def _check_date(name: str, value: str) -> None:
    if not _DATE.fullmatch(value):
        raise ValueError(f"{name}: {value!r} is no date (2026, 2026-06 or 2026-06-01)")


_FORMS: Final[Mapping[str, Callable[[str, Any], None]]] = {
    "texts": _check_texts,
    "address": _check_addresses,
    "email": _check_email,
    "count": _check_count,
    "date": _check_date,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation(_Checked):
    """``foaf:Agent``: a publisher or a health data access body.

    Attributes:
        identifier: its address in a register (ROR, SIREN, ...).
        type: code of ADMS publisher type; health_type: of HealthDCAT-AP's.
        note: what it does (``healthdcatap:publisherNote``).
        trusted_data_holder: designated as such under article 72 of Regulation (EU) 2025/327.
    """

    name: Words = field(metadata=_TEXTS)
    homepage: str | None = _address()
    email: str | None = _email()
    identifier: str | None = _address()
    type: str | None = _code("adms-publisher-type")
    health_type: str | None = _code("publisher-type")
    note: Words = field(default_factory=dict, metadata=_TEXTS)
    trusted_data_holder: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactPoint(_Checked):
    """``vcard:Kind``: whom to ask."""

    name: Words = field(default_factory=dict, metadata=_TEXTS)
    email: str | None = _email()
    page: str | None = _address()


@dataclass(frozen=True, slots=True, kw_only=True)
class DistributionNotes(_Checked):
    """``dcat:Distribution``: data files as handed out, a sample of them, an analysis, the register of biosamples."""

    title: Words = field(default_factory=dict, metadata=_TEXTS)
    description: Words = field(default_factory=dict, metadata=_TEXTS)
    access_url: str | None = _address()
    download_url: str | None = _address()
    format: str | None = _code("file-type")
    availability: str | None = _code("availability")
    byte_size: int | None = _count()


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionPeriod(_Checked):
    """``healthdcatap:retentionPeriod``: ISO 8601 dates between which the data are kept."""

    start: str | None = _date()
    end: str | None = _date()


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortMetadata(_Checked):
    """What a cohort, or one of its waves, needs beyond DDI-Lifecycle. What is empty has not been said.

    Attributes:
        access_url: where data can be requested.
        homepage: of the cohort.
        rights: who may use the data and how, in words.
        duo: codes of the Data Use Ontology.
        data: what holds for each data file; biosamples: the register of biosamples.
        min_age, max_age: typical age of those studied, in years.
        records, individuals: how many there are, where the files do not say so.
    """

    publisher: Organisation | None = None
    contact: ContactPoint | None = None
    hdab: Organisation | None = None
    access_rights: str | None = _code("access-right")
    access_url: str | None = _address()
    homepage: str | None = _address()
    rights: Words = field(default_factory=dict, metadata=_TEXTS)
    licence: str | None = _address()
    legislation: tuple[str, ...] = _addresses()
    duo: tuple[str, ...] = _codes("duo")
    themes: tuple[str, ...] = _codes("data-theme")
    type: str | None = _code("dataset-type")
    frequency: str | None = _code("frequency")
    health_categories: tuple[str, ...] = _codes("health-category")
    health_themes: tuple[str, ...] = _codes("health-theme")
    personal_data: tuple[str, ...] = _codes("personal-data")
    legal_bases: tuple[str, ...] = _codes("legal-basis")
    purposes: tuple[str, ...] = _codes("purpose")
    coding_systems: tuple[str, ...] = _addresses()
    provenance: Words = field(default_factory=dict, metadata=_TEXTS)
    population: Words = field(default_factory=dict, metadata=_TEXTS)
    min_age: int | None = _count()
    max_age: int | None = _count()
    records: int | None = _count()
    individuals: int | None = _count()
    retention: RetentionPeriod | None = None
    data: DistributionNotes | None = None
    samples: tuple[DistributionNotes, ...] = ()
    analytics: tuple[DistributionNotes, ...] = ()
    biosamples: DistributionNotes | None = None

    def over(self, other: CohortMetadata) -> CohortMetadata:
        """This where it says something, else the other."""
        said = {one.name: getattr(self, one.name) for one in fields(self)}
        return replace(other, **{name: value for name, value in said.items() if value not in (None, (), {})})


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueMetadata(_Checked):
    """``dcat:Catalog`` and the services beside it.

    Attributes:
        countries: ISO 3166-1 alpha-2 codes of what it covers.
        issued: ISO 8601 date on which it was opened.
        licence: of the metadata themselves.
    """

    title: Words = field(default_factory=dict, metadata=_TEXTS)
    description: Words = field(default_factory=dict, metadata=_TEXTS)
    publisher: Organisation | None = None
    contact: ContactPoint | None = None
    homepage: str | None = _address()
    licence: str | None = _address()
    rights: Words = field(default_factory=dict, metadata=_TEXTS)
    legislation: tuple[str, ...] = _addresses()
    countries: tuple[str, ...] = ()
    issued: str | None = _date()
