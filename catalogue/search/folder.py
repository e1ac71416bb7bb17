"""Where an embedded engine keeps its index: the published one, one in the making, who writes, how far it is.

    root/e3-1f2e3d4c/    what the versions of the program with one layout and edition share
        current.json     which folder answers, its position and documents; replaced as one
        making.json      the folder in the making and how far it is; absent when nothing is being built
        broken.json      what a reader found wrong; the writer builds anew
        lock             held by the one writer; a reader tries it to learn whether a writer lives
        0007/            an index of the engine

Versions of the program whose indexes differ live side by side on one data folder, each with its own: while servers are
exchanged one after the other, or when an older version is gone back to. What other versions left is removed when a
whole index is built in place of one that could answer, as ``catalogue reindex`` does, and at no other time.

The index can always be made anew from the store, so nothing here is worth a backup.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from catalogue import durable
from catalogue.errors import IndexBusyError, StorageError
from catalogue.search.port import EDITION, Health, IndexState, Position

# A file that was written less than so many nanoseconds ago may be written again without looking otherwise.
_SETTLED: Final = 1_000_000_000
# How folders of an engine are called: those of a layout, and those that indexes once had beside each other.
_OURS: Final = re.compile(r"e\d+-[0-9a-f]{8}|\d{4,}")
# What each file says, and of which type.
_FILES: Final[Mapping[str, Mapping[str, type]]] = {
    "current.json": {"layout": str, "folder": str, "serial": int, "documents": int, "store": str, "change": int},
    "making.json": {"layout": str, "folder": str, "serial": int, "done": int, "total": int, "shown": bool},
    "broken.json": {"message": str},
}


@dataclass(frozen=True, slots=True)
class Published:
    """The index that answers.

    Attributes:
        path: its folder.
        serial: grows with every change; with the folder's name it makes the generation.
        position: None while it is the one in the making, shown for want of another.
    """

    path: Path
    serial: int
    documents: int
    position: Position | None

    @property
    def generation(self) -> str:
        """Changes with every change of what is answered."""
        return f"{self.path.name}.{self.serial}"


class IndexFolder:
    """One engine's folder.

    Args:
        within: where the engine keeps its indexes; made when first written.
        layout: what the engine and its version of the index are called; an index of another layout is foreign, and is
            treated as absent.
    """

    def __init__(self, within: Path, layout: str) -> None:
        self._layout = f"{layout}, edition {EDITION}"
        self.root = within / f"e{EDITION}-{zlib.crc32(self._layout.encode()):08x}"
        self._known: dict[str, tuple[tuple[int, int], dict[str, Any] | None]] = {}

    # --- readers

    def published(self) -> Published | None:
        """The index that answers now: the published one, else what there is of the one in the making."""
        current = self._current()
        if current is not None:
            position = Position(current["store"], current["change"])
            return Published(self.root / current["folder"], current["serial"], current["documents"], position)
        making = self._read("making.json")
        if making is None or making.get("layout") != self._layout or not making["shown"]:
            return None
        return Published(self.root / making["folder"], making["serial"], making["done"], None)

    def signature(self) -> tuple[tuple[int, int], ...]:
        """Changes whenever ``published`` may answer otherwise; cheap enough to be asked before every query."""
        return tuple(_identity(self.root / name) for name in ("current.json", "making.json"))

    def state(self) -> IndexState:
        """How the index is, as far as its folder tells."""
        published = self.published()
        making = self._read("making.json")
        if making is not None and published is not None and published.position and not self._is_written():
            making = None  # its writer was killed; the published index answers in full
        broken = self._read("broken.json")
        documents = published.documents if published else 0
        position = published.position if published else None
        generation = published.generation if published else ""
        if making is not None:
            done, total = making["done"], making["total"]
            return IndexState(Health.BUILDING, documents, position, done, total, generation)
        if broken is not None:
            return IndexState(Health.BROKEN, documents, position, 0, 0, generation, str(broken.get("message", "")))
        if published is None:
            return IndexState(Health.ABSENT)
        return IndexState(Health.READY, documents, position, documents, documents, generation)

    def report_broken(self, message: str) -> None:
        """Ask the writer to build anew. A reader that may not write here says nothing."""
        with suppress(OSError, StorageError):
            self._write("broken.json", {"message": message})

    # --- the writer

    @contextmanager
    def lock(self) -> Iterator[None]:
        """The right to write, which the operating system takes back from a process that dies.

        Raises:
            IndexBusyError: another process has it.
            StorageError: the folder cannot be made.
        """
        with ExitStack() as held:
            with storage():
                self.root.mkdir(parents=True, exist_ok=True)
                if not held.enter_context(durable.exclusive(self.root / "lock")):
                    raise IndexBusyError(f"Another process writes to the search index in {self.root}.")
                self._sweep()
            yield

    def changed(self, documents: int, position: Position) -> None:
        """The published index was changed in place, by one commit of its engine."""
        current = self._current()
        if current is None:
            raise StorageError(f"There is no published index in {self.root}.", next_step="Run: catalogue reindex")
        self._publish(current["folder"], current["serial"] + 1, documents, position)

    def withdraw(self) -> None:
        """The published index cannot be opened: it shall not stand in the way of what there is of the next."""
        with storage():
            (self.root / "current.json").unlink(missing_ok=True)

    def begin(self, total: int) -> Path:
        """A new empty folder for an index in the making."""
        with storage():
            self._sweep()
        numbers = [int(path.name) for path in self.root.iterdir() if path.is_dir() and path.name.isdecimal()]
        path = self.root / f"{max(numbers, default=0) + 1:04}"
        with storage():
            path.mkdir()
        self.progress(path, 0, total, shown=False)
        return path

    def progress(self, path: Path, done: int, total: int, *, shown: bool) -> None:
        """How far the index in the making is; ``shown`` once it can be opened and answer for want of another."""
        before = self._read("making.json") or {"serial": _first_serial()}
        made = {"folder": path.name, "layout": self._layout, "done": done, "total": total, "shown": shown}
        self._write("making.json", {**made, "serial": before["serial"] + 1})

    def finish(self, path: Path, documents: int, position: Position) -> None:
        """The index in the making takes the place of the published one; readers keep what they have opened."""
        making = self._read("making.json") or {"serial": _first_serial()}
        replacing = self._current() is not None
        self._publish(path.name, making["serial"] + 1, documents, position)
        with storage():
            (self.root / "broken.json").unlink(missing_ok=True)
            self._sweep()
        if replacing:
            self._remove_others()

    def abandon(self, path: Path) -> None:
        """The index in the making is thrown away."""
        (self.root / "making.json").unlink(missing_ok=True)
        shutil.rmtree(path, ignore_errors=True)

    def _current(self) -> dict[str, Any] | None:
        """What is said of the published index; None where there is none of this layout."""
        current = self._read("current.json")
        return current if current is not None and current["layout"] == self._layout else None

    def _publish(self, folder: str, serial: int, documents: int, position: Position) -> None:
        made = {"folder": folder, "layout": self._layout, "serial": serial, "documents": documents}
        self._write("current.json", {**made, "store": position.store, "change": position.change})

    def _sweep(self) -> None:
        """Folders that nothing leads to: what a killed writer left, or what has been replaced."""
        current = self._current()
        kept = current["folder"] if current is not None else None
        (self.root / "making.json").unlink(missing_ok=True)
        for path in self.root.iterdir():
            if path.is_dir() and path.name != kept:
                shutil.rmtree(path, ignore_errors=True)
            elif path.name.startswith(durable.TEMPORARY):
                path.unlink(missing_ok=True)

    def _remove_others(self) -> None:
        """What other versions of the program keep beside this folder, and what the oldest kept right there."""
        for path in self.root.parent.iterdir():
            if path.name in (*_FILES, "lock"):
                path.unlink(missing_ok=True)
            elif path != self.root and _OURS.fullmatch(path.name):
                shutil.rmtree(path, ignore_errors=True)

    def _is_written(self) -> bool:
        """Whether a writer lives; it is, as far as one can tell, where one may not look."""
        try:
            handle = os.open(self.root / "lock", os.O_RDONLY)
        except OSError:
            return True
        try:
            return not durable.locked(handle, fcntl.LOCK_SH, 1)
        finally:
            os.close(handle)

    # --- files

    def _read(self, name: str) -> dict[str, Any] | None:
        """A file of ours; None where it is absent or does not say what it should."""
        path = self.root / name
        identity = _identity(path)
        known = self._known.get(name)
        if known is not None and known[0] == identity:
            return known[1]
        content = durable.read_sealed(path, _FILES[name])
        if time.time_ns() - identity[1] > _SETTLED:
            self._known[name] = identity, content
        return content

    def _write(self, name: str, content: Mapping[str, Any]) -> None:
        with storage():
            durable.write_sealed(self.root / name, content)


def _first_serial() -> int:
    """The time, so that a folder that is thrown away and made again is another generation."""
    return time.time_ns() // 1_000_000


def _identity(path: Path) -> tuple[int, int]:
    """Of a file that is only ever replaced as a whole."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_ino, found.st_mtime_ns


def storage() -> AbstractContextManager[None]:
    """What the disk refuses becomes a StorageError that says what to do."""
    return durable.storage("The search index")
