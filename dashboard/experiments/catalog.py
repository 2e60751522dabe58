"""The experiments of the lesson, in their order. Imports no Streamlit.

The numbers in the texts were measured on two processor cores; docs/experiments.md has all of them.
"""

from __future__ import annotations

from dashboard.experiments import answers
from dashboard.experiments.experiment import Experiment, RunNumbers

# A normal run with seed 0 after one epoch and after two. Experiments are compared with these until
# a student has trained a normal run.
EARLY_REFERENCE = RunNumbers(
    step=938,
    seconds=18.0,
    real_accuracy=0.36,
    fake_accuracy=0.84,
    relative_spread=0.99,
    real_spread=0.37,
    distances={938: 4.4},
    readable=0.82,
)
REFERENCE = RunNumbers(
    step=1876,
    seconds=35.0,
    real_accuracy=0.33,
    fake_accuracy=0.84,
    relative_spread=0.99,
    real_spread=0.37,
    distances={938: 4.4, 1876: 3.01},
    readable=0.87,
    digit_shares=(0.1,) * 10,
)

NORMAL_RUN = "normal"
WALK = "walk"

_BETTER_WORSE_OR_SAME = (
    "The pictures get clearly better",
    "The pictures get clearly worse",
    "The pictures stay about the same",
)

