"""What is said while the search index cannot answer in full: it is lost, broken or being built for the first time."""

from __future__ import annotations

from collections.abc import Mapping

from catalogue.service import Health, IndexState

from .i18n import locale

RETRY: Mapping[str, str] = {"Retry-After": "20"}
"""Seconds after which it is worth asking again: the indexer looks every two, and shows what there is as it builds."""


def is_partial(state: IndexState) -> bool:
    """Whether answers are of what there is so far. Beside an index that is whole, another one may be being built."""
    return state.health is not Health.READY and state.position is None


def sentence(state: IndexState, language: str) -> str:
    """How the index is, in the reader's language; empty while answers are whole."""
    if not is_partial(state):
        return ""
    of = locale(language)
    return of.t(_SENTENCES[state.health], done=of.number(state.done), total=of.number(state.total))


def lost(state: IndexState, language: str) -> str:
    """The same where there was no answer, whatever the state says by now."""
    return sentence(state, language) or locale(language).t(_SENTENCES[Health.BROKEN])


_SENTENCES: Mapping[Health, str] = {
    Health.BUILDING: "search.index_building",
    Health.ABSENT: "search.index_absent",
    Health.BROKEN: "search.index_broken",
}
