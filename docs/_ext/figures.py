"""Show the figures of `moo.plotting` in the gallery: they are unknown to pyplot."""

import weakref
from typing import Any

from sphinx_gallery.scrapers import figure_rst

from moo.plotting import save
from moo.plotting._style import StyledFigure

_shown: weakref.WeakSet[StyledFigure] = weakref.WeakSet()


def scrape(block: Any, block_vars: dict[str, Any], gallery_conf: dict[str, Any]) -> str:
    """Save every figure that a block of an example has left in a variable; return reST for them."""
    paths = []
    for value in block_vars["example_globals"].values():
        if isinstance(value, StyledFigure) and value not in _shown:
            _shown.add(value)
            paths.append(str(save(value, next(block_vars["image_path_iterator"]))))
    return figure_rst(paths, gallery_conf["src_dir"]) if paths else ""


def _get_sg_image_scraper() -> Any:
    """What sphinx-gallery looks for in a module that `image_scrapers` names."""
    return scrape
