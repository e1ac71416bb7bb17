"""Which DDI-L elements are items, which are references: a table derived from the schemas by ``derive``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from catalogue.model.items import Kind

TABLE_FILE = Path(__file__).with_name("element_types.json")

# DDI-L 3.1 names whose element is the same thing under its 3.3 name.
RENAMED_SINCE_31 = {"CodeScheme": "CodeList"}


@dataclass(frozen=True, slots=True)
class ElementTypes:
    """The tables of one DDI version; names are ``namespace local`` as expat gives them."""

    items: dict[str, Kind]
    references: frozenset[str]
    control_constructs: frozenset[str]
    fragments: frozenset[str]

    def is_fragment(self, namespace_local: str) -> bool:
        """Whether the element may stand in a Fragment (``FragmentType`` of instance.xsd)."""
        return namespace_local in self.fragments


@cache
def element_types(ddi_version: str) -> ElementTypes:
    """The tables of ``3.1``, ``3.2`` or ``3.3``.

    Raises:
        KeyError: another version.
    """
    table = json.loads(TABLE_FILE.read_text(encoding="utf-8"))[ddi_version]
    return ElementTypes(
        items={name: kind for kind in Kind for name in table[kind]},
        references=frozenset(table["Reference"]),
        control_constructs=frozenset(table["ControlConstruct"]),
        fragments=frozenset(table["Fragment"]),
    )
