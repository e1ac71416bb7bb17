"""What the store gives to harvesters, many records with the same few queries: the provider of ``catalogue.oai``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from catalogue.exposure.prepared import PreparedRecords, StudyWriter
from catalogue.exposure.studies import StudyBuilder
from catalogue.model.cataloguing import CatalogueMetadata
from catalogue.model.identity import Identification
from catalogue.model.text import InternationalString, LocalizedText
from catalogue.oai import dublin_core
from catalogue.oai.markup import undeclared
from catalogue.oai.names import STUDIES, domain_of
from catalogue.oai.port import HeldSets, Holder, ItemDescription, Record, Site, Wanted
from catalogue.settings import Settings
from catalogue.store import Repository
from catalogue.store.bulk import chunks
from catalogue.store.records import (
    HarvestContainer,
    HarvestFilter,
    HarvestItem,
    HarvestRecord,
    ItemSummary,
)

Fragment = Callable[[Identification], bytes]
"""An item's own XML as a document."""

ADDRESS: Final = "/oai"
_OF_SETTINGS: Final = ("oai_dcat",)
_OWN_XML: Final = ("oai_ddi32",)  # of studies; of other items every format but Dublin Core
_PIECE: Final = 500  # studies described together; each holds all that is said of it
_WORDING: Final = ("QuestionText/LiteralText/Text",)
_DESCRIPTION: Final = ("Description", "Description/Content", "Definition/Content")
_CONCEPTS: Final = ("Concept",)
_QUESTIONS: Final = ("QuestionItem", "QuestionGrid")
# What tells what an item means or how it was measured.
_RELATED: Final = (*_CONCEPTS, *_QUESTIONS, "RepresentedVariable", "ConceptualVariable")


def site_of(settings: Settings, name: str, said: CatalogueMetadata) -> Site:
    """The repository as it describes itself: as the settings of cohorts say, else by a name for people.

    Who answers is the administrator, else the contact point of the catalogue, else the postmaster.
    """
    base = settings.base_url.rstrip("/")
    domain = domain_of(settings.oai_domain or urlsplit(base).hostname)
    language = settings.default_language
    title = said.title.get(language) or next(iter(said.title.values()), name)
    contact = said.contact.email if said.contact else None
    return Site(title, base + ADDRESS, domain, (settings.admin_email or contact or f"postmaster@{domain}",), language)


