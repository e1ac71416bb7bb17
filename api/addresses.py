"""Persistent addresses: ``/id/{agency}/{identifier}/{version}`` to an identification and back. Pure functions.

Each part is one percent-encoded segment, so an identifier may hold a slash. An empty agency, which real documents have,
is written ``-``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlencode

from catalogue.errors import UsageError
from catalogue.model.identity import NO_AGENCY, Identification, path_of
from catalogue.model.report import Message

from .negotiation import Format, by_extension

ROOT = "/id"
API = "/api/v1"


@dataclass(frozen=True, slots=True)
class Address:
    """What an address under ``/id/`` or ``/api/v1/items/`` names.

    Attributes:
        version: None asks for the latest.
        format: named by the extension, or None to negotiate.
        view: what of the item: empty for itself, or ``used-by``, ``references``, ``contents``.
    """

    agency: str
    identifier: str
    version: str | None
    format: Format | None = None
    view: str = ""


def item_path(identification: Identification, extension: str = "", view: str = "") -> str:
    """The path of an item, of one of its forms (``json``), or of a view of it (``used-by``)."""
    path = ROOT + path_of(identification.agency, identification.identifier, identification.version)
    return path + (f".{extension}" if extension else "") + (f"/{view}" if view else "")


def api_path(identification: Identification, view: str = "") -> str:
    """The path of an item in the API, or of a view of it."""
    path = f"{API}/items{path_of(identification.agency, identification.identifier, identification.version)}"
    return path + (f"/{view}" if view else "")


def with_query(path: str, **parameters: object) -> str:
    """A path with the parameters that say something; sequences repeat their name."""
    pairs = {name: value for name, value in parameters.items() if value not in (None, "", False, (), [])}
    return f"{path}?{urlencode(pairs, doseq=True)}" if pairs else path


def segments_below(raw_path: bytes, root: str) -> list[str]:
    """The decoded segments of a raw request path below a root; encoded slashes stay inside their segment."""
    _, _, rest = raw_path.decode("ascii", "replace").partition(root + "/")
    return [unquote(part) for part in rest.split("/")] if rest else []


def readings(segments: Sequence[str], formats: Sequence[Format], views: Sequence[str] = ()) -> list[Address]:
    """How segments can be understood, likeliest first: what looks like an extension is one, else part of the name.

    Raises:
        UsageError: there are not two or three parts, or one is empty.
    """
    *parts, view = segments if segments and segments[-1] in views and len(segments) > 2 else (*segments, "")
    if len(parts) not in (2, 3) or not all(parts):
        raise UsageError(
            Message(
                "L’adresse d’un élément a une agence, un identifiant et, s’il en faut une, une version.",
                "An item's address has an agency, an identifier and, if one is meant, a version.",
            ),
            next_step=Message(
                "Écrivez /id/AGENCE/IDENTIFIANT/VERSION ; une barre oblique dans une partie s’écrit %2F.",
                "Write /id/AGENCY/IDENTIFIER/VERSION; encode a slash inside a part as %2F.",
            ),
        )
    stem, form = (parts[-1], None) if view else by_extension(parts[-1], formats)
    plain = _address([*parts[:-1], parts[-1]], None, view)
    return [_address([*parts[:-1], stem], form, view), plain] if form else [plain]


def _address(parts: Sequence[str], form: Format | None, view: str) -> Address:
    agency = "" if parts[0] == NO_AGENCY else parts[0]
    return Address(agency, parts[1], parts[2] if len(parts) == 3 else None, form, view)
