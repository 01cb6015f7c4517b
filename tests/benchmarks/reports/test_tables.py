import re

import pytest

from benchmarks.reports._html import table
from benchmarks.reports._latex import escape, latex
from benchmarks.reports._markdown import markdown
from benchmarks.reports._sheet import Entry, Sheet, number, ranged, spread

SHEET = Sheet(
    "t", "A & B", ("method", "loss_1 ↓"),
    [(Entry("a<b", "a<b"), Entry("1.5 ± 0.2", 1.5, "x.y", best=True)), (Entry("c"), Entry("–"))],
    "50 % of <all>",
)  # fmt: skip


@pytest.mark.parametrize(
    ("mean", "half", "text"),
    [
        (0.12345, 0.0123, "0.123 ± 0.012"),
        (-0.12345, 0.0123, "−0.123 ± 0.012"),
        (123.456, 7.8, "123.5 ± 7.8"),
        (123456.7, 2000.0, "(1.235 ± 0.020)e+05"),
        (2.5e-6, 1e-7, "(2.50 ± 0.10)e-06"),
        (0.0017771, 2e-10, "0.001777 ± 2e-10"),
        (0.0, 0.0, "0 ± 0"),
        (0.5, float("nan"), "0.5"),
        (-0.00001, 0.5, "0.00 ± 0.50"),
    ],
)
def test_means_have_the_digits_of_their_intervals(mean, half, text):
    assert spread(mean, half) == text


def test_numbers_keep_their_value_as_sort_key():
    assert number(1234.5678, 2, "link") == Entry("1,234.57", 1234.5678, "link")
    assert number(-0.001, 2).text == "0.00"
    assert ranged(1.0, float("nan"), float("nan"), 1).text == "1.0"
    assert ranged(-1.0, -2.0, 0.0, 1).text == "−1.0 [−2.0, 0.0]"


def test_html_carries_sort_keys_links_and_bold():
    shown = table(SHEET)
    assert "<caption>A &amp; B</caption>" in shown
    assert '<td data-value="1.5"><a href="#x.y"><b>1.5 ± 0.2</b></a></td>' in shown
    assert '<td class="text" data-value="a&lt;b">a&lt;b</td>' in shown
    assert "<td>–</td>" in shown
    assert shown.count("<th><button>") == 2
    assert "loss_<wbr>1" in shown


def test_latex_has_booktabs_rules_and_escapes():
    lines = latex(SHEET).splitlines()
    assert lines[0] == "% A & B. 50 % of <all>"
    assert lines[2:] == [
        r"\begin{tabular}{lr}",
        r"\toprule",
        r"method & loss\_1 $\downarrow$ \\",
        r"\midrule",
        r"a\textless{}b & \textbf{1.5 $\pm$ 0.2} \\",
        r"c & -- \\",
        r"\bottomrule",
        r"\end{tabular}",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\\{}", r"\textbackslash{}\{\}"),
        ("#1 ~ $2 ^ 3 | >", r"\#1 \textasciitilde{} \$2 \textasciicircum{} 3 \textbar{} "
                            r"\textgreater{}"),
        ("(1.2 ± 0.3)e-06", r"(1.2 $\pm$ 0.3)$\times 10^{-6}$"),
        ("4e+12", r"4$\times 10^{12}$"),
        ("zdt1e-06x", r"zdt1e-06x"),
    ],
)  # fmt: skip
def test_special_characters_are_escaped(text, expected):
    assert escape(text) == expected


def test_markdown_has_as_many_columns_in_every_line():
    lines = markdown(SHEET).splitlines()
    assert lines[0] == "**A & B**"
    bars = [len(re.findall(r"(?<!\\)\|", line)) for line in lines[2:6]]
    assert bars == [3, 3, 3, 3]
    assert "| **1.5 ± 0.2** |" in lines[4]
