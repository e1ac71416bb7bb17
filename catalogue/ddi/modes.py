"""Modes of collection as codes, the same on pages and in the search index.

The code of the DDI vocabulary ``ModeOfCollection``; its English label means the same. Where ``otherValue`` says more
than the code, it is put behind it: ``Other.Biosampling``. Any other word stays as it is. What an archivist may want to
change is a row here.
"""

from __future__ import annotations

from typing import Final

_BY_LABEL: Final = {
    "interview": "Interview",
    "face-to-face interview": "Interview.FaceToFace",
    "face-to-face interview: computer-assisted (capi/cami)": "Interview.FaceToFace.CAPIorCAMI",
    "face-to-face interview: paper-and-pencil (papi)": "Interview.FaceToFace.PAPI",
    "telephone interview": "Interview.Telephone",
    "telephone interview: computer-assisted (cati)": "Interview.Telephone.CATI",
    "e-mail interview": "Interview.Email",
    "web-based interview": "Interview.WebBased",
    "self-administered questionnaire": "SelfAdministeredQuestionnaire",
    "self-administered questionnaire: e-mail": "SelfAdministeredQuestionnaire.Email",
    "self-administered questionnaire: paper": "SelfAdministeredQuestionnaire.Paper",
    "self-administered questionnaire: sms/mms": "SelfAdministeredQuestionnaire.SMSorMMS",
    "self-administered questionnaire: web-based (cawi)": "SelfAdministeredQuestionnaire.CAWI",
    "self-administered questionnaire: computer-assisted (casi)": "SelfAdministeredQuestionnaire.CASI",
    "focus group": "FocusGroup",
    "observation": "Observation",
    "experiment": "Experiment",
    "recording": "Recording",
    "measurements and tests": "MeasurementsAndTests",
    "physical measurements and tests": "MeasurementsAndTests.Physical",
    "measurements and tests: physical": "MeasurementsAndTests.Physical",
    "measurements and tests: psychological": "MeasurementsAndTests.Psychological",
    "measurements and tests: educational": "MeasurementsAndTests.Educational",
    "other": "Other",
}


def mode_code(written: str, other: str | None = None) -> str:
    """The code of a mode of collection, from ``TypeOfModeOfCollection`` and its ``otherValue``."""
    words = " ".join(written.split())
    code = _BY_LABEL.get(words.lower(), words)
    return f"{code}.{' '.join(other.split())}" if other and other.strip() else code
