"""Elements that are parsed together are what each is by itself."""

from __future__ import annotations

from lxml import etree

from catalogue.ddi.navigation import language
from catalogue.ddi.writer import SourceElement, parse_element, parse_elements

_NAMESPACES = {"r": "ddi:reusable:3_3"}


def _source(text: str, language: str | None = None, namespaces: dict[str, str] | None = None) -> SourceElement:
    return SourceElement(f"<r:Label>{text}</r:Label>".encode(), namespaces or _NAMESPACES, language, "3.3")


def test_each_element_keeps_its_key_its_namespaces_and_its_language() -> None:
    sources = {
        "a": _source("Âge", "fr"),
        "b": _source("Age", "en"),
        "c": _source("Âge 2", "fr"),
        "d": _source("Age", None),
        "e": _source("Age", "en", {"r": "ddi:reusable:3_2"}),
    }

    found = dict(parse_elements(sources.items()))

    assert {key: (one.text, language(one)) for key, one in found.items()} == {
        "a": ("Âge", "fr"),
        "b": ("Age", "en"),
        "c": ("Âge 2", "fr"),
        "d": ("Age", None),
        "e": ("Age", "en"),
    }
    assert found["e"].tag == "{ddi:reusable:3_2}Label" != found["b"].tag
    assert {key: etree.tostring(one) for key, one in found.items()} == {
        key: etree.tostring(parse_element(one)) for key, one in sources.items()
    }
    assert found["a"].getparent() is found["c"].getparent() is not found["b"].getparent()


def test_no_tree_is_large() -> None:
    found = dict(parse_elements((number, _source("x" * 100_000)) for number in range(10)))

    assert list(found) == list(range(10))
    assert len({one.getparent() for one in found.values()}) == 4
    assert dict(parse_elements([])) == {}
