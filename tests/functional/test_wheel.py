"""The built distribution in an empty virtual environment: everything that the program needs is in it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import venv
import zipfile
from pathlib import Path
from socket import socket

import httpx
import pytest

from tests.conftest import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, source = tmp_path_factory.mktemp("wheel"), tmp_path_factory.mktemp("source")
    for name in files():  # of a copy: a build leaves its own folders beside the source
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, source / name)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(source)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"the build backend cannot be fetched: {done.stderr.strip().splitlines()[-1:]}")
    (built,) = folder.glob("*.whl")
    return built


def files(folder: str = ".") -> list[str]:
    """The files of the project, tracked or not yet, without what is ignored."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", folder]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    return [name for name in listed if (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter that sees the wheel and its dependencies, and nothing of the checkout."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder)
    interpreter = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(interpreter)]  # of its own it would cost seconds to install
    subprocess.run([*pip, "install", "--quiet", "--no-deps", str(wheel)], check=True)
    (site,) = (folder / "lib").glob("python*/site-packages")
    own = next(path for path in sys.path if path.endswith("site-packages"))
    # A folder named in a .pth file is searched, its own .pth files (of the checkout) are not.
    (site / "dependencies.pth").write_text(f"{own}\n", encoding="utf-8")
    return interpreter


def run(python: Path, folder: Path, *arguments: str) -> str:
    environment = {"PATH": os.environ["PATH"], "CATALOGUE_DATA": str(folder / "data")}
    done = subprocess.run(
        [python, "-m", "catalogue.cli", *arguments], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_no_package_has_a_name_that_others_may_use(wheel: Path) -> None:
    names = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {name for name in names if not name.endswith(".dist-info")} == {
        "catalogue",
        "catalogue_api",
        "catalogue_schemas",
    }


def test_every_file_that_is_no_code_is_in_the_wheel(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    installed = {"catalogue": "catalogue", "api": "catalogue_api", "schemas": "catalogue_schemas"}
    for folder, package in installed.items():
        wanted = {f"{package}/{name.partition('/')[2]}" for name in files(folder) if not name.endswith(".gitignore")}
        assert wanted - held == set()


def test_the_wheel_validates_ingests_and_serves(python: Path, tmp_path: Path) -> None:
    example = str(ROOT / "examples" / "common.xml")
    report = json.loads(run(python, tmp_path, "validate", "--json", example))
    assert report["xsd_valid"] is True
    outcome = json.loads(run(python, tmp_path, "ingest", "--json", example))
    assert outcome["status"] == "published"
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {"PATH": os.environ["PATH"], "CATALOGUE_DATA": str(tmp_path / "data")}
    command = [str(python), "-m", "catalogue.cli", "serve", "--port", str(port)]
    server = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL)
    try:
        home = wait_for(f"http://127.0.0.1:{port}/")
        assert home.status_code == 200
        for address in ("/static/site.css", "/help", "/api/v1/concepts", "/api/v1/openapi.json"):
            assert httpx.get(f"http://127.0.0.1:{port}{address}", follow_redirects=True).status_code == 200, address
    finally:
        server.terminate()
        server.wait()


def wait_for(address: str) -> httpx.Response:
    for _ in range(150):
        try:
            return httpx.get(address)
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"{address} did not answer")
