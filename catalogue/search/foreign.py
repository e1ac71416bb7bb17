"""Cursors that no search gave: what every engine says of them."""

from __future__ import annotations

from catalogue.errors import UsageError
from catalogue.model.report import Message


def foreign_cursor() -> UsageError:
    """The error to raise."""
    return UsageError(
        Message("Ce curseur n’a pas été donné par la recherche.", "This cursor was not given by the search."),
        next_step=Message("Suivez les liens depuis la première page.", "Follow the links from the first page."),
    )
