"""The XML schemas of DDI-Lifecycle: where each set comes from, and that it is the genuine one.

``registry.json`` of the package ``catalogue_schemas`` lists per DDI version every file with its SHA-256 and the SHA-256
of its canonical form, so that another line ending or indentation does not matter and anything else does. No file is
used before it was compared.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import metadata, resources
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from lxml import etree

from catalogue.errors import SchemaNotInstalledError, UsageError
from catalogue.settings import Settings

XS = "http://www.w3.org/2001/XMLSchema"
_PROSE = frozenset({f"{{{XS}}}documentation", f"{{{XS}}}appinfo"})
_TIMEOUT_SECONDS = 10
_MOST_ARCHIVE_BYTES = 64 * 1024 * 1024
_MOST_FILE_BYTES = 4 * 1024 * 1024
_MOST_FOLDERS = 2_000

Origin = Literal["setting", "cache"]
Reader = Callable[[str], bytes | None]
"""Gives the bytes of a registered file by its name, or None if the source lacks it."""


@dataclass(frozen=True, slots=True)
class Sums:
    """SHA-256 of a schema file and of its canonical form."""

    sha256: str
    canonical: str


@dataclass(frozen=True, slots=True)
class Package:
    """A distribution that carries the set as data files, with the places where it differs from the published one."""

    distribution: str
    folder: str
    renamed: dict[str, str]
    loosened: tuple[tuple[str, bytes, bytes], ...]


@dataclass(frozen=True, slots=True)
class SchemaSet:
    """The registered XSD files of one DDI version."""

    version: str
    released: str
    licence: str
    page: str
    archive: str
    main: str
    files: dict[str, Sums]
    package: Package | None


@dataclass(frozen=True, slots=True)
class SchemaStatus:
    """Whether a version can be validated against, and if not why."""

    version: str
    folder: Path | None
    origin: Origin | None
    problem: str | None
    licence: str
    page: str


@cache
def registered() -> dict[str, SchemaSet]:
    """The schema sets that the catalogue knows, by DDI version."""
    raw = json.loads((resources.files("catalogue_schemas") / "registry.json").read_text(encoding="utf-8"))
    return {version: _schema_set(version, entry) for version, entry in raw.items()}


def _schema_set(version: str, entry: dict[str, Any]) -> SchemaSet:
    files = {name: Sums(**sums) for name, sums in entry["files"].items()}
    plain = {key: entry[key] for key in ("released", "licence", "page", "archive", "main")}
    return SchemaSet(version, files=files, package=_package(entry.get("package")), **plain)


def _package(entry: dict[str, Any] | None) -> Package | None:
    if entry is None:
        return None
    loosened = tuple((row["file"], row["found"].encode(), row["official"].encode()) for row in entry["loosened"])
    return Package(entry["distribution"], entry["folder"], entry["renamed"], loosened)


# --- finding -------------------------------------------------------------------------------------------------------


def locate(version: str, settings: Settings) -> Path | None:
    """The folder with the verified XSD files of a DDI version, or None if it is not installed.

    Raises:
        SchemaNotInstalledError: the files are there but one of them is not the registered one; the message names it.
    """
    found = _locate(version, settings)
    return found[0] if found else None


def provide(version: str, settings: Settings) -> Path | None:
    """As ``locate``, but installs from a package on this machine where the version is absent; no network is used.

    Raises:
        SchemaNotInstalledError: a file is not the registered one.
    """
    folder = locate(version, settings)
    if folder is not None or version not in registered():
        return folder
    try:
        return _store(version, _genuine(registered()[version], _from_package(registered()[version])), settings)
    except (SchemaNotInstalledError, OSError):
        return None


def installed(settings: Settings) -> tuple[SchemaStatus, ...]:
    """The state of every registered version."""
    return tuple(_status(schema_set, settings) for schema_set in registered().values())


def _status(schema_set: SchemaSet, settings: Settings) -> SchemaStatus:
    folder, origin, problem = None, None, None
    try:
        if found := _locate(schema_set.version, settings):
            folder, origin = found
    except SchemaNotInstalledError as error:
        problem = error.message
    return SchemaStatus(schema_set.version, folder, origin, problem, schema_set.licence, schema_set.page)


def _locate(version: str, settings: Settings) -> tuple[Path, Origin] | None:
    schema_set = registered().get(version)
    if schema_set is None:
        return None
    places: tuple[tuple[Path | None, Origin], ...] = (
        (settings.schemas, "setting"),
        (cache_folder(settings), "cache"),
    )
    for base, origin in places:
        if base and (base / version / schema_set.main).is_file():
            _check_folder(base / version, version, _fingerprint(base / version, schema_set))
            return base / version, origin
    return None


def cache_folder(settings: Settings) -> Path:
    """Where installed files are kept: the setting, else ``schemas/cache`` of a checkout, else ``data/schemas``."""
    if settings.schemas_cache:
        return settings.schemas_cache
    checkout = Path(__file__).resolve().parents[2]
    ours = (checkout / "pyproject.toml").is_file() and (checkout / "schemas" / "registry.json").is_file()
    if ours and os.access(checkout / "schemas", os.W_OK):
        return checkout / "schemas" / "cache"
    return settings.data / "schemas"


def _fingerprint(folder: Path, schema_set: SchemaSet) -> tuple[tuple[int, int, int], ...]:
    """Changes when a file of the set does; a missing file counts as zeros."""

    def stat(name: str) -> tuple[int, int, int]:
        try:
            found = (folder / name).stat()
        except OSError:
            return (0, 0, 0)
        return (found.st_ino, found.st_size, found.st_mtime_ns)

    return tuple(stat(name) for name in schema_set.files)


@lru_cache(maxsize=32)
def _check_folder(folder: Path, version: str, _state: tuple[tuple[int, int, int], ...]) -> None:
    """Compare every file with the registry; the fact is remembered until a file changes."""
    _verified(registered()[version], _folder_reader(folder), str(folder))


# --- installing ----------------------------------------------------------------------------------------------------


def install(versions: Iterable[str], source: Path | None, settings: Settings) -> dict[str, Path]:
    """Install the XSD sets of these versions; what is there and genuine stays as it is.

    Args:
        versions: ``3.1``, ``3.2``, ``3.3``; none means all.
        source: a folder or zip archive to take them from; None means the DDI Alliance's archive, then a
            package, then the DDI Alliance's single files.

    Raises:
        UsageError: a version that is not registered, or a source that does not exist.
        SchemaNotInstalledError: no source has a complete and genuine set; the message says what was tried.
    """
    wanted = list(versions) or list(registered())
    if unknown := [version for version in wanted if version not in registered()]:
        raise UsageError(f"There is no DDI-Lifecycle {unknown[0]} here; {', '.join(registered())} can be installed.")
    if source is not None and not source.exists():
        raise UsageError(f"{source} does not exist.", next_step="Give a folder or a zip archive of XSD files.")
    return {version: _install(version, source, settings) for version in wanted}


def _install(version: str, source: Path | None, settings: Settings) -> Path:
    schema_set = registered()[version]
    if source is not None:
        return _store(version, _genuine(schema_set, _from_path(source)), settings)
    present = _present(version, settings)
    if present is not None:
        return present
    problems = []
    for origin in (_from_network, _from_package, _from_site):
        try:
            return _store(version, _genuine(schema_set, origin(schema_set)), settings)
        except SchemaNotInstalledError as error:
            problems.append(error.message)
    raise SchemaNotInstalledError(
        f"DDI-Lifecycle {version} could not be installed. {' '.join(problems)}",
        next_step=f"Fetch {schema_set.archive} on a machine with network access, then run: "
        f"catalogue schemas install {version} --from FILE.zip",
    )


def _present(version: str, settings: Settings) -> Path | None:
    """The installed folder; a tampered copy in the cache counts as absent, one under the setting is the person's."""
    try:
        return locate(version, settings)
    except SchemaNotInstalledError:
        if settings.schemas and (settings.schemas / version).is_dir():
            raise
        return None


