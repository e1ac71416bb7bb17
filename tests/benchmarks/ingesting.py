"""Ingest against bare lxml parse and validate of the same bytes; growth; memory on a large document."""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from lxml import etree

from catalogue.service import open_catalogue
from catalogue.settings import Settings
from tests.benchmarks.generator import cohort
from tests.benchmarks.measuring import best, in_child, print_table
from tests.conftest import SHARED, corpus_files

_LARGEST = 10
_GROWTH = (1_000, 3_000, 10_000, 30_000, 100_000)
_LARGE_DOCUMENT = 41_000  # variables: about 100 MB


def compare_with_bare_lxml() -> None:
    """The largest valid corpus files."""
    files = [file for file in corpus_files() if file.is_lifecycle and file.xsd_valid]
    rows: list[tuple[object, ...]] = []
    for file in sorted(files, key=lambda f: -f.count("bytes"))[:_LARGEST]:
        data = file.read()
        schema = etree.XMLSchema(etree.parse(SHARED / "ddi-schemas" / file.ddi_version / "instance.xsd"))
        bare = _bare(data, schema)
        seconds, items = _ingest(data, runs=5)
        row = (file.name[-44:], f"{len(data) / 1e6:.1f}", items, f"{bare * 1e3:.0f}", f"{seconds * 1e3:.0f}")
        rows.append((*row, f"{seconds / bare:.1f}", f"{items / seconds:,.0f}"))
    header = ("file", "MB", "items", "lxml parse+validate, ms", "ingest, ms", "ratio", "items/s")
    print_table("Ingest of corpus files (validated, read, stored, published) against bare lxml", header, rows)


def _bare(data: bytes, schema: etree.XMLSchema, runs: int = 5) -> float:
    """Seconds of lxml parse and validate."""
    return best(lambda: schema.validate(etree.fromstring(data, etree.XMLParser(huge_tree=True))), runs)


def _ingest(data: bytes, runs: int) -> tuple[float, int]:
    """Seconds of the quickest run, each into a new catalogue, and the number of items."""
    durations, items = [], 0
    for _ in range(runs):
        with TemporaryDirectory() as folder:
            settings = Settings(data=Path(folder), schemas=SHARED / "ddi-schemas")
            with open_catalogue(settings) as catalogue:
                catalogue.submit(cohort(1, name="WARM-UP"), "warm-up.xml")  # as in a server: statements are compiled
                started = time.process_time()
                outcome = catalogue.submit(data, "file.xml")
                durations.append(time.process_time() - started)
                items = outcome.receipt.found
    return min(durations), items


def measure_growth() -> None:
    """From 1,000 to 100,000 variables: time and memory per variable stay the same if growth is linear."""
    rows: list[tuple[object, ...]] = []
    for variables in _GROWTH:
        child = in_child("tests.benchmarks.ingesting", "ingest_synthetic", str(variables))
        size, items, seconds, bare = (float(value) for value in str(child.result).split())
        row = (f"{variables:,}", f"{size / 1e6:.0f}", f"{items:,.0f}", f"{seconds:.1f}", f"{seconds / bare:.1f}")
        rows.append((*row, f"{seconds / variables * 1e6:.0f}", f"{items / seconds:,.0f}"))
    header = ("variables", "MB", "items", "seconds", "ratio to bare lxml", "µs per variable", "items/s")
    print_table("Growth of ingest on synthetic FragmentInstances", header, rows)


def measure_memory() -> None:
    """A FragmentInstance of 100 MB."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "document.xml"
        path.write_bytes(cohort(_LARGE_DOCUMENT))
        child = in_child("tests.benchmarks.ingesting", "ingest_file", str(path))
        row = (f"{path.stat().st_size / 1e6:.0f}", child.result, f"{child.peak / 1e6:.0f}")
    print_table("Memory of one process that ingests a large document", ("document, MB", "items", "peak, MB"), [row])


def ingest_synthetic(variables: str) -> str:
    """Ingest a synthetic document; gives size, items, seconds, and seconds of bare lxml."""
    data = cohort(int(variables))
    schema = etree.XMLSchema(etree.parse(SHARED / "ddi-schemas" / "3.3" / "instance.xsd"))
    seconds, items = _ingest(data, runs=1)
    bare = _bare(data, schema, runs=2)
    return f"{len(data)} {items} {seconds} {bare}"


def ingest_file(path: str) -> int:
    """Ingest a file into a catalogue beside it; gives the number of items."""
    file = Path(path)
    settings = Settings(data=file.parent / "data", schemas=SHARED / "ddi-schemas")
    with open_catalogue(settings) as catalogue:
        return catalogue.submit(file.read_bytes(), file.name).receipt.found
