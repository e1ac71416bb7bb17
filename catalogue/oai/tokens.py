"""Resumption tokens: OAI-PMH 2.0, section 3.5. A token is the whole state of a list; the repository keeps none.

So it survives restarts and updates, and the same token gives the same piece as long as nothing changed. What it holds
is checked as strictly as a request, since anybody can write one.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import astuple, dataclass

import orjson

_EDITION = 1
_ALPHABET = re.compile(r"[A-Za-z0-9_\-]{1,2000}", re.ASCII)
_MOST = 2**31
_TYPES = (int, str, str, str, str, str, int, int, int)


@dataclass(frozen=True, slots=True)
class Token:
    """Where a list goes on.

    Attributes:
        verb: of the list.
        prefix, set, since, until: as in the request that began it; empty where it had none.
        last: number of the last record, or cohort or study, that was given.
        given: how many were given before (``cursor``).
        total: how many there were in all when the list began (``completeListSize``); 0 where that is not told.
    """

    verb: str
    prefix: str
    set: str
    since: str
    until: str
    last: int
    given: int
    total: int

    @property
    def text(self) -> str:
        """As it is handed out."""
        return base64.urlsafe_b64encode(orjson.dumps((_EDITION, *astuple(self)))).decode().rstrip("=")


def read(text: str) -> Token:
    """What was handed out.

    Raises:
        ValueError: it was not handed out by this program.
    """
    try:
        values = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError):
        values = None
    if not _ALPHABET.fullmatch(text) or not isinstance(values, list) or tuple(map(type, values)) != _TYPES:
        raise ValueError("this is no resumption token")
    token = Token(*values[1:])
    numbers = (token.last, token.given, token.total)
    if values[0] != _EDITION or token.text != text or not all(0 <= number < _MOST for number in numbers):
        raise ValueError("this is no resumption token of this repository")
    return token
