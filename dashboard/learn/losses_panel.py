"""The losses of both networks on the Learn page: formulas, and their values at balance."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dashboard.components.plain_text import TEXT_WIDTH
from dcgan.charts.training_charts import compute_equilibrium_losses
from dcgan.config.setting_types import Loss
from dcgan.config.training_config import TrainingConfig

_LOGIT_TEXT = (
    "$C(x)$ is the logit of a real picture $x$, and $C(G(z))$ the logit of the fake picture "
    "that the generator makes from $z$. The bar is the mean over the batch."
)
_MEAN_LOGIT = "A small extra penalty, left out here, keeps the mean logit near 0."


@dataclass(frozen=True)
class _LossText:
    """The explanation of one kind of loss, as Markdown and TeX.

    Attributes:
        idea: What both losses measure.
        generator, discriminator: The formulas.
        generator_aim, discriminator_aim: When each loss is small.
    """

    idea: str
    generator: str
    generator_aim: str
    discriminator: str
    discriminator_aim: str


_TEXTS: dict[Loss, _LossText] = {
    "bce": _LossText(
        "Both are *cross-entropies*: small if the discriminator gives the true answer a high "
        "probability, and large if it is sure of the wrong one. $D(x)$ is its answer as a "
        "probability from 0 to 1, the *sigmoid* of its logit, for a real picture $x$; $D(G(z))$ "
        "is its answer for the fake picture that the generator makes from $z$. The bar is the "
        "mean over the batch. More on each of these under Words, below.",
        r"L_G = -\,\overline{\ln D(G(z))}",
        "Small when the discriminator calls fakes real.",
        r"L_D = -\,\overline{\ln D(x)} \;-\; \overline{\ln\,(1 - D(G(z)))}",
        "Small when it recognizes real and fake pictures.",
    ),
    "hinge": _LossText(
        "The *hinge* loss has a margin: the discriminator learns from a picture only until its "
        f"logit is 1 on the right side of 0. {_LOGIT_TEXT}",
        r"L_G = -\,\overline{C(G(z))}",
        "Small when fakes get high logits.",
        # In two lines, for phones.
        r"\begin{aligned} L_D = {} & \overline{\max(0,\,1 - C(x))} \\ "
        r"& + \overline{\max(0,\,1 + C(G(z)))} \end{aligned}",
        "0 when every picture is beyond the margin.",
    ),
    "wgan_gp": _LossText(
        "The *Wasserstein* loss is the difference of the mean logits. A penalty keeps the "
        r"discriminator's slope ${\lVert\nabla C\rVert}$ near 1 at mixtures $m$ of a real and a "
        "fake picture. So the difference cannot grow without bound, and it measures how far the "
        f"fakes are from the real pictures. {_LOGIT_TEXT}",
        r"L_G = -\,\overline{C(G(z))}",
        "Small when fakes get high logits.",
        r"\begin{aligned} L_D = {} & \overline{C(G(z))} - \overline{C(x)} \\ "
        r"& + 10\;\overline{(\lVert\nabla C(m)\rVert - 1)^2} \end{aligned}",
        "The further below 0, the better it separates real pictures from fakes. Charts show "
        f"it without the penalty. {_MEAN_LOGIT}",
    ),
    "relativistic": _LossText(
        "The *relativistic* losses compare a real picture with a fake: only the difference of "
        r"their logits counts. $\sigma$ is the *sigmoid*, which turns a difference into a "
        f"probability. {_LOGIT_TEXT}",
        r"L_G = -\,\overline{\ln \sigma(C(G(z)) - C(x))}",
        "Small when fakes look more real to the discriminator than real pictures.",
        r"L_D = -\,\overline{\ln \sigma(C(x) - C(G(z)))}",
        f"Small when real pictures look more real to it than fakes. {_MEAN_LOGIT}",
    ),
}


def render(config: TrainingConfig) -> None:
    """Render the formulas of both losses with these settings, and their values at balance."""
    loss_text = _TEXTS[config.loss]
    losses = compute_equilibrium_losses(config)
    with st.container(width=TEXT_WIDTH):
        st.markdown(loss_text.idea)
    left, right = st.columns(2, gap="medium")
    with left.container(border=True, height="stretch"):
        st.markdown(":orange[**Generator**]")
        st.latex(loss_text.generator)
        st.markdown(f"{loss_text.generator_aim} {_describe_balance('G', losses[0], config)}")
    with right.container(border=True, height="stretch"):
        st.markdown(":blue[**Discriminator**]")
        st.latex(loss_text.discriminator)
        st.markdown(f"{loss_text.discriminator_aim} {_describe_balance('D', losses[1], config)}")
    if smoothing := config.target_smoothing:
        with st.container(width=TEXT_WIDTH):
            st.caption(
                f"These settings smooth the labels by {smoothing:g}: the first mean is of "
                rf"$(1-s)\,\ln D(x) + s\,\ln\,(1 - D(x))$ with $s = {smoothing:g}$. The best "
                f"answer is then {(1 - smoothing) / 2:g} instead of 1/2."
            )


def _describe_balance(network: str, loss: float, config: TrainingConfig) -> str:
    """Describe a loss at balance: when the discriminator cannot tell fakes from real images.

    Args:
        network: The letter of the network, G or D.
        loss: The loss of the network at balance.
        config: The settings.
    """
    if not config.loss_kind.has_targets:
        sign = "=" if loss.is_integer() else r"\approx"
        return rf"If the discriminator cannot tell them apart, ${{L_{network} {sign} {loss:.2g}.}}$"
    formulas = {
        "G": r"D = 1/2}$ and ${L_G = \ln 2 \approx 0.69.",
        "D": r"L_D = 2 \ln 2 \approx 1.39.",
    }
    sentence = f"If it cannot tell them apart, ${{{formulas[network]}}}$"
    if smoothing := config.target_smoothing:
        answer = f"${{D = {(1 - smoothing) / 2:g}}}$ and " if network == "G" else ""
        sentence += (
            f" With label smoothing of {smoothing:g}, as here: {answer}"
            rf"${{L_{network} \approx {loss:.2f}.}}$"
        )
    return sentence
