"""What defines a variable: its own element, its represented and conceptual variable, its managed representation, the
instruction by which it was derived. All are read into the same value, and the nearest that says something counts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from catalogue.exposure.codelists import CODED
from catalogue.exposure.gathering import named
from catalogue.indexing.feeding import QUESTIONS
from catalogue.model.contents import Command, Condition, Content, Representation, Target, VariableContent
from catalogue.model.items import Item
from catalogue.model.study import Named
from catalogue.store import Repository
from catalogue.store.records import ItemSummary, OutgoingReference, StoredItem
from catalogue.views import Views

_MOST: Final = 20_000
_MANAGED: Final = frozenset(
    (
        "ManagedDateTimeRepresentation",
        "ManagedNumericRepresentation",
        "ManagedScaleRepresentation",
        "ManagedTextRepresentation",
    )
)
_VARIABLES: Final = frozenset(("ConceptualVariable", "RepresentedVariable"))
_GENERATING: Final = frozenset(("GeneralInstruction", "GenerationInstruction"))
_FURTHER: Final = _MANAGED | _VARIABLES | _GENERATING
_LINEAGE: Final = frozenset(("BasedOnReference", "RelatedToReference"))
_WEIGHT: Final = "WeightVariableReference"
_COMMANDS: Final = frozenset(("CommandCode/Command/CommandContent", "Command/CommandContent"))
_LANGUAGES: Final = frozenset(("CommandCode/Command/ProgramLanguage", "Command/ProgramLanguage"))


@dataclass(frozen=True, slots=True)
class Definition:
    """What one item says of a variable.

    Attributes:
        coded: its code list; missing: its codes for missing values; internal ids.
        managed: the representation that it refers to.
        universes, questions, further: internal ids; ``further`` are definitions too.
        sources: variables that it was made from; weights: variables that weight it.
        derivation: how it is made.
    """

    itself: Named
    representation: Representation | None
    coded: int | None
    missing: int | None
    managed: int | None
    concepts: tuple[Named, ...]
    universes: tuple[int, ...]
    questions: tuple[int, ...]
    further: tuple[int, ...]
    sources: tuple[ItemSummary, ...]
    weights: tuple[ItemSummary, ...]
    derivation: Condition | None
    is_weight: bool
    is_temporal: bool
    is_geographic: bool
    role: str | None
    analysis_unit: str | None

    @property
    def code_lists(self) -> tuple[int, ...]:
        """Its code list and its codes for missing values."""
        return tuple(one for one in (self.coded, self.missing) if one is not None)


def definition(stored: StoredItem, content: Content, outgoing: Sequence[OutgoingReference]) -> Definition:
    """What an item says of a variable, from what is typed in it and where it leads."""
    typed = content if isinstance(content, VariableContent) else VariableContent()
    representation = typed.representation
    written = ((one.reference.role, one.target) for one in outgoing)
    targets = [(role, target) for role, target in written if target is not None and role not in _LINEAGE]
    managed = _target(representation.managed if representation else None, outgoing)
    coded = _target(representation.code_list if representation else None, outgoing)
    if managed is not None and managed.type in CODED:
        managed, coded = None, managed
    missing = _target(typed.missing, outgoing)
    variables = [(role, target) for role, target in targets if target.type == "Variable"]
    return Definition(
        itself=named(stored.summary),
        representation=representation if managed is None else None,
        coded=coded.id if coded is not None and coded.type in CODED else None,
        missing=missing.id if missing is not None and missing.type in CODED else None,
        managed=managed.id if managed is not None else None,
        concepts=tuple(dict.fromkeys(named(target) for _, target in targets if target.type == "Concept")),
        universes=tuple(dict.fromkeys(target.id for _, target in targets if target.type == "Universe")),
        questions=tuple(dict.fromkeys(target.id for _, target in targets if target.type in QUESTIONS)),
        further=tuple(dict.fromkeys(target.id for _, target in targets if target.type in _FURTHER)),
        sources=tuple(target for role, target in variables if role != _WEIGHT),
        weights=tuple(target for role, target in variables if role == _WEIGHT),
        derivation=_generation(stored.item) if stored.item.type in _GENERATING else typed.derivation,
        is_weight=typed.is_weight,
        is_temporal=typed.is_temporal,
        is_geographic=typed.is_geographic,
        role=typed.role,
        analysis_unit=typed.analysis_unit,
    )


def _target(target: Target | None, outgoing: Sequence[OutgoingReference]) -> ItemSummary | None:
    return outgoing[target.position].target if target is not None and target.position < len(outgoing) else None


def _generation(item: Item) -> Condition | None:
    """``r:GenerationInstruction``: its description, its commands with their languages."""
    languages = [one.text for one in item.texts if one.path in _LANGUAGES]
    written = [one.text for one in item.texts if one.path in _COMMANDS]
    spoken: list[str | None] = [*languages] if len(languages) == len(written) else [None] * len(written)
    commands = tuple(Command(text, language) for text, language in zip(written, spoken, strict=True))
    return Condition(item.description, commands) if item.description or commands else None


class Definitions:
    """Definitions by internal id, kept between batches while few."""

    def __init__(self, repository: Repository, views: Views) -> None:
        self._repository = repository
        self._views = views
        self._known: dict[int, Definition] = {}

    def trim(self) -> None:
        """Forget what was loaded, once it is much; between batches only."""
        if len(self._known) > _MOST:
            self._known.clear()

    def load(self, definitions: Collection[Definition]) -> None:
        """Load everything that definitions lead on to."""
        wanted = {one for some in definitions for one in some.further}
        while new := [one for one in wanted if one not in self._known]:
            found = self.read(self._repository.get_many(new))
            self._known |= found
            wanted = {further for one in found.values() for further in one.further}
            if not found:
                return

    def read(self, items: Sequence[StoredItem]) -> Mapping[int, Definition]:
        """What items say of variables."""
        contents = self._views.contents(items)
        outgoing = self._repository.outgoing_of(items)
        return {one.id: definition(one, contents[one.id], outgoing.get(one.id, ())) for one in items}

    def chain(self, own: Definition) -> tuple[Definition, ...]:
        """A definition and those that it leads on to, nearest first."""
        found: dict[int, Definition] = {}
        level = own.further
        while level:
            new = {one: self._known[one] for one in level if one in self._known and one not in found}
            found |= new
            level = tuple(further for one in new.values() for further in one.further)
        return (own, *found.values())


def representation_of(chain: Sequence[Definition]) -> Representation | None:
    """The nearest value domain; that of a managed representation is its own."""
    return next((one.representation for one in chain if one.representation is not None), None)


def code_lists_of(chain: Sequence[Definition]) -> Iterator[int]:
    """The nearest code list, then the nearest codes for missing values."""
    yield from [one.coded for one in chain if one.coded is not None][:1]
    yield from [one.missing for one in chain if one.missing is not None][:1]