EXPERIMENTS = (
    Experiment(
        NORMAL_RUN,
        "Can it draw digits after a minute?",
        "Two networks start with random weights. The generator has never seen a digit and will "
        "never see one: it only learns what the discriminator thinks of its pictures. The other "
        "experiments are compared with this run.",
        ("Grey noise", "Spots that look a little like writing", "Digits that you can read"),
        "Look at one place in the grid. Its random input never changes, but its picture does: it "
        "gets clearer, and may become another digit. The curves show how often the discriminator "
        "is right about real pictures and about fakes. After the first steps both stay well below "
        "100%, as the networks learn from each other.",
        answers.answer_normal,
        "The discriminator compares real pictures with fakes and finds a difference. The generator "
        "changes its pictures until that difference is gone. Thousands of such small corrections "
        "lead from noise to digits, though nobody explains what a 3 is.",
        expected=2,
        measured="After 1,876 steps 87% of the pictures were readable and the quick distance to "
        "real digits was 3.0; between two sets of real digits it is 0.80.",
        follow_up="Where does the generator get its information about real digits from, if it "
        "never sees one?",
    ),
    Experiment(
        "collapse",
        "Speed the generator up",
        "The generator's learning rate is now twenty times higher: in each step it changes its "
        "weights twenty times as much. What will its pictures look like after 938 steps?",
        (
            "Better, as it learns faster",
            "Nearly all the same",
            "As in a normal run",
        ),
        "Compare the digits of the grid with each other. If they all turn black, the page is not "
        "broken: that is what the generator draws for every input. The chart shows how much two "
        "pictures differ: two real pictures, and two fakes.",
        answers.answer_collapse,
        "If one picture fools the discriminator, the generator can win by drawing it for every "
        "random input. With such large steps it soon does. Then the discriminator learns to reject "
        "that picture, but the generator has already forgotten all others: its random input no "
        "longer matters. This is called mode collapse, and a run rarely recovers from it.",
        expected=1,
        measured="Two pictures differed only 7% as much as two real digits. The quick distance to "
        "real digits was 154. All pictures were nearly black.",
        changes={"generator_learning_rate": 0.04},
        is_failure=True,
        epochs=1,
        seconds=30,
        chart="variety",
        follow_up="The discriminator looks at one picture at a time. Can it notice that the "
        "generator draws the same picture again and again? What would it have to see?",
    ),
    Experiment(
        "winner",
        "Slow the generator down",
        "Now the generator learns a hundred times slower, and the discriminator as fast as "
        "before. A discriminator that finds every fake seems to be the best teacher. Is that true?",
        (
            "The generator still fools it, but later",
            "The discriminator gets nearly everything right, and the generator hardly learns",
            "Both stay in balance",
        ),
        "The curves show how often the discriminator is right. While the networks are in balance, "
        "both stay well below 100%.",
        answers.answer_winner,
        "If every fake is rejected with the same certainty, the generator does not learn which "
        "change would help. A GAN learns while both networks are about equally good: the "
        "discriminator must be hard to fool, but not impossible.",
        expected=1,
        measured="The discriminator got 100% of the real pictures and 100% of the fakes right.",
        changes={"generator_learning_rate": 2e-5},
        is_failure=True,
        epochs=1,
        seconds=30,
        follow_up="A teacher marks every answer as wrong and writes no comment. What can a "
        "student learn from that?",
    ),
    Experiment(
        "ones",
        "Show it only ones",
        "The discriminator now sees 6,742 handwritten ones and no other digit. The random inputs "
        "do not change. Which digits will the generator draw?",
        (
            "All ten digits, because the random inputs differ",
            "Only ones",
            "Ones, and a few of the digits that look like them",
        ),
        "Look for anything in the grid that is not a one. Then look at how the ones differ.",
        answers.answer_ones,
        "A generator learns what is in its data, and nothing else. The random input only chooses "
        "among the pictures that it has learned: here slanted, straight, thin and thick ones. A "
        "digit that is missing in the data is missing in the pictures, and errors in the data are "
        "learned too.",
        expected=1,
        measured="After 1,272 steps 99.5% of 1,000 pictures were read as ones.",
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
        "Draw without averaged weights",
        "Normally the pictures are not drawn with the generator's newest weights, but with the "
        "average of its weights over about the last thousand steps (EMA). The newest weights have "
        "learned the most. What happens if they draw the pictures?",
        _BETTER_WORSE_OR_SAME,
        "Keep your eye on one digit. How much does it change from picture to picture?",
        answers.answer_distance,
        "Each network reacts to the other all the time, so the weights swing around good values. "
        "The average of the last thousand steps is usually nearer to these than the weights of any "
        "single step. The training itself is the same; only the weights that draw the pictures "
        "differ.",
        expected=1,
        measured="After 1,876 steps the quick distance to real digits was 5.9 without the average, "
        "3.0 with it.",
        changes={"ema_decay": 0.0},
        follow_up="After ten steps of a run, an average over a thousand steps is not possible. "
        "What would you do at the start of a run?",
    ),
    Experiment(
        "windows",
        "Look through smaller windows",
        "A convolution looks at a picture through a small window that moves over it. The window is "
        "normally 4 by 4 pixels; now it is 2 by 2, in both networks. Later layers still combine "
        "what the windows see. Are four pixels enough?",
        _BETTER_WORSE_OR_SAME,
        "Look closely at the edges and the curves of the strokes. The difference is hard to see; "
        "the distance at the end shows it better.",
        answers.answer_distance,
        "A window moves in steps of two pixels. Windows of 4 by 4 overlap, so neighbouring parts "
        "of a picture share pixels and fit together. Windows of 2 by 2 only touch, so the "
        "generator builds its digits from blocks whose edges do not quite fit. Larger is not "
        "always better: with 5 by 5 we measured no difference from 4 by 4.",
        expected=1,
        measured="After 1,876 steps the quick distance to real digits was 8.9 with windows of 2 by "
        "2, 3.0 with 4 by 4 and 2.8 with 5 by 5.",
        changes={"kernel_size": 2},
        follow_up="Each layer halves the width and the height. After two layers, on how many "
        "pixels of the picture does one number depend: with windows of 2 by 2, and with 4 by 4?",
    ),
    Experiment(
        "overview",
        "Judge strokes, not whole digits",
        "A convolution sees the picture through small windows. After its convolutions the "
        "discriminator has a layer that sees all windows at once. Without that layer, each part of "
        "a picture is judged almost separately. What will the digits look like?",
        _BETTER_WORSE_OR_SAME,
        "Look at single strokes, and then at whole digits. Which of the two look wrong?",
        answers.answer_distance,
        "Each stroke looks right, but the strokes do not form a digit. The discriminator can only "
        "teach what it can see: it checks each stroke, but no longer checks whether the strokes "
        "fit together.",
        expected=1,
        measured="After 1,876 steps the quick distance to real digits was 15.4 without the layer, "
        "3.0 with it.",
        changes={"discriminator_units": 0},
        follow_up="The discriminator is only used in training. Why does the generator still get "
        "worse when a part of the discriminator is missing?",
    ),
    Experiment(
        "smoothing",
        "Make the discriminator unsure",
        "Normally the discriminator is trained to answer 90% for real pictures and 0% for fakes. "
        "Now its target for real pictures is only 50%, so it is never sure that a picture is "
        "real. What does that do to the digits?",
        _BETTER_WORSE_OR_SAME,
        "Look at the curve of the real pictures first: how many does the discriminator get right? "
        "Then look at the digits.",
        answers.answer_distance,
        "Accuracy only counts whether an answer is above or below 50%. The generator learns "
        "something else: which change of its picture makes the answer rise. This works as long as "
        "real pictures get higher answers than fakes, even if hardly any real picture gets more "
        "than 50%. So a low accuracy alone is no sign of a bad run.",
        expected=2,
        measured="After 1,876 steps the quick distance to real digits was 3.3, in the normal run "
        "3.0. The discriminator got 0% of the real pictures and 100% of the fakes right.",
        changes={"label_smoothing": 0.5},
        follow_up="Which number would you trust to compare two runs: the accuracy, the losses, or "
        "the distance to real digits?",
    ),
    Experiment(
        "penalty",
        "Train without the R1 brake",
        "The discriminator has a brake, the R1 penalty: if a real picture changes a little, its "
        "answer may only change a little. The penalty costs computing time. What happens in the "
        "first minute without it?",
        _BETTER_WORSE_OR_SAME,
        "Compare the digits with the digits of the normal run. Can you see a difference?",
        answers.answer_distance,
        "In the first minute the difference is small and may be chance. The brake helps later: "
        "after five minutes a run with it had a distance of 0.27 to real digits, a run without it "
        "0.62. A short experiment only shows effects that appear early.",
        expected=2,
        measured="After 1,876 steps the quick distance to real digits was 2.6 without the brake, "
        "3.0 with it. Chance alone can cause such a difference.",
        changes={"r1_penalty": 0.0},
        follow_up="How many runs would you train, and for how long, to be sure that the brake "
        "helps?",
    ),
    Experiment(
        WALK,
        "Walk from one digit to another",
        "Take two random inputs z; each gives a digit. Now go from one z to the other in small "
        "steps and draw a picture at each step. What is there between two digits? In training the "
        "generator only got random inputs, never such a path.",
        (
            "Noise, because most inputs mean nothing",
            "Both digits on top of each other, half transparent",
            "One clean picture after the other",
        ),
        "Compare each row of the walks with the same row of the other picture, in which the first "
        "digit fades into the last.",
        None,
        "The space of the random inputs has no holes: nearly every z gives a digit, and similar z "
        "give similar digits. So the generator has not learned single digits by heart. It has "
        "learned how digits vary: in slant, in width, or in a loop that opens until an 8 becomes "
        "a 3.",
        expected=2,
        measured="On 100 walks with the included run, 96% of the pictures at the ends were "
        "readable, 94% of the pictures between the ends, and 60% of the faded pictures.",
        follow_up="Somewhere on the walk a 3 becomes an 8. Is there a picture that is neither?",
    ),
)


