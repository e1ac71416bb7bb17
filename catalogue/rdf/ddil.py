"""Our own terms for what no standard vocabulary has a word for: identity, containment, routing, and everything else.

``PROFILE`` makes sure that nothing is lost: every item is of the class of its DDI element, every reference goes out by
the name of its role, and every text or attribute that no row of any profile takes as a node with its path.
"""

from __future__ import annotations

from collections.abc import Sequence

from catalogue.model.contents import (
    Branch,
    Condition,
    ConstructContent,
    QuestionContent,
    StatisticsContent,
    StudyContent,
)
from catalogue.rdf import terms
from catalogue.rdf.describing import Description
from catalogue.rdf.namespaces import ADMS, DC, DCAT, DCT, DDIL, FOAF, OWL, RDF, SKOS
from catalogue.rdf.profile import ANY, Links, Part, Profile, Properties, Row, Texts
from catalogue.rdf.resource import Related
from catalogue.rdf.terms import Term

# Groups are described as dcat:DatasetSeries, whose dates and agents the tables of DCAT-AP give.
SERIES = ("Group", "SubGroup")
CONSTRUCTS = (
    "ComputationItem",
    "IfThenElse",
    "Loop",
    "MeasurementConstruct",
    "QuestionConstruct",
    "RepeatUntil",
    "RepeatWhile",
    "Sequence",
    "Split",
    "SplitJoin",
    "StatementItem",
)


def role_term(role: str) -> Term:
    """The property of references in a role: ``ddil:categoryReference``."""
    return DDIL[role[:1].lower() + role[1:]]


# --- identity and place -----------------------------------------------------------------------------------------------


def _identity(description: Description) -> None:
    """DDI-L 3.3 Technical Documentation, "Identification": agency, identifier, version, and the URN of the three."""
    item = description.resource.item
    identification = item.identification
    description.be(description.subject, DDIL[item.type])
    description.say(DCT.identifier, terms.plain(identification.urn))
    name = terms.urn(identification.agency, identification.identifier, identification.version)
    description.say(OWL.sameAs, name)
    _identifier(description, "identifier", identification.urn)
    description.say(DDIL.agency, terms.plain(identification.agency))
    if item.local_id != identification.identifier:
        description.say(DDIL.localIdentifier, terms.plain(item.local_id) if item.local_id else None)
    description.say(DDIL.ddiVersion, terms.plain(item.ddi_version))
    description.say(DDIL.element, terms.plain(item.element) if item.element != item.type else None)


def _identifier(description: Description, name: str, notation: str, kind: str = "") -> None:
    node = description.part(name)
    description.say(ADMS.identifier, node)
    description.be(node, ADMS.Identifier)
    description.say(SKOS.notation, terms.plain(notation), node)
    description.say(DDIL.typeOfUserID, terms.plain(kind) if kind else None, node)


def _user_ids(description: Description) -> None:
    for number, (kind, value) in enumerate(description.resource.item.user_ids, 1):
        _identifier(description, f"user-id-{number}", value, kind)


def _user_attributes(description: Description) -> None:
    for number, (key, value) in enumerate(description.resource.item.user_attributes, 1):
        node = description.part(f"user-attribute-{number}")
        description.say(DDIL.userAttribute, node)
        description.say(DDIL.key, terms.plain(key), node)
        description.say(RDF.value, terms.plain(value), node)


def _version(description: Description) -> None:
    resource = description.resource
    description.say(DCAT.version, terms.plain(resource.item.identification.version))
    description.say(DCAT.isVersionOf, description.unversioned)
    description.say(DCAT.hasVersion, description.subject, description.unversioned)
    if resource.latest:
        description.say(DCAT.hasCurrentVersion, description.subject, description.unversioned)
    if resource.previous is not None:
        description.say(DCAT.previousVersion, description.item(resource.previous))
    if resource.published_at is not None:
        description.say(DCT.available, terms.instant(resource.published_at))
    if resource.deprecated:
        description.say(OWL.deprecated, terms.truth(True))


def _place(description: Description) -> None:
    """What it stands inside, what stands inside it in the order of the source, and the studies that hold it."""
    resource = description.resource
    if resource.parent is not None:
        description.say(DCT.isPartOf, description.item(resource.parent.identification))
    children = [description.item(child.identification) for child in resource.children]
    for child in children:
        description.say(DCT.hasPart, child)
    description.order(DDIL.contents, "contents", children)
    for predicate, holders in _holders(description):
        for holder in holders:
            description.say(predicate, description.item(holder.identification))


