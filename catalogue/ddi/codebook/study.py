"""``docDscr``, ``stdyDscr`` and ``fileDscr`` of DDI-Codebook 2.5, from a study as a whole.

The order of the elements is that of the schema; which ones, and how vocabularies are named, follows the profile of the
CESSDA Data Catalogue (CDC DDI 2.5) as far as the study carries the content.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

from babel import Locale, UnknownLocaleError

from catalogue.ddi.codebook.markup import Attributes, around, element, escaped, language, plain, texts
from catalogue.ddi.codebook.variables import write_universe, written_attributes
from catalogue.model.contents import Period
from catalogue.model.identity import Identification
from catalogue.model.study import Access, Agent, Collection, DataFile, Material, Named, StudyDescription, Term
from catalogue.model.text import InternationalString, LocalizedText

PRODUCT: Final = "cohort-catalogue"
# Names under which the vocabularies of the DDI Alliance stand in documents -> the name that CESSDA's profile asks for.
_VOCABULARIES: Final = {
    "analysisunit": "DDI Analysis Unit",
    "modeofcollection": "DDI Mode of Collection",
    "samplingprocedure": "DDI Sampling Procedure",
    "timemethod": "DDI Time Method",
}
_COAR: Final = "COAR Access Right Vocabulary"
_PUBLICATIONS: Final = frozenset(("publication", "originalliterature", "article", "book", "journalarticle"))
_CODED: Final = "en"  # the codes of the DDI vocabularies are English words


def address(identification: Identification, base_url: str) -> str:
    """Where the catalogue shows an item in its version."""
    return f"{base_url}/id{identification.path}"


# --- the document


def write_document(study: StudyDescription, base_url: str) -> str:
    """``docDscr``: the codebook itself, made from a DDI-Lifecycle source."""
    published = study.changed_at or study.published_at
    titles = _titles(_title(study))
    source = around("titlStmt", titles, _urn(study.identification))
    citation = around(
        "citation",
        around("titlStmt", titles),
        around("prodStmt", plain("software", PRODUCT)),
        around("distStmt", _moment("distDate", published)),
        around("verStmt", plain("version", study.identification.version, _dated(published))),
        around("holdings", attributes={"URI": address(study.identification, base_url)}),
    )
    return element("docDscr", citation + element("docSrc", source))


def _title(one: StudyDescription | Named) -> InternationalString:
    """What a study is called; there must be something."""
    said = one.title if isinstance(one, StudyDescription) else one.label
    return said or _named(one.name or one.identification.identifier)


def _titles(title: InternationalString) -> str:
    """The title, then in other languages."""
    first, *others = title.texts
    return texts("titl", InternationalString((first,))) + texts("parTitl", InternationalString(tuple(others)))


def _named(name: str) -> InternationalString:
    return InternationalString((LocalizedText(name),))


def _urn(identification: Identification) -> str:
    return plain("IDNo", identification.urn, {"agency": "URN"})


def _numbers(study: StudyDescription, pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Identifiers that are not the URN, which stands by itself."""
    others = ((agency, number) for agency, number in pairs if number != study.identification.urn)
    return (plain("IDNo", number, {"agency": agency or None}) for agency, number in others)


def _moment(name: str, moment: datetime | None) -> str:
    return plain(name, moment.date().isoformat(), _dated(moment)) if moment else ""


def _dated(moment: datetime | None) -> Attributes:
    return {"date": moment.date().isoformat() if moment else None}


# --- the study


def write_study(study: StudyDescription, base_url: str) -> Iterator[str]:
    """``stdyDscr``, part by part."""
    yield "<stdyDscr>"
    yield _citation(study, base_url)
    yield _information(study)
    yield _method(study)
    yield around("dataAccs", *(_access(one) for one in study.access))
    yield _other_material(study, base_url)
    yield from (
        texts("notes", one.content, {"type": one.type, "subject": (best.text if (best := one.header.best()) else None)})
        for one in study.notes
    )
    yield from written_attributes((), study.user_attributes)
    yield "</stdyDscr>"


