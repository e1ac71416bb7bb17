"""What every part of a search asks: how a text reads, and how many documents match."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Final

from catalogue.errors import UsageError
from catalogue.finding.answers import SearchQuestion
from catalogue.finding.naming import ValueNames
from catalogue.model.report import Message
from catalogue.search import analysis
from catalogue.search.port import And, Between, Facet, Node, SearchIndex, SearchRequest
from catalogue.search.syntax import ParsedQuery, parse
from catalogue.search.thesaurus import Thesaurus

_YEAR: Final = re.compile(r"[0-9]{4}")
NO_FILTERS: Final[Mapping[Facet, tuple[str, ...]]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Asker:
    """An index, the thesaurus that questions to it are expanded with, and what its values are called."""

    index: SearchIndex
    thesaurus: Thesaurus
    names: ValueNames

    def parse(self, question: SearchQuestion, text: str | None = None) -> ParsedQuery:
        """A question as it is understood, or another text in its place."""
        thesaurus = self.thesaurus if question.expand else None
        typed = question.text if text is None else text
        return parse(typed, thesaurus, reader=question.language, without=question.without, named=self.names)

    def plain(self, text: str, language: str | None = None) -> Node:
        """A text as it is understood without the thesaurus."""
        return parse(text, reader=language, named=self.names).node

    def count(self, node: Node, filters: Mapping[Facet, tuple[str, ...]] = NO_FILTERS) -> int:
        """How many documents match."""
        return self.index.search(SearchRequest(node, filters, limit=0)).total

    def unknown(self, parsed: ParsedQuery) -> list[str]:
        """The words that nothing has."""
        return [word for word in dict.fromkeys(parsed.words) if self.count(analysis.term(word)) == 0]


def years_between(first: str, last: str) -> tuple[str, str]:
    """Two years, whichever way round they are given; an empty one is open. Raises UsageError for what is no year."""
    for year in (first, last):
        if year and not _YEAR.fullmatch(year):
            raise UsageError(
                Message(f"« {year} » n’est pas une année.", f"{year!r} is no year."),
                next_step=Message(
                    "Écrivez une année de quatre chiffres, comme 1990.", "Write a year with four digits, such as 1990."
                ),
            )
    return (last, first) if first and last and last < first else (first, last)


def within_years(node: Node, question: SearchQuestion) -> Node:
    """A query, within the years that the question is limited to."""
    low, high = question.years
    return And((node, Between(Facet.YEAR, low or None, high or None))) if low or high else node


def replaced(text: str, words: Mapping[str, str]) -> str:
    """A text with others in place of some words."""
    for word, other in words.items():
        text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", partial(_itself, other), text)
    return text


def _itself(other: str, _found: re.Match[str]) -> str:
    """A backslash of the reader's is no part of a pattern."""
    return other
