"""The example cohorts in a store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from catalogue.store import Repository, open_repository
from catalogue.store.records import ItemFilter, ItemSummary
from tests.conftest import ROOT
from tests.unit.indexing.stores import take_in

EXAMPLES = sorted((ROOT / "examples").glob("*.xml"))


@pytest.fixture(scope="session")
def cohorts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Repository]:
    """A store with every example document; nobody writes to it."""
    with open_repository(f"sqlite:///{tmp_path_factory.mktemp('cohorts')}/examples.db") as repository:
        for path in EXAMPLES:
            assert take_in(repository, path.read_bytes(), path.name) is not None
        yield repository


@pytest.fixture(scope="session")
def studies(cohorts: Repository) -> dict[str, ItemSummary]:
    """The cohorts and waves of the examples by identifier."""
    found = cohorts.list_items(ItemFilter(types=("Group", "StudyUnit")), limit=100)
    return {one.identification.identifier: one for one in found}


@pytest.fixture(scope="session")
def codebook_schema(shared: Path) -> etree.XMLSchema:
    """The genuine schema of DDI-Codebook 2.5, compiled."""
    return etree.XMLSchema(etree.parse(shared / "ddi-schemas" / "codebook-2.5" / "codebook.xsd"))
