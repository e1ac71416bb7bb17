"""Namespaces of the application profiles for data portals, beside those that rdflib brings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rdflib import Namespace

ADMS: Final = Namespace("http://www.w3.org/ns/adms#")
DCAT: Final = Namespace("http://www.w3.org/ns/dcat#")
DCATAP: Final = Namespace("http://data.europa.eu/r5r/")
DCT: Final = Namespace("http://purl.org/dc/terms/")
DDIL: Final = Namespace("https://w3id.org/cohort-catalogue/ddil#")
DPV: Final = Namespace("https://w3id.org/dpv#")
ELI: Final = Namespace("http://data.europa.eu/eli/ontology#")
FDP: Final = Namespace("https://w3id.org/fdp/fdp-o#")
FOAF: Final = Namespace("http://xmlns.com/foaf/0.1/")
HEALTH: Final = Namespace("http://healthdataportal.eu/ns/health#")
LDP: Final = Namespace("http://www.w3.org/ns/ldp#")
ODRL: Final = Namespace("http://www.w3.org/ns/odrl/2/")
OWL: Final = Namespace("http://www.w3.org/2002/07/owl#")
PROV: Final = Namespace("http://www.w3.org/ns/prov#")
RDFS: Final = Namespace("http://www.w3.org/2000/01/rdf-schema#")
SCHEMA: Final = Namespace("http://schema.org/")
SKOS: Final = Namespace("http://www.w3.org/2004/02/skos/core#")
SPDX: Final = Namespace("http://spdx.org/rdf/terms#")
VCARD: Final = Namespace("http://www.w3.org/2006/vcard/ns#")

PREFIXES: Final[Mapping[str, Namespace]] = {
    "adms": ADMS, "dcat": DCAT, "dcatap": DCATAP, "dct": DCT, "ddil": DDIL, "dpv": DPV, "eli": ELI, "fdp-o": FDP,
    "foaf": FOAF, "healthdcatap": HEALTH, "ldp": LDP, "odrl": ODRL, "owl": OWL, "prov": PROV, "rdfs": RDFS,
    "schema": SCHEMA, "skos": SKOS, "spdx": SPDX, "vcard": VCARD,
}  # fmt: skip
"""The usual prefixes, for those who serialise."""
