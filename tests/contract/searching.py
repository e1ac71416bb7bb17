"""What the contract of search is checked with: engines, documents, random queries, and how two answers differ."""

from __future__ import annotations

import importlib
import math
import socket
import subprocess
import tempfile
import time
import urllib.request
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from importlib.resources import files
from itertools import count, pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest

from catalogue.search import analysis
from catalogue.search.memory import MemoryIndex
from catalogue.search.port import (
    And,
    Best,
    Between,
    Count,
    Everything,
    Facet,
    Field,
    Fuzzy,
    Having,
    Hit,
    Layer,
    Node,
    Not,
    Or,
    Phrase,
    Position,
    Prefer,
    Prefix,
    SearchDocument,
    SearchIndex,
    SearchRequest,
    SearchResult,
    SearchText,
    Sort,
    Term,
    Token,
)

START = Position("store", 1)
TOLERANCE = 1e-3
CLASSES = {"whoosh": "WhooshIndex", "tantivy": "TantivyIndex", "opensearch": "OpenSearchIndex"}
_numbers = count(1)


# --- engines ----------------------------------------------------------------------------------------------------------


@dataclass
class Place:
    """Where one index is, or can be.

    Attributes:
        handle: gives another handle on it, as another process would have.
    """

    handle: Callable[[], SearchIndex]

    def holding(self, documents: Iterable[SearchDocument], position: Position = START) -> SearchIndex:
        """A handle on the index after it was built from documents."""
        index = self.handle()
        found = list(documents)
        with index.writer() as writer, writer.rebuild(len(found)) as rebuild:
            rebuild.add(found)
            rebuild.publish(position)
        return index


class SearchEngine:
    """Gives places of one engine, each without an index."""

    def __init__(self, name: str, folder: Path, url: str = "") -> None:
        self.name = name
        self.url = url
        self._folder = folder
        self._stack = ExitStack()
        self._open = getattr(self, f"_{name}")
        if name != "memory":
            self._class(name)  # skips where it is absent

    def place(self) -> Place:
        """Somewhere no index is yet."""
        make: Callable[[], SearchIndex] = self._open(next(_numbers))

        def handle() -> SearchIndex:
            index = make()
            self._stack.callback(index.close)
            return index

        return Place(handle)

    def close(self) -> None:
        """Close every handle."""
        self._stack.close()

    def _memory(self, _number: int) -> Callable[[], SearchIndex]:
        index = MemoryIndex()
        return lambda: index

    def _whoosh(self, number: int) -> Callable[[], SearchIndex]:
        return lambda: self._class("whoosh")(self._folder / str(number))

    def _tantivy(self, number: int) -> Callable[[], SearchIndex]:
        return lambda: self._class("tantivy")(self._folder / str(number))

    def _opensearch(self, number: int) -> Callable[[], SearchIndex]:
        return lambda: self._class("opensearch")(self.url, f"catalogue{number}")

    def _class(self, name: str) -> Callable[..., SearchIndex]:
        try:
            module: Any = importlib.import_module(f"catalogue.search.{name}")
        except ModuleNotFoundError as error:
            pytest.skip(f"{error.name} is not there: no search with {name}")
        adapter: Callable[..., SearchIndex] = getattr(module, CLASSES[name])
        return adapter


