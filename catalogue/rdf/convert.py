"""Items to RDF: every row of the profiles that is for an item's type is followed, and what no row takes goes out
generically. Pure: the same resource, base and profiles give the same triples in the same order.

Nodes inside an item are named by fragments of its address, the cells of lists too (RDF 1.1 Concepts, 3.5), so that the
triples of an item, of a document and of a catalogue are plain sets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rdflib import Graph, Literal, URIRef

from catalogue.model.items import PathText
from catalogue.rdf import terms
from catalogue.rdf.cdi import CDI_PROFILE
from catalogue.rdf.ddil import DDIL_PROFILE
from catalogue.rdf.describing import Description
from catalogue.rdf.disco import DISCO_PROFILE
from catalogue.rdf.namespaces import DDIL, RDF, SKOS, bind
from catalogue.rdf.profile import Plan, Profile, Texts, plan_for
from catalogue.rdf.prov import PROV_PROFILE
from catalogue.rdf.resource import Resource
from catalogue.rdf.skos import SKOS_PROFILE
from catalogue.rdf.terms import Term, Triple
from catalogue.rdf.xkos import XKOS_PROFILE

ALL: tuple[Profile, ...] = (SKOS_PROFILE, XKOS_PROFILE, DISCO_PROFILE, CDI_PROFILE, PROV_PROFILE, DDIL_PROFILE)
RdfTriple = tuple[URIRef, URIRef, URIRef | Literal]


# --- what comes out ---------------------------------------------------------------------------------------------------


def statements(resource: Resource, base: str, profiles: Sequence[Profile] = ALL) -> Iterable[Triple]:
    """The triples of an item, each once, in N-Triples' terms.

    Args:
        resource: the item and what is around it.
        base: root of all addresses, without a slash at its end.
        profiles: which mappings to follow.
    """
    description = Description(resource, base)
    plan = plan_for(resource.item.type, tuple(profiles))
    _classify(description, plan)
    for build in plan.parts:
        build(description)
    values = _Values(description, plan)
    _say_texts(description, plan, values)
    _say_properties(description, plan, values)
    _say_links(description, plan)
    return description.said


def lines(resource: Resource, base: str, profiles: Sequence[Profile] = ALL) -> bytes:
    """The triples of an item as N-Triples: the way to convert many."""
    return "".join([f"{s} {p} {o} .\n" for s, p, o in statements(resource, base, profiles)]).encode()


def triples(resource: Resource, base: str, profiles: Sequence[Profile] = ALL) -> Iterator[RdfTriple]:
    """The triples of an item in rdflib's terms. See ``statements``."""
    decode = terms.decode
    for subject, predicate, value in statements(resource, base, profiles):
        yield decode(subject), decode(predicate), decode(value)  # type: ignore[misc]  # only values are literals


def to_graph(resource: Resource, base: str, profiles: Sequence[Profile] = ALL) -> Graph:
    """The triples of one item as a graph with the prefixes of all vocabularies."""
    graph = bind(Graph(bind_namespaces="none"))
    for triple in triples(resource, base, profiles):
        graph.add(triple)
    return graph


def n_triples(found: Iterable[RdfTriple]) -> bytes:
    """Triples in rdflib's terms as N-Triples, in their order, each once."""
    encode = terms.encode
    unique = dict.fromkeys((encode(s), encode(p), encode(o)) for s, p, o in found)
    return "".join([f"{s} {p} {o} .\n" for s, p, o in unique]).encode()


# --- following the rows -----------------------------------------------------------------------------------------------


def _classify(description: Description, plan: Plan) -> None:
    said, subject, is_a = description.said, description.subject, RDF.type
    for name in plan.classes:
        said[(subject, is_a, name)] = None


def _say_texts(description: Description, plan: Plan, values: _Values) -> None:
    """Texts by the rows of their paths; what a part covers only if the part has not said it."""
    seen: set[tuple[Term, str]] = set()
    for number, text in enumerate(description.resource.item.texts, 1):
        rows = plan.texts[text.path]
        for row in rows:
            _say_text(description, row, text, number, seen)
        untold = not rows and not (plan.covered_texts[text.path] and values.hold(text.text, text.language))
        malformed = text.language and not terms.is_well_formed(text.language)
        if plan.generic and (untold or malformed):
            _say_generic_text(description, text, number)


def _say_text(description: Description, row: Texts, text: PathText, number: int, seen: set[tuple[Term, str]]) -> None:
    if row.node is not None:
        _say_coded(description, row, text, number)
        return
    predicate = row.predicate
    if row.further is not None:
        key = (predicate, (text.language or "").lower())
        predicate = row.further if key in seen else predicate
        seen.add(key)
    description.said[(description.subject, predicate, row.form(text.text, text.language))] = None


def _say_coded(description: Description, row: Texts, text: PathText, number: int) -> None:
    """A coded word as a node of its own: its notation, and in words where the source has it in a language."""
    assert row.node is not None
    node = description.part(f"term-{number}")
    description.be(node, row.node)
    description.say(SKOS.notation, terms.plain(text.text), node)
    description.say(SKOS.prefLabel, terms.tagged(text.text, text.language) if text.language else None, node)
    description.say(row.predicate, node)


def _say_generic_text(description: Description, text: PathText, number: int) -> None:
    node = description.part(f"text-{number}")
    description.say(DDIL.text, node)
    description.say(DDIL.path, terms.plain(text.path), node)
    description.say(RDF.value, terms.tagged(text.text, text.language), node)
    if text.language and not terms.is_well_formed(text.language):
        description.say(DDIL.languageTag, terms.plain(text.language), node)


def _say_properties(description: Description, plan: Plan, values: _Values) -> None:
    for number, (path, value) in enumerate(description.resource.item.properties, 1):
        rows = plan.properties[path]
        for row in rows:
            description.say(row.predicate, row.form(value, None))
        told = rows or (plan.covered_properties[path] and values.hold(value, None))
        if plan.generic and not told:
            node = description.part(f"attribute-{number}")
            description.say(DDIL.attribute, node)
            description.say(DDIL.path, terms.plain(path), node)
            description.say(RDF.value, terms.plain(value), node)


def _say_links(description: Description, plan: Plan) -> None:
    for link in description.resource.links:
        for row in plan.links.get(link.role, ()):
            if not row.targets or (link.target is not None and link.target.type in row.targets):
                description.say(row.predicate, description.at(link.position))


class _Values:
    """What the parts have said as literals, until now; gathered only where there are paths that they cover."""

    def __init__(self, description: Description, plan: Plan) -> None:
        covers = plan.covered_texts or plan.covered_properties
        self._tagged = {value for _, _, value in description.said if value[0] == '"'} if covers else set()
        self._bare = {value[: value.rindex('"') + 1] for value in self._tagged if "@" not in value[value.rindex('"') :]}

    def hold(self, text: str, language: str | None) -> bool:
        """Whether the text was said in its language, or as a value that is of none."""
        return terms.tagged(text, language) in self._tagged or terms.quoted(text) in self._bare
