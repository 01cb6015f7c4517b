import jax
import jax.numpy as jnp
import numpy as np
import pytest

from moo import _lanes

LANES = np.arange(1, 8, dtype=np.float32)


def wide(lane, shared):
    """A lane whose temporaries are far larger than what it takes and returns."""
    table = jnp.sin(lane * shared[:, None] + shared)

    def body(i, carry):
        return jnp.cos(carry @ table)

    return jax.lax.fori_loop(0, 2, body, table).sum()


def programs(monkeypatch, chunk):
    """The results, and the program with the arguments of each of its calls."""
    made, calls, jit = [], [], jax.jit

    def watched(fn):
        made.append(jit(fn))

        def call(*args):
            calls.append(args)
            return made[-1](*args)

        return call

    with monkeypatch.context() as patch:
        patch.setattr(jax, "jit", watched)
        found = _lanes.side_by_side(wide, LANES, jnp.linspace(0, 1, 64), chunk)
    return found, made, calls


@pytest.mark.parametrize(("chunk", "widths"), [(None, [7]), (7, [7]), (9, [7]), (6, [4, 4]),
                                               (3, [3, 3, 3]), (1, [1] * 7)])  # fmt: skip
def test_chunks_are_equal_and_compiled_once(monkeypatch, chunk, widths):
    found, (program,), calls = programs(monkeypatch, chunk)
    assert program._cache_size() == 1
    assert [len(lanes) for lanes, _ in calls] == widths
    expected = [wide(lane, jnp.linspace(0, 1, 64)) for lane in LANES]
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_temporaries_are_bounded_by_the_chunk(monkeypatch):
    def peak(chunk):
        _, (program,), calls = programs(monkeypatch, chunk)
        return program.lower(*calls[0]).compile().memory_analysis().temp_size_in_bytes

    one, three, every = (peak(chunk) for chunk in (1, 3, None))
    assert one >= 64 * 64 * 4
    assert three <= 3.3 * one
    assert every >= 2 * three
