#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Prints what a YubiKey types: one Yubico OTP.

usage: yubico_token.py PUBLICID PRIVATEID AESKEY COUNTER SESSION [TIME RANDOM]

The public id is modhex, private id and key are hexadecimal, the others are
numbers.  Written from the format alone, so that it can prove yubico_otp.c.
"""

import struct
import subprocess
import sys

MODHEX = str.maketrans("0123456789abcdef", "cbdefghijklnrtuv")


def crc(data):
    """CRC-16 of ISO 13239, not inverted."""
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0x8408 if value & 1 else 0)
    return value


def encrypt(key, block):
    """One block of AES-128."""
    return subprocess.run(
        ["openssl", "enc", "-aes-128-ecb", "-nopad", "-K", key],
        input=block,
        stdout=subprocess.PIPE,
        check=True,
    ).stdout


def main(public_id, private_id, key, *numbers):
    """The answer of one press."""
    counter, session, time, rand = (*map(int, numbers), 0x1234, 0x5678)[:4]
    block = bytes.fromhex(private_id) + struct.pack(
        "<HHBBH", counter, time & 0xFFFF, time >> 16, session, rand
    )
    block += struct.pack("<H", crc(block) ^ 0xFFFF)
    print(public_id + encrypt(key, block).hex().translate(MODHEX))


if __name__ == "__main__":
    if len(sys.argv) not in (6, 8):
        sys.exit(__doc__)
    main(*sys.argv[1:])
