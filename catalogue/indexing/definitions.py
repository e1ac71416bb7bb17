"""What the facets mean: words of documents to codes. Every choice that an archivist may want to change is a row here.

Access (``a:Access``, ``a:DefaultAccess``). DDI-L has no vocabulary for it; ``TypeOfAccess`` and ``AccessTypeName``
carry codes of the COAR access rights, of info:eu-repo, or of an archive (GESIS A to E; the Danish archive 01 to 03);
else ``AccessConditions``, ``Restrictions``, ``Description`` and ``Label`` say it in words. The first row that fits
counts, coded statements before words: ``open`` (anybody), ``registered`` (whoever signs up or states a purpose),
``on-request`` (somebody decides on each request), ``restricted`` (not given out, or not yet), else ``unknown``.

Biosample. A variable, question or measurement has one when a concept of it, of its conceptual or represented variable,
or a broader one (``SubclassOfReference``), is called so. A study has one when a mode of collection
(``TypeOfModeOfCollection``, its ``otherValue`` or description) or its ``KindOfData`` says so.

Mode of collection: ``ddi/modes.py``, since pages show it as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from catalogue.search.analysis import fold

UNKNOWN: Final = "unknown"
OTHER: Final = "other"

# --- access

_ACCESS_CODES: Final = {
    "open": ("open access", "openaccess", "c_abf2", "0", "01", "public use file", "open"),
    "registered": ("a", "b", "02", "registered access", "registered", "scientific use file"),
    "on-request": ("c", "03", "on request", "on-request", "controlled access", "mediated access"),
    "restricted": (
        "d",
        "e",
        "restricted access",
        "restrictedaccess",
        "restricted",
        "c_16ec",
        "closed access",
        "closedaccess",
        "embargoed access",
        "embargoedaccess",
        "c_f1cf",
        "c_14cb",
        "metadata only access",
        "closed",
    ),
}
_ACCESS_BY_CODE: Final = {word: code for code, words in _ACCESS_CODES.items() for word in words}
_ACCESS_WORDS: Final = (
    (
        "on-request",
        r"request|appl(?:y|ication)|approv|authori[sz]|permission|committee|demande|comite|accord|konsulter|genehmigung",
    ),
    ("restricted", r"restricted|not available|no access|closed|embargo|secure|restreint|ferme|indisponible|non commun"),
    (
        "registered",
        r"regist|sign(?:ed)? up|log ?in|academic|research and teaching|scien[ct]|inscri|videnskab|forschung",
    ),
    ("open", r"open|free(?:ly)?|public|libre|ouvert|fri adgang|frei"),
)
_ACCESS: Final = tuple((code, re.compile(rf"\b(?:{words})")) for code, words in _ACCESS_WORDS)
# Paths of coded statements, then of statements in words, most telling first.
ACCESS_CODE_PATHS: Final = ("TypeOfAccess", "AccessTypeName", "AccessTypeName/String")
ACCESS_WORD_PATHS: Final = ("AccessConditions", "Restrictions", "Description", "Label")


def access_of_code(code: str) -> str | None:
    """The access that a coded statement means; addresses count by their last part."""
    last = re.split(r"[/#]", fold(code.strip()))[-1]
    return _ACCESS_BY_CODE.get(last)


def access_of_words(words: str) -> str | None:
    """The access that a statement in words means."""
    folded = fold(words)
    return next((code for code, pattern in _ACCESS if pattern.search(folded)), None)


# --- biosamples

_BIOSAMPLE: Final = re.compile(
    r"\b(?:biosampl\w*|biospecimens?|bio[- ]?bank\w*|biobanques?|biotheques?|biomaterials?|biocollections?"
    r"|biological (?:samples?|sampling|specimens?|materials?)"
    r"|(?:echantillons?|prelevements?|recueils?|materiels?) biologiques?)\b"
)


def is_biosample(words: Iterable[str]) -> bool:
    """Whether one of these names, labels or codes is about biological samples."""
    return any(_BIOSAMPLE.search(fold(one)) for one in words)


# --- representation

_KINDS: Final = {
    "code": (
        "Code",
        "Category",
        "ExternalCategory",
        "GeographicStructureCode",
        "GeographicLocationCode",
        "MissingCode",
    ),
    "numeric": ("Numeric",),
    "text": ("Text",),
    "date": ("DateTime",),
    OTHER: ("Scale", "Geographic", "Location", "Ranking", "Distribution", "Nominal", "Matrix"),
}
REPRESENTATIONS: Final = {
    f"{name}{ending}": kind
    for kind, names in _KINDS.items()
    for name in names
    for ending in ("Representation", "RepresentationBase", "Domain")
} | {f"Managed{name}Representation": kind for kind, names in _KINDS.items() for name in names}
"""Value domain elements, and types of managed representations -> value of the facet."""
# ``RepresentationKind`` of ``model.contents`` -> value of the facet.
KINDS: Final = {"code": "code", "category": "code", "numeric": "numeric", "text": "text", "datetime": "date"}
