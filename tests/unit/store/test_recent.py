"""What never changes is read once, as long as it is asked for."""

from __future__ import annotations

from collections.abc import Sequence

from catalogue.store.recent import Recent


class Source:
    """Numbers under their names; counts what is read."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def __call__(self, keys: Sequence[str]) -> dict[str, int]:
        """Those of the keys that are numbers."""
        self.read += keys
        return {key: int(key) for key in keys if key.isdecimal()}


def test_what_is_kept_is_not_read_again() -> None:
    recent, source = Recent[str, int](3), Source()
    assert recent.get(["1", "2"], source) == {"1": 1, "2": 2}
    assert recent.get(["2", "3"], source) == {"2": 2, "3": 3}
    assert source.read == ["1", "2", "3"]


def test_what_was_asked_for_longest_ago_goes_first() -> None:
    recent, source = Recent[str, int](2), Source()
    for keys in (["1"], ["2"], ["1"], ["3"], ["1"]):
        recent.get(keys, source)
    assert source.read == ["1", "2", "3"]
    recent.get(["2"], source)
    assert source.read == ["1", "2", "3", "2"]


def test_more_is_given_than_is_kept() -> None:
    recent, source = Recent[str, int](1), Source()
    assert recent.get(["1", "2", "3"], source) == {"1": 1, "2": 2, "3": 3}


def test_what_has_no_value_may_have_one_later() -> None:
    recent, source = Recent[str, int](3), Source()
    assert recent.get(["none"], source) == {}
    assert recent.get(["none"], source) == {}
    assert source.read == ["none", "none"]
