"""What a person reads of an OAI-PMH response: the XML that a harvester gets is the only source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from typing import Final
from urllib.parse import unquote

from lxml import etree

from catalogue.model.identity import path_of
from catalogue.model.text import InternationalString, LocalizedText

from .addresses import ROOT

_OAI: Final = "{http://www.openarchives.org/OAI/2.0/}"
_LANGUAGE: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_RESOURCE: Final = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}resource"
_TITLES: Final = frozenset(
    ("title", "titl", "label")
)  # of Dublin Core, DDI-Codebook, DDI-L, as they are without capitals
_UNTITLED: Final = InternationalString()
# Facts that are shown of a record by itself, of each in a list; titles that are looked through.
_OF_ONE, _OF_EACH, _MOST_TITLES = 500, 15, 20


@dataclass(frozen=True, slots=True)
class Fact:
    """A value that stands in an element, by the names of the element and of what holds it."""

    name: str
    text: str
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A header, with the metadata where the response has them.

    Attributes:
        item: path of the page of what the record is about; None where its identifier is not made of one.
        sets: by their setSpecs.
        facts: the first ones; ``is_cut`` where others are left out.
    """

    identifier: str
    datestamp: str
    deleted: bool
    item: str | None
    sets: tuple[str, ...] = ()
    title: InternationalString = _UNTITLED
    facts: tuple[Fact, ...] = ()
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Following:
    """How a list goes on: the token of its next piece, "" behind the last, and where in the whole this piece stands."""

    token: str
    first: int | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class OaiPage:
    """A response.

    Attributes:
        verb: that was answered; "" where the request could not be understood.
        arguments: of the request, as the response repeats them, without the verb.
        errors: code and message of each.
        facts: of the repository.
        formats: prefix and namespace of each.
        sets: setSpec and name of each, in every language that it has one in.
    """

    verb: str
    arguments: Mapping[str, str]
    errors: tuple[tuple[str, str], ...]
    facts: tuple[Fact, ...]
    formats: tuple[tuple[str, str], ...]
    sets: tuple[tuple[str, InternationalString], ...]
    records: tuple[Record, ...]
    following: Following | None


def read_response(body: bytes) -> OaiPage:
    """The page of a response, which is one of this server."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, huge_tree=True)
    root = etree.fromstring(body, parser)
    arguments = {str(name): str(value) for name, value in _one(root, "request").attrib.items()}
    verb = arguments.pop("verb", "")
    most = _OF_ONE if verb == "GetRecord" else _OF_EACH
    return OaiPage(
        verb,
        arguments,
        tuple((one.get("code", ""), one.text or "") for one in root.iterchildren(f"{_OAI}error")),
        tuple(fact for one in root.iterchildren(f"{_OAI}Identify") for fact in _facts(one)),
        _pairs(root, "metadataFormat", "metadataPrefix", "metadataNamespace"),
        tuple((_text(one, "setSpec"), _set_name(one)) for one in root.iterfind(f"*/{_OAI}set")),
        tuple(_record(header, most) for header in root.iterfind("*/{*}header")) or _records(root, most),
        _following(root),
    )


def _one(parent: etree._Element, name: str) -> etree._Element:
    found = parent.find(f"{_OAI}{name}")
    return etree.Element(name) if found is None else found


def _text(parent: etree._Element, name: str) -> str:
    return _one(parent, name).text or ""


def _pairs(root: etree._Element, kind: str, first: str, second: str) -> tuple[tuple[str, str], ...]:
    return tuple((_text(one, first), _text(one, second)) for one in root.iterfind(f"*/{_OAI}{kind}"))


def _set_name(one: etree._Element) -> InternationalString:
    """The titles that describe a set; without any, its name, whose language the protocol does not say."""
    description = one.find(f"{_OAI}setDescription")
    titles = _title(description) if description is not None else _UNTITLED
    return titles or InternationalString.of((LocalizedText(_text(one, "setName")),))


# --- records ----------------------------------------------------------------------------------------------------------


def _records(root: etree._Element, most: int) -> tuple[Record, ...]:
    records = root.iterfind(f"*/{_OAI}record")
    return tuple(_record(_one(one, "header"), most, one.find(f"{_OAI}metadata/*")) for one in records)


def _record(header: etree._Element, most: int, body: etree._Element | None = None) -> Record:
    identifier = _text(header, "identifier")
    facts = tuple(islice(_facts(body), most + 1)) if body is not None else ()
    return Record(
        identifier,
        _text(header, "datestamp"),
        header.get("status") == "deleted",
        _item_path(identifier),
        tuple(one.text or "" for one in header.iterchildren(f"{_OAI}setSpec")),
        _title(body) if body is not None else _UNTITLED,
        facts[:most],
        len(facts) > most,
    )


def _item_path(identifier: str) -> str | None:
    """The address of an item behind the identifier of its record, whose last part is made as an address is."""
    scheme, _, rest = identifier.partition(":")
    parts = rest.partition(":")[2].split("/")
    return ROOT + path_of(*map(unquote, parts)) if scheme == "oai" and len(parts) == 2 and all(parts) else None


def _title(body: etree._Element) -> InternationalString:
    """The first title in metadata, in every language that it has."""
    first = next((one for one in body.iter("*") if _name(one).lower() in _TITLES), None)
    if first is None:
        return _UNTITLED
    alike = chain((first,), first.itersiblings(str(first.tag)))
    found = islice((fact for one in alike for fact in _facts(one)), _MOST_TITLES)
    return InternationalString.of(LocalizedText(fact.text, fact.language) for fact in found)


def _facts(element: etree._Element, names: tuple[str, ...] = (), language: str | None = None) -> Iterator[Fact]:
    """What stands in an element: the text of each within it that has any, marked-up text as a whole."""
    language = element.get(_LANGUAGE) or language
    children = list(element.iterchildren("*"))
    if children and not any(text and text.strip() for text in (element.text, *(one.tail for one in children))):
        for child in children:
            yield from _facts(child, (*names[-1:], _name(child)), language)
        return
    text = " ".join("".join(element.itertext()).split()) or element.get(_RESOURCE, "")
    if text:
        yield Fact(" › ".join(names or (_name(element),)), text, language)


def _name(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


# --- the next piece ---------------------------------------------------------------------------------------------------


def _following(root: etree._Element) -> Following | None:
    token = root.find(f"*/{_OAI}resumptionToken")
    if token is None:
        return None
    cursor, total = token.get("cursor"), token.get("completeListSize")
    text = token.text or ""
    return Following(text, int(cursor) + 1, int(total)) if cursor and total else Following(text)