def _holders(description: Description) -> Sequence[tuple[Term, tuple[Related, ...]]]:
    resource = description.resource
    return (DDIL.cohort, resource.cohorts), (DDIL.study, resource.studies), (DDIL.wave, resource.waves)


def _references(description: Description) -> None:
    """Every reference by its role; one that leads nowhere by the URN that it spells."""
    for link in description.resource.links:
        description.say(role_term(link.role), description.at(link.position))
        reference = description.resource.item.references[link.position]
        if reference.external_uri:
            description.say(DDIL.externalReference, terms.link(reference.external_uri))


# --- routing ----------------------------------------------------------------------------------------------------------


def _condition(
    description: Description, predicate: Term, condition: Condition | None, name: str, subject: Term | None = None
) -> None:
    """``r:CommandCodeType``: in words and as commands, each with the language that it is written in."""
    if condition is None or not (condition.description or condition.commands):
        return
    node = description.part(name)
    description.say(predicate, node, subject)
    description.be(node, DDIL.Condition)
    description.tell(DCT.description, condition.description, node)
    for number, command in enumerate(condition.commands, 1):
        part = description.part(f"{name}-command-{number}")
        description.say(DDIL.command, part, node)
        description.say(RDF.value, terms.plain(command.text), part)
        description.say(DDIL.programLanguage, terms.plain(command.language) if command.language else None, part)


def _construct(description: Description) -> None:
    """``d:ControlConstruct``: the conditions, and the ways on in their order."""
    content = description.resource.content
    if not isinstance(content, ConstructContent):
        return
    _condition(description, DDIL.condition, content.condition, "condition")
    _condition(description, DDIL.initialValue, content.initial, "initial")
    _condition(description, DDIL.stepValue, content.step, "step-value")
    description.tell(DDIL.displayText, content.text)
    if all(branch.role in ("step", "question") for branch in content.branches):
        steps = [term for branch in content.branches for term in description.targets(branch.targets)]
        description.order(DDIL.steps, "step", steps)
    else:
        branches = [_branch(description, branch, number) for number, branch in enumerate(content.branches, 1)]
        description.order(DDIL.branches, "branches", branches)


def _branch(description: Description, branch: Branch, number: int) -> Term:
    node = description.part(f"branch-{number}")
    description.be(node, DDIL.Branch)
    description.say(DDIL.branchRole, terms.plain(branch.role), node)
    _condition(description, DDIL.condition, branch.condition, f"branch-{number}-condition", node)
    description.order(DDIL.steps, f"branch-{number}-step", description.targets(branch.targets), node)
    return node


# --- members in their order -------------------------------------------------------------------------------------------

_MEMBERS = {
    "LogicalRecord": ("VariableUsedReference",),
    "VariableGroup": ("VariableReference", "VariableGroupReference"),
    "QuestionBlock": ("QuestionItemReference", "QuestionGridReference", "QuestionReference"),
    "QuestionGroup": ("QuestionItemReference", "QuestionGridReference", "QuestionReference"),
    "CategoryGroup": ("CategoryReference", "CategoryGroupReference"),
}


def _members(description: Description) -> None:
    roles = _MEMBERS[description.resource.item.type]
    found = [description.at(link.position) for link in description.resource.links if link.role in roles]
    description.order(DDIL.members, "member", [term for term in found if term])


def _grid(description: Description) -> None:
    """``d:GridDimension``: what the rows and columns of a grid question are."""
    content = description.resource.content
    for number, dimension in enumerate(content.dimensions if isinstance(content, QuestionContent) else (), 1):
        node = description.part(f"dimension-{number}")
        description.say(DDIL.dimension, node)
        description.be(node, DDIL.GridDimension)
        description.say(DDIL.rank, terms.whole(str(dimension.rank)), node)
        description.say(DDIL.codeList, description.target(dimension.code_list), node)
        description.tell(SKOS.prefLabel, dimension.labels, node)
        for predicate, value in (
            (DDIL.minimumRequired, dimension.minimum_rows),
            (DDIL.maximumAllowed, dimension.maximum_rows),
        ):
            description.say(predicate, terms.whole(value) if value else None, node)


def _total(description: Description) -> None:
    content = description.resource.content
    if isinstance(content, StatisticsContent) and content.total:
        description.say(DDIL.totalResponses, terms.whole(content.total))


def _areas(description: Description) -> None:
    """``r:SpatialCoverage`` in words, which is no ``dct:Location``."""
    content = description.resource.content
    for area in content.areas if isinstance(content, StudyContent) else ():
        description.tell(DDIL.place, area)


# --- the table --------------------------------------------------------------------------------------------------------

