"""From items to search documents: what each type is found, filtered and sorted by.

A batch costs the same few queries whatever is in it. Texts are those of the item and of what feeds it (``feeding``);
what facets mean is in ``definitions``; what cohorts, studies and waves add is in ``places``. An item's XML is read only
for a value domain that has neither attributes nor content, and so left no trace in the store.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from catalogue.errors import StorageError
from catalogue.indexing.definitions import KINDS, OTHER, REPRESENTATIONS, is_biosample
from catalogue.indexing.feeding import CONTAINERS, INDEXED, QUESTIONS, STATISTICS, STUDIES
from catalogue.indexing.known import MOST_CODES, Graph, Known, in_language, refield
from catalogue.indexing.places import Home, Places, universe_texts
from catalogue.indexing.routing import Routing
from catalogue.model.contents import Content, QuestionContent, VariableContent
from catalogue.model.text import primary_language
from catalogue.search.analysis import sort_key
from catalogue.search.port import SORT_WIDTH, Facet, Field, SearchDocument, SearchText
from catalogue.store import Repository
from catalogue.store.records import StoredItem
from catalogue.views import Views

__all__ = ["INDEXED", "Built", "DocumentBuilder", "Documents"]

_log = logging.getLogger(__name__)

_INSTRUCTIONS: Final = ("Instruction", "GeneralInstruction", "GenerationInstruction")
_MANAGED: Final = tuple(name for name in REPRESENTATIONS if name.startswith("Managed"))
_CODED: Final = frozenset(("CodeList", *_MANAGED))
# The concept behind an item may stand in the item, in its conceptual variable, in that of its represented variable.
_CONCEPTUAL: Final = ("ConceptualVariable", "RepresentedVariable")
# The types that take on their study's universe where they name none.
_IN_UNIVERSE: Final = frozenset(("Variable", *QUESTIONS))
_COLLECTING: Final = frozenset(("Instrument", *STUDIES))
_MEASURED: Final = frozenset(("Variable", "RepresentedVariable", "ConceptualVariable", "Concept", *QUESTIONS))
_REPRESENTED: Final = frozenset(("Variable", "RepresentedVariable", *QUESTIONS))
_GRID_LABELS: Final = "GridDimension/"
_PLAIN: Final = re.compile(r"[^\W_]+")
_LONGEST_SORTED: Final = 500  # characters of which sort keys are made
_YES_NO: Final = {True: ("yes",), False: ("no",)}
_UNTAGGED: Final = "und"


@dataclass(frozen=True, slots=True)
class Built:
    """Search documents, and the items that none could be made of, each with the reason."""

    documents: tuple[SearchDocument, ...]
    failed: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class _Subject:
    """An item that a document is made of, and its neighbours.

    Attributes:
        home: its cohorts, studies and waves.
        questions: that a variable comes from (``QuestionReference``, ``MeasurementReference``, ``SourceQuestion``); a
            question is its own.
        conceptual: the item, its conceptual and represented variables, and theirs.
        concepts: of all those, the item's own first; a concept is its own.
        represented: its represented variables.
    """

    known: Known
    home: Home
    questions: Sequence[Known]
    conceptual: Sequence[Known]
    concepts: Sequence[Known]
    represented: Sequence[Known]

    @property
    def type(self) -> str:
        """The item's."""
        return self.known.type


