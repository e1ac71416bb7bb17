"""``python -m tests.relevance``: which answers in ``needs.toml`` lead to no item that can be an answer."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from catalogue.errors import CatalogueError
from catalogue.service import Catalogue, open_catalogue
from catalogue.settings import Settings
from catalogue.sources import open_paths
from catalogue.store import open_repository
from catalogue.store.records import ItemFilter
from tests.relevance.judgments import COLLECTIONS, Need, load
from tests.unit.indexing.stores import take_in

ROOT: Final = Path(__file__).resolve().parents[2]
CORPUS: Final = ROOT.parent / "shared" / "corpus"
FOLDERS: Final = {"examples": (ROOT / "examples",), "corpus": (CORPUS / "3.1", CORPUS / "3.2", CORPUS / "3.3")}
ANSWERABLE: Final = (
    "CodeList",
    "Concept",
    "ConceptualVariable",
    "Group",
    "Instrument",
    "MeasurementItem",
    "QuestionBlock",
    "QuestionGrid",
    "QuestionItem",
    "RepresentedVariable",
    "StudyUnit",
    "Universe",
    "Variable",
)


def fill(settings: Settings, collection: str) -> None:
    """Take in and publish the documents of a collection, in the order in which they were judged: those that can be read
    and are in conflict with none before; what their schemas say of them changes no ranking.
    """
    with open_repository(settings.store_url) as repository:
        for folder in FOLDERS[collection]:
            for source in open_paths([str(folder)], settings):
                with suppress(CatalogueError):
                    take_in(repository, source.data, source.name)


def urns(catalogue: Catalogue, types: tuple[str, ...] = ()) -> frozenset[str]:
    """The latest published version of every item of these types, or of all."""
    found: set[str] = set()
    cursor: str | None = None
    while True:
        page = catalogue.list_items(ItemFilter(types=types), cursor=cursor, limit=1000)
        found.update(item.urn for item in page.items)
        cursor = page.next_cursor
        if cursor is None:
            return frozenset(found)


def findings(need: Need, answerable: frozenset[str], others: frozenset[str]) -> Iterator[str]:
    """What is wrong with the answers of a need."""
    yield from (f"{need.id}: nothing is published under {urn}" for urn in sorted(set(need.exact) - answerable - others))
    for pattern, _ in need.patterns:
        if not any(map(pattern.fullmatch, answerable)):
            yield f"{need.id}: no item matches {pattern.pattern}"
    yield from (f"{need.id}: {urn} is of a type that is no answer" for urn in sorted(filter(need.grade, others)))


def main() -> int:
    """Fill a store for each collection and print what is wrong; 1 if anything is."""
    needs = load()
    wrong = 0
    for collection in COLLECTIONS:
        if not all(folder.is_dir() for folder in FOLDERS[collection]):
            print(f"{collection}: not checked, the folder is absent")
            continue
        with TemporaryDirectory() as folder, open_catalogue(Settings(data=Path(folder))) as catalogue:
            fill(catalogue.settings, collection)
            answerable = urns(catalogue, ANSWERABLE)
            others = urns(catalogue) - answerable
        judged = [need for need in needs if need.over == collection]
        messages = [message for need in judged for message in findings(need, answerable, others)]
        wrong += len(messages)
        print(
            f"{collection}: {len(judged)} needs, {len(answerable)} items that can be answers, {len(messages)} findings"
        )
        print("\n".join(messages), end="\n" if messages else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
