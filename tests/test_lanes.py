import threading
import time

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


SHARED = np.linspace(0, 1, 64, dtype=np.float32)


@pytest.fixture
def cores(monkeypatch):
    """Four cores, that share lanes from the second on."""
    monkeypatch.setattr("os.cpu_count", lambda: 4)
    monkeypatch.setattr(_lanes, "_FEW", 2)


@pytest.mark.parametrize(("chunk", "width"), [(None, 7), (7, 7), (9, 7), (6, 4), (3, 3), (1, 1)])
def test_chunks_are_equal_and_compiled_once(chunk, width):
    mapped = _lanes.Mapped.over(wide, LANES, SHARED, chunk)
    assert (mapped.parts.shape[1], mapped.threads) == (width, 1)
    np.testing.assert_allclose(mapped(), [wide(lane, SHARED) for lane in LANES], rtol=1e-4)


@pytest.mark.parametrize(
    ("chunk", "width", "threads"),
    [(None, 3, 3), (7, 3, 3), (6, 2, 3), (5, 2, 2), (4, 2, 2), (3, 3, 1)],
)
def test_cores_share_a_chunk(cores, chunk, width, threads):
    mapped = _lanes.Mapped.over(wide, LANES, SHARED, chunk)
    assert (mapped.parts.shape[1], mapped.threads) == (width, threads)
    np.testing.assert_allclose(mapped(), [wide(lane, SHARED) for lane in LANES], rtol=1e-4)


@pytest.mark.parametrize("chunk", [2, 4, 5])
def test_no_more_lanes_at_once_than_a_chunk(cores, monkeypatch, chunk):
    running, most, lock = [], [], threading.Lock()

    def watched(self, at):
        with lock:
            running.append(len(at))
            most.append(sum(running))
        time.sleep(0.02)
        with lock:
            running.remove(len(at))
        return self.lanes[at]

    monkeypatch.setattr(_lanes.Mapped, "_call", watched)
    found = _lanes.Mapped.over(wide, LANES, SHARED, chunk)()
    np.testing.assert_array_equal(found, LANES)
    assert max(most) <= chunk


def test_typed_keys_come_back_in_order(cores):
    keys = jax.random.split(jax.random.key(0), 7)
    found = _lanes.side_by_side(lambda key, _: jax.random.fold_in(key, 1), keys, (), None)
    expected = jax.vmap(lambda key: jax.random.fold_in(key, 1))(keys)
    np.testing.assert_array_equal(jax.random.key_data(found), jax.random.key_data(expected))


def test_temporaries_are_bounded_by_the_chunk():
    def peak(chunk):
        program = _lanes.Mapped.over(wide, LANES, SHARED, chunk).program
        return program.memory_analysis().temp_size_in_bytes

    one, three, every = (peak(chunk) for chunk in (1, 3, None))
    assert one >= 64 * 64 * 4
    assert three <= 3.3 * one
    assert every >= 2 * three
