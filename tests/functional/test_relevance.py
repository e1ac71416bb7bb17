"""The judged needs, asked as their readers ask them: none is left without an answer, and good answers come first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from random import Random

import pytest

from catalogue.search.port import SearchIndex
from catalogue.service import Catalogue, open_catalogue
from catalogue.settings import Settings
from tests.relevance.__main__ import ANSWERABLE, FOLDERS, fill, urns
from tests.relevance.judgments import load, ndcg
from tests.relevance.rankings import DEPTH, by_kind, rankings

# What the first ranking reached, before anything was tuned: no change may fall below it.
FIRST = 0.72


def _whoosh(folder: Path) -> SearchIndex:
    from catalogue.search.whoosh import WhooshIndex

    return WhooshIndex(folder)


def _tantivy(folder: Path) -> SearchIndex:
    pytest.importorskip("tantivy", reason="the extra tantivy is not installed")
    from catalogue.search.tantivy import TantivyIndex

    return TantivyIndex(folder)


ENGINES: dict[str, Callable[[Path], SearchIndex]] = {"whoosh": _whoosh, "tantivy": _tantivy}


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The data folder of a collection, filled when it is first asked for."""
    filled: dict[str, Path] = {}

    def folder(collection: str) -> Path:
        if not all(one.is_dir() for one in FOLDERS[collection]):
            pytest.skip(f"{FOLDERS[collection][0]} is absent")
        if collection not in filled:
            filled[collection] = tmp_path_factory.mktemp(collection)
            fill(Settings(data=filled[collection]), collection)
        return filled[collection]

    return folder


@pytest.fixture
def opened(stores: Callable[[str], Path], tmp_path: Path) -> Iterator[Callable[[str, str], Catalogue]]:
    """A catalogue of a collection with an index of an engine."""
    catalogues: list[Catalogue] = []

    def open_with(collection: str, engine: str) -> Catalogue:
        catalogue = open_catalogue(Settings(data=stores(collection)), ENGINES[engine](tmp_path))
        catalogues.append(catalogue)
        catalogue.indexer().rebuild()
        return catalogue

    yield open_with
    for catalogue in catalogues:
        with closing(catalogue):
            pass


@pytest.mark.parametrize(
    ("collection", "engine"),
    [("examples", "whoosh"), ("examples", "tantivy"), ("corpus", "whoosh")],
)
def test_every_need_is_answered_and_no_worse_than_at_first(
    opened: Callable[[str, str], Catalogue], collection: str, engine: str
) -> None:
    catalogue = opened(collection, engine)
    items = sorted(urns(catalogue, ANSWERABLE))
    needs = [need for need in load() if need.over == collection]
    found = list(rankings(catalogue, needs, items))
    assert [one.need.id for one in found if not one.urns] == []
    reached = by_kind(found)["all"]
    print(f"{collection}, {engine}: nDCG@{DEPTH} {reached:.3f} of {len(found)} needs")
    assert reached > FIRST - (0.05 if collection == "corpus" else 0)
    shuffled = partial(Random(1).sample, items, DEPTH)
    chance = [ndcg([one.need.grade(urn) for urn in shuffled()], one.ideal, DEPTH) for one in found]
    assert sum(chance) / len(chance) < 0.2  # the judgments tell a ranking from chance
