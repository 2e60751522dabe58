"""The explanations, network diagrams and glossary of the Learn page.

May import dcgan, shared, and what shared may import.
"""
