"""Fuzz the readers of people's files with damaged files; prints a table.

    python tests/benchmarks/fuzz.py [--inputs 2000] [--seed 0] [--only picture zip …]

Each input is a valid file with damage: flipped bits, lengths set to extreme values, parts deleted,
repeated or copied from another file, a missing end. A reader may return, or raise one of this
library's errors. Anything else is a crash, and printed with the number of the input. The process
is also watched for files that it writes, programs that it runs and memory that it takes.
"""

from __future__ import annotations

import argparse
import logging
import os
import resource
import shutil
import sys
import tempfile
import time
import traceback
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(1, str(Path(__file__).resolve().parent))

import numpy as np
from fuzz_inputs import damage
from fuzz_readers import make_readers

from dcgan.installation import INCLUDED_RUN
from dcgan.runs.run_folder import open_run

LIMIT_BYTES = 2 * 2**30  # The address space that the readers may add.
_RUN_EVENTS = ("os.system", "os.exec", "os.posix_spawn", "subprocess.Popen", "pickle.find_class")


class ActivityRecorder:
    """Records programs that the process runs, and files that it changes outside a folder."""

    def __init__(self) -> None:
        self.allowed = Path("/nowhere")
        self.is_on = False
        self.violations: set[str] = set()
        sys.addaudithook(self._record)

    def _record(self, event: str, arguments: tuple[object, ...]) -> None:
        if not self.is_on:
            return
        if event.startswith(_RUN_EVENTS):
            self.violations.add(f"{event} {arguments[:1]}")
        elif event == "open" and isinstance(arguments[0], str):
            flags = arguments[2] if isinstance(arguments[2], int) else 0
            if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
                self._check(event, arguments[0])
        elif event in ("os.mkdir", "os.remove", "os.rmdir", "os.rename", "os.link", "os.symlink"):
            self._check(event, str(arguments[1 if event == "os.rename" else 0]))

    def _check(self, event: str, path: str) -> None:
        # Relative paths come from the removal of temporary folders.
        is_far = not Path(os.path.normpath(path)).is_relative_to(self.allowed)
        if Path(path).is_absolute() and is_far:
            self.violations.add(f"{event} {path}")


def main() -> None:
    """Run the campaign and print its table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--inputs", type=int, default=2000, help="Inputs for each reader.")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="*", default=[])
    options = parser.parse_args()
    logging.disable()  # There are thousands of warnings about damaged checkpoints.
    recorder = ActivityRecorder()
    num_crashes = num_inputs = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        readers = make_readers(folder)
        open_run(INCLUDED_RUN)
        used = (
            int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[0])
            * resource.getpagesize()
        )
        resource.setrlimit(resource.RLIMIT_AS, (used + LIMIT_BYTES, resource.RLIM_INFINITY))
        print(f"{'reader':<44}{'inputs':>8}{'read':>8}{'refused':>9}{'crashes':>9}{'slowest':>10}")  # noqa: T201
        for reader, target in readers.items():
            if options.only and not any(word in reader for word in options.only):
                continue
            counts = {"read": 0, "refused": 0, "crash": 0}
            slowest = 0.0
            for index in range(options.inputs):
                data = damage(np.random.default_rng((options.seed, index)), target.good)
                place = folder / "place"
                place.mkdir()
                recorder.allowed = place
                started = time.perf_counter()
                recorder.is_on = True
                try:
                    target.read(data, place)
                    counts["read"] += 1
                except target.refusals:
                    counts["refused"] += 1
                except Exception:  # noqa: BLE001 - every other error is a finding
                    counts["crash"] += 1
                    if counts["crash"] <= 3:
                        print(f"{reader}, input {index}:\n{traceback.format_exc()}")  # noqa: T201
                finally:
                    recorder.is_on = False
                slowest = max(slowest, time.perf_counter() - started)
                shutil.rmtree(place)
            num_inputs += options.inputs
            num_crashes += counts["crash"]
            print(  # noqa: T201
                f"{reader:<44}{options.inputs:>8}{counts['read']:>8}{counts['refused']:>9}"
                f"{counts['crash']:>9}{slowest:>8.2f} s",
                flush=True,
            )
    print(f"{num_crashes} crashes in {num_inputs:,} inputs")  # noqa: T201
    print(f"written or run elsewhere: {sorted(recorder.violations) or 'nothing'}")  # noqa: T201
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"most memory in use: {peak:.0f} MiB; allowed were {LIMIT_BYTES / 2**20:.0f} MiB more")  # noqa: T201
    sys.exit(1 if num_crashes or recorder.violations else 0)


if __name__ == "__main__":
    main()
