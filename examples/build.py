"""Build the example documents from the tables.

    python examples/build.py [--out FOLDER]

writes common.xml and one document for each cohort, beside this script unless told otherwise.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

from _cohort import TABLES, Cohort, Wave, grid_of, read_shared
from _collection import data_collection, materials
from _ddi import (
    AGENCY,
    E,
    Element,
    Key,
    Text,
    coded,
    contents,
    description,
    item,
    label,
    period,
    ref,
    serialise,
    strings,
    triple,
)
from _products import logical_product, physical_instances
from _questions import grid_lists, grids_of, is_new_grid, shared_questions
from _representations import (
    categories,
    concept_scheme,
    conceptual_variable,
    instruction,
    lifecycle_note,
    managed_missing,
    own_code_lists,
    represented_variable,
    shared_conceptual_variables,
    shared_represented_variables,
    unit_type_scheme,
    universe_scheme,
)
from _tables import Library, Toml, both, read_toml

PUBLISHER = Key("Organization", "ORG-publisher")
FOLDERS = ("filomene", "marianne", "e3n-generations", "raretia-fredd", "mitomics", "transeasome", "dmfsh")
NOTICE = read_toml(TABLES / "notice.toml")


def instance(code: str, title: Text, *content: Element) -> Element:
    key = Key("DDIInstance", f"{code}-INSTANCE")
    return item("ddi:DDIInstance", key, _notice(key), E("r:Citation", strings("r:Title", title)), content)


def _notice(key: Key) -> Element:
    return lifecycle_note(key, both(NOTICE["header"]), both(NOTICE["body"]))


def shared_document(library: Library) -> Element:
    """The ResourcePackage with all that the cohorts share."""
    items, grids, measurements = shared_questions(library)
    lists, lines = _shared_grid_lists(library)
    title = both(NOTICE["shared_title"])
    package = item(
        "g:ResourcePackage",
        Key("ResourcePackage", "SHARED"),
        E("r:Citation", strings("r:Title", title), _publisher()),
        contents("r:Abstract", both(NOTICE["shared_abstract"])),
        contents("r:Purpose", both(NOTICE["shared_purpose"])),
        _publisher_scheme(),
        concept_scheme(Key("ConceptScheme", "CS"), Text("Concepts communs", "Shared concepts"), library),
        universe_scheme(Key("UniverseScheme", "US"), Text("Univers communs", "Shared universes"), library),
        item(
            "c:ConceptualVariableScheme",
            Key("ConceptualVariableScheme", "CVS"),
            label(Text("Variables conceptuelles communes", "Shared conceptual variables")),
            shared_conceptual_variables(library),
        ),
        item(
            "l:RepresentedVariableScheme",
            Key("RepresentedVariableScheme", "RVS"),
            label(Text("Variables représentées communes", "Shared represented variables")),
            shared_represented_variables(library),
        ),
        item(
            "d:InterviewerInstructionScheme",
            Key("InterviewerInstructionScheme", "IIS"),
            [instruction(entry) for entry in library.instructions.values()],
        ),
        item("d:QuestionScheme", Key("QuestionScheme", "QS"), items, grids),
        item("d:MeasurementScheme", Key("MeasurementScheme", "MS"), measurements),
        item("l:CategoryScheme", Key("CategoryScheme", "CATS"), categories(library, ()), lines),
        item("l:CodeListScheme", Key("CodeListScheme", "CLS"), own_code_lists(library), lists),
        item("r:ManagedRepresentationScheme", Key("ManagedRepresentationScheme", "MRS"), managed_missing(library)),
        unit_type_scheme(Key("UnitTypeScheme", "UTS"), Text("Unités statistiques", "Unit types"), library),
    )
    return instance("SHARED", title, package)


def _shared_grid_lists(library: Library) -> tuple[list[Element], list[Element]]:
    names = dict.fromkeys(grid_of(measure) for measure in library.core.values() if grid_of(measure))
    found = [
        grid_lists(
            grid, [m for m in library.core.values() if grid_of(m) == grid], library, Key("QuestionGrid", f"G-{grid}")
        )
        for grid in names
    ]
    return [each for lists, _ in found for each in lists], [each for _, lines in found for each in lines]


def _publisher() -> Element:
    return E(
        "r:Publisher", strings("r:PublisherName", both(NOTICE["publisher"])), ref("r:PublisherReference", PUBLISHER)
    )


def _publisher_scheme() -> Element:
    publisher = item(
        "a:Organization",
        PUBLISHER,
        E("a:OrganizationIdentification", strings("a:OrganizationName", both(NOTICE["publisher"]))),
        description(both(NOTICE["publisher_role"])),
    )
    return item("a:OrganizationScheme", Key("OrganizationScheme", "ORGS"), publisher)


def _user_id(kind: str, value: str) -> Element:
    return E("r:UserID", value, typeOfUserID=kind)


def _citation(key: Key, title: Text, cohort: Cohort, short: str = "") -> Element:
    return E(
        "r:Citation",
        strings("r:Title", title),
        E("r:AlternateTitle", E("r:String", short, lang="fr")) if short else None,
        E(
            "r:Creator",
            strings("r:CreatorName", both(cohort.info["organization"][0]["name"])),
            ref("r:CreatorReference", cohort.key("Organization", "ORG-coordination")),
        ),
        _publisher(),
        E("r:PublicationDate", E("r:SimpleDate", "2026-06-01")),
        [E("r:Language", each) for each in ("fr", "en")],
        E(
            "r:InternationalIdentifier",
            E("r:IdentifierContent", f"urn:ddi:{AGENCY}:{key.id}:{key.version}"),
            E("r:ManagingAgency", "URN"),
        ),
    )


def _coverage(key_of: Key, info: Toml) -> Element:
    """Topics, place and time."""
    words = [both(pair) for pair in info["keywords"]]
    keywords = [E("r:Keyword", value, lang=lang) for text in words for lang, value in text.items()]
    return E(
        "r:Coverage",
        E("r:TopicalCoverage", triple(f"{key_of.id}-TOPICS"), keywords),
        E(
            "r:SpatialCoverage",
            triple(f"{key_of.id}-PLACE"),
            description(both(info["place"])),
            coded("r:CountryCode", "FR"),
        ),
        E(
            "r:TemporalCoverage",
            triple(f"{key_of.id}-TIME"),
            period("r:ReferenceDate", info["start"], info.get("end", "")),
        ),
    )


def study_unit(wave: Wave) -> Element:
    """One wave."""
    cohort, info = wave.cohort, wave.info
    key = wave.key("StudyUnit", "SU")
    merged = {each: info.get(each, cohort.info[each]) for each in ("keywords", "place")} | {
        "start": info["start"],
        "end": info.get("end", ""),
    }
    kinds: list[str] = cohort.info["kind_of_data"]
    return item(
        "s:StudyUnit",
        key,
        _user_id("StudyNumber", f"{cohort.code}-W{wave.number}"),
        _user_id("URLServiceProvider", f"https://example.org/{cohort.code.lower()}/w{wave.number}"),
        _citation(key, both(info["title"]), cohort),
        contents("r:Abstract", both(info["abstract"])),
        ref("r:UniverseReference", cohort.library.universes[info["universe"]].key),
        contents("r:Purpose", both(info["purpose"])),
        _coverage(key, merged),
        [coded("r:AnalysisUnit", each, "AnalysisUnit") for each in cohort.info["analysis_units"]],
        [E("r:KindOfData", each, type="Quantitative") for each in kinds],
        materials(wave),
        data_collection(wave),
        logical_product(wave),
        physical_instances(wave),
    )


def _own_conceptuals(cohort: Cohort) -> list[Element]:
    """A conceptual variable for each local name that several waves or wordings share."""
    found: dict[Key, Element] = {}
    for measure in cohort.measures:
        key = cohort.conceptual(measure) if not measure.core and measure.kind != "S" else None
        if key is None or key in found or not cohort.library.is_own(key) or measure.label is None:
            continue
        entry = cohort.library.conceptuals.get(measure.name)
        title, note = (entry.label, entry.description) if entry else (measure.label, None)
        found[key] = conceptual_variable(key, title, note, cohort.library.concepts[measure.concept].key)
    return list(found.values())


def _own_represented(cohort: Cohort) -> list[Element]:
    found: dict[Key, Element] = {}
    for measure in cohort.measures:
        key = cohort.represented(measure) if not measure.core and measure.kind != "S" else None
        conceptual = cohort.conceptual(measure)
        if key is not None and conceptual is not None:
            found[key] = represented_variable(key, measure, conceptual, cohort.library)
    return list(found.values())


def _conceptual_component(cohort: Cohort) -> Element:
    library = cohort.library
    own_concepts = library.own(library.concepts)
    concepts = concept_scheme(
        cohort.key("ConceptScheme", "CS"), Text("Concepts de la cohorte", "Concepts of the cohort"), library
    )
    return item(
        "c:ConceptualComponent",
        cohort.key("ConceptualComponent", "CC"),
        concepts if own_concepts else None,
        universe_scheme(
            cohort.key("UniverseScheme", "US"), Text("Univers de la cohorte", "Universes of the cohort"), library
        ),
        item("c:ConceptualVariableScheme", cohort.key("ConceptualVariableScheme", "CVS"), _own_conceptuals(cohort)),
    )


def _group_product(cohort: Cohort) -> Element:
    """Categories, code lists and represented variables that all waves use."""
    lists, lines = _grid_lists(cohort)
    return item(
        "l:LogicalProduct",
        cohort.key("LogicalProduct", "LP"),
        item("l:CategoryScheme", cohort.key("CategoryScheme", "CATS"), categories(cohort.library, ()), lines),
        item("l:CodeListScheme", cohort.key("CodeListScheme", "CLS"), own_code_lists(cohort.library), lists),
        item("l:RepresentedVariableScheme", cohort.key("RepresentedVariableScheme", "RVS"), _own_represented(cohort)),
    )


def _grid_lists(cohort: Cohort) -> tuple[list[Element], list[Element]]:
    found = [
        grid_lists(grid, members, cohort.library, wave.grid(grid))
        for wave in cohort.waves
        for grid, members in grids_of(wave).items()
        if is_new_grid(wave, grid)
    ]
    return [each for lists, _ in found for each in lists], [each for _, lines in found for each in lines]


def _archive(cohort: Cohort) -> Element:
    """Organisations, roles, access conditions and the events of the cohort's life."""
    info = cohort.info
    access = E(
        "a:DefaultAccess",
        triple(f"{cohort.code}-ACCESS"),
        description(both(info["access"])),
        contents("a:AccessConditions", both(NOTICE["access_conditions"])),
        contents("a:Disclaimer", both(NOTICE["body"])),
    )
    events = [
        E(
            "r:LifecycleEvent",
            triple(f"{cohort.code}-EVENT-{number}"),
            label(both(event["label"])),
            E("r:Date", E("r:SimpleDate", event["date"])),
        )
        for number, event in enumerate(info["event"], start=1)
    ]
    return item(
        "a:Archive",
        cohort.key("Archive", "ARCHIVE"),
        E(
            "a:ArchiveSpecific",
            ref("a:ArchiveOrganizationReference", cohort.key("Organization", "ORG-coordination")),
            access,
        ),
        _organizations(cohort),
        E("r:LifecycleInformation", events),
    )


