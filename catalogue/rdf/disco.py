"""DDI-RDF Discovery Vocabulary (Disco 0.6): studies, questionnaires, variables, their values and statistics."""

from __future__ import annotations

from collections.abc import Sequence

from catalogue.model.contents import (
    CollectionContent,
    QuestionContent,
    Representation,
    Statistic,
    StatisticsContent,
    VariableContent,
)
from catalogue.rdf import representing, terms
from catalogue.rdf.describing import Description
from catalogue.rdf.namespaces import CSVW, DCAT, DCT, DDIL, DISCO, RDF, SKOS
from catalogue.rdf.profile import Classes, Links, Part, Profile, Row, Texts
from catalogue.rdf.terms import Term

QUESTIONS = ("QuestionItem", "QuestionGrid", "QuestionBlock", "MultipleQuestionItem")
ASKING = (*QUESTIONS, "MeasurementItem")
VARIABLES = ("Variable", "RepresentedVariable", "ConceptualVariable", "DataElementConcept")
MANAGED = (
    "ManagedDateTimeRepresentation",
    "ManagedMissingValuesRepresentation",
    "ManagedNumericRepresentation",
    "ManagedScaleRepresentation",
    "ManagedTextRepresentation",
)
STUDIES = ("StudyUnit", "Group", "SubGroup")


# --- values -----------------------------------------------------------------------------------------------------------


def _representation(description: Description) -> None:
    """``r:ValueRepresentation``: the code list itself where it says all, else a datatype of the variable's own."""
    content = description.resource.content
    if not isinstance(content, VariableContent):
        return
    if content.representation is not None:
        value = _domain(description, content.representation, "representation")
        description.say(DISCO.representation, value)
    description.say(DDIL.missingValues, description.target(content.missing))


def _domain(description: Description, representation: Representation, name: str, always: bool = False) -> Term | None:
    managed = description.target(representation.managed)
    if managed is not None:
        return managed
    coded = description.target(representation.code_list)
    if coded is not None and not always and representing.is_list(representation):
        return coded
    return representing.represent(description, representation, name)


def _managed(description: Description) -> None:
    """A managed representation is a value domain itself."""
    content = description.resource.content
    if isinstance(content, VariableContent) and content.representation is not None:
        node = representing.represent(description, content.representation, "representation")
        description.say(DDIL.valueDomain, node)


def _responses(description: Description) -> None:
    """``d:ResponseDomain``: one or, in a structured mix or grid, several in their order."""
    content = description.resource.content
    responses = content.responses if isinstance(content, QuestionContent) else ()
    for number, response in enumerate(responses, 1):
        value = _domain(description, response, f"response-{number}", always=len(responses) > 1)
        description.say(DISCO.responseDomain, value)
        if len(responses) > 1 and value == description.part(f"response-{number}"):
            description.say(DDIL.rank, terms.whole(str(response.rank)), value)


def _question_text(description: Description) -> None:
    """``d:QuestionText``: one text per language, put together where it comes in pieces; else as it stands."""
    content = description.resource.content
    pieces = [text for text in description.resource.item.texts if text.path == "QuestionText/LiteralText/Text"]
    if len({text.language for text in pieces}) == len(pieces) == _dynamic_texts(description):
        for text in pieces:
            description.say(DISCO.questionText, terms.tagged(text.text, text.language))
    elif isinstance(content, QuestionContent):
        description.tell(DISCO.questionText, content.text)


def _dynamic_texts(description: Description) -> int:
    """How many texts the question's wording is made of, conditional ones included."""
    return sum(text.path.startswith("QuestionText/") for text in description.resource.item.texts)


# --- studies, files, records ------------------------------------------------------------------------------------------


def _study(description: Description) -> None:
    for cohort in description.resource.cohorts:
        if cohort.type in ("Group", "SubGroup"):
            description.say(DISCO.inGroup, description.item(cohort.identification))


def _collection(description: Description) -> None:
    """``d:CollectionEvent``, ``d:DataCollection``: when, and in which mode."""
    content = description.resource.content
    for child in description.resource.children:
        if child.type == "ModeOfCollection":
            description.say(DISCO.collectionMode, description.item(child.identification))
    for number, period in enumerate(content.periods if isinstance(content, CollectionContent) else (), 1):
        say_period(description, period.start, period.end, number)


def say_period(description: Description, start: str | None, end: str | None, number: int) -> None:
    """A period that the item is about, as a node of its own."""
    node = description.part(f"period-{number}")
    description.say(DCT.temporal, node)
    description.be(node, DCT.PeriodOfTime)
    description.say(DCAT.startDate, terms.moment(start) if start else None, node)
    description.say(DCAT.endDate, terms.moment(end) if end else None, node)


def _periods(description: Description) -> None:
    """``r:TemporalCoverage``: each date that begins, with the end that follows it."""
    found: list[tuple[str | None, str | None]] = []
    for text in description.resource.item.texts:
        last = text.path.removeprefix("ReferenceDate/")
        if last in ("StartDate", "SimpleDate"):
            found.append((text.text, None))
        elif last == "EndDate":
            start = found.pop()[0] if found and found[-1][1] is None else None
            found.append((start, text.text))
    for number, (start, end) in enumerate(found, 1):
        say_period(description, start, end, number)


