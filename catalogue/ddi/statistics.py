"""Statistics that stand in a DDI-L 3.1 PhysicalInstance: without identity there, so that they are no items."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lxml import etree

from catalogue.ddi.contents import References
from catalogue.ddi.navigation import at, children, first, text, text_at
from catalogue.model.contents import CategoryStatistics, Statistic, StatisticsContent
from catalogue.model.items import Item

_TRUE: Final = ("true", "1")
_OTHER: Final = "UseOther"


def read_embedded_statistics(item: Item, root: etree._Element) -> Iterator[StatisticsContent]:
    """The ``pi:VariableStatistics`` of a 3.1 ``pi:PhysicalInstance``; their targets are references of the instance.

    Args:
        item: the PhysicalInstance as read.
        root: its element.
    """
    references = References(root, item)
    for statistics in at(root, "Statistics/VariableStatistics"):
        yield StatisticsContent(
            variable=references.target(first(statistics, "VariableReference")),
            total=text_at(statistics, "TotalResponses"),
            summary=tuple(_statistic(one, "SummaryStatisticType") for one in children(statistics, "SummaryStatistic")),
            categories=tuple(_category(one) for one in children(statistics, "CategoryStatistics")),
        )


def _category(element: etree._Element) -> CategoryStatistics:
    statistics = tuple(_statistic(one, "CategoryStatisticType") for one in children(element, "CategoryStatistic"))
    return CategoryStatistics(text_at(element, "CategoryValue"), None, statistics)


def _statistic(element: etree._Element, name: str) -> Statistic:
    """The type is coded by the vocabulary, where ``otherValue`` says what ``UseOther`` stands for, or written freely.

    What is counted within a category of another variable only (``Filter``) says so in its type."""
    coded = first(element, f"{name}Coded")
    type_ = text(coded) or text_at(element, name) or ""
    if coded is not None and type_ == _OTHER:
        type_ = coded.get("otherValue", type_)
    if filtered := text_at(element, "Filter"):
        type_ = f"{type_} [{filtered}]"
    return Statistic(type_, text_at(element, "Value") or "", text_at(element, "Weighted") in _TRUE)
