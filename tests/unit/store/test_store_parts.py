"""The parts of the store that need no database."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.errors import StorageError, UsageError
from catalogue.model.identity import Identification
from catalogue.model.report import Status
from catalogue.model.text import InternationalString, LocalizedText
from catalogue.store import open_repository
from catalogue.store.bulk import chunks
from catalogue.store.codec import item_row, references_in, sort_key
from catalogue.store.documents import principal
from catalogue.store.engine import open_engine, storage_errors
from catalogue.store.pages import cursor_text, cursor_values
from catalogue.store.targets import Targets
from tests.unit.store.builders import Document, Node, ingest, refer, study


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0")), st.integers(0, 2**63 - 1))
def test_a_cursor_keeps_its_values(text: str, number: int) -> None:
    assert cursor_values(cursor_text(text, number), str, int) == [text, number]


@pytest.mark.parametrize(
    ("label", "name", "key"),
    [
        ("  État de\n santé ", None, "etat de sante"),
        ("ABC", "x", "abc"),
        (None, "Name", "name"),
        (None, None, "id-1"),
        ("é" * 200, None, "e" * 80),
    ],
)
def test_lists_are_ordered_without_case_and_accents(label: str | None, name: str | None, key: str) -> None:
    labels = InternationalString.of([LocalizedText(label, "fr")] if label else [])
    assert sort_key(labels, name, "ID-1") == key


def test_references_survive_storage() -> None:
    references = (
        refer("a", scope="s", target_type="Concept", late_bound=True, inline=True, external_uri="http://x/"),
        refer("b"),
    )
    (item,) = Document([Node("v", references=references)]).items
    row = item_row(1, 0, item)
    assert references_in(next(cell for cell in row if isinstance(cell, bytes))) == item.references


def test_targets_by_identification_and_below_the_maintainable() -> None:
    targets = Targets()
    targets.add_reference(1, refer("x", scope="scheme"))
    targets.add_reference(1, refer("nothing", scope="scheme"))
    targets.add_item(("scheme.x", "int.example", "1"), "x", 7)
    targets.add_item(("scheme.x", "int.example", "1"), "x", 8)
    assert list(targets) == [(1, 0, "ConceptReference", 7), (1, 0, "ConceptReference", None)]
    targets.add_item(("x", "int.example", "1"), "x", 9)
    assert [target for *_, target in targets] == [9, None]


def test_a_bare_id_leads_to_the_only_item_that_has_it() -> None:
    targets = Targets()
    targets.add_reference(1, refer("x", scope="elsewhere"))
    targets.add_item(("scheme.x", "int.example", "1"), "x", 7)
    assert [target for *_, target in targets] == [7]
    targets.add_item(("other.x", "int.example", "1"), "x", 8)
    assert [target for *_, target in targets] == [None]


def test_which_item_stands_for_a_document() -> None:
    a, b, c = (Identification("x", name, "1") for name in "abc")
    assert principal([("Variable", a)]) == a
    assert principal([("Variable", a), ("StudyUnit", b), ("Group", c)]) == c
    assert principal([("Variable", a), ("Variable", b)]) is None
    assert principal([]) is None


def test_pieces() -> None:
    assert [list(piece) for piece in chunks(range(5), 2)] == [[0, 1], [2, 3], [4]]


@pytest.mark.parametrize("url", ["no url", "mysql://host/database", "oracle://x"])
def test_a_url_of_another_kind_is_refused(url: str) -> None:
    with warnings.catch_warnings(), pytest.raises(UsageError):
        open_engine(url)


def test_the_folder_of_the_database_is_made(tmp_path: Path) -> None:
    open_repository(f"sqlite:///{tmp_path / 'a' / 'b' / 'store.sqlite'}").close()
    assert (tmp_path / "a" / "b" / "store.sqlite").is_file()


def test_a_temporary_store_is_like_any_other() -> None:
    with open_repository("sqlite://") as repository:
        ingest(repository, Document([study("s", Node("v"))]), Status.PUBLISHED)
        assert repository.stats().items == {"StudyUnit": 1, "Variable": 1}
    with open_repository("sqlite://") as repository:
        assert repository.stats().items == {}


def test_faults_of_the_program_are_not_blamed_on_the_database() -> None:
    with pytest.raises(ZeroDivisionError), storage_errors():
        _ = 1 / 0
    assert StorageError("x").exit_code == 9