@contextmanager
def search_server() -> Iterator[str]:
    """Runs noida-db, as long as needed, on a free port; gives its URL."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as data:
        binary = str(files("noida_db") / "noida-db")
        command = [binary, "start", "--data-dir", data, "--only", "elasticsearch", "--elasticsearch-port", str(port)]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _await(url, server)
            yield url
        finally:
            server.terminate()
            server.wait(timeout=10)


def _await(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(500):
        if server.poll() is not None:
            pytest.skip(f"noida-db does not run on this machine: it ended with {server.returncode}")
        try:
            urllib.request.urlopen(url).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise TimeoutError(f"{url} does not answer")


# --- documents --------------------------------------------------------------------------------------------------------


def document(
    key: int,
    texts: Mapping[Field, str | Sequence[str]] | str | Sequence[str] = "",
    language: str | None = None,
    *,
    sorts: tuple[str, ...] = ("", "", ""),
    **facets: str | Sequence[str],
) -> SearchDocument:
    """A document. Bare texts are its labels; facets are named with ``_`` for ``-``; sorts are name, cohort, date,
    and name and cohort in English."""
    by_field = texts if isinstance(texts, Mapping) else {Field.LABEL: texts}
    listed = tuple(SearchText(where, one, language) for where, given in by_field.items() for one in _several(given))
    values = {Facet(name.replace("_", "-")): tuple(_several(given)) for name, given in facets.items()}
    return SearchDocument(key, listed, values, *sorts)


def _several(given: str | Sequence[str]) -> Sequence[str]:
    return [given] if isinstance(given, str) else given


def word(text: str, where: Field | None = None) -> Term:
    """A word as written."""
    return Term((Token(text, Layer.WORD),), where)


def found(index: SearchIndex, query: Node, **options: Any) -> list[int]:
    """The keys of the hits, in order."""
    return [hit.key for hit in index.search(SearchRequest(query, **options)).hits]


def walked(index: SearchIndex, request: SearchRequest) -> list[Hit]:
    """The hits of every piece, by following cursors."""
    hits: list[Hit] = []
    while True:
        result = index.search(request)
        hits += result.hits
        if result.cursor is None:
            return hits
        assert result.hits, f"a cursor without hits: {request}"
        request = replace(request, cursor=result.cursor)


# --- random documents -------------------------------------------------------------------------------------------------

_FRENCH = tuple(
    """
    santé âge poids taille tabac fumé fumée fumeur cigarette cœur œdème sommeil dormir dormi durée déclaré déclarée
    déclarées mesure mesuré mesurée mesures tension artérielle cholestérol diabète traitement traitements maladie
    maladies enquête questionnaire consommation alcool activité physique indice masse corporelle naissance mère père
    enfant enfants revenu niveau études école l'âge d'entrée qu'il aujourd'hui n'avez jusqu'à de la les un vous avez
    été à où déjà
    """.split()  # noqa: SIM905 (a list of a hundred words)
)
_ENGLISH = tuple(
    """
    health age weight height smoking smoked smoker smokers cigarette heart sleep sleeping slept duration reported
    report measure measured measurement blood pressure cholesterol diabetes treatment treatments disease diseases
    survey questionnaire consumption alcohol activity physical body mass index birth mother's father child children
    income level education school the of a you have been at where study cohort participant participants
    """.split()  # noqa: SIM905 (a list of a hundred words)
)
_NAMES = (
    "bmi",
    "Q12_a",
    "q12b",
    "SF36_pf1",
    "SF-36",
    "ageAtVisit",
    "tabac2",
    "TABAC",
    "poids.kg",
    "x",
    "ab",
    "HTTPCode",
)
_SEPARATORS = (" ",) * 8 + (", ", " - ", "-", "/", " ? ", "_")
_LANGUAGES = ("fr", "fr", "fr-CA", "en", "en", None, "de")
_WORDS_OF = {"fr": _FRENCH, "fr-CA": _FRENCH, "en": _ENGLISH, None: _FRENCH + _ENGLISH, "de": _ENGLISH}
_VALUES: Mapping[Facet, tuple[str, ...]] = {
    Facet.TYPE: ("Variable", "Variable", "QuestionItem", "Concept", "StudyUnit"),
    Facet.COHORT: ("fr.alpha/1", "fr.beta/2", "uk.gamma/3"),
    Facet.STUDY: tuple(f"fr.alpha/s{number}" for number in range(12)),
    Facet.YEAR: tuple(str(year) for year in range(1998, 2012)),
    Facet.LANGUAGE: ("fr", "en", "de", "é"),
    Facet.REPRESENTATION: ("coded", "numeric", "text", "date"),
    Facet.HAS_QUESTION: ("yes", "no"),
    Facet.ACCESS: ("open", "restricted"),
}
_DATES = ("", "2001", "2001-05", "2001-05-03", "1999-12-31", "2010")


def random_text(random: Random, most: int) -> tuple[str, str | None]:
    """Some words and their language; sometimes none, sometimes in capitals."""
    language = random.choice(_LANGUAGES)
    words = [random.choice(_WORDS_OF[language]) for _ in range(random.randint(0, most))]
    text = "".join(one + random.choice(_SEPARATORS) for one in words)
    return (text.upper() if random.random() < 0.1 else text), language


def random_document(random: Random, key: int) -> SearchDocument:
    """A document in French, English, neither or both."""
    texts = [SearchText(Field.NAME, random.choice(_NAMES))] if random.random() < 0.7 else []
    for where in random.choices(list(Field)[1:], k=random.randint(0, 6)):
        texts.append(SearchText(where, *random_text(random, 4 if where is Field.CATEGORY else 9)))
    facets = {
        facet: tuple(dict.fromkeys(random.choices(values, k=random.choice((1, 1, 1, 2, 3)))))
        for facet, values in _VALUES.items()
        if random.random() < 0.85
    }
    name = analysis.sort_key(texts[0].text) if texts else ""
    cohort = random.choice(("alpha", "beta", ""))
    english = (random.choice(("", name[::-1])), random.choice(("", "aleph", "omega")))
    return SearchDocument(key, tuple(texts), facets, name, cohort, random.choice(_DATES), *english)


# --- random queries ---------------------------------------------------------------------------------------------------


class Asking:
    """Random requests about some documents.

    Args:
        random: decides.
        documents: whose words are asked for, beside words that none has.
        leaves: how many different ones are asked for; each stands in many requests.
    """

    def __init__(self, random: Random, documents: Sequence[SearchDocument], leaves: int = 150) -> None:
        self._random = random
        entries = [analysis.entry(one) for one in documents]
        self._texts = [words for entry in entries for words in entry.words.values()]
        self._words = sorted({one for words in self._texts for one in words if one.isalnum()}) or ["nothing"]
        self._stems = sorted({one for entry in entries for stems in entry.stems.values() for one in stems}) or ["none"]
        makers: list[Callable[[], Node]] = [self._typed] * 3 + [self._term] * 2 + [self._phrase] * 3
        makers += [self._prefix, self._fuzzy, self._having, self._between]
        self._leaves: list[Node] = [random.choice(makers)() for _ in range(leaves)] + [Everything()]

    def request(self) -> SearchRequest:
        """A question with filters, facets, a sort and a limit."""
        random = self._random
        filters = {facet: self._chosen(facet) for facet in self._some_facets(random.choice((0, 0, 1, 2, 3)))}
        facets = {facet: random.choice((1, 3, 50)) for facet in self._some_facets(random.choice((0, 0, 1, 2)))}
        sort = random.choice((Sort.RELEVANCE,) * 4 + tuple(Sort))
        limit = random.choice((0, 1, 7, 20, 1000))
        return SearchRequest(self.node(random.randint(0, 3)), filters, facets, sort, None, limit)

    def node(self, depth: int) -> Node:
        """A query tree with some levels of nodes above the leaves."""
        random = self._random
        if depth == 0:
            return random.choice(self._leaves)
        some = tuple(self.node(random.randint(0, depth - 1)) for _ in range(random.randint(1, 3)))
        weighed = tuple((one, random.choice((1.0, 0.9, 0.5, 2.0))) for one in some)
        first = self.node(depth - 1)
        ways = (
            And(some),
            And((first, Not(some[0]))),
            Or((first, *some)),
            Best(weighed),
            Best(((first, 1.0), *weighed)),
        )
        return random.choice((*ways, Or((first, *some)), Not(first), Prefer(first, weighed)))

    def _typed(self) -> Node:
        typed = self._random.choice((*_FRENCH, *_ENGLISH, *_NAMES))
        return analysis.term(typed, self._random.choice(("fr", "en", None)), self._field())

    def _term(self) -> Node:
        layers = self._random.choices(
            ((Layer.WORD, self._words), (Layer.STEM, self._stems)), k=self._random.randint(1, 3)
        )
        picked = tuple(
            Token(self._random.choice(texts), layer, self._random.choice((1.0, 0.95, 0.5))) for layer, texts in layers
        )
        return Term(picked, self._field())

    def _phrase(self) -> Node:
        text = self._random.choice(self._texts)
        begin = self._random.randrange(len(text))
        words = tuple(one for one in text[begin : begin + self._random.randint(1, 3)] if one.isalnum())
        return Phrase(words or tuple(self._random.choices(self._words, k=2)), self._field())

    def _prefix(self) -> Node:
        return Prefix(self._random.choice(self._words)[: self._random.randint(1, 4)], self._field())

    def _fuzzy(self) -> Node:
        letters = list(self._random.choice([one for one in self._words if len(one) > 2] or self._words))
        for _ in range(self._random.choice((0, 1, 2))):
            place = self._random.randrange(len(letters))
            letters[place : place + 2] = self._random.choice(
                (letters[place : place + 2][::-1], letters[place + 1 : place + 2], ["e", *letters[place : place + 2]])
            ) or ["e"]
        return Fuzzy("".join(letters), self._random.choice((1, 1, 2)), self._field())

    def _having(self) -> Node:
        facet = self._random.choice(list(_VALUES))
        return Having(facet, self._chosen(facet))

    def _between(self) -> Node:
        low, high = sorted(self._random.choices(_VALUES[Facet.YEAR], k=2))
        return Between(Facet.YEAR, *self._random.choice(((low, high), (low, None), (None, high), (None, None))))

    def _field(self) -> Field | None:
        wanted: list[Field | None] = [None, None, None, *Field]
        return self._random.choice(wanted)

    def _chosen(self, facet: Facet) -> tuple[str, ...]:
        values = [*dict.fromkeys(_VALUES[facet]), "nobody has it"]
        return tuple(self._random.sample(values, k=self._random.choice((1, 1, 2, 3))))

    def _some_facets(self, how_many: int) -> list[Facet]:
        return self._random.sample(list(_VALUES), how_many)


# --- comparing --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Truth:
    """All hits of a request in order, and its counts."""

    keys: array[int]
    scores: array[float]
    facets: Mapping[Facet, tuple[Count, ...]]


def truth(reference: SearchIndex, request: SearchRequest) -> Truth:
    """What the reference says, without limit."""
    result = reference.search(replace(request, limit=1_000_000))
    keys, scores = array("q", (hit.key for hit in result.hits)), array("d", (hit.score for hit in result.hits))
    return Truth(keys, scores, result.facets)


def differences(request: SearchRequest, expected: Truth, given: SearchResult) -> list[str]:
    """What is wrong with an answer; nothing where it is right."""
    wrong = []
    if given.total != len(expected.keys):
        wrong.append(f"total {given.total}, expected {len(expected.keys)}")
    if given.facets != expected.facets:
        wrong.append(f"facets {given.facets}, expected {expected.facets}")
    more = request.limit > 0 and len(expected.keys) > request.limit
    if (given.cursor is not None) != more:
        wrong.append(f"cursor {given.cursor!r}, but {len(expected.keys)} hits in pieces of {request.limit}")
    return wrong + hit_differences(request, expected, given.hits, request.limit)


def hit_differences(
    request: SearchRequest, expected: Truth, hits: Sequence[Hit], limit: int | None = None
) -> list[str]:
    """What is wrong with some hits from the first on: which, their scores, their order up to ties of scores."""
    keys = [hit.key for hit in hits]
    expected_keys = list(expected.keys[:limit])
    if request.sort is not Sort.RELEVANCE:
        wrong = [] if keys == expected_keys else [f"hits {keys}, expected {expected_keys}"]
        return wrong + [f"score {hit.score} of {hit.key} in another sort" for hit in hits if hit.score]
    scores = dict(zip(expected.keys, expected.scores, strict=True))
    wrong = [f"hit {key} does not match" for key in keys if key not in scores]
    if len(set(keys)) != len(expected_keys) or len(keys) != len(expected_keys):
        return [*wrong, f"hits {keys}, expected {expected_keys}"]
    wrong += [f"hit {hit.key} scores {hit.score}, expected {scores.get(hit.key)}" for hit in hits
              if not _near(hit.score, scores.get(hit.key, math.nan))]  # fmt: skip
    wrong += [f"hit {hit.key} stands before {other.key}" for hit, other in pairwise(hits) if hit.score < other.score]
    wrong += [f"hit {hit.key} scores {hit.score} where {score} stands" for hit, score in
              zip(hits, expected.scores, strict=False) if not _near(hit.score, score)]  # fmt: skip
    return wrong


def _near(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE)


def simplest(request: SearchRequest, fails: Callable[[SearchRequest], bool]) -> SearchRequest:
    """The smallest part of a failing request that fails as well."""
    for smaller in _smaller(request):
        if fails(smaller):
            return simplest(smaller, fails)
    return request


def _smaller(request: SearchRequest) -> Iterator[SearchRequest]:
    yield from (replace(request, query=one) for one in _parts(request.query))
    for name in ("filters", "facets"):
        given = getattr(request, name)
        for left_out in given:
            fewer: Any = {name: {facet: values for facet, values in given.items() if facet != left_out}}
            yield replace(request, **fewer)
    if request.sort is not Sort.RELEVANCE:
        yield replace(request, sort=Sort.RELEVANCE)


def _parts(node: Node) -> Iterator[Node]:
    match node:
        case And(nodes) | Or(nodes):
            yield from nodes
            if len(nodes) > 1:
                yield from (type(node)(nodes[:i] + nodes[i + 1 :]) for i in range(len(nodes)))
        case Best(ways):
            yield from (one for one, _ in ways)
            if len(ways) > 1:
                yield from (Best(ways[:i] + ways[i + 1 :]) for i in range(len(ways)))
        case Not(inner):
            yield inner
        case Prefer(inner, preferences):
            yield inner
            yield from (Prefer(inner, preferences[:i] + preferences[i + 1 :]) for i in range(len(preferences)))
        case _:
            return


# --- faulty engines ---------------------------------------------------------------------------------------------------


def drop_a_hit(result: SearchResult) -> SearchResult:
    """Without its last hit."""
    return replace(result, hits=result.hits[:-1])


def miscount_total(result: SearchResult) -> SearchResult:
    """One too many."""
    return replace(result, total=result.total + 1)


def miscount_facet(result: SearchResult) -> SearchResult:
    """One document less for the first value of each facet."""
    facets = {
        facet: tuple(Count(one.value, one.documents - (place == 0)) for place, one in enumerate(counts))
        for facet, counts in result.facets.items()
    }
    return replace(result, facets=facets)


def reorder(result: SearchResult) -> SearchResult:
    """Backwards."""
    return replace(result, hits=result.hits[::-1])


def misscore(result: SearchResult) -> SearchResult:
    """One hundredth too high."""
    return replace(result, hits=tuple(Hit(hit.key, hit.score * 1.01) for hit in result.hits))


def exchange(result: SearchResult) -> SearchResult:
    """A document that does not match in place of the last."""
    return replace(result, hits=(*result.hits[:-1], *(Hit(999_999, hit.score) for hit in result.hits[-1:])))


def lose_cursor(result: SearchResult) -> SearchResult:
    """As if nothing followed."""
    return replace(result, cursor=None)
