"""What sets are called and what the repository says of itself, in French and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from catalogue.model.text import InternationalString, LocalizedText, primary_language


def _said(fr: str, en: str) -> InternationalString:
    return InternationalString((LocalizedText(fr, "fr"), LocalizedText(en, "en")))


_TYPES: Final[Mapping[str, InternationalString]] = {
    "Group": _said("Cohortes", "Cohorts"),
    "StudyUnit": _said("Études et vagues", "Studies and waves"),
    "Variable": _said("Variables", "Variables"),
    "RepresentedVariable": _said("Variables représentées", "Represented variables"),
    "ConceptualVariable": _said("Variables conceptuelles", "Conceptual variables"),
    "QuestionItem": _said("Questions", "Questions"),
    "QuestionGrid": _said("Grilles de questions", "Question grids"),
    "Instrument": _said("Questionnaires et instruments", "Questionnaires and instruments"),
}

ROOTS: Final[Mapping[str, InternationalString]] = {
    "cohort": _said("Les études, par cohorte", "Studies, by cohort"),
    "study": _said("Les études, une à une", "Studies, one by one"),
    "type": _said("Tout, par type d’élément", "Everything, by type of item"),
}

ABOUT: Final[Mapping[str, InternationalString]] = {
    "description": _said(
        "Métadonnées de cohortes en santé. Sans « set », une liste contient les cohortes, études et vagues ; les "
        "variables, questions et autres éléments ont leurs propres ensembles : type:Variable pour tous, "
        "type:Variable:CLÉ pour ceux d’une cohorte ou d’une étude. Un enregistrement vaut pour toutes les versions "
        "d’un élément et en donne la dernière ; la date d’une étude est celle du dernier changement de ce qu’elle "
        "contient.",
        "Metadata of health cohorts. Without set, a list has the cohorts, studies and waves; variables, questions and "
        "other items have sets of their own: type:Variable for all of them, type:Variable:KEY for those of one cohort "
        "or study. A record stands for every version of an item and gives the latest; the datestamp of a study is "
        "that of the last change of anything in it.",
    )
}


def type_titles(type_: str) -> InternationalString:
    """What the items of a type are called together."""
    return _TYPES[type_]


def set_title(of: InternationalString, type_: str) -> InternationalString:
    """What the items of a type in a cohort or study are called, in each language of its title."""
    return InternationalString.of(LocalizedText(f"{one.text} – {_in(type_, one.language)}", one.language) for one in of)


def _in(type_: str, language: str | None) -> str:
    best = _TYPES[type_].best((primary_language(language) or "en", "en"))
    return best.text if best else type_
