"""The store's items as RDF resources: read in bulk, so that a catalogue can be converted as a stream."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import NamedTuple

from catalogue.ddi.contents import TYPED, read_content
from catalogue.ddi.writer import SourceElement, in_scope, parse_elements
from catalogue.model.contents import CodeEntry, CodeListContent, Content, GenericContent
from catalogue.model.identity import Identification
from catalogue.model.items import Reference
from catalogue.model.text import InternationalString
from catalogue.rdf.resource import Code, Link, Related, Resource
from catalogue.store import Repository
from catalogue.store.bulk import chunks
from catalogue.store.records import ItemSummary, StoredItem
from catalogue.store.surroundings import Neighbour, Place, Placed
from catalogue.views import CodeRow, ItemView

_DEEPEST = 40  # no code list nests its codes deeper
_READ = TYPED - {"Category"}  # all that is typed in a category is among its properties
_MISSING = frozenset((("@isMissing", "true"), ("@isMissing", "1"), ("@missing", "true"), ("@missing", "1")))


class _Containers(NamedTuple):
    """What holds an item."""

    cohorts: tuple[Related, ...] = ()
    studies: tuple[Related, ...] = ()
    waves: tuple[Related, ...] = ()


@dataclass(frozen=True, slots=True)
class _Around:
    """What is around some items, by internal id."""

    targets: Mapping[int, Mapping[int, Neighbour]]
    inside: Mapping[int, tuple[Neighbour, ...]]
    earlier: Mapping[int, Identification]
    containers: Mapping[int, _Containers]
    published_at: Mapping[int, datetime]


class ResourceBuilder:
    """Makes resources of published items; safe to share between threads."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._store = repository.surroundings

    def build(self, item_ids: Sequence[int]) -> tuple[Resource, ...]:
        """Items with what is around them in the newest published revision of each, in the order given.

        Args:
            item_ids: internal ids; those of drafts and of nothing are left out.
        """
        return tuple(
            resource for some in chunks(list(item_ids)) for resource in self._resources(self._store.newest(some))
        )

    def shown(self, view: ItemView, codes: Sequence[CodeRow]) -> Resource:
        """An item that a page shows, from what was read for the page, as far as schema.org has words for it.

        Args:
            codes: of a code list.
        """
        stored = view.stored
        return Resource(
            item=stored.item,
            content=view.content,
            links=tuple(_link(one.reference, one.target) for one in view.references),
            parent=self._parent(stored),
            codes=tuple(Code(row.depth, row.value, row.label, missing=row.missing) for row in codes),
            cohorts=_related_all(view.containers.cohorts),
            studies=_related_all(view.containers.studies),
            waves=_related_all(view.containers.waves),
            latest=stored.latest,
            published_at=self._repository.published_at([stored.id]).get(stored.id),
            deprecated=stored.summary.deprecated,
        )

    def _parent(self, stored: StoredItem) -> Related | None:
        """What an item stands inside; of several places, the one in the newest revision that is not deprecated."""
        if len(stored.occurrences) == 1:
            return _related(stored.occurrences[0].parent)
        (place,) = self._store.newest([stored.id])
        return Related(*place.parent) if place.parent else None

    def of_revision(self, public_id: str) -> Iterator[Resource]:
        """Every item that a published revision holds, once, in document order; a thousand in memory at a time.

        An identification or public id that is not published gives nothing.
        """
        for places in self._store.of_revision(public_id):
            yield from self._resources(places)

    def _resources(self, places: Sequence[Place]) -> Iterable[Resource]:
        placed = self._store.items(places)
        contents = self._contents(placed)
        around = self._around(places)
        codes = self._codes(placed, contents, around)
        for one in placed:
            yield _resource(one, contents[one.place.id], around, codes.get(one.place.id, ()))

    def _around(self, places: Sequence[Place]) -> _Around:
        ids = [place.id for place in places]
        return _Around(
            targets=self._store.targets(ids),
            inside=self._store.inside(places),
            earlier=self._store.earlier(ids),
            containers=self._containers(ids),
            published_at={key: at for some in chunks(ids) for key, at in self._repository.published_at(some).items()},
        )

    def _containers(self, item_ids: Sequence[int]) -> Mapping[int, _Containers]:
        """The latest cohorts, studies and waves that hold each item; items beside each other share them."""
        holders = self._repository.neighbourhood.holders(item_ids)
        ids = {container for some in holders.values() for container in some}
        boxes, names = self._repository.neighbourhood.boxes(ids), self._store.named(ids)
        known: dict[tuple[int, ...], _Containers] = {}
        for some in map(tuple, holders.values()):
            if some not in known:
                held = [(boxes[one], _related(names[one])) for one in some if one in boxes and one in names]
                known[some] = _Containers(
                    tuple(name for box, name in held if name and box.cohort),
                    tuple(name for box, name in held if name and box.study),
                    tuple(name for box, name in held if name and box.wave),
                )
        return {item_id: known[tuple(some)] for item_id, some in holders.items()}

    # --- contents -----------------------------------------------------------------------------------------------------

    def _contents(self, placed: Sequence[Placed]) -> dict[int, Content]:
        """What is typed in the items, read from their own XML."""
        found: dict[int, Content] = {one.place.id: GenericContent() for one in placed}
        typed: dict[str, list[Placed]] = {}
        for one in placed:
            if one.item.type in _READ:
                typed.setdefault(one.place.revision, []).append(one)
        for revision, some in typed.items():
            found.update(self._contents_in(revision, some))
        return found

    def _contents_in(self, revision: str, placed: Sequence[Placed]) -> Iterator[tuple[int, Content]]:
        slices = self._repository.source_slices([(revision, p.item.span.start, p.item.span.end) for p in placed])
        record = self._repository.revision(revision)
        namespaces = record.context["namespaces"] if record else []
        scope = cache(lambda context: in_scope(namespaces, context))
        sources = (
            (one, SourceElement(xml, scope(one.item.span.context), one.item.language, one.item.ddi_version))
            for one, xml in zip(placed, slices, strict=True)
        )
        for one, element in parse_elements(sources):
            yield one.place.id, read_content(one.item, element)

    # --- code lists ---------------------------------------------------------------------------------------------------

    def _codes(
        self, placed: Sequence[Placed], contents: Mapping[int, Content], around: _Around
    ) -> Mapping[int, tuple[Code, ...]]:
        """The codes of the code lists among the items, each with its category."""
        lists = [one for one in placed if isinstance(contents[one.place.id], CodeListContent)]
        if not lists:
            return {}
        inner = self._inner_codes(lists, around)
        leads = self._store.targets([code.id for codes in inner.values() for code in codes])
        categories = self._categories(
            [
                target.id
                for targets in (*(around.targets.get(one.place.id, {}) for one in lists), *leads.values())
                for target in targets.values()
                if target.type == "Category"
            ]
        )
        return {
            one.place.id: tuple(
                _rows(contents[one.place.id], around.targets.get(one.place.id, {}), inner, leads, categories, one)
            )
            for one in lists
        }

    def _inner_codes(self, lists: Sequence[Placed], around: _Around) -> dict[int, list[Neighbour]]:
        """The codes that are items themselves, those inside others too, in document order, by code list."""
        found: dict[int, list[Neighbour]] = {}
        for one in lists:
            found[one.place.id] = [child for child in around.inside.get(one.place.id, ()) if child.type == "Code"]
        for one in lists:
            found[one.place.id] = self._unfolded(found[one.place.id], one.place, _DEEPEST)
        return found

    def _unfolded(self, codes: Sequence[Neighbour], place: Place, depth: int) -> list[Neighbour]:
        """Codes with those inside them behind each."""
        if not codes or not depth:
            return list(codes)
        inside = self._store.inside([place._replace(id=code.id) for code in codes])
        return [
            one
            for code in codes
            for one in (
                code,
                *self._unfolded([c for c in inside.get(code.id, ()) if c.type == "Code"], place, depth - 1),
            )
        ]

    def _categories(self, item_ids: Sequence[int]) -> Mapping[int, tuple[InternationalString, bool]]:
        """The label of each category, and whether it means missing."""
        places = self._store.newest(list(dict.fromkeys(item_ids)))
        return {
            one.place.id: (one.item.title, bool(_MISSING.intersection(one.item.properties)))
            for one in self._store.items(places)
        }


