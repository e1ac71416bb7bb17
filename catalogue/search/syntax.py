"""What a person types, as a query tree: Whoosh's parser reads it, this module says what it could not take at its word.

sommeil enfant  (AND, &&)   both words, anywhere      "poids de naissance"   these words next to each other
tabac OR smoking  (OU, ||)  either                    NOT tabac  -tabac (SAUF)  without
smok*                       words that begin so       smokng~  smokng~2      words spelt nearly so
label:tabac                 in one field              year:1990..2005        between two values
(a OR b) c                  grouped                   cohort:agency/id       one value of a facet
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import zip_longest
from typing import Any, Final

from whoosh import qparser, query

from catalogue.search import analysis
from catalogue.search.names import FACET_NAMES, FIELD_NAMES, WORDED, is_known
from catalogue.search.notes import Note, NoteCode
from catalogue.search.port import (
    And,
    Best,
    Between,
    Everything,
    Facet,
    Field,
    Fuzzy,
    Having,
    Layer,
    Node,
    Not,
    Or,
    Phrase,
    Prefer,
    Prefix,
    Term,
    Token,
    distance_of,
)
from catalogue.search.repair import repair
from catalogue.search.thesaurus import Match, Thesaurus, ThesaurusConcept
from catalogue.search.values import Named, beginning, between, facet_node, nothing_named, values

_EXPANDED, _NARROWER = 0.7, 0.5
# A concept with more than this below it is too wide for its whole branch to be meant.
_MOST_NARROWER = 12
_SAME_LABEL, _NEIGHBOURS, _SHORT_LABEL = 6.0, 2.0, 0.3


@dataclass(frozen=True, slots=True)
class Expansion:
    """Words of the query that were also searched in other words.

    Attributes:
        words: as typed.
        concept: of the thesaurus; its URI takes the expansion back.
        added: the labels that were added.
        narrower: the concepts below it that were added, by their preferred labels in the reader's language.
    """

    words: str
    concept: ThesaurusConcept
    added: tuple[str, ...]
    narrower: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A query as it was understood.

    Attributes:
        node: what to ask the index.
        relaxed: the same with any of the words in place of all; None where that is no difference.
        text: what was read, in the same syntax.
        words: every word that was asked for, as typed; what a misspelling is looked for in.
        notes: what was read otherwise.
        expansions: what the thesaurus added.
        plain: it is words alone, without operators, phrases or fields.
        joined: AND or a plus stands in it, so that some of its words are not what was asked for.
        worded: what was asked of facets in words or by a beginning: the facet, what was typed, what it matches.
    """

    node: Node
    relaxed: Node | None
    text: str
    words: tuple[str, ...]
    notes: tuple[Note, ...]
    expansions: tuple[Expansion, ...]
    plain: bool = True
    joined: bool = False
    worded: tuple[tuple[Facet, str, Node], ...] = ()


def parse(
    text: str,
    thesaurus: Thesaurus | None = None,
    *,
    reader: str | None = None,
    without: Iterable[str] = (),
    named: Named = nothing_named,
) -> ParsedQuery:
    """Read a query; whatever is typed has a reading.

    Args:
        text: as typed.
        thesaurus: to expand with; None expands nothing.
        reader: language of the person, ranked first.
        without: URIs of concepts not to expand with.
        named: values of facets by the names that readers see.
    """
    repaired, notes = repair(" ".join(text.split()))
    reading = _Reading(reader, thesaurus, frozenset(without), named)
    parsed = _parser().parse(repaired, normalize=False)
    nodes = reading.conjunction(parsed.children() if isinstance(parsed, query.And) else [parsed])
    while len(nodes) == 1 and isinstance(nodes[0], And):
        nodes = list(nodes[0].nodes)
    if repaired and not nodes:
        notes.append(Note(NoteCode.NO_WORD, repaired))
    preferences = _preferences(reading.plain)
    joined = bool(_AND.search(repaired))
    return ParsedQuery(
        _preferring(_all(nodes), preferences),
        _preferring(_relaxed(nodes), preferences) if _relaxable(nodes) and not joined else None,
        repaired,
        tuple(reading.words),
        tuple(dict.fromkeys(notes)),
        tuple(reading.expansions),
        len(reading.plain) == len(_split(repaired)),
        joined,
        tuple(reading.worded),
    )


# --- reading ----------------------------------------------------------------------------------------------------------


