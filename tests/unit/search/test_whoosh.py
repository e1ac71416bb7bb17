"""The Whoosh adapter against Whoosh itself on the same index, and what only it has: segments, codec, folder."""

from __future__ import annotations

import errno
import gc
import pickle
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random
from typing import Any, cast

import numpy as np
import pytest
from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import BufferFile
from whoosh.index import FileIndex
from whoosh.query import Phrase as NativePhrase
from whoosh.query import Prefix as NativePrefix
from whoosh.query import Query
from whoosh.query import Term as NativeTerm

from catalogue.errors import IndexUnavailableError, StorageError
from catalogue.search import analysis
from catalogue.search.memory import MemoryIndex
from catalogue.search.port import (
    And,
    Everything,
    Facet,
    Field,
    Fuzzy,
    Having,
    Health,
    Layer,
    Node,
    Not,
    Phrase,
    Position,
    Prefix,
    SearchDocument,
    SearchIndex,
    SearchRequest,
    SearchText,
    Sort,
    Term,
    Token,
)
from catalogue.search.whoosh import WhooshIndex, index, pool, writing
from catalogue.search.whoosh.caching import Recent
from catalogue.search.whoosh.codec import ViewFile
from catalogue.search.whoosh.generation import INDEX_NAME, Generation, Opener
from catalogue.search.whoosh.pool import PairsPool
from catalogue.search.whoosh.schema import FIELDS, CodesColumn

_VOCABULARY = (
    "tabac",
    "tabagisme",
    "smoking",
    "sommeil",
    "sleep",
    "mere",
    "mother",
    "age",
    "imc",
    "bmi",
    "Q12_a",
    "SF36",
)
_COUNTRIES = ("fr", "de", "it")


def _document(key: int, random: Random) -> SearchDocument:
    texts = tuple(
        SearchText(random.choice(FIELDS), " ".join(random.choices(_VOCABULARY, k=random.randint(0, 6))), language)
        for language in random.choices(("fr", "en", None), k=4)
    )
    facets = {Facet.COHORT: tuple(random.sample(_COUNTRIES, random.randint(0, 2))), Facet.YEAR: (str(2000 + key % 7),)}
    return SearchDocument(key, texts, facets, name=random.choice(("a", "b")), date=f"20{key % 30:02}-01-01")


def _documents(keys: Iterable[int], seed: int = 1) -> list[SearchDocument]:
    random = Random(seed)
    return [_document(key, random) for key in keys]


def _build(target: SearchIndex, documents: Sequence[SearchDocument]) -> None:
    with target.writer() as writer, writer.rebuild(len(documents)) as rebuild:
        rebuild.add(documents)
        rebuild.publish(Position("store", 1))


def _change(target: SearchIndex, number: int) -> None:
    """The same changes on every engine: put some documents in place of others, take others out."""
    random = Random(number)
    with target.writer() as writer:
        documents = _documents(random.sample(range(1, 250), 3), number)
        writer.apply(documents, random.sample(range(1, 250), 2), Position("store", 1 + number))


Engines = tuple[WhooshIndex, MemoryIndex]


def _changed(root: Path) -> Engines:
    """An index of 200 documents and 12 changes, in several segments with deletions; and the same by brute force."""
    engines = WhooshIndex(root), MemoryIndex()
    for engine in engines:
        _build(engine, _documents(range(1, 201)))
        for number in range(12):
            _change(engine, number)
    return engines


@pytest.fixture
def changed(tmp_path: Path) -> Engines:
    """Engines for a test that changes them."""
    return _changed(tmp_path)


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Engines:
    """Engines for tests that only read."""
    return _changed(tmp_path_factory.mktemp("whoosh"))


def _generation(target: WhooshIndex) -> Generation:
    target.search(SearchRequest(Everything()))
    assert target._generation is not None
    return target._generation


