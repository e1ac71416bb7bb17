"""Dublin Core and DataCite of studies and items: what must be there is there, and what was said, in its language."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from lxml import etree

from catalogue.model.contents import Period
from catalogue.model.identity import Identification
from catalogue.model.study import Access, Agent, Collection, Named, StudyDescription, Term, Universe
from catalogue.model.text import InternationalString, LocalizedText
from catalogue.oai import datacite, dublin_core
from catalogue.oai.port import ItemDescription

BASE = "https://cohorts.example.org"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
# metadata.xsd of DataCite kernel-4: what is required, and the lists of values that are used here.
REQUIRED = ("identifier", "creators", "titles", "publisher", "publicationYear", "resourceType")
LISTS = {
    "resourceTypeGeneral": {"Collection", "Dataset"},
    "titleType": {"AlternativeTitle", "Subtitle", "TranslatedTitle", "Other"},
    "contributorType": {"ContactPerson", "DataCollector", "Sponsor", "Other"},
    "dateType": {"Accepted", "Available", "Collected", "Created", "Issued", "Updated"},
    "relationType": {"IsPartOf", "HasPart"},
    "relatedIdentifierType": {"DOI", "URL", "URN"},
    "descriptionType": {"Abstract", "Methods", "Other"},
}


def said(**texts: str) -> InternationalString:
    """A text by language; ``none`` has none, ``gb`` one that does not exist."""
    return InternationalString(
        tuple(LocalizedText(text, None if tag == "none" else tag) for tag, text in texts.items())
    )


def own(identifier: str) -> Identification:
    """An identification of these tests."""
    return Identification("org.example", identifier, "1.0")


BARE = StudyDescription(own("S"), "StudyUnit", None, InternationalString())
FULL = StudyDescription(
    own("S"),
    "StudyUnit",
    "WAVE1",
    said(fr="Première vague & suite", en="First <wave>"),
    alternate_titles=(said(fr="V1"),),
    subtitle=said(en="Baseline"),
    abstract=said(fr="Résumé", en="Abstract"),
    purpose=said(none="Purpose"),
    agents=(
        Agent(said(fr="Équipe"), "creator", identifier="https://ror.org/02feahw73", affiliation=said(fr="CNRS")),
        Agent(said(en="Publisher"), "publisher"),
        Agent(said(en="Helper"), "contributor"),
        Agent(said(en="Funder"), "funder", grant="ANR-21-XXXX"),
    ),
    publication_date=Period("2021-05-03"),
    copyright=said(en="CC BY"),
    user_ids=(("DOI", "https://doi.org/10.13144/lil-1234"), ("local", "W1")),
    cohorts=(Named(own("G"), "Group"),),
    periods=(Period("2010", "2011"),),
    countries=("FR",),
    areas=(said(fr="Bretagne"),),
    subjects=(said(fr="santé", en="health"),),
    keywords=(said(xx="mot"),),
    kinds_of_data=(Term("SurveyData"),),
    universes=(Universe(own("U"), said(), said(en="Adults")),),
    collections=(Collection(own("E"), periods=(Period("2010-01", "2010-12"),)),),
    access=(Access(conditions=said(en="On request")),),
    languages=("en", "fr"),
    published_at=datetime(2024, 3, 1, tzinfo=UTC),
)
ITEM = ItemDescription(
    own("V"),
    "Variable",
    "SMOKE",
    said(fr="Fume", en="Smokes"),
    description=said(en="Whether"),
    subjects=(said(en="Tobacco"),),
    texts=(said(fr="Fumez-vous ?"),),
    within=(("org.example", "S"), ("", "a b")),
    related=(own("C"),),
    published_at=datetime(2024, 3, 1, tzinfo=UTC),
)


def values(body: bytes, name: str) -> list[tuple[str | None, str | None]]:
    """Text and language of the elements of a name."""
    return [(one.text, one.get(LANG)) for one in etree.fromstring(body).iter(f"{{*}}{name}")]


@pytest.mark.parametrize(
    "body",
    [
        dublin_core.of_study(BARE, BASE),
        dublin_core.of_study(FULL, BASE),
        dublin_core.of_item(ITEM, BASE),
        dublin_core.of_item(ItemDescription(own("V"), "Variable", None, InternationalString()), BASE),
    ],
)
def test_dublin_core_is_valid_and_has_a_title(oai_schema: etree.XMLSchema, body: bytes) -> None:
    oai_schema.assertValid(etree.fromstring(body))
    assert values(body, "title")
    assert values(body, "identifier")
    assert not oai_schema.validate(etree.fromstring(body.replace(b"dc:title", b"dc:headline")))


def test_a_study_says_everything_in_its_language() -> None:
    body = dublin_core.of_study(FULL, BASE)
    expected: dict[str, list[tuple[str, str | None]]] = {
        "title": [("Première vague & suite", "fr"), ("First <wave>", "en"), ("Baseline", "en"), ("V1", "fr")],
        "creator": [("Équipe", "fr")],
        "publisher": [("Publisher", "en")],
        "contributor": [("Helper", "en"), ("Funder", "en")],
        "description": [("Résumé", "fr"), ("Abstract", "en"), ("Purpose", None)],
        "subject": [("santé", "fr"), ("health", "en"), ("mot", None), ("SurveyData", None)],
        "date": [("2021-05-03", None)],
        "type": [("Dataset", None), ("StudyUnit", None)],
        "identifier": [
            ("urn:ddi:org.example:S:1.0", None),
            (f"{BASE}/id/org.example/S/1.0", None),
            ("https://doi.org/10.13144/lil-1234", None),
            ("W1", None),
        ],
        "language": [("en", None), ("fr", None)],
        "relation": [(f"{BASE}/id/org.example/G/1.0", None)],
        "coverage": [
            ("FR", None),
            ("Bretagne", "fr"),
            ("2010/2011", None),
            ("2010-01/2010-12", None),
            ("Adults", "en"),
        ],
        "rights": [("CC BY", "en"), ("On request", "en")],
    }
    assert {name: values(body, name) for name in expected} == expected
    assert len(etree.fromstring(body)) == sum(map(len, expected.values()))


def test_an_item_says_where_it_is_and_what_it_means() -> None:
    body = dublin_core.of_item(ITEM, BASE)
    assert values(body, "title") == [("Fume", "fr"), ("Smokes", "en"), ("SMOKE", None)]
    assert values(body, "description") == [("Whether", "en"), ("Fumez-vous ?", "fr")]
    assert [text for text, _ in values(body, "relation")] == [
        f"{BASE}/id/org.example/S",
        f"{BASE}/id/-/a%20b",
        f"{BASE}/id/org.example/C/1.0",
    ]
    assert values(body, "language") == [("en", None), ("fr", None)]


@pytest.mark.parametrize("study", [BARE, FULL, replace(FULL, type="Group"), replace(BARE, title=said(gb="x"))])
def test_datacite_has_all_that_is_required(study: StudyDescription) -> None:
    root = etree.fromstring(datacite.of_study(study, BASE))
    names = [etree.QName(one).localname for one in root]
    assert len(names) == len(set(names))  # xs:all
    assert set(REQUIRED) <= set(names)
    for one in root.iter():
        assert etree.QName(one).namespace == "http://datacite.org/schema/kernel-4"
        for name, allowed in LISTS.items():
            assert one.get(name) in (None, *allowed)
        assert len(one) or (one.text or "").strip(), one.tag
    assert str(root.findtext("{*}publicationYear")).isdecimal()
    assert len(str(root.findtext("{*}publicationYear"))) == 4


def test_datacite_says_what_is_known_and_no_more() -> None:
    body, bare = datacite.of_study(FULL, BASE), datacite.of_study(BARE, BASE)
    identifier = etree.fromstring(body).find("{*}identifier")
    assert identifier is not None
    assert (identifier.text, identifier.get("identifierType")) == ("10.13144/lil-1234", "DOI")
    assert values(body, "publicationYear") == [("2021", None)]
    assert values(body, "creatorName") == [("Équipe", "fr")]
    assert values(body, "nameIdentifier") == [("https://ror.org/02feahw73", None)]
    assert values(body, "date") == [("2010-01/2010-12", None), ("2021-05-03", None)]
    assert values(body, "awardNumber") == [("ANR-21-XXXX", None)]
    assert values(body, "language") == [("fr", None)]
    assert values(body, "geoLocationPlace") == [("FR", None), ("Bretagne", None)]
    assert ("urn:ddi:org.example:S:1.0", None) in values(body, "alternateIdentifier")
    assert values(bare, "identifier") == [("urn:ddi:org.example:S:1.0", None)]
    assert values(bare, "creatorName") == values(bare, "publisher") == [(":unav", None)]
    assert values(replace_year(), "publicationYear") == [("2024", None)]


def test_datacite_tells_the_urn_once() -> None:
    urn = BARE.identification.urn
    for doi in ((), (("DOI", "10.13144/lil-1234"),)):
        study = replace(BARE, user_ids=(("URN", urn), *doi), identifiers=(("DDI Alliance", urn), ("local", "W1")))
        body = datacite.of_study(study, BASE)
        told = [text for name in ("identifier", "alternateIdentifier") for text, _ in values(body, name)]
        assert told.count(urn) == 1
        assert "W1" in told


def replace_year() -> bytes:
    """Of a study that does not say when it was published."""
    return datacite.of_study(replace(FULL, publication_date=None), BASE)
