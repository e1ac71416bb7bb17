"""The tantivy adapter against the reference in memory, over updates; and its own ways to fail."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from threading import Event, Thread
from typing import Final

import pytest

from catalogue.errors import IndexBusyError, IndexUnavailableError, StorageError, UsageError
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
    Health,
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
    SearchText,
    Sort,
    Term,
    Token,
)
from catalogue.search.tantivy import TantivyIndex, combining, schema
from catalogue.search.tantivy.combining import Combinations
from catalogue.search.tantivy.faults import written

FRENCH = [
    "consommation",
    "de",
    "tabac",
    "déclarée",
    "par",
    "mois",
    "sommeil",
    "santé",
    "poids",
    "à",
    "la",
    "naissance",
    "l'âge",
    "du",
    "père",
    "qualité",
]
ENGLISH = [
    "reported",
    "tobacco",
    "consumption",
    "per",
    "month",
    "sleep",
    "health",
    "birth",
    "weight",
    "the",
    "father's",
    "age",
    "quality",
    "smoke",
]
NAMES = ("bmi", "Q12_a", "SF36", "sf36PhysicalScore", "tabac", "IMC.t0", "q12", "q21", "a")
SOME: Final = 300


def document(key: int, random: Random) -> SearchDocument:
    """A document with some of few words, so that they meet."""
    name = random.choice(NAMES)
    texts = [SearchText(Field.NAME, name), *(_text(random) for _ in range(random.randint(1, 6)))]
    year = random.randint(2000, 2006)
    facets: dict[Facet, tuple[str, ...]] = {
        Facet.TYPE: (random.choice(("variable", "question")),),
        Facet.COHORT: (f"int.example/{random.randint(1, 4)}",),
        Facet.YEAR: tuple(str(one) for one in range(year, year + random.randint(0, 3))),
        Facet.MODE: tuple(random.sample(("web", "paper", "phone"), random.randint(0, 3))),
        Facet.CONCEPT: tuple(random.sample([f"c{number}" for number in range(12)], 2)),
        Facet.HAS_QUESTION: (random.choice(("yes", "no")),),
    }
    date = random.choice(("", "2001", "2001-05-01", "2004-12-31"))
    return SearchDocument(key, tuple(texts), facets, analysis.sort_key(name), f"cohort {key % 3}", date)


def _text(random: Random) -> SearchText:
    language = random.choice(("fr", "fr-CA", "en", "de", None))
    words = random.choices(ENGLISH if language == "en" else FRENCH, k=random.randint(1, 5))
    return SearchText(random.choice([field for field in Field if field is not Field.NAME]), " ".join(words), language)


def leaf(random: Random) -> Node:
    """A query of one node."""
    word = random.choice((*FRENCH, *ENGLISH, *NAMES, "nowhere"))
    folded = analysis.fold(word)
    field = random.choice((None, None, *Field))
    made: list[Node] = [
        analysis.term(word, random.choice(("fr", "en", None)), field),
        Term((Token(folded, Layer.WORD), Token("tabac~fr", Layer.STEM, 0.5)), field),
        Phrase(tuple(analysis.fold(one) for one in random.sample(FRENCH, 2)), field),
        Phrase((folded,), field),
        Prefix(folded[: random.randint(1, 4)], field),
        Fuzzy(folded[1:] + folded[:1], random.randint(0, 2), field),
        Fuzzy(folded[::-1][:4], 2, field),
        Having(random.choice(list(Facet)), (str(random.randint(2000, 2006)), "web", "c3", "no")),
        Between(Facet.YEAR, random.choice((None, "2001")), random.choice((None, "2003"))),
        Everything(),
    ]
    return random.choice(made)


def tree(random: Random, depth: int = 2) -> Node:
    """A query of several nodes."""
    if depth == 0:
        return leaf(random)
    some = tuple(tree(random, depth - 1) for _ in range(random.randint(1, 3)))
    factors = tuple((one, random.choice((0.5, 0.9, 1.0))) for one in some)
    made: list[Node] = [And(some), Or(some), Not(some[0]), And((some[0], Not(some[-1]))), Best(factors), leaf(random)]
    return random.choice([*made, Prefer(some[0], factors)])


def request(random: Random) -> SearchRequest:
    """A query with filters and facets."""
    filters = random.choice(({}, {Facet.TYPE: ("variable",)}, {Facet.MODE: ("web", "paper"), Facet.YEAR: ("2003",)}))
    facets = random.choice(({}, dict.fromkeys(Facet, 3), {Facet.CONCEPT: 5, Facet.MODE: 50}))
    return SearchRequest(tree(random), filters, facets, random.choice(list(Sort)), limit=random.choice((0, 7, 1000)))


@pytest.fixture(scope="module")
def documents() -> list[SearchDocument]:
    random = Random(7)
    return [document(key, random) for key in range(1, SOME + 1)]


@pytest.fixture
def index(tmp_path: Path, documents: list[SearchDocument]) -> Iterator[TantivyIndex]:
    opened = TantivyIndex(tmp_path / "index")
    fill(opened, documents)
    yield opened
    opened.close()


@pytest.fixture
def memory(documents: list[SearchDocument]) -> MemoryIndex:
    opened = MemoryIndex()
    fill(opened, documents)
    return opened


def fill(index: SearchIndex, documents: list[SearchDocument], change: int = 1) -> None:
    with index.writer() as writer, writer.rebuild(len(documents)) as making:
        making.add(documents)
        making.publish(Position("store", change))


def change(index: SearchIndex, documents: list[SearchDocument], removed: list[int], number: int = 2) -> None:
    with index.writer() as writer:
        writer.apply(documents, removed, Position("store", number))


def assert_same(index: SearchIndex, memory: SearchIndex, asked: SearchRequest) -> None:
    """Hits, scores, order up to ties, total and counts."""
    found, expected = index.search(asked), memory.search(asked)
    assert found.total == expected.total
    assert found.facets == expected.facets
    assert list(index.keys(asked.query, asked.filters)) == list(memory.keys(asked.query, asked.filters))
    scores = scores_of(memory, asked)
    assert [hit.score for hit in found.hits] == pytest.approx([hit.score for hit in expected.hits], rel=1e-3)
    assert [hit.score for hit in found.hits] == pytest.approx([scores[hit.key] for hit in found.hits], rel=1e-3)
    if asked.sort is not Sort.RELEVANCE:
        assert [hit.key for hit in found.hits] == [hit.key for hit in expected.hits]
    assert (found.cursor is None) == (expected.cursor is None)


def scores_of(memory: SearchIndex, asked: SearchRequest) -> Mapping[int, float]:
    everything = SearchRequest(asked.query, asked.filters, sort=asked.sort, limit=SOME * 2)
    return {hit.key: hit.score for hit in memory.search(everything).hits}


def paged(index: SearchIndex, asked: SearchRequest) -> list[int]:
    """The keys of all pieces."""
    keys: list[int] = []
    cursor: str | None = None
    while True:
        found = index.search(SearchRequest(asked.query, asked.filters, {}, asked.sort, cursor, asked.limit))
        keys += [hit.key for hit in found.hits]
        cursor = found.cursor
        if cursor is None:
            return keys


def test_answers_are_those_of_the_reference(index: TantivyIndex, memory: MemoryIndex) -> None:
    random = Random(11)
    for _ in range(250):
        assert_same(index, memory, request(random))


def test_answers_are_those_of_the_reference_after_changes(index: TantivyIndex, memory: MemoryIndex) -> None:
    random = Random(13)
    for number in range(2, 7):
        put = [document(random.randint(1, SOME + 20), random) for _ in range(30)]
        removed = random.sample(range(1, SOME + 1), 20)
        change(index, put, removed, number)
        change(memory, put, removed, number)
        assert index.state().documents == memory.state().documents
        for _ in range(40):
            assert_same(index, memory, request(random))
        assert index.completions("", 20) == memory.completions("", 20)
        assert index.similar("tabca", 5) == memory.similar("tabca", 5)


def test_words_are_those_of_the_reference(index: TantivyIndex, memory: MemoryIndex) -> None:
    for word in (*FRENCH, *NAMES, "tabca", "consomation", "saante", "q", "", "é", "nowhere"):
        assert index.completions(word, 4) == memory.completions(word, 4)
        assert index.similar(word, 4) == memory.similar(word, 4)
    assert index.completions("", 0) == ()
    assert index.similar("xxxxxxxxxxx", 3) == ()


def test_a_changed_document_is_found_by_its_new_words_only(index: TantivyIndex) -> None:
    new = SearchDocument(5, (SearchText(Field.LABEL, "zébrure inouïe", "fr"),))
    change(index, [new, new], [5, 9])
    assert [hit.key for hit in index.search(SearchRequest(analysis.term("zebrure"))).hits] == [5]
    assert index.similar("zebrrue", 1)[0].value == "zebrure"
    change(index, [], [5], 3)
    assert index.search(SearchRequest(analysis.term("zebrure"))).total == 0
    assert index.completions("zebr", 3) == ()
    assert index.similar("zebrrue", 1) == ()


def test_pieces_visit_each_hit_once(index: TantivyIndex) -> None:
    query = Or((analysis.term("tabac"), analysis.term("health"), Prefix("s")))
    for sort in Sort:
        keys = paged(index, SearchRequest(query, sort=sort, limit=7))
        assert sorted(keys) == list(index.keys(query, {}))
        assert len(keys) == len(set(keys)) > 7


def test_everything_is_visited_once_however_far_apart_keys_are(tmp_path: Path) -> None:
    keys = [3, 4, 900, 70_000, 70_001, 2**63 - 1]
    index = TantivyIndex(tmp_path)
    fill(index, [SearchDocument(key, ()) for key in (*reversed(keys), 5)])
    change(index, [], [5])
    assert paged(index, SearchRequest(Everything(), limit=2)) == keys
    assert index.search(SearchRequest(Everything(), limit=2, cursor="90")).hits == ()
    change(index, [], keys, 3)
    assert paged(index, SearchRequest(Everything(), limit=2)) == []


@pytest.mark.parametrize("cursor", ["", "x", "-1", "1.5", "²", "9" * 40])
def test_a_malformed_cursor_is_refused(index: TantivyIndex, cursor: str) -> None:
    with pytest.raises(UsageError):
        index.search(SearchRequest(Everything(), cursor=cursor))


def test_a_distance_that_the_engine_does_not_know_is_refused(index: TantivyIndex) -> None:
    with pytest.raises(UsageError, match="at most 2"):
        index.search(SearchRequest(Fuzzy("tabac", 3)))
    assert index.state().health is Health.READY


def test_counts_hold_with_many_combinations(
    index: TantivyIndex, memory: MemoryIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(combining, "MOST_COMBINATIONS", 3)
    asked = SearchRequest(Not(analysis.term("tabac")), {Facet.TYPE: ("variable",)}, dict.fromkeys(Facet, 2))
    assert index.search(asked).facets == memory.search(asked).facets


def test_counts_hold_under_filters_of_one_group_and_of_several(index: TantivyIndex, memory: MemoryIndex) -> None:
    filters: list[dict[Facet, tuple[str, ...]]] = [
        {Facet.YEAR: ("2003",), Facet.MODE: ("web", "paper"), Facet.COHORT: ("int.example/1", "int.example/2")},
        {Facet.YEAR: ("2003", "2004"), Facet.TYPE: ("variable",), Facet.CONCEPT: ("c3", "c4")},
        {Facet.TYPE: ("variable",), Facet.HAS_QUESTION: ("no",)},
        {Facet.HAS_QUESTION: ("perhaps",), Facet.YEAR: ("2003",)},
        {Facet.REPRESENTED: ("none",), Facet.YEAR: ("2003",)},
    ]
    for query in (analysis.term("tabac"), Everything(), Not(Prefix("s"))):
        for chosen in filters:
            assert_same(index, memory, SearchRequest(query, chosen, dict.fromkeys(Facet, 20)))
    change(index, [], [1, 2, 3])
    change(memory, [], [1, 2, 3])
    for chosen in filters:
        assert_same(index, memory, SearchRequest(Everything(), chosen, dict.fromkeys(Facet, 20)))


def test_combinations_are_known_until_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(combining, "MOST_COMBINATIONS", 3)
    packed = [
        schema.pack(SearchDocument(1, (), {Facet.CONCEPT: values}), (Facet.CONCEPT,))
        for values in (("a", "b"), ("b",), (), ("c",))
    ]
    group = Combinations(schema.GROUPS.index((Facet.CONCEPT,)))
    group.learn(lambda: packed[:1])
    found = group.distribution(list(zip(packed[:3], (5, 2, 1), strict=True)), lambda: packed[:3])
    assert found is not None
    total, counts = group.spread(found, (), {Facet.CONCEPT: 9, Facet.YEAR: 9})
    assert (total, counts) == (8, {Facet.CONCEPT: (Count("b", 7), Count("a", 5))})
    total, counts = group.spread(found, ((Facet.CONCEPT, ("a",)),), {Facet.CONCEPT: 1})
    assert (total, counts) == (5, {Facet.CONCEPT: (Count("b", 7),)})
    assert group.few
    assert group.distribution([(packed[3], 1)], lambda: packed) is None
    assert not group.few


@pytest.mark.parametrize("values", [(), ("",), ("a",), ("", "a"), ("b", "a"), ("a b", "\u65e5\u672c")])
def test_what_is_packed_comes_out_again(values: tuple[str, ...]) -> None:
    packed = schema.pack(SearchDocument(1, (), {Facet.MODE: values}), (Facet.YEAR, Facet.MODE))
    assert schema.unpack(packed) == ((), tuple(sorted(values)))


def test_phrases_of_any_length_are_those_of_the_reference(
    index: TantivyIndex, memory: MemoryIndex, documents: list[SearchDocument]
) -> None:
    """Those that are tokens of their own, and those that are not; in any field, in one, and the wrong way round."""
    random = Random(19)
    asked: set[tuple[str, ...]] = set()
    for text in (text for one in documents[:20] for text in one.texts):
        words = tuple(analysis.folded_word(word.text) for word in analysis.words(text.text))
        asked |= {words[:length] for length in range(1, 6)}
    found = [len(words) for words in asked if memory.search(SearchRequest(Phrase(words))).total]
    assert set(found) >= {1, 2, 3, 4, 5}
    for words in sorted(asked):
        for phrase in (Phrase(words), Phrase(words[::-1]), Phrase(words, random.choice(list(Field)))):
            assert_same(index, memory, SearchRequest(phrase, limit=random.choice((3, 1000))))


def test_ties_of_counts_go_by_value(tmp_path: Path) -> None:
    index, memory = TantivyIndex(tmp_path), MemoryIndex()
    many = [SearchDocument(n, (), {Facet.REPRESENTED: (f"v{n * 7919 % 500:03}",)}) for n in range(1, 500)]
    for one in (index, memory):
        fill(one, many)
        change(one, [SearchDocument(1000, ())], [3])
    asked = SearchRequest(Everything(), facets={Facet.REPRESENTED: 5})
    assert index.search(asked).facets == memory.search(asked).facets


def test_a_reader_has_the_old_state_until_the_new_one_is_there(
    index: TantivyIndex, documents: list[SearchDocument]
) -> None:
    with index.writer() as writer, writer.rebuild(2) as making:
        making.add(documents[:2])
        assert index.search(SearchRequest(Everything())).total == SOME
        assert index.state().health is Health.BUILDING
        making.publish(Position("store", 2))
    assert index.search(SearchRequest(Everything())).total == 2


def test_a_first_index_answers_while_it_is_made(tmp_path: Path, documents: list[SearchDocument]) -> None:
    index = TantivyIndex(tmp_path / "index")
    with index.writer() as writer, writer.rebuild(SOME) as making:
        with pytest.raises(IndexUnavailableError):
            index.search(SearchRequest(Everything()))
        making.add(documents[:20])
        assert index.search(SearchRequest(Everything())).total == index.state().documents == 20
        making.add(documents[20:60])
        assert index.search(SearchRequest(Everything())).total == index.state().done == 60
    with pytest.raises(IndexUnavailableError):
        index.search(SearchRequest(Everything()))
    assert index.state().health is Health.ABSENT


def test_changes_without_an_index_make_one(tmp_path: Path, documents: list[SearchDocument]) -> None:
    index = TantivyIndex(tmp_path / "index")
    change(index, documents[:3], [99])
    assert list(index.keys(Everything(), {})) == [1, 2, 3]
    assert index.state().position == Position("store", 2)


def test_reading_goes_on_during_writes(index: TantivyIndex) -> None:
    """Every document is replaced again and again; none is ever missing or there twice."""
    stop, totals = Event(), set[int]()

    def read() -> None:
        while not stop.is_set():
            asked = SearchRequest(Everything(), facets={Facet.TYPE: 9}, limit=SOME * 2)
            found = index.search(asked)
            totals.add(found.total)
            totals.add(len({hit.key for hit in found.hits}))
            totals.add(sum(count.documents for count in found.facets[Facet.TYPE]))

    readers = [Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    random = Random(17)
    with index.writer() as writer:
        for number in range(2, 6):
            writer.apply([document(key, random) for key in range(1, SOME + 1)], [], Position("store", number))
    stop.set()
    for reader in readers:
        reader.join()
    assert totals == {SOME}


def test_one_writer(index: TantivyIndex, tmp_path: Path) -> None:
    with index.writer(), pytest.raises(IndexBusyError), TantivyIndex(tmp_path / "index").writer():
        pass
    with TantivyIndex(tmp_path / "index").writer():
        pass


@pytest.mark.parametrize("suffix", ["term", "idx", "fast", "store", "json"])
def test_a_damaged_file_is_noticed_and_the_index_built_anew(
    index: TantivyIndex, tmp_path: Path, documents: list[SearchDocument], suffix: str
) -> None:
    for path in (tmp_path / "index").glob(f"*/0001/[!.]*.{suffix}"):
        path.write_bytes(b"not an index")
    opened = TantivyIndex(tmp_path / "index")
    with pytest.raises(IndexUnavailableError):
        opened.search(SearchRequest(analysis.term("tabac"), facets={Facet.TYPE: 3}, sort=Sort.NAME))
    assert opened.state().health is Health.BROKEN
    with pytest.raises(IndexUnavailableError):
        change(opened, documents[:1], [])
    fill(opened, documents, 3)
    assert opened.search(SearchRequest(Everything())).total == SOME
    assert opened.state().health is Health.READY


def test_a_missing_file_is_noticed(index: TantivyIndex, tmp_path: Path) -> None:
    assert index.search(SearchRequest(Everything())).total == SOME
    next((tmp_path / "index").glob("*/0001/*.term")).unlink()
    assert index.search(SearchRequest(Everything())).total == SOME  # what is open stays readable
    with pytest.raises(IndexUnavailableError):
        TantivyIndex(tmp_path / "index").search(SearchRequest(Everything()))
    assert index.state().health is Health.BROKEN


def test_a_full_disk_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    message = 'IoError { io_error: Os { code: 28, kind: StorageFull, message: "No space left on device" } }'
    for raised in (ValueError(message), ValueError("No space left on device (os error 28)"), OSError(28, "full")):
        with pytest.raises(StorageError, match=re.escape("cannot be written")) as caught, written():
            raise raised
        assert "Make space" in caught.value.next_step
    with pytest.raises(StorageError, match=str(errno.EIO)), written():
        raise ValueError("a worker was killed")
    with pytest.raises(KeyError), written():
        raise KeyError("ours")