def _genuine(schema_set: SchemaSet, readers: Iterable[Reader]) -> dict[str, bytes]:
    """The files of the first reader whose set is complete and genuine, else the first reader's fault."""
    fault: SchemaNotInstalledError | None = None
    for reader in readers:
        try:
            return _verified(schema_set, reader, "the source")
        except SchemaNotInstalledError as error:
            fault = fault or error
    raise fault or SchemaNotInstalledError(
        f"The source has no {schema_set.main} of DDI-Lifecycle {schema_set.version}."
    )


def _verified(schema_set: SchemaSet, reader: Reader, where: str) -> dict[str, bytes]:
    found = {}
    for name, sums in schema_set.files.items():
        data = reader(name)
        if data is None:
            raise SchemaNotInstalledError(f"{name} of DDI-Lifecycle {schema_set.version} is missing in {where}.")
        if not _is_genuine(data, sums):
            raise SchemaNotInstalledError(
                f"{name} in {where} is not the published file of DDI-Lifecycle {schema_set.version}; it is not used.",
                next_step=f"Remove it, then run: catalogue schemas install {schema_set.version}",
            )
        found[name] = data
    return found


def _is_genuine(data: bytes, sums: Sums) -> bool:
    return hashlib.sha256(data).hexdigest() == sums.sha256 or canonical_digest(data) == sums.canonical


