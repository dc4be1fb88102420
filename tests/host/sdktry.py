#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The challenge calls of sdktry.c through docs/examples/protect.py.

    sdktry.py FOLDER [-r REALM] start USER | verify ID CODE [METHOD]

FOLDER is where protect.py and wire_pb2.py are.
"""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import protect  # noqa: E402


def main():
    words = sys.argv[2:]
    realm = ""
    if words[0] == "-r":
        realm = words[1]
        words = words[2:]
    verifier = protect.Verifier(realm)
    try:
        if words[0] == "start":
            challenge = verifier.challenge_start(words[1], "sdktry")
            print("free" if challenge.not_required else challenge.id)
            return 0
        verdict = verifier.challenge_verify(words[1],
                                            os.fsencode(words[2]), *words[3:])
    except protect.Refused as e:
        print("error %d %s" % (e.code, e))
        return 1
    if protect.accepted(verdict):
        print("accepted %s" % verdict.method)
        return 0
    print("left=%d refused %s" % (verdict.attempts_left, verdict.text))
    return 1


sys.exit(main())
