"""Both networks, their losses, the DCGAN with its weights and optimizers, and the devices.

May import the ground floor and data.
"""
