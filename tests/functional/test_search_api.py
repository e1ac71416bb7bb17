"""Search over HTTP: JSON, filters and counts, suggestions, and a whole result as table, references and feed."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from catalogue_api import schemas
from catalogue_api.exports import COLUMNS, in_language, in_others
from lxml import etree
from pydantic import TypeAdapter

from catalogue.errors import IndexUnavailableError
from catalogue.finding.answers import MarkedText
from catalogue.search.marking import Stretch
from catalogue.search.port import Field
from catalogue.service import COUNTED, Health, IndexState, SearchAnswer, SearchQuestion
from tests.functional.conftest import Site, serving, settings_for
from tests.functional.test_api import assert_problem

API = "/api/v1"
SEARCH = f"{API}/search"
ATOM = "{http://www.w3.org/2005/Atom}"
FILES = {
    "json": "application/json",
    "csv": "text/csv",
    "ris": "application/x-research-info-systems",
    "atom": "application/atom+xml",
}
HOSTILE = """<?xml version="1.0" encoding="UTF-8"?>
<ddi:FragmentInstance xmlns:ddi="ddi:instance:3_3" xmlns:r="ddi:reusable:3_3" xmlns:c="ddi:conceptualcomponent:3_3">
<ddi:Fragment><c:Concept><r:Agency>org.example</r:Agency><r:ID>hostile</r:ID><r:Version>1</r:Version>
<c:ConceptName><r:String>=cmd()</r:String></c:ConceptName>
<r:Label><r:Content xml:lang="fr">=SUM(A1) &lt;script&gt;alert(1)&lt;/script&gt; "ennemi" &amp; autres</r:Content>
<r:Content xml:lang="en">@hostile,
  ER  - &lt;img src=x onerror=alert(2)&gt;</r:Content></r:Label></c:Concept></ddi:Fragment>
