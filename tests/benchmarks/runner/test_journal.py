import errno
import os
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.runner import _journal
from benchmarks.runner._journal import DamagedError, append, encode, read, repair

RECORDS = [{"step": 0, "loss": 1.5}, {"step": 10, "loss": None}, {"note": "a\nb ü"}]


@pytest.fixture
def journal(tmp_path):
    path = tmp_path / "metrics.jsonl"
    append(path, *RECORDS)
    return path


def test_a_line_is_the_record_behind_its_crc():
    assert encode({"b": 1, "a": 0.1}) == b'{"crc":"%08x","a":0.1,"b":1}\n' % zlib.crc32(
        b'"a":0.1,"b":1}'
    )


def test_records_are_read_back_in_order(journal):
    append(journal, {"last": True})
    assert read(journal) == ([*RECORDS, {"last": True}], 0)


@pytest.mark.parametrize("record", [{}, {"crc": 1}, {"x": float("nan")}])
def test_what_no_line_can_hold_is_refused_before_anything_is_written(journal, record):
    before = journal.read_bytes()
    with pytest.raises(ValueError, match=r"crc|finite"):
        append(journal, {"good": 1}, record)
    assert journal.read_bytes() == before


def test_a_tail_cut_at_any_byte_costs_the_cut_line_only(journal):
    content = journal.read_bytes()
    for length in range(len(content) + 1):
        journal.write_bytes(content[:length])
        whole = content[:length].count(b"\n")
        kept = b"".join(map(encode, RECORDS[:whole]))
        assert read(journal) == (RECORDS[:whole], length - len(kept))
        assert journal.stat().st_size == length
        assert repair(journal) == (RECORDS[:whole], length - len(kept))
        assert journal.read_bytes() == kept
        append(journal, *RECORDS[whole:])
        assert journal.read_bytes() == content


def test_every_flipped_bit_is_detected_or_is_a_lost_last_newline(journal):
    content = journal.read_bytes()
    for bit in range(8 * len(content)):
        flipped = bytearray(content)
        flipped[bit // 8] ^= 1 << bit % 8
        journal.write_bytes(flipped)
        if bit // 8 == len(content) - 1:
            assert repair(journal).records == RECORDS[:-1]
        else:
            with pytest.raises(DamagedError, match=r"metrics\.jsonl:\d: damaged"):
                repair(journal)
            assert journal.read_bytes() == flipped


def test_records_behind_a_checkpoint_are_cut_off(journal):
    assert repair(journal, keep=1).records == RECORDS[:1]
    assert journal.read_bytes() == encode(RECORDS[0])
    with pytest.raises(DamagedError, match="holds 1 records where 2 were written"):
        repair(journal, keep=2)


def test_a_journal_that_is_not_there_is_empty(tmp_path):
    assert repair(tmp_path / "none.jsonl", keep=0) == ([], 0)
    assert not (tmp_path / "none.jsonl").exists()


def test_a_full_disk_leaves_what_was_there(journal, monkeypatch):
    before = journal.read_bytes()

    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(_journal.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        append(journal, {"more": 1})
    assert journal.read_bytes() == before


@given(st.lists(st.dictionaries(st.text().filter("crc".__ne__), st.integers() | st.text(),
                                min_size=1), max_size=4), st.data())  # fmt: skip
def test_any_records_survive_any_cut(tmp_path_factory, records, data):
    path = tmp_path_factory.getbasetemp() / "any.jsonl"
    path.unlink(missing_ok=True)
    append(path, *records)
    content = path.read_bytes()
    length = data.draw(st.integers(0, len(content)))
    path.write_bytes(content[:length])
    assert repair(path).records == records[: content[:length].count(b"\n")]
