"""Tables as Markdown."""

from benchmarks.reports._sheet import Entry, Sheet


def markdown(sheet: Sheet) -> str:
    r"""Return a table with its title above it and its note below.

    Example:
        >>> print(markdown(Sheet("t", "T", ("a|b", "c"), [(Entry("x"), Entry("1", best=True))])))
        **T**
        <BLANKLINE>
        | a\|b | c |
        |:--|--:|
        | x | **1** |
        <BLANKLINE>
    """
    lines = [
        _line([_escape(column) for column in sheet.columns]),
        "|:--" + "|--:" * (len(sheet.columns) - 1) + "|",
        *(_line([_entry(entry) for entry in row]) for row in sheet.rows),
    ]
    note = f"\n{sheet.note}\n" if sheet.note else ""
    return f"**{sheet.title}**\n\n" + "\n".join(lines) + "\n" + note


def _line(texts: list[str]) -> str:
    return "| " + " | ".join(texts) + " |"


def _entry(entry: Entry) -> str:
    return f"**{_escape(entry.text)}**" if entry.best else _escape(entry.text)


def _escape(text: str) -> str:
    return text.replace("|", "\\|").replace("_", "\\_")
