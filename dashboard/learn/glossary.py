"""The words of the dashboard, explained for someone who meets them for the first time.

What a word's settings do and accept comes from `TrainingConfig`, the one home of every setting. It
imports no Streamlit.
"""

from __future__ import annotations

from dataclasses import dataclass

from dcgan.config import TrainingConfig
from dcgan.config_text import describe_bounds, format_setting


@dataclass(frozen=True)
class Entry:
    """One word.

    Attributes:
        term: As the charts, labels and pages write it.
        meaning: What it means; empty for a setting that has no words of its own yet.
        settings: Names of the `TrainingConfig` fields that it explains.
    """

    term: str
    meaning: str
    settings: tuple[str, ...] = ()

    @property
    def allowed(self) -> tuple[str, ...]:
        """Say of each setting what it does, what it accepts and what it is unless changed."""
        return tuple(_describe_setting(name) for name in self.settings)


@dataclass(frozen=True)
class Chapter:
    """Words that belong together."""

    title: str
    icon: str
    entries: tuple[Entry, ...]


def chapters() -> tuple[Chapter, ...]:
    """Return all words; a setting that has no words of its own yet closes the last chapter."""
    explained = {
        name for chapter in _WRITTEN for entry in chapter.entries for name in entry.settings
    }
    rest = tuple(
        Entry(str(field.title), "", (name,))
        for name, field in TrainingConfig.model_fields.items()
        if name not in explained
    )
    last = _WRITTEN[-1]
    return (*_WRITTEN[:-1], Chapter(last.title, last.icon, last.entries + rest))


def find(query: str) -> list[Entry]:
    """Return the words that a query names: those whose term holds it, then whose text does."""
    wanted = query.strip().lower()
    entries = [entry for chapter in chapters() for entry in chapter.entries]
    named = [entry for entry in entries if wanted in entry.term.lower()]
    told = [
        entry
        for entry in entries
        if entry not in named
        and wanted in " ".join((entry.meaning, *entry.allowed, *entry.settings)).lower()
    ]
    return named + told


def _describe_setting(name: str) -> str:
    field = TrainingConfig.model_fields[name]
    default = format_setting(TrainingConfig(), name)
    return (
        f"{field.title}: {field.description} "
        f"{describe_bounds(name).capitalize()}; {default} unless changed."
    )


