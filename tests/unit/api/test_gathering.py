"""What stands under one label, by cohort and wave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from catalogue_api.gathering import belongings, gathered, placed, waves_of
from catalogue_api.listings import Chosen, chosen

from catalogue.model.identity import Identification
from catalogue.model.items import Kind
from catalogue.model.text import InternationalString, LocalizedText
from catalogue.service import Catalogue, Containers, ContainerSummary, ItemSummary


def summary(number: int, label: str = "", type_: str = "Variable") -> ItemSummary:
    text = InternationalString.of([LocalizedText(label, "en")] if label else [])
    identity = Identification("a", f"i{number}", "1")
    return ItemSummary(number, identity, type_, type_, Kind.VERSIONABLE, "3.3", f"N{number}", text, True, True)


COHORT, OTHER = summary(1, "One", "Group"), summary(2, "Two", "Group")
WAVE, LATER, FAR = (summary(number, f"wave {number}", "StudyUnit") for number in (11, 12, 21))
EVENT = summary(13, "event", "CollectionEvent")


class Places:
    """A catalogue that knows only where items belong, and counts how often it is asked."""

    def __init__(self, places: Mapping[int, Containers]) -> None:
        self.places = places
        self.asked = 0

    def containers_of(self, item_ids: Sequence[int]) -> Mapping[int, Containers]:
        self.asked += 1
        return {one: self.places.get(one, Containers()) for one in item_ids}


def inside(cohort: ItemSummary, *waves: ItemSummary) -> Containers:
    return Containers((cohort,), waves, waves)


def test_items_of_one_label_are_one_entry_by_cohort_and_wave() -> None:
    places = Places({31: inside(COHORT, WAVE), 32: inside(OTHER, FAR), 33: inside(COHORT, LATER)})
    found = gathered(cast(Catalogue, places), [summary(number, "Health") for number in (31, 32, 33)])
    assert [one.label.texts[0].text for one in found] == ["Health"]
    assert [(group.cohorts, [one.item.id for one in group.members]) for group in found[0].groups] == [
        ((COHORT,), [31, 33]),
        ((OTHER,), [32]),
    ]
    assert found[0].only is None
    assert places.asked == 1


def test_other_types_labels_and_unlabelled_items_stand_apart() -> None:
    some = [summary(31, "Health"), summary(32, "Health", "QuestionItem"), summary(33), summary(34), summary(31, "x")]
    found = gathered(cast(Catalogue, Places({})), some)
    assert [one.only.item.id for one in found if one.only] == [31, 32, 33, 34]


def test_items_that_share_their_wave_are_marked() -> None:
    places = Places({31: inside(COHORT, WAVE), 32: inside(COHORT, WAVE), 33: inside(COHORT, LATER)})
    (found,) = gathered(cast(Catalogue, places), [summary(number, "Health") for number in (31, 32, 33)])
    assert [one.shares for one in found.groups[0].members] == [True, True, False]


def test_a_wave_is_a_study_rather_than_an_event_and_no_cohort() -> None:
    assert waves_of(Containers((COHORT,), (WAVE,), (WAVE, EVENT))) == (WAVE,)
    assert waves_of(Containers((WAVE,), (WAVE,), (EVENT,))) == (EVENT,)
    assert waves_of(Containers()) == ()


def test_each_cohort_is_named_with_its_own_waves() -> None:
    held = Containers((COHORT, OTHER), (WAVE, FAR, LATER), ())
    places = Places({WAVE.id: Containers((COHORT,)), FAR.id: Containers((OTHER,))})
    found = belongings(cast(Catalogue, places), held)
    assert [(one.cohort, one.waves) for one in found] == [(COHORT, (WAVE,)), (OTHER, (FAR,)), (None, (LATER,))]


def test_the_lines_of_a_list_keep_their_order() -> None:
    places = Places({32: inside(COHORT, WAVE)})
    lines = placed(cast(Catalogue, places), [summary(33), summary(32)])
    assert [(one.item.id, one.cohorts, one.waves) for one in lines] == [(33, (), ()), (32, (COHORT,), (WAVE,))]
    assert places.asked == 1


def test_a_list_is_of_the_cohort_it_is_filtered_by_or_whose_wave_it_is() -> None:
    cohorts = (ContainerSummary(COHORT, {}, (ContainerSummary(WAVE, {}),)), ContainerSummary(OTHER, {}))
    waves = cohorts[0].waves
    former = summary(10, "wave 1, formerly", "StudyUnit")
    places = cast(Catalogue, Places({former.id: Containers((COHORT,)), EVENT.id: Containers((COHORT,), (WAVE,))}))
    for scope, expected in (
        ((OTHER,), Chosen(OTHER)),
        ((WAVE,), Chosen(COHORT, WAVE, waves)),
        ((COHORT, WAVE), Chosen(COHORT, WAVE, waves)),
        ((former,), Chosen(COHORT, former, waves)),
        ((EVENT,), Chosen(COHORT, EVENT, waves)),
        ((OTHER, COHORT), Chosen(OTHER, COHORT)),
        ((FAR,), Chosen(FAR)),
        ((), Chosen()),
    ):
        assert chosen(places, cohorts, scope) == expected
