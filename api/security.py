"""Who may upload, and the headers that keep pages to themselves."""

from __future__ import annotations

import hmac
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as Sent

from catalogue.errors import CatalogueError, UnauthorizedError
from catalogue.model.report import Message
from catalogue.settings import Settings

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
"""On every response; nothing inline, nothing from elsewhere."""

CROSS_ORIGIN: dict[str, Any] = {
    "allow_origins": ["*"],
    "allow_methods": ["GET", "HEAD", "POST"],
    "allow_headers": [
        "Accept", "Accept-Language", "Accept-Profile", "Content-Type", "If-None-Match", "If-Range", "Range",
    ],
    "expose_headers": [
        "Accept-Ranges", "Content-Language", "Content-Profile", "Content-Range", "ETag", "Last-Modified", "Link",
        "Retry-After",
    ],
    "max_age": 86400,
}  # fmt: skip
"""Pages of others may read everything, and query by POST; no ``Authorization``, so they can upload nothing."""


class UploadsOffError(CatalogueError):
    """The catalogue has no upload token, so nobody can upload."""

    code = "uploads-off"
    title = "Uploads are off"
    exit_code = 10
    http_status = 403
    next_step = "Ask the administrator to set CATALOGUE_TOKEN and restart the catalogue; /validate works without."


bearer = HTTPBearer(auto_error=False, description="The token set as CATALOGUE_TOKEN.")
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]


def check_token(settings: Settings, credentials: HTTPAuthorizationCredentials | None) -> None:
    """Let pass only who sends the token of the settings, compared in constant time.

    Raises:
        UploadsOffError: the settings have no token.
        UnauthorizedError: no token was sent, or another one.
    """
    if settings.token is None:
        raise UploadsOffError(
            Message(
                "Ce catalogue ne prend pas de dépôts : il n’a pas de jeton.",
                "This catalogue takes no uploads: it has no upload token.",
            )
        )
    if credentials is None:
        raise UnauthorizedError(
            Message(
                "Cette demande exige un jeton, et aucun n’a été envoyé.",
                "This request needs a token, and none was sent.",
            )
        )
    expected = settings.token.get_secret_value().encode()
    if not hmac.compare_digest(credentials.credentials.encode(), expected):
        raise UnauthorizedError(Message("Le jeton n’est pas le bon.", "The token is not the right one."))


async def require_token(request: Request, credentials: Credentials) -> None:
    """Dependency of what only the bearer of the token may do."""
    check_token(request.app.state.catalogue.settings, credentials)


async def may_see_drafts(request: Request, credentials: Credentials) -> bool:
    """Dependency: whether drafts are shown. Who sends no token does not see them; a wrong token is refused."""
    if credentials is None:
        return False
    check_token(request.app.state.catalogue.settings, credentials)
    return True


class Shield:
    """Puts the security headers on every response, and answers HEAD as GET without the body (RFC 9110, 9.3.2).

    Of HEAD a Range is no part: it means something with GET only (14.2).
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        head = scope["method"] == "HEAD"

        async def shielded(message: Sent) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            elif head:
                message = {**message, "body": b""}
            await send(message)

        await self.app(_as_get(scope) if head else scope, receive, shielded)


def _as_get(scope: Scope) -> Scope:
    headers = [(name, value) for name, value in scope["headers"] if name != b"range"]
    return {**scope, "method": "GET", "headers": headers}
