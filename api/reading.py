"""Reading the catalogue for one request: from one state of it, and not at all when the client knows the answer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from functools import wraps
from inspect import getfile, iscoroutinefunction
from pathlib import Path
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from catalogue.service import Catalogue
from catalogue.settings import Settings

from .rendering import FOLDER, REVALIDATE, VARY, known_tags, language_of

_SOURCES = (FOLDER, Path(getfile(Catalogue)).parent)
_MADE_OF = (".py", ".html", ".toml", ".json", ".css", ".js", ".svg")
_HEADERS = {"Cache-Control": REVALIDATE, "Vary": VARY}


class Reading(APIRoute):
    """A route whose endpoint, when it is no coroutine, reads from one snapshot of the catalogue."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint if iscoroutinefunction(endpoint) else _in_snapshot(endpoint), **options)


def _in_snapshot(endpoint: Callable[..., Response]) -> Callable[..., Response]:
    @wraps(endpoint)
    def read(request: Request, **values: Any) -> Response:
        source: Catalogue = request.app.state.catalogue
        with source.snapshot():
            request.state.tag = tag = state_tag(request, source)
            if tag is not None and tag in known_tags(request) and "lang" not in request.query_params:
                return Response(status_code=304, headers={**_HEADERS, "ETag": tag})
            return endpoint(request=request, **values)

    return read


def state_tag(request: Request, source: Catalogue) -> str | None:
    """A strong ETag that is known before the answer is made: what was asked, of which state, of which program.

    What everybody sees changes when a revision is published, and only then. None for the bearer of a token, who sees
    drafts too.
    """
    if "authorization" in request.headers:
        return None
    published = source.documents(limit=1)
    newest = published.items[0].id if published.items else ""
    asked = [request.scope["raw_path"], request.scope["query_string"], request.headers.get("accept", "").encode()]
    state = f"{request.app.state.build} {published.total} {newest} {language_of(request)}"
    return f'"{hashlib.blake2b(b" ".join([state.encode(), *asked]), digest_size=12).hexdigest()}"'


def build_of(settings: Settings) -> str:
    """A digest of the program and of the settings that its answers depend on."""
    digest = hashlib.blake2b(f"{settings.base_url} {settings.default_language}".encode(), digest_size=12)
    for file in sorted(_files()):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _files() -> Iterator[Path]:
    for folder in _SOURCES:
        yield from (file for file in folder.rglob("*") if file.suffix in _MADE_OF)
