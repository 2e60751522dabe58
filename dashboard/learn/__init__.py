"""The diagrams and the glossary of the Learn page.

May import dcgan, state, server, components and shared.
"""
