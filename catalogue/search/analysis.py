"""How texts become tokens, in documents and in queries alike: the one analysis of every engine.

A word gives itself, folded (no case, no accents), in order; and, unordered, its stems by language. A stem is taken
before folding (``déclarée`` -> ``declar``) and after it (``declaree`` -> ``declare``), so that a word typed without
accents meets the accented one, and ``mesurée`` still meets ``mesure``. Tokenising and stemming are Whoosh's.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

from whoosh.analysis import RegexTokenizer
from whoosh.lang import stemmer_for_language
from whoosh.lang.stopwords import stoplists

from catalogue.search.port import (
    GAP,
    SORT_WIDTH,
    Best,
    Entry,
    Field,
    Layer,
    Node,
    Phrase,
    SearchDocument,
    SearchText,
    Term,
    Token,
)

LANGUAGES: Final = ("fr", "en")
# A letter or digit, with the combining marks that follow it in decomposed text.
_CHARACTER = r"[^\W_][\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]*"
_WORDS = RegexTokenizer(rf"(?:{_CHARACTER})+")
# What is typed in place of an apostrophe.
_APOSTROPHES = str.maketrans(dict.fromkeys("’ʼ‘´`′＇", "'"))
# French elision, also before a quotation mark, and the t between vowels (``a-t-il``); endings of English possessives
# and contractions. Blanked out, so that positions stay.
_DROPPED = re.compile(
    r"\b(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu)'(?=[\w\"“«]|$)|-t-(?=(?:ils?|elles?|on)\b)|'(?:s|t|d|m|re|ve|ll)\b",
    re.IGNORECASE,
)
_COMPOUND = re.compile(rf"(?:{_CHARACTER})+(?:[-_./\u2010\u2011](?:{_CHARACTER})+)+")
_PARTS = re.compile(r"\d+|[^\W\d_]+")
_CAMEL = re.compile(r"(?<=[a-zß-öø-ÿ])(?=[A-ZÀ-ÖØ-Þ])|(?<=[A-ZÀ-ÖØ-Þ])(?=[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ])")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
_LONGEST_TOKEN = 64
# Languages as ISO 639-2 writes them, in documents that do not heed BCP 47.
_ALIASES: Final = {"fra": "fr", "fre": "fr", "eng": "en"}
# The letters that are words by themselves. The others stand for an elision, which is blanked out, or tell something:
# vitamin D, hepatitis C, T cells. And ``fûmes`` without its accent is smoke.
_IDLE_LETTERS: Final = frozenset("aiy")
_TELLING: Final = frozenset({"fumes"})
_SHORT_LABEL = 4
# A shorter stem may be another word without its last letters.
_LONG_STEM = 6
SHORT: Final = "<short"
# What finding by a stem of the reader's language, by the word as written, by a stem of another language counts.
_OWN, _WRITTEN, _OTHER = 1.0, 0.95, 0.85


class Word(NamedTuple):
    """A word of a text: as written, and where it stands (characters [start, end))."""

    text: str
    start: int
    end: int


def fold(text: str) -> str:
    """Without case, accents and ligatures."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_LIGATURES))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def words(text: str) -> Iterator[Word]:
    """The words of a text in order; elided articles and possessive endings are none."""
    for found in _WORDS.expression.finditer(without_elision(text)):
        if folded_word(word := found.group()):
            yield Word(word, found.start(), found.end())


def written_words(text: str) -> list[str]:
    """The same words without where they stand."""
    return [word for word in _WORDS.expression.findall(without_elision(text)) if folded_word(word)]


def compounds(text: str) -> Iterator[tuple[str, int, int]]:
    """What is written together with punctuation (``e-mail``), without it, and where it stands."""
    for found in _COMPOUND.finditer(text):
        yield compact(found.group()), found.start(), found.end()


def without_elision(text: str) -> str:
    """The text with plain apostrophes, elided articles and possessive endings blanked out; all stays in its place."""
    return _DROPPED.sub(lambda found: " " * len(found.group()), text.translate(_APOSTROPHES))


@lru_cache(maxsize=200_000)
def folded_word(word: str) -> str:
    """The token of ``Layer.WORD`` of a word; letters and digits alone (``½`` -> ``12``)."""
    return compact(word)


@lru_cache(maxsize=200_000)
def stems(word: str, language: str) -> tuple[str, ...]:
    """The tokens of ``Layer.STEM`` of a word in ``fr`` or ``en``, marked with the language; one or two."""
    lowered = unicodedata.normalize("NFC", word).lower()
    if lowered.isdigit():
        return ()
    stem: Callable[[str], str] = stemmer_for_language(language)
    plain = stem(fold(lowered))
    # The stem of a word typed without accents may still have an ending: declarees -> declare -> declar.
    again = (stem(plain),) if language == "fr" and len(plain) >= _LONG_STEM else ()
    found = dict.fromkeys((fold(stem(lowered)), plain, *again))
    return tuple(f"{one[:_LONGEST_TOKEN]}~{language}" for one in found if one)


def languages_of(tag: str | None) -> tuple[str, ...]:
    """The languages by whose rules a text is stemmed: its own, both where it is untagged, none where there are none."""
    if not tag:
        return LANGUAGES
    primary = re.split("[-_]", tag.lower(), maxsplit=1)[0]
    language = _ALIASES.get(primary, primary)
    return (language,) if language in LANGUAGES else ()


@lru_cache(maxsize=1)
def stop_words() -> frozenset[str]:
    """Folded French and English words that say nothing by themselves."""
    listed = frozenset(fold(word) for language in LANGUAGES for word in stoplists[language])
    return frozenset(word for word in listed if len(word) > 1 or word in _IDLE_LETTERS) - _TELLING


