import jax.numpy as jnp
import numpy as np
import optax
import pytest

import moo
from moo import cli
from moo._profile import _square_root

WIDTH, ROWS = 12, 40
X = jnp.asarray(np.random.default_rng(0).normal(size=(ROWS, WIDTH)), jnp.float32)
W = jnp.ones((WIDTH, 3)) / WIDTH


def objectives(w, x):
    """Three linear outputs: 2 ROWS WIDTH 3 flops forward, as many to go back to the kernel."""
    return ((x @ w - 1) ** 2).mean(axis=0)


def made():
    return objectives, W, X


def test_the_flops_are_those_of_the_products():
    product = 2 * ROWS * WIDTH * 3
    one, three = moo.profile(objectives, W, X, methods=["mean", "mgda"], repeats=1)
    assert 2 * product <= one.flops < 3 * product
    assert 4 * product <= three.flops < 6 * product  # a forward pass and three backward ones
    assert (one.engine, three.engine) == ("one backward", "unroll")
    assert (one.backward_passes, three.backward_passes) == ("1", "m")


def test_flops_count_every_gradient_of_a_loop():
    many = jnp.ones((WIDTH, 12)) / WIDTH
    (cost,) = moo.profile(objectives, many, X, methods=["mgda"], repeats=1)
    assert cost.engine == "scan"
    assert cost.flops >= 13 * 2 * ROWS * WIDTH * 12


def test_a_row_at_a_time_is_told_and_has_no_count():
    (cost,) = moo.profile(objectives, W, X, methods=["mgda"], repeats=1, gram="auto", memory=0)
    assert cost.engine == "jvp"
    assert np.isnan(cost.flops)


def test_times_and_shares_are_of_a_step():
    costs = moo.profile(objectives, W, X, methods=["famo", "modo", "nash_mtl"], repeats=3,
                        after=optax.adam(1e-3), batched=(True,))  # fmt: skip
    assert all(cost.milliseconds > 0 and cost.compilation > 0 for cost in costs)
    famo, modo, nash = (cost.solver for cost in costs)
    assert np.isnan(modo)  # of three batches
    assert np.isnan(famo)  # of losses after the step
    assert 0 < nash <= 1


def test_the_parameters_given_are_not_touched():
    before = np.asarray(W).copy()
    moo.profile(objectives, W, X, methods=["mean"], repeats=2)
    np.testing.assert_array_equal(W, before)


def test_the_square_root_has_the_gramian():
    J = np.random.default_rng(1).normal(size=(3, 7)).astype(np.float32)
    rows = np.asarray(_square_root(jnp.asarray(J @ J.T)))
    np.testing.assert_allclose(rows @ rows.T, J @ J.T, rtol=1e-4)


def test_what_cannot_be_measured_is_refused():
    with pytest.raises(ValueError, match="mgd"):
        moo.profile(objectives, W, X, methods=["mgd"])
    with pytest.raises(ValueError, match="repeats must be at least 1, got 0"):
        moo.profile(objectives, W, X, repeats=0)


def test_the_command_prints_a_table(capsys):
    assert cli.main(["profile", f"{__name__}:made", "mean", "mgda", "--repeats", "1"]) == 0
    header, *rows = capsys.readouterr().out.splitlines()
    assert header.split("  ")[0] == "method"
    assert [row.split()[0] for row in rows] == ["mean", "mgda"]


@pytest.mark.parametrize("target", ["no_such_module:made", f"{__name__}:none", "json:loads"])
def test_a_target_that_is_none_is_told(target, capsys):
    assert cli.main(["profile", target]) == 2
    assert "must be MODULE:FUNCTION" in capsys.readouterr().err


def test_a_target_of_another_form_is_told(capsys):
    assert cli.main(["profile", "tempfile:gettempdir"]) == 2
    assert "must return (objectives, params, *args)" in capsys.readouterr().err
