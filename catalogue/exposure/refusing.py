"""What is refused of an item that is neither a cohort nor a study."""

from __future__ import annotations

from catalogue.errors import NotFoundError
from catalogue.model.report import Message


def no_study() -> NotFoundError:
    """The error to raise."""
    return NotFoundError(
        Message("Cet élément n’est ni une cohorte ni une étude.", "This item is no cohort and no study."),
        next_step=Message("Nommez un Group ou un StudyUnit.", "Name a Group or a StudyUnit."),
    )
