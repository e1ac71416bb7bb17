"""Deterministic small studies, each described as data portals ask for: harvests of many are measured on them."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from string import Template
from typing import Final

from tests.benchmarks import vocabulary
from tests.benchmarks.records import AGENCY

WAVES: Final = 3
"""Of each cohort, so that a document holds so many studies and a cohort."""
_VARIABLES: Final = 5
_DOCUMENT: Final = Template("""<?xml version="1.0" encoding="UTF-8"?>
<ddi:FragmentInstance xmlns:ddi="ddi:instance:3_3" xmlns:r="ddi:reusable:3_3" xmlns:g="ddi:group:3_3"
 xmlns:s="ddi:studyunit:3_3" xmlns:l="ddi:logicalproduct:3_3" xmlns:d="ddi:datacollection:3_3"
 xmlns:c="ddi:conceptualcomponent:3_3" xmlns:a="ddi:archive:3_3">
<ddi:Fragment><g:Group>$group<g:TypeOfGroup>Cohort</g:TypeOfGroup>$citation$abstract$archive$references</g:Group>\
</ddi:Fragment>
<ddi:Fragment><a:Organization>$organisation<a:OrganizationIdentification><a:OrganizationName><r:String xml:lang="fr">\
Unité $number</r:String></a:OrganizationName></a:OrganizationIdentification></a:Organization></ddi:Fragment>
<ddi:Fragment><a:Archive>$held<a:ArchiveSpecific><a:DefaultAccess>$access<a:AccessConditions>\
<r:Content xml:lang="fr">Sur demande motivée.</r:Content><r:Content xml:lang="en">On reasoned request.</r:Content>\
</a:AccessConditions></a:DefaultAccess></a:ArchiveSpecific></a:Archive></ddi:Fragment>
<ddi:Fragment><c:Universe>$universe<r:Label><r:Content xml:lang="fr">Adultes</r:Content>\
<r:Content xml:lang="en">Adults</r:Content></r:Label></c:Universe></ddi:Fragment>
$waves</ddi:FragmentInstance>
""")
_STUDY: Final = Template("""<ddi:Fragment><s:StudyUnit>$study$citation$abstract$about\
<r:Coverage><r:TopicalCoverage>$topic<r:Subject xml:lang="fr">$subject_fr</r:Subject>\
<r:Subject xml:lang="en">$subject_en</r:Subject><r:Keyword xml:lang="fr">$keyword_fr</r:Keyword>\
<r:Keyword xml:lang="en">$keyword_en</r:Keyword></r:TopicalCoverage>\
<r:SpatialCoverage>$place<r:Description><r:Content xml:lang="fr">France</r:Content></r:Description>\
<r:CountryCode>FR</r:CountryCode></r:SpatialCoverage>\
<r:TemporalCoverage>$time<r:ReferenceDate><r:StartDate>$year-01-01</r:StartDate><r:EndDate>$year-12-31</r:EndDate>\
</r:ReferenceDate></r:TemporalCoverage></r:Coverage><r:KindOfData>Survey</r:KindOfData>\
<d:DataCollection>$collection<d:CollectionEvent>$event<d:DataCollectionDate><r:StartDate>$year-01-01</r:StartDate>\
<r:EndDate>$year-06-30</r:EndDate></d:DataCollectionDate><d:ModeOfCollection>$mode<d:TypeOfModeOfCollection>\
Interview.Telephone.CATI</d:TypeOfModeOfCollection></d:ModeOfCollection></d:CollectionEvent></d:DataCollection>\
<l:LogicalProduct>$product<l:VariableScheme>$scheme$variables</l:VariableScheme></l:LogicalProduct>\
</s:StudyUnit></ddi:Fragment>
""")
_CITATION: Final = Template("""<r:Citation><r:Title><r:String xml:lang="fr">$title_fr</r:String>\
<r:String xml:lang="en">$title_en</r:String></r:Title><r:Creator><r:CreatorReference>$organisation\
<r:TypeOfObject>Organization</r:TypeOfObject></r:CreatorReference></r:Creator><r:Publisher><r:PublisherName>\
<r:String>Inserm</r:String></r:PublisherName></r:Publisher>\
<r:PublicationDate><r:SimpleDate>$year</r:SimpleDate></r:PublicationDate></r:Citation>""")
_ABSTRACT: Final = Template(
    '<r:Abstract><r:Content xml:lang="fr">$fr</r:Content><r:Content xml:lang="en">$en</r:Content></r:Abstract>'
)


def documents(number: int, *, seed: int = 1) -> Iterator[bytes]:
    """So many cohorts of ``WAVES`` studies, a document for each, as DDI-L 3.3."""
    return (_document(one, Random(f"{seed}/study/{one}")).encode() for one in range(number))


def _document(number: int, random: Random) -> str:
    one = f"SMALL-{number}"
    parts = {name: _identity(f"{one}-{name}") for name in ("organisation", "held", "access", "universe")}
    waves = [f"{one}-W{wave}" for wave in range(WAVES)]
    return _DOCUMENT.substitute(
        parts,
        number=number,
        group=_identity(one),
        citation=_citation(one, 1990 + number % 30, parts["organisation"]),
        abstract=_abstract(random),
        archive=_reference("r:ArchiveReference", parts["held"], "Archive"),
        references="".join(_reference("r:StudyUnitReference", _identity(wave), "StudyUnit") for wave in waves),
        waves="".join(_study(wave, 1990 + number % 30 + 2 * at, parts, random) for at, wave in enumerate(waves)),
    )


def _study(one: str, year: int, parts: dict[str, str], random: Random) -> str:
    names = ("study", "topic", "place", "time", "collection", "event", "mode", "product", "scheme")
    subject, keyword = (vocabulary.concept(random.randrange(40)) for _ in range(2))
    return _STUDY.substitute(
        {name: _identity(one if name == "study" else f"{one}-{name}") for name in names},
        citation=_citation(one, year, parts["organisation"]),
        abstract=_abstract(random),
        about=_reference("r:UniverseReference", parts["universe"], "Universe"),
        year=year,
        subject_fr=subject.fr,
        subject_en=subject.en,
        keyword_fr=keyword.fr,
        keyword_en=keyword.en,
        variables="".join(_variable(f"{one}-V{number}", random) for number in range(_VARIABLES)),
    )


def _citation(one: str, year: int, organisation: str) -> str:
    return _CITATION.substitute(
        title_fr=f"Enquête {one} ({year})", title_en=f"{one} survey ({year})", organisation=organisation, year=year
    )


def _abstract(random: Random) -> str:
    told = [vocabulary.concept(random.randrange(40)) for _ in range(30)]
    return _ABSTRACT.substitute(fr=", ".join(one.fr for one in told), en=", ".join(one.en for one in told))


def _variable(one: str, random: Random) -> str:
    topic = vocabulary.concept(random.randrange(40))
    return (
        f"<l:Variable>{_identity(one)}<l:VariableName><r:String>{one}</r:String></l:VariableName><r:Label>"
        f'<r:Content xml:lang="fr">{topic.fr}</r:Content><r:Content xml:lang="en">{topic.en}</r:Content></r:Label>'
        "</l:Variable>"
    )


def _identity(identifier: str) -> str:
    return f"<r:Agency>{AGENCY}</r:Agency><r:ID>{identifier}</r:ID><r:Version>1</r:Version>"


def _reference(element: str, identity: str, kind: str) -> str:
    return f"<{element}>{identity}<r:TypeOfObject>{kind}</r:TypeOfObject></{element}>"
