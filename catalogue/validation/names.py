"""Names as XML and DDI write them: Clark names, namespaces of DDI-Lifecycle."""

from __future__ import annotations

import re

from lxml import etree

_LIFECYCLE = re.compile(r"ddi:[a-z_]+:(3)_(\d)")


def split(tag: str) -> tuple[str, str]:
    """Namespace and local name of a Clark name."""
    namespace, brace, local = tag.rpartition("}")
    return (namespace[1:] if brace else "", local)


def local_of(element: etree._Element) -> str:
    """The local name of an element."""
    return split(str(element.tag))[1]


def version_of(namespace: str) -> str | None:
    """``3.3`` for a DDI-Lifecycle 3.3 namespace; None for any other."""
    match = _LIFECYCLE.fullmatch(namespace)
    return f"{match[1]}.{match[2]}" if match else None
