"""Both networks, the DCGAN with its weights and optimizers, its copies, and the devices.

May import the ground floor, data and training_step.
"""
