"""Codebooks and records of every study of the corpus are valid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from lxml import etree

from catalogue.errors import NotFoundError
from catalogue.exposure.codebooks import CODEBOOK, RECORD, Codebooks
from tests.conftest import CorpusFile
from tests.unit.rdf.documents import BASE, Stored, lifecycle


@dataclass(frozen=True)
class Written:
    """A study of the corpus in both forms; no record where there can be none."""

    file: str
    ddi_version: str
    codebook: bytes
    record: bytes | None


@pytest.fixture(scope="module")
def of_the_corpus(lifecycle_corpus: tuple[CorpusFile, ...]) -> list[Written]:
    """Every cohort and study of valid documents."""
    valid = {file.name for file in lifecycle_corpus if file.xsd_valid}
    return [written for stored in lifecycle() if stored.name in valid for written in _written(stored)]


def _written(stored: Stored) -> Iterator[Written]:
    codebooks = Codebooks(stored.repository, BASE)
    for urn in sorted(urn for type_, urn, _ in stored.contents if type_ in ("Group", "StudyUnit")):
        for study in stored.repository.find_urn(urn):
            codebook = b"".join(codebooks.export(study.id, CODEBOOK))
            yield Written(stored.name, study.item.ddi_version, codebook, _record(codebooks, study.id))


def _record(codebooks: Codebooks, study: int) -> bytes | None:
    try:
        return b"".join(codebooks.export(study, RECORD))
    except NotFoundError:
        return None


def test_codebooks_of_every_document_are_valid(of_the_corpus: list[Written], codebook_schema: etree.XMLSchema) -> None:
    for one in of_the_corpus:
        assert codebook_schema.validate(etree.fromstring(one.codebook)), (one.file, codebook_schema.error_log[0])
    assert len(of_the_corpus) > 30
    broken = etree.fromstring(of_the_corpus[0].codebook)
    broken.append(etree.Element("unknown"))
    assert not codebook_schema.validate(broken)


def test_there_is_no_record_of_another_version(
    of_the_corpus: list[Written], xml_schemas: dict[str, etree.XMLSchema]
) -> None:
    for one in of_the_corpus:
        assert (one.record is not None) == (one.ddi_version == "3.3"), one.file
        if one.record is not None:
            assert xml_schemas["3.3"].validate(etree.fromstring(one.record)), one.file
    assert {one.ddi_version for one in of_the_corpus} == {"3.1", "3.2", "3.3"}
