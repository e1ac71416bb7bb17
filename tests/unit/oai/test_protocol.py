"""The protocol over a repository in memory: the specification's sentences one by one; every response is valid."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from lxml import etree

from catalogue.oai import tokens, verbs
from catalogue.oai.arguments import VERBS
from catalogue.oai.formats import FORMATS
from catalogue.oai.names import sets_of
from catalogue.oai.protocol import respond
from tests.unit.oai.conftest import COHORT, NOW, OAI, SITE, Answer, Ask, Shelf, record

LIST = {"verb": "ListIdentifiers", "metadataPrefix": "oai_dc"}
KNOWN = "oai:cohorts.example.org:org.example/I2"

# Section 3.6: condition -> requests in which it is met. None: the request is echoed without its arguments (3.2).
BAD_VERB = [
    (),
    (("metadataPrefix", "oai_dc"),),
    (("verb", "Nothing"),),
    (("verb", ""),),
    (("verb", "identify"),),
    (("verb", "Identify"), ("verb", "Identify")),
    (("verb", "\0"),),
]
BAD_ARGUMENT = [
    # illegal arguments
    (("verb", "Identify"), ("metadataPrefix", "oai_dc")),
    (("verb", "ListSets"), ("set", "type")),
    (("verb", "ListRecords"), ("metadataPrefix", "oai_dc"), ("foo", "bar")),
    (("verb", "GetRecord"), ("metadataPrefix", "oai_dc"), ("identifier", KNOWN), ("set", "type")),
    (("verb", "GetRecord"), ("metadataPrefix", "oai_dc"), ("identifier", KNOWN), ("resumptionToken", "x")),
    # missing arguments
    (("verb", "GetRecord"),),
    (("verb", "GetRecord"), ("identifier", KNOWN)),
    (("verb", "GetRecord"), ("metadataPrefix", "oai_dc")),
    (("verb", "ListRecords"),),
    (("verb", "ListIdentifiers"), ("from", "2026-01-01")),
    # repeated arguments
    (("verb", "ListRecords"), ("metadataPrefix", "oai_dc"), ("metadataPrefix", "oai_dc")),
    (("verb", "ListSets"), ("resumptionToken", "a"), ("resumptionToken", "b")),
    # exclusive arguments
    (("verb", "ListRecords"), ("metadataPrefix", "oai_dc"), ("resumptionToken", "a")),
    (("verb", "ListIdentifiers"), ("from", "2026-01-01"), ("resumptionToken", "a")),
    # illegal syntax
    *(
        (("verb", "ListRecords"), ("metadataPrefix", "oai_dc"), (name, value))
        for name in ("from", "until")
        for value in (
            "", "junk", "2026", "2026-01", "2026-13-01", "2026-02-30", "2026-1-1", "20260101", "2026-01-01T00:00:00",
            "2026-01-01T00:00Z", "2026-01-01T25:00:00Z", "2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00+00:00",
            "2026-01-01 00:00:00Z", "٢٠٢٦-01-01", "2026-01-01\n", "2026-01-01\0",
        )
    ),
    (("verb", "ListRecords"), ("metadataPrefix", "oai dc")),
    (("verb", "ListRecords"), ("metadataPrefix", "")),
    (("verb", "ListRecords"), ("metadataPrefix", "oai_dc"), ("set", "")),
    (("verb", "ListRecords"), ("metadataPrefix", "oai_dc"), ("set", "type:")),
    (("verb", "ListRecords"), ("metadataPrefix", "oai_dc"), ("set", "é")),
    (("verb", "GetRecord"), ("metadataPrefix", "oai_dc"), ("identifier", "no uri")),
    (("verb", "GetRecord"), ("metadataPrefix", "oai_dc"), ("identifier", "oai:x:%zz")),
    (("verb", "ListMetadataFormats"), ("identifier", "")),
    (("verb", "ListRecords"), ("resumptionToken", "\x01")),
    # 2.7.1: ranges
    (("verb", "ListRecords"), ("metadataPrefix", "oai_dc"), ("from", "2026-01-02"), ("until", "2026-01-01")),
    (("verb", "ListRecords"), ("metadataPrefix", "oai_dc"), ("from", "2026-01-01"), ("until", "2026-01-02T00:00:00Z")),
    (
        ("verb", "ListRecords"), ("metadataPrefix", "oai_dc"),
        ("from", "2026-01-01T00:00:01Z"), ("until", "2026-01-01T00:00:00Z"),
    ),
]  # fmt: skip
# With the arguments repeated in the response.
OTHERS = [
    ("cannotDisseminateFormat", {"verb": "ListRecords", "metadataPrefix": "marc21"}),
    ("cannotDisseminateFormat", {"verb": "ListIdentifiers", "metadataPrefix": "oai_DC"}),
    ("cannotDisseminateFormat", {"verb": "GetRecord", "metadataPrefix": "marc21", "identifier": KNOWN}),
    (
        "cannotDisseminateFormat",  # of a variable in 3.2
        {
            "verb": "GetRecord",
            "metadataPrefix": "oai_ddi33",
            "identifier": "oai:cohorts.example.org:org.example/I9",
        },
    ),
    ("idDoesNotExist", {"verb": "GetRecord", "metadataPrefix": "oai_dc", "identifier": "oai:elsewhere.org:x/y"}),
    ("idDoesNotExist", {"verb": "GetRecord", "metadataPrefix": "oai_dc", "identifier": KNOWN + "2"}),
    ("idDoesNotExist", {"verb": "GetRecord", "metadataPrefix": "oai_dc", "identifier": "urn:ddi:org.example:I2:1"}),
    ("idDoesNotExist", {"verb": "ListMetadataFormats", "identifier": "https://example.org/"}),
    ("noRecordsMatch", {**LIST, "set": "nowhere"}),
    ("noRecordsMatch", {**LIST, "set": "cohort:org.example!NONE"}),
    ("noRecordsMatch", {**LIST, "set": "cohort:org.example!S"}),  # a study in a cohort is no cohort
    ("noRecordsMatch", {**LIST, "set": "type:Category"}),
    ("noRecordsMatch", {**LIST, "set": "type:Variable", "metadataPrefix": "oai_datacite"}),
    ("noRecordsMatch", {**LIST, "from": "2027-01-01"}),
    ("noRecordsMatch", {**LIST, "until": "2025-12-31T23:59:59Z"}),
    ("badResumptionToken", {"verb": "ListRecords", "resumptionToken": "junk"}),
    ("badResumptionToken", {"verb": "ListRecords", "resumptionToken": ""}),
    ("badResumptionToken", {"verb": "ListSets", "resumptionToken": "é<"}),
]


@pytest.mark.parametrize("pairs", BAD_VERB)
def test_a_bad_verb(ask: Ask, pairs: tuple[tuple[str, str], ...]) -> None:
    answer = ask(*pairs)
    assert answer.errors == ["badVerb"]
    assert answer.request == {}


@pytest.mark.parametrize("pairs", BAD_ARGUMENT)
def test_a_bad_argument(ask: Ask, pairs: tuple[tuple[str, str], ...]) -> None:
    answer = ask(*pairs)
    assert set(answer.errors) == {"badArgument"}
    assert answer.request == {}


@pytest.mark.parametrize(("code", "arguments"), OTHERS)
def test_the_other_conditions(ask: Ask, code: str, arguments: dict[str, str]) -> None:
    answer = ask(**arguments)
    assert answer.errors == [code]
    assert answer.request == arguments


def test_all_that_is_wrong_is_said_at_once(ask: Ask) -> None:
    answer = ask(("verb", "ListRecords"), ("a", "1"), ("b", "1"), ("b", "2"), ("from", "junk"))
    assert answer.errors == ["badArgument"] * 3  # unknown a, unknown b, no metadataPrefix
    assert ask(verb="ListRecords", metadataPrefix="", from_="x", until="y", set_="é").errors == ["badArgument"] * 4
    both = ask(verb="GetRecord", metadataPrefix="marc21", identifier="oai:elsewhere.org:x/y")
    assert sorted(both.errors) == ["cannotDisseminateFormat", "idDoesNotExist"]


def test_no_metadata_formats(ask: Ask, shelf: Shelf) -> None:
    shelf.shelved.append(replace(record(99), type="Wave"))  # of which no format can be given
    assert ask(verb="ListMetadataFormats", identifier="oai:cohorts.example.org:org.example/I99").errors == [
        "noMetadataFormats"
    ]


# --- what is answered -------------------------------------------------------------------------------------------------


def test_identify(ask: Ask, shelf: Shelf) -> None:
    root = ask(verb="Identify").root.find(f"{OAI}Identify")
    assert root is not None
    told = {str(one.tag).removeprefix(OAI): one.text for one in root}
    assert told["baseURL"] == "https://cohorts.example.org/oai"
    assert told["deletedRecord"] == "persistent"
    assert told["granularity"] == "YYYY-MM-DDThh:mm:ssZ"
    assert told["earliestDatestamp"] == "2026-01-02T10:30:15Z"
    assert root.findtext(".//{*}sampleIdentifier") == "oai:cohorts.example.org:org.example/I1"
    shelf.shelved.clear()
    assert ask(verb="Identify").root.findtext(f".//{OAI}earliestDatestamp") == "2026-06-01T12:00:00Z"


def test_formats(ask: Ask) -> None:
    def prefixes(**arguments: str) -> list[str]:
        root = ask(verb="ListMetadataFormats", **arguments).root
        return [str(one.text) for one in root.iter(f"{OAI}metadataPrefix")]

    assert prefixes() == list(FORMATS)
    assert "oai_ddi32" not in prefixes(identifier=KNOWN)
    assert prefixes(identifier="oai:cohorts.example.org:org.example/I8") == ["oai_dc", "oai_ddi33"]
    assert prefixes(identifier="oai:cohorts.example.org:org.example/I9") == ["oai_dc", "oai_ddi32"]


def test_one_record(ask: Ask) -> None:
    answer = ask(verb="GetRecord", metadataPrefix="oai_dc", identifier=KNOWN)
    assert answer.identifiers == [KNOWN]
    assert answer.root.findtext(".//{*}title") == "2"
    assert answer.root.findtext(f".//{OAI}datestamp") == "2026-01-03T10:30:15Z"
    deleted = ask(verb="GetRecord", metadataPrefix="oai_dc", identifier=KNOWN[:-1] + "4")
    header = deleted.root.find(f".//{OAI}header")
    assert header is not None
    assert header.get("status") == "deleted"
    assert deleted.root.find(f".//{OAI}metadata") is None


def listed(ask: Ask, **arguments: str) -> list[str]:
    """A whole list, piece by piece, by the last part of its identifiers."""
    answer = ask(**arguments)
    found = answer.identifiers
    while answer.token:
        answer = ask(verb=arguments["verb"], resumptionToken=answer.token)
        found += answer.identifiers
    return [one.rpartition("/")[2] for one in found]


def names(*numbers: int) -> list[str]:
    return [f"I{number}" for number in numbers]


def test_lists_are_of_studies_unless_a_set_asks_for_more(ask: Ask) -> None:
    assert listed(ask, **LIST) == names(*range(1, 8))
    assert listed(ask, **LIST, set="cohort") == names(*range(1, 8))
    assert listed(ask, **LIST, set="study") == names(*range(2, 8))
    assert listed(ask, **LIST, set="type") == names(*range(1, 20))
    assert listed(ask, **LIST, set="type:Group") == names(1)
    assert listed(ask, **LIST, set="type:Variable") == names(*range(8, 20))
    assert listed(ask, **LIST, set="cohort:org.example!C") == names(1, 3, 5, 7)
    assert listed(ask, **LIST, set="study:org.example!S") == names(1, 3, 5, 7)
    assert listed(ask, **LIST, set="study:!a~2Fb~20c~7E~C3~A9") == names(2, 4, 6)
    assert listed(ask, **LIST, set="type:Variable:org.example!C") == names(9, 11, 13, 15, 17, 19)


def test_a_format_lists_what_it_can_be_given_of(ask: Ask) -> None:
    def of(prefix: str, spec: str) -> list[str]:
        return listed(ask, verb="ListIdentifiers", metadataPrefix=prefix, set=spec)

    assert of("oai_ddi33", "type:Variable") == names(*(n for n in range(8, 20) if n % 3))
    assert of("oai_ddi32", "type:Variable") == names(9, 12, 15, 18)
    assert of("oai_ddi33", "type") == names(*range(1, 8), *(n for n in range(8, 20) if n % 3))


def test_ranges_include_both_ends(ask: Ask) -> None:
    assert listed(ask, **LIST, from_="2026-01-04", until="2026-01-05") == names(3, 4)
    exact = "2026-01-04T10:30:15Z"
    assert listed(ask, **LIST, from_=exact, until=exact) == names(3)
    assert ask(**LIST, from_="2026-01-04T10:30:16Z", until="2026-01-05T10:30:14Z").errors == ["noRecordsMatch"]
    assert listed(ask, **LIST, until="2026-01-02") == names(1)


def test_a_header_names_every_set_of_its_record(ask: Ask, shelf: Shelf) -> None:
    known = {str(one.text) for one in ask(verb="ListSets").root.iter(f"{OAI}setSpec")}
    for one in shelf.shelved:
        for spec in sets_of(one):
            assert spec in known
            found = listed(ask, **LIST, set=spec)
            assert one.identifier in found


def test_sets_have_names_and_descriptions(ask: Ask) -> None:
    rows = {
        str(one.findtext(f"{OAI}setSpec")): (one.findtext(f"{OAI}setName"), [str(t.text) for t in one.iter("{*}title")])
        for one in ask(verb="ListSets").root.iter(f"{OAI}set")
    }
    assert rows["cohort:org.example!C"] == ("Studies <", ["Études & co", "Studies <"])
    assert rows["type:Variable:!a~2Fb~20c~7E~C3~A9"][1] == ["Études & co – Variables", "Studies < – Variables"]
    assert {"cohort", "study", "type", "type:Variable", "type:Group"} <= rows.keys()
    assert "cohort:org.example!S" not in rows


# --- lists in pieces --------------------------------------------------------------------------------------------------


@pytest.fixture(params=[1, 2, 3, 7])
def piece(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Short pieces."""
    length: int = request.param
    monkeypatch.setattr(verbs, "_HEADERS", length)
    monkeypatch.setattr(verbs, "_HOLDERS", length)
    short = {prefix: replace(form, studies=length, items=length) for prefix, form in FORMATS.items()}
    monkeypatch.setattr(verbs, "FORMATS", short)
    return length


