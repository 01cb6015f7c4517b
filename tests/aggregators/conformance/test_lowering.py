"""Nothing of a step runs on the host, and every step lowers for accelerators."""

import ast
from pathlib import Path

import jax
import jax.numpy as jnp
import pytest

import moo
from tests.aggregators.conformance.probe import stepper
from tests.aggregators.conformance.run import methods, traced
from tests.aggregators.conformance.stack import FOURS, D, M
from tests.aggregators.table import TABLE

HOST = ("callback", "infeed", "outfeed", "host", "ffi_call", "custom_call", "debug")
UNSAFE = {"pickle", "cvxpy", "quadprog", "clarabel", "marshal", "shelve", "dill"}
SOURCES = sorted(Path(moo.__file__).parent.rglob("*.py"))


def primitives(jaxpr):
    """Yield the names of all primitives, those of called jaxprs included."""
    for eqn in jaxpr.eqns:
        yield eqn.primitive.name
        for value in jax.tree.leaves(list(eqn.params.values()), is_leaf=_is_jaxpr):
            inner = getattr(value, "jaxpr", value)
            if hasattr(inner, "eqns"):
                yield from primitives(inner)


def _is_jaxpr(value):
    return hasattr(value, "eqns") or hasattr(value, "jaxpr")


@methods
def test_no_host_in_the_step(name):
    found = set(primitives(traced(name).jaxpr.jaxpr))
    assert "scan" in found
    assert {name for name in found if any(word in name for word in HOST)} == set()


@methods
@pytest.mark.conformance
def test_lowers_for_accelerators(name):
    tx = TABLE[name].build(M)
    asked = jax.tree.map(jnp.asarray, FOURS["random 0"])

    def step(asked):
        return stepper(name, tx)(tx.init(jnp.zeros(D)), asked, asked.losses)[1:]

    exported = jax.export.export(jax.jit(step), platforms=["cuda", "rocm", "tpu"])(asked)
    assert exported.platforms == ("cuda", "rocm", "tpu")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: "/".join(path.parts[-2:]))
def test_sources_load_and_solve_nothing_unsafe(path):
    tree = ast.parse(path.read_text())
    imported = set(_imports(tree))
    assert imported.isdisjoint(UNSAFE)
    simulates = path.parent.name == "data"  # it looks for a parameter of its simulation
    assert simulates or not any(name.startswith("scipy.optimize") for name in imported)
    assert {"eval", "exec"}.isdisjoint(_calls(tree))


def _imports(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _calls(tree):
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return {func.id for func in calls if isinstance(func, ast.Name)}
