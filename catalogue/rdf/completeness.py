"""What a cohort or wave lacks of DCAT-AP 3.0.1 and HealthDCAT-AP, and where a data manager gives it.

The tables that write RDF are those that are asked here, so that nothing is asked for that would not be written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from rdflib import URIRef

from catalogue.model.cataloguing import CohortMetadata
from catalogue.model.report import Message
from catalogue.model.study import StudyDescription
from catalogue.rdf import dcat, healthdcat
from catalogue.rdf.fdp import CATALOGUE, Whole
from catalogue.rdf.shapes import Lack, Need, Node, lacking
from catalogue.rdf.subjects import Subject
from catalogue.rdf.vocabularies import DCT, PREFIXES


class ApplicationProfile(StrEnum):
    """Who asks."""

    DCAT_AP = "DCAT-AP 3.0.1"
    HEALTHDCAT_AP = "HealthDCAT-AP"


@dataclass(frozen=True, slots=True)
class Missing:
    """A property that nothing is known for.

    Attributes:
        profile: the one that asks for it most strictly.
        mandatory: else recommended.
        path: predicates from the dataset, with their prefixes.
        name: what it is, for people.
        ddi: path of the DDI-L 3.3 element that gives it; setting: key in the cohort settings. Either may be empty.
    """

    profile: ApplicationProfile
    mandatory: bool
    path: tuple[str, ...]
    name: Message
    ddi: str
    setting: str

    def as_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "profile": str(self.profile),
            "mandatory": self.mandatory,
            "path": list(self.path),
            "name": {"fr": self.name.fr, "en": self.name.en},
            "ddi": self.ddi or None,
            "setting": self.setting or None,
        }


_PARTS: Final = DCT.hasPart


def missing(study: StudyDescription, said: CohortMetadata, base: str) -> tuple[Missing, ...]:
    """What a cohort or wave lacks, what is mandatory first. Arguments as of ``dcat.study_triples``."""
    one = Subject(study, said, base)
    basic = lacking(Node(one.uri, dcat.subject_shape(one), one))
    health = lacking(healthdcat.node(one))
    return _gathered((*_told(ApplicationProfile.HEALTHDCAT_AP, health), *_told(ApplicationProfile.DCAT_AP, basic)))


def missing_of_catalogue(whole: Whole) -> tuple[Missing, ...]:
    """What the catalogue lacks."""
    return _gathered(_told(ApplicationProfile.DCAT_AP, lacking(Node(whole.catalogue, CATALOGUE, whole))))


def _told(profile: ApplicationProfile, lacks: Iterable[Lack]) -> Iterator[Missing]:
    for lack in lacks:
        if _PARTS in lack.path and lack.need is Need.RECOMMENDED:
            continue  # biosamples are asked for what they cannot do without
        setting = lack.place.setting
        if _PARTS in lack.path and setting.startswith("data"):
            setting = "biosamples" + setting.removeprefix("data")
        path = tuple(short(step) for step in lack.path)
        yield Missing(profile, lack.need is Need.MANDATORY, path, lack.place.name, lack.place.ddi, setting)


def _gathered(found: Iterable[Missing]) -> tuple[Missing, ...]:
    """Each path once, under the profile that is strictest about it."""
    by_path: dict[tuple[str, ...], Missing] = {}
    for one in found:
        known = by_path.get(one.path)
        if known is None or (one.mandatory and not known.mandatory):
            by_path[one.path] = one
    return tuple(sorted(by_path.values(), key=lambda one: not one.mandatory))


def short(term: URIRef) -> str:
    """A term with its usual prefix."""
    prefix = next((name for name, root in PREFIXES.items() if term.startswith(root)), None)
    return f"{prefix}:{term[len(PREFIXES[prefix]) :]}" if prefix else str(term)