def _organizations(cohort: Cohort) -> Element:
    organizations = [
        item(
            "a:Organization",
            cohort.key("Organization", f"ORG-{each['id']}"),
            E("a:OrganizationIdentification", strings("a:OrganizationName", both(each["name"]))),
            description(both(each["role"])),
        )
        for each in cohort.info["organization"]
    ]
    person = item(
        "a:Individual",
        cohort.key("Individual", "IND-principal_investigator"),
        E(
            "a:IndividualIdentification",
            E("a:IndividualName", strings("a:FullName", Text("Investigateur principal", "Principal investigator"))),
        ),
        description(Text("Rôle générique, sans nom de personne", "Generic role, without the name of a person")),
    )
    return item("a:OrganizationScheme", cohort.key("OrganizationScheme", "ORGS"), organizations, person)


def _comparison(cohort: Cohort) -> Element:
    return item(
        "cm:Comparison", cohort.key("Comparison", "COMP"), [_map(cohort, info) for info in cohort.info["change"]]
    )


def _map(cohort: Cohort, info: Toml) -> Element:
    """How one variable of a wave corresponds to that of a later wave."""
    source, target = (cohort.waves[number - 1] for number in info["waves"])
    names = (info["name"], info.get("to", info["name"]))
    for wave, each in zip((source, target), names, strict=True):
        if each not in wave.variables:
            raise ValueError(f"{cohort.code} W{wave.number} has no variable {each}")
    key = cohort.key("VariableMap", f"MAP-{info['name']}-W{source.number}-W{target.number}")
    return item(
        "cm:VariableMap",
        key,
        label(both(info["label"])),
        ref("cm:SourceSchemeReference", source.key("VariableScheme", "VS")),
        ref("cm:TargetSchemeReference", target.key("VariableScheme", "VS")),
        E(
            "cm:ItemMap",
            triple(f"{key.id}-ITEM"),
            ref("cm:SourceItemReference", source.variable(names[0])),
            ref("cm:TargetItemReference", target.variable(names[1])),
            _correspondence(info),
        ),
    )


