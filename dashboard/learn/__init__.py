"""The explanations, network diagrams and glossary of the Learn page.

May import dcgan, shared and the rooms below shared.
"""
