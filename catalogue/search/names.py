"""What can stand before the colon of ``field:value``, in French and English, folded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from catalogue.search import analysis
from catalogue.search.port import Facet, Field

FIELD_NAMES: Final[Mapping[str, Field]] = {
    **{one.value: one for one in Field},
    "nom": Field.NAME,
    "libelle": Field.LABEL,
    "categorie": Field.CATEGORY,
    "modalite": Field.CATEGORY,
    "univers": Field.UNIVERSE,
    "etude": Field.STUDY,
}
FACET_NAMES: Final[Mapping[str, Facet]] = {
    **{one.value: one for one in Facet},
    "cohorte": Facet.COHORT,
    "etude": Facet.STUDY,
    "vague": Facet.WAVE,
    "annee": Facet.YEAR,
    "questionnaire": Facet.INSTRUMENT,
    "langue": Facet.LANGUAGE,
    "acces": Facet.ACCESS,
}
# A facet whose values are items is also searched by words, in the texts that name them.
WORDED: Final[Mapping[Facet, Field]] = {
    Facet.COHORT: Field.STUDY,
    Facet.STUDY: Field.STUDY,
    Facet.WAVE: Field.STUDY,
    Facet.INSTRUMENT: Field.STUDY,
    Facet.CONCEPT: Field.CONCEPT,
}


def is_known(name: str) -> bool:
    """Whether a name, however written, is that of a field or a facet."""
    return analysis.fold(name) in FIELD_NAMES or analysis.fold(name) in FACET_NAMES
