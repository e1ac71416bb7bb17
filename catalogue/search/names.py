"""What can stand before the colon of ``field:value``, in French and English, folded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from catalogue.search import analysis
from catalogue.search.distance import distance
from catalogue.search.port import Facet, Field, distance_of

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
_NAMES: Final = tuple(dict.fromkeys((*FIELD_NAMES, *FACET_NAMES)))
_ENGLISH: Final = frozenset(map(str, (*Field, *Facet)))
_TRANSLATED: Final = frozenset(
    str(names[one]) for names in (FIELD_NAMES, FACET_NAMES) for one in names if one not in _ENGLISH
)
# By language, the names that are foreign to it.
_FOREIGN: Final = {"fr": _TRANSLATED, "en": frozenset(_NAMES) - _ENGLISH}
# As they are written, where that is not as they are looked up.
_ACCENTED: Final = {
    analysis.fold(name): name for name in ("libellé", "catégorie", "modalité", "étude", "année", "accès")
}
# A shorter name may be meant for anything.
_TELLING: Final = 3


def meant(name: str, reader: str | None = None) -> tuple[str, ...]:
    """The known names that one may be meant for, misspelt or cut short: the nearest first, in the reader's language if
    there are any, of those that mean the same one. Hardly anybody gets the first letter wrong."""
    folded = analysis.fold(name)
    foreign = _FOREIGN["fr" if reader == "fr" else "en"]
    near = sorted((far, one in foreign, len(one), one) for one in _NAMES if (far := _distance(folded, one)) is not None)
    first: dict[tuple[Field | None, Facet | None], str] = {}
    own = [one for one in near if not one[1]]
    for *_, one in own or near:
        first.setdefault((FIELD_NAMES.get(one), FACET_NAMES.get(one)), _ACCENTED.get(one, one))
    return tuple(first.values())


def _distance(typed: str, name: str) -> int | None:
    """How far a known name is from what was typed; None where it is not meant."""
    if len(typed) < _TELLING or typed[0] != name[0]:
        return None
    return 1 if name.startswith(typed) else distance(name, typed, distance_of(typed))


def is_known(name: str) -> bool:
    """Whether a name, however written, is that of a field or a facet."""
    return analysis.fold(name) in FIELD_NAMES or analysis.fold(name) in FACET_NAMES
