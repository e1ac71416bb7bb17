"""Many rows at once, past the per-row work that SQLAlchemy does for each parameter set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Dialect, Select, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError

T = TypeVar("T")
Row = tuple[Any, ...]

# Parameters of one IN list: far below the limit of every engine (SQLite: 32,766).
CHUNK: Final = 1000

_INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def insert_rows(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows whose values are in the order of the table's columns."""
    if not rows:
        return
    if connection.dialect.name == "postgresql":
        _copy(connection, table, rows)
    else:
        connection.exec_driver_sql(_statement(table, connection.dialect), list(rows))


def insert_ignore(connection: Connection, table: Table, columns: Sequence[str], select: Any) -> int:
    """``INSERT ... SELECT`` that leaves out what a unique index already holds; gives the number of new rows."""
    statement: Any = _INSERT[connection.dialect.name](table)
    return int(connection.execute(statement.from_select(columns, select).on_conflict_do_nothing()).rowcount)


def chunks(values: Sequence[T], size: int = CHUNK) -> list[Sequence[T]]:
    """Cut a sequence into pieces."""
    return [values[start : start + size] for start in range(0, len(values), size)]


def counted(connection: Connection, query: Select[Any]) -> Counter[str]:
    """The rows (key, number) of a query."""
    return Counter({row[0]: row[1] for row in connection.execute(query)})


@cache
def _statement(table: Table, dialect: Dialect) -> str:
    marks = ", ".join("?" * len(table.columns))
    return f"INSERT INTO {_target(table, dialect)} VALUES ({marks})"  # noqa: S608  (names from our own tables)


@cache
def _target(table: Table, dialect: Dialect) -> str:
    names = ", ".join(dialect.identifier_preparer.format_column(column) for column in table.columns)
    return f"{dialect.identifier_preparer.format_table(table)} ({names})"


def _copy(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    driver: Any = connection.connection.driver_connection
    statement = f"COPY {_target(table, connection.dialect)} FROM STDIN"
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except connection.dialect.loaded_dbapi.Error as error:
        raise OperationalError(statement, None, error) from error  # past SQLAlchemy's own wrapping
