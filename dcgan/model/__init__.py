"""The DCGAN, which owns weights and optimizers, its state and copies, and the devices.

May import the lowest rooms, data, networks and training_step.
"""