def _first(root: Path) -> Path:
    """The first index in a folder of the engine."""
    (path,) = root.glob("*/0001")
    return path


def _native(target: WhooshIndex, query: Query) -> set[int]:
    """The keys that Whoosh's own searcher finds."""
    with FileIndex(FileStorage(str(_first(target._folder.root.parent))), indexname=INDEX_NAME).searcher() as searcher:
        keys = searcher.reader().column_reader("key")
        return {keys[docnum] for docnum in searcher.docs_for_query(query)}


def _found(target: SearchIndex, query: Node) -> set[int]:
    return set(target.keys(query, {}))


# --- Whoosh itself ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", [*("tabac", "q12_a", "q12", "36"), "absent", "tab"])
def test_a_word_finds_what_whoosh_finds(settled: Engines, word: str) -> None:
    found = _found(settled[0], Term((Token(word, Layer.WORD),)))
    assert found == _native(settled[0], NativeTerm("words", word))
    assert bool(found) == (word not in ("absent", "tab"))


def test_a_stem_finds_what_whoosh_finds(settled: Engines) -> None:
    stem = analysis.stems("smoking", "en")[0]
    found = _found(settled[0], Term((Token(stem, Layer.STEM),)))
    assert found == _native(settled[0], NativeTerm("stems", stem)) != set()
    assert _found(settled[0], Term((Token(stem, Layer.WORD),))) == set()


@pytest.mark.parametrize("prefix", ["tab", "s", "q1", "zz"])
def test_a_prefix_finds_what_whoosh_finds(settled: Engines, prefix: str) -> None:
    found = _found(settled[0], Prefix(prefix))
    assert found == _native(settled[0], NativePrefix("words", prefix))
    assert bool(found) == (prefix != "zz")


@pytest.mark.parametrize("words", [("tabac", "sommeil"), ("q12", "a"), ("age", "age"), ("tabac", "absent")])
def test_a_phrase_finds_what_whoosh_finds(settled: Engines, words: tuple[str, ...]) -> None:
    found = _found(settled[0], Phrase(words))
    assert found == _native(settled[0], NativePhrase("words", list(words)))
    assert bool(found) == ("absent" not in words)


def test_a_posting_weighs_the_bits_of_its_fields(tmp_path: Path) -> None:
    texts = SearchText(Field.LABEL, "tabac"), SearchText(Field.STUDY, "tabac sommeil")
    _build(WhooshIndex(tmp_path), [SearchDocument(1, texts)])
    with FileIndex(FileStorage(str(_first(tmp_path))), indexname=INDEX_NAME).reader() as reader:
        label, study = (1 << FIELDS.index(one) for one in (Field.LABEL, Field.STUDY))
        assert reader.postings("words", "tabac").weight() == label | study
        assert reader.postings("words", "sommeil").weight() == study
        assert reader.postings("words", "tabac").value_as("frequency") == 2


def test_a_view_reads_what_whoosh_copies() -> None:
    content = b"".join((pickle.dumps([1, "two"]), b"line\nrest", bytes(range(200))))
    view, copy = ViewFile(memoryview(content)), BufferFile(content)
    for file in (view, copy):
        file.seek(0)
    reads: list[Any] = [
        (file.read_pickle(), file.readline(), file.tell(), file.read(3), file.read()) for file in (view, copy)
    ]
    assert reads[0] == reads[1]
    assert [view.get(7, 5), view.get_uint(9), view.get_array(1, "H", 3)] == [
        copy.get(7, 5), copy.get_uint(9), copy.get_array(1, "H", 3),
    ]  # fmt: skip
    assert view.get(len(content) - 1, 9) == content[-1:]


def test_a_view_is_no_copy() -> None:
    content = bytearray(b"before")
    view, copy = ViewFile(memoryview(content)), BufferFile(bytes(content))
    content[:] = b"after!"
    assert (view.read(), copy.read()) == (b"after!", b"before")


