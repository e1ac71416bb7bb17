"""Codebooks and records of the examples: valid, conforming to CESSDA's profiles, complete; and each check can fail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

from catalogue.ddi.codebook import write_codebook
from catalogue.exposure.codebooks import CODEBOOK, RECORD, Codebooks
from catalogue.exposure.studies import StudyBuilder
from catalogue.model.contents import Target
from catalogue.model.identity import Identification
from catalogue.model.study import Agent, Named, StudyDescription, VariableDescription
from catalogue.model.text import LocalizedText
from catalogue.store import Repository
from catalogue.store.records import ItemSummary
from tests.unit.exposure import sources
from tests.unit.exposure.profiles import Profile

BASE = "https://catalogue.example"
NS = {"c": "ddi:codebook:2_5"}
WAVE = "MARIANNE-W1-SU"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@pytest.fixture(scope="session")
def profile_25(shared: Path) -> Profile:
    return Profile(shared / "vocabularies" / "cessda-profiles" / "cdc25_profile.xml")


@pytest.fixture(scope="session")
def profile_33(shared: Path) -> Profile:
    return Profile(shared / "vocabularies" / "cessda-profiles" / "cdc33_profile.xml")


@pytest.fixture(scope="session")
def exported(cohorts: Repository, studies: dict[str, ItemSummary]) -> dict[str, dict[str, etree._Element]]:
    """Every example study in both forms."""
    codebooks = Codebooks(cohorts, BASE)
    return {
        form: {name: etree.fromstring(b"".join(codebooks.export(one.id, form))) for name, one in studies.items()}
        for form in (CODEBOOK, RECORD)
    }


def found(element: etree._Element, path: str) -> list[etree._Element]:
    result = element.xpath(path, namespaces=NS)
    assert isinstance(result, list)
    return [one for one in result if isinstance(one, etree._Element)]


def values(element: etree._Element, path: str) -> list[str]:
    result = element.xpath(path, namespaces=NS)
    assert isinstance(result, list)
    return [str(one) for one in result]


# --- valid ------------------------------------------------------------------------------------------------------------


def test_codebooks_are_valid(exported: dict[str, dict[str, etree._Element]], codebook_schema: etree.XMLSchema) -> None:
    for name, document in exported[CODEBOOK].items():
        assert codebook_schema.validate(document), (name, codebook_schema.error_log[0])
    broken = deepcopy(exported[CODEBOOK][WAVE])
    found(broken, "//c:var")[0].set("intrvl", "continuous")
    assert not codebook_schema.validate(broken)


def dangling(document: etree._Element) -> set[str]:
    """What is referred to within a codebook and is not there, or there twice; lxml does not check ``xs:IDREFS``."""
    ids = Counter(values(document, "//@ID"))
    path = "//@files | //@fileid | //@var | //@varGrp | //@catgry | //@wgt-var"
    named = {one for some in values(document, path) for one in some.split()}
    return {one for one in named if ids[one] != 1} | {one for one, number in ids.items() if number > 1}


def test_references_within_codebooks_lead_somewhere(exported: dict[str, dict[str, etree._Element]]) -> None:
    for name, document in exported[CODEBOOK].items():
        assert dangling(document) == set(), name
    assert sum(len(values(document, "//c:derivation/@var")) for document in exported[CODEBOOK].values()) > 20
    broken = deepcopy(exported[CODEBOOK][WAVE])
    found(broken, "//c:var")[0].set("files", "F99")
    found(broken, "//c:var")[1].set("ID", "V1")
    assert dangling(broken) == {"F99", "V1"}


def test_records_are_valid(
    exported: dict[str, dict[str, etree._Element]], xml_schemas: dict[str, etree.XMLSchema]
) -> None:
    for name, document in exported[RECORD].items():
        assert xml_schemas["3.3"].validate(document), (name, xml_schemas["3.3"].error_log[0])
        assert not list(document.iter("{*}Variable", "{*}QuestionItem"))


# --- CESSDA -----------------------------------------------------------------------------------------------------------

# What the profile asks for in so many words, and a study of the examples does not have: DDI-L has no place for a
# French or English word of a vocabulary beside its code, and the examples name no ELSST terms, no grants, no ORCID.
NOT_CARRIED_33 = {
    # The examples name the vocabularies as the DDI Alliance does, CESSDA with "DDI" before.
    "//s:StudyUnit/r:AnalysisUnit/@controlledVocabularyName",
    "//d:Methodology/d:TimeMethod/d:TypeOfTimeMethod/@controlledVocabularyName",
    "//d:Methodology/d:SamplingProcedure/d:TypeOfSamplingProcedure/@controlledVocabularyName",
    "//d:DataCollection/d:CollectionEvent/d:ModeOfCollection/d:TypeOfModeOfCollection/@controlledVocabularyName",
}


def test_codebooks_of_waves_conform_to_the_profile(
    exported: dict[str, dict[str, etree._Element]], profile_25: Profile
) -> None:
    for name, document in exported[CODEBOOK].items():
        assert profile_25.broken(document) == [], name


@pytest.mark.parametrize(
    ("path", "broken"),
    [
        ("//c:stdyDscr/c:citation/c:titlStmt/c:IDNo", "/c:stdyDscr/c:citation/c:titlStmt/c:IDNo"),
        ("//c:stdyDscr/c:citation/c:distStmt/c:distrbtr", "/c:citation/c:distStmt/c:distrbtr"),
        ("//c:stdyDscr//c:abstract", "/c:stdyInfo/c:abstract"),
        ("//c:stdyDscr/c:citation/c:holdings", "/c:citation/c:holdings/@URI"),
    ],
)
def test_the_profile_finds_what_is_missing(
    exported: dict[str, dict[str, etree._Element]], profile_25: Profile, path: str, broken: str
) -> None:
    document = deepcopy(exported[CODEBOOK][WAVE])
    for element in found(document, path):
        parent = element.getparent()
        assert parent is not None
        parent.remove(element)
    assert any(one.endswith(broken.replace("c:", "ddi:")) for one in profile_25.broken(document))


def test_the_profile_finds_a_wrong_vocabulary_and_a_missing_language(
    exported: dict[str, dict[str, etree._Element]], profile_25: Profile
) -> None:
    document = deepcopy(exported[CODEBOOK][WAVE])
    found(document, "//c:anlyUnit/c:concept")[0].set("vocab", "Units")
    del found(document, "//c:keyword")[0].attrib[LANG]
    assert [one.rpartition("subject/")[2].rpartition("sumDscr/")[2] for one in profile_25.broken(document)] == [
        "ddi:keyword/@xml:lang",
        "ddi:anlyUnit/ddi:concept/@vocab",
    ]


def test_records_of_waves_conform_to_the_profile(
    exported: dict[str, dict[str, etree._Element]], studies: dict[str, ItemSummary], profile_33: Profile
) -> None:
    for name, document in exported[RECORD].items():
        if studies[name].type == "StudyUnit":
            assert set(profile_33.broken(document)) == NOT_CARRIED_33, name
    broken = deepcopy(exported[RECORD][WAVE])
    for element in list(broken.iter("{*}UserID")):
        element.set("typeOfUserID", "Other")
    assert "//s:StudyUnit/r:UserID/@typeOfUserID" in profile_33.broken(broken)


# --- NADA -------------------------------------------------------------------------------------------------------------

# What NADA takes from a codebook to show a study and its variables.
NADA = (
    "/c:codeBook/c:stdyDscr/c:citation/c:titlStmt/c:titl",
    "/c:codeBook/c:stdyDscr/c:citation/c:titlStmt/c:IDNo",
    "/c:codeBook/c:stdyDscr/c:citation/c:rspStmt/c:AuthEnty",
    "/c:codeBook/c:stdyDscr/c:stdyInfo/c:sumDscr/c:nation",
    "/c:codeBook/c:stdyDscr/c:stdyInfo/c:sumDscr/c:collDate",
    "/c:codeBook/c:fileDscr[@ID]/c:fileTxt/c:fileName",
    "/c:codeBook/c:fileDscr/c:fileTxt/c:dimensns/c:caseQnty",
    "/c:codeBook/c:dataDscr/c:var[@ID][@name][@files]/c:labl",
    "/c:codeBook/c:dataDscr/c:var/c:qstn/c:qstnLit",
    "/c:codeBook/c:dataDscr/c:var/c:catgry/c:catValu",
    "/c:codeBook/c:dataDscr/c:var/c:catgry/c:catStat",
    "/c:codeBook/c:dataDscr/c:var/c:sumStat[@type]",
)


def test_nada_finds_what_it_looks_for(exported: dict[str, dict[str, etree._Element]]) -> None:
    document = exported[CODEBOOK][WAVE]
    assert [path for path in NADA if not found(document, path)] == []
    assert values(document, "/c:codeBook/c:stdyDscr//c:nation/@abbr") == ["FR", "FR"]
    ids = values(document, "//c:var/@ID")
    assert ids == [f"V{number}" for number in range(1, len(ids) + 1)]
    assert set(" ".join(values(document, "//c:var/@files")).split()) <= set(values(document, "//c:fileDscr/@ID"))


# --- complete ---------------------------------------------------------------------------------------------------------


def test_the_numbers_are_those_of_the_source(
    exported: dict[str, dict[str, etree._Element]], studies: dict[str, ItemSummary]
) -> None:
    for name, one in studies.items():
        if one.type != "StudyUnit":
            continue
        document, truth = exported[CODEBOOK][name], sources.counts(name)
        assert len(found(document, "//c:var")) == truth.variables
        assert len(found(document, "//c:var/c:catgry")) == truth.categories
        assert len(found(document, "//c:var/c:catgry[@missing='Y']")) == truth.missing
        assert len(found(document, "//c:var/c:catgry/c:catStat")) == truth.category_statistics
        assert len(found(document, "//c:var/c:sumStat")) == truth.summary_statistics
        assert len(found(document, "//c:var[c:qstn]")) == truth.with_question
        assert len(found(document, "//c:fileDscr")) == truth.files
        types = Counter(values(document, "//c:sumStat/@type"))
        coded = sources.summary_types(name)
        assert (types["mean"], types["vald"], types["other"]) == (coded["ArithmeticMean"], coded["ValidCases"], 0)


# What is no word or number of the source, or is written as something else: which element, which kind, which type.
_NOT_WORDS = {
    "source_numbers",
    "weight_numbers",
    "type",
    "element",
    "kind",
    "depth",
    "rank",
    "number",
    "missing",
    "weighted",
    "language",
}
_CODED = {"vocabulary", "item", "languages", "counts", "published_at", "changed_at", "has_biosamples"}


def said(value: object) -> Iterator[tuple[str, bool]]:
    """Everything of a description, wherever it stands; and whether it is in the words of a language."""
    if isinstance(value, LocalizedText):
        yield " ".join(value.text.split()), True
    elif isinstance(value, Identification):
        yield value.urn, False
    elif isinstance(value, Named):
        # The machine's name of another item says nothing beside its label and its URN.
        yield from said((value.identification, value.label or value.name))
    elif isinstance(value, (Target, Enum, bool, dict)) or value is None:
        return
    elif isinstance(value, (str, int)):
        yield " ".join(str(value).split()), False
    elif isinstance(value, tuple):
        for one in value:
            yield from said(one)
    elif is_dataclass(value):
        for field in fields(value):
            if field.name not in _NOT_WORDS | _CODED and (type(value), field.name) != (Agent, "role"):
                yield from said(getattr(value, field.name))


def dropped(descriptions: Sequence[object], document: etree._Element) -> set[str]:
    """What is said and stands nowhere in the document: a sentence may stand in a longer one, all else by itself."""
    written = [*document.itertext(), *(str(value) for one in document.iter("*") for value in one.attrib.values())]
    exact = {" ".join(text.split()) for text in written}
    every = "\n".join(exact)
    return {
        one for one, words in said(tuple(descriptions)) if one and one not in exact and not (words and one in every)
    }


@cache
def _described(repository: Repository, study: int) -> tuple[StudyDescription, tuple[VariableDescription, ...]]:
    builder = StudyBuilder(repository)
    return builder.describe(study), tuple(builder.variables(study))


def test_nothing_that_is_known_of_a_study_is_dropped(cohorts: Repository, studies: dict[str, ItemSummary]) -> None:
    for one in studies.values():
        if one.type != "StudyUnit":
            continue
        study, variables = _described(cohorts, one.id)
        document = etree.fromstring(b"".join(write_codebook(study, variables, BASE)))
        assert dropped(variables, document) == set()
        assert dropped([study], document) == set()


@pytest.mark.parametrize("name", ["labl", "qstn", "catgry", "sumStat", "universe", "concept", "derivation", "notes"])
def test_what_is_dropped_is_found(cohorts: Repository, studies: dict[str, ItemSummary], name: str) -> None:
    study, variables = _described(cohorts, studies["MARIANNE-W3-SU"].id)
    document = etree.fromstring(b"".join(write_codebook(study, variables, BASE)))
    for element in found(document, f"//c:var/c:{name}"):
        parent = element.getparent()
        assert parent is not None
        parent.remove(element)
    assert dropped(variables, document)
