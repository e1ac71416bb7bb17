"""What crawlers and pages of others rely on: robots.txt, sitemaps, dates, cross-origin reading."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.robotparser import RobotFileParser

import httpx
import pytest
from lxml import etree
from playwright.sync_api import Browser

from tests.functional.conftest import Site

NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
PAGE = "/id/int.example/nothing"


def locations(client: httpx.Client, path: str) -> list[str]:
    """Every ``loc`` of a sitemap."""
    return [str(one) for one in etree.fromstring(client.get(path).content).xpath("//s:loc/text()", namespaces=NAMES)]


def test_sitemaps_list_what_search_finds(site: Site, client: httpx.Client) -> None:
    listed: list[str] = []
    for address in locations(client, "/sitemap.xml"):
        listed += locations(client, address.removeprefix(site.url))
    items = {one for one in listed if "/id/" in one}
    assert len(items) == len([one for one in listed if "/id/" in one])
    found = client.get("/api/v1/search", params={"limit": 1}).json()["total"]
    assert len(items) == found > 500
    for address in sorted(items)[:: len(items) // 10]:
        assert client.get(address.removeprefix(site.url)).status_code == 200


def test_every_item_of_a_sitemap_has_its_date(client: httpx.Client) -> None:
    tree = etree.fromstring(client.get("/sitemap-0.xml").content)
    dates = [datetime.fromisoformat(str(one)) for one in tree.xpath("//s:lastmod/text()", namespaces=NAMES)]
    assert len(dates) == len(tree.findall("s:url", NAMES))
    assert all(datetime.now(UTC) - timedelta(hours=2) < one <= datetime.now(UTC) for one in dates)


def test_there_is_no_sitemap_beyond_the_last(client: httpx.Client) -> None:
    assert client.get("/sitemap-999.xml").status_code == 404


def test_robots_may_read_items_but_not_search(site: Site, client: httpx.Client) -> None:
    robots = RobotFileParser()
    robots.parse(client.get("/robots.txt").text.splitlines())
    assert robots.can_fetch("anybody", site.url + PAGE)
    assert not robots.can_fetch("anybody", f"{site.url}/search?q=x")
    assert robots.site_maps() == [f"{site.url}/sitemap.xml"]


@pytest.mark.parametrize("path", ["/robots.txt", "/sitemap.xml", "/api/v1/stats", "/"])
def test_an_answer_that_is_kept_is_the_same_as_the_first(client: httpx.Client, path: str) -> None:
    first, *others = (client.get(path) for _ in range(3))
    assert first.status_code == 200
    assert all(
        (one.status_code, one.content, one.headers["etag"]) == (200, first.content, first.headers["etag"])
        for one in others
    )
    assert client.get(path, headers={"If-None-Match": first.headers["etag"]}).status_code == 304
    assert client.get(path, headers={"If-None-Match": '"another"'}).status_code == 200


@pytest.mark.parametrize("path", ["/", "/variables", "/api/v1/stats", "/sitemap.xml"])
def test_an_answer_is_not_sent_again_to_who_has_it_since(client: httpx.Client, path: str) -> None:
    changed = parsedate_to_datetime(client.get(path).headers["last-modified"])
    later = format_datetime(changed + timedelta(days=1), usegmt=True)
    earlier = format_datetime(changed - timedelta(days=1), usegmt=True)

    assert client.get(path, headers={"If-Modified-Since": later}).status_code == 304
    assert client.get(path, headers={"If-Modified-Since": format_datetime(changed, usegmt=True)}).status_code == 304
    assert client.get(path, headers={"If-Modified-Since": earlier}).status_code == 200
    assert client.get(path, headers={"If-Modified-Since": "yesterday"}).status_code == 200
    both = {"If-Modified-Since": later, "If-None-Match": '"another"'}
    assert client.get(path, headers=both).status_code == 200


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[str]:
    """The address of a page of others."""
    (tmp_path / "index.html").write_text("<title>elsewhere</title>")
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as other:
        Thread(target=other.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{other.server_port}/"
        other.shutdown()


def test_pages_of_others_may_read_and_not_upload(site: Site, browser: Browser, elsewhere: str) -> None:
    page = browser.new_page()
    page.goto(elsewhere)
    read = "async url => (await fetch(url)).json()"
    assert page.evaluate(read, f"{site.url}/api/v1/stats") == httpx.get(f"{site.url}/api/v1/stats").json()
    upload = """async url => {
        try { await fetch(url, {method: 'POST', headers: {Authorization: 'Bearer x'}}); return 'sent' }
        catch (error) { return error.name }
    }"""
    assert page.evaluate(upload, f"{site.url}/api/v1/documents") == "TypeError"
    page.close()
