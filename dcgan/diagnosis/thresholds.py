"""The thresholds of the diagnosis, each with its source.

"Measured" means by `tests/benchmarks/verdicts.py` on MNIST: on healthy runs with several settings,
and on runs that were made to fail; medians over 200 steps.
"""

from __future__ import annotations

# Before this step it is too early to judge. Measured: at step 134 of a healthy `classic`, the
# discriminator is right 98% of the time, and the pictures differ a fifth as much as real ones.
# There would be no alarm from step 220 on, and the window adds 200 steps. Evaluations are ignored
# until this step too. Measured on ones only: the digit classifier takes a tenth of the pictures for
# 8s at step 106, and less than a hundredth at step 530.
WARM_UP_STEPS = 500

# If the accuracy on real images and the accuracy on fakes are both at least this value, the
# discriminator wins. The gradient of a discriminator that recognizes everything hardly shows the
# generator how to improve (Arjovsky and Bottou, 2017, arXiv:1701.04862, section 2). The accuracy on
# fakes alone is not enough: with label smoothing, the best discriminator classifies all images as
# fake if the fakes look exactly real (Salimans et al., 2016, arXiv:1606.03498, section 3.4).
# Measured: the lower accuracy is at most 0.83 in healthy runs, and 0.93 in a `classic` that
# tolerates a 20 times higher discriminator learning rate. It is at least 0.98 with a generator
# learning rate a hundred times too low.
WINNING_ACCURACY = 0.97

# From this accuracy on real images, and after this many passes over them, the discriminator has
# memorised them. Adaptive augmentation keeps the accuracy at 0.6. Measured by
# tests/benchmarks/few_pictures.py: 0.90 and 0.91 with 500 digits after 300 and 600 passes, and
# 0.98 with 200 digits.
MEMORISED_ACCURACY = 0.9
MEMORISED_PASSES = 20

# Up to this accuracy on fakes the generator wins. Guessing would give 0.5, and the best possible
# discriminator is never worse. Measured: at least 0.61 in healthy runs, 0 with swapped labels.
FOOLED_ACCURACY = 0.25

# If fakes get a probability this much higher than real images, the labels are swapped. Measured:
# at least 0.8 with swapped labels, at most 0.05 with a discriminator learning rate a hundred times
# too low.
INVERTED_GAP = 0.3

# Below this share of the real images' spread the pictures are alike. Measured: at least 0.71 in
# healthy runs (the lowest with a tenth of the default learning rates, at step 500); at most 0.47
# with a generator learning rate twenty times too high, 0 without noise.
COLLAPSED_RELATIVE_SPREAD = 0.5

# If the relative spread falls by this much, a collapse has begun. Measured: falls of at most 0.02
# in healthy runs.
FALLEN_RELATIVE_SPREAD = 0.15

# Up to this spread, black to white being 1, images are the same. Measured: two digits of MNIST
# are 0.37 apart, two ones 0.24.
IDENTICAL_SPREAD = 0.01

# If the precision is below this share of the real images' precision, missing kinds of pictures are
# no collapse: the kinds that an immature generator draws change all the time. Measured: a healthy
# `classic` has 0.67 at step 1,472, with one digit below 1%; the default preset has 0.84 at the end
# of its first epoch, with every digit.
PASSABLE_PRECISION = 0.75

# High precision with low coverage indicates a collapse (Kynkäänniemi et al., 2019,
# arXiv:1904.06991). Measured, as a share of real images' coverage: 0.12 after training on ones
# only, at least 0.49 in healthy runs with such a precision.
MIN_COVERAGE = 0.25

# From this norm a gradient has exploded. Measured: at most 55 in healthy runs (`classic`, which has
# no R1 penalty), at least 44,000 with both learning rates at 1.
EXPLODED_GRADIENT = 1000.0

# Two evaluations in a row with this many times the best distance are not chance. Measured:
# at most 1.3 times in the 58 evaluations of the included run, 1.4 times in `classic`, which has no
# EMA. Not from `seed_ratio`: these are evaluations of one run, and an alarm needs more certainty.
WORSE_FACTOR = 3.0

# After this many steps, a precision up to `metric_info.UNLIKE_PRECISION` is an alarm: no other
# threshold detects a discriminator learning rate two hundred times too high. It was measured with
# digits only, so it applies to digits only.
MATURE_STEPS = 900

# A distance of at least this share of the best one is no clear improvement: runs that
# differ only in their seed differ by a tenth (docs/levers.md). It is not the 1.2 of `seed_ratio`,
# the largest difference of two runs, because a run that still improves by a tenth should go on.
IMPROVEMENT = 0.9

# After this many evaluations without a clear improvement the run has converged. Measured: in the
# included run from step 19,726 on.
STALLED_EVALUATIONS = 12