def canonical_digest(data: bytes) -> str | None:
    """SHA-256 of the canonical XML of a schema file, without comments and without white space between declarations.

    None if it is not XML or has entities.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = etree.fromstring(data, parser)
        _drop_indentation(root)
        return hashlib.sha256(etree.tostring(root, method="c14n", with_comments=False)).hexdigest()
    except (etree.LxmlError, ValueError):
        return None


def _drop_indentation(root: etree._Element) -> None:
    for element in root.iter(f"{{{XS}}}*"):
        if element.tag in _PROSE:
            continue
        if not (element.text or "").strip():
            element.text = None
        for child in element:
            if not (child.tail or "").strip():
                child.tail = None


def _store(version: str, files: dict[str, bytes], settings: Settings) -> Path:
    """Write the set beside its place, then rename: the folder is whole or absent."""
    base = cache_folder(settings)
    base.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{version}-", dir=base))
    try:
        for name, data in files.items():
            _write(fresh / name, data)
        fresh.chmod(0o755)
        _replace(fresh, base / version)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    _check_folder(base / version, version, _fingerprint(base / version, registered()[version]))
    return base / version


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _replace(fresh: Path, target: Path) -> None:
    """Put ``fresh`` in the place of ``target``; what another process put there meanwhile is checked by the caller."""
    if target.exists():
        aside = Path(tempfile.mkdtemp(prefix=f".{target.name}-old-", dir=target.parent))
        target.rename(aside / target.name)
        shutil.rmtree(aside, ignore_errors=True)
    try:
        fresh.rename(target)
    except OSError:
        if not target.is_dir():
            raise
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# --- sources -------------------------------------------------------------------------------------------------------


def _from_path(source: Path) -> Iterator[Reader]:
    if source.is_dir():
        yield from _from_folder(source)
        return
    if source.stat().st_size > _MOST_ARCHIVE_BYTES:
        raise SchemaNotInstalledError(
            f"{source} is larger than {_MOST_ARCHIVE_BYTES:,} bytes; that is no schema archive."
        )
    yield from _from_zip(source.read_bytes(), str(source))


def _from_folder(source: Path) -> Iterator[Reader]:
    """Every folder at or below ``source`` that has a main schema."""
    for number, (folder, names, files) in enumerate(os.walk(source)):
        names.sort()
        if number > _MOST_FOLDERS:
            return
        if "instance.xsd" in files:
            yield _folder_reader(Path(folder))


def _folder_reader(folder: Path) -> Reader:
    def read(name: str) -> bytes | None:
        try:
            with (folder / name).open("rb") as file:
                return file.read(_MOST_FILE_BYTES)
        except OSError:
            return None

    return read


def _from_zip(data: bytes, where: str) -> Iterator[Reader]:
    """Every folder inside a zip archive that has a main schema; nothing is written by the names of the archive."""
    try:
        archive = zipfile.ZipFile(BytesIO(data))
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise SchemaNotInstalledError(f"{where} is not a zip archive ({error}).") from error
    with archive:
        names = archive.namelist()
        if bad := next((name for name in names if _leaves_folder(name)), None):
            raise SchemaNotInstalledError(f"{where} has an entry that leaves its folder ({bad!r}); it is not used.")
        for name in names:
            if PurePosixPath(name).name == "instance.xsd":
                yield _zip_reader(archive, name.removesuffix("instance.xsd"), frozenset(names))


def _leaves_folder(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or ":" in name


def _zip_reader(archive: zipfile.ZipFile, prefix: str, names: frozenset[str]) -> Reader:
    def read(name: str) -> bytes | None:
        if prefix + name not in names:
            return None
        try:
            with archive.open(prefix + name) as file:
                return file.read(_MOST_FILE_BYTES)
        except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, ValueError):
            return None

    return read


def _from_network(schema_set: SchemaSet) -> Iterator[Reader]:
    yield from _from_zip(_download(schema_set.archive), schema_set.archive)


def _from_site(schema_set: SchemaSet) -> Iterator[Reader]:
    """The same files one by one, from the addresses that the specification's pages give as entry points."""
    base = f"{schema_set.page}XMLSchema/"
    _download(base + schema_set.main)  # fail here, with the reason, rather than at every file

    def read(name: str) -> bytes | None:
        try:
            return _download(base + name)
        except SchemaNotInstalledError:
            return None

    yield read