def test_a_list_is_the_same_in_pieces(ask: Ask, piece: int) -> None:
    for verb in ("ListIdentifiers", "ListRecords"):
        assert listed(ask, verb=verb, metadataPrefix="oai_dc") == names(*range(1, 8))
        within = listed(ask, verb=verb, metadataPrefix="oai_dc", set="type:Variable", from_="2026-01-11")
        assert within == names(*range(10, 20))
    pieces = []
    answer = ask(verb="ListSets")
    while True:
        pieces += [str(one.text) for one in answer.root.iter(f"{OAI}setSpec")]
        if not answer.token:
            break
        answer = ask(verb="ListSets", resumptionToken=answer.token)
    assert len(pieces) == len(set(pieces)) == 3 + 8 + 4 + 3  # roots, types, cohorts and studies, their variables


def test_tokens_count_and_the_last_one_is_empty(ask: Ask, piece: int) -> None:
    answer = ask(**LIST)
    seen: list[tuple[str | None, str | None, bool]] = []
    while True:
        found = answer.root.find(f".//{OAI}resumptionToken")
        if found is None:
            break
        seen.append((found.get("cursor"), found.get("completeListSize"), bool(found.text)))
        if not found.text:
            break
        again = ask(verb="ListIdentifiers", resumptionToken=found.text)
        answer = ask(verb="ListIdentifiers", resumptionToken=found.text)
        assert again.body == answer.body  # 3.5.1
    expected = [(str(start), "7", start + piece < 7) for start in range(0, 7, piece)] if piece < 7 else []
    assert seen == expected


