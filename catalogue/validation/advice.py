"""What is said of the faults that real documents have most: rows of (fault, where) and the sentences for them.

The first row that fits replaces the general sentence or remedy of ``codes``.
"""

from __future__ import annotations

from dataclasses import dataclass

from catalogue.model.report import Message


@dataclass(frozen=True, slots=True)
class Advice:
    """One row; an empty tuple or None fits everything.

    Attributes:
        codes: the faults it speaks of.
        versions: DDI versions.
        parents: local names of the element that is at fault or contains what is.
        children: local names of what is unexpected there.
        expected: names of which one must be among what is expected.
        message, remedy: what to say instead, where not None.
    """

    codes: tuple[str, ...]
    versions: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    children: tuple[str, ...] = ()
    expected: tuple[str, ...] = ()
    message: Message | None = None
    remedy: Message | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A fault as the table sees it."""

    code: str
    version: str
    parent: str
    child: str = ""
    expected: tuple[str, ...] = ()


_UNEXPECTED = (
    "xsd.unexpected-element",
    "xsd.unknown-element",
    "xsd.misspelt-element",
    "xsd.misplaced-element",
    "xsd.repeated-element",
    "xsd.missing-before",
)
_MISSING = ("xsd.missing-element", "xsd.missing-before")
_VALUE = ("xsd.pattern", "xsd.empty-value", "xsd.invalid-value")
_IDENTIFIED_BY = Message(
    "Donnez-lui soit une URN, soit Agency, ID et Version, dans cet ordre et avant tout autre contenu.",
    "Give it either a URN, or Agency, ID and Version, in this order and before any other content.",
)

ADVICE: tuple[Advice, ...] = (
    Advice(
        _UNEXPECTED,
        ("3.3",),
        ("GenerationInstruction",),
        ("SourceQuestion",),
        message=Message(
            "« SourceQuestion » n'existe plus en DDI 3.3 ; c'est l'écriture de DDI 3.2.",
            '"SourceQuestion" no longer exists in DDI 3.3; it is how DDI 3.2 wrote it.',
        ),
        remedy=Message(
            "Renommez « SourceQuestion » en « InputQuestionReference » ; le contenu reste le même.",
            'Rename "SourceQuestion" to "InputQuestionReference"; its content stays the same.',
        ),
    ),
    Advice(
        _UNEXPECTED,
        ("3.3",),
        ("GenerationInstruction",),
        ("SourceVariable",),
        message=Message(
            "« SourceVariable » n'existe plus en DDI 3.3 ; c'est l'écriture de DDI 3.2.",
            '"SourceVariable" no longer exists in DDI 3.3; it is how DDI 3.2 wrote it.',
        ),
        remedy=Message(
            "Renommez « SourceVariable » en « InputVariableReference » ; le contenu reste le même.",
            'Rename "SourceVariable" to "InputVariableReference"; its content stays the same.',
        ),
    ),
    Advice(
        _MISSING,
        ("3.1",),
        ("QuestionItem",),
        expected=("TextDomain", "CodeDomain", "NumericDomain"),
        message=Message(
            "La question n'a pas de domaine de réponse ; en DDI 3.1 chaque QuestionItem en a un.",
            "The question has no response domain; in DDI 3.1 every QuestionItem has one.",
        ),
        remedy=Message(
            "Ajoutez après le texte de la question ce que l'on peut répondre : CodeDomain (modalités), NumericDomain "
            "(nombre), TextDomain (texte libre), DateTimeDomain (date), ou StructuredMixedResponseDomain.",
            "After the question text add what can be answered: CodeDomain (categories), NumericDomain (number), "
            "TextDomain (free text), DateTimeDomain (date), or StructuredMixedResponseDomain.",
        ),
    ),
    Advice(
        _MISSING,
        (),
        ("StructuredMixedGridResponseDomain",),
        message=Message(
            "Le domaine de réponse mixte de la grille contient moins de deux domaines.",
            "The mixed response domain of the grid contains fewer than two domains.",
        ),
        remedy=Message(
            "Mettez-y au moins deux GridResponseDomainInMixed (ou NoDataByDefinition). S'il n'y a qu'un domaine pour "
            "toute "
            "la grille, remplacez StructuredMixedGridResponseDomain par ce domaine (TextDomain, NumericDomain, "
            "CodeDomain...).",
            "Put at least two GridResponseDomainInMixed (or NoDataByDefinition) into it. If the whole grid has one "
            "domain, "
            "replace StructuredMixedGridResponseDomain by that domain (TextDomain, NumericDomain, CodeDomain...).",
        ),
    ),
    Advice(
        ("xsd.repeated-element",),
        (),
        ("Loop", "RepeatWhile", "RepeatUntil"),
        ("ControlConstructReference",),
        message=Message(
            "Une boucle ne contient qu'un seul ControlConstructReference ; celui-ci est en trop.",
            "A loop contains a single ControlConstructReference; this one is too many.",
        ),
        remedy=Message(
            "Réunissez les étapes de la boucle dans une Sequence, et citez cette Sequence par un seul "
            "ControlConstructReference.",
            "Gather the steps of the loop in a Sequence, and cite that Sequence by a single ControlConstructReference.",
        ),
    ),
    Advice(
        _UNEXPECTED,
        (),
        (),
        ("ControlConstructReference",),
        message=Message(
            "« ControlConstructReference » n'est pas à sa place dans « {parent} ».",
            '"ControlConstructReference" is not in its place in "{parent}".',
        ),
        remedy=Message(
            "Dans une Sequence, placez-le après le nom, le libellé et la description ; dans un IfThenElse, utilisez "
            "ThenConstructReference ou ElseConstructReference ; sinon, citez l'étape depuis une Sequence.",
            "In a Sequence, put it after name, label and description; in an IfThenElse, use ThenConstructReference or "
            "ElseConstructReference; otherwise cite the step from a Sequence.",
        ),
    ),
    Advice(
        ("xsd.repeated-element",),
        (),
        ("QuestionItem",),
        ("TextDomain", "CodeDomain", "NumericDomain", "DateTimeDomain", "ScaleDomain", "CategoryDomain"),
        message=Message(
            "La question a plusieurs domaines de réponse ; elle ne peut en avoir qu'un.",
            "The question has several response domains; it may have one only.",
        ),
        remedy=Message(
            "Réunissez-les dans un StructuredMixedResponseDomain, chacun dans un ResponseDomainInMixed.",
            "Gather them in a StructuredMixedResponseDomain, each in a ResponseDomainInMixed.",
        ),
    ),
    Advice(
        _MISSING,
        ("3.2", "3.3"),
        expected=("URN",),
        message=Message(
            "« {parent} » n'est pas identifié : ni URN, ni Agency, ID et Version.",
            '"{parent}" is not identified: neither URN, nor Agency, ID and Version.',
        ),
        remedy=_IDENTIFIED_BY,
    ),
    Advice(
        _VALUE,
        (),
        ("Agency",),
        remedy=Message(
            "Écrivez le nom de l'agence comme un nom de domaine : lettres sans accent, chiffres et traits d'union, "
            "séparés "
            "par des points, par exemple fr.inserm.",
            "Write the agency like a domain name: letters without accents, digits and hyphens, separated by dots, for "
            "example fr.inserm.",
        ),
    ),
    Advice(
        _VALUE,
        (),
        ("ID",),
        remedy=Message(
            "Un identifiant se compose de lettres sans accent, de chiffres et de * @ $ - _ ; ni blanc, ni "
            "deux-points, ni "
            "barre oblique. Changez-le partout où il est cité.",
            "An identifier is made of letters without accents, digits and * @ $ - _ ; no blank, colon or slash. "
            "Change it "
            "wherever it is cited.",
        ),
    ),
    Advice(
        _VALUE,
        (),
        ("Version",),
        remedy=Message(
            "Écrivez la version en nombres séparés par des points, par exemple 1 ou 1.0.2.",
            "Write the version as numbers separated by dots, for example 1 or 1.0.2.",
        ),
    ),
    Advice(
        _VALUE,
        (),
        ("URN",),
        remedy=Message(
            "Écrivez l'URN sous la forme urn:ddi:agence:identifiant:version, par exemple urn:ddi:fr.inserm:Q1:1.0.",
            "Write the URN as urn:ddi:agency:identifier:version, for example urn:ddi:fr.inserm:Q1:1.0.",
        ),
    ),
    Advice(
        ("xsd.enumeration",),
        (),
        ("TypeOfObject",),
        remedy=Message(
            "Écrivez le nom DDI de l'élément cité, par exemple QuestionItem, Variable ou CodeList.",
            "Write the DDI name of the element that is cited, for example QuestionItem, Variable or CodeList.",
        ),
    ),
    Advice(
        _MISSING,
        ("3.2", "3.3"),
        expected=("String", "Content"),
        remedy=Message(
            "Entourez le texte : r:String pour un nom ou un titre, r:Content pour un libellé ou une description, avec "
            "xml:lang.",
            "Wrap the text: r:String for a name or title, r:Content for a label or description, with xml:lang.",
        ),
    ),
)


def advise(case: Case) -> Advice | None:
    """The first row that fits."""
    return next((row for row in ADVICE if _fits(row, case)), None)


def _fits(row: Advice, case: Case) -> bool:
    wanted = (
        (row.codes, case.code),
        (row.versions, case.version),
        (row.parents, case.parent),
        (row.children, case.child),
    )
    if any(allowed and actual not in allowed for allowed, actual in wanted):
        return False
    return not row.expected or bool(set(row.expected) & set(case.expected))
