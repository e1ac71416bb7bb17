"""Where the reference material lies, and what is told when it is absent."""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from lxml import etree
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

# What the shell says of a catalogue that somebody runs is not meant for those of the tests.
for _name in [name for name in os.environ if name.startswith("CATALOGUE_")]:
    del os.environ[_name]

TESTS = Path(__file__).resolve().parent
ROOT = TESTS.parent
SHARED = ROOT.parent / "shared"
LIFECYCLE = ("3.1", "3.2", "3.3")


@dataclass(frozen=True, slots=True)
class CorpusFile:
    """A row of the corpus' MANIFEST.csv and where the file is."""

    path: Path
    row: dict[str, str]

    @property
    def name(self) -> str:
        return self.row["file"]

    @property
    def ddi_version(self) -> str:
        return self.row["version"]

    @property
    def is_lifecycle(self) -> bool:
        return self.ddi_version in LIFECYCLE

    @property
    def is_well_formed(self) -> bool:
        return "not-wellformed" not in (self.row["xsd_valid"], self.row["xsd_errors"]) and not self.row["error"]

    @property
    def xsd_valid(self) -> bool:
        return self.row["xsd_valid"] == "True"

    def count(self, column: str) -> int:
        return int(self.row[column])

    def read(self) -> bytes:
        return self.path.read_bytes()


@cache
def corpus_files() -> tuple[CorpusFile, ...]:
    """Every file of the corpus; none where the corpus is absent."""
    manifest = SHARED / "corpus" / "MANIFEST.csv"
    if not manifest.is_file():
        return ()
    with manifest.open(encoding="utf-8", newline="") as stream:
        return tuple(CorpusFile(manifest.parent / row["file"], row) for row in csv.DictReader(stream))


# What takes longest, so that it is begun first and no worker is left with it when the others have finished.
LONGEST = (
    "unit/rdf/test_convert_", "functional/test_search_robustness.py", "unit/rdf/", "functional/test_oai.py",
    "functional/test_relevance.py", "contract/test_search_property.py", "functional/test_kill.py",
    "functional/test_validation_corpus.py", "functional/test_hostile.py", "functional/test_crawl.py",
    "functional/test_ingest.py", "functional/test_linked.py", "functional/", "contract/",
)  # fmt: skip


# Files that make the same things once in a process; a group is no longer than the longest files.
TOGETHER = {
    "verdicts": ("functional/test_validation_corpus.py", "functional/test_ingest.py"),
    "corpus": ("unit/rdf/test_convert_", "unit/exposure/test_codebooks.py"),
    "examples": (
        "unit/exposure/test_documents.py", "unit/exposure/test_dissemination.py", "unit/exposure/test_studies.py",
        "unit/exposure/test_resources.py", "unit/rdf/test_portals_shacl.py",
    ),
}  # fmt: skip


class FileScheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Tests of a file share a worker, with what its fixtures make once; so do files that stand in ``TOGETHER``."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0].removeprefix("tests/")
        return next((group for group, starts in TOGETHER.items() if file.startswith(starts)), file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> FileScheduling:
    """Whatever ``--dist`` says; xdist 3.8 writes the groups of ``loadgroup`` where pytest 9.2 does not read them."""
    return FileScheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _place(item.path))


def _place(path: Path) -> int:
    name = path.relative_to(TESTS).as_posix()
    return next((place for place, start in enumerate(LONGEST) if name.startswith(start)), len(LONGEST))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference material beside the project."""
    if not SHARED.is_dir():
        pytest.skip("the folder ../shared with reference schemas and documents is not there")
    return SHARED


@pytest.fixture(scope="session")
def corpus(shared: Path) -> tuple[CorpusFile, ...]:
    """Every file of the corpus."""
    return corpus_files()


@pytest.fixture(scope="session")
def lifecycle_corpus(corpus: tuple[CorpusFile, ...]) -> tuple[CorpusFile, ...]:
    """The well-formed DDI-L files of the corpus."""
    return tuple(file for file in corpus if file.is_lifecycle and file.is_well_formed)


@pytest.fixture(scope="session")
def xml_schemas(shared: Path) -> dict[str, etree.XMLSchema]:
    """The genuine schema of each DDI-L version, compiled."""
    folder = shared / "ddi-schemas"
    return {version: etree.XMLSchema(etree.parse(folder / version / "instance.xsd")) for version in LIFECYCLE}
