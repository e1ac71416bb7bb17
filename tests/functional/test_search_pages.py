"""The search page in a real browser: whole without scripts, quick with them, by keyboard, on a phone, bilingual."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from lxml import etree
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from catalogue.search.analysis import sort_key
from catalogue.service import Facet, Field, Health, IndexState, SearchAnswer, SearchQuestion
from tests.functional.conftest import Site
from tests.functional.crawling import page_faults
from tests.functional.test_pages import PHONES, Watch, sideways

FR, EN = {"Accept-Language": "fr"}, {"Accept-Language": "en"}


@pytest.fixture(scope="module", autouse=True)
def _indexed(site: Site) -> None:
    site.catalogue.indexer().catch_up()


@pytest.fixture
def context(browser: Browser, site: Site) -> Iterator[BrowserContext]:
    opened = browser.new_context(base_url=site.url, locale="fr-FR")
    yield opened
    opened.close()


@pytest.fixture
def plain(browser: Browser, site: Site) -> Iterator[Page]:
    """A page in a browser without scripts."""
    opened = browser.new_context(base_url=site.url, locale="fr-FR", java_script_enabled=False)
    yield opened.new_page()
    opened.close()


def tree(text: str) -> Any:
    """A page as elements."""
    return etree.HTML(text)


def total(text: str) -> int:
    """The number of results that a page says."""
    (heading,) = tree(text).xpath("//*[@id='found']")
    return first_number(heading.xpath("string()"))


def shown_total(page: Page) -> int:
    """The same in a browser, which may still be on its way to the page."""
    return first_number(page.locator("#found").inner_text())


def first_number(text: str) -> int:
    number = re.match(r"[\d\s.,]+", text)
    assert number is not None
    return int(re.sub(r"\D", "", number.group()))


# --- what stands on the page ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["q=tabac", "q=sommeil&type=Variable", "q=label:poids&has-question=yes"])
def test_every_count_is_what_its_link_leads_to(client: httpx.Client, query: str) -> None:
    """Two values of every facet by the box, as a browser sends it, and every cohort by its bar."""
    page = tree(client.get(f"/search?{query}", headers=FR).text)
    boxes = page.xpath("//details[@data-facet][not(.//input[@checked])]//li[position() <= 2]")
    assert len(boxes) > 14
    for box in boxes:
        (control,) = box.xpath(".//input")
        count = int(re.sub(r"\D", "", box.xpath("string(.//*[@class='count']/text())")))
        address = httpx.URL(f"/search?{query}").copy_add_param(control.get("name"), control.get("value"))
        assert total(client.get(address).text) == count, address
    for bar in page.xpath("//section[@class='spread']//a"):
        count = int(re.sub(r"\D", "", bar.xpath("string(.//*[@class='num']/text())")))
        assert total(client.get(bar.get("href")).text) == count


@pytest.mark.parametrize(
    "query",
    [
        "", "q=tabac", "q=zzzz", "q=%22ouvert", "q=tabca", "q=tabac&expand=no&type=Variable&year=1990", "sort=date",
        "q=ann%C3%A9e:1990..2005&facets=all,concept:50", "q=%3Cscript%3Ealert(1)%3C/script%3E%22'%3E",
        "represented=fr.cohortes-exemples/none&cohort=nonsense",
    ],
)  # fmt: skip
def test_every_state_of_the_page_is_sound(client: httpx.Client, query: str) -> None:
    for language, headers in (("fr", FR), ("en", EN)):
        text = client.get(f"/search?{query}", headers=headers, follow_redirects=True).text
        assert page_faults(text, language) == []
        assert "<script>alert" not in text


def test_it_says_in_words_what_was_understood(client: httpx.Client) -> None:
    page = client.get("/search", params={"q": 'tabac "alcool'}, headers=FR).text
    assert "Un guillemet était resté ouvert" in page
    assert "<code>tabac &#34;alcool&#34;</code>" in page
    english = client.get("/search", params={"q": "couleur:bleu"}, headers=EN).text
    assert "There is no field “couleur”" in english
    assert "Did you mean:" in client.get("/search?q=tabca", headers=EN).text
    (offered,) = tree(client.get("/search?q=anee:2014", headers=FR).text).xpath("//p[contains(@class, 'meant')]/a")
    assert (offered.text, offered.get("href")) == ("année:2014", "/search?q=ann%C3%A9e:2014")
    known = tree(client.get("/search?q=mode:zzz", headers=FR).text).xpath("//p[@class='said']/span/text()")
    assert "Auto-questionnaire papier" in known
    assert len(known) == len(set(known))
    nothing = client.get("/search?q=zzzzzz&type=Variable", headers=FR).text
    assert "Chercher de nouveau sans filtre" in nothing
    assert 'href="/help#search"' in nothing


@pytest.mark.parametrize("headers", [FR, EN], ids=["fr", "en"])
@pytest.mark.parametrize("query", ["type=Concept", "type=Variable&q=tabac", "q=sommeil"])
def test_hits_sorted_by_name_look_sorted(client: httpx.Client, headers: dict[str, str], query: str) -> None:
    """By the titles that are shown, in the reader's language, case and accents aside; through all pieces."""
    address, titles = f"/search?{query}&sort=name", []
    while address:
        page = tree(client.get(address, headers=headers).text)
        titles += [" ".join(title.xpath("string()").split()) for title in page.xpath("//li[@class='hit']/h3")]
        address = next(iter(page.xpath("//nav[@class='pager']/a[@rel='next']/@href")), "")
    keys = [sort_key(title) for title in titles]
    assert len(titles) > 15
    assert keys == sorted(keys)
    relevant = tree(client.get(f"/search?{query}", headers=headers).text).xpath("//li[@class='hit']/h3")
    assert [" ".join(one.xpath("string()").split()) for one in relevant] != titles[: len(relevant)]


