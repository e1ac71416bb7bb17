"""The thesaurus against the SKOS Reference (integrity conditions), brute force, and a second reading of ours."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from rdflib import RDF, SKOS, Graph

from catalogue.search.thesaurus import (
    Label,
    Match,
    Thesaurus,
    ThesaurusConcept,
    ThesaurusError,
    read_thesaurus,
    starter_file,
)

BASE = "https://catalogue.example/thesaurus/"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
PREFIXES = """
@prefix : <https://example.org/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
# Labels that two concepts of the starter file share on purpose, in normal form.
DELIBERATE = {
    ("ald",): {"adrenoleukodystrophy", "long-term-condition-scheme"},
}


def normal(text: str) -> tuple[str, ...]:
    """Lower-case words without accents and ligatures."""
    flat = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe"))
    return tuple(re.findall(r"[a-z0-9]+", "".join(c for c in flat if not unicodedata.combining(c))))


def concept(uri: str, *labels: str) -> ThesaurusConcept:
    return ThesaurusConcept(uri, tuple(Label(text, "en", number == 0) for number, text in enumerate(labels)))


Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a thesaurus file and gives its path."""

    def written(text: str, name: str = "own.ttl", prefixes: str = PREFIXES) -> Path:
        path = tmp_path / name
        path.write_text(prefixes + text, encoding="utf-8")
        return path

    return written


@pytest.fixture(scope="module")
def starter() -> Thesaurus:
    return read_thesaurus(None, normal)


# --- finding ----------------------------------------------------------------------------------------------------------


def spans(thesaurus: Thesaurus, query: str) -> list[tuple[int, int, str]]:
    return [(match.start, match.stop, match.concept.uri) for match in thesaurus.find(normal(query))]


def test_the_longest_label_wins_and_matches_do_not_overlap() -> None:
    thesaurus = Thesaurus([concept("mass", "mass"), concept("bmi", "body mass index"), concept("body", "body")], normal)
    assert spans(thesaurus, "the body mass index, and body mass") == [(1, 4, "bmi"), (5, 6, "body"), (6, 7, "mass")]


def test_a_label_that_is_longer_than_the_rest_of_the_query_does_not_stretch_the_span() -> None:
    thesaurus = Thesaurus([concept("a", "ALD", "ALD 30")], normal)
    assert spans(thesaurus, "ald") == [(0, 1, "a")]


def test_concepts_that_share_a_label_are_all_found_with_the_same_span() -> None:
    thesaurus = Thesaurus([concept("autism", "ASD"), concept("heart", "atrial septal defect", "ASD")], normal)
    assert spans(thesaurus, "asd in children") == [(0, 1, "autism"), (0, 1, "heart")]


def test_labels_that_are_the_same_in_normal_form_find_their_concept_once_by_the_preferred_one() -> None:
    thesaurus = Thesaurus([concept("c", "Cannabis", "cannabis", "CANNABIS")], normal)
    assert thesaurus.find(("cannabis",)) == (Match(0, 1, thesaurus.concepts[0], Label("Cannabis", "en", True)),)


def test_a_label_without_words_is_never_found() -> None:
    thesaurus = Thesaurus([concept("c", "???")], normal)
    assert len(thesaurus) == 1
    assert thesaurus.find(()) == ()
    assert thesaurus.find(normal("?")) == ()


WORDS = st.lists(st.sampled_from("abc"), min_size=1, max_size=4)


@given(st.lists(WORDS, max_size=6), st.lists(st.sampled_from("abcd"), max_size=8))
def test_finding_equals_brute_force(labels: list[list[str]], query: list[str]) -> None:
    thesaurus = Thesaurus([concept(str(n), " ".join(label)) for n, label in enumerate(labels)], normal)
    expected: list[tuple[int, int, str]] = []
    start = 0
    while start < len(query):
        stops = [stop for stop in range(len(query), start, -1) if query[start:stop] in labels]
        if stops:
            expected += [
                (start, stops[0], str(n)) for n, label in enumerate(labels) if label == query[start : stops[0]]
            ]
        start = stops[0] if stops else start + 1
    assert spans(thesaurus, " ".join(query)) == expected


def test_the_preferred_label_of_a_language() -> None:
    found = ThesaurusConcept(
        "c", (Label("sleep", "en", True), Label("sommeil", "fr-FR", True), Label("dodo", "fr", False))
    )
    assert [found.preferred(tag) for tag in ("en", "fr", "fr-CA", "de", "not a tag")] == [
        "sleep",
        "sommeil",
        "sommeil",
        "sleep",
        "sleep",
    ]


# --- reading ----------------------------------------------------------------------------------------------------------

CONCEPTS = """
:bmi a skos:Concept ; skos:prefLabel "body mass index"@en, "indice de masse corporelle"@fr ;
    skos:altLabel "BMI"@en, "no language" ; skos:hiddenLabel "boddy mass index"@en .
