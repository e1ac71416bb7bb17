"""Brute force: everything that an item says is found in its triples, read back by Oxigraph."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

import pyoxigraph as ox
import pytest

from catalogue.model.items import PathText
from catalogue.rdf import convert
from catalogue.rdf.ddil import DDIL_PROFILE
from catalogue.rdf.disco import DISCO_PROFILE
from catalogue.rdf.profile import Profile
from catalogue.rdf.resource import Resource
from tests.unit.rdf.documents import BASE, Stored, examples, sample

DDIL = "https://w3id.org/cohort-catalogue/ddil#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
# Where DDI-L 3.2 and 3.3 have text in a language (r:StringType, r:ContentType, r:TextType); 3.1 has it in the element.
IN_A_LANGUAGE = {
    "3.1": ("Label", "Description", "Title", "HumanReadable", "Text", "Content", "Abstract", "Purpose"),
    "3.2": ("String", "Content", "Text"),
    "3.3": ("String", "Content", "Text"),
}
TRUTH = {"1": "true", "0": "false"}
MOST = 400  # items of one document, spread over it


@dataclass
class Said:
    """The triples of an item by what they are compared with."""

    literals: set[tuple[str, str | None]] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)
    triples: set[tuple[str, str, str]] = field(default_factory=set)

    def words(self, text: str, language: str | None, *, tagged: bool) -> bool:
        text = text.replace("\r\n", "\n").replace("\r", "\n")  # XML 1.0, 2.11: what a parser makes of them
        if (text, language.lower() if language else None) in self.literals:
            return True
        address = text.strip().replace(" ", "%20")
        return not tagged and ((text, None) in self.literals or bool({address, f"mailto:{address}"} & self.addresses))


def said(resource: Resource, profiles: tuple[Profile, ...] = convert.ALL) -> Said:
    found = Said()
    for triple in ox.parse(convert.lines(resource, BASE, profiles), format=ox.RdfFormat.N_TRIPLES):
        value = triple.object
        if isinstance(value, ox.Literal):
            found.literals.add((value.value, value.language))
        else:
            found.addresses.add(value.value)
        found.triples.add((triple.subject.value, triple.predicate.value, value.value))
    return found


def missing(resource: Resource, profiles: tuple[Profile, ...] = convert.ALL) -> list[str]:
    """What of an item is not in its triples."""
    found = said(resource, profiles)
    return [*_texts(resource, found), *_values(resource, found), *_links(resource, found), *_children(resource, found)]


def _texts(resource: Resource, found: Said) -> Iterator[str]:
    item = resource.item
    for text in item.texts:
        tagged = text.path.rpartition("/")[2] in IN_A_LANGUAGE[item.ddi_version] and bool(text.language)
        if not found.words(text.text, text.language, tagged=tagged):
            yield f"{item.type} {text.path} {text.text[:60]!r}@{text.language}"


def _values(resource: Resource, found: Said) -> Iterator[str]:
    item = resource.item
    for kind, pairs in (("property", item.properties), ("user id", item.user_ids), ("pair", item.user_attributes)):
        for key, value in pairs:
            known = found.words(value, None, tagged=False) or (TRUTH.get(value, value), None) in found.literals
            if not known:
                yield f"{item.type} {kind} {key}={value}"
            if kind != "property" and key and (key, None) not in found.literals:
                yield f"{item.type} key {key}"


def _links(resource: Resource, found: Said) -> Iterator[str]:
    subject = f"{BASE}/id{resource.item.identification.path}"
    own = [(predicate, value) for node, predicate, value in found.triples if node == subject]
    for link, reference in zip(resource.links, resource.item.references, strict=True):
        role = f"{DDIL}{link.role[0].lower()}{link.role[1:]}"
        targets = {value for predicate, value in own if predicate == role}
        wanted = f"{BASE}/id{link.target.identification.path}" if link.target else reference.urn
        if wanted not in targets and not (link.target is None and (targets or reference.external_uri)):
            yield f"{resource.item.type} {link.role} -> {wanted}"


def _children(resource: Resource, found: Said) -> Iterator[str]:
    subject = f"{BASE}/id{resource.item.identification.path}"
    after = {s: o for s, p, o in found.triples if p == f"{RDF}rest"}
    first = {s: o for s, p, o in found.triples if p == f"{RDF}first"}
    cell = next((o for s, p, o in found.triples if s == subject and p == f"{DDIL}contents"), f"{RDF}nil")
    listed = []
    while cell != f"{RDF}nil":
        listed.append(first[cell])
        cell = after[cell]
    if listed != [f"{BASE}/id{child.identification.path}" for child in resource.children]:
        yield f"{resource.item.type} children"


def faults_of(stored: Stored) -> Counter[str]:
    every = list(stored.resources())
    some = [*every[:50], *every[:: max(1, len(every) // MOST)]]
    return Counter(fault for resource in some for fault in missing(resource))


@pytest.mark.parametrize("number", range(8))
def test_nothing_of_the_examples_is_missing(number: int) -> None:
    assert faults_of(examples()[number]) == {}


def test_nothing_of_the_corpus_is_missing(shared: object) -> None:
    faults = Counter(fault for resource in sample(12) for fault in missing(resource))
    assert faults.most_common(20) == []


def test_without_generic_rows_something_is_missing() -> None:
    mute = replace(DDIL_PROFILE, generic=False)
    profiles = tuple(mute if profile is DDIL_PROFILE else profile for profile in convert.ALL)
    found = [fault for resource in islice(examples()[1].resources(), 500) for fault in missing(resource, profiles)]
    assert found


def test_a_row_that_is_left_out_is_noticed() -> None:
    resource = next(one for one in examples()[1].resources() if one.item.type == "Variable")
    assert missing(resource, (DISCO_PROFILE,))


def test_a_malformed_language_tag_is_told_beside_the_text() -> None:
    resource = next(one for one in examples()[1].resources() if one.item.type == "Variable")
    text = PathText("Label/Content", "Bodily weight", "en_GB")
    odd = said(replace(resource, item=replace(resource.item, texts=(text,))))
    assert ("Bodily weight", None) in odd.literals
    assert ("en_GB", None) in odd.literals
