"""Connections to SQLite and PostgreSQL: how they are opened, how writers take turns, what their failures mean."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DatabaseError, DataError, IntegrityError, InterfaceError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import StaticPool

from catalogue.errors import StorageError, UsageError
from catalogue.model.report import Message

# Any constant will do, as long as every process of the catalogue takes the same one.
_WRITE_LOCK: Final = 0x00DD1
# Seconds that a writer waits for the one before it; a document of 100 MB takes about half a minute.
_BUSY_SECONDS: Final = 120
_WRITING: Final = "catalogue_writing"

_SQLITE_PRAGMAS: Final = (
    "PRAGMA journal_mode = WAL",  # readers go on while a document is written
    "PRAGMA synchronous = FULL",  # a receipt that was given survives a power cut; one fsync per document is cheap
    "PRAGMA foreign_keys = ON",
    "PRAGMA cache_size = -65536",  # 64 MiB, so that the indexes of a large document are not read back page by page
)

_PROGRAMMING_FAULTS: Final = (IntegrityError, ProgrammingError, DataError)

# Words in the engines' messages, and what the person can do.
_NEXT_STEPS: Final = (
    (
        ("is full", "no space left", "disk full", "could not extend", "disk i/o error"),
        Message(
            "Libérez de la place sur le disque de la base de données, puis réessayez ; rien n’a été enregistré.",
            "Free some space on the disk of the database, then try again; nothing was stored.",
        ),
    ),
    (
        ("locked", "lock timeout"),
        Message(
            "Un autre document est en cours d’écriture : attendez, puis réessayez ; rien n’a été enregistré.",
            "Another document is being written: wait, then try again; nothing was stored.",
        ),
    ),
    (
        ("readonly", "read-only"),
        Message(
            "Donnez à ce programme le droit d’écrire dans la base de données et son dossier, puis réessayez.",
            "Give this program the right to write to the database and its folder, then try again.",
        ),
    ),
    (
        ("malformed", "not a database"),
        Message(
            "Le fichier de la base de données est endommagé ou n’en est pas un : rétablissez-le d’une sauvegarde.",
            "The database file is damaged or is no database: restore it from a backup.",
        ),
    ),
    (
        ("connect", "resolve", "refused", "unable to open", "authentication", "does not exist", "terminat"),
        Message(
            "Vérifiez que la base de données tourne et que CATALOGUE_DATABASE_URL y mène, puis réessayez.",
            "Check that the database is running and that CATALOGUE_DATABASE_URL leads to it, then try again.",
        ),
    ),
)


def open_engine(address: str) -> Engine:
    """An engine for a SQLAlchemy URL; the folder of a SQLite file is created.

    Raises:
        UsageError: the address is no URL of SQLite or PostgreSQL.
        StorageError: the folder cannot be created.
    """
    url = _url(address)
    if is_temporary(url):
        return _temporary()
    if url.get_backend_name() == "sqlite":
        return _sqlite(url)
    return create_engine(url, pool_pre_ping=True)


def is_temporary(url: URL) -> bool:
    """Whether the address is ``sqlite://``: a database of this process alone, gone when it is closed."""
    return url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:")


def _url(address: str) -> URL:
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise UsageError("The address of the database is no URL.", next_step="Set CATALOGUE_DATABASE_URL.") from None
    if url.get_backend_name() in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() == "sqlite":
        return url
    raise UsageError(
        f"The store runs on a SQLite file or on PostgreSQL, not on {url.drivername!r}.",
        next_step="Set CATALOGUE_DATABASE_URL to sqlite:///FILE or postgresql://USER@HOST/DATABASE.",
    )


def _sqlite(url: URL) -> Engine:
    try:
        Path(url.database or "").parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"The folder of the database cannot be created: {error.strerror}.") from error
    engine = create_engine(url, connect_args={} if "timeout" in url.query else {"timeout": _BUSY_SECONDS})
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _temporary() -> Engine:
    """SQLite keeps a database without name in memory, and what grows too large for that in a file of its own."""
    engine = create_engine("sqlite://", creator=_open_temporary, poolclass=StaticPool)
    event.listen(engine, "connect", _set_up_temporary)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _open_temporary() -> sqlite3.Connection:
    return sqlite3.connect("", check_same_thread=False)


def _set_up_temporary(connection: Any, _: object) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA synchronous = OFF")


def _set_up_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # the driver opens no transaction of its own: _begin_sqlite does
    for pragma in _SQLITE_PRAGMAS:
        connection.execute(pragma)


def _begin_sqlite(connection: Connection) -> None:
    immediate = connection.get_execution_options().get(_WRITING, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that is the only writer until it ends; rolled back when the block raises.

    Raises:
        StorageError: the database failed, or another writer held it too long.
    """
    with storage_errors(), engine.execution_options(**{_WRITING: True}).connect() as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WRITE_LOCK})
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that sees one state of the store.

    Raises:
        StorageError: the database failed.
    """
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with storage_errors(), engine.begin() as connection:
        yield connection


@contextmanager
def storage_errors() -> Iterator[None]:
    """Turn the database's failures into ``StorageError`` with a next step; faults of this program pass."""
    try:
        yield
    except _PROGRAMMING_FAULTS:
        raise
    except (DatabaseError, InterfaceError) as error:
        raise _storage_error(str(error.orig).strip()) from error
    except PoolTimeoutError as error:
        raise StorageError(
            Message(
                "Toutes les connexions à la base de données sont prises.", "Every connection to the database is in use."
            ),
            next_step=Message("Réessayez dans un moment.", "Try again in a moment."),
        ) from error


def _storage_error(reason: str) -> StorageError:
    said = reason.splitlines()[0] if reason else "no reason"
    message = Message("La base de données n’a pas pu répondre.", f"The database says: {said}")
    for words, next_step in _NEXT_STEPS:
        if any(word in reason.lower() for word in words):
            return StorageError(message, next_step=next_step)
    return StorageError(message)
