"""The six verbs, one builder each: OAI-PMH 2.0, section 4. A builder gives the content of its response in pieces."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from catalogue.model.report import Message
from catalogue.model.text import InternationalString, LocalizedText
from catalogue.oai import dates, names, tokens
from catalogue.oai.arguments import Request, shown
from catalogue.oai.dublin_core import described
from catalogue.oai.faults import Code, Fault, FaultsError, fail
from catalogue.oai.formats import FORMATS, Format, formats_of
from catalogue.oai.markup import around, element
from catalogue.oai.names import ITEMS, STUDIES, SetName, identifier_of, key_of, sets_of
from catalogue.oai.port import HeldSets, Provider, Record, Site, Wanted
from catalogue.oai.tokens import Token
from catalogue.oai.words import ABOUT, ROOTS, set_title, type_titles

_HEADERS: Final = 1000  # in one piece of a list of headers
_HOLDERS: Final = 200  # cohorts and studies in one piece of a list of sets
_LARGEST: Final = 8 * 1024 * 1024  # bytes of metadata after which a piece of a list ends


@dataclass(frozen=True, slots=True)
class Context:
    """What builders answer from; ``now`` is the date of the response."""

    provider: Provider
    site: Site
    now: datetime


Builder = Callable[[Request, Context], Iterator[bytes]]


# --- Identify, ListMetadataFormats ------------------------------------------------------------------------------------


def identify(_: Request, context: Context) -> Iterator[bytes]:
    """Section 4.2."""
    site = context.site
    told = [
        element("repositoryName", site.name),
        element("baseURL", site.address),
        element("protocolVersion", "2.0"),
        *(element("adminEmail", email) for email in site.emails),
        element("earliestDatestamp", dates.written(context.provider.earliest() or context.now)),
        element("deletedRecord", "persistent"),
        element("granularity", dates.Granularity.SECOND),
        element("compression", "gzip"),
        around("description", [_identifiers(site, context.provider)]),
        around("description", [described(ABOUT)]),
    ]
    yield "".join(told).encode()


def _identifiers(site: Site, provider: Provider) -> str:
    """The description of the guidelines on identifiers, with that of a record as the sample, if there is one."""
    first = provider.records(Wanted((*STUDIES, *ITEMS)), 0, 1)
    namespace = "http://www.openarchives.org/OAI/2.0/oai-identifier"
    attributes = {
        "xmlns": namespace,
        "xsi:schemaLocation": f"{namespace} http://www.openarchives.org/OAI/2.0/oai-identifier.xsd",
    }
    sample = identifier_of(site.domain, first[0]) if first else f"oai:{site.domain}:example.org/STUDY"
    told = [
        element("scheme", "oai"),
        element("repositoryIdentifier", site.domain),
        element("delimiter", ":"),
        element("sampleIdentifier", sample),
    ]
    return around("oai-identifier", told, attributes)


def list_metadata_formats(request: Request, context: Context) -> Iterator[bytes]:
    """Section 4.4."""
    identifier = request.get("identifier")
    rows = formats_of(_existing(identifier, context)) if identifier else list(FORMATS.values())
    if not rows:
        raise fail(
            Code.NO_METADATA_FORMATS,
            Message(f"{identifier} ne peut être donné en aucun format.", f"{identifier} can be given in no format."),
        )
    yield "".join(_format(row) for row in rows).encode()


def _format(row: Format) -> str:
    told = [
        element("metadataPrefix", row.prefix),
        element("schema", row.schema),
        element("metadataNamespace", row.namespace),
    ]
    return around("metadataFormat", told)


# --- GetRecord --------------------------------------------------------------------------------------------------------


def get_record(request: Request, context: Context) -> Iterator[bytes]:
    """Section 4.1."""
    faults: list[Fault] = []
    record = form = None
    try:
        form = _form(request.get("metadataPrefix"))
    except FaultsError as error:
        faults += error.faults
    try:
        record = _existing(request.get("identifier"), context)
    except FaultsError as error:
        faults += error.faults
    if record is None or form is None:
        raise FaultsError(faults)
    if not form.gives(record.type, record.ddi_version):
        message = Message(
            f"Ce {record.type} ne peut pas être donné en {form.prefix} : ListMetadataFormats dit comment il le peut.",
            f"This {record.type} cannot be given as {form.prefix}: ListMetadataFormats says how it can.",
        )
        raise fail(Code.CANNOT_DISSEMINATE_FORMAT, message)
    yield from _records([_dated(record, context.provider.told_at(form.prefix))], form, context)


def _existing(identifier: str, context: Context) -> Record:
    triple = names.triple_of(context.site.domain, identifier)
    record = triple and context.provider.record(*triple)
    if not record:
        message = Message(
            f"Il n’y a pas de notice {shown(identifier)} : ListIdentifiers énumère celles qu’il y a.",
            f"There is no record {shown(identifier)}: ListIdentifiers lists those that there are.",
        )
        raise fail(Code.ID_DOES_NOT_EXIST, message)
    return record


def _form(prefix: str) -> Format:
    if prefix not in FORMATS:
        known = ", ".join(FORMATS)
        message = Message(
            f"Il n’y a pas de format {shown(prefix)} : il y a {known}.",
            f"There is no format {shown(prefix)}: there are {known}.",
        )
        raise fail(Code.CANNOT_DISSEMINATE_FORMAT, message)
    return FORMATS[prefix]


# --- ListIdentifiers, ListRecords -------------------------------------------------------------------------------------


def list_identifiers(request: Request, context: Context) -> Iterator[bytes]:
    """Section 4.3."""
    piece = _begin(request, context, lambda form, types: _HEADERS)
    yield "".join(_header(record, context.site) for record in piece.records).encode()
    yield from _resumption(piece, len(piece.records), context)


def list_records(request: Request, context: Context) -> Iterator[bytes]:
    """Section 4.5. A piece ends when it has its number of records, or its size."""
    piece = _begin(request, context, lambda form, types: form.piece(types))
    size = given = 0
    for given, record in enumerate(_records(piece.records, piece.form, context), 1):  # noqa: B007  (used behind)
        yield record
        size += len(record)
        if size >= _LARGEST:
            break
    yield from _resumption(piece, given, context)


@dataclass(frozen=True, slots=True)
class _Piece:
    """The records of a response, at most so many as it can have; ``more`` tells whether others follow."""

    token: Token
    form: Format
    wanted: Wanted
    records: Sequence[Record]
    more: bool


def _begin(request: Request, context: Context, length: Callable[[Format, tuple[str, ...]], int]) -> _Piece:
    """The records of a list from its beginning, or from where a token says that it goes on."""
    token = _resumed(request) or _started(request)
    form = _form(token.prefix)
    wanted = _wanted(token, form, context)
    limit = length(form, wanted.types)
    found = context.provider.records(wanted, token.last, limit + 1)
    if not found and token.given and wanted.until:
        # All that was left has changed since and will be in the next range; it is given now, too, rather than an error.
        found = context.provider.records(replace(wanted, until=None), token.last, 1)
    if not found:
        raise _nothing_left() if token.given else _nothing_matches()
    told_at = context.provider.told_at(form.prefix)
    return _Piece(token, form, wanted, [_dated(record, told_at) for record in found[:limit]], len(found) > limit)


def _started(request: Request) -> Token:
    prefix, spec, since, until = map(request.get, ("metadataPrefix", "set", "from", "until"))
    return Token(request.verb, prefix, spec, since, until, last=0, given=0, total=0)


def _resumed(request: Request) -> Token | None:
    """The token of a request, checked as the arguments are that it stands for."""
    if "resumptionToken" not in request.arguments:
        return None
    try:
        token = tokens.read(request.get("resumptionToken"))
        moments = [dates.parse(text) for text in (token.since, token.until) if text]
    except ValueError as error:
        raise _bad_token() from error
    mixed = len({moment.granularity for moment in moments}) > 1
    unknown = token.prefix not in FORMATS or (token.set and names.read_set(token.set) is None)
    if token.verb != request.verb or mixed or unknown or not (token.last and token.given):
        raise _bad_token()
    return token


def _wanted(token: Token, form: Format, context: Context) -> Wanted:
    """What a list has: of the types of its set, those that its format can be given of."""
    name = names.read_set(token.set) if token.set else SetName("", STUDIES, "")
    holder = None
    if name is not None and name.holder is not None:
        found = context.provider.holder(*name.holder)
        holder = found.number if found and (name.is_of(found) or token.given) else None
        name = name if holder else None
    types = tuple(type_ for type_ in name.types if type_ in form.types) if name else ()
    if not types:
        raise _nothing_matches()
    return Wanted(types, holder, form.versions(types), *_window(token, context.provider.told_at(form.prefix)))


def _window(token: Token, told_at: datetime | None) -> tuple[datetime | None, datetime | None]:
    """When the items of a list changed, from and until, where no record of its format is older than a moment."""
    since = dates.parse(token.since).first if token.since else None
    until = dates.parse(token.until).last if token.until else None
    if told_at is not None and since is not None and since <= told_at:
        since = None
    if told_at is not None and until is not None and until < told_at:
        if not token.given:
            raise _nothing_matches()
        until = None  # what is left has changed since, and is given now, too
    return since, until


def _dated(record: Record, told_at: datetime | None) -> Record:
    return record if told_at is None or told_at <= record.changed_at else replace(record, changed_at=told_at)


def _records(records: Sequence[Record], form: Format, context: Context) -> Iterator[bytes]:
    """Each record: its header and, unless it is deleted, its metadata."""
    bodies = context.provider.metadata(form.prefix, [record for record in records if not record.deleted])
    for record in records:
        header = _header(record, context.site).encode()
        metadata = b"" if record.deleted else b"<metadata>" + next(bodies) + b"</metadata>"
        yield b"<record>" + header + metadata + b"</record>\n"


def _header(record: Record, site: Site) -> str:
    told = [
        element("identifier", identifier_of(site.domain, record)),
        element("datestamp", dates.written(record.changed_at)),
        *(f"<setSpec>{spec}</setSpec>" for spec in sets_of(record)),
    ]
    return around("header", told, {"status": "deleted"} if record.deleted else {})


def _resumption(piece: _Piece, given: int, context: Context) -> Iterator[bytes]:
    """The token that follows a piece; an empty one ends a list that had several (3.5)."""
    token, more = piece.token, piece.more or given < len(piece.records)
    if not more and not token.given:
        return
    total = token.total or max(context.provider.total(piece.wanted), given + more)
    last = piece.records[given - 1].number
    following = replace(token, last=last, given=token.given + given, total=total)
    attributes = {"completeListSize": str(max(total, following.given)), "cursor": str(token.given)}
    yield element("resumptionToken", following.text if more else "", attributes).encode()


def _nothing_matches() -> FaultsError:
    return fail(
        Code.NO_RECORDS_MATCH,
        Message(
            "Aucune notice n’est dans cet ensemble, changée entre ces dates, dans ce format.",
            "No record is in this set, changed between these dates, in this format.",
        ),
    )


def _nothing_left() -> FaultsError:
    return fail(
        Code.BAD_RESUMPTION_TOKEN,
        Message(
            "Il ne reste rien de cette liste : elle a changé depuis. Recommencez-la.",
            "Nothing of this list is left: it changed since. Begin it again.",
        ),
    )


def _bad_token() -> FaultsError:
    return fail(
        Code.BAD_RESUMPTION_TOKEN,
        Message(
            "Ce n’est pas un resumptionToken d’une telle liste : recommencez la liste.",
            "This is no resumptionToken of such a list: begin the list again.",
        ),
    )


# --- ListSets ---------------------------------------------------------------------------------------------------------


def list_sets(request: Request, context: Context) -> Iterator[bytes]:
    """Section 4.6: the roots of the hierarchy and the types, then each cohort and study with what it holds."""
    token = _resumed_sets(request)
    if not token.given:
        yield "".join(_set(spec, titles, context.site) for spec, titles in _fixed_sets()).encode()
    found = context.provider.sets(token.last, _HOLDERS + 1)
    for one in found[:_HOLDERS]:
        yield "".join(_set(spec, title, context.site) for spec, title in _sets_of_holder(one)).encode()
    if token.given and not found:
        raise _nothing_left()
    if len(found) > _HOLDERS:
        last = found[_HOLDERS - 1].holder.number
        yield element("resumptionToken", replace(token, last=last, given=token.given + _HOLDERS).text).encode()
    elif token.given:
        yield b"<resumptionToken/>"


def _resumed_sets(request: Request) -> Token:
    if "resumptionToken" not in request.arguments:
        return Token(request.verb, "", "", "", "", last=0, given=0, total=0)
    try:
        token = tokens.read(request.get("resumptionToken"))
    except ValueError as error:
        raise _bad_token() from error
    began = Token(request.verb, "", "", "", "", last=0, given=0, total=0)
    if replace(token, last=0, given=0) != began or not (token.last and token.given):
        raise _bad_token()
    return token


def _fixed_sets() -> Iterator[tuple[str, InternationalString]]:
    yield from ROOTS.items()
    for type_ in (*STUDIES, *ITEMS):
        yield f"{names.TYPE}:{type_}", type_titles(type_)


def _sets_of_holder(one: HeldSets) -> Iterator[tuple[str, InternationalString]]:
    holder = one.holder
    key = key_of(holder.agency, holder.identifier)
    title = one.title or InternationalString((LocalizedText(holder.identifier),))
    for root, is_one in ((names.COHORT, holder.cohort), (names.STUDY, holder.study)):
        if is_one:
            yield f"{root}:{key}", title
    for type_ in one.types:
        yield f"{names.TYPE}:{type_}:{key}", set_title(title, type_)


def _set(spec: str, titles: InternationalString, site: Site) -> str:
    best = titles.best((site.language,))
    told = [element("setSpec", spec), element("setName", best.text if best else spec)]
    return around("set", [*told, around("setDescription", [described({"title": titles})])]) + "\n"


BUILDERS: Final[Mapping[str, Builder]] = {
    "Identify": identify,
    "ListMetadataFormats": list_metadata_formats,
    "ListSets": list_sets,
    "GetRecord": get_record,
    "ListIdentifiers": list_identifiers,
    "ListRecords": list_records,
}
