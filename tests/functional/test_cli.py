"""The command line as a person or a script uses it: output, exit codes, sentences; never a traceback."""

from __future__ import annotations

import io
import json
import os
import re
import socket
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from lxml import etree

from catalogue.cli import main
from catalogue.errors import CatalogueError
from catalogue.settings import Settings
from tests.conftest import ROOT

IDENTITY = "<r:Agency>a.b</r:Agency><r:ID>{}</r:ID><r:Version>1</r:Version>"
LABEL = '<r:Label><r:Content xml:lang="fr">{}</r:Content></r:Label>'


def scheme(label: str = "Oui", extra: str = "") -> bytes:
    category = f"<l:Category>{IDENTITY.format('C')}{extra}{LABEL.format(label)}</l:Category>"
    namespaces = 'xmlns:l="ddi:logicalproduct:3_3" xmlns:r="ddi:reusable:3_3"'
    return f"<l:CategoryScheme {namespaces}>{IDENTITY.format('S')}{category}</l:CategoryScheme>".encode()


class Shell:
    """The command in one catalogue."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in [name for name in os.environ if name.startswith("CATALOGUE_")]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("CATALOGUE_DATA", str(folder / "data"))
        monkeypatch.setenv("LANG", "C")
        self.folder = folder

    def file(self, data: bytes, name: str = "document.xml") -> str:
        path = self.folder / name
        path.write_bytes(data)
        return str(path)

    def run(self, *arguments: str, stdin: bytes | None = None) -> Result:
        result = CliRunner().invoke(main, list(arguments), input=stdin)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    def lines(self, *arguments: str, stdin: bytes | None = None) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.run(*arguments, "--json", stdin=stdin).stdout.splitlines()]


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    return Shell(tmp_path, monkeypatch)


# --- ingest and validate ----------------------------------------------------------------------------------------------


def test_ingest_prints_one_object_per_line(shell: Shell) -> None:
    good, bad = shell.file(scheme(), "a.xml"), shell.file(b"<a", "b.xml")
    first, second = shell.lines("ingest", good, bad)
    assert {"file", "status", "document", "receipt", "violations"} <= first.keys()
    assert (first["file"], first["status"]) == (good, "published")
    assert first["receipt"]["Category"] == {"found": 1, "stored": 1, "merged": 0, "refused": 0}
    assert (second["status"], second["document"], second["receipt"]) == ("refused", None, {})


def test_validate_prints_one_object_per_line_and_stores_nothing(shell: Shell) -> None:
    (report,) = shell.lines("validate", shell.file(scheme(extra="<r:Etikett/>")))
    assert {"file", "ddi_version", "root", "xsd_valid", "violations"} <= report.keys()
    assert (report["ddi_version"], report["root"], report["xsd_valid"]) == ("3.3", "CategoryScheme", False)
    assert report["violations"][0]["code"].startswith("xsd.un")
    assert not (shell.folder / "data").exists()


EXITS = [
    (scheme(), 0, 0),
    (scheme(extra="<r:Etikett/>"), 3, 3),
    (b"<a", 4, 4),
    (b'<codeBook xmlns="ddi:codebook:2_5"/>', 5, 5),
    (b'<StudyUnit xmlns="ddi:studyunit:3_1" id="S" agency="a.b"/>', 8, 8),
]


@pytest.mark.parametrize(("data", "validate_code", "ingest_code"), EXITS)
def test_exit_codes_are_distinct(shell: Shell, data: bytes, validate_code: int, ingest_code: int) -> None:
    shell.run("schemas", "install", "3.3")
    os.environ["CATALOGUE_SCHEMAS_CACHE"] = str(shell.folder / "cache")  # where 3.1 is not
    try:
        assert shell.run("validate", shell.file(data)).exit_code == validate_code
        assert shell.run("ingest", shell.file(data)).exit_code == ingest_code
    finally:
        del os.environ["CATALOGUE_SCHEMAS_CACHE"]


def test_a_conflict_has_its_own_exit_code_and_shows_both(shell: Shell) -> None:
    shell.run("ingest", shell.file(scheme("Oui")))
    result = shell.run("ingest", "--language", "fr", shell.file(scheme("Non")))
    assert result.exit_code == 6
    assert "en conflit" in result.stdout
    assert "Oui" in result.stdout
    assert "Non" in result.stdout


def test_the_worst_exit_code_of_several_counts(shell: Shell) -> None:
    result = shell.run("ingest", shell.file(scheme(), "a.xml"), shell.file(b"<a", "b.xml"))
    assert result.exit_code == 4


def test_standard_input_folders_and_archives_are_documents(shell: Shell) -> None:
    (piped,) = shell.lines("ingest", "-", stdin=scheme())
    assert (piped["file"], piped["status"]) == ("stdin", "published")
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("in/side.xml", scheme())
    (zipped,) = shell.lines("ingest", shell.file(stream.getvalue(), "up.zip"))
    assert zipped["status"] == "unchanged"
    assert zipped["file"].endswith("up.zip!in/side.xml")
    folder = shell.folder / "folder"
    folder.mkdir()
    (folder / "a.xml").write_bytes(scheme())
    assert [line["status"] for line in shell.lines("ingest", str(folder))] == ["unchanged"]


def test_a_draft_can_be_published_later(shell: Shell) -> None:
    (outcome,) = shell.lines("ingest", "--draft", shell.file(scheme()))
    assert outcome["status"] == "draft"
    assert shell.lines("list") == []
    assert "published" in shell.run("publish", outcome["document"]).stdout
    assert len(shell.lines("list")) == 2


def test_the_report_is_a_page_too(shell: Shell) -> None:
    page = shell.folder / "report.html"
    shell.run("validate", "--html", str(page), "--language", "fr", shell.file(scheme(extra="<r:Etikett/>")))
    text = page.read_text(encoding="utf-8")
    tree = etree.fromstring(text, etree.HTMLParser())
    assert tree.get("lang") == "fr"
    assert "Etikett" in text
    assert not tree.xpath("//script[@src] | //link[@rel='stylesheet'][@href]")


# --- reading ----------------------------------------------------------------------------------------------------------


def test_show_list_and_stats_say_what_is_there(shell: Shell) -> None:
    shell.run("ingest", shell.file(scheme("Oui")))
    assert "Oui" in shell.run("show", "urn:ddi:a.b:C:1").stdout
    (shown,) = shell.lines("show", "a.b/C")
    assert shown["label"] == [{"language": "fr", "text": "Oui"}]
    assert {entry["type"] for entry in shell.lines("list")} == {"Category", "CategoryScheme"}
    assert [entry["urn"] for entry in shell.lines("list", "--type", "Category")] == ["urn:ddi:a.b:C:1"]
    (counted,) = shell.lines("stats")
    assert counted["items"] == {"Category": 1, "CategoryScheme": 1}
    assert "Category" in shell.run("stats").stdout


def test_a_shown_fragment_is_valid(shell: Shell, xml_schemas: dict[str, etree.XMLSchema]) -> None:
    shell.run("ingest", shell.file(scheme("Oui")))
    fragment = etree.fromstring(shell.run("show", "--xml", "a.b/C/1").stdout_bytes)
    assert xml_schemas["3.3"].validate(fragment)


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["show", "urn:ddi:a.b:NONE:1"], 7, "published"),
        (["show", "nonsense"], 2, "names no"),
        (["ingest", "absent.xml"], 2, "absent.xml"),
        (["list", "--cohort", "a.b/NONE"], 7, "published"),
        (["publish", "nothing"], 7, "nothing"),
        (["schemas", "install", "9.9"], 2, "9.9"),
    ],
)
def test_errors_are_sentences_with_a_next_step(shell: Shell, arguments: list[str], code: int, word: str) -> None:
    result = shell.run(*arguments)
    assert result.exit_code == code
    assert word in result.stderr
    assert "Traceback" not in result.output
    assert len(result.stderr.strip().splitlines()) >= 2


def test_a_store_out_of_reach_is_a_sentence(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATALOGUE_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    result = shell.run("stats")
    assert result.exit_code == 9
    assert "CATALOGUE_DATABASE_URL" in result.stderr


def test_a_wrong_setting_is_a_sentence(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATALOGUE_MAX_DEPTH", "deep")
    result = shell.run("stats")
    assert result.exit_code == 2
    assert "CATALOGUE_MAX_DEPTH" in result.stderr


def test_a_place_that_cannot_be_written_is_a_sentence(shell: Shell) -> None:
    result = shell.run("validate", "--html", "/nonexistent/a.html", shell.file(scheme()))
    assert result.exit_code == 9
    assert "/nonexistent/a.html" in result.stderr


def test_a_full_disk_behind_standard_output_is_a_sentence(shell: Shell) -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "catalogue.cli", "stats"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, env=dict(os.environ))
    assert done.returncode != 0
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["list >&-", "show a.b/C >&-", "stats >&- 2>&-", "validate - <&-"])
def test_a_closed_stream_is_no_fault(shell: Shell, command: str) -> None:
    shell.run("ingest", shell.file(scheme()))
    line = f"'{sys.executable}' -m catalogue.cli {command}"
    done = subprocess.run(line, shell=True, capture_output=True, text=True, env=dict(os.environ))
    assert "Traceback" not in done.stderr
    assert done.returncode == (4 if command.startswith("validate") else 0)


def test_a_name_that_is_no_unicode_is_told_all_the_same(shell: Shell) -> None:
    path = os.fsencode(shell.folder) + b"/b\xe9.xml"
    Path(os.fsdecode(path)).write_bytes(scheme())
    (outcome,) = shell.lines("ingest", os.fsdecode(path))
    assert outcome["status"] == "published"
    assert "xml" in outcome["file"]


def test_a_taken_port_is_a_sentence(shell: Shell) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = shell.run("serve", "--port", str(taken.getsockname()[1]))
    assert result.exit_code == 2
    assert "--port" in result.stderr


def test_schemas_are_listed(shell: Shell) -> None:
    assert {line["version"] for line in shell.lines("schemas", "list")} == {"3.1", "3.2", "3.3"}


@pytest.mark.parametrize("shell_name", ["bash", "zsh", "fish"])
def test_every_shell_has_its_completion(shell: Shell, shell_name: str) -> None:
    assert "_CATALOGUE_COMPLETE" in shell.run("completion", shell_name).stdout


def test_a_reader_that_leaves_a_pipe_is_no_error(shell: Shell) -> None:
    shell.run("ingest", str(ROOT / "examples" / "common.xml"))
    command = f"'{sys.executable}' -m catalogue.cli list --limit 500 --json | head -n 1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, env=dict(os.environ))
    assert json.loads(done.stdout)
    assert "Traceback" not in done.stderr


# --- what is documented -----------------------------------------------------------------------------------------------


def test_every_command_setting_and_exit_code_is_documented() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in main.commands:
        assert f"catalogue {name}" in readme, name
    for setting in Settings.model_fields:
        assert f"`CATALOGUE_{setting.upper()}`" in readme, setting
    codes = {cls.exit_code for cls in every_subclass(CatalogueError)} - {1}
    paragraph = readme[readme.index("Exit codes:") :].split("\n\n")[0]
    assert codes | {0} == {int(number) for number in re.findall(r"\b\d+\b", paragraph)}


def every_subclass(cls: type[CatalogueError]) -> set[type[CatalogueError]]:
    return {cls}.union(*(every_subclass(below) for below in cls.__subclasses__()))
