"""A repository in memory, brute force, and the genuine schemas of OAI-PMH with nothing fetched from the network."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lxml import etree

from catalogue.model.text import InternationalString, LocalizedText
from catalogue.oai.port import HeldSets, Holder, Record, Site, Wanted
from catalogue.oai.protocol import respond

OAI = "{http://www.openarchives.org/OAI/2.0/}"
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
SITE = Site("Cohorts", "https://cohorts.example.org/oai", "cohorts.example.org", ("admin@example.org",))
COHORT = Holder(1, "org.example", "C", cohort=True, study=False)
STUDY = Holder(2, "org.example", "S", cohort=False, study=True)
LONE = Holder(3, "", "a/b c~é", cohort=True, study=True)


@dataclass
class Shelf:
    """Records in a list; ``asked`` counts what was disseminated."""

    shelved: list[Record] = field(default_factory=list)
    holders: tuple[Holder, ...] = (COHORT, STUDY, LONE)
    size: int = 0
    told: dict[str, datetime] = field(default_factory=dict)

    def records(self, wanted: Wanted, after: int, limit: int) -> Sequence[Record]:
        return [record for record in self.shelved if record.number > after and self._has(wanted, record)][:limit]

    def total(self, wanted: Wanted) -> int:
        return len(self.records(wanted, 0, 10**9))

    def record(self, agency: str, identifier: str) -> Record | None:
        return next((one for one in self.shelved if (one.agency, one.identifier) == (agency, identifier)), None)

    def holder(self, agency: str, identifier: str) -> Holder | None:
        return next((one for one in self.holders if (one.agency, one.identifier) == (agency, identifier)), None)

    def sets(self, after: int, limit: int) -> Sequence[HeldSets]:
        title = InternationalString((LocalizedText("Études & co", "fr"), LocalizedText("Studies <", "en")))
        return [HeldSets(one, title, ("Variable",)) for one in self.holders if one.number > after][:limit]

    def earliest(self) -> datetime | None:
        return min((record.changed_at for record in self.shelved), default=None)

    def told_at(self, prefix: str) -> datetime | None:
        return self.told.get(prefix)

    def metadata(self, prefix: str, records: Sequence[Record]) -> Iterator[bytes]:
        for record in records:
            assert not record.deleted
            filling = "x" * self.size
            yield (
                '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" '
                f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{record.number}{filling}</dc:title></oai_dc:dc>'
            ).encode()

    @staticmethod
    def _has(wanted: Wanted, record: Record) -> bool:
        version = wanted.ddi_versions.get(record.type)
        return (
            record.type in wanted.types
            and (wanted.holder is None or wanted.holder in {holder.number for holder in record.holders})
            and (version is None or version == record.ddi_version)
            and (wanted.since is None or record.changed_at >= wanted.since)
            and (wanted.until is None or record.changed_at <= wanted.until)
        )


def record(number: int, type_: str = "StudyUnit", *, deleted: bool = False, version: str = "3.3") -> Record:
    """A record that changed so many days after the first of January."""
    at = datetime(2026, 1, 1, 10, 30, 15, tzinfo=UTC) + timedelta(days=number)
    held = (COHORT, STUDY) if number % 2 else (LONE,)
    return Record(number, "org.example", f"I{number}", type_, version, at, deleted, number, held)


@pytest.fixture
def shelf() -> Shelf:
    """A cohort, studies of which one is deleted, variables in two versions of DDI-L."""
    studies = [record(1, "Group"), *(record(number, deleted=number == 4) for number in range(2, 8))]
    variables = [record(number, "Variable", version="3.3" if number % 3 else "3.2") for number in range(8, 20)]
    return Shelf([*studies, *variables])


@dataclass(frozen=True)
class Answer:
    """A response: its bytes and its tree."""

    body: bytes
    root: etree._Element

    @property
    def errors(self) -> list[str]:
        return [str(one.get("code")) for one in self.root.iter(f"{OAI}error")]

    @property
    def identifiers(self) -> list[str]:
        return [str(one.text) for one in self.root.iter(f"{OAI}identifier")]

    @property
    def token(self) -> str | None:
        found = self.root.find(f".//{OAI}resumptionToken")
        return None if found is None else found.text

    @property
    def request(self) -> dict[str, str]:
        found = self.root.find(f"{OAI}request")
        assert found is not None
        return {str(name): str(value) for name, value in found.attrib.items()}


Ask = Callable[..., Answer]


@pytest.fixture(scope="session")
def oai_schema(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> etree.XMLSchema:
    """OAI-PMH.xsd, oai_dc.xsd and oai-identifier.xsd at once."""
    return compiled(shared, tmp_path_factory.mktemp("oai-xsd"))


def compiled(shared: Path, folder: Path, **more: Path) -> etree.XMLSchema:
    """The schemas of the protocol, and others by namespace prefix, in one; xml.xsd is taken from beside the DDI's."""
    for file in (shared / "oai-xsd").glob("*.xsd"):
        text = file.read_text(encoding="utf-8").replace("http://www.w3.org/2001/03/xml.xsd", "xml.xsd")
        (folder / file.name).write_text(text, encoding="utf-8")
    shutil.copy(shared / "ddi-schemas" / "codebook-2.5" / "xml.xsd", folder / "xml.xsd")
    imports = {
        "http://www.openarchives.org/OAI/2.0/": folder / "OAI-PMH.xsd",
        "http://www.openarchives.org/OAI/2.0/oai_dc/": folder / "oai_dc.xsd",
        "http://www.openarchives.org/OAI/2.0/oai-identifier": folder / "oai-identifier.xsd",
    }
    lines = "".join(
        f'<import namespace="{namespace}" schemaLocation="{path}"/>' for namespace, path in {**imports, **more}.items()
    )
    return etree.XMLSchema(etree.XML(f'<schema xmlns="http://www.w3.org/2001/XMLSchema">{lines}</schema>'))


@pytest.fixture
def ask(shelf: Shelf, oai_schema: etree.XMLSchema) -> Ask:
    """Send a request: pairs, or keywords (``from_``, ``set_``). Every response is valid and well-formed."""

    def send(*pairs: tuple[str, str], **arguments: str) -> Answer:
        every = [*pairs, *((name.rstrip("_"), value) for name, value in arguments.items())]
        body = respond(every, shelf, SITE, NOW)
        root = etree.fromstring(body)
        oai_schema.assertValid(root)
        return Answer(body, root)

    return send
