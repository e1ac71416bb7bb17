"""XKOS 1.2: statistical classifications, their levels, items, notes and correspondences."""

from __future__ import annotations

from catalogue.rdf import terms
from catalogue.rdf.describing import Description
from catalogue.rdf.namespaces import DCAT, DCT, SCHEMA, SKOS, XKOS
from catalogue.rdf.profile import Classes, Links, Part, Profile, Row, Texts
from catalogue.rdf.terms import Term

_SCHEMES = ("StatisticalClassification",)
_NAMES = ("*Name", "*Name/String", "Name", "Name/String")
# Element of l:ClassificationItem -> the note that it is.
_NOTES = {
    "Includes": XKOS.coreContentNote,
    "IncludesAlso": XKOS.additionalContentNote,
    "Excludes": XKOS.exclusionNote,
}


def _levels(description: Description) -> None:
    """``l:ClassificationLevel``, from the broadest: those inside the classification, else those that it refers to."""
    resource = description.resource
    inside = [description.item(child.identification) for child in resource.children
              if child.type == "ClassificationLevel"]  # fmt: skip
    referred = [description.at(link.position) for link in resource.links if link.role == "ClassificationLevelReference"]
    levels = inside or [term for term in referred if term]
    description.order(XKOS.levels, "levels", levels)
    if levels:
        description.say(XKOS.numberOfLevels, terms.number(str(len(levels))))
    for depth, level in enumerate(levels, 1):
        description.say(XKOS.depth, terms.number(str(depth)), level)


def _top(description: Description) -> None:
    for child in description.resource.children:
        if child.type == "ClassificationItem":
            description.say(SKOS.hasTopConcept, description.item(child.identification))


def _item(description: Description) -> None:
    """``l:ClassificationItem``: where it belongs, and its explanatory notes."""
    parent = description.resource.parent
    if parent is not None and parent.type == "StatisticalClassification":
        description.say(SKOS.inScheme, description.item(parent.identification))
    elif parent is not None and parent.type == "ClassificationItem":
        description.say(SKOS.broader, description.item(parent.identification))
    for number, text in enumerate(description.resource.item.texts, 1):
        predicate = _NOTES.get(text.path.partition("/")[0])
        if predicate is not None:
            _note(description, predicate, text.text, text.language, number)


def _note(description: Description, predicate: Term, text: str, language: str | None, number: int) -> None:
    """A note as the conformance shapes of XKOS want it: a node with its text, language, version and first day."""
    node = description.part(f"note-{number}")
    description.say(predicate, node)
    description.be(node, XKOS.ExplanatoryNote)
    description.say(XKOS.plainText, terms.tagged(text, language), node)
    if language and terms.is_well_formed(language):
        description.say(DCT.language, terms.typed(language, "language"), node)
    description.say(DCAT.version, terms.typed("1", "int"), node)
    published = description.resource.published_at
    description.say(SCHEMA.startDate, terms.instant(published) if published else None, node)


def _correspondence(description: Description) -> None:
    """``l:ClassificationCorrespondenceTable``: an association for each item that is mapped."""
    association: Term | None = None
    for link in description.resource.links:
        if link.role == "SourceClassificationItemReference":
            association = description.part(f"association-{link.position + 1}")
            description.be(association, XKOS.ConceptAssociation)
            description.say(XKOS.madeOf, association)
            description.say(XKOS.sourceConcept, description.at(link.position), association)
        elif link.role == "TargetClassificationItemReference" and association is not None:
            description.say(XKOS.targetConcept, description.at(link.position), association)


ROWS: tuple[Row, ...] = (
    Classes(_SCHEMES, (SKOS.ConceptScheme,)),
    Classes(("ClassificationLevel",), (XKOS.ClassificationLevel, SKOS.Collection)),
    Classes(("ClassificationItem", "ClassificationSeries", "ClassificationFamily"), (SKOS.Concept,)),
    Classes(("ClassificationCorrespondenceTable",), (XKOS.Correspondence,)),
    Texts(("StatisticalClassification",), _NAMES, SKOS.notation, terms.plain),
    Texts(("StatisticalClassification", "ClassificationCorrespondenceTable"),
          ("ReleaseDate", "ReleaseDate/SimpleDate"), DCT.issued, terms.moment),
    Texts(_SCHEMES, ("ValidFrom", "ValidFrom/SimpleDate"), SCHEMA.startDate, terms.moment),
    Texts(_SCHEMES, ("TerminationDate", "TerminationDate/SimpleDate", "ValidTo", "ValidTo/SimpleDate"),
          SCHEMA.endDate, terms.moment),
    Texts(("ClassificationItem",), ("ItemCode", "ItemCode/*", "Value"), SKOS.notation, terms.plain),
    Links(_SCHEMES, ("ClassificationSeriesReference",), XKOS.belongsTo),
    Links(_SCHEMES, ("PredecessorReference",), XKOS.follows),
    Links(_SCHEMES, ("VariantOfReference",), XKOS.variant),
    Links(("ClassificationItem",), ("ParentClassificationItemReference",), SKOS.broader),
    Links(("ClassificationLevel",), ("ClassificationItemReference",), SKOS.member),
    Links(("ClassificationLevel",), ("DefiningConceptReference",), XKOS.organizedBy),
    Links(("ClassificationCorrespondenceTable",), ("SourceClassificationReference", "TargetClassificationReference"),
          XKOS.compares),
    Part(_SCHEMES, "classification levels, from the broadest", _levels,
         (XKOS.levels, XKOS.numberOfLevels, XKOS.depth)),
    Part(_SCHEMES, "items at the top", _top, (SKOS.hasTopConcept,)),
    Part(
        ("ClassificationItem",),
        "classification around it, notes",
        _item,
        (SKOS.inScheme, SKOS.broader, *_NOTES.values(), XKOS.plainText, DCT.language, DCAT.version, SCHEMA.startDate),
        texts=tuple(f"{name}/**" for name in _NOTES),
        classes=(XKOS.ExplanatoryNote,),
    ),
    Part(
        ("ClassificationCorrespondenceTable",),
        "correspondences",
        _correspondence,
        (XKOS.madeOf, XKOS.sourceConcept, XKOS.targetConcept),
        classes=(XKOS.ConceptAssociation,),
    ),
)  # fmt: skip

XKOS_PROFILE = Profile("xkos", ROWS)
