"""A process that evaluates queries may die of two things, and who asked is told of which."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from catalogue.rdf.evaluating import Evaluators
from catalogue.rdf.quads import MalformedQueryError, QueryTooHeavyError

DEPTH = 50_000
NUMBERS = " ".join(str(number) for number in range(300))
PRODUCT = "".join(f"VALUES ?x{place} {{ {NUMBERS} }} " for place in range(3))
LONG = f"BIND(CONCAT(STR(?x0), STR(?x1), '{'a' * 2000}') AS ?x)"
"""27 million rows of 2,000 characters, put together before anything is answered."""


@pytest.fixture
def evaluators() -> Iterator[Evaluators]:
    made = Evaluators({})
    yield made
    made.close()


@pytest.mark.parametrize(
    "text",
    [
        "ASK {" + "{" * DEPTH + "}" * DEPTH + "}",
        "ASK { FILTER(" + "(" * DEPTH + "true" + ")" * DEPTH + ") }",
        "ASK { FILTER(" + "!" * DEPTH + "true) }",
    ],
    ids=["groups", "brackets", "operators"],
)
def test_what_is_nested_too_deeply_is_malformed(evaluators: Evaluators, text: str) -> None:
    with pytest.raises(MalformedQueryError, match="nested too deeply"):
        evaluators.check(text, 30)
    evaluators.check("ASK {" + "{" * 100 + "}" * 100 + "}", 30)


def test_what_needs_too_much_memory_is_not(evaluators: Evaluators) -> None:
    with pytest.raises(QueryTooHeavyError):
        evaluators.check(f"ASK {{ {{ SELECT (GROUP_CONCAT(?x) AS ?t) {{ {PRODUCT} {LONG} }} }} FILTER(?t = '') }}", 120)
    evaluators.check("ASK {}", 30)


def test_the_process_starts_without_what_makes_graphs() -> None:
    """Whoever asks first waits for its start; rdflib is half of what there would be to import."""
    script = "import sys, catalogue.rdf.evaluator; sys.exit('rdflib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
    assert subprocess.run([sys.executable, "-c", f"import rdflib; {script}"], check=False).returncode == 1
