"""What the tables of datasets are filled from: a study with what its settings add, and the addresses of its nodes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from rdflib import URIRef

from catalogue.model.cataloguing import (
    CohortMetadata,
    ContactPoint,
    DistributionNotes,
    Organisation,
    is_address,
    is_email,
)
from catalogue.model.identity import Identification
from catalogue.model.study import Agent, DataFile, StudyDescription
from catalogue.model.text import InternationalString, primary_language

COHORT: Final = "Group"
BIOSAMPLES: Final = "biosamples"


def item_uri(base: str, identification: Identification) -> URIRef:
    """The address of an item in its version."""
    return URIRef(f"{base}/id{identification.path}")


def dataset_uri(base: str, identification: Identification, kind: str = "StudyUnit") -> URIRef:
    """The address of a study's data: the series is the Group itself, the dataset a node in its StudyUnit."""
    item = item_uri(base, identification)
    return item if kind == COHORT else item + "#dataset"


@dataclass(frozen=True)
class Subject:
    """A cohort, a wave, or what was sampled in a wave.

    Attributes:
        said: what settings add, those of the wave over those of its cohort.
        base: root of every address, without trailing slash.
        part: empty for the study itself, else ``biosamples``.
    """

    study: StudyDescription
    said: CohortMetadata
    base: str
    part: str = ""

    @cached_property
    def item(self) -> URIRef:
        """The item."""
        return item_uri(self.base, self.study.identification)

    @cached_property
    def uri(self) -> URIRef:
        """The dataset or series."""
        return (
            self.node(BIOSAMPLES) if self.part else dataset_uri(self.base, self.study.identification, self.study.type)
        )

    @property
    def is_cohort(self) -> bool:
        """Whether it is a series of datasets."""
        return self.study.type == COHORT

    def node(self, name: str) -> URIRef:
        """A node of the item that belongs to this subject."""
        return URIRef(f"{self.item}#{f'{self.part}-' if self.part and name != self.part else ''}{name}")

    def as_part(self, part: str) -> Subject:
        """A part of it."""
        return replace(self, part=part)

    @property
    def page(self) -> str:
        """Its page for people."""
        return f"{self.item}.html"

    @property
    def access_url(self) -> str | None:
        """Where data can be requested."""
        return self.said.access_url or next((one.homepage for one in self.study.access if one.homepage), None)

    @cached_property
    def publisher(self) -> Organisation | None:
        """Of the settings, else of the citation."""
        return self.said.publisher or next(map(organisation, self._agents("publisher")), None)

    @cached_property
    def contact(self) -> ContactPoint | None:
        """Of the settings, else of the citation."""
        agents = [*self._agents("contact"), *(one for access in self.study.access for one in access.contacts)]
        return self.said.contact or next((_contact(one) for one in agents if one.email or one.homepage), None)

    def _agents(self, role: str) -> list[Agent]:
        return [one for one in self.study.agents if one.role == role and one.name]


@dataclass(frozen=True, slots=True)
class Handed:
    """What is handed out: a data file, data without a file yet, a sample, an analysis, a register.

    Attributes:
        notes: what settings say of it.
        file: the data file, where there is one.
    """

    subject: Subject
    notes: DistributionNotes
    file: DataFile | None = None


def organisation(agent: Agent) -> Organisation:
    """An agent of a citation in the form that settings give publishers in; the first text of each language."""
    return Organisation(
        name=words(agent.name),
        homepage=_if_address(agent.homepage),
        email=_if_mail(agent.email),
        identifier=_if_address(agent.identifier),
    )


def _contact(agent: Agent) -> ContactPoint:
    return ContactPoint(name=words(agent.name), email=_if_mail(agent.email), page=_if_address(agent.homepage))


def _if_address(text: str | None) -> str | None:
    return text.strip() if text and is_address(text.strip()) else None


def _if_mail(text: str | None) -> str | None:
    return text.strip() if text and is_email(text.strip()) else None


def words(texts: InternationalString) -> dict[str, str]:
    """The first text of each language, by its ISO code; those whose language is unknown under the empty tag."""
    found: dict[str, str] = {}
    for one in texts:
        if one.text.strip():
            found.setdefault(primary_language(one.language) or "", one.text)
    return found
