"""The command line: ``catalogue ingest|validate|publish|show|list|stats|serve|schemas|completion``."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn, ParamSpec, TypeVar

import click
import orjson
from click.shell_completion import get_completion_class
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from catalogue import sources
from catalogue.errors import CatalogueError, StorageError, UsageError
from catalogue.model.report import IngestOutcome, IngestReceipt, Severity, Status, ValidationReport, Violation
from catalogue.model.text import InternationalString
from catalogue.service import (
    Catalogue,
    ItemFilter,
    ItemSummary,
    ItemView,
    Validator,
    html_report,
    install_schemas,
    installed_schemas,
    open_catalogue,
    print_report,
)
from catalogue.settings import Settings

P = ParamSpec("P")
R = TypeVar("R")

# Area of a violation's code -> exit code of a document that was not taken in as asked (see catalogue.errors).
_EXIT_CODES = {"publication": 6, "ddi": 5, "xml": 4, "archive": 4, "schema": 8}
_INVALID = 3
_LANGUAGES = click.Choice(["fr", "en"])


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="cohort-catalogue", prog_name="catalogue")
def main() -> None:
    """A metadata catalogue for health cohorts: DDI-Lifecycle in, validated, stored, browsable.

    Settings are environment variables (CATALOGUE_DATA, CATALOGUE_DATABASE_URL, ...); the README lists them.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # closed by the caller; a database must not be given its number
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode))


def _told(command: Callable[P, R]) -> Callable[P, R]:
    """Failures of the catalogue as a sentence with the next step, and their exit code; no traceback."""

    @wraps(command)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except CatalogueError as error:
            _fail(error)
        except ValidationError as error:
            first = error.errors()[0]
            name = f"CATALOGUE_{'_'.join(map(str, first['loc'])).upper()}"
            _fail(UsageError(f"The setting {name} cannot be used: {first['msg']}.", next_step="Correct the variable."))
        except BrokenPipeError:
            # The reader of a pipe left (catalogue list | head): nothing is wrong.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(0)
        except OSError as error:
            where = f" ({error.filename})" if error.filename else ""
            step = "Check that the place exists, that you may use it and that there is space, then try again."
            _fail(StorageError(f"The system says: {error.strerror or error}{where}.", next_step=step))

    return wrapper


def _fail(error: CatalogueError) -> NoReturn:
    _say(f"Error: {error.message}\n{error.next_step}")
    sys.exit(error.exit_code)


_json = click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
_language = click.option("--language", type=_LANGUAGES, default=None, help="Language of sentences (default: locale).")
_paths = click.argument("paths", nargs=-1, required=True, type=click.Path(allow_dash=True))


# --- data managers ----------------------------------------------------------------------------------------------------


@main.command()
@_paths
@click.option("--draft", is_flag=True, help="Store without publishing.")
@click.option("--cohort", help="Group or StudyUnit (URN or agency/identifier) of a document that names none.")
@click.option("--accept-invalid", is_flag=True, help="Publish although the schema rejects it or is not installed.")
@_language
@_json
@_told
def ingest(
    paths: tuple[str, ...], draft: bool, cohort: str | None, accept_invalid: bool, language: str | None, as_json: bool
) -> None:
    """Take in DDI-L documents.

    PATHS are files, folders, zip archives, or - for standard input.

    A document that its schema accepts is published, unless --draft. One that it rejects is kept as a draft with its
    report. Exit codes: 0 taken in as asked, 3 invalid (kept as a draft), 4 unreadable, 5 not DDI-Lifecycle, 6 conflict
    with published items, 8 kept as a draft because its schema is not installed.
    """
    settings = Settings()
    receipts: list[IngestReceipt] = []
    worst = 0
    with open_catalogue(settings) as catalogue, _progress("Ingesting", paths) as tick:
        for source in sources.open_paths(list(paths), settings):
            outcome = catalogue.submit_source(source, draft=draft, cohort=cohort, accept_invalid=accept_invalid)
            tick(outcome.receipt.found)
            _print_outcome(outcome, as_json, _reader_language(language))
            worst = max(worst, _exit_code_of(outcome, draft))
            if outcome.status is not Status.UNCHANGED:
                receipts.append(outcome.receipt)
    if not as_json and any(receipt.counts for receipt in receipts):
        _console().print(_receipt_table(IngestReceipt.total(receipts)))
    sys.exit(worst)