def test_a_piece_ends_at_its_size(ask: Ask, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verbs, "_LARGEST", 4000)
    shelf.size = 2000
    answer = ask(verb="ListRecords", metadataPrefix="oai_dc")
    assert len(answer.identifiers) == 2
    assert listed(ask, verb="ListRecords", metadataPrefix="oai_dc") == names(*range(1, 8))
    shelf.size = 10_000
    assert len(ask(verb="ListRecords", metadataPrefix="oai_dc").identifiers) == 1


def first_token(ask: Ask) -> str:
    token = ask(**LIST).token
    assert token
    return token


@pytest.mark.parametrize("piece", [2], indirect=True)
def test_tokens_are_checked(ask: Ask, piece: int) -> None:
    token = first_token(ask)
    for wrong in (token[:-1], token + "A", token + "=", token.swapcase(), token * 2):
        assert ask(verb="ListIdentifiers", resumptionToken=wrong).errors == ["badResumptionToken"]
    for verb in ("ListRecords", "ListSets"):
        assert ask(verb=verb, resumptionToken=token).errors == ["badResumptionToken"]


@pytest.mark.parametrize("piece", [2], indirect=True)
@pytest.mark.parametrize(
    "change",
    [
        {"prefix": "marc21"}, {"set": "nowhere"}, {"since": "junk"}, {"until": "2026"}, {"last": 0}, {"given": 0},
        {"last": -1}, {"total": -1}, {"last": 2**40}, {"since": "2026-01-01", "until": "2026-01-02T00:00:00Z"},
        {"verb": "ListRecords"},
    ],
)  # fmt: skip
def test_tokens_that_somebody_wrote_are_checked_as_requests_are(
    ask: Ask, piece: int, change: dict[str, str | int]
) -> None:
    token = tokens.read(first_token(ask))
    assert ask(verb="ListIdentifiers", resumptionToken=token.text).errors == []
    made_up = replace(token, **change)  # type: ignore[arg-type]
    assert ask(verb="ListIdentifiers", resumptionToken=made_up.text).errors == ["badResumptionToken"]


