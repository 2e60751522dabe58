"""Both networks as Keras models, their BatchNorm, the generator's inputs, and plain copies."""
