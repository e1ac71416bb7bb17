"""The values of facets in words: an item by its label, a code by the tables of the locales."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from catalogue.model.text import InternationalString, LocalizedText
from catalogue.service import Facet, Note

from .i18n import LANGUAGES, Locale, locale


def _type(of: Locale, value: str) -> str:
    return of.type_name(value, 2)


_UNTAGGED = "und"


def _language(of: Locale, value: str) -> str:
    name = of.language_name(None if value == _UNTAGGED else value)
    return name[:1].upper() + name[1:]


def _term(group: str) -> Callable[[Locale, str], str]:
    return lambda of, value: of.term(group, value)


WORDS: Mapping[Facet, Callable[[Locale, str], str]] = {
    Facet.TYPE: _type,
    Facet.MODE: _term("mode"),
    Facet.LANGUAGE: _language,
    Facet.REPRESENTATION: _term("representation"),
    Facet.HAS_QUESTION: _term("answer"),
    Facet.HAS_STATISTICS: _term("answer"),
    Facet.HAS_BIOSAMPLE: _term("answer"),
    Facet.ACCESS: _term("access"),
}
"""The facets whose values are codes."""


def label_of(facet: Facet, value: str, given: InternationalString) -> InternationalString:
    """A value in words, in every language of the pages; by itself where it has none."""
    if given:
        return given
    if (say := WORDS.get(facet)) is None:
        return InternationalString((LocalizedText(value),))
    return InternationalString(tuple(LocalizedText(say(locale(one), value), one) for one in LANGUAGES))


def called(facet: Facet, value: str) -> Iterator[LocalizedText]:
    """What readers see for a code, in every language of the pages; of a type also what one of them is called."""
    for of in map(locale, LANGUAGES):
        if (say := WORDS.get(facet)) is not None:
            yield LocalizedText(say(of, value), of.language)
        if facet is Facet.TYPE:
            yield LocalizedText(of.type_name(value), of.language)


def known_values(note: Note, language: str) -> Sequence[str]:
    """The values that a note lists, as readers of a language see them; those that look the same once."""
    if note.facet is None:
        return note.known
    say, of = WORDS.get(note.facet), locale(language)
    return list(dict.fromkeys(say(of, value) if say else value for value in note.known))
