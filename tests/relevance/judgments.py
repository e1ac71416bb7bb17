"""What people look for and which items answer it (``needs.toml``), and how good a ranking is by these judgments."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

NEEDS: Final = Path(__file__).parent / "needs.toml"

LANGUAGES: Final = ("fr", "en")
COLLECTIONS: Final = ("examples", "corpus")
GRADES: Final = (1, 2, 3)
KINDS: Final = (
    "word",
    "words",
    "code",
    "prefix",
    "phrase",
    "boolean",
    "synonym",
    "translation",
    "accents",
    "inflection",
    "typo",
    "wording",
    "category",
    "concept",
    "universe",
    "study",
    "instrument",
    "biosample",
    "statistics",
    "mode",
)
# A key of ``answers`` that begins with it is a regular expression.
PATTERN_MARK: Final = "~"
_TEXTS: Final = ("id", "kind", "query", "language", "need", "over")


@dataclass(frozen=True, slots=True)
class Need:
    """One information need and its graded answers.

    Attributes:
        id: unique name of the need.
        kind: what makes it hard, one of ``KINDS``.
        query: as a person would type it.
        language: of the reader, ``fr`` or ``en``.
        need: what the person wants to find, in one sentence.
        over: what is searched, ``examples`` or ``corpus``.
        exact: URN -> grade.
        patterns: regular expressions over the whole URN, with their grades.
    """

    id: str
    kind: str
    query: str
    language: str
    need: str
    over: str
    exact: Mapping[str, int]
    patterns: tuple[tuple[re.Pattern[str], int], ...]

    def grade(self, urn: str) -> int:
        """3 exactly what is wanted, 2 highly relevant, 1 somewhat, 0 not; a URN written out wins over patterns."""
        if urn in self.exact:
            return self.exact[urn]
        return max((grade for pattern, grade in self.patterns if pattern.fullmatch(urn)), default=0)

    def ideal(self, urns: Iterable[str]) -> tuple[int, ...]:
        """The grades of all items that answer the need, best first: ``urns`` are all items that can be found."""
        return tuple(sorted(filter(None, map(self.grade, urns)), reverse=True))


def load(path: Path = NEEDS) -> tuple[Need, ...]:
    """The needs of a file, in its order.

    Raises:
        ValueError: the file says something that is no judgment; the message names the need.
    """
    with path.open("rb") as stream:
        tables = tomllib.load(stream).get("need", [])
    needs = tuple(_need(table) for table in tables)
    ids = [need.id for need in needs]
    repeated = sorted({one for one in ids if ids.count(one) > 1})
    if repeated:
        raise ValueError(f"{path.name}: the id {repeated[0]!r} is given to several needs.")
    return needs


def ndcg(grades_of_ranked: Sequence[int], ideal: Sequence[int], k: int = 10) -> float:
    """How near a ranking comes to the best possible one within its first ``k`` places, from 0 to 1.

    Normalised discounted cumulated gain (Järvelin & Kekäläinen 2002): a grade g gains 2^g - 1, divided by
    log2(rank + 1), so that every place below the first counts less than the one before it.

    Args:
        grades_of_ranked: of the items returned, in their order.
        ideal: the grades of all items that answer the need, in any order.

    Raises:
        ValueError: nothing answers the need, or ``k`` is below 1.
    """
    if k < 1:
        raise ValueError(f"k is {k}, and must be at least 1.")
    best = _dcg(sorted(ideal, reverse=True)[:k])
    if not best:
        raise ValueError("No item answers the need, so that no ranking is good or bad.")
    return _dcg(grades_of_ranked[:k]) / best


def _dcg(grades: Sequence[int]) -> float:
    return sum((2.0**grade - 1.0) / math.log2(rank + 1) for rank, grade in enumerate(grades, start=1))


def _need(table: Mapping[str, Any]) -> Need:
    name = table.get("id", "a need without id")
    unknown = sorted(set(table) - {*_TEXTS, "answers"})
    if unknown:
        raise ValueError(f"{name}: {unknown[0]!r} is not a key of a need.")
    for key in _TEXTS:
        if not isinstance(table.get(key), str) or not table[key].strip():
            raise ValueError(f"{name}: {key!r} is missing or empty.")
    for key, allowed in (("language", LANGUAGES), ("over", COLLECTIONS), ("kind", KINDS)):
        if table[key] not in allowed:
            raise ValueError(f"{name}: {key} is {table[key]!r}, not one of {', '.join(allowed)}.")
    answers = _answers(name, table.get("answers", {}))
    return Need(
        **{key: table[key] for key in _TEXTS},
        exact={key: grade for key, grade in answers.items() if not key.startswith(PATTERN_MARK)},
        patterns=tuple((_pattern(name, key), grade) for key, grade in answers.items() if key.startswith(PATTERN_MARK)),
    )


def _answers(name: str, answers: Mapping[str, Any]) -> Mapping[str, int]:
    if not answers:
        raise ValueError(f"{name}: no item answers it.")
    for key, grade in answers.items():
        if type(grade) is not int or grade not in GRADES:
            raise ValueError(f"{name}: the grade of {key} is {grade!r}, not 1, 2 or 3.")
    return answers


def _pattern(name: str, key: str) -> re.Pattern[str]:
    try:
        return re.compile(key.removeprefix(PATTERN_MARK))
    except re.error as error:
        raise ValueError(f"{name}: {key} is no regular expression: {error}.") from error