@main.command()
@_paths
@_language
@click.option("--html", "html_file", type=click.Path(dir_okay=False, path_type=Path), help="Write an HTML report.")
@_json
@_told
def validate(paths: tuple[str, ...], language: str | None, html_file: Path | None, as_json: bool) -> None:
    """Say what is wrong with DDI-L documents; nothing is stored.

    Exit codes: 0 valid, 3 invalid, 4 unreadable, 5 not DDI-Lifecycle, 8 not validated (schema not installed).
    """
    settings = Settings()
    validator = Validator(settings)
    reports: list[ValidationReport] = []
    with _progress("Validating", paths) as tick:
        for source in sources.open_paths(list(paths), settings):
            report = validator.validate_source(source)
            tick(0)
            reports.append(report)
            if as_json:
                _print_json(report.as_dict())
            else:
                print_report(report, _console(), _reader_language(language))
    if html_file is not None:
        _write_html(reports, html_file, _reader_language(language))
    sys.exit(max((_exit_code(report) for report in reports), default=0))


@main.command()
@click.argument("document")
@_told
def publish(document: str) -> None:
    """Publish a draft, by the document id that ingest gave."""
    with open_catalogue() as catalogue:
        revision = catalogue.publish(document)
    _console().print(f"{revision.id} is published: {revision.file_name}, revision {revision.number}.")


# --- readers ----------------------------------------------------------------------------------------------------------


@main.command()
@click.argument("item")
@click.option("--xml", "as_xml", is_flag=True, help="The DDI fragment.")
@_json
@_told
def show(item: str, as_xml: bool, as_json: bool) -> None:
    """Show one item.

    ITEM is a URN or agency/identifier[/version].
    """
    with open_catalogue() as catalogue:
        summary = catalogue.container(item)
        triple = summary.identification
        if as_xml:
            click.echo(catalogue.fragment(triple.agency, triple.identifier, triple.version))
            return
        view = catalogue.get(triple.agency, triple.identifier, triple.version)
    if as_json:
        _print_json(_view_dict(view))
    else:
        _print_view(view)


@main.command("list")
@click.option("--type", "types", multiple=True, help="Item type, such as Variable; may be repeated.")
@click.option("--cohort", help="Only items of this cohort, study or wave (URN or agency/identifier).")
@click.option("--unassigned", is_flag=True, help="Only items that belong to no cohort.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="At most so many.")
@_json
@_told
def list_(types: tuple[str, ...], cohort: str | None, unassigned: bool, limit: int, as_json: bool) -> None:
    """List published items by label."""
    with open_catalogue() as catalogue:
        containers = (catalogue.container(cohort).id,) if cohort else ()
        wanted = ItemFilter(types=types, containers=containers, unassigned=unassigned)
        summaries = list(_walk(catalogue, wanted, limit))
        if as_json:
            for summary in summaries:
                _print_json(_summary_dict(summary))
            return
        table = _table("Type", "Name", "Label", "URN")
        for summary in summaries:
            table.add_row(summary.type, summary.name or "", _best(summary.label), summary.urn)
    _console().print(table)


@main.command()
@_json
@_told
def stats(as_json: bool) -> None:
    """Count what the catalogue holds."""
    with open_catalogue() as catalogue:
        counted = catalogue.stats()
    if as_json:
        _print_json(
            {
                "documents": counted.documents,
                "revisions": counted.revisions,
                "drafts": counted.drafts,
                "items": dict(counted.items),
                "unassigned": dict(counted.unassigned),
            }
        )
        return
    table = _table("Item type", "Items", "Without cohort")
    for name, count in sorted(counted.items.items()):
        table.add_row(name, f"{count:,}", f"{counted.unassigned.get(name, 0):,}")
    _console().print(table)
    _console().print(f"{counted.documents} documents, {counted.revisions} revisions, {counted.drafts} drafts.")


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1), help="Web server processes.")
@_told
def serve(host: str, port: int, workers: int) -> None:
    """Serve the pages and the API."""
    import uvicorn

    _check_address(host, port)
    os.environ.setdefault("CATALOGUE_BASE_URL", f"http://{host}:{port}")
    with open_catalogue() as catalogue:  # fail here, with a clear sentence, rather than in a worker
        held = sum(catalogue.stats().items.values())
    click.echo(f"The catalogue holds {held:,} items. Open http://{host}:{port}  (stop with Ctrl+C)")
    uvicorn.run(
        "catalogue_api.app:from_environment", factory=True, host=host, port=port, workers=workers, log_level="warning"
    )


