"""Write the pages that are made from moo itself: methods, laws, interfaces, opposite gradients."""

from pathlib import Path
from typing import Any

import catalogue
import interfaces
import opposite


def write_pages(app: Any) -> None:
    """Write every generated page whose text changed."""
    folder = Path(app.srcdir) / "generated"
    pages = {**catalogue.pages(), **interfaces.pages(), **opposite.pages()}
    for name, text in pages.items():
        path = folder / f"{name}.rst"
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def setup(app: Any) -> dict[str, bool]:
    """Write before Sphinx looks for pages."""
    app.connect("builder-inited", write_pages)
    return {"parallel_read_safe": True}
