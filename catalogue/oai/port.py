"""What is harvested, as values, and where it comes from: the protocol knows no store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from catalogue.model.identity import Identification
from catalogue.model.text import InternationalString

_EMPTY = InternationalString()


@dataclass(frozen=True, slots=True)
class Site:
    """The repository as it describes itself.

    Attributes:
        name: for people.
        address: where requests are sent (``baseURL``).
        domain: what its identifiers belong to (``repositoryIdentifier``), a domain name.
        emails: of its administrators; at least one.
        language: in which sets are named, ISO 639-1.
    """

    name: str
    address: str
    domain: str
    emails: tuple[str, ...]
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Holder:
    """A cohort or study as what records are in; ``number`` is that of its own record."""

    number: int
    agency: str
    identifier: str
    cohort: bool
    study: bool


@dataclass(frozen=True, slots=True)
class HeldSets:
    """A cohort or study with its title, and the types of what it holds besides studies."""

    holder: Holder
    title: InternationalString
    types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """An OAI item and what its headers say.

    Attributes:
        number: ascending in the order of lists; never changes.
        agency, identifier: of the DDI item, in whatever version.
        type: of the DDI item.
        ddi_version: of its source.
        changed_at: in whole seconds.
        deleted: nothing can be disseminated any more.
        item: what the provider knows its latest version by.
        holders: the cohorts and studies that it is in.
    """

    number: int
    agency: str
    identifier: str
    type: str
    ddi_version: str
    changed_at: datetime
    deleted: bool
    item: int = 0
    holders: tuple[Holder, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records a list has.

    Attributes:
        types: any of these.
        holder: number of the cohort or study that they are in.
        ddi_versions: of the source of some of the types, by type.
        since, until: when they changed, both included.
    """

    types: tuple[str, ...]
    holder: int | None = None
    ddi_versions: Mapping[str, str] = field(default_factory=dict)
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ItemDescription:
    """A variable, question or other item that is no study, as formats of all fields give it.

    Attributes:
        subjects: labels of its concepts.
        texts: its wording, and that of the questions by which it was measured.
        within: the cohorts and studies that hold it, as (agency, identifier).
        related: the items that it refers to and that tell what it means.
    """

    identification: Identification
    type: str
    name: str | None
    title: InternationalString
    description: InternationalString = _EMPTY
    subjects: tuple[InternationalString, ...] = ()
    texts: tuple[InternationalString, ...] = ()
    within: tuple[tuple[str, str], ...] = ()
    related: tuple[Identification, ...] = ()
    published_at: datetime | None = None


class Provider(Protocol):
    """Gives what is harvested. Everything that one response asks is answered from one state of the store."""

    def records(self, wanted: Wanted, after: int, limit: int) -> Sequence[Record]:
        """The records behind a number, in ascending order."""
        ...

    def total(self, wanted: Wanted) -> int:
        """How many there are."""
        ...

    def record(self, agency: str, identifier: str) -> Record | None:
        """One record, deleted or not; None where there never was one."""
        ...

    def holder(self, agency: str, identifier: str) -> Holder | None:
        """A cohort or study, deleted or not; None where there never was one."""
        ...

    def sets(self, after: int, limit: int) -> Sequence[HeldSets]:
        """The cohorts and studies behind a number, in ascending order."""
        ...

    def earliest(self) -> datetime | None:
        """No record changed before that; None where there is none."""
        ...

    def told_at(self, prefix: str) -> datetime | None:
        """No record of a format is older than that, in whole seconds: since then it says something else beside the
        items; None where records say nothing else."""
        ...

    def metadata(self, prefix: str, records: Sequence[Record]) -> Iterator[bytes]:
        """One XML element (UTF-8, without declaration) for each of the records, none of which is deleted, in order.

        Made one by one as they are asked for, so that a response can end before its memory does.
        """
        ...
