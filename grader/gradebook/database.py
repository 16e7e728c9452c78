"""The database of nbgrader's gradebook: reached, made where there is none, and written to in transactions."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from alembic.script import ScriptDirectory
from nbgrader.api import Base
from nbgrader.dbutil import ALEMBIC_DIR
from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DataError, NoSuchModuleError, SQLAlchemyError

from grader.outside.private_files import own_file

LOCK_LIMIT = 30.0
"""Seconds to wait while another program writes to an SQLite file."""
VERSION = "alembic_version"
"""The table that says for which nbgrader the others were made."""


class DatabaseError(Exception):
    """A gradebook that cannot be used; the text says why and what to do, and holds no password."""


class Database:
    """A gradebook's database, made where there is none. Raises DatabaseError.

    url: as SQLAlchemy writes it; a file in `folder` is to be its owner's alone, else OutOfPlaceError is raised.
    shown: the same for everybody to read.
    """

    def __init__(self, url: str, folder: Path) -> None:
        try:
            parsed = make_url(url)
        except ArgumentError:
            raise DatabaseError(
                "the gradebook's URL is none: sqlite:////path/gradebook.db, or postgresql+psycopg://user@host/name"
            ) from None
        self.shown = str(URL.create(parsed.drivername, None, None, parsed.host, parsed.port, parsed.database))
        self._secrets = [secret for secret in (parsed.password, *map(str, parsed.query.values())) if secret]
        try:
            self._engine = _engine(parsed)
        except NoSuchModuleError:
            raise DatabaseError(f"{self.shown}: SQLAlchemy knows no such kind of database") from None
        except ModuleNotFoundError as error:
            raise DatabaseError(f"{self.shown}: its driver is missing: pip install {error.name}") from None
        if parsed.get_backend_name() == "sqlite" and _is_file_in(parsed.database, folder):
            open(str(parsed.database), "ab", opener=own_file).close()
        with contextlib.ExitStack() as where_it_fails:
            where_it_fails.callback(self._engine.dispose)
            with self._explained():
                self._connection = where_it_fails.enter_context(self._engine.connect())
            with self.transaction() as connection:
                _make_tables(connection)
            where_it_fails.pop_all()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Connection]:
        """All that is done within, or nothing of it. Raises ValueError for what no gradebook can hold."""
        with self._explained(), self._connection.begin():
            yield self._connection

    def close(self) -> None:
        """Let go of the database."""
        self._connection.close()
        self._engine.dispose()

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except DataError as error:  # of the values in it, not of the database
            raise ValueError(self._told(error)) from None
        except SQLAlchemyError as error:
            raise DatabaseError(f"the gradebook {self.shown} cannot be used: {self._told(error)}") from None

    def _told(self, error: SQLAlchemyError) -> str:
        original = getattr(error, "orig", None)
        told = " ".join(str(original or error).split())
        if isinstance(original, sqlite3.OperationalError) and "locked" in told:
            return (
                f"another program has been writing to it for {LOCK_LIMIT:g} s (nbgrader, or formgrader?); once it "
                "is done the same command goes on"
            )
        for secret in self._secrets:
            told = told.replace(secret, "***")
        return told


def _is_file_in(file: str | None, folder: Path) -> bool:
    """Whether an SQLite file stands in a folder; without a name it is in memory."""
    return file not in (None, "", ":memory:") and Path(str(file)).parent.resolve() == folder.resolve()


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(url)
    engine = create_engine(url, connect_args={"timeout": LOCK_LIMIT})

    def leave_transactions_alone(connection: sqlite3.Connection, record: Any) -> None:
        connection.isolation_level = None

    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # waits for its turn here, and nowhere later

    event.listen(engine, "connect", leave_transactions_alone)
    event.listen(engine, "begin", begin)
    return engine


def _make_tables(connection: Connection) -> None:
    """The tables as nbgrader makes them. Raises DatabaseError where they are of another version."""
    newest = ScriptDirectory(ALEMBIC_DIR).get_current_head()
    tables = inspect(connection).get_table_names()
    if VERSION in tables:
        found = connection.execute(text(f"SELECT version_num FROM {VERSION}")).scalar()
        if found != newest:
            raise DatabaseError(
                "the gradebook is of another version of nbgrader: keep a copy, then run `nbgrader db upgrade`"
            )
    Base.metadata.create_all(connection)
    if VERSION not in tables:
        connection.execute(text(f"CREATE TABLE {VERSION} (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(text(f"INSERT INTO {VERSION} (version_num) VALUES (:newest)"), {"newest": newest})
