"""Terms of vocabularies that are not among the reference files, each looked up in the vocabulary itself."""

from __future__ import annotations

# ADMS 2; QUDT 3.1.0
# (http://qudt.org/3.1.0/schema/qudt and http://qudt.org/3.1.0/vocab/unit, as packed in @vocabulary/qudt and
# @vocabulary/unit 2.0.0), in which none of these units is deprecated and each has the symbol or UCUM code meant.
KNOWN = {
    "adms:schemaAgency", "adms:versionNotes", "qudt:hasUnit", "unit:BEAT-PER-MIN", "unit:CentiM", "unit:DAY",
    "unit:DEG", "unit:GM", "unit:HR", "unit:KiloGM", "unit:KiloGM-PER-M2", "unit:KiloM", "unit:M", "unit:MIN",
    "unit:MO", "unit:MicroGM-PER-M3", "unit:MicroM", "unit:MilliGM-PER-DeciL", "unit:MilliM", "unit:MilliMOL-PER-L",
    "unit:MilliM_HG", "unit:NanoGM-PER-L", "unit:PERCENT", "unit:WK", "unit:YR",
}  # fmt: skip
# The Data Privacy Vocabulary 2.0 (github.com/w3c/dpv, folder 2.0): dpv/modules/purposes.csv, legal_basis.csv and
# personal_data.csv, pd/modules/extended.csv, legal/eu/gdpr/modules/legal_basis.csv and legal_basis_special.csv. Its
# terms are named by their addresses without version, as w3id.org/dpv answers them.
DPV = {
    "": {"AcademicResearch", "CommercialResearch", "NonCommercialResearch", "PublicBenefit", "Purpose",
         "ResearchAndDevelopment", "hasLegalBasis", "hasPersonalData", "hasPurpose"},
    "/pd": {"Age", "Behavioral", "BirthDate", "Demographic", "Education", "Family", "Gender", "Genetic", "Geographic",
            "Health", "HealthHistory", "HealthRecord", "Height", "Job", "MedicalHealth", "MentalHealth",
            "PhysicalCharacteristic", "Weight"},
    "/legal/eu/gdpr": {"A6-1-a", "A6-1-b", "A6-1-c", "A6-1-d", "A6-1-e", "A6-1-f", "A9-2-a", "A9-2-h", "A9-2-i",
                       "A9-2-j"},
}  # fmt: skip


def dpv_terms() -> set[str]:
    """The addresses of those of the Data Privacy Vocabulary."""
    return {f"https://w3id.org/dpv{part}#{name}" for part, names in DPV.items() for name in names}
