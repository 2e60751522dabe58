"""Checks of the user's pictures that run in threads, so that no page waits for them.

Imports neither Streamlit nor TensorFlow.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from dashboard.process.file_watch import ComputeStamp, FileWatch
from dashboard.process.tf_runtime import lower_priority
from dcgan.config.training_config import TrainingConfig
from dcgan.data.file_stamp import hash_file_metadata
from dcgan.data_check.check import DataCheck, check_pictures
from dcgan.errors import ConfigError, DCGANError, OutOfMemoryError
from dcgan.progress import Item, ProgressCallback

Check = Callable[[TrainingConfig, ProgressCallback], DataCheck]

_MAX_CHECKS = 2  # That run at once, and that are kept; each holds up to 3 GB of pixels.
_WAIT_SECONDS = 0.2  # So often a check that waits looks whether it was cancelled.
_OUT_OF_MEMORY = (
    "these pictures do not fit into the free memory of this computer; use fewer or smaller ones."
)
_UNEXPECTED = "the check ended with an unexpected error; the server's log has the details."


class _CancelledError(Exception):
    """A person has cancelled the check."""


@dataclass(frozen=True)
class CheckProgress:
    """The progress of a check.

    Attributes:
        text: The work that is done now, such as "Reading the pictures".
        num_done, num_total: Number of the parts of this work that are done, and of all its parts.
    """

    text: str
    num_done: int
    num_total: int


class PictureCheck:
    """A check of the user's pictures that runs in a thread.

    Attributes:
        files: Notices changes of the files since the check began.
    """

    def __init__(
        self, config: TrainingConfig, check: Check, files: FileWatch, slots: threading.Semaphore
    ) -> None:
        """Start the thread.

        Args:
            config: Path, size, colour and polarity of the pictures.
            check: The work.
            files: Lists the files before the work, and again to notice changes.
            slots: Limits how many checks work at the same time; the others wait.
        """
        self.files = files
        self._config = config
        self._check = check
        self._slots = slots
        self._progress = CheckProgress("Waiting for another check", 0, 0)
        self._cancelled, self._ended = threading.Event(), threading.Event()
        self._result: DataCheck | None = None
        self._error: DCGANError | None = None
        threading.Thread(target=self._run, name="picture-check", daemon=True).start()

    @property
    def progress(self) -> CheckProgress:
        """The progress of the check."""
        return self._progress

    @property
    def is_cancelled(self) -> bool:
        """Whether the check was cancelled."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """End the check after the picture that is being read."""
        self._cancelled.set()

    @property
    def has_ended(self) -> bool:
        """Whether the check has ended, also by an error or because it was cancelled."""
        return self._ended.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait for the end of the check, at most some seconds; return whether it has ended."""
        return self._ended.wait(seconds)

    def get_result(self) -> DataCheck | None:
        """Return the result of the check; None while it runs and after it was cancelled.

        Raises:
            DatasetError: If the pictures cannot be used.
            ConfigError: If the check has failed for another reason; `restart` may help.
        """
        if self._error is not None:
            raise self._error.with_traceback(None)  # Each rerun of a page would lengthen it.
        return self._result

    def _run(self) -> None:
        lower_priority()
        while not self._slots.acquire(timeout=_WAIT_SECONDS):
            if self.is_cancelled:
                self._ended.set()
                return
        self._progress = CheckProgress("Listing the files", 0, 0)
        try:
            self.files.look(self._report)
            self._result = self._check(self._config, self._report)
        except _CancelledError:
            pass
        except DCGANError as error:
            self._error = error
        except MemoryError:
            self._error = OutOfMemoryError(_OUT_OF_MEMORY, setting="dataset")
        except BaseException:
            # Not a DatasetError: the pictures are not to blame.
            self._error = ConfigError(_UNEXPECTED, setting="dataset")
            raise
        finally:
            self._slots.release()
            self._ended.set()

    def _report(self, items: Iterable[Item], description: str, total: int) -> Iterator[Item]:
        """Yield items and count them; stop if the check was cancelled."""
        for index, item in enumerate(items):
            if self._cancelled.is_set():
                raise _CancelledError
            self._progress = CheckProgress(description, index, total)
            yield item


class PictureChecks:
    """The newest checks of this process, shared by all tabs."""

    def __init__(
        self, check: Check = check_pictures, compute_stamp: ComputeStamp = hash_file_metadata
    ) -> None:
        """Start no check."""
        self._check, self._compute_stamp = check, compute_stamp
        self._lock = threading.Lock()
        self._slots = threading.Semaphore(_MAX_CHECKS)
        self._checks: dict[TrainingConfig, PictureCheck] = {}

    def start(self, config: TrainingConfig) -> PictureCheck:
        """Return the check of some pictures; start it unless these files were checked before.

        Args:
            config: Path, size, colour and polarity of the pictures.
        """
        with self._lock:
            before = self._checks.get(config)
        if before is not None:
            before.files.look_again()
        with self._lock:
            check = self._checks.get(config)
            if check is None or check.files.has_changed:
                # Their results would not be shown: the choice or the pictures have changed.
                for checked, running in self._checks.items():
                    if checked.dataset == config.dataset and not running.has_ended:
                        running.cancel()
                files = FileWatch(config.dataset, self._compute_stamp)
                check = PictureCheck(config, self._check, files, self._slots)
            self._checks.pop(config, None)
            self._checks[config] = check  # The newest is the last.
            # Only ended ones are forgotten: other tabs wait for those that run.
            ended = [checked for checked, kept in self._checks.items() if kept.has_ended]
            for checked in ended[: max(0, len(self._checks) - _MAX_CHECKS)]:
                if checked != config:
                    del self._checks[checked]
        return check

    def restart(self, config: TrainingConfig) -> None:
        """Forget a check, so that `start` starts it again."""
        with self._lock:
            if (check := self._checks.pop(config, None)) is not None:
                check.cancel()


@functools.cache
def get_picture_checks() -> PictureChecks:
    """Return the checks of this process."""
    return PictureChecks()
