"""Tables as LaTeX, with booktabs' rules."""

import re

from benchmarks.reports._sheet import Entry, Sheet

_ESCAPED = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}",
    "±": r"$\pm$", "−": r"$-$", "–": "--", "↑": r"$\uparrow$", "↓": r"$\downarrow$",
}  # fmt: skip
_POWER = re.compile(r"(?<=[\d)])e([+-])0*(\d+)\b")


def latex(sheet: Sheet) -> str:
    r"""Return a `tabular` for `\input`, after a comment that says what it is.

    What is best stands in bold. The document must load booktabs.
    """
    head = " & ".join(escape(column) for column in sheet.columns)
    rows = "".join(" & ".join(map(_entry, row)) + " \\\\\n" for row in sheet.rows)
    aligned = "l" + "r" * (len(sheet.columns) - 1)
    title, note = (text.replace("\n", " ") for text in (sheet.title, sheet.note))
    return (
        f"% {title}. {note}\n% \\usepackage{{booktabs}}\n"
        f"\\begin{{tabular}}{{{aligned}}}\n\\toprule\n{head} \\\\\n\\midrule\n{rows}"
        "\\bottomrule\n\\end{tabular}\n"
    )


def escape(text: str) -> str:
    r"""Return text with LaTeX's special characters escaped and powers of ten set.

    Example:
        >>> escape("a_b & 5 %"), escape("1.5e-07")
        ('a\\_b \\& 5 \\%', '1.5$\\times 10^{-7}$')
    """
    safe = "".join(_ESCAPED.get(character, character) for character in text)
    return _POWER.sub(lambda e: rf"$\times 10^{{{e[1].replace('+', '')}{e[2]}}}$", safe)


def _entry(entry: Entry) -> str:
    return rf"\textbf{{{escape(entry.text)}}}" if entry.best else escape(entry.text)
