"""Text by language: ``r:InternationalStringType`` and ``r:StructuredStringType`` of DDI-L."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache


@lru_cache(maxsize=4096)
def primary_language(tag: str | None) -> str | None:
    """The ISO 639 language of an ``xml:lang`` tag (``fr-FR`` and ``fra`` give ``fr``), or None if absent or malformed.

    BCP 47; ``gb-EN`` and ``fn-CA``, seen in real documents, name no language and give None.
    """
    import langcodes  # here: its tables take as long to read as the rest of the model

    if not tag or not langcodes.tag_is_valid(tag):
        return None
    return langcodes.Language.get(tag).language


def is_language_tag(tag: str) -> bool:
    """Whether ``tag`` is a valid BCP 47 tag whose language exists."""
    return primary_language(tag) is not None


@dataclass(frozen=True, slots=True)
class LocalizedText:
    """One text and its language tag as the source wrote it (None: the source gives none)."""

    text: str
    language: str | None = None


@dataclass(frozen=True, slots=True)
class InternationalString:
    """The same content in zero or more languages, in source order."""

    texts: tuple[LocalizedText, ...] = field(default=())

    @classmethod
    def of(cls, texts: Iterable[LocalizedText]) -> InternationalString:
        """Build from any iterable, dropping exact repetitions."""
        return cls(tuple(dict.fromkeys(texts)))

    def __bool__(self) -> bool:
        return bool(self.texts)

    def __iter__(self) -> Iterator[LocalizedText]:
        return iter(self.texts)

    def best(self, preferred: Sequence[str] = ()) -> LocalizedText | None:
        """The text for the first preferred language there is; else one without language; else the first."""
        for language in preferred:
            for item in self.texts:
                if primary_language(item.language) == language:
                    return item
        for item in self.texts:
            if primary_language(item.language) is None:
                return item
        return self.texts[0] if self.texts else None
