"""Tests of the pages as a person uses them: a real server, a real browser and real MNIST."""
