"""The judgments of relevance: what loads, what is refused, and nDCG against sums done by hand."""

from __future__ import annotations

from collections import Counter
from functools import cache
from math import log2
from pathlib import Path

import pytest
from lxml import etree

from tests.relevance.__main__ import findings
from tests.relevance.judgments import KINDS, LANGUAGES, Need, load, ndcg

EXAMPLES = Path(__file__).parents[2] / "examples"
AGENCY, IDENTIFIER, VERSION = (f"{{ddi:reusable:3_3}}{name}" for name in ("Agency", "ID", "Version"))

GOOD = """
[[need]]
id = "pain"
kind = "word"
query = "douleur"
language = "fr"
need = "Ce qui mesure la douleur."
over = "examples"
[need.answers]
"urn:ddi:a:C-pain:1" = 2
'~urn:ddi:a:(\\w+-)?V-PAIN\\w*:1' = 3
'~urn:ddi:a:.*PAIN.*' = 1
"""


def loaded(tmp_path: Path, text: str) -> tuple[Need, ...]:
    path = tmp_path / "needs.toml"
    path.write_text(text, encoding="utf-8")
    return load(path)


# --- grades -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("urn", "grade"),
    [
        ("urn:ddi:a:C-pain:1", 2),
        ("urn:ddi:a:W1-V-PAIN_NOW:1", 3),
        ("urn:ddi:a:V-PAIN:1", 3),
        ("urn:ddi:a:Q-PAIN_NOW:1", 1),
        ("urn:ddi:a:V-SLEEP:1", 0),
        ("prefix urn:ddi:a:V-PAIN:1", 0),
    ],
)
def test_a_urn_written_out_wins_then_the_pattern_with_the_best_grade(tmp_path: Path, urn: str, grade: int) -> None:
    (need,) = loaded(tmp_path, GOOD)
    assert need.grade(urn) == grade


def test_a_urn_written_out_may_take_back_what_a_pattern_gives(tmp_path: Path) -> None:
    (need,) = loaded(tmp_path, GOOD + '"urn:ddi:a:V-PAIN_OLD:1" = 1\n')
    assert need.grade("urn:ddi:a:V-PAIN_OLD:1") == 1


def test_the_ideal_is_every_item_with_a_grade_best_first(tmp_path: Path) -> None:
    (need,) = loaded(tmp_path, GOOD)
    urns = ["urn:ddi:a:Q-PAIN:1", "urn:ddi:a:V-SLEEP:1", "urn:ddi:a:V-PAIN:1", "urn:ddi:a:C-pain:1"]
    assert need.ideal(urns) == (3, 2, 1)


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('language = "fr"', 'language = "de"', "language is 'de'"),
        ('over = "examples"', 'over = "everything"', "over is 'everything'"),
        ('kind = "word"', 'kind = "riddle"', "kind is 'riddle'"),
        ('query = "douleur"', 'query = " "', "'query' is missing or empty"),
        ('need = "Ce qui mesure la douleur."', "", "'need' is missing or empty"),
        ('need = "Ce', 'engine = "x"\nneed = "Ce', "'engine' is not a key"),
        ("= 2\n", "= 0\n", "grade of urn:ddi:a:C-pain:1 is 0"),
        ("= 2\n", "= 4\n", "grade of urn:ddi:a:C-pain:1 is 4"),
        ("= 2\n", "= 2.0\n", r"grade of urn:ddi:a:C-pain:1 is 2\.0"),
        ("= 2\n", "= true\n", "grade of urn:ddi:a:C-pain:1 is True"),
        (r"(\w+-)?", r"(\w+-?", "no regular expression"),
    ],
)
def test_what_is_no_judgment_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in GOOD
    with pytest.raises(ValueError, match=message):
        loaded(tmp_path, GOOD.replace(old, new, 1))


def test_a_need_without_answers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="pain: no item answers it"):
        loaded(tmp_path, GOOD.partition("[need.answers]")[0])
    with pytest.raises(ValueError, match="pain: no item answers it"):
        loaded(tmp_path, GOOD.partition("[need.answers]")[0] + "[need.answers]\n")


def test_an_id_given_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="'pain' is given to several needs"):
        loaded(tmp_path, GOOD + GOOD)


