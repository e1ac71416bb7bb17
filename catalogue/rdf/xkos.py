"""XKOS 1.2: statistical classifications, their levels, items, notes and correspondences."""

from __future__ import annotations

from collections.abc import Iterable

from catalogue.rdf import terms
from catalogue.rdf.describing import Description
from catalogue.rdf.namespaces import DCAT, DCT, SCHEMA, SKOS, XKOS
from catalogue.rdf.profile import Classes, Links, Part, Profile, Properties, Row, Texts
from catalogue.rdf.terms import Term

_SCHEMES = ("StatisticalClassification",)
_LEVEL = ("ClassificationLevel", "ClassificationLevelReference")
_ITEM = ("ClassificationItem", "ClassificationItemReference")
# Element of l:ClassificationItem -> the note that it is.
_NOTES = {
    "Includes": XKOS.coreContentNote,
    "IncludesAlso": XKOS.additionalContentNote,
    "Excludes": XKOS.exclusionNote,
}


def _levels(description: Description) -> None:
    """``l:LevelContext``, from the broadest: each level, inside or referred to, with the items that follow it."""
    resource = description.resource
    inside = [(child.type, description.item(child.identification)) for child in resource.children]
    referred = [(link.role, term) for link in resource.links if (term := description.at(link.position))]
    contexts = [*inside, *referred]
    levels = [term for kind, term in contexts if kind in _LEVEL]
    description.order(XKOS.levels, "levels", levels)
    if levels:
        description.say(XKOS.numberOfLevels, terms.number(str(len(levels))))
    for depth, level in enumerate(levels, 1):
        description.say(XKOS.depth, terms.number(str(depth)), level)
    _members(description, contexts)


def _members(description: Description, contexts: Iterable[tuple[str, Term]]) -> None:
    """The items of the classification, and of which level each is: of the one before it."""
    level: Term | None = None
    for kind, term in contexts:
        level = term if kind in _LEVEL else level
        if kind in _ITEM:
            description.say(SKOS.inScheme, description.subject, term)
            if level is not None:
                description.say(SKOS.member, term, level)


def _series(description: Description) -> None:
    parent = description.resource.parent
    if parent is not None and parent.type == "ClassificationSeries":
        description.say(XKOS.belongsTo, description.item(parent.identification))


def _item(description: Description) -> None:
    """``l:ClassificationItem``: where it belongs, and its explanatory notes."""
    resource = description.resource
    parent = resource.parent
    if parent is not None and parent.type in _SCHEMES:
        scheme = description.item(parent.identification)
        description.say(SKOS.inScheme, scheme)
        if all(link.role != "ParentClassificationItemReference" for link in resource.links):
            description.say(SKOS.topConceptOf, scheme)
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
            association = None  # l:Maps leads from one item to one


ROWS: tuple[Row, ...] = (
    Classes(_SCHEMES, (SKOS.ConceptScheme,)),
    Classes(("ClassificationLevel",), (XKOS.ClassificationLevel, SKOS.Collection)),
    Classes(("ClassificationItem", "ClassificationSeries", "ClassificationFamily"), (SKOS.Concept,)),
    Classes(("ClassificationCorrespondenceTable",), (XKOS.Correspondence,)),
    Texts(_SCHEMES, ("Name", "Name/String"), SKOS.notation, terms.plain),
    Texts(_SCHEMES, ("ReleaseDate",), DCT.issued, terms.moment),
    Texts(_SCHEMES, ("TerminationDate",), SCHEMA.endDate, terms.moment),
    Properties(("ClassificationCorrespondenceTable",), ("@versionDate",), DCT.issued, terms.moment),
    Texts(("ClassificationItem",), ("ItemCode",), SKOS.notation, terms.plain),
    Links(_SCHEMES, ("ClassificationSeriesReference",), XKOS.belongsTo),
    Links(_SCHEMES, ("PredecessorReference",), XKOS.follows),
    Links(_SCHEMES, ("VariantOfReference",), XKOS.variant),
    Links(("ClassificationItem",), ("ParentClassificationItemReference",), SKOS.broader),
    Links(("ClassificationLevel",), ("ClassificationItemReference",), SKOS.member),
    Links(("ClassificationLevel",), ("DefiningConceptReference",), XKOS.organizedBy),
    Links(("ClassificationCorrespondenceTable",), ("SourceClassificationReference", "TargetClassificationReference"),
          XKOS.compares),
    Part(
        _SCHEMES,
        "classification levels, from the broadest, with their items",
        _levels,
        (XKOS.levels, XKOS.numberOfLevels, XKOS.depth, SKOS.inScheme, SKOS.member),
    ),
    Part(_SCHEMES, "series around it", _series, (XKOS.belongsTo,)),
    Part(
        ("ClassificationItem",),
        "classification around it, notes",
        _item,
        (
            SKOS.inScheme, SKOS.topConceptOf, *_NOTES.values(), XKOS.plainText, DCT.language, DCAT.version,
            SCHEMA.startDate,
        ),
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
