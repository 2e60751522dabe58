"""From where on the verdict (`health`) calls a measurement good or bad.

Each has its source beside it. "Measured" means by `tests/benchmarks/verdicts.py`, on MNIST: on
healthy runs of several settings, and on runs that were made to fail; medians over 200 steps.
"""

from __future__ import annotations

# Too early to tell. A healthy `classic` has a discriminator right in 98% and pictures a fifth as
# far apart as real ones at step 134, and is well from step 220 on (measured; the window adds 200).
# Evaluations wait as long: of pictures learned from ones alone a tenth are 8s to the judge at step
# 106, and less than a hundredth at step 530.
WARM_UP_STEPS = 500
# From this accuracy on both sides on, the discriminator wins: what tells all has a gradient that
# says little of what would be better (Arjovsky and Bottou, 2017, arXiv:1701.04862, section 2).
# Both sides, as smoothing s puts the best answer to all, where nothing can be told, at (1 - s) / 2:
# all is called fake (Salimans et al., 2016, arXiv:1606.03498, section 3.4). Measured: the lower
# is up to 0.83 in healthy runs, 0.93 where `classic` bears a discriminator lr twenty times as high,
# and from 0.98 on with a generator lr a hundred times too low.
WINNING_ACCURACY = 0.97
# Up to this accuracy on fakes the generator wins: guessing gets 0.5, the best answer no less.
# Measured: from 0.61 on in healthy runs, 0 with swapped labels.
FOOLED_ACCURACY = 0.25
# So much surer of fakes than of real images it was taught the wrong way round. Measured: 0.8 and
# more with swapped labels, 0.05 at most with a discriminator lr a hundred times too low.
INVERTED_GAP = 0.3
# Below this share of the real images' spread the pictures are alike. Measured: from 0.71 on in
# healthy runs (lowest with a tenth of the default's learning rates, at step 500); up to 0.47 with a
# generator lr twenty times too high, 0 without noise.
COLLAPSED_SPREAD = 0.5
# So much less of it than before is a collapse under way. Measured: up to 0.02 in healthy runs.
FALLEN_SPREAD = 0.15
# Images this near to each other, black to white being 1, are one image: two digits of MNIST are
# 0.37 apart and two ones 0.24 (measured).
ALIKE = 0.01
# Only pictures this precise, in relation to real images, are sorted into kinds: an unripe
# generator's change kinds all the time. Measured: a healthy `classic` has 0.67 at step 1,472, and a
# digit below 1%; the default preset has 0.84 at the end of its first epoch, and every digit.
PASSABLE_PRECISION = 0.75
# High precision and little of the rest is the mark of a collapse (Kynkäänniemi et al., 2019,
# arXiv:1904.06991). Measured, in relation to real images: coverage 0.12 where only ones were
# shown, from 0.49 on in healthy runs that are precise.
FEW_COVERAGE = 0.25
# From this norm on a gradient has exploded. Measured: up to 55 in healthy runs (`classic`, which
# has no R1 penalty), from 44,000 on where both learning rates are 1.
EXPLODED_GRADIENT = 1000.0
# Two evaluations in a row so many times the best Fréchet distance are no chance. Measured: 1.3
# times in the shipped run's 58, 1.4 times in `classic`, which has no EMA.
SPOILED = 3.0
# After so many steps digits this imprecise, in relation to real ones, are none. Measured: from 0.5
# on in healthy runs, from step 714 on; 0 at step 938 with a discriminator lr two hundred times too
# high, which shows in nothing else. Of other data it is not known, so only digits are judged so.
RIPE_STEPS, UNLIKE_PRECISION = 900, 0.05
# At rest where so many evaluations bring no clear improvement: in the shipped run from 19,726 on.
PATIENCE = 12