:sleep a skos:Concept ; skos:prefLabel "sleep"@en .
:not-a-concept skos:prefLabel "something else"@en .
"""


@pytest.mark.parametrize(
    ("extension", "syntax"),
    [
        (".ttl", "turtle"),
        (".rdf", "xml"),
        (".xml", "xml"),
        (".owl", "xml"),
        (".jsonld", "json-ld"),
        (".JSON", "json-ld"),
    ],
)
def test_the_syntaxes_give_the_same_concepts(write: Write, extension: str, syntax: str) -> None:
    text = Graph().parse(data=PREFIXES + CONCEPTS, format="turtle").serialize(format=syntax)
    concepts = read_thesaurus(write(text, f"own{extension}", ""), normal).concepts
    assert concepts == (
        ThesaurusConcept(
            "https://example.org/bmi",
            (
                Label("body mass index", "en", True),
                Label("indice de masse corporelle", "fr", True),
                Label("no language", None, False),
                Label("BMI", "en", False),
                Label("boddy mass index", "en", False),
            ),
        ),
        ThesaurusConcept("https://example.org/sleep", (Label("sleep", "en", True),)),
    )


def test_exact_matches_are_one_concept_with_one_preferred_label_per_language(write: Write) -> None:
    path = write("""
        :a a skos:Concept ; skos:prefLabel "heart attack"@en ; skos:exactMatch :b, <https://elsewhere.example/x> .
        :b a skos:Concept ; skos:prefLabel "myocardial infarction"@en, "infarctus"@fr ;
            skos:altLabel "heart attack"@en .
        :c a skos:Concept ; skos:prefLabel "MI"@en ; skos:exactMatch :b .
        :d a skos:Concept ; skos:prefLabel "stroke"@en ; skos:closeMatch :a .
    """)
    merged, alone = read_thesaurus(path, normal).concepts
    assert merged.uri == "https://example.org/a"
    assert set(merged.labels) == {
        Label("heart attack", "en", True),
        Label("infarctus", "fr", True),
        Label("myocardial infarction", "en", False),
        Label("MI", "en", False),
    }
    assert [label.preferred for label in merged.labels] == [True, True, False, False]
    assert alone.uri == "https://example.org/d"


def test_two_chains_of_exact_matches_that_meet_are_one(write: Write) -> None:
    concepts = "\n".join(f':{c} a skos:Concept ; skos:prefLabel "{c}"@en .' for c in "abcde")
    path = write(concepts + ":a skos:exactMatch :b . :d skos:exactMatch :c . :b skos:exactMatch :d, :a .")
    merged, alone = read_thesaurus(path, normal).concepts
    assert {label.text for label in merged.labels} == set("abcd")
    assert alone.uri == "https://example.org/e"


def test_a_changed_file_is_read_anew(write: Write) -> None:
    first = write(':a a skos:Concept ; skos:prefLabel "one"@en .')
    assert read_thesaurus(first, normal).concepts[0].preferred("en") == "one"
    second = write(':a a skos:Concept ; skos:prefLabel "two"@en .')
    assert first == second
    assert read_thesaurus(second, normal).concepts[0].preferred("en") == "two"


S12, S13, S14 = "SKOS S12", "SKOS S13", "SKOS S14"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('skos:prefLabel "a"@en ; skos:altLabel "a"@en', S13),
        ('skos:altLabel "a"@en ; skos:hiddenLabel "a"@en', S13),
        ('skos:prefLabel "a"@en ; skos:hiddenLabel "a"@en', S13),
        ('skos:prefLabel "a" ; skos:altLabel "a"', S13),
        ('skos:prefLabel "a"@en, "b"@en', S14),
        ('skos:prefLabel "a"@en, "b"@EN', S14),
        ('skos:prefLabel "a", "b"', S14),
        ('skos:prefLabel "12"^^xsd:integer', S12),
        ("skos:prefLabel :resource", S12),
        ('skos:prefLabel " "@en', "blank label"),
        ('skos:notation "a"', "no label"),
    ],
)
def test_a_concept_that_breaks_a_condition_is_named(write: Write, text: str, told: str) -> None:
    with pytest.raises(ThesaurusError, match=told) as caught:
        read_thesaurus(write(f":wrong a skos:Concept ; {text} ."), normal)
    assert "https://example.org/wrong" in caught.value.message


@pytest.mark.parametrize(
    "text",
    [
        'skos:prefLabel "a"@en ; skos:altLabel "a"@fr',  # another language: another literal
        'skos:prefLabel "a"@en, "a"@en-GB, "a"',  # three tags: en and en-GB are not the same
        'skos:prefLabel "a"@en ; skos:altLabel "A"@en',
        'skos:altLabel "a"@en, "b"@en',  # none preferred is consistent
        'skos:prefLabel "a"^^xsd:string',  # RDF 1.1: the same as without type
    ],
)
def test_what_skos_allows_is_read(write: Write, text: str) -> None:
    assert len(read_thesaurus(write(f":right a skos:Concept ; {text} ."), normal)) == 1


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("own.ttl", "", "no skos:Concept"),
        ("own.ttl", ":a skos:prefLabel 'a' .", "malformed"),
        ("own.ttl", "@prefix broken", "malformed"),
        ("own.rdf", "<rdf:RDF>", "malformed"),
        ("own.rdf", "", "malformed"),
        ("own.jsonld", "{", "malformed"),
        ("own.jsonld", "{}", "no skos:Concept"),
        ("own.jsonld", '{"@context": "https://example.org/context"}', "context elsewhere"),
        ("own.jsonld", '[{"a": {"@context": [{}, "https://example.org/context"]}}]', "context elsewhere"),
        ("own.jsonld", '{"@context": {"@import": "https://example.org/context"}}', "context elsewhere"),
        ("own.csv", "a;b", "extension"),
        ("own", "", "extension"),
    ],
)
def test_a_file_that_is_no_thesaurus(write: Write, name: str, text: str, told: str) -> None:
    with pytest.raises(ThesaurusError, match=told) as caught:
        read_thesaurus(write(text, name, ""), normal)
    assert name in caught.value.message
    assert "\n" not in caught.value.message


def test_an_external_entity_is_not_fetched(write: Write, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret", encoding="utf-8")
    path = write(
        f"""<!DOCTYPE rdf:RDF [<!ENTITY skos "{SKOS}"><!ENTITY secret SYSTEM "{secret.as_uri()}">]>
        <rdf:RDF xmlns:rdf="{RDF}" xmlns:skos="&skos;"><skos:Concept rdf:about="https://example.org/a">
        <skos:prefLabel>known &secret;</skos:prefLabel></skos:Concept></rdf:RDF>""",
        "own.rdf",
        "",
    )
    (only,) = read_thesaurus(path, normal).concepts
    assert only.preferred("en").strip() == "known"


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    (tmp_path / "folder.ttl").mkdir()
    for name in ("missing.ttl", "folder.ttl"):
        with pytest.raises(ThesaurusError, match="cannot be read") as caught:
            read_thesaurus(tmp_path / name, normal)
        assert (caught.value.code, caught.value.exit_code, caught.value.http_status) == ("thesaurus", 2, 503)
        assert caught.value.next_step


def test_a_concept_needs_a_label() -> None:
    with pytest.raises(ThesaurusError, match="no label"):
        ThesaurusConcept("https://example.org/a", ())


# --- the file that ships ----------------------------------------------------------------------------------------------

TURTLE = starter_file().read_text(encoding="utf-8")
BLOCKS = {block.split()[0][1:]: block for block in re.split(r"\n\n(?=:)", TURTLE)[1:] if "skos:Concept ;" in block}


def literals(block: str) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Text and language of the preferred and of the other labels of a block, read without an RDF parser."""
    preferred, _, others = block.partition("skos:altLabel")
    notation_apart = re.sub(r'skos:notation "[A-Z]+"', "", preferred)
    first, second = (set(re.findall(r'"([^"]+)"@(\w\w)', part)) for part in (notation_apart, others))
    return first, second


