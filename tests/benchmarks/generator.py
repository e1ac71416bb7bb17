"""Deterministic bilingual cohorts of any size as DDI-L 3.3 FragmentInstance, for measuring and for stress tests.

``records`` says what they contain; ``search_documents`` makes search documents of the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from xml.sax.saxutils import escape

from tests.benchmarks import vocabulary
from tests.benchmarks.records import AGENCY, Cohort, Measure, Record, Wave, cohorts, measures, records, waves
from tests.benchmarks.vocabulary import Pair

__all__ = ["AGENCY", "cohort", "write_cohort"]

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<ddi:FragmentInstance xmlns:ddi="ddi:instance:3_3" xmlns:r="ddi:reusable:3_3" xmlns:g="ddi:group:3_3"'
    ' xmlns:s="ddi:studyunit:3_3" xmlns:l="ddi:logicalproduct:3_3" xmlns:d="ddi:datacollection:3_3"'
    ' xmlns:c="ddi:conceptualcomponent:3_3" xmlns:a="ddi:archive:3_3" xmlns:pi="ddi:physicalinstance:3_3">\n'
)
_BOTH = ("fr", "en")


def write_cohort(variables: int, *, seed: int = 1, name: str = "BENCH") -> Iterator[bytes]:
    """Cohorts with so many variables in all, in one document; in pieces.

    Args:
        variables: how many; cohorts, waves, concepts and code lists grow with them.
        seed: other seeds give other texts.
        name: prefix of every identifier, so that several documents can stand in one catalogue.
    """
    yield _HEAD.encode()
    every = list(cohorts(variables, seed, name))
    yield from _shared(name, {measure.concept for one in every for measure in measures(one, seed)})
    first = 0
    for one in every:
        yield from _cohort(one, seed, first, name)
        first += sum(one.sizes)
    yield b"</ddi:FragmentInstance>\n"


def cohort(variables: int, *, seed: int = 1, name: str = "BENCH") -> bytes:
    """As ``write_cohort``, in one piece."""
    return b"".join(write_cohort(variables, seed=seed, name=name))


# --- what all cohorts share -------------------------------------------------------------------------------------------


def _shared(name: str, concepts: Iterable[int]) -> Iterator[bytes]:
    for number in sorted(concepts):
        yield _fragment("c:Concept", f"{name}-C{number}", _label(vocabulary.concept(number)))
    for number, universe in enumerate(vocabulary.UNIVERSES):
        yield _fragment("c:Universe", f"{name}-U{number}", _label(universe))
    for number, categories in enumerate(vocabulary.SCALES):
        yield from _code_list(f"{name}-L{number}", categories)


def _code_list(identifier: str, categories: Sequence[Pair]) -> Iterator[bytes]:
    codes = []
    for value, category in enumerate(categories):
        code = f"{identifier}-{value}"
        yield _fragment("l:Category", f"{code}-CAT", _label(category))
        leads = _reference("r:CategoryReference", f"{code}-CAT", "Category")
        codes.append(f"<l:Code>{_identity(code)}{leads}<r:Value>{value}</r:Value></l:Code>")
    yield _fragment("l:CodeList", identifier, "".join(codes))


# --- a cohort and its waves -------------------------------------------------------------------------------------------


def _cohort(one: Cohort, seed: int, first: int, name: str) -> Iterator[bytes]:
    studies = "".join(_reference("r:StudyUnitReference", wave.identifier, "StudyUnit") for wave in waves(one, seed))
    archive = _reference("r:ArchiveReference", f"{one.identifier}-A", "Archive")
    kind = "<g:TypeOfGroup>Cohort</g:TypeOfGroup>"
    yield _fragment("g:Group", one.identifier, f"{kind}{_title(one.title, one)}{archive}{studies}")
    yield _archive(one)
    for measure in measures(one, seed):
        yield _represented(one, measure, name)
    for wave, held in groupby(records(one, seed, first), key=lambda record: record.wave):
        yield from _wave(wave, tuple(held), name)


def _archive(one: Cohort) -> bytes:
    kind = f"<a:TypeOfAccess>{one.access}</a:TypeOfAccess>"
    access = f"<a:DefaultAccess>{_identity(f'{one.identifier}-ACCESS')}{kind}</a:DefaultAccess>"
    return _fragment("a:Archive", f"{one.identifier}-A", f"<a:ArchiveSpecific>{access}</a:ArchiveSpecific>")


def _represented(one: Cohort, measure: Measure, name: str) -> bytes:
    about = _reference("r:ConceptReference", f"{name}-C{measure.concept}", "Concept")
    content = _label(measure.label, one) + about + _values(measure, name, "r:", "Representation")
    return _fragment("l:RepresentedVariable", f"{one.identifier}-R{measure.number}", content)


def _wave(wave: Wave, held: Sequence[Record], name: str) -> Iterator[bytes]:
    one = wave.identifier
    collection = _reference("r:DataCollectionReference", f"{one}-DC", "DataCollection")
    product = _reference("r:LogicalProductReference", f"{one}-LP", "LogicalProduct")
    data = _reference("r:PhysicalInstanceReference", f"{one}-PI", "PhysicalInstance")
    yield _fragment("s:StudyUnit", one, _title(wave.title, wave.cohort) + collection + product + data)
    yield _fragment("d:DataCollection", f"{one}-DC", _event(wave))
    scheme = _reference("r:VariableSchemeReference", f"{one}-VS", "VariableScheme")
    yield _fragment("l:LogicalProduct", f"{one}-LP", scheme)
    members = (_reference("r:VariableReference", record.identifier, "Variable") for record in held)
    yield _fragment("l:VariableScheme", f"{one}-VS", "".join(members))
    for number in range(2):
        yield from _instrument(wave, number, [record for record in held if record.instrument == number], name)
    for record in held:
        yield _variable(record, name)
    yield _data_file(wave, held)


def _event(wave: Wave) -> str:
    dates = f"<r:StartDate>{wave.start}</r:StartDate><r:EndDate>{wave.end}</r:EndDate>"
    modes = "".join(
        f"<d:ModeOfCollection>{_identity(f'{wave.identifier}-M{number}')}{_mode(mode)}</d:ModeOfCollection>"
        for number, mode in enumerate(wave.modes)
    )
    uses = "".join(_reference("d:InstrumentReference", f"{wave.identifier}-I{n}", "Instrument") for n in range(2))
    content = f"{_label(wave.title, wave.cohort)}<d:DataCollectionDate>{dates}</d:DataCollectionDate>{modes}{uses}"
    return f"<d:CollectionEvent>{_identity(f'{wave.identifier}-E')}{content}</d:CollectionEvent>"


def _mode(code: str) -> str:
    """A code of the vocabulary, or ``Other`` with what it does not have."""
    kind, _, other = code.partition(".")
    if kind == "Other":
        return f'<d:TypeOfModeOfCollection otherValue="{other}">{kind}</d:TypeOfModeOfCollection>'
    return f"<d:TypeOfModeOfCollection>{code}</d:TypeOfModeOfCollection>"


def _instrument(wave: Wave, number: int, held: Iterable[Record], name: str) -> Iterator[bytes]:
    one = f"{wave.identifier}-I{number}"
    asks = [next(same) for _, same in groupby(held, key=lambda record: record.measure.question)]
    begin = _reference("d:ControlConstructReference", f"{one}-S", "Sequence")
    yield _fragment("d:Instrument", one, f"<d:TypeOfInstrument>Questionnaire</d:TypeOfInstrument>{begin}")
    steps = (
        _reference("d:ControlConstructReference", f"{_question_id(record)}-CC", "QuestionConstruct") for record in asks
    )
    yield _fragment("d:Sequence", f"{one}-S", "".join(steps))
    for record in asks:
        yield from _question(record, name)


def _question_id(record: Record) -> str:
    return f"{record.wave.identifier}-Q{record.measure.question}"


def _question(record: Record, name: str) -> Iterator[bytes]:
    one, measure = _question_id(record), record.measure
    asked = _reference("r:QuestionReference", one, "QuestionItem")
    yield _fragment("d:QuestionConstruct", f"{one}-CC", asked)
    texts = "".join(
        f"<d:QuestionText><d:LiteralText><d:Text{tag}>{text}</d:Text></d:LiteralText></d:QuestionText>"
        for tag, text in _said(measure.question_text, record.wave.cohort)
    )
    about = _reference("r:ConceptReference", f"{name}-C{measure.concept}", "Concept")
    yield _fragment("d:QuestionItem", one, f"{texts}{_values(measure, name, 'd:', 'Domain')}{about}")


def _variable(record: Record, name: str) -> bytes:
    measure, within = record.measure, record.wave.cohort
    named = f"<l:VariableName><r:String>{measure.name}</r:String></l:VariableName>"
    texts = _label(measure.label, within)
    if measure.description:
        texts += f"<r:Description>{_contents(measure.description, within)}</r:Description>"
    leads = "".join(
        (
            _reference(
                "r:RepresentedVariableReference", f"{within.identifier}-R{measure.number}", "RepresentedVariable"
            ),
            _reference("r:UniverseReference", f"{name}-U{measure.universe}", "Universe"),
            _reference("r:ConceptReference", f"{name}-C{measure.concept}", "Concept"),
            _reference("r:QuestionReference", _question_id(record), "QuestionItem"),
        )
    )
    values = _values(measure, name, "r:", "Representation")
    representation = f"<l:VariableRepresentation>{values}</l:VariableRepresentation>"
    return _fragment("l:Variable", record.identifier, f"{named}{texts}{leads}{representation}")


def _data_file(wave: Wave, held: Iterable[Record]) -> bytes:
    statistics = "".join(_statistics(record) for record in held if record.measure.statistics)
    summary = f"<pi:StatisticalSummary>{statistics}</pi:StatisticalSummary>" if statistics else ""
    return _fragment("pi:PhysicalInstance", f"{wave.identifier}-PI", summary)


def _statistics(record: Record) -> str:
    about = _reference("r:VariableReference", record.identifier, "Variable")
    total = f"<pi:TotalResponses>{1000 + record.number % 9000}</pi:TotalResponses>"
    identity = _identity(f"{record.identifier}-STAT")
    return f"<pi:VariableStatistics>{identity}{about}{total}</pi:VariableStatistics>"


_REPRESENTED = {
    "numeric": "<{0}Numeric{1}><r:NumericTypeCode>Integer</r:NumericTypeCode></{0}Numeric{1}>",
    "text": '<{0}Text{1} maxLength="200"/>',
    "date": "<{0}DateTime{1}><r:DateTypeCode>Date</r:DateTypeCode></{0}DateTime{1}>",
}


def _values(measure: Measure, name: str, prefix: str, ending: str) -> str:
    """The value domain of a measure, in the names of a variable or of a question."""
    if measure.representation != "code":
        return _REPRESENTED[measure.representation].format(prefix, ending)
    leads = _reference("r:CodeListReference", f"{name}-L{measure.scale}", "CodeList")
    return f"<{prefix}Code{ending}>{leads}</{prefix}Code{ending}>"


# --- XML --------------------------------------------------------------------------------------------------------------


def _fragment(element: str, identifier: str, content: str) -> bytes:
    return f"<ddi:Fragment><{element}>{_identity(identifier)}{content}</{element}></ddi:Fragment>\n".encode()


def _identity(identifier: str) -> str:
    return f"<r:Agency>{AGENCY}</r:Agency><r:ID>{identifier}</r:ID><r:Version>1</r:Version>"


def _reference(element: str, identifier: str, kind: str) -> str:
    return f"<{element}>{_identity(identifier)}<r:TypeOfObject>{kind}</r:TypeOfObject></{element}>"


def _said(pair: Pair, within: Cohort | None = None) -> Iterator[tuple[str, str]]:
    """The attribute that tags a text, and the text, in each language of a cohort; both where it is of none."""
    for language in within.languages if within else _BOTH:
        yield f' xml:lang="{language}"' if language else "", escape(pair.en if language == "en" else pair.fr)


def _contents(pair: Pair, within: Cohort | None = None) -> str:
    return "".join(f"<r:Content{tag}>{text}</r:Content>" for tag, text in _said(pair, within))


def _label(pair: Pair, within: Cohort | None = None) -> str:
    return f"<r:Label>{_contents(pair, within)}</r:Label>"


def _title(pair: Pair, within: Cohort) -> str:
    texts = "".join(f"<r:String{tag}>{text}</r:String>" for tag, text in _said(pair, within))
    return f"<r:Citation><r:Title>{texts}</r:Title></r:Citation>"
