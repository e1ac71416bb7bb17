"""Verdicts over every DDI-L file of the corpus, and golden reports of its frequent faults."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest
from lxml import etree
from xmlschema.validators import XsdElement

from catalogue.errors import CatalogueError, UnreadableDocumentError
from catalogue.model.report import Severity, Violation
from catalogue.settings import Settings
from catalogue.validation import schema
from catalogue.validation.compiled import COMPILED
from catalogue.validation.schema import SchemaResult, SchemaValidator
from catalogue.xml import Limits, scan
from tests.benchmarks.measuring import peak
from tests.functional.forking import Forks, forks
from tests.functional.verdicts import remembering

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
GOLDEN = ROOT / "tests" / "golden" / "validation"
# The manifest says not-wellformed; expat and libxml2 both read it, and the FragmentInstance in it is valid.
ERRATA = {"3.3/cessda-cessda.cdc.osmh-indexer.cmm__compliant_fragments_cmm_ddi_3_3.xml": "True"}


@dataclass(frozen=True)
class Checked:
    """A file of the corpus, the manifest's verdict and ours."""

    path: Path
    version: str
    manifest: str
    result: SchemaResult | None

    @property
    def verdict(self) -> str:
        return str(self.result.valid) if self.result else "not-wellformed"


def lifecycle_files() -> Iterator[tuple[str, str, str]]:
    with (SHARED / "corpus" / "MANIFEST.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if row["version"] in ("3.1", "3.2", "3.3"):
                yield row["file"], row["version"], ERRATA.get(row["file"], row["xsd_valid"])


def validate(path: Path, version: str, validator: SchemaValidator) -> SchemaResult | None:
    try:
        return validator.validate(scan(path.read_bytes()), version)
    except UnreadableDocumentError:
        return None


@cache
def checked() -> tuple[Checked, ...]:
    base = SHARED / "corpus"
    known = remembering()
    return tuple(Checked(base / f, v, valid, validate(base / f, v, known)) for f, v, valid in lifecycle_files())


@cache
def violations() -> tuple[tuple[Checked, Violation], ...]:
    return tuple((file, found) for file in checked() if file.result for found in file.result.violations)


@pytest.fixture(autouse=True, scope="module")
def _reference(shared: Path) -> None:
    """Skip where the corpus is absent."""


def test_every_verdict_is_the_manifests() -> None:
    assert len(checked()) == 138
    wrong = {str(file.path): (file.verdict, file.manifest) for file in checked() if file.verdict != file.manifest}
    assert wrong == {}


def test_an_invalid_document_has_an_error_and_a_valid_one_none() -> None:
    for file in checked():
        if file.result:
            errors = [v for v in file.result.violations if v.severity is Severity.ERROR]
            assert bool(errors) == (file.result.valid is False), file.path


def test_streaming_comes_to_the_same_verdicts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "TREE_NODES", 0)
    for file in checked():
        streamed = validate(file.path, file.version, SchemaValidator(Settings(schemas=SHARED / "ddi-schemas")))
        assert (streamed and streamed.valid) == (file.result and file.result.valid), file.path
        if file.result and streamed and not any(v.code == "xsd.no-namespace" for v in streamed.violations):
            assert keys(streamed) == keys(file.result), file.path


def keys(result: SchemaResult) -> list[tuple[str, int | None, str]]:
    return sorted((v.code, v.line, str(v.urn)) for v in result.violations)


@cache
def tree(path: Path) -> etree._Element:
    return etree.fromstring(path.read_bytes())


def named(file: Checked, found: Violation) -> etree._Element:
    """The one element that the violation's path leads to."""
    assert found.xpath
    matches: Any = tree(file.path).xpath(found.xpath, namespaces=prefixes(file.path))
    assert len(matches) == 1, (file.path, found.xpath)
    return cast(etree._Element, matches[0])


@cache
def prefixes(path: Path) -> dict[str, str] | None:
    """The prefixes that the document binds."""
    return {p: uri for e in tree(path).iter("*") for p, uri in e.nsmap.items() if p} or None


def distinct() -> list[tuple[Checked, Violation]]:
    """One violation per file and sentence."""
    seen: dict[tuple[Path, str, str], tuple[Checked, Violation]] = {}
    for file, found in violations():
        seen.setdefault((file.path, found.code, found.message.en), (file, found))
    return list(seen.values())


def test_every_path_leads_to_the_element_at_that_line() -> None:
    for file, found in distinct():
        element = named(file, found)
        assert element.sourceline == found.line
        assert found.xpath
        assert str(etree.QName(element).localname) in found.xpath.rpartition("/")[2]


def test_every_sentence_is_plain_and_in_both_languages() -> None:
    for _, found in violations():
        for text in (found.message.fr, found.message.en, found.remedy.fr, found.remedy.en):
            assert not re.search(r"[{}]|position \d|XsdGroup|particle", text), text
        assert found.message.fr != found.message.en
        assert found.remedy.fr != found.remedy.en


def test_what_is_expected_is_really_allowed_there() -> None:
    for file, found in distinct():
        if not found.expected or found.code in ("xsd.enumeration", "xsd.empty-value", "xsd.pattern"):
            continue
        element = named(file, found)
        parent = element if found.code in ("xsd.missing-element", "xsd.unexpected-text") else element.getparent()
        assert parent is not None
        assert {name for name, _ in found.expected} <= allowed_in(file.version, str(parent.tag)), found


def allowed_in(version: str, tag: str) -> set[str]:
    model = COMPILED.model(SHARED / "ddi-schemas" / version)
    declaration: Any = model.declaration(tag)
    inside = [e for e in declaration.type.content.iter_elements() if isinstance(e, XsdElement)]
    return {str(member.local_name) for element in inside for member in model.substitutes(element)}


