"""The explanations, network diagrams and glossary of the Learn page."""
