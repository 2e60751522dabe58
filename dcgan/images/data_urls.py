"""Data URLs: encoded pictures as text that a page shows without another request."""

from __future__ import annotations

import base64

from dcgan.images.png_recipe import PNG_SIGNATURE


def encode_data_url(png: bytes) -> str:
    """Turn an encoded picture into a URL that a page can show without asking the server.

    Args:
        png: The bytes of a PNG, GIF or WebP file; the first bytes decide which.

    Returns:
        "data:image/png;base64,…", or image/gif or image/webp.

    Raises:
        ValueError: If the bytes are none of the three.
    """
    if png.startswith(PNG_SIGNATURE):
        kind = "png"
    elif png.startswith((b"GIF87a", b"GIF89a")):
        kind = "gif"
    elif png.startswith(b"RIFF") and png[8:12] == b"WEBP":
        kind = "webp"
    else:
        raise ValueError(f"Expected the bytes of a PNG, GIF or WebP file, got {png[:12]!r}….")
    return f"data:image/{kind};base64,{base64.b64encode(png).decode('ascii')}"
