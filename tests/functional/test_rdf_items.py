"""Items on the whole way from documents to triples: every document of the corpus, the pages about the terms."""

from __future__ import annotations

from collections import Counter

import httpx
import pyoxigraph as ox
import pytest
from playwright.sync_api import Browser

from catalogue.exposure.resources import ResourceBuilder
from catalogue.rdf import convert, ontology
from catalogue.store import Repository, open_repository
from catalogue.store.records import RevisionRecord
from tests.conftest import CorpusFile
from tests.functional.conftest import Site
from tests.unit.indexing.stores import DocumentRead, keep, read

BASE = "https://catalogue.example"
DDIL = "https://w3id.org/cohort-catalogue/ddil#"
IS_A = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
AGENCY = f"{DDIL}agency"


def items_in_rdf(lines: bytes) -> Counter[str]:
    """How many items of each type the triples tell of, by Oxigraph."""
    items: set[str] = set()
    types: set[tuple[str, str]] = set()
    for triple in ox.parse(lines, format=ox.RdfFormat.N_TRIPLES):
        predicate = triple.predicate.value
        if predicate == AGENCY:
            items.add(str(triple.subject))
        elif predicate == IS_A:
            types.add((str(triple.subject), str(triple.object)[1:-1]))
    return Counter(name.removeprefix(DDIL) for node, name in types if node in items and name.startswith(DDIL))


def items_in_source(one: DocumentRead) -> Counter[str]:
    """How many different identifications of each type a document has."""
    return Counter(type_ for type_, _ in {(item.type, item.urn) for item in one.items})


def test_every_document_of_the_corpus_is_converted_whole(lifecycle_corpus: tuple[CorpusFile, ...]) -> None:
    together = open_repository("sqlite://")
    for file in lifecycle_corpus:
        document = read(file.read())
        if (revision := keep(together, document, file.name)) is not None:
            assert_converted(document, together, revision)
        else:  # in conflict with a document before
            with open_repository("sqlite://") as alone:
                revision = keep(alone, document, file.name)
                assert revision is not None
                stored = {name: counts["stored"] for name, counts in revision.receipt.items() if counts["stored"]}
                assert assert_converted(document, alone, revision) == stored, file.name
    together.close()


def assert_converted(document: DocumentRead, repository: Repository, revision: RevisionRecord) -> Counter[str]:
    """Every identification of a document is an item in its triples; gives the number of resources by type."""
    resources = list(ResourceBuilder(repository).of_revision(revision.id))
    lines = b"".join(convert.lines(one, BASE) for one in resources)
    assert items_in_rdf(lines) == items_in_source(document), revision.file_name
    return Counter(one.item.type for one in resources)


def test_an_item_that_is_left_out_is_noticed(lifecycle_corpus: tuple[CorpusFile, ...]) -> None:
    file = min((one for one in lifecycle_corpus if one.count("categories")), key=lambda one: one.path.stat().st_size)
    document = read(file.read())
    with open_repository("sqlite://") as repository:
        revision = keep(repository, document, file.name)
        assert revision is not None
        _, *rest = ResourceBuilder(repository).of_revision(revision.id)
    assert items_in_rdf(b"".join(convert.lines(one, BASE) for one in rest)) != items_in_source(document)


@pytest.mark.parametrize("extension", ["ttl", "jsonld", "rdf", "nt"])
def test_the_ontology_is_the_same_in_every_form(client: httpx.Client, extension: str) -> None:
    answer = client.get(f"/ontology/ddil.{extension}")
    assert answer.status_code == 200
    media = answer.headers["content-type"].partition(";")[0]
    form = ox.RdfFormat.from_media_type(media)
    assert form is not None
    wanted = set(ox.parse(ontology.TURTLE_FILE.read_bytes(), format=ox.RdfFormat.TURTLE))
    assert {one.triple for one in ox.parse(answer.content, format=form)} == {one.triple for one in wanted}


def test_the_ontology_is_negotiated(client: httpx.Client) -> None:
    assert "text/html" in client.get("/ontology/ddil", headers={"Accept": "text/html"}).headers["content-type"]
    assert "turtle" in client.get("/ontology/ddil", headers={"Accept": "text/turtle"}).headers["content-type"]
    assert client.get("/ontology/ddil", headers={"Accept": "image/png"}).status_code == 406


@pytest.mark.parametrize(
    ("language", "words"),
    [("fr", ("Cohortes et vagues dans leur ensemble", "modes de collecte", "réglages")),
     ("en", ("Cohorts and waves as a whole", "modes of collection", "settings:"))],
)  # fmt: skip
def test_what_is_said_of_studies_is_in_the_coverage_table(
    client: httpx.Client, language: str, words: tuple[str, ...]
) -> None:
    page = client.get("/help/rdf", headers={"Accept": "text/html", "Accept-Language": language}).text
    for one in (*words, "ddil:modeOfCollection", "d:ModeOfCollection", "healthdcatap:hdab", "<code>hdab</code>"):
        assert one in page


@pytest.mark.parametrize(("language", "words"), [("fr", "grille de questions"), ("en", "question grid")])
def test_a_term_is_found_at_its_fragment(site: Site, browser: Browser, language: str, words: str) -> None:
    page = browser.new_page(locale=language, extra_http_headers={"Accept-Language": language})
    page.goto(f"{site.url}/ontology/ddil#QuestionGrid")
    assert words in page.locator("tr:target").inner_text()
    page.goto(f"{site.url}/help/rdf")
    assert page.locator("td", has_text="disco:questionText").count()
    page.close()
