#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A mail server that is none: mail_trouble.py PORT WHAT

silent:  accepts and says nothing
banner:  greets without an end
drip:    a byte of the greeting every 0.2 seconds
body:    takes everything but never says that it has the mail
refuse:  takes the mail but not the responsibility
auth:    offers authentication without TLS
inject:  offers STARTTLS and says more in the clear behind the answer
echo:    refuses the mail with what it was sent, as several lines

Serves one client after the other until it is ended.
"""

import socket
import sys
import time

GREETING = b"220 trouble ESMTP\r\n"


def lines(client):
    """What the client says, a line each."""
    with client.makefile("rb") as stream:
        yield from stream


def talk(client, what):
    """A dialogue up to the end of the mail."""
    client.sendall(GREETING)
    body, seen = False, b""
    for line in lines(client):
        seen += line
        if body:
            if line != b".\r\n":
                continue
            if what == "body":
                time.sleep(60)
            elif what == "echo":
                said = seen.replace(b"\r\n", b"\r\n554-")
                client.sendall(b"554-" + said + b"\r\n554 end\r\n")
            else:
                client.sendall(b"554 no\r\n")
            body = False
        elif line.startswith(b"DATA"):
            client.sendall(b"354 go on\r\n")
            body = True
        elif line.startswith(b"STARTTLS"):
            client.sendall(b"220 go on\r\n250 take this\r\n")
        elif line.startswith(b"EHLO") and what == "inject":
            client.sendall(b"250-trouble\r\n250 STARTTLS\r\n")
        elif line.startswith(b"EHLO") and what == "auth":
            client.sendall(b"250-trouble\r\n250 AUTH PLAIN LOGIN\r\n")
        elif line.startswith(b"QUIT"):
            client.sendall(b"221 bye\r\n")
            return
        else:
            client.sendall(b"250 fine\r\n")


def serve(client, what):
    """One client."""
    if what == "silent":
        time.sleep(60)
    elif what == "banner":
        while True:
            client.sendall(b"220-" + b"x" * 60000)
    elif what == "drip":
        for byte in GREETING * 20:
            client.sendall(bytes([byte]))
            time.sleep(0.2)
    else:
        talk(client, what)


def main():
    """Until a signal comes."""
    listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
    while True:
        client, _ = listener.accept()
        try:
            serve(client, sys.argv[2])
        except OSError:
            pass
        client.close()


main()
