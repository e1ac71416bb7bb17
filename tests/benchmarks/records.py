"""What generated cohorts consist of, before any format: cohorts, their waves, what they measure, and the variables.

A cohort asks mostly the same in each of its waves: a variable is a measure of the cohort in one wave. So its texts
recur as they do in real cohorts, and a rare word stays rare.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, count, pairwise
from random import Random
from typing import Final

from tests.benchmarks import vocabulary
from tests.benchmarks.vocabulary import Pair

AGENCY: Final = "int.example.bench"
_COHORTS = vocabulary.KEEPERS
_SMALL = 100  # a cohort is not smaller than this on average
_FIRST_YEAR, _LAST_YEAR = 1990, 2026
_MODES = (
    ("SelfAdministeredQuestionnaire.CAWI",),
    ("SelfAdministeredQuestionnaire.Paper",),
    ("SelfAdministeredQuestionnaire.CAWI", "SelfAdministeredQuestionnaire.Paper"),
    ("Interview.FaceToFace.CAPIorCAMI",),
    ("Interview.Telephone.CATI",),
    ("Interview.FaceToFace.CAPIorCAMI", "Other.Biosampling"),
)
ACCESS: Final = ("open", "registered", "on-request", "restricted")
_REPRESENTATIONS = ("code",) * 11 + ("numeric",) * 5 + ("text",) * 2 + ("date",)
_ONE_IN_RARE = 3  # measures has a rare term
_ONE_IN_DESCRIBED = 4
_ONE_IN_STATISTICS = 3
_SYLLABLES = ("al", "be", "ci", "dora", "el", "fi", "gam", "hel", "iris", "ju", "ka", "lo", "mar", "nova", "or", "phi")
_MEASURES_PER_QUESTION = 4


@dataclass(frozen=True, slots=True)
class Cohort:
    """A Group. ``languages``: those that it is documented in, None for texts without a tag (which are French)."""

    identifier: str
    number: int
    name: str
    title: Pair
    languages: tuple[str | None, ...]
    access: str
    sizes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Wave:
    """A StudyUnit with one CollectionEvent and two Instruments; a cohort has several, so each is a wave;
    ``start`` and ``end`` are ISO 8601 dates."""

    identifier: str
    cohort: Cohort
    number: int
    title: Pair
    start: str
    end: str
    modes: tuple[str, ...]

    @property
    def years(self) -> tuple[str, ...]:
        """From its beginning to its end."""
        return tuple(str(year) for year in range(int(self.start[:4]), int(self.end[:4]) + 1))

    @property
    def size(self) -> int:
        """How many variables."""
        return self.cohort.sizes[self.number]


@dataclass(frozen=True, slots=True)
class Measure:
    """What a cohort measures in each of its waves; a RepresentedVariable. ``scale`` is the code list, if coded.

    ``question`` numbers the question that it is an answer to; neighbours share it.
    """

    number: int
    name: str
    label: Pair
    question: int
    question_text: Pair
    concept: int
    universe: int
    representation: str
    scale: int
    description: Pair | None
    statistics: bool


@dataclass(frozen=True, slots=True)
class Record:
    """A Variable: a measure in a wave. ``number`` counts through all cohorts."""

    number: int
    wave: Wave
    measure: Measure

    @property
    def identifier(self) -> str:
        """Of the variable."""
        return f"{self.wave.identifier}-V{self.measure.number}"

    @property
    def instrument(self) -> int:
        """Which of the two instruments of the wave asks it."""
        return self.measure.question % 2


def cohorts(variables: int, seed: int, name: str) -> Iterator[Cohort]:
    """The cohorts that so many variables are spread over: 40, fewer where they are few; the first is the largest."""
    number = max(1, min(_COHORTS, variables // _SMALL))
    weights = list(accumulate(1 / (one + 4) ** 0.5 for one in range(number)))
    bounds = [0, *(round(variables * weight / weights[-1]) for weight in weights)]
    for one in range(number):
        yield _cohort(one, bounds[one + 1] - bounds[one], Random(f"{seed}/{one}"), name)


def _cohort(number: int, size: int, random: Random, name: str) -> Cohort:
    title = "".join(random.choice(_SYLLABLES) for _ in range(3)).upper()
    topic = vocabulary.concept(random.randrange(40))
    return Cohort(
        identifier=f"{name}-{number}",
        number=number,
        name=title,
        title=Pair(f"Cohorte {title} : {topic.fr}", f"{title} cohort: {topic.en}"),
        languages={3: ("fr",), 5: ("en",), 7: (None,)}.get(number % 8, ("fr", "en")),
        access=random.choice(ACCESS),
        sizes=_sizes(size, 2 + number % 4 if size >= _SMALL else 1),
    )


def _sizes(size: int, waves: int) -> tuple[int, ...]:
    """Later waves are smaller."""
    weights = list(accumulate(1 / (one + 3) for one in range(waves)))
    bounds = [0, *(round(size * weight / weights[-1]) for weight in weights)]
    return tuple(b - a for a, b in pairwise(bounds))


def waves(cohort: Cohort, seed: int) -> Iterator[Wave]:
    """The waves of a cohort, every few years."""
    random = Random(f"{seed}/{cohort.number}/waves")
    year = random.randint(_FIRST_YEAR, _LAST_YEAR - 4 * len(cohort.sizes))
    for number in range(len(cohort.sizes)):
        start = f"{year}-{random.randint(1, 12):02}-01"
        end = f"{year + random.randint(0, 1)}-12-31"
        title = Pair(f"{cohort.name}, vague {number + 1} ({year})", f"{cohort.name}, wave {number + 1} ({year})")
        identifier = f"{cohort.identifier}-W{number + 1}"
        yield Wave(identifier, cohort, number, title, start, end, random.choice(_MODES))
        year += random.randint(1, 4)


def records(cohort: Cohort, seed: int, first: int) -> Iterator[Record]:
    """The variables of a cohort, wave after wave. ``first``: the number of the first of them."""
    measured = list(measures(cohort, seed))
    numbers = count(first)
    for wave in waves(cohort, seed):
        for measure in measured[: wave.size]:
            yield Record(next(numbers), wave, measure)


# --- measures ---------------------------------------------------------------------------------------------------------


def measures(cohort: Cohort, seed: int) -> Iterator[Measure]:
    """As many as the largest wave has variables."""
    random = Random(f"{seed}/{cohort.number}/measures")
    number, question, wanted = 0, 0, max(cohort.sizes)
    while number < wanted:
        subject = _Subject(random)
        for letter in range(random.randint(1, _MEASURES_PER_QUESTION)):
            if number < wanted:
                yield subject.measure(cohort, number, question, letter, random)
                number += 1
        question += 1


class _Subject:
    """What one question and its variables are about."""

    def __init__(self, random: Random) -> None:
        self.concept = _zipf(vocabulary.CONCEPTS, random)
        self.topic = vocabulary.concept(self.concept)
        self.person, self.period = random.choice(vocabulary.PEOPLE), random.choice(vocabulary.PERIODS)
        opening, place = random.choice(vocabulary.OPENINGS), random.choice(vocabulary.PLACES)
        self.universe = random.randrange(len(vocabulary.UNIVERSES))
        self.representation, self.scale = random.choice(_REPRESENTATIONS), random.randrange(len(vocabulary.SCALES))
        self.text = Pair(
            f"{opening.fr} {self.topic.fr} pour {self.person.fr} {self.period.fr} {place.fr} ?",
            f"{opening.en} {self.topic.en} for {self.person.en} {self.period.en} {place.en}?",
        )

    def measure(self, cohort: Cohort, number: int, question: int, letter: int, random: Random) -> Measure:
        term = _term(cohort, number, random)
        aspect = random.choice(vocabulary.ASPECTS)
        described = not random.randrange(_ONE_IN_DESCRIBED)
        return Measure(
            number=number,
            name=_name(cohort, question, letter, self.topic),
            label=Pair(f"{aspect.fr}, {self.topic.fr} ({term.fr})", f"{aspect.en}, {self.topic.en} ({term.en})"),
            question=question,
            question_text=self.text,
            concept=self.concept,
            universe=self.universe,
            representation=self.representation,
            scale=self.scale,
            description=self._description(random) if described else None,
            statistics=not random.randrange(_ONE_IN_STATISTICS),
        )

    def _description(self, random: Random) -> Pair:
        term = vocabulary.term(_zipf(vocabulary.TERMS, random))
        code = f"{random.choice('EFGIJM')}{random.randrange(99):02}.{random.randrange(9)}"
        return Pair(
            f"Calculée par l'équipe à partir des réponses ; code CIM {code}, {term.fr} exclue.",
            f"Derived by the team from the answers; ICD code {code}, {term.en} excluded.",
        )


def _term(cohort: Cohort, number: int, random: Random) -> Pair:
    """A word of the vocabulary, or one that few measures of this cohort alone share."""
    if random.randrange(_ONE_IN_RARE):
        return vocabulary.term(_zipf(vocabulary.TERMS, random))
    return vocabulary.kept(cohort.number, number)


def _name(cohort: Cohort, question: int, letter: int, topic: Pair) -> str:
    """Each cohort has its way to name variables."""
    word, suffix = topic.en.split()[0], "abcd"[letter]
    styles = (f"Q{question}_{suffix}", f"{word[:4]}{question}{suffix}", f"{word}Score{question}{suffix.upper()}")
    return (*styles, f"SF36_{word[:3]}_{question}{suffix}".upper())[cohort.number % 4]


@lru_cache
def _cumulated(size: int) -> list[float]:
    return list(accumulate(1 / (rank + 8) for rank in range(size)))


def _zipf(size: int, random: Random) -> int:
    """A rank below ``size``, the first the most frequent (Zipf-Mandelbrot)."""
    cumulated = _cumulated(size)
    return bisect(cumulated, random.random() * cumulated[-1], hi=size - 1)
