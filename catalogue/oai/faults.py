"""What a request can do wrong: the error conditions of OAI-PMH 2.0, section 3.6."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from catalogue.model.report import Message


class Code(StrEnum):
    """The codes of the protocol, spelt as it spells them. ``noSetHierarchy`` has no use here: there are sets."""

    BAD_ARGUMENT = "badArgument"
    BAD_RESUMPTION_TOKEN = "badResumptionToken"  # noqa: S105  (no password)
    BAD_VERB = "badVerb"
    CANNOT_DISSEMINATE_FORMAT = "cannotDisseminateFormat"
    ID_DOES_NOT_EXIST = "idDoesNotExist"
    NO_RECORDS_MATCH = "noRecordsMatch"
    NO_METADATA_FORMATS = "noMetadataFormats"

    @property
    def hides_arguments(self) -> bool:
        """Whether the response must not repeat the arguments of the request (3.2, on ``request``)."""
        return self in (Code.BAD_VERB, Code.BAD_ARGUMENT)


@dataclass(frozen=True, slots=True)
class Fault:
    """One error condition, with a sentence for people that says what to do."""

    code: Code
    message: Message


class FaultsError(Exception):
    """A request whose answer is errors, in the body of a response with status 200. Never leaves the room."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        super().__init__()
        self.faults = tuple(faults)


def fail(code: Code, message: Message) -> FaultsError:
    """A request with one fault."""
    return FaultsError([Fault(code, message)])
