"""RDF: conversion and loading against bare rdflib and bare Oxigraph, dumps, a join of five patterns, growth, memory."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import pyoxigraph
from rdflib import Graph

from catalogue.rdf.compression import decompressing
from catalogue.rdf.dumps import FORMATS
from catalogue.rdf.evaluating import Evaluators
from catalogue.rdf.oxigraph import OxigraphStore
from catalogue.rdf.quads import GraphQuery, Position
from catalogue.service import Catalogue, open_catalogue
from catalogue.settings import Settings
from tests.benchmarks.generator import write_cohort
from tests.benchmarks.measuring import in_child, print_table

_THOUSAND = 1000
SIZES = (1_000, 10_000, 40_000)  # variables; a variable with what belongs to it makes some 70 triples
_RDFLIB_LINES = 200_000
_ASKED = 15
# Variables of a concept with their name, label, universe and the text of their question: five joins.
_CONCEPT = """PREFIX disco: <http://rdf-vocabulary.ddialliance.org/discovery#>
SELECT ?c (COUNT(?v) AS ?n) { ?v a disco:Variable ; disco:concept ?c } GROUP BY ?c ORDER BY DESC(?n) LIMIT 1"""
_JOIN = """PREFIX disco: <http://rdf-vocabulary.ddialliance.org/discovery#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?v ?name ?label ?text {{
  ?v disco:concept <{concept}> ; a disco:Variable ; skos:notation ?name ; skos:prefLabel ?label ; disco:question ?q .
  ?q disco:questionText ?text .
  FILTER(lang(?label) = "fr" && lang(?text) = "fr")
}} LIMIT 250"""


def measure_rdf(sizes: tuple[int, ...] = SIZES, scratch: Path | None = None) -> None:
    """Every figure, for catalogues of some sizes."""
    rows: list[tuple[object, ...]] = []
    dumps: list[tuple[object, ...]] = []
    for size in sizes:
        with TemporaryDirectory(dir=scratch) as folder:
            _fill(Path(folder), size)
            fed = in_child(__name__, "feed", folder)
            found: Any = fed.result
            bare: Any = in_child(__name__, "load_bare", folder).result
            asked: Any = in_child(__name__, "join", folder).result
            rows.append(_row(size, found, fed.peak, bare, asked))
            dumps += [_dumped(size, folder, form.extension) for form in FORMATS]
    header = ("variables", "triples", "convert, k/s", "rdflib build, k/s", "factor", "store, k/s", "bare Oxigraph, k/s",
              "factor", "join p50, ms", "rows", "bare join, ms", "peak, MB")  # fmt: skip
    print_table("RDF: thousand triples a second, a join of five patterns, memory", header, rows)
    print_table("Dumps", ("variables", "format", "first, k triples/s", "again, k triples/s", "MB", "peak, MB"), dumps)


def _row(size: int, found: Any, peak: int, bare: Any, asked: Any) -> tuple[object, ...]:
    number = found["triples"]
    convert, store, oxigraph = (number / one / _THOUSAND for one in (found["convert"], found["store"], bare["load"]))
    build = bare["built"] / bare["build"] / _THOUSAND
    figures = (f"{convert:.0f}", f"{build:.0f}", f"{convert / build:.1f}", f"{store:.0f}", f"{oxigraph:.0f}")
    joins = (f"{asked['ours'] * 1e3:.1f}", asked["rows"], f"{asked['bare'] * 1e3:.1f}")
    return (f"{size:,}", f"{number:,}", *figures, f"{store / oxigraph:.2f}", *joins, f"{peak / 1e6:.0f}")


def _open(folder: str) -> Catalogue:
    settings = Settings(data=Path(folder), sparql_seconds=600, sparql_bytes=2**28, max_upload_bytes=2**31)
    return open_catalogue(settings)


def _fill(folder: Path, size: int) -> None:
    with _open(str(folder)) as catalogue:
        for number, variables in enumerate(_parts(size)):
            data = b"".join(write_cohort(variables, seed=number + 1, name=f"BENCH{number}"))
            catalogue.submit(data, f"cohort-{number}.xml", accept_invalid=True)


def _parts(size: int, largest: int = 10_000) -> Iterator[int]:
    while size > 0:
        yield min(size, largest)
        size -= largest


def feed(folder: str) -> dict[str, float]:
    """Convert everything, then fill a triple store; seconds of processor time of each."""
    with _open(folder) as catalogue:
        linked = catalogue.linked()
        feeder = linked.feeder()
        started = time.process_time()
        triples = 0
        for one in catalogue.documents(limit=500).items:
            triples += sum(piece.lines.count(b"\n") for piece in feeder._conversion.pieces(one.id))
        convert = time.process_time() - started
        feeder._derive = None
        feeder.catch_up()
    store = OxigraphStore(Path(folder) / "again", Evaluators({}))
    started = time.process_time()
    with store.writer() as writer:
        for number, path in enumerate(_files(folder)):
            writer.replace(f"http://example.org/{number}", path)
        writer.commit(Position("", 0, ""))
    return {"triples": triples, "convert": convert, "store": time.process_time() - started}


def _files(folder: str) -> list[Path]:
    return sorted((Path(folder) / "rdf" / "graphs").glob("*.nt.gz"))


def load_bare(folder: str) -> dict[str, float]:
    """Bare Oxigraph loading the same triples from disk to disk; bare rdflib building a graph of some of them."""
    with TemporaryDirectory() as target:
        store = pyoxigraph.Store(target)
        started = time.process_time()
        for number, path in enumerate(_files(folder)):
            with decompressing(path) as stream:
                graph = pyoxigraph.NamedNode(f"http://example.org/{number}")
                store.bulk_load(stream, pyoxigraph.RdfFormat.N_TRIPLES, to_graph=graph)
        store.flush()
        load = time.process_time() - started
        del store
    with decompressing(_files(folder)[0]) as stream:
        lines = [line for line, _ in zip(stream, range(_RDFLIB_LINES), strict=False)]
    terms = list(Graph().parse(data=b"".join(lines), format="nt"))
    started = time.process_time()
    built = Graph()
    for triple in terms:
        built.add(triple)
    return {"load": load, "build": time.process_time() - started, "built": len(terms)}


def join(folder: str) -> dict[str, float]:
    """Seconds of the join, as the endpoint answers it and by Oxigraph alone in one process."""
    with _open(folder) as catalogue:
        linked = catalogue.linked()
        concept = json.loads(linked.query(GraphQuery(_CONCEPT)).body)["results"]["bindings"][0]["c"]["value"]
        query = GraphQuery(_JOIN.format(concept=concept))
        number = len(json.loads(linked.query(query).body)["results"]["bindings"])
        ours = median(_seconds(lambda: linked.query(query)) for _ in range(_ASKED))
        generation = Path(folder) / "rdf" / "triples" / linked.state().generation / "store"
    store = pyoxigraph.Store.read_only(str(generation))
    bare = median(_seconds(lambda: len(list(store.query(query.text)))) for _ in range(_ASKED))  # type: ignore[arg-type]
    return {"ours": ours, "bare": bare, "rows": number}


def _seconds(work: Any) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _dumped(size: int, folder: str, extension: str) -> tuple[object, ...]:
    done = in_child(__name__, "dump", folder, extension)
    found: Any = done.result
    rates = [f"{found['triples'] / found[name] / _THOUSAND:,.0f}" for name in ("first", "again")]
    return (f"{size:,}", extension, *rates, f"{found['bytes'] / 1e6:.1f}", f"{done.peak / 1e6:.0f}")


def dump(folder: str, extension: str) -> dict[str, float]:
    """A whole dump: when nothing of it is there, and when all of it is; seconds of processor time."""
    with _open(folder) as catalogue:
        linked = catalogue.linked()
        seconds = []
        for _ in range(2):
            started = time.process_time()
            made = linked.dump("catalogue", extension)
            size = sum(len(piece) for piece in made.read())
            seconds.append(time.process_time() - started)
        return {"triples": made.triples, "bytes": size, "first": seconds[0], "again": seconds[1]}
