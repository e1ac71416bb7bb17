"""Search documents against the XML itself, read by XPath: examples by brute force, real documents by their texts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from lxml import etree

from catalogue.ddi.modes import mode_code
from catalogue.indexing import INDEXED, DocumentBuilder, Documents
from catalogue.indexing.definitions import access_of_code, access_of_words, is_biosample
from catalogue.indexing.documents import _sort_key
from catalogue.indexing.known import is_code
from catalogue.search.analysis import sort_key
from catalogue.search.port import Facet, Field, SearchDocument
from catalogue.store import Repository, open_repository
from tests.conftest import ROOT, CorpusFile
from tests.unit.indexing.stores import example, keep, take_in

EXAMPLES = ("common.xml", "mitomics.xml", "e3n-generations.xml")
AGENCY = "fr.cohortes-exemples"
Element = etree._Element


def every(repository: Repository, today: str = "2026-01-01") -> dict[str, SearchDocument]:
    """All documents, by agency/identifier, made on a day in batches of an odd size."""
    builder, after = DocumentBuilder(repository), 0
    builder._places._today = today
    found: dict[str, SearchDocument] = {}
    while ids := repository.neighbourhood.current(INDEXED, after=after, limit=333):
        after = ids[-1]
        built = builder.build(ids)
        assert not built.failed
        nodes = repository.neighbourhood.nodes(ids)
        found |= {nodes[document.key].reference: document for document in built.documents}
    return found


@pytest.fixture(scope="module")
def repository() -> Iterator[Repository]:
    """A store with the examples."""
    with holding(*EXAMPLES) as opened:
        yield opened


@contextmanager
def holding(*names: str) -> Iterator[Repository]:
    """A store with some of the examples."""
    with open_repository("sqlite://") as opened:
        for name in names:
            keep(opened, example(name), name)
        yield opened


@pytest.fixture(scope="module")
def documents(repository: Repository) -> dict[str, SearchDocument]:
    return every(repository)


def key_of(element: Element) -> tuple[str, str]:
    return element.findtext("{*}ID") or "", element.findtext("{*}Version") or ""


class Sources:
    """The examples as trees, by identifier and version."""

    def __init__(self) -> None:
        trees = [etree.parse(ROOT / "examples" / name).getroot() for name in EXAMPLES]
        self.by_id: dict[tuple[str, str], Element] = {}
        for tree in trees:
            for identifier in tree.iterfind(".//{*}ID"):
                parent = identifier.getparent()
                if parent is not None and not str(parent.tag).endswith("Reference"):
                    self.by_id[key_of(parent)] = parent
        self.studies = [found for tree in trees for found in tree.iterfind(".//{*}StudyUnit")]
        self.variables = [found for tree in trees for found in tree.iterfind(".//{*}Variable")]
        self.cohorts = [found for tree in trees for found in tree.iterfind(".//{*}Group")]

    def follow(self, element: Element, path: str) -> list[Element]:
        return [self.by_id[key_of(found)] for found in element.iterfind(path) if key_of(found) in self.by_id]


@pytest.fixture(scope="module")
def sources() -> Sources:
    return Sources()


def contents(element: Element, path: str) -> set[str]:
    return {" ".join("".join(found.itertext()).split()) for found in element.iterfind(path)}


def texts(document: SearchDocument, field: Field) -> set[str]:
    return {" ".join(text.text.split()) for text in document.texts if text.field is field}


def identifier(element: Element) -> str:
    return f"{element.findtext('{*}Agency')}/{element.findtext('{*}ID')}"


LABEL = "{*}Label/{*}Content"
TITLE = "{*}Citation/{*}Title/{*}String"
WORDING = "{*}QuestionText/{*}LiteralText/{*}Text"


def test_every_variable_of_the_examples_is_a_document(documents: dict[str, SearchDocument], sources: Sources) -> None:
    assert len(sources.variables) > 250
    for variable in sources.variables:
        document = documents[identifier(variable)]
        assert document.facets[Facet.TYPE] == ("Variable",)
        assert texts(document, Field.LABEL) == contents(variable, LABEL)
        assert variable.findtext("{*}VariableName/{*}String") in texts(document, Field.NAME)
        assert {text.language for text in document.texts if text.field is Field.LABEL} == {"fr", "en"}


def test_a_variable_has_the_wording_of_its_questions(documents: dict[str, SearchDocument], sources: Sources) -> None:
    asked = 0
    for variable in sources.variables:
        questions = sources.follow(variable, "{*}QuestionReference")
        found = texts(documents[identifier(variable)], Field.QUESTION)
        wordings = {one for question in questions for one in contents(question, WORDING)}
        measured = {one for q in sources.follow(variable, "{*}MeasurementReference") for one in contents(q, LABEL)}
        rows = {
            label
            for question in questions
            for code_list in sources.follow(question, "{*}GridDimension/{*}CodeDomain/{*}CodeListReference")
            for label in code_labels(sources, code_list)
        }
        assert found == wordings | measured | rows
        asked += bool(wordings)
    assert asked > 200


def code_labels(sources: Sources, code_list: Element) -> set[str]:
    return {
        one for category in sources.follow(code_list, ".//{*}CategoryReference") for one in contents(category, LABEL)
    }


def test_a_variable_has_its_categories_concepts_universe(
    documents: dict[str, SearchDocument], sources: Sources
) -> None:
    for variable in sources.variables:
        document = documents[identifier(variable)]
        represented = sources.follow(variable, "{*}RepresentedVariableReference")
        conceptual = [
            one for item in (variable, *represented) for one in sources.follow(item, "{*}ConceptualVariableReference")
        ]
        lists = [
            one
            for item in (variable, *represented)
            for path in ("{*}VariableRepresentation/{*}CodeRepresentation", "{*}CodeRepresentation")
            for one in sources.follow(item, f"{path}/{{*}}CodeListReference")
        ]
        anchors = [one for item in (variable, *represented) for one in sources.follow(item, ".//{*}CategoryReference")]
        categories = {one for found in lists for one in code_labels(sources, found)}
        categories |= {one for found in anchors for one in contents(found, LABEL)}
        assert texts(document, Field.CATEGORY) == categories
        concepts = [one for item in (variable, *conceptual) for one in sources.follow(item, "{*}ConceptReference")]
        labels = {one for item in (*concepts, *conceptual) for one in contents(item, LABEL)}
        assert texts(document, Field.CONCEPT) == labels
        assert set(document.facets[Facet.CONCEPT]) == {identifier(concept) for concept in concepts}
        universes = sources.follow(variable, "{*}UniverseReference") or sources.follow(
            study_of(variable), "{*}UniverseReference"
        )
        paths = (LABEL, "{*}Description/{*}Content")
        assert texts(document, Field.UNIVERSE) == {t for one in universes for p in paths for t in contents(one, p)}


def study_of(element: Element) -> Element:
    return next(element.iterancestors("{*}StudyUnit"))


def test_facets_of_variables(documents: dict[str, SearchDocument], sources: Sources) -> None:
    kinds = {"Code": "code", "Numeric": "numeric", "Text": "text", "DateTime": "date", "Scale": "other"}
    counted = {
        found.findtext("{*}VariableReference/{*}ID")
        for tree in (ROOT / "examples").glob("*.xml")
        if tree.name in EXAMPLES
        for found in etree.parse(tree).iterfind(".//{*}VariableStatistics")
    }
    for variable in sources.variables:
        facets = documents[identifier(variable)].facets
        study = study_of(variable)
        assert facets[Facet.STUDY] == facets[Facet.WAVE]
        assert identifier(study) in facets[Facet.STUDY]
        assert facets[Facet.COHORT] == (identifier(next(study.iterancestors("{*}Group"))),)
        waves = [found for found in sources.studies if identifier(found) in facets[Facet.WAVE]]
        assert set(facets[Facet.YEAR]) == {str(year) for wave in waves for year in years_of(wave)}
        assert facets[Facet.HAS_STATISTICS] == ("yes" if variable.findtext("{*}ID") in counted else "no",)
        asked = sources.follow(variable, "{*}QuestionReference") + sources.follow(variable, "{*}MeasurementReference")
        assert facets[Facet.HAS_QUESTION] == ("yes" if asked else "no",)
        assert set(facets.get(Facet.SOURCE_QUESTION, ())) == {identifier(question) for question in asked}
        holder = variable.find("{*}VariableRepresentation")
        own = [etree.QName(c).localname.removesuffix("Representation") for c in holder] if holder is not None else []
        assert facets[Facet.REPRESENTATION] == tuple(kinds[one] for one in own if one in kinds)
        concepts = [found for key, found in sources.by_id.items() if f"{AGENCY}/{key[0]}" in facets[Facet.CONCEPT]]
        ancestors = {one for concept in concepts for one in broader(sources, concept)}
        assert facets[Facet.HAS_BIOSAMPLE] == ("yes" if "C-biosample" in ancestors else "no",)


def years_of(wave: Element) -> Iterator[int]:
    for period in wave.iterfind(".//{*}DataCollectionDate"):
        start, end = period.findtext("{*}StartDate"), period.findtext("{*}EndDate")
        assert start
        yield from range(int(start[:4]), int((end or start)[:4]) + 1)


def broader(sources: Sources, concept: Element) -> Iterator[str]:
    yield concept.findtext("{*}ID") or ""
    for one in sources.follow(concept, "{*}SubclassOf/{*}SubclassOfReference") + sources.follow(
        concept, "{*}SubclassOfReference"
    ):
        yield from broader(sources, one)


def test_modes_and_instruments_of_variables(documents: dict[str, SearchDocument], sources: Sources) -> None:
    """Of the instruments of its own wave that ask its question, and of the events that use these."""
    seen = 0
    for variable in sources.variables:
        document, study = documents[identifier(variable)], study_of(variable)
        asked = {
            one.findtext("{*}ID")
            for path in ("{*}QuestionReference", "{*}MeasurementReference")
            for one in sources.follow(variable, path)
        }
        asking = {
            identifier(found) for found in study.iterfind(".//{*}Instrument") if asked & reached(sources, found, set())
        }
        assert set(document.facets.get(Facet.INSTRUMENT, ())) == asking
        events = list(study.iterfind(".//{*}CollectionEvent"))
        using = [e for e in events if {identifier(i) for i in sources.follow(e, "{*}InstrumentReference")} & asking]
        modes = {
            f"{mode.text}.{mode.get('otherValue')}" if mode.get("otherValue") else mode.text
            for event in (using or events)
            for mode in event.iterfind("{*}ModeOfCollection/{*}TypeOfModeOfCollection")
        }
        assert set(document.facets[Facet.MODE]) == modes
        seen += bool(using)
    assert seen > 200


def reached(sources: Sources, element: Element, seen: set[str]) -> set[str]:
    """The ids of what is reached by references of constructs."""
    for reference in element.iter("{*}ControlConstructReference", "{*}ThenConstructReference", "{*}QuestionReference",
                                   "{*}MeasurementReference", "{*}ElseConstructReference"):  # fmt: skip
        key = key_of(reference)
        if key in sources.by_id and key[0] not in seen:
            seen.add(key[0])
            reached(sources, sources.by_id[key], seen)
    return seen


@pytest.fixture(scope="module")
def planning() -> Iterator[Repository]:
    """A store with a study that has waves to come."""
    with holding("common.xml", "filomene.xml") as opened:
        yield opened


@pytest.mark.parametrize(("today", "planned"), [("2027-06-01", 3), ("2028-06-01", 1), ("2030-01-01", 0)])
def test_what_is_planned_is_not_dated_before_it_has_begun(planning: Repository, today: str, planned: int) -> None:
    """The first date of the events of each wave (``d:DataCollectionDate``), of a study with waves to come."""
    documents = every(planning, today)
    begun = {
        identifier(study): min(
            date.text or ""
            for path in ("StartDate", "SimpleDate")
            for date in study.iterfind(f".//{{*}}CollectionEvent/{{*}}DataCollectionDate/{{*}}{path}")
        )
        for study in etree.parse(ROOT / "examples" / "filomene.xml").iterfind(".//{*}StudyUnit")
    }
    assert {one: documents[one].date for one in begun} == {
        one: start if start <= today else "" for one, start in begun.items()
    }
    assert sum(start > today for start in begun.values()) == planned
    assert max(document.date for document in documents.values()) <= today


def test_studies_and_groups(documents: dict[str, SearchDocument]) -> None:
    wave, cohort = documents[f"{AGENCY}/MITOMICS-W1-SU"], documents[f"{AGENCY}/MITOMICS-GROUP"]
    assert wave.facets[Facet.HAS_BIOSAMPLE] == cohort.facets[Facet.HAS_BIOSAMPLE] == ("yes",)
    assert wave.facets[Facet.ACCESS] == cohort.facets[Facet.ACCESS] == ("on-request",)
    assert cohort.facets[Facet.COHORT] == wave.facets[Facet.COHORT] == (f"{AGENCY}/MITOMICS-GROUP",)
    assert Facet.WAVE not in cohort.facets
    assert wave.date == "2022-03-01"
    assert documents[f"{AGENCY}/E3N-W1-SU"].facets[Facet.HAS_BIOSAMPLE] == ("no",)
    tree = etree.parse(ROOT / "examples" / "mitomics.xml")
    group = tree.find(".//{*}Group")
    assert group is not None
    said = {one for path in ("Abstract", "Purpose") for one in contents(group, f"{{*}}{path}/{{*}}Content")}
    said |= contents(group, "{*}Coverage/{*}TopicalCoverage/{*}Keyword")
    assert said
    assert said <= {" ".join(text.text.split()) for text in cohort.texts}


def test_documents_of_a_few_items_are_those_of_many(
    repository: Repository, documents: dict[str, SearchDocument]
) -> None:
    """Made today: nothing of these studies is to come, so that the day makes no difference."""
    some = list(documents.values())[::7]
    assert Documents(repository).of([document.key for document in some] + [10**9]) == tuple(some)


# --- real documents ---------------------------------------------------------------------------------------------------

# Where 3.1, 3.2 and 3.3 have labels and wordings.
_REAL = {
    "Variable": (Field.LABEL, ("{*}Label", "{*}Label/{*}Content")),
    "QuestionItem": (Field.QUESTION, (WORDING,)),
    "Concept": (Field.LABEL, ("{*}Label", "{*}Label/{*}Content")),
    "StudyUnit": (Field.LABEL, ("{*}Citation/{*}Title", "{*}Citation/{*}Title/{*}String")),
}


def test_the_texts_of_real_documents_arrive(lifecycle_corpus: tuple[CorpusFile, ...]) -> None:
    """Whatever a plain search of the XML finds of these elements is in the documents of that type, word for word."""
    checked = 0
    for file in lifecycle_corpus:
        if not file.xsd_valid or not 15_000 < file.path.stat().st_size < 36_000:
            continue
        with open_repository("sqlite://") as repository:
            if take_in(repository, file.read(), file.name) is None:
                continue
            found = every(repository).values()
        tree = etree.fromstring(file.read())
        for type_, (field, paths) in _REAL.items():
            some = [document for document in found if document.facets[Facet.TYPE] == (type_,)]
            words = {word for document in some for text in texts(document, field) for word in text.split()}
            for element in tree.iter(f"{{*}}{type_}"):
                wanted = {
                    w for p in paths for one in element.iterfind(p) if not len(one) for w in (one.text or "").split()
                }
                assert wanted <= words, (file.name, type_)
                checked += bool(wanted)
    assert checked > 60


# --- definitions ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "access"),
    [
        ("http://purl.org/coar/access_right/c_abf2", "open"),
        ("info:eu-repo/semantics/restrictedAccess", "restricted"),
        ("A", "registered"),
        ("C", "on-request"),
        ("MPC_NHGIS_ACCESS", None),
    ],
)
def test_access_codes(code: str, access: str | None) -> None:
    assert access_of_code(code) == access


@pytest.mark.parametrize(
    ("words", "access"),
    [
        ("Données accessibles sur demande au comité d’accès", "on-request"),
        ("Data and documents are released for academic research and teaching.", "registered"),
        ("Fri adgang", "open"),
        ("Konsulter donor", "on-request"),
        ("Accès restreint", "restricted"),
        ("Freely available", "open"),
        ("Fromage", None),
    ],
)
def test_access_in_words(words: str, access: str | None) -> None:
    assert access_of_words(words) == access


@pytest.mark.parametrize(
    ("words", "biosample"),
    [
        ("Échantillons biologiques", True),
        ("Prélèvement biologique", True),
        ("Other.Biosampling", True),
        ("Biological samples", True),
        ("Biobanque", True),
        ("Biological parents", False),
        ("Sample of households", False),
        ("Prélèvement à la source", False),
    ],
)
def test_biosamples_in_words(words: str, biosample: bool) -> None:
    assert is_biosample([words]) is biosample


@pytest.mark.parametrize(
    ("written", "other", "code"),
    [
        ("SelfAdministeredQuestionnaire.Paper", None, "SelfAdministeredQuestionnaire.Paper"),
        ("Face-to-face interview:  Paper-and-pencil (PAPI)", None, "Interview.FaceToFace.PAPI"),
        ("Other", "Biosampling", "Other.Biosampling"),
        ("Pigeon post", " ", "Pigeon post"),
    ],
)
def test_modes(written: str, other: str | None, code: str) -> None:
    assert mode_code(written, other) == code


@pytest.mark.parametrize("text", ["Q12_a", "BMI", "L'âge d'inclusion", "Don't know", "a-b_c  D.E/f", "Œdème", ""])
def test_the_fast_sort_key_is_the_sort_key(text: str) -> None:
    assert _sort_key(text) == sort_key(text)


def test_an_item_is_sorted_by_the_label_that_its_readers_see(
    documents: dict[str, SearchDocument], sources: Sources
) -> None:
    """Not by its name, which is a code."""
    for variable in sources.variables:
        labels = {
            one.get("{http://www.w3.org/XML/1998/namespace}lang"): one.text or "" for one in variable.iterfind(LABEL)
        }
        document = documents[identifier(variable)]
        assert document.name == sort_key(labels["fr"])
        assert document.english_name == sort_key(labels["en"])
        assert document.name != sort_key(variable.findtext("{*}VariableName/{*}String") or "")
        held = {document.cohort, document.english_cohort}
        assert held <= {sort_key(title) for study in sources.cohorts for title in contents(study, TITLE)}
        assert len(held) == 2


@pytest.mark.parametrize("text", ["Q12_a", "SF36", "bmi"])
def test_codes_are_names(text: str) -> None:
    assert is_code(text)


@pytest.mark.parametrize("text", ["3d6ec95b-db8b-465d-95e2-7ac040ffe6bd", "https://a.org/b", "", "x" * 41])
def test_serial_identifiers_are_no_names(text: str) -> None:
    assert not is_code(text)
