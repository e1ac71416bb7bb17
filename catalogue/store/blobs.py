"""Source bytes by SHA-256, inside the database, so that one transaction covers a document and its bytes.

Bytes are cut into chunks that are compressed one by one: a slice reads only the chunks that it touches.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy import Connection, bindparam, insert, select

from catalogue.errors import NotFoundError
from catalogue.store.bulk import chunks
from catalogue.store.tables import blob, blob_chunk

CHUNK_BYTES: Final = 64 * 1024  # a page reads a few elements: small chunks spare unpacking what it does not show
_ENCODING: Final = "zlib"
_LEVEL: Final = 1  # XML shrinks to a tenth already; higher levels cost more time than they save space
_LOAD = select(blob_chunk.c.data).order_by(blob_chunk.c.seq)
_PIECES = select(blob_chunk.c.seq, blob_chunk.c.data).where(
    blob_chunk.c.sha256 == bindparam("sha256"), blob_chunk.c.seq.in_(bindparam("numbers", expanding=True))
)


def put(connection: Connection, data: bytes) -> str:
    """Store bytes unless they are there already; gives their SHA-256 in hexadecimal."""
    sha256 = hashlib.sha256(data).hexdigest()
    if not _exists(connection, sha256):
        connection.execute(insert(blob), {"sha256": sha256, "size": len(data), "encoding": _ENCODING})
        for seq, start in enumerate(range(0, len(data), CHUNK_BYTES)):
            chunk = zlib.compress(memoryview(data)[start : start + CHUNK_BYTES], _LEVEL)
            connection.execute(insert(blob_chunk), {"sha256": sha256, "seq": seq, "data": chunk})
    return sha256


def read(connection: Connection, sha256: str) -> Iterator[bytes]:
    """The bytes, chunk by chunk.

    Raises:
        NotFoundError: no bytes have this sum.
    """
    require(connection, sha256)
    seq = 0
    while (data := _chunk(connection, sha256, seq)) is not None:
        yield data
        seq += 1


def slices(connection: Connection, sha256: str, spans: Sequence[tuple[int, int]]) -> list[bytes]:
    """The bytes [start, end) of each span, cut off at the end of the blob; a chunk that several touch is read once.

    Raises:
        NotFoundError: no bytes have this sum.
    """
    require(connection, sha256)
    numbers = sorted({number for start, end in spans for number in _numbers(start, end)})
    pieces: dict[int, bytes] = {}
    for some in chunks(numbers):
        for number, data in connection.execute(_PIECES, {"sha256": sha256, "numbers": some}):
            pieces[number] = zlib.decompress(data)
    return [_cut(pieces, start, end) for start, end in spans]


def _numbers(start: int, end: int) -> range:
    """The chunks that a span touches."""
    return range(start // CHUNK_BYTES, max(start, end - 1) // CHUNK_BYTES + 1)


def _cut(pieces: dict[int, bytes], start: int, end: int) -> bytes:
    numbers = _numbers(start, end)
    joined = b"".join(pieces.get(number, b"") for number in numbers)
    offset = numbers.start * CHUNK_BYTES
    return joined[start - offset : max(start, end) - offset]


def _chunk(connection: Connection, sha256: str, seq: int) -> bytes | None:
    data = connection.scalar(_LOAD.where(blob_chunk.c.sha256 == sha256, blob_chunk.c.seq == seq))
    return None if data is None else zlib.decompress(data)


def _exists(connection: Connection, sha256: str) -> bool:
    return connection.scalar(select(blob.c.size).where(blob.c.sha256 == sha256)) is not None


def require(connection: Connection, sha256: str) -> None:
    """Raise ``NotFoundError`` unless bytes with this sum are stored."""
    if not _exists(connection, sha256):
        raise NotFoundError(f"No source document has the SHA-256 {sha256}.")