def _citation(study: StudyDescription, base_url: str) -> str:
    first, *others = _title(study).texts
    pages = ({"URI": address(study.identification, base_url), **language(tag)} for tag in study.languages or (None,))
    return around(
        "citation",
        around(
            "titlStmt",
            texts("titl", InternationalString((first,))),
            texts("subTitl", study.subtitle),
            *(texts("altTitl", one) for one in study.alternate_titles),
            texts("parTitl", InternationalString(tuple(others))),
            *_numbers(study, study.identifiers),
            _urn(study.identification),
            *_numbers(study, study.user_ids),
        ),
        around(
            "rspStmt",
            *(_author(one) for one in _agents(study, "creator")),
            *(_agent("othId", one, role=one.role) for one in _agents(study, "contributor")),
        ),
        around(
            "prodStmt",
            texts("copyright", study.copyright),
            *(_agent("fundAg", one, affiliated=False) for one in _agents(study, "funder")),
            *(_grant(one) for one in _agents(study, "funder")),
        ),
        around(
            "distStmt",
            *(_distributor(one) for one in _agents(study, "publisher")),
            *(_contact(one) for access in study.access for one in access.contacts),
            _period_date("distDate", study.publication_date),
        ),
        *(_series(one, address(one.identification, base_url)) for one in study.cohorts),
        *(around("serStmt", texts("serName", one)) for one in study.series),
        around("verStmt", plain("version", study.identification.version, _dated(study.published_at))),
        *(texts("biblCit", access.citation) for access in study.access),
        *(element("holdings", "", attributes) for attributes in pages),
    )


def _agents(study: StudyDescription, role: str) -> Iterator[Agent]:
    return (agent for agent in study.agents if agent.role == role and agent.name)


def _first(value: InternationalString) -> str | None:
    best = value.best()
    return best.text if best else None


def _agent(name: str, agent: Agent, *, role: str | None = None, affiliated: bool = True) -> str:
    affiliation = _first(agent.affiliation) if affiliated else None
    return texts(name, agent.name, {"role": role, "affiliation": affiliation})


def _author(agent: Agent) -> str:
    """With the address of the agent as CESSDA asks for it (``ExtLink``)."""
    attributes = {"affiliation": _first(agent.affiliation)}
    link = plain("ExtLink", agent.identifier, {"URI": agent.identifier, "role": "PID"})
    return "".join(
        element("AuthEnty", escaped(one.text) + link, {**language(one.language), **attributes}) for one in agent.name
    )


def _grant(agent: Agent) -> str:
    return plain("grantNo", agent.grant, {"agency": _first(agent.name)})


def _distributor(agent: Agent) -> str:
    return texts("distrbtr", agent.name, {"affiliation": _first(agent.affiliation), "URI": agent.homepage})


def _contact(agent: Agent) -> str:
    said = {"affiliation": _first(agent.affiliation), "URI": agent.homepage, "email": agent.email}
    return texts("contact", agent.name, said)


def _period_date(name: str, period: Period | None) -> str:
    return plain(name, period.start, {"date": period.start}) if period and period.start else ""


def _series(cohort: Named, uri: str) -> str:
    return element("serStmt", texts("serName", _title(cohort)), {"URI": uri})


# --- what it is about


def _information(study: StudyDescription) -> str:
    keywords = (_topic("keyword", one) for one in study.keyword_terms or map(_worded, study.keywords))
    subjects = (_topic("topcClas", one) for one in study.subject_terms or map(_worded, study.subjects))
    return around(
        "stdyInfo",
        around("subject", *keywords, *subjects),
        texts("abstract", study.abstract),
        texts("abstract", study.purpose, {"contentType": "purpose"}),
        _summary(study),
    )


def _worded(label: InternationalString) -> Term:
    return Term(label=label)


def _topic(name: str, term: Term) -> str:
    return texts(name, term.label, {"vocab": term.vocabulary, "vocabURI": term.vocabulary_uri})


