import struct

from benchmarks import reports
from benchmarks.reports import _events
from benchmarks.reports._links import cells_link
from tests.benchmarks.reports.cells import START


def records(content):
    """Split a TFRecord file, and check both checksums of each record."""
    while content:
        (length,) = struct.unpack("<Q", content[:8])
        body, content, whole = content[12 : 12 + length], content[16 + length :], content
        for part, at in ((whole[:8], 8), (body, 12 + length)):
            (masked,) = struct.unpack("<I", whole[at : at + 4])
            crc = _events.crc32c(part)
            rotated = (crc >> 15) | (crc % (1 << 15)) << 17
            assert masked == (rotated + 0xA282EAD8) % (1 << 32)
        yield body


def test_the_checksum_is_castagnoli_s():
    # The check value of the catalogue of CRCs, and RFC 3720's 32 bytes of zeros and of ones.
    assert _events.crc32c(b"123456789") == 0xE3069283
    assert _events.crc32c(bytes(32)) == 0x8A9136AA
    assert _events.crc32c(b"\xff" * 32) == 0x62A8AB43


def test_every_chosen_run_has_its_rows(found, tmp_path):
    paths = reports.write_events([found], tmp_path)
    assert len(paths) == 12
    content = (tmp_path / cells_link(found, "mgda", "zdt1") / "seed0" / paths[0].name).read_bytes()
    head, *rows = records(content)
    assert head == b"\x1a\x0dbrain.Event:2"
    wanted = [(0, START), (5, 5.0), (10, 2.0)]
    value = b"\x0a\x03gap\x15"
    assert rows == [
        b"\x10" + bytes([step]) + b"\x2a\x0c\x0a\x0a" + value + struct.pack("<f", gap)
        for step, gap in wanted
    ]


def test_large_steps_take_several_bytes():
    assert _events._varint(300) == b"\xac\x02"
