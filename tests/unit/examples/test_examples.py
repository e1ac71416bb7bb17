"""The example documents: rebuilt alike, valid, resolved, bilingual, consistent; and each check fails when it must."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import TypeAlias

import pytest
from lxml import etree

Element: TypeAlias = etree._Element
Triple: TypeAlias = tuple[str, str, str]

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "examples"
SCHEMA = ROOT.parent / "shared" / "ddi-schemas" / "3.3" / "instance.xsd"
COHORTS = ("filomene", "marianne", "e3n-generations", "raretia-fredd", "mitomics", "transeasome", "dmfsh")
DOCUMENTS = ("common", *COHORTS)

NS = {
    "c": "ddi:conceptualcomponent:3_3",
    "cm": "ddi:comparative:3_3",
    "d": "ddi:datacollection:3_3",
    "g": "ddi:group:3_3",
    "l": "ddi:logicalproduct:3_3",
    "pi": "ddi:physicalinstance:3_3",
    "r": "ddi:reusable:3_3",
    "s": "ddi:studyunit:3_3",
}
R = f"{{{NS['r']}}}"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
IDENTIFICATION = [f"{R}Agency", f"{R}ID", f"{R}Version"]


@cache
def document(name: str) -> Element:
    return etree.parse(EXAMPLES / f"{name}.xml").getroot()


def found(root: Element, path: str) -> list[Element]:
    result = root.xpath(path, namespaces=NS)
    assert isinstance(result, list)
    return [each for each in result if isinstance(each, etree._Element)]


def text(element: Element, path: str) -> str:
    value = element.findtext(path, namespaces=NS)
    assert value is not None, path
    return value


def triple(element: Element) -> Triple:
    return (text(element, "r:Agency"), text(element, "r:ID"), text(element, "r:Version"))


def is_identified(element: Element) -> bool:
    tags = [child.tag for child in element[:4]]
    return tags[:3] == IDENTIFICATION and tags[3:] != [f"{R}TypeOfObject"]


def defined(root: Element) -> list[tuple[Triple, str]]:
    """The identification and the type of every item of a document, in document order."""
    return [(triple(each), etree.QName(each).localname) for each in root.iter("*") if is_identified(each)]


@cache
def of_shared() -> list[tuple[Triple, str]]:
    return defined(document("common"))


def unresolved(root: Element, *others: list[tuple[Triple, str]]) -> list[tuple[Triple, str]]:
    """References to an item of that type that neither the document defines nor the others."""
    known = set(defined(root)).union(*others)
    wanted = [(triple(each), text(each, "r:TypeOfObject")) for each in found(root, "//*[r:TypeOfObject]")]
    return [pair for pair in wanted if pair not in known]


def monolingual(root: Element) -> list[Element]:
    """Labels, question texts, statements, instructions and descriptions that are not in French and in English."""
    wanted = {"fr", "en"}
    found_in = "//r:Label | //r:Description | //r:Abstract | //r:Purpose | //r:Difference | //cm:Commonality"
    texts = [each for each in found(root, found_in) if {child.get(XML_LANG) for child in each} != wanted]
    asked = found(root, "//*[d:QuestionText or d:DisplayText or d:InstructionText]")
    return texts + [each for each in asked if {t.get(XML_LANG) for t in each.iter(f"{{{NS['d']}}}Text")} != wanted]


def inconsistent(root: Element) -> list[str]:
    """Variables whose counts do not add up to the number of cases of their file."""
    wrong = []
    for instance in found(root, "//pi:PhysicalInstance"):
        cases = int(text(instance, "pi:GrossFileStructure/pi:CaseQuantity"))
        for each in instance.iter(f"{{{NS['pi']}}}VariableStatistics"):
            if any(total != cases for total in totals(each)):
                wrong.append(text(each, "r:ID"))
    return wrong


def totals(statistics: Element) -> list[int]:
    """Valid and invalid cases together; and, where there are categories, the sum of their frequencies."""
    summary = {
        text(each, "pi:TypeOfSummaryStatistic"): text(each, "pi:Statistic")
        for each in statistics.iterfind("pi:SummaryStatistic", NS)
    }
    frequencies = [int(text(each, "pi:Statistic")) for each in statistics.iterfind(".//pi:CategoryStatistic", NS)]
    valid_and_invalid = int(summary["ValidCases"]) + int(summary["InvalidCases"])
    return [valid_and_invalid, *([sum(frequencies)] if frequencies else [])]


def unmarked(root: Element) -> list[str]:
    """Statistics that do not say that they are illustrative."""
    path = "r:UserAttributePair[r:AttributeKey = 'illustrative-statistics']"
    return [text(each, "r:ID") for each in found(root, f"//pi:VariableStatistics[not({path})]")]


def unsourced(root: Element) -> list[str]:
    """Questions that no instrument of the document reaches from its top sequence."""
    constructs = {triple(each): each for each in found(root, "//d:ControlConstructScheme/*[r:ID]")}
    waiting = [triple(each) for each in found(root, "//d:Instrument/d:ControlConstructReference")]
    reached: set[Triple] = set()
    while waiting:
        here = waiting.pop()
        if here in constructs and here not in reached:
            reached.add(here)
            waiting.extend(triple(each) for each in found(constructs[here], ".//*[r:TypeOfObject]"))
    return [identifier for _, identifier, _ in set(constructs) - reached]


@cache
def schema() -> etree.XMLSchema:
    if not SCHEMA.exists():
        pytest.skip("the genuine DDI 3.3 schemas are not beside the project (../shared/ddi-schemas/3.3)")
    return etree.XMLSchema(etree.parse(SCHEMA))


def test_rebuilding_gives_the_committed_bytes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, EXAMPLES / "build.py", "--out", tmp_path], check=True)
    rebuilt = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert set(rebuilt) == {f"{name}.xml" for name in DOCUMENTS}
    differing = [name for name, content in rebuilt.items() if (EXAMPLES / name).read_bytes() != content]
    assert differing == [], "run: python examples/build.py"
    assert rebuilt["common.xml"] != rebuilt["dmfsh.xml"]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_is_valid_ddi_3_3(name: str) -> None:
    validator = schema()
    assert validator.validate(document(name)), list(validator.error_log)[:5]


def test_a_misplaced_element_is_not_valid() -> None:
    broken = deepcopy(document("dmfsh"))
    variable = found(broken, "//l:Variable")[0]
    variable.append(deepcopy(found(variable, "r:Label")[0]))
    assert not schema().validate(broken)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_reference_resolves_to_an_item_of_its_type(name: str) -> None:
    assert unresolved(document(name), of_shared()) == []


def test_a_reference_to_nothing_is_found() -> None:
    broken = deepcopy(document("dmfsh"))
    reference = found(broken, "//l:Variable/r:ConceptReference/r:ID")[0]
    reference.text = "C-nothing"
    assert [identifier for (_, identifier, _), _ in unresolved(broken, of_shared())] == ["C-nothing"]


def test_identifications_are_unique_across_the_documents() -> None:
    counts = Counter(each for name in DOCUMENTS for each, _ in defined(document(name)))
    assert [each for each, count in counts.items() if count > 1] == []
    twice = [*of_shared(), *of_shared()]
    assert max(Counter(each for each, _ in twice).values()) == 2


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_text_is_in_french_and_english(name: str) -> None:
    assert [etree.tostring(each) for each in monolingual(document(name))] == []


def test_a_missing_language_is_found() -> None:
    broken = deepcopy(document("dmfsh"))
    for content in found(broken, "(//l:Variable/r:Label)[1]/r:Content[@xml:lang = 'fr']"):
        content.set(XML_LANG, "de")
    for words in found(broken, "(//d:QuestionItem)[1]//d:Text[@xml:lang = 'en']"):
        words.set(XML_LANG, "de")
    assert [etree.QName(each).localname for each in monolingual(broken)] == ["Label", "QuestionItem"]


@pytest.mark.parametrize("name", COHORTS)
def test_counts_add_up_and_are_marked_as_illustrative(name: str) -> None:
    assert inconsistent(document(name)) == []
    assert unmarked(document(name)) == []


def test_a_wrong_count_and_a_missing_mark_are_found() -> None:
    broken = deepcopy(document("dmfsh"))
    first = found(broken, "//pi:VariableStatistics[.//pi:CategoryStatistic]")[0]
    frequency = found(first, ".//pi:CategoryStatistic/pi:Statistic")[0]
    frequency.text = str(int(frequency.text or "0") + 1)
    first.remove(found(first, "r:UserAttributePair")[0])
    assert inconsistent(broken) == unmarked(broken) == [text(first, "r:ID")]


@pytest.mark.parametrize("name", COHORTS)
def test_every_control_construct_is_reached_from_an_instrument(name: str) -> None:
    assert unsourced(document(name)) == []


def test_a_construct_out_of_reach_is_found() -> None:
    broken = deepcopy(document("dmfsh"))
    orphan = deepcopy(found(broken, "//d:QuestionConstruct")[0])
    found(orphan, "r:ID")[0].text = "DMFSH-orphan"
    found(broken, "//d:ControlConstructScheme")[0].append(orphan)
    assert unsourced(broken) == ["DMFSH-orphan"]


def test_seven_cohorts_and_at_least_six_hundred_variables() -> None:
    groups = [each for name in DOCUMENTS for each in found(document(name), "//g:Group")]
    variables = [each for name in DOCUMENTS for each in found(document(name), "//l:Variable")]
    assert len(groups) == 7
    assert len(variables) >= 600


@pytest.mark.parametrize("name", COHORTS)
def test_each_cohort_has_what_is_promised(name: str) -> None:
    """Waves, branches, loops, grids, a notice, and at least two changed measurements."""
    root = document(name)
    at_least = {
        "s:StudyUnit": 2,
        "d:IfThenElse": 1,
        "d:Loop": 1,
        "d:QuestionGrid": 1,
        "cm:VariableMap": 2,
        "c:Universe": 1,
        "c:ConceptualVariable": 1,
        "l:RepresentedVariable": 1,
        "l:MissingValuesReference": 1,
        "g:Group/r:Note": 1,
    }
    few = {tag: len(found(root, f"//{tag}")) for tag, count in at_least.items() if len(found(root, f"//{tag}")) < count}
    assert few == {}
    asked = {text(each, "r:ID") for each in found(root, "//l:Variable/r:ConceptReference")}
    assert {"C-perceived_health", "C-pain", "C-fatigue"} <= asked


@pytest.mark.parametrize("name", COHORTS)
def test_a_changed_variable_keeps_its_conceptual_variable(name: str) -> None:
    """Both ends of each variable map measure the same conceptual variable by other represented variables or units."""
    root = document(name)
    by_triple = {triple(each): each for each in found(root, "//l:Variable")}
    for item in found(root, "//cm:VariableMap/cm:ItemMap"):
        ends = [by_triple[triple(found(item, f"cm:{end}ItemReference")[0])] for end in ("Source", "Target")]
        assert len({text(each, "r:ConceptualVariableReference/r:ID") for each in ends}) == 1
        represented = [triple(found(each, "r:RepresentedVariableReference")[0]) for each in ends]
        assert represented[0] != represented[1]
