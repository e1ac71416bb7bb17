"""The scan: what is refused, with which error, and that nothing harmless is."""

from __future__ import annotations

import bz2
import gzip
import tracemalloc

import pytest

from catalogue.errors import LimitExceededError, UnreadableDocumentError
from catalogue.xml import Limits, QName, parse_tree, scan
from tests.conftest import CorpusFile

DDI = '<d:DDIInstance xmlns:d="ddi:instance:3_3"{attributes}>{content}</d:DDIInstance>'


def document(content: str = "", attributes: str = "") -> bytes:
    return DDI.format(content=content, attributes=attributes).encode()


def test_what_is_learnt() -> None:
    found = scan(document('<x xmlns="ddi:reusable:3_3"><y/></x>'))
    assert found.root == QName("ddi:instance:3_3", "DDIInstance")
    assert (found.elements, found.depth, found.namespaces) == (3, 3, ("ddi:instance:3_3", "ddi:reusable:3_3"))


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b"  \n ", "empty"),
        (gzip.compress(document(), mtime=0), "gzip"),
        (bz2.compress(document()), "bzip2"),
        (b"not xml at all", "not well-formed"),
        (document("<open>"), "not well-formed"),
        (document()[:-5], "not well-formed"),
        (document("<p:a/>"), "not well-formed"),
        (b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "DOCTYPE"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "DOCTYPE"),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', "encoding"),
        ('<?xml version="1.0" encoding="UTF-8"?><a>é</a>'.encode("latin-1"), "not well-formed"),
        (b"<a>&undefined;</a>", "not well-formed"),
    ],
)
def test_what_is_unsafe_or_broken_is_refused(data: bytes, word: str) -> None:
    with pytest.raises(UnreadableDocumentError, match=word) as caught:
        scan(data)
    assert caught.value.next_step


def test_the_line_of_the_fault_is_told() -> None:
    with pytest.raises(UnreadableDocumentError) as caught:
        scan(b"<a>\n<b>\n</a>")
    assert caught.value.line == 3


@pytest.mark.parametrize(
    ("data", "limits"),
    [
        (document("x" * 100), Limits(max_bytes=100)),
        (document("<a>" * 30 + "</a>" * 30), Limits(max_depth=30)),
        (document("<aaaaaaaaaaaa/>" * 11), Limits(max_elements=11)),
    ],
)
def test_limits_hold_and_are_named(data: bytes, limits: Limits) -> None:
    with pytest.raises(LimitExceededError, match="CATALOGUE_MAX"):
        scan(data, limits)


def test_eighteen_megabytes_of_empty_elements_cost_no_memory() -> None:
    data = b"<a>" + b"<b/>" * 4_500_000 + b"</a>"
    tracemalloc.start()
    with pytest.raises(LimitExceededError):
        scan(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < len(data)


def test_a_start_tag_of_endless_attributes_is_refused() -> None:
    attributes = " ".join(f'a{number}=""' for number in range(200_000))
    with pytest.raises(LimitExceededError, match="single tag"):
        scan(document(attributes=f" {attributes}"))


def test_a_long_text_is_no_tag() -> None:
    assert scan(document("x" * 5_000_000)).elements == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "windows-1252"])
def test_every_usual_encoding_is_read_and_transcoded(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><a>déjà</a>'
    found = scan(text.encode(encoding))
    assert "déjà".encode() in found.utf8


def test_a_byte_order_mark_stays_in_the_bytes() -> None:
    data = b"\xef\xbb\xbf<a/>"
    assert scan(data).utf8 == data


def test_libxml_finds_what_expat_does_not() -> None:
    with pytest.raises(UnreadableDocumentError, match="not well-formed"):
        parse_tree(scan(b'<a xmlns=" \n ddi:instance:3_2"/>'))


def test_every_well_formed_corpus_file_is_accepted(corpus: tuple[CorpusFile, ...]) -> None:
    for file in corpus:
        if file.is_well_formed:
            parse_tree(scan(file.read()))


def test_every_other_corpus_file_is_refused(corpus: tuple[CorpusFile, ...]) -> None:
    broken = [file for file in corpus if file.row["error"]]
    assert broken
    for file in broken:
        with pytest.raises(UnreadableDocumentError):
            parse_tree(scan(file.read()))
