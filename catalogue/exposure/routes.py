"""The way to a question within one study: which constructs ask it, under which condition, after which statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from catalogue.indexing.feeding import ROUTING
from catalogue.model.contents import Branch, Condition, ConstructContent
from catalogue.model.text import InternationalString, LocalizedText
from catalogue.store import Repository
from catalogue.store.records import OutgoingReference
from catalogue.views import Views

_ASKING: Final = frozenset(("QuestionConstruct", "MeasurementConstruct"))
_ORDERED: Final = "Sequence"
_BRANCHING: Final = "IfThenElse"
_STATEMENT: Final = "StatementItem"
_DEEPEST: Final = 60
_NOTHING: Final = InternationalString()


class Routes:
    """Control constructs of one study above its questions, followed upwards level by level."""

    def __init__(self, repository: Repository, views: Views, study_id: int) -> None:
        self._repository = repository
        self._views = views
        self._study_id = study_id
        self.clear()

    def clear(self) -> None:
        """Forget what was loaded."""
        self._above: dict[int, tuple[int, ...]] = {}
        self._types: dict[int, str] = {}
        self._branches: dict[int, Sequence[tuple[Branch, Sequence[int]]]] = {}
        self._statements: dict[int, InternationalString] = {}

    def load(self, question_ids: Collection[int]) -> None:
        """Load what leads to questions."""
        level = [item_id for item_id in question_ids if item_id not in self._above]
        new: set[int] = set()
        for _ in range(_DEEPEST):
            if not level:
                break
            above = self._sources(level)
            self._above |= {item_id: tuple(above.get(item_id, ())) for item_id in level}
            found = {source for some in above.values() for source in some}
            new |= found
            level = [item_id for item_id in found if item_id not in self._above]
        self._read([one for one in new if self._types[one] in (_ORDERED, _BRANCHING) and one not in self._branches])

    def _sources(self, item_ids: Sequence[int]) -> Mapping[int, Sequence[int]]:
        sources = self._repository.neighbourhood.sources(item_ids, ROUTING)
        inside = self._repository.studies.among(self._study_id, {source.id for source in sources})
        found: dict[int, list[int]] = defaultdict(list)
        for source in sorted(sources):
            if source.id in inside:
                self._types[source.id] = source.type
                found[source.target].append(source.id)
        return found

    def _read(self, construct_ids: Sequence[int]) -> None:
        """The branches of sequences and conditions, and the statements between questions."""
        items = self._repository.get_many(construct_ids)
        contents = self._views.contents(items)
        outgoing = self._repository.outgoing_of(items)
        for stored in items:
            content = contents[stored.id]
            if isinstance(content, ConstructContent):
                self._branches[stored.id] = tuple(_resolved(content, outgoing.get(stored.id, ())))
        targets = (one.target for some in outgoing.values() for one in some)
        stated = {target.id for target in targets if target is not None and target.type == _STATEMENT}
        for one, content in self._views.contents(self._repository.get_many(list(stated))).items():
            if isinstance(content, ConstructContent):
                self._statements[one] = content.text

    def asking(self, question_id: int) -> tuple[int, ...]:
        """The constructs that ask a question."""
        return tuple(one for one in self._above.get(question_id, ()) if self._types[one] in _ASKING)

    def condition(self, question_id: int) -> InternationalString:
        """The nearest condition under which a question is asked, in words, or as its command where there are none."""
        seen, level = {question_id}, [question_id]
        while level:
            steps = [(below, one) for below in level for one in self._above.get(below, ()) if one not in seen]
            for below, one in steps:
                if self._types[one] == _BRANCHING:
                    return self._branch_condition(one, below)
            level = list(dict.fromkeys(one for _, one in steps))
            seen.update(level)
        return _NOTHING

    def _branch_condition(self, construct: int, below: int) -> InternationalString:
        branches = self._branches.get(construct, ())
        branch = next((branch for branch, targets in branches if below in targets), None)
        if branch is None or branch.condition is None:
            return _NOTHING
        words = _words(branch.condition)
        if branch.role != "else":
            return words
        return InternationalString.of(LocalizedText(f"≠ ({text.text})", text.language) for text in words)

    def statements(self, question_id: int) -> tuple[InternationalString, InternationalString]:
        """The statement directly before a question in its sequence, and the one that ends the sequence after it."""
        for construct in self.asking(question_id):
            for sequence in self._above.get(construct, ()):
                steps = [target for _, targets in self._branches.get(sequence, ()) for target in targets]
                if self._types[sequence] == _ORDERED and construct in steps:
                    place = steps.index(construct)
                    before = self._statements.get(steps[place - 1]) if place else None
                    after = self._statements.get(steps[-1]) if place == len(steps) - 2 else None
                    return before or _NOTHING, after or _NOTHING
        return _NOTHING, _NOTHING


def _resolved(
    content: ConstructContent, outgoing: Sequence[OutgoingReference]
) -> Iterator[tuple[Branch, Sequence[int]]]:
    """Each branch with its condition and the ids that it leads to; "then" and "else" share the construct's own."""
    for branch in content.branches:
        found = (outgoing[target.position].target for target in branch.targets if target.position < len(outgoing))
        condition = branch.condition or (content.condition if branch.role in ("then", "else", "body") else None)
        yield Branch(branch.role, condition, branch.targets), [target.id for target in found if target is not None]


def _words(condition: Condition) -> InternationalString:
    if condition.description:
        return condition.description
    return InternationalString.of(LocalizedText(command.text) for command in condition.commands)
