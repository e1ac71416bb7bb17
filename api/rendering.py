"""From values to pages: one Jinja environment per language, and the headers that a page and its other forms share."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import CodeType, MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from fastapi import FastAPI, Request, Response
from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup, escape

from catalogue.model.contents import Representation
from catalogue.model.identity import Identification
from catalogue.model.report import Message
from catalogue.model.text import InternationalString, LocalizedText, primary_language
from catalogue.service import ItemSummary
from catalogue.settings import Settings

from . import listings
from .addresses import item_path, with_query
from .i18n import LANGUAGES, Locale, locale, typeset
from .negotiation import choose_language

FOLDER = Path(__file__).parent
COOKIE = "lang"
YEAR = 365 * 24 * 3600
REVALIDATE = "no-cache"
LONGEST_HEADER = 4096
"""Of one header that we make of what a client sends; many proxies take 8 kB of all together."""
VARY = "Accept, Accept-Language, Cookie"
_TAIL = re.compile(r"\s*[,:(]|\s+[-–—]\s")
NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Form:
    """Another form of the same page: what it is called, its path, its media type."""

    title: str
    path: str
    media_type: str


class Words:
    """What templates say values with, in one language. Every public method is a name in the templates."""

    def __init__(self, of: Locale, settings: Settings) -> None:
        self._locale = of
        self.lang = of.language
        self.base_url = settings.base_url.rstrip("/")
        self.prefix = prefix(settings)

    def text(self, value: InternationalString | LocalizedText | None) -> Markup:
        """The text in the page's language, else in another one, marked as such; empty when there is none."""
        best = value.best((self.lang,)) if isinstance(value, InternationalString) else value
        if best is None:
            return Markup("")
        language = primary_language(best.language)
        if language in (None, self.lang):
            return escape(best.text)
        return Markup('<span lang="{}">{}</span>').format(best.language, best.text)

    def plain(self, value: InternationalString) -> str:
        """The same without markup, for titles and attributes."""
        best = value.best((self.lang,))
        return best.text if best else ""

    def languages(self, value: InternationalString) -> list[LocalizedText]:
        """Every text, that of the page's language first."""
        return sorted(value, key=lambda one: primary_language(one.language) != self.lang)

    def others(self, value: InternationalString) -> list[LocalizedText]:
        """The texts that ``text`` does not show, each wording once."""
        best = value.best((self.lang,))
        return list({one.text: one for one in value if best is not None and one.text != best.text}.values())

    def in_language(self, values: Sequence[InternationalString]) -> list[InternationalString]:
        """Of texts that a source gives once per language, those in the page's; all when none is."""
        own = [one for one in values if any(primary_language(text.language) in (None, self.lang) for text in one)]
        return own or list(values)

    def title(self, summary: ItemSummary) -> Markup:
        """What a link to an item says."""
        return self.text(summary.label) or escape(summary.name or summary.identification.identifier)

    def short(self, summary: ItemSummary) -> Markup:
        """The beginning of a title, up to the first comma, dash or colon: what waves repeat of their cohort's."""
        return self.beginning(self.title(summary))

    def beginning(self, title: Markup) -> Markup:
        """A title up to its first comma, dash or colon."""
        return escape(_TAIL.split(title.striptags(), maxsplit=1)[0]) or title

    def wave_title(self, wave: ItemSummary, cohorts: Sequence[ItemSummary]) -> Markup:
        """A wave's title beside its cohort's: without the name of the cohort that it begins with."""
        title = self.title(wave)
        names = [self.short(one) for one in cohorts]
        head = next((name for name in names if title.startswith(name)), None)
        rest = _TAIL.sub("", title[len(head) :], count=1).strip() if head else ""
        return Markup(rest[:1].upper() + rest[1:]) if rest and _TAIL.match(title[len(head or "") :]) else title  # noqa: S704 - a tail of markup

    def said(self, message: Message) -> str:
        """A sentence of a report."""
        return typeset(message.in_language(self.lang), self.lang)

    def spaced(self, text: str) -> str:
        """A sentence with the spaces of the page's language."""
        return typeset(text, self.lang)

    def url(self, target: ItemSummary | Identification, extension: str = "", view: str = "") -> str:
        """The path of an item on this server."""
        identification = target if isinstance(target, Identification) else target.identification
        return self.prefix + item_path(identification, extension, view)

    def file(self, name: str) -> str:
        """The name of a file without its folders."""
        return name.rpartition("/")[2] or name

    def href(self, path: str, **parameters: object) -> str:
        """A path of this server, with its query."""
        return self.prefix + with_query(path, **parameters)

    def static(self, name: str) -> str:
        """The address of a static file; it changes with the content."""
        return f"{self.prefix}/static/{name}?v={fingerprint(name)}"

    def domain(self, representation: Representation) -> str:
        """A value domain in a few words: ``number, 0 to 120, years``."""
        parts = [self._locale.t(f"domain.{representation.kind}")]
        parts += [self._range(one.low, one.high) for one in representation.ranges]
        if representation.max_length:
            parts.append(self._locale.t("domain.length", n=representation.max_length))
        return ", ".join(part for part in [*parts, representation.unit, representation.format] if part)

    def _range(self, low: str | None, high: str | None) -> str:
        key = {(True, True): "both", (True, False): "low", (False, True): "high"}.get((bool(low), bool(high)))
        return self._locale.t(f"domain.range_{key}", low=low, high=high) if key else ""

    def names(self) -> dict[str, Any]:
        """The globals of a template environment."""
        own = {name: getattr(self, name) for name in dir(self) if not name.startswith("_") and name != "names"}
        said = ("t", "n", "number", "percent", "day", "period", "span", "term", "type_name", "language_name", "country")
        return {**own, **{name: getattr(self._locale, name) for name in said}}


