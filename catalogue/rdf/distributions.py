"""What of a cohort or wave is handed out, as DCAT-AP 3.0.1 has it: data files, samples without personal data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from rdflib import XSD, Literal, URIRef

from catalogue.model.cataloguing import DistributionNotes
from catalogue.model.report import Message
from catalogue.model.study import DataFile
from catalogue.rdf import policies
from catalogue.rdf.nodes import (
    CONCEPT,
    FILE_TYPE,
    LABELLED_RIGHTS,
    LANGUAGE,
    LEGAL_RESOURCE,
    LICENCE,
    MEDIA_TYPE,
    coded,
    languages,
    marked,
    told,
)
from catalogue.rdf.shapes import (
    Need,
    Node,
    Place,
    Row,
    Shape,
    addresses,
    count,
    literals,
    plain,
)
from catalogue.rdf.subjects import Handed, Subject, item_uri
from catalogue.rdf.vocabularies import DCAT, DCATAP, DCT, DDIL, DISCO, ODRL, SPDX

_MEDIA_TYPES: Final = "https://www.iana.org/assignments/media-types/"
_DICTIONARY: Final = {"fr": "Dictionnaire des données", "en": "Data dictionary"}
_NO_DATA: Final = {
    "fr": "Variables, questions et modalités, en DDI-Lifecycle. Ne contient aucune donnée individuelle.",
    "en": "Variables, questions and categories, in DDI-Lifecycle. Holds no individual data.",
}
# What data files are said to be, in words or as a media type -> EU file type, IANA media type.
_FORMATS: Final = {
    "csv": ("CSV", "text/csv"),
    "text/csv": ("CSV", "text/csv"),
    "tsv": ("TSV", "text/tab-separated-values"),
    "text/tab-separated-values": ("TSV", "text/tab-separated-values"),
    "txt": ("TXT", "text/plain"),
    "ascii": ("TXT", "text/plain"),
    "text/plain": ("TXT", "text/plain"),
    "xlsx": ("XLSX", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "xml": ("XML", "application/xml"),
    "json": ("JSON", "application/json"),
    "parquet": ("PARQUET", "application/vnd.apache.parquet"),
}
_ALGORITHMS: Final = {"sha256": "sha256", "sha1": "sha1", "sha512": "sha512", "sha384": "sha384", "md5": "md5"}


# --- what holds of a dataset as of what is handed out of it


def legislation(one: Subject) -> Iterator[Node]:
    """What law mandates that the data be described and made available."""
    return told(LEGAL_RESOURCE, *one.said.legislation)


def policy(one: Subject) -> Iterator[Node]:
    assigner = one.node("publisher") if one.publisher else None
    return policies.offer(one.node("policy"), one.uri, assigner, one.said.duo)


# --- what is handed out


def distributions(one: Subject) -> Iterator[tuple[URIRef, Handed]]:
    """What of a study is handed out: its data files; without files, what will be handed out on request."""
    if one.part:
        yield one.node("register"), Handed(one, one.said.biosamples or DistributionNotes())
        return
    notes = one.said.data or DistributionNotes()
    for file in one.study.files:
        yield item_uri(one.base, file.identification), Handed(one, notes, file)
    if not one.study.files:
        yield one.node("data"), Handed(one, notes)


def samples(one: Subject) -> Iterator[tuple[URIRef, Handed]]:
    """Samples without personal data: those of the settings, and the data dictionary."""
    whole = one.as_part("")
    for number, notes in enumerate(one.said.samples, 1):
        yield whole.node(f"sample-{number}"), Handed(whole, notes)
    if one.study.counts.get("Variable"):
        notes = DistributionNotes(
            title=_DICTIONARY,
            description=_NO_DATA,
            access_url=one.page,
            download_url=f"{one.item}.xml",
            format="XML",
            availability="AVAILABLE",
        )
        yield whole.node("data-dictionary"), Handed(whole, notes)


def analytics(one: Subject) -> Iterator[tuple[URIRef, Handed]]:
    """Analyses of the data."""
    return ((one.node(f"analytics-{at}"), Handed(one, notes)) for at, notes in enumerate(one.said.analytics, 1))


def shaped(shape: Shape[Handed], found: Iterable[tuple[URIRef, Handed]]) -> Iterator[Node]:
    """What is handed out, described by a shape."""
    return (Node(uri, shape, one) for uri, one in found)


def file_types(one: Handed) -> Iterator[Node]:
    """The EU's file type."""
    known = _FORMATS.get(((one.file and one.file.format) or "").strip().lower())
    return coded("file-type", known[0] if known else one.notes.format, shape=FILE_TYPE)


def _media_types(one: Handed) -> Iterator[Node]:
    known = _FORMATS.get(((one.file and one.file.format) or one.notes.format or "").strip().lower())
    return told(MEDIA_TYPE, _MEDIA_TYPES + known[1] if known else None)


def byte_sizes(one: Handed) -> Iterator[Literal]:
    """How large it is."""
    size = one.file.byte_size if one.file else None
    return count(one.notes.byte_size if size is None else size)


def rights(one: Handed) -> Iterator[Node]:
    """Who may use it and how, in words: the settings, else the conditions of access."""
    subject = one.subject
    conditions = (access.conditions or access.restrictions for access in subject.study.access)
    texts = [text for text in (subject.said.rights, *conditions) if text]
    yield from (Node(subject.node("rights"), LABELLED_RIGHTS, text) for text in texts[:1])