def _instrument(description: Description) -> None:
    """An instrument is a questionnaire if its type says so (DDI-CV TypeOfInstrument), or if it says nothing."""
    types = [text.text for text in description.resource.item.texts if text.path == "TypeOfInstrument"]
    if not types or any(one.startswith("Questionnaire") for one in types):
        description.be(description.subject, DISCO.Questionnaire)


def _columns(description: Description) -> None:
    """``l:LogicalRecord`` as the columns of a table, in the order of the record (CSV on the Web)."""
    found = [d for link in description.resource.links if link.role == "VariableUsedReference"
             if (d := description.at(link.position))]  # fmt: skip
    description.order(CSVW.column, "column", found)


# --- statistics -------------------------------------------------------------------------------------------------------

# As coded in DDI-CV CategoryStatisticType and by documents: which property of disco:CategoryStatistics it is.
_CATEGORY_STATISTICS = {
    "frequency": (DISCO.frequency, terms.whole),
    "count": (DISCO.frequency, terms.whole),
    "percent": (DISCO.percentage, terms.double),
    "percentage": (DISCO.percentage, terms.double),
    "cumulativepercent": (DISCO.cumulativePercentage, terms.double),
    "cumulativepercentage": (DISCO.cumulativePercentage, terms.double),
}


def _statistics(description: Description) -> None:
    """``pi:VariableStatistics``: summary statistics and statistics by category."""
    content = description.resource.content
    if not isinstance(content, StatisticsContent):
        return
    variable = description.target(content.variable)
    for number, statistic in enumerate(content.summary, 1):
        node = _statistic(description, statistic, f"summary-{number}", DISCO.SummaryStatistics)
        description.say(DISCO.statisticsVariable, variable, node)
        _weight(description, statistic, node)
    for number, category in enumerate(content.categories, 1):
        node = description.part(f"category-{number}")
        description.say(DDIL.statistics, node)
        description.be(node, DISCO.CategoryStatistics)
        description.say(DISCO.statisticsVariable, variable, node)
        description.say(DISCO.statisticsCategory, description.target(category.code), node)
        description.say(SKOS.notation, terms.plain(category.value) if category.value else None, node)
        _category_statistics(description, category.statistics, node, f"category-{number}")


def _category_statistics(description: Description, found: Sequence[Statistic], node: Term, name: str) -> None:
    for number, statistic in enumerate(found, 1):
        known = _CATEGORY_STATISTICS.get(statistic.type.lower())
        if known is not None and not statistic.weighted:
            predicate, form = known
            description.say(predicate, form(statistic.value, None), node)
        else:
            part = _statistic(description, statistic, f"{name}-{number}", DISCO.CategoryStatistics, node)
            _weight(description, statistic, part)


def _statistic(description: Description, one: Statistic, name: str, class_: Term, subject: Term | None = None) -> Term:
    """A statistic as a node: its value, and its type as a concept that the item's statistics share."""
    node = description.part(name)
    description.say(DDIL.statistics, node, subject)
    description.be(node, class_)
    description.say(RDF.value, terms.number(one.value) if one.value else None, node)
    if one.type:
        type_ = description.part(f"statistic-{''.join(c for c in one.type if c.isalnum())}")
        description.be(type_, SKOS.Concept)
        description.say(SKOS.notation, terms.plain(one.type), type_)
        predicate = DISCO.summaryStatisticsType if class_ == DISCO.SummaryStatistics else DDIL.categoryStatisticType
        description.say(predicate, type_, node)
    return node


def _weight(description: Description, statistic: Statistic, node: Term) -> None:
    """What it is weighted by, where the item names it; that it is, at least."""
    if not statistic.weighted:
        return
    description.say(DDIL.isWeighted, terms.truth(True), node)
    roles = ("WeightVariableReference", "StandardWeightReference", "WeightUsedReference")
    for link in description.resource.links:
        if link.role in roles:
            description.say(DISCO.weightedBy, description.at(link.position), node)


# --- the table --------------------------------------------------------------------------------------------------------

