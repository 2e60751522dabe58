"""Networks that are prepared before a run starts."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from dashboard.state import prepared_networks
from dashboard.state.prepared_networks import PreparedNetworks
from dcgan.config.training_config import TrainingConfig
from dcgan.data import datasets
from dcgan.data.datasets import ImageDataset
from dcgan.errors import ConfigError
from dcgan.model.gan import DCGAN
from dcgan.recording import start
from dcgan.training import tracing
from dcgan.training.loop import train
from tests.dashboard.state.scripted_training import TIMEOUT
from tests.states import State, assert_same_numbers

_THREAD = "prepare-networks"


@pytest.fixture
def prepared(
    monkeypatch: pytest.MonkeyPatch, tiny_config: TrainingConfig, tiny_dataset: ImageDataset
) -> Iterator[PreparedNetworks]:
    """Return tiny networks that are being prepared."""
    monkeypatch.setattr(datasets, "load_configured_dataset", lambda *_: tiny_dataset)
    monkeypatch.setattr(prepared_networks, "_PAUSE_SECONDS", 0.0)
    prepared = PreparedNetworks(tiny_config)
    prepared.prepare()
    yield prepared
    wait_for_preparation()


def wait_for_preparation() -> None:
    """Wait until no networks are being prepared."""
    for thread in threading.enumerate():
        if thread.name == _THREAD:
            thread.join(TIMEOUT)


def train_to_end(gan: DCGAN, config: TrainingConfig, dataset: ImageDataset) -> State:
    for _ in train(gan, dataset, config):
        pass
    return gan.get_state()


def test_a_run_of_prepared_networks_is_that_of_new_ones(
    prepared: PreparedNetworks, tiny_config: TrainingConfig, tiny_dataset: ImageDataset
) -> None:
    longer = tiny_config.replace(epochs=3, generator_learning_rate=0.004)
    wait_for_preparation()
    taken = prepared.make_gan(longer, tiny_dataset)
    assert taken.step == 0
    assert taken.config == longer
    new = DCGAN(longer)
    state, expected = (train_to_end(gan, longer, tiny_dataset) for gan in (taken, new))
    del state["seconds"], expected["seconds"]
    assert_same_numbers(state, expected)


@pytest.fixture
def no_tracing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Skip the tracing of a step, which takes seconds."""
    monkeypatch.setattr(tracing, "trace_step", lambda *_: None)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[DCGAN]:
    """Record the networks that are built from now on."""
    made: list[DCGAN] = []
    make = start.make_local_gan

    def make_and_record(config: TrainingConfig, dataset: ImageDataset) -> DCGAN:
        made.append(make(config, dataset))
        return made[-1]

    monkeypatch.setattr(start, "make_local_gan", make_and_record)
    return made


@pytest.mark.usefixtures("no_tracing")
def test_each_run_gets_networks_of_its_own_and_others_are_prepared_only_after_one_took_them(
    prepared: PreparedNetworks,
    tiny_config: TrainingConfig,
    tiny_dataset: ImageDataset,
    made: list[DCGAN],
) -> None:
    prepared.prepare_again()
    first = prepared.make_gan(tiny_config, tiny_dataset)
    second = prepared.make_gan(tiny_config, tiny_dataset)
    assert first is not second
    prepared.prepare_again()
    wait_for_preparation()
    fitting = made[-1]
    assert fitting is not second
    other = prepared.make_gan(tiny_config.replace(seed=1), tiny_dataset)
    assert other is not fitting  # Another seed gives other weights.
    assert prepared.make_gan(tiny_config, tiny_dataset) is fitting


@pytest.mark.usefixtures("no_tracing")
def test_settings_that_do_not_fit_the_data_are_reported_as_for_new_networks(
    prepared: PreparedNetworks, tiny_config: TrainingConfig, tiny_dataset: ImageDataset
) -> None:
    wait_for_preparation()
    few = datasets.ImageDataset("few", tiny_dataset.pixels[:8], None, "", "")
    with pytest.raises(ConfigError, match="batch_size: got 16"):
        prepared.make_gan(tiny_config, few)


def test_a_process_that_ends_prepares_nothing(tiny_config: TrainingConfig) -> None:
    prepared = PreparedNetworks(tiny_config)
    prepared.close()
    prepared.prepare()
    assert not [thread for thread in threading.enumerate() if thread.name == _THREAD]


def test_the_process_waits_for_networks_that_a_daemon_began_to_prepare(
    tiny_config: TrainingConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    are_daemons: list[bool] = []
    monkeypatch.setattr(threading.Thread, "start", lambda thread: are_daemons.append(thread.daemon))
    prepare = PreparedNetworks(tiny_config).prepare
    monkeypatch.setattr(threading.current_thread(), "_daemonic", True)
    prepare()
    # Python waits at its end for threads that are no daemons.
    assert are_daemons == [False]


def test_nothing_is_prepared_while_a_run_trains(
    tiny_config: TrainingConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[object] = []
    monkeypatch.setattr(datasets, "load_configured_dataset", loaded.append)
    PreparedNetworks(tiny_config, is_training=lambda: True).prepare()
    wait_for_preparation()
    assert loaded == []


@pytest.mark.usefixtures("no_tracing")
def test_the_default_networks_fit_a_run_whose_settings_were_not_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[DCGAN] = []

    def make_tiny(config: TrainingConfig, _: ImageDataset) -> DCGAN:
        tiny = config.replace(generator_filters=(2, 2), discriminator_filters=(2, 2))
        made.append(DCGAN(tiny))
        return made[-1]

    monkeypatch.setattr(start, "make_local_gan", make_tiny)
    prepared = PreparedNetworks()
    prepared.prepare()
    wait_for_preparation()
    (fitting,) = made
    mnist = datasets.load_dataset("mnist")
    config = TrainingConfig().with_learned_classes(mnist.class_names)
    assert prepared.make_gan(config, mnist) is fitting
