"""The glossary of training: length and data, optimizers, networks."""

from __future__ import annotations

from dashboard.learn.glossary_entry import Chapter, Entry

CHAPTERS = (
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
                "The images to learn from. Each is resized to 28 × 28 grey pixels, unless you "
                "choose another size or colours, and scaled from 0 … 255 to −1 … 1, the range of "
                "the generator's tanh.",
                ("dataset", "polarity", "image_size", "color", "only_classes"),
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
                "length over all weights, shows how strongly the loss pulls at a network.",
            ),
            Entry(
                "Learning rate (lr)",
                "How far the weights move in one update. Too high and the losses swing or burst; "
                "too low and nothing happens for a long time. The ratio of the two matters as "
                "much as their size.",
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
                "The target for real images is a little less than 1, such as 0.9; an answer above "
                "it raises the loss. The target for fakes stays 0. When fakes cannot be told from "
                "real images, the best answer to all is half the target for real images: 0.45 "
                "with a smoothing of 0.1.",
                ("label_smoothing",),
            ),
            Entry(
                "R1 penalty",
                "A penalty on the discriminator's slope at real images. A steep discriminator "
                "keeps changing the generator even when its digits are good; with the penalty "
                "training settles, and the digits get cleaner. It is computed at every sixteenth "
                "step, so it costs little.",
                ("r1_penalty",),
            ),
            Entry(
                "Discriminator steps",
                "How many updates the discriminator gets for each update of the generator. More "
                "than one makes it stronger and each step slower; in an epoch it then sees each "
                "image that many times.",
                ("discriminator_steps",),
            ),
            Entry(
                "EMA (exponential moving average)",
                "A running average of the generator's weights, which draws the pictures. Single "
                "steps overshoot now in one direction, now in another; the average draws cleaner "
                "digits than any single step. Early in a run it follows faster, so that it soon "
                "forgets the untrained weights.",
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
                "The network that decides whether a picture is real or made by the generator. "
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
                "The non-linear part of a layer: ReLU sets numbers below 0 to 0; LeakyReLU keeps a "
                "fifth of them, so that the gradient is never lost.",
            ),
            Entry(
                "Dropout",
                "In training a random share of the activations is set to 0, another one at each "
                "step, so that the discriminator cannot rely on any single one. It weakens a "
                "discriminator that is too strong.",
                ("dropout",),
            ),
            Entry(
                "Logit",
                "The discriminator's output: any number, above 0 for real and below 0 for fake. "
                "The sigmoid turns it into a probability.",
            ),
        ),
    ),
)
