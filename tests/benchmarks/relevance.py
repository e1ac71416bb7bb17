"""How good the rankings are by the judged needs, per engine and per kind of need."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from catalogue.search.engines import ENGINES, open_index
from catalogue.service import open_catalogue
from catalogue.settings import Settings
from tests.benchmarks.measuring import print_table
from tests.relevance.__main__ import ANSWERABLE, FOLDERS, fill, urns
from tests.relevance.judgments import COLLECTIONS, load
from tests.relevance.rankings import DEPTH, by_kind, rankings

EMBEDDED = tuple(name for name in ENGINES if name != "opensearch")


def measure_relevance() -> None:
    """Mean nDCG of each collection and kind of need, on each embedded engine."""
    for collection in COLLECTIONS:
        if not all(folder.is_dir() for folder in FOLDERS[collection]):
            print(f"{collection}: not measured, the folder is absent")
            continue
        with TemporaryDirectory() as folder:
            fill(Settings(data=Path(folder)), collection)
            reached = {name: _reached(Path(folder), collection, name) for name in EMBEDDED}
        rows: list[tuple[object, ...]] = [
            (kind, *(f"{reached[name][kind]:.3f}" for name in EMBEDDED)) for kind in reached[EMBEDDED[0]]
        ]
        print_table(f"nDCG@{DEPTH} over {collection}", ("kind of need", *EMBEDDED), rows)


def _reached(folder: Path, collection: str, engine: str) -> dict[str, float]:
    settings = Settings.model_validate({"data": folder, "search_engine": engine})
    with open_catalogue(settings, open_index(settings)) as catalogue:
        catalogue.indexer().rebuild()
        items = sorted(urns(catalogue, ANSWERABLE))
        return by_kind(rankings(catalogue, (need for need in load() if need.over == collection), items))
