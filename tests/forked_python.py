"""Python processes that start without the seconds of TensorFlow's import, on Linux.

The import takes four processor seconds, and the tests start some thirty processes that need it.
So each process of tests has one helper, which imports TensorFlow and computes nothing with it.
For each process to start, the helper forks; the fork has its own arguments, environment and
streams, and is a child of the tests' process, as after `subprocess.Popen`.
"""

from __future__ import annotations

import ctypes
import faulthandler
import functools
import gc
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, cast

REPOSITORY = Path(__file__).parents[1]
_SET_CHILD_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER in linux/prctl.h.
_MAX_REQUEST_BYTES = 1 << 17  # More than an environment takes.
_NO_PIPE = -1

_Output = int | IO[bytes] | None


def start_python(
    *command: object,
    environment: Mapping[str, str] | None = None,
    stdout: _Output = subprocess.PIPE,
    stderr: _Output = subprocess.PIPE,
) -> subprocess.Popen[str]:
    """Start Python in the repository.

    Args:
        command: `-m`, a module and its arguments, or `-c`, code and its arguments.
        environment: All variables of its environment; None for the same as in this process.
        stdout: As for `subprocess.Popen`; by default a pipe.
        stderr: As for `subprocess.Popen`; by default a pipe.
    """
    start = _ForkedProcess if sys.platform == "linux" else subprocess.Popen
    return start(
        [sys.executable, *map(str, command)],
        cwd=REPOSITORY,
        env=environment,
        stdout=stdout,
        stderr=stderr,
        text=True,
    )


def run_python(*command: object, timeout: float = 120.0) -> subprocess.CompletedProcess[str]:
    """Run Python in the repository, as `start_python` does, and wait for its end."""
    with start_python(*command) as process:
        try:
            out, errors = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    return subprocess.CompletedProcess(process.args, process.returncode, out, errors)


class _ForkedProcess(subprocess.Popen[str]):
    """A process that the helper forks; `subprocess.Popen` makes its pipes and waits for it."""

    def _execute_child(self, args: Sequence[str], *others: object) -> None:
        """Replace the part of `subprocess.Popen` that forks, as Python 3.11 to 3.13 have it."""
        environment, pipes = others[5], cast(tuple[int, ...], others[9:15])
        ends = (pipes[0], pipes[3], pipes[5])  # The new process's ends of the pipes.
        streams = [own if end == _NO_PIPE else end for own, end in enumerate(ends)]
        request = {"command": args[1:], "environment": environment or dict(os.environ)}
        self.pid = _start_helper().fork(request, streams)
        self._child_created = True
        self._close_pipe_fds(*pipes)  # type: ignore[attr-defined]


class _Helper:
    """The helper process and the socket on which the tests' process requests forks."""

    def __init__(self) -> None:
        """Start the helper; it ends with the tests' process."""
        self._channel, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with other:
            command = [sys.executable, "-m", "tests.forked_python", str(other.fileno())]
            self._process = subprocess.Popen(command, cwd=REPOSITORY, pass_fds=[other.fileno()])

    def fork(self, request: Mapping[str, object], streams: Sequence[int]) -> int:
        """Start a process with this command, environment and standard streams; return its PID."""
        # The helper forks a process that forks the new one and ends at once. So the new process is
        # an orphan, which this process adopts and can wait for.
        _adopt_orphans(True)
        socket.send_fds(self._channel, [json.dumps(request).encode()], streams)
        pid = int(self._channel.recv(64))
        _adopt_orphans(False)
        return pid


@functools.cache
def _start_helper() -> _Helper:
    return _Helper()


def _adopt_orphans(is_on: bool) -> None:
    """Turn on or off that this process becomes the parent of descendants that lose theirs."""
    if ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, int(is_on), 0, 0, 0) != 0:
        raise OSError("prctl refuses PR_SET_CHILD_SUBREAPER")


def _serve(channel: socket.socket) -> list[str]:
    """Fork for each request.

    In the new process, take over the requested streams and environment, and return the requested
    command. In the helper, do not return: it ends when the tests' process does.
    """
    while True:
        request, streams, _, _ = socket.recv_fds(channel, _MAX_REQUEST_BYTES, 3)
        if not request:
            sys.exit()
        reader, writer = os.pipe()
        intermediate = os.fork()
        if intermediate == 0:
            pid = os.fork()
            if pid != 0:
                os.write(writer, str(pid).encode())
                os._exit(0)
            channel.close()
            os.close(reader)
            os.close(writer)
            _replace_streams(streams)
            faulthandler.enable()  # A crash leaves the stacks of its threads in the log.
            wanted = json.loads(request)
            os.environ.clear()
            os.environ.update(wanted["environment"])
            command: list[str] = wanted["command"]
            return command
        os.waitpid(intermediate, 0)  # Only then is the new process a child of the tests' process.
        channel.send(os.read(reader, 64))
        for file in (reader, writer, *streams):
            os.close(file)


def _replace_streams(files: Sequence[int]) -> None:
    """Make these files standard input, output and error of this process."""
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    # New objects, because the old ones remember whether their files could seek. Like Python's own,
    # they do not close their files when they are deleted.
    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout = os.fdopen(1, "w", closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, errors="backslashreplace", closefd=False)


def _run(command: list[str]) -> None:
    """Run a module or code, as Python itself does with the same command."""
    flag, target, *arguments = command
    sys.argv = [target if flag == "-m" else flag, *arguments]
    if flag == "-m":
        runpy.run_module(target, run_name="__main__", alter_sys=True)
    else:
        exec(target, {"__name__": "__main__"})


def main() -> None:
    """Run the helper, and in its forks the requested processes."""
    import dcgan.backend  # noqa: F401  # Imports TensorFlow.

    # Otherwise the garbage collector of each fork writes to, and so copies, all that is imported.
    gc.freeze()
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # Under `nohup` it is ignored.
    _run(_serve(socket.socket(fileno=int(sys.argv[1]))))


if __name__ == "__main__":
    main()
