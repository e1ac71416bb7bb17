"""Identification of DDI items: the triple of agency, identifier and version, and its URN.

DDI-L 3.3 Technical Documentation, "Identification, URN and Reference"; ``r:DDIURNType`` in reusable.xsd.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Self
from urllib.parse import quote

_CANONICAL = re.compile(r"urn:ddi:([^:\s]*):([^:\s]+):([^:\s]+)", re.IGNORECASE)
# 3.2 and 3.3 "Deprecated": urn:ddi:agency:MaintainableType:ID[:Type:ID]:version; a type has capitals and small letters.
_TYPE = r"[A-Z]+[a-z][A-Za-z]*"
_DEPRECATED = re.compile(rf"[Uu][Rr][Nn]:[Dd][Dd][Ii]:([^:\s]*):{_TYPE}:([^:\s]+)(?::{_TYPE}:([^:\s]+))?:([^:\s]+)")
NO_AGENCY = "-"
"""What stands for an empty agency in an address."""
_KEPT_IN_PATHS = "*@$!'(),;=+~"
_PLAIN = re.compile(r"[A-Za-z0-9._~-]*")  # what RFC 3986, 2.3 never encodes
LONGEST_IDENTIFIER = 500
"""Longer than any identifier in use; databases cannot index without end."""
# 3.1: urn:ddi:agency:MaintainableType.ID.1.0.0[:Type.ID.1.0.0]
_PART_31 = r"[A-Za-z]+\.([^:\s]+?)\.([0-9*]+\.[0-9*L]+\.[0-9*L]+|L\.L\.L)"
_URN_31 = re.compile(rf"urn:ddi:([^:\s]*):{_PART_31}(?::{_PART_31})?", re.IGNORECASE)
# Not admitted, but seen: a colon within the identifier.
_WITH_COLON = re.compile(r"urn:ddi:([^:\s]*):([^:\s]+:\S*[^:\s]):([^:\s]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, order=True)
class Identification:
    """Agency, identifier and version of one item.

    ``identifier`` is unique within the agency. Where the source scopes it to its maintainable (always in DDI-L 3.1;
    ``scopeOfUniqueness="Maintainable"`` in 3.2 and 3.3) it is ``MaintainableID.ID``, as the canonical URN has it.

    Real documents have identifiers that the schema does not admit (``HH:CH``); they are kept.

    Raises:
        ValueError: the identifier or version is empty, a part contains white space, or agency or version a colon.
    """

    agency: str
    identifier: str
    version: str

    def __post_init__(self) -> None:
        if not self.identifier or not self.version:
            raise ValueError("an identification needs an identifier and a version")
        urn = f"{self.agency}:{self.version}:{self.identifier}"
        if len(urn.split(None, 1)) > 1 or urn != urn.strip():
            raise ValueError(f"{urn!r} contains white space")
        if len(urn) > 2 * LONGEST_IDENTIFIER or len(self.identifier) > LONGEST_IDENTIFIER:
            raise ValueError(f"{urn[:80]!r}... is too long to identify anything")
        if ":" in self.agency or ":" in self.version:
            raise ValueError(f"{urn!r} has a colon in its agency or version")

    @property
    def urn(self) -> str:
        """The canonical URN, ``urn:ddi:agency:identifier:version``."""
        return f"urn:ddi:{self.agency}:{self.identifier}:{self.version}"

    @property
    def path(self) -> str:
        """Its part of an address: ``/agency/identifier/version``."""
        return path_of(self.agency, self.identifier, self.version)

    @classmethod
    def from_urn(cls, urn: str) -> Self:
        """Parse a canonical, deprecated (3.2, 3.3) or 3.1 URN.

        Raises:
            ValueError: the text has none of these forms.
        """
        text = urn.strip()
        if match := _URN_31.fullmatch(text):
            agency, outer, outer_version, inner, inner_version = match.groups()
            return cls(agency, f"{outer}.{inner}" if inner else outer, inner_version or outer_version)
        if match := _CANONICAL.fullmatch(text):
            return cls(*match.groups())
        if match := _DEPRECATED.fullmatch(text):
            agency, outer, inner, version = match.groups()
            return cls(agency, inner or outer, version)
        if match := _WITH_COLON.fullmatch(text):
            return cls(*match.groups())
        raise ValueError(f"{urn!r} is not a DDI URN")

    def with_version(self, version: str) -> Self:
        """The same item in another version."""
        return replace(self, version=version)


def path_of(agency: str, identifier: str, version: str | None = None) -> str:
    """``/agency/identifier/version``, each part one percent-encoded segment; an empty agency is written ``-``."""
    path = f"/{_segment(agency or NO_AGENCY)}/{_segment(identifier)}"
    return f"{path}/{_segment(version)}" if version else path


def _segment(part: str) -> str:
    return part if _PLAIN.fullmatch(part) else quote(part, safe=_KEPT_IN_PATHS)


def version_key(version: str) -> str:
    """A text that sorts versions by number, part by part: ``1.10`` after ``1.9``, ``1`` before ``1.0.1``.

    Parts that are not numbers sort after numbers.
    """
    return ".".join(part.zfill(10) if part.isdecimal() else f"~{part}" for part in version.split("."))