class _HttpsOnly(urllib.request.HTTPRedirectHandler):
    """Follows a redirect only to another https address."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        if not newurl.startswith("https://"):
            raise urllib.error.URLError(f"it redirects to {newurl}, which is not https")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _download(address: str) -> bytes:
    if not address.startswith("https://"):
        raise SchemaNotInstalledError(f"{address} is not an https address.")
    try:
        with urllib.request.build_opener(_HttpsOnly).open(address, timeout=_TIMEOUT_SECONDS) as answer:
            data: bytes = answer.read(_MOST_ARCHIVE_BYTES + 1)
    except (OSError, ValueError) as error:
        raise SchemaNotInstalledError(f"{address} could not be fetched ({error}).") from error
    if len(data) > _MOST_ARCHIVE_BYTES:
        raise SchemaNotInstalledError(f"{address} is larger than {_MOST_ARCHIVE_BYTES:,} bytes; it is not used.")
    return data


def _from_package(schema_set: SchemaSet) -> Iterator[Reader]:
    """The data files of an installed distribution, found without importing its code."""
    package = schema_set.package
    if package is None:
        return
    try:
        distribution = metadata.distribution(package.distribution)
    except metadata.PackageNotFoundError as error:
        raise SchemaNotInstalledError(f"The package {package.distribution} is not installed.") from error
    yield _package_reader(package, Path(str(distribution.locate_file(package.folder))))


def _package_reader(package: Package, folder: Path) -> Reader:
    raw = _folder_reader(folder)

    def read(name: str) -> bytes | None:
        data = raw(package.renamed.get(name, name))
        for file, found, official in package.loosened:
            if data is not None and file == name:
                data = data.replace(found, official, 1)
        return data

    return read
