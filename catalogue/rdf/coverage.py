"""What of each item type goes out by which predicates: the tables of the profiles, as rows to read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from catalogue.rdf.convert import ALL
from catalogue.rdf.namespaces import DDIL, RDF, SKOS, short
from catalogue.rdf.profile import Classes, Links, Part, Profile, Properties, Row, Texts, applies


class Source(StrEnum):
    """Where in DDI a row of the coverage table takes from."""

    TYPE = "type"
    TEXT = "text"
    ATTRIBUTE = "attribute"
    REFERENCE = "reference"
    PART = "part"


@dataclass(frozen=True, slots=True)
class Coverage:
    """A row of the coverage table.

    Attributes:
        profile: the mapping that it belongs to.
        types: item types, empty for all; ``but``: those left out.
        source: where it takes from.
        names: paths of texts or attributes, roles of references, or in words what a part is.
        predicates: by which it goes out, as prefix and name; of ``TYPE`` the classes.
        classes: of the nodes that it makes.
    """

    profile: str
    types: tuple[str, ...]
    but: tuple[str, ...]
    source: Source
    names: tuple[str, ...]
    predicates: tuple[str, ...]
    classes: tuple[str, ...] = ()


def coverage(profiles: Sequence[Profile] = ALL, item_type: str | None = None) -> tuple[Coverage, ...]:
    """The coverage table, of all item types or of one, in the order of the profiles; then what is for the rest."""
    rows = [
        _covered(profile.name, row)
        for profile in profiles
        for row in profile.rows
        if item_type is None or applies(row, item_type)
    ]
    generic = [row for profile in profiles if profile.generic for row in _generic(profile.name)]
    return (*rows, *generic)


def predicates(profiles: Sequence[Profile] = ALL) -> frozenset[str]:
    """Every predicate that the profiles can give, as prefix and name; those of references by role are left out."""
    return frozenset(name for row in coverage(profiles) if row.source is not Source.TYPE for name in row.predicates)


def _covered(profile: str, row: Row) -> Coverage:
    if isinstance(row, Classes):
        return Coverage(profile, row.types, (), Source.TYPE, (), tuple(map(short, row.classes)))
    if isinstance(row, Part):
        said = tuple(map(short, row.predicates))
        return Coverage(profile, row.types, (), Source.PART, (row.says,), said, tuple(map(short, row.classes)))
    if isinstance(row, Links):
        return Coverage(profile, row.types, row.but, Source.REFERENCE, row.roles, (short(row.predicate),))
    source = Source.TEXT if isinstance(row, Texts) else Source.ATTRIBUTE
    return Coverage(profile, row.types, getattr(row, "but", ()), source, row.paths, *_taken(row))


def _taken(row: Texts | Properties) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The predicates and classes of a row that takes what is written at paths."""
    node = row.node if isinstance(row, Texts) else None
    further = row.further if isinstance(row, Texts) else None
    found = [row.predicate, *([further] if further else []), *([SKOS.notation, SKOS.prefLabel] if node else [])]
    return tuple(map(short, found)), (short(node),) if node else ()


def _generic(profile: str) -> tuple[Coverage, ...]:
    """What takes everything that no row takes."""
    node = (short(DDIL.path), short(RDF.value))
    return (
        Coverage(profile, (), (), Source.TEXT, ("**",), (short(DDIL.text), *node, short(DDIL.languageTag))),
        Coverage(profile, (), (), Source.ATTRIBUTE, ("**",), (short(DDIL.attribute), *node)),
        Coverage(profile, (), (), Source.REFERENCE, ("**",), ("ddil:{role}",)),
    )
