"""Which vocabulary a graph is written in: content negotiation by profile (W3C, 26 November 2019), and ``?profile=``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from fastapi import Request

from catalogue.errors import NotAcceptableError
from catalogue.model.report import Message

from .negotiation import preferences
from .rendering import VARY


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile on offer: its name in addresses, its URI, what a link to it says, what else it is called."""

    name: str
    uri: str
    title: str
    further: tuple[str, ...] = ()


DISCO: Final = Profile("disco", "http://rdf-vocabulary.ddialliance.org/discovery", "DDI-RDF Discovery")
DCAT_AP: Final = Profile("dcat-ap", "http://data.europa.eu/r5r/", "DCAT-AP 3", ("dcat",))
HEALTHDCAT_AP: Final = Profile(
    "healthdcat-ap", "http://healthdataportal.eu/ns/health#", "HealthDCAT-AP", ("healthdcat",)
)
SCHEMA: Final = Profile("schema", "http://schema.org/", "schema.org", ("schema.org",))

BY_PROFILE: Final = f"{VARY}, Accept-Profile"
"""What an answer depends on that can be had under several profiles."""
PROFILES: Final = (DISCO, DCAT_AP, HEALTHDCAT_AP, SCHEMA)


def chosen_profile(request: Request, offered: Sequence[str]) -> Profile | None:
    """The profile that a request asks for, of those that an item has by name; None where it asks for none.

    The address counts more than the header ``Accept-Profile``; of that the one with the highest quality that there is.

    Raises:
        NotAcceptableError: nothing that is asked for is on offer; the message lists what there is.
    """
    asked = list(_asked(request))
    if not asked:
        return None
    here = [one for one in PROFILES if one.name in offered]
    for wanted in asked:
        for one in here:
            if wanted in (one.name, *one.further) or _alike(wanted) == _alike(one.uri):
                return one
    names = ", ".join(f"{one.name} ({one.uri})" for one in here)
    raise NotAcceptableError(
        Message(
            f"Il n’y a pas de profil {', '.join(asked)} de ceci. Il y a : {names}.",
            f"There is no profile {', '.join(asked)} of this. There is: {names}.",
        ),
        next_step=Message("Demandez l’un des profils cités.", "Ask for one of the profiles that the message lists."),
    )


def said_of(profile: Profile, headers: Mapping[str, str]) -> dict[str, str]:
    """Headers that have a ``Link``, with what says under which profile the answer is."""
    link = f'{headers["Link"]}, <{profile.uri}>; rel="profile"'
    return {**headers, "Content-Profile": f"<{profile.uri}>", "Link": link}


def _alike(uri: str) -> str:
    """What the spellings of a namespace have in common."""
    return uri.lower().removeprefix("https:").removeprefix("http:").rstrip("/#")


def _asked(request: Request) -> Iterator[str]:
    """What is asked for, best first, in small letters."""
    named = request.query_params.get("profile")
    if named:
        yield named.lower()
        return
    ranked = sorted(preferences(request.headers.get("accept-profile")), key=lambda one: -one.quality)
    yield from (one.value.strip("<>") for one in ranked if one.quality > 0)
