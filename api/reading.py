"""Reading the catalogue for one request: from one state of it, and not at all when the client knows the answer."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import wraps
from inspect import getfile, iscoroutinefunction
from pathlib import Path
from threading import Lock
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.responses import StreamingResponse

from catalogue.service import Catalogue
from catalogue.settings import Settings

from .addresses import API
from .rendering import FOLDER, REVALIDATE, VARY, known_tags, language_of

_SOURCES = (FOLDER, Path(getfile(Catalogue)).parent)
_MADE_OF = (".py", ".html", ".toml", ".json", ".css", ".js", ".svg")
# Together at most 64 MB of answers.
_MOST_KEPT = 512
_LARGEST_KEPT = 128 * 1024
_HEADERS = {"cache-control": REVALIDATE, "vary": VARY}


def store_state(source: Catalogue) -> str:
    """What the answers of most routes depend on."""
    return f"{source.state()} {source.harvesters.cohorts_state()}"


def search_state(source: Catalogue) -> str:
    """What a search depends on: the store, and what the index holds of it."""
    index = source.searching.state()
    return f"{source.state()} {index.health} {index.generation} {index.documents} {index.done} {index.total}"


class Reading(APIRoute):
    """A route whose endpoint, when it is no coroutine, reads from one snapshot of the catalogue."""

    state_of = staticmethod(store_state)

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        reads = endpoint if iscoroutinefunction(endpoint) else _in_snapshot(endpoint, self.state_of)
        super().__init__(path, reads, **options)


class Searching(Reading):
    """A route whose endpoint also asks the search index."""

    state_of = staticmethod(search_state)


class Answers:
    """The latest answers by their ETag, which changes with the state of the catalogue: popular pages are made once."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Response] = OrderedDict()
        self._lock = Lock()

    def get(self, tag: str) -> Response | None:
        """The answer that was made under this tag, if it is still kept."""
        with self._lock:
            found = self._kept.get(tag)
            if found is not None:
                self._kept.move_to_end(tag)
            return found

    def keep(self, tag: str, answer: Response) -> Response:
        """The answer; kept if it is a whole and not too large."""
        whole = answer.status_code == 200 and not isinstance(answer, StreamingResponse)
        if whole and len(answer.body) <= _LARGEST_KEPT:
            answer.headers.setdefault("ETag", tag)
            with self._lock:
                self._kept[tag] = answer
                while len(self._kept) > _MOST_KEPT:
                    self._kept.popitem(last=False)
        return answer


def _in_snapshot(endpoint: Callable[..., Response], state: Callable[[Catalogue], str]) -> Callable[..., Response]:
    dated = state is store_state  # nobody notes when an index changed

    @wraps(endpoint)
    def read(request: Request, **values: Any) -> Response:
        source: Catalogue = request.app.state.catalogue
        with source.snapshot():
            request.state.tag = tag = state_tag(request, source, state)
            if tag is None or _remembers_language(request) or request.method != "GET":
                return endpoint(request=request, **values)
            answers: Answers = request.app.state.answers
            kept = answers.get(tag)
            if kept is not None and "if-modified-since" not in request.headers:  # its date stands on it
                return _unless_known(request, kept, tag)
            changed = last_modified(request, source) if dated else None
            own = {"Last-Modified": format_datetime(changed, usegmt=True)} if changed else {}
            if known_tags(request) & {tag, "*"} or (changed and not_since(request, changed)):
                return Response(status_code=304, headers={**_HEADERS, "ETag": tag, **own})
            if kept is not None:
                return _unless_known(request, kept, tag)
            answer = endpoint(request=request, **values)
            if request.state.tag is None:  # it follows the state later: the date of the state is not its own
                return answer
            if answer.status_code in (200, 304):
                answer.headers.update(own)
            return answers.keep(tag, answer)

    return read


def _remembers_language(request: Request) -> bool:
    """Whether the answer may set a cookie: a page whose address chooses the language does."""
    return "lang" in request.query_params and not request.url.path.startswith(API)


def _unless_known(request: Request, kept: Response, tag: str) -> Response:
    """A kept answer, or 304 where the client has it: under this tag or one of its own (``rendering.conditional``)."""
    if not known_tags(request) & {tag, kept.headers["ETag"], "*"}:
        return kept
    own = {name: value for name, value in kept.headers.items() if name not in ("content-length", "content-type")}
    return Response(status_code=304, headers={**_HEADERS, **own})


def last_modified(request: Request, source: Catalogue) -> datetime:
    """When an answer can last have changed: with the catalogue, or with the program. Whole seconds."""
    built: datetime = request.app.state.built
    return max(built, source.harvesters.changed_at() or built).replace(microsecond=0)


def not_since(request: Request, changed: datetime) -> bool:
    """Whether the client has seen it since, by its date alone (RFC 9110, 13.1.3: a known tag counts more)."""
    if "if-none-match" in request.headers:
        return False
    since = email_date(request.headers.get("if-modified-since", ""))
    return since is not None and changed <= since


def email_date(text: str) -> datetime | None:
    """A date of HTTP, or None for what is none."""
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def state_tag(request: Request, source: Catalogue, state: Callable[[Catalogue], str] = store_state) -> str | None:
    """A strong ETag that is known before the answer is made: what was asked, of which state, of which program.

    What everybody sees changes with the state of the catalogue (a search: also with that of its index), and only then.
    None for the bearer of a token, who sees drafts too.
    """
    if "authorization" in request.headers:
        return None
    accepted = (request.headers.get(name, "").encode() for name in ("accept", "accept-profile"))
    asked = [request.scope["raw_path"], request.scope["query_string"], *accepted]
    of = f"{request.app.state.build} {state(source)} {language_of(request)}"
    return f'"{hashlib.blake2b(b" ".join([of.encode(), *asked]), digest_size=12).hexdigest()}"'


def build_of(settings: Settings) -> str:
    """A digest of the program and of the settings that its answers depend on."""
    digest = hashlib.blake2b(f"{settings.base_url} {settings.default_language}".encode(), digest_size=12)
    for file in sorted(_files()):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def built_at() -> datetime:
    """When the newest file of the program was written."""
    return datetime.fromtimestamp(max(file.stat().st_mtime for file in _files()), UTC)


def _files() -> Iterator[Path]:
    for folder in _SOURCES:
        yield from (file for file in folder.rglob("*") if file.suffix in _MADE_OF)
