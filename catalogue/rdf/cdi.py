"""DDI-CDI 1.0: the cascade of variables, and what they are about."""

from __future__ import annotations

from catalogue.rdf import terms
from catalogue.rdf.namespaces import CDI
from catalogue.rdf.profile import Classes, Links, Profile, Row, Texts

ROWS: tuple[Row, ...] = (
    Classes(("ConceptualVariable", "DataElementConcept"), (CDI.ConceptualVariable,)),
    Classes(("RepresentedVariable",), (CDI.RepresentedVariable,)),
    Classes(("Variable",), (CDI.InstanceVariable,)),
    Classes(("UnitType",), (CDI.UnitType,)),
    Classes(("Universe",), (CDI.Universe,)),
    Links(
        ("ConceptualVariable", "RepresentedVariable", "Variable", "DataElementConcept"),
        ("UnitTypeReference",),
        CDI.ConceptualVariable_measures_UnitType,
    ),
    Links(("Concept", "ConceptualVariable", "RepresentedVariable", "Variable"), ("ConceptReference",),
          CDI.Concept_uses_Concept),
    Texts(
        ("Variable", "RepresentedVariable"),
        ("VariableRepresentation/*/MeasurementUnit", "*/MeasurementUnit"),
        CDI["RepresentedVariable-simpleUnitOfMeasure"],
        terms.plain,
    ),
)  # fmt: skip

CDI_PROFILE = Profile("cdi", ROWS)
