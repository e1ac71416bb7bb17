"""The example cohorts in a store."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from catalogue.store import Repository
from catalogue.store.records import ItemFilter, ItemSummary
from tests.conftest import ROOT
from tests.unit.rdf.documents import examples

EXAMPLES = sorted((ROOT / "examples").glob("*.xml"))


@pytest.fixture(scope="session")
def cohorts() -> Repository:
    """A store with every example document; nobody writes to it."""
    return examples()[0].repository


@pytest.fixture(scope="session")
def studies(cohorts: Repository) -> dict[str, ItemSummary]:
    """The cohorts and waves of the examples by identifier."""
    found = cohorts.list_items(ItemFilter(types=("Group", "StudyUnit")), limit=100)
    return {one.identification.identifier: one for one in found}


@pytest.fixture(scope="session")
def codebook_schema(shared: Path) -> etree.XMLSchema:
    """The genuine schema of DDI-Codebook 2.5, compiled."""
    return etree.XMLSchema(etree.parse(shared / "ddi-schemas" / "codebook-2.5" / "codebook.xsd"))
