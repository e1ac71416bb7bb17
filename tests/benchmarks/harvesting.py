"""OAI-PMH: records a second of ListRecords, in processor time, beside lxml that parses and writes the same bytes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from lxml import etree

from catalogue.service import Catalogue, open_catalogue
from catalogue.settings import Settings
from tests.benchmarks.generator import write_cohort
from tests.benchmarks.measuring import best, print_table
from tests.benchmarks.studies import WAVES, documents
from tests.conftest import ROOT

_VARIABLES: Final = 5_000
_COHORTS: Final = 250  # small ones, each of a few studies, each cohort in a document of its own
_SEED: Final = 1
_TOKEN: Final = ".//{http://www.openarchives.org/OAI/2.0/}resumptionToken"
_STUDIES: Final = "studies, oai_dc, 500 a piece"
# What is harvested: name, prefix, set, how many pieces of it at most.
_HARVESTS: Final = (
    ("variables, oai_dc, 500 a piece", "oai_dc", "type:Variable", 10),
    ("variables, oai_ddi33, 100 a piece", "oai_ddi33", "type:Variable", 3),
    (_STUDIES, "oai_dc", "", 2),
    ("studies, oai_ddi25 with their variables, 5 a piece", "oai_ddi25", "study", 4),
)


def measure_harvesting() -> None:
    """The first pieces of each harvest, made as they are asked for; of studies then as they were written beforehand."""
    with TemporaryDirectory() as folder, open_catalogue(Settings(data=Path(folder))) as catalogue:
        for file in sorted((ROOT / "examples").glob("*.xml")):
            catalogue.submit(file.read_bytes(), file.name, accept_invalid=True)
        catalogue.submit(b"".join(write_cohort(_VARIABLES, seed=_SEED)), "cohorts.xml", accept_invalid=True)
        for number, document in enumerate(documents(_COHORTS, seed=_SEED)):
            catalogue.submit(document, f"study-{number}.xml", accept_invalid=True)
        rows = [(name, *_measured(catalogue, prefix, spec, most)) for name, prefix, spec, most in _HARVESTS]
        catalogue.linked().feeder().catch_up()
        rows.append((f"{_STUDIES}, written beforehand", *_measured(catalogue, "oai_dc", "", 2)))
    header = ("harvest", "records", "records/s", "MB/s", "times what lxml takes to parse and write them")
    title = f"{_VARIABLES:,} generated variables, {_COHORTS * WAVES:,} small studies and the examples"
    print_table(f"OAI-PMH ListRecords, {title}", header, rows)


def _measured(catalogue: Catalogue, prefix: str, spec: str, most: int) -> tuple[object, ...]:
    started = time.process_time()
    bodies = list(_pieces(catalogue, prefix, spec, most))
    seconds = time.process_time() - started
    records, size = sum(body.count(b"<record>") for body in bodies), sum(map(len, bodies))
    bare = best(lambda: [etree.tostring(_parsed(body)) for body in bodies], 3)
    return records, f"{records / seconds:,.0f}", f"{size / seconds / 1e6:,.2f}", f"{seconds / bare:,.0f}"


def _pieces(catalogue: Catalogue, prefix: str, spec: str, most: int) -> Iterator[bytes]:
    """The first responses of a list."""
    asked = [("verb", "ListRecords"), ("metadataPrefix", prefix), *([("set", spec)] if spec else [])]
    for _ in range(most):
        body = catalogue.harvesters.harvest(asked, "Cohorts")
        yield body
        token = _parsed(body).findtext(_TOKEN)
        if not token:
            return
        asked = [("verb", "ListRecords"), ("resumptionToken", token)]


def _parsed(body: bytes) -> etree._Element:
    return etree.fromstring(body, etree.XMLParser(huge_tree=True))
