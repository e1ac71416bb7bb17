"""The nearest text without a syntax error to what a person typed."""

from __future__ import annotations

import re
from typing import Final

from catalogue.search import analysis
from catalogue.search.names import FACET_NAMES, is_known
from catalogue.search.notes import Note, NoteCode
from catalogue.search.port import Facet, distance_of

_LONGEST_QUERY = 1000
_DEEPEST_GROUP = 20
_BINARY = "AND|OR|ET|OU"
_UNARY = "NOT|SAUF"
_STUCK = re.compile(rf"(?:^|(?<=[\s()\x00]))({_BINARY}|{_UNARY})(?=[\s()\x00]|$)")
# As programmers and other search engines write them.
_SIGNS: Final = ((re.compile(r"\|\|+"), " OR "), (re.compile(r"&&+"), " AND "))
_DISTANCE = re.compile(r"(?P<word>[\w'’-]+)~(?P<most>\d+(?:\.\d+)?)(?![\w~])")
# How much a word counts, in other engines; m^2 and 10^9 are what they say.
_BOOST = re.compile(r"(?:(?<=[^\W\d_]{3})|(?<=[\x00)*~\s])|(?<=~\d)|^)(\^\d+(?:\.\d+)?)(?!\w)")
# How far apart the words of a phrase may stand, in other engines.
_SLOP = re.compile(r"(?<=\x00)(~\d*)")
_QUOTED = re.compile(r'"[^"]*"')
_HELD = re.compile(r"\x00(\d+)\x00")
# What is taken out, and why; applied again and again until nothing changes.
_STRAY: Final = (
    (re.compile(rf"(?:^|(?<=\())\s*({_BINARY})(?=\s|$)"), NoteCode.STRAY_OPERATOR),
    (re.compile(rf"(?:^|(?<=[\s(]))({_BINARY}|{_UNARY})\s*(?=$|\))"), NoteCode.STRAY_OPERATOR),
    (re.compile(rf"(?<=\s)({_BINARY})(?=\s+(?:{_BINARY})\s)"), NoteCode.STRAY_OPERATOR),
    (re.compile(r"\(\s*(\s)?\)"), None),
    (re.compile(r"(?:^|(?<=[\s(]))(\*+|~\d*)(?=[\s)]|$)"), NoteCode.LONE_STAR),
    (re.compile(r"(\*+)(?=[\w*\x00(])"), NoteCode.LONE_STAR),
    (_BOOST, NoteCode.BOOST),
    (_SLOP, NoteCode.SLOP),
)
_STRAIGHT = str.maketrans({"“": '"', "”": '"', "«": '"', "»": '"', "„": '"'})
_UNKNOWN_FIELD = re.compile(r"(?:^|(?<=[\s(-]))([^\W\d][\w-]*):(?=[\w\x00(\[]|\.\.\w)")
_VALUE = re.compile(r"(?:^|(?<=[\s(-]))(?P<name>[^\W\d][\w-]*):(?P<value>\x00\d+\x00|[\[{][^\]}]*[\]}]|[^\s()\x00]+)")
_LETTER = re.compile(r"[^\W\d_]")
_TO = re.compile(r"\bTO\b", re.IGNORECASE)
_EMPTY_FIELD = re.compile(r"(?:^|(?<=[\s(-]))([^\W\d][\w-]*):(?=[\s)]|$)")


def repair(text: str) -> tuple[str, list[Note]]:
    """The nearest text without a syntax error, and what was changed."""
    most = _LONGEST_QUERY
    repaired, notes = _repaired(text[:most])
    while len(repaired) > _LONGEST_QUERY:  # what was added to mend it counts as well
        most -= len(repaired) - _LONGEST_QUERY
        repaired, notes = _repaired(text[:most])
    if most < len(text):
        notes.insert(0, Note(NoteCode.CUT, str(most)))
    return repaired, notes


