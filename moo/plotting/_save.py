"""Figures to files: the same bytes for the same figure, written whole or not at all."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import io
import logging
import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from moo._files import write_atomically
from moo.plotting._style import style

_LONG_NUMBER = re.compile(rb"-?\d+\.\d{3,}")
_CLIP = re.compile(rb'<clipPath id="(p[0-9a-f]{10})">(.*?)</clipPath>', re.DOTALL)
_METADATA: dict[str, dict[str, Any]] = {
    ".svg": {"Date": None, "Creator": None},
    ".pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    ".png": {"Software": None},
}


def save(figure: Figure, path: str | os.PathLike[str], *, dpi: float = 200.0) -> Path:
    """Write a figure as SVG, PDF or PNG, small; equal figures give equal bytes.

    Dates and version strings are left out, SVG identifiers are seeded, and the file is replaced
    only when the new one is complete. Lines and type stay vectors; heat maps, and paths of very
    many points, are images inside the vector file. SVG coordinates are rounded to 1/100 point.

    Args:
        figure: any matplotlib figure.
        path: the file to write; its ending, `.svg`, `.pdf` or `.png`, names the format.
        dpi: dots per inch of a PNG, and of the images inside SVG and PDF.

    Returns:
        The path written.

    Raises:
        ValueError: if the ending is not one of the three.

    Example:
        >>> import pathlib, tempfile, numpy as np, moo.plotting
        >>> figure, axes = moo.plotting.plot_front({"mine": np.array([[0.0, 1.0], [1.0, 0.0]])})
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = moo.plotting.save(figure, pathlib.Path(folder) / "front.svg")
        ...     path.name, path.read_bytes()[:5]
        ('front.svg', b'<?xml')
    """
    target = Path(path)
    ending = target.suffix.lower()
    if ending not in _METADATA:
        raise ValueError(f"path must end in {', '.join(_METADATA)}, got {target.name!r}")
    buffer = io.BytesIO()
    with style(), _quiet_font_subsetter():
        figure.savefig(buffer, format=ending[1:], dpi=dpi, metadata=_METADATA[ending])
    write_atomically(target, _PACK[ending](buffer.getvalue(), dpi))
    return target


def _pack_svg(svg: bytes, dpi: float) -> bytes:
    """Round and close up path data, drop space between tags, index the colours of heat maps."""
    svg = re.sub(rb' (d|x|y)="[^"]*"', _pack_path, svg)
    svg = re.sub(rb"(?<=base64,)[^\"]*", _pack_embedded, svg)
    return _name_clips(re.sub(rb">\s+<", b">\n<", svg))


def _name_clips(svg: bytes) -> bytes:
    """Name clip paths after what they hold; matplotlib's names depend on garbage collection."""
    for name, held in _CLIP.findall(svg):
        svg = svg.replace(name, b"p" + hashlib.sha256(held).hexdigest()[:10].encode())
    return svg


def _pack_path(data: re.Match[bytes]) -> bytes:
    short = _LONG_NUMBER.sub(_two_decimals, data[0])
    return re.sub(rb"\s*([MLQCz])\s*", rb"\1", short)


def _two_decimals(number: re.Match[bytes]) -> bytes:
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".").encode()


def _pack_embedded(png: re.Match[bytes]) -> bytes:
    return base64.b64encode(_pack_png(base64.b64decode(png[0])))


def _pack_png(png: bytes, dpi: float | None = None) -> bytes:
    """Compress hard, with a palette where at most 256 colours occur; every pixel stays."""
    image = Image.open(io.BytesIO(png)).convert("RGBA")
    packed, index = np.unique(np.asarray(image).view(np.uint32), return_inverse=True)
    colours = packed.view(np.uint8).reshape(-1, 4)
    options: dict[str, Any] = {"dpi": (dpi, dpi)} if dpi else {}
    if len(colours) <= 256:
        image = Image.fromarray(index.reshape(image.size[::-1]).astype(np.uint8), "P")
        image.putpalette(colours[:, :3].tobytes())
        options["transparency"] = colours[:, 3].tobytes()
    elif (colours[:, 3] == 255).all():
        image = image.convert("RGB")
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True, **options)
    return buffer.getvalue()


_PACK: Mapping[str, Callable[[bytes, float], bytes]] = {
    ".svg": _pack_svg,
    ".pdf": lambda pdf, dpi: pdf,
    ".png": _pack_png,
}


@contextlib.contextmanager
def _quiet_font_subsetter() -> Iterator[None]:
    """Hold back fontTools' remarks on the time stamps of the fonts that matplotlib ships."""
    logger = logging.getLogger("fontTools")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
