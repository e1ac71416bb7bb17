"""Documents as they arrive: counted while they stream, refused at the limit, one by one out of zip archives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.types import Message as Received
from starlette.types import Receive

from catalogue.errors import LimitExceededError, UnsupportedDocumentError, UsageError
from catalogue.model.report import Message

T = TypeVar("T")

FORM = "multipart/form-data"
RAW = (
    "application/xml",
    "text/xml",
    "application/vnd.ddi.lifecycle+xml",
    "application/zip",
    "application/x-zip-compressed",
    "application/octet-stream",
)
MEDIA_TYPES = (*RAW, FORM)
FIELD = "file"
UNNAMED = "upload"
# What is read and thrown away past the limit, so that a client still sending gets to see the answer.
_COURTESY = 16 * 1024 * 1024


class NoDocumentError(UsageError):
    """The request of an upload carries no document."""

    code = "no-document"
    title = "No document was sent"
    next_step = "Send it as the body, or in the form field `file`."


@dataclass(frozen=True, slots=True)
class Upload:
    """The bytes as received and the name that the sender gave them."""

    name: str
    data: bytes

    @property
    def is_archive(self) -> bool:
        """Whether it is a zip archive, by its first bytes."""
        return self.data.startswith(b"PK\x03\x04")


class LimitedReceive:
    """The body of a request, piece by piece, until it exceeds the limit.

    Raises:
        LimitExceededError: when called for a piece past the limit.
    """

    def __init__(self, receive: Receive, limit: int) -> None:
        self.receive = receive
        self.limit = limit
        self.size = 0

    async def __call__(self) -> Received:
        """The next message of the request."""
        message = await self.receive()
        self.size += len(message.get("body", b""))
        if self.size > self.limit:
            await self._drain(message)
            raise LimitExceededError(
                Message(
                    f"L’envoi dépasse la limite de {self.limit} octets (CATALOGUE_MAX_UPLOAD_BYTES).",
                    f"The upload is larger than the limit of {self.limit:,} bytes (CATALOGUE_MAX_UPLOAD_BYTES).",
                )
            )
        return message

    async def _drain(self, message: Received) -> None:
        thrown = 0
        while message.get("more_body") and thrown < _COURTESY:
            message = await self.receive()
            thrown += len(message.get("body", b""))


async def receive_upload(request: Request) -> Upload:
    """The document or zip archive in the body of a request, raw or in the field ``file`` of a form.

    Raises:
        UnsupportedDocumentError: the media type is neither XML nor zip nor a form, or the body is compressed.
        LimitExceededError: the body exceeds the limit of the settings.
        NoDocumentError: the body or the form field is empty.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in MEDIA_TYPES or request.headers.get("content-encoding", "identity").lower() != "identity":
        raise UnsupportedDocumentError(
            Message(
                f"Un corps de type {kind or 'inconnu'} ne peut pas être lu ici.",
                f"A body of type {kind or 'unknown'} cannot be read here.",
            ),
            next_step=Message(
                f"Envoyez l’un de {', '.join(MEDIA_TYPES)}, sans Content-Encoding.",
                f"Send one of {', '.join(MEDIA_TYPES)}, without Content-Encoding.",
            ),
        )
    limit = request.app.state.catalogue.settings.max_upload_bytes
    limited = Request(request.scope, LimitedReceive(request.receive, limit))
    upload = await (_from_form(limited) if kind == FORM else _from_body(limited))
    if not upload.data:
        raise NoDocumentError(
            Message(
                "Il n’y a pas de document dans la requête.",
                "There is no document in the request.",
            )
        )
    return upload


async def _from_form(request: Request) -> Upload:
    async with request.form(max_files=1, max_fields=20) as form:
        file = form.get(FIELD)
        if not isinstance(file, UploadFile):
            return Upload(UNNAMED, b"")
        return Upload(file.filename or UNNAMED, await file.read())


async def _from_body(request: Request) -> Upload:
    pieces = bytearray()
    async for piece in request.stream():
        pieces += piece
    return Upload(_file_name(request), bytes(pieces))


def _file_name(request: Request) -> str:
    header = EmailMessage()
    header["Content-Disposition"] = request.headers.get("content-disposition", "attachment")
    return header.get_filename() or UNNAMED


async def in_turn(request: Request, work: Callable[[], T]) -> T:
    """Run heavy work in a thread of its own small pool, so that pages stay quick meanwhile."""
    limiter: CapacityLimiter = request.app.state.heavy
    return await to_thread.run_sync(work, limiter=limiter)
