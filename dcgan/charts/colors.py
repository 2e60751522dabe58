"""The colours of charts and diagrams, the same on light and on dark pages.

Text needs more contrast; its colours are in `dashboard/.streamlit/config.toml`.
"""

# Colour-blind readers can distinguish the two colours of each pair. All four have a contrast of at
# least 3 on both pages.
GENERATOR_COLOR, DISCRIMINATOR_COLOR = "#e8710a", "#2f80ed"
REAL_COLOR, FAKE_COLOR = "#0e9aa0", "#c4265a"

NEUTRAL_COLORS = ("#7a5cc7", "#a3790f")  # Measurements of no network and no kind of image.
QUIET_COLOR, TROUBLE_COLOR = "#8a8a99", "#d64545"

# The digits 0 to 9, as different as ten colours can be, also for colour-blind readers; all show on
# near-black and on white. Similar digits, such as 4 and 9, have colours that are far apart.
DIGIT_COLORS = (
    "#008778", "#ff8796", "#b4780f", "#4bb4e1", "#ff0f96",
    "#c30f2d", "#9678f0", "#b400b4", "#692dff", "#96b400",
)  # fmt: skip
