"""The verdict and its explanation on small 3.3 documents; no network, no reference folder."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import pytest

from catalogue.errors import UnreadableDocumentError
from catalogue.model.report import Severity, Violation
from catalogue.settings import Settings
from catalogue.validation import registry, schema
from catalogue.validation.compiled import COMPILED
from catalogue.validation.content import annotation
from catalogue.validation.schema import SchemaResult, SchemaValidator
from catalogue.validation.unreadable import unreadable
from catalogue.xml import scan

NAMESPACES = " ".join(
    f'xmlns:{prefix}="ddi:{module}:3_3"'
    for prefix, module in (
        ("i", "instance"),
        ("r", "reusable"),
        ("l", "logicalproduct"),
        ("d", "datacollection"),
        ("s", "studyunit"),
        ("c", "conceptualcomponent"),
    )
)
IDS = "<r:Agency>fr.x</r:Agency><r:ID>{}</r:ID><r:Version>1</r:Version>"


def element(name: str, content: str, identifier: str = "X", attributes: str = "") -> str:
    return f"<{name} {NAMESPACES} {attributes}>{IDS.format(identifier)}{content}</{name}>"


@pytest.fixture(scope="module")
def validator(tmp_path_factory: pytest.TempPathFactory) -> SchemaValidator:
    return SchemaValidator(Settings(schemas=None, schemas_cache=tmp_path_factory.mktemp("schemas")))


def check(validator: SchemaValidator, text: str, version: str = "3.3") -> SchemaResult:
    return validator.validate(scan(text.encode()), version)


def only(result: SchemaResult) -> Violation:
    assert result.valid is False
    assert len(result.violations) == 1, [v.code for v in result.violations]
    return result.violations[0]


def test_valid_bare_maintainable(validator: SchemaValidator) -> None:
    assert check(validator, element("d:QuestionItem", "")) == SchemaResult(True)


QUESTION = "<d:QuestionItemName><r:String>AGE</r:String></d:QuestionItemName>"
CASES = [
    ("d:QuestionItem", "<r:Foo/>", "xsd.unknown-element", "r:Foo", ()),
    ("d:QuestionItem", "<d:QuestionTxt/>", "xsd.misspelt-element", "d:QuestionTxt", ()),
    ("d:QuestionItem", "<l:CodeList/>", "xsd.unexpected-element", "l:CodeList", ("QuestionText",)),
    ("d:QuestionItem", "<r:QuestionText/>", "xsd.wrong-namespace", "r:QuestionText", ()),
    ("d:QuestionItem", '<a:QuestionText xmlns:a="ddi:datacollection:3_2"/>', "xsd.other-version", "a:QuestionText", ()),
    ("d:QuestionItem", "<QuestionText/>", "xsd.child-no-namespace", "QuestionText", ()),
    ("d:QuestionItem", "<d:TextDomain/><d:TextDomain/>", "xsd.repeated-element", "d:TextDomain[2]", ()),
    (
        "d:QuestionItem",
        "<d:TextDomain/>" + QUESTION,
        "xsd.misplaced-element",
        "d:QuestionItemName",
        ("ConceptReference",),
    ),
    ("d:QuestionItem", "<d:QuestionItemName/>", "xsd.missing-element", "d:QuestionItemName", ("String",)),
    ("d:QuestionItem", "text", "xsd.unexpected-text", "", ("QuestionText",)),
    ("d:QuestionItem", "<d:ResponseDomain/>", "xsd.abstract-element", "d:ResponseDomain", ("TextDomain",)),
    ("d:QuestionItem", '<d:TextDomain maxLength="many"/>', "xsd.invalid-value", "d:TextDomain", ()),
    ("d:QuestionItem", '<d:TextDomain foo="1"/>', "xsd.unexpected-attribute", "d:TextDomain", ()),
    (
        "d:QuestionGrid",
        "<d:GridDimension><d:CodeDomain/></d:GridDimension>",
        "xsd.missing-attribute",
        "d:GridDimension",
        (),
    ),
    (
        "d:QuestionItem",
        '<r:Label><r:Content xml:lang="_">x</r:Content></r:Label>',
        "xsd.pattern",
        "r:Label/r:Content",
        (),
    ),
]


@pytest.mark.parametrize(("name", "content", "code", "path", "expected"), CASES)
def test_one_fault(
    validator: SchemaValidator, name: str, content: str, code: str, path: str, expected: tuple[str, ...]
) -> None:
    result = check(validator, element(name, content))
    found = next(v for v in result.violations if v.code == code)
    assert result.valid is False
    assert found.xpath == f"/{name}/{path}".rstrip("/")
    assert (found.urn, found.item_type) == ("urn:ddi:fr.x:X:1", name.removeprefix("d:"))
    assert set(expected) <= {word for word, _ in found.expected}
    assert_readable(found)


def assert_readable(found: Violation) -> None:
    for text in (found.message.fr, found.message.en, found.remedy.fr, found.remedy.en):
        assert "{" not in text
        assert not re.search(r"position \d", text)
    assert found.message.fr != found.message.en
    assert found.remedy.fr != found.remedy.en


def test_name_line_and_annotation_are_told(validator: SchemaValidator) -> None:
    found = only(check(validator, element("d:QuestionItem", QUESTION + "\n\n<d:Bad/>")))
    assert (found.line, found.item_name) == (3, "AGE")
    described = dict(found.expected)
    assert described["QuestionText"].startswith("The text of a question.")
    assert all(len(text) <= 204 for text in described.values())


def test_old_source_question_names_its_successor(validator: SchemaValidator) -> None:
    result = check(validator, element("d:GenerationInstruction", "<d:SourceQuestion/><d:SourceVariable/>"))
    assert [v.code for v in result.violations] == ["xsd.unknown-element"] * 2
    assert "InputQuestionReference" in result.violations[0].remedy.fr
    assert "InputVariableReference" in result.violations[1].remedy.en
    assert "InputQuestionReference" in dict(result.violations[0].expected)


def test_missing_identification(validator: SchemaValidator) -> None:
    found = only(check(validator, f"<d:QuestionItem {NAMESPACES}/>"))
    assert found.code == "xsd.missing-element"
    assert "not identified" in found.message.en
    assert {"URN", "Agency"} <= set(dict(found.expected))


@pytest.mark.parametrize(
    ("identity", "code", "path"),
    [
        (("", "X", "1"), "xsd.empty-value", "r:Agency"),
        (("fr.x", "", "1"), "xsd.empty-value", "r:ID"),
        (("fr.x", "X", ""), "xsd.empty-value", "r:Version"),
        (("fr é", "X", "1"), "xsd.pattern", "r:Agency"),
        (("fr.x", "a:b", "1"), "xsd.pattern", "r:ID"),
        (("fr.x", "X", "v1"), "xsd.pattern", "r:Version"),
    ],
)
def test_bad_identity(validator: SchemaValidator, identity: tuple[str, str, str], code: str, path: str) -> None:
    agency, identifier, version = identity
    ids = f"<r:Agency>{agency}</r:Agency><r:ID>{identifier}</r:ID><r:Version>{version}</r:Version>"
    found = only(check(validator, f"<d:QuestionItem {NAMESPACES}>{ids}</d:QuestionItem>"))
    assert (found.code, found.xpath) == (code, f"/d:QuestionItem/{path}")
    assert "example" in found.remedy.en or "identifier is made of" in found.remedy.en


def test_enumeration_offers_what_is_near(validator: SchemaValidator) -> None:
    reference = f"<r:QuestionReference {NAMESPACES}>{IDS.format('Q')}<r:TypeOfObject>Questionitem</r:TypeOfObject>"
    result = check(validator, reference + "</r:QuestionReference>")
    found = next(v for v in result.violations if v.code == "xsd.enumeration")
    assert found.expected[0] == ("QuestionItem", "")


def test_root_in_no_namespace(validator: SchemaValidator) -> None:
    inner = element("d:QuestionItem", "<d:Bad/>")
    result = check(validator, f"<DDIInstance>{inner}</DDIInstance>")
    assert result.valid is False
    assert [(v.code, v.severity) for v in result.violations] == [
        ("xsd.no-namespace", Severity.ERROR),
        ("xsd.unknown-element", Severity.INFO),
    ]
    assert 'xmlns="ddi:instance:3_3"' in result.violations[0].remedy.en
    assert "DDIInstance" in result.violations[0].message.fr


def test_roots_that_the_schema_does_not_know(validator: SchemaValidator) -> None:
    assert only(check(validator, f"<s:DDIInstance {NAMESPACES}/>")).code == "xsd.wrong-namespace"
    assert only(check(validator, f"<s:Nonsense {NAMESPACES}/>")).code == "xsd.unknown-root"


def oai(*payloads: str) -> str:
    records = "".join(f"<record><metadata>{p}</metadata></record>" for p in payloads)
    return f'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>{records}</ListRecords></OAI-PMH>'


def test_oai_records_are_validated_one_by_one(validator: SchemaValidator) -> None:
    good, bad = element("d:QuestionItem", ""), element("d:QuestionItem", "<d:Bad/>")
    assert check(validator, oai(good, good)).valid is True
    found = only(check(validator, oai(good, bad)))
    envelope = "/*[local-name()='OAI-PMH']/*[local-name()='ListRecords']/*[local-name()='record'][2]"
    assert found.xpath == f"{envelope}/*[local-name()='metadata']/d:QuestionItem/d:Bad"
    assert only(check(validator, oai())).code == "xsd.no-payload"


def test_large_documents_get_the_same_report(validator: SchemaValidator, monkeypatch: pytest.MonkeyPatch) -> None:
    many = "".join(f"<l:Category>{IDS.format(f'C{n}')}{'<l:Bad/>' if n == 7 else ''}</l:Category>" for n in range(40))
    scheme = element("l:CategoryScheme", many + "<l:Worse/>\n<r:Label/>")
    small, wrapped = check(validator, scheme), check(validator, oai(scheme))
    monkeypatch.setattr(schema, "TREE_NODES", 10)
    monkeypatch.setattr("catalogue.validation.pieces.pieces.__defaults__", (20,))
    large, large_wrapped = check(validator, scheme), check(validator, oai(scheme))
    assert large.valid is large_wrapped.valid is False
    key = [(v.code, v.line, v.urn) for v in small.violations]
    assert len(key) == 3
    for other in (wrapped, large, large_wrapped):
        assert sorted((v.code, v.line, v.urn) for v in other.violations) == sorted(key)
    assert sorted(str(v.xpath) for v in large.violations) == sorted(str(v.xpath) for v in small.violations)
    assert check(validator, element("l:CategoryScheme", many.replace("<l:Bad/>", ""))).valid is True
    assert check(validator, oai()).violations[0].code == "xsd.no-payload"
    assert check(validator, f"<DDIInstance>{scheme}</DDIInstance>").violations[0].code == "xsd.no-namespace"


def test_more_violations_than_the_limit_are_counted(tmp_path: Path) -> None:
    few = SchemaValidator(Settings(schemas=None, schemas_cache=tmp_path, max_violations=3))
    result = check(few, element("d:QuestionItem", "<d:Bad/>" * 10))
    assert (len(result.violations), result.omitted) == (3, 7)


def test_a_spent_budget_is_told(validator: SchemaValidator, monkeypatch: pytest.MonkeyPatch) -> None:
    text = element("l:CategoryScheme", element("l:Category", "<l:Bad/>") * 3)
    monkeypatch.setattr(schema._Findings, "__init__", _without(elements=2))
    result = check(validator, text)
    assert result.valid is False
    assert result.complete is False or len(result.violations) == 3


def _without(elements: int) -> object:
    original = schema._Findings.__init__

    def init(self: schema._Findings, limit: int) -> None:
        original(self, limit, elements=elements)

    return init


def test_absent_schema_is_neither_valid_nor_invalid(validator: SchemaValidator) -> None:
    result = check(validator, '<DDIInstance xmlns="ddi:instance:3_1"/>', "3.1")
    assert result.valid is None
    assert [v.code for v in result.violations] == ["schema.not-installed"]


def test_tampered_schema_is_not_used(tmp_path: Path) -> None:
    settings = Settings(schemas=None, schemas_cache=tmp_path)
    assert check(SchemaValidator(settings), element("d:QuestionItem", "")).valid is True
    file = tmp_path / "3.3" / "datacollection.xsd"
    file.write_text(file.read_text(encoding="utf-8").replace('minOccurs="0"', 'minOccurs="1"', 1), encoding="utf-8")
    result = check(SchemaValidator(settings), element("d:QuestionItem", ""))
    assert result.valid is None
    assert "datacollection.xsd" in (result.violations[0].detail or "")


def test_encodings(validator: SchemaValidator) -> None:
    text = element("d:QuestionItem", "<r:Label><r:Content>Âge</r:Content></r:Label>")
    for encoding in ("utf-16", "iso-8859-1", "utf-8-sig"):
        declared = {"utf-8-sig": "utf-8"}.get(encoding, encoding)
        data = f'<?xml version="1.0" encoding="{declared}"?>{text}'.encode(encoding)
        assert validator.validate(scan(data), "3.3").valid is True


@pytest.mark.parametrize("nodes", [schema.TREE_NODES, 1])
def test_what_only_libxml2_refuses_is_unreadable(
    validator: SchemaValidator, monkeypatch: pytest.MonkeyPatch, nodes: int
) -> None:
    monkeypatch.setattr(schema, "TREE_NODES", nodes)
    assert check(validator, element("d:QuestionItem", "<d:Bad/>")).valid is False  # its log must not be taken for ours
    data = f'<?xml version="1.0" encoding="latin-1"?>{element("d:QuestionItem", "")}'.encode()
    with pytest.raises(UnreadableDocumentError) as caught:
        validator.validate(scan(data), "3.3")
    assert unreadable(caught.value).code == "xml.encoding"


def test_threads_share_one_validator(validator: SchemaValidator) -> None:
    good, bad = element("d:QuestionItem", ""), element("d:QuestionItem", "<d:Bad/>")
    verdicts: list[tuple[bool | None, int]] = []

    def work() -> None:
        for _ in range(20):
            for text in (good, bad):
                result = check(validator, text)
                verdicts.append((result.valid, len(result.violations)))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(set(verdicts)) == [(False, 1), (True, 0)]
    assert len(verdicts) == 160


def test_kinds_and_annotations_come_from_the_schema(validator: SchemaValidator) -> None:
    folder = registry.provide("3.3", validator.settings)
    assert folder is not None
    model = COMPILED.model(folder)
    d, r = "{ddi:datacollection:3_3}", "{ddi:reusable:3_3}"
    kinds = {
        name: model.kind(name) for name in (d + "QuestionScheme", d + "QuestionItem", r + "InParameter", r + "Label")
    }
    assert list(kinds.values()) == ["Maintainable", "Versionable", "Identifiable", None]
    declaration = model.declaration(d + "QuestionItem")
    assert declaration is not None
    assert annotation(declaration).startswith("Structure a single Question")
