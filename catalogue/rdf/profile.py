"""A profile: one mapping of items to the terms of one vocabulary, as a table of rows; and the tables as one plan.

A row says of which item types which part goes out by which predicate, and how. Rows for what an item says in so many
words (``Texts``, ``Properties``, ``Links``) are data only; what takes more than a word is a ``Part``, a function with
the predicates that it gives and the paths that it covers. What no row takes is for the generic rows of ``ddil``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

from catalogue.rdf import terms
from catalogue.rdf.describing import Description
from catalogue.rdf.terms import Term

Form = Callable[[str, str | None], Term]
"""How a text and its language become a term."""
ANY: tuple[str, ...] = ()
"""As the types of a row: every item type."""


@dataclass(frozen=True, slots=True)
class Classes:
    """Items of these types are of these classes."""

    types: tuple[str, ...]
    classes: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts at these paths (``*``: any step or part of one; ``**``: any steps) go out by a predicate.

    Attributes:
        form: what becomes of the text; by default it keeps its language.
        further: predicate for a second text in the same language, where the first may have but one.
        node: the class of a node of its own, which gets the text as ``skos:notation``; for coded words.
        but: item types that are left out.
    """

    types: tuple[str, ...]
    paths: tuple[str, ...]
    predicate: Term
    form: Form = terms.tagged
    further: Term | None = None
    node: Term | None = None
    but: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Properties:
    """Attributes at these paths go out by a predicate."""

    types: tuple[str, ...]
    paths: tuple[str, ...]
    predicate: Term
    form: Form = terms.plain


@dataclass(frozen=True, slots=True)
class Links:
    """References in these roles go out by a predicate, beside ``ddil:`` and their role.

    Attributes:
        targets: only those to items of these types; empty: to any.
        but: item types that are left out.
    """

    types: tuple[str, ...]
    roles: tuple[str, ...]
    predicate: Term
    targets: tuple[str, ...] = ()
    but: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """What a function says of an item of these types.

    Attributes:
        says: for the coverage table: what it is, in the words of DDI.
        predicates: that it gives.
        texts, properties: paths that it covers; a text at such a path that it did not say goes out generically.
    """

    types: tuple[str, ...]
    says: str
    build: Callable[[Description], None]
    predicates: tuple[Term, ...]
    texts: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()
    classes: tuple[Term, ...] = ()


Row = Classes | Texts | Properties | Links | Part


@dataclass(frozen=True, slots=True, eq=False)  # by identity: plans are looked up by profiles for every item
class Profile:
    """A named mapping; ``generic`` says whether what no row takes goes out as well."""

    name: str
    rows: tuple[Row, ...]
    generic: bool = False


def applies(row: Row, item_type: str) -> bool:
    """Whether a row is for items of a type."""
    return (not row.types or item_type in row.types) and item_type not in getattr(row, "but", ())


@lru_cache(maxsize=1024)
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.escape(path).replace(r"\*\*", ".*").replace(r"\*", "[^/]*"))


def matches(paths: Iterable[str], path: str) -> bool:
    """Whether a path is one of these, in which ``*`` stands for a step or part of one, ``**`` for any steps."""
    return any(path == one or ("*" in one and _pattern(one).fullmatch(path)) for one in paths)


R = TypeVar("R", Texts, Properties)


class _ByPath(dict[str, tuple[R, ...]], Generic[R]):
    """The rows that take what stands at a path, found once per path."""

    def __init__(self, rows: Sequence[R]) -> None:
        super().__init__()
        self._rows: Sequence[R] = rows

    def __missing__(self, path: str) -> tuple[R, ...]:
        found = self[path] = tuple(row for row in self._rows if matches(row.paths, path))
        return found


class _Covered(dict[str, bool]):
    """Whether a part covers what stands at a path, found once per path."""

    def __init__(self, paths: tuple[str, ...]) -> None:
        super().__init__()
        self._paths = paths

    def __bool__(self) -> bool:
        return bool(self._paths)

    def __missing__(self, path: str) -> bool:
        found = self[path] = matches(self._paths, path)
        return found


class Plan:
    """All rows of some profiles that are for one item type."""

    def __init__(self, item_type: str, profiles: Sequence[Profile]) -> None:
        rows = [row for profile in profiles for row in profile.rows if applies(row, item_type)]
        parts = [row for row in rows if isinstance(row, Part)]
        self.classes = tuple(dict.fromkeys(name for row in rows if isinstance(row, Classes) for name in row.classes))
        self.texts = _ByPath([row for row in rows if isinstance(row, Texts)])
        self.properties = _ByPath([row for row in rows if isinstance(row, Properties)])
        self.links: dict[str, list[Links]] = {}
        for row in (row for row in rows if isinstance(row, Links)):
            for role in row.roles:
                self.links.setdefault(role, []).append(row)
        self.parts = tuple(row.build for row in parts)
        self.covered_texts = _Covered(tuple(path for row in parts for path in row.texts))
        self.covered_properties = _Covered(tuple(path for row in parts for path in row.properties))
        self.generic = any(profile.generic for profile in profiles)


@lru_cache(maxsize=2048)
def plan_for(item_type: str, profiles: tuple[Profile, ...]) -> Plan:
    """The plan for items of a type; made once."""
    return Plan(item_type, profiles)