def _summary(study: StudyDescription) -> str:
    covered = study.analysis_units_covered
    return around(
        "sumDscr",
        *(_period("timePrd", one, None) for one in study.periods),
        *(_period("collDate", one, event) for event in study.collections for one in event.periods),
        *(_nation(code, study.languages) for code in study.countries),
        *(texts("geogCover", area) for area in study.areas),
        *(_term("anlyUnit", one) for one in study.analysis_units),
        texts("anlyUnit", covered),
        *(write_universe(one, {}) for one in study.universes),
        *(_kind(one) for one in (*study.kinds_of_data, *study.data_formats)),
    )


def _period(name: str, period: Period, event: Collection | None) -> str:
    """Start and end, or a single date; of a collection, which event it is."""
    cycle = _first(event.label) if event else None
    single = period.start is not None and period.start == period.end
    marks = (("single", period.start),) if single else (("start", period.start), ("end", period.end))
    return "".join(plain(name, date, {"event": mark, "date": date, "cycle": cycle}) for mark, date in marks if date)


def _nation(code: str, languages: Sequence[str]) -> str:
    """ISO 3166-1 codes with the name of the country in the languages of the study; other words as they are."""
    names = ((tag, name) for tag in languages if (name := _country(code, tag)))
    found = "".join(element("nation", escaped(name), {**language(tag), "abbr": code}) for tag, name in names)
    return found or plain("nation", code)


def _country(code: str, tag: str) -> str | None:
    try:
        return Locale.parse(tag).territories.get(code.upper()) if len(code) == 2 else None
    except (UnknownLocaleError, ValueError):
        return None


def _term(name: str, term: Term) -> str:
    """A coded word: in words where there are some, and always as the concept of its vocabulary."""
    vocabulary = _VOCABULARIES.get((term.vocabulary or "").lower().replace(" ", ""), term.vocabulary)
    said = {"vocab": vocabulary, "vocabURI": term.vocabulary_uri}
    concept = plain("concept", term.code, said)
    if not term.label:
        words = language(_CODED) if vocabulary in _VOCABULARIES.values() else {}
        return element(name, escaped(term.code) + concept, words) if term.code else ""
    return "".join(element(name, escaped(one.text) + concept, language(one.language)) for one in term.label)


def _kind(term: Term) -> str:
    return texts("dataKind", term.label) if term.label else plain("dataKind", term.code)


# --- how it was made


def _method(study: StudyDescription) -> str:
    """One ``dataColl`` for all events: each thing once, in their order."""
    events = study.collections
    notes = _each(texts("notes", one.methodology, {"type": "DataCollectionMethodology"}) for one in events)
    labels = (_event_note(one) for one in events)
    return around("method", around("dataColl", *_collection(events)), notes, _each(labels))


def _collection(events: Sequence[Collection]) -> Iterator[str]:
    yield _each(_term("timeMeth", term) for one in events for term in one.time_method)
    yield _each(_agent("dataCollector", agent) for one in events for agent in one.collectors if agent.name)
    yield _each(texts("frequenc", one.frequency) for one in events)
    yield _each(_term("sampProc", term) for one in events for term in one.sampling)
    yield _each(texts("deviat", one.deviations) for one in events)
    yield _each(_term("collMode", term) for one in events for term in one.modes)
    yield _each(_instrument(instrument) for one in events for instrument in one.instruments)
    yield _each(texts("collSitu", one.situation) for one in events)
    yield _each(texts("actMin", one.losses) for one in events)
    yield _each(texts("weight", one.weighting) for one in events)


def _each(parts: Iterable[str]) -> str:
    return "".join(dict.fromkeys(parts))


def _instrument(instrument: Named) -> str:
    return texts("resInstru", _title(instrument), {"ddiLifecycleUrn": instrument.identification.urn})


def _event_note(event: Collection) -> str:
    said = {"type": "CollectionEvent", "ddiLifecycleUrn": event.identification.urn}
    described = texts("notes", event.description, {**said, "subject": "description"})
    return texts("notes", event.label, {**said, "subject": "label"}) + described


# --- who may use it


