"""Descriptions of studies say what the sources say, and nothing of another study."""

from __future__ import annotations

import pytest

from catalogue.errors import NotFoundError
from catalogue.exposure.studies import StudyBuilder
from catalogue.model.report import Status
from catalogue.model.text import InternationalString
from catalogue.store import Repository, open_repository
from catalogue.store.records import ItemFilter, ItemSummary
from tests.conftest import CorpusFile
from tests.unit.exposure import sources
from tests.unit.exposure.conftest import EXAMPLES
from tests.unit.indexing.stores import take_in

WAVE = "MARIANNE-W1-SU"
GROUP = "MARIANNE-GROUP"


def words(value: InternationalString) -> list[str]:
    return [one.text for one in value]


def waves(studies: dict[str, ItemSummary]) -> list[str]:
    return [identifier for identifier, one in studies.items() if one.type == "StudyUnit"]


def test_a_wave_is_introduced_as_in_its_source(cohorts: Repository, studies: dict[str, ItemSummary]) -> None:
    described = StudyBuilder(cohorts).describe_many([one.id for one in studies.values()])
    assert len(described) == len(studies) > 20
    for identifier in waves(studies):
        found, source = described[studies[identifier].id], sources.study(identifier)
        assert words(found.title) == sources.texts(source, "r:Citation/r:Title/r:String")
        assert words(found.abstract) == sources.texts(source, "r:Abstract/r:Content")
        assert words(found.purpose) == sources.texts(source, "r:Purpose/r:Content")
        assert [one.text for term in found.keyword_terms for one in term.label] == sources.texts(
            source, "r:Coverage/r:TopicalCoverage/r:Keyword"
        )
        assert list(found.countries) == sources.texts(source, ".//r:SpatialCoverage/r:CountryCode")
        assert [one.start for one in found.periods] == sources.texts(source, ".//r:ReferenceDate/r:StartDate")
        assert [term.code for term in found.kinds_of_data] == sources.texts(source, "r:KindOfData")
        assert [value for _, value in found.user_ids] == sources.texts(source, "r:UserID")
        assert found.languages == ("en", "fr")


def test_collections_and_files_are_those_of_the_source(cohorts: Repository, studies: dict[str, ItemSummary]) -> None:
    builder = StudyBuilder(cohorts)
    for identifier in waves(studies)[:6]:
        found, source = builder.describe(studies[identifier].id), sources.study(identifier)
        events = [sources.triple(one)[0] for one in sources.found(source, ".//d:CollectionEvent")]
        assert [one.identification.identifier for one in found.collections] == events
        modes = [mode.code.partition(".Other")[0] for one in found.collections for mode in one.modes]
        assert len(modes) == len(sources.found(source, ".//d:ModeOfCollection"))
        assert {term.code for one in found.collections for term in one.time_method} == set(
            sources.texts(source, ".//d:TypeOfTimeMethod")
        )
        assert [one.cases for one in found.files] == [
            int(number) for number in sources.texts(source, "pi:PhysicalInstance//pi:CaseQuantity")
        ]
        assert [one.uris[0] for one in found.files] == sources.texts(source, "pi:PhysicalInstance//pi:DataFileURI")
        records = sources.found(source, ".//l:LogicalRecord")
        assert sorted(one.variables or 0 for one in found.files) == sorted(
            len(sources.found(record, ".//l:VariableUsedReference")) for record in records
        )


def test_a_wave_takes_access_from_its_cohort(cohorts: Repository, studies: dict[str, ItemSummary]) -> None:
    builder = StudyBuilder(cohorts)
    wave, cohort = builder.describe(studies[WAVE].id), builder.describe(studies[GROUP].id)
    assert sources.found(sources.study(WAVE), ".//a:DefaultAccess") == []
    source = sources.study(GROUP)
    assert wave.access == cohort.access
    assert [words(one.conditions) for one in wave.access] == [sources.texts(source, ".//a:AccessConditions/r:Content")]
    assert [one.identification.identifier for one in wave.cohorts] == [GROUP]
    assert [one.identification.identifier for one in cohort.waves] == [f"MARIANNE-W{n}-SU" for n in (1, 2, 3)]
    assert [agent.grant or words(agent.name)[1] for agent in cohort.agents if agent.role == "funder"] == [
        "Public funding (illustrative)"
    ]


def test_only_studies_are_described(cohorts: Repository) -> None:
    builder = StudyBuilder(cohorts)
    (variable,) = cohorts.list_items(ItemFilter(types=("Variable",)), limit=1)
    with pytest.raises(NotFoundError):
        builder.describe(variable.id)
    assert builder.describe_many([variable.id, 10**9]) == {}


def test_drafts_are_not_described() -> None:
    with open_repository("sqlite://") as repository:
        path = EXAMPLES[-1]
        take_in(repository, path.read_bytes(), path.name, Status.DRAFT)
        drafts = repository.list_items(ItemFilter(types=("StudyUnit",), include_drafts=True), limit=9)
        assert drafts.items
        assert StudyBuilder(repository).describe_many([one.id for one in drafts]) == {}


def test_variables_come_in_document_order_with_what_was_counted(
    cohorts: Repository, studies: dict[str, ItemSummary]
) -> None:
    builder = StudyBuilder(cohorts)
    for identifier in waves(studies):
        truth = sources.counts(identifier)
        variables = list(builder.variables(studies[identifier].id))
        names = sources.texts(sources.study(identifier), ".//l:VariableScheme/l:Variable/l:VariableName/r:String")
        assert [one.name for one in variables] == names
        assert [one.number for one in variables] == list(range(1, len(names) + 1))
        assert sum(len(one.categories) for one in variables) == truth.categories
        assert sum(one.missing for variable in variables for one in variable.categories) == truth.missing
        assert sum(len(one.statistics) for one in variables) == truth.summary_statistics
        counted = [one for variable in variables for category in variable.categories for one in category.statistics]
        assert len(counted) == truth.category_statistics
        assert sum(bool(one.questions) for one in variables) == truth.with_question
        assert {one.identification.identifier for one in variables if one.files} == sources.in_files(identifier)


def test_every_lifecycle_document_is_described(lifecycle_corpus: tuple[CorpusFile, ...]) -> None:
    """As many categories as codes and as many statistics as there are, in versions that say it otherwise."""
    expected = {
        # variables, categories, statistics, variables in a file: counted in the sources by hand
        "3.1/MetadataTransform-ddi-xslt__StudyWithStatistics.xml": (248, 1392, 8, 248),
        "3.1/MetadataTransform-ddi-xslt__ddi-l-input.xml": (34, 296, 935, 34),
    }
    for file in lifecycle_corpus:
        if file.name not in expected:
            continue
        with open_repository("sqlite://") as repository:
            take_in(repository, file.read(), file.name)
            (study,) = repository.list_items(ItemFilter(types=("StudyUnit",)), limit=9)
            variables = list(StudyBuilder(repository).variables(study.id))
            assert (
                len(variables),
                sum(len(one.categories) for one in variables),
                sum(len(one.statistics) + sum(len(c.statistics) for c in one.categories) for one in variables),
                sum(bool(one.files) for one in variables),
            ) == expected[file.name]
