"""Documents: validate and submit them, follow their revisions, get them back as they came."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse

from catalogue.model.report import IngestOutcome, Status, ValidationReport
from catalogue.service import Catalogue, Source, Validator

from .. import schemas
from ..addresses import API
from ..errors import Problem, respond
from ..i18n import LANGUAGES, locale
from ..negotiation import HTML, JSON, negotiate
from ..reading import Reading
from ..rendering import VARY, Form, known_tags, render
from ..security import may_see_drafts, require_token
from ..tables import fault_groups, totals
from ..uploads import FIELD, FORM, RAW, Upload, in_turn, receive_upload
from .common import PROBLEMS, CatalogueOf, Cursor, Limit, answers, send, send_page, wire

router = APIRouter(route_class=Reading)

Drafts = Annotated[bool, Depends(may_see_drafts)]
REPORT_FORMATS = (HTML, JSON)

# Worst first: the answer to an archive is that of its worst document.
_RANKED: Sequence[tuple[Status, int]] = (
    (Status.REFUSED, 422),
    (Status.CONFLICT, 409),
    (Status.PUBLISHED, 201),
    (Status.DRAFT, 201),
    (Status.UNCHANGED, 200),
)
_FAILURES = {
    422: ("invalid-document", "The document is not valid", "Read the violations, mend the document and send it again."),
    409: (
        "conflict",
        "Published items have other content under the same identification",
        "Give the changed items a new version, or correct their content, then send the document again.",
    ),
}
_AFTER_DRAFT = {True: "draft", False: "draft_invalid", None: "draft_unchecked"}
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_FORM_BODY = {
    "schema": {"type": "object", "required": [FIELD], "properties": {FIELD: {"type": "string", "format": "binary"}}}
}
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "A DDI-Lifecycle document or a zip archive of some, raw or in the form field `file`.",
        "content": {**dict.fromkeys(RAW, _BINARY), FORM: _FORM_BODY},
    }
}


@router.get(
    f"{API}/documents",
    tags=["documents"],
    summary="Document revisions",
    **answers(schemas.DocumentPage, "Revisions, newest first; drafts only for the bearer of the token."),
)
def api_documents(
    request: Request, catalogue: CatalogueOf, drafts: Drafts, cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """Every state of every document, with its receipt."""
    page = catalogue.documents(include_drafts=drafts, cursor=cursor, limit=limit)
    return send_page(request, page, wire(request).revision, page.total, page.next_cursor)


@router.post(
    f"{API}/documents",
    tags=["documents"],
    summary="Submit a document",
    dependencies=[Depends(require_token)],
    openapi_extra=BODY,
    responses={
        200: {"model": schemas.Outcome | list[schemas.Outcome], "description": "Unchanged: the same bytes are there."},
        201: {"model": schemas.Outcome | list[schemas.Outcome], "description": "Stored. An archive gives a list."},
        409: {"model": schemas.Problem, "description": "Published items have other content; see `outcomes`."},
        422: {"model": schemas.Problem, "description": "Refused; `outcomes` has the violations."},
        **PROBLEMS,
    },
)
async def submit(
    request: Request,
    draft: Annotated[bool, Query(description="Store without publishing.")] = False,
    cohort: Annotated[str | None, Query(description="Cohort of a document that names none, as in lists.")] = None,
    accept_invalid: Annotated[bool, Query(description="Publish although the schema rejects it.")] = False,
) -> Response:
    """Validate, store and publish; each document wholly or not at all. The same bytes again change nothing.

    What its schema rejects is stored as a draft (`status` says so) unless `accept_invalid` is set.
    """
    upload = await receive_upload(request)
    catalogue: Catalogue = request.app.state.catalogue

    def work() -> list[IngestOutcome]:
        return [
            catalogue.submit_source(one, draft=draft, cohort=cohort, accept_invalid=accept_invalid)
            for one in catalogue.sources(upload.data, upload.name)
        ]

    return _answer(request, upload, await in_turn(request, work))


def _answer(request: Request, upload: Upload, outcomes: Sequence[IngestOutcome]) -> Response:
    found = {outcome.status for outcome in outcomes}
    status = next(code for kind, code in _RANKED if kind in found)
    written = [{**outcome.as_dict(), "next_step": next_step(outcome)} for outcome in outcomes]
    if status in _FAILURES:
        return respond(request, _failure(status, outcomes, written))
    return send(request, written if upload.is_archive else written[0], status=status)


def next_step(outcome: IngestOutcome) -> dict[str, str]:
    """What to do after a submission, in each language."""
    key = _AFTER_DRAFT[outcome.report.xsd_valid] if outcome.status is Status.DRAFT else str(outcome.status)
    return {language: locale(language).t(f"outcome.{key}", document=outcome.document) for language in LANGUAGES}


def _failure(status: int, outcomes: Sequence[IngestOutcome], written: Sequence[dict[str, Any]]) -> Problem:
    code, title, next_step = _FAILURES[status]
    failed = [one for one in outcomes if one.status in (Status.REFUSED, Status.CONFLICT)]
    first = next((violation.message.en for one in failed for violation in one.report.errors), title + ".")
    return Problem(status, code, title, f"{failed[0].file}: {first}", next_step, outcomes=written)


@router.post(
    f"{API}/validate",
    tags=["documents"],
    summary="Validate a document",
    openapi_extra=BODY,
    **answers(schemas.Report, "The report; a list of reports for an archive. Nothing is stored."),
)
async def api_validate(request: Request) -> Response:
    """What is wrong with a document, where, why and how to mend it. Needs no token; the size is limited."""
    upload = await receive_upload(request)
    reports = [report.as_dict() for report in await in_turn(request, lambda: _reports(request, upload))]
    return send(request, reports if upload.is_archive else reports[0])


def _reports(request: Request, upload: Upload) -> list[ValidationReport]:
    catalogue: Catalogue = request.app.state.catalogue
    return [_report(catalogue, one) for one in catalogue.sources(upload.data, upload.name)]


def _report(catalogue: Catalogue, source: Source) -> ValidationReport:
    if source.error is not None:
        return Validator(catalogue.settings).validate_source(source)
    return catalogue.validate(source.data, source.name)


@router.get(
    f"{API}/documents/{{document}}",
    tags=["documents"],
    summary="One document revision",
    **answers(schemas.DocumentReach, "The revision with its receipt, and how much of it is found."),
)
def api_document(request: Request, catalogue: CatalogueOf, drafts: Drafts, document: str) -> Response:
    """What was found in the document, stored, merged with identical twins, and refused, by type."""
    request.state.tag = None  # search and RDF follow later than the state
    found = catalogue.document(document, include_drafts=drafts)
    reach = catalogue.reach(document)
    return send(request, {**wire(request).revision(found), "indexed": reach.indexed, "in_rdf": reach.in_rdf})


@router.post(
    f"{API}/documents/{{document}}/deprecation",
    tags=["documents"],
    summary="Deprecate a published document",
    dependencies=[Depends(require_token)],
    **answers(schemas.Document, "The revision, deprecated."),
)
def api_deprecate(request: Request, catalogue: CatalogueOf, document: str) -> Response:
    """What only this document stands for leaves lists and search; every address stays and says so."""
    return send(request, wire(request).revision(catalogue.deprecate(document)))


@router.get(
    f"{API}/documents/{{document}}/report",
    tags=["documents"],
    summary="Validation report of a document",
    **answers(schemas.Report, "The report; as a page for who asks for HTML."),
)
def api_report(request: Request, catalogue: CatalogueOf, drafts: Drafts, document: str) -> Response:
    """The report that was made when the document came in."""
    report = catalogue.report(document, include_drafts=drafts)
    if negotiate(request.headers.get("accept"), REPORT_FORMATS[::-1])[0] is HTML:
        return report_page(request, [report], twin=f"{API}/documents/{document}/report")
    return send(request, report.as_dict(), headers={"Vary": VARY})


def report_page(
    request: Request, reports: Sequence[ValidationReport], *, twin: str | None = None, after: str | None = None
) -> Response:
    """Reports in plain words, and after a validation what to do next."""
    forms = (Form("JSON", twin, JSON.media_type),) if twin else ()
    grouped = [(report, fault_groups(report)) for report in reports]
    faulty = sum(1 for report in reports if report.errors)
    return render(request, "report.html", {"reports": grouped, "faulty": faulty, "after": after}, forms=forms)


def after_validation(reports: Sequence[ValidationReport]) -> str:
    """Which next step the page of a validation names."""
    if any(report.errors for report in reports):
        return "mend"
    return "submit" if all(report.xsd_valid for report in reports) else "install"


@router.get(
    f"{API}/documents/{{document}}/source",
    tags=["documents"],
    summary="The document as received",
    responses={
        200: {"description": "The same bytes.", "content": {"application/xml": _BINARY, "application/zip": _BINARY}},
        **PROBLEMS,
    },
    response_class=StreamingResponse,
)
def api_source(request: Request, catalogue: CatalogueOf, drafts: Drafts, document: str) -> Response:
    """The bytes as they came in, to the last one."""
    revision = catalogue.document(document, include_drafts=drafts)
    name = revision.file_name.rpartition("/")[2]
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Length": str(revision.size),
        "ETag": f'"{revision.sha256}"',
    }
    if known_tags(request) & {headers["ETag"], "*"}:
        return Response(status_code=304, headers={"ETag": headers["ETag"]})
    source = catalogue.source(document, include_drafts=drafts)
    return StreamingResponse(source, media_type="application/xml", headers=headers)


# --- pages ------------------------------------------------------------------------------------------------------------


@router.get("/documents", include_in_schema=False)
def page_documents(request: Request, catalogue: CatalogueOf, cursor: Cursor = None) -> Response:
    """The published revisions."""
    page = catalogue.documents(cursor=cursor)
    forms = (Form("JSON", f"{API}/documents", JSON.media_type),)
    return render(request, "documents.html", {"page": page}, canonical="/documents", forms=forms)


@router.get("/documents/{document}", include_in_schema=False)
def page_document(request: Request, catalogue: CatalogueOf, document: str) -> Response:
    """One revision: receipt and report."""
    revision = catalogue.document(document)
    report = catalogue.report(document)
    forms = (
        Form("JSON", f"{API}/documents/{document}", JSON.media_type),
        Form("DDI XML", f"{API}/documents/{document}/source", "application/xml"),
    )
    request.state.tag = None  # search and RDF follow later than the state
    sums = totals(revision.receipt)
    context = {
        "revision": revision,
        "report": report,
        "groups": fault_groups(report),
        "totals": sums,
        "reach": catalogue.reach(document),
    }
    return render(request, "document.html", context, canonical=f"/documents/{document}", forms=forms)


@router.get("/validate", include_in_schema=False)
def page_validate(request: Request) -> Response:
    """The form."""
    limit = request.app.state.catalogue.settings.max_upload_bytes
    return render(request, "validate.html", {"limit": limit}, canonical="/validate")


@router.post("/validate", include_in_schema=False)
async def page_validated(request: Request) -> Response:
    """The report on the document of the form."""
    upload = await receive_upload(request)
    reports = await in_turn(request, lambda: _reports(request, upload))
    return report_page(request, reports, after=after_validation(reports))