def _rows(
    content: Content,
    own: Mapping[int, Neighbour],
    inner: Mapping[int, Sequence[Neighbour]],
    leads: Mapping[int, Mapping[int, Neighbour]],
    categories: Mapping[int, tuple[InternationalString, bool]],
    placed: Placed,
) -> Iterator[Code]:
    assert isinstance(content, CodeListContent)
    items = iter(inner[placed.place.id])
    following = next(items, None)
    for depth, entry in _flat(content.codes, 0):
        code = following if following is not None and following.local_id == (entry.local_id or "") else None
        following = next(items, None) if code is not None else following
        category = own.get(entry.category.position) if entry.category else None
        if code is not None and category is None:
            category = next((one for one in leads.get(code.id, {}).values() if one.type == "Category"), None)
        label, missing = (
            categories.get(category.id, (InternationalString(), False)) if category else (InternationalString(), False)
        )
        yield Code(
            depth,
            entry.value,
            label,
            category.identification if category else None,
            content.is_system_missing or missing,
            code.identification if code else None,
        )


def _flat(codes: Iterable[CodeEntry], depth: int) -> Iterator[tuple[int, CodeEntry]]:
    for code in codes:
        yield depth, code
        yield from _flat(code.codes, depth + 1)


def _resource(placed: Placed, content: Content, around: _Around, codes: tuple[Code, ...]) -> Resource:
    item, place = placed.item, placed.place
    targets = around.targets.get(place.id, {})
    containers = around.containers.get(place.id, _Containers())
    return Resource(
        item=item,
        content=content,
        links=tuple(_link(one, targets.get(one.position)) for one in item.references),
        parent=Related(*place.parent) if place.parent else None,
        children=_related_all(around.inside.get(place.id, ())),
        codes=codes,
        cohorts=containers.cohorts,
        studies=containers.studies,
        waves=containers.waves,
        previous=around.earlier.get(place.id),
        latest=placed.latest,
        published_at=around.published_at.get(place.id),
        variant=placed.variant,
        deprecated=placed.deprecated,
    )


def _link(reference: Reference, target: Neighbour | ItemSummary | None) -> Link:
    return Link(reference.role, reference.path, reference.position, reference.urn, _related(target))


def _related(other: Neighbour | ItemSummary | None) -> Related | None:
    return Related(other.identification, other.type) if other else None


def _related_all(others: Iterable[Neighbour | ItemSummary]) -> tuple[Related, ...]:
    return tuple(Related(one.identification, one.type) for one in others)
