"""The networks' colours, the same in charts, labels and diagrams.

An orange and a blue that colour-blind readers tell apart and that stand out from white and from
near-black.
"""

GENERATOR_COLOR = "#e8710a"
DISCRIMINATOR_COLOR = "#2f80ed"
