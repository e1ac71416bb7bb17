"""OAI-PMH 2.0, ``/oai``: arguments in the address or in a form, a document out, compressed for who takes it so, or the
same as a page for who asks as browsers do."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from catalogue.errors import UsageError
from catalogue.model.report import Message
from catalogue.service import OAI_ADDRESS, Catalogue

from ..i18n import locale
from ..negotiation import is_browser, takes_gzip
from ..oai_page import read_response
from ..rendering import language_of, render

router = APIRouter()

FORM = "application/x-www-form-urlencoded"
_MEDIA_TYPE = "text/xml; charset=utf-8"
_LONGEST = 64 * 1024  # bytes of arguments
_WORTH_IT = 1024  # bytes from which on a response is compressed
_FAST = 3
_OF_PAGES = "lang"  # the argument by which every page changes its language; the protocol has none of that name
_UNKEPT = {"Cache-Control": "no-store"}


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
            raise UsageError(
                Message(
                    "Le formulaire est trop long.",
                    "The form is too long.",
                ),
                next_step=Message(
                    "Envoyez les arguments d’une seule requête OAI-PMH.",
                    "Send the arguments of one OAI-PMH request.",
                ),
            )
    return body.decode("ascii", "replace")


def _answer(request: Request, pairs: Sequence[tuple[str, str]]) -> Response:
    as_page = request.method != "POST" and is_browser(request.headers.get("accept"))
    asked = [pair for pair in pairs if pair[0] != _OF_PAGES] if as_page else pairs
    source: Catalogue = request.app.state.catalogue
    name = locale(source.settings.default_language).t("site.name")
    body = source.harvesters.harvest(asked, name, language_of(request) if as_page else "en")
    return _page(request, asked, body) if as_page else _document(request, body)


def _page(request: Request, asked: Sequence[tuple[str, str]], body: bytes) -> Response:
    base_url = request.app.state.catalogue.settings.base_url.rstrip("/")
    address = f"{base_url}{OAI_ADDRESS}?{urlencode(asked)}"
    return render(request, "oai.html", {"page": read_response(body), "address": address}, headers=_UNKEPT)


def _document(request: Request, body: bytes) -> Response:
    headers = {"Vary": "Accept, Accept-Encoding", **_UNKEPT}
    if len(body) >= _WORTH_IT and takes_gzip(request.headers.get("accept-encoding")):
        body, headers["Content-Encoding"] = gzip.compress(body, _FAST), "gzip"
    return Response(body, headers=headers, media_type=_MEDIA_TYPE)
