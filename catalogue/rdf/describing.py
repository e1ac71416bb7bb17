"""The triples of one item while they are gathered: a set that keeps its order, and the addresses that they name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from catalogue.model.contents import Target
from catalogue.model.identity import Identification, path_of
from catalogue.model.text import InternationalString
from catalogue.rdf import terms
from catalogue.rdf.namespaces import RDF
from catalogue.rdf.resource import Resource
from catalogue.rdf.terms import Term, Triple


@lru_cache(maxsize=1 << 15)
def item_address(base: str, identification: Identification) -> str:
    """Where an item in its version is described, without brackets."""
    return f"{base}/id{identification.path}"


def unversioned(base: str, identification: Identification) -> Term:
    """The item in whatever version; its address answers with the latest."""
    return f"<{base}/id{path_of(identification.agency, identification.identifier)}>"


class Description:
    """Gathers what is said of one item.

    Attributes:
        resource: the item and what is around it.
        subject: the item as a term.
        said: the triples so far, each once, in the order in which they were said.
    """

    __slots__ = ("_address", "_base", "_part", "resource", "said", "subject")

    def __init__(self, resource: Resource, base: str) -> None:
        self.resource = resource
        self._base = base
        self._address = item_address(base, resource.item.identification)
        self._part = f"{self._address}#variant-{resource.variant}-" if resource.variant else f"{self._address}#"
        self.subject = f"<{self._address}>"
        self.said: dict[Triple, None] = {}

    # --- addresses ----------------------------------------------------------------------------------------------------

    def part(self, name: str) -> Term:
        """A node inside the item: never a blank one, so that triples can be compared and streamed."""
        return f"<{self._part}{name}>"

    def item(self, identification: Identification) -> Term:
        """Another item."""
        return f"<{item_address(self._base, identification)}>"

    @property
    def unversioned(self) -> Term:
        """The item in whatever version."""
        return unversioned(self._base, self.resource.item.identification)

    def target(self, target: Target | None) -> Term | None:
        """What a reference in the content leads to: the item, or what is written where it dangles."""
        return None if target is None else self.at(target.position)

    def at(self, position: int) -> Term | None:
        """What the reference at a position leads to."""
        link = self.resource.link(position)
        if link is None:
            return None
        return self.item(link.target.identification) if link.target else self.dangling(position)

    def dangling(self, position: int) -> Term | None:
        """A reference that leads to nothing known: its address outside, else the URN that it spells."""
        reference = self.resource.item.references[position]
        if reference.identifier:
            return terms.urn(reference.agency, reference.identifier, reference.version)
        return terms.address(reference.external_uri or "")

    # --- saying -------------------------------------------------------------------------------------------------------

    def say(self, predicate: Term, value: Term | None, subject: Term | None = None) -> None:
        """A triple about the item, or about another subject; None says nothing."""
        if value is not None:
            self.said[(subject or self.subject, predicate, value)] = None

    def be(self, subject: Term, *classes: Term) -> None:
        """A node is of these classes."""
        for name in classes:
            self.said[(subject, RDF.type, name)] = None

    def tell(self, predicate: Term, texts: InternationalString, subject: Term | None = None) -> None:
        """A text in its languages."""
        for text in texts:
            self.said[(subject or self.subject, predicate, terms.tagged(text.text, text.language))] = None

    def order(self, predicate: Term, name: str, members: Sequence[Term], subject: Term | None = None) -> None:
        """An ordered collection (``rdf:List``), its cells named ``name-1``, ``name-2``...; none where it is empty."""
        cells = [self.part(f"{name}-{number}") for number in range(1, len(members) + 1)]
        self.say(predicate, cells[0] if cells else None, subject)
        for cell, following, member in zip(cells, [*cells[1:], RDF.nil][: len(cells)], members, strict=True):
            self.said[(cell, RDF.first, member)] = None
            self.said[(cell, RDF.rest, following)] = None

    def targets(self, targets: Iterable[Target]) -> list[Term]:
        """What references in the content lead to, in order."""
        return [term for target in targets if (term := self.target(target))]
