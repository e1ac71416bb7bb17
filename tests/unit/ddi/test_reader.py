"""The reader against documents of known content, the schemas' own derivations, and the corpus' counts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from catalogue.ddi.derive import derive
from catalogue.ddi.element_types import element_types
from catalogue.ddi.reader import DocumentFacts, read_items
from catalogue.ddi.versions import detect
from catalogue.ddi.writer import in_scope
from catalogue.errors import UnsupportedDocumentError
from catalogue.model.items import Item, Kind, RefusalReason
from catalogue.xml import scan
from tests.conftest import LIFECYCLE, CorpusFile

R33 = 'xmlns:r="ddi:reusable:3_3" xmlns:l="ddi:logicalproduct:3_3" xmlns:g="ddi:group:3_3" xmlns="ddi:instance:3_3"'


def read(text: str | bytes) -> tuple[list[Item], DocumentFacts]:
    document = scan(text.encode() if isinstance(text, str) else text)
    facts = DocumentFacts()
    return list(read_items(document, detect(document), facts)), facts


def triple(agency: str, identifier: str, version: str) -> str:
    return f"<r:Agency>{agency}</r:Agency><r:ID>{identifier}</r:ID><r:Version>{version}</r:Version>"


def package(content: str, root: str = "") -> str:
    identity = root or triple("a.b", "P", "1")
    scheme = f"<l:CategoryScheme>{triple('a.b', 'S', '2')}{content}</l:CategoryScheme>"
    return f"<g:ResourcePackage {R33}>{identity}{scheme}</g:ResourcePackage>"


def category(identity: str, label: str = "<r:Label><r:Content xml:lang='fr'>Oui</r:Content></r:Label>") -> str:
    return f"<l:Category>{identity}{label}</l:Category>"


# --- the tables -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", LIFECYCLE)
def test_the_shipped_tables_are_what_the_schemas_say(version: str, shared: Path) -> None:
    folder = shared / "ddi-schemas"
    assert (
        derive(folder / version)
        == json.loads((Path(__file__).parents[3] / "catalogue/ddi/element_types.json").read_text(encoding="utf-8"))[
            version
        ]
    )
    oracle = json.loads((folder / "reftypes.json").read_text(encoding="utf-8"))[version]
    types = element_types(version)
    named = {name.strip("{").replace("}", " "): kind for name, kind in oracle.items()}
    assert types.items == {name: Kind(kind) for name, kind in named.items() if "Reference" not in kind}
    assert types.references == {name for name, kind in named.items() if "Reference" in kind}


# --- identity ---------------------------------------------------------------------------------------------------------


def test_children_come_before_parents_and_know_them() -> None:
    items, facts = read(package(category(triple("a.b", "C", "3"))))
    assert [item.urn for item in items] == ["urn:ddi:a.b:C:3", "urn:ddi:a.b:S:2", "urn:ddi:a.b:P:1"]
    assert [(item.ordinal, item.parent) for item in items] == [(2, 1), (1, 0), (0, None)]
    assert [identification.urn for _, identification in facts.top] == ["urn:ddi:a.b:P:1"]


@pytest.mark.parametrize(
    ("identity", "urn"),
    [
        ("<r:URN>urn:ddi:x.y:C:3</r:URN>", "urn:ddi:x.y:C:3"),
        ("<r:Agency></r:Agency><r:ID>C</r:ID><r:Version>3</r:Version>", "urn:ddi:a.b:C:3"),
        ("<r:Agency/><r:ID> C </r:ID><r:Version/>", "urn:ddi:a.b:C:2"),
        # "If there is a conflict ... the URN takes precedence" (AbstractIdentifiableType)
        (f"<r:URN>urn:ddi:x.y:C:3</r:URN>{triple('x.y', 'C', '4')}", "urn:ddi:x.y:C:3"),
    ],
)
def test_identity_is_written_inherited_or_by_urn(identity: str, urn: str) -> None:
    items, facts = read(package(category(identity)))
    assert items[0].urn == urn
    assert bool(facts.urn_mismatches) == ("x.y</r:Agency>" in identity)


def test_an_identifier_scoped_to_its_maintainable_carries_its_id() -> None:
    text = package("<l:Category scopeOfUniqueness='Maintainable'>" + triple("a.b", "C", "3") + "</l:Category>")
    (item, *_), _ = read(text)
    assert (item.urn, item.local_id) == ("urn:ddi:a.b:S.C:3", "C")


def test_in_31_attributes_identify_and_everything_is_inherited() -> None:
    items, _ = read(
        '<StudyUnit xmlns="ddi:studyunit:3_1" id="SU" agency="dk.dda" version="1.2.0">'
        '<Abstract id="A"/>'
        '<l:LogicalProduct xmlns:l="ddi:logicalproduct:3_1" id="LP"><l:CategoryScheme id="CS" version="2.0.0">'
        '<l:Category id="C"/><l:Category id="D" version="4.0.0"/></l:CategoryScheme></l:LogicalProduct></StudyUnit>'
    )
    assert {item.element: item.urn for item in items if item.element != "Category"} == {
        "Abstract": "urn:ddi:dk.dda:SU.A:1.2.0",
        "CategoryScheme": "urn:ddi:dk.dda:CS:2.0.0",
        "LogicalProduct": "urn:ddi:dk.dda:LP:1.0.0",
        "StudyUnit": "urn:ddi:dk.dda:SU:1.2.0",
    }
    assert [i.urn for i in items if i.element == "Category"] == [
        "urn:ddi:dk.dda:CS.C:1.0.0",
        "urn:ddi:dk.dda:CS.D:4.0.0",
    ]


def test_an_element_without_identifier_is_refused_and_its_content_stays_with_the_parent() -> None:
    items, facts = read(package(category("") + category("<r:URN>nonsense</r:URN>")))
    assert [item.type for item in items] == ["CategoryScheme", "ResourcePackage"]
    assert [(r.type, r.reason) for r in facts.refused] == [
        ("Category", RefusalReason.NO_IDENTIFIER),
        ("Category", RefusalReason.BAD_IDENTIFIER),
    ]
    assert [text.text for text in items[0].texts if text.path == "Category/Label/Content"] == ["Oui", "Oui"]
    assert facts.found["Category"] == 2


# --- content ----------------------------------------------------------------------------------------------------------


def test_texts_keep_their_language_also_when_inherited_or_absent() -> None:
    label = "<r:Label xml:lang='fr-FR'><r:Content>Oui</r:Content><r:Content xml:lang='en'>Yes</r:Content></r:Label>"
    items, facts = read(
        package(
            category(triple("a", "C", "1"), label)
            + category(triple("a", "D", "1"), "<r:Label><r:Content>x</r:Content></r:Label>")
        )
    )
    assert [(t.path, t.text, t.language) for t in items[0].texts] == [
        ("Label/Content", "Oui", "fr-FR"),
        ("Label/Content", "Yes", "en"),
    ]
    assert [(t.text, t.language) for t in items[1].label] == [("x", None)]
    assert facts.languages == {"fr-FR": (1, 1), "en": (1, 1)}


def test_xhtml_is_text_with_its_paragraphs() -> None:
    words = "One <h:b>bold</h:b> word.<h:p>Two\n   lines.</h:p>"
    label = f"<r:Label><r:Content xmlns:h='http://www.w3.org/1999/xhtml'>{words}</r:Content></r:Label>"
    (item, *_), _ = read(package(category(triple("a", "C", "1"), label)))
    assert [text.text for text in item.texts] == ["One bold word.\n\nTwo lines."]


def test_attributes_user_ids_and_user_attributes_are_kept() -> None:
    extra = (
        "<r:UserID typeOfUserID='legacy'>v7</r:UserID><r:UserAttributePair><r:AttributeKey>k</r:AttributeKey>"
        "<r:AttributeValue>v</r:AttributeValue></r:UserAttributePair>"
    )
    text = package(f"<l:Category isMissing='true'>{triple('a', 'C', '1')}{extra}</l:Category>")
    (item, *_), _ = read(text)
    assert item.user_ids == (("legacy", "v7"),)
    assert item.user_attributes == (("k", "v"),)
    assert ("@isMissing", "true") in item.properties


REFERENCE = "<r:CategoryReference>{}<r:TypeOfObject>Category</r:TypeOfObject></r:CategoryReference>"


def code_list(content: str) -> str:
    code = f"<l:Code>{triple('a.b', 'K', '1')}{content}<r:Value>1</r:Value></l:Code>"
    return f"<l:CodeList {R33}>{triple('a.b', 'L', '1')}{code}</l:CodeList>"


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (triple("a.b", "C", "3"), ("a.b", "C", "3", False)),
        ("<r:Agency/><r:ID>C</r:ID><r:Version>3</r:Version>", ("a.b", "C", "3", False)),
        ("<r:URN>urn:ddi:x:C:9</r:URN>", ("x", "C", "9", False)),
        (f"<r:Agency>a</r:Agency>{category(triple('in', 'line', '7'))}", ("in", "line", "7", True)),
    ],
)
def test_references_by_triple_urn_or_with_the_object_inside(target: str, expected: tuple[object, ...]) -> None:
    items, _ = read(code_list(REFERENCE.format(target)))
    code = next(item for item in items if item.type == "Code")
    (reference,) = code.references
    assert (reference.agency, reference.identifier, reference.version, reference.inline) == expected
    assert (reference.role, reference.path, reference.target_type) == (
        "CategoryReference",
        "CategoryReference",
        "Category",
    )


def test_in_31_a_reference_inherits_and_names_its_scheme() -> None:
    items, _ = read(
        '<l:CodeScheme xmlns:l="ddi:logicalproduct:3_1" xmlns:r="ddi:reusable:3_1" id="K" agency="dk.dda">'
        "<l:Code><l:CategoryReference><r:Scheme><r:ID>CS</r:ID></r:Scheme><r:ID>C</r:ID></l:CategoryReference></l:Code>"
        "<l:Code><l:CategoryReference><r:ID>D</r:ID><r:Version>2.0.0</r:Version></l:CategoryReference></l:Code></l:CodeScheme>"
    )
    assert items[0].type == "CodeList"
    assert [(r.agency, r.identifier, r.version, r.scope, r.path) for r in items[0].references] == [
        ("dk.dda", "C", "1.0.0", "CS", "Code/CategoryReference"),
        ("dk.dda", "D", "2.0.0", "K", "Code/CategoryReference"),
    ]


# --- the digest -------------------------------------------------------------------------------------------------------


def digest(content: str) -> str:
    return read(package(content))[0][0].digest


PLAIN = category(triple("a", "C", "1"))


@pytest.mark.parametrize(
    "same",
    [
        category(
            triple("a", "C", "1"), "<!-- x --><r:Label>\n  <r:Content xml:lang='fr'>\n Oui </r:Content></r:Label>"
        ),
        PLAIN.replace("l:Category", "z:Category").replace(
            "<z:Category", "<z:Category xmlns:z='ddi:logicalproduct:3_3'", 1
        ),
        category("<r:URN>urn:ddi:a:C:1</r:URN>"),
    ],
)
def test_white_space_prefixes_comments_and_form_of_identity_do_not_matter(same: str) -> None:
    assert digest(same) == digest(PLAIN)


@pytest.mark.parametrize(
    "other",
    [
        PLAIN.replace("Oui", "Non"),
        PLAIN.replace("'fr'", "'en'"),
        PLAIN.replace("<l:Category>", "<l:Category isMissing='true'>"),
        PLAIN.replace("</r:Label>", "</r:Label><r:Description><r:Content>x</r:Content></r:Description>"),
        PLAIN.replace("<l:Category>", "<l:Category xml:lang='de'>"),
        PLAIN.replace("l:Category>", "l:CategoryGroup>"),
    ],
)
def test_any_other_content_matters(other: str) -> None:
    assert digest(other) != digest(PLAIN)


XHTML_LINK = (
    "<r:Label><r:Content xmlns:h='http://www.w3.org/1999/xhtml'><h:a href='http://{}/'>x</h:a></r:Content></r:Label>"
)
CONCEPT = (
    "<r:ConceptReference{}>" + triple("a", "X", "1") + "<r:TypeOfObject>Concept</r:TypeOfObject></r:ConceptReference>"
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (XHTML_LINK.format("a"), XHTML_LINK.format("b")),
        (CONCEPT.format(""), CONCEPT.format(" lateBound='true'")),
        (CONCEPT.format(" isExternal='true'"), CONCEPT.format(" isExternal='false'")),
    ],
)
def test_attributes_of_markup_and_of_references_matter(one: str, other: str) -> None:
    assert digest(category(triple("a", "C", "1"), one)) != digest(category(triple("a", "C", "1"), other))


def test_an_element_without_content_ends_where_it_ends() -> None:
    for empty in ("<r:Agency>a</r:Agency><r:ID>C</r:ID><r:Version/>", "<r:URN>urn:ddi:a:C:1</r:URN>"):
        text = package(category(empty, ""))
        items, _ = read(text)
        span = items[0].span
        assert text.encode()[span.start : span.end].endswith(b"</l:Category>")


def test_the_table_of_namespaces_grows_with_the_declarations() -> None:
    root = " ".join(f"xmlns:n{number}='urn:n{number}'" for number in range(300))
    fragments = "".join(
        f"<Fragment xmlns:z='urn:{number}'>{category(triple('a', f'C{number}', '1'))}</Fragment>"
        for number in range(300)
    )
    _, facts = read(f"<FragmentInstance {R33} {root}>{fragments}</FragmentInstance>")
    assert sum(len(declared) for _, declared in facts.contexts) < 300 + 300 + 20


def test_a_response_that_mixes_versions_is_refused() -> None:
    other = category(triple("a", "D", "1")).replace("<l:", "<m:").replace("</l:", "</m:")
    text = (
        f"<o:OAI-PMH xmlns:o='http://www.openarchives.org/OAI/2.0/' {R33} xmlns:m='ddi:logicalproduct:3_2'>"
        f"{package(category(triple('a', 'C', '1')))}{other}</o:OAI-PMH>"
    )
    with pytest.raises(UnsupportedDocumentError, match=r"mixes records of DDI-Lifecycle 3\.3 and DDI-Lifecycle 3\.2"):
        read(text)


# --- the corpus -------------------------------------------------------------------------------------------------------

COLUMNS: dict[str, Callable[[Counter[str], str], int]] = {
    "variables": lambda found, _: found["Variable"],
    "represented_variables": lambda found, _: found["RepresentedVariable"],
    "conceptual_variables": lambda found, _: found["ConceptualVariable"],
    "question_items": lambda found, _: found["QuestionItem"],
    "question_grids": lambda found, _: found["QuestionGrid"],
    "code_lists": lambda found, _: found["CodeList"],
    "categories": lambda found, _: found["Category"],
    "concepts": lambda found, _: found["Concept"],
    "study_units": lambda found, _: found["StudyUnit"],
    "control_constructs": lambda found, version: sum(
        found[name.split()[1]] for name in element_types(version).control_constructs
    ),
}


def test_the_counts_of_every_corpus_file(lifecycle_corpus: tuple[CorpusFile, ...]) -> None:
    for file in lifecycle_corpus:
        items, facts = read(file.read())
        found = Counter(facts.found)
        assert sum(found.values()) == len(items) + len(facts.refused)
        for column, counted in COLUMNS.items():
            assert counted(found, file.ddi_version) == file.count(column), (file.name, column)


def test_every_span_and_line_is_the_elements_own(lifecycle_corpus: tuple[CorpusFile, ...]) -> None:
    for file in lifecycle_corpus[::4]:
        document = scan(file.read())
        kind = detect(document)
        facts = DocumentFacts()
        names = element_types(kind.ddi_version).items
        elements = [e for e in etree.fromstring(document.data).iter("{*}*") if expat_name(e) in names]
        for item in list(read_items(document, kind, facts))[::7]:
            element = elements[item.ordinal]
            # libxml2 counts the line on which a start tag ends, the item the one on which it begins.
            assert item.line <= (element.sourceline or 0) <= item.line + 20
            assert canonical(cut(document.utf8, item, facts)) == canonical(element), (file.name, item.line)


def expat_name(element: etree._Element) -> str:
    name = etree.QName(element)
    return f"{name.namespace} {name.localname}"


def cut(data: bytes, item: Item, facts: DocumentFacts) -> etree._Element:
    """The element that stands at the item's span, among the namespaces of its context."""
    scope = in_scope(facts.contexts, item.span.context)
    declared = "".join(f" xmlns{':' if prefix else ''}{prefix}='{uri}'" for prefix, uri in scope.items())
    (element,) = etree.fromstring(f"<c{declared}>".encode() + data[item.span.start : item.span.end] + b"</c>")
    return element


def canonical(element: etree._Element) -> bytes:
    copy = etree.fromstring(etree.tostring(element, with_tail=False))
    return etree.tostring(copy, method="c14n", exclusive=True)