def _check_address(host: str, port: int) -> None:
    """Fail with a sentence where the address is taken or not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise UsageError(
                f"The address {host}:{port} cannot be used: {error.strerror}.",
                next_step="Stop the program that uses it, or choose another with --port.",
            ) from error


# --- schemas and shell ------------------------------------------------------------------------------------------------


@main.group()
def schemas() -> None:
    """The XML schemas that documents are validated against."""


@schemas.command("install")
@click.argument("versions", nargs=-1, metavar="[3.1] [3.2] [3.3]")
@click.option(
    "--from", "origin", type=click.Path(exists=True, path_type=Path), help="Folder or zip with the XSD files."
)
@_told
def schemas_install(versions: tuple[str, ...], origin: Path | None) -> None:
    """Install the XSD set of DDI-L versions (default: all three) and check every file against its registered sum."""
    settings, worst = Settings(), 0
    for version in versions or [status.version for status in installed_schemas(settings)]:
        try:
            folders = install_schemas([version], origin, settings)
            click.echo(f"DDI-L {version}: installed in {folders[version]}")
        except CatalogueError as error:
            _say(f"DDI-L {version}: {error.message}\n{error.next_step}")
            worst = max(worst, error.exit_code)
    sys.exit(worst)


@schemas.command("list")
@_json
@_told
def schemas_list(as_json: bool) -> None:
    """Which versions are installed, and where."""
    table = _table("DDI-L", "Installed", "Folder")
    for status in installed_schemas(Settings()):
        folder = str(status.folder) if status.folder else None
        if as_json:
            state = {"version": status.version, "installed": folder is not None, "folder": folder}
            _print_json({**state, "problem": status.problem})
        table.add_row(status.version, "yes" if folder else "no", folder or status.problem or "")
    if not as_json:
        _console().print(table)


@main.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script of a shell.

    In bash: eval "$(catalogue completion bash)"
    """
    completion_class = get_completion_class(shell)
    assert completion_class is not None  # click has all three
    click.echo(completion_class(main, {}, "catalogue", "_CATALOGUE_COMPLETE").source())


# --- output -----------------------------------------------------------------------------------------------------------


def _console() -> Console:
    return Console(highlight=False, width=None if sys.stdout.isatty() else 160)


def _say(text: str) -> None:
    click.echo(text, err=True)


def _print_json(value: dict[str, Any]) -> None:
    click.echo(orjson.dumps(value).decode())


def _table(*columns: str) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


@contextmanager
def _progress(title: str, paths: Iterable[str]) -> Iterator[Callable[[int], None]]:
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
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(title, total=sources.count(list(paths)), rate="")
        done = 0

        def tick(items: int) -> None:
            nonlocal done
            done += items
            elapsed = progress.tasks[0].elapsed or 1e-9
            progress.update(task, advance=1, rate=f"{done / elapsed:,.0f} items/s" if done else "")

        yield tick


