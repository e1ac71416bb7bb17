"""From exception to answer: one table, one JSON shape (RFC 9457), one page."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from catalogue.errors import CatalogueError, IndexUnavailableError, UnauthorizedError
from catalogue.model.report import Message

from .i18n import locale
from .methods import allowed
from .negotiation import HTML, ITEM_FORMATS, SEARCH_FORMATS, by_extension, preferences
from .rendering import VARY, language_of, render
from .security import HEADERS
from .unready import RETRY, lost

PROBLEM_JSON = "application/problem+json"
HELP = "/help/errors"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong with a request, for machines and for people.

    Attributes:
        code: stable name; the tail of ``type`` and the key of the localised sentences.
        language: of title, detail and next step.
        said, remedy: detail and next step in French and English, for pages; None where the detail is for the
            administrator alone, and where the next step is that of the code.
        outcomes: of an upload that was refused or conflicts: what became of each document.
    """

    status: int
    code: str
    title: str
    detail: str
    next_step: str
    headers: Mapping[str, str] = field(default_factory=dict)
    outcomes: Sequence[Mapping[str, Any]] = ()
    language: str = "en"
    said: Message | None = None
    remedy: Message | None = None

    def told(self, language: str) -> str:
        """What went wrong, to readers of a language; empty where nobody has said it in theirs."""
        if self.said is not None:
            return self.said.in_language(language)
        return self.detail if language == self.language else ""

    def as_dict(self, base_url: str, instance: str) -> dict[str, Any]:
        """The members of the problem document."""
        members = {
            "type": f"{base_url}{HELP}#{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
            "code": self.code,
            "next_step": self.next_step,
        }
        return {**members, "outcomes": self.outcomes} if self.outcomes else members


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the framework itself refuses, by status."""

    code: str
    title: str
    next_step: str
    said: Message


REFUSALS: Mapping[int, Refusal] = {
    400: Refusal(
        "usage",
        "The request is not well formed",
        "Correct the request and send it again.",
        Message("La demande ne peut pas être lue.", "The request cannot be read."),
    ),
    404: Refusal(
        "not-found",
        "Not found",
        "Check the address, or start from the home page.",
        Message("Il n’y a pas de page à cette adresse.", "There is no page at this address."),
    ),
    405: Refusal(
        "method-not-allowed",
        "This method is not allowed here",
        "Use a method that the Allow header lists.",
        Message("Cette adresse ne répond pas à cette méthode.", "This address does not answer this method."),
    ),
    416: Refusal(
        "range-not-satisfiable",
        "There are no such bytes",
        "Ask for a range within the length that Content-Range names.",
        Message("La plage demandée est hors du fichier.", "The range asked for is outside of the file."),
    ),
    500: Refusal(
        "internal",
        "The catalogue failed",
        "Try again; if it fails again, tell the administrator when it happened.",
        Message(
            "Une erreur inattendue s’est produite ; elle est dans le journal.",
            "An unexpected error occurred; it has been logged.",
        ),
    ),
}


def of_catalogue_error(error: Exception) -> Problem:
    """Each class of the catalogue's tree knows its status, code and next step."""
    assert isinstance(error, CatalogueError)
    headers = {"WWW-Authenticate": 'Bearer realm="catalogue"'} if isinstance(error, UnauthorizedError) else {}
    return Problem(
        error.http_status,
        error.code,
        error.title,
        error.message,
        error.next_step,
        headers,
        said=error.said,
        remedy=error.remedy,
    )


def in_language(request: Request, problem: Problem) -> Problem:
    """A problem of the search index, which any reader can meet, in the reader's language and with how the index is.

    What is wrong with it is for the administrator, and in the log.
    """
    if problem.code != IndexUnavailableError.code:
        return problem
    language = language_of(request)
    of = locale(language)
    _log.warning("search cannot answer: %s %s", problem.detail, problem.next_step)
    return replace(
        problem,
        title=of.t("error.index-unavailable.title"),
        detail=lost(request.app.state.catalogue.searching.state(), language),
        next_step=of.t("error.index-unavailable.next"),
        headers={**problem.headers, **RETRY},
        language=language,
        said=None,
        remedy=None,
    )