class HarvestProvider:
    """Gives records and their metadata. Holds nothing between calls; use it within a snapshot of the repository."""

    def __init__(
        self,
        repository: Repository,
        base: str,
        fragment: Fragment,
        writers: Mapping[str, StudyWriter],
        prepared: PreparedRecords,
        said_at: datetime | None = None,
    ) -> None:
        """Take the root of every address, how each format of studies is written, what has been written already, and
        when the settings of cohorts last changed."""
        self._repository = repository
        self._studies = StudyBuilder(repository)
        self._base = base
        self._fragment = fragment
        self._writers = writers
        self._prepared = prepared
        self._said_at = said_at

    # --- records and sets

    def records(self, wanted: Wanted, after: int, limit: int) -> Sequence[Record]:
        """The records behind a number, in ascending order."""
        return [_record(one) for one in self._repository.harvest(_filter(wanted), after=after, limit=limit)]

    def total(self, wanted: Wanted) -> int:
        """How many there are."""
        return self._repository.harvest_total(_filter(wanted))

    def record(self, agency: str, identifier: str) -> Record | None:
        """One record, deleted or not."""
        found = self._repository.harvest_record(agency, identifier)
        return _record(found) if found else None

    def holder(self, agency: str, identifier: str) -> Holder | None:
        """A cohort or study, deleted or not."""
        found = self._repository.harvest_container(agency, identifier)
        return _holder(found) if found else None

    def sets(self, after: int, limit: int) -> Sequence[HeldSets]:
        """The cohorts and studies behind a number, with their titles and the types of what they hold."""
        found = self._repository.harvest_containers(after=after, limit=limit)
        titles = {one.id: one.item.title for one in self._repository.get_many([box.item_id for box in found])}
        types = self._repository.harvest_types([box.id for box in found])
        return [HeldSets(_holder(box), titles[box.item_id], types[box.id]) for box in found]

    def earliest(self) -> datetime | None:
        """No record changed before that."""
        return self._repository.earliest_change()

    # --- metadata

    def told_at(self, prefix: str) -> datetime | None:
        """When the settings of cohorts changed, rounded up as in ``store.harvesting``, where a format tells of them."""
        if prefix not in _OF_SETTINGS or self._said_at is None:
            return None
        return self._said_at.replace(microsecond=0) + timedelta(seconds=1)

    def metadata(self, prefix: str, records: Sequence[Record]) -> Iterator[bytes]:
        """An element for each of the records, in order."""
        studies = self._of_studies(prefix, [record for record in records if record.type in STUDIES])
        items = self._of_items(prefix, [record for record in records if record.type not in STUDIES])
        for record in records:
            yield undeclared(next(studies if record.type in STUDIES else items))

    def _of_studies(self, prefix: str, records: Sequence[Record]) -> Iterator[bytes]:
        if prefix in _OWN_XML:
            yield from self._fragments(records)
            return
        write = self._writers[prefix]
        for ids in chunks([record.item for record in records], _PIECE):
            ready = self._prepared.read(prefix, ids)
            described = self._studies.describe_many([one for one in ids if one not in ready])
            for one in ids:
                yield ready[one] if one in ready else write(described[one], one)

    def _of_items(self, prefix: str, records: Sequence[Record]) -> Iterator[bytes]:
        if prefix != "oai_dc":
            yield from self._fragments(records)
            return
        for described in self._described(records):
            yield dublin_core.of_item(described, self._base)

    def _fragments(self, records: Sequence[Record]) -> Iterator[bytes]:
        """The items' own XML."""
        known = {one.id: one for one in self._repository.get_many([record.item for record in records])}
        for record in records:
            yield self._fragment(known[record.item].item.identification)

    def _described(self, records: Sequence[Record]) -> Iterator[ItemDescription]:
        ids = [record.item for record in records]
        known = self._repository.harvest_items(ids, types=_RELATED)
        published = self._repository.published_at(ids)
        return (_described(record, known[record.item], published.get(record.item)) for record in records)


def _described(record: Record, known: HarvestItem, published: datetime | None) -> ItemDescription:
    summary = known.summary
    wording = (_texts(known, _WORDING), *_labels(known.targets, _QUESTIONS))
    return ItemDescription(
        identification=summary.identification,
        type=summary.type,
        name=summary.name,
        title=summary.label,
        description=_texts(known, _DESCRIPTION),
        subjects=_labels(known.targets, _CONCEPTS),
        texts=tuple(text for text in wording if text and text != summary.label),
        within=tuple((holder.agency, holder.identifier) for holder in record.holders),
        related=tuple(dict.fromkeys(target.identification for target in known.targets)),
        published_at=published,
    )


def _texts(known: HarvestItem, paths: Sequence[str]) -> InternationalString:
    found = (LocalizedText(text, language) for path, text, language in known.texts if path in paths)
    return InternationalString.of(found)


def _labels(targets: Iterable[ItemSummary], types: Sequence[str]) -> tuple[InternationalString, ...]:
    return tuple(target.label for target in targets if target.type in types and target.label)


def _filter(wanted: Wanted) -> HarvestFilter:
    return HarvestFilter(wanted.types, wanted.holder, wanted.ddi_versions, wanted.since, wanted.until)


def _record(found: HarvestRecord) -> Record:
    return Record(
        number=found.id,
        agency=found.agency,
        identifier=found.identifier,
        type=found.type,
        ddi_version=found.ddi_version,
        changed_at=found.changed_at,
        deleted=found.deleted,
        item=found.item_id,
        holders=tuple(_holder(box) for box in found.containers),
    )


def _holder(box: HarvestContainer) -> Holder:
    return Holder(box.id, box.agency, box.identifier, box.cohort, box.study)