ROWS: tuple[Row, ...] = (
    Classes(("Group", "SubGroup"), (DISCO.StudyGroup,)),
    Classes(("StudyUnit",), (DISCO.Study,)),
    Classes(("Universe", "SubUniverse", "SubUniverseClass"), (DISCO.Universe,)),
    Classes(("Variable",), (DISCO.Variable, CSVW.Column)),
    Classes(("RepresentedVariable",), (DISCO.RepresentedVariable,)),
    Classes(QUESTIONS, (DISCO.Question,)),
    Classes(("Instrument",), (DISCO.Instrument,)),
    Classes(("LogicalRecord",), (DISCO.LogicalDataSet, CSVW.Schema)),
    Classes(("PhysicalInstance",), (DISCO.DataFile,)),
    Classes(("CodeList", *MANAGED), (DISCO.Representation,)),
    # studies
    Texts(STUDIES, ("Abstract", "Abstract/Content"), DCT.abstract),
    Texts(STUDIES, ("Purpose", "Purpose/Content"), DISCO.purpose),
    Texts(STUDIES, ("Citation/SubTitle", "Citation/SubTitle/String"), DISCO.subtitle),
    Texts(STUDIES, ("KindOfData",), DISCO.kindOfData, node=SKOS.Concept),
    Texts((*STUDIES, "Variable"), ("AnalysisUnit",), DISCO.analysisUnit, node=DISCO.AnalysisUnit),
    Links(STUDIES, ("UniverseReference",), DISCO.universe),
    Links(("StudyUnit",), ("PhysicalInstanceReference", "DataFileReference"), DISCO.dataFile),
    Links(STUDIES, ("AgencyOrganizationReference",), DISCO.fundedBy),
    Part(("StudyUnit",), "cohort", _study, (DISCO.inGroup,)),
    Part(
        ("CollectionEvent", "DataCollection"),
        "DataCollectionDate, ModeOfCollection",
        _collection,
        (DISCO.collectionMode, DCT.temporal, DCAT.startDate, DCAT.endDate),
        texts=("**DataCollectionDate/*",),
        classes=(DCT.PeriodOfTime,),
    ),
    Classes(("ModeOfCollection", "SamplingProcedure", "TimeMethod"), (SKOS.Concept,)),
    Texts(
        ("ModeOfCollection", "SamplingProcedure", "TimeMethod"),
        ("TypeOfModeOfCollection", "TypeOfSamplingProcedure", "TypeOfTimeMethod"),
        SKOS.notation,
        terms.plain,
    ),
    Part(
        ("TemporalCoverage",),
        "ReferenceDate",
        _periods,
        (DCT.temporal, DCAT.startDate, DCAT.endDate),
        texts=("ReferenceDate/*",),
        classes=(DCT.PeriodOfTime,),
    ),
    # variables and questions
    Texts((*VARIABLES, *ASKING, "Universe"), ("*Name", "*Name/String"), SKOS.notation, terms.plain),
    Texts(("Variable",), ("VariableName", "VariableName/String"), CSVW.name_, terms.plain),
    Links(("Variable",), ("RepresentedVariableReference",), DISCO.basedOn),
    Links(
        ("Variable",),
        ("QuestionReference", "QuestionItemReference", "QuestionGridReference", "SourceQuestionReference",
         "SourceQuestion"),
        DISCO.question,
        targets=QUESTIONS,
    ),
    Links((*VARIABLES, *QUESTIONS), ("ConceptReference",), DISCO.concept, targets=("Concept",)),
    Links((*VARIABLES, *QUESTIONS, "LogicalRecord"), ("UniverseReference",), DISCO.universe),
    Part(
        VARIABLES,
        "value representation",
        _representation,
        (DISCO.representation, DDIL.missingValues, *representing.PREDICATES),
        texts=representing.TEXTS,
        properties=representing.PROPERTIES,
        classes=representing.CLASSES,
    ),
    Part(
        MANAGED,
        "value domain",
        _managed,
        (DDIL.valueDomain, *representing.PREDICATES),
        texts=representing.TEXTS,
        properties=representing.PROPERTIES,
        classes=representing.CLASSES,
    ),
    Part(
        ASKING,
        "QuestionText",
        _question_text,
        (DISCO.questionText,),
        texts=("QuestionText/**", "MeasurementPurpose/**", "StimulusMaterial/**"),
    ),
    Part(
        ASKING,
        "response domains",
        _responses,
        (DISCO.responseDomain, DDIL.rank, *representing.PREDICATES),
        texts=representing.TEXTS,
        properties=representing.PROPERTIES,
        classes=representing.CLASSES,
    ),
    # records, files, statistics
    Links(("LogicalRecord",), ("VariableUsedReference",), DISCO.variable),
    Part(("Instrument",), "TypeOfInstrument", _instrument, (), classes=(DISCO.Questionnaire,)),
    Part(("LogicalRecord",), "variables in their order", _columns, (CSVW.column,)),
    Links(("VariableStatistics",), ("VariableReference",), DISCO.statisticsVariable),
    Part(
        ("VariableStatistics",),
        "summary and category statistics",
        _statistics,
        (
            DDIL.statistics, DISCO.statisticsVariable, DISCO.statisticsCategory, DISCO.summaryStatisticsType,
            DISCO.frequency, DISCO.percentage, DISCO.cumulativePercentage, DISCO.weightedBy, DDIL.isWeighted,
            DDIL.categoryStatisticType, RDF.value, SKOS.notation,
        ),
        texts=(
            "SummaryStatistic/*", "UnfilteredCategoryStatistics/VariableCategory/**", "CategoryStatistics/**",
        ),
        properties=("**/@isWeighted", "**/@weighted"),
        classes=(DISCO.SummaryStatistics, DISCO.CategoryStatistics, SKOS.Concept),
    ),
)  # fmt: skip

DISCO_PROFILE = Profile("disco", ROWS)
