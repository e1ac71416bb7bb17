"""The pages in a real browser: complete without scripts, on a phone, by keyboard, in French and in English."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from lxml import etree
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, ViewportSize, expect

from tests.functional.conftest import Site, oddities

API = "/api/v1"
PHONES = (ViewportSize(width=390, height=844), ViewportSize(width=360, height=740))
FIXED = (
    "/", "/cohorts", "/studies", "/variables", "/questions", "/instruments", "/codelists", "/concepts", "/items",
    "/documents", "/validate", "/help", "/help/errors", "/about",
)  # fmt: skip
TYPES = (
    "Group", "StudyUnit", "CollectionEvent", "Variable", "RepresentedVariable", "ConceptualVariable", "QuestionItem",
    "QuestionGrid", "Instrument", "Sequence", "IfThenElse", "CodeList", "Category", "Concept", "Universe",
    "PhysicalInstance", "VariableStatistics", "DDIInstance",
)  # fmt: skip


@pytest.fixture(scope="module")
def addresses(client: httpx.Client) -> tuple[str, ...]:
    """Every fixed page, and one item of each kind."""
    items = [client.get(f"{API}/items", params={"type": one, "limit": 1}).json()["items"] for one in TYPES]
    document = client.get(f"{API}/documents?limit=1").json()["items"][0]
    paths = [httpx.URL(found[0]["uri"]).raw_path.decode() for found in items if found]
    return (*FIXED, *paths, f"/documents/{document['id']}", "/id/org.example/twin/1", "/id/org.example/script/1")


@pytest.fixture
def context(browser: Browser, site: Site) -> Iterator[BrowserContext]:
    opened = browser.new_context(base_url=site.url, locale="fr-FR")
    yield opened
    opened.close()


class Watch:
    """What goes wrong in a page: script errors, refused resources, requests to elsewhere."""

    def __init__(self, page: Page, site: Site) -> None:
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda message: self.faults.append(message.text) if message.type == "error" else None)
        page.on("request", lambda request: self._request(request.url, site))

    def _request(self, url: str, site: Site) -> None:
        if not url.startswith((site.url, "data:")):
            self.faults.append(f"request to {url}")


def sideways(page: Page) -> Any:
    """How many pixels the page can be scrolled sideways."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def find(client: httpx.Client, item_type: str, name: str = "") -> str:
    """The path of the first item of a type whose name contains something."""
    found = client.get(f"{API}/items", params={"type": item_type, "limit": 500}).json()["items"]
    uri = next(one["uri"] for one in found if name in (one["name"] or ""))
    return httpx.URL(uri).raw_path.decode()


def test_pages_raise_no_error_and_ask_nobody_else(
    context: BrowserContext, site: Site, addresses: tuple[str, ...]
) -> None:
    page = context.new_page()
    watch = Watch(page, site)
    for path in addresses:
        response = page.goto(path)
        assert response is not None
        assert response.status == 200, path
        assert page.locator("h1").count() == 1, path
        assert watch.faults == [], path


def test_no_page_scrolls_sideways_on_a_phone(context: BrowserContext, addresses: tuple[str, ...]) -> None:
    page = context.new_page()
    for path in addresses:
        page.goto(path)
        for viewport in PHONES:
            page.set_viewport_size(viewport)
            assert sideways(page) == 0, (path, viewport)


