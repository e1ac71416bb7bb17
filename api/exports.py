"""A whole search result in other forms, hit by hit: a table (RFC 4180), JSON, references (RIS), a feed (RFC 4287)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

import orjson
from lxml import etree

from catalogue.model.contents import StudyContent
from catalogue.model.text import InternationalString, primary_language
from catalogue.service import Catalogue, Facet, FoundItem, ItemSummary, MarkedText

from .addresses import item_path
from .gathering import waves_of
from .i18n import LANGUAGES, Locale
from .introductions import introductions
from .results import item_label
from .search_wire import SearchWire
from .values import label_of

MOST_EXPORTED = 100_000
"""Hits at most in one file; who needs more narrows the search, or takes the catalogue as a whole."""

ATOM = "http://www.w3.org/2005/Atom"
_BETWEEN = " | "
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PIECE = 64 * 1024
_KEPT = 4096


class Exporter:
    """What every form says of a hit, in the words of one language and with the addresses of one catalogue."""

    def __init__(self, catalogue: Catalogue, of: Locale) -> None:
        self.catalogue = catalogue
        self.locale = of
        self.base_url = catalogue.settings.base_url.rstrip("/")
        self.this_year = str(datetime.now(UTC).year)
        self.item_label = lru_cache(maxsize=_KEPT)(self._item_label)

    def uri(self, found: FoundItem) -> str:
        """The persistent address of a hit."""
        return self.base_url + item_path(found.summary.identification)

    def title(self, found: FoundItem) -> str:
        """Its label in the reader's language, else in another."""
        return found.labels[0].text if found.labels else found.summary.identification.identifier

    def plain(self, value: InternationalString) -> str:
        """A text in the reader's language, else in another."""
        best = value.best((self.locale.language,))
        return best.text if best else ""

    def titles(self, summaries: Iterable[ItemSummary]) -> list[str]:
        """The labels of items."""
        return [self.plain(one.label) or one.name or one.identification.identifier for one in summaries]

    def said(self, found: FoundItem, facet: Facet) -> list[str]:
        """A hit's values of a facet in words."""
        return [self.item_label(facet, value) for value in found.facets.get(facet, ())]

    def _item_label(self, facet: Facet, value: str) -> str:
        return self.plain(label_of(facet, value, item_label(self.catalogue, facet, value)))

    def studies(self, found: FoundItem) -> tuple[StudyContent, ...]:
        """What the studies and cohorts of a hit say of themselves."""
        places = found.containers
        contents = introductions(self.catalogue, [one.id for one in (*places.studies, *places.cohorts)])
        return tuple(one for one in contents.values() if isinstance(one, StudyContent))


def in_language(texts: Sequence[MarkedText], language: str) -> str:
    """The text in a language."""
    return next((one.text for one in texts if primary_language(one.language) == language), "")


def in_others(texts: Sequence[MarkedText]) -> str:
    """The texts in none of the catalogue's languages, with the tag that each has."""
    others = (one for one in texts if primary_language(one.language) not in LANGUAGES)
    return _BETWEEN.join(f"{one.text} [{one.language}]" if one.language else one.text for one in others)


# --- a table ----------------------------------------------------------------------------------------------------------

Cell = Callable[[Exporter, FoundItem], str]


def _text(of: Callable[[FoundItem], Sequence[MarkedText]], language: str) -> Cell:
    return lambda _, found: in_language(of(found), language)


def _said(facet: Facet) -> Cell:
    return lambda exporter, found: _BETWEEN.join(exporter.said(found, facet))


COLUMNS: Mapping[str, Cell] = {
    **{f"label_{one}": _text(lambda found: found.labels, one) for one in LANGUAGES},
    "label_other": lambda _, found: in_others(found.labels),
    **{f"question_{one}": _text(lambda found: found.question, one) for one in LANGUAGES},
    "question_other": lambda _, found: in_others(found.question),
    "type": lambda _, found: found.summary.type,
    "name": lambda _, found: found.summary.name or "",
    "urn": lambda _, found: found.summary.urn,
    "uri": lambda exporter, found: exporter.uri(found),
    "cohort": lambda exporter, found: _BETWEEN.join(exporter.titles(found.containers.cohorts)),
    "study": lambda exporter, found: _BETWEEN.join(exporter.titles(found.containers.studies)),
    "wave": lambda exporter, found: _BETWEEN.join(exporter.titles(waves_of(found.containers))),
    "years": lambda _, found: _BETWEEN.join(found.facets.get(Facet.YEAR, ())),
    "mode": _said(Facet.MODE),
    "instrument": _said(Facet.INSTRUMENT),
    "concept": _said(Facet.CONCEPT),
    "represented_variable": lambda _, found: _BETWEEN.join(found.facets.get(Facet.REPRESENTED, ())),
    "representation": _said(Facet.REPRESENTATION),
    "languages": lambda _, found: _BETWEEN.join(found.facets.get(Facet.LANGUAGE, ())),
    "access": _said(Facet.ACCESS),
}
"""A column of the table per row."""


