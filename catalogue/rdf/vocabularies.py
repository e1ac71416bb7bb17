"""The vocabularies of ``namespaces`` as rdflib's namespaces, for the application profiles for data portals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rdflib import Namespace

from catalogue.rdf.namespaces import prefixes

PREFIXES: Final[Mapping[str, Namespace]] = {prefix: Namespace(address) for prefix, address in prefixes().items()}
"""The usual prefixes, for those who serialise."""

ADMS: Final = PREFIXES["adms"]
DC: Final = PREFIXES["dc"]
DCAT: Final = PREFIXES["dcat"]
DCATAP: Final = PREFIXES["dcatap"]
DCT: Final = PREFIXES["dct"]
DDIL: Final = PREFIXES["ddil"]
DISCO: Final = PREFIXES["disco"]
DPV: Final = PREFIXES["dpv"]
ELI: Final = PREFIXES["eli"]
FDP: Final = PREFIXES["fdp-o"]
FOAF: Final = PREFIXES["foaf"]
HEALTH: Final = PREFIXES["healthdcatap"]
LDP: Final = PREFIXES["ldp"]
ODRL: Final = PREFIXES["odrl"]
OWL: Final = PREFIXES["owl"]
PROV: Final = PREFIXES["prov"]
RDFS: Final = PREFIXES["rdfs"]
SCHEMA: Final = PREFIXES["schema"]
SKOS: Final = PREFIXES["skos"]
SPDX: Final = PREFIXES["spdx"]
VCARD: Final = PREFIXES["vcard"]
