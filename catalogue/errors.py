"""One exception tree; each class knows its exit code, its HTTP status and the next step for the person."""

from __future__ import annotations

from typing import ClassVar

from catalogue.model.report import Message


class CatalogueError(Exception):
    """A failure that a person can act upon.

    Attributes:
        code: stable machine-readable name, also the tail of the RFC 9457 problem ``type``.
        exit_code: what the command line returns.
        http_status: what the API answers.
        next_step: one sentence that says what to do now; an instance may override it.
        message: what went wrong, in English.
        said: the same in French and English, of what people meet on pages; else None, and it is for the administrator.
        remedy: a next step of its own in French and English; else None, and that of the code holds.
    """

    code: ClassVar[str] = "error"
    title: ClassVar[str] = "The request could not be carried out"
    exit_code: ClassVar[int] = 1
    http_status: ClassVar[int] = 500
    next_step: str = "Try again; if it fails the same way, report the message to the administrator."

    def __init__(self, message: str | Message, *, next_step: str | Message | None = None) -> None:
        self.message = _english(message)
        self.said = message if isinstance(message, Message) else None
        self.remedy = next_step if isinstance(next_step, Message) else None
        super().__init__(self.message)
        if next_step is not None:
            self.next_step = _english(next_step)


def _english(text: str | Message) -> str:
    return text.en if isinstance(text, Message) else text


class UsageError(CatalogueError):
    """The call itself is wrong: an unknown option, a malformed cursor, a missing file."""

    code = "usage"
    title = "The request is not well formed"
    exit_code = 2
    http_status = 400
    next_step = "Correct the request and send it again."


class InvalidDocumentError(CatalogueError):
    """The document can be read, but its contents do not hold (schema, identity, profile)."""

    code = "invalid-document"
    title = "The document is not valid"
    exit_code = 3
    http_status = 422
    next_step = "Open the validation report, mend the document and send it again."


class UnreadableDocumentError(InvalidDocumentError):
    """The bytes are not a well-formed XML document that is safe to read."""

    code = "unreadable-document"
    title = "The document cannot be read"
    exit_code = 4
    http_status = 422
    next_step = "Check that the file is complete, well-formed XML without DOCTYPE, then send it again."
    line: int | None = None
    """The source line at which reading stopped, when there is one."""


class UnreadableArchiveError(UnreadableDocumentError):
    """A zip archive, or a file, out of which no document can be taken."""

    code = "unreadable-archive"
    title = "The archive or file cannot be read"
    next_step = "Make the archive again from the .xml files, with plain relative names, and send it once more."


class LimitExceededError(UnreadableDocumentError):
    """The document exceeds a limit on size, depth, number of elements or compression ratio."""

    code = "limit-exceeded"
    title = "The document exceeds a limit"
    exit_code = 4
    http_status = 413
    next_step = "Split the document, or ask the administrator to raise the limit named in the message."


class UnsupportedDocumentError(InvalidDocumentError):
    """Well-formed XML, but not a DDI-Lifecycle document that this catalogue reads."""

    code = "unsupported-document"
    title = "This kind of document is not supported"
    exit_code = 5
    http_status = 415
    next_step = "Send DDI-Lifecycle 3.1, 3.2 or 3.3."


class ConflictError(CatalogueError):
    """Published items exist under the same URNs with other content."""

    code = "conflict"
    title = "Published items have other content under the same identification"
    exit_code = 6
    http_status = 409
    next_step = "Give the changed items a new version, or correct their content, then send the document again."


class NotFoundError(CatalogueError):
    """Nothing is published under this identification or address."""

    code = "not-found"
    title = "Not found"
    exit_code = 7
    http_status = 404
    next_step = "Check the identification, or look for the item from the home page."


class SchemaNotInstalledError(CatalogueError):
    """The XML schemas of a DDI version are not installed and could not be obtained."""

    code = "schema-not-installed"
    title = "The XML schemas are not installed"
    exit_code = 8
    http_status = 503
    next_step = "Run: catalogue schemas install"


class StorageError(CatalogueError):
    """The store cannot be reached or written (missing service, full disk, locked database)."""

    code = "storage"
    title = "The store is not available"
    exit_code = 9
    http_status = 503
    next_step = "Check that the database is running and that its disk has space, then try again; nothing was stored."


class UnauthorizedError(CatalogueError):
    """The request needs a token and has none, or the wrong one."""

    code = "unauthorized"
    title = "A token is needed"
    exit_code = 10
    http_status = 401
    next_step = "Send the header 'Authorization: Bearer TOKEN' with the token set as CATALOGUE_TOKEN."


class NotAcceptableError(CatalogueError):
    """No representation matches the Accept header or the extension."""

    code = "not-acceptable"
    title = "No such representation"
    exit_code = 2
    http_status = 406
    next_step = "Ask for one of the media types that the message lists."


class IndexUnavailableError(CatalogueError):
    """The search index is absent, broken or out of reach, and cannot answer."""

    code = "index-unavailable"
    title = "Search is not available at the moment"
    exit_code = 12
    http_status = 503
    next_step = "Try again in a minute: the index is rebuilt by itself. To rebuild it by hand, run: catalogue reindex"


class IndexBusyError(CatalogueError):
    """Another process writes to the search index."""

    code = "index-busy"
    title = "The search index is being written by another process"
    exit_code = 13
    http_status = 503
    next_step = "Wait until it has finished, or stop the other process, then run the command again."
