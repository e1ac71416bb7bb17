"""RDF terms as N-Triples writes them: ``<address>``, ``"text"@fr``, ``"3"^^<...integer>``.

Conversion makes terms once, in the form in which they are stored and sent; rdflib's objects are made from them where a
graph is wanted (``decode``, ``encode``). No term that these functions give can break a serialisation: addresses are
valid IRIs (RFC 3987), language tags well-formed (RFC 5646), texts hold only characters of XML 1.0, and a typed literal
has the canonical form of its type or is left untyped.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Final
from urllib.parse import quote

from rdflib import Literal, URIRef

Term = str
"""An IRI or a literal in N-Triples' form."""
Triple = tuple[Term, Term, Term]

_XSD: Final = "http://www.w3.org/2001/XMLSchema#"

# --- addresses --------------------------------------------------------------------------------------------------------

_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?!//$)\S+")
# RFC 3987, 2.2: what of ASCII stands in an IRI, and ucschar.
_PLANES: Final = "".join(f"{chr(n << 16)}-{chr((n << 16) + 0xFFFD)}" for n in range(1, 14))
_FORBIDDEN: Final = re.compile(
    rf"[^!#$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~\xa1-\ud7ff\uf900-\ufdcf\ufdf0-\uffef{_PLANES}\U000e1000-\U000efffd]"
)
_BARE_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_BRACKETS: Final = str.maketrans({"[": "%5B", "]": "%5D"})
_IN_URN: Final = "-._~!$&'()*+,;=@/"


def address(text: str) -> Term | None:
    """An absolute IRI for a text that is meant as one, its forbidden characters percent-encoded; None if it is none."""
    stripped = text.strip()
    if not _ABSOLUTE.fullmatch(stripped.replace(" ", "%20")):
        return None
    encoded = _encoded(stripped)
    head, hash_, fragment = encoded.partition("#")
    scheme, slashes, rest = head.partition("//")
    host, slash, path = rest.partition("/") if slashes else ("", "", rest)
    if slashes and not _HOST.fullmatch(host):
        return None
    tail = f"{host}{slash}{path.translate(_BRACKETS)}" if slashes else ""
    start = scheme if slashes else scheme.translate(_BRACKETS)
    return f"<{start}{slashes}{tail}{hash_}{fragment.replace('#', '%23').translate(_BRACKETS)}>"


def _encoded(text: str) -> str:
    return _BARE_PERCENT.sub("%25", _FORBIDDEN.sub(lambda found: quote(found[0], errors="replace"), text))


_HOST: Final = re.compile(r"(?:[^@/\[\]?:]*(?::[^@/\[\]?]*)?@)?[^@:/\[\]?]*(?::[0-9]*)?")


def urn(agency: str, identifier: str, version: str) -> Term:
    """The URN of an item as an IRI; what RFC 8141 does not admit in it is percent-encoded."""
    return (
        f"<urn:ddi:{':'.join(quote(part, safe=_IN_URN, errors='replace') for part in (agency, identifier, version))}>"
    )


# --- literals ---------------------------------------------------------------------------------------------------------

_NO_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SPECIAL: Final = re.compile(r'[\\"\n\r]')
_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n"}
_TAG: Final = re.compile(
    r"""(?: [a-z]{2,3}(?:-[a-z]{3}){0,3} | [a-z]{4,8} )
        (?: -[a-z]{4} )? (?: -(?:[a-z]{2}|[0-9]{3}) )?
        (?: -(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}) )*
        (?: -[a-wyz0-9](?:-[a-z0-9]{2,8})+ )* (?: -x(?:-[a-z0-9]{1,8})+ )?
      | x(?:-[a-z0-9]{1,8})+
      | en-gb-oed | i-(?:ami|bnn|default|enochian|hak|klingon|lux|mingo|navajo|pwn|tao|tay|tsu)
      | sgn-(?:be-fr|be-nl|ch-de) | art-lojban | cel-gaulish | no-(?:bok|nyn) | zh-(?:guoyu|hakka|min|min-nan|xiang)""",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)


@lru_cache(maxsize=4096)
def is_well_formed(tag: str) -> bool:
    """Whether a language tag is well-formed (RFC 5646, 2.2.9), whether or not there is such a language."""
    return _TAG.fullmatch(tag) is not None


