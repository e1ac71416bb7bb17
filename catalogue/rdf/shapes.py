"""How a study, an agent, a distribution is described in RDF by a table of rows: the same table says what is missing.

A ``Shape`` is a class of nodes with a ``Row`` for each of its properties. A row finds the values in whatever the
node is made from; a value that is itself a ``Node`` is described by its own shape. Nodes inside an item are hash
addresses of it, so that triples are sets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any, Final, Generic, TypeVar

from rdflib import RDF, XSD, Literal, URIRef

from catalogue.model.cataloguing import Words
from catalogue.model.report import Message
from catalogue.model.text import InternationalString
from catalogue.rdf import terms

S = TypeVar("S")
Term = URIRef | Literal
Triple = tuple[URIRef, URIRef, Term]

_DATES: Final = {XSD.date, XSD.dateTime, XSD.gYear, XSD.gYearMonth}


class Need(IntEnum):
    """How much an application profile asks for a property."""

    OPTIONAL = 0
    RECOMMENDED = 1
    MANDATORY = 2


@dataclass(frozen=True, slots=True)
class Place:
    """Where a data manager gives a property.

    Attributes:
        name: what it is.
        ddi: path of the DDI-L 3.3 element, if it can be given there.
        setting: key in the cohort settings, if it can be given there.
    """

    name: Message
    ddi: str = ""
    setting: str = ""


@dataclass(frozen=True, slots=True)
class Row(Generic[S]):
    """One property: its predicate, its values, what is written where there are none, how much it is asked for.

    Attributes:
        leads: the shapes of the nodes among its values, for those who tell what can be said without saying it.
    """

    predicate: URIRef
    values: Callable[[S], Iterable[Term | Node]]
    need: Need = Need.OPTIONAL
    place: Place | None = None
    otherwise: Callable[[S], Iterable[Term | Node]] | None = None
    leads: tuple[Shape[Any], ...] = ()

    def found(self, source: S) -> tuple[Term | Node, ...]:
        """The values to write."""
        return tuple(self.values(source)) or (tuple(self.otherwise(source)) if self.otherwise else ())


@dataclass(frozen=True, slots=True)
class Shape(Generic[S]):
    """A class of nodes: its RDF types and its properties."""

    types: tuple[URIRef, ...]
    rows: tuple[Row[S], ...] = ()


@dataclass(frozen=True, slots=True)
class Node:
    """A node with what it is described from."""

    uri: URIRef
    shape: Shape[Any]
    source: Any = None


@dataclass(frozen=True, slots=True)
class Lack:
    """A property that an application profile asks for and that nothing is known for.

    Attributes:
        path: predicates from the node that was asked about; node: the one that lacks it.
    """

    path: tuple[URIRef, ...]
    node: URIRef
    need: Need
    place: Place


def described(node: Node) -> Iterator[Triple]:
    """Every triple of a node and of those that it leads to, in the order of the tables; a triple may come twice."""
    for kind in node.shape.types:
        yield node.uri, RDF.type, kind
    for row in node.shape.rows:
        for value in row.found(node.source):
            if isinstance(value, Node):
                yield node.uri, row.predicate, value.uri
                yield from described(value)
            else:
                yield node.uri, row.predicate, value


def lacking(node: Node, path: tuple[URIRef, ...] = ()) -> Iterator[Lack]:
    """What a node and those that it leads to lack of what their tables ask for."""
    for row in node.shape.rows:
        found = tuple(row.values(node.source))
        here = (*path, row.predicate)
        if not found and row.need and row.place:
            yield Lack(here, node.uri, row.need, row.place)
        for value in found:
            if isinstance(value, Node):
                yield from lacking(value, here)


# --- values -----------------------------------------------------------------------------------------------------------


def addresses(*texts: str | None) -> Iterator[URIRef]:
    """Those that are given and are addresses."""
    found = (terms.address(one) for one in texts if one)
    return (URIRef(one[1:-1]) for one in found if one)


def mail(text: str | None) -> Iterator[URIRef]:
    """An e-mail address as a node."""
    return addresses(f"mailto:{text.strip().removeprefix('mailto:')}" if text and "@" in text else None)


def literals(texts: InternationalString | Words) -> Iterator[Literal]:
    """A text in every language that it is in; a tag that RDF does not admit is left out."""
    if isinstance(texts, InternationalString):
        pairs = [(one.language, one.text) for one in texts]
    else:
        pairs = list(texts.items())
    return (_literal(terms.tagged(text, language)) for language, text in pairs if text.strip())


def _literal(term: terms.Term) -> Literal:
    found = terms.decode(term)
    assert isinstance(found, Literal)
    return found


def date(text: str | None) -> Iterator[Literal]:
    """An ISO 8601 date, month, year or moment, typed as what it is; nothing where it is none of these."""
    found = _literal(terms.moment(text.strip())) if text else None
    if found is not None and found.datatype in _DATES:
        yield found


def moment(at: datetime | None) -> Iterator[Literal]:
    """A point in time."""
    if at is not None:
        yield _literal(terms.instant(at))


def count(number: int | None) -> Iterator[Literal]:
    """How many of something."""
    if number is not None:
        yield _literal(terms.whole(str(number)))


def plain(text: str | None) -> Iterator[Literal]:
    """A text without language."""
    if text and text.strip():
        yield _literal(terms.quoted(text.strip()))


def any_uri(text: str | None) -> Iterator[Literal]:
    """An address as a text of type xsd:anyURI."""
    return (Literal(str(one), datatype=XSD.anyURI) for one in addresses(text))