class DocumentBuilder:
    """Makes search documents of published items. It remembers concepts, code lists and studies from batch to batch, so
    one builder serves one run over the store."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._neighbourhood = repository.neighbourhood
        self._graph = Graph(self._neighbourhood)
        self._places = Places(self._neighbourhood, self._graph)
        self._routing = Routing(self._neighbourhood)
        self._views = Views(repository)
        self._with_statistics: frozenset[int] = frozenset()
        self._from_xml: Mapping[int, tuple[str, ...]] = {}
        self._biosamples: dict[int, bool] = {}

    def build(self, item_ids: Sequence[int]) -> Built:
        """The documents of items of indexed types; absent ids are left out.

        Raises:
            StorageError: the store cannot be read.
        """
        try:
            with self._repository.snapshot():
                self._load(item_ids)
                return self._built(item_ids)
        except StorageError:
            raise
        except Exception as error:
            if len(item_ids) == 1:
                return Built((), {item_ids[0]: f"{type(error).__name__}: {error}"})
            halves = (item_ids[: len(item_ids) // 2], item_ids[len(item_ids) // 2 :])
            first, second = (self.build(half) for half in halves)
            return Built((*first.documents, *second.documents), {**first.failed, **second.failed})

    def _built(self, item_ids: Sequence[int]) -> Built:
        documents, failed = [], {}
        for item_id in item_ids:
            known = self._graph.get(item_id)
            if known is None or known.type not in INDEXED:
                continue
            try:
                documents.append(self._document(known))
            except Exception as error:
                _log.exception("no search document of %s", known.reference)
                failed[item_id] = f"{type(error).__name__}: {error}"
        return Built(tuple(documents), failed)

    # --- loading

    def _load(self, item_ids: Sequence[int]) -> None:
        for memory in (self._graph, self._places, self._routing):
            memory.trim()
        self._biosamples.clear()
        self._graph.load(item_ids)
        every = [known for item_id in item_ids if (known := self._graph.get(item_id))]
        questions = {question.id for known in every for question in self._questions(known)}
        self._routing.load(questions)
        instruments = {one for question in questions for one in self._routing.instruments(question)}
        constructs = {one for question in questions for one in self._routing.constructs(question)}
        self._graph.load([*instruments, *constructs])
        containers = [known.id for known in every if known.type in CONTAINERS]
        self._places.load({known.id for known in every} | questions | instruments, containers)
        variables = [known.id for known in every if known.type == "Variable"]
        sources = self._neighbourhood.sources(variables, (STATISTICS,))
        self._with_statistics = frozenset(source.target for source in sources if source.latest)
        self._from_xml = self._read([known for known in every if self._is_silent(known)])

    def _is_silent(self, known: Known) -> bool:
        return known.type in _REPRESENTED and not self._representations(known)

    def _read(self, silent: Collection[Known]) -> Mapping[int, tuple[str, ...]]:
        """The value domains of items whose XML must be read for them."""
        stored = self._repository.get_many([known.id for known in silent])
        return {item_id: _kinds(content) for item_id, content in self._contents(stored).items()}

    def _contents(self, stored: Sequence[StoredItem]) -> Mapping[int, Content]:
        """What is typed in items, as far as it can be read."""
        try:
            return self._views.contents(stored)
        except (LookupError, ValueError, SyntaxError) as error:
            if len(stored) == 1:
                _log.warning("the value domain of %s cannot be read: %s", stored[0].summary.urn, error)
                return {}
            middle = len(stored) // 2
            return {**self._contents(stored[:middle]), **self._contents(stored[middle:])}

    # --- neighbours

    def _subject(self, known: Known) -> _Subject:
        conceptual = self._conceptual(known)
        concepts = {one.id: one for holder in conceptual for one in self._graph.to(holder, "Concept")}
        return _Subject(
            known,
            self._places.home(known.id),
            self._questions(known),
            conceptual,
            [known] if known.type == "Concept" else list(concepts.values()),
            self._graph.to(known, "RepresentedVariable"),
        )

    def _questions(self, known: Known) -> list[Known]:
        if known.type in QUESTIONS:
            return [known]
        return self._graph.to(known, *QUESTIONS) if known.type == "Variable" else []

    def _conceptual(self, known: Known) -> list[Known]:
        found = {known.id: known}
        waiting = [known]
        while waiting:
            for one in self._graph.to(waiting.pop(), *_CONCEPTUAL):
                if one.id not in found:
                    found[one.id] = one
                    waiting.append(one)
        return list(found.values())

    def _code_lists(self, known: Known, *, of_grid: bool = False) -> list[Known]:
        """The code lists of an item's value domains; of a question grid those of its rows and columns, or the rest."""
        if known.type not in QUESTIONS:
            return [] if of_grid else self._graph.to(known, "CodeList", *_MANAGED)
        found: dict[int, Known] = {}
        for step in known.ways:
            path = known.paths[step.position] if step.role and step.position < len(known.paths) else ""
            if step.type in _CODED and path.startswith(_GRID_LABELS) is of_grid and (to := self._graph.get(step.id)):
                found[to.id] = to
        return list(found.values())

    # --- one document

    def _document(self, known: Known) -> SearchDocument:
        subject = self._subject(known)
        facets = {facet: values for facet, source in _FACETS.items() if (values := source(self, subject))}
        name, english = (self._title(known, language) for language in ("fr", "en"))
        cohort, english_cohort = subject.home.sorts
        return SearchDocument(
            key=known.id,
            texts=tuple(text for source in _TEXTS for text in source(self, subject)),
            facets={facet: tuple(dict.fromkeys(values)) for facet, values in facets.items()},
            name=name,
            cohort=cohort,
            date=subject.home.start,
            name_en=english if english != name else "",
            cohort_en=english_cohort if english_cohort != cohort else "",
        )

    @staticmethod
    def _title(known: Known, language: str) -> str:
        """What an item is sorted by where readers of a language see it: its label as they see it, else its name."""
        label = in_language(known.text(Field.LABEL), language)
        return _sort_key(label.text if label else known.name or known.reference.partition("/")[2])

    # --- texts

    def _names(self, subject: _Subject) -> Iterable[SearchText]:
        yield from (SearchText(Field.NAME, name) for name in subject.known.names)
        yield from (SearchText(Field.ID, one) for one in subject.known.ids if one not in subject.known.names)

    def _labels(self, subject: _Subject) -> Iterable[SearchText]:
        return subject.known.text(Field.LABEL)

    def _question_texts(self, subject: _Subject) -> Iterable[SearchText]:
        """Wording and intent, labels of a grid's rows and columns; of a block, those of its questions too."""
        every = [inner for one in subject.questions for inner in (one, *self._graph.to(one, *QUESTIONS))]
        return dict.fromkeys(text for question in every for text in self._wording(question, subject.known))

    def _wording(self, question: Known, subject: Known) -> Iterable[SearchText]:
        """Of another item's question without wording (``d:MeasurementItem``) the label."""
        yield from question.text(Field.QUESTION)
        if question is not subject and not question.text(Field.QUESTION):
            yield from question.called(Field.QUESTION)
        for code_list in self._code_lists(question, of_grid=True):
            for category in self._graph.categories(code_list):
                yield from category.called(Field.QUESTION)

    def _concept_texts(self, subject: _Subject) -> Iterable[SearchText]:
        """Labels of concepts, of the conceptual variable; of a concept, that of the broader one."""
        conceptual = [one for one in subject.conceptual[1:] if one.type == "ConceptualVariable"]
        is_concept = subject.type == "Concept"
        concepts = self._graph.to(subject.known, "Concept") if is_concept else subject.concepts
        return dict.fromkeys(text for one in (*concepts, *conceptual) for text in one.called(Field.CONCEPT))

    def _category_texts(self, subject: _Subject) -> Iterable[SearchText]:
        """Labels of the categories of its value domains, those of its represented variable included."""
        found: dict[int, Known] = {}
        for holder in (subject.known, *subject.represented):
            found |= {one.id: one for one in self._graph.to(holder, "Category")}
            lists = [holder] if holder.type == "CodeList" else self._code_lists(holder)
            found |= {one.id: one for code_list in lists for one in self._graph.categories(code_list)}
        return (text for one in list(found.values())[:MOST_CODES] for text in one.called(Field.CATEGORY))

    def _descriptions(self, subject: _Subject) -> Iterable[SearchText]:
        """Descriptions and definitions, instructions to interviewers, derivations in words."""
        known = subject.known
        asking = self._routing.constructs(known.id) if known.type in QUESTIONS else ()
        holders = (known, *(one for one in map(self._graph.get, asking) if one))
        instructions = [one for holder in holders for one in self._graph.to(holder, *_INSTRUCTIONS)]
        return dict.fromkeys(text for one in (known, *instructions) for text in one.text(Field.DESCRIPTION))

    def _universe_texts(self, subject: _Subject) -> Iterable[SearchText]:
        if subject.type == "Universe":
            return ()
        holders = (subject.known, *subject.represented)
        own = [universe for holder in holders for universe in self._graph.to(holder, "Universe")]
        if own or subject.type not in _IN_UNIVERSE:
            return dict.fromkeys(text for universe in own for text in universe_texts(universe))
        return subject.home.universe

    def _study_texts(self, subject: _Subject) -> Iterable[SearchText]:
        """Titles of cohort, study, wave; what a study is introduced with; how a study or instrument collects."""
        yield from subject.home.titles
        if subject.type in STUDIES:
            for inner in (subject.known, *self._graph.to(subject.known, "Abstract", "Purpose", "TopicalCoverage")):
                yield from refield(inner.text(Field.STUDY), Field.DESCRIPTION)
                yield from inner.text(Field.CONCEPT)
            for creator in self._graph.to(subject.known, "Organization", "Individual"):
                yield from creator.called(Field.STUDY)
        if subject.type in _COLLECTING:
            yield from (SearchText(Field.DESCRIPTION, mode.replace(".", " "), "en") for mode in self._mode(subject))

    # --- facets

    def _type(self, subject: _Subject) -> Sequence[str]:
        return (subject.type,)

    def _cohort(self, subject: _Subject) -> Sequence[str]:
        return [place.reference for place in subject.home.cohorts]

    def _study(self, subject: _Subject) -> Sequence[str]:
        return [place.reference for place in subject.home.studies]

    def _wave(self, subject: _Subject) -> Sequence[str]:
        return [place.reference for place in subject.home.waves]

    def _year(self, subject: _Subject) -> Sequence[str]:
        return subject.home.years

    def _mode(self, subject: _Subject) -> Sequence[str]:
        """Of the events of the variable's study that ask its question, else as of any item."""
        if subject.type != "Variable":
            return subject.home.modes
        asking = (event for question in subject.questions for event in self._places.home(question.id).events)
        return self._places.modes_within(asking, subject.home) or subject.home.modes

    def _instrument(self, subject: _Subject) -> Sequence[str]:
        """Those that ask the question; a variable's only if they are not of other studies alone."""
        if subject.type == "Instrument":
            return (subject.known.reference,)
        asking = sorted({one for question in subject.questions for one in self._routing.instruments(question.id)})
        near = (one for one in asking if subject.type in QUESTIONS or self._is_near(one, subject.home))
        return [instrument.reference for one in near if (instrument := self._graph.get(one))]

    def _is_near(self, instrument: int, home: Home) -> bool:
        theirs = self._places.home(instrument).study_ids
        return not theirs or not home.study_ids or not theirs.isdisjoint(home.study_ids)

    def _concept(self, subject: _Subject) -> Sequence[str]:
        return [concept.reference for concept in subject.concepts]

    def _language(self, subject: _Subject) -> Sequence[str]:
        own = (*subject.known.text(Field.LABEL), *subject.known.text(Field.QUESTION))
        return sorted({primary_language(text.language) or _UNTAGGED for text in own})

    def _representation(self, subject: _Subject) -> Sequence[str]:
        if subject.type not in _REPRESENTED:
            return ()
        return self._representations(subject.known) or self._from_xml.get(subject.known.id, ())

    def _representations(self, known: Known) -> tuple[str, ...]:
        """Of its own value domains and managed representations, else of its represented variable."""
        managed = (REPRESENTATIONS[one.type] for one in self._graph.to(known, *_MANAGED))
        own = tuple(dict.fromkeys((*known.representations, *managed)))
        if own:
            return own
        represented = self._graph.to(known, "RepresentedVariable") if known.type == "Variable" else []
        return tuple(dict.fromkeys(kind for one in represented for kind in self._representations(one)))

    def _has_question(self, subject: _Subject) -> Sequence[str]:
        return _YES_NO[bool(subject.questions)] if subject.type == "Variable" else ()

    def _has_statistics(self, subject: _Subject) -> Sequence[str]:
        return _YES_NO[subject.known.id in self._with_statistics] if subject.type == "Variable" else ()

    def _has_biosample(self, subject: _Subject) -> Sequence[str]:
        if subject.type in STUDIES:
            own = (*subject.home.cohorts, *subject.home.studies)
            return _YES_NO[any(place.biosample for place in own if place.box.id == subject.known.id)]
        if subject.type not in _MEASURED:
            return ()
        return _YES_NO[any(map(self._is_of_biosample, subject.concepts))]

    def _is_of_biosample(self, concept: Known) -> bool:
        """Whether a concept, or a broader one, is called so."""
        if concept.id not in self._biosamples:
            found = {concept.id: concept}
            waiting = [concept]
            while waiting:
                broader = [one for one in self._graph.to(waiting.pop(), "Concept") if one.id not in found]
                found |= {one.id: one for one in broader}
                waiting += broader
            labels = (text.text for one in found.values() for text in one.text(Field.LABEL))
            self._biosamples[concept.id] = is_biosample((*labels, *(n for one in found.values() for n in one.names)))
        return self._biosamples[concept.id]

    def _access(self, subject: _Subject) -> Sequence[str]:
        return subject.home.access

    def _represented(self, subject: _Subject) -> Sequence[str]:
        found = [subject.known] if subject.type == "RepresentedVariable" else subject.represented
        return [one.reference for one in found]

    def _source_question(self, subject: _Subject) -> Sequence[str]:
        return [question.reference for question in subject.questions] if subject.type == "Variable" else ()


