"""What a SPARQL text is, before anything of it is evaluated: a query, an update, a question to others, or nothing.

The text is judged by the very parser that evaluates it, so that the two cannot understand it differently.
"""

from __future__ import annotations

import re
import secrets
import string
from typing import Final

import pyoxigraph

from catalogue.model.report import Message
from catalogue.rdf.quads import FederationError, MalformedQueryError, NestedTooDeeplyError, UpdateRefusedError

_SERVICE: Final = re.compile("service", re.IGNORECASE | re.ASCII)
_PROLOGUE: Final = r"(?:\s|#[^\n]*\n|BASE\s*<[^>]*>|PREFIX\s*[^\s:<]*:\s*<[^>]*>)*"
_UPDATE: Final = re.compile(
    rf"{_PROLOGUE}(INSERT|DELETE|WITH|LOAD|CLEAR|DROP|CREATE|ADD|MOVE|COPY)\b", re.IGNORECASE | re.ASCII
)
_DEEPEST: Final = 40
"""Brackets in each other. The time of Oxigraph's parser grows with the cube of the depth of lists and blank nodes."""
# What hides brackets, and the brackets; an address too, for it is left to the parser whether "<" began one.
_TOKENS: Final = re.compile(
    r"""(?:"{3}(?:[^"\\]|\\.|"(?!""))*"{3} | '{3}(?:[^'\\]|\\.|'(?!''))*'{3}
      | "(?:[^"\\\n\r]|\\.)*" | '(?:[^'\\\n\r]|\\.)*' | \#[^\n\r]* | \\. )
      | (?P<address><[^<>"{}|^`\\\s]*>) | (?P<open>[(\[]) | (?P<close>[)\]])""",
    re.VERBOSE | re.DOTALL,
)
_PLACE: Final = re.compile(r"error at (\d+):(\d+)")


def check(text: str) -> None:
    """Let pass what is a query that asks nobody else.

    SERVICE would let strangers make this server send requests wherever they like, also inside its own network. Whether
    the word stands in the text as the keyword, only the parser knows: it is replaced everywhere by another one that
    nobody can foresee. As part of a name, an address or a literal that changes nothing; as a keyword it is an error.

    Raises:
        UpdateRefusedError: it is an update.
        FederationError: it has a SERVICE clause.
        NestedTooDeeplyError: its brackets are deeper in each other than can be read in time.
        MalformedQueryError: it is none of these.
    """
    if _depth(text) > _DEEPEST:
        raise NestedTooDeeplyError(
            Message(
                f"La requête ne peut pas être lue : elle est trop imbriquée, plus de {_DEEPEST} parenthèses.",
                f"The query cannot be read: it is nested too deeply, more than {_DEEPEST} brackets.",
            )
        )
    if _UPDATE.match(text):
        raise UpdateRefusedError(
            Message(
                "C’est une mise à jour SPARQL ; le point d’accès ne fait que lire.",
                "This is a SPARQL update; the endpoint is read-only.",
            )
        )
    other = "".join(secrets.choice(string.ascii_lowercase) for _ in "service")
    try:
        pyoxigraph.Store().query(_SERVICE.sub(other, text))
    except SyntaxError as error:
        _explain(text, str(error).replace(other, "service"), error)
    except RuntimeError as error:
        raise MalformedQueryError(unevaluated(error)) from error


def unevaluated(error: Exception) -> Message:
    """What is said of a query at which the engine fails."""
    return Message("La requête ne peut pas être évaluée.", f"The query cannot be evaluated: {error}.")


def _depth(text: str) -> int:
    """How deep round and square brackets are in each other, outside of literals and comments."""
    depth = deepest = 0
    for token in _TOKENS.finditer(text):
        if token["open"]:
            depth += 1
        elif token["close"]:
            depth = max(depth - 1, 0)
        within = sum(map(token["address"].count, "([")) if token["address"] else 0
        deepest = max(deepest, depth + within)
    return deepest


def _explain(text: str, message: str, error: Exception) -> None:
    found = _PLACE.search(message)
    if found is not None:
        offset = _offset(text, int(found[1]), int(found[2]))
        # The parser points behind as many characters as it compared with the longest keyword.
        if any(0 <= offset - word.start() <= len("OPTIONAL") for word in _SERVICE.finditer(text)):
            raise FederationError(
                Message(
                    f"La requête a une clause SERVICE à la ligne {found[1]}.",
                    f"The query has a SERVICE clause in line {found[1]}.",
                )
            ) from error
    # The parser lists whole alphabets after what it expected.
    said = message.partition(", [")[0]
    where = f" : ligne {found[1]}, colonne {found[2]}" if found is not None else ""
    raise MalformedQueryError(
        Message(f"La requête ne peut pas être lue{where}.", f"The query cannot be read: {said}.")
    ) from error


def _offset(text: str, line: int, column: int) -> int:
    """Where a line and column, both from 1, are in a text."""
    before = text.split("\n")[: line - 1]
    return sum(len(one) + 1 for one in before) + column - 1