</ddi:FragmentInstance>"""


@pytest.fixture(scope="module", autouse=True)
def _indexed(site: Site) -> None:
    site.catalogue.indexer().catch_up()


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory, shared: Any) -> Iterator[Site]:
    """A server whose one item tries to break out of every form."""
    settings = settings_for(tmp_path_factory.mktemp("hostile"), shared)
    with serving(settings, ("hostile.xml", HOSTILE.encode())) as running:
        running.catalogue.indexer().catch_up()
        yield running


def found(client: httpx.Client, **parameters: Any) -> dict[str, Any]:
    """An answer, checked against the documented shape."""
    response = client.get(SEARCH, params=parameters)
    assert response.status_code == 200, response.text
    schemas.SearchPage.model_validate(response.json(), strict=True)
    body: dict[str, Any] = response.json()
    return body


# --- JSON -------------------------------------------------------------------------------------------------------------


def test_a_hit_shows_where_it_matched_in_both_languages(client: httpx.Client) -> None:
    hit = found(client, q="tabac", lang="fr", limit=1)["items"][0]
    assert [one["language"] for one in hit["labels"]] == ["fr", "en"]
    texts = [*hit["labels"], *hit["question"], *hit["matches"]]
    assert any(piece["marked"] for one in texts for piece in one["fragments"])
    assert all("".join(piece["text"] for piece in one["fragments"]) == one["text"] for one in texts)
    assert client.get(hit["links"]["html"]).status_code == client.get(hit["links"]["json"]).status_code == 200
    english = found(client, q="tabac", lang="en", limit=1)["items"][0]
    assert english["labels"][0]["language"] == "en"


def test_the_pieces_make_up_the_whole_without_repetition(client: httpx.Client) -> None:
    total = found(client, q="sommeil", limit=1)["total"]
    following: str | None = f"{SEARCH}?q=sommeil&limit=7&facets=none"
    urns: list[str] = []
    while following:
        response = client.get(following)
        urns += [one["urn"] for one in response.json()["items"]]
        following = response.json()["next"]
        assert response.links.get("next", {}).get("url") == following
    assert len(urns) == len(set(urns)) == total > 7


@pytest.mark.parametrize("query", [{"q": "tabac"}, {"q": "sommeil OU poids", "type": "Variable"}, {}])
def test_every_count_is_the_number_of_hits(client: httpx.Client, query: dict[str, str]) -> None:
    facets = found(client, **query, limit=1)["facets"]
    assert {"type", "cohort", "wave", "year", "mode", "concept", "has-question"} <= facets.keys()
    for facet in facets.keys() - query.keys():
        for value in facets[facet]["values"][:4]:
            narrowed = found(client, **query, **{facet: value["value"]}, limit=1, facets="none")
            assert narrowed["total"] == value["documents"], (facet, value)


def test_values_within_a_facet_add_up_and_facets_narrow(client: httpx.Client) -> None:
    both = found(client, q="tabac", type=["Variable", "QuestionItem"], limit=1)
    counts = {one["value"]: one["documents"] for one in both["facets"]["type"]["values"]}
    assert both["total"] == counts["Variable"] + counts["QuestionItem"]
    assert [one["value"] for one in both["facets"]["type"]["values"] if one["chosen"]] == ["Variable", "QuestionItem"]
    assert found(client, q="tabac", type="Variable", year="1990")["total"] < counts["Variable"]


def test_facets_are_counted_as_asked(client: httpx.Client) -> None:
    assert list(found(client, limit=1)["facets"]) == [str(one) for one in COUNTED]
    assert found(client, limit=1, facets="none")["facets"] == {}
    some = found(client, limit=1, facets="type:2,year:20")["facets"]
    assert list(some) == ["type", "year"]
    assert (len(some["type"]["values"]), some["type"]["more"]) == (2, True)
    assert len(some["year"]["values"]) > 8
    assert len(found(client, limit=1, facets="all,year:20")["facets"]) == len(COUNTED)


def test_what_was_added_is_said_and_taken_back(client: httpx.Client) -> None:
    wide = found(client, q="tabac", limit=1)
    (expansion,) = wide["query"]["expansions"]
    assert "tobacco" in expansion["added"]
    narrow = found(client, q="tabac", without=expansion["concept"], limit=1)
    assert narrow["query"]["expansions"] == []
    assert narrow["total"] == found(client, q="tabac", expand="no", limit=1)["total"] < wide["total"]


def test_what_could_not_be_taken_at_its_word_is_said(client: httpx.Client) -> None:
    query = found(client, q='tabac "alcool', limit=1)["query"]
    assert [one["code"] for one in query["notes"]] == ["unclosed-quote"]
    assert set(query["notes"][0]["message"]) == {"fr", "en"}
    assert query["read"] == 'tabac "alcool"'
    assert any(one["text"] == "tabac" for one in found(client, q="tabca")["query"]["corrections"])


@pytest.mark.parametrize(
    ("name", "wrong", "right", "called"),
    [
        ("type", "Nope", "Variable", {"fr": "Variables", "en": "Variables"}),
        ("language", "xx", "fr", {"fr": "Français", "en": "French"}),
        ("representation", "foo", "code", {"fr": "Codes", "en": "Codes"}),
        ("has-question", "maybe", "yes", {"fr": "Oui", "en": "Yes"}),
        (
            "mode",
            "zzz",
            "SelfAdministeredQuestionnaire.Paper",
            {"fr": "Auto-questionnaire papier", "en": "Paper self-administered questionnaire"},
        ),
        ("access", "zzz", "on-request", {"fr": "Sur demande", "en": "On request"}),
    ],
)
def test_a_value_that_nothing_has_is_said_with_those_that_there_are(
    client: httpx.Client, name: str, wrong: str, right: str, called: dict[str, str]
) -> None:
    """By their codes for machines, in the sentence as readers see them."""
    answer = found(client, **{name: wrong, "limit": 1})
    assert answer["total"] == 0
    (note,) = answer["query"]["notes"]
    assert (note["code"], note["subject"]) == ("unknown-value", f"{name}:{wrong}")
    assert right in note["known"]
    assert all(wrong in text and called[language] in text for language, text in note["message"].items())
    assert "." not in right or right not in str(note["message"])
    sound = found(client, **{name: note["known"][0], "limit": 1})
    assert sound["total"] > 0
    assert sound["query"]["notes"] == []


@pytest.mark.parametrize(
    "query", ["sort=newest", "facets=colour", "facets=type:9999", "limit=0", "limit=101", "cursor=nonsense"]
)
def test_a_wrong_parameter_is_a_problem(client: httpx.Client, query: str) -> None:
    assert_problem(client.get(f"{SEARCH}?{query}"), 400, "usage")


@pytest.mark.parametrize("change", ["q=poids", "type=Variable", "from=1990", "sort=name", "every=yes", "lang=en"])
def test_a_cursor_of_another_search_is_refused(client: httpx.Client, change: str) -> None:
    following = httpx.URL(found(client, q="sommeil", lang="fr", limit=5, facets="none")["next"])
    assert client.get(following).status_code == 200
    assert client.get(following.copy_merge_params({"limit": "7", "facets": "type"})).status_code == 200
    name, value = change.split("=")
    problem = assert_problem(client.get(following.copy_merge_params({name: value})), 400, "usage")
    assert "begin anew" in problem["next_step"]


YEARS = "from=1990&to=2005"


def test_years_limit_every_form(client: httpx.Client) -> None:
    """Against the years that each hit says; whatever is typed of years is a matter of its own."""
    for asked, text in ((YEARS, "sommeil"), ("from=2005&to=1990", "sommeil"), (YEARS, "sommeil NOT year:1992")):
        first = f"{SEARCH}?q={text}&{asked}&limit=40&facets=year:500"
        body = client.get(first).json()
        assert 0 < body["total"] < found(client, q=text, limit=1)["total"]
        hits, following = body["items"], body["next"]
        while following:
            piece = client.get(following).json()
            hits, following = [*hits, *piece["items"]], piece["next"]
        assert len(hits) == body["total"]
        assert all(any("1990" <= year <= "2005" for year in one["facets"]["year"]) for one in hits)
        counted = {one["value"]: one["documents"] for one in body["facets"]["year"]["values"]}
        assert counted == Counter(year for one in hits for year in one["facets"]["year"])
        urns = {one["urn"] for one in hits}
        rows = csv.DictReader(io.StringIO(client.get(f"/search.csv?q={text}&{asked}").content.decode("utf-8-sig")))
        assert {row["urn"] for row in rows} == urns
        assert {one["urn"] for one in client.get(f"/search.json?q={text}&{asked}").json()["items"]} == urns
        assert client.get(f"/search.ris?q={text}&{asked}").text.count("ER  - ") == len(urns)
        feed = assert_feed(client.get(f"/search.atom?q={text}&{asked}").content)
        assert len(feed.findall(f"{ATOM}entry")) == min(100, len(urns))
        (own,) = feed.findall(f"{ATOM}link[@rel='self']")
        assert "from=1990&to=2005" in (own.get("href") or "")
    open_end = found(client, q="sommeil", **{"from": "1990", "limit": 1})["total"]
    assert open_end > found(client, q="sommeil", **{"from": "1990", "to": "2005", "limit": 1})["total"]


@pytest.mark.parametrize("query", ["from=90", "to=MCM", "from=1990&to=x"])
def test_what_is_no_year_is_a_problem(client: httpx.Client, query: str) -> None:
    problem = assert_problem(client.get(f"{SEARCH}?{query}"), 400, "usage")
    assert "four digits" in problem["next_step"]


STATES = {
    Health.ABSENT: ("n’existe pas encore", "no search index yet"),
    Health.BROKEN: ("ne peut pas être lu", "cannot be read"),
    Health.BUILDING: ("400 éléments sur 1 000", "400 of 1,000 items"),
    Health.READY: ("ne peut pas être lu", "cannot be read"),
}


@pytest.mark.parametrize("health", STATES)
def test_an_index_that_cannot_answer_says_so_in_the_readers_language(
    site: Site, client: httpx.Client, monkeypatch: pytest.MonkeyPatch, health: Health
) -> None:
    def fail(*_: object) -> SearchAnswer:
        raise IndexUnavailableError("Segment /srv/data/7 is short.")

    for name in ("search", "newest", "suggest"):
        monkeypatch.setattr(site.catalogue.searching, name, fail)
    monkeypatch.setattr(site.catalogue.searching, "state", lambda: IndexState(health, 400, None, 400, 1000))
    for language, words in zip(("fr", "en"), STATES[health], strict=True):
        for path in (SEARCH, "/search.csv", "/search.atom", f"{API}/suggest"):
            answer = client.get(f"{path}?q=unavailable&lang={language}")
            problem = assert_problem(answer, 503, "index-unavailable")
            assert int(answer.headers["retry-after"]) > 0
            assert answer.headers["content-language"] == language
            assert words in problem["detail"].replace("\u202f", " ").replace("\u00a0", " ")
            assert ("se reconstruit" in problem["next_step"]) is (language == "fr")
        page = client.get(f"/search?q=unavailable&lang={language}", headers={"Accept": "text/html"})
        assert (page.status_code, page.headers["content-language"]) == (503, language)
        assert int(page.headers["retry-after"]) > 0
        assert words in page.text.replace("\u202f", " ").replace("\u00a0", " ")
        assert "/srv/data" not in page.text


def test_what_there_is_of_an_index_is_not_taken_for_the_whole(
    site: Site, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503 with what there is, for who reads it; a file that would say nothing of it is refused."""
    search, state = site.catalogue.searching.search, site.catalogue.searching.state()
    part = IndexState(Health.BUILDING, 400, None, 400, 1000, "part")
    monkeypatch.setattr(site.catalogue.searching, "state", lambda: part)
    monkeypatch.setattr(site.catalogue.searching, "search", lambda question: replace(search(question), index=part))
    for language, words in zip(("fr", "en"), STATES[Health.BUILDING], strict=True):
        answer = client.get(SEARCH, params={"q": "poids", "lang": language})
        assert (answer.status_code, int(answer.headers["retry-after"]) > 0) == (503, True)
        schemas.SearchPage.model_validate(answer.json(), strict=True)
        assert answer.json()["items"]
        assert words in answer.json()["index"]["message"].replace("\u202f", " ").replace("\u00a0", " ")
        page = client.get(f"/search?q=poids&lang={language}", headers={"Accept": "text/html"})
        assert (page.status_code, int(page.headers["retry-after"]) > 0) == (503, True)
        assert 'class="hit"' in page.text
    for extension in FILES:
        assert_problem(client.get(f"/search.{extension}?q=poids"), 503, "index-unavailable")
    # Beside a whole index another one is built: answers are whole.
    beside = replace(state, health=Health.BUILDING, done=1, total=1000, generation="beside")
    monkeypatch.setattr(site.catalogue.searching, "state", lambda: beside)
    monkeypatch.setattr(site.catalogue.searching, "search", lambda question: replace(search(question), index=beside))
    for path in (SEARCH, *(f"/search.{extension}" for extension in FILES)):
        assert client.get(f"{path}?q=poids").status_code == 200, path
    assert found(client, q="poids")["index"]["message"] is None