def test_every_page_stands_without_javascript(browser: Browser, site: Site, client: httpx.Client) -> None:
    context = browser.new_context(base_url=site.url, java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto("/")
    page.get_by_role("link", name="E3N-Générations", exact=False).first.click()
    expect(page.locator("h1")).to_contain_text("E3N")
    page.locator("table.waves tbody th a").first.click()
    page.get_by_role("link", name="questionnaires", exact=False).last.click()
    page.goto(find(client, "Instrument"))
    assert page.locator(".outline .ask-text").count() > 0
    page.goto("/variables")
    page.select_option("#f-cohort", index=1)
    page.get_by_role("button", name="Filter").click()
    expect(page).to_have_url(re.compile("cohort=urn"))
    expect(page.locator("table.list tbody tr").first).to_be_visible()
    context.close()


def test_a_list_says_which_cohort_and_wave(client: httpx.Client) -> None:
    page = client.get("/variables", headers={"Accept-Language": "en"}).text
    assert '<th scope="col">Cohort</th><th scope="col">Wave</th>' in page
    cells = re.findall(r'<td class="where" data-label="Cohort">(.*?)</td>', page)
    assert len(cells) == 50
    assert {re.sub("<[^>]+>", "", one) for one in cells} <= {"FILOMENE", "E3N-Générations"}
    assert "Noise and health wave (2025)" in page


def test_a_wave_can_be_chosen_once_a_cohort_is(client: httpx.Client) -> None:
    cohorts = client.get(f"{API}/cohorts").json()["items"]
    first, other = cohorts[0], cohorts[1]
    assert 'id="f-study"' not in client.get("/variables").text
    wave = first["waves"][0]
    for query in ({"cohort": first["urn"]}, {"study": wave["urn"]}, {"cohort": first["urn"], "study": wave["urn"]}):
        page = client.get("/variables", params=query).text
        assert f'<option value="{first["urn"]}" selected>' in page
        assert 'id="f-study"' in page
        assert all(one["urn"] in page for one in first["waves"])
        assert not any(one["urn"] in page.partition("</form>")[0] for one in other["waves"])
        assert (f'<option value="{wave["urn"]}" selected>' in page) == ("study" in query)


def test_a_list_is_cards_on_a_phone(context: BrowserContext) -> None:
    page = context.new_page()
    page.goto("/variables")
    for width, display in ((390, "block"), (1280, "table-cell")):
        page.set_viewport_size(ViewportSize(width=width, height=844))
        shown = page.evaluate("getComputedStyle(document.querySelector('table.stack tbody th')).display")
        assert shown == display


def test_a_timeline_that_is_cut_off_says_that_it_goes_on(context: BrowserContext, client: httpx.Client) -> None:
    (e3n,) = (one for one in containers(client) if "E3N" in one["urn"])
    page = context.new_page()
    for width, narrow in ((390, True), (700, False), (980, True), (1280, False)):
        page.set_viewport_size(ViewportSize(width=width, height=800))
        page.goto(httpx.URL(e3n["uri"]).raw_path.decode())
        cut = page.evaluate(
            "(e => e.scrollWidth > e.clientWidth)(document.querySelector('svg.timeline').parentElement)"
        )
        assert page.locator("p.slide").is_visible() == cut == narrow


def test_the_same_label_is_said_once(client: httpx.Client) -> None:
    page = client.get(find(client, "Variable", "PERC_HEALTH"), headers={"Accept-Language": "en"}).text
    elsewhere = page.partition("The same measure elsewhere")[2].partition("</section>")[0]
    labels = re.findall(r'class="alike">(.*?)</span>', elsewhere)
    assert labels
    assert len(labels) == len(set(labels))
    assert "<dt>FILOMENE</dt>" in elsewhere


def test_a_validation_ends_with_what_to_do(client: httpx.Client) -> None:
    good = oddities(("org.example", "said", "1", "a", "b"))
    for data, words in (
        (good, "prêt"),
        (good.replace(b"<r:Label>", b"<r:Wrong/><r:Label>"), "exportez-le de nouveau"),
        (b"<!DOCTYPE a><a/>", "exportez-le de nouveau"),
    ):
        page = client.post("/validate", files={"file": ("x.xml", data)}, headers={"Accept-Language": "fr"}).text
        assert words in page.partition("Et maintenant")[2]


def test_a_form_without_a_file_says_so(client: httpx.Client) -> None:
    answer = client.post(
        "/validate", files={"file": ("", b"")}, headers={"Accept-Language": "fr", "Accept": "text/html"}
    )
    assert answer.status_code == 400
    assert "Choisissez un fichier" in answer.text


def test_the_validation_form_works_without_javascript(browser: Browser, site: Site) -> None:
    context = browser.new_context(base_url=site.url, java_script_enabled=False, locale="fr-FR")
    page = context.new_page()
    page.goto("/validate")
    bad = oddities(("org.example", "x", "1", "a", "b")).replace(b"<r:Label>", b"<r:Wrong/><r:Label>")
    page.set_input_files("#file", files=FilePayload(name="étude.xml", mimeType="text/xml", buffer=bad))
    page.get_by_role("button", name="Valider").click()
    text = page.locator("main").inner_text()
    assert "étude.xml" in text
    assert "Que faire" in text
    assert "ligne" in text
    context.close()


def test_the_language_follows_browser_address_and_choice(browser: Browser, site: Site) -> None:
    context = browser.new_context(base_url=site.url, locale="en-GB")
    page = context.new_page()
    page.goto("/variables")
    assert page.locator("html").get_attribute("lang") == "en"
    page.get_by_role("link", name="in French").click()
    expect(page).to_have_url("/variables?lang=fr")
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    page.goto("/cohorts")
    assert page.locator("html").get_attribute("lang") == "fr"
    assert page.get_by_role("heading", level=1).inner_text().startswith("Cohortes")
    context.close()


def test_switching_language_keeps_the_filters(client: httpx.Client) -> None:
    page = client.get("/items?type=Universe&type=Concept", headers={"Accept-Language": "fr"})
    assert "/items?type=Universe&amp;type=Concept&amp;lang=en" in page.text


def test_text_in_another_language_says_so(client: httpx.Client) -> None:
    path = find(client, "Variable", "PERC_HEALTH")
    page = client.get(path, headers={"Accept-Language": "en", "Accept": "text/html"}).text
    assert '<html lang="en">' in page
    assert 'lang="fr"' in page
    assert "Perceived health" in page
    assert "Santé perçue" in page


def test_the_first_tab_skips_to_the_content(context: BrowserContext) -> None:
    page = context.new_page()
    page.goto("/variables")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").bounding_box() is not None
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_focus_is_visible_wherever_it_goes(context: BrowserContext) -> None:
    page = context.new_page()
    page.goto("/variables")
    for _ in range(25):
        page.keyboard.press("Tab")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", page.evaluate("document.activeElement.outerHTML")


def test_an_outline_folds_by_keyboard(context: BrowserContext, client: httpx.Client) -> None:
    page = context.new_page()
    page.goto(find(client, "Instrument"))
    summary = page.locator("details.part > summary").first
    summary.focus()
    was_open = page.locator("details.part").first.get_attribute("open") is not None
    page.keyboard.press("Enter")
    assert (page.locator("details.part").first.get_attribute("open") is not None) != was_open
    page.get_by_role("button", name="Tout replier").click()
    assert page.locator("details.part[open]").count() == 0


def test_a_variable_shows_what_a_researcher_asks_for(client: httpx.Client) -> None:
    page = client.get(find(client, "Variable", "PERC_HEALTH"), headers={"Accept-Language": "fr"}).text
    for words in (
        "Question posée", "Dans l’ensemble, comment est votre état de santé", "Overall, how is your health",
        "Variable représentée", "Variable conceptuelle", "Population", "Concept", "Très bonne", "manquant", "Effectif",
        "urn:ddi:", "Appartient à", "La même mesure ailleurs", "Utilisé par",
    ):  # fmt: skip
        assert words in page, words


def wave_table(client: httpx.Client, urn: str, **asked: str) -> tuple[str, list[str], list[list[str]]]:
    """Of the page of a cohort or wave: the heading of its waves, the columns, and the rows."""
    (section,) = etree.HTML(page_of(client, urn, **asked)).xpath("//section[.//table[contains(@class, 'waves')]]")
    columns, *rows = ([said(cell) for cell in row.xpath("th | td")] for row in section.xpath(".//tr"))
    return section.xpath("string(h2/text())").strip(), columns, rows


def page_of(client: httpx.Client, urn: str, **asked: str) -> str:
    return client.get("/id", params={"urn": urn, **asked}, headers={"Accept": "text/html"}, follow_redirects=True).text


def said(element: Any) -> str:
    return " ".join(element.xpath("string()").split())


def containers(client: httpx.Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"{API}/cohorts").json()["items"]
    return found


def test_a_wave_has_as_many_questions_everywhere(client: httpx.Client) -> None:
    measured = 0
    for cohort in containers(client):
        _, columns, rows = wave_table(client, cohort["urn"], lang="en")
        for wave in cohort["waves"]:
            listed = client.get(f"{API}/questions", params={"study": wave["urn"], "limit": 500}).json()
            labels = {one["text"] for one in wave["label"]}
            (row,) = (one for one in rows if one[0] in labels)
            assert row[columns.index("Questions")] == str(listed["total"])
            (figure,) = etree.HTML(page_of(client, wave["urn"], lang="en")).xpath(
                "//a[@class='figure'][contains(@href, '/questions')]/b"
            )
            assert figure.text == str(listed["total"])
            measured += sum(one["type"] == "MeasurementItem" for one in listed["items"])
    assert measured, "no wave of the examples has what a row could leave out"


def test_the_collection_events_of_a_wave_are_called_so(client: httpx.Client) -> None:
    (filomene,) = (one for one in containers(client) if "FILOMENE" in one["urn"])
    wave = next(one for one in filomene["waves"] if "W2" in one["urn"])
    heading, columns, rows = wave_table(client, wave["urn"], lang="fr")
    assert (heading, columns[0]) == ("Recueils", "Recueil")
    assert "Variables" not in columns, "an event has none of its own"
    assert "0" not in [cell for row in rows for cell in row]
    assert "–" in [cell for row in rows for cell in row], "a linkage asks nothing"
    heading, columns, _ = wave_table(client, filomene["urn"], lang="fr")
    assert (heading, columns[0], columns[-1]) == ("Vagues", "Vague", "Variables")


def test_a_wave_that_goes_on_says_so(client: httpx.Client) -> None:
    (filomene,) = (one for one in containers(client) if "FILOMENE" in one["urn"])
    wave = next(one for one in filomene["waves"] if "W2" in one["urn"])
    assert {row[1] for row in wave_table(client, wave["urn"], lang="fr")[2]} == {
        "à partir du 1er janvier 2028", "à partir du 1er juin 2028",
    }  # fmt: skip
    (e3n,) = (one for one in containers(client) if "E3N" in one["urn"])
    inclusion, *_ = wave_table(client, e3n["urn"], lang="en")[2]
    assert "1990" in inclusion[1]
    assert "from" not in inclusion[1]


def test_an_instrument_tells_its_routing_in_words(client: httpx.Client) -> None:
    pages = [client.get(one["uri"], headers={"Accept-Language": "fr"}).text for one in instruments(client)]
    routed = [page for page in pages if '<p class="route"><b>Si</b>' in page]
    assert routed
    assert any("command" in page for page in routed)


def instruments(client: httpx.Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"{API}/instruments").json()["items"]
    return found


def test_a_grid_is_a_table(client: httpx.Client) -> None:
    page = client.get(find(client, "QuestionGrid"), headers={"Accept-Language": "fr"}).text
    assert '<table class="grid">' in page
    assert page.count('scope="row"') > 1


def test_both_variants_are_on_the_page(client: httpx.Client) -> None:
    page = client.get("/id/org.example/twin/1").text
    assert "Jumeau" in page
    assert "Autre jumeau" in page


def test_every_version_is_a_link(client: httpx.Client) -> None:
    page = client.get("/id/org.example/plain/1.0.0").text
    assert '"/id/org.example/plain/1.10.0"' in page
    assert '"/id/org.example/plain/1.9.0"' in page


def test_markup_in_metadata_is_text(client: httpx.Client) -> None:
    page = client.get("/id/org.example/script/1").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_pages_are_shielded(client: httpx.Client) -> None:
    headers = client.get("/").headers
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["x-content-type-options"] == "nosniff"
    assert "referrer-policy" in headers


def test_every_page_announces_its_other_forms(client: httpx.Client, addresses: tuple[str, ...]) -> None:
    for path in addresses:
        if path in ("/validate", "/help/errors", "/about"):
            continue
        response = client.get(path)
        twins = [part for part in response.headers["link"].split(", ") if "application/json" in part]
        assert twins, path
        twin = client.get(twins[0].partition(">")[0].removeprefix("<"))
        assert twin.status_code == 200, path
        assert twin.headers["content-type"] == "application/json"


def test_static_files_are_small_and_kept(client: httpx.Client) -> None:
    page = client.get("/").text
    sheet = page.partition('rel="stylesheet" href="')[2].partition('"')[0]
    response = client.get(sheet)
    assert len(response.content) < 40_000
    assert "immutable" in response.headers["cache-control"]


def test_no_link_is_broken(client: httpx.Client, addresses: tuple[str, ...]) -> None:
    """Those of the home page and of one item of each of the first kinds, each followed once."""
    seen: set[str] = set()
    for path in ("/", "/help", *addresses[len(FIXED) : len(FIXED) + 4]):
        for piece in client.get(path).text.split('href="')[1:]:
            seen.add(piece.partition('"')[0].partition("#")[0].replace("&amp;", "&"))
    links = sorted(one for one in seen if one.startswith("/"))
    broken = [one for one in links if client.get(one).status_code not in (200, 303)]
    assert len(links) > 50
    assert broken == []


def test_a_server_behind_a_prefix_links_below_it(site: Site) -> None:
    from catalogue_api.rendering import prefix

    settings = site.catalogue.settings.model_copy(update={"base_url": "https://example.org/catalogue/"})
    assert prefix(settings) == "/catalogue"
    assert prefix(site.catalogue.settings) == ""