def neutral(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.lstrip(" \n").startswith(_FORMULA) else cell


def to_csv(exporter: Exporter, hits: Iterable[FoundItem]) -> Iterator[bytes]:
    """One row per hit, with a byte order mark, so that spreadsheets read it as UTF-8."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    yield b"\xef\xbb\xbf"
    writer.writerow(COLUMNS)
    for found in hits:
        writer.writerow([neutral(cell(exporter, found)) for cell in COLUMNS.values()])
        yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    taken = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return taken


# --- JSON -------------------------------------------------------------------------------------------------------------


def to_json(exporter: Exporter, hits: Iterable[FoundItem]) -> Iterator[bytes]:
    """An object with all the hits, as the API writes them."""
    wire = SearchWire(exporter.base_url)
    yield b'{"items":['
    for place, found in enumerate(hits):
        yield (b",\n" if place else b"\n") + orjson.dumps(wire.found(found))
    yield b"\n]}\n"


# --- references -------------------------------------------------------------------------------------------------------


def to_ris(exporter: Exporter, hits: Iterable[FoundItem]) -> Iterator[bytes]:
    """One record per hit, of type DATA; its year is the last in which anything was collected, none that is planned."""
    for found in hits:
        lines = [f"{tag}  - {line}\r\n" for tag, text in _fields(exporter, found) if (line := " ".join(text.split()))]
        yield "".join(["TY  - DATA\r\n", *lines, "ER  - \r\n\r\n"]).encode()


def _fields(exporter: Exporter, found: FoundItem) -> Iterator[tuple[str, str]]:
    studies = exporter.studies(found)
    years = [year for year in sorted(found.facets.get(Facet.YEAR, ())) if year <= exporter.this_year]
    yield "TI", exporter.title(found)
    yield from (("T2", one) for one in exporter.titles(waves_of(found.containers) or found.containers.cohorts))
    yield from (("AU", exporter.plain(one)) for one in _each(one for study in studies for one in study.creators))
    yield from (("PB", exporter.plain(one)) for one in _each(one for study in studies for one in study.publishers))
    yield "PY", years[-1] if years else ""
    yield "AB", found.question[0].text if found.question else ""
    yield from (("KW", one) for one in exporter.said(found, Facet.CONCEPT))
    yield from (("KW", exporter.plain(one)) for one in _each(one for study in studies for one in study.keywords))
    yield "ET", found.summary.identification.version
    yield "ID", found.summary.urn
    yield "UR", exporter.uri(found)
    yield "DB", exporter.locale.t("site.name")


def _each(texts: Iterable[InternationalString]) -> tuple[InternationalString, ...]:
    return tuple(dict.fromkeys(texts))


# --- a feed -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Feed:
    """What a feed says of itself; addresses are absolute."""

    title: str
    identifier: str
    own: str
    page: str


@dataclass(frozen=True, slots=True)
class Dated:
    """A hit and when it was first published."""

    found: FoundItem
    published: datetime


def dated(catalogue: Catalogue, hits: Iterable[FoundItem]) -> tuple[Dated, ...]:
    """The hits with their first publication, newest first."""
    wanted = list(hits)
    moments = catalogue.searching.published_at([one.summary.id for one in wanted])
    found = [Dated(one, moments[one.summary.id]) for one in wanted if one.summary.id in moments]
    return tuple(sorted(found, key=lambda one: (one.published, one.found.summary.id), reverse=True))


def to_atom(exporter: Exporter, feed: Feed, entries: Sequence[Dated]) -> bytes:
    """The feed of a search."""
    language = exporter.locale.language
    root = etree.Element(f"{{{ATOM}}}feed", nsmap={None: ATOM})
    root.set("{http://www.w3.org/XML/1998/namespace}lang", language)
    _add(root, "id", feed.identifier)
    _add(root, "title", feed.title)
    _add(root, "updated", rfc3339(max((one.published for one in entries), default=datetime.fromtimestamp(0, UTC))))
    _add(_add(root, "author"), "name", exporter.locale.t("site.name"))
    _add(root, "link", rel="self", type="application/atom+xml", href=feed.own)
    _add(root, "link", rel="alternate", type="text/html", href=feed.page)
    for one in entries:
        _entry(exporter, _add(root, "entry"), one)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)


def _entry(exporter: Exporter, entry: etree._Element, one: Dated) -> None:
    found = one.found
    where = exporter.titles((*found.containers.cohorts, *waves_of(found.containers)))
    lines = [exporter.locale.type_name(found.summary.type), *where, *(text.text for text in found.question[:1])]
    _add(entry, "id", exporter.uri(found))
    _add(entry, "title", exporter.title(found))
    _add(entry, "updated", rfc3339(one.published))
    _add(entry, "published", rfc3339(one.published))
    _add(entry, "link", rel="alternate", type="text/html", href=exporter.uri(found))
    _add(entry, "category", term=found.summary.type, label=exporter.locale.type_name(found.summary.type))
    _add(entry, "summary", " · ".join(lines))


def _add(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> etree._Element:
    clean = {key: _NOT_XML.sub("", one) for key, one in attributes.items()}
    child: etree._Element = etree.SubElement(parent, f"{{{ATOM}}}{name}", clean)
    child.text = _NOT_XML.sub("", text) if text is not None else None
    return child


def rfc3339(moment: datetime) -> str:
    """A date-time as RFC 4287, section 3.3, has it."""
    own = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return own.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def in_pieces(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in fewer, larger pieces."""
    held: list[bytes] = []
    size = 0
    for part in parts:
        held.append(part)
        size += len(part)
        if size >= _PIECE:
            yield b"".join(held)
            held, size = [], 0
    yield b"".join(held)
