"""What only an engine on a server has: a server that is gone, and writers on several machines."""

from __future__ import annotations

import time
from itertools import count
from typing import Any

import pytest

pytest.importorskip("opensearchpy", reason="opensearch-py is not installed")

from opensearchpy import OpenSearch

from catalogue.errors import IndexBusyError, IndexUnavailableError
from catalogue.search.opensearch import _LAYOUT, OpenSearchIndex
from catalogue.search.opensearch_query import near
from catalogue.search.port import Everything, Health, Position, SearchRequest, Sort
from tests.contract.searching import Place, document, found

NOBODY = "http://user:secret@127.0.0.1:9"
_numbers = count(1)


@pytest.fixture
def prefix() -> str:
    """A name of its own for each test."""
    return f"writers{next(_numbers)}"


def test_an_unreachable_server_is_named_without_its_password(prefix: str) -> None:
    index = OpenSearchIndex(NOBODY, prefix)
    for call in (lambda: index.search(SearchRequest(Everything())), lambda: index.completions("t", 5)):
        with pytest.raises(IndexUnavailableError) as caught:
            call()
        assert "http://127.0.0.1:9" in caught.value.next_step
        assert "secret" not in f"{caught.value}{caught.value.next_step}"
    with pytest.raises(IndexUnavailableError), index.writer():
        pass
    state = index.state()
    assert state.health is Health.BROKEN
    assert "http://127.0.0.1:9" in state.message
    index.close()


def test_a_writer_that_gives_no_sign_of_life_is_followed(opensearch_server: str, prefix: str) -> None:
    first, second = (OpenSearchIndex(opensearch_server, prefix, lease=lease) for lease in (2.0, 60.0))
    Place(lambda: first).holding([document(1, "tabac")])
    with first.writer() as stopped:
        stopped._lease._ended.set()  # as if its machine had stopped
        with pytest.raises(IndexBusyError), second.writer():
            pass
        time.sleep(2.1)
        with second.writer() as writer:
            writer.apply([document(2, "tabac")], [], Position("store", 2))
            with pytest.raises(IndexBusyError, match="lost"):
                stopped.apply([], [1], Position("store", 9))
            with pytest.raises(IndexBusyError), first.writer():
                pass
    assert found(first, Everything()) == [1, 2]
    assert first.state().position == Position("store", 2)


def test_a_long_piece_of_work_keeps_the_right_to_write(opensearch_server: str, prefix: str) -> None:
    index, client = OpenSearchIndex(opensearch_server, prefix, lease=4.0), OpenSearch(opensearch_server)
    Place(lambda: index).holding([document(1, "tabac")])

    def until() -> float:
        held: float = client.get(index=f"{prefix}-{_LAYOUT}-state", id="lock")["_source"]["until"]
        return held

    with index.writer() as writer:
        before, waited = until(), time.monotonic() + 30
        while until() == before:
            assert time.monotonic() < waited, "it was not renewed"
            time.sleep(0.1)
        writer.apply([], [1], Position("store", 2))
    assert found(index, Everything()) == []


def test_what_a_killed_writer_left_is_swept(opensearch_server: str, prefix: str) -> None:
    index, client, own = (
        OpenSearchIndex(opensearch_server, prefix),
        OpenSearch(opensearch_server),
        f"{prefix}-{_LAYOUT}",
    )
    Place(lambda: index).holding([document(1, "tabac")])
    client.indices.create(index=f"{own}-000009")
    client.indices.create(index=f"{own}-0other")
    left: Any = {
        "layout": _LAYOUT,
        "index": f"{own}-000009",
        "serial": 1,
        "done": 5,
        "total": 9,
        "shown": False,
    }
    client.index(index=f"{own}-state", id="making", body=left)
    assert index.state().health is Health.BUILDING
    with index.writer():
        pass
    assert index.state().health is Health.READY
    assert found(index, Everything()) == [1]
    assert sorted(client.indices.get(index=f"{own}-*")) == [
        f"{own}-000001",
        f"{own}-0other",
        f"{own}-state",
    ]


def test_a_deleted_index_is_broken_until_built_anew(opensearch_server: str, prefix: str) -> None:
    index, client, own = (
        OpenSearchIndex(opensearch_server, prefix),
        OpenSearch(opensearch_server),
        f"{prefix}-{_LAYOUT}",
    )
    Place(lambda: index).holding([document(1, "tabac")])
    client.indices.delete(index=f"{own}-000001")
    assert index.state().health is Health.BROKEN
    with pytest.raises(IndexUnavailableError):
        index.search(SearchRequest(Everything()))
    Place(lambda: index).holding([document(2, "tabac")])
    assert (index.state().health, found(index, Everything())) == (Health.READY, [2])


def test_an_index_of_another_layout_is_absent(opensearch_server: str, prefix: str) -> None:
    index, client, own = (
        OpenSearchIndex(opensearch_server, prefix),
        OpenSearch(opensearch_server),
        f"{prefix}-{_LAYOUT}",
    )
    Place(lambda: index).holding([document(1, "tabac")])
    client.index(index=f"{own}-state", id="current", body={"layout": "0", "index": f"{own}-000001"})
    assert index.state().health is Health.ABSENT
    Place(lambda: index).holding([document(2, "tabac")])
    assert found(index, Everything()) == [2]


def test_versions_of_the_program_keep_their_indexes_on_one_server(
    opensearch_server: str, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer, client = OpenSearchIndex(opensearch_server, prefix), OpenSearch(opensearch_server)
    monkeypatch.setattr("catalogue.search.opensearch._LAYOUT", "1e0")
    older = OpenSearchIndex(opensearch_server, prefix)
    Place(lambda: older).holding([document(1, "tabac")])
    monkeypatch.undo()
    client.indices.create(index=f"{prefix}-000001")  # of a version before there were layouts in names
    client.indices.create(index=f"{prefix}-1e0other")
    assert newer.state().health is Health.ABSENT
    with newer.writer() as writer:
        with older.writer():  # neither waits for the other
            pass
        for rebuilt in (1, 2):
            assert found(older, Everything()) == [1]
            with writer.rebuild(1) as making:
                making.add([document(2, "tabac")])
                making.publish(Position("store", rebuilt))
            assert found(newer, Everything()) == [2]
    left = [name for name in client.indices.get(index=f"{prefix}-*") if not name.startswith(f"{prefix}-{_LAYOUT}-")]
    assert left == [f"{prefix}-1e0other"]


def test_a_cursor_is_for_its_sort(opensearch_server: str, prefix: str) -> None:
    index = OpenSearchIndex(opensearch_server, prefix)
    Place(lambda: index).holding([document(key, "tabac") for key in (1, 2, 3)])
    cursor = index.search(SearchRequest(Everything(), sort=Sort.NAME, limit=1)).cursor
    assert found(index, Everything(), sort=Sort.NAME, cursor=cursor) == [2, 3]
    with pytest.raises(Exception, match="not given by the search"):
        index.search(SearchRequest(Everything(), sort=Sort.DATE, cursor=cursor))


@pytest.mark.parametrize(
    ("word", "distance", "expected"),
    [("tabac", 2, r".{0,2}t.*|.{0,3}a.*|.{0,4}b.*|.{1,5}a.*|.{2,6}c.*"), ("a.c", 1, r".{0,1}a.*|.{0,2}\..*|.{1,3}c.*")],
)
def test_near_words_keep_a_piece(word: str, distance: int, expected: str) -> None:
    assert set(near(word, distance).split("|")) == set(expected.split("|"))
