"""Identity, reference and language findings: pure functions from plain facts to violations.

DDI-L 3.3 Technical Documentation, "Identification, URN and Reference"; DDI-L 3.1 Part II, "Identification".

The ``detail`` of a reference is its element and its target, that of a language the attribute: ``locating`` finds them
by it.
"""

from __future__ import annotations

from catalogue.model.identity import Identification
from catalogue.model.report import Violation
from catalogue.validation.codes import Place, violation

_DANGLING = {
    "absent": "reference.dangling",
    "other-version": "reference.other-version",
    "other-agency": "reference.other-agency",
}


def duplicate_identification(
    urn: str, item_type: str, first_line: int, line: int, *, name: str | None = None
) -> Violation:
    """Two elements under one identification whose contents differ."""
    place = Place(line, None, urn, item_type, name)
    return violation("identity.duplicate", place, {"urn": urn, "first": first_line, "line": line})


def inherited_agency(count: int, agency: str, *, line: int | None = None) -> Violation:
    """``count`` elements took the agency of the maintainable that contains them (DDI-L 3.1 inheritance)."""
    return violation("identity.inherited-agency", Place(line), {"count": count, "agency": agency})


def empty_agency(item_type: str, line: int, *, urn: str | None = None, name: str | None = None) -> Violation:
    """``r:Agency`` is present and empty, and nothing encloses it that has one."""
    return violation("identity.empty-agency", Place(line, None, urn, item_type, name), {"type": item_type})


def empty_version(
    item_type: str, line: int, *, urn: str | None = None, name: str | None = None, assumed: str = "1"
) -> Violation:
    """No ``r:Version``, and none to inherit."""
    place = Place(line, None, urn, item_type, name)
    return violation("identity.empty-version", place, {"type": item_type, "assumed": assumed})


def missing_identifier(item_type: str, line: int, *, detail: str | None = None) -> Violation:
    """An element that DDI identifies has neither ``r:ID``, ``r:URN`` nor ``@id``: it is refused."""
    return violation("identity.missing", Place(line, item_type=item_type), {"type": item_type}, detail=detail)


def urn_mismatch(written: str, triple_urn: str, item_type: str, line: int, *, name: str | None = None) -> Violation:
    """``r:URN`` and the triple Agency, ID, Version of one element disagree; the URN takes precedence and is kept."""
    place = Place(line, None, _canonical(written) or triple_urn, item_type, name)
    return violation("identity.urn-mismatch", place, {"written": written, "triple": triple_urn})


def _canonical(written: str) -> str | None:
    try:
        return Identification.from_urn(written).urn
    except ValueError:
        return None


def dangling_reference(
    *,
    source_urn: str,
    source_type: str,
    source_name: str | None,
    line: int | None,
    role: str,
    target_urn: str,
    reason: str = "absent",
    known: str | None = None,
) -> Violation:
    """A reference whose target is not in the document.

    Args:
        reason: ``absent``, ``other-version`` or ``other-agency``.
        known: the version or agency under which the target is present, when ``reason`` is not ``absent``.
    """
    place = Place(line, None, source_urn, source_type, source_name)
    values = {"role": role, "target": target_urn, "known": known or "?"}
    return violation(_DANGLING[reason], place, values, detail=f"{role} {target_urn}")


def top_level_reference_unmatched(target_urn: str, line: int | None = None) -> Violation:
    """``TopLevelReference`` of a FragmentInstance names an item or a version that no Fragment has."""
    detail = f"TopLevelReference {target_urn}"
    return violation("reference.top-level", Place(line), {"target": target_urn}, detail=detail)


def malformed_language(
    tag: str,
    line: int | None,
    count: int = 1,
    *,
    urn: str | None = None,
    item_type: str | None = None,
    name: str | None = None,
) -> Violation:
    """An ``xml:lang`` that is not BCP 47, or that names no language; ``line`` is its first."""
    suggestion = suggest_language(tag)
    return violation(
        "language.malformed",
        Place(line, None, urn, item_type, name),
        {
            "tag": tag,
            "count": count,
            "suggestion_fr": f"« {suggestion} »" if suggestion else "un code reconnu",
            "suggestion_en": f'"{suggestion}"' if suggestion else "a recognised tag",
        },
        detail=f"xml:lang {tag}",
    )


def suggest_language(tag: str) -> str | None:
    """The tag that was probably meant: ``en-GB`` for ``gb-EN``, ``fr-FR`` for ``fr-fr``; None if nothing is near."""
    import langcodes  # here, as in model/text.py
    from langcodes.tag_parser import LanguageTagError

    for attempt in (tag, "-".join(reversed(tag.split("-")))):
        try:
            normal = langcodes.standardize_tag(attempt.replace("_", "-"))
        except LanguageTagError:
            continue
        if langcodes.tag_is_valid(normal) and normal != tag:
            return normal
    return None


def conflict(
    urn: str,
    item_type: str,
    name: str | None,
    line: int | None,
    published_excerpt: str,
    new_excerpt: str,
) -> Violation:
    """The same identification is published with other content; both are shown."""
    return violation(
        "publication.conflict",
        Place(line, None, urn, item_type, name),
        {"urn": urn},
        expected=(("published", published_excerpt), ("submitted", new_excerpt)),
    )


def schema_not_installed(version: str, *, detail: str | None = None) -> Violation:
    """No verdict: the XSD set of this DDI version is absent."""
    return violation("schema.not-installed", values={"version": version}, detail=detail)