def test_our_file_is_read_as_its_text_says(starter: Thesaurus) -> None:
    assert len(starter) == len(BLOCKS) == TURTLE.count("a skos:Concept ;") >= 350
    assert sum(len(concept.labels) for concept in starter.concepts) == len(re.findall(r'"@(?:en|fr)[ ,]', TURTLE)) - 4
    for found in starter.concepts:
        block = BLOCKS[found.uri.removeprefix(BASE)]
        preferred, others = literals(block)
        assert {(x.text, x.language) for x in found.labels if x.preferred} == preferred, found.uri
        assert {(x.text, x.language) for x in found.labels if not x.preferred} == others, found.uri


def test_our_file_has_the_same_labels_in_rdf_xml() -> None:
    graph = Graph().parse(starter_file().as_uri(), format="turtle")
    tree = etree.fromstring(graph.serialize(format="xml").encode())
    label = f"{{{SKOS}}}prefLabel"
    by_language = defaultdict(list)
    for element in tree.iter(label):
        by_language[element.get(XML_LANG)].append(element.text)
    assert {language: len(texts) for language, texts in by_language.items()} == {"en": len(BLOCKS), "fr": len(BLOCKS)}


def test_every_concept_of_ours_has_one_preferred_label_in_each_language(starter: Thesaurus) -> None:
    for found in starter.concepts:
        assert sorted(str(label.language) for label in found.labels if label.preferred) == ["en", "fr"], found.uri
        assert {label.language for label in found.labels} == {"en", "fr"}, found.uri


