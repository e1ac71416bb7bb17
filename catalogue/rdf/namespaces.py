"""The vocabularies that items are described with: prefix, address, and their terms as N-Triples writes them."""

from __future__ import annotations

from typing import Final

from rdflib import Graph, Namespace

DDIL_ADDRESS: Final = "https://w3id.org/cohort-catalogue/ddil#"


class Vocabulary:
    """``DISCO.Variable`` and ``CDI["RepresentedVariable-simpleUnitOfMeasure"]`` are terms in N-Triples' form.

    A name that the class itself has is written with an underscore behind it: ``CSVW.name_``.
    """

    def __init__(self, prefix: str, address: str) -> None:
        self.prefix = prefix
        self.address = address

    def __getitem__(self, name: str) -> str:
        return f"<{self.address}{name}>"

    def __getattr__(self, name: str) -> str:
        if name.startswith("__"):
            raise AttributeError(name)
        term = self.__dict__[name] = self[name.removesuffix("_")]  # found there the next time
        return term


ADMS: Final = Vocabulary("adms", "http://www.w3.org/ns/adms#")
CDI: Final = Vocabulary("cdi", "http://ddialliance.org/Specification/DDI-CDI/1.0/RDF/")
CSVW: Final = Vocabulary("csvw", "http://www.w3.org/ns/csvw#")
DC: Final = Vocabulary("dc", "http://purl.org/dc/elements/1.1/")
DCAT: Final = Vocabulary("dcat", "http://www.w3.org/ns/dcat#")
DCATAP: Final = Vocabulary("dcatap", "http://data.europa.eu/r5r/")
DCT: Final = Vocabulary("dct", "http://purl.org/dc/terms/")
DDIL: Final = Vocabulary("ddil", DDIL_ADDRESS)
DISCO: Final = Vocabulary("disco", "http://rdf-vocabulary.ddialliance.org/discovery#")
DPV: Final = Vocabulary("dpv", "https://w3id.org/dpv#")
ELI: Final = Vocabulary("eli", "http://data.europa.eu/eli/ontology#")
FDP: Final = Vocabulary("fdp-o", "https://w3id.org/fdp/fdp-o#")
FOAF: Final = Vocabulary("foaf", "http://xmlns.com/foaf/0.1/")
HEALTH: Final = Vocabulary("healthdcatap", "http://healthdataportal.eu/ns/health#")
LDP: Final = Vocabulary("ldp", "http://www.w3.org/ns/ldp#")
ODRL: Final = Vocabulary("odrl", "http://www.w3.org/ns/odrl/2/")
OWL: Final = Vocabulary("owl", "http://www.w3.org/2002/07/owl#")
PROV: Final = Vocabulary("prov", "http://www.w3.org/ns/prov#")
QUDT: Final = Vocabulary("qudt", "http://qudt.org/schema/qudt/")
RDF: Final = Vocabulary("rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#")
RDFS: Final = Vocabulary("rdfs", "http://www.w3.org/2000/01/rdf-schema#")
SCHEMA: Final = Vocabulary("schema", "http://schema.org/")
SKOS: Final = Vocabulary("skos", "http://www.w3.org/2004/02/skos/core#")
SPDX: Final = Vocabulary("spdx", "http://spdx.org/rdf/terms#")
UNIT: Final = Vocabulary("unit", "http://qudt.org/vocab/unit/")
VCARD: Final = Vocabulary("vcard", "http://www.w3.org/2006/vcard/ns#")
VOID: Final = Vocabulary("void", "http://rdfs.org/ns/void#")
XKOS: Final = Vocabulary("xkos", "http://rdf-vocabulary.ddialliance.org/xkos#")
XSD: Final = Vocabulary("xsd", "http://www.w3.org/2001/XMLSchema#")

VOCABULARIES: Final = (
    ADMS, CDI, CSVW, DC, DCAT, DCATAP, DCT, DDIL, DISCO, DPV, ELI, FDP, FOAF, HEALTH, LDP, ODRL, OWL, PROV, QUDT,
    RDF, RDFS, SCHEMA, SKOS, SPDX, UNIT, VCARD, VOID, XKOS, XSD,
)  # fmt: skip


def prefixes() -> dict[str, str]:
    """The address of each vocabulary by prefix."""
    return {vocabulary.prefix: vocabulary.address for vocabulary in VOCABULARIES}


def bind(graph: Graph) -> Graph:
    """Give a graph the prefixes of every vocabulary; it is handed back."""
    for vocabulary in VOCABULARIES:
        graph.bind(vocabulary.prefix, Namespace(vocabulary.address), override=True, replace=True)
    return graph


def short(term: str) -> str:
    """A term with its prefix, as people write it: ``disco:Variable``."""
    for vocabulary in VOCABULARIES:
        if term.startswith(f"<{vocabulary.address}"):
            return f"{vocabulary.prefix}:{term[len(vocabulary.address) + 1 : -1]}"
    return term