def prefix(settings: Settings) -> str:
    """The path under which a proxy publishes the catalogue; empty at the root of a host."""
    return urlsplit(settings.base_url).path.rstrip("/")


@lru_cache
def fingerprint(name: str) -> str:
    """A short digest of a static file."""
    return hashlib.sha256((FOLDER / "static" / name).read_bytes()).hexdigest()[:10]


class _Compiled(BytecodeCache):
    """The code of the templates, compiled once in a process: it is the same in every language.

    What Jinja works out while it compiles is of constants and its own filters; words are looked up when a page is made.
    """

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._codes[bucket.key, bucket.checksum] = bucket.code


_COMPILED = _Compiled()


def environments(settings: Settings) -> dict[str, Environment]:
    """One environment per language, every template compiled."""
    return {language: _environment(Words(locale(language), settings)) for language in LANGUAGES}


def _environment(words: Words) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        bytecode_cache=_COMPILED,
    )
    environment.globals.update(words.names(), languages_of_pages=tuple(LANGUAGES), listings=listings.LISTINGS)
    environment.filters["domain_words"] = words.domain
    for name in environment.list_templates():
        environment.get_template(name)
    return environment


def install(app: FastAPI, settings: Settings) -> None:
    """Give the application its environments."""
    app.state.environments = environments(settings)


def language_of(request: Request) -> str:
    """The language of the page: of the address, else of the cookie, else of the browser, else of the settings."""
    for asked in (request.query_params.get("lang"), request.cookies.get(COOKIE)):
        if asked in LANGUAGES:
            return str(asked)
    default = request.app.state.catalogue.settings.default_language
    return choose_language(request.headers.get("accept-language"), tuple(LANGUAGES), default)


def link_header(base_url: str, canonical: str | None, forms: Sequence[Form]) -> str:
    """The Link header (RFC 8288) that names the canonical address and the other forms.

    Empty where a long question would make it longer than clients and proxies take; the page itself has the links.
    """
    links = [f'<{base_url}{canonical}>; rel="canonical"'] if canonical else []
    links += [f'<{base_url}{form.path}>; rel="alternate"; type="{form.media_type}"' for form in forms]
    header = ", ".join(links)
    return header if len(header) <= LONGEST_HEADER else ""


def switches(request: Request, one_language: Sequence[str] = ()) -> dict[str, str]:
    """The address of this page in each language, without the parameters that hold in one language only."""
    left = {"lang", *one_language}
    kept = [(name, value) for name, value in request.query_params.multi_items() if name not in left]
    path = request.scope["raw_path"].decode("ascii", "replace")
    return {language: with_query(path, **_gathered([*kept, ("lang", language)])) for language in LANGUAGES}


def _gathered(pairs: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    gathered: dict[str, list[str]] = {}
    for name, value in pairs:
        gathered.setdefault(name, []).append(value)
    return gathered


def render(
    request: Request,
    template: str,
    context: Mapping[str, Any] = NOTHING,
    *,
    status: int = 200,
    canonical: str | None = None,
    forms: Sequence[Form] = (),
    headers: Mapping[str, str] = NOTHING,
    one_language: Sequence[str] = (),
) -> Response:
    """A page in the reader's language, with its other forms in the Link header; see ``switches``."""
    language = language_of(request)
    app = request.app
    page = app.state.environments[language].get_template(template)
    switch = switches(request, one_language)
    body = page.render(forms=forms, canonical=canonical, switch=switch, path=request.url.path, **context)
    links = link_header(app.state.catalogue.settings.base_url.rstrip("/"), canonical, forms)
    own = {"Vary": VARY, "Content-Language": language, "Cache-Control": REVALIDATE}
    response = conditional(
        request, body.encode(), "text/html", {**own, **({"Link": links} if links else {}), **headers}, status
    )
    if request.query_params.get("lang") == language:
        path = prefix(app.state.catalogue.settings) or "/"
        response.set_cookie(COOKIE, language, max_age=YEAR, samesite="lax", path=path)
    return response


def known_tags(request: Request) -> set[str]:
    """The ETags of the answers that the client has."""
    return {one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")}


def conditional(
    request: Request, body: bytes, media_type: str, headers: Mapping[str, str], status: int = 200
) -> Response:
    """The body with a strong ETag, or 304 when the client has it already.

    The tag is that of the request, made before the answer (``reading.state_tag``), else a digest of the body: of what
    outlives the state, whose tag is set to "", and of what follows the state later and is not kept, whose tag is None.
    """
    tag = getattr(request.state, "tag", None) or f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    if status == 200 and known_tags(request) & {tag, "*"}:
        return Response(status_code=304, headers={**headers, "ETag": tag})
    return Response(body, status, headers={**headers, "ETag": tag} if status == 200 else headers, media_type=media_type)
