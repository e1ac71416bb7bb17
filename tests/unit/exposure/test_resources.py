"""Resources as they are built from the store: what is published, where it stands, in the revision that is asked for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.dialects import sqlite

from catalogue.exposure.resources import ResourceBuilder
from catalogue.model.identity import Identification
from catalogue.model.report import Status
from catalogue.rdf.resource import Resource
from catalogue.store import Repository, open_repository
from catalogue.store.surroundings import _IN_REVISION
from tests.unit.indexing.stores import take_in
from tests.unit.rdf.documents import examples
from tests.unit.store.builders import AGENCY, Document, Node, ingest, refer

CODE = """<l:Code><r:Agency>a</r:Agency><r:ID>code-{id}</r:ID><r:Version>1</r:Version>
<r:CategoryReference><r:Agency>a</r:Agency><r:ID>cat-{id}</r:ID><r:Version>1</r:Version><r:TypeOfObject>Category</r:TypeOfObject>
</r:CategoryReference><r:Value>{id}</r:Value>{inside}</l:Code>"""
CATEGORY = """<ddi:Fragment><l:Category isMissing="{missing}"><r:Agency>a</r:Agency><r:ID>cat-{id}</r:ID>
<r:Version>1</r:Version><r:Label><r:Content xml:lang="en">Label {id}</r:Content></r:Label>
</l:Category></ddi:Fragment>"""


@pytest.fixture
def repository() -> Iterator[Repository]:
    with open_repository("sqlite://") as opened:
        yield opened


def built(repository: Repository, revision: str) -> dict[str, Resource]:
    return {one.item.identification.identifier: one for one in ResourceBuilder(repository).of_revision(revision)}


def identification(identifier: str, version: str = "1") -> Identification:
    return Identification(AGENCY, identifier, version)


def test_items_come_once_in_document_order_with_what_is_around_them(repository: Repository) -> None:
    concept = Node("c", "Concept")
    scheme = Node("s", "ConceptScheme", children=(concept, Node("d", "Concept"), concept))
    revision = ingest(repository, Document([Node("w", "Archive", children=(scheme,))])).revision
    found = built(repository, revision.id)
    assert list(found) == ["w", "s", "c", "d"]
    assert [child.identification for child in found["s"].children] == [identification("c"), identification("d")]
    assert found["c"].parent is not None
    assert found["c"].parent.identification == identification("s")
    assert found["w"].parent is None
    assert found["w"].published_at == revision.published_at


def test_cohorts_studies_and_waves_are_those_that_the_pages_show() -> None:
    stored = examples()[1]
    for resource in list(stored.resources())[::97]:
        identity = resource.item.identification
        (one,) = stored.repository.get(identity.agency, identity.identifier, identity.version)
        shown = stored.repository.containers(one.id)
        for related, summaries in (
            (resource.cohorts, shown.cohorts),
            (resource.studies, shown.studies),
            (resource.waves, shown.waves),
        ):
            assert [r.identification for r in related] == [s.identification for s in summaries]


def test_drafts_give_nothing_and_are_no_targets(repository: Repository) -> None:
    draft = ingest(repository, Document([Node("hidden", "Concept")]), Status.DRAFT).revision
    shown = ingest(repository, Document([Node("v", "Universe", references=[refer("hidden")])])).revision
    assert built(repository, draft.id) == {}
    (link,) = built(repository, shown.id)["v"].links
    assert link.target is None
    assert link.written == f"urn:ddi:{AGENCY}:hidden:1"
    repository.publish(draft.id)
    (link,) = built(repository, shown.id)["v"].links
    assert link.target is not None
    assert link.target.identification == identification("hidden")


def test_the_version_before_is_the_next_lower_one_that_is_published(repository: Repository) -> None:
    ids = {}
    for version in ("1", "1.9", "1.10"):
        ids[version] = ingest(repository, Document([Node("c", "Concept", version)], salt=version)).revision.id
    ingest(repository, Document([Node("c", "Concept", "1.9.5")], salt="draft"), Status.DRAFT)
    assert built(repository, ids["1.10"])["c"].previous == identification("c", "1.9")
    assert built(repository, ids["1"])["c"].previous is None
    assert [built(repository, ids[one])["c"].latest for one in ("1.9", "1.10")] == [False, True]


def test_what_is_deprecated_says_so(repository: Repository) -> None:
    revision = ingest(repository, Document([Node("c", "Concept")])).revision
    assert not built(repository, revision.id)["c"].deprecated
    repository.deprecate(revision.id)
    assert built(repository, revision.id)["c"].deprecated


def test_other_contents_under_one_identification_are_told_apart(repository: Repository) -> None:
    document = Document([Node("c", "Concept", label="one"), Node("c", "Concept", label="two")])
    revision = ingest(repository, document).revision
    variants = [one.variant for one in ResourceBuilder(repository).of_revision(revision.id)]
    assert sorted(variants) == [0, 1]


def test_a_revision_tells_where_an_item_stands_in_it(repository: Repository) -> None:
    shared = Node("c", "Concept")
    first = ingest(repository, Document([Node("s", "ConceptScheme", children=(shared,))])).revision
    second = ingest(repository, Document([Node("t", "ConceptScheme", children=(shared,))])).revision
    parents = [built(repository, one.id)["c"].parent for one in (first, second)]
    assert [one.identification.identifier for one in parents if one] == ["s", "t"]


def test_ids_are_built_in_the_order_given(repository: Repository) -> None:
    ingest(repository, Document([Node(name, "Concept") for name in "abc"]))
    ids = [repository.get(AGENCY, name)[0].id for name in "cab"]
    found = ResourceBuilder(repository).build([*ids, 999])
    assert [one.item.identification.identifier for one in found] == list("cab")


def test_codes_within_codes_have_their_depth_category_and_own_identification(repository: Repository) -> None:
    codes = CODE.format(id=1, inside=CODE.format(id=11, inside="") + CODE.format(id=12, inside="")) + CODE.format(
        id=9, inside=""
    )
    categories = "".join(CATEGORY.format(id=one, missing="true" if one == 9 else "false") for one in (1, 11, 12, 9))
    data = f"""<ddi:FragmentInstance xmlns:ddi="ddi:instance:3_3" xmlns:r="ddi:reusable:3_3"
 xmlns:l="ddi:logicalproduct:3_3"><ddi:Fragment><l:CodeList><r:Agency>a</r:Agency><r:ID>list</r:ID><r:Version>1</r:Version>
{codes}</l:CodeList></ddi:Fragment>{categories}</ddi:FragmentInstance>"""
    revision = take_in(repository, data.encode(), "codes.xml")
    assert revision is not None
    found = built(repository, revision.id)["list"].codes
    assert [(one.depth, one.value, one.missing) for one in found] == [
        (0, "1", False), (1, "11", False), (1, "12", False), (0, "9", True),
    ]  # fmt: skip
    assert [one.item for one in found] == [Identification("a", f"code-{n}", "1") for n in (1, 11, 12, 9)]
    assert [one.category for one in found] == [Identification("a", f"cat-{n}", "1") for n in (1, 11, 12, 9)]
    assert [text.text for one in found for text in one.label] == ["Label 1", "Label 11", "Label 12", "Label 9"]


def test_the_items_of_a_revision_are_looked_up_by_item() -> None:
    """By place they would be compared with everything before them, and a document of 50,000 items takes minutes."""
    statement = str(_IN_REVISION.compile(dialect=sqlite.dialect()))
    with open_repository("sqlite://") as opened, opened._reading() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", (1, -1, 0, 1000, 0)).all()
    assert [row for row in plan if "SEARCH twin USING" in row[3] and "ix_occurrence_item" in row[3]]


def test_identifications_are_found_together(repository: Repository) -> None:
    ingest(repository, Document([Node("a", "Concept"), Node("b", "Concept")]))
    ingest(repository, Document([Node("a", "Concept", version="2")]))
    wanted = [identification("b"), identification("a"), identification("a", "2"), identification("absent")]
    found = repository.surroundings.first_of(wanted)
    expected = {
        one: stored[0].id for one in wanted if (stored := repository.get(one.agency, one.identifier, one.version))
    }
    assert found == expected
    assert len(found) == 3
    assert repository.surroundings.first_of([]) == {}
