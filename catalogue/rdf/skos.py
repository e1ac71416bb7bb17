"""SKOS: concepts and their schemes, categories, and code lists as schemes with one concept per code."""

from __future__ import annotations

from collections.abc import Iterable

from catalogue.rdf import terms
from catalogue.rdf.describing import Description
from catalogue.rdf.namespaces import DISCO, SKOS
from catalogue.rdf.profile import Classes, Links, Part, Profile, Row, Texts
from catalogue.rdf.resource import Code
from catalogue.rdf.terms import Term

CONCEPTS = ("Concept", "Category", "Universe", "SubUniverse", "SubUniverseClass", "UnitType", "GeographicLocation")
SCHEMES = ("ConceptScheme", "CategoryScheme", "UniverseScheme", "UnitTypeScheme", "GeographicLocationScheme")
GROUPS = ("ConceptGroup", "CategoryGroup", "UniverseGroup", "UnitTypeGroup")
_DESCRIPTIONS = ("Description", "Description/Content")


def code_term(description: Description, number: int) -> Term:
    """The concept of the code at a place in its list, from 1: the code itself where the source identifies it."""
    code = description.resource.codes[number - 1]
    return description.item(code.item) if code.item else description.part(f"code-{number}")


def _codes(description: Description) -> None:
    """``l:CodeList``: one concept per code, in order, under the codes that stand around it."""
    codes = description.resource.codes
    concepts = [code_term(description, number) for number in range(1, len(codes) + 1)]
    for code, concept, broader in zip(codes, concepts, _broader(codes, concepts), strict=True):
        _code(description, code, concept)
        if broader is None:
            description.say(SKOS.topConceptOf, description.subject, concept)
            description.say(SKOS.hasTopConcept, concept)
        description.say(SKOS.broader, broader, concept)
    if codes:
        order = description.part("order")
        description.be(order, SKOS.OrderedCollection)
        description.say(SKOS.inScheme, description.subject, order)
        description.order(SKOS.memberList, "order", concepts, order)


def _code(description: Description, code: Code, concept: Term) -> None:
    description.be(concept, SKOS.Concept)
    description.say(SKOS.notation, terms.plain(code.value) if code.value else None, concept)
    description.tell(SKOS.prefLabel, code.label, concept)
    description.say(SKOS.inScheme, description.subject, concept)
    description.say(SKOS.exactMatch, description.item(code.category) if code.category else None, concept)
    description.say(DISCO.isValid, terms.truth(not code.missing), concept)


def _broader(codes: Iterable[Code], concepts: list[Term]) -> list[Term | None]:
    """For each code the nearest one before it that is less deep."""
    found: list[Term | None] = []
    around: list[Term] = []
    for code, concept in zip(codes, concepts, strict=True):
        del around[code.depth :]
        found.append(around[-1] if around else None)
        around.append(concept)
    return found


def _in_scheme(description: Description) -> None:
    """A concept is in the scheme that it stands in, and narrower than the concept that it stands in."""
    parent = description.resource.parent
    if parent is None:
        return
    if parent.type in SCHEMES or parent.type == "CodeList":
        description.say(SKOS.inScheme, description.item(parent.identification))
    elif parent.type == description.resource.item.type:
        description.say(SKOS.broader, description.item(parent.identification))


ROWS: tuple[Row, ...] = (
    Classes((*CONCEPTS, "Code"), (SKOS.Concept,)),
    Classes((*SCHEMES, "CodeList"), (SKOS.ConceptScheme,)),
    Classes(GROUPS, (SKOS.Collection,)),
    Texts(CONCEPTS, (*_DESCRIPTIONS, "HumanReadable", "HumanReadable/Content"), SKOS.definition),
    Texts(("Concept", "Category", "CodeList", *SCHEMES), ("*Name", "*Name/String"), SKOS.notation, terms.plain),
    Texts(("Code",), ("Value",), SKOS.notation, terms.plain),
    Part((*CONCEPTS, "Code"), "scheme or broader concept around it", _in_scheme, (SKOS.inScheme, SKOS.broader)),
    Links(("Concept",), ("SubclassOfReference",), SKOS.broader),
    Links(("Concept",), ("SimilarConceptReference",), SKOS.related),
    Links(("Universe", "SubUniverseClass"), ("SubUniverseClassReference",), SKOS.narrower),
    Links(("Code",), ("CategoryReference",), SKOS.exactMatch),
    Links(
        GROUPS,
        ("ConceptReference", "ConceptGroupReference", "CategoryReference", "CategoryGroupReference",
         "UniverseReference", "UniverseGroupReference", "UnitTypeReference", "UnitTypeGroupReference"),
        SKOS.member,
    ),
    Part(
        ("CodeList",),
        "codes with their categories, in their order",
        _codes,
        (
            SKOS.notation, SKOS.prefLabel, SKOS.inScheme, SKOS.topConceptOf, SKOS.hasTopConcept, SKOS.broader,
            SKOS.exactMatch, DISCO.isValid, SKOS.memberList,
        ),
        texts=("**Code/Value",),
        classes=(SKOS.Concept, SKOS.OrderedCollection),
    ),
)  # fmt: skip

SKOS_PROFILE = Profile("skos", ROWS)
