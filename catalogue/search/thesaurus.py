"""The thesaurus that widens a query with synonyms and translations: SKOS in, concepts that a query names out.

The SKOS sections and integrity conditions (S12, S13, ...) are those of the SKOS Reference, W3C Recommendation of
18 August 2009. Any SKOS file will do; ``thesaurus.ttl`` beside this module is used where none is named.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from catalogue.errors import CatalogueError
from catalogue.model.text import primary_language

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

Normaliser = Callable[[str], tuple[str, ...]]
"""A label or a query -> its words in the form in which both meet."""

FORMATS: Final = {
    ".ttl": "turtle",
    ".rdf": "xml",
    ".xml": "xml",
    ".owl": "xml",
    ".jsonld": "json-ld",
    ".json": "json-ld",
}
"""Extension of a SKOS file -> the name of its syntax."""

_SPACE: Final = re.compile(r"\s")
_LONGEST_REASON = 300


class ThesaurusError(CatalogueError):
    """The thesaurus file is missing, malformed or empty, or breaks an integrity condition of SKOS."""

    code = "thesaurus"
    title = "The thesaurus cannot be used"
    exit_code = 2
    http_status = 503
    next_step = "Mend the SKOS file as the message says, or unset CATALOGUE_THESAURUS to use the one that ships."


@dataclass(frozen=True, slots=True)
class Label:
    """A lexical label of a concept (SKOS section 5); ``preferred`` tells skos:prefLabel from the other two."""

    text: str
    language: str | None
    preferred: bool


@dataclass(frozen=True, slots=True)
class ThesaurusConcept:
    """A skos:Concept with its labels, preferred ones first, and the URIs of the next broader concepts (section 8).

    Raises:
        ThesaurusError: there is no label.
    """

    uri: str
    labels: tuple[Label, ...]
    broader: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.labels:
            raise ThesaurusError(f"The concept {self.uri} has no label.")

    def preferred(self, language: str) -> str:
        """The preferred label in a language (``fr`` also finds ``fr-CA``); else the first label there is."""
        wanted = primary_language(language)
        for label in self.labels:
            if label.preferred and primary_language(label.language) == wanted:
                return label.text
        return self.labels[0].text


@dataclass(frozen=True, slots=True)
class Match:
    """The words [start, stop) of a query are the label of the concept."""

    start: int
    stop: int
    concept: ThesaurusConcept
    label: Label


class Thesaurus:
    """Concepts, found by their labels in normal form.

    Args:
        concepts: in the order in which concepts that share a label are to be found.
        normal: gives the words of a label; a label without any is never found.
    """

    def __init__(self, concepts: Iterable[ThesaurusConcept], normal: Normaliser) -> None:
        self.concepts: Final = tuple(concepts)
        self._named: dict[tuple[str, ...], list[tuple[ThesaurusConcept, Label]]] = {}
        for concept in self.concepts:
            for label in concept.labels:
                if words := normal(label.text):
                    self._name(words, concept, label)
                    if len(words) > 1 and not _SPACE.search(label.text):  # SF-36 is as often written SF36
                        self._name(("".join(words),), concept, label)
        self._lengths = _lengths_by_first_word(self._named)
        self._by_uri = {concept.uri: concept for concept in self.concepts}
        self._narrower: dict[str, list[ThesaurusConcept]] = {}
        for concept in self.concepts:
            for uri in concept.broader:
                self._narrower.setdefault(uri, []).append(concept)

    def _name(self, words: tuple[str, ...], concept: ThesaurusConcept, label: Label) -> None:
        """Let the words find the concept, once: under the first of its labels that has this normal form."""
        found = self._named.setdefault(words, [])
        if not found or found[-1][0] is not concept:
            found.append((concept, label))

    def __len__(self) -> int:
        return len(self.concepts)

    def broader(self, concept: ThesaurusConcept) -> tuple[ThesaurusConcept, ...]:
        """The next broader concepts (skos:broader)."""
        return tuple(self._by_uri[uri] for uri in concept.broader if uri in self._by_uri)

    def narrower(self, concept: ThesaurusConcept) -> tuple[ThesaurusConcept, ...]:
        """Every concept below one, nearest first, itself left out (skos:narrower, transitive)."""
        found: dict[str, ThesaurusConcept] = {}
        level = [concept]
        while level:
            below = {one.uri: one for over in level for one in self._narrower.get(over.uri, ())}
            level = [one for uri, one in below.items() if uri not in found and uri != concept.uri]
            found |= {one.uri: one for one in level}
        return tuple(found.values())

    def find(self, words: Sequence[str]) -> tuple[Match, ...]:
        """The concepts that a query names.

        Args:
            words: the query in normal form, an entry per word.

        Returns:
            Matches from left to right that do not overlap; at each word the longest label wins. Concepts that share
            a label come one after the other with the same span.
        """
        found: list[Match] = []
        start = 0
        while start < len(words):
            here = self._longest(words, start)
            found.extend(here)
            start = here[0].stop if here else start + 1
        return tuple(found)

    def _longest(self, words: Sequence[str], start: int) -> list[Match]:
        for length in self._lengths.get(words[start], ()):
            span = tuple(words[start : start + length])  # shorter at the end of the query
            if named := self._named.get(span):
                return [Match(start, start + len(span), concept, label) for concept, label in named]
        return []


def _lengths_by_first_word(labels: Iterable[tuple[str, ...]]) -> dict[str, tuple[int, ...]]:
    """How many words the labels have that begin with a word, longest first."""
    lengths: dict[str, set[int]] = {}
    for words in labels:
        lengths.setdefault(words[0], set()).add(len(words))
    return {first: tuple(sorted(found, reverse=True)) for first, found in lengths.items()}


# --- reading ----------------------------------------------------------------------------------------------------------


def starter_file() -> Path:
    """The thesaurus of health cohorts that ships with the catalogue (Turtle)."""
    return Path(__file__).with_name("thesaurus.ttl")


def read_thesaurus(path: Path | None, normal: Normaliser) -> Thesaurus:
    """Read a SKOS file.

    Args:
        path: Turtle, RDF/XML or JSON-LD by its extension (``FORMATS``); None for the one that ships.
        normal: gives the words of a label or query in the form in which they meet.

    Returns:
        Every resource of type skos:Concept with its prefLabel, altLabel and hiddenLabel (section 5). Concepts of the
        file that skos:exactMatch connects, which is symmetric and transitive (S44, S45), are one with all labels.

    Raises:
        ThesaurusError: the file is missing, malformed or without concept; a concept has no label, a label that is no
            plain literal (S12), a label in two of the three roles (S13), or two preferred ones in a language (S14).
    """
    source = path or starter_file()
    syntax = FORMATS.get(source.suffix.lower())
    if syntax is None:
        raise ThesaurusError(f"The extension of {source} is none of {', '.join(FORMATS)}.")
    try:
        data = source.read_bytes()
    except OSError as error:
        raise ThesaurusError(f"The thesaurus {source} cannot be read: {error.strerror or error}.") from error
    return Thesaurus(_concepts(data, syntax, source), normal)


@lru_cache(maxsize=2)
def _concepts(data: bytes, syntax: str, source: Path) -> tuple[ThesaurusConcept, ...]:
    """The concepts of a SKOS file in the order of their URIs; kept, since Turtle is slow to read."""
    graph = _graph(data, syntax, source)
    labels = {uri: _labels(graph, node) for uri, node in _concept_nodes(graph)}
    if not labels:
        raise ThesaurusError(f"The thesaurus {source} has no skos:Concept.")
    groups = _groups(graph, labels)
    first = {uri: group[0] for group in groups for uri in group}
    broader = {group[0]: _broader(graph, group, first) for group in groups}
    return tuple(replace(_merged(group, labels), broader=broader[group[0]]) for group in groups)


def _broader(graph: Graph, group: Sequence[str], first: Mapping[str, str]) -> tuple[str, ...]:
    """The next broader concepts of a group by the URIs they are kept under: skos:broader, or skos:narrower turned."""
    from rdflib import SKOS, URIRef

    nodes = [URIRef(uri) for uri in group]
    said = {str(node) for one in nodes for node in graph.objects(one, SKOS.broader)}
    said |= {str(node) for one in nodes for node in graph.subjects(SKOS.narrower, one)}
    return tuple(sorted({first[uri] for uri in said if uri in first} - {group[0]}))


def _graph(data: bytes, syntax: str, source: Path) -> Graph:
    """The triples of a file; nothing is fetched from the network."""
    from rdflib import Graph  # here: only a process that searches pays for this import

    # The JSON-LD reader insists on a store with contexts, and makes one by a class that rdflib itself deprecates.
    graph = Graph(store="Memory" if syntax == "json-ld" else "SimpleMemory")
    try:
        if syntax == "json-ld" and _names_remote_context(json.loads(data)):
            raise ThesaurusError(f"The thesaurus {source} names a JSON-LD context elsewhere; write it into the file.")
        graph.parse(data=data, format=syntax, publicID=source.absolute().as_uri())
    except ThesaurusError:
        raise
    except Exception as error:  # the parsers raise kinds of their own, of xml.sax, and ValueError, KeyError, ...
        reason = " ".join(str(error).split())[:_LONGEST_REASON]
        raise ThesaurusError(f"The thesaurus {source} is malformed ({syntax}): {reason}") from error
    return graph


def _names_remote_context(value: Any) -> bool:
    """Whether JSON-LD has an ``@context`` or ``@import`` that is an address (JSON-LD 1.1, sections 3.1 and 4.1)."""
    if isinstance(value, list):
        return any(_names_remote_context(one) for one in value)
    if not isinstance(value, dict):
        return False
    contexts = value.get("@context", [])
    several = contexts if isinstance(contexts, list) else [contexts]
    here = "@import" in value or any(isinstance(one, str) for one in several)
    return here or any(_names_remote_context(one) for one in value.values())


def _concept_nodes(graph: Graph) -> Iterator[tuple[str, Node]]:
    """Resources of type skos:Concept (S1) in the order of their URIs."""
    from rdflib import RDF, SKOS

    yield from sorted((str(node), node) for node in set(graph.subjects(RDF.type, SKOS.Concept)))


def _labels(graph: Graph, concept: Node) -> tuple[Label, ...]:
    """The labels of a concept: preferred first, then by language and text; checked against S12, S13 and S14."""
    from rdflib import SKOS

    by_role = [
        {_label(node, concept, role == SKOS.prefLabel) for node in graph.objects(concept, role)}
        for role in (SKOS.prefLabel, SKOS.altLabel, SKOS.hiddenLabel)
    ]
    _check_disjoint(concept, [{(label.text, _key(label)) for label in found} for found in by_role])
    _check_one_preferred(concept, by_role[0])
    return tuple(sorted(set().union(*by_role), key=lambda label: (not label.preferred, _key(label), label.text)))


def _key(label: Label) -> str:
    """The language as tags are compared: regardless of case (BCP 47, 2.1.1)."""
    return (label.language or "").lower()


def _label(node: Node, concept: Node, preferred: bool) -> Label:
    """A label that is a plain literal with text (S12); RDF 1.1 calls one without language xsd:string."""
    from rdflib import XSD, Literal

    if not isinstance(node, Literal) or node.datatype not in (None, XSD.string):
        raise ThesaurusError(f"The label {node} of the concept {concept} is not a plain literal (SKOS S12).")
    if not node.strip():
        raise ThesaurusError(f"The concept {concept} has a blank label.")
    return Label(str(node), node.language, preferred)


def _check_disjoint(concept: Node, by_role: Sequence[set[tuple[str, str]]]) -> None:
    """S13: prefLabel, altLabel and hiddenLabel are pairwise disjoint."""
    for one, other in combinations(by_role, 2):
        for text, language in sorted(one & other):
            name = f'"{text}"@{language}' if language else f'"{text}"'
            raise ThesaurusError(f"The concept {concept} has {name} in two roles; keep one (SKOS S13).")


def _check_one_preferred(concept: Node, preferred: Iterable[Label]) -> None:
    """S14: no more than one prefLabel per language, and no more than one without."""
    languages = [_key(label) for label in preferred]
    for language in sorted(set(languages)):
        if languages.count(language) > 1:
            where = f"in the language {language}" if language else "without language"
            raise ThesaurusError(f"The concept {concept} has two preferred labels {where}; keep one (SKOS S14).")


def _groups(graph: Graph, uris: Iterable[str]) -> list[list[str]]:
    """The URIs, those that skos:exactMatch connects together (S44, S45); each group and all groups in order."""
    from rdflib import SKOS

    group_of = {uri: [uri] for uri in uris}
    for subject, other in graph.subject_objects(SKOS.exactMatch):
        one, two = group_of.get(str(subject)), group_of.get(str(other))
        if one is None or two is None or one is two:
            continue
        one.extend(two)
        group_of.update(dict.fromkeys(two, one))
    return sorted(sorted(group) for group in {id(group): group for group in group_of.values()}.values())


def _merged(group: Sequence[str], labels: dict[str, tuple[Label, ...]]) -> ThesaurusConcept:
    """One concept under the first URI with the labels of all; in each language the first preferred label stays one."""
    merged: dict[tuple[str, str], Label] = {}
    languages: set[str] = set()
    for label in (label for uri in group for label in labels[uri]):
        first = label.preferred and _key(label) not in languages
        if label.preferred:
            languages.add(_key(label))
        known = merged.get((label.text, _key(label)))
        if known is None or first:
            merged[label.text, _key(label)] = replace(label, preferred=first)
    return ThesaurusConcept(group[0], tuple(sorted(merged.values(), key=lambda label: not label.preferred)))
