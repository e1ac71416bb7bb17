"""How well a catalogue answers the judged needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

from catalogue.service import Catalogue, SearchQuestion
from tests.relevance.judgments import Need, ndcg

DEPTH = 10


@dataclass(frozen=True, slots=True)
class Ranking:
    """What was found for a need: the URNs in order, how many there are in all, the best grades, nDCG at ``DEPTH``."""

    need: Need
    urns: tuple[str, ...]
    total: int
    ideal: tuple[int, ...]
    ndcg: float


def rankings(catalogue: Catalogue, needs: Iterable[Need], items: Sequence[str]) -> Iterator[Ranking]:
    """The answer to every need as its reader would get it; ``items`` are the URNs of all that can be found."""
    for need in needs:
        answer = catalogue.searching.search(SearchQuestion(need.query, need.language, limit=DEPTH))
        if not answer.items and answer.corrections:  # the reader follows the link that the page shows
            answer = catalogue.searching.search(SearchQuestion(answer.corrections[0].text, need.language, limit=DEPTH))
        urns = tuple(found.summary.urn for found in answer.items)
        ideal = need.ideal(items)
        yield Ranking(need, urns, answer.total, ideal, ndcg([need.grade(urn) for urn in urns], ideal, DEPTH))


def by_kind(found: Iterable[Ranking]) -> dict[str, float]:
    """Mean nDCG by kind of need, and of all under ``all``."""
    kept = list(found)
    kinds = dict.fromkeys(ranking.need.kind for ranking in kept)
    means = {kind: fmean(ranking.ndcg for ranking in kept if ranking.need.kind == kind) for kind in kinds}
    return {"all": fmean(ranking.ndcg for ranking in kept), **means}
