"""The direction of imports: floor 1 imports nothing of ours, floor 2 only floor 1, and so on up (CONTRIBUTING.md)."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Room -> rooms that it may import. Every module below the room counts as the room.
GROUND = {"catalogue.durable", "catalogue.errors", "catalogue.settings", "catalogue.xml", "catalogue.model"}
ALLOWED = {
    "catalogue.errors": {"catalogue.model"},
    "catalogue.durable": {"catalogue.errors"},
    "catalogue.settings": set(),
    "catalogue.model": set(),
    "catalogue.xml": {"catalogue.errors"},
    "catalogue.sources": {"catalogue.errors", "catalogue.settings"},
    "catalogue.ddi": GROUND,
    "catalogue.validation": GROUND,
    "catalogue.store": GROUND,
    "catalogue.search": GROUND,
    "catalogue.rdf": GROUND,
    "catalogue.oai": GROUND,
    "catalogue.locating": GROUND | {"catalogue.ddi", "catalogue.validation"},
    "catalogue.submission": GROUND
    | {"catalogue.ddi", "catalogue.locating", "catalogue.sources", "catalogue.store", "catalogue.validation"},
    "catalogue.views": GROUND | {"catalogue.ddi", "catalogue.store"},
    "catalogue.finding": GROUND | {"catalogue.search", "catalogue.store"},
    "catalogue.searching": GROUND | {"catalogue.finding", "catalogue.indexing", "catalogue.search", "catalogue.store"},
    "catalogue.following": GROUND | {"catalogue.store"},
    "catalogue.indexing": GROUND
    | {"catalogue.following", "catalogue.ddi", "catalogue.search", "catalogue.store", "catalogue.views"},
    "catalogue.exposure": GROUND
    | {
        "catalogue.ddi",
        "catalogue.following",
        "catalogue.indexing",
        "catalogue.oai",
        "catalogue.rdf",
        "catalogue.store",
        "catalogue.views",
    },
    "catalogue.service": GROUND
    | {
        "catalogue.exposure",
        "catalogue.oai",
        "catalogue.rdf",
        "catalogue.finding",
        "catalogue.indexing",
        "catalogue.search",
        "catalogue.ddi",
        "catalogue.store",
        "catalogue.validation",
        "catalogue.sources",
        "catalogue.searching",
        "catalogue.submission",
        "catalogue.views",
    },
    "catalogue.cli": {
        "catalogue.errors",
        "catalogue.settings",
        "catalogue.model",
        "catalogue.printing",
        "catalogue.service",
        "catalogue.serving",
        "catalogue.sources",
    },
    "catalogue.printing": {"catalogue.model", "catalogue.service", "catalogue.sources"},
    "catalogue.serving": {"catalogue.errors", "catalogue.printing"},
    "catalogue_api": {"catalogue.errors", "catalogue.settings", "catalogue.model", "catalogue.service"},
}
# What takes a tenth of a second or more to import, and few commands use.
LARGE = {"alembic", "jinja2", "langcodes", "numpy", "xmlschema"}
WEB_FRAMEWORKS = {"fastapi", "starlette", "uvicorn", "jinja2_fragments"}


def room_of(module: str) -> str | None:
    """The room a module is in, or None if it is none of ours."""
    parts = module.split(".")
    for length in (2, 1):
        if (name := ".".join(parts[:length])) in ALLOWED:
            return name
    return None


def imports(source: str, module: str) -> Iterator[str]:
    """The absolute names that a module imports."""
    package = module.split(".")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level]) if node.level else ""
            name = ".".join(part for part in (base, node.module or "") if part)
            yield name
            yield from (f"{name}.{alias.name}" for alias in node.names)


def violations(source: str, module: str) -> list[str]:
    """Imports of a module that its room may not make."""
    room = room_of(module)
    assert room is not None, f"{module} is in no room of ALLOWED: give it one"
    found = []
    for name in imports(source, module):
        target = room_of(name)
        if target and target != room and target not in ALLOWED[room]:
            found.append(f"{module} imports {name}")
    return found


def modules() -> Iterator[tuple[str, Path]]:
    """Every module of the two packages, by its installed name."""
    for folder, package in ((ROOT / "catalogue", "catalogue"), (ROOT / "api", "catalogue_api")):
        for path in sorted(folder.rglob("*.py")):
            parts = path.relative_to(folder).with_suffix("").parts
            dotted = ".".join((package, *parts))
            yield dotted.removesuffix(".__init__"), path


@pytest.mark.parametrize(("module", "path"), [m for m in modules() if m[0] not in ("catalogue",)])
def test_imports_go_downwards_only(module: str, path: Path) -> None:
    name = module if path.name != "__init__.py" else f"{module}.__init__"
    assert violations(path.read_text(encoding="utf-8"), name) == []


def test_the_library_imports_no_web_framework() -> None:
    allowed_in_serve = {"catalogue.serving"}
    for module, path in modules():
        if module.startswith("catalogue_api") or module in allowed_in_serve:
            continue
        roots = {name.split(".")[0] for name in imports(path.read_text(encoding="utf-8"), module)}
        assert not roots & WEB_FRAMEWORKS, module


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("catalogue.model.items", "from catalogue.ddi import reader"),
        ("catalogue.store.tables", "import catalogue.validation.rules"),
        ("catalogue.ddi.reader", "from ..store import records"),
        ("catalogue_api.app", "from catalogue.store import Repository"),
        ("catalogue.cli", "from catalogue.ddi.reader import read_items"),
    ],
)
def test_a_wrong_import_is_found(module: str, source: str) -> None:
    assert violations(source, module)


@pytest.mark.parametrize(
    ("module", "imported"),
    [
        ("catalogue.cli", set()),
        ("catalogue.validation.explain", {"xmlschema"}),
        ("catalogue.search.spelling", {"numpy"}),
    ],
)
def test_what_is_large_is_imported_where_it_is_used(module: str, imported: set[str]) -> None:
    script = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert LARGE.intersection(done.stdout.split()) == imported
