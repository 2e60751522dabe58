"""The experiments of the lesson, in their order. Imports no Streamlit.

The numbers in the texts were measured on two processor cores; docs/experiments.md has all of them.
"""

from __future__ import annotations

from dashboard.learn import answers
from dashboard.learn.experiment import Experiment, Measured

# The normal run of seed 0 after two epochs, for comparison until a student has trained one.
REFERENCE = Measured(
    step=1876,
    seconds=35.0,
    real_accuracy=0.33,
    fake_accuracy=0.84,
    spread=0.99,
    distances={938: 4.4, 1876: 3.01},
    readable=0.87,
    digit_shares=(0.1,) * 10,
)

NORMAL_RUN = "normal"
WALK = "walk"

_WORSE_OR_NOT = (
    "The pictures get clearly better",
    "The pictures get clearly worse",
    "The pictures stay about the same",
)

EXPERIMENTS = (
    Experiment(
        NORMAL_RUN,
        "Can it draw digits after a minute?",
        "Two networks start with random weights. The generator has never seen a digit and will "
        "never see one: all it gets is the discriminator's opinion of its pictures. Nothing is "
        "changed here. The other experiments are compared with this run.",
        ("Grey noise", "Blots that look a little like writing", "Digits that you can read"),
        "Look at one place in the grid. It always shows the same random input, so you see one "
        "digit develop. The curves show how often the discriminator is right: real images in "
        "blue, fakes in orange.",
        answers.answer_normal,
        "The discriminator compares real pictures with fakes and finds what gives the fakes away. "
        "The generator changes its pictures so that this no longer works. Thousands of small "
        "corrections lead from noise to digits, though nobody explains what a 3 is.",
        expected=2,
        measured="After 1,876 steps 87% of the pictures were readable and the distance to real "
        "digits was 3.0; real digits among themselves have 0.8.",
        follow_up="Where does the generator get its information about real digits from, if it "
        "never sees one?",
    ),
    Experiment(
        "collapse",
        "Make it collapse",
        "The generator now takes steps that are twenty times larger: after each opinion of the "
        "discriminator it changes its weights twenty times as much. What will its pictures look "
        "like after a thousand steps?",
        (
            "Better, as it learns faster",
            "Nearly all the same",
            "As in a normal run",
        ),
        "Compare the places of the grid with each other. The chart measures the same: how much two "
        "real images differ, in blue, and two fakes, in orange.",
        answers.answer_collapse,
        "One picture that fools the discriminator is enough for the generator, whatever the random "
        "input. With steps this large it jumps there for all inputs at once. The discriminator "
        "learns to reject that picture, and by then the generator has forgotten all others: the "
        "random input no longer matters. This is called mode collapse, and it rarely goes away.",
        expected=1,
        measured="Two pictures differed 7% as much as two real digits, and the distance to real "
        "digits was 154. All pictures were nearly black.",
        changes={"generator_learning_rate": 0.04},
        epochs=1,
        seconds=30,
        chart="variety",
        follow_up="The discriminator looks at one picture at a time. Can it notice that the "
        "generator draws the same picture again and again? What would it have to see?",
    ),
    Experiment(
        "winner",
        "Let the discriminator win",
        "Now the generator learns a hundred times slower, and the discriminator as fast as "
        "before. An inspector who spots every forgery sounds like the best of teachers. Is it?",
        (
            "The generator still fools it, only later",
            "The discriminator gets nearly everything right, and the generator hardly learns",
            "Both stay in balance",
        ),
        "The curves show how often the discriminator is right. In a balance they stay well below "
        "100%.",
        answers.answer_winner,
        "If every forgery is rejected with the same certainty, the generator does not learn which "
        "change would help. A GAN learns while both networks are about equally good: the "
        "discriminator must be hard to fool, but not impossible.",
        expected=1,
        measured="The discriminator got 100% of the real images and 100% of the fakes right.",
        changes={"generator_learning_rate": 2e-5},
        epochs=1,
        seconds=30,
        follow_up="A teacher who marks everything wrong, without a comment: what can a student "
        "learn from that?",
    ),
    Experiment(
        "ones",
        "Show it only ones",
        "The discriminator now sees 6,742 handwritten ones and no other digit. The random inputs "
        "are the same as ever. Which digits will the generator draw?",
        (
            "All ten digits: the random inputs bring the variety",
            "Only ones",
            "Ones, and a few of the digits that look like them",
        ),
        "Look for anything in the grid that is not a one. Then look at how the ones differ.",
        answers.answer_ones,
        "A generator learns what is in its data, and nothing else. The random input only chooses "
        "among what was learned: here slanted, straight, thin and thick ones. What is missing in "
        "the data is missing in the pictures, and what is wrong in the data is learned as well.",
        expected=1,
        measured="After 424 steps 99.6% of 1,000 pictures were read as ones.",
        changes={"only_classes": (1,)},
        epochs=12,
        evaluate_every=4,
        seconds=40,
        chart="digits",
        follow_up="A generator of faces was trained on photographs of young people only. What will "
        "it draw?",
    ),
    Experiment(
        "average",
        "Take away the average",
        "The pictures come from an average: not from the generator's weights of this moment, but "
        "from their mean over the last thousand steps or so (EMA). The newest weights know the "
        "most. What happens if you look at them directly?",
        _WORSE_OR_NOT,
        "Keep your eye on one digit. How much does it change from picture to picture?",
        answers.answer_distance,
        "Both networks keep pushing each other around, so the weights swing back and forth around "
        "a good place. The mean of the last thousand steps lies nearer to it than any single step. "
        "The training itself is the same; only the weights that you look at differ.",
        expected=1,
        measured="After 1,876 steps the distance to real digits was 5.9 without the average, 3.0 "
        "with it.",
        changes={"ema_decay": 0.0},
        follow_up="After ten steps there are no thousand steps to average. What would you do at "
        "the start of a run?",
    ),
    Experiment(
        "windows",
        "Shrink the windows",
        "A convolution looks at a picture through a small window that moves over it: normally 4 by "
        "4 pixels, now 2 by 2, in both networks. Later layers still put together what the windows "
        "see. Are four pixels enough?",
        _WORSE_OR_NOT,
        "Look closely at the edges of the strokes, and at their curves. The difference is finer "
        "than in the other experiments: the distance will tell.",
        answers.answer_distance,
        "From layer to layer the windows move by two pixels. Windows of 4 by 4 overlap, so "
        "neighbouring parts of a picture know of each other. Windows of 2 by 2 only touch: the "
        "generator puts its digits together from blocks whose edges do not quite fit. Larger is "
        "not always better either: with 5 by 5 we measured no difference.",
        expected=1,
        measured="After 1,876 steps the distance to real digits was 8.9 with windows of 2 by 2, "
        "3.0 with 4 by 4 and 2.8 with 5 by 5.",
        changes={"kernel_size": 2},
        follow_up="Each layer halves the picture. How many pixels of the picture does one number "
        "behind two layers with windows of 2 by 2 depend on, and with 4 by 4?",
    ),
    Experiment(
        "overview",
        "Take away the overview",
        "A convolution sees the picture through small windows. Behind its convolutions the "
        "discriminator has a layer that sees all windows at once. Now that layer is gone, and each "
        "part of a picture is judged almost by itself. What will the digits look like?",
        _WORSE_OR_NOT,
        "Look at the strokes, and then at whole digits. Which of the two go wrong?",
        answers.answer_distance,
        "Each stroke looks right, but the strokes do not make a digit. The discriminator can only "
        "teach what it can see: it checks that there are clean strokes everywhere, and nobody "
        "checks that they belong together.",
        expected=1,
        measured="After 1,876 steps the distance to real digits was 15.4 without the layer, 3.0 "
        "with it.",
        changes={"discriminator_units": 0},
        follow_up="The discriminator is only used in training. Why does the generator still get "
        "worse when a part of the discriminator is missing?",
    ),
    Experiment(
        "smoothing",
        "Make the discriminator unsure",
        "Normally the discriminator is trained to say 90% for real images. Now it is told to say "
        "50%: real images are half real at most, fakes are fake. It will never be sure about a "
        "real image again. What does that do to the digits?",
        _WORSE_OR_NOT,
        "Look at the blue curve first: how many real images count as recognized? Then look at the "
        "digits.",
        answers.answer_distance,
        "The accuracy only asks on which side of 50% an answer lies; the generator learns from "
        "where the answer would rise. As long as real images get a higher answer than fakes, the "
        "direction is right, even if hardly a real image counts as recognized. So a low accuracy "
        "by itself is no sign of a bad run.",
        expected=2,
        measured="After 1,876 steps the distance to real digits was 3.3, in the normal run 3.0. "
        "The discriminator got 0% of the real images and 100% of the fakes right.",
        changes={"label_smoothing": 0.5},
        follow_up="Which number would you trust to compare two runs: the accuracy, the losses, or "
        "the distance to real digits?",
    ),
    Experiment(
        "penalty",
        "Take away the brake",
        "The discriminator has a brake, called the R1 penalty: near real images its answer may "
        "change only gently. It makes training slower to compute. What happens without it, in the "
        "first minute?",
        _WORSE_OR_NOT,
        "Compare the digits with those of the normal run. Can you see a difference?",
        answers.answer_distance,
        "In the first minute there is hardly anything to see, and a difference may be chance. "
        "The brake pays off later: after five minutes a run with it had a distance of 0.27 to "
        "real digits, one without it 0.62. A short experiment can only show what shows early.",
        expected=2,
        measured="After 1,876 steps the distance to real digits was 2.6 without the brake, 3.0 "
        "with it: a difference that chance alone can make.",
        changes={"r1_penalty": 0.0},
        follow_up="How long, and how often, would you have to train to be sure that the brake "
        "helps?",
    ),
    Experiment(
        WALK,
        "Walk from one digit to another",
        "Take two random inputs z that give two digits. Now go from the one z to the other in "
        "small steps and draw a picture at each. What is there between two digits? The generator "
        "was only ever asked to draw random inputs, never this path.",
        (
            "Noise: most inputs mean nothing",
            "Both digits on top of each other, half see-through",
            "One clean picture after the other",
        ),
        "Compare each row of the walks with the same row of the other picture, which simply fades "
        "from the first digit to the last.",
        None,
        "The space of the random inputs has no holes: every point that training may draw gives a "
        "digit, and neighbouring points give similar digits. So the generator cannot have learned "
        "its digits one by one. It has learned how digits change: slant, width, a loop that "
        "opens until an 8 is a 3.",
        expected=2,
        measured="On 100 walks of the included run 94% of the pictures between the ends were "
        "readable, 96% at the ends; of faded pictures 60% were.",
        follow_up="Somewhere on the walk a 3 becomes an 8. Is there a picture that is neither?",
    ),
)


def find(key: str) -> Experiment | None:
    """Return the experiment with a key, such as from a page's address; None if there is none."""
    return next((it for it in EXPERIMENTS if it.key == key), None)


def find_next(experiment: Experiment) -> Experiment | None:
    """Return the experiment after another one; None after the last."""
    index = EXPERIMENTS.index(experiment) + 1
    return EXPERIMENTS[index] if index < len(EXPERIMENTS) else None
