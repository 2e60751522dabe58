"""The errors that a person can cause, each with a sentence that names the mend.

Every message says what came, what was expected and what to do; the command line prints it
and exits with code 2, the dashboard shows it in a red box.
"""


class DCGANError(Exception):
    """Base of all errors that this library raises on purpose."""


class ConfigError(DCGANError):
    """A setting is out of bounds, of the wrong type, or does not fit another setting."""


class BackendError(DCGANError):
    """Keras is loaded already, with a backend that the networks cannot use."""


class DatasetError(DCGANError):
    """A data set is missing, unreadable, too small or too large."""


class RunError(DCGANError):
    """A run's folder is missing, incomplete, damaged, in use or from a newer format."""


class CheckpointError(RunError):
    """A checkpoint is damaged or gone; an older one may serve."""


class DiskError(RunError):
    """The disk refuses to write: full, read-only or gone; trying again later may do."""


class TakenError(RunError):
    """Another process is at it; that one will finish it."""


class DivergenceError(DCGANError):
    """Training left the finite numbers."""


class WorkerError(DCGANError):
    """One of several workers did not come, or is gone."""


class ImageError(DCGANError):
    """A picture that was handed in is not a PNG of ours: damaged, foreign or too large."""