def test_hits_speak_both_languages_and_lead_to_their_like(client: httpx.Client) -> None:
    page = tree(client.get("/search?q=tabac&type=Variable", headers=EN).text)
    hit = page.xpath("//li[@class='hit']")[0]
    assert hit.xpath(".//h3//mark | .//p[@class='other']//mark")
    assert hit.xpath(".//p[@class='other']/span[@lang='fr']")
    links = {link.xpath("string()"): link.get("href") for link in hit.xpath(".//ul[contains(@class, 'relatives')]//a")}
    assert {"Same represented variable", "Same concept"} <= links.keys()
    for address in links.values():
        answer = client.get(address, headers=EN).text
        assert total(answer) >= 1
        assert tree(answer).xpath("//a[@class='chip']")


def test_item_pages_lead_to_their_like(client: httpx.Client) -> None:
    for kind, names in (
        ("Variable", {"Same represented variable", "Same concept"}),
        ("QuestionItem", {"Same question"}),
        ("Concept", {"Same concept"}),
    ):
        hit = client.get("/api/v1/search", params={"q": "tabac", "type": kind, "limit": 1}).json()["items"][0]
        page = tree(client.get(hit["links"]["html"], headers=EN).text)
        links = {link.xpath("string()"): link.get("href") for link in page.xpath("//section[@class='same']//a")}
        assert names <= links.keys(), kind
        assert all(total(client.get(address, headers=EN).text) >= 1 for address in links.values())


def test_the_help_shows_searches_that_find_something(client: httpx.Client) -> None:
    for headers in (FR, EN):
        page = tree(client.get("/help", headers=headers).text)
        examples = page.xpath("//section[@id='search']//table//a/@href")
        assert len(examples) == 10
        for address in examples:
            answer = client.get(address, headers=headers).text
            assert total(answer) > 0, address
            assert 'class="said"' not in answer.replace('class="said widened"', ""), address


