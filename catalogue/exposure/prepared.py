"""Records of cohorts and studies, written when the store has changed rather than while a harvester waits.

A record tells of everything that a study holds: making one takes several times as long as sending it. What makes a
study's triples different makes its records different, so they lie beside the file of the triples of its document
(``rdf.files``), of the same state of the store, and go with it. They are given only while the files are true of the
very state that is asked for; records that are not there then, or not yet, are made anew.

    root/REVISION.CHANGE-EDITION.records.gz    a line for each study: internal id, tab, JSON of prefix -> record
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import orjson

from catalogue.durable import replacing, storage
from catalogue.exposure.studies import StudyBuilder
from catalogue.model.study import StudyDescription
from catalogue.oai.names import STUDIES
from catalogue.rdf.compression import DAMAGED, compressing, decompressing
from catalogue.rdf.files import TRIPLES, GraphFile, GraphFiles
from catalogue.rdf.quads import Position
from catalogue.store import Repository
from catalogue.store.bulk import chunks

StudyWriter = Callable[[StudyDescription, int], bytes]
"""From a study and its internal id to a document of a format."""

PREPARED: Final = ("oai_dc", "oai_datacite", "oai_dcat")
"""Of the formats of studies, those that are small: the others hold every variable, or the source."""
_LOST: Final[tuple[type[Exception], ...]] = (OSError, *DAMAGED)
_WHAT: Final = "The records of studies"


class PreparedRecords:
    """Keeps them beside the files of triples. One writer at a time; any number of readers.

    Args:
        repository: the store of record.
        files: the files of triples.
        position: the state of the store, and how triples are made, as of now.
        writers: how a described study is written, by prefix.
    """

    def __init__(
        self,
        repository: Repository,
        files: GraphFiles,
        position: Callable[[], Position],
        writers: Mapping[str, StudyWriter],
    ) -> None:
        self._repository = repository
        self._files = files
        self._position = position
        self._writers = writers

    def prepare(self, file: GraphFile) -> None:
        """Write the records of the studies of a revision, where they are not there. Raises StorageError."""
        path = _path(file)
        if file.items.keys().isdisjoint(STUDIES) or path.is_file():
            return
        with storage(_WHAT), replacing(path) as temporary, temporary.open("wb") as out, compressing(out) as stream:
            stream.writelines(self._lines(file.revision))

    def read(self, prefix: str, item_ids: Collection[int]) -> Mapping[int, bytes]:
        """The records that there are, by internal id; none in formats or of a state that nothing was prepared for."""
        if prefix not in PREPARED or self._files.followed() != self._position():
            return {}
        wanted: dict[str, set[int]] = defaultdict(set)
        for place in self._repository.surroundings.newest(item_ids):
            wanted[place.revision].add(place.id)
        found: dict[int, bytes] = {}
        for revision, ids in wanted.items():
            found |= self._of(revision, prefix, ids)
        return found

    def _lines(self, revision: str) -> Iterator[bytes]:
        studies = StudyBuilder(self._repository)
        for some in chunks(self._repository.holdings.in_revision(revision, STUDIES)):
            for item_id, study in studies.describe_many(some).items():
                records = {prefix: self._writers[prefix](study, item_id).decode() for prefix in PREPARED}
                yield b"%d\t%s\n" % (item_id, orjson.dumps(records))

    def _of(self, revision: str, prefix: str, item_ids: Collection[int]) -> Iterator[tuple[int, bytes]]:
        file = self._files.get(revision)
        for line in _read(_path(file)) if file else ():
            item_id, _, records = line.partition(b"\t")
            if int(item_id) in item_ids:
                yield int(item_id), orjson.loads(records)[prefix].encode()


def _path(file: GraphFile) -> Path:
    return file.path.with_name(f"{file.path.name.removesuffix(TRIPLES)}.records.gz")


def _read(path: Path) -> Sequence[bytes]:
    """The lines of a file; none where it is not there yet, or not any more, or damaged."""
    try:
        with decompressing(path) as stream:
            return stream.readlines()
    except _LOST:
        return ()
