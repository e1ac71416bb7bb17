"""How the formats of harvesters are written: one row for each, from a study to a document."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from catalogue.exposure.codebooks import Codebooks
from catalogue.exposure.portals import as_graph
from catalogue.exposure.prepared import StudyWriter
from catalogue.model.cataloguing import CohortMetadata
from catalogue.model.study import StudyDescription
from catalogue.oai import datacite, dublin_core
from catalogue.rdf.dcat import study_triples
from catalogue.rdf.serialising import serialized
from catalogue.store import Repository

Said = Callable[[StudyDescription], CohortMetadata]
"""What the settings add for a study."""


def study_writers(repository: Repository, base: str, said: Said) -> Mapping[str, StudyWriter]:
    """By prefix. ``base`` is the root of every address, without a slash at its end."""
    return {
        "oai_dc": lambda study, _: dublin_core.of_study(study, base),
        "oai_datacite": lambda study, _: datacite.of_study(study, base),
        "oai_dcat": lambda study, _: _rdf_xml(study, said(study), base),
        **Codebooks(repository, base).writers,
    }


def _rdf_xml(study: StudyDescription, said: CohortMetadata, base: str) -> bytes:
    return serialized(as_graph(study_triples(study, said, base)), "xml")
