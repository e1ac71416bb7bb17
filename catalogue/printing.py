"""What the command line prints: outcomes, tables, progress, JSON lines."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import orjson
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from catalogue import sources
from catalogue.model.report import IngestOutcome, IngestReceipt, Severity, Status, ValidationReport, Violation
from catalogue.model.study import Named
from catalogue.model.text import InternationalString
from catalogue.service import (
    Catalogue,
    Completeness,
    FoundItem,
    Health,
    ItemFilter,
    ItemSummary,
    ItemView,
    MarkedText,
    NoteCode,
    SearchAnswer,
    html_report,
    print_report,
)

# Area of a violation's code -> exit code of a document that was not taken in as asked (see catalogue.errors).
_EXIT_CODES = {"publication": 6, "ddi": 5, "xml": 4, "archive": 4, "schema": 8}
_INVALID = 3


def console() -> Console:
    return Console(highlight=False, width=None if sys.stdout.isatty() else 160)


_MISSING = {
    "fr": (
        "complet",
        ("champ", "exigence", "propriété", "élément DDI-L", "clé des réglages"),
        ("obligatoire", "recommandé"),
    ),
    "en": (
        "complete",
        ("field", "requirement", "property", "DDI-L element", "settings key"),
        ("mandatory", "recommended"),
    ),
}


def print_completeness(found: Completeness, to: Console, language: str) -> None:
    """What a cohort or wave lacks, as a table below its name."""
    complete, columns, needs = _MISSING[language]
    study = found.study
    name = study.identification.urn if study else "dcat:Catalog"
    to.print(f"[bold]{escape(_called(study, language) if study else '')}[/bold] {escape(name)}")
    if not found.missing:
        to.print(f"  {complete}")
        return
    table = new_table(*columns)
    for one in found.missing:
        need = f"{needs[0 if one.mandatory else 1]}, {one.profile}"
        cells = (one.name.in_language(language), need, " / ".join(one.path), one.ddi, one.setting)
        table.add_row(*(escape(cell) for cell in cells))
    to.print(table)


def _called(study: Named, language: str) -> str:
    title = study.label.best((language,))
    return title.text if title else study.name or study.identification.identifier


def say(text: str) -> None:
    click.echo(text, err=True)


def print_json(value: dict[str, Any]) -> None:
    click.echo(orjson.dumps(value).decode())


def new_table(*columns: str) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


@contextmanager
def progress(title: str, paths: Iterable[str]) -> Iterator[Callable[[int], None]]:
    """A bar with rates on a terminal; nothing in a pipe. The caller ticks once per document, with its items."""
    if not sys.stderr.isatty():
        yield lambda _items: None
        return
    columns = (
        SpinnerColumn(),
        TextColumn(title),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=sources.count(list(paths)), rate="")
        done = 0

        def tick(items: int) -> None:
            nonlocal done
            done += items
            elapsed = bar.tasks[0].elapsed or 1e-9
            bar.update(task, advance=1, rate=f"{done / elapsed:,.0f} items/s" if done else "")

        yield tick


def write_html(reports: list[ValidationReport], file: Path, language: str) -> None:
    """The page of one document, or a numbered page for each of several."""
    for number, report in enumerate(reports, 1):
        name = file if len(reports) == 1 else file.with_stem(f"{file.stem}-{number}")
        name.write_text(html_report(report, language), encoding="utf-8")


def reader_language(option: str | None) -> str:
    if option:
        return option
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "fr" if locale.startswith("fr") else "en"


_SENTENCES = {
    Status.PUBLISHED: ("publié", "published"),
    Status.DRAFT: ("gardé comme brouillon", "kept as a draft"),
    Status.UNCHANGED: ("inchangé : ces octets sont déjà au catalogue", "unchanged: these bytes are in the catalogue"),
    Status.REFUSED: ("refusé : rien n'a été enregistré", "refused: nothing was stored"),
    Status.CONFLICT: ("en conflit : rien n'a été enregistré", "in conflict: nothing was stored"),
}


def print_outcome(outcome: IngestOutcome, as_json: bool, language: str) -> None:
    if as_json:
        print_json(outcome.as_dict())
        return
    out = console()
    sentence = _SENTENCES[outcome.status][0 if language == "fr" else 1]
    found = f", {outcome.receipt.found:,} items" if outcome.receipt.found else ""
    number = f" ({outcome.document})" if outcome.document else ""
    out.print(f"[bold]{escape(outcome.file)}[/bold]: {sentence}{found}{number}")
    if outcome.report.violations:
        print_report(outcome.report, out, language)


def receipt_table(receipt: IngestReceipt) -> Table:
    table = new_table("Item type", "Found", "Stored", "Merged", "Refused")
    for name, count in sorted(receipt.counts.items()):
        table.add_row(name, *(f"{n:,}" for n in (count.found, count.stored, count.merged, count.refused)))
    return table


def exit_code_of(outcome: IngestOutcome, draft: bool) -> int:
    kept_back = outcome.status is Status.DRAFT and not draft
    if outcome.status in (Status.REFUSED, Status.CONFLICT) or kept_back:
        return exit_code(outcome.report) or _INVALID
    return 0


def exit_code(report: ValidationReport) -> int:
    if report.xsd_valid is None and not report.errors:
        return _EXIT_CODES["schema"]
    return max((severity_code(violation) for violation in report.violations), default=0)


def severity_code(violation: Violation) -> int:
    if violation.severity is not Severity.ERROR:
        return 0
    return _EXIT_CODES.get(violation.code.partition(".")[0], _INVALID)


def walk(catalogue: Catalogue, wanted: ItemFilter, limit: int) -> Iterator[ItemSummary]:
    cursor: str | None = None
    while limit > 0:
        page = catalogue.list_items(wanted, cursor=cursor, limit=min(limit, 500))
        yield from page.items
        limit -= len(page.items)
        cursor = page.next_cursor
        if cursor is None:
            return


def best(label: InternationalString, language: str | None = None) -> str:
    found = label.best((reader_language(language),))
    return found.text if found else ""


def summary_dict(summary: ItemSummary) -> dict[str, Any]:
    return {
        "urn": summary.urn,
        "type": summary.type,
        "name": summary.name,
        "label": texts(summary.label),
        "ddi_version": summary.ddi_version,
    }


def texts(label: InternationalString) -> list[dict[str, str | None]]:
    return [{"language": text.language, "text": text.text} for text in label]


def view_dict(view: ItemView) -> dict[str, Any]:
    item = view.stored.item
    return {
        **summary_dict(view.stored.summary),
        "texts": [{"path": t.path, "language": t.language, "text": t.text} for t in item.texts],
        "properties": dict(item.properties),
        "references": [
            {"role": r.reference.role, "urn": r.target.urn if r.target else r.reference.urn, "status": str(r.status)}
            for r in view.references
        ],
        "cohorts": [cohort.urn for cohort in view.containers.cohorts],
        "versions": [version.identification.version for version in view.versions],
    }


def print_view(view: ItemView) -> None:
    item, out = view.stored.item, console()
    out.print(f"[bold]{item.type}[/bold] {item.name or ''} {best(item.title)}\n{item.urn}")
    table = new_table("Text", "Language", "")
    for text in item.texts:
        table.add_row(text.path, text.language or "", text.text)
    out.print(table)
    references = new_table("Reference", "Target", "Status")
    for outgoing in view.references:
        target = outgoing.target
        label = f"{target.type} {best(target.label) or target.urn}" if target else outgoing.reference.urn
        references.add_row(outgoing.reference.role, label, str(outgoing.status))
    out.print(references)


_NOTES = {
    NoteCode.UNCLOSED_QUOTE: ("guillemet fermant ajouté", "closing quotation mark added"),
    NoteCode.UNBALANCED_PARENTHESIS: ("parenthèses rétablies", "parentheses balanced"),
    NoteCode.STRAY_OPERATOR: ("opérateur sans objet ignoré", "operator without words left out"),
    NoteCode.UNKNOWN_FIELD: ("champ inconnu, cherché comme un mot", "no such field, searched as a word"),
    NoteCode.EMPTY_FIELD: ("champ sans valeur ignoré", "field without a value left out"),
    NoteCode.NO_YEAR: ("n’est pas une année, ignoré", "no year, left out"),
    NoteCode.BOOST: ("tous les mots comptent autant, ignoré", "all words count the same, left out"),
    NoteCode.SLOP: (
        "les mots d’une expression se suivent, ignoré",
        "the words of a phrase adjoin, left out",
    ),
    NoteCode.DISTANCE: ("écart trop grand, réduit", "too far, brought nearer"),
    NoteCode.UNKNOWN_VALUE: ("rien dans le catalogue n’a cette valeur", "nothing in the catalogue has this value"),
    NoteCode.LONE_STAR: ("signe sans mot ignoré", "sign without a word left out"),
    NoteCode.CUT: ("texte coupé", "text cut"),
    NoteCode.BEGINNING: ("cherché comme début de mot", "searched as the beginning of words"),
    NoteCode.BROADER: ("rien ; voici un concept plus large", "nothing found; this is a broader concept"),
    NoteCode.NO_WORD: ("aucun mot à chercher : tout est montré", "no word to search for: everything is shown"),
}

_RELAXED = (
    "Rien ne contient tous les mots ; ces résultats en ont certains.",
    "Nothing has all the words; these have some.",
)
# One that has all the words, and several.
_EXACT = (
    (
        "Seul {:,} résultat contient tous les mots ; les autres en ont certains.",
        "Only {:,} result has all the words; the others have some.",
    ),
    (
        "Seuls {:,} résultats contiennent tous les mots ; les autres en ont certains.",
        "Only {:,} results have all the words; the others have some.",
    ),
)


def found_dict(found: FoundItem) -> dict[str, Any]:
    """A hit as one JSON object."""
    return {
        **summary_dict(found.summary),
        "score": found.score,
        "question": [{"language": text.language, "text": text.text} for text in found.question],
        "cohorts": [cohort.urn for cohort in found.containers.cohorts],
        "facets": {facet.value: list(values) for facet, values in found.facets.items()},
    }


def print_answer(answer: SearchAnswer) -> None:
    """How a query was understood, the hits, and the counts that were asked for."""
    out = console()
    french = answer.question.language == "fr"
    for line in _understood(answer, french):
        out.print(line)
    table = new_table("Type", "Name", "Label", "Cohort", "URN")
    for found in answer.items:
        cohorts = ", ".join(
            cohort.name or best(cohort.label, answer.question.language) for cohort in found.containers.cohorts
        )
        table.add_row(
            found.summary.type, found.summary.name or "", _marked(found.labels[0]), cohorts, found.summary.urn
        )
    out.print(table)
    for facet, counts in answer.facets.items():
        values = new_table(facet.value, "")
        for value in counts.values:
            values.add_row(best(value.label, answer.question.language) or value.value, f"{value.documents:,}")
        out.print(values)


def _understood(answer: SearchAnswer, french: bool) -> Iterator[str]:
    language = 0 if french else 1
    if answer.index.health is not Health.READY:
        yield ("L’index est en reconstruction.", "The index is being rebuilt.")[language]
    many = answer.total != 1 if language else answer.total > 1
    yield f"{answer.total:,} {('résultat', 'result')[language]}{'s' if many else ''}"
    for note in answer.notes:
        told = ", ".join(note.known) or answer.read
        yield f"{_NOTES[note.code][language]} {escape(note.subject)}: {escape(told)}".replace(" :", ":")
    for expansion in answer.expansions:
        yield f"{escape(expansion.words)} + {escape(', '.join((*expansion.added, *expansion.narrower)))}"
    if answer.relaxed:
        yield (_EXACT[answer.exact > 1] if answer.exact else _RELAXED)[language].format(answer.exact)
    for correction in answer.corrections:
        yield f"{('Vouliez-vous dire', 'Did you mean')[language]}: {escape(correction.text)}"


def _marked(text: MarkedText) -> str:
    return "".join(f"[bold]{escape(part.text)}[/bold]" if part.marked else escape(part.text) for part in text.fragments)
