"""Which representation and which language a request gets. Pure functions over header texts (RFC 9110, section 12)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from catalogue.errors import NotAcceptableError
from catalogue.model.report import Message


@dataclass(frozen=True, slots=True)
class Format:
    """A representation on offer.

    Attributes:
        name: also the extension in addresses.
        media_types: the first is the usual answer; the others are given to those who ask for them.
        title: what a link to it says.
    """

    name: str
    media_types: tuple[str, ...]
    title: str

    @property
    def media_type(self) -> str:
        """The usual media type."""
        return self.media_types[0]


@dataclass(frozen=True, slots=True)
class Preference:
    """One element of an Accept or Accept-Language header: what, with which parameters, how much (0 to 1)."""

    value: str
    quality: float = 1.0
    parameters: Mapping[str, str] = field(default_factory=dict)


HTML = Format("html", ("text/html", "application/xhtml+xml"), "HTML")
JSON = Format("json", ("application/json",), "JSON")
XML = Format("xml", ("application/xml", "text/xml", "application/vnd.ddi.lifecycle+xml"), "DDI XML")

TURTLE = Format("ttl", ("text/turtle",), "Turtle")
JSON_LD = Format("jsonld", ("application/ld+json",), "JSON-LD")
RDF_XML = Format("rdf", ("application/rdf+xml",), "RDF/XML")
N_TRIPLES = Format("nt", ("application/n-triples",), "N-Triples")

RDF_FORMATS: tuple[Format, ...] = (TURTLE, JSON_LD, RDF_XML, N_TRIPLES)
"""The serialisations of a graph."""

ITEM_FORMATS: tuple[Format, ...] = (HTML, JSON, XML, *RDF_FORMATS)
"""Every form of an item, in the order of the server's preference. A further form is a further row."""

CSV = Format("csv", ("text/csv",), "CSV")
RIS = Format("ris", ("application/x-research-info-systems",), "RIS")
ATOM = Format("atom", ("application/atom+xml",), "Atom")

SEARCH_FORMATS: tuple[Format, ...] = (HTML, JSON, CSV, RIS, ATOM)
"""Every form of a search result."""

NO_PARAMETERS: Mapping[str, str] = MappingProxyType({})


def preferences(header: str | None) -> tuple[Preference, ...]:
    """The elements of an Accept or Accept-Language header in the order written; malformed ones are left out."""
    parts = (_preference(part) for part in (header or "").split(","))
    return tuple(part for part in parts if part is not None)


def _preference(element: str) -> Preference | None:
    value, *written = (piece.strip() for piece in element.split(";"))
    pairs = dict(_parameter(piece) for piece in written if piece)
    quality = _quality(pairs.pop("q", "1"))
    if not value or quality is None:
        return None
    return Preference(value.lower(), quality, pairs)


def _parameter(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name.strip().lower(), value.strip().strip('"')


def _quality(text: str) -> float | None:
    try:
        quality = float(text)
    except ValueError:
        return None
    return quality if 0 <= quality <= 1 else None


def _specificity(accepted: Preference, media_type: str, parameters: Mapping[str, str]) -> int:
    """How closely a range names a media type: 0 not at all, 1 ``*/*``, 2 ``type/*``, 3 exactly, 4 with parameters."""
    if accepted.value == "*/*":
        return 1
    if accepted.value == media_type.partition("/")[0] + "/*":
        return 2
    if accepted.value != media_type:
        return 0
    # What a form says nothing of (charset, profile, level) is a wish; without the version asked for it will not do.
    telling = {*parameters, "version"}
    asked = {name: value for name, value in accepted.parameters.items() if name in telling}
    if any(parameters.get(name) != value for name, value in asked.items()):
        return 0
    return 4 if asked else 3


def quality_of(media_type: str, accepted: Iterable[Preference], parameters: Mapping[str, str] = NO_PARAMETERS) -> float:
    """The quality that the most specific matching media range gives to a media type; 0 when none matches."""
    ranked = [(_specificity(one, media_type, parameters), one.quality) for one in accepted]
    best = max(ranked, key=lambda pair: pair[0], default=(0, 0.0))
    return best[1] if best[0] else 0.0


def not_acceptable(media_types: Iterable[str]) -> NotAcceptableError:
    """The error to raise where none of what there is will do."""
    known = ", ".join(media_types)
    return NotAcceptableError(Message(f"Il y a : {known}.", f"There is: {known}."))


def negotiate(
    header: str | None, formats: Sequence[Format], parameters: Mapping[str, str] = NO_PARAMETERS
) -> tuple[Format, str]:
    """Choose the format and media type that an Accept header prefers; the earlier format wins a tie.

    Args:
        header: the Accept header, or None; without one, or with one that says nothing, everything is acceptable.
        formats: what there is, best first.
        parameters: of the representation (``version``), for media ranges that ask for them.

    Raises:
        NotAcceptableError: the header excludes everything on offer; the message lists what there is.
    """
    accepted = preferences(header) or (Preference("*/*"),)
    named = {one.value for one in accepted}
    offers = [(form, media) for form in formats for media in form.media_types]
    qualities = [
        quality_of(media, accepted, parameters) if media == form.media_type or media in named else 0.0
        for form, media in offers
    ]
    if not any(qualities):
        raise not_acceptable(media for _, media in offers)
    return offers[qualities.index(max(qualities))]


def is_browser(header: str | None) -> bool:
    """Whether an Accept header names both media types of HTML, and XML no more than them: as every browser does.

    A name that only a range covers does not count, nor does text/html alone: Java's URLConnection, with which many
    harvesters ask, sends it to whatever it asks for.
    """
    accepted = preferences(header)
    named = {one.value: one.quality for one in accepted}
    least = min(named.get(media_type, 0.0) for media_type in HTML.media_types)
    return least > 0 and all(quality_of(xml, accepted) <= least for xml in ("application/xml", "text/xml"))


def takes_gzip(header: str | None) -> bool:
    """Whether an Accept-Encoding header takes gzip, and likes it no less than no coding at all (RFC 9110, 12.5.3).

    No coding is acceptable without being named, but then not preferred to one that is.
    """
    named = {one.value: one.quality for one in preferences(header)}
    compressed, plain = (named.get(coding, named.get("*", 0.0)) for coding in ("gzip", "identity"))
    return compressed > 0 and compressed >= plain


def by_extension(name: str, formats: Sequence[Format]) -> tuple[str, Format | None]:
    """Split ``1.0.0.json`` into ``1.0.0`` and its format; what is no known extension stays part of the name."""
    stem, dot, extension = name.rpartition(".")
    found = next((form for form in formats if form.name == extension), None)
    return (stem, found) if dot and stem and found else (name, None)


def choose_language(header: str | None, available: Sequence[str], default: str) -> str:
    """The language that an Accept-Language header prefers (RFC 4647 lookup), else the default."""
    ranked = sorted((one for one in preferences(header) if one.quality > 0), key=lambda one: -one.quality)
    for one in ranked:
        language = one.value.partition("-")[0]
        if language in available:
            return language
    return default
