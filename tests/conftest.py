"""Fixtures that all tests share, and the order in which test files run."""

from __future__ import annotations

import os

# All are set before NumPy and TensorFlow are imported. TensorFlow's messages would bury the tests'
# output.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Three processes of tests already use both cores; a second thread for an operation would wait. The
# threads of NumPy (OpenBLAS) and of scikit-learn (OpenMP) even wait in a loop: an evaluation would
# take 2.5 times as much processor time.
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
# The tests' servers are on this machine; a proxy would not find them.
os.environ["no_proxy"] = ",".join(filter(None, (os.environ.get("no_proxy"), "127.0.0.1,localhost")))

import gc
import hashlib
import itertools
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.evaluation import sliced_wasserstein

if TYPE_CHECKING:
    from xdist.remote import Producer

    from dcgan.model.gan import DCGAN
    from dcgan.model.sampler import Sampler
    from dcgan.recording.start import MakeGAN
    from tests.states import State

_NIGHTLY = Path(__file__).parent / "nightly"

# The browser tests of these files share one server, in which runs train. The other browser tests
# share servers that have the included runs only.
_TRAINING_FILES = (
    "test_train_commands.py",
    "test_explore_training.py",
    "test_runs_page.py",
    "test_train_page.py",
    "test_write_a_number.py",
)

# Browser tests of these files start their own servers; longest first.
_OWN_SERVERS = (
    "test_server.py",
    "test_login.py",
    "test_following.py",
    "test_own_pictures.py",
    "test_demo.py",
    "test_limits.py",
    "test_restart.py",
)

# Files that start processes or trace many graphs, for five seconds to a minute each; longest first.
_LONG_FILES = (
    "dcgan/recording/test_durability.py",
    "dcgan/distributed/test_workers.py",
    "dcgan/cli/test_interrupts.py",
    "dcgan/training_step/test_replicas.py",
    "dcgan/latent/test_inversion.py",
    "dcgan/recording/test_picture_sizes.py",
    "dcgan/training_step/test_step_inputs.py",
    "dcgan/evaluation/test_evaluator.py",
    "dcgan/training_step/test_loss_kinds.py",
    "dcgan/training_step/test_augmentation.py",
    "dcgan/evaluation/test_sliced_wasserstein.py",
    "dcgan/evaluation/test_two_sample_test.py",
    "dcgan/cli/test_sweep.py",
    "dcgan/remedies/test_trials.py",
    "dcgan/recording/test_resume.py",
    "dcgan/cli/test_classes.py",
    "dcgan/export/test_class_files.py",
    "dcgan/recording/test_notebook.py",
    "tests/test_installation.py",
    "dcgan/test_backend.py",
    "dashboard/state/test_trainer_shutdown.py",
    "dcgan/cli/test_train.py",
    "dashboard/process/test_tf_runtime.py",
)

_NUM_DIRECTIONS = sliced_wasserstein.NUM_DIRECTIONS

# Draws a bar for each given value, uint8 (num, 28, 28, 1); see the fixture `bars`.
Bars = Callable[..., np.ndarray]

# No deadline, because these tests do not check speed and must pass on a busy machine.
settings.register_profile("dcgan-studio", deadline=None)
settings.load_profile("dcgan-studio")


@pytest.fixture(autouse=True)
def no_fsync(monkeypatch: pytest.MonkeyPatch) -> None:
    """Skip `fsync` in this process: the files of tests need not survive a power failure."""
    monkeypatch.setattr(os, "fsync", lambda file: None)


@pytest.fixture(scope="session", autouse=True)
def few_directions() -> Iterator[None]:
    """Compare patches of pictures along few directions; all would take a second an evaluation."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sliced_wasserstein, "NUM_DIRECTIONS", 32)
        yield


@pytest.fixture
def all_directions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compare patches of pictures along as many directions as outside of tests."""
    monkeypatch.setattr(sliced_wasserstein, "NUM_DIRECTIONS", _NUM_DIRECTIONS)


