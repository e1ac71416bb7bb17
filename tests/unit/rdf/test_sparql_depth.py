"""Brackets deep in each other are refused before the parser is lost in them; what only looks like it is not."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time

import pytest

from catalogue.rdf.quads import MalformedQueryError, NestedTooDeeplyError
from catalogue.rdf.sparql import check

MANY = "(" * 50
PLAIN = {
    "short strings": f"ASK {{ ?s ?p '{MANY}', \"{MANY}\", 'it\\'s {MANY}' }}",
    "long strings": f"ASK {{ ?s ?p '''{MANY}'{MANY}''', \"\"\"{MANY}\\\"{MANY}\"\"\" }}",
    "comments": f"ASK {{ # {MANY} '\n ?s ?p ?o # {MANY}\n }}",
    "addresses": "ASK { " + "<http://a/b(c)#d> <http://a/o'brien> ((1)) . " * 50 + "}",
    "names": "PREFIX ex: <http://a/> ASK { " + "ex:a\\(b ex:p ex:c\\' . " * 50 + "}",
    "side by side": "ASK { " + "FILTER((1 < 2) && (3 > 2)) " * 50 + "}",
    "groups": "ASK {" + "{" * 100 + "}" * 100 + "}",
}


def lists(depth: int) -> str:
    return "ASK { ?s ?p " + "(" * depth + "1" + ")" * depth + " }"


def blank_nodes(depth: int) -> str:
    return "ASK { ?s ?p " + "[ <http://a/p> " * depth + "1" + "]" * depth + " }"


@pytest.mark.parametrize("nested", [lists, blank_nodes])
def test_deep_lists_are_refused_at_once(nested: Callable[[int], str]) -> None:
    check(nested(40))
    started = process_time()
    for depth in (41, 300, 100_000):
        with pytest.raises(NestedTooDeeplyError, match="nested too deeply") as caught:
            check(nested(depth))
        assert caught.value.http_status == 400
    assert process_time() - started < 5  # the parser alone takes minutes for 300


@pytest.mark.parametrize("text", PLAIN.values(), ids=PLAIN)
def test_brackets_that_are_not_in_each_other_are_no_depth(text: str) -> None:
    check(text)


@pytest.mark.parametrize("before", ["<http://a/#b> ", "'#' ", "'''#''' ", "1 < 2 # >\n", "ex:a\\' ", ") " * 60, "'\n"])
def test_nothing_hides_brackets_that_the_parser_may_see(before: str) -> None:
    with pytest.raises(NestedTooDeeplyError):
        check("ASK { ?s ?p " + before + "(" * 41)


def test_an_address_full_of_brackets_counts_as_if_it_were_an_expression() -> None:
    with pytest.raises(NestedTooDeeplyError):
        check("ASK { FILTER(?a <" + "(" * 41 + "1" + ")" * 41 + "> ?b) }")
    with pytest.raises(MalformedQueryError) as caught:
        check("ASK { FILTER(?a <((1))> ?b) }")
    assert not isinstance(caught.value, NestedTooDeeplyError)
