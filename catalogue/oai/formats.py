"""The metadata formats: one table, read by every verb (OAI-PMH 2.0, sections 3.4 and 4.4).

``oai_ddi33`` and ``oai_ddi32`` are given only of items whose source is of that version, as they stand there: what
another version says is never rewritten in the terms of this one. ``oai_ddi25`` is made from whatever version there is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from catalogue.oai.names import ITEMS, STUDIES
from catalogue.oai.port import Record

_ANY: Final = None
_STUDIES: Final[Mapping[str, str | None]] = dict.fromkeys(STUDIES, _ANY)
_ALL: Final[Mapping[str, str | None]] = dict.fromkeys((*STUDIES, *ITEMS), _ANY)


@dataclass(frozen=True, slots=True)
class Format:
    """A metadata format.

    Attributes:
        prefix: its name in requests.
        schema, namespace: where its schema is, what its elements belong to.
        types: what it can be given of -> the version of DDI-L that the source must have, None: any.
        studies, items: the most records in one piece of a list of studies, of other items.
    """

    prefix: str
    schema: str
    namespace: str
    types: Mapping[str, str | None]
    studies: int
    items: int = 500

    def gives(self, type_: str, ddi_version: str) -> bool:
        """Whether it can be given of an item of a type whose source is in a version."""
        return type_ in self.types and self.types[type_] in (None, ddi_version)

    def versions(self, types: tuple[str, ...]) -> dict[str, str]:
        """What the sources of some types must be in."""
        return {type_: version for type_ in types if (version := self.types[type_]) is not None}

    @property
    def version(self) -> str | None:
        """What every source must be in; None where any will do."""
        found = set(self.types.values())
        return found.pop() if len(found) == 1 else None

    @property
    def only_studies(self) -> bool:
        """Whether it is given of cohorts and studies alone."""
        return set(self.types) <= set(STUDIES)

    def piece(self, types: tuple[str, ...]) -> int:
        """The most records of these types in one piece of a list."""
        return self.studies if set(types) & set(STUDIES) else self.items


FORMATS: Final = {
    row.prefix: row
    for row in (
        Format(
            "oai_dc",
            "http://www.openarchives.org/OAI/2.0/oai_dc.xsd",
            "http://www.openarchives.org/OAI/2.0/oai_dc/",
            _ALL,
            studies=500,
        ),
        Format(
            "oai_datacite",
            "http://schema.datacite.org/meta/kernel-4/metadata.xsd",
            "http://datacite.org/schema/kernel-4",
            _STUDIES,
            studies=500,
        ),
        Format(
            "oai_dcat",
            "http://www.openarchives.org/OAI/2.0/rdf.xsd",
            "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
            _STUDIES,
            studies=50,
        ),
        Format(
            "oai_ddi25",
            "https://ddialliance.org/Specification/DDI-Codebook/2.5/XMLSchema/codebook.xsd",
            "ddi:codebook:2_5",
            _STUDIES,
            studies=5,
        ),
        Format(
            "oai_ddi33",
            "https://ddialliance.org/Specification/DDI-Lifecycle/3.3/XMLSchema/instance.xsd",
            "ddi:instance:3_3",
            dict.fromkeys((*STUDIES, *ITEMS), "3.3"),
            studies=20,
            items=100,
        ),
        Format(
            "oai_ddi32",
            "https://ddialliance.org/Specification/DDI-Lifecycle/3.2/XMLSchema/instance.xsd",
            "ddi:instance:3_2",
            dict.fromkeys((*STUDIES, *ITEMS), "3.2"),
            studies=20,
            items=100,
        ),
    )
}


def formats_of(record: Record) -> list[Format]:
    """Every format that a record can be given in; of a deleted one, those that it could be given in."""
    return [row for row in FORMATS.values() if row.gives(record.type, record.ddi_version)]
