"""Links that machines follow: FAIR Signposting (signposting.org/FAIR), levels 1 and 2, as RFC 8288 and RFC 9264."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from .negotiation import Format

LINKSET_JSON: Final = Format("json", ("application/linkset+json",), "Linkset (JSON)")
LINKSET: Final = Format("txt", ("application/linkset",), "Linkset")
LINKSET_FORMATS: Final = (LINKSET_JSON, LINKSET)


@dataclass(frozen=True, slots=True)
class TypedLink:
    """A link from one resource to another.

    Attributes:
        anchor, target: absolute addresses.
        relation: registered with IANA.
        media_type, profile: of the target, where known.
    """

    anchor: str
    target: str
    relation: str
    media_type: str | None = None
    profile: str | None = None

    @property
    def attributes(self) -> dict[str, str]:
        """The target attributes that say something."""
        pairs = {"type": self.media_type, "profile": self.profile}
        return {name: value for name, value in pairs.items() if value}


def header(links: Iterable[TypedLink]) -> str:
    """The links of one resource as its Link header (RFC 8288): the anchor is the resource itself."""
    return ", ".join(_written(link, [f'rel="{link.relation}"']) for link in links)


def linkset(links: Iterable[TypedLink]) -> str:
    """Links of several resources as ``application/linkset`` (RFC 9264, section 4.1)."""
    return ",\n".join(_written(one, [f'rel="{one.relation}"', f'anchor="{one.anchor}"']) for one in links) + "\n"


def _written(link: TypedLink, parameters: Sequence[str]) -> str:
    more = [f'{name}="{value}"' for name, value in link.attributes.items()]
    return "; ".join([f"<{link.target}>", *parameters, *more])


def linkset_json(links: Iterable[TypedLink]) -> dict[str, Any]:
    """The same as ``application/linkset+json`` (RFC 9264, section 4.2)."""
    contexts: dict[str, dict[str, list[dict[str, str]]]] = defaultdict(lambda: defaultdict(list))
    for one in links:
        contexts[one.anchor][one.relation].append({"href": one.target, **one.attributes})
    return {"linkset": [{"anchor": anchor, **relations} for anchor, relations in contexts.items()]}
