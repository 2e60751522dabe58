"""The devices of a run: the strategy for each setting, and the preparation of GPUs."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import tensorflow as tf

from dcgan.errors import ConfigError
from dcgan.model.devices import choose_strategy, prepare_gpus


@pytest.mark.parametrize(
    ("name", "gpus", "expected"),
    [
        ("auto", [], ("one", "/cpu:0")),
        ("auto", ["gpu-0"], ("one", "gpu-0")),
        ("auto", ["gpu-0", "gpu-1"], ("mirrored", ("gpu-0", "gpu-1"))),
        ("one_device", [], ("one", "/cpu:0")),
        ("one_device", ["gpu-0", "gpu-1"], ("one", "gpu-0")),
        ("mirrored", [], ("mirrored", ("cpu-0", "cpu-1"))),
        ("mirrored", ["gpu-0"], ("mirrored", ("gpu-0",))),
    ],
)
def test_each_strategy_uses_the_devices_of_its_name(
    monkeypatch: pytest.MonkeyPatch, name: str, gpus: list[str], expected: object
) -> None:
    names = {"GPU": gpus, "CPU": ["cpu-0", "cpu-1"]}
    monkeypatch.setattr(
        tf.config,
        "list_logical_devices",
        lambda kind: [SimpleNamespace(name=device) for device in names[kind]],
    )
    monkeypatch.setattr(tf.distribute, "OneDeviceStrategy", lambda device: ("one", device))
    monkeypatch.setattr(
        "dcgan.model.devices._make_mirrored_strategy", lambda devices: ("mirrored", devices)
    )
    assert choose_strategy(name) == expected


def test_the_multi_worker_strategy_needs_connected_workers() -> None:
    with pytest.raises(ConfigError, match="multi_worker needs other workers"):
        choose_strategy("multi_worker")


@pytest.mark.parametrize("is_late", [False, True])
def test_gpu_memory_grows_as_needed(monkeypatch: pytest.MonkeyPatch, is_late: bool) -> None:
    grown: list[tuple[str, bool]] = []

    def set_memory_growth(device: str, enable: bool) -> None:
        if is_late:  # As TensorFlow does once its devices are in use.
            raise RuntimeError("Physical devices cannot be modified after being initialized")
        grown.append((device, enable))

    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [f"{kind}:0", f"{kind}:1"])
    monkeypatch.setattr(tf.config.experimental, "set_memory_growth", set_memory_growth)
    prepare_gpus()
    assert grown == ([] if is_late else [("GPU:0", True), ("GPU:1", True)])
    assert tf.config.experimental.tensor_float_32_execution_enabled()
