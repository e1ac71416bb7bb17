"""What of each item type goes out by which predicates: the tables of the profiles, as rows to read.

Items have the tables of ``convert``; what is said of a cohort or wave as a whole has those of ``dcat``, ``healthdcat``
and ``schemaorg``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from rdflib import URIRef

from catalogue.model.report import Message
from catalogue.rdf import dcat, healthdcat, schemaorg, shapes
from catalogue.rdf.convert import ALL
from catalogue.rdf.namespaces import DDIL, RDF, SKOS, short
from catalogue.rdf.profile import Classes, Links, Part, Profile, Properties, Row, Texts, applies

_GROUP: Final = "Group"
_STUDY_UNIT: Final = "StudyUnit"
Tables = Mapping[str, tuple[shapes.Shape[Any], ...]]
"""By item type."""
STUDIES: Final[Mapping[str, Tables]] = {
    "dcat-ap": {_GROUP: (dcat.SERIES, dcat.MEMBER, dcat.RECORD), _STUDY_UNIT: (dcat.DATASET, dcat.RECORD)},
    "healthdcat-ap": {_GROUP: (healthdcat.SERIES,), _STUDY_UNIT: (healthdcat.DATASET,)},
    "schema": {_GROUP: (schemaorg.SERIES,), _STUDY_UNIT: (schemaorg.DATASET,)},
}
"""The tables of cohorts and waves as a whole, by profile."""


class Source(StrEnum):
    """Where in DDI a row of the coverage table takes from."""

    TYPE = "type"
    TEXT = "text"
    ATTRIBUTE = "attribute"
    REFERENCE = "reference"
    PART = "part"
    STUDY = "study"


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
        said: of a study as a whole, what it is in French and in English; setting: key of the cohort settings, which may
            give it as well.
    """

    profile: str
    types: tuple[str, ...]
    but: tuple[str, ...]
    source: Source
    names: tuple[str, ...]
    predicates: tuple[str, ...]
    classes: tuple[str, ...] = ()
    said: Message | None = None
    setting: str = ""


def coverage(profiles: Sequence[Profile] = ALL, item_type: str | None = None) -> tuple[Coverage, ...]:
    """The coverage table of items, of all types or of one, in the order of the profiles; then what is for the rest."""
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


# --- cohorts and waves as a whole -------------------------------------------------------------------------------------


def study_coverage() -> tuple[Coverage, ...]:
    """The coverage table of cohorts (Group) and waves (StudyUnit) as a whole, in the order of the profiles."""
    return tuple(row for profile, tables in STUDIES.items() for row in _of_tables(profile, tables))


def _of_tables(profile: str, tables: Tables) -> Iterator[Coverage]:
    """The classes, then each row once, with the types whose tables have it."""
    types: dict[shapes.Row[Any], list[str]] = {}
    for item_type, found in tables.items():
        classes = _short(kind for shape in found for kind in shape.types)
        if classes:
            yield Coverage(profile, (item_type,), (), Source.TYPE, (), classes)
        for row in (row for shape in found for row in shape.rows):
            types.setdefault(row, []).append(item_type)
    yield from (_said_of(profile, tuple(of), row) for row, of in types.items())


def _said_of(profile: str, types: tuple[str, ...], row: shapes.Row[Any]) -> Coverage:
    assert row.place is not None, row.predicate
    inside = tuple(_inside(row.leads))
    predicates = (row.predicate, *(one.predicate for shape in inside for one in shape.rows))
    return Coverage(
        profile,
        types,
        (),
        Source.STUDY,
        tuple(filter(None, row.place.ddi.split(", "))),
        _short(predicates),
        _short(kind for shape in inside for kind in shape.types),
        row.place.name,
        row.place.setting,
    )


def _inside(leads: Iterable[shapes.Shape[Any]]) -> Iterator[shapes.Shape[Any]]:
    """The shapes of the nodes that a row leads to, and of those that these lead to."""
    for shape in leads:
        yield shape
        yield from _inside(further for row in shape.rows for further in row.leads)


def _short(terms: Iterable[URIRef]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(short(f"<{term}>") for term in terms))
