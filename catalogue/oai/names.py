"""Names on the wire: identifiers of records (guidelines "Specification and XML Schema for the OAI Identifier Format")
and of sets (OAI-PMH 2.0, 2.6). Both are made from agency and identifier, whatever the version, and lead back to them.

Sets are a hierarchy by colons:

- ``cohort`` > ``cohort:KEY`` and ``study`` > ``study:KEY``: records of studies, as in a list without set;
- ``type`` > ``type:Variable`` > ``type:Variable:KEY``: records of one type, in one cohort or study.

A key is ``agency!identifier``; bytes that a setSpec may not have are written ``~41``, as percent-encoding has them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes

from catalogue.model.identity import NO_AGENCY, path_of
from catalogue.oai.port import Holder, Record

STUDIES = ("Group", "StudyUnit")
"""What lists have unless a set asks for something else."""
ITEMS = ("Variable", "RepresentedVariable", "ConceptualVariable", "QuestionItem", "QuestionGrid", "Instrument")
"""What has sets of its own, by type."""

COHORT, STUDY, TYPE = "cohort", "study", "type"
# What section 2.6 of the guidelines on identifiers admits behind the second colon.
_LOCAL = re.compile(r"[A-Za-z0-9\-_.!~*'();/?:@&=+$,%]+", re.ASCII)
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:(?:[A-Za-z0-9\-._~:/?#@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+", re.ASCII)
_SET = re.compile(r"[A-Za-z0-9\-_.!~*'()]+(?::[A-Za-z0-9\-_.!~*'()]+)*", re.ASCII)
_DOMAIN = re.compile(r"[A-Za-z][A-Za-z0-9\-]*(?:\.[A-Za-z][A-Za-z0-9\-]*)+", re.ASCII)
_BETWEEN = "!"
_NO_DOMAIN = "catalogue.localhost"
_ALL_OF: dict[str, tuple[str, ...]] = {COHORT: STUDIES, STUDY: ("StudyUnit",), TYPE: (*STUDIES, *ITEMS)}


def domain_of(host: str | None) -> str:
    """A host as the domain of identifiers; one without a domain name (an address of numbers) has a reserved one."""
    return host if host and _DOMAIN.fullmatch(host) else _NO_DOMAIN


# --- records ----------------------------------------------------------------------------------------------------------


def identifier_of(domain: str, record: Record) -> str:
    """``oai:domain:agency/identifier``, each part percent-encoded as in the item's address."""
    return f"oai:{domain}:{path_of(record.agency, record.identifier)[1:]}"


def is_uri(text: str) -> bool:
    """Whether an identifier is written as the protocol wants it: as a URI."""
    return _URI.fullmatch(text) is not None


def triple_of(domain: str, identifier: str) -> tuple[str, str] | None:
    """Agency and identifier behind the identifier of a record; None for what was never one of this repository."""
    scheme, _, rest = identifier.partition(":")
    found, _, local = rest.partition(":")
    agency, slash, name = local.partition("/")
    if (scheme, found, slash) != ("oai", domain, "/") or not _LOCAL.fullmatch(local):
        return None
    decoded = _decoded(agency), _decoded(name)
    if None in decoded or path_of(*decoded)[1:] != local:  # type: ignore[arg-type]
        return None
    return ("" if agency == NO_AGENCY else decoded[0] or "", decoded[1] or "")


def _decoded(text: str) -> str | None:
    try:
        return unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        return None


# --- sets -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SetName:
    """A setSpec that can be a set here.

    Attributes:
        spec: as written.
        types: of the records that it has.
        root: ``cohort``, ``study`` or ``type``.
        holder: agency and identifier of the cohort or study, if it names one.
    """

    spec: str
    types: tuple[str, ...]
    root: str
    holder: tuple[str, str] | None = None

    def is_of(self, holder: Holder) -> bool:
        """Whether the cohort or study is what the set says that it is."""
        return {COHORT: holder.cohort, STUDY: holder.study}.get(self.root, True)


def is_set(text: str) -> bool:
    """Whether it is written as a setSpec."""
    return _SET.fullmatch(text) is not None


def read_set(spec: str) -> SetName | None:
    """What a setSpec means; None for one that this repository never gives out."""
    root, *rest = spec.split(":")
    if root not in _ALL_OF:
        return None
    if not rest:
        return SetName(spec, _ALL_OF[root], root)
    if root != TYPE:
        return _held(spec, STUDIES, root, rest)
    types = (rest[0],)
    if types[0] not in _ALL_OF[TYPE]:
        return None
    if len(rest) == 1:
        return SetName(spec, types, root)
    return _held(spec, types, root, rest[1:]) if types[0] in ITEMS else None


def _held(spec: str, types: tuple[str, ...], root: str, rest: list[str]) -> SetName | None:
    holder = _read_key(rest[0]) if len(rest) == 1 else None
    return None if holder is None else SetName(spec, types, root, holder)


def key_of(agency: str, identifier: str) -> str:
    """The last part of a setSpec."""
    return f"{_legal(agency)}{_BETWEEN}{_legal(identifier)}"


def _read_key(key: str) -> tuple[str, str] | None:
    agency, between, identifier = key.partition(_BETWEEN)
    decoded = _decoded(agency.replace("~", "%")), _decoded(identifier.replace("~", "%"))
    if not between or decoded[0] is None or not decoded[1] or key_of(decoded[0], decoded[1]) != key:
        return None
    return decoded[0], decoded[1]


def _legal(text: str) -> str:
    return quote(text, safe="").replace("~", "%7E").replace("%", "~")


def sets_of(record: Record) -> Iterator[str]:
    """Every set that a record is in, but for the roots, which follow from the hierarchy."""
    yield f"{TYPE}:{record.type}"
    for holder in record.holders:
        yield from _sets_in(holder, record.type)


def _sets_in(holder: Holder, type_: str) -> Iterator[str]:
    key = key_of(holder.agency, holder.identifier)
    if type_ not in STUDIES:
        yield f"{TYPE}:{type_}:{key}"
        return
    yield from (f"{root}:{key}" for root, is_one in ((COHORT, holder.cohort), (STUDY, holder.study)) if is_one)
