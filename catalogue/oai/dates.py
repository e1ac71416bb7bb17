"""UTCdatetime: OAI-PMH 2.0, section 3.3, and ranges of datestamps, section 2.7.1."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_SECOND = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", re.ASCII)
_LAST_OF_DAY = timedelta(days=1) - timedelta(seconds=1)


class Granularity(StrEnum):
    """How exact a datestamp is, as ``Identify`` spells it."""

    DAY = "YYYY-MM-DD"
    SECOND = "YYYY-MM-DDThh:mm:ssZ"


@dataclass(frozen=True, slots=True)
class Moment:
    """A date as written in a request: the first second that it means, and the last."""

    text: str
    granularity: Granularity
    first: datetime

    @property
    def last(self) -> datetime:
        """Of a day, its last second."""
        return self.first + (_LAST_OF_DAY if self.granularity is Granularity.DAY else timedelta())


def parse(text: str) -> Moment:
    """A day or a second in UTC.

    Raises:
        ValueError: it is written in another way, or there is no such day or time.
    """
    if _DAY.fullmatch(text):
        return Moment(text, Granularity.DAY, datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC))
    if _SECOND.fullmatch(text):
        return Moment(text, Granularity.SECOND, datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC))
    raise ValueError(f"{text!r} is neither {Granularity.DAY} nor {Granularity.SECOND}")


def written(moment: datetime) -> str:
    """To the second, in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
