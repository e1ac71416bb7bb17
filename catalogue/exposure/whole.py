"""The whole catalogue as one document for data portals, with all that it lists: made once for each state of the store.

Portals read this one document, and their shapes ask almost everything of whatever it names as a dataset. Describing
takes some 15 ms of processor for each cohort or wave, writing one; so what was described is kept, compressed, until
something is published or the settings of cohorts change.
"""

from __future__ import annotations

import gzip
from threading import Lock

from catalogue.exposure.portals import Portals
from catalogue.rdf import convert
from catalogue.rdf.serialising import rewritten
from catalogue.store import Repository


class CatalogueDocument:
    """Writes it. Safe to share between threads; use it within a snapshot of the repository."""

    def __init__(self, repository: Repository, portals: Portals) -> None:
        self._repository = repository
        self._portals = portals
        self._lock = Lock()
        self._kept: dict[str, tuple[str, bytes]] = {}

    def written(self, profile: str, form: str) -> bytes:
        """The document.

        Args:
            profile: one of ``portals.CATALOGUE_PROFILES``.
            form: as of ``serialising.rewritten``.

        Raises:
            CohortSettingsError: the settings of cohorts cannot be read.
            StorageError: the store cannot be read.
        """
        return rewritten(gzip.decompress(self._lines(profile)), form)

    def _lines(self, profile: str) -> bytes:
        state = f"{self._repository.last_change()} {self._portals.cohorts.state()}"
        with self._lock:  # who asks meanwhile waits for it, rather than make it as well
            if self._kept.get(profile, ("", b""))[0] != state:
                lines = convert.n_triples(self._portals.catalogue_triples(profile)).splitlines(keepends=True)
                self._kept[profile] = state, gzip.compress(b"".join(sorted(lines)), compresslevel=1)
            return self._kept[profile][1]
