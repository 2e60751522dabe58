"""Parts that several pages show: a run's summary, verdict, charts and settings; the selected z.

May import dcgan, state, server and components.
"""
