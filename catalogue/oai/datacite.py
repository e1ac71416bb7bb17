"""``oai_datacite``: DataCite Metadata Schema 4 (https://schema.datacite.org/meta/kernel-4/), of cohorts and studies.

The mandatory properties are always there (1 identifier, 2 creator, 3 title, 4 publisher, 5 publicationYear, 10
resourceType); what the source does not say is said with the codes of appendix 3. Where the source knows a DOI it is the
identifier, else the URN is; the catalogue itself registers none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from catalogue.model.contents import Period
from catalogue.model.study import Agent, StudyDescription
from catalogue.model.text import InternationalString, LocalizedText, primary_language
from catalogue.oai.markup import around, element, localized

_NAMESPACE: Final = "http://datacite.org/schema/kernel-4"
_ATTRIBUTES: Final = {
    "xmlns": _NAMESPACE,
    "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "xsi:schemaLocation": f"{_NAMESPACE} http://schema.datacite.org/meta/kernel-4/metadata.xsd",
}
_UNKNOWN: Final = ":unav"  # appendix 3: value unavailable, possibly unknown
_DOI: Final = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:)?(10\.\d{4,9}/\S+)", re.IGNORECASE)
_YEAR: Final = re.compile(r"\d{4}")
_RESOURCE: Final = {"Group": ("Collection", "Cohort"), "StudyUnit": ("Dataset", "Study")}
_CONTRIBUTORS: Final = {"contributor": "Other", "contact": "ContactPerson"}

Lines = Iterator[str]


def of_study(study: StudyDescription, base: str) -> bytes:
    """A cohort or study. ``base`` is the root of every address, without a slash at its end."""
    return around("resource", (part for write in _PROPERTIES for part in write(study, base)), _ATTRIBUTES).encode()


def _identifier(study: StudyDescription, _: str) -> Lines:
    doi = _doi(study)
    kind, value = ("DOI", doi) if doi else ("URN", study.identification.urn)
    yield element("identifier", value, {"identifierType": kind})


def _doi(study: StudyDescription) -> str | None:
    found = (_DOI.fullmatch(value.strip()) for _, value in (*study.user_ids, *study.identifiers))
    return next((match.group(1) for match in found if match), None)


def _creators(study: StudyDescription, _: str) -> Lines:
    creators = [agent for agent in study.agents if agent.role == "creator"]
    written = [_agent("creator", agent) for agent in creators if agent.name]
    yield around("creators", written or [around("creator", [element("creatorName", _UNKNOWN)])])


def _agent(role: str, agent: Agent, attributes: dict[str, str] | None = None) -> str:
    told = [localized(f"{role}Name", _first(agent.name))]
    if agent.identifier and agent.identifier.startswith(("https://orcid.org/", "https://ror.org/")):
        scheme = "ORCID" if "orcid" in agent.identifier else "ROR"
        told.append(element("nameIdentifier", agent.identifier, {"nameIdentifierScheme": scheme}))
    if agent.affiliation:
        told.append(element("affiliation", _first(agent.affiliation).text))
    return around(role, told, attributes or {})


def _titles(study: StudyDescription, _: str) -> Lines:
    main = study.title or InternationalString((LocalizedText(study.name or study.identification.identifier),))
    others = (("Subtitle", (study.subtitle,)), ("AlternativeTitle", study.alternate_titles))
    written = [localized("title", text) for text in main]
    for kind, strings in others:
        written += [localized("title", text, {"titleType": kind}) for string in strings for text in string]
    yield around("titles", written)


def _publisher(study: StudyDescription, _: str) -> Lines:
    names = [agent.name for agent in study.agents if agent.role == "publisher" and agent.name]
    yield localized("publisher", _first(names[0])) if names else element("publisher", _UNKNOWN)


def _year(study: StudyDescription, _: str) -> Lines:
    """As the source says, else of publication in the catalogue; the schema wants four digits in any case."""
    said = _YEAR.match((study.publication_date and study.publication_date.start) or "")
    here = study.published_at or study.changed_at
    yield element("publicationYear", said.group() if said else f"{here.year:04}" if here else "0000")


def _resource_type(study: StudyDescription, _: str) -> Lines:
    general, own = _RESOURCE[study.type]
    yield element("resourceType", own, {"resourceTypeGeneral": general})


def _subjects(study: StudyDescription, _: str) -> Lines:
    yield from _some("subjects", "subject", (*study.subjects, *study.keywords))


def _contributors(study: StudyDescription, _: str) -> Lines:
    known = [(agent, _CONTRIBUTORS[agent.role]) for agent in study.agents if agent.role in _CONTRIBUTORS and agent.name]
    if known:
        written = (_agent("contributor", agent, {"contributorType": kind}) for agent, kind in known)
        yield around("contributors", written)


def _dates(study: StudyDescription, _: str) -> Lines:
    collected = [period for one in study.collections for period in one.periods]
    rows = [("Collected", period) for period in collected or study.periods]
    rows += [("Issued", study.publication_date)] if study.publication_date else []
    written = [element("date", span, {"dateType": kind}) for kind, period in rows if (span := _span(period))]
    if written:
        yield around("dates", dict.fromkeys(written))


def _span(period: Period) -> str:
    """RKMS-ISO8601: an interval may be open."""
    if period.end and period.end != period.start:
        return f"{period.start or ''}/{period.end}"
    return period.start or ""


def _language(study: StudyDescription, _: str) -> Lines:
    """The property takes one language: that of the title, else of any text."""
    titled = (primary_language(text.language) for text in study.title)
    if found := next(filter(None, (*titled, *study.languages)), None):
        yield element("language", found)


def _alternates(study: StudyDescription, base: str) -> Lines:
    """The URN only where a DOI is the identifier, and once."""
    urn = study.identification.urn
    own = [("URL", f"{base}/id{study.identification.path}")]
    own += [("URN", urn)] if _doi(study) else []
    others = (one for one in (*study.user_ids, *study.identifiers) if one[1] != urn)
    rows = dict.fromkeys((*own, *others))
    written = (
        element("alternateIdentifier", value, {"alternateIdentifierType": kind or "local"}) for kind, value in rows
    )
    yield around("alternateIdentifiers", written)


def _related(study: StudyDescription, base: str) -> Lines:
    rows = [("IsPartOf", one) for one in study.cohorts] + [("HasPart", one) for one in study.waves]
    written = [
        element(
            "relatedIdentifier",
            f"{base}/id{one.identification.path}",
            {"relatedIdentifierType": "URL", "relationType": relation},
        )
        for relation, one in rows
    ]
    if written:
        yield around("relatedIdentifiers", written)


def _version(study: StudyDescription, _: str) -> Lines:
    yield element("version", study.identification.version)


def _rights(study: StudyDescription, _: str) -> Lines:
    said = [text for access in study.access for text in (access.conditions, access.restrictions)]
    yield from _some("rightsList", "rights", (study.copyright, *said))


def _descriptions(study: StudyDescription, _: str) -> Lines:
    rows = (("Abstract", study.abstract), ("Other", study.purpose))
    written = [localized("description", text, {"descriptionType": kind}) for kind, string in rows for text in string]
    if written:
        yield around("descriptions", written)


def _places(study: StudyDescription, _: str) -> Lines:
    named = [element("geoLocationPlace", code) for code in study.countries]
    named += [element("geoLocationPlace", _first(area).text) for area in study.areas if area]
    if named:
        yield around("geoLocations", (around("geoLocation", [place]) for place in dict.fromkeys(named)))


def _funders(study: StudyDescription, _: str) -> Lines:
    funders = [agent for agent in study.agents if agent.role == "funder" and agent.name]
    if funders:
        yield around("fundingReferences", (_funder(agent) for agent in funders))


def _funder(agent: Agent) -> str:
    told = [element("funderName", _first(agent.name).text)]
    told += [element("awardNumber", agent.grant)] if agent.grant else []
    return around("fundingReference", told)


def _first(string: InternationalString) -> LocalizedText:
    return string.texts[0]


def _some(outer: str, inner: str, strings: Iterable[InternationalString]) -> Lines:
    written = dict.fromkeys(localized(inner, text) for string in strings for text in string)
    if written:
        yield around(outer, written)


_PROPERTIES: Final[tuple[Callable[[StudyDescription, str], Lines], ...]] = (
    _identifier,
    _creators,
    _titles,
    _publisher,
    _year,
    _resource_type,
    _subjects,
    _contributors,
    _dates,
    _language,
    _alternates,
    _related,
    _version,
    _rights,
    _descriptions,
    _places,
    _funders,
)
