"""Make moo/data/_files/adult.npz from a parquet of UCI Adult (48,842 rows, test rows first).

Usage: python .ci/make_adult.py ADULT.parquet; prints the sha256 that moo/data/_adult.py checks.
"""

import argparse
import hashlib
import io
import os
from pathlib import Path

import numpy as np
import pyarrow.parquet as parquet

TARGET = Path(__file__).parents[1] / "moo" / "data" / "_files" / "adult.npz"
TEST_ROWS = 16_281
RENAMED = {"educational-num": "education-num", "gender": "sex"}


def main() -> None:
    """Read the parquet and write the npz."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path)
    table = parquet.read_table(parser.parse_args().source)
    # UCI's files are train, then test; their counts of positives tell the two blocks apart.
    order = np.roll(np.arange(table.num_rows), -TEST_ROWS)
    arrays = {}
    for source in table.column_names:
        name = RENAMED.get(source, source).replace("-", "_")
        values = table[source].to_numpy()[order]
        if values.dtype == object:
            names, codes = np.unique(values.astype(str), return_inverse=True)
            arrays |= {name: codes.astype(np.uint8), f"{name}.names": names}
        else:
            arrays[name] = values.astype(np.int32)
    rich = arrays["income"] == list(arrays["income.names"]).index(">50K")
    assert (rich[:-TEST_ROWS].sum(), rich[-TEST_ROWS:].sum()) == (7_841, 3_846), "not UCI's order"
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    write(buffer.getvalue())


def write(data: bytes) -> None:
    """Replace the file at once, so that a killed run leaves the old one."""
    TARGET.parent.mkdir(exist_ok=True)
    partial = TARGET.with_suffix(".partial")
    with partial.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, TARGET)
    print(f"{len(data):,} bytes, sha256 {hashlib.sha256(data).hexdigest()}")


if __name__ == "__main__":
    main()