_AND = re.compile(r"(?:^|(?<=[\s()\"]))(?:(?:AND|ET)(?=[\s()\"]|$)|\+(?=[\w\"(]))")
# Whoosh's own takes time that is quadratic in the text.
_RANGE = re.compile(
    r"(?P<open>[\[{])(?P<start>[^\[\]{}\"]{1,60}?(?=\bTO\b))?\s*\bTO\b(?P<end>[^\[\]{}\"]{1,60})?(?P<close>[\]}])",
    re.IGNORECASE,
)


class _PrefixPlugin(qparser.PrefixPlugin):
    """``smok*``, also before punctuation; neither a field nor a parenthesis is part of the beginning."""

    expr = r"(?P<text>[^\s*()\":]+)[*](?=[\s),;.!?]|$)"


@lru_cache(maxsize=1)
def _parser() -> Any:
    """Whoosh's parser with the fields and operators of this catalogue; it raises nothing."""
    operators = qparser.OperatorsPlugin(
        And=r"(?<=\s)(AND|ET)(?=\s)",
        Or=r"(?<=\s)(OR|OU)(?=\s)",
        Not=r"(?:^|(?<=[\s(]))(?:(?:NOT|SAUF)(?=\s)|-(?=[\w\"(]))",
        AndNot=None,
        AndMaybe=None,
        Require=None,
    )
    prefix: Any = _PrefixPlugin
    plugins: list[Any] = [
        qparser.WhitespacePlugin(),
        qparser.PhrasePlugin(),
        qparser.FuzzyTermPlugin(),
        qparser.GroupPlugin(),
        qparser.RangePlugin(_RANGE),
        qparser.FieldsPlugin(expr=r"(?P<text>[^\W\d][\w-]*):(?=[\w\"(\[]|\.\.\w)"),
        operators,
        prefix(),  # after the field and the operator, which stand before a beginning
    ]
    return qparser.QueryParser(None, None, plugins=plugins)