def shared_labels(thesaurus: Thesaurus) -> Iterator[tuple[tuple[str, ...], set[str]]]:
    """Normal forms that name two or more concepts, in one language or across."""
    named: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for found in thesaurus.concepts:
        for label in found.labels:
            named[normal(label.text)].add(found.uri.removeprefix(BASE))
    return ((words, slugs) for words, slugs in named.items() if len(slugs) > 1)


def test_no_two_concepts_of_ours_share_a_label_unless_on_purpose(starter: Thesaurus) -> None:
    assert dict(shared_labels(starter)) == DELIBERATE


def test_a_shared_label_would_be_seen() -> None:
    assert list(shared_labels(Thesaurus([concept("a", "IMC"), concept("b", "x", "imc")], normal))) == [
        (("imc",), {"a", "b"})
    ]


def test_no_concept_of_ours_has_a_label_twice_in_a_language(starter: Thesaurus) -> None:
    for found in starter.concepts:
        forms = [(normal(label.text), label.language) for label in found.labels]
        assert len(forms) == len(set(forms)), found.uri
        assert all(words for words, _ in forms), found.uri


def test_our_hierarchy_ends_in_top_concepts_with_a_notation() -> None:
    graph = Graph().parse(starter_file().as_uri(), format="turtle")
    tops = set(graph.subjects(SKOS.topConceptOf))
    assert tops == set(graph.subjects(SKOS.notation))
    assert len(set(graph.objects(None, SKOS.notation))) == len(tops)
    concepts = set(graph.subjects(RDF.type, SKOS.Concept))
    assert concepts == set(graph.subjects(SKOS.inScheme))
    for start in concepts:
        node, seen = start, {start}
        while node not in tops:
            (node,) = graph.objects(node, SKOS.broader)
            assert node in concepts, start
            assert node not in seen, start
            seen.add(node)
        assert not list(graph.objects(node, SKOS.broader))


def test_our_file_is_sorted_and_laid_out_alike() -> None:
    assert list(BLOCKS) == sorted(BLOCKS)
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug) for slug in BLOCKS)
    english, french = (rf'"[^"\n]+"@{language}(?:, "[^"\n]+"@{language})*' for language in ("en", "fr"))
    labels = f"(?:{english}|{french})"
    layout = re.compile(
        r":[a-z0-9-]+ a skos:Concept ;\n"
        r"    skos:inScheme :scheme ;\n"
        r'    (?:skos:broader :[a-z0-9-]+|skos:topConceptOf :scheme ;\n    skos:notation "[A-Z]{3}") ;\n'
        r'    skos:prefLabel "[^"\n]+"@en ;\n    skos:prefLabel "[^"\n]+"@fr '
        rf"(?:;\n    skos:altLabel(?:\n        {labels},)*\n        {labels} )?\.\n*"
    )
    assert [slug for slug, block in BLOCKS.items() if not layout.fullmatch(block)] == []
    assert max(len(line) for line in TURTLE.splitlines()) <= 120
    for slug, block in BLOCKS.items():
        languages = re.findall(r'"@(en|fr)', block.partition("skos:altLabel")[2])
        assert languages == sorted(languages), slug


@pytest.mark.parametrize(
    ("query", "slug"),
    [
        ("BMI", "body-mass-index"),
        ("IMC", "body-mass-index"),
        ("indice de Quetelet", "body-mass-index"),
        ("tobacco", "tobacco"),
        ("tabagisme", "tobacco"),
        ("fumer", "tobacco"),
        ("sleep", "sleep"),
        ("sommeil", "sleep"),
        ("poids a la naissance", "birth-weight"),
        ("sang de cordon", "cord-blood"),
        ("FSHD", "facioscapulohumeral-dystrophy"),
        ("maladie de Fabry", "fabry-disease"),
        ("esophageal atresia", "oesophageal-atresia"),
        ("SNDS", "national-health-data-system"),
        ("autism spectrum disorder", "autism"),
        ("TDAH", "attention-deficit-hyperactivity-disorder"),
    ],
)
def test_a_word_of_the_field_finds_its_concept(starter: Thesaurus, query: str, slug: str) -> None:
    (match,) = starter.find(normal(query))
    assert (match.start, match.stop, match.concept.uri) == (0, len(normal(query)), BASE + slug)


@pytest.mark.parametrize("query", ["poids", "taille", "vue", "aids", "pet", "had", "régime", "entretien"])
def test_a_word_with_several_meanings_finds_nothing(starter: Thesaurus, query: str) -> None:
    assert starter.find(normal(query)) == ()


def test_reading_again_parses_nothing(starter: Thesaurus) -> None:
    again = read_thesaurus(None, normal)
    assert all(one is other for one, other in zip(starter.concepts, again.concepts, strict=True))
