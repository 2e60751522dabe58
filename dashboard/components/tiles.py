"""Pictures made of tiles that a person can pick."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.components.registration import do_nothing, register_component
from dcgan.images.data_urls import encode_data_url

_tiles = register_component("tiles")


def render_tiles(
    encoded: bytes,
    *,
    size: tuple[int, int],
    rows: int,
    columns: int,
    labels: Sequence[str],
    alt: str,
    key: str,
    scale: int = 1,
    gap: int = 0,
    chosen: int | None = None,
    crop: bool = False,
    fill: bool = False,
) -> int | None:
    """Show a picture made of tiles, each of which can be picked by pointer or keyboard.

    Args:
        encoded: PNG of all tiles, row by row.
        size: Width and height in the picture's own pixels.
        rows: Number of rows in the picture.
        columns: Number of columns in the picture.
        labels: Descriptions of the tiles that can be picked, from the first tile on.
        alt: Description of the whole picture, with its step.
        key: Streamlit's key; keep it for a picture that changes.
        scale: Enlargement if there is room.
        gap: Pixels between two tiles, in the picture's own pixels.
        chosen: Index of the tile to mark with a frame, or None.
        crop: If there is too little room, hide columns at the right instead of shrinking all tiles.
        fill: On a phone, fill the width, even if pixels then differ in size by one.

    Returns:
        Index of the picked tile, in the run of the script that the pick caused; otherwise None.
    """
    result = _tiles(
        key=key,
        data={
            "src": encode_data_url(encoded),
            "alt": alt,
            "width": size[0],
            "height": size[1],
            "scale": scale,
            "columns": columns,
            "rows": rows,
            "labels": list(labels),
            "gap": gap,
            "chosen": chosen,
            "crop": crop,
            "fill": fill,
        },
        on_picked_change=do_nothing,
    )
    picked = result.picked
    return picked if isinstance(picked, int) and 0 <= picked < len(labels) else None
