"""A large document in pieces: subtrees small enough to hold, then what contains them, emptied."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from lxml import etree

PIECE_ELEMENTS = 5_000
# Emptied elements stay, so that positions count; about 120 bytes each.
MOST_KEPT = 1_000_000
_SHORT = 200


@dataclass(frozen=True, slots=True)
class Piece:
    """One element of the document, in its place in the tree, its ancestors being there and open.

    Attributes:
        whole: nothing below it is missing; else its children are there, emptied.
    """

    element: etree._Element
    whole: bool


@dataclass(slots=True)
class _Open:
    """What is known of an element that has not ended: its size so far and the closed children still whole."""

    size: int = 1
    big: bool = False
    whole: list[etree._Element] = field(default_factory=list)

    def take(self, child: etree._Element, state: _Open) -> None:
        """Count a child that has ended."""
        self.size += state.size + len(child.attrib)
        if not state.big:
            self.whole.append(child)

    def release(self) -> Iterator[Piece]:
        """The whole children as pieces; each is emptied once the consumer has moved on."""
        for element in self.whole:
            yield Piece(element, True)
            _empty(element)
        self.whole.clear()


def _empty(element: etree._Element) -> None:
    """Drop the content, except of what may identify the parent: a short leaf such as ``r:ID``."""
    if len(element) or element.attrib or len(element.text or "") > _SHORT:
        element.clear()


def pieces(events: Iterable[tuple[str, etree._Element]], size: int = PIECE_ELEMENTS) -> Iterator[Piece]:
    """Every element of a stream of end events, once: in a whole piece of at most ``size``, or emptied of its content.

    A piece comes before what contains it. The last piece is the root, unless there were more than ``MOST_KEPT``.
    """
    opened: dict[etree._Element, _Open] = {}
    kept = 0
    for _, element in events:
        state = opened.pop(element, None) or _Open()
        parent = element.getparent()
        if state.big or parent is None:
            yield from state.release() if state.big else ()
            yield Piece(element, not state.big)
            element.clear()
        if parent is None or kept > MOST_KEPT:
            return
        above = opened.setdefault(parent, _Open())
        above.take(element, state)
        kept += above.big
        yield from _let_go(above, element, opened, size)


def _let_go(above: _Open, element: etree._Element, opened: dict[etree._Element, _Open], size: int) -> Iterator[Piece]:
    """Once an open element has become too large to be held, its whole children are pieces; so for all around it."""
    if above.big:
        yield from above.release()
    elif above.size > size:
        for ancestor in element.iterancestors():
            state = opened.setdefault(ancestor, _Open())
            state.big = True
            yield from state.release()