@pytest.mark.parametrize("piece", [2], indirect=True)
def test_nothing_is_lost_or_repeated_while_records_change(ask: Ask, shelf: Shelf, piece: int) -> None:
    answer = ask(**LIST)
    found = answer.identifiers
    shelf.shelved[0] = replace(shelf.shelved[0], changed_at=NOW)  # given already
    shelf.shelved[5] = replace(shelf.shelved[5], changed_at=NOW, deleted=True)  # not yet
    shelf.shelved.append(record(30))
    while answer.token:
        answer = ask(verb="ListIdentifiers", resumptionToken=answer.token)
        found += answer.identifiers
    assert [one.rpartition("/")[2] for one in found] == names(*range(1, 8), 30)


@pytest.mark.parametrize("piece", [3], indirect=True)
def test_what_leaves_a_range_while_it_is_listed_ends_it_well(ask: Ask, shelf: Shelf, piece: int) -> None:
    answer = ask(**LIST, until="2026-01-05")
    assert answer.token
    shelf.shelved[3] = replace(shelf.shelved[3], changed_at=NOW)
    last = ask(verb="ListIdentifiers", resumptionToken=answer.token)
    assert [one.rpartition("/")[2] for one in last.identifiers] == names(4)
    assert last.token is None
    del shelf.shelved[3:]
    assert ask(verb="ListIdentifiers", resumptionToken=answer.token).errors == ["badResumptionToken"]


