"""How a study was collected, what may be done with its data, which files hold them: items that the study holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from catalogue.exposure.gathering import METHODS, Gathering, Piece, named
from catalogue.exposure.reading import agents_of, identifiers, periods, strings, terms, texts
from catalogue.model.items import Item
from catalogue.model.study import Access, Collection, DataFile, Material, Term
from catalogue.model.text import InternationalString
from catalogue.store.records import COLLECTION_EVENT

_PUBLIC: Final = {"true": True, "1": True, "false": False, "0": False}
_CHECKSUMS: Final = ("DataFingerprint/DigitalFingerprintValue", "Fingerprint/Value")
_ALGORITHMS: Final = ("DataFingerprint/AlgorithmSpecification", "Fingerprint/AlgorithmSpecification")


# --- collection


def collections_of(study: Piece, gathering: Gathering) -> Iterator[Collection]:
    """Each event with the methods of its DataCollection; a DataCollection without events by itself."""
    seen: set[int] = set()
    for collection in gathering.within(study.stored.id, "DataCollection"):
        methods = _methods(collection, gathering)
        events = list(gathering.parts(collection, COLLECTION_EVENT))
        seen |= {event.stored.id for event in events}
        yield from (_collection(event, methods, gathering) for event in events)
        if not events and methods:
            yield _collection(collection, methods, gathering)
    for event in gathering.within(study.stored.id, COLLECTION_EVENT):
        if event.stored.id not in seen:
            yield _collection(event, (), gathering)


def _methods(collection: Piece, gathering: Gathering) -> Sequence[Piece]:
    methodologies = list(gathering.parts(collection, "Methodology"))
    inside = [part for one in methodologies for part in gathering.parts(one, *METHODS)]
    return [*methodologies, *inside, *gathering.parts(collection, "Weighting")]


def _collection(event: Piece, methods: Sequence[Piece], gathering: Gathering) -> Collection:
    item = event.stored.item
    return Collection(
        identification=item.identification,
        label=item.label,
        description=item.description,
        periods=periods(event, "DataCollectionDate"),
        modes=_typed(gathering.parts(event, "ModeOfCollection"), "TypeOfModeOfCollection"),
        situation=_described(gathering.parts(event, "CollectionSituation")),
        losses=_described(gathering.parts(event, "ActionToMinimizeLosses")),
        instruments=tuple(named(one.stored.summary) for one in gathering.parts(event, "Instrument")),
        frequency=texts(event, "DataCollectionFrequency/IntendedFrequency"),
        collectors=agents_of(event, gathering, "data-collector", "DataCollectorOrganizationReference"),
        sampling=_typed(_of(methods, "SamplingProcedure"), "TypeOfSamplingProcedure"),
        time_method=_typed(_of(methods, "TimeMethod"), "TypeOfTimeMethod"),
        methodology=_described(_of(methods, "Methodology", "DataCollectionMethodology")),
        deviations=_described(_of(methods, "DeviationFromSampleDesign")),
        weighting=_described(_of(methods, "Weighting", "WeightingMethodology")),
    )


def _of(pieces: Iterable[Piece], *types: str) -> Iterator[Piece]:
    return (piece for piece in pieces if piece.type in types)


def _typed(pieces: Iterable[Piece], element: str) -> tuple[Term, ...]:
    """The type as coded and the description; 3.1 has the words in ``Content``."""
    found = []
    for piece in pieces:
        words = InternationalString.of((*texts(piece, "Description"), *texts(piece, "Content")))
        coded = terms(piece, element)
        found += [Term(one.code, words, one.vocabulary, one.vocabulary_uri) for one in coded] or [Term(label=words)]
    return tuple(dict.fromkeys(term for term in found if term.code or term.label))


def _described(pieces: Iterable[Piece]) -> InternationalString:
    return InternationalString.of(one for piece in pieces for one in texts(piece, "Description", "Content"))


# --- access


def access_of(access: Piece, gathering: Gathering) -> Access:
    """``a:Access`` or ``a:DefaultAccess``."""
    return Access(
        label=texts(access, "Label"),
        description=texts(access, "Description"),
        terms=(*terms(access, "TypeOfAccess"), *terms(access, "AccessTypeName")),
        restrictions=texts(access, "Restrictions"),
        conditions=texts(access, "AccessConditions"),
        confidentiality=texts(access, "ConfidentialityStatement"),
        permission=texts(access, "AccessPermission/Statement"),
        citation=texts(access, "CitationRequirement"),
        deposit=texts(access, "DepositRequirement"),
        disclaimer=texts(access, "Disclaimer"),
        available_from=next(iter(periods(access, "AccessRestrictionDate")), None),
        contacts=agents_of(access, gathering, "contact", "ContactOrganizationReference"),
        homepage=next(iter(strings(access, "AccessPermission/URI")), None),
    )


# --- other material


def materials_of(pieces: Iterable[Piece]) -> Iterator[Material]:
    """``r:OtherMaterial``; its type is an attribute in 3.1."""
    for piece in pieces:
        item = piece.stored.item
        coded = terms(piece, "TypeOfMaterial")
        declared = dict(item.properties).get("@type", "")
        addresses = (*strings(piece, "ExternalURLReference"), *strings(piece, "ExternalURNReference"))
        yield Material(
            identification=item.identification,
            type=next(iter(coded), Term(declared)),
            title=texts(piece, "Citation/Title"),
            description=texts(piece, "Description"),
            uris=tuple(dict.fromkeys(addresses)),
            media_type=next(iter(strings(piece, "MIMEType")), None),
            publication_date=next(iter(periods(piece, "Citation/PublicationDate")), None),
            identifiers=identifiers(piece),
        )


# --- files


def files_of(pieces: Iterable[Piece], gathering: Gathering) -> Iterator[DataFile]:
    """``pi:PhysicalInstance`` with its gross structure, its records and its layout."""
    for piece in pieces:
        item = piece.stored.item
        located = [item, *(one.stored.item for one in gathering.parts(piece, "DataFileIdentification"))]
        gross = [item, *(one.stored.item for one in gathering.parts(piece, "GrossFileStructure"))]
        uris = tuple(uri for one in located for uri in _texts(one, "DataFileIdentification/DataFileURI", "URI"))
        yield DataFile(
            identification=item.identification,
            name=item.name or next((_last(uri) for uri in uris), None),
            label=item.label,
            description=item.description,
            uris=tuple(dict.fromkeys(uris)),
            format=_format(piece, item, gathering),
            cases=_number(gross, "CaseQuantity"),
            records=_number(gross, "OverallRecordCount"),
            variables=gathering.variables(piece),
            byte_size=_number([item], "DataFileIdentification/SizeInBytes"),
            checksum=next(iter(_texts(item, *_CHECKSUMS)), None),
            is_public=_PUBLIC.get(dict(item.properties).get("DataFileIdentification/DataFileURI/@isPublic", "")),
            checksum_algorithm=next(iter(_texts(item, *_ALGORITHMS)), None),
        )


def _format(file: Piece, item: Item, gathering: Gathering) -> str | None:
    """The media type of its address, else the format of its structure."""
    declared = (value for path, value in item.properties if path.endswith("DataFileURI/@mimeType"))
    layouts = gathering.parts(file, "RecordLayout")
    structures = (one for layout in layouts for one in gathering.parts(layout, "PhysicalStructure"))
    written = (words for one in structures for words in _texts(one.stored.item, "FileFormat", "Format"))
    return next(declared, None) or next(written, None)


def _texts(item: Item, *paths: str) -> Iterator[str]:
    wanted = {*paths, *(f"{path}/String" for path in paths)}
    return (one.text.strip() for one in item.texts if one.path in wanted and one.text.strip())


def _number(items: Iterable[Item], path: str) -> int | None:
    written = (words for item in items for words in _texts(item, path))
    return next((int(words) for words in written if words.isascii() and words.isdecimal()), None)


def _last(uri: str) -> str:
    return uri.rstrip("/").rpartition("/")[2] or uri
