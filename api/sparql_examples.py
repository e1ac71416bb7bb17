"""Queries to begin with: the key of what each asks in the locales, and its text. All answer on the example cohorts."""

from __future__ import annotations

from collections.abc import Sequence

EXAMPLES: Sequence[tuple[str, str]] = (
    (
        "sparql.example_catalogue",
        """PREFIX dcat: <http://www.w3.org/ns/dcat#>
PREFIX dct: <http://purl.org/dc/terms/>
PREFIX foaf: <http://xmlns.com/foaf/0.1/>
SELECT ?catalogue ?dataset ?title ?publisher WHERE {
  ?catalogue a dcat:Catalog ; dcat:dataset ?dataset .
  ?dataset dct:title ?title .
  OPTIONAL { ?dataset dct:publisher/foaf:name ?publisher . FILTER (lang(?publisher) = "LANG") }
  FILTER (lang(?title) = "LANG")
} ORDER BY ?title LIMIT 100""",
    ),
    (
        "sparql.example_waves",
        """PREFIX dcat: <http://www.w3.org/ns/dcat#>
PREFIX dct: <http://purl.org/dc/terms/>
SELECT ?cohort ?wave ?title WHERE {
  ?cohort a dcat:DatasetSeries .
  ?wave dcat:inSeries ?cohort ; dct:title ?title .
  FILTER (lang(?title) = "LANG")
  FILTER NOT EXISTS { ?newer dcat:previousVersion ?wave }
  FILTER NOT EXISTS { ?later dcat:previousVersion ?cohort }
  FILTER NOT EXISTS { ?wave dct:isPartOf ?whole }
} ORDER BY ?cohort ?wave LIMIT 100""",
    ),
    (
        "sparql.example_tobacco",
        """PREFIX disco: <http://rdf-vocabulary.ddialliance.org/discovery#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?variable ?name ?label ?question WHERE {
  ?variable a disco:Variable ; skos:notation ?name ; skos:prefLabel ?label .
  OPTIONAL { ?variable disco:question/disco:questionText ?question . FILTER (lang(?question) = "LANG") }
  FILTER (lang(?label) = "LANG" && regex(concat(?label, " ", coalesce(?question, "")), "WORDS", "i"))
} ORDER BY ?label LIMIT 100""",
    ),
    (
        "sparql.example_shared",
        """PREFIX disco: <http://rdf-vocabulary.ddialliance.org/discovery#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX ddil: <https://w3id.org/cohort-catalogue/ddil#>
SELECT ?concept ?label (COUNT(DISTINCT ?cohort) AS ?cohorts) (COUNT(DISTINCT ?variable) AS ?variables) WHERE {
  ?variable a disco:Variable ; disco:concept ?concept ; ddil:cohort ?cohort .
  ?concept skos:prefLabel ?label .
  FILTER (lang(?label) = "LANG")
} GROUP BY ?concept ?label HAVING (COUNT(DISTINCT ?cohort) > 1) ORDER BY DESC(?cohorts) LIMIT 50""",
    ),
    (
        "sparql.example_types",
        """SELECT ?type (COUNT(*) AS ?items) WHERE { ?item a ?type } GROUP BY ?type ORDER BY DESC(?items) LIMIT 50""",
    ),
    (
        "sparql.example_graph",
        """PREFIX dcat: <http://www.w3.org/ns/dcat#>
PREFIX dct: <http://purl.org/dc/terms/>
CONSTRUCT { ?wave dct:title ?title ; dcat:inSeries ?cohort } WHERE {
  ?wave a dcat:Dataset ; dct:title ?title ; dcat:inSeries ?cohort
} LIMIT 200""",
    ),
)
# The words of one subject: each language finds the same variables. Biological samples are part of a wave's dataset.
_WORDS = {"fr": "taba[cg]|cigarette|(^|[ ’'])fum", "en": "tobacco|smok|cigarette"}


def examples(language: str) -> list[tuple[str, str]]:
    """The examples for readers of a language."""
    words = _WORDS.get(language, _WORDS["en"])
    return [(key, text.replace("LANG", language).replace("WORDS", words)) for key, text in EXAMPLES]
