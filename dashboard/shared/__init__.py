"""What several pages show of a run: its entry, verdict, charts, settings form and selection.

May import dcgan, state, server and components.
"""