@pytest.mark.parametrize("name", ["InseeFr-Eno__ddi-declarations", "InseeFr-Eno__ahs_1", "InseeFr-Eno__sandbox"])
def test_following_the_advice_on_source_question_makes_the_document_valid(name: str) -> None:
    data = (SHARED / "corpus" / "3.3" / f"{name}.xml").read_bytes()
    for old, new in (
        (b"SourceQuestion>", b"InputQuestionReference>"),
        (b"SourceVariable>", b"InputVariableReference>"),
    ):
        data = data.replace(old, new)
    settings = Settings(schemas=SHARED / "ddi-schemas")
    assert SchemaValidator(settings).validate(scan(data), "3.3") == SchemaResult(True)


FREQUENT = {
    "source-question": ("3.3/InseeFr-Eno__ddi-declarations.xml", 1286, "InputQuestionReference"),
    "source-variable": ("3.3/InseeFr-Eno__ahs_1.xml", 3498, "InputVariableReference"),
    "question-without-response-domain": ("3.1/MetadataTransform-ddi-xslt__example-2.xml", 97, "CodeDomain"),
    "mixed-grid-response-domain": ("3.3/InseeFr-Kraftwerk__ddi_tableau.xml", 223, "GridResponseDomainInMixed"),
    "root-in-no-namespace": ("3.2/InseeFr-Pogues-Back-Office__POPO-QPO-DOC-EN_out.xml", 12, "ddi:instance:3_2"),
    "identifier-with-colon": ("3.3/InseeFr-Eno__ddi-durations.xml", 262, "colon"),
    "identifier-empty": ("3.3/InseeFr-Eno__ddi-pairwise-in-loop.xml", 746, "identifier"),
    "version-empty": ("3.2/InseeFr-DDI-Access-Services__ddi-enveloppe~9ec4ef.xml", 15, "1.0.2"),
    "no-identification": ("3.2/InseeFr-DDI-Access-Services__ddi-enveloppe.xml", 12, "Agency, ID and Version"),
    "control-construct-reference": ("3.3/InseeFr-BPM__vqs-2021-x00-xforms-ddi.xml", 893, "Sequence"),
    "misspelt-name": ("3.2/snd-sweden-ddi-exist__SND0856.xml", 8784, "ConstructName"),
    "oai-record": ("3.2/cessda-cessda.cdc.osmh-indexer.cmm__synthetic_compliant_cmm_ddi3_2.xml", 71, "URN"),
}


@pytest.mark.parametrize("fault", FREQUENT)
def test_frequent_fault_reads_as_agreed(fault: str) -> None:
    name, line, word = FREQUENT[fault]
    file = next(f for f in checked() if f.path.as_posix().endswith(name))
    assert file.result
    found = next(v for v in file.result.violations if v.line == line)
    assert word in found.remedy.en
    golden = json.loads((GOLDEN / f"{fault}.json").read_text(encoding="utf-8"))
    # The validator's own words name the expected elements in the order of a set.
    assert found.as_dict() | {"detail": None} == golden | {"detail": None}


# --- hostile input ---------------------------------------------------------------------------------------------------

LIMIT = 32 * 1024 * 1024
HEAD = '<i:FragmentInstance xmlns:i="ddi:instance:3_3" xmlns:r="ddi:reusable:3_3" xmlns:l="ddi:logicalproduct:3_3">'
BAD = "<i:Fragment><l:Category><r:Agency>a</r:Agency><r:ID>x</r:ID><r:Version>v</r:Version></l:Category></i:Fragment>"
ATTRIBUTES = " ".join(f'a{n}=""' for n in range(200))
HOSTILE: dict[str, tuple[Callable[[], str], str]] = {
    "empty elements": (lambda: "<a>" + "<b/>" * 4_500_000 + "</a>", "LimitExceededError"),
    "depth": (lambda: "<a>" * 100_000, "LimitExceededError"),
    "entities": (lambda: f'<!DOCTYPE a [<!ENTITY x "{"y" * 1000}">]><a>&x;</a>', "UnreadableDocumentError"),
    "every fragment invalid": (lambda: f"{HEAD}{BAD * 15_000}</i:FragmentInstance>", "False"),
    "flat": (lambda: f"{HEAD}{'<l:Category/>' * 100_000}</i:FragmentInstance>", "False"),
    "truncated": (lambda: HEAD + BAD * 40_000, "UnreadableDocumentError"),
    "attributes": (
        lambda: f"{HEAD}{f'<l:Category {ATTRIBUTES}/>' * 5_000}</i:FragmentInstance>",
        "False",
    ),
}


def prepared() -> Callable[[str], int]:
    """What ``forking`` calls: its schema is compiled, which is no part of what a document costs."""
    validator = SchemaValidator(Settings(schemas=SHARED / "ddi-schemas"))
    validator.validate(scan(b'<l:Category xmlns:l="ddi:logicalproduct:3_3"/>'), "3.3")
    return lambda name: cost(validator, HOSTILE[name][0]().encode())


def cost(validator: SchemaValidator, data: bytes) -> int:
    """Says the verdict on a document, and how much memory it took."""
    before = peak()
    try:
        outcome = str(validator.validate(scan(data, Limits(max_bytes=LIMIT)), "3.3").valid)
    except CatalogueError as error:
        outcome = type(error).__name__
    print(outcome, peak() - before)
    return 0


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    with forks(__name__, tmp_path_factory.mktemp("said")) as made:
        yield made


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input_costs_less_than_twice_the_limit(name: str, calls: Forks) -> None:
    ended = calls.run(name=name)
    assert ended.code == 0, ended.stderr
    outcome, memory = ended.stdout.split()
    assert outcome == HOSTILE[name][1]
    assert int(memory) < 2 * LIMIT
