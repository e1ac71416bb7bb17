"""Documents in, items out: every file of the corpus, and what becomes of repeated, changed and invalid ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from catalogue.ddi.element_types import element_types
from catalogue.errors import UsageError
from catalogue.model.report import IngestOutcome, Status
from catalogue.service import Catalogue, ItemFilter, ItemSummary, open_catalogue
from catalogue.settings import Settings
from tests.conftest import CorpusFile
from tests.functional.verdicts import remembering

R33 = 'xmlns:r="ddi:reusable:3_3" xmlns:l="ddi:logicalproduct:3_3" xmlns:g="ddi:group:3_3"'
RECEIPT_COLUMNS = {
    "variables": "Variable",
    "represented_variables": "RepresentedVariable",
    "conceptual_variables": "ConceptualVariable",
    "question_items": "QuestionItem",
    "question_grids": "QuestionGrid",
    "code_lists": "CodeList",
    "categories": "Category",
    "concepts": "Concept",
}


@pytest.fixture
def catalogue(tmp_path: Path, shared: Path) -> Iterator[Catalogue]:
    with open_catalogue(Settings(data=tmp_path / "data", schemas=shared / "ddi-schemas")) as opened:
        yield opened


@pytest.fixture(scope="module")
def ingested(
    tmp_path_factory: pytest.TempPathFactory, shared: Path, corpus: tuple[CorpusFile, ...]
) -> Iterator[tuple[Catalogue, list[tuple[CorpusFile, IngestOutcome]]]]:
    """A catalogue with the whole corpus as drafts (files of one origin contradict each other once published)."""
    data = tmp_path_factory.mktemp("corpus")
    with open_catalogue(Settings(data=data, schemas=shared / "ddi-schemas")) as opened:
        opened._schemas = remembering()
        yield opened, [(file, opened.submit(file.read(), file.name, draft=True)) for file in corpus]


Ingested = tuple[Catalogue, list[tuple[CorpusFile, IngestOutcome]]]


def test_every_verdict_is_the_manifests(ingested: Ingested) -> None:
    for file, outcome in ingested[1]:
        if file.is_lifecycle and file.is_well_formed:
            assert outcome.report.xsd_valid is file.xsd_valid, file.name


def test_what_cannot_be_read_is_refused_in_a_sentence(ingested: Ingested) -> None:
    for file, outcome in ingested[1]:
        if not file.is_lifecycle or file.row["error"]:
            assert outcome.status is Status.REFUSED, file.name
            assert outcome.document is None
            (violation,) = outcome.report.violations
            expected = "xml." if file.row["error"] else "ddi.codebook"
            assert violation.code.startswith(expected), (file.name, violation.code)
            assert violation.message.fr != violation.message.en


def test_every_receipt_is_exact_and_nothing_is_lost(ingested: Ingested) -> None:
    for file, outcome in ingested[1]:
        if outcome.status is not Status.DRAFT:
            continue
        counts = outcome.receipt.counts
        for column, name in RECEIPT_COLUMNS.items():
            count = counts.get(name)
            kept = count.stored + count.merged if count else 0
            assert kept + (count.refused if count else 0) == file.count(column), (file.name, column)
        constructs = {name.split()[1] for name in element_types(file.ddi_version).control_constructs}
        found = sum(count.found for name, count in counts.items() if name in constructs)
        assert found == file.count("control_constructs"), file.name


def test_bytes_given_back_are_the_bytes_received(ingested: Ingested) -> None:
    catalogue, outcomes = ingested
    for file, outcome in outcomes:
        if outcome.document:
            assert b"".join(catalogue.source(outcome.document, include_drafts=True)) == file.read(), file.name


def test_fragments_of_valid_documents_are_valid(
    lifecycle_corpus: tuple[CorpusFile, ...], shared: Path, xml_schemas: dict[str, etree.XMLSchema]
) -> None:
    settings = Settings(database_url="sqlite://", schemas=shared / "ddi-schemas")
    checked: set[str] = set()
    for file in [f for f in lifecycle_corpus if f.xsd_valid and f.ddi_version != "3.1"][::3]:
        with open_catalogue(settings) as catalogue:
            catalogue.submit(file.read(), file.name)
            for summary in one_of_each_type(catalogue):
                triple = summary.identification
                tree = etree.fromstring(catalogue.fragment(triple.agency, triple.identifier, triple.version))
                assert etree.QName(tree).localname == "FragmentInstance", (file.name, triple)
                assert xml_schemas[file.ddi_version].validate(tree), (file.name, triple)
                assert triple.urn in {urn.text for urn in tree.iterfind("{*}TopLevelReference/{*}URN")}
                checked.add(summary.type)
    assert {"Variable", "Code", "Category", "StudyUnit", "Sequence", "QuestionItem"} <= checked


def one_of_each_type(catalogue: Catalogue) -> Iterator[ItemSummary]:
    for item_type in catalogue.stats().items:
        yield from catalogue.list_items(ItemFilter(types=(item_type,)), limit=2)


# --- the life of a document -------------------------------------------------------------------------------------------


def scheme(*categories: str, version: str = "1") -> bytes:
    identity = f"<r:Agency>a.b</r:Agency><r:ID>S</r:ID><r:Version>{version}</r:Version>"
    return f"<l:CategoryScheme {R33}>{identity}{''.join(categories)}</l:CategoryScheme>".encode()


def category(identifier: str, label: str, version: str = "1") -> str:
    identity = f"<r:Agency>a.b</r:Agency><r:ID>{identifier}</r:ID><r:Version>{version}</r:Version>"
    return f'<l:Category>{identity}<r:Label><r:Content xml:lang="fr">{label}</r:Content></r:Label></l:Category>'


def test_the_same_bytes_again_change_nothing(catalogue: Catalogue) -> None:
    data = scheme(category("C", "Oui"))
    first = catalogue.submit(data, "a.xml")
    again = catalogue.submit(data, "b.xml")
    assert (first.status, again.status) == (Status.PUBLISHED, Status.UNCHANGED)
    assert again.document == first.document
    assert again.receipt.as_dict() == first.receipt.as_dict()
    assert catalogue.stats().revisions == 1


def test_twins_merge_and_variants_are_both_kept(catalogue: Catalogue) -> None:
    outcome = catalogue.submit(scheme(category("C", "Oui"), category("C", "Oui"), category("C", "Non")), "a.xml")
    assert outcome.receipt.as_dict()["Category"] == {"found": 3, "stored": 2, "merged": 1, "refused": 0}
    assert [v.code for v in outcome.report.violations] == ["identity.duplicate"]
    view = catalogue.get("a.b", "C", "1")
    labels = {stored.item.texts[0].text for stored in (view.stored, *view.variants)}
    assert labels == {"Oui", "Non"}


def test_other_content_under_a_published_urn_is_a_conflict_that_shows_both(catalogue: Catalogue) -> None:
    catalogue.submit(scheme(category("C", "Oui")), "a.xml")
    outcome = catalogue.submit(scheme(category("C", "Peut-être"), version="2"), "b.xml")
    assert outcome.status is Status.CONFLICT
    assert outcome.receipt.as_dict()["Category"] == {"found": 1, "stored": 0, "merged": 0, "refused": 1}
    (violation,) = [v for v in outcome.report.violations if v.code == "publication.conflict"]
    assert violation.urn == "urn:ddi:a.b:C:1"
    assert "Oui" in violation.expected[0][1]
    assert "Peut-être" in violation.expected[1][1]
    assert catalogue.get("a.b", "C").stored.item.texts[0].text == "Oui"
    assert catalogue.stats().revisions == 1


def test_a_new_version_is_a_new_row_and_history_stays(catalogue: Catalogue) -> None:
    catalogue.submit(scheme(category("C", "Oui")), "a.xml")
    catalogue.submit(scheme(category("C", "Oui, souvent", "2"), version="2"), "b.xml")
    assert [s.identification.version for s in catalogue.versions("a.b", "C")] == ["2", "1"]
    assert catalogue.get("a.b", "C", "1").stored.item.texts[0].text == "Oui"
    listed = catalogue.list_items(ItemFilter(types=("Category",)))
    assert [s.identification.version for s in listed] == ["2"]


def test_a_draft_is_seen_by_nobody_until_it_is_published(catalogue: Catalogue) -> None:
    outcome = catalogue.submit(scheme(category("C", "Oui")), "a.xml", draft=True)
    assert outcome.status is Status.DRAFT
    assert catalogue.list_items().total == 0
    assert catalogue.documents().total == 0
    assert outcome.document is not None
    catalogue.publish(outcome.document)
    assert catalogue.list_items().total == 2


def test_ingesting_a_draft_again_publishes_it(catalogue: Catalogue) -> None:
    data = scheme(category("C", "Oui"))
    catalogue.submit(data, "a.xml", draft=True)
    assert catalogue.submit(data, "a.xml").status is Status.PUBLISHED
    assert catalogue.list_items().total == 2


def test_what_the_schema_rejects_stays_a_draft_unless_a_person_insists(catalogue: Catalogue) -> None:
    data = scheme(category("C", "Oui").replace("<r:Label>", "<r:Etikett/><r:Label>"))
    outcome = catalogue.submit(data, "a.xml")
    assert (outcome.status, outcome.report.xsd_valid) == (Status.DRAFT, False)
    assert outcome.receipt.as_dict()["Category"]["stored"] == 1
    assert catalogue.list_items().total == 0
    assert catalogue.submit(data, "a.xml", accept_invalid=True).status is Status.PUBLISHED
    assert catalogue.list_items().total == 2


def test_without_schema_nothing_is_called_valid_or_invalid(tmp_path: Path) -> None:
    empty = Settings(data=tmp_path / "data", schemas=tmp_path / "none", schemas_cache=tmp_path / "cache")
    data = b'<StudyUnit xmlns="ddi:studyunit:3_1" id="S" agency="a.b"/>'
    with open_catalogue(empty) as catalogue:
        outcome = catalogue.submit(data, "a.xml")
    assert (outcome.status, outcome.report.xsd_valid) == (Status.DRAFT, None)
    (violation,) = outcome.report.violations
    assert violation.code == "schema.not-installed"
    assert "catalogue schemas install 3.1" in violation.remedy.en + violation.message.en


def test_items_of_different_types_are_never_twins(catalogue: Catalogue) -> None:
    identity = "<r:Agency>a.b</r:Agency><r:ID>C</r:ID><r:Version>1</r:Version>"
    label = '<r:Label><r:Content xml:lang="en">Adults</r:Content></r:Label>'
    fragments = "".join(f"<i:Fragment><c:{n}>{identity}{label}</c:{n}></i:Fragment>" for n in ("Concept", "Universe"))
    head = f'<i:FragmentInstance xmlns:i="ddi:instance:3_3" xmlns:c="ddi:conceptualcomponent:3_3" {R33}>'
    outcome = catalogue.submit(f"{head}{fragments}</i:FragmentInstance>".encode(), "a.xml")
    assert [count.stored for count in outcome.receipt.counts.values()] == [1, 1]
    assert "identity.duplicate" in {violation.code for violation in outcome.report.violations}


def test_countless_contents_of_one_identification_are_refused_one_by_one(catalogue: Catalogue) -> None:
    outcome = catalogue.submit(scheme(*(category("C", f"Label {number}") for number in range(250))), "a.xml")
    assert outcome.receipt.as_dict()["Category"] == {"found": 250, "stored": 100, "merged": 0, "refused": 150}
    assert {reason for _, _, reason in outcome.receipt.refusals} == {"too-many-contents"}


# --- cohorts and waves ------------------------------------------------------------------------------------------------

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def test_a_document_that_names_no_cohort_is_unassigned_or_assigned(catalogue: Catalogue) -> None:
    catalogue.submit((EXAMPLES / "common.xml").read_bytes(), "common.xml")
    catalogue.submit((EXAMPLES / "dmfsh.xml").read_bytes(), "dmfsh.xml")
    (cohort,) = catalogue.cohorts()
    catalogue.submit(scheme(category("FREE", "Libre")), "free.xml")
    free = catalogue.list_items(ItemFilter(types=("Category",), unassigned=True))
    assert "FREE" in {summary.identification.identifier for summary in free}
    before = cohort.counts["Category"]
    catalogue.submit(scheme(category("BOUND", "Liée"), version="2"), "bound.xml", cohort=cohort.item.urn)
    (cohort,) = catalogue.cohorts()
    assert cohort.counts["Category"] == before + 1
    bound = catalogue.get("a.b", "BOUND")
    assert [c.id for c in bound.containers.cohorts] == [cohort.item.id]
    assert catalogue.submit(scheme(category("FREE", "Libre")), "free.xml", cohort=cohort.item.urn).status is (
        Status.UNCHANGED
    )
    assert [c.id for c in catalogue.get("a.b", "FREE").containers.cohorts] == [cohort.item.id]
    with pytest.raises(UsageError, match="is a Category"):
        catalogue.submit(scheme(), "x.xml", cohort="a.b/FREE")


def study(kind: str, identifier: str, version: str, content: str = "") -> str:
    identity = f"<r:Agency>a.b</r:Agency><r:ID>{identifier}</r:ID><r:Version>{version}</r:Version>"
    return f"<{kind}>{identity}{content}</{kind}>"


def test_a_new_version_of_a_wave_stays_in_its_cohort(catalogue: Catalogue) -> None:
    title = "<r:Citation><r:Title><r:String>x</r:String></r:Title></r:Citation>"
    group = study("g:Group", "G", "1", title + study("s:StudyUnit", "W", "1", title))
    namespaces = f'xmlns:s="ddi:studyunit:3_3" {R33}'
    catalogue.submit(group.replace("<g:Group>", f"<g:Group {namespaces}>", 1).encode(), "g.xml")
    wave = study("s:StudyUnit", "W", "2", title).replace("<s:StudyUnit>", f"<s:StudyUnit {namespaces}>", 1)
    assert catalogue.submit(wave.encode(), "w.xml").status is Status.PUBLISHED
    (cohort,) = catalogue.cohorts()
    assert [one.item.identification.version for one in cohort.waves] == ["2"]
