"""Parts that several pages show of a run, the selected z, and the glossary."""
