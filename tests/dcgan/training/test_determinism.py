"""Runs that repeat bit for bit: the order of sums in a step, and processes that may repeat."""

from __future__ import annotations

import pytest

from dcgan.backend import make_deterministic, tf
from dcgan.config.training_config import TrainingConfig
from dcgan.errors import BackendError
from dcgan.model.gan import DCGAN
from dcgan.training_step.training_images import TrainingImages


@pytest.mark.parametrize("class_names", [(), ("0", "1")], ids=["without", "with classes"])
@pytest.mark.parametrize("preset", ["fast", "classic"])
def test_a_step_adds_at_most_two_tensors_at_once(preset: str, class_names: tuple[str, ...]) -> None:
    # AddN begins with any input whose buffer it may overwrite, which depends on the threads. With
    # three or more inputs that changes the rounding: runs of the preset `fast` differed.
    gan = DCGAN(TrainingConfig.preset(preset, r1_penalty=0, class_names=class_names))
    labels = tf.zeros(128, tf.int32) if class_names else None
    images = TrainingImages(tf.zeros((128, 28, 28, 1), tf.uint8), labels)
    zero, order = tf.constant(0), tf.range(128)
    step = gan.training_step.graph
    graph = step.get_concrete_function(images, order, zero, zero, zero).graph.as_graph_def()
    nodes = [node for function in graph.library.function for node in function.node_def]
    num_inputs = [node.attr["N"].i for node in nodes if node.op == "AddN"]
    assert num_inputs
    assert max(num_inputs) == 2


def test_a_process_that_has_used_tensorflow_cannot_become_deterministic() -> None:
    tf.constant(0)
    with pytest.raises(BackendError, match="in a new process, before anything else uses"):
        make_deterministic()
