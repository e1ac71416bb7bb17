"""From the arguments of a request to a request that can be answered: OAI-PMH 2.0, sections 3.1.1 and 3.6.

Which verb takes which arguments is a table (section 4); so is how each argument is written.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from catalogue.model.report import Message
from catalogue.oai import dates, names
from catalogue.oai.dates import Moment
from catalogue.oai.faults import Code, Fault, FaultsError, fail

_PREFIX = re.compile(r"[A-Za-z0-9\-_.!~*'()]+", re.ASCII)
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LONGEST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Verb:
    """The arguments of a verb; an exclusive one stands alone beside it."""

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    exclusive: str | None = None

    @property
    def all(self) -> tuple[str, ...]:
        """Every argument that it can have."""
        return (*self.required, *self.optional, *filter(None, [self.exclusive]))


_LIST: Final = Verb(("metadataPrefix",), ("from", "until", "set"), "resumptionToken")
VERBS: Final[Mapping[str, Verb]] = {
    "Identify": Verb(),
    "ListMetadataFormats": Verb(optional=("identifier",)),
    "ListSets": Verb(exclusive="resumptionToken"),
    "GetRecord": Verb(("identifier", "metadataPrefix")),
    "ListIdentifiers": _LIST,
    "ListRecords": _LIST,
}
_ALL: Final = ", ".join(VERBS)


@dataclass(frozen=True, slots=True)
class Request:
    """A request whose arguments are those of its verb, each once and well written."""

    verb: str
    arguments: Mapping[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str:
        """The value of an argument; empty where it is not given."""
        return self.arguments.get(name, "")

    def moment(self, name: str) -> Moment | None:
        """The value of ``from`` or ``until``."""
        return dates.parse(self.arguments[name]) if name in self.arguments else None


def read(pairs: Sequence[tuple[str, str]]) -> Request:
    """A request from the decoded arguments as they came, in any order.

    Raises:
        FaultsError: ``badVerb``, or every ``badArgument`` that there is.
    """
    verb = _verb([value for name, value in pairs if name == "verb"])
    arguments = [(name, value) for name, value in pairs if name != "verb"]
    faults = list(_wrong_arguments(verb, arguments)) or list(_wrong_values(dict(arguments)))
    if faults:
        raise FaultsError(faults)
    return Request(verb, dict(arguments))


def _verb(given: Sequence[str]) -> str:
    if not given:
        raise fail(
            Code.BAD_VERB,
            Message(
                f"Il n’y a pas de verbe : ajoutez verb=, l’un de {_ALL}.",
                f"There is no verb: add verb=, one of {_ALL}.",
            ),
        )
    if len(given) > 1:
        raise fail(
            Code.BAD_VERB, Message("Il y a plusieurs verbes : envoyez-en un.", "There are several verbs: send one.")
        )
    if given[0] not in VERBS:
        raise fail(
            Code.BAD_VERB,
            Message(
                f"{shown(given[0])} n’est pas un verbe : envoyez l’un de {_ALL}.",
                f"{shown(given[0])} is no verb: send one of {_ALL}.",
            ),
        )
    return given[0]


def _wrong_arguments(verb: str, arguments: Sequence[tuple[str, str]]) -> Iterator[Fault]:
    """What is unknown, repeated, missing, or beside what must stand alone."""
    row, times = VERBS[verb], Counter(name for name, _ in arguments)
    for name, number in times.items():
        if name not in row.all:
            yield _bad(f"{verb} n’a pas d’argument {shown(name)}.", f"{verb} has no argument {shown(name)}.")
        elif number > 1:
            yield _bad(
                f"{name} est donné {number} fois : donnez-le une fois.",
                f"{name} is given {number} times: give it once.",
            )
    if row.exclusive in times:
        if len(times) > 1:
            yield _bad(
                f"{row.exclusive} va seul : ôtez les autres arguments.",
                f"{row.exclusive} stands alone: leave out the other arguments.",
            )
        return
    for name in row.required:
        if name not in times:
            yield _bad(f"{verb} demande l’argument {name}.", f"{verb} needs the argument {name}.")


def _wrong_values(arguments: Mapping[str, str]) -> Iterator[Fault]:
    """What is written as its argument cannot be."""
    for name, value in arguments.items():
        is_written_well, how = _WRITTEN[name]
        if not is_written_well(value):
            yield _bad(
                f"{name} ne peut pas être {shown(value)} : écrivez {how.fr}.",
                f"{name} cannot be {shown(value)}: write {how.en}.",
            )
    yield from _wrong_range(arguments.get("from", ""), arguments.get("until", ""))


def _wrong_range(since: str, until: str) -> Iterator[Fault]:
    """Both ends of a range in the same granularity, in this order (2.7.1)."""
    if not (since and until and _is_date(since) and _is_date(until)):
        return
    first, last = dates.parse(since), dates.parse(until)
    if first.granularity is not last.granularity:
        yield _bad(
            "from et until n’ont pas la même granularité : écrivez les deux au jour, ou les deux à la seconde.",
            "from and until have different granularities: write both as days, or both to the second.",
        )
    elif first.first > last.last:
        yield _bad("from vient après until : échangez-les.", "from is later than until: exchange them.")


def _is_date(text: str) -> bool:
    try:
        dates.parse(text)
    except ValueError:
        return False
    return True


def _is_text(text: str) -> bool:
    return _NOT_IN_XML.search(text) is None


_DATES: Final = Message(
    f"une date comme {' ou '.join(dates.Granularity)}, en UTC", f"a date as {' or '.join(dates.Granularity)}, in UTC"
)
_WRITTEN: Final[Mapping[str, tuple[Callable[[str], object], Message]]] = {
    "from": (_is_date, _DATES),
    "until": (_is_date, _DATES),
    "set": (names.is_set, Message("un setSpec comme ListSets les donne", "a setSpec as ListSets gives them")),
    "metadataPrefix": (
        _PREFIX.fullmatch,
        Message("un préfixe comme ListMetadataFormats les donne", "a prefix as ListMetadataFormats gives them"),
    ),
    "identifier": (names.is_uri, Message("un URI", "a URI")),
    "resumptionToken": (_is_text, Message("le jeton tel qu’il a été donné", "the token as it was given")),
}


def _bad(french: str, english: str) -> Fault:
    return Fault(Code.BAD_ARGUMENT, Message(french, english))


def shown(text: str) -> str:
    """What somebody sent, as a sentence can repeat it."""
    legal = _NOT_IN_XML.sub("\ufffd", text)
    return f"'{legal if len(legal) <= _LONGEST_SHOWN else legal[:_LONGEST_SHOWN] + '…'}'"
