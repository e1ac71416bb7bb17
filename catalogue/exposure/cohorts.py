"""The settings file of cohorts: what harvesters ask for and DDI-Lifecycle does not carry (``CATALOGUE_COHORTS``).

TOML: ``[catalogue]`` on the whole, ``[defaults]`` for every cohort, ``[cohorts."agency/identifier"]`` for a Group or a
StudyUnit. A wave has what its own table says, else its cohort's, else the defaults. The file is read again when it has
changed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import UTC, datetime
from functools import cache, reduce
from pathlib import Path
from threading import Lock
from typing import Any, ClassVar, Final

from pydantic import TypeAdapter, ValidationError

from catalogue.errors import CatalogueError
from catalogue.model.cataloguing import CatalogueMetadata, CohortMetadata
from catalogue.model.identity import Identification
from catalogue.model.study import StudyDescription
from catalogue.rdf.authorities import AUTHORITIES, concept
from catalogue.rdf.duo import ROOT, TERMS

_TITLE: Final = {
    "fr": "Catalogue de métadonnées de cohortes de santé",
    "en": "Metadata catalogue of health cohorts",
}
_DESCRIPTION: Final = {
    "fr": "Cohortes, vagues, questionnaires, questions, variables et listes de codes, en DDI-Lifecycle.",
    "en": "Cohorts, waves, questionnaires, questions, variables and code lists, in DDI-Lifecycle.",
}


class CohortSettingsError(CatalogueError):
    """The settings file of cohorts cannot be read, or says something that it cannot mean."""

    code = "cohort-settings"
    title = "The settings of cohorts are not valid"
    exit_code = 14
    http_status = 503
    next_step = "Correct the file that CATALOGUE_COHORTS names; examples/cohorts.toml shows every key."


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortSettings:
    """The whole file."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    catalogue: CatalogueMetadata = field(default_factory=CatalogueMetadata)
    defaults: CohortMetadata = field(default_factory=CohortMetadata)
    cohorts: Mapping[str, CohortMetadata] = field(default_factory=dict)


@cache
def _reader() -> TypeAdapter[CohortSettings]:
    return TypeAdapter(CohortSettings)


def read(path: Path) -> CohortSettings:
    """The settings in a file.

    Raises:
        CohortSettingsError: the file is absent, is no TOML, has a key that does not exist, or a value or code that it
            cannot have; the message names file and key.
    """
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
        found = _reader().validate_python(written)
    except OSError as error:
        raise CohortSettingsError(f"{path.name} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CohortSettingsError(f"{path.name} is no TOML: {error}") from error
    except ValidationError as error:
        raise CohortSettingsError(f"{path.name}: {'; '.join(_faults(error))}") from error
    if unknown := [*_unknown_codes(found), *_unknown_keys(found)]:
        raise CohortSettingsError(f"{path.name}: {'; '.join(unknown)}")
    return found


def _faults(error: ValidationError) -> Iterator[str]:
    for one in error.errors(include_url=False, include_input=False):
        key = _key(one["loc"])
        yield f"{key}: {'there is no such key' if one['type'] == 'unexpected_keyword_argument' else one['msg']}"


def _key(steps: Iterable[object]) -> str:
    return ".".join(f'"{step}"' if isinstance(step, str) and not step.isidentifier() else str(step) for step in steps)


def _unknown_keys(found: CohortSettings) -> Iterator[str]:
    for key in found.cohorts:
        agency, _, identifier = key.partition("/")
        if not agency or not identifier:
            yield f'cohorts."{key}": write agency/identifier, as in the address of the cohort'


def _unknown_codes(value: object, path: tuple[object, ...] = ()) -> Iterator[str]:
    """Codes that their lists do not have."""
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from _unknown_codes(one, (*path, key))
    elif isinstance(value, tuple):
        for number, one in enumerate(value):
            yield from _unknown_codes(one, (*path, number))
    elif is_dataclass(value):
        for part in fields(value):
            held = getattr(value, part.name)
            if "authority" in part.metadata:
                yield from _unknown(part.metadata["authority"], held, (*path, part.name))
            else:
                yield from _unknown_codes(held, (*path, part.name))


def _unknown(authority: str, held: Any, path: tuple[object, ...]) -> Iterator[str]:
    for code in () if held is None else (held,) if isinstance(held, str) else held:
        if not is_code(authority, code):
            yield f"{_key(path)}: {code!r} is none of {', '.join(codes(authority))}"


def codes(authority: str) -> tuple[str, ...]:
    """The codes of a list."""
    return tuple(TERMS) if authority == "duo" else tuple(AUTHORITIES[authority].codes)


def is_code(authority: str, code: str) -> bool:
    """Whether a code is of a list, or an address that may stand in its place."""
    if authority == "duo":
        return code in TERMS or code.removeprefix(ROOT) in {one.number for one in TERMS.values()}
    try:
        concept(authority, code)
    except KeyError:
        return False
    return True


class Cohorts:
    """What the settings say of the catalogue and of each cohort; safe to share between threads."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lock = Lock()
        self._read: tuple[tuple[int, int], CohortSettings] | None = None

    def settings(self) -> CohortSettings:
        """The file as it is now; nothing said where there is none. Raises CohortSettingsError."""
        if self._path is None:
            return CohortSettings()
        with self._lock:
            stamp = _stamp(self._path)
            if self._read is None or self._read[0] != stamp:
                self._read = stamp, read(self._path)
            return self._read[1]

    def state(self) -> str:
        """What changes with the file; never fails."""
        try:
            return "-".join(map(str, _stamp(self._path))) if self._path else ""
        except CohortSettingsError:
            return "unreadable"

    def changed_at(self) -> datetime | None:
        """When the file last changed; None where there is none."""
        try:
            found = self._path.stat() if self._path else None
        except OSError:
            return None
        return datetime.fromtimestamp(max(found.st_mtime, found.st_ctime), UTC) if found else None

    def catalogue(self) -> CatalogueMetadata:
        """On the catalogue; a title and a description in any case. Raises CohortSettingsError."""
        said = self.settings().catalogue
        named = {"title": said.title or _TITLE, "description": said.description or _DESCRIPTION}
        return CatalogueMetadata(**{**{one.name: getattr(said, one.name) for one in fields(said)}, **named})

    def of(self, study: StudyDescription) -> CohortMetadata:
        """On a cohort or wave: its own table over its cohort's over the defaults. Raises CohortSettingsError."""
        found = self.settings()
        keys = (_named(study.identification), *(_named(one.identification) for one in study.cohorts))
        layers = [found.cohorts[key] for key in keys if key in found.cohorts]
        return reduce(lambda upper, lower: upper.over(lower), [*layers, found.defaults, CohortMetadata()])


def _named(identification: Identification) -> str:
    return f"{identification.agency}/{identification.identifier}"


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError as error:
        raise CohortSettingsError(f"{path.name} cannot be read: {error.strerror}.") from error
    return found.st_mtime_ns, found.st_size
