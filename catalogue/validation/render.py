"""A validation report for people: terminal table and self-contained HTML page. Its JSON form is ``as_dict``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from catalogue.model.report import Message, Severity, ValidationReport, Violation

if TYPE_CHECKING:
    from jinja2 import Environment

_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}
_MOST_PLACES = 50
_MOST_CONTENT = 600
# What is "expected" of these are two contents, each under one of the WORDS.
_BOTH_CONTENTS = frozenset(("publication.conflict", "identity.duplicate"))

WORDS: dict[str, Message] = {
    "error": Message("erreur", "error"),
    "warning": Message("avertissement", "warning"),
    "info": Message("information", "note"),
    "errors": Message("erreurs", "errors"),
    "warnings": Message("avertissements", "warnings"),
    "infos": Message("informations", "notes"),
    "title": Message("Rapport de validation", "Validation report"),
    "file": Message("Fichier", "File"),
    "version": Message("Version de DDI-Lifecycle", "DDI-Lifecycle version"),
    "root": Message("Élément racine", "Root element"),
    "line": Message("Ligne", "Line"),
    "item": Message("Élément", "Item"),
    "problem": Message("Problème", "Problem"),
    "remedy": Message("Comment corriger", "How to mend it"),
    "expected": Message("Attendu à cet endroit", "Expected there"),
    "both": Message("Les deux contenus", "Both contents"),
    "published": Message("publié", "published"),
    "submitted": Message("envoyé", "submitted"),
    "first": Message("le premier", "the first"),
    "other": Message("l'autre", "the other"),
    "path": Message("Chemin", "Path"),
    "detail": Message("Mots du validateur", "The validator's own words"),
    "times": Message("{count} fois", "{count} times"),
    "more_places": Message("et {count} autres endroits", "and {count} more places"),
    "where": Message("Où", "Where"),
    "unknown": Message("inconnu", "unknown"),
    "nothing": Message("Rien à signaler.", "Nothing to report."),
}


@dataclass(frozen=True, slots=True)
class Group:
    """Violations that say the same, at one or more places."""

    first: Violation
    places: tuple[Violation, ...]

    @property
    def count(self) -> int:
        """At how many places."""
        return len(self.places)


def grouped(violations: Iterable[Violation]) -> tuple[Group, ...]:
    """Identical violations together, the gravest first, then in order of appearance."""
    groups: dict[tuple[str, str, str], list[Violation]] = {}
    for found in violations:
        groups.setdefault((found.code, found.message.en, found.remedy.en), []).append(found)
    ordered = sorted(groups.values(), key=lambda same: _ORDER[same[0].severity])
    return tuple(Group(same[0], tuple(same)) for same in ordered)


def summary(report: ValidationReport) -> Message:
    """The sentence at the head: valid, so many errors in so many items, or not validated."""
    verdict = _verdict(report)
    rest = [_counted(report, severity) for severity in (Severity.WARNING, Severity.INFO)]
    extra = Message("".join(f" ; {m.fr}" for m in rest if m.fr), "".join(f"; {m.en}" for m in rest if m.en))
    return Message(f"{verdict.fr}{extra.fr}.{_left_out(report).fr}", f"{verdict.en}{extra.en}.{_left_out(report).en}")


def _verdict(report: ValidationReport) -> Message:
    errors = report.errors
    schema = f"DDI-Lifecycle {report.ddi_version}" if report.ddi_version else "DDI-Lifecycle"
    if report.xsd_valid is None and not errors:
        return Message("Non validé : aucun schéma n'a pu décider", "Not validated: no schema could decide")
    if not errors and report.xsd_valid:
        return Message(f"Valide selon {schema}", f"Valid {schema}")
    items = len({v.urn for v in errors if v.urn})
    count = len(errors) + report.omitted
    fr = f"{count} erreur{'s' if count > 1 else ''}"
    en = f"{count} error{'s' if count != 1 else ''}"
    if items:
        fr += f" dans {items} élément{'s' if items > 1 else ''}"
        en += f" in {items} item{'s' if items != 1 else ''}"
    if report.xsd_valid:
        return Message(f"Conforme au schéma {schema}, mais {fr}", f"Follows the schema of {schema}, but {en}")
    return Message(fr, en)


def _counted(report: ValidationReport, severity: Severity) -> Message:
    count = sum(1 for v in report.violations if v.severity is severity)
    if not count:
        return Message("", "")
    word = WORDS[str(severity) if count == 1 else f"{severity}s"]
    return Message(f"{count} {word.fr}", f"{count} {word.en}")


def _left_out(report: ValidationReport) -> Message:
    fr, en = "", ""
    if report.omitted:
        fr, en = f" {report.omitted} ne sont pas listées.", f" {report.omitted} are not listed."
    if not report.complete:
        fr += " L'analyse a été abrégée : il peut y avoir d'autres erreurs."
        en += " The analysis was cut short: there may be more errors."
    return Message(fr, en)


def print_report(report: ValidationReport, console: Console, language: str = "fr") -> None:
    """Print a report as a table, identical violations together."""

    def word(name: str) -> str:
        return WORDS[name].in_language(language)

    console.print(f"[bold]{escape(report.file)}[/bold]  {escape(summary(report).in_language(language))}")
    groups = grouped(report.violations)
    if not groups:
        return
    table = Table(show_lines=True, expand=True)
    table.add_column(word("line"), justify="right", no_wrap=True)
    table.add_column(word("item"), overflow="fold", ratio=1)
    table.add_column(word("problem"), overflow="fold", ratio=3)
    for group in groups:
        table.add_row(_lines(group), escape(_item(group.first)), _problem(group, language))
    console.print(table)


def _lines(group: Group) -> str:
    lines = [str(v.line) for v in group.places if v.line]
    return "\n".join([*lines[:3], f"+{len(lines) - 3}"] if len(lines) > 4 else lines)


def _item(found: Violation) -> str:
    return "\n".join(part for part in (found.item_type, found.item_name, found.urn) if part)


def _problem(group: Group, language: str) -> str:
    found = group.first
    times = "" if group.count == 1 else f" ({WORDS['times'].in_language(language).format(count=group.count)})"
    name = str(found.severity)
    head = f"[{_STYLES[found.severity]}]{WORDS[name].in_language(language)}[/] [dim]{found.code}[/]{times}"
    parts = [head, escape(found.message.in_language(language)), "→ " + escape(found.remedy.in_language(language))]
    return "\n".join([*parts, *_beside(found, language)])


def _beside(found: Violation, language: str) -> list[str]:
    """Below a problem: both contents where two disagree, else what is expected there."""
    if found.code in _BOTH_CONTENTS:
        return [f"[dim]{_word(name, language)} :[/] {escape(_shortened(text))}" for name, text in found.expected]
    names = ", ".join(name for name, _ in found.expected)
    return [f"[dim]{_word('expected', language)} : {escape(names)}[/]"] if names else []


def _shortened(xml: str) -> str:
    text = " ".join(xml.split())
    return text if len(text) <= _MOST_CONTENT else f"{text[:_MOST_CONTENT]} …"


def _word(name: str, language: str) -> str:
    return WORDS[name].in_language(language)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader  # here: only the page is made with it

    return Environment(loader=PackageLoader("catalogue.validation", "."), autoescape=True, trim_blocks=True)


def html_report(report: ValidationReport, language: str = "fr") -> str:
    """A report as one HTML page that needs nothing else: printable, readable without script, in French or English."""
    words = {name: message.in_language(language) for name, message in WORDS.items()}
    return (
        _environment()
        .get_template("report.html")
        .render(
            report=report,
            language="fr" if language == "fr" else "en",
            words=words,
            summary=summary(report).in_language(language),
            state={True: "valid", False: "invalid", None: "undecided"}[report.xsd_valid],
            groups=grouped(report.violations),
            most=_MOST_PLACES,
            both_contents=_BOTH_CONTENTS,
        )
    )
