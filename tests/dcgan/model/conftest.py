"""Tiny networks with the gradient penalty, and their images."""

from tests.step_fixtures import images, order, tiny_config, twin

__all__ = ["images", "order", "tiny_config", "twin"]
