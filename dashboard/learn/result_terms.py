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
                "in a healthy run neither goes to 0: they settle and wobble. That the "
                "generator's rises slowly is normal; where it climbs fast and the pictures get "
                "worse, the discriminator is winning.",
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
                "Where fakes cannot be told from real images: D answers 1/2 to all, the "
                "generator's loss is ln 2 ≈ 0.69 and the discriminator's 2 ln 2 ≈ 1.39. Runs come "
                "near it and seldom stay there.",
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
                "|Δw| / |w|. The learning rate moves it directly.",
            ),
            Entry(
                "Verdict",
                "How a run stands, in a line above the digits: learning, one network winning, "
                "collapsing, diverging, no longer improving. Behind Why are the numbers that show "
                "it and the limits that they are held against.",
            ),
            Entry(
                "Mode collapse",
                "The generator has found a few pictures that pass and makes only those: the grid "
                "shows the same digit again and again. A lower generator lr, or a stronger "
                "discriminator, can help; so can going back to an earlier checkpoint.",
            ),
            Entry(
                "Divergence",
                "A loss or a gradient is no longer a number. The run stops; a new run with lower "
                "learning rates is the way on.",
            ),
            Entry(
                "Fréchet distance",
                "How far the made pictures are from real ones as a whole, by mean and spread of "
                "what a small classifier of digits sees in them; 0 would be the same. Real digits "
                "against other real ones get a little more than 0, the fewer the more: only "
                "figures of equally many pictures compare. It is called FID only with the "
                "features of the Inception network.",
                ("evaluate_every",),
            ),
            Entry(
                "Precision and recall",
                "Precision is the share of made pictures that could pass for real, recall the "
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
                "view of progress: each place is one digit growing up.",
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
                "slider and trait on digits that the fit has not seen: 1 is always, 0 is chance.",
            ),
            Entry(
                "GANSpace, SeFa",
                "Two ways to find directions without measuring anything: where the first layer's "
                "output varies the most over many z, and what its weights stretch the most.",
            ),
            Entry(
                "Inversion",
                "Looking for the z of a given picture: many z are changed step by step so that "
                "their digits come nearer to it. What a generator cannot draw it comes near at "
                "best; how near is the root mean square difference of the pixels.",
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
                "All that training needs to go on exactly where it was: the weights of both "
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
                "A program of TensorFlow's that draws curves of many runs in one chart. A run "
                "writes what it reads into its folder as it trains, if this is on.",
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
