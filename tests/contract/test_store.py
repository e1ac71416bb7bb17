"""What every engine's store does with documents, items and their references."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count

import pytest

from catalogue.errors import ConflictError, NotFoundError, UsageError
from catalogue.model.identity import Identification
from catalogue.model.items import Reference, RefusalReason, RefusedElement, Span
from catalogue.model.report import Status, TypeCount
from catalogue.store import Repository
from catalogue.store.blobs import CHUNK_BYTES
from catalogue.store.records import ItemFilter, ReferenceStatus
from tests.unit.store.builders import AGENCY, Document, Node, ingest, refer, study


def test_an_item_comes_back_as_it_was_read(repository: Repository) -> None:
    concept = Node("c", "Concept", label="Santé perçue")
    variable = Node("v", label="Health", name="HLTH", references=(refer("c"),), content="more")
    document = Document([study("s", Node("scheme", "VariableScheme", children=(variable, concept)))])
    revision = ingest(repository, document).revision

    (stored,) = repository.get(AGENCY, "v", "1")

    (expected,) = (item for item in document.items if item.identification.identifier == "v")
    assert stored.item == replace(expected, parent=None)
    assert stored.published
    assert stored.latest
    (occurrence,) = stored.occurrences
    assert occurrence.revision == revision.id
    assert occurrence.parent is not None
    assert occurrence.parent.urn == f"urn:ddi:{AGENCY}:scheme:1"
    assert repository.find_urn(stored.item.urn) == (stored,)
    assert repository.find_urn(f"urn:ddi:{AGENCY}:Variable:v:1") == (stored,)
    assert repository.get_many([stored.id, 10**6]) == (stored,)


def test_a_span_leads_to_the_items_own_xml(repository: Repository) -> None:
    for encoding in ("utf-8", "utf-16"):
        document = Document([study(f"s-{encoding}", Node(f"v-{encoding}", label="Âge"))], encoding=encoding)
        revision = ingest(repository, document).revision
        (stored,) = repository.get(AGENCY, f"v-{encoding}")
        span = stored.item.span

        xml = repository.source_slices([(revision.id, span.start, span.end)])[0].decode()

        assert xml.startswith(f"<Variable id='v-{encoding}'>Âge")
        assert xml.endswith("</Variable>")


def test_slices_of_many_sources_come_in_the_order_in_which_they_are_asked_for(repository: Repository) -> None:
    names = {"utf-8": "a", "utf-16": "b", "iso-8859-1": "c"}
    places, expected = [], []
    for encoding, name in names.items():
        document = Document([study(name, Node(f"v-{name}", label=f"Âge {name}"))], encoding=encoding)
        places.append((ingest(repository, document).revision.id, 0, len(document.text.encode())))
        expected.append(document.text.encode())
    (utf8, _, size), utf16, latin = places

    assert repository.source_slices(places) == expected
    assert repository.source_slices([utf16, (utf8, 3, size), latin, utf16]) == [
        expected[1],
        expected[0][3:],
        expected[2],
        expected[1],
    ]
    assert repository.source_slices([]) == []
    with pytest.raises(NotFoundError, match="nothing"):
        repository.source_slices([utf16, ("nothing", 0, 1)])


def test_the_way_up_from_an_occurrence(repository: Repository) -> None:
    ingest(repository, Document([study("s", Node("l", "LogicalProduct", children=(Node("v"),)))]))
    (stored,) = repository.get(AGENCY, "v")

    names = []
    place = stored.occurrences[0]
    while found := repository.parent_occurrence(place):
        parent, place = found
        names.append((parent.item.identification.identifier, place.ordinal))

    assert names == [("l", 1), ("s", 0)]


def test_what_does_not_exist(repository: Repository) -> None:
    assert repository.get(AGENCY, "nothing") == ()
    assert repository.get("nul\0", "nothing\ud800") == ()
    assert repository.versions("nul\0", "x") == ()
    assert repository.find_urn("no urn") == ()
    assert repository.outgoing(1) == ()
    assert repository.revision("nothing") is None
    assert repository.revision_by_sha256("00") is None
    assert repository.report("nothing") is None
    assert repository.cohort(1) is None
    with pytest.raises(NotFoundError):
        repository.source("00")
    with pytest.raises(NotFoundError):
        repository.source_slices([("nothing", 0, 1)])
    with pytest.raises(NotFoundError):
        repository.publish("nothing")


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES])
def test_bytes_given_back_are_the_bytes_received(repository: Repository, size: int) -> None:
    data = (b"<0123456789/>" * (size // 13 + 1))[:size]
    document = Document([])
    document.text = data.decode()
    revision = ingest(repository, document).revision

    assert revision.sha256 == hashlib.sha256(data).hexdigest()
    assert revision.size == size
    assert b"".join(repository.source(revision.sha256)) == data
    for start, end in [(0, 0), (0, size), (CHUNK_BYTES - 2, CHUNK_BYTES + 2), (size - 1, size + 5), (3, 1)]:
        assert repository.source_slices([(revision.id, max(start, 0), end)]) == [data[max(start, 0) : end]]


def test_a_revision_says_what_it_is(repository: Repository) -> None:
    first = ingest(repository, Document([study("s", label="Cohort")], file_name="a.xml")).revision
    second = ingest(repository, Document([study("s", Node("v"), label="Cohort")], file_name="b.xml")).revision
    other = ingest(repository, Document([Node("x"), Node("y")], file_name="c.xml")).revision

    assert (first.document_key, first.document_name, first.number) == (f"{AGENCY}:s", "Cohort", 1)
    assert (second.document_key, second.number, second.file_name) == (f"{AGENCY}:s", 2, "b.xml")
    assert (other.document_key, other.document_name) == (other.sha256, "c.xml")
    assert second.status is Status.PUBLISHED
    assert second.published_at is not None
    assert second.published_at.tzinfo is not None
    assert second.context == {"namespaces": [[None, {}]]}
    assert second.receipt["Variable"] == {"found": 1, "stored": 1, "merged": 0, "refused": 0}
    assert repository.revision(second.id) == second
    assert repository.revision_by_sha256(second.sha256) == second
    assert repository.report(second.id) == {"file": "b.xml"}
    assert [r.id for r in repository.revisions(document_key=f"{AGENCY}:s")] == [second.id, first.id]
    page = repository.revisions(limit=2)
    rest = repository.revisions(limit=2, cursor=page.next_cursor)
    assert [r.id for r in (*page, *rest)] == [other.id, second.id, first.id]
    assert (page.total, rest.next_cursor) == (3, None)
    assert repository.stats().documents == 2


def test_twins_merge_and_the_receipt_adds_up(repository: Repository) -> None:
    twin = Node("c", "Category", label="Yes")
    document = Document([study("s", Node("a", "CategoryScheme", children=(twin,)), twin, twin)])
    with repository.ingest() as session:
        session.start(document.new_revision())
        session.add([*document.items, RefusedElement("Category", 9, RefusalReason.NO_IDENTIFIER)])
        session.resolve()
        session.finish(Status.PUBLISHED)
        receipt = session.receipt

    assert receipt.counts["Category"] == TypeCount(found=4, stored=1, merged=2, refused=1)
    assert receipt.refusals == (("Category", 9, RefusalReason.NO_IDENTIFIER),)
    (stored,) = repository.get(AGENCY, "c")
    assert [occurrence.ordinal for occurrence in stored.occurrences] == [2, 3, 4]
    (parent,) = repository.get(AGENCY, "s")
    assert [child.identification.identifier for child in repository.children(parent.id)] == ["a", "c"]
    assert [repository.children(parent.id, limit=limit).total for limit in (1, 2, 3)] == [2, 2, 2]


def test_other_content_in_the_same_document_is_kept_beside(repository: Repository) -> None:
    document = Document([Node("c", "Category", label="Yes"), Node("c", "Category", label="Oui")])
    with repository.ingest() as session:
        session.start(document.new_revision())
        session.add(document.items)
        session.resolve()
        (duplicate,) = session.duplicates
        session.finish(Status.PUBLISHED)

    assert (duplicate.urn, duplicate.first_line, duplicate.line) == (f"urn:ddi:{AGENCY}:c:1", 2, 4)
    assert [stored.item.label.texts[0].text for stored in repository.get(AGENCY, "c")] == ["Yes", "Oui"]
    again = Document([Node("c", "Category", label="Oui")], salt="again")
    assert ingest(repository, again).revision.status is Status.PUBLISHED


def test_the_same_bytes_are_recognised(repository: Repository) -> None:
    document = Document([study("s")])
    revision = ingest(repository, document).revision
    with repository.ingest() as session:
        assert session.find_same_bytes(hashlib.sha256(document.data).hexdigest()) == revision
        assert session.find_same_bytes("00") is None


def test_other_content_under_a_published_urn_is_a_conflict(repository: Repository) -> None:
    first = ingest(repository, Document([study("s", Node("v", label="Old"))])).revision
    document = Document([study("s", Node("v", label="New", name="V"))])
    with repository.ingest() as session:
        session.start(document.new_revision())
        session.add(document.items)
        session.resolve()
        (conflict,) = session.conflicts
        assert session.receipt.counts["Variable"] == TypeCount(1, 0, 0, 1)
        with pytest.raises(ConflictError):
            session.finish(Status.PUBLISHED)

    assert (conflict.urn, conflict.name, conflict.line) == (f"urn:ddi:{AGENCY}:v:1", "V", 3)
    assert conflict.excerpt.startswith("<Variable id='v'>New")
    assert conflict.existing_excerpt.startswith("<Variable id='v'>Old")
    assert conflict.existing_revision == first.id
    (stored,) = repository.get(AGENCY, "v")
    assert conflict.existing_item == stored.id
    assert conflict.existing_span == stored.item.span
    assert repository.revisions().total == 1


def test_versions_and_the_latest(repository: Repository) -> None:
    for version in ("1.9", "1.10", "1.2"):
        ingest(repository, Document([Node("v", version=version, label=version)]))

    (latest,) = repository.get(AGENCY, "v")
    assert latest.item.identification.version == "1.10"
    assert [s.identification.version for s in repository.versions(AGENCY, "v")] == ["1.10", "1.9", "1.2"]
    assert [s.latest for s in repository.versions(AGENCY, "v")] == [True, False, False]
    assert repository.list_items().total == 1
    assert repository.list_items(ItemFilter(latest_only=False)).total == 3
    assert repository.stats().items == {"Variable": 1}


def test_within_a_snapshot_nothing_is_read_twice(repository: Repository) -> None:
    ingest(repository, Document([study("s", Node("v"))]))
    numbers = count()

    with repository.snapshot():
        before = repository.versions(AGENCY, "v"), repository.last_change(), repository.changed_at()
        assert [repository.once("a", lambda: next(numbers)) for _ in range(3)] == [0, 0, 0]
        assert repository.once("b", lambda: next(numbers)) == 1
        with ThreadPoolExecutor(1) as other:
            other.submit(ingest, repository, Document([study("s", Node("v", version="2"), version="2")])).result()
        assert (repository.versions(AGENCY, "v"), repository.last_change(), repository.changed_at()) == before

    assert len(repository.versions(AGENCY, "v")) == 2
    assert repository.last_change() > before[1]
    assert [repository.once("a", lambda: next(numbers)) for _ in range(2)] == [2, 3]


def test_drafts_are_hidden_until_they_are_published(repository: Repository) -> None:
    document = Document([study("s", Node("v", references=(refer("c"),)), Node("c", "Concept"))])
    draft = ingest(repository, document, Status.DRAFT).revision

    assert draft.status is Status.DRAFT
    assert repository.get(AGENCY, "v") == ()
    assert repository.versions(AGENCY, "v") == ()
    assert repository.list_items().total == 0
    assert repository.cohorts() == ()
    assert repository.outbox() == ()
    assert repository.revisions().total == 0
    assert repository.revision(draft.id) is None
    assert repository.stats().drafts == 1
    (hidden,) = repository.get(AGENCY, "v", include_drafts=True)
    assert not hidden.published
    assert repository.outgoing(hidden.id)[0].target is None
    assert repository.outgoing(hidden.id, include_drafts=True)[0].target is not None
    everything = ItemFilter(include_drafts=True)
    assert repository.list_items(everything).total == 3
    assert len(repository.list_items(everything).items) == 3
    assert repository.revision(draft.id, include_drafts=True) == draft

    published = repository.publish(draft.id)

    assert published.status is Status.PUBLISHED
    assert repository.publish(draft.id) == published
    (shown,) = repository.get(AGENCY, "v")
    assert repository.outgoing(shown.id)[0].status is ReferenceStatus.RESOLVED
    assert [cohort.counts for cohort in repository.cohorts()] == [{"Concept": 1, "Variable": 1}]
    assert repository.stats().items == {"Concept": 1, "StudyUnit": 1, "Variable": 1}
    assert len(repository.outbox()) == 3


def test_a_draft_conflicts_with_what_was_published_meanwhile(repository: Repository) -> None:
    draft = ingest(repository, Document([Node("v", label="Draft")]), Status.DRAFT).revision
    ingest(repository, Document([Node("v", label="Published")]))

    with pytest.raises(ConflictError):
        repository.publish(draft.id)

    with repository.ingest() as session, pytest.raises(ConflictError):
        session.publish(draft.id)


def test_an_item_merged_from_a_draft_leads_to_nothing_hidden(repository: Repository) -> None:
    variable = Node("v", references=(refer("c"),))
    draft = ingest(repository, Document([variable, Node("c", "Concept")]), Status.DRAFT).revision
    ingest(repository, Document([study("s", variable)]))

    (stored,) = repository.get(AGENCY, "v")
    assert [r.status for r in repository.outgoing(stored.id)] == [ReferenceStatus.ABSENT]

    repository.publish(draft.id)

    assert [r.status for r in repository.outgoing(stored.id)] == [ReferenceStatus.RESOLVED]
    (concept,) = repository.get(AGENCY, "c")
    assert [c.identification.identifier for c in repository.containers(concept.id).cohorts] == ["s"]


def test_why_a_reference_leads_nowhere(repository: Repository) -> None:
    ingest(repository, Document([Node("a", "Concept", version="2"), Node("b", "Concept", agency="org.other")]))
    references = (
        refer("a"),
        refer("b"),
        refer("c", target_type="Concept"),
        refer("d", external_uri="http://example.org/"),
        refer("a", version="2"),
    )
    variable = Node("v", name="AGE", references=references)
    done = ingest(repository, Document([study("s", variable), variable]))

    (stored,) = repository.get(AGENCY, "v")
    outgoing = repository.outgoing(stored.id)
    assert [r.status.value for r in outgoing] == ["other-version", "other-agency", "absent", "external", "resolved"]
    assert [r.reference for r in outgoing] == list(stored.item.references)
    assert done.dangling.total == 3
    first, _, third = done.dangling.listed
    assert (first.source_name, first.role, first.target_urn) == ("AGE", "ConceptReference", f"urn:ddi:{AGENCY}:a:1")
    assert first.source_line == 3
    assert third.target_type == "Concept"
    assert repository.outgoing_many([stored.id]) == {stored.id: outgoing}


def test_a_later_document_resolves_what_dangled(repository: Repository) -> None:
    ingest(repository, Document([study("s", Node("v", references=(refer("c"), refer("d"))))]))
    ingest(repository, Document([Node("c", "Concept", references=(refer("e"),)), Node("e", "Concept")]))
    ingest(repository, Document([Node("d", "Concept", version="2")]))

    (variable,) = repository.get(AGENCY, "v")
    assert [r.status.value for r in repository.outgoing(variable.id)] == ["resolved", "other-version"]
    for name in ("c", "e"):
        (concept,) = repository.get(AGENCY, name)
        assert [c.identification.identifier for c in repository.containers(concept.id).studies] == ["s"]
    assert repository.cohorts()[0].counts == {"Concept": 2, "Variable": 1}
    assert repository.stats().unassigned == {"Concept": 1}


def test_late_bound_references_follow_the_latest(repository: Repository) -> None:
    late, open_ended = refer("c", late_bound=True), refer("c", version="")
    ingest(repository, Document([Node("c", "Concept", label="1")]))
    ingest(repository, Document([Node("v", references=(late, open_ended, refer("c")))]))

    def versions() -> list[str]:
        (variable,) = repository.get(AGENCY, "v")
        targets = (reference.target for reference in repository.outgoing(variable.id))
        return [target.identification.version for target in targets if target]

    assert versions() == ["1", "1", "1"]
    ingest(repository, Document([Node("c", "Concept", version="10", label="10")]))
    assert versions() == ["10", "10", "1"]
    ingest(repository, Document([Node("c", "Concept", version="9", label="9")]))
    assert versions() == ["10", "10", "1"]


def test_bare_identifiers_of_31(repository: Repository) -> None:
    def bare(identifier: str, target_type: str | None = None) -> Reference:
        return refer(identifier, scope="Scheme", target_type=target_type)

    category = Node("Scheme.Cat_1", "Category", local_id="Cat_1", label="here")
    elsewhere = Node("Other.Cat_1", "Category", local_id="Cat_1", label="there")
    only = Node("Other.Cat_2", "Category", local_id="Cat_2")
    variable = Node("Other.X", local_id="X", label="variable")
    question = Node("Third.X", "QuestionItem", local_id="X", label="question")
    references = (bare("Cat_1"), bare("Cat_2"), bare("X"), bare("X", target_type="QuestionItem"), bare("Other"))
    user = Node("u", references=references)
    ingest(repository, Document([user, category, elsewhere, only, variable, question, Node("Other", "Concept")]))

    (stored,) = repository.get(AGENCY, "u")
    targets = [reference.target for reference in repository.outgoing(stored.id)]
    names = [target and target.identification.identifier for target in targets]
    assert names == ["Scheme.Cat_1", "Other.Cat_2", None, "Third.X", "Other"]


def test_who_refers_to_an_item(repository: Repository) -> None:
    users = [Node(f"v{n}", references=(refer("c"), refer("c", "Exclude"))) for n in range(3)]
    ingest(repository, Document([Node("c", "Concept"), *users, Node("q", "QuestionItem", references=(refer("c"),))]))
    (concept,) = repository.get(AGENCY, "c")

    assert repository.incoming_roles(concept.id) == {"ConceptReference": 4, "Exclude": 3}
    seen = []
    cursor = None
    while True:
        page = repository.incoming(concept.id, cursor=cursor, limit=2)
        assert page.total == 7
        seen += [(one.role, one.source.identification.identifier, one.path) for one in page]
        if not (cursor := page.next_cursor):
            break
    assert len(set(seen)) == 7
    assert [role for role, _, _ in seen] == ["ConceptReference"] * 4 + ["Exclude"] * 3
    for limit in range(1, 9):
        page = repository.incoming(concept.id, limit=limit)
        assert (len(page.items), page.total, page.next_cursor is None) == (min(limit, 7), 7, limit >= 7)
    assert repository.incoming(concept.id, role="Exclude").total == 3
    assert [one.source.type for one in repository.incoming(concept.id, types=("QuestionItem",))] == ["QuestionItem"]


def test_references_inside_an_occurrence(repository: Repository) -> None:
    def codes(scheme: str, category: str) -> Node:
        code = Node(f"{scheme}.1", "Code", local_id="1", references=(refer(category, "CategoryReference"),))
        return Node(scheme, "CodeList", children=(code,))

    ingest(repository, Document([codes("a", "yes"), codes("b", "no"), Node("yes", "Category"), Node("no", "Category")]))
    for scheme, category in (("a", "yes"), ("b", "no")):
        (stored,) = repository.get(AGENCY, scheme)
        inside = repository.outgoing_within(stored.occurrences[0], "Code", "CategoryReference")
        assert {key: target.identification.identifier for key, target in inside.items()} == {"1": category}


def test_the_outbox_names_every_item_of_a_published_revision(repository: Repository) -> None:
    first = ingest(repository, Document([study("s", Node("v"))])).revision
    second = ingest(repository, Document([study("s", Node("v"), Node("w"))])).revision

    entries = repository.outbox()
    assert [(entry.revision, entry.urn.split(":")[-2]) for entry in entries] == [
        *((first.id, name) for name in ("v", "s")),
        *((second.id, name) for name in ("v", "s", "w")),
    ]
    assert {entry.event for entry in entries} == {"published"}
    assert repository.outbox(entries[1].id, limit=2) == entries[2:4]


@pytest.mark.parametrize("cursor", ["x", "", "W10", "WyJhIl0", "WyJcdTAwMDAiLDFd", "Wzk5OTk5OTk5OTk5OTk5OTk5OTk5XQ"])
def test_a_malformed_cursor_is_told(repository: Repository, cursor: str) -> None:
    calls: list[Callable[[], object]] = [
        lambda: repository.list_items(cursor=cursor),
        lambda: repository.incoming(1, cursor=cursor),
        lambda: repository.children(1, cursor=cursor),
        lambda: repository.revisions(cursor=cursor),
    ]
    for call in calls:
        with pytest.raises(UsageError):
            call()


def test_an_identification_is_no_pattern(repository: Repository) -> None:
    ingest(repository, Document([Node("a_b")]))
    assert repository.get(AGENCY, "a%b") == ()
    assert repository.get(AGENCY, "a_b")[0].item.identification == Identification(AGENCY, "a_b", "1")
    assert Span(0, 0) != repository.get(AGENCY, "a_b")[0].item.span