# --- codec ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("distinct", [1, 256, 257, 70_000])
def test_a_column_keeps_any_number_of_strings(tmp_path: Path, distinct: int) -> None:
    storage = FileStorage(str(tmp_path))
    values = {number * 2 + 1: str(number % distinct).encode() for number in range(distinct + 3)}
    column, count = CodesColumn(), max(values) + 3
    with storage.create_file("column") as file:
        writer = column.writer(file)
        for number, value in values.items():
            writer.add(number, value)
        writer.finish(count)
    data = (tmp_path / "column").read_bytes()
    reader = cast(CodesColumn.Reader, column.reader(ViewFile(memoryview(data)), 0, len(data), count))
    assert [reader[number] for number in range(count)] == [values.get(number, b"") for number in range(count)]
    assert reader.values == sorted({b"", *values.values()})


def test_a_pool_that_uses_the_disk_gives_the_same(tmp_path: Path) -> None:
    storage = FileStorage(str(tmp_path))
    postings = [
        ("words", f"w{token}".encode(), doc, 1.0, b"\x05\0\0\0" * 2) for doc in range(300) for token in range(9)
    ]
    postings += [("stems", b"s", doc, 3.0, b"") for doc in range(300)]
    small, large = PairsPool(storage, 500), PairsPool(storage, 1 << 30)
    for posting in sorted(postings, key=lambda one: one[2]):
        small.add(posting)
        large.add(posting)
    assert len(list(tmp_path.iterdir())) > 2
    found = list(large.iter_postings())
    assert list(small.iter_postings()) == found
    assert [(field, token) for field, token, _ in found] == sorted({(field, token) for field, token, *_ in postings})
    assert np.frombuffer(found[0][2], np.uint32).reshape(-1, 2).tolist() == [[doc, 3] for doc in range(300)]
    small.cleanup()
    assert not list(tmp_path.iterdir())


# --- segments ---------------------------------------------------------------------------------------------------------

_QUERIES: list[Node] = [
    Everything(),
    analysis.term("tabac", "fr"),
    analysis.term("smoking", "en", Field.LABEL),
    Phrase(("tabac", "sommeil")),
    Prefix("s", Field.STUDY),
    Fuzzy("tabax", 1),
    And((Prefix("q"), Not(Having(Facet.COHORT, ("fr",))))),
]


@pytest.mark.parametrize("query", _QUERIES)
@pytest.mark.parametrize("sort", Sort)
def test_many_segments_answer_as_brute_force(settled: Engines, query: Node, sort: Sort) -> None:
    whoosh, memory = settled
    assert len(_generation(whoosh)._parts) > 1
    request = SearchRequest(query, {Facet.YEAR: ("2001", "2002", "2003")}, dict.fromkeys(Facet, 5), sort, limit=25)
    found, expected = whoosh.search(request), memory.search(request)
    assert (found.hits, found.total, found.facets) == (expected.hits, expected.total, expected.facets)
    assert found.total > 0


def test_words_of_many_segments_are_those_of_brute_force(settled: Engines) -> None:
    whoosh, memory = settled
    for limit in (1, 3, 50):
        assert whoosh.completions("", limit) == memory.completions("", limit) != ()
        assert whoosh.similar("tabax", limit) == memory.similar("tabax", limit) != ()
    assert whoosh.completions("zz", 3) == ()


def test_a_first_build_that_was_shown_ends_in_one_segment(tmp_path: Path) -> None:
    whoosh, memory = WhooshIndex(tmp_path), MemoryIndex()
    with whoosh.writer() as writer, writer.rebuild(300) as rebuild:
        for start in (1, 101, 201):
            rebuild.add(_documents(range(start, start + 100)))
        assert len(_generation(whoosh)._parts) == 3
        rebuild.publish(Position("store", 1))
    for start in (1, 101, 201):
        with memory.writer() as other:
            other.apply(_documents(range(start, start + 100)), (), Position("store", 1))
    assert len(_generation(whoosh)._parts) == 1
    for query in _QUERIES:
        assert _found(whoosh, query) == _found(memory, query)


