"""A conversion for the tests of feeding: says of each item everything that real triples can depend on, from SQL."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, select

from catalogue.model.identity import path_of
from catalogue.rdf.files import GraphFiles, Piece
from catalogue.rdf.quads import GraphQuery, QueryLimits, TripleStore
from catalogue.store import Repository
from catalogue.store.documents import CURRENT
from catalogue.store.tables import item, occurrence, revision

BASE = "https://example.org"
LIMITS = QueryLimits(60, 256 * 1024 * 1024)

# Name -> other items of one; a published revision counts, the newest one of an item for what stands in it.
AROUND = {
    "refersTo": "SELECT target_id FROM link WHERE item_id = :id",
    "standsIn": "SELECT parent_id FROM occurrence "
    "WHERE item_id = :id AND revision_id = :newest AND parent_id IS NOT NULL",
    "holds": "SELECT item_id FROM occurrence WHERE parent_id = :id AND revision_id = :newest",
    "codes": "SELECT l.target_id FROM occurrence o JOIN link l ON l.item_id = o.item_id "
    "WHERE o.parent_id = :id AND o.revision_id = :newest",
    "versions": "SELECT b.id FROM item a JOIN item b ON a.identifier = b.identifier AND a.agency = b.agency "
    "WHERE a.id = :id AND b.published AND NOT b.deprecated",
    "belongsTo": "SELECT container_id FROM membership JOIN item ON item.id = container_id "
    "WHERE item_id = :id AND item.latest",
    "members": "SELECT item_id FROM membership JOIN item ON item.id = item_id "
    "WHERE container_id = :id AND item.published AND NOT item.deprecated",
}
NEWEST = (
    "SELECT max(o.revision_id) FROM occurrence o JOIN revision r ON r.id = o.revision_id "
    "WHERE o.item_id = :id AND r.status = 'published'"
)


class Told:
    """A conversion. Beside the documents, it tells which they are and what changed last."""

    edition = "1"
    beside = ("about",)

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self.converted: list[str] = []

    @staticmethod
    def graph(revision: str) -> str:
        return f"{BASE}/about" if revision in Told.beside else f"{BASE}/documents/{revision}"

    def _about(self) -> Piece:
        names = [self.graph(one) for one in self._repository.holdings.revisions()]
        lines = [f"<{BASE}/about> <{BASE}/lists> <{name}> .\n" for name in names]
        lines.append(f'<{BASE}/about> <{BASE}/change> "{self._repository.last_change()}" .\n')
        return Piece("Catalog", (), "".join(lines).encode())

    def pieces(self, public_id: str) -> Iterator[Piece]:
        if public_id in self.beside:
            yield self._about()
            return
        self.converted.append(public_id)
        with self._repository._reading() as connection:
            query = select(occurrence.c.item_id).select_from(occurrence.join(revision))
            query = query.where(revision.c.public_id == public_id, CURRENT).order_by(occurrence.c.ordinal)
            found = connection.scalars(query).all()
            rows = {row.id: row for row in connection.execute(select(item))} if found else {}
            for item_id in found:
                yield self._piece(connection, rows, item_id)

    def _piece(self, connection: Connection, rows: Mapping[int, Any], item_id: int) -> Piece:
        own = rows[item_id]
        subject = f"<{BASE}/id{path_of(own.agency, own.identifier, own.version)}>"
        lines = [f"{subject} <{BASE}/says> {json.dumps(own.labels)} .\n"]
        lines += [f'{subject} <{BASE}/latest> "{bool(own.latest)}" .\n']
        values = {"id": item_id, "newest": connection.exec_driver_sql(NEWEST, {"id": item_id}).scalar()}
        cohorts = []
        for name, query in AROUND.items():
            for other in sorted(connection.exec_driver_sql(query, values).scalars()):
                row = rows[other]
                path = path_of(row.agency, row.identifier, row.version)
                lines.append(f"{subject} <{BASE}/{name}> <{BASE}/id{path}#{row.type}-{bool(row.latest)}> .\n")
                if name == "belongsTo" and row.type == "Group":
                    cohorts.append(path_of(row.agency, row.identifier))
        return Piece(own.type, tuple(cohorts), "".join(dict.fromkeys(lines)).encode())


def truth(repository: Repository) -> dict[str, set[str]]:
    """What every graph has to hold: everything converted now."""
    conversion = Told(repository)
    return {
        conversion.graph(one): {line for piece in conversion.pieces(one) for line in piece.lines.decode().splitlines()}
        for one in (*repository.holdings.revisions(), *conversion.beside)
    }


def in_files(files: GraphFiles) -> dict[str, set[str]]:
    """What the files hold."""
    return {
        Told.graph(name): set(gzip.decompress(one.path.read_bytes()).decode().splitlines())
        for name, one in files.all().items()
    }


def in_store(triples: TripleStore) -> dict[str, set[str]]:
    """What a triple store holds, by graph; of the default graph under the empty name."""
    text_ = "SELECT ?g ?s ?p ?o { GRAPH ?g { ?s ?p ?o } }"
    found: dict[str, set[str]] = {"": set(_lines(triples, "SELECT ?s ?p ?o { ?s ?p ?o }"))}
    body = triples.query(GraphQuery(text_, results="text/tab-separated-values"), LIMITS).body.decode()
    for line in body.splitlines()[1:]:
        graph, *triple = line.split("\t")
        found.setdefault(graph.strip("<>"), set()).add(" ".join(triple) + " .")
    return found


def _lines(triples: TripleStore, query: str) -> Iterator[str]:
    body = triples.query(GraphQuery(query, results="text/tab-separated-values"), LIMITS).body.decode()
    found = [" ".join(line.split("\t")) + " ." for line in body.splitlines()[1:]]
    assert len(found) == len(set(found)), "a triple is found more than once"
    return iter(found)


def whole(graphs: dict[str, set[str]]) -> dict[str, set[str]]:
    """With the default graph, which is the union; graphs without triples are none."""
    return {"": set().union(*graphs.values()), **{name: lines for name, lines in graphs.items() if lines}}
