"""OAI-PMH 2.0 at ``/oai``: arguments in the address or in a form, a document out, compressed for who takes it so."""

from __future__ import annotations

import gzip
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from catalogue.errors import UsageError
from catalogue.service import OAI_ADDRESS, Catalogue

from ..i18n import LANGUAGES, locale
from ..negotiation import preferences, quality_of
from ..rendering import REVALIDATE, conditional, language_of, prefix

router = APIRouter()

FORM = "application/x-www-form-urlencoded"
_MEDIA_TYPE = "text/xml; charset=utf-8"
_LONGEST = 64 * 1024  # bytes of arguments
_WORTH_IT = 1024  # bytes from which on a response is compressed
_FAST = 3
_STYLESHEET = "oai.xsl"
_XSLT = "application/xslt+xml"


@router.api_route(OAI_ADDRESS, methods=["GET", "POST"], include_in_schema=False)
async def oai(request: Request) -> Response:
    """Any verb. Errors of the protocol are in the document; the status is 200 (section 3.1.2.1)."""
    pairs = parse_qsl(await _arguments(request), keep_blank_values=True)
    return await run_in_threadpool(_answer, request, pairs)


async def _arguments(request: Request) -> str:
    """Percent-encoded, from where the method puts them (section 3.1.1); what is no form has none.

    Raises:
        UsageError: there are more than any request can have.
    """
    if request.method != "POST":
        return request.url.query
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        return ""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _LONGEST:
            raise UsageError("The form is too long.", next_step="Send the arguments of one OAI-PMH request.")
    return body.decode("ascii", "replace")


def _answer(request: Request, pairs: list[tuple[str, str]]) -> Response:
    source: Catalogue = request.app.state.catalogue
    settings = source.settings
    name = locale(settings.default_language).t("site.name")
    stylesheet = f"{prefix(settings)}{OAI_ADDRESS}/{language_of(request)}.xsl"
    body = source.harvesters.harvest(pairs, name, stylesheet)
    headers = {"Vary": "Accept-Encoding, Accept-Language, Cookie", "Cache-Control": "no-store"}
    if len(body) >= _WORTH_IT and quality_of("gzip", preferences(request.headers.get("accept-encoding"))):
        body, headers["Content-Encoding"] = gzip.compress(body, _FAST), "gzip"
    return Response(body, headers=headers, media_type=_MEDIA_TYPE)


def _in_language(language: str) -> None:
    @router.get(f"{OAI_ADDRESS}/{language}.xsl", include_in_schema=False)
    def stylesheet(request: Request) -> Response:
        """What a browser makes a page of a response with, in the words of one language."""
        body = request.app.state.environments[language].get_template(_STYLESHEET).render()
        return conditional(request, body.encode(), _XSLT, {"Cache-Control": REVALIDATE})


for _language in LANGUAGES:
    _in_language(_language)