@pytest.fixture
def default_hangups() -> Iterator[None]:
    """Restore the default action of SIGHUP, also for new processes; under `nohup` it is ignored."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.fixture
def no_included_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Hide the run that comes with the program from the library of runs."""
    monkeypatch.setattr("dcgan.installation.INCLUDED_RUN", tmp_path / "elsewhere" / "pretrained")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave the nightly tests out unless they are named: `python -m pytest tests/nightly`."""
    is_named = any("nightly" in argument for argument in config.args)
    return True if collection_path == _NIGHTLY and not is_named else None


class SharedServerScheduling(LoadFileScheduling):
    """Gives each process whole files, and one process all browser tests that share a server."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        if "/browser/" not in file or file.endswith(_OWN_SERVERS):
            return file
        return "training" if file.endswith(_TRAINING_FILES) else "included"


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> SharedServerScheduling:
    """Choose how tests are divided between processes."""
    return SharedServerScheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long files first, so that no process runs one alone at the end.

    The browser tests that share a server take longest, all in one process. Those with servers of
    their own often wait, so their files alternate with files that compute.
    """
    paths = list(dict.fromkeys(item.path for item in items))
    browser = [path for path in paths if path.parent.name == "browser"]
    training = [path for path in browser if path.name in _TRAINING_FILES]
    sharing = training + [path for path in browser if path.name not in _OWN_SERVERS]
    waiting = [path for name in _OWN_SERVERS for path in browser if path.name == name]
    computing = [path for name in _LONG_FILES for path in paths if path.match(name)]
    turns = itertools.chain.from_iterable(itertools.zip_longest(waiting, computing))
    places = {path: place for place, path in enumerate(itertools.chain(sharing, turns))}
    items.sort(key=lambda item: places.get(item.path, len(places)))


def pytest_collection_finish() -> None:
    """Exempt all imported modules from garbage collection, whose passes would take seconds."""
    gc.freeze()


@pytest.fixture(scope="session")
def tiny_config() -> TrainingConfig:
    """Return settings of networks that train in a millisecond a step."""
    return TrainingConfig.create(
        generator_filters=(8, 4),
        discriminator_filters=(4, 8),
        generator_units=8,
        discriminator_units=6,
        latent_dim=4,
        batch_size=16,
        num_samples=6,
        r1_penalty=0.0,  # Its second derivative would be half of what tracing a step takes.
        epochs=2,
        evaluate_every=0,
        augment="off",  # It would make the graph of a step a third larger.
    )


@pytest.fixture(scope="session")
def tiny_dataset() -> ImageDataset:
    """Return 200 pictures of one soft spot each, always the same: 12.5 batches of 16."""
    draws = np.random.Generator(np.random.PCG64(0))
    centres = draws.uniform(8, 20, (200, 2, 1, 1))
    radii = draws.uniform(2, 6, (200, 1, 1))
    rows, columns = np.mgrid[:28, :28]
    distances = np.hypot(rows - centres[:, 0], columns - centres[:, 1])
    pixels = np.rint(255 * np.exp(-((distances / radii) ** 2))).astype(np.uint8)[..., np.newaxis]
    pixels.flags.writeable = False
    fingerprint = hashlib.sha256(repr(pixels.shape).encode() + pixels.tobytes()).hexdigest()
    return ImageDataset("spots", pixels, None, fingerprint, "200 soft spots.")


@pytest.fixture(scope="session")
def make_gan() -> MakeGAN:
    """Return a function that gives all runs of the same settings the same networks.

    They are in their first state. Tracing a step takes two seconds, so all tests of a process share
    it. A test of what a checkpoint restores resumes in new networks.
    """
    from dcgan.model.gan import DCGAN

    made: dict[tuple[object, ...], tuple[DCGAN, State]] = {}

    def make(config: TrainingConfig, _: object) -> DCGAN:
        key = config.graph_key
        if key not in made:
            new = DCGAN(config)
            made[key] = new, new.get_state()
        gan, first_state = made[key]
        gan.change_config(config)
        return gan.set_state(first_state)

    return make


@pytest.fixture
def reused_networks(make_gan: MakeGAN, monkeypatch: pytest.MonkeyPatch) -> None:
    """Start and resume runs in this process with the networks of `make_gan`."""
    monkeypatch.setattr("dcgan.recording.start.DCGAN", make_gan)


@pytest.fixture(scope="session")
def spots_file(tmp_path_factory: pytest.TempPathFactory, tiny_dataset: ImageDataset) -> str:
    """Return the path of a file with 100 of the tiny pictures: 7 steps an epoch."""
    path = tmp_path_factory.mktemp("pictures") / "spots.npz"
    np.savez(path, images=tiny_dataset.pixels[:100])
    return str(path)


@pytest.fixture(scope="session")
def included_sampler() -> Sampler:
    """Return the generator of the run that comes with the program."""
    from dcgan.installation import INCLUDED_RUN
    from dcgan.runs.checkpoint_generator import load_sampler
    from dcgan.runs.run_folder import open_run

    return load_sampler(open_run(INCLUDED_RUN))[0]


@pytest.fixture(scope="session")
def bars() -> Bars:
    """Return a function that draws slanted bars with smooth edges and known properties."""

    def draw(**changed: float | np.ndarray) -> np.ndarray:
        num = max(np.size(value) for value in changed.values())
        properties = {
            "slant": 0.0,
            "thickness": 4.0,
            "length": 18.0,
            "x": 13.5,
            "y": 13.5,
        } | changed
        slant, thickness, length, x, y = (
            np.broadcast_to(value, num)[:, None, None] for value in properties.values()
        )
        rows, columns = np.indices((28, 28), dtype=np.float64)
        across = columns - x + np.tan(np.radians(slant)) * (rows - y)
        ink = (thickness / 2 + 0.5 - abs(across)).clip(0, 1)
        ink = ink * (length / 2 + 0.5 - abs(rows - y)).clip(0, 1)
        return np.rint(ink * 255).astype(np.uint8)[..., np.newaxis]

    return draw