# --- the document -----------------------------------------------------------------------------------------------------


def test_the_request_is_echoed_as_it_was_sent(ask: Ask) -> None:
    sent = {"verb": "ListIdentifiers", "metadataPrefix": "oai_dc", "from": "2026-01-01", "set": "cohort"}
    answer = ask(**sent)
    assert answer.request == sent
    assert answer.root.findtext(f"{OAI}responseDate") == "2026-06-01T12:00:00Z"
    assert answer.root.findtext(f"{OAI}request") == "https://cohorts.example.org/oai"


def test_the_table_of_verbs_is_that_of_the_specification() -> None:
    assert {name: set(row.all) for name, row in VERBS.items()} == {
        "GetRecord": {"identifier", "metadataPrefix"},
        "Identify": set(),
        "ListIdentifiers": {"from", "until", "metadataPrefix", "set", "resumptionToken"},
        "ListMetadataFormats": {"identifier"},
        "ListRecords": {"from", "until", "metadataPrefix", "set", "resumptionToken"},
        "ListSets": {"resumptionToken"},
    }


def test_an_invalid_response_is_found(oai_schema: etree.XMLSchema, ask: Ask) -> None:
    answer: Answer = ask(**LIST)
    broken = etree.fromstring(answer.body.replace(b"<datestamp>", b"<date>").replace(b"</datestamp>", b"</date>"))
    assert not oai_schema.validate(broken)
    assert COHORT.cohort


