"""Questions as they were asked: wording, instructions, rows and columns of grids, the routing that leads to them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from catalogue.exposure.codelists import CodeLists
from catalogue.exposure.routes import Routes
from catalogue.model.contents import ConstructContent, QuestionContent, Target
from catalogue.model.study import QuestionDescription
from catalogue.model.text import InternationalString
from catalogue.store import Repository
from catalogue.store.records import OutgoingReference, StoredItem
from catalogue.views import Views

_INSTRUCTIONS: Final = ("Instruction",)
_MOST: Final = 20_000


class Questions:
    """Questions of one study by internal id, kept between batches while few."""

    def __init__(self, repository: Repository, views: Views, code_lists: CodeLists, study_id: int) -> None:
        self._repository = repository
        self._views = views
        self._code_lists = code_lists
        self._known: dict[int, QuestionDescription] = {}
        self._routes = Routes(repository, views, study_id)

    def get(self, item_id: int) -> QuestionDescription | None:
        """The question, if it was loaded."""
        return self._known.get(item_id)

    def trim(self) -> None:
        """Forget what was loaded, once it is much; between batches only."""
        if len(self._known) > _MOST:
            self._known.clear()
            self._routes.clear()

    def load(self, item_ids: Collection[int]) -> None:
        """Load questions with what is asked, told and required around them."""
        new = [item_id for item_id in dict.fromkeys(item_ids) if item_id not in self._known]
        if not new:
            return
        items = self._repository.get_many(new)
        contents = self._views.contents(items)
        outgoing = self._repository.outgoing_of(items)
        asked = [(one, content) for one in items if isinstance(content := contents[one.id], QuestionContent)]
        self._code_lists.load([one for item, content in asked for one in _labelled(content, outgoing[item.id])])
        self._routes.load(new)
        told = self._told({one.id: outgoing.get(one.id, ()) for one, _ in asked})
        for stored, content in asked:
            self._known[stored.id] = self._description(stored, content, outgoing[stored.id], told[stored.id])

    def _description(
        self,
        stored: StoredItem,
        content: QuestionContent,
        outgoing: Sequence[OutgoingReference],
        instructions: Sequence[InternationalString],
    ) -> QuestionDescription:
        item = stored.item
        before, after = self._routes.statements(stored.id)
        return QuestionDescription(
            identification=item.identification,
            name=item.name,
            # A measurement without wording is what its label and description say.
            text=content.text or item.description or item.label,
            intent=content.intent,
            instructions=tuple(instructions),
            condition=self._routes.condition(stored.id),
            responses=content.responses,
            type=item.type,
            label=item.label,
            dimensions=tuple(self._dimensions(content, outgoing)),
            before=before,
            after=after,
        )

    def _dimensions(
        self, content: QuestionContent, outgoing: Sequence[OutgoingReference]
    ) -> Iterator[tuple[InternationalString, ...]]:
        for dimension in content.dimensions:
            target = _target(dimension.code_list, outgoing)
            rows = self._code_lists[target] if target else ()
            labels = tuple(row.label for row in rows if row.label)
            yield labels or ((dimension.labels,) if dimension.labels else ())

    def _told(self, outgoing: Mapping[int, Sequence[OutgoingReference]]) -> Mapping[int, Sequence[InternationalString]]:
        """Instructions of each question, and of the constructs that ask it."""
        constructs = {one: self._routes.asking(one) for one in outgoing}
        further = self._repository.studies.leads([c for some in constructs.values() for c in some], _INSTRUCTIONS)
        wanted: dict[int, list[int]] = {}
        for one, some in outgoing.items():
            own = [ref.target.id for ref in some if ref.target and ref.target.type in _INSTRUCTIONS]
            wanted[one] = list(dict.fromkeys((*own, *(to for c in constructs[one] for to in further.get(c, ())))))
        items = self._repository.get_many(list({to for some in wanted.values() for to in some}))
        texts = {
            one: content.text
            for one, content in self._views.contents(items).items()
            if isinstance(content, ConstructContent)
        }
        return {one: [texts[to] for to in some if texts.get(to)] for one, some in wanted.items()}


def _target(target: Target | None, outgoing: Sequence[OutgoingReference]) -> int | None:
    found = outgoing[target.position].target if target and target.position < len(outgoing) else None
    return found.id if found else None


def _labelled(content: QuestionContent, outgoing: Sequence[OutgoingReference]) -> Iterator[int]:
    targets = (_target(dimension.code_list, outgoing) for dimension in content.dimensions)
    return (target for target in targets if target is not None)