_WRITTEN: tuple[Chapter, ...] = (
    Chapter(
        "Training",
        "model_training",
        (
            Entry(
                "Step",
                "One update of both networks. Everything that the charts show is counted in steps.",
            ),
            Entry(
                "Epoch",
                "One pass over the data set: each image is seen once, in a new random order. "
                "MNIST's 60,000 images in batches of 64 make 938 steps.",
                ("epochs",),
            ),
            Entry(
                "Time limit",
                "Training time after which a run ends; pauses do not count.",
                ("max_seconds",),
            ),
            Entry(
                "Batch size",
                "How many images a step learns from. It takes the mean over them, so one odd "
                "image does not steer it.",
                ("batch_size",),
            ),
            Entry(
                "Data set",
                "The images to learn from. Each is brought to one size, 28 × 28 grey pixels unless "
                "you choose another size or colours, and from 0 … 255 to −1 … 1, the range of the "
                "generator's tanh.",
                ("dataset", "polarity", "image_size", "color"),
            ),
            Entry(
                "Seed",
                "A whole number, not a latent vector. It decides the first weights, the order of "
                "the images and every z.",
                ("seed",),
            ),
            Entry(
                "Images/s",
                "Real images that the discriminator sees each second. It makes runs of different "
                "batch sizes comparable, which steps do not.",
            ),
        ),
    ),
    Chapter(
        "Optimizers",
        "speed",
        (
            Entry(
                "Optimizer, Adam",
                "The rule by which a gradient changes the weights. Adam keeps running averages of "
                "each weight's gradient and of its square, and divides one by the root of the "
                "other, so that every weight moves at a similar pace. Each network has its own.",
            ),
            Entry(
                "Gradient",
                "For each weight, how much the loss would grow if the weight did. Its norm, the "
                "length over all weights, says how hard a network is being pulled.",
            ),
            Entry(
                "Learning rate (lr)",
                "How far the weights move in one update. Too high and the losses swing or burst; "
                "too low and nothing happens for a long time. The relation of the two matters "
                "as much as their size.",
                ("generator_learning_rate", "discriminator_learning_rate"),
            ),
            Entry(
                "beta_1",
                "How long Adam remembers past gradients. At 0.5 it forgets a gradient within a "
                "few steps, at 0.9 within some tens. The opponent changes all the time, so old "
                "advice is soon wrong.",
                ("beta_1",),
            ),
            Entry(
                "beta_2",
                "How long Adam remembers how large the gradients were. It sets each weight's "
                "pace from the last thousand steps or so. There is seldom a reason to change it.",
                ("beta_2",),
            ),
            Entry(
                "Label smoothing",
                "Asking for a little less than certainty on real images. An answer of 0.9 is "
                "enough then, and being surer than that is punished. The fakes' target stays 0. "
                "Where fakes cannot be told any more, the answer for all is half the real "
                "target: 0.45 with a smoothing of 0.1.",
                ("label_smoothing",),
            ),
            Entry(
                "R1 penalty",
                "Asking the discriminator to be flat where real images are. A steep one keeps "
                "pushing the generator about even when its digits are good; with the penalty "
                "training comes to rest, and the digits come out cleaner. It is asked for at "
                "every sixteenth step, so it costs little.",
                ("r1_penalty",),
            ),
            Entry(
                "Discriminator steps",
                "How often the discriminator learns before the generator learns once. More than "
                "one makes a sharper judge, and each step slower; it then sees the data as many "
                "times in an epoch.",
                ("discriminator_steps",),
            ),
            Entry(
                "EMA (exponential moving average)",
                "A running average of the generator's weights, which draws the pictures. Single "
                "steps overshoot in turn, and their average is calmer: its digits are cleaner "
                "than those of any one moment. Early in a run it follows faster, or it would "
                "still remember the first noise.",
                ("ema_decay",),
            ),
        ),
    ),
    Chapter(
        "Networks",
        "hub",
        (
            Entry(
                "Generator, G",
                "The network that turns a latent vector z into a picture, G(z). It never sees a "
                "real image: all it learns from is the discriminator's opinion.",
            ),
            Entry(
                "Discriminator, D",
                "The network that says of a picture whether it is real or made by the generator. "
                "It is only needed for training.",
            ),
            Entry(
                "Convolution",
                "A small window of weights that slides over the picture, the same at every place. "
                "With stride 2 it moves two pixels at a time and halves the size; transposed, it "
                "doubles the size.",
                ("kernel_size",),
            ),
            Entry(
                "Channels",
                "How many numbers a layer has for each place of the picture; each can stand for a "
                "kind of stroke. Twice as many take about four times the work.",
                ("generator_filters", "discriminator_filters"),
            ),
            Entry(
                "Hidden units",
                "The width of a dense layer in which every number meets every other. A "
                "convolution sees a small part of the picture at a time; here the parts come "
                "together, so that the strokes make one digit.",
                ("generator_units", "discriminator_units"),
            ),
            Entry(
                "BatchNorm",
                "Brings each channel to mean 0 and variance 1 over the batch, then scales and "
                "shifts it by two learned weights. It keeps deep networks trainable. Two more "
                "weights are running statistics, for use when there is no batch.",
            ),
            Entry(
                "ReLU, LeakyReLU",
                "What bends a network: ReLU sets what is below 0 to 0, LeakyReLU keeps a fifth of "
                "it, so that the gradient is never lost.",
            ),
            Entry(
                "Dropout",
                "A random share of the activations is set to 0 in training, others each time, so "
                "that the discriminator cannot rely on any single one. It weakens a judge that "
                "is too strong.",
                ("dropout",),
            ),
            Entry(
                "Logit",
                "What the discriminator gives: any number, above 0 for real and below 0 for fake. "
                "The sigmoid makes a probability of it.",
            ),
        ),
    ),
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
