"""Data URLs: encoded pictures as text that a page shows without another request."""

from __future__ import annotations

import base64

from dcgan.images.png_recipe import PNG_SIGNATURE


def encode_data_url(encoded: bytes) -> str:
    """Turn an encoded picture into a URL that a page can show without asking the server.

    Args:
        encoded: The bytes of a PNG, GIF or WebP file.

    Returns:
        "data:image/png;base64,…", or image/gif or image/webp.

    Raises:
        ValueError: If the file has another format.
    """
    if encoded.startswith(PNG_SIGNATURE):
        kind = "png"
    elif encoded.startswith((b"GIF87a", b"GIF89a")):
        kind = "gif"
    elif encoded.startswith(b"RIFF") and encoded[8:12] == b"WEBP":
        kind = "webp"
    else:
        raise ValueError(f"Expected the bytes of a PNG, GIF or WebP file, got {encoded[:12]!r}….")
    return f"data:image/{kind};base64,{base64.b64encode(encoded).decode('ascii')}"