def _access(access: Access) -> str:
    return around(
        "useStmt",
        texts("confDec", access.confidentiality),
        texts("specPerm", access.permission, {"URI": access.homepage}),
        texts("restrctn", access.restrictions),
        texts("restrctn", access.description),
        plain("restrctn", access.available_from.end or access.available_from.start if access.available_from else None),
        *(_contact(one) for one in access.contacts),
        texts("citReq", access.citation),
        texts("deposReq", access.deposit),
        texts("conditions", access.label),
        *(plain("conditions", one.code, {"elementVersion": _access_vocabulary(one)}) for one in access.terms),
        texts("conditions", access.conditions),
        texts("disclaimer", access.disclaimer),
    )


def _access_vocabulary(term: Term) -> str | None:
    return _COAR if "coar" in (term.vocabulary or "").lower() else term.vocabulary


# --- what belongs to it


def _other_material(study: StudyDescription, base_url: str) -> str:
    publications = [one for one in study.materials if one.type.code.lower().replace(" ", "") in _PUBLICATIONS]
    others = [one for one in study.materials if one not in publications]
    studies = (*study.cohorts, *study.waves, *((_previous(study),) if study.previous else ()))
    return around(
        "othrStdyMat",
        *(_material("relMat", one, one.type.code or None) for one in others),
        *(_study(one, base_url) for one in studies),
        *(_material("relPubl", one, None) for one in publications),
    )


def _previous(study: StudyDescription) -> Named:
    assert study.previous is not None
    return Named(study.previous, study.type, study.name, study.title)


def _material(name: str, material: Material, type_: str | None) -> str:
    written = next(iter(material.uris), material.identification.identifier)
    title = material.title or material.description or _named(written)
    said = {"ddiLifecycleUrn": material.identification.urn, **({"type": type_} if name == "relMat" else {})}
    citation = around(
        "citation",
        around(
            "titlStmt",
            _titles(title),
            *(plain("IDNo", number, {"agency": agency or None}) for agency, number in material.identifiers),
        ),
        around("distStmt", _period_date("distDate", material.publication_date)),
        *(element("holdings", "", {"URI": uri, "media": material.media_type}) for uri in material.uris),
        *([texts("notes", material.description, {"type": "description"})] if material.title else []),
    )
    return element(name, citation, said)


def _study(related: Named, base_url: str) -> str:
    title = around("titlStmt", _titles(_title(related)), _urn(related.identification))
    page = element("holdings", "", {"URI": address(related.identification, base_url)})
    return element("relStdy", element("citation", title + page))


# --- files


def file_id(number: int) -> str:
    """The ID of a data file: its place in the study, from 1."""
    return f"F{number}"


def write_file(file: DataFile, number: int) -> str:
    """``fileDscr`` of a data file."""
    name = file.name or file.identification.identifier
    # Only one text may say what a file contains.
    shown = file.description or file.label
    known = (
        ("byteSize", file.byte_size),
        ("isPublic", None if file.is_public is None else str(file.is_public).lower()),
    )
    text = around(
        "fileTxt",
        plain("fileName", name),
        around("fileCitation", around("titlStmt", _titles(file.label))) if file.label else "",
        _fingerprint(file),
        texts("fileCont", InternationalString(shown.texts[:1])),
        around(
            "dimensns",
            plain("caseQnty", file.cases),
            plain("varQnty", file.variables),
            plain("recNumTot", file.records),
        ),
        plain("fileType", file.format),
    )
    notes = (
        texts("notes", InternationalString(file.description.texts[1:]), {"type": "description"}),
        *(plain("notes", uri, {"type": "DataFileURI"}) for uri in file.uris[1:]),
        *(plain("notes", value, {"type": key}) for key, value in known if value is not None),
    )
    attributes = {
        "ID": file_id(number),
        "URI": next(iter(file.uris), None),
        "ddiLifecycleUrn": file.identification.urn,
    }
    return element("fileDscr", text + "".join(notes), attributes)


def _fingerprint(file: DataFile) -> str:
    if not file.checksum:
        return ""
    value = plain("digitalFingerprintValue", file.checksum)
    algorithm = plain("algorithmSpecification", file.checksum_algorithm)
    return element("dataFingerprint", value + algorithm, {"type": "dataFile"})