@dataclass
class _Reading:
    """One query being read, and what was noticed on the way."""

    reader: str | None
    thesaurus: Thesaurus | None
    without: frozenset[str]
    named: Named
    words: list[str] = field(default_factory=list)
    plain: list[str] = field(default_factory=list)
    expansions: list[Expansion] = field(default_factory=list)
    worded: list[tuple[Facet, str, Node]] = field(default_factory=list)

    def node(self, parsed: Any) -> Node | None:
        """One node of Whoosh's tree; None where it asks for nothing."""
        read = _READERS.get(type(parsed))
        node = read(self, parsed) if read else None
        name = getattr(parsed, "fieldname", None)
        if not name or is_known(name) or isinstance(parsed, query.Term):
            self.worded += _worded(parsed, node)
            return node
        return _some([*self._run([name]), *([node] if node is not None else [])])  # no field, so it is a word

    def conjunction(self, parts: Iterable[Any]) -> list[Node]:
        """What must all match: runs of plain words are read together, everything else by itself."""
        telling: list[Node] = []
        idle: list[Node] = []
        run: list[str] = []
        for part in [*parts, None]:
            if part is not None and _is_plain(part):
                run += _typed_words(part)
                continue
            run = _without_lost_elisions(run)
            (telling if _telling(run) else idle).extend(self._run(run))
            run = []
            if part is not None and (node := self.node(part)) is not None:
                (idle if _is_idle(part) else telling).append(node)
        return telling or idle

    def _run(self, run: Sequence[str]) -> list[Node]:
        """Words one after the other: expanded where the thesaurus knows them; idle words go if others remain."""
        if not run:
            return []
        self.words += run
        self.plain += run
        matches = self._matches(run)
        telling = _telling(run)
        nodes: list[Node] = []
        place = 0
        while place < len(run):
            found = matches.get(place)
            if found:
                nodes.append(self._expanded(run[place : found[0].stop], found))
                place = found[0].stop
                continue
            if run[place] in telling or not telling:
                nodes.append(analysis.term(run[place], self.reader))
            place += 1
        return nodes

    def _matches(self, run: Sequence[str]) -> dict[int, list[Match]]:
        """What the thesaurus knows of a run, by where it begins."""
        if self.thesaurus is None:
            return {}
        pieces = [(place, word) for place, typed in enumerate(run) for word in analysis.normal(typed)]
        places = [place for place, _ in pieces]
        found: dict[int, list[Match]] = {}
        for match in self.thesaurus.find([word for _, word in pieces]):
            start, stop = places[match.start], places[match.stop - 1] + 1
            whole = places.index(start) == match.start and (match.stop == len(places) or places[match.stop] == stop)
            if whole and match.concept.uri not in self.without:
                found.setdefault(start, []).append(replace(match, start=start, stop=stop))
        return found

    def _expanded(self, typed: Sequence[str], matches: Sequence[Match]) -> Node:
        own: Node = _all([analysis.term(word, self.reader) for word in _telling(typed) or typed])
        others: list[tuple[str, float]] = []
        said = {analysis.normal(" ".join(typed))}
        for match in matches:
            added = self._new_labels([match.concept], said)
            below = self.thesaurus.narrower(match.concept) if self.thesaurus else ()
            narrower = self._new_labels(below, said) if len(below) <= _MOST_NARROWER else []
            others += [(label, _EXPANDED) for label in added] + [(label, _NARROWER) for label in narrower]
            if added or narrower:
                names = tuple(concept.preferred(self.reader or "en") for concept in below) if narrower else ()
                self.expansions.append(Expansion(" ".join(typed), match.concept, tuple(added), names))
        return self._any_way(own, len(typed), others)

    def _any_way(self, own: Node, length: int, others: Iterable[tuple[str, float]]) -> Node:
        """What was typed, or other labels, by their factors.

        Single words are one term, so that a rare synonym does not outweigh the word that was typed; of a phrase, whose
        words add up, as much counts as of the words that it stands for.
        """
        tokens = list(own.tokens) if isinstance(own, Term) else []
        ways: list[tuple[Node, float]] = []
        for label, factor in others:
            node = self._said(label)
            if isinstance(node, Term) and isinstance(own, Term):
                tokens += [replace(token, factor=token.factor * factor) for token in node.tokens]
            else:
                words = len(node.words) if isinstance(node, Phrase) else 1
                ways.append((node, factor * min(1.0, length / words)))
        first = Term(_best_tokens(tokens)) if isinstance(own, Term) else own
        return Best(((first, 1.0), *ways)) if ways else first

    def _new_labels(self, concepts: Iterable[ThesaurusConcept], said: set[tuple[str, ...]]) -> list[str]:
        """Labels whose words were not said yet; they are from now on."""
        new: dict[tuple[str, ...], str] = {}
        for label in (label for concept in concepts for label in concept.labels):
            if (form := analysis.normal(label.text)) and form not in said:
                new.setdefault(form, label.text)
        said.update(new)
        return list(new.values())

    def _said(self, label: str) -> Node:
        """A label of the thesaurus in the texts: its one word, or its words next to each other."""
        found = [word.text for word in analysis.words(label)]
        if len(found) == 1:
            return analysis.term(found[0], self.reader)
        return Phrase(tuple(analysis.folded_word(word) for word in found))

    # --- one per kind of Whoosh's nodes

    def _term(self, parsed: query.Term) -> Node | None:
        name = parsed.fieldname and analysis.fold(parsed.fieldname)
        if name is None or not is_known(name):
            return _some(self._run(_typed_words(parsed)))
        if name in FACET_NAMES and (special := facet_node(FACET_NAMES[name], parsed.text, self.named)) is not None:
            return special
        where = FIELD_NAMES.get(name) or WORDED.get(FACET_NAMES[name])
        typed = _split(parsed.text)
        self.words += typed
        return _some([analysis.term(word, self.reader, where) for word in typed])

    def _phrase(self, parsed: query.Phrase) -> Node | None:
        name = analysis.fold(parsed.fieldname) if parsed.fieldname else ""
        text = " ".join(parsed.words)
        if name in FACET_NAMES and name not in FIELD_NAMES and FACET_NAMES[name] not in WORDED:
            return Having(FACET_NAMES[name], values(FACET_NAMES[name], text, self.named))
        typed = _split(text)
        self.words += typed
        words = tuple(analysis.folded_word(word.text) for word in analysis.words(text))
        where = FIELD_NAMES.get(name) or (WORDED.get(FACET_NAMES[name]) if name in FACET_NAMES else None)
        return Phrase(words, where) if words else None

    def _prefix(self, parsed: query.Prefix) -> Node | None:
        name = analysis.fold(parsed.fieldname or "")
        if name in FACET_NAMES and name not in FIELD_NAMES and FACET_NAMES[name] not in WORDED:
            return beginning(FACET_NAMES[name], parsed.text, self.named)
        where = _field(parsed)
        text = analysis.without_elision(parsed.text).strip()
        prefix = analysis.compact(text)
        *before, last = [analysis.folded_word(word.text) for word in analysis.words(text)] or [prefix]
        if not before:
            return Prefix(prefix, where) if prefix else None
        parts = And((*(analysis.term(word, self.reader, where) for word in before), Prefix(last, where)))
        return Best(((Prefix(prefix, where), 1.0), (parts, 1.0)))

    def _fuzzy(self, parsed: query.FuzzyTerm) -> Node | None:
        word = analysis.compact(analysis.without_elision(parsed.text))
        return Fuzzy(word, min(parsed.maxdist, distance_of(word)), _field(parsed)) if word else None

    def _range(self, parsed: query.TermRange) -> Node | None:
        facet = FACET_NAMES.get(analysis.fold(parsed.fieldname or ""))
        if facet:
            return between(facet, parsed.start, parsed.end)
        typed = _split(f"{parsed.start or ''} {parsed.end or ''}")  # no range of words is known: the words themselves
        self.words += typed
        return _some([analysis.term(word, self.reader, _field(parsed)) for word in _telling(typed) or typed])

    def _and(self, parsed: query.And) -> Node | None:
        return _some(self.conjunction(parsed.children()))

    def _or(self, parsed: query.Or) -> Node | None:
        nodes = [node for one in parsed.children() if (node := self.node(one)) is not None]
        return Or(tuple(nodes)) if len(nodes) > 1 else nodes[0] if nodes else None

    def _not(self, parsed: query.Not) -> Node | None:
        """Neither spelling nor expansions are looked for in what is not wanted."""
        apart = _Reading(self.reader, None, frozenset(), self.named)
        node = apart.node(parsed.query)
        self.worded += apart.worded
        return Not(node) if node is not None else None


