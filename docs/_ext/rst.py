"""The little reStructuredText that the generated pages are made of."""

from collections.abc import Iterable, Sequence


def heading(text: str, mark: str = "=") -> str:
    """Return a heading with its line."""
    return f"{text}\n{mark * len(text)}\n"


def table(header: Sequence[str], rows: Iterable[Sequence[object]], widths: str = "auto") -> str:
    """Return a list table; cells are single lines of reStructuredText."""
    lines = [".. list-table::", "   :header-rows: 1", f"   :widths: {widths}", ""]
    for row in (header, *rows):
        for k, cell in enumerate(row):
            text = f"{'   * - ' if k == 0 else '     - '}{cell}"
            lines.append(text.rstrip())
    return "\n".join(lines) + "\n"


def toctree(pages: Iterable[str], caption: str | None = None, depth: int = 1) -> str:
    """Return a table of contents of pages."""
    options = [f"   :maxdepth: {depth}", *([f"   :caption: {caption}"] if caption else [])]
    return "\n".join([".. toctree::", *options, "", *(f"   {page}" for page in pages)]) + "\n"


def plain(text: str) -> str:
    """Protect what reStructuredText would read as a mark."""
    return text.replace("\\", "\\\\").replace("*", "\\*").replace("|", "\\|").replace("_ ", "\\_ ")
