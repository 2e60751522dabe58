"""Parts that several pages show of a run, the selected z, and the glossary.

May import dcgan, process, snapshots, state, generators, server, access, components
and forms.
"""
