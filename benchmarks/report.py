"""One self-contained HTML page: figures inline, tables beside them, nothing loaded from outside."""

import html
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.tables import Table
from moo._files import write_atomically

_STYLE = """
body { font: 16px/1.5 Georgia, serif; max-width: 84rem; margin: 2rem auto; padding: 0 1rem;
       color: #222; }
h1, h2 { line-height: 1.2; } h2 { margin-top: 3rem; }
.figures { display: flex; flex-wrap: wrap; gap: 1.5rem; }
figure { margin: 1rem 0; flex: 1 1 24rem; max-width: 40rem; }
figure.wide { flex-basis: 100%; max-width: none; }
figure svg { width: 100%; height: auto; }
figcaption, .note { color: #555; font-size: .9rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font: 13px/1.4 ui-monospace, monospace; margin: 1rem 0; }
caption { text-align: left; font: bold 1rem Georgia, serif; padding-bottom: .4rem; }
th, td { padding: .2rem .7rem; text-align: right; border-bottom: 1px solid #ddd;
         white-space: nowrap; vertical-align: bottom; }
th { white-space: normal; }
th:first-child, td:first-child { text-align: left; } thead th { border-bottom: 2px solid #222; }
dt { font-weight: bold; } dd { margin: 0 0 .4rem 0; font-family: ui-monospace, monospace; }
"""


class Figure(NamedTuple):
    """A drawn figure: its SVG file, what it shows, and whether it takes the page's width."""

    path: Path
    caption: str
    wide: bool = True


class Section(NamedTuple):
    """A heading with a paragraph, figures and tables."""

    title: str
    text: str
    figures: Sequence[Figure]
    tables: Sequence[Table]


def write_report(
    path: Path, title: str, facts: dict[str, str], sections: Sequence[Section]
) -> None:
    """Write the page, atomically."""
    facts_list = "".join(
        f"<dt>{html.escape(name)}</dt><dd>{html.escape(value)}</dd>"
        for name, value in facts.items()
    )
    body = "".join(_section(section) for section in sections)
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)}</title><style>{_STYLE}</style></head><body>"
        f"<h1>{html.escape(title)}</h1><dl>{facts_list}</dl>{body}</body></html>\n"
    )
    write_atomically(path, page.encode())


def _section(section: Section) -> str:
    figures = "".join(_figure(figure) for figure in section.figures)
    tables = "".join(_table(table) for table in section.tables)
    heading, text = html.escape(section.title), html.escape(section.text)
    drawn = f'<div class="figures">{figures}</div>'
    return f"<section><h2>{heading}</h2><p>{text}</p>{drawn}{tables}</section>"


def _figure(figure: Figure) -> str:
    svg = figure.path.read_text(encoding="utf-8")
    drawing = svg[svg.index("<svg") :]
    kind = ' class="wide"' if figure.wide else ""
    caption = f"<figcaption>{html.escape(figure.caption)}</figcaption>"
    return f"<figure{kind}>{drawing}{caption}</figure>"


def _table(table: Table) -> str:
    # A heading of several words in one may break between them.
    names = (html.escape(column).replace("_", "_<wbr>") for column in table.columns)
    head = "".join(f"<th>{name}</th>" for name in names)
    rows = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
        for row in table.rows
    )
    return (
        f'<div class="scroll"><table><caption>{html.escape(table.title)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
        f'<p class="note">{html.escape(table.note)}</p>'
    )
