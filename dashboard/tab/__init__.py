"""State of a browser tab: its run, its selected z, its requests from one page to another."""