def sort_key(text: str) -> str:
    """What texts are sorted by: folded words, ASCII, cut to ``SORT_WIDTH``."""
    flat = " ".join(fold(word.text) for word in words(text))
    return flat.encode("ascii", "replace").decode()[:SORT_WIDTH]


def normal(text: str) -> tuple[str, ...]:
    """The words of a text in the form in which thesaurus labels and queries meet: folded, without plural ending."""
    return tuple(_singular(folded_word(word.text)) for word in words(text))


def _singular(word: str) -> str:
    """Without the ending of a plural; what is no plural of a longer word, such as ``toux``, keeps it."""
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word[:-1] if len(word) > 4 and word.endswith(("aux", "eux", "oux")) else word


# --- documents --------------------------------------------------------------------------------------------------------


def entry(document: SearchDocument) -> Entry:
    """The tokens of a document."""
    texts: dict[Field, list[SearchText]] = {}
    for text in document.texts:
        texts.setdefault(text.field, []).append(text)
    found = {where: (_own if where in _ANALYSES else _shared)(tuple(some)) for where, some in texts.items()}
    return Entry(
        document,
        {where: ordered for where, (ordered, _) in found.items() if ordered},
        {where: loose for where, (_, loose) in found.items() if loose},
    )


def _own(texts: tuple[SearchText, ...]) -> tuple[tuple[str, ...], frozenset[str]]:
    """The tokens of the texts of one field: in order, and unordered."""
    ordered: list[str] = []
    unordered: set[str] = set()
    for text in texts:
        sequences, loose = _ANALYSES.get(text.field, _text_tokens)(text)
        for sequence in sequences:
            ordered.extend([GAP, *sequence] if ordered else sequence)
        unordered.update(loose)
    return tuple(ordered), frozenset(unordered)


# What categories, concepts and studies are called, all of a field together, is the same for thousands of variables.
_shared = lru_cache(maxsize=4_000)(_own)


# Studies, concepts and categories say the same of thousands of variables.
@lru_cache(maxsize=20_000)
def _text_tokens(text: SearchText) -> tuple[Iterable[Sequence[str]], Iterable[str]]:
    written = unicodedata.normalize("NFC", text.text)
    found = [word.text for word in words(written)]
    sequence = [folded_word(word) for word in found]
    loose = {stem for language in languages_of(text.language) for word in found for stem in stems(word, language)}
    loose.update(compound for compound, _, _ in compounds(written))
    if text.field is Field.LABEL and sequence:
        loose.update(label_tokens(sequence))
        if len(sequence) <= _SHORT_LABEL:
            loose.add(SHORT)
    return [sequence], loose


def _id_tokens(text: SearchText) -> tuple[Iterable[Sequence[str]], Iterable[str]]:
    """An identifier as a whole, with and without its punctuation."""
    forms = ([whole[:_LONGEST_TOKEN] for whole in fold(text.text).split()], [compact(text.text)])
    return list(dict.fromkeys(tuple(form) for form in forms if form and all(form))), ()


def _name_tokens(text: SearchText) -> tuple[Iterable[Sequence[str]], Iterable[str]]:
    """A name as a whole, and its parts at punctuation, camel case and digits."""
    whole, _ = _id_tokens(text)
    return list(dict.fromkeys((*whole, *(tuple(form) for form in name_parts(text.text))))), ()


_ANALYSES: Final[Mapping[Field, Callable[[SearchText], tuple[Iterable[Sequence[str]], Iterable[str]]]]] = {
    Field.NAME: _name_tokens,
    Field.ID: _id_tokens,
}


def compact(name: str) -> str:
    """A name without its punctuation: ``Q12_a`` -> ``q12a``."""
    return "".join(re.findall(r"[^\W_]+", fold(name)))[:_LONGEST_TOKEN]


def name_parts(name: str) -> list[list[str]]:
    """A name split at punctuation and camel case, and split at digits as well: ``SF36_pf`` -> sf36 pf, sf 36 pf."""
    composed = unicodedata.normalize("NFC", name)
    pieces = [one for piece in re.findall(r"[^\W_]+", _CAMEL.sub(" ", composed)) if (one := compact(piece))]
    finer = [part for piece in pieces for part in _PARTS.findall(piece)]
    return [form for form in (pieces, finer) if len(form) > 1]


def label_tokens(sequence: Sequence[str]) -> Iterator[str]:
    """A label as one token, and its neighbouring words: what a query is preferred by that is the label, or near it."""
    telling = [word for word in sequence if word not in stop_words()] or list(sequence)
    yield ("=" + "_".join(telling))[:_LONGEST_TOKEN]
    for first, second in pairwise(telling):
        yield f"{first}_{second}"[:_LONGEST_TOKEN]


# --- queries ----------------------------------------------------------------------------------------------------------


def term(word: str, reader: str | None = None, field: Field | None = None) -> Node:
    """What matches one typed word: the word, its stems in each language, the ways to write a name."""
    tokens = [Token(compact(word), Layer.WORD, _WRITTEN)]
    whole = fold(word)[:_LONGEST_TOKEN]
    if whole != tokens[0].text:
        tokens += [Token(whole, Layer.WORD), Token(compact(word), Layer.STEM)]
    else:
        for language in LANGUAGES:
            factor = _WRITTEN if reader is None else _OWN if language == reader else _OTHER
            tokens += [Token(stem, Layer.STEM, factor) for stem in stems(word, language)]
        # Where texts write a compound: ``email`` finds "e-mail".
        tokens.append(Token(compact(word), Layer.STEM, _WRITTEN))
    written = Term(tuple(tokens), field)
    parts = name_parts(word)
    if not parts:
        return written
    return Best(((written, 1.0), *((Phrase(tuple(form), field), _WRITTEN) for form in parts)))
