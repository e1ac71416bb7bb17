"""A study as DDI-Codebook 2.5 (namespace ``ddi:codebook:2_5``), written as it is read, variable by variable.

Valid against ``codebook.xsd`` 2.5, and made for NADA to import and for the CESSDA Data Catalogue to harvest: what they
read (``IDNo``, ``titl``, ``nation``, ``fileDscr/@ID``, ``var/@ID``, ``@name``, ``@files``, ``catgry``) is in its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final

from catalogue.ddi.codebook.study import file_id, write_document, write_file, write_study
from catalogue.ddi.codebook.variables import write_groups, write_variable
from catalogue.model.identity import Identification
from catalogue.model.study import StudyDescription, VariableDescription, VariableGroup

__all__ = ["MEDIA_TYPE", "NAMESPACE", "SCHEMA", "write_codebook"]

NAMESPACE: Final = "ddi:codebook:2_5"
SCHEMA: Final = "https://ddialliance.org/Specification/DDI-Codebook/2.5/XMLSchema/codebook.xsd"
MEDIA_TYPE: Final = "application/xml"
_DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_INSTANCE: Final = "http://www.w3.org/2001/XMLSchema-instance"
_NAMESPACES: Final = f'xmlns="{NAMESPACE}" xmlns:xsi="{_INSTANCE}" xsi:schemaLocation="{NAMESPACE} {SCHEMA}"'
_ROOT: Final = f'<codeBook {_NAMESPACES} version="2.5">\n'
_AT_ONCE: Final = 200


def write_codebook(
    study: StudyDescription,
    variables: Iterable[VariableDescription],
    base_url: str,
    groups: Sequence[VariableGroup] = (),
    *,
    declaration: bool = True,
) -> Iterator[bytes]:
    """A study with its files and variables as a codeBook.

    Args:
        study: as ``exposure.studies`` describes it.
        variables: in the order of their numbers; read once, a few at a time.
        base_url: of the catalogue, without slash at its end; what pages are addressed with.
        groups: of variables.
        declaration: begin with an XML declaration; without it the codeBook can stand in another document.

    Yields:
        UTF-8, in pieces of some variables each.
    """
    files = {file.identification: file_id(number) for number, file in enumerate(study.files, 1)}
    head = (
        _DECLARATION if declaration else "",
        _ROOT,
        write_document(study, base_url),
        "\n",
        *write_study(study, base_url),
        "\n",
        *(write_file(file, number) + "\n" for number, file in enumerate(study.files, 1)),
    )
    yield "".join(head).encode()
    yield from _data(variables, groups, files)
    yield b"</codeBook>\n"


def _data(
    variables: Iterable[VariableDescription], groups: Sequence[VariableGroup], files: Mapping[Identification, str]
) -> Iterator[bytes]:
    written = (write_variable(variable, files) + "\n" for variable in variables)
    first = "".join(islice(written, _AT_ONCE))
    if not first and not groups:
        return
    yield "".join(("<dataDscr>\n", *write_groups(groups), first)).encode()
    while more := "".join(islice(written, _AT_ONCE)):
        yield more.encode()
    yield b"</dataDscr>\n"
