"""Ranges against what RFC 9110, section 14, says of each."""

from __future__ import annotations

import pytest
from catalogue_api.ranges import content_range, part_of
from starlette.exceptions import HTTPException

BYTES = bytes(range(100))
TAG = '"one"'


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-9", BYTES[:10]),
        ("bytes=10-10", BYTES[10:11]),
        ("bytes=90-", BYTES[90:]),
        ("bytes=0-", BYTES),
        ("bytes=90-1000", BYTES[90:]),
        ("bytes=-5", BYTES[95:]),
        ("bytes=-1000", BYTES),
        ("Bytes = 3-4", BYTES[3:5]),
    ],
)
def test_a_range_is_these_bytes(header: str, expected: bytes) -> None:
    part = part_of(header, None, TAG, len(BYTES))
    assert part is not None
    assert BYTES[part.start : part.stop] == expected
    assert content_range(part, 100) == f"bytes {expected[0]}-{expected[-1]}/100"


@pytest.mark.parametrize(
    "header", [None, "", "bytes=", "bytes=-", "bytes=9-5", "bytes=0-1,5-6", "items=0-5", "bytes=a-b", "bytes=+1-5"]
)
def test_what_is_no_single_range_of_bytes_is_not_heeded(header: str | None) -> None:
    assert part_of(header, None, TAG, len(BYTES)) is None


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0", f"bytes={10**30}-"])
def test_bytes_that_are_not_there_are_refused_with_the_length(header: str) -> None:
    with pytest.raises(HTTPException) as raised:
        part_of(header, None, TAG, len(BYTES))
    assert raised.value.status_code == 416
    assert raised.value.headers == {"Content-Range": "bytes */100"}


def test_a_range_holds_if_the_whole_is_still_the_same() -> None:
    assert part_of("bytes=5-", TAG, TAG, 100) == range(5, 100)
    for other in ('"two"', f"W/{TAG}", "Sun, 06 Nov 1994 08:49:37 GMT", ""):
        assert part_of("bytes=5-", other, TAG, 100) is None
    assert part_of("bytes=500-", '"two"', TAG, 100) is None  # of another whole these bytes may have been there