def _file_titles(one: Handed) -> Iterator[Literal]:
    return literals(one.notes.title or (one.file.label if one.file else {}))


def _file_name(one: Handed) -> Iterator[Literal]:
    return plain(one.file.name if one.file else None)


def _file_descriptions(one: Handed) -> Iterator[Literal]:
    return literals((one.file.description if one.file else {}) or one.notes.description)


def _availability(one: Handed) -> Iterator[Node]:
    return coded("availability", one.notes.availability)


def _access(one: Handed) -> Iterator[URIRef]:
    return addresses(one.notes.access_url or one.subject.access_url)


def _download(one: Handed) -> Iterator[URIRef]:
    """Of what settings offer, or of a file that its source calls public."""
    public = one.file.uris if one.file and one.file.is_public else ()
    return addresses(one.notes.download_url, *public)


_ALGORITHM: Final = marked(SPDX.ChecksumAlgorithm)
# DCAT-AP's shapes know the algorithms under https, SPDX's own terms stay under http.
_ALGORITHM_ROOT: Final = "https://spdx.org/rdf/terms/#checksumAlgorithm_"
_CHECKSUM: Final[Shape[DataFile]] = Shape(
    (SPDX.Checksum,),
    (
        Row(SPDX.algorithm, lambda one: told(_ALGORITHM, _ALGORITHM_ROOT + _algorithm(one)), leads=(_ALGORITHM,)),
        Row(SPDX.checksumValue, lambda one: (Literal(one.checksum, datatype=XSD.hexBinary),)),
    ),
)


def _algorithm(file: DataFile) -> str:
    return _ALGORITHMS.get((file.checksum_algorithm or "").lower().replace("-", ""), "")


def _checksums(one: Handed) -> Iterator[Node]:
    file = one.file
    if file and file.checksum and _algorithm(file) and _is_hexadecimal(file.checksum):
        yield Node(item_uri(one.subject.base, file.identification) + "#checksum", _CHECKSUM, file)


def _is_hexadecimal(text: str) -> bool:
    return len(text) % 2 == 0 and all(letter in "0123456789abcdefABCDEF" for letter in text)


# What holds for whatever is handed out, data or not.
_OFFERED: Final[tuple[Row[Handed], ...]] = (
    Row(DCT.title, _file_titles, otherwise=_file_name),
    Row(DCAT.downloadURL, _download),
    Row(DCAT.mediaType, _media_types, leads=(MEDIA_TYPE,)),
    Row(DCAT.byteSize, byte_sizes),
    Row(SPDX.checksum, _checksums, leads=(_CHECKSUM,)),
    Row(DCATAP.applicableLegislation, lambda one: legislation(one.subject), leads=(LEGAL_RESOURCE,)),
    Row(DCT.language, lambda one: languages(one.subject.study.languages), leads=(LANGUAGE,)),
)
DISTRIBUTION: Final[Shape[Handed]] = Shape(
    (DCAT.Distribution,),
    (
        Row(DCAT.accessURL, _access, Need.RECOMMENDED,
            Place(Message("où demander les données", "where data can be requested"), setting="access_url"),
            lambda one: addresses(one.subject.page)),
        *_OFFERED,
        Row(DCT.description, _file_descriptions, Need.RECOMMENDED,
            Place(Message("description du fichier de données", "description of the data file"),
                  "pi:PhysicalInstance/r:Citation/r:Abstract", "data.description")),
        Row(DCT["format"], file_types, Need.RECOMMENDED,
            Place(Message("format des données", "format of the data"), setting="data.format"), leads=(FILE_TYPE,)),
        Row(DCATAP.availability, _availability, Need.RECOMMENDED,
            Place(Message("disponibilité prévue", "planned availability"), setting="data.availability"),
            leads=(CONCEPT,)),
        Row(DCT.license, lambda one: told(LICENCE, one.subject.said.licence), Need.RECOMMENDED,
            Place(Message("licence ou conditions d’usage", "licence or conditions of use"), setting="licence"),
            leads=(LICENCE,)),
        Row(DCT.rights, rights, leads=(LABELLED_RIGHTS,)),
        Row(DDIL.name, _file_name),
        Row(DISCO.caseQuantity, lambda one: count(one.file.cases if one.file else None)),
        Row(DISCO.variableQuantity, lambda one: count(one.file.variables if one.file else None)),
        Row(DDIL.overallRecordCount, lambda one: count(one.file.records if one.file else None)),
        Row(ODRL.hasPolicy, lambda one: policy(one.subject), leads=(policies.OFFER,)),
    ),
)  # fmt: skip
"""Data: under the conditions of the cohort."""
DOCUMENTATION: Final[Shape[Handed]] = Shape(
    (DCAT.Distribution,),
    (
        Row(DCAT.accessURL, lambda one: addresses(one.notes.access_url or one.notes.download_url or one.subject.page)),
        *_OFFERED,
        Row(DCT.description, _file_descriptions),
        Row(DCT["format"], file_types, leads=(FILE_TYPE,)),
        Row(DCATAP.availability, _availability, leads=(CONCEPT,)),
    ),
)
"""What holds no individual data: samples, data dictionaries, analyses."""
