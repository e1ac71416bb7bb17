"""DDI-L 3.3 records of studies, put together from their sources (``ddi.record``)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from catalogue.ddi.record import REPLACED, VERSION, RecordPart, Replaced, write_study_record
from catalogue.ddi.writer import in_scope
from catalogue.exposure.refusing import no_study
from catalogue.store import Repository
from catalogue.store.records import GROUP, STUDY_UNIT, StoredItem

_STUDIES: Final = (GROUP, STUDY_UNIT)
# What stands in the study, or else travels beside it.
_INSIDE: Final = ("Archive", "DataCollection")
_AGENTS: Final = frozenset(("Individual", "Organization"))
_REFERRED: Final = _AGENTS | {"Archive", "DataCollection", "GeographicLocation", "OtherMaterial", "Universe"}
_ACCESS: Final = ("Access", "DefaultAccess")


class RecordBuilder:
    """Writes records of studies from the store. Safe to share between threads."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository

    def write(self, item_id: int) -> bytes | None:
        """The record of a Group or StudyUnit; None where its source is of another version than 3.3.

        Raises:
            NotFoundError: the item is no published Group or StudyUnit.
            StorageError: the store cannot be read.
        """
        with self._repository.snapshot():
            stored = next(iter(self._repository.get_many([item_id])), None)
            if stored is None or stored.item.type not in _STUDIES:
                raise no_study()
            if stored.item.ddi_version != VERSION:
                return None
            parts = [self._part(one) for one in (stored, *self._beside(stored))]
        return write_study_record(stored.item.identification, stored.item.type, parts)

    def _beside(self, study: StoredItem) -> list[StoredItem]:
        """What the study and its collection refer to, and the archive that says who may use it; each once."""
        inner = self._inner([study.id])
        collected = self._inner(inner)
        deeper = self._repository.neighbourhood.children(
            [*inner, *collected], ("CollectionEvent", "TopicalCoverage", "SpatialCoverage", *_ACCESS)
        )
        telling = [study.id, *inner, *collected, *(step.id for some in deeper.values() for step in some)]
        spatial = self._repository.neighbourhood.children([study.id], ("SpatialCoverage",))
        telling += [step.id for some in spatial.values() for step in some]
        leads = self._repository.studies.leads(telling, _REFERRED)
        wanted = dict.fromkeys(to for one in telling for to in leads.get(one, ()))
        if not any(stored.item.type == "Archive" for stored in self._repository.get_many(inner)):
            wanted |= dict.fromkeys(self._archives(study))
        found = [one for one in wanted if one not in inner and one != study.id]
        return [stored for stored in self._repository.get_many(found) if stored.item.ddi_version == VERSION]

    def _inner(self, item_ids: Sequence[int]) -> list[int]:
        steps = self._repository.neighbourhood.children(item_ids, _INSIDE) if item_ids else {}
        return [step.id for some in steps.values() for step in some]

    def _archives(self, study: StoredItem) -> Iterator[int]:
        """Those of the cohorts that hold the study."""
        cohorts = [one.id for one in self._repository.containers_of([study.id])[study.id].cohorts if one.id != study.id]
        yield from self._inner_of_type(cohorts, "Archive")

    def _inner_of_type(self, item_ids: Sequence[int], type_: str) -> list[int]:
        steps = self._repository.neighbourhood.children(item_ids, (type_,)) if item_ids else {}
        return [step.id for some in steps.values() for step in some]

    def _part(self, stored: StoredItem) -> RecordPart:
        """An element without the schemes in it, and in the collections in it."""
        place = stored.occurrences[0]
        inner = self._repository.get_many(self._inner([stored.id]))
        here = [one for one in inner if one.occurrences[0].revision == place.revision]
        replaced = self._repository.studies.inner_items([stored, *here], REPLACED)
        spans = sorted(one for some in replaced.values() for one in some)
        gaps: list[tuple[str, int, int]] = []
        between: list[Replaced] = []
        start = place.span.start
        for first, last, identification, type_ in spans:
            gaps.append((place.revision, start, first))
            between.append(Replaced(identification, type_))
            start = last
        slices = self._repository.source_slices([*gaps, (place.revision, start, place.span.end)])
        pieces: list[bytes | Replaced] = [slices[0]]
        for one, piece in zip(between, slices[1:], strict=True):
            pieces += [one, piece]
        return RecordPart(tuple(pieces), in_scope(place.context["namespaces"], place.span.context))