def _repaired(text: str) -> tuple[str, list[Note]]:
    notes: list[Note] = []
    text = " ".join(text.replace("\x00", " ").split()).translate(_STRAIGHT)
    if text.count('"') % 2:
        text += '"'
        notes.append(Note(NoteCode.UNCLOSED_QUOTE))
    quoted = _QUOTED.findall(text)
    numbers = iter(range(len(quoted)))
    bare = _balanced(_QUOTED.sub(lambda _: f"\x00{next(numbers)}\x00", text), notes)
    for sign, word in _SIGNS:
        bare = sign.sub(word, bare)
    bare = _mended(bare, quoted, notes)
    notes += [Note(NoteCode.UNKNOWN_FIELD, found) for found in _UNKNOWN_FIELD.findall(bare) if not is_known(found)]
    return _unheld(bare, quoted), notes


def with_field(text: str, name: str, other: str) -> str:
    """A text with another name in place of one that stands before a colon."""
    return re.sub(rf"(?:^|(?<=[\s(-])){re.escape(name)}:(?=\S)", f"{other}:", text)


def _balanced(text: str, notes: list[Note]) -> str:
    """Every parenthesis has its partner; those within too many others are left out."""
    kept: list[str] = []
    opened = ignored = 0
    for character in text:
        if character == "(" and opened == _DEEPEST_GROUP:
            ignored += 1
        elif character == ")" and ignored:
            ignored -= 1
        elif character == ")" and not opened:
            notes.append(Note(NoteCode.UNBALANCED_PARENTHESIS, ")"))
        else:
            opened += (character == "(") - (character == ")")
            kept.append(character)
            continue
        kept.append(" ")
    if opened:
        notes.append(Note(NoteCode.UNBALANCED_PARENTHESIS, "("))
    return "".join(kept) + ")" * opened


def _mended(text: str, quoted: list[str], notes: list[Note]) -> str:
    """What one change uncovers may be another's matter."""
    before = None
    while before != text:
        before = text
        text = _without_stray(_STUCK.sub(r" \1 ", text), notes)
        text = _within_reach(_without_wrong_years(text, quoted, notes), notes)
        text = " ".join(text.split())
    return text


def _without_wrong_years(text: str, quoted: list[str], notes: list[Note]) -> str:
    """What is asked of the year is a year; anything else would be compared as text, and find anything or nothing."""

    def checked(found: re.Match[str]) -> str:
        value = _unheld(found["value"], quoted)
        is_year = FACET_NAMES.get(analysis.fold(found["name"])) is Facet.YEAR
        if not is_year or not _LETTER.search(_TO.sub("", value) if value[0] in "[{" else value):
            return found[0]
        notes.append(Note(NoteCode.NO_YEAR, value))
        return " "

    return _VALUE.sub(checked, text)


def _within_reach(text: str, notes: list[Note]) -> str:
    """No misspelling is looked for farther away than ``port.distance_of`` says."""

    def nearer(found: re.Match[str]) -> str:
        most = distance_of(analysis.compact(analysis.without_elision(found["word"])))
        if found["most"].isdecimal() and int(found["most"]) <= most:
            return found[0]
        notes.append(Note(NoteCode.DISTANCE, f"~{found['most']}"))
        return f"{found['word']}~{most}"

    return _DISTANCE.sub(nearer, text)


def _unheld(text: str, quoted: list[str]) -> str:
    return _HELD.sub(lambda found: quoted[int(found.group(1))], text)


def _without_stray(text: str, notes: list[Note]) -> str:
    before = None
    while before != text:
        before = text
        for pattern, code in _STRAY:
            if (found := pattern.search(text)) is not None:
                text = text[: found.start()] + " " + text[found.end() :]
                notes += [Note(code, found.group(1))] if code else []
        for found in _EMPTY_FIELD.finditer(text):
            if is_known(found.group(1)):
                text = text[: found.start()] + " " + text[found.end() :]
                notes.append(Note(NoteCode.EMPTY_FIELD, found.group(1)))
                break
    return text.strip()
