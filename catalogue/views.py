"""What the researchers see of the store: items with what is typed in them, code lists, questionnaires as outlines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from catalogue.ddi.contents import read_content
from catalogue.ddi.writer import SourceElement, in_scope, parse_elements
from catalogue.model.contents import (
    Branch,
    CodeEntry,
    CodeListContent,
    Condition,
    ConstructContent,
    Content,
    QuestionContent,
    Representation,
    Target,
    VariableContent,
)
from catalogue.model.text import InternationalString
from catalogue.store import Repository
from catalogue.store.records import (
    Containers,
    ItemSummary,
    Occurrence,
    OutgoingReference,
    Page,
    StoredItem,
)

_CHILDREN = 50
_DEEPEST_OUTLINE = 40
# What leads on to a question, up to the instrument that begins the routing.
_ROUTING_TYPES = (
    "IfThenElse",
    "Instrument",
    "Loop",
    "MeasurementConstruct",
    "QuestionConstruct",
    "RepeatUntil",
    "RepeatWhile",
    "Sequence",
    "Split",
    "SplitJoin",
)
_CODE_LIST_TYPES = ("CodeList", "ManagedMissingValuesRepresentation")


@dataclass(frozen=True, slots=True)
class CodeRow:
    """A code for display: depth in the hierarchy from 0, value, label of its category, whether it means missing."""

    depth: int
    value: str
    label: InternationalString
    category: ItemSummary | None
    missing: bool = False


@dataclass(frozen=True, slots=True)
class ItemView:
    """Everything a page about one item shows.

    Attributes:
        stored: the item, its texts, properties and attributes, and where it occurs.
        content: what is typed in it.
        references: outgoing, in source order; a ``Target.position`` in ``content`` is an index into it.
        used_by: how many references lead here, by role.
        children: the first of the items that stand inside it, in document order.
        containers: its cohorts, studies and waves.
        versions: every version of it, newest first.
        variants: other contents that the source gives under the same identification.
        statistics: of a variable, from the physical instances (their content is ``StatisticsContent``).
        code_lists: the codes of the code lists that its representations use, by reference position.
    """

    stored: StoredItem
    content: Content
    references: tuple[OutgoingReference, ...]
    used_by: Mapping[str, int]
    children: Page[ItemSummary]
    containers: Containers
    versions: tuple[ItemSummary, ...]
    variants: tuple[StoredItem, ...] = ()
    statistics: tuple[ItemView, ...] = ()
    code_lists: Mapping[int, tuple[CodeRow, ...]] = field(default_factory=dict)

    @property
    def newer(self) -> ItemSummary | None:
        """The current version, where this one is superseded."""
        superseded = self.stored.summary.superseded
        return next((one for one in self.versions if one.latest), None) if superseded else None

    def reference(self, target: Target | None) -> OutgoingReference | None:
        """The reference that a target in the content means."""
        if target is None or target.position >= len(self.references):
            return None
        return self.references[target.position]


@dataclass(frozen=True, slots=True)
class OutlineNode:
    """One step of a questionnaire as an outline.

    Attributes:
        summary: the control construct or question that stands here; None where the reference dangles.
        role: how it is reached: ``start``, ``step``, ``then``, ``else-if``, ``else``, ``body``, ``question``.
        condition: under which it is reached (of the branch), in words and as commands.
        text: question or statement text.
        responses: of a question.
        children: next level, in order.
        repeated: it stands above already on the way here; its children are not shown again.
        target_urn: what the reference spells.
    """

    summary: ItemSummary | None
    role: str
    condition: Condition | None
    text: InternationalString
    responses: tuple[Representation, ...]
    children: tuple[OutlineNode, ...]
    repeated: bool
    target_urn: str


class Views:
    """Reads the store for people; every answer costs a bounded number of queries."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository

    def item(self, variants: Sequence[StoredItem]) -> ItemView:
        """The view of the first of the contents stored under one identification, the others beside it."""
        stored = variants[0]
        repository = self._repository
        identification = stored.item.identification
        content = self.content(stored)
        references = repository.outgoing_of([stored])[stored.id]
        used_by = repository.incoming_roles(stored.id)
        return ItemView(
            stored=stored,
            content=content,
            references=references,
            used_by=used_by,
            children=repository.children(stored.id, limit=_CHILDREN),
            containers=repository.containers(stored.id),
            versions=repository.versions(identification.agency, identification.identifier),
            variants=tuple(variants[1:]),
            statistics=self._statistics(stored) if used_by and stored.item.type == "Variable" else (),
            code_lists=self._code_lists(content, references),
        )

    def content(self, stored: StoredItem) -> Content:
        """What is typed in an item, read from its own XML."""
        return self.contents([stored])[stored.id]

    def contents(self, items: Sequence[StoredItem]) -> dict[int, Content]:
        """What is typed in each of the items, by internal id."""
        sources = self._elements([(stored.occurrences[0], stored.item.ddi_version) for stored in items])
        elements = parse_elements(zip(items, sources, strict=True))
        return {stored.id: read_content(stored.item, element) for stored, element in elements}

    def source_element(self, stored: StoredItem) -> SourceElement:
        """An item's own XML, from its newest occurrence."""
        return self._elements([(stored.occurrences[0], stored.item.ddi_version)])[0]

    def transportable(self, stored: StoredItem, types: frozenset[str]) -> SourceElement | None:
        """The item's own XML if its element is of these types, else that of the nearest enclosing one that is."""
        current: StoredItem | None = stored
        occurrence = stored.occurrences[0]
        while current is not None:
            if current.item.element in types:
                return self._elements([(occurrence, current.item.ddi_version)])[0]
            found = self._repository.parent_occurrence(occurrence)
            if found is None:
                return None
            current, occurrence = found
        return None

    def _elements(self, places: Sequence[tuple[Occurrence, str]]) -> list[SourceElement]:
        """The elements that stand at occurrences, given with their DDI version."""
        slices = self._repository.source_slices([(one.revision, one.span.start, one.span.end) for one, _ in places])
        return [_element(one, xml, version) for (one, version), xml in zip(places, slices, strict=True)]

    # --- statistics and code lists ------------------------------------------------------------------------------------

    def _statistics(self, variable: StoredItem) -> tuple[ItemView, ...]:
        sources = self._repository.incoming(variable.id, types=("VariableStatistics",), limit=20).items
        found = self._repository.get_many([incoming.source.id for incoming in sources])
        contents, references = self.contents(found), self._repository.outgoing_of(found)
        return tuple(_bare_view(stored, contents[stored.id], references[stored.id]) for stored in found)

    def _code_lists(
        self, content: Content, references: Sequence[OutgoingReference]
    ) -> Mapping[int, tuple[CodeRow, ...]]:
        positions = (one for one in sorted(set(_code_list_positions(content))) if one < len(references))
        targets = {position: target for position in positions if (target := references[position].target)}
        lists = {position: target.id for position, target in targets.items() if target.type in _CODE_LIST_TYPES}
        rows = self._rows_of(self._repository.get_many(list(dict.fromkeys(lists.values()))))
        return {position: rows[item_id] for position, item_id in lists.items()}

    def code_rows(self, stored: StoredItem) -> tuple[CodeRow, ...]:
        """The codes of a code list or of a managed representation of missing values, hierarchy flattened in order."""
        return self._rows_of([stored])[stored.id]

    def _rows_of(self, items: Sequence[StoredItem]) -> Mapping[int, tuple[CodeRow, ...]]:
        """The codes of each of the items, by internal id."""
        contents, references = self.contents(items), self._repository.outgoing_of(items)
        listed = {
            stored.id: self._listed(stored, content, references[stored.id])
            for stored in items
            if isinstance(content := contents[stored.id], CodeListContent)
        }
        missing = self._missing_categories(row.category for rows in listed.values() for row in rows if row.category)
        marked = {
            item_id: tuple(
                replace(row, missing=True) if row.category and row.category.id in missing else row for row in rows
            )
            for item_id, rows in listed.items()
        }
        return {**{stored.id: () for stored in items}, **marked, **self._managed_rows(contents, references)}

    def _listed(self, stored: StoredItem, content: CodeListContent, own: Sequence[OutgoingReference]) -> list[CodeRow]:
        """The codes of one code list, before it is known which of its categories mean missing."""
        entries = list(_flat(content.codes, 0))
        inside: Mapping[str, ItemSummary] = {}
        if any(entry.category is None for _, entry in entries):
            inside = self._repository.outgoing_within(stored.occurrences[0], "Code", "CategoryReference")
        found = ((depth, entry, _category(entry, own, inside)) for depth, entry in entries)
        return [
            CodeRow(depth, entry.value, one.label if one else InternationalString(), one, content.is_system_missing)
            for depth, entry, one in found
        ]

    def _managed_rows(
        self, contents: Mapping[int, Content], references: Mapping[int, Sequence[OutgoingReference]]
    ) -> dict[int, tuple[CodeRow, ...]]:
        """Every code of a missing-values representation means missing."""
        targets: dict[int, int] = {}
        for item_id, content in contents.items():
            representation = content.representation if isinstance(content, VariableContent) else None
            if representation is not None and representation.code_list is not None:
                target = references[item_id][representation.code_list.position].target
                targets |= {item_id: target.id} if target else {}
        rows = self._rows_of(self._repository.get_many(list(targets.values()))) if targets else {}
        return {item_id: tuple(replace(row, missing=True) for row in rows[one]) for item_id, one in targets.items()}

    def _missing_categories(self, categories: Iterable[ItemSummary]) -> frozenset[int]:
        """Those of the categories that are declared to mean missing."""
        ids = {category.id for category in categories}
        declared = ("@isMissing", "true"), ("@missing", "true"), ("@isMissing", "1"), ("@missing", "1")
        return frozenset(
            node.id
            for node in self._repository.neighbourhood.nodes(ids).values()
            if any((name, value) in declared for name, value in node.properties)
        )

    # --- questionnaires -----------------------------------------------------------------------------------------------

    def outline(self, view: ItemView) -> OutlineNode:
        """An instrument or control construct as a nested outline, fetched level by level."""
        parts = self._outline_parts(view.stored)
        return _grow(_Step(view.stored.id, "start", None, view.stored.item.urn), parts, frozenset())

    def questionnaires_of(self, item_id: int) -> tuple[ItemSummary, ...]:
        """The instruments whose routing leads to an item, found level by level upwards."""
        found: dict[int, ItemSummary] = {}
        seen, level = {item_id}, [item_id]
        for _ in range(_DEEPEST_OUTLINE):
            above = self._repository.incoming_many(level, types=_ROUTING_TYPES)
            new = {source.id: source for source in above if source.id not in seen}
            if not new:
                break
            seen |= new.keys()
            found |= {source.id: source for source in new.values() if source.type == "Instrument"}
            level = [source.id for source in new.values() if source.type != "Instrument"]
        return tuple(found.values())

    def _outline_parts(self, root: StoredItem) -> dict[int, _Part]:
        """Everything reachable from the root by routing, by id: one batch of queries per level."""
        parts: dict[int, _Part] = {}
        level = [root.id]
        for _ in range(_DEEPEST_OUTLINE):
            new = [item_id for item_id in dict.fromkeys(level) if item_id not in parts]
            if not new:
                break
            found = self._repository.get_many(new)
            contents, references = self.contents(found), self._repository.outgoing_of(found)
            for stored in found:
                parts[stored.id] = _Part(stored, contents[stored.id], references[stored.id])
            level = [step.item_id for item_id in new for step in parts[item_id].steps() if step.item_id is not None]
        return parts


