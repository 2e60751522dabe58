"""A component without a picture that reruns a fragment when the trainer's version changes."""

from __future__ import annotations

from dashboard.components.registration import do_nothing, register_component

_news = register_component("news")


def rerun_on_news(version: str, *, seconds: float, key: str, external: str | None = None) -> bool:
    """Rerun the calling fragment when the server reports another version; shows nothing.

    Args:
        version: Version of the shown state: `Trainer.version`, or what `Trainer.get_version_with`
            returns for a run of another process. With any other text it is a debounce: one rerun,
            `seconds` after the last change of the text.
        seconds: Interval between two requests for the version.
        key: Streamlit's key.
        external: Name of the run of another process, as passed to `Trainer.get_version_with`; None
            for the trainer's own version.

    Returns:
        Whether this component has caused the current rerun.
    """
    result = _news(
        key=key,
        data={"version": version, "seconds": seconds, "external": external},
        height=1,
        on_news_change=do_nothing,
    )
    return result.news is not None
