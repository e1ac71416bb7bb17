"""Deprecation: what leaves the lists and what stays, on every engine."""

from __future__ import annotations

import pytest

from catalogue.errors import ConflictError, NotFoundError, UsageError
from catalogue.model.report import Status
from catalogue.store import Repository
from catalogue.store.records import ItemFilter, RevisionRecord
from tests.unit.store import builders
from tests.unit.store.builders import AGENCY, Document, Node, refer, study


def ingest(repository: Repository, *studies: Node, status: Status = Status.PUBLISHED) -> RevisionRecord:
    """A document of some studies."""
    return builders.ingest(repository, Document(studies), status).revision


def listed(repository: Repository, type_: str = "Variable") -> list[str]:
    """URNs' last two parts, as lists show them."""
    found = repository.list_items(ItemFilter(types=(type_,))).items
    return sorted(f"{one.identification.identifier}:{one.identification.version}" for one in found)


def counted(repository: Repository) -> dict[str, int]:
    """The counts of the whole catalogue that are not zero."""
    return {type_: number for type_, number in repository.stats().items.items() if number}


def test_what_only_a_deprecated_document_holds_leaves_lists_and_keeps_its_address(repository: Repository) -> None:
    kept = ingest(repository, study("s", Node("a")))
    gone = ingest(repository, study("t", Node("a"), Node("b")))

    assert repository.deprecate(gone.id).status is Status.DEPRECATED

    assert listed(repository) == ["a:1"]
    assert listed(repository, "StudyUnit") == ["s:1"]
    assert counted(repository) == {"StudyUnit": 1, "Variable": 1}
    assert [box.item.identification.identifier for box in repository.cohorts()] == ["s"]
    (b,) = repository.get(AGENCY, "b", "1")
    assert (b.summary.deprecated, b.published, b.latest) == (True, True, False)
    assert repository.get(AGENCY, "b")[0].id == b.id
    assert not repository.get(AGENCY, "a")[0].summary.deprecated
    assert repository.revision(gone.id) is not None
    assert repository.revision(kept.id) is not None
    assert repository.stats().revisions == 1


def test_the_newest_version_that_is_left_is_the_latest_again(repository: Repository) -> None:
    ingest(repository, study("s", Node("a"), Node("c", references=(refer("a", late_bound=True),))))
    newer = ingest(repository, study("s", Node("a", version="2"), version="2"))
    assert listed(repository) == ["a:2", "c:1"]

    repository.deprecate(newer.id)

    assert listed(repository) == ["a:1", "c:1"]
    assert repository.get(AGENCY, "a")[0].item.identification.version == "1"
    (target,) = repository.outgoing(repository.get(AGENCY, "c")[0].id)
    assert target.target is not None
    assert target.target.identification.version == "1"
    assert counted(repository) == {"StudyUnit": 1, "Variable": 2}


def test_published_again_it_is_back(repository: Repository) -> None:
    revision = ingest(repository, study("s", Node("a")))
    before = counted(repository), repository.cohorts()
    repository.deprecate(revision.id)
    assert counted(repository) == {}

    repository.publish(revision.id)

    assert (counted(repository), repository.cohorts()) == before
    assert listed(repository) == ["a:1"]


def test_other_documents_bring_an_item_back(repository: Repository) -> None:
    repository.deprecate(ingest(repository, study("s", Node("a"))).id)
    ingest(repository, study("t", Node("a")))

    assert listed(repository) == ["a:1"]
    assert listed(repository, "StudyUnit") == ["t:1"]


def test_a_deprecated_version_supersedes_nothing(repository: Repository) -> None:
    newer = ingest(repository, study("s", Node("a", version="2")))
    repository.deprecate(newer.id)
    ingest(repository, study("t", Node("a")))

    assert listed(repository) == ["a:1"]


def test_the_address_of_a_deprecated_item_is_taken(repository: Repository) -> None:
    repository.deprecate(ingest(repository, study("s", Node("a"))).id)

    with pytest.raises(ConflictError):
        ingest(repository, study("t", Node("a", label="something else")))


def test_every_item_of_the_document_is_announced_once(repository: Repository) -> None:
    revision = ingest(repository, study("s", Node("a")))
    before = repository.last_change()
    repository.deprecate(revision.id)
    repository.deprecate(revision.id)

    entries = repository.outbox(before)
    assert {entry.event for entry in entries} == {"deprecated"}
    assert sorted(entry.type for entry in entries) == ["StudyUnit", "Variable"]


def test_only_what_is_published_can_be_deprecated(repository: Repository) -> None:
    draft = ingest(repository, study("s", Node("a")), status=Status.DRAFT)
    with pytest.raises(UsageError):
        repository.deprecate(draft.id)
    with pytest.raises(NotFoundError):
        repository.deprecate("nowhere")
