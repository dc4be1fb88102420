#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The part of a screen locker that draws: speaks to its PAM helper.

    locker_talk.py HELPER [ANSWER]...

The two exchange packets on standard input and output: a letter, a blank, the
length, a newline, so many bytes, a newline.  P and U ask and are answered by p
and u; i and e tell; x says that the person has left, which is what happens when
the answers are used up.

Prints "asked: TEXT", "info: TEXT", "error: TEXT", and at the end "status: N",
the helper's: 0 opens the screen.
"""

import subprocess
import sys

NAMES = {"P": "asked", "U": "asked", "i": "info", "e": "error"}


def read_packet(stream):
    head = stream.readline()
    if not head:
        return None, None
    kind, length = head.decode().split()
    text = stream.read(int(length) + 1)
    return kind, text[:-1].decode()


def write_packet(stream, kind, text):
    stream.write(("%s %d\n%s\n" % (kind, len(text), text)).encode())
    stream.flush()


def main():
    helper = subprocess.Popen(sys.argv[1:2], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE)
    answers = sys.argv[2:]
    while True:
        kind, text = read_packet(helper.stdout)
        if kind is None:
            break
        print("%s: %s" % (NAMES.get(kind, "packet " + kind), text),
              flush=True)
        if kind in "PU" and answers:
            write_packet(helper.stdin, kind.lower(), answers.pop(0))
        elif kind in "PU":
            write_packet(helper.stdin, "x", "")
    print("status:", helper.wait())


main()
