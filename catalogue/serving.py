"""Floor 4: the web workers, and beside them the processes that keep search index and triple store up to date."""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from threading import Event, Thread
from time import monotonic, sleep
from typing import Final

from catalogue.errors import UsageError
from catalogue.printing import say


@dataclass(frozen=True, slots=True)
class Follower:
    """A process that follows the store."""

    name: str
    command: tuple[str, ...]
    meanwhile: str


_COMMAND: Final = (sys.executable, "-m", "catalogue.cli")
# What each process is called, its command, and what goes on while it is down.
_INDEXER: Final = Follower("The indexer", (*_COMMAND, "index", "--follow"), "search answers meanwhile")
_FEEDER: Final = Follower("The RDF feeder", (*_COMMAND, "rdf", "follow"), "SPARQL answers meanwhile")
FOLLOWERS: Final = (_INDEXER, _FEEDER)
"""What runs beside the web workers."""
_APPLICATION: Final = "catalogue_api.app:from_environment"
_PATIENCE: Final = 10.0
_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 30.0
# One that ran so long was well: it is started again at once, and the pauses begin anew.
_HEALTHY: Final = 60.0
# Uvicorn kills a worker that is silent for five seconds, and one that starts on a busy machine is: for ever.
_SILENCE: Final = 60
_NOT_STARTED: Final = 3  # as uvicorn ends


def serve(host: str, port: int, workers: int) -> None:
    """Serve until interrupted, with the followers beside the workers. Raises UsageError, see ``listening``."""
    with ExitStack() as stack:
        for one in FOLLOWERS:
            stack.enter_context(following(one))
        serve_web(host, port, workers)


def serve_web(host: str, port: int, workers: int, application: str = _APPLICATION) -> None:
    """The web workers alone, until interrupted.

    Args:
        application: what makes the application in each worker, as ``module:function``.

    Raises:
        UsageError: see ``listening``.
    """
    from uvicorn import Config, Server
    from uvicorn.supervisors import Multiprocess

    config = Config(
        application, factory=True, workers=workers, log_level="warning", timeout_worker_healthcheck=_SILENCE
    )
    # A dump that is being sent holds a file of each document open: as many as the system allows, not the usual 1,024.
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    with suppress(OSError, ValueError):  # some systems name a limit that they do not grant: theirs stays then
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with listening(host, port) as sock, suppress(KeyboardInterrupt):
        if workers > 1:
            Multiprocess(config, sockets=[sock]).run()
            return
        server = Server(config)
        server.run(sockets=[sock])
        if not server.started:
            sys.exit(_NOT_STARTED)


def listening(host: str, port: int) -> socket.socket:
    """The socket that the workers share, bound.

    Its connections send what they are given at once (TCP_NODELAY, which they inherit): head and body of an answer are
    two writes, and of a connection that is used again the second would wait 40 ms for the client's acknowledgement.

    Raises:
        UsageError: the address is taken, or not this machine's.
    """
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        sock.bind((host, port))
    except OSError as error:
        sock.close()
        raise UsageError(
            f"The address {host}:{port} cannot be used: {error.strerror}.",
            next_step="Stop the program that uses it, or choose another with --port.",
        ) from error
    return sock


def check_address(host: str, port: int) -> None:
    """Fail with a sentence where the address is taken or not ours. Raises UsageError."""
    listening(host, port).close()


@contextmanager
def following(follower: Follower) -> Iterator[None]:
    """It runs within the block; it is started again when it dies, and ends with this process in any case."""
    stop = Event()
    keeper = Thread(target=_keep_running, args=(follower, stop), name=follower.name, daemon=True)
    keeper.start()
    try:
        yield
    finally:
        stop.set()
        keeper.join(2 * _PATIENCE)


def _keep_running(follower: Follower, stop: Event) -> None:
    pause = _FIRST_PAUSE
    while True:
        began = monotonic()
        reason = _run(follower, stop)
        if stop.is_set():
            return
        if monotonic() - began >= _HEALTHY:
            pause = _FIRST_PAUSE
        say(f"{follower.name} {reason}. It is started again in {pause:.0f} s; {follower.meanwhile}.")
        stop.wait(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)


def _run(follower: Follower, stop: Event) -> str:
    """One process until it dies or shall stop; gives what became of it."""
    try:
        # It ends when its standard input does, which the system closes even if this process is killed.
        with subprocess.Popen(follower.command, stdin=subprocess.PIPE) as process:  # noqa: S603
            while process.poll() is None and not stop.wait(0.2):
                pass
            if process.poll() is None:
                _end(process)
            return f"has ended (exit code {process.returncode})"
    except OSError as error:
        return f"cannot be started: {error}"


def _end(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None  # it was asked for
    with suppress(OSError):
        process.stdin.close()
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()  # an index that is half written is thrown away by the next writer
        process.wait()


def until_input_ends() -> Event:
    """An event that is set when standard input ends, or the process is asked to terminate; Ctrl+C is its parent's."""
    stop = Event()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: stop.set())

    def read() -> None:
        with suppress(OSError):
            while os.read(sys.stdin.fileno(), 4096):
                pass
        stop.set()
        sleep(_PATIENCE)
        os._exit(0)  # in the middle of something long, which the next one takes up

    Thread(target=read, name="standard-input", daemon=True).start()
    return stop
