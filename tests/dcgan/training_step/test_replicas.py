"""Two replicas, each with half of the batch.

`tests/nightly/test_classes_on_replicas.py` does the same with classes.
"""

from __future__ import annotations

import json
import textwrap

import pytest

from tests.forked_python import run_python

TWO_REPLICAS = textwrap.dedent(
    """
    import json
    import sys

    import numpy as np
    import tensorflow as tf

    # Possible only before TensorFlow starts its devices, so this is a separate process.
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)

    from dcgan.config.training_config import TrainingConfig
    from dcgan.model.gan import DCGAN
    from dcgan.training_step.training_images import TrainingImages

    config = TrainingConfig.create(
        generator_filters=(8, 4),
        discriminator_filters=(4, 8),
        generator_units=8,
        discriminator_units=6,
        latent_dim=4,
        batch_size=16,
        class_names=sys.argv[1:],
    )
    pixels = np.random.default_rng(0).integers(0, 256, (64, 28, 28, 1), dtype=np.uint8)
    labels = tf.range(64) % config.num_classes if config.num_classes else None
    images, order = TrainingImages(tf.constant(pixels), labels), tf.range(64)
    # Two replicas, with half of the batch each, make the same update as one device.
    states, noises, replicas, means = [], [], [], []
    for strategy in ("one_device", "mirrored"):
        gan = DCGAN(config.replace(strategy=strategy))
        replicas.append(gan.strategy.num_replicas_in_sync)
        shares = gan.strategy.run(gan.training_step.parts.inputs.draw_z, args=(tf.constant(3),))
        shares = gan.strategy.experimental_local_results(shares)
        noises.append(np.concatenate([share.numpy() for share in shares]))
        before = gan.get_state() | {"augmentation/00/probability": np.array(0.5, np.float32)}
        gan.set_state(before)
        # The first of the three has a gradient penalty. From step 14 on, rounding moves a number of
        # the discriminator across the bend of LeakyReLU; Adam then changes some weights by 0.01.
        gan.step = 15
        means.append(gan.train_steps(images, order, 0, 3).means)
        states.append(gan.get_state())
    moved = max(np.abs(states[1][n] - before[n]).max() for n in before if "kernel" in n)
    apart = max(np.abs(states[1][name] - states[0][name]).max() for name in states[0])

    # A second run in the same process, with Dropout and other widths; then a resume.
    config = config.replace(
        strategy="mirrored",
        discriminator_filters=(4, 12),
        dropout=0.2,
        r1_penalty=0,
        augment="off",
    )
    gan = DCGAN(config)
    gan.step = 14
    gan.train_steps(images, order, 0, 2)
    state = gan.get_state()
    gan.set_state(state)
    measured = gan.train_steps(images, order, 2, 1)
    in_sync = []
    for model, layer in ((gan.generator, "dense"), (gan.discriminator, "down_2")):
        kernel = model.get_layer(layer).kernel.value
        copies = gan.strategy.experimental_local_results(kernel)
        in_sync.append(bool(np.array_equal(*[copy.numpy() for copy in copies])))
    print(json.dumps({
        "replicas": replicas,
        "same_noise": bool(np.array_equal(*noises)),
        "moved": float(moved),
        "apart": float(apart),
        "means": means,
        "is_finite": all(np.isfinite(value) for value in measured.means.values()),
        "in_sync": all(in_sync),
        "pixels": gan.generate(np.zeros((2, 4), np.float32)).shape,
    }))
    """
)


def test_two_replicas_learn_what_one_device_learns() -> None:
    check_two_replicas()


def check_two_replicas(*class_names: str) -> None:
    """Compare two replicas with one device, of a run that learns these classes, if any."""
    done = run_python("-c", TWO_REPLICAS, *class_names)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["replicas"] == [1, 2]
    assert found["same_noise"]
    assert found["moved"] > 1e-3
    assert found["apart"] < 1e-5  # Measured: 1e-8.
    # Norms and spreads are computed over the whole batch, not over a replica's half.
    one, two = found["means"]
    assert two == pytest.approx(one, rel=1e-4)
    assert found["is_finite"]
    assert found["in_sync"]
    assert found["pixels"] == [2, 28, 28, 1]
