"""Search in the terminal: what is found and how it is said, exit codes, engines and files that cannot be used."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from catalogue.cli import main
from catalogue.errors import CatalogueError, IndexBusyError, IndexUnavailableError
from catalogue.search.analysis import fold, sort_key
from catalogue.search.port import Everything
from catalogue.service import SearchQuestion, open_catalogue
from catalogue.settings import Settings
from tests.conftest import ROOT
from tests.functional.conftest import free_port
from tests.unit.indexing.stores import take_in


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalogue with an example cohort and its index."""
    folder = tmp_path_factory.mktemp("search") / "data"
    folder.mkdir()
    with open_catalogue(Settings(data=folder)) as catalogue:
        for name in ("common.xml", "mitomics.xml"):
            take_in(catalogue._repository, (ROOT / "examples" / name).read_bytes(), name)
        catalogue.indexer().catch_up()
    return folder


@pytest.fixture(autouse=True)
def _environment(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("CATALOGUE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CATALOGUE_DATA", str(data))
    monkeypatch.setenv("LANG", "C")


def run(*arguments: str) -> Result:
    """The command; never a traceback."""
    result = CliRunner().invoke(main, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return result


def lines(*arguments: str) -> list[dict[str, Any]]:
    result = run("search", "--json", "--limit", "100", *arguments)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def total(result: Result) -> int:
    """What it says it has found."""
    (line,) = [line for line in result.stdout.splitlines() if line.endswith((" results", " résultats"))]
    return int(line.split()[0].replace(",", ""))


def stored(word: str) -> set[str]:
    """Brute force: URNs of the variables of which a label has a word that begins so."""
    with open_catalogue() as catalogue:
        repository = catalogue._repository
        found = set[str]()
        for document in catalogue.searching._documents(_every(repository)):
            if any(word in fold(text.text).split() for text in document.texts if text.field == "label"):
                found |= {one.summary.urn for one in repository.get_many([document.key])}
        return found


def _every(repository: Any) -> list[int]:
    after, ids = 0, list[int]()
    while some := repository.neighbourhood.current(("Variable",), after=after, limit=1000):
        ids += some
        after = some[-1]
    return ids


# --- what is found ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "results"), [("fr", "résultats"), ("en", "results")])
def test_a_search_in_the_readers_language(language: str, results: str) -> None:
    result = run("search", "--language", language, "fatigue")
    assert result.exit_code == 0
    assert results in result.stdout
    assert "Fatigue" in result.stdout
    assert "urn:ddi:" in result.stdout
    assert total(result) > 0
    assert result.stderr == ""


def test_what_is_found_is_in_the_store() -> None:
    expected = stored("fatigue")
    assert expected
    found = {one["urn"] for one in lines("fatigue", "--in", "type=Variable")}
    assert expected <= found
    assert stored("zorglub") == set()
    assert lines("zorglub") == []


def test_json_is_one_object_per_line_and_nothing_else() -> None:
    found = lines("fatigue", "--facet", "type")
    assert found
    assert all({"urn", "type"} <= one.keys() for one in found)
    assert len({one["urn"] for one in found}) == len(found)


@pytest.mark.parametrize(
    ("language", "several", "one", "none"),
    [
        ("fr", "Seuls {} résultats contiennent tous", "Seul 1 résultat contient tous", "Rien ne contient tous"),
        ("en", "Only {} results have all", "Only 1 result has all", "Nothing has all"),
    ],
)
def test_how_many_have_all_the_words_is_said(language: str, several: str, one: str, none: str) -> None:
    strict = _with_all_words("fatigue muscle", language)
    sentences = (several.format(strict), one, none)

    def said(*arguments: str) -> list[bool]:
        told = " ".join(run("search", "--language", language, *arguments).stdout.split())
        return [sentence in told for sentence in sentences]

    assert said("fatigue muscle") == [True, False, False]
    assert said("fatigue muscle", "--in", "type=QuestionItem") == [False, True, False]
    assert said("fatigue zorglub") == [False, False, True]
    assert said("fatigue") == [False, False, False]


def _with_all_words(text: str, language: str) -> int:
    """Asked for alone, without those that have some."""
    with open_catalogue() as catalogue:
        return catalogue.searching.search(SearchQuestion(text, language, every_word=True)).total


def test_a_filter_narrows_and_counts_are_its_promise() -> None:
    result = run("search", "fatigue", "--facet", "type", "--limit", "1")
    counts = {
        words[0]: int(words[1].replace(",", ""))
        for line in result.stdout.splitlines()
        if len(words := line.split()) == 2 and words[1].replace(",", "").isdecimal()
    }
    assert counts["Variable"] == len(lines("fatigue", "--in", "type=Variable"))
    both = lines("fatigue", "--in", "type=Variable", "--in", "type=QuestionItem")
    assert {one["type"] for one in both} == {"Variable", "QuestionItem"}
    assert len(both) == counts["Variable"] + counts["QuestionItem"]
    assert lines("fatigue", "--in", "type=Nothing") == []


def test_years_limit_what_is_found() -> None:
    every = lines("fatigue")
    years = sorted({year for one in every for year in one["facets"].get("year", ())})
    sizes = set()
    for low, high in ((years[0], years[0]), (years[1], years[-1]), (years[-1], "2999")):
        within = {one["urn"] for one in every if any(low <= year <= high for year in one["facets"].get("year", ()))}
        assert {one["urn"] for one in lines("fatigue", "--from", low, "--to", high)} == within
        sizes.add(len(within))
    assert 0 < min(sizes) < len(every)
    assert lines("fatigue", "--to", "1800") == []


def test_every_word_is_had_when_asked() -> None:
    words = ("fatigue", "sommeil", "tabac")
    loose, strict = lines(*words), lines(*words, "--every")
    assert len(loose) > len(strict)
    assert {one["urn"] for one in strict} <= {one["urn"] for one in lines("fatigue", "--every")}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_sorting_is_by_what_is_asked(language: str) -> None:
    """By the label in the reader's language."""
    asked = ("fatigue", "--in", "type=Variable", "--language", language)
    by_name, relevant = ([_label(one, language) for one in lines(*asked, *more)] for more in (("--sort", "name"), ()))
    assert by_name == sorted(by_name)
    assert relevant != by_name
    assert sorted(relevant) == by_name


def _label(one: dict[str, Any], language: str) -> str:
    (label,) = (label["text"] for label in one["label"] if label["language"] == language)
    return sort_key(label)


def test_synonyms_are_added_visibly_and_left_out_when_asked() -> None:
    wide, narrow = run("search", "sommeil"), run("search", "--no-synonyms", "sommeil")
    assert "sommeil + " in wide.stdout
    assert "sleep" in wide.stdout.split("sommeil + ")[1].splitlines()[0]
    assert "sommeil + " not in narrow.stdout
    assert {one["urn"] for one in lines("--no-synonyms", "sommeil")} <= {one["urn"] for one in lines("sommeil")}


@pytest.mark.parametrize(("language", "said"), [("fr", "Vouliez-vous dire"), ("en", "Did you mean")])
def test_a_misspelling_is_corrected(language: str, said: str) -> None:
    assert f"{said}: fatigue" in run("search", "--language", language, "fatgiue").stdout
    assert said not in run("search", "--language", language, "fatigue").stdout


def test_nothing_found_is_no_failure() -> None:
    result = run("search", "qqxxyyzz")
    assert (result.exit_code, total(result)) == (0, 0)
    assert run("search", "--json", "qqxxyyzz").stdout == ""


@pytest.mark.parametrize("query", ["", "AND", '"', "(((", "label:", "*", "[bold]fatigue[/bold]", "-fatigue", "\x00"])
def test_any_query_is_read_as_well_as_it_can_be(query: str) -> None:
    assert run("search", "--limit", "1", "--", query).exit_code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("--in", "colour=red"),
        ("--in", "type"),
        ("--facet", "colour"),
        ("--sort", "newest"),
        ("--limit", "0"),
        ("--limit", "101"),
        ("--from", "90"),
        ("--language", "de"),
    ],
)
def test_what_is_not_known_is_a_usage_error(arguments: tuple[str, ...]) -> None:
    result = run("search", "fatigue", *arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    # The names that there are.
    assert arguments[0] in ("--limit", "--from") or any(word in result.stderr for word in ("cohort", "relevance", "fr"))


# --- the index --------------------------------------------------------------------------------------------------------


def test_the_index_is_built_when_first_needed(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _copy_store(data, tmp_path, monkeypatch)
    result = run("search", "fatigue")
    assert "The search index does not exist: it is being built." in result.stderr
    assert "documents." in result.stderr
    assert total(result) == total(run("search", "fatigue"))
    assert "0 changes" in run("index").stdout


def test_indexing_by_hand_says_how_much(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _copy_store(data, tmp_path, monkeypatch)
    first = run("index")
    assert first.exit_code == 0
    number = int(first.stdout.split()[0].replace(",", ""))
    assert number == len(_documents())
    assert "0 changes" in run("index").stdout
    again = run("reindex")
    assert again.exit_code == 0
    assert f"{number:,} items" in again.stdout
    assert f"{number} of {number} documents." in again.stderr


def test_while_another_process_writes(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _copy_store(data, tmp_path, monkeypatch)
    assert run("index").exit_code == 0
    expected = total(run("search", "fatigue"))
    with open_catalogue() as catalogue, catalogue.searching.index().writer():
        assert total(run("search", "fatigue")) == expected
        refused = run("reindex")
        assert refused.exit_code == IndexBusyError.exit_code
        assert "Wait until it has finished" in refused.stderr
    assert run("reindex").exit_code == 0


def test_an_index_that_another_process_builds_first_cannot_answer_yet(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _copy_store(data, tmp_path, monkeypatch)
    with open_catalogue() as catalogue, catalogue.searching.index().writer():
        refused = run("search", "fatigue")
    assert refused.exit_code == IndexUnavailableError.exit_code
    assert "Try again" in refused.stderr
    assert refused.stdout == ""
    assert run("search", "fatigue").exit_code == 0


# --- what cannot be used ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [("search", "tabac"), ("index",), ("reindex",)])
def test_a_server_that_is_not_there_is_said(command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("opensearchpy")
    monkeypatch.setenv("CATALOGUE_SEARCH_ENGINE", "opensearch")
    monkeypatch.setenv("CATALOGUE_OPENSEARCH_URL", f"http://127.0.0.1:{free_port()}")
    result = run(*command)
    assert result.exit_code in (IndexUnavailableError.exit_code, 9), result.output
    assert result.stderr.startswith("Error: ")
    assert len(result.stderr.strip().splitlines()) >= 2
    assert result.stdout == ""


def test_an_unknown_engine_is_a_usage_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATALOGUE_SEARCH_ENGINE", "lucene")
    result = run("search", "fatigue")
    assert result.exit_code == 2
    assert "CATALOGUE_SEARCH_ENGINE" in result.stderr
    assert "whoosh" in result.stderr


def test_an_engine_whose_package_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(_: Settings) -> Any:
        raise ModuleNotFoundError("No module named 'tantivy'", name="tantivy")

    monkeypatch.setattr("catalogue.search.engines.ENGINES", {"tantivy": absent})
    monkeypatch.setenv("CATALOGUE_SEARCH_ENGINE", "tantivy")
    result = run("search", "fatigue")
    assert result.exit_code == 2
    assert "pip install 'cohort-catalogue[tantivy]'" in result.stderr


@pytest.mark.parametrize("content", [None, b"", b"this is no SKOS", b"\xff\xfe\x00"])
def test_a_broken_thesaurus_is_named(content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "words.ttl"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv("CATALOGUE_THESAURUS", str(path))
    result = run("search", "fatigue")
    assert result.exit_code == 2
    assert "words.ttl" in result.stderr
    assert "unset CATALOGUE_THESAURUS" in result.stderr


def test_every_failure_of_the_index_has_a_next_step() -> None:
    for error in (IndexBusyError("x"), IndexUnavailableError("x")):
        assert isinstance(error, CatalogueError)
        assert error.next_step
        assert error.http_status == 503
    assert IndexBusyError.exit_code != IndexUnavailableError.exit_code


def _copy_store(data: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another catalogue with the same items and no index."""
    for path in data.iterdir():
        if path.is_file():
            (folder / path.name).write_bytes(path.read_bytes())
    monkeypatch.setenv("CATALOGUE_DATA", str(folder))


def _documents() -> set[int]:
    with open_catalogue() as catalogue:
        return set(catalogue.searching.index().keys(Everything(), {}))
