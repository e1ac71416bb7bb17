"""The lists of codes that DCAT-AP and HealthDCAT-AP ask for, each code with its address and its name.

EU authority lists (publications.europa.eu), ADMS publisher types, HealthDCAT-AP's health categories, themes and types
of publishers (article 51 of Regulation (EU) 2025/327; no authority has published these lists yet, the addresses are
those under which the European portal and the French Health Data Hub know them), the Data Privacy Vocabulary
(w3id.org/dpv 2).
Languages and countries are worked out from ISO codes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from babel import Locale
from babel.core import get_global

EU: Final = "http://publications.europa.eu/resource/authority/"
_HEALTH: Final = "http://healthdataportal.eu/resource/authority/"
_WITHDRAWN: Final = {"BUR", "DDR", "FXX", "TMP", "YMD", "ZAR"}  # ISO 3166-3: their countries have another code now
_LANGUAGES_OF_NAMES: Final = ("fr", "en")

Names = tuple[str, str]
"""In French, in English."""


@dataclass(frozen=True, slots=True)
class Authority:
    """A list of codes.

    Attributes:
        scheme: address of the list; root: what its codes' addresses begin with.
        names: of the list.
        codes: code -> its names.
    """

    scheme: str
    root: str
    names: Names
    codes: Mapping[str, Names]


@dataclass(frozen=True, slots=True)
class Concept:
    """A code of a list, or an address from elsewhere: then without list, and named by its last part."""

    address: str
    names: Names
    authority: Authority | None = None


def _eu(name: str, names: Names, codes: Mapping[str, Names]) -> Authority:
    return Authority(EU + name, f"{EU}{name}/", names, codes)


def _health(name: str, names: Names, codes: Mapping[str, Names]) -> Authority:
    return Authority(_HEALTH + name, f"{_HEALTH}{name}/", names, codes)


LANGUAGE: Final = _eu("language", ("Langues", "Languages"), {})
COUNTRY: Final = _eu("country", ("Pays", "Countries"), {})

AUTHORITIES: Final[Mapping[str, Authority]] = {
    "access-right": _eu("access-right", ("Droits d’accès", "Access rights"), {
        "PUBLIC": ("public", "public"),
        "RESTRICTED": ("restreint", "restricted"),
        "NON_PUBLIC": ("non public", "non-public"),
    }),
    "data-theme": _eu("data-theme", ("Thèmes de données", "Data themes"), {
        "AGRI": ("agriculture, pêche, sylviculture et alimentation", "agriculture, fisheries, forestry and food"),
        "ECON": ("économie et finances", "economy and finance"),
        "EDUC": ("éducation, culture et sport", "education, culture and sport"),
        "ENER": ("énergie", "energy"),
        "ENVI": ("environnement", "environment"),
        "GOVE": ("gouvernement et secteur public", "government and public sector"),
        "HEAL": ("santé", "health"),
        "INTR": ("questions internationales", "international issues"),
        "JUST": ("justice, système juridique et sécurité publique", "justice, legal system and public safety"),
        "REGI": ("régions et villes", "regions and cities"),
        "SOCI": ("population et société", "population and society"),
        "TECH": ("science et technologie", "science and technology"),
        "TRAN": ("transports", "transport"),
    }),
    "dataset-type": _eu("dataset-type", ("Types de jeux de données", "Dataset types"), {
        "PERSONAL_DATA": ("données à caractère personnel", "personal data"),
        "STATISTICAL": ("données statistiques", "statistical data"),
        "SYNTHETIC_DATA": ("données synthétiques", "synthetic data"),
        "TEST_DATA": ("données de test", "test data"),
        "GEOSPATIAL": ("données géospatiales", "geospatial data"),
        "OTHER": ("autre", "other"),
    }),
    "frequency": _eu("frequency", ("Fréquences", "Frequencies"), {
        "CONT": ("continue", "continuous"),
        "UPDATE_CONT": ("mise à jour en continu", "continuously updated"),
        "DAILY": ("quotidienne", "daily"),
        "WEEKLY": ("hebdomadaire", "weekly"),
        "MONTHLY": ("mensuelle", "monthly"),
        "QUARTERLY": ("trimestrielle", "quarterly"),
        "ANNUAL_2": ("deux fois par an", "twice a year"),
        "ANNUAL": ("annuelle", "annual"),
        "BIENNIAL": ("tous les deux ans", "biennial"),
        "TRIENNIAL": ("tous les trois ans", "triennial"),
        "QUADRENNIAL": ("tous les quatre ans", "quadrennial"),
        "QUINQUENNIAL": ("tous les cinq ans", "quinquennial"),
        "DECENNIAL": ("tous les dix ans", "decennial"),
        "IRREG": ("irrégulière", "irregular"),
        "AS_NEEDED": ("selon les besoins", "as needed"),
        "NOT_PLANNED": ("non planifiée", "not planned"),
        "NEVER": ("jamais", "never"),
        "UNKNOWN": ("inconnue", "unknown"),
        "OTHER": ("autre", "other"),
    }),
    "file-type": _eu("file-type", ("Types de fichiers", "File types"), {
        one: (one.replace("_", " "), one.replace("_", " "))
        for one in (
            "CSV", "TSV", "TXT", "XLS", "XLSX", "ODS", "JSON", "XML", "PARQUET", "ARROW_FILE", "HDF", "NETCDF", "SQL",
            "TAR_GZ", "GZIP", "ZIP", "PDF", "HTML", "RDF_TURTLE", "RDF_XML", "RDF_N_TRIPLES", "RDF_N_QUADS", "JSON_LD",
            "SPARQLQRES", "BIN", "OCTET",
        )
    }),
    "availability": _eu("planned-availability", ("Disponibilité prévue", "Planned availability"), {
        "AVAILABLE": ("disponible", "available"),
        "EXPERIMENTAL": ("expérimental", "experimental"),
        "STABLE": ("stable", "stable"),
        "TEMPORARY": ("temporaire", "temporary"),
    }),
    "adms-publisher-type": Authority(
        "http://purl.org/adms/publishertype/1.0", "http://purl.org/adms/publishertype/",
        ("Types de diffuseurs", "Publisher types"), {
            "Academia-ScientificOrganisation": ("organisme académique ou scientifique", "academic or scientific body"),
            "Company": ("entreprise", "company"),
            "LocalAuthority": ("autorité locale", "local authority"),
            "NationalAuthority": ("autorité nationale", "national authority"),
            "NonGovernmentalOrganisation": ("organisation non gouvernementale", "non-governmental organisation"),
            "NonProfitOrganisation": ("organisme sans but lucratif", "non-profit organisation"),
            "RegionalAuthority": ("autorité régionale", "regional authority"),
            "SupraNationalAuthority": ("autorité supranationale", "supra-national authority"),
        },
    ),
    "publisher-type": _health("publisher-type", ("Types de détenteurs de données", "Types of data holders"), {
        "researchInstitution": ("organisme de recherche", "research institution"),
        "healthcareSystem": ("hôpital ou système de soins", "hospital or healthcare system"),
        "registry": ("registre", "registry"),
        "biobank": ("biobanque", "biobank"),
        "nationalPublicHealthInstitute": ("institut national de santé publique", "national public health institute"),
        "govHealth": ("administration de la santé", "government health department"),
        "healthInsurance": ("assurance maladie", "health insurance"),
        "healthOrganisation": ("organisation internationale de santé", "international health organisation"),
        "ngo": ("organisation non gouvernementale", "non-governmental organisation"),
        "pharmaBiotech": ("industrie pharmaceutique ou biotechnologique", "pharmaceutical or biotechnology company"),
    }),
    "health-category": _health("healthcategories", ("Catégories de données de santé", "Health categories"), {
        "EHRS": ("dossiers médicaux électroniques", "electronic health records"),
        "DIOH": ("déterminants de la santé", "determinants of health"),
        "NRPE": ("besoins, ressources et dépenses de santé, agrégés", "aggregated needs, resources and expenditure"),
        "RPDG": ("agents pathogènes", "pathogens that affect human health"),
        "HRAD": ("données administratives des soins", "healthcare-related administrative data"),
        "HGPD": ("données génétiques, épigénomiques et génomiques", "genetic, epigenomic and genomic data"),
        "HPML": ("autres données moléculaires humaines", "other human molecular data"),
        "PGEH": ("données issues de dispositifs médicaux", "data generated by medical devices"),
        "WELA": ("données d’applications de bien-être", "data from wellness applications"),
        "IDHP": ("professionnels de santé", "health professionals"),
        "PHDR": ("registres de santé en population", "population-based health registries"),
        "MRMR": ("registres médicaux et de mortalité", "medical and mortality registries"),
        "EHCT": ("essais et investigations cliniques", "clinical trials, studies and investigations"),
        "EMRD": ("autres données de dispositifs médicaux", "other health data from medical devices"),
        "RMMD": ("registres de médicaments et de dispositifs", "registries of medicinal products and devices"),
        "RQSH": ("cohortes de recherche, questionnaires et enquêtes", "research cohorts, questionnaires and surveys"),
        "EINS": ("biobanques et bases associées", "biobanks and associated databases"),
    }),
    "health-theme": _health("health-theme", ("Thèmes de santé", "Health themes"), {
        "CANCER_DISEASE": ("cancers", "cancer"),
        "CLIMATE_HEALTH": ("climat et santé", "climate and health"),
        "ENVIRONMENTAL_HEALTH": ("santé environnementale", "environmental health"),
        "HEALTH_PRODUCTS": ("produits de santé", "health products"),
        "HEALTH_SYSTEMS": ("systèmes de santé", "health systems"),
        "IMMUNIZATION_DISEASES": ("vaccination", "immunisation"),
        "INJURY_PREVENTION": ("traumatismes et prévention", "injuries and prevention"),
        "LIFECOURSE_HEALTH": ("santé tout au long de la vie", "health across the life course"),
        "MENTAL_HEALTH": ("santé mentale", "mental health"),
        "NONCOMMUNICABLE_DISEASES": ("maladies non transmissibles", "noncommunicable diseases"),
        "NUTRITION_SECURITY": ("nutrition", "nutrition"),
        "REPRODUCTIVE_HEALTH": ("santé reproductive", "reproductive health"),
        "RESPIRATORY_DISEASES": ("maladies respiratoires", "respiratory diseases"),
        "SENSORY_HEALTH": ("santé sensorielle", "sensory health"),
    }),
    "personal-data": Authority(
        "https://w3id.org/dpv/pd", "https://w3id.org/dpv/pd#", ("Données personnelles", "Personal data"), {
        "Age": ("âge", "age"),
        "Behavioral": ("comportements", "behaviour"),
        "BirthDate": ("date de naissance", "birth date"),
        "Demographic": ("données démographiques", "demographic data"),
        "Education": ("formation", "education"),
        "Family": ("famille", "family"),
        "Gender": ("sexe ou genre", "gender"),
        "Genetic": ("données génétiques", "genetic data"),
        "Geographic": ("données géographiques", "geographic data"),
        "Health": ("santé", "health"),
        "HealthHistory": ("antécédents de santé", "health history"),
        "HealthRecord": ("dossier de santé", "health record"),
        "Height": ("taille", "height"),
        "Job": ("emploi", "job"),
        "MedicalHealth": ("santé médicale", "medical health"),
        "MentalHealth": ("santé mentale", "mental health"),
        "PhysicalCharacteristic": ("caractéristiques physiques", "physical characteristics"),
        "Weight": ("poids", "weight"),
    }),
    "legal-basis": Authority(
        "https://w3id.org/dpv/legal/eu/gdpr", "https://w3id.org/dpv/legal/eu/gdpr#",
        ("Bases légales (RGPD)", "Legal bases (GDPR)"), {
            "A6-1-a": ("consentement (article 6.1.a)", "consent (article 6(1)(a))"),
            "A6-1-b": ("contrat (article 6.1.b)", "contract (article 6(1)(b))"),
            "A6-1-c": ("obligation légale (article 6.1.c)", "legal obligation (article 6(1)(c))"),
            "A6-1-d": ("intérêts vitaux (article 6.1.d)", "vital interests (article 6(1)(d))"),
            "A6-1-e": ("mission d’intérêt public (article 6.1.e)", "task in the public interest (article 6(1)(e))"),
            "A6-1-f": ("intérêts légitimes (article 6.1.f)", "legitimate interests (article 6(1)(f))"),
            "A9-2-a": ("consentement explicite (article 9.2.a)", "explicit consent (article 9(2)(a))"),
            "A9-2-h": ("médecine préventive et soins (article 9.2.h)", "preventive medicine, care (article 9(2)(h))"),
            "A9-2-i": ("santé publique (article 9.2.i)", "public health (article 9(2)(i))"),
            "A9-2-j": ("recherche scientifique (article 9.2.j)", "scientific research (article 9(2)(j))"),
        },
    ),
    "purpose": Authority("https://w3id.org/dpv", "https://w3id.org/dpv#", ("Finalités", "Purposes"), {
        "AcademicResearch": ("recherche académique", "academic research"),
        "CommercialResearch": ("recherche commerciale", "commercial research"),
        "NonCommercialResearch": ("recherche non commerciale", "non-commercial research"),
        "PublicBenefit": ("bénéfice public", "public benefit"),
        "ResearchAndDevelopment": ("recherche et développement", "research and development"),
    }),
}  # fmt: skip
"""Every list of codes by the name under which settings refer to it."""


def concept(list_name: str, written: str) -> Concept:
    """What a code of a list, or an address written in its place, means.

    Raises:
        KeyError: it is neither a code of the list nor an address.
    """
    authority = AUTHORITIES[list_name]
    code = written.removeprefix(authority.root)
    if code in authority.codes:
        return Concept(authority.root + code, authority.codes[code], authority)
    if ":" not in written:
        raise KeyError(written)
    return foreign(written)


def foreign(address: str) -> Concept:
    """A concept known by its address alone."""
    name = address.rstrip("/#").replace("#", "/").rpartition("/")[2] or address
    return Concept(address, (name, name))


@lru_cache(maxsize=512)
def language(tag: str) -> Concept | None:
    """The EU's concept of a language (codes of ISO 639-2/T in capitals), or None where there is no such language."""
    import langcodes  # here, as in model/text.py

    try:
        found = langcodes.Language.get(tag)
        code = found.to_alpha3().upper()
    except LookupError:
        return None
    names = _names("languages", found.language or tag)
    return Concept(LANGUAGE.root + code, names, LANGUAGE) if names else None


@lru_cache(maxsize=512)
def country(written: str) -> Concept | None:
    """The EU's concept of a country by an ISO 3166-1 code of two or three letters or digits, else None."""
    short = written.strip().upper()
    alpha2 = short if short in _alpha3() else next(iter(get_global("territory_aliases").get(short, [])), "")
    code = _alpha3().get(alpha2)
    names = _names("territories", alpha2)
    return Concept(COUNTRY.root + code, names, COUNTRY) if code and names else None


@lru_cache(maxsize=1)
def _alpha3() -> Mapping[str, str]:
    """Two letters -> three, as CLDR's aliases have it the other way round."""
    pairs = get_global("territory_aliases").items()
    current = (pair for pair in pairs if len(pair[0]) == 3 and pair[0].isalpha() and pair[0] not in _WITHDRAWN)
    return {to[0]: code for code, to in current if len(to) == 1}


def _names(kind: str, code: str) -> Names | None:
    found = [getattr(Locale(one), kind).get(code) for one in _LANGUAGES_OF_NAMES]
    return (found[0], found[1]) if all(found) else None