@dataclass(frozen=True, slots=True)
class _Step:
    item_id: int | None
    role: str
    condition: Condition | None
    urn: str


@dataclass(frozen=True, slots=True)
class _Part:
    """One construct or question of a questionnaire, and the ways on from it."""

    stored: StoredItem
    content: Content
    references: tuple[OutgoingReference, ...]

    def steps(self) -> Iterable[_Step]:
        if isinstance(self.content, ConstructContent):
            for branch in self.content.branches:
                yield from self._branch(branch)

    def _branch(self, branch: Branch) -> Iterable[_Step]:
        for target in branch.targets:
            reference = self.references[target.position]
            yield _Step(
                reference.target.id if reference.target else None,
                branch.role,
                branch.condition or self._condition(branch.role),
                reference.reference.urn,
            )

    def _condition(self, role: str) -> Condition | None:
        content = self.content
        return content.condition if isinstance(content, ConstructContent) and role in ("then", "body") else None


def _element(occurrence: Occurrence, xml: bytes, ddi_version: str) -> SourceElement:
    namespaces = in_scope(occurrence.context["namespaces"], occurrence.span.context)
    return SourceElement(xml, namespaces, occurrence.language, ddi_version)


def _grow(step: _Step, parts: Mapping[int, _Part], above: frozenset[int]) -> OutlineNode:
    part = parts.get(step.item_id) if step.item_id is not None else None
    if part is None:
        return OutlineNode(None, step.role, step.condition, InternationalString(), (), (), False, step.urn)
    repeated = part.stored.id in above
    below = above | {part.stored.id}
    content = part.content
    children = () if repeated else tuple(_grow(next_step, parts, below) for next_step in part.steps())
    return OutlineNode(
        summary=part.stored.summary,
        role=step.role,
        condition=step.condition,
        text=content.text if isinstance(content, (ConstructContent, QuestionContent)) else InternationalString(),
        responses=content.responses if isinstance(content, QuestionContent) else (),
        children=children,
        repeated=repeated,
        target_urn=step.urn,
    )