def test_what_was_found_is_kept_within_bounds() -> None:
    recent: Recent[str, list[int]] = Recent(10, len)
    assert recent.get("a", lambda: [1] * 4) is recent.get("a", lambda: [2])
    recent.get("b", lambda: [1] * 4)
    recent.get("a", list)
    recent.get("c", lambda: [1] * 4)  # "b" has to go, unused for longest
    assert recent.get("a", list) == [1] * 4
    assert recent.get("b", list) == []
    assert len(recent.get("d", lambda: [1] * 11)) == 11  # larger than all that may be kept
    assert recent.get("d", list) == []


def test_what_was_found_goes_with_its_generation(changed: Engines) -> None:
    whoosh, _ = changed
    for word in ("tabac", "absent"):
        node = analysis.term(word)
        before = _found(whoosh, node)
        with whoosh.writer() as writer:
            writer.apply([SearchDocument(900, (SearchText(Field.LABEL, word),))], (), Position("store", 50))
        assert _found(whoosh, node) == before | {900}
        with whoosh.writer() as writer:
            writer.apply((), [900], Position("store", 51))
        assert _found(whoosh, node) == before


def test_small_changes_leave_few_segments_and_the_large_one_alone(tmp_path: Path) -> None:
    whoosh = WhooshIndex(tmp_path)
    _build(whoosh, _documents(range(1, 301)))
    large = _generation(whoosh)._parts[0].segment
    for number in range(30):
        with whoosh.writer() as writer:
            writer.apply(_documents([1000 + number]), (), Position("store", number))
    parts = _generation(whoosh)._parts
    assert len(parts) < 12
    assert parts[0].segment is large
    assert whoosh.search(SearchRequest(Everything())).total == 330
    assert len(list(_first(tmp_path).glob("*.seg"))) == len(parts)


def test_a_segment_that_is_mostly_deleted_is_rewritten(tmp_path: Path) -> None:
    whoosh = WhooshIndex(tmp_path)
    _build(whoosh, _documents(range(1, 101)))
    for removed, sizes in ((range(1, 41), [100]), (range(41, 61), [40])):
        with whoosh.writer() as writer:
            writer.apply((), list(removed), Position("store", 1))
        assert [part.segment.size for part in _generation(whoosh)._parts] == sizes
    assert _found(whoosh, Everything()) == set(range(61, 101))


def test_a_generation_goes_on_answering_while_the_next_is_written(changed: Engines) -> None:
    whoosh, memory = changed
    before, keys = _generation(whoosh), iter(whoosh.keys(Everything(), {}))
    expected = sorted(memory.keys(Everything(), {}))
    first = next(keys)
    for number in range(100, 103):
        _change(whoosh, number)
    assert _generation(whoosh) is not before
    assert [first, *keys] == expected
    assert before.documents == len(expected)
    assert before.completions("tab", 9) == memory.completions("tab", 9)


def test_what_has_not_changed_is_not_opened_again(changed: Engines, tmp_path: Path) -> None:
    opener = Opener()
    first = opener.open(_first(tmp_path))
    assert opener.open(_first(tmp_path)) is first
    _change(changed[0], 200)
    second = opener.open(_first(tmp_path))
    assert second is not first
    assert {part.segment for part in second._parts} & {part.segment for part in first._parts}


def test_generations_that_are_gone_hold_no_file(tmp_path: Path) -> None:
    whoosh = WhooshIndex(tmp_path)
    _build(whoosh, _documents(range(1, 50)))
    for number in range(12):
        _change(whoosh, number)
        _generation(whoosh)
    maps = Path("/proc/self/maps")
    if not maps.exists():
        pytest.skip("this system does not tell what a process has mapped")
    assert maps.read_text().count(f"{tmp_path}/") <= len(_generation(whoosh)._parts)


