"""Documents for the store's tests: trees of items whose spans lead into bytes that are made along."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from catalogue.model.identity import Identification
from catalogue.model.items import Item, Kind, PathText, Reference, Span
from catalogue.model.report import Status
from catalogue.store import NewRevision, Repository
from catalogue.store.records import DanglingReferences, RevisionRecord

AGENCY = "int.example"


def refer(
    identifier: str, role: str = "ConceptReference", version: str = "1", agency: str = AGENCY, **more: object
) -> Reference:
    """A reference; its position is set by the item."""
    return replace(Reference(role, role, 0, agency, identifier, version), **more)  # type: ignore[arg-type]


@dataclass
class Node:
    """An item to be."""

    identifier: str
    type: str = "Variable"
    version: str = "1"
    agency: str = AGENCY
    label: str | None = None
    name: str | None = None
    local_id: str | None = None
    references: Sequence[Reference] = ()
    children: Sequence[Node] = ()
    content: str = ""

    def digest(self) -> str:
        """Of what it says, not of its children."""
        said = (self.type, self.label, self.name, self.content, [str(r) for r in self.references])
        return hashlib.sha256(repr(said).encode()).hexdigest()


@dataclass
class Document:
    """Nodes, rendered into bytes; ``items`` come when they end."""

    nodes: Sequence[Node]
    file_name: str = "document.xml"
    encoding: str = "utf-8"
    salt: str = ""
    text: str = field(init=False, default="")
    items: list[Item] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.text = f"<é {self.salt}>\n"
        self._ordinals = iter(range(10**9))
        for node in self.nodes:
            self._render(node, None)
        self.text += "</é>"

    @property
    def data(self) -> bytes:
        """The source bytes."""
        return self.text.encode(self.encoding)

    @property
    def top(self) -> list[tuple[str, Identification]]:
        """The outermost items."""
        return [(node.type, Identification(node.agency, node.identifier, node.version)) for node in self.nodes]

    def new_revision(self, cohort: int | None = None) -> NewRevision:
        """What is known beforehand."""
        return NewRevision(self.file_name, self.data, "3.3", "DDIInstance", True, self.encoding, cohort)

    def _render(self, node: Node, parent: int | None) -> None:
        ordinal = next(self._ordinals)
        start, line = len(self.text.encode()), self.text.count("\n") + 1
        self.text += f"<{node.type} id='{node.identifier}'>{node.label or ''}\n"
        for child in node.children:
            self._render(child, ordinal)
        self.text += f"</{node.type}>\n"
        self.items.append(_item(node, ordinal, parent, line, Span(start, len(self.text.encode()) - 1)))


def _item(node: Node, ordinal: int, parent: int | None, line: int, span: Span) -> Item:
    texts = [PathText("Label/Content", node.label, "en")] if node.label else []
    texts += [PathText(f"{node.type}Name/String", node.name)] if node.name else []
    return Item(
        identification=Identification(node.agency, node.identifier, node.version),
        local_id=node.local_id or node.identifier,
        type=node.type,
        element=node.type,
        kind=Kind.VERSIONABLE,
        ddi_version="3.3",
        ordinal=ordinal,
        parent=parent,
        line=line,
        span=span,
        language="en",
        texts=tuple(texts),
        properties=(("@isVersionable", "true"),),
        user_ids=(("type", "id"),),
        user_attributes=(("key", node.content),),
        references=tuple(replace(r, position=position) for position, r in enumerate(node.references)),
        digest=node.digest(),
    )


@dataclass(frozen=True)
class Ingested:
    """What came of an ingest."""

    revision: RevisionRecord
    dangling: DanglingReferences


def ingest(
    repository: Repository, document: Document, status: Status = Status.PUBLISHED, cohort: int | None = None
) -> Ingested:
    """The whole of one ingest."""
    with repository.ingest() as session:
        session.start(document.new_revision(cohort))
        session.add(iter(document.items))
        dangling = session.resolve()
        session.describe(document.top, {"namespaces": [[None, {}]]})
        return Ingested(session.finish(status, report={"file": document.file_name}), dangling)


def study(identifier: str, *children: Node, **more: object) -> Node:
    """A StudyUnit with what stands in it."""
    return Node(identifier, "StudyUnit", children=children, **more)  # type: ignore[arg-type]


def walk(nodes: Sequence[Node]) -> Iterator[tuple[Node, Node | None]]:
    """Every node with its parent, in document order."""
    for node in nodes:
        yield node, None
        yield from ((child, parent or node) for child, parent in walk(node.children))
