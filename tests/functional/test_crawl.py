"""Every kind of page that a link leads to, in both languages, over our examples and over real documents."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from catalogue.model.report import Status
from tests.conftest import CorpusFile
from tests.functional.conftest import Site, serving, settings_for
from tests.functional.crawling import crawl, page_faults, parsed

NO_CRUMBS = ("/", "/validate", "/help", "/about")
REAL = (
    "test_in", "SND0856", "POPO-QPO-DOC-EN_out", "cmm_ddi3_2", "profile~a3c3e3", "Archive", "Example_Questionnaire",
    "CitationExample", "colectica_group_fragment", "RepresentedVariableExample", "not-compilable", "QuestionExample",
    "StatisticsExample", "DateExamples", "compliant_fragments_cmm", "multiple-choice-other", "ZA4586_ddi-I_StudyDesc",
    "ddi-envelope-fragmentInstance~5b85e2", "ICPSR2079variables", "oai",
)  # fmt: skip


@pytest.fixture
def visitor(site: Site) -> Iterator[httpx.Client]:
    """A client that has chosen no language yet."""
    with site.client() as opened:
        yield opened


@pytest.mark.parametrize("language", ["fr", "en"])
def test_no_link_of_the_examples_leads_astray(visitor: httpx.Client, language: str) -> None:
    found = crawl(visitor, "/", language, most=70, per_kind=9)
    assert found.faults == []
    assert len(found.pages) > 60
    kinds = {path.split("/")[1].partition("?")[0] for path in found.pages}
    assert {"id", "variables", "questions", "instruments", "codelists", "concepts", "documents", "help"} <= kinds


def chosen(lifecycle_corpus: tuple[CorpusFile, ...]) -> Iterator[tuple[str, bytes]]:
    """One real document for each of the names."""
    for wanted in REAL:
        found = (file for file in lifecycle_corpus if wanted in file.name and file.path.stat().st_size < 2_500_000)
        if (file := next(found, None)) is not None:
            yield file.name, file.read()


@pytest.fixture(scope="module")
def real(
    tmp_path_factory: pytest.TempPathFactory, shared: Path, lifecycle_corpus: tuple[CorpusFile, ...]
) -> Iterator[Site]:
    """A server over documents that others have written, valid or not."""
    with serving(settings_for(tmp_path_factory.mktemp("real"), shared)) as running:
        for name, data in chosen(lifecycle_corpus):
            assert running.catalogue.submit(data, name, accept_invalid=True).status is Status.PUBLISHED, name
        running.catalogue.indexer().catch_up()
        yield running


def test_real_documents_make_sound_pages(real: Site) -> None:
    with real.client() as own:
        assert own.get("/api/v1/stats").json()["documents"] >= 15
        starts = (("/", "fr"), ("/items", "en"), ("/documents", "fr"))
        for start, language in starts:
            found = crawl(own, start, language, most=45, per_kind=15)
            assert found.faults == [], start
            assert len(found.pages) > 30


@pytest.mark.parametrize("path", ["/", "/cohorts", "/variables", "/help", "/about", "/validate", "/documents"])
def test_a_page_names_itself_and_its_twins(visitor: httpx.Client, path: str) -> None:
    assert_names(visitor, path)


def test_every_kind_of_item_names_itself_and_its_twins(visitor: httpx.Client) -> None:
    for kind in ("cohorts", "studies", "variables", "questions", "instruments", "codelists", "concepts", "items"):
        uri = visitor.get(f"/api/v1/{kind}?limit=1").json()["items"][0]["uri"]
        assert_names(visitor, httpx.URL(uri).raw_path.decode())


def assert_names(client: httpx.Client, path: str) -> None:
    """Canonical address and alternates answer, with the type and language that they promise."""
    page = parsed(client.get(path, headers={"Accept": "text/html"}).text)
    canonical = [one["href"] for one in page.links if one.get("rel") == "canonical"]
    assert [client.get(one).status_code for one in canonical] == [200]
    alternates = [one for one in page.links if one.get("rel") == "alternate"]
    assert {one["hreflang"] for one in alternates if "hreflang" in one} == {"fr", "en"}
    for one in alternates:
        answer = client.get(one["href"])
        assert answer.status_code == 200, one
        assert answer.headers["content-type"].startswith(one.get("type", "text/html")), one
        if "hreflang" in one:
            assert parsed(answer.text).root["lang"] == one["hreflang"]
    if path not in NO_CRUMBS and path.count("/") > 1:
        assert 'class="crumbs"' in client.get(path, headers={"Accept": "text/html"}).text


# --- the crawler finds what is wrong ----------------------------------------------------------------------------------

GOOD = (
    '<!doctype html><html lang="fr"><head><title>Titre · Site</title></head>'
    '<body><main><h1 id="a">Un</h1><p>Du texte ici.</p><a href="/x">Lien</a></main></body></html>'
)


def test_a_sound_page_has_no_fault() -> None:
    assert page_faults(GOOD, "fr") == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("<!doctype html>", "", "no doctype"),
        ("</h1>", '</h1><h1 id="b">Deux</h1>', "2 h1"),
        (">Un<", "> <", "empty h1"),
        ("Titre · Site", " · Site", "no title"),
        (' lang="fr"', "", "no language"),
        ('lang="fr"', 'lang="en"', "language of another"),
        (">Lien<", "><", "1 links without words"),
        ("</p>", "", "closes"),
        ("<p>", '<p id="a">', "id 'a' repeated"),
        ("<p>", "<p><div></div>", "within <p>"),
        ("<p>", '<p class="a" class="b">', "repeats an attribute"),
        ("<p>", "<p>Identification(agency=1) ", "raw value"),
        ("<p>", '<input type="text"><p>', "a control without label"),
        ("<p>Du texte ici.</p>", "", "empty"),
        ("</body></html>", "", "not closed"),
    ],
)
def test_each_fault_is_found(old: str, new: str, fault: str) -> None:
    assert any(fault in one for one in page_faults(GOOD.replace(old, new), "fr"))


def test_a_broken_link_is_found(visitor: httpx.Client) -> None:
    assert crawl(visitor, "/nowhere", "fr", most=5, per_kind=5).faults == ["/nowhere: 404"]
