"""Which methods an address takes: for the Allow header (RFC 9110, section 10.2.1) of 405 and of OPTIONS (9.3.7)."""

from __future__ import annotations

from fastapi import Request
from fastapi.routing import iter_route_contexts

_FILES = frozenset({"GET"})


def allowed(request: Request) -> tuple[str, ...]:
    """The methods of every route to the address of a request; HEAD goes with GET, OPTIONS with all."""
    found = {"OPTIONS"}
    for route in iter_route_contexts(request.app.routes):
        if route.path_regex.match(request.scope["path"]):
            found |= route.methods or _FILES
    return tuple(sorted(found | {"HEAD"} if "GET" in found else found))
