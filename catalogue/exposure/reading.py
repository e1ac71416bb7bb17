"""What the elements around a study say, as values of ``model.study``; DDI-L 3.3 paths, those of 3.1 and 3.2 beside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from lxml import etree

from catalogue.ddi.navigation import at, children, first, international, text, text_at, texts_of
from catalogue.exposure.gathering import Gathering, Piece
from catalogue.model.contents import Period
from catalogue.model.study import Agent, StudyNote, Term, Universe
from catalogue.model.text import InternationalString, LocalizedText
from catalogue.store.records import ItemSummary

_NOTHING: Final = InternationalString()
# Element of the citation -> role, the element of its name, of its reference (3.1: the text stands in the element).
_CITED: Final = (
    ("Creator", "creator", "CreatorName", "CreatorReference"),
    ("Publisher", "publisher", "PublisherName", "PublisherReference"),
    ("Contributor", "contributor", "ContributorName", "ContributorReference"),
)
_NAMES: Final = (
    "OrganizationIdentification/OrganizationName",
    "OrganizationName",
    "IndividualIdentification/IndividualName/FullName",
    "DisplayName",
)
# The parts of a name that is not given in full; 3.1, then later versions.
_NAME_PARTS: Final = ("First", "Last"), ("FirstGiven", "LastFamily")
_PERSONS: Final = ("IndividualName", "IndividualIdentification/IndividualName")
_EMAILS: Final = ("ContactInformation/Email/InternetEmail", "Email")
_HOMEPAGES: Final = ("ContactInformation/URL", "URL")
_RESEARCHER: Final = "IndividualIdentification/ResearcherID"
_VOCABULARY: Final = ("controlledVocabularyName", "codeListName", "controlledVocabularyID", "codeListID")
_VOCABULARY_URI: Final = (
    "controlledVocabularyURN",
    "codeListURN",
    "controlledVocabularySchemeURN",
    "codeListSchemeURN",
)


# --- texts, terms, periods


def texts(piece: Piece, *paths: str) -> InternationalString:
    """The texts at the paths; none of an item whose element is not read."""
    found = [element for path in paths for element in _elements(piece, path)]
    return texts_of(found) if found else _NOTHING


def strings(piece: Piece, path: str) -> tuple[str, ...]:
    """The plain texts at a path."""
    return tuple(found for element in _elements(piece, path) if (found := text(element)))


def each(piece: Piece, path: str) -> tuple[InternationalString, ...]:
    """One text in languages per element at a path."""
    found = (_own(element) for element in _elements(piece, path))
    return tuple(dict.fromkeys(one for one in found if one))


def terms(piece: Piece, path: str, described: str = "") -> tuple[Term, ...]:
    """The coded words at a path, in words where a ``described`` path says more."""
    label = texts(piece, described) if described else _NOTHING
    found = tuple(dict.fromkeys(_term(element, label) for element in _elements(piece, path) if text(element)))
    return found or ((Term(label=label),) if label else ())


def topics(piece: Piece, path: str) -> tuple[Term, ...]:
    """Subjects or keywords: words of a language, and their vocabulary if there is one."""
    found = (_term(element, own, coded=False) for element in _elements(piece, path) if (own := _own(element)))
    return tuple(dict.fromkeys(found))


def periods(piece: Piece, path: str) -> tuple[Period, ...]:
    """The dates at a path (``r:DateType``)."""
    found = (_period(element) for element in _elements(piece, path))
    return tuple(dict.fromkeys(period for period in found if period.start or period.end))


def _elements(piece: Piece, path: str) -> Iterable[etree._Element]:
    head, _, rest = path.partition("/")
    found = piece.inside.get(head, ())
    return (below for element in found for below in at(element, rest)) if rest else found


def _own(element: etree._Element) -> InternationalString:
    return texts_of((element,))


def _term(element: etree._Element, label: InternationalString, *, coded: bool = True) -> Term:
    """``otherValue`` says more than the code, and stands behind it as in ``indexing.definitions``."""
    code = text(element) or "" if coded else ""
    other = element.get("otherValue")
    vocabulary = next((name for key in _VOCABULARY if (name := element.get(key))), None)
    uri = next((name for key in _VOCABULARY_URI if (name := element.get(key))), None)
    return Term(f"{code}.{other}" if code and other else code, label, vocabulary, uri)


def _period(element: etree._Element) -> Period:
    simple, start, end = (text_at(element, name) for name in ("SimpleDate", "StartDate", "EndDate"))
    return Period(simple or start, end, open=bool(start and not simple and not end))


# --- agents


def agents(study: Piece, gathering: Gathering) -> Iterator[Agent]:
    """Creators, publishers and contributors of the citation, by name or by reference."""
    for element, role, name_path, reference_path in _CITED:
        for cited in _elements(study, f"Citation/{element}"):
            name = first(cited, name_path)
            target = study.target(first(cited, reference_path))
            words = _own(name) if name is not None else _NOTHING
            # 3.1 has the name in the element itself.
            words = words or (_own(cited) if not len(cited) else _NOTHING)
            affiliation = cited.get("affiliation") or (name.get("affiliation") if name is not None else None)
            if words or target:
                yield _agent(gathering, target, role, words, affiliation)


def funders(study: Piece, gathering: Gathering) -> Iterator[Agent]:
    """``r:FundingInformation``: each agency with the grants; the description where no agency is named."""
    for funding in _elements(study, "FundingInformation"):
        grant = ", ".join(number for one in children(funding, "GrantNumber") if (number := text(one))) or None
        agencies = [study.target(reference) for reference in children(funding, "AgencyOrganizationReference")]
        known = [agency for agency in agencies if agency is not None]
        described = international(funding, "Description")
        for agency in known:
            yield _agent(gathering, agency, "funder", _NOTHING, None, grant)
        if not known and (described or grant):
            yield Agent(described, "funder", grant=grant)


def agents_of(piece: Piece, gathering: Gathering, role: str, reference: str) -> tuple[Agent, ...]:
    """The agents that the references of one role lead to."""
    found = (_agent(gathering, target, role, _NOTHING, None) for target in piece.targets(reference))
    return tuple(dict.fromkeys(found))


def _agent(
    gathering: Gathering,
    target: ItemSummary | None,
    role: str,
    name: InternationalString,
    affiliation: str | None,
    grant: str | None = None,
) -> Agent:
    piece = gathering.get(target.id) if target else None
    attached = InternationalString((LocalizedText(affiliation),)) if affiliation else _NOTHING
    if target is None or piece is None or piece.root is None:
        return Agent(name or (target.label if target else _NOTHING), role, attached, grant=grant)
    return Agent(
        name=name or agent_name(piece.root) or target.label,
        role=role,
        affiliation=attached,
        email=text_at(piece.root, *_EMAILS),
        homepage=text_at(piece.root, *_HOMEPAGES),
        identifier=_identifier(piece),
        item=target.identification,
        grant=grant,
    )


def agent_name(root: etree._Element) -> InternationalString:
    """The name of an ``a:Organization`` or ``a:Individual``."""
    for path in _NAMES:
        if found := international(root, path):
            return found
    for person in (element for path in _PERSONS for element in at(root, path)):
        for parts in _NAME_PARTS:
            if full := " ".join(part for one in parts if (part := text_at(person, one))):
                return InternationalString((LocalizedText(full),))
    return _NOTHING


def _identifier(piece: Piece) -> str | None:
    """An address of the agent (ORCID, ROR), else an identifier that its users gave it."""
    root = piece.root
    written = (
        text_at(root, f"{_RESEARCHER}/URI", f"{_RESEARCHER}/ResearcherIdentification") if root is not None else None
    )
    return written or next((value for _, value in piece.stored.item.user_ids), None)


# --- the study


def introduction(study: Piece, gathering: Gathering, name: str) -> InternationalString:
    """Abstract or purpose: in the study's element (3.2, 3.3), or items in it (3.1)."""
    inside = (words for part in gathering.parts(study, name) for words in texts(part, "Content"))
    return texts(study, name) or InternationalString.of(inside)


