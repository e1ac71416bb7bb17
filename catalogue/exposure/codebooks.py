"""Studies as whole documents of DDI: a codebook of 2.5 with every variable, a record of 3.3."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from catalogue.ddi.codebook import write_codebook
from catalogue.errors import NotFoundError
from catalogue.exposure.records import RecordBuilder
from catalogue.exposure.studies import StudyBuilder
from catalogue.exposure.variables import VariableReader
from catalogue.model.report import Message
from catalogue.model.study import StudyDescription
from catalogue.store import Repository

CODEBOOK: Final = "codebook"
RECORD: Final = "ddi33"


class Codebooks:
    """Writes the documents of a study from the store. Safe to share between threads."""

    def __init__(self, repository: Repository, base_url: str) -> None:
        """Take the root of every address, without slash at its end."""
        self._repository = repository
        self._base_url = base_url
        self._records = RecordBuilder(repository)

    def export(self, item_id: int, form: str) -> Iterator[bytes]:
        """A study as ``CODEBOOK`` or ``RECORD``, in pieces.

        Raises:
            NotFoundError: the item is no published Group or StudyUnit, or there is no such record of it.
            StorageError: the store cannot be read.
        """
        if form == RECORD:
            return iter((self._record(item_id),))
        return self._codebook(StudyBuilder(self._repository).describe(item_id), item_id)

    @property
    def writers(self) -> Mapping[str, Callable[[StudyDescription, int], bytes]]:
        """How a described study is written for harvesters, by the prefix of the format."""
        return {
            "oai_ddi25": lambda study, item_id: b"".join(self._codebook(study, item_id)),
            "oai_ddi33": lambda _, item_id: self._record(item_id),
        }

    def _codebook(self, study: StudyDescription, item_id: int) -> Iterator[bytes]:
        variables = VariableReader(self._repository, item_id)
        return write_codebook(study, variables, self._base_url, variables.groups())

    def _record(self, item_id: int) -> bytes:
        found = self._records.write(item_id)
        if found is None:
            raise NotFoundError(
                Message(
                    "Il n’y a pas de notice DDI 3.3 de cette étude : sa source est d’une autre version.",
                    "There is no DDI 3.3 record of this study: its source is of another version.",
                ),
                next_step=Message(
                    "Demandez son DDI-Codebook, ou son propre XML.", "Ask for its DDI-Codebook, or for its own XML."
                ),
            )
        return found