def of_http_exception(error: Exception) -> Problem:
    """The framework's own refusals: no such path, no such method, a body that cannot be parsed.

    In English its own words say more, unless they are the name of the status.
    """
    assert isinstance(error, HTTPException)
    row, detail = REFUSALS.get(error.status_code, REFUSALS[400]), str(error.detail)
    said = row.said if detail == HTTPStatus(error.status_code).phrase else replace(row.said, en=detail)
    headers = error.headers or {}
    return Problem(error.status_code, row.code, row.title, detail, row.next_step, headers, said=said)


def of_validation_error(error: Exception) -> Problem:
    """A parameter that is missing or out of bounds."""
    assert isinstance(error, RequestValidationError)
    faults = [(".".join(map(str, one["loc"][1:])), one) for one in error.errors()]
    wrong = [(name, _WRONG.get(one["type"], _UNFIT), one.get("ctx", {})) for name, one in faults]
    french = " ; ".join(f"{name} : {said.fr.format(**limits)}" for name, said, limits in wrong)
    english = "; ".join(f"{name}: {said.en.format(**limits)}" for name, said, limits in wrong)
    row = REFUSALS[400]
    return Problem(400, row.code, row.title, english, row.next_step, said=Message(french, english))


# What is wrong with a parameter, by the framework's name for it.
_UNFIT = Message("cette valeur ne convient pas", "this value does not fit")
_WRONG = {
    "missing": Message("il faut une valeur", "a value is needed"),
    "int_parsing": Message("il faut un nombre entier", "a whole number is needed"),
    "greater_than_equal": Message("il faut au moins {ge}", "at least {ge} is needed"),
    "less_than_equal": Message("il faut au plus {le}", "at most {le} is allowed"),
    "bool_parsing": Message("il faut oui ou non (true, false)", "yes or no is needed (true, false)"),
}


def of_failure(_: Exception) -> Problem:
    """Anything else is a fault of the program; its details stay in the log."""
    row = REFUSALS[500]
    return Problem(500, row.code, row.title, row.said.en, row.next_step, HEADERS, said=row.said)


TABLE: Mapping[type[Exception], Callable[[Exception], Problem]] = {
    CatalogueError: of_catalogue_error,
    RequestValidationError: of_validation_error,
    HTTPException: of_http_exception,
    Exception: of_failure,
}
"""The one table from exception to answer."""


def wants_page(request: Request) -> bool:
    """Whether the error is shown as a page: outside the API, to who names HTML among what is accepted."""
    path = request.url.path
    known = (*ITEM_FORMATS, *SEARCH_FORMATS)
    if path.startswith("/api/") or by_extension(path.rpartition("/")[2], known)[1] not in (None, HTML):
        return False
    named = {one.value: one.quality for one in preferences(request.headers.get("accept"))}
    return named.get("text/html", 0) > named.get("application/json", 0)


def respond(request: Request, problem: Problem) -> Response:
    """The problem as a page or as a problem document."""
    if wants_page(request):
        if not problem.told(language_of(request)):  # what cannot be said to readers is for the administrator
            _log.warning("%s: %s %s", problem.code, problem.detail, problem.next_step)
        return render(request, "error.html", {"problem": problem}, status=problem.status, headers=problem.headers)
    base_url = request.app.state.catalogue.settings.base_url.rstrip("/")
    body = orjson.dumps(problem.as_dict(base_url, request.url.path))
    own = {"Cache-Control": "no-store", "Vary": VARY, "Content-Language": problem.language}
    headers = {**problem.headers, **own}
    return Response(body, problem.status, headers=headers, media_type=PROBLEM_JSON)


def install(app: FastAPI) -> None:
    """Register the table."""
    for kind, convert in TABLE.items():
        app.add_exception_handler(kind, _handler(convert))


def _handler(convert: Callable[[Exception], Problem]) -> Callable[[Request, Exception], Response]:
    def handle(request: Request, error: Exception) -> Response:
        problem = convert(error)
        if problem.status != 405:
            return respond(request, in_language(request, problem))
        headers = {"Allow": ", ".join(allowed(request))}
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=headers)
        return respond(request, replace(problem, headers=headers))

    return handle
