"""From the catalogue's values to JSON; ``schemas`` describes the same shapes, and a test holds the two together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from catalogue.model.contents import Target
from catalogue.model.items import Span
from catalogue.model.text import InternationalString
from catalogue.service import (
    CodeRow,
    Containers,
    ContainerSummary,
    IncomingReference,
    ItemSummary,
    ItemView,
    OutgoingReference,
    RevisionRecord,
    Statistics,
    StoredItem,
)

from .addresses import API, api_path, item_path

Json = dict[str, Any]


class Wire:
    """Writes values with the addresses of one catalogue."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url.rstrip("/")
        self._rows: Mapping[type, Callable[[Any], Any]] = {
            InternationalString: texts,
            ItemSummary: self.summary,
            Target: lambda target: target.position,
            CodeRow: self.code_row,
            Span: lambda span: [span.start, span.end],
        }

    def value(self, value: Any) -> Any:
        """Any value of the model: a dataclass as an object of its fields, a target as a position of a reference."""
        if row := self._rows.get(type(value)):
            return row(value)
        if is_dataclass(value):
            return {field.name: self.value(getattr(value, field.name)) for field in fields(value)}
        if isinstance(value, tuple | list):
            return [self.value(one) for one in value]
        return value.value if isinstance(value, Enum) else value

    def summary(self, one: ItemSummary) -> Json:
        """An item in a list."""
        identity = one.identification
        return {
            "urn": one.urn,
            "uri": self.base_url + item_path(identity),
            "type": one.type,
            "agency": identity.agency,
            "identifier": identity.identifier,
            "version": identity.version,
            "name": one.name,
            "label": texts(one.label),
            "kind": str(one.kind),
            "ddi_version": one.ddi_version,
            "published": one.published,
            "latest": one.latest,
            "deprecated": one.deprecated,
        }

    def code_row(self, row: CodeRow) -> Json:
        """A code of a code list."""
        return {
            "depth": row.depth,
            "value": row.value,
            "label": texts(row.label),
            "category": row.category.urn if row.category else None,
            "missing": row.missing,
        }

    def container(self, one: ContainerSummary) -> Json:
        """A cohort, study or wave with its counts."""
        waves = [self.container(wave) for wave in one.waves]
        return {**self.summary(one.item), "counts": dict(one.counts), "waves": waves}

    def containers(self, one: Containers) -> Json:
        """Where an item belongs."""
        return {name: [self.summary(item) for item in getattr(one, name)] for name in ("cohorts", "studies", "waves")}

    def outgoing(self, one: OutgoingReference) -> Json:
        """A reference as written and where it leads."""
        reference = one.reference
        return {
            "position": reference.position,
            "role": reference.role,
            "path": reference.path,
            "urn": reference.urn,
            "target_type": reference.target_type,
            "status": str(one.status),
            "late_bound": reference.late_bound,
            "inline": reference.inline,
            "external_uri": reference.external_uri,
            "target": self.summary(one.target) if one.target else None,
        }

    def incoming(self, one: IncomingReference) -> Json:
        """Who refers to an item, in which role."""
        return {"role": one.role, "path": one.path, "source": self.summary(one.source)}

    def stored(self, one: StoredItem) -> Json:
        """What the source says of an item, nothing left out."""
        item = one.item
        return {
            "element": item.element,
            "texts": [{"path": t.path, "text": t.text, "language": t.language} for t in item.texts],
            "properties": [{"path": path, "value": value} for path, value in item.properties],
            "user_ids": [{"type": kind, "value": value} for kind, value in item.user_ids],
            "user_attributes": [{"key": key, "value": value} for key, value in item.user_attributes],
            "occurrences": [
                {
                    "document": place.revision,
                    "document_name": place.document_name,
                    "file": place.file_name,
                    "line": place.line,
                    "parent": place.parent.urn if place.parent else None,
                }
                for place in one.occurrences
            ],
        }

    def content(self, view: ItemView) -> Json:
        """What is typed in an item; ``class`` says which fields there are."""
        return {"class": type(view.content).__name__, **self.value(view.content)}

    def statistic(self, view: ItemView) -> Json:
        """Statistics of a variable, with the references that their categories mean."""
        references = [self.outgoing(one) for one in view.references]
        return {"urn": view.stored.item.urn, **self.content(view), "references": references}

    def item(self, view: ItemView) -> Json:
        """An item with everything that its page shows."""
        item = view.stored.item
        identity = item.identification
        return {
            "urn": item.urn,
            "uri": self.base_url + item_path(identity),
            "type": item.type,
            "agency": identity.agency,
            "identifier": identity.identifier,
            "version": identity.version,
            "name": item.name,
            "label": texts(item.label),
            "kind": str(item.kind),
            "ddi_version": item.ddi_version,
            "published": view.stored.summary.published,
            "latest": view.stored.summary.latest,
            "deprecated": view.stored.summary.deprecated,
            "description": texts(item.description),
            "content": self.content(view),
            "code_lists": {str(place): self.value(list(rows)) for place, rows in view.code_lists.items()},
            "statistics": [self.statistic(one) for one in view.statistics],
            **self.stored(view.stored),
            "variants": [self.stored(one) for one in view.variants],
            "references": [self.outgoing(one) for one in view.references],
            "used_by": dict(view.used_by),
            "children": {"total": view.children.total, "items": [self.summary(one) for one in view.children]},
            "containers": self.containers(view.containers),
            "versions": [self.summary(one) for one in view.versions],
            "superseded_by": self.summary(view.newer) if view.newer else None,
            "links": self.item_links(view),
        }

    def item_links(self, view: ItemView) -> Json:
        """Where the rest of an item and its other forms are."""
        identity = view.stored.item.identification
        forms = {form: self.base_url + item_path(identity, form) for form in ("html", "json", "xml")}
        views = {name: self.base_url + api_path(identity, name) for name in ("references", "used-by", "contents")}
        return {**forms, **{name.replace("-", "_"): address for name, address in views.items()}}

    def revision(self, one: RevisionRecord) -> Json:
        """A document in one state."""
        address = f"{self.base_url}{API}/documents/{one.id}"
        return {
            "id": one.id,
            "name": one.document_name,
            "number": one.number,
            "status": str(one.status),
            "file": one.file_name,
            "sha256": one.sha256,
            "size": one.size,
            "ddi_version": one.ddi_version,
            "root": one.root,
            "xsd_valid": one.xsd_valid,
            "receipt": dict(one.receipt),
            "created_at": one.created_at.isoformat(),
            "published_at": one.published_at.isoformat() if one.published_at else None,
            "links": {"self": address, "source": f"{address}/source", "report": f"{address}/report"},
        }

    def statistics(self, one: Statistics) -> Json:
        """What the catalogue holds."""
        return {
            "items": dict(one.items),
            "unassigned": dict(one.unassigned),
            "documents": one.documents,
            "revisions": one.revisions,
        }


def texts(value: InternationalString) -> list[Json]:
    """A text in its languages, in source order."""
    return [{"text": one.text, "language": one.language} for one in value]
