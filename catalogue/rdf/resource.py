"""What is converted to RDF: an item, and what its triples name of others. Values, made by ``exposure.resources``."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from catalogue.model.contents import CodeListContent, Content, GenericContent
from catalogue.model.identity import Identification
from catalogue.model.items import Item
from catalogue.model.text import InternationalString

_EMPTY = InternationalString()


@dataclass(frozen=True, slots=True)
class Related:
    """Another item, as an item's triples name it."""

    identification: Identification
    type: str


@dataclass(frozen=True, slots=True)
class Link:
    """A reference of the item: ``target`` is None where it dangles, and ``written`` is what it spells."""

    role: str
    path: str
    position: int
    written: str
    target: Related | None


@dataclass(frozen=True, slots=True)
class Code:
    """A code of a code list: depth in the hierarchy from 0, its value, the label of its category, the category.

    ``item`` is the code's own identification, where the source identifies it.
    """

    depth: int
    value: str
    label: InternationalString = _EMPTY
    category: Identification | None = None
    missing: bool = False
    item: Identification | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """One item ready for conversion.

    Attributes:
        item: as read: texts, properties, user ids and attributes.
        content: what is typed in it; a ``Target.position`` in it is the position of a link.
        links: every reference in source order.
        parent: what it stands inside; children: what stands directly inside it, in document order.
        codes: of a code list, hierarchy flattened in order.
        cohorts, studies, waves: that hold it.
        previous: the version before this one, if it is published; latest: whether no newer version is.
        variant: 0, or which of several contents that the source gives under the same identification.
        deprecated: no published revision holds it any more.
    """

    item: Item
    content: Content = field(default_factory=GenericContent)
    links: tuple[Link, ...] = ()
    parent: Related | None = None
    children: tuple[Related, ...] = ()
    codes: tuple[Code, ...] = ()
    cohorts: tuple[Related, ...] = ()
    studies: tuple[Related, ...] = ()
    waves: tuple[Related, ...] = ()
    previous: Identification | None = None
    latest: bool = True
    published_at: datetime | None = None
    variant: int = 0
    deprecated: bool = False

    @property
    def has_codes(self) -> bool:
        """Whether it is a code list."""
        return isinstance(self.content, CodeListContent)

    def link(self, position: int) -> Link | None:
        """The reference at a position."""
        return self.links[position] if position < len(self.links) else None
