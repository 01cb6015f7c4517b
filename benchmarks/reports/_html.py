"""HTML of tables and figures: one page that loads nothing from outside."""

import html
from collections.abc import Iterable, Sequence

from benchmarks.reports._sheet import Entry, Sheet

STYLE = """
body { font: 16px/1.5 Georgia, serif; max-width: 84rem; margin: 2rem auto; padding: 0 1rem;
       color: #222; }
h1, h2, h3, h4 { line-height: 1.2; } h2 { margin-top: 3rem; }
figure { margin: 1rem 0; max-width: 56rem; } figure svg { width: 100%; height: auto; }
figcaption, .note { color: #555; font-size: .9rem; max-width: 60rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font: 13px/1.4 ui-monospace, monospace; margin: 1rem 0; }
caption { text-align: left; font: bold 1rem Georgia, serif; padding-bottom: .4rem; }
th, td { padding: .2rem .7rem; text-align: right; border-bottom: 1px solid #ddd;
         white-space: nowrap; vertical-align: bottom; }
th { white-space: normal; } td.text { text-align: left; }
th:first-child, td:first-child { text-align: left; } thead th { border-bottom: 2px solid #222; }
th button { all: unset; cursor: pointer; } th button:focus-visible { outline: 2px solid #0072B2; }
th[aria-sort=ascending] button::after { content: " ▲"; }
th[aria-sort=descending] button::after { content: " ▼"; }
td a { color: inherit; text-decoration: none; } td a:hover { text-decoration: underline; }
:target, :target td { background: #fff3c4; }
dt { font-weight: bold; } dd { margin: 0 0 .4rem 0; font-family: ui-monospace, monospace; }
summary { cursor: pointer; }
.warn { border-left: .3rem solid #D55E00; padding-left: .8rem; list-style: none; }
"""

# A click sorts by the column, another one the other way round; what has no number stays last.
SCRIPT = """
for (const button of document.querySelectorAll("th button")) button.onclick = () => {
  const head = button.parentNode, body = head.closest("table").tBodies[0], at = head.cellIndex;
  const down = head.ariaSort === "ascending", value = row => row.cells[at].dataset.value;
  const compare = (x, y) => isNaN(x - y) ? x.localeCompare(y) : x - y;
  const order = (a, b) => {
    const x = value(a), y = value(b);
    return x === undefined || y === undefined ? (x === undefined) - (y === undefined)
      : compare(x, y) * (down ? -1 : 1);
  };
  const rows = [...body.rows].sort(order);
  for (const other of head.parentNode.cells) other.ariaSort = null;
  head.ariaSort = down ? "descending" : "ascending";
  body.append(...rows);
};
"""


def page(title: str, body: str) -> str:
    """Return the whole page around a body of HTML."""
    shown = html.escape(title)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{shown}</title><style>{STYLE}</style></head><body><h1>{shown}</h1>\n{body}"
        f"<script>{SCRIPT}</script></body></html>\n"
    )


def facts(entries: Iterable[tuple[str, str]]) -> str:
    """Return a list of names and values."""
    items = (f"<dt>{html.escape(n)}</dt><dd>{html.escape(v)}</dd>\n" for n, v in entries)
    return f"<dl>{''.join(items)}</dl>\n"


def warning(lines: Sequence[str]) -> str:
    """Return a marked list of sentences; nothing where there are none."""
    items = "".join(f"<li>{html.escape(line)}</li>\n" for line in lines)
    return f'<ul class="warn">{items}</ul>\n' if lines else ""


def figure(svg: str, caption: str) -> str:
    """Return an inline figure."""
    return f"<figure>{svg}<figcaption>{html.escape(caption)}</figcaption></figure>\n"


def folded(title: str, body: str) -> str:
    """Return something behind a line that opens it."""
    return f"<details><summary>{html.escape(title)}</summary>{body}</details>\n"


def table(sheet: Sheet) -> str:
    """Return a table that a click on a heading sorts.

    Example:
        >>> 'data-value="0.5">1/2<' in table(Sheet("t", "T", ("a",), [(Entry("1/2", 0.5),)]))
        True
    """
    # A heading of several words in one may break between them.
    names = (html.escape(column).replace("_", "_<wbr>") for column in sheet.columns)
    head = "".join(f"<th><button>{name}</button></th>" for name in names)
    rows = "".join(f"<tr>{''.join(map(_entry, row))}</tr>\n" for row in sheet.rows)
    return (
        f'<div class="scroll"><table><caption>{html.escape(sheet.title)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>\n{rows}</tbody></table></div>"
        f'<p class="note">{html.escape(sheet.note)}</p>\n'
    )


def _entry(entry: Entry) -> str:
    text = html.escape(entry.text)
    text = f"<b>{text}</b>" if entry.best else text
    text = f'<a href="#{html.escape(entry.link)}">{text}</a>' if entry.link else text
    key = "" if entry.key is None else f' data-value="{html.escape(str(entry.key))}"'
    kind = ' class="text"' if isinstance(entry.key, str) else ""
    return f"<td{kind}{key}>{text}</td>"