class Documents:
    """Search documents of a few items, as the store is now. Safe to share between threads."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository

    def of(self, item_ids: Sequence[int]) -> tuple[SearchDocument, ...]:
        """The documents of items; those that are not found by search, or are not there, are left out.

        Raises:
            StorageError: the store cannot be read.
        """
        with self._repository.snapshot():
            shown = self._repository.neighbourhood.shown(item_ids, INDEXED)
            return DocumentBuilder(self._repository).build([one for one in item_ids if one in shown]).documents


_TEXTS: Final[tuple[Callable[[DocumentBuilder, _Subject], Iterable[SearchText]], ...]] = (
    DocumentBuilder._names,
    DocumentBuilder._labels,
    DocumentBuilder._question_texts,
    DocumentBuilder._concept_texts,
    DocumentBuilder._category_texts,
    DocumentBuilder._descriptions,
    DocumentBuilder._universe_texts,
    DocumentBuilder._study_texts,
)
_FACETS: Final[Mapping[Facet, Callable[[DocumentBuilder, _Subject], Sequence[str]]]] = {
    Facet.TYPE: DocumentBuilder._type,
    Facet.COHORT: DocumentBuilder._cohort,
    Facet.STUDY: DocumentBuilder._study,
    Facet.WAVE: DocumentBuilder._wave,
    Facet.YEAR: DocumentBuilder._year,
    Facet.MODE: DocumentBuilder._mode,
    Facet.INSTRUMENT: DocumentBuilder._instrument,
    Facet.CONCEPT: DocumentBuilder._concept,
    Facet.LANGUAGE: DocumentBuilder._language,
    Facet.REPRESENTATION: DocumentBuilder._representation,
    Facet.HAS_QUESTION: DocumentBuilder._has_question,
    Facet.HAS_STATISTICS: DocumentBuilder._has_statistics,
    Facet.HAS_BIOSAMPLE: DocumentBuilder._has_biosample,
    Facet.ACCESS: DocumentBuilder._access,
    Facet.REPRESENTED: DocumentBuilder._represented,
    Facet.SOURCE_QUESTION: DocumentBuilder._source_question,
}


def _sort_key(text: str) -> str:
    """As ``analysis.sort_key``, faster for plain names."""
    if text.isascii() and "'" not in text:
        return " ".join(_PLAIN.findall(text.lower()))[:SORT_WIDTH]
    return sort_key(text[:_LONGEST_SORTED])


def _kinds(content: Content) -> tuple[str, ...]:
    """The facet's values of the value domains of a content."""
    if isinstance(content, QuestionContent):
        kinds = [response.kind for response in content.responses]
    elif isinstance(content, VariableContent) and content.representation is not None:
        kinds = [content.representation.kind]
    else:
        kinds = []
    return tuple(dict.fromkeys(KINDS.get(kind.value, OTHER) for kind in kinds))
