"""PROV-O: how data came about, who had a part in it, and what was made from what."""

from __future__ import annotations

from catalogue.model.contents import CollectionContent
from catalogue.rdf import terms
from catalogue.rdf.describing import Description
from catalogue.rdf.namespaces import DCT, FOAF, PROV
from catalogue.rdf.profile import ANY, Classes, Links, Part, Profile, Row, Texts
from catalogue.rdf.skos import CONCEPTS

ACTIVITIES = ("DataCollection", "CollectionEvent", "ProcessingEvent", "LifecycleEvent", "SampleStep", "Coding")
PLANS = (
    "Instrument",
    "SamplingPlan",
    "SamplingProcedure",
    "GenerationInstruction",
    "GeneralInstruction",
    "Methodology",
)


def _times(description: Description) -> None:
    """Instants only: the range of PROV's times is xsd:dateTime, and a day is none (PROV-O, 4.1)."""
    content = description.resource.content
    for period in content.periods if isinstance(content, CollectionContent) else ():
        for predicate, written in ((PROV.startedAtTime, period.start), (PROV.endedAtTime, period.end)):
            found = terms.moment(written) if written else ""
            description.say(predicate, found if found.endswith("#dateTime>") else None)


def _revision(description: Description) -> None:
    previous = description.resource.previous
    description.say(PROV.wasRevisionOf, description.item(previous) if previous else None)


ROWS: tuple[Row, ...] = (
    Classes(("Group", "SubGroup", "StudyUnit", "Sample", "SampleFrame", "PhysicalInstance"), (PROV.Entity,)),
    Classes(ACTIVITIES, (PROV.Activity,)),
    Classes(PLANS, (PROV.Plan,)),
    Classes(("Organization",), (PROV.Agent, FOAF.Organization)),
    Classes(("Individual",), (PROV.Agent, FOAF.Person)),
    Part(("DataCollection", "CollectionEvent"), "DataCollectionDate with a time", _times,
         (PROV.startedAtTime, PROV.endedAtTime)),
    Part(ANY, "the version before", _revision, (PROV.wasRevisionOf,)),
    Links(ACTIVITIES, ("InstrumentReference", "SampleReference", "SampleFrameReference"), PROV.used),
    Links(
        ACTIVITIES,
        ("DataCollectorOrganizationReference", "AgencyOrganizationReference", "OrganizationReference"),
        PROV.wasAssociatedWith,
    ),
    Links(ANY, ("BasedOnReference", "SourceVariableReference", "SourceVariable"), PROV.wasDerivedFrom),
    Links(("Sample",), ("SampleFrameUsedReference",), PROV.wasDerivedFrom),
    Texts(ANY, ("Description", "Description/Content"), DCT.description, but=CONCEPTS),
    Texts(("ModeOfCollection", "SamplingProcedure", "TimeMethod"), ("Content",), DCT.description),
)  # fmt: skip

PROV_PROFILE = Profile("prov", ROWS)