def test_the_tag_changes_with_the_index(site: Site, client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    addresses = (f"{SEARCH}?q=etag", "/search?q=etag", "/search.csv?q=etag&lang=fr", "/search.atom?q=etag&lang=fr")
    tags = {one: client.get(one).headers["etag"] for one in addresses}
    for one, tag in tags.items():
        assert client.get(one, headers={"If-None-Match": tag}).status_code == 304, one
    state = replace(site.catalogue.searching.state(), generation="another", health=Health.READY)
    monkeypatch.setattr(site.catalogue.searching, "state", lambda: state)
    for one, tag in tags.items():
        answer = client.get(one, headers={"If-None-Match": tag})
        assert (answer.status_code, answer.headers["etag"] != tag) == (200, True), one
    assert client.get("/cohorts").headers["etag"] != tags[addresses[1]]


def test_an_answer_in_a_language_is_made_once(
    site: Site, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str | None] = []
    search = site.catalogue.searching.search

    def counted(question: SearchQuestion) -> SearchAnswer:
        made.append(question.language)
        return search(question)

    monkeypatch.setattr(site.catalogue.searching, "search", counted)
    first, again = (client.get(f"{SEARCH}?q=gardée&lang=en") for _ in range(2))
    assert first.content == again.content
    assert client.get(f"{SEARCH}?q=gardée&lang=fr").content != first.content
    assert made == ["en", "fr"]
    # A page remembers the language, whoever has asked for it before.
    assert all("lang=en" in client.get("/search?q=gardée&lang=en").headers["set-cookie"] for _ in range(2))


@pytest.mark.parametrize("path", ["/search", SEARCH])
def test_headers_stay_short_however_long_the_question_is(client: httpx.Client, path: str) -> None:
    short, long = (client.get(path, params={"q": "tabac " * times, "limit": 1}) for times in (1, 1500))
    assert "link" in short.headers
    assert long.status_code == 200
    assert sum(len(name) + len(value) for name, value in long.headers.items()) < 8192


def test_the_root_of_the_api_leads_to_its_description(client: httpx.Client) -> None:
    found = client.get(API, follow_redirects=True)
    assert (found.history[0].status_code, found.json()["info"]["version"]) == (303, "1")


def test_suggestions_lead_somewhere(client: httpx.Client) -> None:
    response = client.get(f"{API}/suggest", params={"q": "taba", "lang": "fr", "limit": 8})
    TypeAdapter(list[schemas.Suggestion]).validate_python(response.json(), strict=True)
    kinds = {one["kind"] for one in response.json()}
    assert {"word", "item"} <= kinds
    assert len(response.json()) <= 8
    for one in response.json():
        assert client.get(one["href"]).status_code == 200, one
    assert client.get(f"{API}/suggest?q=").json() == []
    assert_problem(client.get(f"{API}/suggest?q=a&limit=1000"), 400, "usage")


def test_the_description_names_every_filter(client: httpx.Client) -> None:
    operation = client.get(f"{API}/openapi.json").json()["paths"][SEARCH]["get"]
    named = {one["name"] for one in operation["parameters"]}
    assert {
        "q",
        "lang",
        "from",
        "to",
        "sort",
        "cursor",
        "limit",
        "facets",
        "expand",
        "without",
        "every",
        "cohort",
    } <= named
    assert all(one.get("description") for one in operation["parameters"])


# --- whole results ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("extension", FILES)
def test_a_form_by_extension_or_by_accept_header(client: httpx.Client, extension: str) -> None:
    by_extension = client.get(f"/search.{extension}?q=tabac")
    by_header = client.get("/search?q=tabac", headers={"Accept": FILES[extension]})
    assert by_extension.headers["content-type"].startswith(FILES[extension])
    assert by_header.headers["content-type"].startswith(FILES[extension])
    assert by_extension.content == by_header.content
    links = client.get("/search?q=tabac&type=Variable&cursor=&sort=", follow_redirects=True).headers["link"]
    assert f'/search.{extension}?q=tabac&type=Variable&lang=fr>; rel="alternate"; type="{FILES[extension]}"' in links


def test_there_are_no_other_forms(client: httpx.Client) -> None:
    assert_problem(client.get("/search.pdf?q=tabac"), 404, "not-found")
    assert_problem(client.get("/search?q=tabac", headers={"Accept": "image/png"}), 406, "not-acceptable")


def test_a_table_has_every_hit_once(client: httpx.Client) -> None:
    response = client.get("/search.csv", params={"q": "sommeil", "type": "Variable", "lang": "fr"})
    assert response.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    total = found(client, q="sommeil", type="Variable", limit=1)["total"]
    assert len(rows) == len({row["urn"] for row in rows}) == total == int(response.headers["catalogue-hits"])
    assert int(response.headers["catalogue-most-hits"]) >= total
    assert list(rows[0]) == list(COLUMNS)
    assert all(row["label_fr"] and row["label_en"] and row["cohort"] and row["type"] == "Variable" for row in rows)
    assert any(row["question_fr"] and row["question_en"] for row in rows)


def test_references_are_records(client: httpx.Client) -> None:
    text = client.get("/search.ris", params={"q": "sommeil", "type": "QuestionItem"}).text
    records = text.split("ER  - \r\n")
    assert records.pop().strip() == ""
    assert len(records) == found(client, q="sommeil", type="QuestionItem", limit=1)["total"]
    for record in records:
        lines = record.strip().split("\r\n")
        assert lines[0] == "TY  - DATA"
        assert [line for line in lines if not re.fullmatch(r"[A-Z][A-Z0-9]  - \S.*", line)] == []
        tags = [line[:2] for line in lines]
        assert {"TI", "AU", "UR", "DB"} <= set(tags)
        assert (tags.count("TI"), tags.count("PY") <= 1) == (1, True)


def test_a_reference_has_no_year_to_come(client: httpx.Client) -> None:
    """Some waves of the examples are planned, those of ``FILOMENE`` alone."""
    this_year = str(datetime.now(UTC).year)
    planned = 0
    for hit in client.get("/search.json?q=sommeil&type=Variable").json()["items"]:
        years = [year for year in hit["facets"].get("year", ()) if year <= this_year]
        planned += years != hit["facets"].get("year", [])
        name = hit["name"]
        record = client.get("/search.ris", params={"q": f"name:{name} {hit['urn'].split(':')[3]}", "every": "yes"}).text
        if record.count("TY  - ") == 1:
            assert re.findall(r"PY  - (.*)\r", record) == ([max(years)] if years else [])
    assert planned or this_year > "2029"


def assert_feed(content: bytes) -> etree._Element:
    """What RFC 4287 requires of a feed and its entries (sections 4.1.1 and 4.1.2)."""
    feed = etree.fromstring(content)
    assert feed.tag == f"{ATOM}feed"
    for one in (feed, *feed.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            (only,) = one.findall(f"{ATOM}{name}")
            assert (only.text or "").strip()
        assert re.match(r"https?://", one.findtext(f"{ATOM}id") or "")
        stamp = one.findtext(f"{ATOM}updated") or ""
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", stamp)
        alternates = [link for link in one.findall(f"{ATOM}link") if link.get("rel") == "alternate"]
        assert len(alternates) == 1
    assert feed.findtext(f"{ATOM}author/{ATOM}name")
    assert len([link for link in feed.findall(f"{ATOM}link") if link.get("rel") == "self"]) == 1
    return feed


def test_a_feed_is_one(site: Site, client: httpx.Client) -> None:
    own = f"{site.url}/search.atom?q=tabac&type=Variable&lang=fr"
    feed = assert_feed(client.get(own).content)
    assert [one.get("href") for one in feed.findall(f"{ATOM}link[@rel='self']")] == [own]
    ids = [one.findtext(f"{ATOM}id") or "" for one in feed.findall(f"{ATOM}entry")]
    assert len(ids) == len(set(ids)) == min(100, found(client, q="tabac", type="Variable", limit=1)["total"])
    assert client.get(ids[0]).status_code == 200
    stamps = [one.findtext(f"{ATOM}updated") or "" for one in feed.findall(f"{ATOM}entry")]
    assert stamps == sorted(stamps, reverse=True)
    assert_feed(client.get("/search.atom?q=nothingatall").content)
    assert_feed(client.get("/search.atom", params={"q": 'a\x01b <"&>'}).content)


def test_labels_stand_under_their_own_language() -> None:
    texts = (("fr", "Bonjour"), ("ar", "مرحبا"), (None, "Hello"))
    labels = [MarkedText(Field.LABEL, language, (Stretch(words),)) for language, words in texts]
    assert [in_language(labels, one) for one in ("fr", "en")] == ["Bonjour", ""]
    assert in_others(labels) == "مرحبا [ar] | Hello"


@pytest.mark.parametrize("accept", ["text/html", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"])
def test_a_pasted_address_or_urn_leads_to_its_item(site: Site, client: httpx.Client, accept: str) -> None:
    urn = found(client, q="tabac", limit=1)["items"][0]["urn"]
    _, _, agency, identifier, version = urn.split(":")
    page = f"/id/{agency}/{identifier}/{version}"
    for text in (urn, site.url + page, f"{site.url}{page}?lang=en#top"):
        answer = client.get("/search", params={"q": text}, headers={"Accept": accept})
        assert (answer.status_code, answer.headers["location"]) == (303, page), text
    for text in ("urn:ddi:org.example:nothing:9", "http://elsewhere.example/id/a/b/1", f"{site.url}/id/a b"):
        assert client.get("/search", params={"q": text}, headers={"Accept": accept}).status_code == 200, text


def test_no_label_breaks_out_of_a_form(hostile: Site) -> None:
    with hostile.client() as own:
        page = own.get("/search?q=ennemi&lang=fr").text
        assert "1 résultat" in page
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        (row,) = csv.DictReader(io.StringIO(own.get("/search.csv?q=hostile").content.decode("utf-8-sig")))
        assert all(not cell.startswith(("=", "+", "-", "@")) for cell in row.values())
        assert row["label_fr"].startswith("'=SUM")
        assert own.get("/search.ris?q=hostile").text.count("ER  - \r\n") == 1
        entry = assert_feed(own.get("/search.atom?q=hostile&lang=fr").content).find(f"{ATOM}entry")
        assert entry is not None
        assert "<script>" in (entry.findtext(f"{ATOM}title") or "")
        hits = own.get("/search.json?q=hostile").json()["items"]
        assert [one["urn"] for one in hits] == ["urn:ddi:org.example:hostile:1"]


def test_browsers_can_add_the_catalogue(site: Site, client: httpx.Client) -> None:
    assert (
        '<link rel="search" type="application/opensearchdescription+xml" href="/opensearch.xml"' in client.get("/").text
    )
    response = client.get("/opensearch.xml")
    assert response.headers["content-type"].startswith("application/opensearchdescription+xml")
    space = "{http://a9.com/-/spec/opensearch/1.1/}"
    root = etree.fromstring(response.content)
    assert 0 < len(root.findtext(f"{space}ShortName") or "") <= 16
    assert 0 < len(root.findtext(f"{space}Description") or "") <= 1024
    for url in root.findall(f"{space}Url"):
        address = (url.get("template") or "").replace("{searchTerms}", "tabac")
        assert address.startswith(site.url)
        answer = client.get(address)
        assert answer.headers["content-type"].startswith(url.get("type") or "-")


@pytest.mark.parametrize("query", ["sommeil AND tabac", "sommeil ET tabac", "+sommeil +tabac", "sommeil && tabac"])
def test_words_that_are_joined_stay_so(client: httpx.Client, query: str) -> None:
    """In every form; words that merely stand beside each other may be found one by one, and the answer says so."""
    strict = found(client, q="sommeil tabac", every="yes", expand="no")
    assert strict["total"] < found(client, q="sommeil tabac", expand="no")["total"]
    joined = found(client, q=query, expand="no")
    assert (joined["total"], joined["query"]["relaxed"]) == (strict["total"], False)
    rows = client.get("/search.csv", params={"q": query, "expand": "no"}).text.strip().splitlines()
    assert len(rows) - 1 == strict["total"]


@pytest.mark.parametrize(
    ("typed", "there"),
    [
        ("label:so", True),
        ("type:V", True),
        ("cohorte:E", False),
        ("mode:", True),
        ("mode:pap", True),
        ("tabac mode:auto-q", True),
        ("mode:zzz", False),
        ('accès:"', True),
        ('access:"sur', True),
        ('access:"sur dem', True),
        ('"mode:pap', False),
    ],
)
def test_what_is_suggested_in_a_field_is_found_there(client: httpx.Client, typed: str, there: bool) -> None:
    words = [one for one in client.get(f"{API}/suggest", params={"q": typed}).json() if one["kind"] == "word"]
    assert bool(words) is there
    for one in words:
        assert found(client, q=one["text"], every="yes", expand="no")["total"] == one["documents"] > 0


def test_an_acronym_is_found_as_people_write_it(client: httpx.Client) -> None:
    assert found(client, q="SF36")["query"]["expansions"]
    assert found(client, q="SF36")["total"] == found(client, q="SF-36")["total"] > 0


@pytest.mark.parametrize(
    "name", ["type", "mode", "language", "representation", "has-question", "has-biosample", "access"]
)
def test_a_value_is_typed_as_its_facet_shows_it(client: httpx.Client, name: str) -> None:
    """By the French and the English name, whatever the case, without accents; any of those that look the same."""
    values = found(client, facets=f"{name}:100", limit=1)["facets"][name]["values"]
    assert values
    for language in ("fr", "en"):
        alike: dict[str, list[str]] = {}
        for value in values:
            (label,) = (one["text"] for one in value["label"] if one["language"] == language)
            alike.setdefault(label, []).append(value["value"])
        for label, codes in alike.items():
            chosen = found(client, limit=1, **{name: codes})["total"]
            for typed in (label, label.upper(), unaccented(label)):
                answer = found(client, q=f'{name}:"{typed}"', limit=1, lang=language)
                assert (answer["total"], answer["query"]["notes"]) == (chosen, []), typed


def unaccented(text: str) -> str:
    return "".join(one for one in unicodedata.normalize("NFD", text) if not unicodedata.combining(one))


@pytest.mark.parametrize("name", ["cohort", "study", "wave", "instrument", "concept", "vague", "mode", "accès"])
def test_a_typed_value_that_nothing_has_is_said_of_every_facet(client: httpx.Client, name: str) -> None:
    for typed in (f"{name}:zzz", f'{name}:"zzz yyy" tabac'):
        notes = found(client, q=typed, limit=1, expand="no")["query"]["notes"]
        assert [one["code"] for one in notes] == ["unknown-value"], typed
        assert "zzz" in notes[0]["subject"]
    sound = {"concept": "tabac", "mode": "papier", "accès": "demande"}.get(name, "e3n")
    assert found(client, q=f"{name}:{sound}", limit=1)["query"]["notes"] == []


@pytest.mark.parametrize(
    ("typed", "language", "meant"),
    [
        ("mod:papier", "fr", "mode:papier"),
        ("lang:fr", "fr", "langue:fr"),
        ("lang:fr", "en", "language:fr"),
        ("anee:2014", "fr", "année:2014"),
        ("yaer:2014", "en", "year:2014"),
        ("anee:1066", "fr", "année:1066"),
        ('tabac -typ:"Variables"', "fr", 'tabac -type:"Variables"'),
        ("concpt:tabca", "en", "concept:tabac"),
    ],
)
def test_a_misspelt_field_is_answered_with_the_one_that_is_meant(
    client: httpx.Client, typed: str, language: str, meant: str
) -> None:
    query = found(client, q=typed, lang=language, limit=1)["query"]
    assert query["corrections"][0]["text"] == meant
    assert "unknown-field" in {one["code"] for one in query["notes"]}
    again = found(client, q=meant, lang=language, limit=1)["query"]
    assert "unknown-field" not in {one["code"] for one in again["notes"]}


def test_what_is_like_no_field_is_not_corrected_to_one(client: httpx.Client) -> None:
    for typed in ("couleur:bleu", "foo:tabac", "q:tabac", "zode:papier"):
        offered = [one["text"] for one in found(client, q=typed)["query"]["corrections"]]
        assert all(one.startswith(typed.partition(":")[0]) for one in offered), offered


@pytest.mark.parametrize("name", ["mode", "access", "accès", "has-question", "type"])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_values_of_a_facet_are_suggested_as_it_shows_them(client: httpx.Client, name: str, language: str) -> None:
    """All of them after the colon, by frequency; those with a word that begins as what was typed, quoted or not."""
    facet = {"accès": "access"}.get(name, name)
    values = found(client, facets=f"{facet}:100", limit=1)["facets"][facet]["values"]
    labels = {one["text"] for value in values for one in value["label"] if one["language"] == language}
    for typed in ("", *{label.split()[-1][:3] for label in labels}, "zzz"):
        begun = {one for one in labels if any(word.startswith(unaccented(typed).lower()) for word in word_list(one))}
        for quote in ("", '"'):
            offered = suggested(client, f"{name}:{quote}{typed}", language)
            assert {text.partition(":")[2].strip('"') for text, _ in offered} == begun, typed
            counts = [count for _, count in offered]
            assert counts == sorted(counts, reverse=True)


def word_list(label: str) -> list[str]:
    return re.findall(r"\w+", unaccented(label).lower())


def suggested(client: httpx.Client, typed: str, language: str) -> list[tuple[str, int]]:
    answer = client.get(f"{API}/suggest", params={"q": typed, "lang": language, "limit": 20}).json()
    return [(one["text"], one["documents"]) for one in answer]


def test_a_value_is_suggested_beside_what_stands_before(client: httpx.Client) -> None:
    paper = '"Auto-questionnaire papier"'
    (alone,) = suggested(client, "mode:pap", "fr")
    (beside,) = suggested(client, "-tabac mode:pap", "fr")
    (excluded,) = suggested(client, "tabac -mode:pap", "fr")
    assert (alone[0], beside[0]) == (f"mode:{paper}", f"-tabac mode:{paper}")
    assert excluded == (f"tabac -mode:{paper}", alone[1] - beside[1])
    (other,) = suggested(client, "mode:paper", "fr")
    assert other == alone


def test_the_beginning_of_a_value_finds_those_that_are_shown_so(client: httpx.Client) -> None:
    for typed, name in (("mode:pap*", "Auto-questionnaire papier"), ("accès:dem*", "Sur demande")):
        facet = typed.partition(":")[0]
        answer = found(client, q=typed, limit=1)
        assert answer["total"] == found(client, q=f'{facet}:"{name}"', limit=1)["total"] > 0
        assert answer["query"]["notes"] == []
    values = found(client, facets="mode:100", limit=1)["facets"]["mode"]["values"]
    codes = [one["value"] for one in values if one["value"].startswith("Other")]
    chosen = found(client, mode=codes, limit=1)["total"]
    assert found(client, q="mode:Other*", limit=1)["total"] >= chosen > 0


@pytest.mark.parametrize("typed", ["mode:zzz*", "tabac -accès:zzz*", "year:10*", "concept:zzz*"])
def test_a_beginning_that_no_value_has_is_said(client: httpx.Client, typed: str) -> None:
    (note,) = found(client, q=typed, limit=1, expand="no")["query"]["notes"]
    assert note["code"] == "unknown-value"
    assert note["subject"].endswith(typed.partition(":")[2])
