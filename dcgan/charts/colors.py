"""The colours of charts and diagrams, on light pages and on dark ones.

The colours of text are in `dashboard/.streamlit/config.toml`, as text needs more contrast than
lines.
"""

# The networks, and the images that the discriminator distinguishes. Readers with a colour vision
# deficiency can distinguish both colours of a pair, and all four have a contrast of at least 3 on
# the pages of both schemes.
GENERATOR_COLOR, DISCRIMINATOR_COLOR = "#e8710a", "#2f80ed"
REAL_COLOR, FAKE_COLOR = "#0e9aa0", "#c4265a"

# Measurements that belong to none of these.
NEUTRAL_COLORS = ("#7a5cc7", "#a3790f")
QUIET_COLOR, TROUBLE_COLOR = "#8a8a99", "#d64545"

# Ten colours that differ as much as possible, also for colour-blind people, and show on near-black
# and on white. Digits that resemble each other, such as 4 and 9, have colours that are far apart.
DIGIT_COLORS = (
    "#008778", "#ff8796", "#b4780f", "#4bb4e1", "#ff0f96",
    "#c30f2d", "#9678f0", "#b400b4", "#692dff", "#96b400",
)  # fmt: skip
