"""The route column of a table of variables becomes a tree of branches, loops, grids and blocks.

A route is a path of steps: ``if:smoker``, ``elif:former``, ``else``, ``loop:child``, ``grid:mood``, ``block:vignette``.
Consecutive lines that share a step stand together under it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import TypeAlias

from _tables import Measure


@dataclass(frozen=True)
class Branch:
    """IfThenElse: (condition name, nodes) of the if and each else-if; an empty name is the else."""

    arms: tuple[tuple[str, tuple[Node, ...]], ...]


@dataclass(frozen=True)
class Repeat:
    loop: str
    nodes: tuple[Node, ...]


@dataclass(frozen=True)
class Together:
    """A grid or a block: several measures put by one question."""

    kind: str
    name: str
    measures: tuple[Measure, ...]


Node: TypeAlias = "Measure | Branch | Repeat | Together"


def tree(measures: Iterable[Measure], depth: int = 0) -> tuple[Node, ...]:
    """Group consecutive measures by the step of their route at this depth."""
    nodes: list[Node] = []
    for step, group in groupby(measures, key=lambda measure: _step(measure, depth)):
        members = list(group)
        if not step:
            nodes.extend(members)
            continue
        _add(nodes, step, members, depth)
    return tuple(nodes)


def _step(measure: Measure, depth: int) -> str:
    return measure.route[depth] if len(measure.route) > depth else ""


def _add(nodes: list[Node], step: str, members: list[Measure], depth: int) -> None:
    kind, _, name = step.partition(":")
    if kind in ("grid", "block"):
        nodes.append(Together(kind, name, tuple(members)))
    elif kind == "loop":
        nodes.append(Repeat(name, tree(members, depth + 1)))
    elif kind == "if":
        nodes.append(Branch(((name, tree(members, depth + 1)),)))
    elif kind in ("elif", "else"):
        nodes.append(_extended(nodes.pop(), name, tree(members, depth + 1)))
    else:
        raise ValueError(f"unknown step {step!r}")


def _extended(node: Node, name: str, nodes: tuple[Node, ...]) -> Branch:
    if not isinstance(node, Branch):
        raise TypeError(f"else without if before {nodes}")
    return Branch((*node.arms, (name, nodes)))