def _correspondence(info: Toml) -> Element:
    return E(
        "cm:Correspondence",
        contents("cm:Commonality", both(info["common"])),
        contents("r:Difference", both(info["difference"])),
        coded("cm:CommonalityTypeCoded", info["level"], "CommonalityType"),
    )


def group(cohort: Cohort) -> Element:
    info, key = cohort.info, cohort.key("Group", "GROUP")
    return item(
        "g:Group",
        key,
        _notice(key),
        E("g:TypeOfGroup", "Cohort"),
        _citation(key, both(info["title"]), cohort, info["short"]),
        contents("r:Abstract", _with_notice(both(info["abstract"]))),
        ref("r:UniverseReference", cohort.library.universes[info["universe"]].key),
        E("r:FundingInformation", description(both(info["funding"]))),
        contents("r:Purpose", both(info["purpose"])),
        _coverage(key, info),
        [coded("r:AnalysisUnit", each, "AnalysisUnit") for each in info["analysis_units"]],
        [E("r:KindOfData", each, type="Quantitative") for each in info["kind_of_data"]],
        _conceptual_component(cohort),
        _group_product(cohort),
        _archive(cohort),
        _comparison(cohort),
        [study_unit(wave) for wave in cohort.waves],
        time=info.get("time_code", "T2"),
        panel="P1",
    )


def _with_notice(text: Text) -> Text:
    short = both(NOTICE["short"])
    return Text(f"{text.fr} {short.fr}", f"{text.en} {short.en}")


def documents() -> Iterable[tuple[str, Element]]:
    """(file name, document), the shared one first."""
    shared = read_shared()
    yield "common.xml", shared_document(shared)
    for folder in FOLDERS:
        cohort = Cohort.read(folder, shared)
        yield f"{folder}.xml", instance(cohort.code, both(cohort.info["title"]), group(cohort))


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Build the example documents from the tables.")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, help="folder to write to")
    folder: Path = parser.parse_args(arguments).out
    folder.mkdir(parents=True, exist_ok=True)
    for file_name, document in documents():
        (folder / file_name).write_bytes(serialise(document))


if __name__ == "__main__":
    main()
