"""Cohorts and studies as a whole, put together from the items that tell of them (``model.study``).

A Citation, an Abstract, a Coverage stand in the study's own element; collection, access and files are items that stand
in it, in a ResourcePackage, or in another document that it refers to. Wherever they are, ``gathering`` finds them by
what the study holds. DDI-L 3.1, 3.2 and 3.3 are read by the same local names; where they differ, both stand in a row.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import is_dataclass, replace
from functools import cache
from itertools import chain
from typing import Any, Final, cast, get_args, get_type_hints

from catalogue.exposure.collecting import access_of, collections_of, files_of, materials_of
from catalogue.exposure.gathering import Gathering, Piece, named
from catalogue.exposure.reading import (
    agents,
    areas,
    countries,
    each,
    funders,
    identifiers,
    introduction,
    notes,
    periods,
    terms,
    texts,
    topics,
    universes,
)
from catalogue.exposure.refusing import no_study
from catalogue.exposure.variables import VariableReader
from catalogue.indexing.definitions import is_biosample
from catalogue.model.study import Collection, StudyDescription, VariableDescription, VariableGroup
from catalogue.model.text import InternationalString, primary_language
from catalogue.store import Repository
from catalogue.store.records import GROUP, STUDY_UNIT, Containers

_DESCRIBED: Final = (GROUP, STUDY_UNIT)
_ACCESS: Final = ("Access", "DefaultAccess")


class StudyBuilder:
    """Describes Groups and StudyUnits from the store. Holds nothing between calls; safe to share between threads."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository

    def describe(self, item_id: int) -> StudyDescription:
        """One cohort or study, in whatever published version.

        Raises:
            NotFoundError: the item is no published Group or StudyUnit.
            StorageError: the store cannot be read.
        """
        return described(self.describe_many([item_id]), item_id)

    def describe_many(self, item_ids: Sequence[int]) -> Mapping[int, StudyDescription]:
        """Cohorts and studies by internal id, in the given order, with the same few queries for all of them.

        Other items and drafts are left out. Raises StorageError.
        """
        with self._repository.snapshot():
            containers = self._repository.containers_of(item_ids)
            cohorts = [one.id for some in containers.values() for one in some.cohorts]
            gathering = Gathering(self._repository, tuple(dict.fromkeys((*item_ids, *cohorts))))
            pieces = (gathering.get(item_id) for item_id in dict.fromkeys(item_ids))
            studies = [piece for piece in pieces if piece is not None and piece.type in _DESCRIBED]
            in_studies = self._access_in_studies(gathering)
            described = [
                self._description(gathering, study, containers[study.stored.id], in_studies) for study in studies
            ]
            return dict(zip((study.stored.id for study in studies), self._dated(studies, described), strict=True))

    def with_cohorts(self, item_ids: Sequence[int]) -> Mapping[int, StudyDescription]:
        """The same, and behind them the cohorts that they belong to. Raises StorageError."""
        with self._repository.snapshot():
            containers = self._repository.containers_of(item_ids)
            cohorts = (one.id for some in containers.values() for one in some.cohorts)
            return self.describe_many([*item_ids, *cohorts])

    def variables(self, item_id: int) -> Iterator[VariableDescription]:
        """The variables that a cohort or study holds, streamed in document order and numbered from 1.

        Raises:
            StorageError: the store cannot be read, while they are asked for.
        """
        return iter(VariableReader(self._repository, item_id))

    def groups(self, item_id: int) -> tuple[VariableGroup, ...]:
        """Its groups of variables, by the numbers of their variables. Raises StorageError."""
        return VariableReader(self._repository, item_id).groups()

    def _description(
        self, gathering: Gathering, study: Piece, containers: Containers, in_studies: Set[int]
    ) -> StudyDescription:
        around = (gathering.get(one.id) for one in containers.cohorts if one.id != study.stored.id)
        cohorts = [piece for piece in around if piece is not None]
        access = (_own_access(gathering, piece, in_studies) for piece in (study, *cohorts))
        populations = (universes(piece, gathering) for piece in (study, *cohorts))
        return replace(
            _of_itself(study, gathering),
            **_of_what_it_holds(study, gathering),
            access=tuple(access_of(piece, gathering) for piece in next(filter(None, access), ())),
            universes=next(filter(None, populations), ()),
            cohorts=tuple(named(piece.stored.summary) for piece in cohorts),
        )

    def _access_in_studies(self, gathering: Gathering) -> Set[int]:
        """What is said of access to one study of a Group."""
        found = [piece.stored.id for one in gathering.members for piece in gathering.within(one, *_ACCESS)]
        holders = self._repository.containers_of(list(dict.fromkeys(found)))
        return {item_id for item_id, some in holders.items() if some.studies}

    def _dated(self, studies: Sequence[Piece], described: Iterable[StudyDescription]) -> Iterator[StudyDescription]:
        """With languages, and what the store knows besides: counts, dates, versions."""
        ids = [study.stored.id for study in studies]
        counts = self._repository.studies.counts(ids)
        published = self._repository.published_at(ids)
        changed = self._repository.studies.changed_at(ids)
        previous = self._repository.studies.previous(ids)
        for one, description in zip(ids, described, strict=True):
            yield replace(
                description,
                languages=_languages(description),
                counts=dict(counts.get(one, {})),
                published_at=published.get(one),
                changed_at=changed.get(one, published.get(one)),
                previous=previous.get(one),
            )


