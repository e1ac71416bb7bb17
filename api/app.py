"""The web application: the catalogue's routes, errors and pages put together."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from threading import Thread
from typing import Any

from anyio import CapacityLimiter
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from catalogue.service import Catalogue, open_catalogue
from catalogue.settings import Settings

from . import errors, rendering, values
from .reading import Answers, build_of, built_at
from .routes import crawlers, documents, fdp, items, linked, lists, oai, pages, search, sparql, vocabulary
from .security import CROSS_ORIGIN, Shield

DESCRIPTION = """Metadata of health cohorts in DDI-Lifecycle: cohorts, waves, questionnaires, questions, variables,
code lists and concepts. Reading is open to all; uploading needs a token. Lists are paged by cursor: follow `next` or
the `Link` header. Every error is a problem document (RFC 9457) with a `next_step`."""

TAGS = [
    {"name": "search", "description": "Everything by words and filters, with counts; what is meant while typing."},
    {"name": "items", "description": "One item: itself, its references in both directions, what stands inside it."},
    {"name": "lists", "description": "Items by kind, filtered by cohort, study and type."},
    {"name": "changes", "description": "What was published, changed and withdrawn, in order (Activity Streams 2.0)."},
    {"name": "documents", "description": "DDI documents: validate, submit, follow, and get back as received."},
]
_HEAVY = 2


class Static(StaticFiles):
    """Files whose addresses change with their content: kept by browsers for a year."""

    async def get_response(self, path: str, scope: MutableMapping[str, Any]) -> Response:
        """One file."""
        response = await super().get_response(path, scope)
        response.headers.setdefault("Cache-Control", f"public, max-age={rendering.YEAR}, immutable")
        return response


def create_app(catalogue: Catalogue) -> FastAPI:
    """The application over an open catalogue; it closes the catalogue when it stops."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        warming = Thread(target=catalogue.searching.warm, name="warming", daemon=True)
        warming.start()
        yield
        warming.join()
        catalogue.close()

    app = FastAPI(
        title="Cohort catalogue",
        version="1",
        description=DESCRIPTION,
        openapi_tags=TAGS,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    catalogue.searching.call_values(values.called)
    app.state.catalogue = catalogue
    app.state.answers = Answers()
    app.state.heavy = CapacityLimiter(_HEAVY)
    app.state.build = build_of(catalogue.settings)
    app.state.built = built_at()
    rendering.install(app, catalogue.settings)
    errors.install(app)
    app.add_middleware(Shield)
    app.add_middleware(CORSMiddleware, **CROSS_ORIGIN)
    app.mount("/static", Static(directory=rendering.FOLDER / "static"), name="static")
    for routes in (crawlers, fdp, search, items, lists, documents, oai, linked, sparql, vocabulary, pages):
        app.include_router(routes.router)
    deque(iter_route_contexts(app.routes), maxlen=0)  # FastAPI would build them all within the first request
    return app


def from_environment() -> FastAPI:
    """The application as ``CATALOGUE_*`` variables say, for ``uvicorn --factory``."""
    return create_app(open_catalogue(Settings()))