def clean(text: str) -> str:
    """A text with the characters of XML 1.0 only, its lines ended by line feeds (XML 1.0, 2.2 and 2.11)."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)


@lru_cache(maxsize=1 << 16)  # labels of codes and names of languages repeat
def quoted(text: str) -> Term:
    """A text in quotes: a literal without language, and the beginning of every other."""
    text = clean(text)
    if _SPECIAL.search(text):
        text = _SPECIAL.sub(lambda found: _ESCAPES[found[0]], text)
    return f'"{text}"'


def tagged(text: str, language: str | None) -> Term:
    """A text in its language; without one where the tag is absent or malformed."""
    return f"{quoted(text)}@{language}" if language and is_well_formed(language) else quoted(text)


def typed(lexical: str, datatype: str) -> Term:
    """A literal of a datatype of XML Schema, by its local name; the lexical form is taken as it is."""
    return f'"{lexical}"^^<{_XSD}{datatype}>'


def plain(text: str, _language: str | None = None) -> Term:
    """A text that is of no language: a code, a name of a program."""
    return quoted(text)


_INTEGER: Final = re.compile(r"0|-?[1-9][0-9]{0,17}")
_DECIMAL: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,15})\.[0-9]{1,12}")


def number(text: str, _language: str | None = None) -> Term:
    """A number as written, if it is a canonical xsd:integer or an xsd:decimal of moderate length; else a text."""
    if _INTEGER.fullmatch(text):
        return typed(text, "integer")
    return typed(text, "decimal") if _DECIMAL.fullmatch(text) and text == f"{Decimal(text):f}" else quoted(text)


def whole(text: str, _language: str | None = None) -> Term:
    """A count: xsd:nonNegativeInteger, else a text."""
    return typed(text, "nonNegativeInteger") if _INTEGER.fullmatch(text) and text[0] != "-" else quoted(text)


def double(text: str, _language: str | None = None) -> Term:
    """A measure: xsd:double, as what the disco vocabulary wants of percentages; else a text."""
    return typed(text, "double") if _INTEGER.fullmatch(text) or _DECIMAL.fullmatch(text) else quoted(text)


_TRUTH: Final = {"true": "true", "1": "true", "false": "false", "0": "false"}


def boolean(text: str, _language: str | None = None) -> Term:
    """xsd:boolean in its canonical form, else a text."""
    value = _TRUTH.get(text)
    return typed(value, "boolean") if value else quoted(text)


def truth(value: bool) -> Term:
    """xsd:boolean."""
    return typed("true" if value else "false", "boolean")


_YEAR = r"[0-9]{4}"
_ZONE = r"(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9])?"
# By lexical form: what names the type, and what proves that there is such a day or time.
_MOMENTS: Final[tuple[tuple[re.Pattern[str], str, Callable[[str], object]], ...]] = (
    (re.compile(rf"({_YEAR})"), "gYear", lambda text: date.fromisoformat(f"{text}-01-01")),
    (re.compile(rf"({_YEAR}-[0-9]{{2}})"), "gYearMonth", lambda text: date.fromisoformat(f"{text}-01")),
    (re.compile(rf"({_YEAR}-[0-9]{{2}}-[0-9]{{2}}){_ZONE}"), "date", date.fromisoformat),
    (
        re.compile(rf"({_YEAR}-[0-9]{{2}}-[0-9]{{2}}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}})(?:\.[0-9]{{1,6}})?{_ZONE}"),
        "dateTime",
        datetime.fromisoformat,
    ),
    (re.compile(r"([0-9]{2}:[0-9]{2}:[0-9]{2})"), "time", time.fromisoformat),
)


@lru_cache(maxsize=4096)
def moment(text: str, _language: str | None = None) -> Term:
    """A year, month, day or time by its lexical form, if the calendar has it; else a text."""
    for pattern, datatype, parse in _MOMENTS:
        if found := pattern.fullmatch(text):
            try:
                parse(found[1])
            except ValueError:
                break
            return typed(text, datatype)
    return quoted(text)


def instant(value: datetime) -> Term:
    """xsd:dateTime in UTC, to the second."""
    return typed(value.strftime("%Y-%m-%dT%H:%M:%SZ"), "dateTime")


def link(text: str, _language: str | None = None) -> Term:
    """A web address, if the text is an absolute one; else the text."""
    return address(text) or quoted(text)


def mailbox(text: str, _language: str | None = None) -> Term:
    """A mail address as ``mailto:``, else the text."""
    found = address(f"mailto:{text.strip().removeprefix('mailto:')}") if "@" in text else None
    return found or quoted(text)


# --- rdflib -----------------------------------------------------------------------------------------------------------

_LITERAL: Final = re.compile(r'"((?:[^"\\]|\\.)*)"(?:@([A-Za-z0-9-]+)|\^\^<([^>]*)>)?', re.DOTALL)
_ESCAPED: Final = re.compile(r"\\(.)")
_MEANT: Final = {"n": "\n", "r": "\r", "t": "\t"}


@lru_cache(maxsize=1 << 14)
def decode(term: Term) -> URIRef | Literal:
    """A term as rdflib has it; lexical forms stay as they are."""
    if term[0] == "<":
        return URIRef(term[1:-1])
    found = _LITERAL.fullmatch(term)
    assert found is not None, term
    text = _ESCAPED.sub(lambda escape: _MEANT.get(escape[1], escape[1]), found[1])
    if found[3] is None:
        return Literal(text, lang=found[2])
    return Literal(text, datatype=URIRef(found[3]), normalize=False)


def encode(term: URIRef | Literal) -> Term:
    """A term of rdflib in N-Triples' form."""
    if isinstance(term, URIRef):
        return f"<{term}>" if _FORBIDDEN.search(term) is None else address(str(term)) or f"<{_encoded(term)}>"
    if term.datatype is not None and term.datatype != URIRef(f"{_XSD}string"):
        return f"{quoted(str(term))}^^<{term.datatype}>"
    return tagged(str(term), term.language)
