"""A DDIProfile as a test: what it requires of a document, evaluated path by path (ddiprofile.xsd 3.2).

Understood are ``isRequired``, ``fixedValue`` with ``defaultValue``, and the constraint of the CESSDA validator that a
node is mandatory where its parent is present.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lxml import etree

_NS = {"pr": "ddi:ddiprofile:3_2", "r": "ddi:reusable:3_2"}
_XML = "http://www.w3.org/XML/1998/namespace"


@dataclass(frozen=True)
class Rule:
    """A ``pr:Used``: a path, and what is asked of it."""

    xpath: str
    required: bool
    fixed: str | None
    with_parent: bool

    @property
    def parent(self) -> str:
        return self.xpath.rpartition("/")[0]

    @property
    def step(self) -> str:
        return self.xpath.rpartition("/")[2]


class Profile:
    """The rules of one profile."""

    def __init__(self, path: Path) -> None:
        self._root = etree.parse(path).getroot()

    @cached_property
    def namespaces(self) -> dict[str, str]:
        found = {
            one.findtext("pr:XMLPrefix", namespaces=_NS): one.findtext("pr:XMLNamespace", namespaces=_NS)
            for one in self._root.iterfind("pr:XMLPrefixMap", _NS)
        }
        return {"xml": _XML, **{prefix: uri for prefix, uri in found.items() if prefix and uri}}

    @cached_property
    def rules(self) -> list[Rule]:
        return [_rule(used) for used in self._root.iterfind("pr:Used", _NS)]

    def broken(self, document: etree._Element) -> list[str]:
        """The paths whose rule the document breaks, each once, in the order of the profile."""
        return list(dict.fromkeys(rule.xpath for rule in self.rules if not self._holds(rule, document)))

    def absent(self, document: etree._Element) -> list[str]:
        """The paths of the profile that lead nowhere in the document."""
        return [rule.xpath for rule in self.rules if not self._found(document, rule.xpath)]

    def _holds(self, rule: Rule, document: etree._Element) -> bool:
        found = self._found(document, rule.xpath)
        parents = self._found(document, rule.parent) if rule.parent.strip("/") else [document]
        each = all(self._found(parent, rule.step) for parent in parents)
        if rule.required:
            # Of several rows with a fixed value under one path, each asks for its own.
            return bool(found) and (each if rule.fixed is None else rule.fixed in map(_value, found))
        if rule.fixed is not None and any(_value(one) != rule.fixed for one in found):
            return False
        return each or not rule.with_parent

    def _found(self, node: object, xpath: str) -> list[object]:
        assert isinstance(node, etree._Element)
        found = node.xpath(xpath, namespaces=self.namespaces)
        assert isinstance(found, list)
        return list(found)


def _value(found: object) -> str:
    """Of an attribute or an element."""
    return "".join(map(str, found.itertext())).strip() if isinstance(found, etree._Element) else str(found)


def _rule(used: etree._Element) -> Rule:
    instructions = " ".join(text for one in used.iterfind("pr:Instructions/r:Content", _NS) if (text := one.text))
    fixed = used.get("defaultValue") if used.get("fixedValue") == "true" else None
    return Rule(
        used.get("xpath", ""), used.get("isRequired") == "true", fixed, "MandatoryNodeIfParentPresent" in instructions
    )
