"""What studies are described from: the items around them, loaded for many studies with the same few queries.

A study's own element holds everything that it collected; what is read here is the element without the items that stand
in it, so that a study of a hundred thousand variables costs as much as one of ten.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Final

from lxml import etree

from catalogue.ddi.contents import References
from catalogue.ddi.navigation import by_name
from catalogue.ddi.writer import SourceElement, in_scope, parse_elements
from catalogue.model.items import Span
from catalogue.model.study import Named
from catalogue.store import Repository
from catalogue.store.records import ItemSummary, OutgoingReference, StoredItem

STUDIES: Final = frozenset(("Group", "SubGroup", "StudyUnit"))
METHODS: Final = frozenset(
    (
        "DataCollectionMethodology",
        "DeviationFromSampleDesign",
        "SamplingProcedure",
        "TimeMethod",
        "WeightingMethodology",
    )
)
# What tells of a study as a whole, wherever it stands.
_MEMBERS: Final = (
    "Access",
    "CollectionEvent",
    "DataCollection",
    "DefaultAccess",
    "Instrument",
    "OtherMaterial",
    "PhysicalInstance",
    "StudyUnit",
    "Weighting",
)
HOLDERS: Final = ("LogicalRecord", "RecordLayout")
"""What refers to the variables of a file."""
_TO_RECORDS: Final = (*HOLDERS, "DataRelationship", "GrossRecordStructure", "PhysicalStructure")
_COVERAGE: Final = frozenset(("SpatialCoverage", "TemporalCoverage", "TopicalCoverage"))
# Type -> types of what is read with it, inside it or by reference.
_PARTS: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(STUDIES, _COVERAGE | {"Abstract", "Individual", "Note", "Organization", "Purpose", "Universe"}),
    "Access": frozenset(("Organization",)),
    "DefaultAccess": frozenset(("Organization",)),
    "CollectionEvent": frozenset(
        ("ActionToMinimizeLosses", "CollectionSituation", "Instrument", "ModeOfCollection", "Organization")
    ),
    "DataCollection": frozenset(("CollectionEvent", "Methodology", "Weighting")),
    "GeographicLocation": frozenset(("LocationValue",)),
    "Methodology": METHODS,
    "PhysicalInstance": frozenset(("DataFileIdentification", "DataRelationship", "GrossFileStructure", "RecordLayout")),
    "DataRelationship": frozenset(("LogicalRecord",)),
    "GrossRecordStructure": frozenset(("LogicalRecord",)),
    "PhysicalStructure": frozenset(("GrossRecordStructure",)),
    "RecordLayout": frozenset(("PhysicalStructure",)),
    "SpatialCoverage": frozenset(("GeographicLocation",)),
}
# Elements that may hold very many others, and tell nothing by themselves that their texts do not.
_UNREAD: Final = frozenset(
    ("DataCollection", "DataRelationship", "Instrument", "LogicalRecord", "PhysicalInstance", "RecordLayout")
)
_DEEPEST: Final = 6


@dataclass(frozen=True, slots=True)
class Piece:
    """An item with its own element, without the items in it.

    Attributes:
        root: None for the types whose element is not read.
        inside: the elements that stand directly in it, by local name.
        references: which reference each reference element is.
        outgoing: the references, by position.
        parts: what is read with it, in document order, then by reference, each once.
    """

    stored: StoredItem
    root: etree._Element | None
    inside: Mapping[str, Sequence[etree._Element]]
    references: References | None
    outgoing: Sequence[OutgoingReference]
    parts: Sequence[int]

    @property
    def type(self) -> str:
        """Of the item."""
        return self.stored.item.type

    def target(self, element: etree._Element | None) -> ItemSummary | None:
        """The item that a reference element leads to."""
        found = self.references.target(element) if self.references is not None else None
        return self.outgoing[found.position].target if found and found.position < len(self.outgoing) else None

    def targets(self, *roles: str) -> Iterator[ItemSummary]:
        """The items that the references of some roles lead to."""
        for reference in self.outgoing:
            if reference.reference.role in roles and reference.target is not None:
                yield reference.target


class Gathering:
    """A few studies and everything that tells of them."""

    def __init__(self, repository: Repository, study_ids: Sequence[int], types: Sequence[str] = ()) -> None:
        """Load the studies with all that tells of them; with ``types`` only their members of these."""
        self._repository = repository
        self._pieces: dict[int, Piece] = {}
        self.members = repository.studies.members(study_ids, types or _MEMBERS)
        around = () if types else study_ids
        self._load([*around, *(item_id for some in self.members.values() for item_id in some)])

    def __getitem__(self, item_id: int) -> Piece:
        return self._pieces[item_id]

    def get(self, item_id: int) -> Piece | None:
        """The item, if it was loaded."""
        return self._pieces.get(item_id)

    def within(self, study_id: int, *types: str) -> Iterator[Piece]:
        """The members of a study of some types, in document order."""
        return self._of(self.members.get(study_id, ()), types)

    def parts(self, piece: Piece, *types: str) -> Iterator[Piece]:
        """The parts of an item of some types."""
        return self._of(piece.parts, types)

    @cached_property
    def _held(self) -> Mapping[int, int]:
        """How many variables each record and layout holds."""
        holders = [piece.stored.id for piece in self._pieces.values() if piece.type in HOLDERS]
        return self._repository.studies.referred(holders, ("Variable",))

    def variables(self, file: Piece) -> int | None:
        """How many variables the logical records of a file hold, or else its layouts; None where there are neither."""
        found = self.holders(file)
        wanted = found.get("LogicalRecord") or found.get("RecordLayout")
        return sum(self._held.get(one, 0) for one in wanted) if wanted else None

    def holders(self, file: Piece) -> Mapping[str, Sequence[int]]:
        """The logical records and record layouts of a file, by type: what refers to its variables."""
        found: dict[str, list[int]] = {}
        seen, waiting = {file.stored.id}, [file]
        while waiting:
            for part in self.parts(waiting.pop(), *_TO_RECORDS):
                if part.stored.id not in seen:
                    seen.add(part.stored.id)
                    waiting.append(part)
                    if part.type in HOLDERS:
                        found.setdefault(part.type, []).append(part.stored.id)
        return found

    def _of(self, item_ids: Iterable[int], types: Sequence[str]) -> Iterator[Piece]:
        for item_id in item_ids:
            piece = self._pieces.get(item_id)
            if piece is not None and piece.type in types:
                yield piece

    # --- loading

    def _load(self, item_ids: Collection[int]) -> None:
        level = list(dict.fromkeys(item_ids))
        for _ in range(_DEEPEST):
            new = [item_id for item_id in level if item_id not in self._pieces]
            if not new:
                return
            level = list(dict.fromkeys(part for piece in self._fetch(new) for part in piece.parts))

    def _fetch(self, item_ids: Sequence[int]) -> list[Piece]:
        items = self._repository.get_many(item_ids)
        read = [stored for stored in items if stored.item.type not in _UNREAD]
        roots = elements(self._repository, read)
        outgoing = self._repository.outgoing_of(read)
        parts = self._parts(items)
        found = [
            Piece(
                stored,
                root := roots.get(stored.id),
                by_name(root) if root is not None else {},
                References(root, stored.item) if root is not None else None,
                outgoing.get(stored.id, ()),
                parts.get(stored.id, ()),
            )
            for stored in items
        ]
        self._pieces |= {piece.stored.id: piece for piece in found}
        return found

    def _parts(self, items: Iterable[StoredItem]) -> Mapping[int, Sequence[int]]:
        by_types: dict[frozenset[str], list[int]] = defaultdict(list)
        for stored in items:
            if stored.item.type in _PARTS:
                by_types[_PARTS[stored.item.type]].append(stored.id)
        found: dict[int, Sequence[int]] = {}
        for types, ids in by_types.items():
            children = self._repository.neighbourhood.children(ids, types)
            leads = self._repository.studies.leads(ids, types)
            for one in ids:
                inside = (step.id for step in children.get(one, ()))
                found[one] = tuple(dict.fromkeys((*inside, *leads.get(one, ()))))
        return found


def elements(repository: Repository, items: Sequence[StoredItem]) -> Mapping[int, etree._Element]:
    """The element of each item without the items that stand directly in it, from its newest occurrence."""
    inner = repository.studies.inner_spans(items)
    gaps = {stored.id: _gaps(stored.occurrences[0].span, inner.get(stored.id, ())) for stored in items}
    places = [(stored.occurrences[0].revision, *gap) for stored in items for gap in gaps[stored.id]]
    slices = iter(repository.source_slices(places))
    return dict(parse_elements((one.id, _source(one, b"".join(islice(slices, len(gaps[one.id]))))) for one in items))


def _source(stored: StoredItem, xml: bytes) -> SourceElement:
    place = stored.occurrences[0]
    namespaces = in_scope(place.context["namespaces"], place.span.context)
    return SourceElement(xml, namespaces, place.language, stored.item.ddi_version)


def _gaps(outer: Span, inner: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """What of a span none of the inner spans covers; they come in order."""
    found, start = [], outer.start
    for first, last in inner:
        if first > start:
            found.append((start, first))
        start = max(start, last)
    return [*found, (start, outer.end)]


def named(summary: ItemSummary) -> Named:
    """An item as others name it."""
    return Named(summary.identification, summary.type, summary.name, summary.label)
