"""The command line; ``catalogue --help`` lists its commands."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import BinaryIO, NoReturn, ParamSpec, TypeVar

import click
from click.shell_completion import get_completion_class
from pydantic import ValidationError

from catalogue import printing, sources
from catalogue.errors import CatalogueError, IndexBusyError, StorageError, UsageError
from catalogue.model.identity import path_of
from catalogue.model.report import IngestReceipt, Status, ValidationReport
from catalogue.service import (
    CODEBOOK,
    COUNTED,
    DUMP_FORMATS,
    FACET_VALUES,
    MOST_HITS,
    RECORD,
    SORTS,
    WHOLE_DUMP,
    Facet,
    ItemFilter,
    SearchQuestion,
    Sort,
    Validator,
    install_schemas,
    installed_schemas,
    open_catalogue,
    print_report,
    years_between,
)
from catalogue.serving import check_address, until_input_ends
from catalogue.serving import serve as serve_application
from catalogue.settings import Settings

P = ParamSpec("P")
R = TypeVar("R")

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
    printing.say(f"Error: {error.message}\n{error.next_step}")
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
    with open_catalogue(settings) as catalogue, printing.progress("Ingesting", paths) as tick:
        for source in sources.open_paths(list(paths), settings):
            outcome = catalogue.submit_source(source, draft=draft, cohort=cohort, accept_invalid=accept_invalid)
            tick(outcome.receipt.found)
            printing.print_outcome(outcome, as_json, printing.reader_language(language))
            worst = max(worst, printing.exit_code_of(outcome, draft))
            if outcome.status is not Status.UNCHANGED:
                receipts.append(outcome.receipt)
    if not as_json and any(receipt.counts for receipt in receipts):
        printing.console().print(printing.receipt_table(IngestReceipt.total(receipts)))
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
    with printing.progress("Validating", paths) as tick:
        for source in sources.open_paths(list(paths), settings):
            report = validator.validate_source(source)
            tick(0)
            reports.append(report)
            if as_json:
                printing.print_json(report.as_dict())
            else:
                print_report(report, printing.console(), printing.reader_language(language))
    if html_file is not None:
        printing.write_html(reports, html_file, printing.reader_language(language))
    sys.exit(max((printing.exit_code(report) for report in reports), default=0))


@main.command()
@click.argument("document")
@_told
def publish(document: str) -> None:
    """Publish a draft, by the document id that ingest gave."""
    with open_catalogue() as catalogue:
        revision = catalogue.publish(document)
    printing.console().print(f"{revision.id} is published: {revision.file_name}, revision {revision.number}.")


@main.command()
@click.argument("document")
@_told
def deprecate(document: str) -> None:
    """Deprecate a published document, by its id.

    What only it stands for leaves lists and search and keeps its address. Publishing the document again takes it back.
    """
    with open_catalogue() as catalogue:
        revision = catalogue.deprecate(document)
    printing.console().print(f"{revision.id} is deprecated: {revision.file_name}, revision {revision.number}.")


@main.command("check-dcat")
@click.argument("cohort", required=False)
@_language
@_json
@_told
def check_dcat(cohort: str | None, language: str | None, as_json: bool) -> None:
    """Say what cohorts and waves lack of DCAT-AP and HealthDCAT-AP, and where to give it.

    COHORT is a URN or agency/identifier[/version]; by default all, and the catalogue itself. Exit codes: 0 nothing
    mandatory is missing, 3 something is.
    """
    with open_catalogue() as catalogue:
        found = catalogue.harvesters.completeness(catalogue.container(cohort) if cohort else None)
    for one in found:
        if as_json:
            printing.print_json(one.as_dict())
        else:
            printing.print_completeness(one, printing.console(), printing.reader_language(language))
    sys.exit(3 if any(one.mandatory for one in found) else 0)


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
        printing.print_json(printing.view_dict(view))
    else:
        printing.print_view(view)


@main.command()
@click.argument("study")
@click.option(
    "--format",
    "form",
    type=click.Choice([CODEBOOK, RECORD]),
    default=CODEBOOK,
    show_default=True,
    help="DDI-Codebook 2.5 with every variable, or a DDI-L 3.3 record of the study as a whole.",
)
@click.option("-o", "--output", type=click.File("wb", lazy=True), default="-", help="File to write; by default stdout.")
@_told
def export(study: str, form: str, output: BinaryIO) -> None:
    """Write a cohort or study as a document for other catalogues.

    STUDY is a URN or agency/identifier[/version].
    """
    with open_catalogue() as catalogue:
        for piece in catalogue.harvesters.export(catalogue.container(study).id, form):
            output.write(piece)


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
        summaries = list(printing.walk(catalogue, wanted, limit))
        if as_json:
            for summary in summaries:
                printing.print_json(printing.summary_dict(summary))
            return
        table = printing.new_table("Type", "Name", "Label", "URN")
        for summary in summaries:
            table.add_row(summary.type, summary.name or "", printing.best(summary.label), summary.urn)
    printing.console().print(table)


@main.command()
@_json
@_told
def stats(as_json: bool) -> None:
    """Count what the catalogue holds."""
    with open_catalogue() as catalogue:
        counted = catalogue.stats()
    if as_json:
        printing.print_json(
            {
                "documents": counted.documents,
                "revisions": counted.revisions,
                "drafts": counted.drafts,
                "items": dict(counted.items),
                "unassigned": dict(counted.unassigned),
            }
        )
        return
    table = printing.new_table("Item type", "Items", "Without cohort")
    for name, count in sorted(counted.items.items()):
        table.add_row(name, f"{count:,}", f"{counted.unassigned.get(name, 0):,}")
    printing.console().print(table)
    printing.console().print(f"{counted.documents} documents, {counted.revisions} revisions, {counted.drafts} drafts.")


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1), help="Web server processes.")
@_told
def serve(host: str, port: int, workers: int) -> None:
    """Serve the pages and the API, and keep search index and triple store up to date beside them."""
    check_address(host, port)
    os.environ.setdefault("CATALOGUE_BASE_URL", f"http://{host}:{port}")
    with open_catalogue() as catalogue:  # fail here, with a clear sentence, rather than in a worker
        held = sum(catalogue.stats().items.values())
    click.echo(f"The catalogue holds {held:,} items. Open http://{host}:{port}  (stop with Ctrl+C)")
    serve_application(host, port, workers)


# --- search -----------------------------------------------------------------------------------------------------------


@main.command()
@click.argument("query", nargs=-1)
@click.option("--in", "filters", multiple=True, metavar="FACET=VALUE", help="Only items with this value; repeatable.")
@click.option(
    "--sort", type=click.Choice([sort.value for sort in SORTS]), default=Sort.RELEVANCE.value, show_default=True
)
@click.option(
    "--facet",
    "facets",
    multiple=True,
    type=click.Choice([facet.value for facet in COUNTED]),
    help="Count the values of a facet.",
)
@click.option("--limit", type=click.IntRange(1, MOST_HITS), default=20, show_default=True, help="At most so many.")
@click.option("--from", "first", default="", metavar="YEAR", help="Nothing of before this year.")
@click.option("--to", "last", default="", metavar="YEAR", help="Nothing of after this year.")
@click.option("--every", is_flag=True, help="Only items with all the words, however few.")
@click.option("--no-synonyms", is_flag=True, help="Do not add the thesaurus's synonyms and translations.")
@_language
@_json
@_told
def search(
    query: tuple[str, ...],
    filters: tuple[str, ...],
    sort: str,
    facets: tuple[str, ...],
    limit: int,
    first: str,
    last: str,
    every: bool,
    no_synonyms: bool,
    language: str | None,
    as_json: bool,
) -> None:
    """Search variables, questions, concepts and studies of all cohorts, in French and English.

    QUERY is words, "a phrase", prefix*, label:word, AND, OR, NOT. What was published since the last search is indexed
    first.
    """
    question = SearchQuestion(
        text=" ".join(query),
        language=printing.reader_language(language),
        filters=_chosen(filters),
        years=years_between(first, last),
        sort=Sort(sort),
        facet_values={facet: FACET_VALUES if facet in facets else 0 for facet in COUNTED},
        expand=not no_synonyms,
        every_word=every,
        limit=limit,
    )
    with open_catalogue() as catalogue:
        with suppress(IndexBusyError):  # somebody else is bringing it up to date
            catalogue.indexer().catch_up(printing.say)
        answer = catalogue.searching.search(question)
    if as_json:
        for found in answer.items:
            printing.print_json(printing.found_dict(found))
        return
    printing.print_answer(answer)


def _chosen(filters: Iterable[str]) -> dict[Facet, tuple[str, ...]]:
    chosen: dict[Facet, tuple[str, ...]] = {}
    for one in filters:
        name, equals, value = one.partition("=")
        if name not in {*Facet} or not equals:
            raise UsageError(
                f"{one!r} names no facet.", next_step=f"Write it as FACET=VALUE; the facets are {', '.join(Facet)}."
            )
        chosen[Facet(name)] = (*chosen.get(Facet(name), ()), value)
    return chosen


@main.command()
@_told
def reindex() -> None:
    """Build the search index anew from the store, beside the old one, which answers meanwhile.

    Where it takes the place of an index that could answer, those that other versions of the program keep in the same
    folder are removed; such a version builds its own again when it is next started.
    """
    with open_catalogue() as catalogue:
        number = catalogue.indexer().rebuild(printing.say)
    printing.console().print(f"The search index holds {number:,} items.")


@main.command()
@click.option("--follow", is_flag=True, help="Keep it up to date until standard input ends.")
@_told
def index(follow: bool) -> None:
    """Bring the search index up to date with the store; "serve" runs this by itself."""
    with open_catalogue() as catalogue:
        if follow:
            catalogue.indexer().follow(until_input_ends(), progress=printing.say)
            return
        number = catalogue.indexer().catch_up(printing.say)
    printing.console().print(f"{number:,} changes were brought into the search index.")


# --- linked data ------------------------------------------------------------------------------------------------------


@main.group()
def rdf() -> None:
    """The catalogue as RDF: its triple store and its dumps."""


@rdf.command("load")
@_told
def rdf_load() -> None:
    """Bring the triple store up to date with the store."""
    with open_catalogue() as catalogue:
        number = catalogue.linked().feeder().catch_up(printing.say)
    printing.console().print(f"{number:,} graphs were written to the triple store.")


@rdf.command("follow")
@_told
def rdf_follow() -> None:
    """Keep the triple store up to date until standard input ends; "serve" runs this by itself."""
    with open_catalogue() as catalogue:
        catalogue.linked().feeder().follow(until_input_ends(), progress=printing.say)


@rdf.command("rebuild")
@_told
def rdf_rebuild() -> None:
    """Convert every document again and fill the triple store anew; the old one answers meanwhile."""
    with open_catalogue() as catalogue:
        number = catalogue.linked().feeder().rebuild(printing.say)
    printing.console().print(f"The triple store holds {number:,} graphs.")


@rdf.command("dump")
@click.option(
    "--format", "extension", type=click.Choice([form.extension for form in DUMP_FORMATS]), default="nt",
    show_default=True, help="N-Triples, N-Quads, Turtle or JSON-LD.",
)  # fmt: skip
@click.option("--cohort", help="Only the documents of a cohort (URN or agency/identifier).")
@_told
def rdf_dump(extension: str, cohort: str | None) -> None:
    """Write all triples to standard output, compressed with gzip."""
    with open_catalogue() as catalogue:
        catalogue.linked().feeder().catch_up(printing.say)
        found = catalogue.container(cohort).identification if cohort else None
        name = path_of(found.agency, found.identifier)[1:] if found else WHOLE_DUMP
        for piece in catalogue.linked().dump(name, extension).read():
            sys.stdout.buffer.write(piece)


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
            printing.say(f"DDI-L {version}: {error.message}\n{error.next_step}")
            worst = max(worst, error.exit_code)
    sys.exit(worst)


@schemas.command("list")
@_json
@_told
def schemas_list(as_json: bool) -> None:
    """Which versions are installed, and where."""
    table = printing.new_table("DDI-L", "Installed", "Folder")
    for status in installed_schemas(Settings()):
        folder = str(status.folder) if status.folder else None
        if as_json:
            state = {"version": status.version, "installed": folder is not None, "folder": folder}
            printing.print_json({**state, "problem": status.problem})
        table.add_row(status.version, "yes" if folder else "no", folder or status.problem or "")
    if not as_json:
        printing.console().print(table)


@main.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script of a shell.

    In bash: eval "$(catalogue completion bash)"
    """
    completion_class = get_completion_class(shell)
    assert completion_class is not None  # click has all three
    click.echo(completion_class(main, {}, "catalogue", "_CATALOGUE_COMPLETE").source())


if __name__ == "__main__":
    main()
