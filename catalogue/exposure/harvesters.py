"""What harvesters, data portals and crawlers ask: OAI-PMH, graphs, the catalogue as a dataset, sitemaps, codebooks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any

from rdflib import Graph

from catalogue.errors import CatalogueError
from catalogue.exposure.codebooks import CODEBOOK, Codebooks
from catalogue.exposure.cohorts import Cohorts
from catalogue.exposure.conversion import edition_of, position_of
from catalogue.exposure.dissemination import study_writers
from catalogue.exposure.graphs import Graphs
from catalogue.exposure.harvesting import HarvestProvider, site_of
from catalogue.exposure.portals import Completeness, Portals
from catalogue.exposure.prepared import PreparedRecords
from catalogue.exposure.resources import ResourceBuilder
from catalogue.exposure.whole import CatalogueDocument
from catalogue.indexing.feeding import INDEXED
from catalogue.model.cataloguing import CatalogueMetadata
from catalogue.model.identity import Identification
from catalogue.oai.protocol import respond
from catalogue.rdf.files import GraphFiles
from catalogue.rdf.quads import Position
from catalogue.settings import Settings
from catalogue.store import Repository
from catalogue.store.records import GROUP, STUDY_UNIT, ItemSummary, StoredItem
from catalogue.views import CodeRow, ItemView

MOST_ADDRESSES = 50_000
"""Of a sitemap (sitemaps.org, protocol 0.9)."""


class Harvesters:
    """Everything that is taken from the catalogue as a whole or study by study. Safe to share between threads.

    Args:
        fragment: the own XML of an item, ready to be read by others.
    """

    def __init__(self, settings: Settings, repository: Repository, fragment: Callable[[Identification], bytes]) -> None:
        self._settings = settings
        self._repository = repository
        self._fragment = fragment
        self._base = settings.base_url.rstrip("/")
        self.portals = Portals(repository, Cohorts(settings.cohorts), self._base)
        self._document = CatalogueDocument(repository, self.portals)
        self._graphs = Graphs(ResourceBuilder(repository), self.portals, self._base)
        self._writers = study_writers(repository, self._base, self.portals.cohorts.of)
        self.files = GraphFiles(settings.rdf_folder / "graphs")
        self.prepared = PreparedRecords(repository, self.files, self._position, self._writers)

    # --- crawlers

    def sitemaps(self) -> list[int]:
        """The numbers of the pieces, from 0, in which what can be found by search has its addresses."""
        return self._repository.ranges(INDEXED, MOST_ADDRESSES)

    def sitemap(self, number: int) -> list[tuple[Identification, datetime]]:
        """One piece: at most ``MOST_ADDRESSES`` items, and when each was published."""
        after = number * MOST_ADDRESSES
        return self._repository.addresses(INDEXED, after=after, until=after + MOST_ADDRESSES)

    def changed_at(self) -> datetime | None:
        """When what everybody sees last changed; None while nothing is published."""
        return self.portals.changed_at()

    # --- studies as documents

    def export(self, item_id: int, form: str = CODEBOOK) -> Iterator[bytes]:
        """A cohort or study as ``CODEBOOK`` (DDI-Codebook 2.5) or ``RECORD`` (DDI-L 3.3), in pieces.

        Raises:
            NotFoundError: the item is no published cohort or study, or its source is not in 3.3 as the record is.
        """
        return Codebooks(self._repository, self._base).export(item_id, form)

    # --- harvesters

    def harvest(self, pairs: Sequence[tuple[str, str]], name: str, language: str = "en") -> bytes:
        """The response to an OAI-PMH request; see ``oai.protocol.respond``.

        Args:
            pairs: its decoded arguments.
            name: of the repository, for people, where settings give the catalogue no title.
            language: in which errors are said.
        """
        now = datetime.now(UTC)  # before anything is read: see ``store.harvesting``
        said_at = self.portals.cohorts.changed_at()
        provider = HarvestProvider(self._repository, self._base, self._fragment, self._writers, self.prepared, said_at)
        with self._snapshot():
            return respond(pairs, provider, site_of(self._settings, name, self._catalogue_metadata()), now, language)

    def _position(self) -> Position:
        return position_of(self._repository, edition_of(self._base, self.cohorts_state()))

    # --- graphs

    def graph(self, item_id: int, profile: str | None = None) -> Graph:
        """The triples of a published item; ``profile`` is one of ``profiles_of``. Raises CohortSettingsError."""
        with self._snapshot():
            return self._graphs.graph(item_id, profile)

    def licence(self) -> str | None:
        """The licence of the metadata by its address; None where settings name none or cannot be read."""
        return self._catalogue_metadata().licence

    def _catalogue_metadata(self) -> CatalogueMetadata:
        """What settings say of the catalogue; nothing where they cannot be read."""
        try:
            return self.portals.cohorts.settings().catalogue
        except CatalogueError:
            return CatalogueMetadata()

    def creators(self, stored: StoredItem) -> tuple[str, ...]:
        """The addresses of who made a cohort or wave, as far as the source gives them; of other items none."""
        item = stored.item
        # Only an agent that is an item has an address: without a reference nothing needs to be put together.
        if item.type not in (GROUP, STUDY_UNIT) or all(one.role != "CreatorReference" for one in item.references):
            return ()
        with self._snapshot():
            return self.portals.creators(stored.id)

    # --- data portals

    def cohorts_state(self) -> str:
        """What changes with the settings file of cohorts."""
        return self.portals.cohorts.state()

    def point_graph(self) -> Graph:
        """The catalogue as a FAIR Data Point. Raises CohortSettingsError."""
        return self.portals.point_graph()

    def catalogue_document(self, profile: str, form: str) -> bytes:
        """The catalogue as ``dcat:Catalog`` with all that it lists; see ``CatalogueDocument.written``."""
        with self._snapshot():
            return self._document.written(profile, form)

    def completeness(self, study: ItemSummary | None = None) -> tuple[Completeness, ...]:
        """What DCAT-AP and HealthDCAT-AP miss of everything, or of one cohort or wave. Raises CohortSettingsError."""
        with self._snapshot():
            return self.portals.completeness(study)

    def structured(self, view: ItemView | None, codes: Sequence[CodeRow], language: str) -> dict[str, Any]:
        """JSON-LD of schema.org for the page of an item, or of the whole; see ``Portals``."""
        with self._snapshot():
            return self.portals.structured(view, codes, language)

    def _snapshot(self) -> AbstractContextManager[None]:
        return self._repository.snapshot()
