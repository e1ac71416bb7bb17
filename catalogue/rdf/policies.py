"""Conditions of use as an ODRL 2.2 offer whose rules are made of DUO codes.

Each permission is for one purpose; what narrows or accompanies use holds for all of them. DUO terms that require
something are duties: the term is the action, as ODRL's extension of actions has it (``odrl:includedIn odrl:use``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rdflib import URIRef

from catalogue.rdf.authorities import Concept
from catalogue.rdf.duo import TERMS, Rule, UseTerm
from catalogue.rdf.nodes import CONCEPT, concept_node
from catalogue.rdf.shapes import Node, Row, Shape
from catalogue.rdf.vocabularies import ODRL

_USE: Final = ODRL.use


@dataclass(frozen=True, slots=True)
class Offer:
    """What is offered to whom asks.

    Attributes:
        uri: of the offer; its rules are told apart by what follows it.
        target: what may be used; assigner: who offers it.
        terms: the conditions.
    """

    uri: URIRef
    target: URIRef
    assigner: URIRef | None
    terms: tuple[UseTerm, ...]

    def of(self, rule: Rule) -> tuple[UseTerm, ...]:
        """The terms that become one kind of rule."""
        return tuple(one for one in self.terms if one.rule is rule)


@dataclass(frozen=True, slots=True)
class _Part:
    """One rule of an offer: what it is about."""

    offer: Offer
    term: UseTerm | None = None


def offer(uri: URIRef, target: URIRef, assigner: URIRef | None, codes: Sequence[str]) -> Iterator[Node]:
    """The offer that DUO codes make, if there are any; addresses of the ontology are taken as codes."""
    by_address = {one.address: one for one in TERMS.values()}
    terms = tuple(found for code in codes if (found := TERMS.get(code) or by_address.get(code)))
    if terms:
        yield Node(uri, OFFER, Offer(uri, target, assigner, terms))


def _term_concept(term: UseTerm) -> Concept:
    return Concept(term.address, (term.fr, term.en))


def _constraint(part: _Part, term: UseTerm) -> Node:
    return Node(URIRef(f"{part.offer.uri}-{term.code}"), _CONSTRAINT, term)


def _constraints(part: _Part) -> Iterator[Node]:
    own = (part.term,) if part.term and part.term.code != "NRES" else ()
    return (_constraint(part, one) for one in (*own, *part.offer.of(Rule.CONSTRAINT)))


def _duties(part: _Part) -> Iterator[Node]:
    return (Node(URIRef(f"{part.offer.uri}-{one.code}"), _DUTY, one) for one in part.offer.of(Rule.DUTY))


def _permissions(one: Offer) -> Iterator[Node]:
    purposes: tuple[UseTerm | None, ...] = one.of(Rule.PERMISSION) or (None,)
    for purpose in purposes:
        name = purpose.code if purpose else "use"
        yield Node(URIRef(f"{one.uri}-permission-{name}"), _PERMISSION, _Part(one, purpose))


def _prohibitions(one: Offer) -> Iterator[Node]:
    return (
        Node(URIRef(f"{one.uri}-prohibition-{term.code}"), _PROHIBITION, _Part(one, term))
        for term in one.of(Rule.PROHIBITION)
    )


_CONSTRAINT: Final[Shape[UseTerm]] = Shape(
    (ODRL.Constraint,),
    (
        Row(ODRL.leftOperand, lambda one: (ODRL[one.operand],)),
        Row(ODRL.operator, lambda _: (ODRL.isA,)),
        Row(ODRL.rightOperand, lambda one: (concept_node(_term_concept(one)),), leads=(CONCEPT,)),
    ),
)
_REQUIREMENT: Final[Shape[Concept]] = Shape(
    (*CONCEPT.types, ODRL.Action), (*CONCEPT.rows, Row(ODRL.includedIn, lambda _: (_USE,)))
)
_DUTY: Final[Shape[UseTerm]] = Shape(
    (ODRL.Duty,),
    (Row(ODRL.action, lambda one: (concept_node(_term_concept(one), _REQUIREMENT),), leads=(_REQUIREMENT,)),),
)
_PERMISSION: Final[Shape[_Part]] = Shape(
    (ODRL.Permission,),
    (
        Row(ODRL.target, lambda one: (one.offer.target,)),
        Row(ODRL.action, lambda _: (_USE,)),
        Row(ODRL.constraint, _constraints, leads=(_CONSTRAINT,)),
        Row(ODRL.duty, _duties, leads=(_DUTY,)),
    ),
)
_PROHIBITION: Final[Shape[_Part]] = Shape(
    (ODRL.Prohibition,),
    (
        Row(ODRL.target, lambda one: (one.offer.target,)),
        Row(ODRL.action, lambda _: (_USE,)),
        Row(ODRL.constraint, lambda one: (_constraint(one, one.term),) if one.term else (), leads=(_CONSTRAINT,)),
    ),
)
OFFER: Final[Shape[Offer]] = Shape(
    (ODRL.Offer, ODRL.Policy),
    (
        Row(ODRL.uid, lambda one: (one.uri,)),
        Row(ODRL.assigner, lambda one: (one.assigner,) if one.assigner else ()),
        Row(ODRL.permission, _permissions, leads=(_PERMISSION,)),
        Row(ODRL.prohibition, _prohibitions, leads=(_PROHIBITION,)),
    ),
)