_READERS: Final[Mapping[type, Callable[[_Reading, Any], Node | None]]] = {
    query.Term: _Reading._term,
    query.Phrase: _Reading._phrase,
    query.Prefix: _Reading._prefix,
    query.FuzzyTerm: _Reading._fuzzy,
    query.TermRange: _Reading._range,
    query.And: _Reading._and,
    query.Or: _Reading._or,
    query.Not: _Reading._not,
}


def _worded(parsed: Any, node: Node | None) -> list[tuple[Facet, str, Node]]:
    """What is asked of a facet in words, or by how they begin."""
    facet = FACET_NAMES.get(analysis.fold(getattr(parsed, "fieldname", None) or ""))
    if node is None or facet is None:
        return []
    if isinstance(parsed, query.Prefix):
        return [(facet, f"{parsed.text}*", node)]
    if facet not in WORDED or isinstance(node, _LIMITING) or not isinstance(parsed, _VALUES):
        return []
    return [(facet, parsed.text if isinstance(parsed, query.Term) else " ".join(parsed.words), node)]


def _is_plain(parsed: Any) -> bool:
    return isinstance(parsed, query.Term) and not (parsed.fieldname and is_known(parsed.fieldname))


def _is_idle(parsed: Any) -> bool:
    """Whether a word in a field of texts says nothing."""
    if not isinstance(parsed, query.Term) or not parsed.fieldname:
        return False
    return analysis.fold(parsed.fieldname) in FIELD_NAMES and not _telling(_split(parsed.text))


def _telling(typed: Sequence[str]) -> list[str]:
    """Without the words that say nothing; what stands in capitals among small letters is an acronym (HAD, WHO)."""
    loud = all(word.isupper() for word in typed)
    return [word for word in typed if not _says_nothing(word) or (len(word) > 1 and word.isupper() and not loud)]


def _says_nothing(word: str) -> bool:
    return all(analysis.folded_word(part.text) in analysis.stop_words() for part in analysis.words(word))


def _typed_words(parsed: query.Term) -> list[str]:
    """The words of a term that stands in no field; what looked like a field is a word."""
    return _split(f"{parsed.fieldname}:{parsed.text}" if parsed.fieldname else parsed.text)


def _split(text: str) -> list[str]:
    """Words as typed; what is written together without white space, such as ``Q12_a`` or ``SF-36``, stays together."""
    pieces = [piece.strip("'.,;:!?…/\\[]{}<>=+*~^&|%$#@-‐‑–—•·\"") for piece in _apart(text).split()]
    return [piece for piece in pieces if piece and analysis.compact(piece)]


def _apart(text: str) -> str:
    return re.sub(r"[:,;'–—…]", " ", analysis.without_elision(text))


def _field(parsed: Any) -> Field | None:
    name = analysis.fold(parsed.fieldname or "")
    return FIELD_NAMES.get(name) or (WORDED.get(FACET_NAMES[name]) if name in FACET_NAMES else None)


def _all(nodes: Sequence[Node]) -> Node:
    return nodes[0] if len(nodes) == 1 else And(tuple(nodes)) if nodes else Everything()


def _some(nodes: Sequence[Node]) -> Node | None:
    return _all(nodes) if nodes else None


