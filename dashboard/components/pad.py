"""A two-dimensional slider over a plane of pictures that were generated in advance."""

from __future__ import annotations

from dashboard.components.registration import do_nothing, register_component
from dcgan.images.data_urls import encode_data_url

_pad = register_component("pad")


def render_pad(
    sheet: bytes,
    *,
    side: int,
    digit_side: int,
    plane: str,
    position: tuple[int, int],
    across: str,
    down: str,
    reach: float,
    alt: str,
    key: str,
    scale: int,
) -> tuple[int, int] | None:
    """Show a plane of pictures, and beside it the picture at the pointer or at the chosen place.

    Args:
        sheet: PNG of side × side digits without gaps.
        side: Number of digits in a row and in a column.
        digit_side: Side of one digit, in pixels.
        plane: Identifier of the plane. On the same plane, an older position from the server does
            not replace a position that was just picked.
        position: Column and row of the selected z.
        across: Name of the direction in z from left to right.
        down: Name of the direction in z from top to bottom.
        reach: Distance from the middle to a border, in units of z, for the numbers that are shown.
        alt: Description of the digit, with its step.
        key: Streamlit's key.
        scale: Largest enlargement of a digit.

    Returns:
        The column and row whose pick caused this run of the script; otherwise None.
    """
    result = _pad(
        key=key,
        data={
            "src": encode_data_url(sheet),
            "side": side,
            "digitSide": digit_side,
            "plane": plane,
            "position": list(position),
            "across": across,
            "down": down,
            "reach": reach,
            "alt": alt,
            "scale": scale,
        },
        on_picked_change=do_nothing,
    )
    picked = result.picked
    if picked is None:
        return None
    try:
        place = (int(picked["column"]), int(picked["row"]))
    except (TypeError, KeyError, ValueError, OverflowError):  # Not from our script.
        return None
    return place if all(0 <= index < side for index in place) else None