def test_answers_that_lead_to_no_item_or_to_no_answer_are_found(tmp_path: Path) -> None:
    (need,) = loaded(tmp_path, GOOD)
    good = frozenset({"urn:ddi:a:C-pain:1", "urn:ddi:a:V-PAIN:1"})
    assert list(findings(need, good, frozenset({"urn:ddi:a:V-SLEEP:1"}))) == []
    assert list(findings(need, good - {"urn:ddi:a:C-pain:1"}, frozenset())) == [
        "pain: nothing is published under urn:ddi:a:C-pain:1"
    ]
    assert list(findings(need, good - {"urn:ddi:a:V-PAIN:1"}, frozenset({"urn:ddi:a:CC-PAIN:1"}))) == [
        r"pain: no item matches urn:ddi:a:(\w+-)?V-PAIN\w*:1",
        "pain: no item matches urn:ddi:a:.*PAIN.*",
        "pain: urn:ddi:a:CC-PAIN:1 is of a type that is no answer",
    ]


# --- nDCG, by hand: gains of the grades 0, 1, 2, 3 are 0, 1, 3, 7 -----------------------------------------------------


def test_the_best_order_is_worth_one() -> None:
    assert ndcg([3, 2, 1], [1, 3, 2]) == pytest.approx(1.0)


def test_two_items_the_wrong_way_round() -> None:
    # DCG 3/1 + 7/log2(3) = 7.4165; ideal 7/1 + 3/log2(3) = 8.8928.
    assert ndcg([2, 3], [3, 2]) == pytest.approx((3 + 7 / log2(3)) / (7 + 3 / log2(3)))
    assert ndcg([2, 3], [3, 2]) == pytest.approx(0.8340, abs=5e-5)


def test_an_irrelevant_item_on_top_pushes_the_rest_down() -> None:
    # DCG 0 + 7/log2(3) + 0 + 1/log2(5) = 4.8472; ideal 7 + 1/log2(3) = 7.6309.
    assert ndcg([0, 3, 0, 1], [3, 1]) == pytest.approx(0.6352, abs=5e-5)


def test_items_that_were_not_returned_count_against_the_ranking() -> None:
    # DCG 7; ideal 7 + 7/log2(3) + 7/log2(4) = 14.9165.
    assert ndcg([3], [3, 3, 3]) == pytest.approx(0.4693, abs=5e-5)


def test_only_the_first_k_places_count_in_the_ranking_and_in_the_ideal() -> None:
    assert ndcg([0, 0, 3], [3], k=2) == 0.0
    assert ndcg([3, 3], [3] * 50, k=2) == pytest.approx(1.0)
    assert ndcg([3] * 10 + [0] * 90, [3] * 50) == pytest.approx(1.0)


def test_nothing_returned_is_worth_nothing() -> None:
    assert ndcg([], [3]) == 0.0


@pytest.mark.parametrize("ideal", [[], [0, 0]])
def test_no_answers_give_no_figure(ideal: list[int]) -> None:
    with pytest.raises(ValueError, match="No item answers"):
        ndcg([3], ideal)


def test_k_is_at_least_one() -> None:
    with pytest.raises(ValueError, match="k is 0"):
        ndcg([3], [3], k=0)


# --- the file itself --------------------------------------------------------------------------------------------------


@cache
def needs() -> tuple[Need, ...]:
    return load()


@cache
def example_urns() -> frozenset[str]:
    """The URN of every item in the example documents, each of which writes its identification out."""
    roots = [etree.parse(path).getroot() for path in sorted(EXAMPLES.glob("*.xml"))]
    triples = (
        tuple(element.findtext(part) for part in (AGENCY, IDENTIFIER, VERSION))
        for root in roots
        for element in root.iter()
    )
    return frozenset("urn:ddi:" + ":".join(map(str, triple)) for triple in triples if all(triple))


def test_there_are_enough_needs_of_every_kind_in_both_languages() -> None:
    assert len(needs()) >= 80
    assert {need.kind for need in needs()} == set(KINDS)
    languages = Counter(need.language for need in needs())
    assert all(languages[language] >= 0.4 * len(needs()) for language in LANGUAGES)
    collections = Counter(need.over for need in needs())
    assert collections["examples"] >= 60
    assert collections["corpus"] >= 20


@pytest.mark.parametrize("need", [need for need in load() if need.over == "examples"], ids=lambda need: str(need.id))
def test_every_key_over_the_examples_leads_to_an_item(need: Need) -> None:
    assert len(example_urns()) > 5000
    assert set(need.exact) <= example_urns()
    for pattern, _ in need.patterns:
        assert any(map(pattern.fullmatch, example_urns())), pattern.pattern


@pytest.mark.parametrize("need", load(), ids=lambda need: str(need.id))
def test_every_need_has_something_that_is_exactly_what_is_wanted_or_nearly(need: Need) -> None:
    assert max([*need.exact.values(), *(grade for _, grade in need.patterns)]) >= 2
