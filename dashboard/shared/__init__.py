"""Parts that several pages show of a run, the selected z, and the glossary.

May import dcgan, state, server and components.
"""
