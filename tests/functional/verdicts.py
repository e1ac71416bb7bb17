"""The verdicts of the reference schemas, each given once in a process, whoever asks for it."""

from __future__ import annotations

from functools import cache

from catalogue.settings import Settings
from catalogue.validation.schema import SchemaResult, SchemaValidator
from catalogue.xml import ScannedDocument
from tests.conftest import SHARED


class Remembering(SchemaValidator):
    """Judges the same bytes once in each version; those that libxml2 cannot read are refused anew each time."""

    def __init__(self) -> None:
        super().__init__(Settings(schemas=SHARED / "ddi-schemas"))
        self._known: dict[tuple[bytes, str], SchemaResult] = {}

    def validate(self, document: ScannedDocument, ddi_version: str) -> SchemaResult:
        """As ``SchemaValidator``."""
        key = (document.data, ddi_version)
        if key not in self._known:
            self._known[key] = super().validate(document, ddi_version)
        return self._known[key]


@cache
def remembering() -> Remembering:
    """The one of this process."""
    return Remembering()
