"""The explanations, network diagrams and glossary of the Learn page.

May import dcgan, state, server, components and shared.
"""