# --- failures ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("damage", ["deleted", "empty", "cut", "toc"])
def test_a_damaged_index_is_reported_and_built_anew(changed: Engines, tmp_path: Path, damage: str) -> None:
    victim = max(_first(tmp_path).glob("*.toc" if damage == "toc" else "*.seg"), key=lambda path: path.stat().st_size)
    content = victim.read_bytes()
    victim.unlink()
    if damage != "deleted":
        victim.write_bytes(content[: {"empty": 0}.get(damage, len(content) // 2)])
    reader = WhooshIndex(tmp_path)
    with pytest.raises(IndexUnavailableError, match="cannot be read"):
        reader.search(SearchRequest(Everything()))
    assert reader.state().health is Health.BROKEN
    with pytest.raises(IndexUnavailableError), reader.writer() as writer:
        writer.apply(_documents([1]), (), Position("store", 2))
    with reader.writer() as writer, writer.rebuild(20) as rebuild:
        rebuild.add(_documents(range(1, 11)))
        assert _found(reader, Everything()) == set(range(1, 11))
        rebuild.add(_documents(range(11, 21)))
        rebuild.publish(Position("store", 3))
    assert (reader.state().health, _found(reader, Everything())) == (Health.READY, set(range(1, 21)))
    assert _found(changed[0], Everything()) == set(range(1, 21))


def _full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("where", ["create_compound_file", "_commit_toc", "add_postings_to_pool"])
def test_a_full_disk_leaves_the_index_as_it_was(changed: Engines, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    whoosh, memory = changed
    expected, state = _found(memory, Everything()), whoosh.state()
    with monkeypatch.context() as patch:
        if where == "create_compound_file":
            patch.setattr("catalogue.search.whoosh.codec.PackedSegment.create_compound_file", _full)
        else:
            patch.setattr(pool.PackedWriter, where, _full)
            patch.setattr(writing, "_FAN", 2)
        with pytest.raises(StorageError) as failure, whoosh.writer() as writer:
            writer.apply(_documents([5000]), [1, 2, 3], Position("store", 99))
        assert "space" in failure.value.next_step
        if where != "add_postings_to_pool":
            with pytest.raises(StorageError):
                _build(whoosh, _documents([1]))
    assert (_found(whoosh, Everything()), whoosh.state()) == (expected, state)
    assert _found(WhooshIndex(whoosh._folder.root.parent), Everything()) == expected
    with whoosh.writer() as writer:
        writer.apply(_documents([5000]), (), Position("store", 99))
    assert _found(whoosh, Everything()) == expected | {5000}
    # Whoosh leaves the files of a commit that failed to the garbage collector.
    with warnings.catch_warnings(action="ignore", category=ResourceWarning):
        del failure
        gc.collect()


def test_an_index_of_another_layout_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _build(WhooshIndex(tmp_path), _documents([1]))
    assert WhooshIndex(tmp_path).state().health is Health.READY
    monkeypatch.setattr(index, "LAYOUT", "another")
    assert WhooshIndex(tmp_path).state().health is Health.ABSENT


def test_a_cursor_goes_on_after_a_hit_that_is_gone(tmp_path: Path) -> None:
    whoosh = WhooshIndex(tmp_path)
    _build(whoosh, _documents(range(1, 31)))
    for sort in (Sort.NAME, Sort.DATE):
        whole = [hit.key for hit in whoosh.search(SearchRequest(Everything(), sort=sort, limit=99)).hits]
        piece = whoosh.search(SearchRequest(Everything(), sort=sort, limit=5))
        with whoosh.writer() as writer:
            writer.apply((), [whole[4]], Position("store", 2))
        rest = whoosh.search(SearchRequest(Everything(), sort=sort, limit=99, cursor=piece.cursor))
        assert [hit.key for hit in rest.hits] == whole[5:]
