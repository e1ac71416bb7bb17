"""One request, one response: the entry to the room. OAI-PMH 2.0, sections 3.1 and 3.2."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from catalogue.oai import arguments, dates, verbs
from catalogue.oai.arguments import Request
from catalogue.oai.faults import Fault, FaultsError
from catalogue.oai.markup import element, written
from catalogue.oai.port import Provider, Site

NAMESPACE: Final = "http://www.openarchives.org/OAI/2.0/"
_ROOT: Final = {
    "xmlns": NAMESPACE,
    "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "xsi:schemaLocation": f"{NAMESPACE} http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd",
}


def respond(
    pairs: Sequence[tuple[str, str]], provider: Provider, site: Site, now: datetime, language: str = "en"
) -> bytes:
    """The response to a request, always with HTTP status 200.

    Args:
        pairs: its decoded arguments, in any order, repeated if they are.
        provider: what there is, in one state of the store.
        site: the repository as it describes itself.
        now: before anything is read from the store, so that nothing that came later is missed next time.
        language: in which errors are said.

    Returns:
        A document in UTF-8, valid against OAI-PMH.xsd.

    Raises:
        StorageError: the store cannot be read.
    """
    request: Request | None = None
    try:
        request = arguments.read(pairs)
        content = b"".join(verbs.BUILDERS[request.verb](request, verbs.Context(provider, site, now)))
        body = f"<{request.verb}>".encode() + content + f"</{request.verb}>".encode()
    except FaultsError as error:
        body = "".join(_error(fault, language) for fault in error.faults).encode()
        request = None if any(fault.code.hides_arguments for fault in error.faults) else request
    return b"".join((_head(request, site, now).encode(), body, b"</OAI-PMH>\n"))


def _head(request: Request | None, site: Site, now: datetime) -> str:
    """Everything before the content: the request is repeated only where it could be understood."""
    shown = {"verb": request.verb, **request.arguments} if request else {}
    told = element("responseDate", dates.written(now)) + element("request", site.address, shown)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH{written(_ROOT)}>{told}'


def _error(fault: Fault, language: str) -> str:
    return element("error", fault.message.in_language(language), {"code": fault.code})