# --- languages


def test_what_records_say_beside_their_items_dates_them(
    ask: Ask, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Settings that changed on the fourth of January: all that tells of them changed then, and nothing else did."""
    shelf.told["oai_dcat"] = datetime(2026, 1, 4, 12, tzinfo=UTC)

    def dates(prefix: str, **window: str) -> list[str]:
        found = ask(**{**LIST, "metadataPrefix": prefix, **window}).root
        return [str(one.text)[:10] for one in found.iter(f"{OAI}datestamp")]

    own = [f"2026-01-0{day}" for day in range(2, 9)]
    assert dates("oai_dc") == own
    assert dates("oai_dcat") == [max(one, "2026-01-04") for one in own]
    assert len(dates("oai_dcat", **{"from": "2026-01-04"})) == 7
    assert dates("oai_dc", **{"from": "2026-01-04"}) == own[2:]
    assert dates("oai_dcat", **{"from": "2026-01-05"}) == own[3:]
    assert dates("oai_dcat", until="2026-01-03") == []
    assert dates("oai_dc", until="2026-01-03") == own[:2]
    assert dates("oai_dcat", until="2026-01-05") == ["2026-01-04"] * 3 + ["2026-01-05"]
    one = ask(verb="GetRecord", metadataPrefix="oai_dcat", identifier="oai:cohorts.example.org:org.example/I1")
    assert [str(found.text) for found in one.root.iter(f"{OAI}datestamp")] == ["2026-01-04T12:00:00Z"]
    monkeypatch.setattr(verbs, "_HEADERS", 2)
    token = ask(**{**LIST, "metadataPrefix": "oai_dcat", "until": "2026-01-06"}).token
    shelf.told["oai_dcat"] = datetime(2026, 2, 1, tzinfo=UTC)
    left = ask(verb="ListIdentifiers", resumptionToken=token)
    assert [str(found.text)[:10] for found in left.root.iter(f"{OAI}datestamp")] == ["2026-02-01"] * 2


FAULTY: tuple[list[tuple[str, str]], ...] = (
    [],
    [("verb", "Identify"), ("verb", "ListSets")],
    [("verb", "Nope")],
    [("verb", "Identify"), ("foo", "1")],
    [("verb", "ListRecords")],
    [("verb", "ListRecords"), ("metadataPrefix", "oai_dc"), ("from", "yesterday"), ("set", "a b")],
    [("verb", "ListRecords"), ("metadataPrefix", "oai_dc"), ("from", "2020-01-02"), ("until", "2020-01-01")],
    [("verb", "ListRecords"), ("metadataPrefix", "nope")],
    [("verb", "ListRecords"), ("metadataPrefix", "oai_dc"), ("from", "2999-01-01")],
    [("verb", "ListRecords"), ("resumptionToken", "x"), ("set", "cohort")],
    [("verb", "ListRecords"), ("resumptionToken", "x")],
    [("verb", "GetRecord"), ("metadataPrefix", "oai_dc"), ("identifier", "oai:example.org:none")],
)


@pytest.mark.parametrize("pairs", FAULTY, ids=lambda pairs: "&".join(map("=".join, pairs)))
def test_errors_are_said_in_french_to_who_reads_french_alone(shelf: Shelf, pairs: list[tuple[str, str]]) -> None:
    """The same codes; harvesters are answered in English."""
    told = {language: respond(pairs, shelf, SITE, NOW, language) for language in ("fr", "en")}
    assert told["en"] == respond(pairs, shelf, SITE, NOW)
    errors = {language: etree.fromstring(body).findall("{*}error") for language, body in told.items()}
    assert errors["fr"]
    assert [one.get("code") for one in errors["fr"]] == [one.get("code") for one in errors["en"]]
    assert not {one.text for one in errors["fr"]} & {one.text for one in errors["en"]}
