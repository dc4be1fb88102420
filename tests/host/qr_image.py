#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Turns a QR code drawn in text into a PBM image that a reader can scan.

Standard input is what medusa-mfa printed, the QR code anywhere in it: half
blocks (--qr utf8) or two "#" a module (--qr ascii), light modules drawn, with
or without colour escapes.  Standard output is a binary PBM (P4).

usage: qr_image.py [PIXELS_PER_MODULE] < TEXT > IMAGE.pbm
"""

import re
import sys

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
# What a character cell shows as light: its upper and its lower half.
CELLS = {
    " ": (False, False),
    "\u2580": (True, False),
    "\u2584": (False, True),
    "\u2588": (True, True),
    "#": (True, True),
}
NARROWEST = 21 + 2 * 2  # version 1 and the least margin


def drawn(line):
    """True if the line can be one of a QR code: a light margin on both sides."""
    return (
        len(line) >= NARROWEST
        and all(c in CELLS for c in line)
        and " " not in (line[0], line[-1])
    )


def find_symbol(text):
    """The longest run of drawn lines of one length."""
    best, run = [], []
    for line in text.splitlines():
        line = ESCAPE.sub("", line).rstrip("\r")
        if not drawn(line):
            run = []
            continue
        if run and len(run[0]) != len(line):
            run = []
        run.append(line)
        if len(run) > len(best):
            best = list(run)
    return best


def pixel_rows(lines):
    """Rows of booleans, True for light; a character is twice as high as wide."""
    for line in lines:
        for half in (0, 1):
            yield [CELLS[c][half] for c in line]


def pbm(lines, scale):
    """A P4 image: a set bit is black, rows end at a byte."""
    rows = list(pixel_rows(lines))
    width = len(rows[0]) * scale
    out = [b"P4\n%d %d\n" % (width, len(rows) * scale)]
    for row in rows:
        bits = "".join(("0" if light else "1") * scale for light in row)
        bits += "0" * (-len(bits) % 8)
        packed = int(bits, 2).to_bytes(len(bits) // 8, "big")
        out.append(packed * scale)
    return b"".join(out)


def main():
    scale = int(sys.argv[1]) if len(sys.argv) > 1 else 8
    lines = find_symbol(sys.stdin.buffer.read().decode("utf-8", "replace"))
    if not lines:
        sys.exit("qr_image.py: no QR code in the input")
    sys.stdout.buffer.write(pbm(lines, scale))


if __name__ == "__main__":
    main()
