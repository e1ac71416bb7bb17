"""``oai_dc``: unqualified Dublin Core (OAI-PMH 2.0, section 5; schema oai_dc.xsd). Every text keeps its language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Final

from catalogue.model.contents import Period
from catalogue.model.identity import path_of
from catalogue.model.study import StudyDescription, Term
from catalogue.model.text import InternationalString, LocalizedText, primary_language
from catalogue.oai.markup import around, localized
from catalogue.oai.port import ItemDescription

_NAMESPACE: Final = "http://www.openarchives.org/OAI/2.0/oai_dc/"
_ATTRIBUTES: Final = {
    "xmlns:oai_dc": _NAMESPACE,
    "xmlns:dc": "http://purl.org/dc/elements/1.1/",
    "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "xsi:schemaLocation": f"{_NAMESPACE} http://www.openarchives.org/OAI/2.0/oai_dc.xsd",
}
# DCMI Type Vocabulary; what stands in a catalogue of a study is no resource of these.
_DCMI_TYPES: Final = {"Group": "Collection", "StudyUnit": "Dataset"}

Texts = Iterable[LocalizedText]


def described(fields: Mapping[str, InternationalString]) -> str:
    """Texts as the description of a repository or a set, by element of Dublin Core."""
    return _element((name, texts) for name, texts in fields.items())


def of_study(study: StudyDescription, base: str) -> bytes:
    """A cohort or study. ``base`` is the root of every address, without a slash at its end."""
    return _element((name, give(study, base)) for name, give in _STUDY).encode()


def of_item(item: ItemDescription, base: str) -> bytes:
    """A variable, question or other item that is no study."""
    return _element((name, give(item, base)) for name, give in _ITEM).encode()


def _element(fields: Iterable[tuple[str, Texts]]) -> str:
    written = (localized(f"dc:{name}", text) for name, texts in fields for text in dict.fromkeys(texts))
    return around("oai_dc:dc", written, _ATTRIBUTES)


# --- of studies -------------------------------------------------------------------------------------------------------


def _titles(study: StudyDescription, _: str) -> Iterator[LocalizedText]:
    yield from study.title or _plain(study.name or study.identification.identifier)
    yield from study.subtitle
    yield from _all(study.alternate_titles)


def _agents(*roles: str) -> Callable[[StudyDescription, str], Texts]:
    def give(study: StudyDescription, _: str) -> Texts:
        return _all(agent.name for agent in study.agents if agent.role in roles)

    return give


def _subjects(study: StudyDescription, _: str) -> Iterator[LocalizedText]:
    yield from _all((*study.subjects, *study.keywords))
    yield from _terms(study.kinds_of_data)


def _descriptions(study: StudyDescription, _: str) -> Iterator[LocalizedText]:
    yield from study.abstract
    yield from study.purpose


def _study_dates(study: StudyDescription, _: str) -> Texts:
    moment = study.published_at.date().isoformat() if study.published_at else None
    published = study.publication_date.start if study.publication_date else None
    return _plain(published or moment)


def _study_identifiers(study: StudyDescription, base: str) -> Iterator[LocalizedText]:
    yield from _plain(study.identification.urn, f"{base}/id{study.identification.path}")
    yield from _plain(*(value for _, value in study.user_ids))


def _coverage(study: StudyDescription, _: str) -> Iterator[LocalizedText]:
    yield from _plain(*study.countries)
    yield from _all(study.areas)
    collected = (period for one in study.collections for period in one.periods)
    yield from _plain(*(_span(period) for period in (*study.periods, *collected)))
    for universe in study.universes:
        yield from universe.description or universe.label


def _relations(study: StudyDescription, base: str) -> Texts:
    around_it = (*study.cohorts, *study.waves)
    return _plain(*(f"{base}/id{one.identification.path}" for one in around_it))


def _rights(study: StudyDescription, _: str) -> Iterator[LocalizedText]:
    yield from study.copyright
    for access in study.access:
        yield from _all((access.conditions, access.restrictions, access.confidentiality))


_STUDY: Final[tuple[tuple[str, Callable[[StudyDescription, str], Texts]], ...]] = (
    ("title", _titles),
    ("creator", _agents("creator")),
    ("subject", _subjects),
    ("description", _descriptions),
    ("publisher", _agents("publisher")),
    ("contributor", _agents("contributor", "funder")),
    ("date", _study_dates),
    ("type", lambda study, _: _plain(_DCMI_TYPES[study.type], study.type)),
    ("identifier", _study_identifiers),
    ("language", lambda study, _: _plain(*study.languages)),
    ("relation", _relations),
    ("coverage", _coverage),
    ("rights", _rights),
)


# --- of other items ---------------------------------------------------------------------------------------------------


def _item_titles(item: ItemDescription, _: str) -> Iterator[LocalizedText]:
    yield from item.title
    yield from _plain(item.name if item.name or item.title else item.identification.identifier)


def _item_relations(item: ItemDescription, base: str) -> Iterator[LocalizedText]:
    yield from _plain(*(base + _address(agency, identifier) for agency, identifier in item.within))
    yield from _plain(*(base + _address(one.agency, one.identifier, one.version) for one in item.related))


@lru_cache(maxsize=4096)  # studies and concepts repeat
def _address(agency: str, identifier: str, version: str | None = None) -> str:
    return f"/id{path_of(agency, identifier, version)}"


def _item_languages(item: ItemDescription, _: str) -> Texts:
    every = (*item.title, *item.description, *_all(item.texts))
    return _plain(*sorted({language for one in every if (language := primary_language(one.language))}))


_ITEM: Final[tuple[tuple[str, Callable[[ItemDescription, str], Texts]], ...]] = (
    ("title", _item_titles),
    ("subject", lambda item, _: _all(item.subjects)),
    ("description", lambda item, _: _all((item.description, *item.texts))),
    ("date", lambda item, _: _plain(item.published_at.date().isoformat() if item.published_at else None)),
    ("type", lambda item, _: _plain(item.type)),
    ("identifier", lambda item, base: _plain(item.identification.urn, f"{base}/id{item.identification.path}")),
    ("language", _item_languages),
    ("relation", _item_relations),
)


# --- both -------------------------------------------------------------------------------------------------------------


def _plain(*texts: str | None) -> Iterator[LocalizedText]:
    """Texts without language."""
    return (LocalizedText(text) for text in texts if text)


def _all(strings: Iterable[InternationalString]) -> Iterator[LocalizedText]:
    return (text for string in strings for text in string)


def _terms(terms: Iterable[Term]) -> Iterator[LocalizedText]:
    for term in terms:
        yield from term.label or _plain(term.code)


def _span(period: Period) -> str | None:
    """As ISO 8601 writes an interval."""
    ends = [end for end in (period.start, period.end) if end]
    return "/".join(dict.fromkeys(ends)) or None
