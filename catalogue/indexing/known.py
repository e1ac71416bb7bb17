"""Items as the document builder holds them: their texts by search field, and the ways on from them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from catalogue.indexing.definitions import REPRESENTATIONS
from catalogue.indexing.feeding import CHILDREN, CONTAINERS, QUESTIONS, REFERENCES, follows
from catalogue.model.text import primary_language
from catalogue.search.port import Field, SearchText
from catalogue.store.neighbourhood import ItemNode, Neighbourhood, Step

Texts = tuple[SearchText, ...]

# So many items stay in memory from one batch to the next: concepts and code lists serve many variables.
_MOST: Final = 30_000
# A nomenclature of ten thousand codes would swamp what it stands in.
MOST_CODES: Final = 200
_DEEPEST: Final = 24

# Where texts stand (DDI-L 3.2 and 3.3 put them into String or Content) -> what they are found by.
_PATHS: Final[Mapping[str, Field]] = {
    "Label": Field.LABEL,
    "Citation/Title": Field.LABEL,
    "Citation/SubTitle": Field.LABEL,
    "Citation/AlternateTitle": Field.LABEL,
    "OrganizationIdentification/OrganizationName": Field.LABEL,
    "IndividualIdentification/IndividualName/FullName": Field.LABEL,
    "OrganizationName": Field.LABEL,
    "QuestionText/LiteralText/Text": Field.QUESTION,
    "QuestionIntent": Field.DESCRIPTION,
    "QuestionBlockIntent": Field.DESCRIPTION,
    "MeasurementPurpose": Field.QUESTION,
    "MeasurementPurpose/LiteralText/Text": Field.QUESTION,
    "StimulusMaterial/LiteralText/Text": Field.QUESTION,
    "GridDimension/CodeDomain/Label": Field.QUESTION,
    "GridDimension/Roster/Label": Field.QUESTION,
    "Description": Field.DESCRIPTION,
    "Definition": Field.DESCRIPTION,
    "HumanReadable": Field.DESCRIPTION,
    "InstructionText/LiteralText/Text": Field.DESCRIPTION,
    "CommandCode/Description": Field.DESCRIPTION,
    "VariableRepresentation/ProcessingInstruction/Description": Field.DESCRIPTION,
    "Representation/CodingInstruction/Description": Field.DESCRIPTION,
    "Abstract": Field.STUDY,
    "Purpose": Field.STUDY,
    "Content": Field.STUDY,
    "Keyword": Field.CONCEPT,
    "Subject": Field.CONCEPT,
    "KindOfData": Field.STUDY,
    "Citation/Creator": Field.STUDY,
    "Citation/Creator/CreatorName": Field.STUDY,
}
_WRAPPERS: Final = ("/String", "/Content")
_TOKENS: Final = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}|^[0-9a-f]{16,}$", re.IGNORECASE)
_LONGEST_CODE: Final = 40
_REPRESENTED: Final = frozenset(("Variable", "RepresentedVariable", *QUESTIONS))
# What more than its texts by field is asked of: dates, modes, access.
_WHOLE: Final = frozenset((*CONTAINERS, "ModeOfCollection", "TemporalCoverage", "Access", "DefaultAccess"))
# A construct of 3.1 puts several pieces of one question into several elements.
_PIECED: Final = "LiteralText/Text"


@dataclass(frozen=True, slots=True)
class Known:
    """An item, as far as search documents need it.

    Attributes:
        reference: ``agency/identifier``.
        names: what it is called by people and programs.
        ids: identifiers that people use, its own and those that its users gave it.
        texts: by search field, as they stand in the item.
        ways: where it leads, in order: references and children that feed it.
        leads: the same, each once, by type.
        paths: of its references, by position.
        representations: values of the facet that its own value domains have.
        whole: the item with all its texts and properties, for the types that more is asked of.
    """

    id: int
    type: str
    reference: str
    name: str | None
    latest: bool
    names: tuple[str, ...]
    ids: tuple[str, ...]
    texts: Mapping[Field, Texts]
    ways: tuple[Step, ...]
    leads: Mapping[str, tuple[int, ...]]
    paths: tuple[str, ...]
    representations: tuple[str, ...]
    whole: ItemNode | None
    _called: dict[Field, Texts] = field(default_factory=dict)

    def text(self, where: Field) -> Texts:
        """Its own texts of a field."""
        return self.texts.get(where, ())

    def called(self, where: Field) -> Texts:
        """Its labels, else its name, to be found as a field of another item."""
        if where not in self._called:
            label = self.texts.get(Field.LABEL)
            name = (SearchText(where, self.name),) if self.name else ()
            self._called[where] = refield(label, where) if label else name
        return self._called[where]


def refield(texts: Iterable[SearchText], where: Field) -> Texts:
    """The same texts, to be found as another field."""
    return tuple(SearchText(where, text.text, text.language) for text in texts)


_primary = lru_cache(maxsize=1000)(primary_language)


def in_language(texts: Texts, language: str) -> SearchText | None:
    """The one that readers of a language see: the first in it, else the first (see ``finding.showing``)."""
    return next((text for text in texts if _primary(text.language) == language), texts[0] if texts else None)


class Graph:
    """The items of a batch and what feeds them, by id; loaded level by level, kept between batches while few."""

    def __init__(self, neighbourhood: Neighbourhood) -> None:
        self._neighbourhood = neighbourhood
        self._known: dict[int, Known] = {}
        self._codes: dict[int, tuple[Known, ...]] = {}

    def __getitem__(self, item_id: int) -> Known:
        return self._known[item_id]

    def get(self, item_id: int) -> Known | None:
        """The item, if it has been loaded and is there."""
        return self._known.get(item_id)

    def trim(self) -> None:
        """Forget what was loaded, once it is much; between batches only."""
        if len(self._known) > _MOST:
            self._known.clear()
            self._codes.clear()

    def load(self, item_ids: Collection[int]) -> None:
        """Load items and what feeds them."""
        level = item_ids
        for _ in range(_DEEPEST):
            new = [item_id for item_id in dict.fromkeys(level) if item_id not in self._known]
            if not new:
                return
            found = self._fetch(new)
            level = [step.id for known in found for step in known.ways]

    def _fetch(self, item_ids: Collection[int]) -> list[Known]:
        nodes = self._neighbourhood.nodes(item_ids)
        leading = [node.id for node in nodes.values() if node.type in REFERENCES and node.paths]
        targets = self._neighbourhood.targets(leading)
        around = {type_: [node.id for node in nodes.values() if node.type == type_] for type_ in CHILDREN}
        inside = [one for some in around.values() for one in some]
        types = frozenset().union(*(CHILDREN[type_] for type_, some in around.items() if some))
        children = self._neighbourhood.children(inside, types) if inside else {}
        found = [
            _known(node, (*_feeding(node.type, targets.get(node.id, ())), *children.get(node.id, ())[:MOST_CODES]))
            for node in nodes.values()
        ]
        self._known.update((known.id, known) for known in found)
        return found

    def to(self, known: Known, *types: str) -> list[Known]:
        """What an item leads to of some types, each once, by type, then in order."""
        leads = known.leads
        found = (self._known.get(one) for type_ in types if type_ in leads for one in leads[type_])
        return [one for one in found if one is not None]

    def categories(self, code_list: Known) -> tuple[Known, ...]:
        """The categories of a code list in order, hierarchy flattened, at most ``MOST_CODES``."""
        if code_list.id not in self._codes:
            found: dict[int, Known] = {}
            self._collect(code_list, found, {code_list.id})
            self._codes[code_list.id] = tuple(found.values())[:MOST_CODES]
        return self._codes[code_list.id]

    def _collect(self, around: Known, found: dict[int, Known], seen: set[int]) -> None:
        for step in around.ways:
            known = self._known.get(step.id)
            if known is None or len(found) >= MOST_CODES:
                continue
            if known.type == "Category":
                found[known.id] = known
            elif known.id not in seen:
                seen.add(known.id)
                self._collect(known, found, seen)


def _feeding(type_: str, steps: Iterable[Step]) -> list[Step]:
    """The references that are followed; a code list with thousands of them is cut."""
    found = [step for step in steps if follows(type_, step.role, step.type)]
    return found[:MOST_CODES] if type_ == "CodeList" else found


def _known(node: ItemNode, ways: tuple[Step, ...]) -> Known:
    return Known(
        id=node.id,
        type=node.type,
        reference=node.reference,
        name=node.name,
        latest=node.latest,
        names=tuple(dict.fromkeys(_names(node))),
        ids=tuple(dict.fromkeys(filter(is_code, (node.local_id, *(value for _, value in node.user_ids))))),
        texts=_texts(node),
        ways=ways,
        leads=_by_type(ways),
        paths=tuple(node.paths),
        representations=_representations(node) if node.type in _REPRESENTED else (),
        whole=node if node.type in _WHOLE else None,
    )


def _by_type(ways: Iterable[Step]) -> Mapping[str, tuple[int, ...]]:
    found: dict[str, dict[int, None]] = {}
    for step in ways:
        found.setdefault(step.type, {})[step.id] = None
    return {type_: tuple(some) for type_, some in found.items()}


def _names(node: ItemNode) -> Iterable[str]:
    if node.name:
        yield node.name
    for path, text, _ in node.texts:
        if path.endswith(("Name", "Name/String")) and path.count("/") <= 1 and "/" not in path.removesuffix("/String"):
            yield text


def is_code(text: str) -> bool:
    """Whether an identifier is one that people use, and not a UUID, a sum or an address."""
    return 0 < len(text) <= _LONGEST_CODE and not _TOKENS.search(text) and not any(c in text for c in "/: ")


@lru_cache(maxsize=8192)
def _field(path: str) -> Field | None:
    for ending in _WRAPPERS:
        path = path.removesuffix(ending)
    return _PATHS.get(path)


def _texts(node: ItemNode) -> Mapping[Field, Texts]:
    found: dict[Field, dict[SearchText, None]] = {}
    pieces: dict[str | None, list[str]] = {}
    for path, text, language in node.texts:
        where = _field(path)
        if where is None:
            continue
        if where is Field.QUESTION and path.endswith(_PIECED):
            found.setdefault(where, {})
            pieces.setdefault(language, []).append(text)
        else:
            found.setdefault(where, {})[SearchText(where, text, language)] = None
    for language, some in pieces.items():
        found[Field.QUESTION][SearchText(Field.QUESTION, " ".join(dict.fromkeys(some)), language)] = None
    return {where: tuple(texts) for where, texts in found.items()}


@lru_cache(maxsize=8192)
def _representation(path: str) -> str | None:
    """The value domain that a path stands in; what a grid's dimensions are made of is none."""
    segments = path.split("/")
    if segments[0] == "GridDimension":
        return None
    return next((REPRESENTATIONS[segment] for segment in segments if segment in REPRESENTATIONS), None)


def _representations(node: ItemNode) -> tuple[str, ...]:
    every = (path for group in (node.texts, node.properties) for path, *_ in group)
    found = (_representation(path) for path in (*every, *node.paths))
    return tuple(dict.fromkeys(one for one in found if one))