_LIMITING = (Not, Having, Between)
_VALUES = (query.Term, query.Phrase)


def _best_tokens(tokens: Iterable[Token]) -> tuple[Token, ...]:
    """Each token once, with its best factor."""
    best: dict[tuple[Layer, str], Token] = {}
    for token in tokens:
        known = best.get((token.layer, token.text))
        if known is None or known.factor < token.factor:
            best[token.layer, token.text] = token
    return tuple(best.values())


def _relaxable(nodes: Sequence[Node]) -> bool:
    return len(_wanted(nodes)) > 1


def _wanted(nodes: Sequence[Node]) -> tuple[Node, ...]:
    """What is asked for without what limits it; of words that the thesaurus knows together, each by itself as well."""
    wanted: list[Node] = []
    for node in nodes:
        if not isinstance(node, _LIMITING):
            wanted.append(node)
            if isinstance(node, Best) and isinstance(node.ways[0][0], And):
                wanted += node.ways[0][0].nodes
    return tuple(wanted)


def _relaxed(nodes: Sequence[Node]) -> Node:
    """Any of what is asked for, within what limits it."""
    return _all([Or(_wanted(nodes)), *(node for node in nodes if isinstance(node, _LIMITING))])


def _preferences(plain: Sequence[str]) -> tuple[tuple[Node, float], ...]:
    """What is labelled with just the words that were typed, or has them side by side, or is what they call it."""
    sequence = [analysis.folded_word(word.text) for typed in plain for word in analysis.words(typed)]
    if not sequence:
        return ()
    whole, *pairs = analysis.label_tokens(sequence)
    wanted = [(whole, _SAME_LABEL), *((pair, _NEIGHBOURS) for pair in pairs), (analysis.SHORT, _SHORT_LABEL)]
    labels = [(Term((Token(token, Layer.STEM),), Field.LABEL), constant) for token, constant in wanted]
    named = {_CALLED[form] for word in sequence for form in analysis.normal(word) if form in _CALLED}
    return (*labels, *((Having(Facet.TYPE, types), constant) for types, constant in sorted(named)))


# What people call the types; "cohorte" says that a cohort is wanted, "question" stands in many a text.
_STUDIES, _INSTRUMENTS = (("Group", "StudyUnit"), 12.0), (("Instrument",), 12.0)
_QUESTIONS = (("QuestionItem", "QuestionGrid", "QuestionBlock", "MeasurementItem"), 3.0)
_CALLED: Final[Mapping[str, tuple[tuple[str, ...], float]]] = {
    **dict.fromkeys(("cohort", "cohorte", "study", "studie", "etude", "enquete", "survey", "wave", "vague"), _STUDIES),
    **dict.fromkeys(("questionnaire", "instrument"), _INSTRUMENTS),
    "question": _QUESTIONS,
    "variable": (("Variable", "RepresentedVariable", "ConceptualVariable"), 3.0),
    "concept": (("Concept",), 3.0),
}
# Letters that French elides, where the apostrophe was left out: "l oesophage". Vitamin D stays.
_ELIDED: Final = frozenset("djlmnst")
_VOWELS: Final = tuple("aeiouyh")


def _without_lost_elisions(run: Sequence[str]) -> list[str]:
    kept: list[str] = []
    for word, following in zip_longest(run, run[1:], fillvalue=""):
        elided = analysis.fold(word) in _ELIDED and analysis.fold(following).startswith(_VOWELS)
        if not elided or (kept and analysis.fold(kept[-1]).startswith("vitamin")):
            kept.append(word)
    return kept


def _preferring(node: Node, preferences: tuple[tuple[Node, float], ...]) -> Node:
    return Prefer(node, preferences) if preferences else node


def tokens(node: Node) -> Iterator[Term | Phrase | Prefix | Fuzzy]:
    """What a query looks for in texts, for those who mark it there; what it excludes or prefers is left out."""
    match node:
        case Term() | Phrase() | Prefix() | Fuzzy():
            yield node
        case And(nodes) | Or(nodes):
            for one in nodes:
                yield from tokens(one)
        case Best(ways):
            for one, _ in ways:
                yield from tokens(one)
        case Prefer(inner, _):
            yield from tokens(inner)
        case _:
            return


def choices(node: Node) -> Iterator[Having]:
    """The values of facets that a query asks for or excludes; what it prefers is left out."""
    match node:
        case Having():
            yield node
        case And(nodes) | Or(nodes):
            for one in nodes:
                yield from choices(one)
        case Not(inner) | Prefer(inner, _):
            yield from choices(inner)
        case _:
            return
