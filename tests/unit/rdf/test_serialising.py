"""The bytes of a graph are the same in every process, whatever the seed of its hashes, and whatever comes first."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rdflib import Graph, Literal, Namespace

from catalogue.exposure.cohorts import Cohorts
from catalogue.exposure.dissemination import study_writers
from catalogue.exposure.graphs import Graphs
from catalogue.exposure.portals import CATALOGUE_PROFILES, WRITERS, as_graph
from catalogue.exposure.resources import ResourceBuilder
from catalogue.rdf.serialising import serialized
from catalogue.service import open_catalogue
from catalogue.settings import Settings
from catalogue.store.records import ItemFilter
from tests.conftest import ROOT
from tests.unit.rdf.portals import BASE, COHORTS, portals

FORMS = ("turtle", "json-ld", "xml", "nt")
EX = Namespace("http://example.org/#")
UNORDERED = "rdflib alone"
EXAMPLES = ("common.xml", "dmfsh.xml")


def settings(folder: Path) -> Settings:
    return Settings(data=folder, cohorts=COHORTS, base_url=BASE)


def digests(folder: Path) -> dict[str, str]:
    """Sums of what is sent of a cohort, a wave, a variable and the whole, by what it is; and of what rdflib alone makes
    of it."""
    found: dict[str, bytes] = {}
    with open_catalogue(settings(folder)) as catalogue:
        repository = catalogue._repository
        of = portals(repository)
        graphs = Graphs(ResourceBuilder(repository), of, BASE)
        (cohort,) = repository.cohorts()
        studies = [cohort.item.id, cohort.waves[0].item.id]
        (variable,) = [one.id for one in repository.list_items(ItemFilter(types=("Variable",)), limit=1).items]
        for item, profiles in ((studies[0], WRITERS), (studies[1], WRITERS), (variable, ("schema",))):
            for profile in (None, "disco", *profiles):
                graph = graphs.graph(item, profile)
                found |= {f"{item} {profile} {form}": serialized(graph, form) for form in FORMS}
                found[f"{item} {profile} {UNORDERED}"] = graph.serialize(format="xml", encoding="utf-8")
        document = catalogue.harvesters.catalogue_document
        found |= {f"catalogue {one} {form}": document(one, form) for one in CATALOGUE_PROFILES for form in FORMS}
        write = study_writers(repository, BASE, Cohorts(COHORTS).of)["oai_dcat"]
        found |= {f"{item} oai_dcat": write(of.study(item)[0], item) for item in studies}
    return {name: hashlib.sha256(written).hexdigest() for name, written in found.items()}


def of_process(folder: Path, seed: int) -> dict[str, str]:
    """The sums that a process of its own finds."""
    code = f"import json, sys; from pathlib import Path; from {__name__} import digests"
    code += "; json.dump(digests(Path(sys.argv[1])), sys.stdout)"
    run = subprocess.run(
        [sys.executable, "-c", code, str(folder)],
        env={**os.environ, "PYTHONHASHSEED": str(seed)}, cwd=ROOT, capture_output=True, check=True,
    )  # fmt: skip
    found: dict[str, str] = json.loads(run.stdout)
    return found


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    folder = tmp_path_factory.mktemp("published")
    with open_catalogue(settings(folder)) as catalogue:
        for name in EXAMPLES:
            assert catalogue.submit((ROOT / "examples" / name).read_bytes(), name, accept_invalid=True).document
    return [of_process(folder, seed) for seed in (1, 2)]


def test_every_form_has_the_same_bytes_in_every_process(found: list[dict[str, str]]) -> None:
    first, second = ({name: sum_ for name, sum_ in one.items() if UNORDERED not in name} for one in found)
    assert {name for name in first if first[name] != second[name]} == set()
    assert {name.rpartition(" ")[2] for name in first} == {*FORMS, "oai_dcat"}


def test_without_order_they_would_differ(found: list[dict[str, str]]) -> None:
    first, second = ({name: sum_ for name, sum_ in one.items() if UNORDERED in name} for one in found)
    assert {name for name in first if first[name] != second[name]}


@pytest.mark.parametrize("form", FORMS)
def test_the_order_in_which_triples_come_makes_no_difference(form: str) -> None:
    triples = [
        (EX[subject], EX[predicate], value)
        for subject in "abc"
        for predicate in "pq"
        for value in (EX.o, Literal("o", lang="fr"), Literal("o", lang="en"), Literal(1))
    ]
    written = serialized(as_graph(triples), form)
    assert written == serialized(as_graph(reversed(triples)), form)
    assert set(Graph().parse(data=written, format=form)) == set(triples)
    assert written != serialized(as_graph(triples[1:]), form)
