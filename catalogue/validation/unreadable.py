"""From the error that stopped reading to a violation that says what usually causes it."""

from __future__ import annotations

from dataclasses import replace

from catalogue.errors import (
    CatalogueError,
    LimitExceededError,
    UnreadableArchiveError,
    UnreadableDocumentError,
    UnsupportedDocumentError,
)
from catalogue.model.report import Message, Violation
from catalogue.validation.codes import Place, violation

# Class of the error, words in its message (all lower case), code. The first row that fits decides.
_CODES: tuple[tuple[type[CatalogueError], str, str], ...] = (
    (LimitExceededError, "", "xml.limit"),
    (UnreadableArchiveError, "outside the archive", "archive.traversal"),
    (UnreadableArchiveError, "holds no .xml", "archive.empty"),
    (UnreadableArchiveError, "the file cannot be read", "archive.no-access"),
    (UnreadableArchiveError, "", "archive.damaged"),
    (UnsupportedDocumentError, "codebook", "ddi.codebook"),
    (UnsupportedDocumentError, "not supported", "ddi.unsupported-version"),
    (UnsupportedDocumentError, "", "ddi.not-ddi"),
    (UnreadableDocumentError, "doctype", "xml.doctype"),
    (UnreadableDocumentError, "is empty", "xml.empty"),
    (UnreadableDocumentError, "data, not xml", "xml.compressed"),
    (UnreadableDocumentError, "the encoding", "xml.encoding"),
    (UnreadableDocumentError, "not properly utf-8", "xml.encoding"),
    (UnreadableDocumentError, "unknown encoding", "xml.encoding"),
    (UnreadableDocumentError, "unsupported encoding", "xml.encoding"),
    (UnreadableDocumentError, "encoding specified", "xml.encoding"),
)

# Words of expat or libxml2, and what usually causes them.
_CAUSES: tuple[tuple[str, Message], ...] = (
    (
        "mismatched tag",
        Message(
            "La balise fermante ne correspond pas à la dernière balise ouverte : il manque une balise de fin, ou "
            "elle est "
            "mal écrite. Comparez avec la balise ouvrante qui précède.",
            "The closing tag does not match the last opening tag: an end tag is missing or misspelt. Compare with the "
            "opening tag before it.",
        ),
    ),
    (
        "no element found",
        Message(
            "Le fichier s'arrête avant la fin : l'export ou le transfert a été interrompu. Exportez-le de nouveau.",
            "The file ends too early: the export or transfer was interrupted. Export it again.",
        ),
    ),
    (
        "unclosed token",
        Message(
            "Le fichier s'arrête au milieu d'une balise : l'export ou le transfert a été interrompu. Exportez-le de "
            "nouveau.",
            "The file ends in the middle of a tag: the export or transfer was interrupted. Export it again.",
        ),
    ),
    (
        "unbound prefix",
        Message(
            "Un préfixe (par exemple r: ou g:) est utilisé sans être déclaré. Déclarez-le sur la racine, par exemple "
            'xmlns:r="ddi:reusable:3_3".',
            "A prefix (for example r: or g:) is used without being declared. Declare it on the root, for example "
            'xmlns:r="ddi:reusable:3_3".',
        ),
    ),
    (
        "undefined entity",
        Message(
            "Une entité comme &nbsp; ou &eacute; est utilisée ; XML ne la connaît pas. Écrivez le caractère lui-même.",
            "An entity such as &nbsp; or &eacute; is used; XML does not know it. Write the character itself.",
        ),
    ),
    (
        "not a valid uri",
        Message(
            "Une déclaration d'espace de noms (xmlns) contient un blanc ou un caractère interdit. Écrivez-la "
            "exactement, "
            'par exemple xmlns="ddi:instance:3_3".',
            "A namespace declaration (xmlns) contains a blank or a forbidden character. Write it exactly, for example "
            'xmlns="ddi:instance:3_3".',
        ),
    ),
    (
        "duplicate attribute",
        Message(
            "Un attribut est écrit deux fois dans la même balise. Gardez-en un seul.",
            "An attribute is written twice in one tag. Keep one of them.",
        ),
    ),
    (
        "junk after document element",
        Message(
            "Il y a du contenu après la fin de l'élément racine : deux documents ont été mis bout à bout, ou il "
            "manque une "
            "racine commune.",
            "There is content after the end of the root element: two documents were joined, or a common root is "
            "missing.",
        ),
    ),
    (
        "xml or text declaration not at start",
        Message(
            "Il y a des caractères ou une ligne vide avant <?xml ... ?>. Cette déclaration doit ouvrir le fichier.",
            "There are characters or an empty line before <?xml ... ?>. That declaration must open the file.",
        ),
    ),
    (
        "invalid token): line 1, column 0",
        Message(
            "Ce n'est pas du XML : le fichier est peut-être du texte, du JSON ou une page d'erreur. Envoyez le "
            "fichier XML.",
            "This is not XML: the file may be text, JSON or an error page. Send the XML file.",
        ),
    ),
    (
        "invalid token",
        Message(
            "Un caractère interdit figure à cet endroit : le plus souvent « & » ou « < » dans un texte (écrivez "
            "&amp; ou "
            "&lt;), ou une lettre accentuée qui n'est pas dans l'encodage que le fichier déclare (enregistrez-le en "
            "UTF-8).",
            'A forbidden character stands there: mostly "&" or "<" in a text (write &amp; or &lt;), or an accented '
            "letter that is not in the encoding which the file declares (save it as UTF-8).",
        ),
    ),
    (
        "syntax error",
        Message(
            "Ce n'est pas du XML à cet endroit, ou une déclaration d'espace de noms (xmlns) contient un blanc. "
            "Écrivez-la "
            'exactement, par exemple xmlns="ddi:instance:3_3".',
            "This is not XML at that place, or a namespace declaration (xmlns) contains a blank. Write it exactly, for "
            'example xmlns="ddi:instance:3_3".',
        ),
    ),
)


def unreadable(error: CatalogueError) -> Violation:
    """The violation of a document that could not be read, or is not DDI-L; the error's own words go to ``detail``."""
    text = error.message.lower()
    code = next((code for kind, words, code in _CODES if isinstance(error, kind) and words in text), None)
    line = getattr(error, "line", None)
    found = violation(
        code or "xml.not-well-formed",
        Place(line),
        {
            "where_fr": f"la ligne {line}" if line else "un endroit inconnu",
            "where_en": f"line {line}" if line else "an unknown place",
        },
        detail=error.message,
    )
    cause = next((cause for words, cause in _CAUSES if words in text), None)
    return replace(found, remedy=cause) if code is None and cause else found
