"""Source bytes by SHA-256, inside the database, so that one transaction covers a document and its bytes.

Bytes are cut into chunks that are compressed one by one: a slice reads only the chunks that it touches.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection, insert, select

from catalogue.errors import NotFoundError
from catalogue.store.tables import blob, blob_chunk

CHUNK_BYTES: Final = 256 * 1024
_ENCODING: Final = "zlib"
_LEVEL: Final = 1  # XML shrinks to a tenth already; higher levels cost more time than they save space
_LOAD = select(blob_chunk.c.data).order_by(blob_chunk.c.seq)


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


def slice(connection: Connection, sha256: str, start: int, end: int) -> bytes:
    """The bytes [start, end), cut off at the end of the blob.

    Raises:
        NotFoundError: no bytes have this sum.
    """
    require(connection, sha256)
    first = start // CHUNK_BYTES
    last = max(start, end - 1) // CHUNK_BYTES
    query = _LOAD.where(blob_chunk.c.sha256 == sha256, blob_chunk.c.seq.between(first, last))
    joined = b"".join(zlib.decompress(data) for data in connection.scalars(query))
    return joined[start - first * CHUNK_BYTES : max(start, end) - first * CHUNK_BYTES]


def _chunk(connection: Connection, sha256: str, seq: int) -> bytes | None:
    data = connection.scalar(_LOAD.where(blob_chunk.c.sha256 == sha256, blob_chunk.c.seq == seq))
    return None if data is None else zlib.decompress(data)


def _exists(connection: Connection, sha256: str) -> bool:
    return connection.scalar(select(blob.c.size).where(blob.c.sha256 == sha256)) is not None


def require(connection: Connection, sha256: str) -> None:
    """Raise ``NotFoundError`` unless bytes with this sum are stored."""
    if not _exists(connection, sha256):
        raise NotFoundError(f"No source document has the SHA-256 {sha256}.")
