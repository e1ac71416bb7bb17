"""Conditions of use as the Data Use Ontology codes them (DUO 2021-02-23), and as rules of an ODRL 2.2 offer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

ROOT: Final = "http://purl.obolibrary.org/obo/DUO_"


class Rule(StrEnum):
    """What a term becomes in an offer.

    A permission to use for a purpose; a constraint that narrows every permission by one of ODRL's left operands; a duty
    that comes with it (DUO says what is required without its value: which users, until when); a prohibition of a use.
    """

    PERMISSION = "permission"
    CONSTRAINT = "constraint"
    DUTY = "duty"
    PROHIBITION = "prohibition"


@dataclass(frozen=True, slots=True)
class UseTerm:
    """A term of the ontology.

    Attributes:
        code: its short form.
        number: the last part of its address.
        fr, en: what it says; ``en`` is the ontology's label.
        operand: ODRL's left operand of the constraint (of a permission: the purpose).
    """

    code: str
    number: str
    rule: Rule
    en: str
    fr: str
    operand: str = "purpose"

    @property
    def address(self) -> str:
        """The term's own address."""
        return ROOT + self.number


_P, _C, _D, _N = Rule.PERMISSION, Rule.CONSTRAINT, Rule.DUTY, Rule.PROHIBITION

TERMS: Final[Mapping[str, UseTerm]] = {
    one.code: one
    for one in (
        UseTerm("NRES", "0000004", _P, "no restriction", "aucune restriction"),
        UseTerm("GRU", "0000042", _P, "general research use", "toute recherche"),
        UseTerm("HMB", "0000006", _P, "health or medical or biomedical research", "recherche en santé ou biomédicale"),
        UseTerm("DS", "0000007", _P, "disease specific research", "recherche sur une maladie précise"),
        UseTerm("POA", "0000011", _P, "population origins or ancestry research only",
                "recherche sur les origines des populations seulement"),
        UseTerm("RS", "0000012", _D, "research specific restrictions", "restrictions propres à une recherche"),
        UseTerm("NMDS", "0000015", _N, "no general methods research", "pas de recherche méthodologique générale"),
        UseTerm("GSO", "0000016", _C, "genetic studies only", "études génétiques seulement"),
        UseTerm("NPUNCU", "0000018", _C, "not for profit, non commercial use only",
                "organismes sans but lucratif, usage non commercial seulement"),
        UseTerm("NPU", "0000045", _C, "not for profit organisation use only", "organismes sans but lucratif seulement",
                "recipient"),
        UseTerm("NCU", "0000046", _C, "non-commercial use only", "usage non commercial seulement"),
        UseTerm("PUB", "0000019", _D, "publication required", "publication des résultats exigée"),
        UseTerm("COL", "0000020", _D, "collaboration required", "collaboration exigée"),
        UseTerm("IRB", "0000021", _D, "ethics approval required", "avis d’un comité d’éthique exigé"),
        UseTerm("RTN", "0000029", _D, "return to database or resource", "retour des résultats à la base"),
        UseTerm("MOR", "0000024", _D, "publication moratorium", "moratoire sur la publication"),
        UseTerm("TS", "0000025", _D, "time limit on use", "durée d’utilisation limitée"),
        UseTerm("GS", "0000022", _D, "geographical restriction", "restriction géographique"),
        UseTerm("US", "0000026", _D, "user specific restriction", "utilisateurs désignés seulement"),
        UseTerm("PS", "0000027", _D, "project specific restriction", "projet désigné seulement"),
        UseTerm("IS", "0000028", _D, "institution specific restriction", "établissements désignés seulement"),
        UseTerm("CC", "0000043", _C, "clinical care use", "usage pour les soins"),
        # eight digits in the ontology itself
        UseTerm("NPOA", "00000044", _N, "population origins or ancestry research prohibited",
                "recherche sur les origines des populations interdite"),
    )
}  # fmt: skip
"""Every term in force by its code."""
