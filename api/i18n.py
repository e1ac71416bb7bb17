"""The sentences of the pages in French and English, and how numbers, dates, languages and countries are written."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel import Locale as Babel
from babel.dates import format_date, format_datetime, format_skeleton
from babel.numbers import format_decimal

from catalogue.model.contents import Period
from catalogue.model.text import primary_language

FOLDER = Path(__file__).parent / "locales"
LANGUAGES: Mapping[str, str] = {"fr": "fr_FR", "en": "en_GB"}
"""Language of the pages -> CLDR locale for numbers and dates."""

_PARTIAL_DATES = ((re.compile(r"\d{4}-\d{2}-\d{2}.*"), ""), (re.compile(r"\d{4}-\d{2}"), "yMMMM"))
_BEFORE_VOWEL = re.compile(r"\bde (?=[ao])")
_FRENCH_SPACES = re.compile(r"(?<=«) | (?=[»:;?!])")
_APOSTROPHE = re.compile(r"(?<=[^\W\d_])'(?=[^\W_]|« )")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def flattened(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """The entries of nested tables with dotted keys."""
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from flattened(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", str(value)


def sentences(language: str) -> dict[str, str]:
    """Every sentence of a language by dotted key."""
    with (FOLDER / f"{language}.toml").open("rb") as file:
        return dict(flattened(tomllib.load(file)))


def humanised(name: str) -> str:
    """A coded name in words: ``PhysicalInstance`` and ``physical-instance`` give ``Physical instance``."""
    words = " ".join(_CAMEL.split(name.replace("-", " ").replace("_", " ").replace(".", " – ")))
    return words[:1].upper() + words[1:].lower()


def typeset(text: str, language: str) -> str:
    """French with its apostrophes and the no-break spaces of its punctuation; other languages as they are."""
    if language != "fr":
        return text
    return _APOSTROPHE.sub("\N{RIGHT SINGLE QUOTATION MARK}", _FRENCH_SPACES.sub("\N{NO-BREAK SPACE}", text))


class Locale:
    """One language of the pages."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.babel = Babel.parse(LANGUAGES[language])
        self.sentences = {key: typeset(text, language) for key, text in sentences(language).items()}
        self.number = lru_cache(maxsize=8192)(self._number)

    def t(self, key: str, **values: object) -> str:
        """A sentence with its named places filled. Raises KeyError for an unknown key."""
        sentence = self.sentences[key]
        return sentence.format(**values) if values else sentence

    def n(self, key: str, count: int, **values: object) -> str:
        """A sentence in the plural form for ``count``, which fills ``{n}``."""
        form = "one" if self.babel.plural_form(count) == "one" else "other"
        return self.sentences[f"{key}.{form}"].format(n=self.number(count), **values)

    def term(self, group: str, value: str) -> str:
        """A coded value in words: from the table of its group, else made of its own name."""
        return self.sentences.get(f"{group}.{value}") or humanised(value.removesuffix("Reference"))

    def percent(self, value: float) -> str:
        """A percentage with one decimal, without its sign."""
        return str(format_decimal(value, "0.0", locale=self.babel))

    def type_name(self, item_type: str, count: int = 1) -> str:
        """The name of an item type, in the plural for any other count than one."""
        return self.sentences.get(f"type.{item_type}.{'one' if count == 1 else 'other'}") or humanised(item_type)

    def _number(self, value: object) -> str:
        """An integer or decimal as the language writes it; anything else as it is."""
        try:
            return str(format_decimal(str(value), locale=self.babel, decimal_quantization=False))
        except ArithmeticError:
            return str(value)

    def day(self, value: str | date | datetime | None) -> str:
        """A date in words; of partial ISO 8601 dates what they say; other text as it is."""
        if isinstance(value, datetime):
            return self._ordinal(format_datetime(value, "d MMMM y, HH:mm", locale=self.babel))
        if isinstance(value, date):
            return self._ordinal(format_date(value, "long", locale=self.babel))
        return self._written_day(value or "")

    def _ordinal(self, text: str) -> str:
        """French counts the first of a month and the other days apart; CLDR does not."""
        return text.replace("1 ", "1er ", 1) if self.language == "fr" and text.startswith("1 ") else text

    def _written_day(self, text: str) -> str:
        try:
            if _PARTIAL_DATES[0][0].fullmatch(text):
                return self.day(date.fromisoformat(text[:10]))
            if _PARTIAL_DATES[1][0].fullmatch(text):
                return format_skeleton("yMMMM", date.fromisoformat(f"{text}-01"), locale=self.babel)
        except ValueError:
            return text
        return text

    def period(self, period: Period) -> str:
        """A period in words; a start alone is a single date, unless the period is open."""
        if period.start and period.end and period.start != period.end:
            return self.t("period.both", start=self.day(period.start), end=self.day(period.end))
        if period.start:
            return self._since(period.start) if period.open else self.day(period.start)
        return self.t("period.until", end=self.day(period.end)) if period.end else ""

    def span(self, period: Period) -> str:
        """A period in years: ``1990 – 2024``, ``1990``, or ``from 1990`` when it is open."""
        start, end = (period.start or "")[:4], (period.end or "")[:4]
        if start and end and start != end:
            return self.t("period.both", start=start, end=end)
        if start:
            return self._since(start) if period.open else start
        return self.period(period)

    def _since(self, start: str) -> str:
        """French has an article before days, and elides before the months that begin with a vowel."""
        key = "period.since_day" if _PARTIAL_DATES[0][0].fullmatch(start) else "period.since"
        said = self.t(key, start=self.day(start))
        return _BEFORE_VOWEL.sub("d’", said) if self.language == "fr" else said

    def language_name(self, tag: str | None) -> str:
        """The name of a language by its tag; a malformed tag as it is written."""
        if tag is None:
            return self.t("text.no_language")
        language = primary_language(tag)
        name = self.babel.languages.get(language or "")
        return str(name) if name else tag

    def country(self, code: str) -> str:
        """The name of a country by its ISO 3166 code; other text as it is."""
        return str(self.babel.territories.get(code.upper(), code))


@lru_cache
def locale(language: str) -> Locale:
    """The locale of ``fr`` or ``en``, read once."""
    return Locale(language)
