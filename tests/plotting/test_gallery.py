import ast
from pathlib import Path

import pytest

import moo.plotting

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
FUNCTIONS = [name for name in moo.plotting.__all__ if name.startswith("plot_")] + ["animate"]


def called():
    """Names of the attributes that the gallery's examples call."""
    trees = [ast.parse(path.read_text()) for path in EXAMPLES.glob("plot_*.py")]
    calls = [node.func for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {call.attr for call in calls if isinstance(call, ast.Attribute)}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_plot_function_is_shown_in_the_gallery(name):
    assert name in called()
