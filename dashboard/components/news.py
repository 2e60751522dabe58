"""Reruns of a fragment when the trainer's version changes."""

from __future__ import annotations

from dashboard.components.registration import do_nothing, register_component

_news = register_component("news")


def rerun_on_news(version: str, *, seconds: float, key: str, elsewhere: str | None = None) -> None:
    """Rerun the calling fragment when the server reports another version; shows nothing.

    Args:
        version: Version of the shown state: `Trainer.version`, or what `Trainer.version_with`
            returns for a run of another process.
        seconds: Interval between two requests for the version.
        key: Streamlit's key.
        elsewhere: Name of the run of another process, as passed to `Trainer.version_with`; None
            for the trainer's own version.
    """
    _news(
        key=key,
        data={"version": version, "seconds": seconds, "elsewhere": elsewhere},
        height=1,
        on_news_change=do_nothing,
    )
