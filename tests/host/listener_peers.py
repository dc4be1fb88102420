#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Peers of a listening verifier that mean no good, as several users.

    listener_peers.py silent SOCKET COUNT UID...
        opens COUNT conversations, as each uid in turn, says nothing, prints
        "open N", and holds them until standard input ends
    listener_peers.py flood SOCKET KIND UID SECONDS
        does the same thing over and over: connect, half, huge, state, fd;
        prints how often
    listener_peers.py linger SOCKET LISTENER_PID UID
        takes all places of the uid, then passes descriptors whose close takes
        an hour to a verifier that has no place for it; prints "passed N", and
        holds all until standard input ends
"""

import os
import resource
import signal
import socket
import struct
import sys
import time

HELLO = bytes.fromhex("0a0408011009")  # versions 1 to 9
LOGIN = bytes.fromhex("12070a05616c696365")


def connect(path, uid):
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    os.seteuid(uid)
    try:
        sock.connect(path)
    finally:
        os.seteuid(0)
    sock.settimeout(5)
    return sock


def hold(what):
    print(what, flush=True)
    sys.stdin.read()


def silent(path, count, *uids):
    held = []
    for i in range(int(count)):
        held.append(connect(path, int(uids[i % len(uids)])))
    hold("open %d" % len(held))


def send(sock, kind, null):
    if kind == "half":
        sock.send(HELLO)
        sock.send(LOGIN[:5])
    elif kind == "huge":
        sock.send(b"\x0a" * 60000)
    elif kind == "state":
        sock.send(LOGIN)
        sock.send(LOGIN)
    elif kind == "fd":
        socket.send_fds(sock, [HELLO], [null] * 20)
        socket.send_fds(sock, [b""], [null])


def flood(path, kind, uid, seconds):
    end = time.monotonic() + float(seconds)
    null = os.open("/dev/null", os.O_RDONLY)
    times = 0
    while time.monotonic() < end:
        try:
            with connect(path, int(uid)) as sock:
                send(sock, kind, null)
        except OSError:
            pass  # turned away in the middle of it
        times += 1
    print(kind, times)


def slow_to_close():
    """A TCP connection whose last close waits for a reader that never reads."""
    server = socket.create_server(("127.0.0.1", 0))
    client = socket.create_connection(server.getsockname())
    reader, _ = server.accept()
    client.setblocking(False)
    try:
        while True:
            client.send(b"x" * 65536)
    except BlockingIOError:
        pass
    client.setblocking(True)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                      struct.pack("ii", 1, 3600))
    return client, reader


def linger(path, pid, uid):
    held = []
    for _ in range(8):
        sock = connect(path, int(uid))
        sock.send(HELLO)
        sock.recv(2048)
        held.append(sock)
    os.kill(int(pid), signal.SIGSTOP)
    passed = 0
    for first in (b"x", b"", HELLO):
        sock = connect(path, int(uid))
        slow, reader = slow_to_close()
        if first == HELLO:  # behind one that is as usual
            sock.send(first)
        socket.send_fds(sock, [first[:1]], [slow.fileno()])
        slow.close()
        held += [sock, reader]
        passed += 1
    os.kill(int(pid), signal.SIGCONT)
    hold("passed %d" % passed)


def main():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    {"silent": silent, "flood": flood, "linger": linger}[sys.argv[1]](
        *sys.argv[2:])


main()
