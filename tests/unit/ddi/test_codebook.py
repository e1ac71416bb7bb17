"""DDI-Codebook as it is written: any text survives, any language tag is lawful, nothing is read ahead."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from catalogue.ddi.codebook import NAMESPACE, write_codebook
from catalogue.ddi.codebook.markup import element, escaped, quoted, token
from catalogue.model.contents import Condition, Range, Representation, RepresentationKind, Statistic
from catalogue.model.identity import Identification
from catalogue.model.study import CategoryDescription, DataFile, StudyDescription, VariableDescription, VariableGroup
from catalogue.model.text import InternationalString, LocalizedText

BASE = "https://catalogue.example"
NS = {"c": NAMESPACE}
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
FILE = DataFile(Identification("a.b", "File", "1"), "data.csv", uris=("https://data.example/data.csv",), cases=10)
# What XML admits: no control characters but these three, no surrogates, none of the two non-characters.
XML_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")).map(
    lambda text: text + "\t\n"
)


def said(*texts: tuple[str, str | None]) -> InternationalString:
    return InternationalString(tuple(LocalizedText(text, tag) for text, tag in texts))


def study(**more: object) -> StudyDescription:
    values = {"title": said(("Étude", "fr"), ("Study", "en")), "files": (FILE,), **more}
    return StudyDescription(Identification("a.b", "Study", "1.0"), "StudyUnit", None, **values)  # type: ignore[arg-type]


def variable(number: int, **more: object) -> VariableDescription:
    return VariableDescription(Identification("a.b", f"V-{number}", "1"), number, f"NAME{number}", **more)  # type: ignore[arg-type]


def document(*variables: VariableDescription, groups: tuple[VariableGroup, ...] = ()) -> etree._Element:
    return etree.fromstring(b"".join(write_codebook(study(), variables, BASE, groups)))


def one(root: etree._Element, path: str) -> etree._Element:
    result = root.xpath(path, namespaces=NS)
    assert isinstance(result, list)
    (found,) = result
    assert isinstance(found, etree._Element)
    return found


@pytest.fixture(scope="module")
def schema(shared: Path) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(shared / "ddi-schemas" / "codebook-2.5" / "codebook.xsd"))


def test_the_urn_of_a_study_is_told_once() -> None:
    own = study().identification.urn
    numbers = {"identifiers": (("DDI", own), ("DOI", "10.1/x")), "user_ids": (("URN", own), ("local", "W1"))}
    root = etree.fromstring(b"".join(write_codebook(study(**numbers), (), BASE)))
    found = root.findall("c:stdyDscr/c:citation/c:titlStmt/c:IDNo", NS)
    assert [(one.get("agency"), one.text) for one in found] == [("DOI", "10.1/x"), ("URN", own), ("local", "W1")]


@given(XML_TEXT, XML_TEXT)
def test_any_text_comes_back(content: str, value: str) -> None:
    found = etree.fromstring(element("e", escaped(content), {"a": value}))
    assert found.text == content
    assert found.get("a") == value


def test_markup_in_texts_stays_text() -> None:
    hostile = "<script>&amp;\"'\r\n]]>"
    root = document(variable(1, label=said((hostile, "fr"))))
    assert one(root, "//c:var/c:labl").text == hostile
    assert etree.fromstring(f"<e a={quoted(hostile)}/>").get("a") == hostile


@pytest.mark.parametrize(
    ("tag", "expected"), [("fr-FR", "fr-FR"), ("gb-EN", "gb-EN"), ("fr_FR", None), ("", None), (None, None)]
)
def test_language_tags_are_lawful_or_absent(tag: str | None, expected: str | None, schema: etree.XMLSchema) -> None:
    root = document(variable(1, label=said(("Âge", tag))))
    assert one(root, "//c:var/c:labl").get(LANG) == expected
    assert schema.validate(root), schema.error_log


def test_a_text_is_written_once_for_each_language() -> None:
    labels = document(variable(1, label=said(("Âge", "fr"), ("Age", "en"), ("Alter", None)))).findall(
        ".//c:var/c:labl", NS
    )
    assert [(label.text, label.get(LANG)) for label in labels] == [("Âge", "fr"), ("Age", "en"), ("Alter", None)]


def test_statistics_are_typed_and_what_has_no_type_keeps_its_name(schema: etree.XMLSchema) -> None:
    summary = (Statistic("ArithmeticMean", "4.2", True), Statistic("Skewness (G1)", "0.1"))
    category = CategoryDescription(
        "1", said(("Oui", "fr")), statistics=(Statistic("Percent", "12"), Statistic("wtCount", "7"))
    )
    root = document(variable(1, statistics=summary, categories=(category,)))
    assert [dict(found.attrib) for found in root.findall(".//c:sumStat", NS)] == [
        {"wgtd": "wgtd", "type": "mean"},
        {"wgtd": "not-wgtd", "type": "other", "otherType": "Skewness_G1"},
    ]
    assert [(found.get("type"), found.get("otherType")) for found in root.findall(".//c:catStat", NS)] == [
        ("percent", None),
        ("other", "wtCount"),
    ]
    assert schema.validate(root), schema.error_log


def test_values_and_missing_values(schema: etree.XMLSchema) -> None:
    representation = Representation(
        RepresentationKind.NUMERIC,
        "NumericRepresentation",
        data_type="Integer",
        unit="kg",
        ranges=(Range("0", "120", high_included=False),),
        missing_values=("-9",),
    )
    codes = (CategoryDescription("-9", said(("Refus", "fr")), missing=True), CategoryDescription("-8", missing=True))
    root = document(variable(1, representation=representation, categories=codes, files=(FILE.identification,)))
    found = one(root, "//c:var")
    assert (found.get("intrvl"), found.get("measUnit"), found.get("files")) == ("contin", "kg", "F1")
    assert dict(one(root, "//c:valrng/c:range").attrib) == {"UNITS": "INT", "min": "0", "maxExclusive": "120"}
    assert root.xpath("//c:invalrng/c:item/@VALUE", namespaces=NS) == ["-9", "-8"]
    assert schema.validate(root), schema.error_log


def test_hierarchies_groups_and_derivations_refer_by_id(schema: etree.XMLSchema) -> None:
    codes = tuple(
        CategoryDescription(value, depth=depth) for value, depth in (("A", 0), ("A1", 1), ("A2", 1), ("B", 0))
    )
    derived = variable(2, derivation=Condition(said(("Somme", "fr"))), source_numbers=(1,), weight_numbers=(1,))
    group = VariableGroup(Identification("a.b", "G", "1"), "G", type="my own type", variables=(1, 2))
    root = document(variable(1, categories=codes), derived, groups=(group,))
    assert [found.get("catgry") for found in root.findall(".//c:catgry", NS)] == ["V1C2 V1C3", None, None, None]
    assert one(root, "//c:derivation").get("var") == one(root, "//c:var[2]").get("wgt-var") == "V1"
    written = one(root, "//c:varGrp")
    assert (written.get("var"), written.get("otherType")) == ("V1 V2", "my_own_type")
    assert schema.validate(root), schema.error_log


def test_a_study_of_which_nothing_is_said_is_valid(schema: etree.XMLSchema) -> None:
    bare = StudyDescription(Identification("", "X", "1"), "StudyUnit", None, InternationalString())
    root = etree.fromstring(b"".join(write_codebook(bare, (), BASE)))
    assert schema.validate(root), schema.error_log
    assert one(root, "/c:codeBook/c:stdyDscr/c:citation/c:titlStmt/c:titl").text == "X"


def test_tokens_have_no_spaces() -> None:
    assert token(" valid percent % ") == "valid_percent"
    assert token(" % ") is None


def test_variables_are_written_as_they_are_read() -> None:
    """Five times the variables, the same memory."""

    def many(number: int) -> Iterator[VariableDescription]:
        return (variable(one, label=said((f"Label {one}", "en"))) for one in range(1, number + 1))

    def peak(number: int, read: Callable[[Iterator[VariableDescription]], Iterable[VariableDescription]] = iter) -> int:
        tracemalloc.start()
        for _ in write_codebook(study(), read(many(number)), BASE):
            pass
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(1_000)  # what is cached is cached
    few = peak(1_000)
    assert peak(5_000) < 2 * few < peak(5_000, list)  # reading ahead is noticed
