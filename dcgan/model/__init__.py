"""The DCGAN, which owns weights and optimizers, its state and copies, and the devices."""
