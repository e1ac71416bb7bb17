"""What follows the store beside the web workers, against real processes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import uvicorn
from uvicorn.supervisors import Multiprocess

from catalogue import serving
from catalogue.errors import UsageError

# A stand-in: it writes down that it runs, and ends when its standard input does, as the indexer does.
STAND_IN = """
import os, sys
from pathlib import Path
from catalogue.serving import until_input_ends
stop = until_input_ends()
with Path(sys.argv[1]).open("a") as file:
    file.write(f"{os.getpid()}\\n")
stop.wait()
"""


def eventually(what: Callable[[], bool], seconds: float = 8.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.02)
    return False


def started(log: Path) -> list[int]:
    """The processes that wrote themselves down."""
    return [int(line) for line in log.read_text().splitlines()] if log.exists() else []


def runs(process: int) -> bool:
    """Whether a process is there and is no zombie."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc to look at processes")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


def stand_in(log: Path) -> serving.Follower:
    return serving.Follower("The stand-in", (sys.executable, "-c", STAND_IN, str(log)), "nothing answers meanwhile")


@needs_proc
def test_a_follower_is_started_again_and_ends_with_the_block(log: Path) -> None:
    with serving.following(stand_in(log)):
        assert eventually(lambda: len(started(log)) == 1)
        assert runs(started(log)[0])
        os.kill(started(log)[0], signal.SIGKILL)
        assert eventually(lambda: len(started(log)) == 2)
        assert runs(started(log)[1])
    assert [process for process in started(log) if runs(process)] == []


@needs_proc
def test_a_follower_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "log"
    parent = f"""
import sys, time
from catalogue import serving
with serving.following(serving.Follower("It", (sys.executable, "-c", {STAND_IN!r}, {str(path)!r}), "so")):
    time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", parent]) as process:
        assert eventually(lambda: len(started(path)) == 1)
        child = started(path)[0]
        assert runs(child)
        process.send_signal(signal.SIGKILL)
    assert eventually(lambda: not runs(child))


@needs_proc
def test_a_follower_that_does_not_end_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "log"
    deaf = f"import os, time\nopen({str(path)!r}, 'a').write(f'{{os.getpid()}}\\n')\ntime.sleep(60)"
    monkeypatch.setattr(serving, "_PATIENCE", 0.3)
    with serving.following(serving.Follower("It", (sys.executable, "-c", deaf), "so")):
        assert eventually(lambda: len(started(path)) == 1)
    assert eventually(lambda: not runs(started(path)[0]))


def test_an_address_that_is_taken_is_said() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=str(port)) as caught:
            serving.check_address("127.0.0.1", port)
        assert "--port" in caught.value.next_step
    serving.check_address("127.0.0.1", port)


def test_an_address_of_another_machine_is_said() -> None:
    with pytest.raises(UsageError, match=r"192\.0\.2\.1"):  # of TEST-NET-1, RFC 5737: no machine has it
        serving.check_address("192.0.2.1", 8000)


def test_a_worker_may_start_slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[uvicorn.Config] = []
    monkeypatch.setattr(Multiprocess, "run", lambda self: made.append(self.config))
    serving.serve_web("127.0.0.1", 0, 2)
    assert made[0].timeout_worker_healthcheck >= 30 > uvicorn.Config("none").timeout_worker_healthcheck


def test_what_is_written_to_a_connection_is_sent_at_once() -> None:
    """As asyncio sets it for its own sockets, but not for those that uvicorn's workers share."""
    with serving.listening("127.0.0.1", 0) as ours, uvicorn.Config("none", port=0).bind_socket() as theirs:
        assert _sends_at_once(ours)
        assert not _sends_at_once(theirs)


def _sends_at_once(sock: socket.socket) -> bool:
    sock.listen()
    with socket.create_connection(sock.getsockname()), sock.accept()[0] as accepted:
        return bool(accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