def _write_html(reports: list[ValidationReport], file: Path, language: str) -> None:
    """The page of one document, or a numbered page for each of several."""
    for number, report in enumerate(reports, 1):
        name = file if len(reports) == 1 else file.with_stem(f"{file.stem}-{number}")
        name.write_text(html_report(report, language), encoding="utf-8")


def _reader_language(option: str | None) -> str:
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


def _print_outcome(outcome: IngestOutcome, as_json: bool, language: str) -> None:
    if as_json:
        _print_json(outcome.as_dict())
        return
    console = _console()
    sentence = _SENTENCES[outcome.status][0 if language == "fr" else 1]
    found = f", {outcome.receipt.found:,} items" if outcome.receipt.found else ""
    number = f" ({outcome.document})" if outcome.document else ""
    console.print(f"[bold]{escape(outcome.file)}[/bold]: {sentence}{found}{number}")
    if outcome.report.violations:
        print_report(outcome.report, console, language)


def _receipt_table(receipt: IngestReceipt) -> Table:
    table = _table("Item type", "Found", "Stored", "Merged", "Refused")
    for name, count in sorted(receipt.counts.items()):
        table.add_row(name, *(f"{n:,}" for n in (count.found, count.stored, count.merged, count.refused)))
    return table


def _exit_code_of(outcome: IngestOutcome, draft: bool) -> int:
    kept_back = outcome.status is Status.DRAFT and not draft
    if outcome.status in (Status.REFUSED, Status.CONFLICT) or kept_back:
        return _exit_code(outcome.report) or _INVALID
    return 0


def _exit_code(report: ValidationReport) -> int:
    if report.xsd_valid is None and not report.errors:
        return _EXIT_CODES["schema"]
    return max((_severity_code(violation) for violation in report.violations), default=0)


def _severity_code(violation: Violation) -> int:
    if violation.severity is not Severity.ERROR:
        return 0
    return _EXIT_CODES.get(violation.code.partition(".")[0], _INVALID)


def _walk(catalogue: Catalogue, wanted: ItemFilter, limit: int) -> Iterator[ItemSummary]:
    cursor: str | None = None
    while limit > 0:
        page = catalogue.list_items(wanted, cursor=cursor, limit=min(limit, 500))
        yield from page.items
        limit -= len(page.items)
        cursor = page.next_cursor
        if cursor is None:
            return


def _best(label: InternationalString) -> str:
    found = label.best((_reader_language(None),))
    return found.text if found else ""


def _summary_dict(summary: ItemSummary) -> dict[str, Any]:
    return {
        "urn": summary.urn,
        "type": summary.type,
        "name": summary.name,
        "label": _texts(summary.label),
        "ddi_version": summary.ddi_version,
    }


def _texts(label: InternationalString) -> list[dict[str, str | None]]:
    return [{"language": text.language, "text": text.text} for text in label]


def _view_dict(view: ItemView) -> dict[str, Any]:
    item = view.stored.item
    return {
        **_summary_dict(view.stored.summary),
        "texts": [{"path": t.path, "language": t.language, "text": t.text} for t in item.texts],
        "properties": dict(item.properties),
        "references": [
            {"role": r.reference.role, "urn": r.target.urn if r.target else r.reference.urn, "status": str(r.status)}
            for r in view.references
        ],
        "cohorts": [cohort.urn for cohort in view.containers.cohorts],
        "versions": [version.identification.version for version in view.versions],
    }


def _print_view(view: ItemView) -> None:
    item, console = view.stored.item, _console()
    console.print(f"[bold]{item.type}[/bold] {item.name or ''} {_best(item.title)}\n{item.urn}")
    table = _table("Text", "Language", "")
    for text in item.texts:
        table.add_row(text.path, text.language or "", text.text)
    console.print(table)
    references = _table("Reference", "Target", "Status")
    for outgoing in view.references:
        target = outgoing.target
        label = f"{target.type} {_best(target.label) or target.urn}" if target else outgoing.reference.urn
        references.add_row(outgoing.reference.role, label, str(outgoing.status))
    console.print(references)


if __name__ == "__main__":
    main()
