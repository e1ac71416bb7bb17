"""Between the model's values and the columns of the tables."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final

import orjson

from catalogue.model.identity import Identification, version_key
from catalogue.model.items import Item, Kind, PathText, Reference
from catalogue.model.text import InternationalString, LocalizedText
from catalogue.store.records import ItemSummary, ReferenceStatus
from catalogue.store.tables import item as item_table

_SORT_LENGTH: Final = 80

SUMMARY_COLUMNS: Final = tuple(
    item_table.c[name]
    for name in (
        "id",
        "agency",
        "identifier",
        "version",
        "type",
        "element",
        "kind",
        "ddi_version",
        "name",
        "labels",
        "published",
        "latest",
        "deprecated",
    )
)


def dump_json(value: object) -> str:
    """Compact JSON."""
    return orjson.dumps(value).decode()


def load_json(text: str) -> Any:
    """What ``dump_json`` was given, tuples as lists."""
    return orjson.loads(text)


def item_row(item_id: int, variant: int, item: Item) -> tuple[Any, ...]:
    """The columns of table ``item``, in order, as latest and published: a draft takes that back at its end."""
    label = item.title
    name = item.name
    return (
        item_id,
        item.identification.agency,
        item.identification.identifier,
        item.local_id,
        item.identification.version,
        _version_key(item.identification.version),
        item.type,
        item.element,
        item.kind.value,
        item.ddi_version,
        name,
        sort_key(label, name, item.local_id),
        dump_json([(text.text, text.language) for text in label]),
        _content(item),
        item.digest,
        variant,
        True,
        True,
        False,
    )


def unresolved_row(item_id: int, reference: Reference) -> tuple[Any, ...]:
    """The columns of table ``unresolved``, in order."""
    return (
        item_id,
        reference.position,
        reference.role,
        reference.agency,
        reference.identifier,
        reference.version,
        reference.scope,
        reference.target_type,
        reference.late_bound or not reference.version,
        reference.external_uri is not None,
        str(ReferenceStatus.ABSENT),
    )


def sort_key(label: InternationalString, name: str | None, identifier: str) -> str:
    """Label, else name, else identifier, without case and accents: what lists are ordered by."""
    return _folded(label.texts[0].text if label.texts else name or identifier)


@lru_cache(maxsize=4096)  # codes and categories repeat
def _folded(text: str) -> str:
    if text.isascii():
        return " ".join(text.lower().split())[:_SORT_LENGTH]
    decomposed = unicodedata.normalize("NFKD", text[: 2 * _SORT_LENGTH].casefold())
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())[:_SORT_LENGTH]


def summary(row: Sequence[Any]) -> ItemSummary:
    """From the values of ``SUMMARY_COLUMNS``."""
    item_id, agency, identifier, version, type_, element, kind, ddi_version, name, labels, *marks = row
    return ItemSummary(
        item_id,
        Identification(agency, identifier, version),
        type_,
        element,
        Kind(kind),
        ddi_version,
        name,
        InternationalString(tuple(LocalizedText(*entry) for entry in load_json(labels))),
        *marks,
    )


def summaries() -> Callable[[Sequence[Any]], ItemSummary]:
    """As ``summary``, made once for each item: in an answer, many lead to the same few."""
    known: dict[int, ItemSummary] = {}

    def once(row: Sequence[Any]) -> ItemSummary:
        found = known.get(row[0])
        if found is None:
            found = known[row[0]] = summary(row)
        return found

    return once


def content_fields(content: bytes) -> dict[str, Any]:
    """The fields of ``Item`` that column ``content`` holds."""
    texts, properties, user_ids, user_attributes, references = orjson.loads(content)
    return {
        "texts": tuple(PathText(*text) for text in texts),
        "properties": _pairs(properties),
        "user_ids": _pairs(user_ids),
        "user_attributes": _pairs(user_attributes),
        "references": tuple(Reference(*reference) for reference in references),
    }


def references_in(content: bytes) -> tuple[Reference, ...]:
    """The references that column ``content`` holds, by position."""
    return tuple(Reference(*reference) for reference in orjson.loads(content)[-1])


def path_in(content: bytes, position: int) -> str:
    """The path of one of these references."""
    return next(str(path) for _, path, at, *_ in orjson.loads(content)[-1] if at == position)


def _content(item: Item) -> bytes:
    return orjson.dumps(
        (
            [(text.path, text.text, text.language) for text in item.texts],
            item.properties,
            item.user_ids,
            item.user_attributes,
            [_reference_values(reference) for reference in item.references],
        )
    )


# In the order of the fields of the dataclass, which is thereby part of the format of column ``content``.
_reference_values: Final = attrgetter(
    "role",
    "path",
    "position",
    "agency",
    "identifier",
    "version",
    "scope",
    "target_type",
    "late_bound",
    "inline",
    "external_uri",
)
_version_key: Final = lru_cache(maxsize=1024)(version_key)


def _pairs(entries: list[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((key, value) for key, value in entries)