def identifiers(piece: Piece) -> tuple[tuple[str, str], ...]:
    """(agency, identifier) of each ``r:InternationalIdentifier``; in 3.1 the type and the text."""
    found = (
        (text_at(one, "ManagingAgency") or one.get("type") or "", text_at(one, "IdentifierContent") or text(one) or "")
        for one in _elements(piece, "Citation/InternationalIdentifier")
    )
    return tuple(dict.fromkeys(one for one in found if one[1]))


def countries(place: Piece, gathering: Gathering) -> Iterator[str]:
    """Codes of countries of a spatial coverage (``CountryCode``; ``Country``), and of the locations it refers to."""
    yield from (*strings(place, "CountryCode"), *strings(place, "Country"))
    for value in _values(place, gathering):
        for written in strings(value, "GeographicLocationIdentifier/GeographicCode"):
            if len(written) == 2 and written.isalpha():
                yield written


def areas(place: Piece, gathering: Gathering) -> Iterator[InternationalString]:
    """Spatial coverage in words."""
    if described := texts(place, "Description"):
        yield described
    else:
        yield from each(place, "TopLevelReference/LevelName")
    for value in _values(place, gathering):
        if name := texts(value, "LocationValueName"):
            yield name


def _values(place: Piece, gathering: Gathering) -> Iterator[Piece]:
    for location in gathering.parts(place, "GeographicLocation"):
        yield from gathering.parts(location, "LocationValue")


def universes(study: Piece, gathering: Gathering) -> tuple[Universe, ...]:
    """The universes that the study itself names."""
    return tuple(
        Universe(one.stored.item.identification, one.stored.item.label, one.stored.item.description)
        for one in gathering.parts(study, "Universe")
    )


def notes(study: Piece, gathering: Gathering) -> Iterator[StudyNote]:
    """``r:Note``: in the study's element (3.2, 3.3), or items in it (3.1)."""
    inside = [part.root for part in gathering.parts(study, "Note") if part.root is not None]
    for note in (*_elements(study, "Note"), *inside):
        content = international(note, "NoteContent", "Content")
        if content:
            yield StudyNote(text_at(note, "TypeOfNote") or note.get("type"), international(note, "Header"), content)
