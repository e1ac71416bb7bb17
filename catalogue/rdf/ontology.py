"""The vocabulary ``ddil`` as an ontology: labels and comments in English and French, published at its own address.

The table of terms is ``ddil.toml``; ``ddil.ttl`` is made from it (``python -m catalogue.rdf.ontology``).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from rdflib import DCTERMS, OWL, RDF, RDFS, XSD, Graph, Literal, Namespace, URIRef

from catalogue.rdf.namespaces import DDIL_ADDRESS

TABLE_FILE: Final = Path(__file__).with_name("ddil.toml")
TURTLE_FILE: Final = Path(__file__).with_name("ddil.ttl")
ADDRESS: Final = DDIL_ADDRESS.removesuffix("#")

_DDIL: Final = Namespace(DDIL_ADDRESS)
_WORD: Final = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
# Lists and nodes inside items; what else is not a text.
_OBJECTS: Final = frozenset(
    (
        "access", "analysisUnit", "attribute", "branches", "categoryStatisticType", "codeList", "cohort", "command",
        "condition", "contact", "contents", "dimension", "generalDataFormat", "initialValue", "instrument",
        "kindOfData", "members", "missingValues", "modeOfCollection", "note", "samplingProcedure", "statistics",
        "stepValue", "steps", "study", "text", "timeMethod", "typeOfAccess", "userAttribute", "valueDomain", "wave",
    )
)  # fmt: skip
# Value may be an address or a text, as the source has it.
_EITHER: Final = frozenset(("dataFileURI", "externalReference"))


@cache
def table() -> Mapping[str, Any]:
    """The table of terms."""
    return tomllib.loads(TABLE_FILE.read_text(encoding="utf-8"))


def words(name: str) -> str:
    """The words of a DDI name: ``QuestionItem`` gives ``question item``, ``NCube`` stays."""
    joined = " ".join(part if part.isupper() and len(part) > 1 else part.lower() for part in _WORD.findall(name))
    return joined.replace("n cube", "NCube").replace("ddi ", "DDI ")


def classes() -> tuple[str, ...]:
    """The names of the classes: elements of DDI-L, and the nodes inside items."""
    return (*table()["class"], *table()["node"])


def role_property(role: str) -> str:
    """The name of the property of references in a role."""
    return role[:1].lower() + role[1:]


def roles() -> tuple[str, ...]:
    """The roles of references in DDI-L 3.1 to 3.3: those named after a class, and those with a name of their own."""
    return tuple(dict.fromkeys((*table()["roles"]["of_class"], *table()["role"])))


def ontology() -> Graph:
    """The ontology as a graph."""
    graph = Graph(bind_namespaces="none")
    for prefix, namespace in (("owl", OWL), ("rdfs", RDFS), ("dct", DCTERMS), ("xsd", XSD), ("ddil", _DDIL)):
        graph.bind(prefix, namespace)
    about = table()["ontology"]
    subject = URIRef(ADDRESS)
    graph.add((subject, RDF.type, OWL.Ontology))
    graph.add((subject, OWL.versionInfo, Literal(about["version"])))
    graph.add((subject, OWL.versionIRI, URIRef(f"{ADDRESS}/{about['version']}")))
    graph.add((subject, DCTERMS.issued, Literal(about["issued"], datatype=XSD.date)))
    _say(graph, subject, DCTERMS.title, about["title"])
    _say(graph, subject, RDFS.label, about["title"])
    _say(graph, subject, RDFS.comment, about["comment"])
    for name, kind, label, comment in terms():
        term = _DDIL[name]
        graph.add((term, RDF.type, kind))
        graph.add((term, RDFS.isDefinedBy, subject))
        _say(graph, term, RDFS.label, label)
        _say(graph, term, RDFS.comment, comment)
    return graph


class VocabularyTerm(NamedTuple):
    """A term: its name, what it is in OWL, label and comment by language."""

    name: str
    kind: URIRef
    label: Mapping[str, str]
    comment: Mapping[str, str]


@cache
def terms() -> tuple[VocabularyTerm, ...]:
    """Every term of the vocabulary: classes, nodes, properties, roles of references."""
    return tuple(VocabularyTerm(*row) for row in _terms())


def _terms() -> Iterator[tuple[str, URIRef, Mapping[str, str], Mapping[str, str]]]:
    known = table()
    for name, french in known["class"].items():
        comment = {"en": f"{name} of DDI-Lifecycle.", "fr": f"{name} de DDI-Lifecycle."}
        yield name, OWL.Class, {"en": words(name), "fr": french}, comment
    for name, (english, french) in known["node"].items():
        yield name, OWL.Class, {"en": english, "fr": french}, {"en": f"A {english}.", "fr": f"Une {french}."}
    for name, (english, french, said, dit) in known["property"].items():
        yield name, _kind(name), {"en": english, "fr": french}, {"en": said, "fr": dit}
    for role in roles():
        name = role_property(role)
        label = {"en": words(role.removesuffix("Reference")), "fr": _french(role)}
        comment = {
            "en": f"Reference in the role {role} of DDI-Lifecycle.",
            "fr": f"Référence dans le rôle {role} de DDI-Lifecycle.",
        }
        yield name, OWL.ObjectProperty, label, comment


def _kind(name: str) -> URIRef:
    if name in _EITHER:
        return RDF.Property
    return OWL.ObjectProperty if name in _OBJECTS else OWL.DatatypeProperty


def _french(role: str) -> str:
    known = table()
    found = known["role"].get(role) or known["class"].get(role.removesuffix("Reference"))
    return str(found)


def _say(graph: Graph, subject: URIRef, predicate: URIRef, texts: Mapping[str, str]) -> None:
    for language, text in texts.items():
        graph.add((subject, predicate, Literal(text, lang=language)))


def turtle() -> str:
    """The ontology as it is published: Turtle."""
    return ontology().serialize(format="turtle")


if __name__ == "__main__":
    TURTLE_FILE.write_text(turtle(), encoding="utf-8")