# A lesson with discussion: the minute at which each part begins, and the key of its experiment. The
# first minutes are for the introduction.
_LESSON_MINUTES = 30
PLAN = ((4, NORMAL_RUN), (10, "collapse"), (16, "winner"), (21, "ones"), (25, WALK))


def describe_plan() -> list[tuple[str, str, str]]:
    """Return the plan's rows: the minutes, what to do, and what to ask."""
    minutes = [begin for begin, _ in PLAN] + [_LESSON_MINUTES]
    rows = [
        (
            f"0–{minutes[0]}",
            "What a GAN is: the text at the top of Learn",
            "Which of the two networks ever sees a real digit?",
        )
    ]
    for (begin, key), end in zip(PLAN, minutes[1:], strict=True):
        number, experiment = next(
            entry for entry in enumerate(EXPERIMENTS, 1) if entry[1].key == key
        )
        rows.append((f"{begin}–{end}", f"{number}. {experiment.title}", experiment.follow_up))
    return rows


def format_unplanned_numbers() -> str:
    """Return the numbers of the experiments that are not in the plan as text, such as "5 to 9"."""
    planned = {key for _, key in PLAN}
    numbers = [
        get_experiment_number(experiment)
        for experiment in EXPERIMENTS
        if experiment.key not in planned
    ]
    if numbers == list(range(numbers[0], numbers[-1] + 1)):
        return f"{numbers[0]} to {numbers[-1]}"
    return f"{', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"


def get_experiment_number(experiment: Experiment) -> int:
    """Return the number of an experiment on the pages, which starts at 1."""
    return EXPERIMENTS.index(experiment) + 1


def find_experiment(key: str) -> Experiment | None:
    """Return the experiment with a key, for example from a page's address; None if none has it."""
    return next((experiment for experiment in EXPERIMENTS if experiment.key == key), None)


def find_next_experiment(experiment: Experiment) -> Experiment | None:
    """Return the experiment after another one; None after the last."""
    index = EXPERIMENTS.index(experiment) + 1
    return EXPERIMENTS[index] if index < len(EXPERIMENTS) else None
