#!/usr/bin/env python3
"""Makes the cases of this folder with zlib: CASE/in.gz, CASE/content (what must come out), CASE/expect (error and
its offset in in.gz, "any" where the format fixes none; bytes of content that may be kept back before the error).

The cases are kept as files, so that tests need no Python; run this again after a change here.
Standard library only; the same bytes every time."""
import pathlib
import random
import struct
import zlib

HERE = pathlib.Path(__file__).parent
CRC16, EXTRA, NAME, COMMENT = 2, 4, 8, 16


def deflate(data, level=6, strategy=zlib.Z_DEFAULT_STRATEGY):
    z = zlib.compressobj(level, zlib.DEFLATED, -15, 9, strategy)
    return z.compress(data) + z.flush()


def header(flags=0, extra=b"", name=b"", comment=b"", crc=None, method=8):
    head = struct.pack("<BBBBIBB", 0x1F, 0x8B, method, flags, 0, 0, 255)
    if flags & EXTRA:
        head += struct.pack("<H", len(extra)) + extra
    if flags & NAME:
        head += name + b"\0"
    if flags & COMMENT:
        head += comment + b"\0"
    if flags & CRC16:
        head += struct.pack("<H", (zlib.crc32(head) & 0xFFFF) if crc is None else crc)
    return head


def trailer(data, crc_xor=0, length_add=0):
    return struct.pack("<II", zlib.crc32(data) ^ crc_xor, (len(data) + length_add) & 0xFFFFFFFF)


def member(data, level=6, strategy=zlib.Z_DEFAULT_STRATEGY, **kinds):
    return header(**kinds) + deflate(data, level, strategy) + trailer(data)


def story(bytes_wanted, seed):
    """Text that looks like a log: words repeated at near and far distances."""
    rng = random.Random(seed)
    words = [b"".join(rng.choice([b"user", b"role", b"Get", b"Put", b"List", b"s3", b"ec2", b"-", b":"]) for _ in range(3))
             for _ in range(200)]
    out = bytearray()
    while len(out) < bytes_wanted:
        out += b'{"eventName":"' + rng.choice(words) + b'","n":' + str(rng.randrange(10**6)).encode() + b"},"
    return bytes(out[:bytes_wanted])


def write(name, data, content, error="NZ_OK", offset="any", kept_back=0):
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    (folder / "in.gz").write_bytes(data)
    (folder / "content").write_bytes(content)
    (folder / "expect").write_text(f"{error} {offset} {kept_back}\n")


def good():
    text = b"the watch that does not sleep, the watch that does not sleep\n"
    write("empty-member", member(b""), b"")
    write("fixed-codes", member(text, strategy=zlib.Z_FIXED), text)
    write("stored", member(story(700, 1), level=0), story(700, 1))
    write("dynamic-codes", member(story(1500, 2), level=9), story(1500, 2))
    write("all-header-fields", member(text, flags=CRC16 | EXTRA | NAME | COMMENT | 1, extra=b"AB\x02\x00xy",
                                      name=b"trail.json", comment=b"a comment"), text)
    write("extra-without-bytes", member(text, flags=EXTRA), text)
    write("two-members", member(text) + member(story(300, 3)), text + story(300, 3))
    write("empty-member-between", member(text) + member(b"") + member(text), text + text)
    write("empty-member-last", member(text) + member(b""), text)
    write("zero-padding", member(text) + bytes(20), text)
    large = story(50_000, 4) + bytes(40_000) + story(50_000, 4)[25_000:] + story(10_000, 5)
    write("larger-than-the-history", member(large, level=9), large)
    first = story(70_000, 6)
    write("large-then-small", member(first, level=9) + member(text), first + text)


def bad():
    text = b"the watch that does not sleep, the watch that does not sleep\n"
    body = deflate(text)
    whole = member(text)
    write("not-gzip-at-all", b"plain", b"", "NZ_E_GZIP_DATA", 0)
    write("other-method", header(method=7) + body + trailer(text), b"", "NZ_E_GZIP_DATA", 0)
    write("reserved-flag", header(flags=0x40) + body + trailer(text), b"", "NZ_E_GZIP_DATA", 0)
    write("header-checksum", header(flags=CRC16, crc=0x1234) + body + trailer(text), b"", "NZ_E_GZIP_CHECKSUM", 10)
    write("checksum", header() + body + trailer(text, crc_xor=1), text, "NZ_E_GZIP_CHECKSUM", 10 + len(body))
    write("length-too-small", header() + body + trailer(text, length_add=-1), text, "NZ_E_GZIP_CHECKSUM", 14 + len(body))
    write("length-too-large", header() + body + trailer(text, length_add=1), text, "NZ_E_GZIP_CHECKSUM", 14 + len(body))
    write("length-huge", header() + body + trailer(text, length_add=-len(text) - 1), text, "NZ_E_GZIP_CHECKSUM",
          14 + len(body))
    write("second-member-checksum", whole + header() + body + trailer(text, crc_xor=0x80000000), text + text,
          "NZ_E_GZIP_CHECKSUM", len(whole) + 10 + len(body))
    write("trailing-garbage", whole + b"garbage", text, "NZ_E_GZIP_TRAILING", len(whole))
    write("trailing-half-magic", whole + b"\x1f\x8b", text, "NZ_E_GZIP_TRAILING", len(whole))
    write("trailing-after-zeros", whole + bytes(5) + b"x", text, "NZ_E_GZIP_TRAILING", len(whole) + 5)
    # block type 3 (RFC 1951, section 3.2.3: "11 - reserved (error)") after a stored block that ends on a byte
    stored = struct.pack("<BHH", 0, len(text), len(text) ^ 0xFFFF) + text
    write("reserved-block", header() + stored + b"\x07" + trailer(text), text, "NZ_E_GZIP_DATA")
    first = story(700, 7)
    stored = struct.pack("<BHH", 0, len(first), len(first) ^ 0xFFFF) + first
    write("distance-too-far", header() + far_match(), b"a", "NZ_E_GZIP_DATA", kept_back=258)
    write("distance-too-far-later", header() + stored + far_match(), first + b"a", "NZ_E_GZIP_DATA", kept_back=258)


def far_match():
    """A fixed-code block: literal 'a', then length 3 at distance 769, which is more than stands before it here."""
    # BFINAL 1, BTYPE 01 low bit first, then the codes of RFC 1951, section 3.2.6, high bit first
    bits = "1" + "10" + format(0x30 + ord("a"), "08b") + "0000001" + "10011" + "0" * 8 + "0000000"
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i:i + 8][::-1], 2) for i in range(0, len(bits), 8)) + bytes(16)


if __name__ == "__main__":
    good()
    bad()