def _bare_view(stored: StoredItem, content: Content, references: tuple[OutgoingReference, ...]) -> ItemView:
    return ItemView(stored, content, references, {}, Page((), 0, None), Containers(), ())


def _flat(codes: Iterable[CodeEntry], depth: int) -> Iterable[tuple[int, CodeEntry]]:
    for code in codes:
        yield depth, code
        yield from _flat(code.codes, depth + 1)


def _category(
    entry: CodeEntry, own: Sequence[OutgoingReference], inside: Mapping[str, ItemSummary]
) -> ItemSummary | None:
    """By the code's own reference (3.2, 3.3), or by the code list's (3.1)."""
    if entry.category is not None:
        return own[entry.category.position].target if entry.category.position < len(own) else None
    return inside.get(entry.local_id or "")


def _code_list_positions(content: Content) -> Iterable[int]:
    """Positions of the references to code lists, and to managed representations that may be some."""
    representations: tuple[Representation | None, ...] = ()
    targets: list[Target | None] = []
    if isinstance(content, VariableContent):
        representations = (content.representation,)
        targets.append(content.missing)
    elif isinstance(content, QuestionContent):
        representations = content.responses
        targets += [dimension.code_list for dimension in content.dimensions]
    for representation in representations:
        if representation is not None:
            targets += [representation.code_list, representation.managed]
    return (target.position for target in targets if target is not None)
