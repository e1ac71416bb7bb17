"""Findings of the reader and the store get the path, line and item of the very element that they mean."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest
from lxml import etree

from catalogue import locating
from catalogue.model.report import ValidationReport, Violation
from catalogue.validation import rules
from catalogue.validation.render import html_report
from catalogue.xml import scan

NAMESPACES = " ".join(
    f'xmlns:{p}="ddi:{m}:3_3"'
    for p, m in (("i", "instance"), ("r", "reusable"), ("l", "logicalproduct"), ("s", "studyunit"))
)
AGE = "urn:ddi:fr.x:AGE:1"


def ids(identifier: str, agency: str = "fr.x") -> str:
    return f"<r:Agency>{agency}</r:Agency><r:ID>{identifier}</r:ID><r:Version>1</r:Version>"


def variable(identifier: str, content: str = "") -> str:
    name = f"<l:VariableName><r:String>{identifier.lower()}</r:String></l:VariableName>"
    return f"<l:Variable>{ids(identifier)}{name}{content}</l:Variable>"


def reference(target: str, role: str = "r:QuestionReference") -> str:
    return f"<{role}>{ids(target)}<r:TypeOfObject>QuestionItem</r:TypeOfObject></{role}>"


def scheme(*content: str) -> str:
    return "\n".join((f"<l:VariableScheme {NAMESPACES}>{ids('S')}", *content, "</l:VariableScheme>"))


def locate(text: str, *found: Violation, version: str = "3.3") -> tuple[Violation, ...]:
    return locating.located(found, scan(text.encode()), version)


def element(text: str, found: Violation) -> etree._Element:
    """The one element at the path, evaluated with nothing but the prefixes that the document binds."""
    root = etree.fromstring(text.encode())
    bound = {p: uri for e in root.iter("*") for p, uri in e.nsmap.items() if p}
    matches: Any = root.xpath(str(found.xpath), namespaces=bound or None)
    assert len(matches) == 1, found.xpath
    return cast(etree._Element, matches[0])


def dangling(target: str, line: int, source: str = AGE, role: str = "QuestionReference") -> Violation:
    return rules.dangling_reference(
        source_urn=source, source_type="Variable", source_name=None, line=line, role=role, target_urn=target
    )


def test_an_item_is_found_by_its_urn() -> None:
    text = scheme(variable("SEX"), variable("AGE"))
    (found,) = locate(text, rules.empty_version("Variable", 3, urn=AGE))
    assert found.xpath == "/l:VariableScheme/l:Variable[2]"
    assert (found.line, found.item_name) == (3, "age")
    assert element(text, found).sourceline == 3


def test_an_item_inherits_and_its_urn_takes_precedence() -> None:
    bare = "<l:Variable><r:ID>B</r:ID></l:Variable>"
    written = "<l:Variable><r:URN>urn:ddi:fr.y:U:2</r:URN><r:Agency>fr.x</r:Agency><r:ID>T</r:ID></l:Variable>"
    scoped = '<l:Variable scopeOfUniqueness="Maintainable"><r:ID>M</r:ID></l:Variable>'
    text = scheme(bare, written, scoped)
    findings = locate(
        text,
        rules.empty_agency("Variable", 2, urn="urn:ddi:fr.x:B:1"),
        rules.urn_mismatch("URN:DDI:fr.y:U:2", "urn:ddi:fr.x:T:", "Variable", 3),
        rules.empty_agency("Variable", 4, urn="urn:ddi:fr.x:S.M:1"),
    )
    assert [element(text, found).sourceline for found in findings] == [2, 3, 4]
    assert findings[1].urn == "urn:ddi:fr.y:U:2"
    assert "l'URN qui a été retenue" in findings[1].remedy.fr


def test_attributes_of_31_inherit_and_are_scoped() -> None:
    text = (
        '<VariableScheme xmlns="ddi:logicalproduct:3_1" id="S" agency="fr.x" version="2.0.0">\n'
        '<Variable id="A"/>\n<Variable id="B"\n version="3.0.0"/>\n</VariableScheme>'
    )
    urn = "urn:ddi:fr.x:S.B:3.0.0"
    (found,) = locate(text, rules.conflict(urn, "Variable", None, 3, "<a/>", "<b/>"), version="3.1")
    assert found.xpath == "/*[local-name()='VariableScheme']/*[local-name()='Variable'][2]"
    assert element(text, found).get("id") == "B"
    assert found.line == 3


def test_duplicates_show_both_contents_each_at_its_line() -> None:
    text = scheme(variable("AGE", "<r:Description>one</r:Description>"), variable("SEX"), *map(variable_of, (2, 3)))
    second, third = locate(
        text,
        rules.duplicate_identification(AGE, "Variable", 2, 4),
        rules.duplicate_identification(AGE, "Variable", 2, 5),
    )
    assert [element(text, found).sourceline for found in (second, third)] == [4, 5]
    assert [name for name, _ in third.expected] == ["first", "other"]
    assert "one" in third.expected[0][1]
    assert "text 3" in third.expected[1][1]
    assert "xmlns" not in third.expected[0][1]
    page = html_report(ValidationReport("f", "3.3", "VariableScheme", True, (third,)), "fr")
    assert "Les deux contenus" in page
    assert "le premier" in page


def variable_of(number: int) -> str:
    return variable("AGE", f"<r:Description>text {number}</r:Description>")


def test_duplicates_on_one_line_and_long_ones() -> None:
    text = scheme(variable("AGE") + variable("AGE", f"<r:Description>{'x' * 5_000}</r:Description>"))
    (found,) = locate(text, rules.duplicate_identification(AGE, "Variable", 2, 2))
    assert found.xpath == "/l:VariableScheme/l:Variable[2]"
    assert [len(content) <= 2_000 for _, content in found.expected] == [True, True]
    assert found.expected[1][1].endswith(" …")


def test_the_line_is_where_the_start_tag_begins() -> None:
    tall = variable("AGE").replace("<l:Variable>", '<l:Variable\n isUniversallyUnique="true"\n>', 1)
    text = scheme(variable("AGE"), tall)
    (found,) = locate(text, rules.duplicate_identification(AGE, "Variable", 2, 3))
    assert (found.line, element(text, found).sourceline) == (3, 5)


def test_a_dangling_reference_has_its_own_line_and_path() -> None:
    text = scheme(
        variable("AGE", f"\n{reference('Q1')}\n{reference('Q2')}\n{reference('Q2')}\n"),
        variable("SEX", reference("Q2")),
    )
    first, again, other, absent = locate(
        text,
        dangling("urn:ddi:fr.x:Q2:1", 2),
        dangling("urn:ddi:fr.x:Q2:1", 2),
        dangling("urn:ddi:fr.x:Q2:1", 7, "urn:ddi:fr.x:SEX:1"),
        dangling("urn:ddi:fr.x:Q9:1", 2),
    )
    assert [found.line for found in (first, again, other)] == [4, 5, 7]
    assert first.xpath == "/l:VariableScheme/l:Variable[1]/r:QuestionReference[2]"
    assert other.xpath == "/l:VariableScheme/l:Variable[2]/r:QuestionReference"
    assert [element(text, found).sourceline for found in (first, again, other)] == [4, 5, 7]
    assert (first.urn, first.item_name, other.item_name) == (AGE, "age", "sex")
    assert (absent.xpath, absent.line) == ("/l:VariableScheme/l:Variable[1]", 2)


def test_a_reference_of_31_inherits() -> None:
    text = (
        '<l:VariableScheme xmlns:l="ddi:logicalproduct:3_1" xmlns:r="ddi:reusable:3_1" id="S" agency="fr.x">\n'
        '<l:Variable id="A">\n<l:QuestionReference><r:Scheme><r:ID>QS</r:ID></r:Scheme><r:ID>Q</r:ID>'
        "</l:QuestionReference></l:Variable></l:VariableScheme>"
    )
    (found,) = locate(text, dangling("urn:ddi:fr.x:Q:1.0.0", 2, "urn:ddi:fr.x:S.A:1.0.0"), version="3.1")
    assert found.xpath == "/l:VariableScheme/l:Variable/l:QuestionReference"
    assert found.line == 3


def test_references_of_an_element_without_identity_belong_to_the_item_around() -> None:
    text = scheme(f"<l:Variable>\n{reference('Q1')}</l:Variable>")
    (found,) = locate(text, dangling("urn:ddi:fr.x:Q1:1", 1, "urn:ddi:fr.x:S:1"))
    assert found.xpath == "/l:VariableScheme/l:Variable/r:QuestionReference"


def test_top_level_reference() -> None:
    top = reference("Q1", "i:TopLevelReference")
    text = f"<i:FragmentInstance {NAMESPACES}>\n{top}\n<i:Fragment>{variable('AGE')}</i:Fragment></i:FragmentInstance>"
    found, absent = locate(
        text,
        rules.top_level_reference_unmatched("urn:ddi:fr.x:Q1:1"),
        rules.top_level_reference_unmatched("urn:ddi:fr.x:Q2:1"),
    )
    assert (found.xpath, found.line) == ("/i:FragmentInstance/i:TopLevelReference", 2)
    assert absent.xpath is None


def test_a_language_is_found_where_it_is_first() -> None:
    label = '<r:Label><r:Content xml:lang="{}">x</r:Content></r:Label>'
    text = scheme(variable("SEX", label.format("fr")), variable("AGE", label.format("gb-EN")), label.format("gb-EN"))
    (found,) = locate(text, rules.malformed_language("gb-EN", 3, 2))
    assert found.xpath == "/l:VariableScheme/l:Variable[2]/r:Label/r:Content"
    assert (found.urn, found.item_type, found.item_name) == (AGE, "Variable", "age")


def test_an_element_without_identity_is_in_the_item_around_it() -> None:
    text = scheme("<l:Variable/><l:Variable/>", variable("AGE"), "<l:Variable/>")
    findings = locate(text, *(rules.missing_identifier("Variable", line) for line in (2, 2, 4)))
    assert [found.xpath for found in findings] == [f"/l:VariableScheme/l:Variable[{n}]" for n in (1, 2, 4)]
    assert {(found.urn, found.item_type) for found in findings} == {("urn:ddi:fr.x:S:1", "VariableScheme")}
    (alone,) = locate(f"<l:Variable {NAMESPACES}/>", rules.missing_identifier("Variable", 1))
    assert (alone.xpath, alone.urn, alone.item_type) == ("/l:Variable", None, "Variable")


def test_oai_records_need_no_prefix_that_the_document_does_not_bind() -> None:
    payloads = (scheme(variable("SEX")), scheme(variable("AGE")).replace("l:", "lp:").replace(":l=", ":lp="))
    records = "".join(f"<record><metadata>{payload}</metadata></record>" for payload in payloads)
    text = f'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><GetRecord>{records}</GetRecord></OAI-PMH>'
    (found,) = locate(text, rules.empty_version("Variable", 1, urn=AGE))
    assert str(found.xpath).endswith("/*[local-name()='metadata']/lp:VariableScheme/lp:Variable")
    assert "[local-name()='record'][2]" in str(found.xpath)
    assert element(text, found).tag == "{ddi:logicalproduct:3_3}Variable"


def test_a_root_in_no_namespace_is_an_item() -> None:
    text = f"<DDIInstance {NAMESPACES}>{ids('D')}</DDIInstance>"
    (found,) = locate(text, rules.empty_version("DDIInstance", 1, urn="urn:ddi:fr.x:D:1"))
    assert found.xpath == "/DDIInstance"


def test_a_default_namespace_takes_another_prefix_of_the_document() -> None:
    text = f'<VariableScheme xmlns="ddi:logicalproduct:3_3" {NAMESPACES}>{ids("S")}<Variable>{ids("AGE")}</Variable>'
    (found,) = locate(text + "</VariableScheme>", rules.empty_version("Variable", 1, urn=AGE))
    assert found.xpath == "/l:VariableScheme/l:Variable"


UNKNOWN = "urn:ddi:fr.x:NONE:1"


@pytest.mark.parametrize(
    "found",
    [
        rules.duplicate_identification(UNKNOWN, "Variable", 1, 2),
        rules.duplicate_identification(AGE, "Variable", 1, 2),
        rules.empty_agency("Variable", 1, urn=UNKNOWN),
        rules.missing_identifier("Variable", 1),
        rules.malformed_language("gb-EN", 3),
        rules.inherited_agency(3, "fr.x"),
        dangling(UNKNOWN, 1, UNKNOWN),
        replace(rules.empty_version("Variable", 1, urn=AGE), xpath="/known"),
    ],
)
def test_what_is_not_there_or_known_already_stays_as_it_is(found: Violation) -> None:
    assert locate(scheme(variable("AGE")), found) == (found,)


def test_a_document_too_large_for_a_tree_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locating, "TREE_NODES", 3)
    found = rules.empty_version("Variable", 1, urn=AGE)
    assert locate(scheme(variable("AGE")), found) == (found,)


def test_what_only_libxml2_refuses_stays_as_it_is() -> None:
    text = f'<?xml version="1.0" encoding="latin-1"?>{scheme(variable("AGE"))}'
    found = rules.empty_version("Variable", 1, urn=AGE)
    assert locate(text, found) == (found,)
