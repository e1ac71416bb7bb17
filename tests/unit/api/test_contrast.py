"""The colours of the style sheet against WCAG 2.2: text at 4.5 to 1 (1.4.3), marks and focus at 3 to 1 (1.4.11)."""

from __future__ import annotations

import re
from pathlib import Path

import catalogue_api
import pytest

SHEET = (Path(catalogue_api.__file__).parent / "static" / "site.css").read_text(encoding="utf-8")
TEXT, MARK = 4.5, 3.0
WORDS = ("ink", "soft", "accent", "gold", "bad", "good", "study", "variable", "question", "code", "concept", "other")
ON_TINTS = (
    ("ink", "gold-soft"), ("soft", "gold-soft"), ("gold", "gold-soft"), ("accent", "gold-soft"), ("ink", "bad-soft"),
    ("bad", "bad-soft"), ("ink", "good-soft"), ("good", "good-soft"), ("ink", "accent-soft"), ("soft", "accent-soft"),
    ("accent", "accent-soft"), ("gold", "accent-soft"), ("other", "hair"), ("paper", "accent"), ("ink", "mark"),
    ("accent", "mark"),
)  # fmt: skip
PAIRS = (
    *((word, ground, TEXT) for word in WORDS for ground in ("paper", "sheet")),
    *((word, tint, TEXT) for word, tint in ON_TINTS),
    *((mark, ground, MARK) for mark in ("bar", "focus", "soft", "question") for ground in ("paper", "sheet")),
)


def palette(opening: str, inherited: dict[str, str]) -> dict[str, str]:
    """The colours of the first ``:root`` rule after some text of the style sheet, over those it inherits."""
    block = SHEET.partition(opening)[2].partition(":root {")[2].partition("}")[0]
    return {**inherited, **dict(re.findall(r"--([a-z-]+):\s*(#[0-9a-f]{3,6});", block))}


LIGHT = palette("/*", {})
SCHEMES = {
    "light": LIGHT,
    "dark": palette("prefers-color-scheme: dark", LIGHT),
    "print": palette("@media print", LIGHT),
}


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    digits = colour.removeprefix("#")
    full = digits if len(digits) == 6 else "".join(one * 2 for one in digits)
    parts = [int(full[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """From 1 (the same) to 21 (black on white)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def too_faint(colours: dict[str, str]) -> list[str]:
    return [
        f"--{mark} on --{ground}: {ratio:.2f}, needs {needed}"
        for mark, ground, needed in PAIRS
        if (ratio := contrast(colours[mark], colours[ground])) < needed
    ]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_text_can_be_read(scheme: str) -> None:
    assert too_faint(SCHEMES[scheme]) == []


def test_faint_text_is_found() -> None:
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#fff") == pytest.approx(4.48, abs=0.01)
    assert too_faint({**LIGHT, "soft": "#8a949a"})


def test_dark_and_print_have_colours_of_their_own() -> None:
    assert SCHEMES["dark"].keys() == LIGHT.keys()
    assert SCHEMES["dark"]["paper"] != LIGHT["paper"]
    assert SCHEMES["print"]["paper"] == "#fff"
    assert "screen and (prefers-color-scheme: dark)" in SHEET
