"""Source bytes by SHA-256, inside the database, so that one transaction covers a document and its bytes.

Bytes are cut into chunks that are compressed one by one: a slice reads only the chunks that it touches.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

from sqlalchemy import Connection, bindparam, insert, select, tuple_

from catalogue.errors import NotFoundError
from catalogue.store.bulk import chunks
from catalogue.store.recent import Recent
from catalogue.store.tables import blob, blob_chunk

CHUNK_BYTES: Final = 64 * 1024  # a page reads a few elements: small chunks spare unpacking what it does not show
_ENCODING: Final = "zlib"
_LEVEL: Final = 1  # XML shrinks to a tenth already; higher levels cost more time than they save space
_LOAD = select(blob_chunk.c.data).order_by(blob_chunk.c.seq)
_PIECES = select(blob_chunk.c.sha256, blob_chunk.c.seq, blob_chunk.c.data).where(
    tuple_(blob_chunk.c.sha256, blob_chunk.c.seq).in_(bindparam("keys", expanding=True))
)
_TOGETHER: Final = 256  # places

Place = tuple[str, int, int]
"""SHA-256 of a blob, start, end."""
_Key = tuple[str, int]  # SHA-256 of a blob, number of a chunk
# 4 MB unpacked: what a page shows stands in few chunks, and the next page is often about the same document.
_RECENT: Final = Recent[_Key, bytes](64)


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


def slices(connection: Connection, places: Sequence[Place]) -> list[bytes]:
    """The bytes [start, end) at each place, cut off at the end of the blob; of a sum that nothing has, none."""
    found: dict[Place, bytes] = {}
    # In order, so that what shares a chunk is cut from it together; some at a time, so that few chunks are in memory.
    for some in chunks(sorted(set(places)), _TOGETHER):
        pieces = _pieces(connection, some)
        found |= {place: _cut(pieces, *place) for place in some}
    return [found[place] for place in places]


def _pieces(connection: Connection, places: Sequence[Place]) -> dict[_Key, bytes]:
    """The chunks that places touch, each once."""
    keys = {(sha256, number) for sha256, start, end in places for number in _numbers(start, end)}
    return _RECENT.get(keys, partial(_unpacked, connection))


def _unpacked(connection: Connection, keys: Sequence[_Key]) -> dict[_Key, bytes]:
    return {
        (sha256, number): zlib.decompress(data)
        for some in chunks(keys)
        for sha256, number, data in connection.execute(_PIECES, {"keys": some})
    }


def _numbers(start: int, end: int) -> range:
    """The chunks that a span touches."""
    return range(start // CHUNK_BYTES, max(start, end - 1) // CHUNK_BYTES + 1)


def _cut(pieces: dict[_Key, bytes], sha256: str, start: int, end: int) -> bytes:
    numbers = _numbers(start, end)
    joined = b"".join(pieces.get((sha256, number), b"") for number in numbers)
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
