#!/usr/bin/env python3
"""Prints the two tables of src/core/text_width.c from Python's Unicode data; run by hand when Unicode grows.

wide: East_Asian_Width W or F (UAX #11), and all of planes 2 and 3, which it gives to ideographs to come.
zero: general category Mn, Me or Cf, and the Hangul vowels and finals that join the syllable before them.
Ranges are joined over code points that are not assigned: fewer rows, and nobody writes those.
"""
import unicodedata


def ranges(belongs):
    found, last = [], None
    for code in range(0x300, 0x20000):
        if unicodedata.category(chr(code)) == "Cn":
            continue
        if belongs(code):
            if last:
                last[1] = code
            else:
                last = [code, code]
                found.append(last)
        else:
            last = None
    return found


def table(name, rows):
    print("static const struct range %s[] = {" % name)
    for at in range(0, len(rows), 5):
        print("    " + " ".join("{0x%04x, 0x%04x}," % tuple(row) for row in rows[at:at + 5]))
    print("};\n")


zero = ranges(lambda c: unicodedata.category(chr(c)) in ("Mn", "Me", "Cf") or 0x1160 <= c <= 0x11FF)
wide = ranges(lambda c: unicodedata.east_asian_width(chr(c)) in "WF" and
              unicodedata.category(chr(c)) not in ("Mn", "Me", "Cf"))
print("/* Unicode %s */" % unicodedata.unidata_version)
table("zero", zero + [[0xE0001, 0xE01EF]])
table("wide", wide + [[0x20000, 0x3FFFD]])