@pytest.mark.parametrize("headers", [FR, EN], ids=["fr", "en"])
def test_a_mode_is_called_the_same_on_pages_and_in_the_facet(client: httpx.Client, headers: dict[str, str]) -> None:
    """And what is read on the page of a cohort can be typed."""
    values = client.get("/api/v1/search?facets=mode:100&limit=1").json()["facets"]["mode"]["values"]
    language = headers["Accept-Language"]
    offered = {one["text"] for value in values for one in value["label"] if one["language"] == language}
    cohorts = client.get("/api/v1/search?type=Group&limit=50").json()["items"]
    pages = [tree(client.get(one["links"]["html"], headers=headers).text) for one in cohorts]
    cells = [cell for page in pages for cell in page.xpath("//table[@class='waves']/tbody/tr/td[2]/text()")]
    shown = {mode for cell in cells for mode in cell.split(", ") if mode.strip()}
    assert {"fr": "Prélèvements biologiques", "en": "Biological sampling"}[language] in shown
    assert shown <= offered
    for mode in shown:
        answer = client.get("/api/v1/search", params={"q": f'mode:"{mode}"', "limit": 1, "lang": language}).json()
        assert (answer["total"] > 0, answer["query"]["notes"]) == (True, []), mode


def test_an_index_being_built_is_said(site: Site, client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    search = site.catalogue.searching.search
    building = IndexState(Health.BUILDING, 400, None, 400, 1000, "building")

    def built(question: SearchQuestion) -> SearchAnswer:
        return replace(search(question), index=building)

    monkeypatch.setattr(site.catalogue.searching, "search", built)
    page = client.get("/search?q=poids&sort=name", headers=EN).text
    assert "The index is being rebuilt." in page
    assert '<progress max="1000" value="400"' in page
    assert "400 of 1,000 items" in page


def test_addresses_are_tidied(client: httpx.Client) -> None:
    answer = client.get("/search?q=tabac&sort=&from=1990&to=2005&type=Variable")
    assert (answer.status_code, answer.headers["location"]) == (303, "/search?q=tabac&type=Variable&from=1990&to=2005")
    page = client.get(answer.headers["location"], headers=FR).text
    assert 0 < total(page) < total(client.get("/search?q=tabac&type=Variable").text)
    assert "1990 – 2005" in page
    assert client.get("/search?q=&lang=en").headers["location"] == "/search?lang=en"
    assert client.get("/search?from=90&to=", headers={"Accept": "text/html"}).status_code == 400


@pytest.mark.parametrize("typed", ["year:[1990 TO 2005]", "NOT year:2001", "year:1990..2005", "(year:1990 OR tabac)"])
def test_years_that_are_typed_are_left_as_they_are_typed(client: httpx.Client, typed: str) -> None:
    """The fields of the page say what the page filters by, which is not what the text says."""
    for asked, said in (
        ({}, ("", "")),
        ({"from": "2000"}, ("2000", "")),
        ({"from": "2000", "to": "2010"}, ("2000", "2010")),
    ):
        page = tree(client.get("/search", params={"q": typed, **asked}, headers=FR).text)
        fields = {one.get("name"): one.get("value") for one in page.xpath("//input[@form='search' or @name='q']")}
        assert (fields["q"], fields["from"], fields["to"]) == (typed, *said)
        chips = page.xpath("//a[@class='chip'][contains(., '–')]/@href")
        assert len(chips) == bool(asked)
        assert [httpx.URL(one).params.get("q") for one in chips] == [typed] * len(chips)
    english = tree(client.get("/search", params={"q": typed}, headers=EN).text)
    hidden = english.xpath("//input[@type='hidden'][@name='from' or @name='to']")
    assert hidden == []


def test_years_are_carried_along_where_the_page_has_no_fields_for_them(client: httpx.Client) -> None:
    page = tree(client.get("/search?q=zzzzzz&from=1990&facets=none", headers=FR).text)
    assert page.xpath("//input[@type='hidden'][@name='from']/@value") == ["1990"]
    assert page.xpath("//div[@class='nothing']//a[contains(., 'sans filtre')]/@href") == [
        "/search?q=zzzzzz&facets=none"
    ]


def test_another_language_begins_anew(site: Site) -> None:
    """A cursor belongs to the order for one language."""
    with site.client() as own:
        page = tree(own.get("/search?q=tabac", headers=FR).text)
        (following,) = page.xpath("//a[@class='next']/@href")
        second = tree(own.get(following, headers=FR).text)
        (english,) = second.xpath("//*[@id='tongues']//a/@href")
        assert "cursor" not in english
        assert own.get(english).status_code == 200


def test_the_next_piece_opens_for_whoever_is_sent_its_address(site: Site) -> None:
    with site.client() as own, site.client() as other:
        (following,) = tree(own.get("/search?q=tabac", headers=EN).text).xpath("//a[@class='next']/@href")
        sent = other.get(following, headers=FR)
        assert sent.status_code == 200
        assert sent.text == own.get(following, headers=EN).text


def test_it_says_how_several_filters_work_together(site: Site) -> None:
    with site.client() as own:
        assert "Several values of one filter: any of them." in own.get("/search?q=tabac", headers=EN).text
        assert re.search(r"Plusieurs filtres\s: tous à la fois", own.get("/search?q=tabac", headers=FR).text)


@pytest.mark.parametrize(
    ("query", "french", "english"),
    [
        ({"type": "Nope"}, "Rien dans le catalogue n’a la valeur", "Nothing in the catalogue has the value"),
        ({"cohort": "no/where"}, "Rien dans le catalogue n’a la valeur", "Nothing in the catalogue has the value"),
        ({"q": "tabac^5"}, "tous les mots comptent autant", "all words count the same"),
        ({"q": "tabac year:abc"}, "n’est pas une année", "is no year"),
        ({"q": "smokng~99"}, "va trop loin", "goes too far"),
        ({"q": '"poids naissance"~9'}, "les uns à la suite des autres", "next to each other"),
    ],
)
def test_what_is_read_otherwise_is_said_in_both_languages(
    site: Site, query: dict[str, str], french: str, english: str
) -> None:
    sound = {"q": "tabac || alcool", "type": "Variable"}
    for headers, said in ((FR, french), (EN, english)):
        with site.client(headers=headers) as own:
            notes = tree(own.get("/search", params=query).text).xpath("//div[@class='understood']/p[@class='said']")
            assert [said in one.xpath("string()") for one in notes][:1] == [True]
            known = notes[0].xpath("span/text()")
            assert ("Variables" in known) is ("type" in query)
            assert said not in own.get("/search", params=sound).text


def test_the_help_names_all_that_can_stand_before_a_colon(client: httpx.Client) -> None:
    """Each name that the help lists is one to the search, and every field and facet is listed."""
    for headers in (FR, EN):
        page = tree(client.get("/help", headers=headers).text)
        rows = page.xpath("//section[@id='search']//tbody[tr/th[@scope='rowgroup']]/tr[td]")
        assert len(rows) == len(Field) + len(Facet)
        names = [name.removesuffix(":") for row in rows for name in row.xpath(".//code/text()")]
        assert {*Field, *Facet, "libelle", "annee", "cohorte"} <= set(names)
        assert all(row.xpath("string(td)").strip() for row in rows)
    for name in {*names, "couleur"}:
        notes = client.get("/api/v1/search", params={"q": f"{name}:tabac", "limit": 1}).json()["query"]["notes"]
        unknown = [one for one in notes if one["code"] == "unknown-field"]
        assert bool(unknown) is (name == "couleur"), name


# --- without scripts --------------------------------------------------------------------------------------------------


def test_everything_works_without_scripts(plain: Page) -> None:
    plain.goto("/")
    plain.get_by_label("Chercher dans toutes les cohortes").fill("tabac")
    plain.get_by_role("button", name="Chercher").click()
    expect(plain).to_have_url("/search?q=tabac")
    everything = shown_total(plain)
    plain.locator("input[name=type][value=Variable]").check()
    plain.get_by_role("button", name="Filtrer – Type").click()
    expect(plain).to_have_url("/search?q=tabac&type=Variable")
    variables = shown_total(plain)
    assert 20 < variables < everything
    plain.get_by_role("link", name="Résultats suivants").click()
    expect(plain).to_have_url(re.compile("cursor="))
    assert shown_total(plain) == variables
    plain.get_by_role("link", name="Début de la liste").click()
    plain.select_option("#sort", "name")
    plain.get_by_role("button", name="Trier").click()
    expect(plain).to_have_url("/search?q=tabac&type=Variable&sort=name")
    plain.get_by_role("link", name="Type").first.click()
    expect(plain).to_have_url("/search?q=tabac&sort=name")
    plain.get_by_role("link", name=re.compile("tobacco")).click()
    expect(plain).to_have_url(re.compile("without="))
    assert shown_total(plain) < everything
    plain.get_by_role("link", name="Chercher aussi les synonymes").click()
    expect(plain).to_have_url("/search?q=tabac&sort=name")
    assert shown_total(plain) == everything
    plain.goto("/search")
    plain.get_by_role("link", name="Voir plus – Type").click()
    expect(plain).to_have_url("/search?facets=all,type:50")
    expect(plain.locator("input[name=type]").nth(8)).to_be_attached()


# --- with scripts -----------------------------------------------------------------------------------------------------


def test_a_filter_applies_at_once_and_back_takes_it_away(context: BrowserContext, site: Site) -> None:
    page = context.new_page()
    watch = Watch(page, site)
    loads: list[str] = []
    page.on("load", lambda _: loads.append(page.url))
    page.goto("/search?q=tabac")
    everything = shown_total(page)
    page.locator("input[name=type][value=Variable]").focus()
    page.keyboard.press("Space")
    expect(page).to_have_url(re.compile(r"/search\?q=tabac&type=Variable$"))
    expect(page.locator(".chip").last).to_contain_text("Variables")
    variables = shown_total(page)
    assert variables < everything
    assert page.evaluate("document.activeElement.value") == "Variable"
    expect(page.locator("#announce")).to_have_text(re.compile(f"^{variables} résultats"))
    assert page.locator("#tongues a").get_attribute("href") == "/search?q=tabac&type=Variable&lang=en"
    page.get_by_role("link", name="Résultats suivants").click()
    expect(page).to_have_url(re.compile("cursor="))
    assert page.evaluate("document.activeElement.id") == "found"
    page.go_back()
    expect(page).to_have_url(re.compile("type=Variable$"))
    page.go_back()
    expect(page).to_have_url(re.compile(r"/search\?q=tabac$"))
    expect(page.locator("#found")).to_have_text(re.compile(f"^{everything} résultats"))
    expect(page.locator("input[name=type][value=Variable]")).not_to_be_checked()
    page.go_forward()
    expect(page.locator("input[name=type][value=Variable]")).to_be_checked()
    assert len(loads) == 1
    assert watch.faults == []


def test_years_and_long_lists_can_be_narrowed(context: BrowserContext) -> None:
    page = context.new_page()
    page.goto("/search?facets=all,concept:50")
    everything = shown_total(page)
    box = page.locator(".facet-concept .look")
    if not page.locator(".facet-concept").get_attribute("open"):
        page.locator(".facet-concept").evaluate("one => one.open = true")
    box.fill("fatigue")
    expect(page.locator(".facet-concept li:visible")).to_have_count(1)
    page.get_by_label("De", exact=True).fill("1990")
    page.get_by_label("à", exact=True).fill("2005")
    page.get_by_label("à", exact=True).press("Enter")
    expect(page).to_have_url(re.compile(r"[?&]from=1990&to=2005"))
    assert shown_total(page) < everything
    expect(page.locator(".facet-concept .look")).to_have_value("fatigue")
    expect(page.get_by_label("Chercher dans toutes les cohortes")).to_have_value("")
    expect(page.get_by_label("De", exact=True)).to_have_value("1990")
    years = shown_total(page)
    page.locator("input[name=type][value=Variable]").check()
    expect(page).to_have_url(re.compile(r"type=Variable&from=1990&to=2005"))
    assert 0 < shown_total(page) < years
    page.get_by_role("link", name="1990 – 2005").click()
    expect(page).to_have_url(re.compile(r"\?type=Variable(?!.*from)"))
    expect(page.get_by_label("De", exact=True)).to_have_value("")


def test_suggestions_are_reached_by_keyboard(context: BrowserContext, site: Site) -> None:
    page = context.new_page()
    watch = Watch(page, site)
    page.goto("/cohorts")
    box = page.get_by_role("combobox", name="Chercher dans toutes les cohortes")
    expect(box).to_have_attribute("aria-expanded", "false")
    box.press_sequentially("taba", delay=20)
    options = page.get_by_role("option")
    expect(options.first).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")
    box.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(box).to_have_value("taba")
    box.press("ArrowDown")
    expect(options.first).to_be_visible()
    box.press("ArrowDown")
    active = page.locator(f"#{box.get_attribute('aria-activedescendant')}")
    expect(active).to_have_attribute("aria-selected", "true")
    box.press("ArrowUp")
    assert box.get_attribute("aria-activedescendant") is None
    box.press("ArrowDown")
    word = active.locator("span").first.inner_text()
    box.press("Enter")
    expect(page).to_have_url(re.compile(rf"/search\?q={word}$"))
    assert watch.faults == []


def test_a_suggested_item_is_opened(context: BrowserContext) -> None:
    page = context.new_page()
    page.goto("/search")
    page.locator("#q").press_sequentially("statut taba", delay=10)
    option = page.get_by_role("option").filter(has_text="Variable conceptuelle").first
    option.click()
    expect(page).to_have_url(re.compile("/id/"))


def test_a_pasted_urn_leads_to_its_item_and_back_to_the_search(context: BrowserContext, client: httpx.Client) -> None:
    item = client.get("/api/v1/search?q=tabac&limit=1").json()["items"][0]
    page = context.new_page()
    page.goto("/search?q=poids")
    page.locator("#q").fill(item["urn"])
    page.locator("#q").press("Enter")
    expect(page).to_have_url(item["uri"])
    expect(page.locator("#results")).to_have_count(0)
    page.go_back()
    expect(page).to_have_url("/search?q=poids")


def test_tab_leaves_the_box(context: BrowserContext) -> None:
    page = context.new_page()
    page.goto("/search")
    box = page.locator("#q")
    box.press_sequentially("taba", delay=10)
    expect(page.get_by_role("option").first).to_be_visible()
    box.press("Tab")
    expect(page.get_by_role("listbox")).to_be_hidden()
    assert page.evaluate("document.activeElement.tagName") == "BUTTON"


def test_a_hostile_query_stays_text(context: BrowserContext, site: Site) -> None:
    page = context.new_page()
    watch = Watch(page, site)
    dialogs: list[Any] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    page.goto("/search")
    typed = "\"><img src=x onerror=alert(1)><script>alert(2)</script>'"
    page.locator("#q").fill(typed)
    page.locator("#q").press("Enter")
    expect(page).to_have_url(re.compile("q="))
    expect(page.locator("#found")).to_contain_text("<script>alert(2)</script>")
    expect(page.locator("#q")).to_have_value(typed)
    assert dialogs == []
    assert watch.faults == []


def test_on_a_phone_the_filters_fold(context: BrowserContext) -> None:
    page = context.new_page()
    for path in ("/search", "/search?q=tabac&type=Variable", "/search?q=zzzz", "/", "/help", "/variables"):
        page.goto(path)
        for viewport in PHONES:
            page.set_viewport_size(viewport)
            assert sideways(page) == 0, (path, viewport)
    page.goto("/search?q=tabac")
    box = page.locator("input[name=type][value=Variable]")
    expect(box).to_be_hidden()
    page.get_by_text("Filtres", exact=True).click()
    expect(box).to_be_visible()
    assert sideways(page) == 0
    box.check()
    expect(page).to_have_url(re.compile("type=Variable"))
    expect(box).to_be_visible()
    page.set_viewport_size(ViewportSize(width=1280, height=900))
    page.goto("/search?q=tabac")
    expect(box).to_be_visible()


@pytest.mark.parametrize(("locale", "words"), [("fr-FR", "résultats"), ("en-GB", "results")])
def test_it_is_whole_in_both_languages(browser: Browser, site: Site, locale: str, words: str) -> None:
    context = browser.new_context(base_url=site.url, locale=locale, color_scheme="dark")
    page = context.new_page()
    watch = Watch(page, site)
    page.goto("/search?q=poids")
    expect(page.locator("#found")).to_contain_text(words)
    page.locator("input[name=has-question][value=yes]").evaluate("one => one.closest('details').open = true")
    page.locator("input[name=has-question][value=yes]").check()
    expect(page).to_have_url(re.compile("has-question=yes"))
    expect(page.locator("#found")).to_contain_text(words)
    assert watch.faults == []
    context.close()
