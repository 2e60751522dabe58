"""The glossary of results: charts, latent space, runs."""

from __future__ import annotations

from dashboard.learn.glossary_entry import Chapter, Entry

CHAPTERS = (
    Chapter(
        "Reading the charts",
        "monitoring",
        (
            Entry(
                "Loss",
                "The number that a network tries to lower. The two pull against each other, so "
                "in a healthy run neither goes to 0: they settle and wobble. A "
                "slow rise of the generator's loss is normal; if it climbs fast and the pictures "
                "get worse, the discriminator is winning.",
            ),
            Entry(
                "D(x) and D(G(z))",
                "The probability, between 0 and 1, that the discriminator gives to a real image x "
                "and to a fake G(z) for being real. Both near 1/2: it cannot tell.",
            ),
            Entry(
                "Accuracy on real and fake images",
                "The share of real images with a logit above 0, and of fakes with one below 0. "
                "At 50% it is guessing, near 100% it is winning; between the two both learn.",
            ),
            Entry(
                "Equilibrium",
                "The state in which fakes cannot be told from real images: D answers 1/2 to all, "
                "the generator's loss is ln 2 ≈ 0.69 and the discriminator's 2 ln 2 ≈ 1.39. Runs "
                "come near it and seldom stay there.",
            ),
            Entry(
                "Gradient norm",
                "The length of a network's gradient over all of its weights: how strongly its loss "
                "pulls at them. Near 0 there is nothing to learn from; a steady rise comes before "
                "divergence.",
            ),
            Entry(
                "Update to weight",
                "How far one step moves a network's weights, as a share of their length, "
                "|Δw| / |w|. A higher learning rate raises it.",
            ),
            Entry(
                "Verdict",
                "The diagnosis of a run, in a line above the digits: learning, one network "
                "winning, collapsing, diverging, no longer improving. Why shows the numbers "
                "behind it and their limits.",
            ),
            Entry(
                "Mode collapse",
                "The generator has found a few pictures that pass and makes only those: the grid "
                "shows the same digit again and again. A lower generator lr, or a stronger "
                "discriminator, can help; so can going back to an earlier checkpoint.",
            ),
            Entry(
                "Divergence",
                "A loss or a gradient has become infinite or NaN. The run stops; start a new one "
                "with lower learning rates.",
            ),
            Entry(
                "Fréchet distance",
                "How far the generated pictures as a whole are from real ones, by mean and spread "
                "of the features that a small digit classifier computes; 0 would be equal. Real "
                "digits score a little above 0 against other real digits, and the more so the "
                "fewer they are: compare only values from the same number of pictures. It is "
                "called FID only with the features of the Inception network.",
                ("evaluate_every",),
            ),
            Entry(
                "Precision and recall",
                "Precision is the share of generated pictures that could pass for real, recall the "
                "share of real ones that the generator could have made. A generator that makes "
                "one perfect digit has much of the first and none of the second.",
            ),
        ),
    ),
    Chapter(
        "Latent space",
        "explore",
        (
            Entry(
                "Latent vector, z",
                "The list of random numbers that the generator turns into a digit. They are "
                "drawn from the normal distribution, so most lie between −2 and 2. No single one "
                "means anything by itself; training gives the directions a meaning. One z is "
                "one picture, always.",
                ("latent_dim",),
            ),
            Entry(
                "Sample grid",
                "Digits drawn from the same latent vectors all through a run. It is the best "
                "view of progress: each place shows one digit as it develops.",
                ("num_samples", "sample_seconds"),
            ),
            Entry(
                "Interpolation, slerp",
                "Going from one z to another in small steps and drawing each. Slerp goes along "
                "the sphere and keeps the length typical; the straight line (lerp) passes through "
                "short vectors that the generator never trained on; a spline goes through many "
                "stops without a corner.",
            ),
            Entry(
                "Truncation, ψ",
                "Multiplying z by ψ. Below 1 the digits become more typical and more alike, at 0 "
                "they are all the same one; above 1 they are bolder and break more often.",
            ),
            Entry(
                "Direction",
                "A vector that is added to z. Along a good one a single trait changes, such as "
                "slant or weight of the stroke. The sliders with a name are found by measuring a "
                "trait of many digits and fitting it to their z; their r is the correlation of "
                "slider and trait on digits that the fit has not seen: 1 is perfect, 0 is chance.",
            ),
            Entry(
                "GANSpace, SeFa",
                "Two ways to find directions without measuring digits. GANSpace takes those along "
                "which the first layer's output varies most over many z, SeFa those that its "
                "weights stretch most.",
            ),
            Entry(
                "Inversion",
                "Looking for the z of a given picture: many z are changed step by step so that "
                "their digits come nearer to it. A picture that the generator cannot draw is "
                "only approximated; the error is the root mean square difference of the pixels.",
            ),
        ),
    ),
    Chapter(
        "Runs",
        "inventory_2",
        (
            Entry(
                "Run",
                "One training from its settings to its last step, kept in a folder of its own: "
                "settings, history, sample grids and checkpoints.",
            ),
            Entry(
                "Checkpoint",
                "All that training needs to continue exactly where it was: the weights of both "
                "networks and of the average, both optimizers, the step.",
                ("checkpoint_seconds", "keep_checkpoints"),
            ),
            Entry(
                "Preset",
                "A set of settings with a name. Fast is made for a laptop; classic is the "
                "textbook design.",
            ),
            Entry(
                "TensorBoard",
                "TensorFlow's program for curves of many runs in one chart. If this is on, a run "
                "writes the files for it into its folder.",
                ("tensorboard",),
            ),
            Entry(
                "Devices",
                "What the networks run on: the CPU, or one or more GPUs. With more than one, "
                "each takes a share of every batch, and their gradients are averaged.",
                ("strategy",),
            ),
        ),
    ),
)
