import numpy as np
import pytest

from moo.data import DataError, _npz
from moo.data._npz import Layout, read_npz

LAYOUTS = {"bits": Layout("uint8", (None, 2)), "names": Layout("U", (None,))}
BITS = np.arange(6, dtype=np.uint8).reshape(3, 2)
NAMES = np.array(["one", "three"])


@pytest.fixture
def write(tmp_path):
    def save(**arrays):
        path = tmp_path / "a.npz"
        np.savez_compressed(path, **({"bits": BITS, "names": NAMES} | arrays))
        return path

    return save


def test_reads_what_was_written(write):
    found = read_npz(write(), LAYOUTS)
    np.testing.assert_array_equal(found["bits"], BITS)
    assert found["names"].tolist() == ["one", "three"]


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"more": BITS}, r"holds \['bits', 'more', 'names'\], expected \['bits', 'names'\]"),
        ({"bits": BITS.astype(np.int64)}, "array 'bits': is int64, expected uint8"),
        ({"bits": BITS[0]}, r"array 'bits': has the shape \(2,\), expected \(None, 2\)"),
        ({"bits": BITS.T}, r"array 'bits': has the shape \(2, 3\), expected"),
        ({"bits": np.asfortranarray(BITS)}, "array 'bits': is stored by columns"),
        ({"names": np.array([{}], object)}, "array 'names': is object, expected U"),
    ],
)
def test_other_arrays_are_refused(write, arrays, message):
    with pytest.raises(DataError, match=r"a\.npz: " + message):
        read_npz(write(**arrays), LAYOUTS)


def test_size_is_checked_before_unpacking(write, monkeypatch):
    monkeypatch.setattr(_npz, "_MOST_BYTES", 5)
    with pytest.raises(DataError, match="array 'bits': 6 bytes, expected at most 5"):
        read_npz(write(), LAYOUTS)


def test_every_truncation_and_flipped_byte_is_a_data_error_or_harmless(write):
    path = write()
    whole = path.read_bytes()
    for position in range(len(whole)):
        damaged = bytearray(whole)
        damaged[position] ^= 0x11
        for content in (whole[:position], bytes(damaged)):
            path.write_bytes(content)
            try:
                found = read_npz(path, LAYOUTS)
            except DataError:
                continue
            assert found["bits"].tolist() == BITS.tolist()


def test_missing_file(tmp_path):
    with pytest.raises(DataError, match=r"no\.npz: cannot be read"):
        read_npz(tmp_path / "no.npz", LAYOUTS)
