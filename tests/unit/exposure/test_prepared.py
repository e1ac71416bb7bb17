"""Records of studies that were written beforehand are those that would be written now, or are not given."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from catalogue.exposure.prepared import PREPARED
from catalogue.exposure.studies import StudyBuilder
from catalogue.model.study import StudyDescription
from catalogue.service import Catalogue, open_catalogue
from catalogue.settings import Settings
from tests.benchmarks.studies import documents
from tests.conftest import ROOT

FIRST, SECOND = documents(2)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalogue that RDF has followed, with settings of its cohorts."""
    folder = tmp_path_factory.mktemp("prepared")
    shutil.copy(ROOT / "examples" / "cohorts.toml", folder)
    with opened(folder) as catalogue:
        publish(catalogue, FIRST)
        catalogue.linked().feeder().catch_up()
    return folder


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "data"))


@pytest.fixture
def catalogue(folder: Path) -> Iterator[Catalogue]:
    with opened(folder) as catalogue:
        yield catalogue


def opened(folder: Path) -> Catalogue:
    return open_catalogue(Settings(data=folder, cohorts=folder / "cohorts.toml"))


def publish(catalogue: Catalogue, document: bytes) -> None:
    catalogue.submit(document, "cohort.xml", accept_invalid=True)


def harvest(catalogue: Catalogue, prefix: str = "oai_dc") -> list[bytes]:
    """The records of a list."""
    body = catalogue.harvesters.harvest([("verb", "ListRecords"), ("metadataPrefix", prefix)], "Cohorts")
    return body.split(b"<record>")[1:]


def anew(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch, prefix: str = "oai_dc") -> list[bytes]:
    """The same without anything that was written beforehand."""
    with monkeypatch.context() as patch:
        patch.setattr(catalogue.harvesters.prepared, "read", lambda prefix, item_ids: {})
        return harvest(catalogue, prefix)


def describes(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether any study has to be described for a harvest."""
    asked: list[int] = []
    real = StudyBuilder.describe_many

    def noting(builder: StudyBuilder, item_ids: Sequence[int]) -> Mapping[int, StudyDescription]:
        asked.extend(item_ids)
        return real(builder, item_ids)

    with monkeypatch.context() as patch:
        patch.setattr(StudyBuilder, "describe_many", noting)
        harvest(catalogue)
    return bool(asked)


@pytest.mark.parametrize("prefix", PREPARED)
def test_a_prepared_record_is_the_same_as_one_made_anew(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch, prefix: str
) -> None:
    assert len(harvest(catalogue, prefix)) > 1
    assert harvest(catalogue, prefix) == anew(catalogue, monkeypatch, prefix)
    assert not describes(catalogue, monkeypatch)


def test_nothing_is_given_of_another_state(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(catalogue, SECOND)
    assert describes(catalogue, monkeypatch)
    assert harvest(catalogue) == anew(catalogue, monkeypatch)
    catalogue.linked().feeder().catch_up()
    assert not describes(catalogue, monkeypatch)
    assert harvest(catalogue) == anew(catalogue, monkeypatch)


def test_nothing_is_given_under_other_settings(
    catalogue: Catalogue, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = folder / "cohorts.toml"
    before = harvest(catalogue, "oai_dcat")
    settings.write_text(settings.read_text().replace("@", "@other."))
    assert describes(catalogue, monkeypatch)
    assert harvest(catalogue, "oai_dcat") == anew(catalogue, monkeypatch, "oai_dcat") != before


@pytest.mark.parametrize("damage", ["lost", "cut", "empty", "garbled"])
def test_what_is_lost_or_damaged_is_made_anew(
    catalogue: Catalogue, folder: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    expected = anew(catalogue, monkeypatch)
    (path,) = folder.rglob("*.records.gz")
    whole = path.read_bytes()
    if damage == "lost":
        path.unlink()
    else:
        path.write_bytes({"cut": whole[:-20], "empty": b"", "garbled": whole[:40] + bytes(40) + whole[80:]}[damage])
    assert describes(catalogue, monkeypatch)
    assert harvest(catalogue) == expected


def test_records_go_with_their_document(catalogue: Catalogue, folder: Path) -> None:
    (document,) = catalogue.documents().items
    catalogue.deprecate(document.id)
    catalogue.linked().feeder().catch_up()
    assert not list(folder.rglob("*.records.gz"))


def test_the_catalogue_is_as_new_as_its_settings(catalogue: Catalogue, folder: Path) -> None:
    portals, settings = catalogue.harvesters.portals, folder / "cohorts.toml"
    for seconds in (-3600, 3600):
        published = catalogue.documents().items[0].published_at
        assert published is not None
        changed = published + timedelta(seconds=seconds)
        os.utime(settings, (changed.timestamp(), changed.timestamp()))
        told = portals.whole().changed
        assert told is not None
        assert (told >= changed) is True
        assert (told > published + timedelta(minutes=50)) is (seconds > 0)
