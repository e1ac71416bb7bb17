"""How far two words are from each other: optimal string alignment (Boytsov 2011, section 2.2), by rapidfuzz."""

from __future__ import annotations

from rapidfuzz.distance import OSA


def distance(one: str, other: str, most: int) -> int | None:
    """The optimal string alignment distance of two words, or None above ``most``."""
    found = OSA.distance(one, other, score_cutoff=most)
    return found if found <= most else None
