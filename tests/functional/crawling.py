"""Follows the links of a site and says what is wrong with each page; knows nothing of the site's code."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import httpx

VOID = frozenset(("meta", "link", "img", "br", "input", "hr", "wbr", "col"))
# What the parser of a browser would close before these, so that the page is not nested as written.
NOT_IN_P = frozenset(("p", "div", "section", "ul", "ol", "dl", "table", "h1", "h2", "h3", "pre", "form", "details"))
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
REPR = ("&lt;class ", "object at 0x", "InternationalString(", "LocalizedText(", "Identification(")


class Markup(HTMLParser):
    """What a page consists of, and where its nesting is wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[dict[str, str]] = []
        self.anchors: list[str] = []
        self.counts: Counter[str] = Counter()
        self.texts: dict[str, str] = {}
        self.root: dict[str, str] = {}
        self.controls: list[dict[str, str]] = []
        self.labelled: set[str] = set()
        self.empty_links = 0
        self._anchor: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = {name: value or "" for name, value in attrs}
        if len(own) < len(attrs):
            self.faults.append(f"<{tag}> repeats an attribute")
        if tag in NOT_IN_P and "p" in self.open:
            self.faults.append(f"<{tag}> within <p>, line {self.getpos()[0]}")
        self.counts[tag] += 1
        self._note(tag, own)
        if tag not in VOID:
            self.open.append(tag)

    def _note(self, tag: str, own: dict[str, str]) -> None:
        if "id" in own:
            self.ids.append(own["id"])
        if tag == "html":
            self.root = own
        elif tag == "link":
            self.links.append(own)
        elif tag == "a" and "href" in own:
            self.anchors.append(own["href"])
            self._anchor = []
        elif tag in ("select", "input") and own.get("type") not in ("hidden", "checkbox"):
            self.controls.append(own)
        elif tag == "label":
            self.labelled.add(own.get("for", ""))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1] != tag:
            self.faults.append(f"</{tag}> closes {self.open[-1:]}, line {self.getpos()[0]}")
        if tag in self.open:
            while self.open.pop() != tag:
                pass
        if tag == "a" and self._anchor is not None:
            self.empty_links += not "".join(self._anchor).strip()
            self._anchor = None

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if "svg" not in self.open:
            self.faults.append(f"<{tag}/> closes itself")
        self.counts[tag] += 1

    def handle_data(self, data: str) -> None:
        if self.open:
            self.texts[self.open[-1]] = self.texts.get(self.open[-1], "") + data
        if "h1" in self.open:
            self.texts["h1*"] = self.texts.get("h1*", "") + data
        if "main" in self.open:
            self.texts["main*"] = self.texts.get("main*", "") + data
        if self._anchor is not None:
            self._anchor.append(data)


def parsed(text: str) -> Markup:
    """The markup of a page, read to its end."""
    markup = Markup()
    markup.feed(text)
    markup.close()
    if markup.open:
        markup.faults.append(f"not closed: {markup.open}")
    return markup


def page_faults(text: str, language: str | None = None) -> list[str]:
    """Everything that is wrong with one page."""
    return faults_of(parsed(text), text, language)


def faults_of(page: Markup, text: str, language: str | None) -> list[str]:
    """Everything that is wrong with a page that was parsed."""
    checks = {
        "no doctype": not text.startswith("<!doctype html>"),
        f"{page.counts['h1']} h1": page.counts["h1"] != 1,
        "empty h1": not page.texts.get("h1*", "").strip(),
        "no title": not page.texts.get("title", "").split("·")[0].strip(),
        "no language": not page.root.get("lang"),
        "language of another": language is not None and page.root.get("lang") != language,
        "one main": page.counts["main"] != 1,
        "empty": len(page.texts.get("main*", "").split()) < 3,
        f"{page.empty_links} links without words": page.empty_links > 0,
        "a control without label": any(one.get("id") not in page.labelled for one in page.controls),
    }
    repeated = [name for name, count in Counter(page.ids).items() if count > 1]
    found = [name for name, wrong in checks.items() if wrong] + page.faults
    found += [f"id {name!r} repeated" for name in repeated]
    return found + [f"raw value {sign!r}" for sign in REPR if sign in text]


@dataclass
class Crawl:
    """What a walk through a site found."""

    pages: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def alike(path: str) -> str:
    """The kind of an address, so that a bounded walk sees every kind: lists by name, items by the shape of their id."""
    parts = urlsplit(path)
    head = "/".join(parts.path.split("/")[:2])
    tail = parts.path.rpartition("/")[2] if parts.path.endswith(("used-by", "contents")) else ""
    return f"{head}?{sorted(one.partition('=')[0] for one in parts.query.split('&'))}{tail}"


def crawl(client: httpx.Client, start: str, language: str, most: int, per_kind: int) -> Crawl:
    """Walk from a page along its links, at most so many of each kind of address; every answer is checked."""
    found = Crawl()
    waiting, seen, kinds = deque([start]), {start}, Counter[str]()
    while waiting and len(found.pages) < most:
        path = waiting.popleft()
        response = client.get(path, headers={"Accept": BROWSER, "Accept-Language": language}, follow_redirects=True)
        if response.status_code != 200:
            found.faults.append(f"{path}: {response.status_code}")
            continue
        if not response.headers["content-type"].startswith("text/html"):
            continue
        found.pages[path] = response.text
        page = parsed(response.text)
        found.faults += [f"{path}: {fault}" for fault in faults_of(page, response.text, language)]
        for target in sorted(set(_internal(page.anchors, str(response.url)))):
            if target not in seen and "lang=" not in target and kinds[alike(target)] < per_kind:
                seen.add(target)
                kinds[alike(target)] += 1
                waiting.append(target)
    return found


def _internal(anchors: Iterable[str], base: str) -> Iterator[str]:
    host = urlsplit(base).netloc
    for href in anchors:
        parts = urlsplit(urljoin(base, href))
        if parts.netloc == host:
            yield parts.path + (f"?{parts.query}" if parts.query else "")