def described(found: Mapping[int, StudyDescription], item_id: int) -> StudyDescription:
    """One of those that were found. Raises NotFoundError."""
    if item_id not in found:
        raise no_study()
    return found[item_id]


def _own_access(gathering: Gathering, study: Piece, in_studies: Set[int]) -> Sequence[Piece]:
    """What is said of access to the study; of a Group, what is not said of one of its studies."""
    found = list(gathering.within(study.stored.id, *_ACCESS))
    if study.type != GROUP:
        return found
    return [piece for piece in found if piece.stored.id not in in_studies] or found


def _of_itself(study: Piece, gathering: Gathering) -> StudyDescription:
    """What stands in the study's own element, and in its coverage."""
    item = study.stored.item
    return StudyDescription(
        identification=item.identification,
        type=item.type,
        name=item.name,
        title=texts(study, "Citation/Title") or item.title,
        alternate_titles=each(study, "Citation/AlternateTitle"),
        subtitle=texts(study, "Citation/SubTitle"),
        abstract=introduction(study, gathering, "Abstract"),
        purpose=introduction(study, gathering, "Purpose"),
        agents=tuple(dict.fromkeys((*agents(study, gathering), *funders(study, gathering)))),
        publication_date=next(iter(periods(study, "Citation/PublicationDate")), None),
        copyright=texts(study, "Citation/Copyright"),
        user_ids=item.user_ids,
        user_attributes=item.user_attributes,
        kinds_of_data=terms(study, "KindOfData"),
        analysis_units=terms(study, "AnalysisUnit"),
        analysis_units_covered=texts(study, "AnalysisUnitsCovered"),
        data_formats=terms(study, "GeneralDataFormat"),
        identifiers=identifiers(study),
        series=each(study, "SeriesStatement/SeriesName"),
        notes=tuple(notes(study, gathering)),
        **_coverage(study, gathering),
    )


def _coverage(study: Piece, gathering: Gathering) -> dict[str, Any]:
    """Fields that are made from ``r:Coverage``, in the study or referred to."""
    about = list(gathering.parts(study, "TopicalCoverage"))
    places = list(gathering.parts(study, "SpatialCoverage"))
    times = gathering.parts(study, "TemporalCoverage")
    subjects = tuple(chain.from_iterable(topics(piece, "Subject") for piece in about))
    keywords = tuple(chain.from_iterable(topics(piece, "Keyword") for piece in about))
    return {
        "periods": tuple(chain.from_iterable(periods(piece, "ReferenceDate") for piece in times)),
        "countries": tuple(dict.fromkeys(chain.from_iterable(countries(piece, gathering) for piece in places))),
        "areas": tuple(dict.fromkeys(chain.from_iterable(areas(piece, gathering) for piece in places))),
        "subjects": tuple(dict.fromkeys(term.label for term in subjects)),
        "keywords": tuple(dict.fromkeys(term.label for term in keywords)),
        "subject_terms": subjects,
        "keyword_terms": keywords,
    }


def _of_what_it_holds(study: Piece, gathering: Gathering) -> dict[str, Any]:
    """Fields that are made from the items which the study holds."""
    one = study.stored.id
    collections = tuple(collections_of(study, gathering))
    waves = gathering.within(one, STUDY_UNIT) if study.type == GROUP else ()
    return {
        "collections": collections,
        "materials": tuple(materials_of(gathering.within(one, "OtherMaterial"))),
        "files": tuple(files_of(gathering.within(one, "PhysicalInstance"), gathering)),
        "instruments": tuple(named(piece.stored.summary) for piece in gathering.within(one, "Instrument")),
        "waves": tuple(named(piece.stored.summary) for piece in waves),
        "has_biosamples": is_biosample((*_kinds(study), *_modes(collections))),
    }


def _kinds(study: Piece) -> Iterator[str]:
    return (term.code for term in terms(study, "KindOfData"))


def _modes(collections: Iterable[Collection]) -> Iterator[str]:
    for mode in chain.from_iterable(collection.modes for collection in collections):
        yield from (mode.code, *(one.text for one in mode.label))


# --- languages


def _languages(description: StudyDescription) -> tuple[str, ...]:
    found = {primary_language(text.language) for one in _texts_in(description) for text in one}
    return tuple(sorted(language for language in found if language))


def _texts_in(value: object) -> Iterator[InternationalString]:
    if isinstance(value, InternationalString):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from _texts_in(one)
    elif value:
        for name in _telling(cast(Hashable, type(value))):
            yield from _texts_in(getattr(value, name))


@cache
def _telling(type_: Any) -> tuple[str, ...]:
    """The fields of a dataclass that can hold texts; of other values none."""
    return tuple(name for name, of in get_type_hints(type_).items() if _holds(of)) if is_dataclass(type_) else ()


def _holds(type_: Any) -> bool:
    return type_ is InternationalString or bool(_telling(type_)) or any(map(_holds, get_args(type_)))