_CITED = ("Citation/Title", "Citation/Title/String", "Citation/title")
_PEOPLE = ("Organization", "Individual")

ROWS: tuple[Row, ...] = (
    Part(
        ANY,
        "Agency, ID, Version, URN",
        _identity,
        (
            DCT.identifier, OWL.sameAs, ADMS.identifier, SKOS.notation, DDIL.agency, DDIL.localIdentifier,
            DDIL.ddiVersion, DDIL.element,
        ),
        classes=(ADMS.Identifier,),
    ),
    Part(
        ANY,
        "UserID",
        _user_ids,
        (ADMS.identifier, SKOS.notation, DDIL.typeOfUserID),
        properties=("UserID/@typeOfUserID", "UserID/@type"),
        classes=(ADMS.Identifier,),
    ),
    Part(ANY, "UserAttributePair", _user_attributes, (DDIL.userAttribute, DDIL.key, RDF.value)),
    Part(
        ANY,
        "Version",
        _version,
        (
            DCAT.version,
            DCAT.isVersionOf,
            DCAT.hasVersion,
            DCAT.hasCurrentVersion,
            DCAT.previousVersion,
            DCT.available,
            OWL.deprecated,
        ),
    ),
    Part(
        ANY,
        "enclosing and enclosed items, cohorts, studies, waves",
        _place,
        (DCT.isPartOf, DCT.hasPart, DDIL.contents, DDIL.cohort, DDIL.study, DDIL.wave),
    ),
    Part(ANY, "references, by role", _references, (DDIL.externalReference,)),
    # versions
    Texts(ANY, ("VersionRationale", "VersionRationale/RationaleDescription/String"), ADMS.versionNotes),
    Texts(ANY, ("VersionResponsibility",), DDIL.versionResponsibility),
    Properties(ANY, ("@versionDate",), DDIL.versionDate, terms.moment),
    Properties(ANY, ("@isUniversallyUnique",), DDIL.isUniversallyUnique, terms.boolean),
    Properties(ANY, ("@isPublished",), DDIL.isPublished, terms.boolean),
    Texts(ANY, ("BasedOnObject/BasedOnRationaleDescription/String",), DDIL.basedOnRationale),
    Texts(ANY, ("BasedOnObject/BasedOnRationaleCode",), DDIL.basedOnRationaleCode, terms.plain),
    # names and words
    Texts(ANY, ("*Name", "*Name/String"), DDIL.name),
    Texts(ANY, ("Label", "Label/Content"), SKOS.prefLabel, further=SKOS.altLabel),
    Texts(ANY, _CITED, DCT.title),
    Texts(ANY, ("Citation/AlternateTitle", "Citation/AlternateTitle/String"), DCT.alternative),
    Texts(ANY, ("Citation/Creator", "Citation/Creator/CreatorName", "Citation/Creator/CreatorName/String"), DC.creator),
    Texts(
        ANY,
        ("Citation/Publisher", "Citation/Publisher/PublisherName", "Citation/Publisher/PublisherName/String"),
        DC.publisher,
    ),
    Texts(
        ANY,
        ("Citation/Contributor", "Citation/Contributor/ContributorName", "Citation/Contributor/ContributorName/String"),
        DC.contributor,
    ),
    Texts(ANY, ("Citation/Language", "Citation/language"), DC.language, terms.plain),
    Texts(ANY, ("Citation/Copyright", "Citation/Copyright/String"), DC.rights),
    Texts(ANY, ("Citation/PublicationDate/SimpleDate",), DCT.issued, terms.moment, but=SERIES),
    Texts(SERIES, ("Citation/PublicationDate/SimpleDate",), DDIL.publicationDate, terms.moment),
    Links(ANY, ("CreatorReference",), DCT.creator, but=SERIES),
    Links(ANY, ("PublisherReference",), DCT.publisher, but=SERIES),
    Links(ANY, ("ContributorReference",), DCT.contributor, but=SERIES),
    Texts(("Note",), ("Content",), RDF.value),
    Texts(("Note",), ("Header",), DCT.title),
    # coverage
    Texts(ANY, ("**Keyword",), DCAT.keyword),
    Texts(ANY, ("**Subject",), DC.subject),
    Texts(ANY, ("**CountryCode", "**SpatialCoverage/Country"), DDIL.countryCode, terms.plain),
    Part(
        ("Group", "SubGroup", "StudyUnit"),
        "SpatialCoverage/Description, SpatialCoverage/TopLevelReference/LevelName",
        _areas,
        (DDIL.place,),
    ),
    # agents
    Texts(
        _PEOPLE,
        (
            "OrganizationIdentification/OrganizationName/String",
            "OrganizationName",
            "IndividualIdentification/IndividualName/FullName/String",
        ),
        FOAF.name,
    ),
    Texts(_PEOPLE, ("**InternetEmail", "**Email/EmailAddress"), FOAF.mbox, terms.mailbox),
    Texts(_PEOPLE, ("ContactInformation/URL",), FOAF.page, terms.link),
    # other material
    Texts(("OtherMaterial",), ("ExternalURLReference", "ExternalURNReference"), FOAF.page, terms.link),
    Texts(("OtherMaterial",), ("MIMEType",), DC.format, terms.plain),
    Texts(("OtherMaterial",), ("TypeOfMaterial",), DDIL.typeOfMaterial, terms.plain),
    # data files
    Texts(("PhysicalInstance", "DataFileIdentification"), ("**DataFileURI",), DDIL.dataFileURI, terms.link),
    Texts(("GrossFileStructure",), ("CaseQuantity",), DDIL.caseQuantity, terms.whole),
    Texts(("GrossFileStructure",), ("OverallRecordCount",), DDIL.overallRecordCount, terms.whole),
    # variables
    Properties(("Variable",), ("@isWeight",), DDIL.isWeight, terms.boolean),
    Properties(("Variable",), ("@isTemporal",), DDIL.isTemporal, terms.boolean),
    Properties(("Variable",), ("@isGeographic",), DDIL.isGeographic, terms.boolean),
    Texts(("Variable",), ("VariableRepresentation/VariableRole", "Representation/VariableRole"), DDIL.variableRole,
          terms.plain),
    # questions and routing
    Properties(
        ("QuestionItem", "QuestionGrid", "QuestionBlock", "MultipleQuestionItem", "MeasurementItem"),
        ("@estimatedSecondsResponseTime",),
        DDIL.estimatedSecondsResponseTime,
        terms.number,
    ),
    Texts(
        ("QuestionItem", "QuestionGrid", "QuestionBlock", "MultipleQuestionItem", "MeasurementItem"),
        ("QuestionIntent/Content", "QuestionIntent", "QuestionBlockIntent/Content"),
        DDIL.intent,
    ),
    Part(
        CONSTRUCTS,
        "conditions, loops, branches and steps in their order",
        _construct,
        (
            DDIL.condition, DDIL.initialValue, DDIL.stepValue, DDIL.displayText, DDIL.steps, DDIL.branches,
            DDIL.branchRole, DDIL.command, DDIL.programLanguage, DCT.description, RDF.value,
        ),
        texts=("**CommandContent", "**ProgramLanguage", "**Description/Content", "**/Code", "DisplayText/**"),
        properties=("**/@programmingLanguage",),
        classes=(DDIL.Condition, DDIL.Branch),
    ),
    Part(
        ("Instruction",),
        "InstructionText",
        lambda description: _instruction(description),
        (DDIL.displayText,),
        texts=("InstructionText/**",),
    ),
    Texts(
        (*CONSTRUCTS, "Instrument"),
        ("TypeOfSequence", "TypeOfIfThenElse", "TypeOfInstrument", "ConstructSequence/ItemSequenceType"),
        DDIL.typeOf,
        terms.plain,
    ),
    Texts(("Instrument",), ("ExternalInstrumentLocation",), FOAF.page, terms.link),
    Part(
        ("QuestionGrid",),
        "GridDimension",
        _grid,
        (DDIL.dimension, DDIL.rank, DDIL.codeList, DDIL.minimumRequired, DDIL.maximumAllowed, SKOS.prefLabel),
        texts=("GridDimension/**Label/Content", "GridDimension/**Label"),
        properties=("GridDimension/@rank", "GridDimension/Roster/@minimumRequired",
                    "GridDimension/Roster/@maximumAllowed"),
        classes=(DDIL.GridDimension,),
    ),
    Part(tuple(_MEMBERS), "members in their order", _members, (DDIL.members,)),
    Part(("VariableStatistics",), "TotalResponses", _total, (DDIL.totalResponses,), texts=("TotalResponses",)),
    Texts(ANY, ("TypeOf*",), DDIL.typeOf, terms.plain, but=(*CONSTRUCTS, "Instrument", "OtherMaterial")),
)  # fmt: skip


def _instruction(description: Description) -> None:
    content = description.resource.content
    if isinstance(content, ConstructContent):
        description.tell(DDIL.displayText, content.text)


DDIL_PROFILE = Profile("ddil", ROWS, generic=True)
