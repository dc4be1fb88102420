#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""An application that asks for a second factor before it deletes the ledger.

    protect.py [-r REALM] SUBJECT LEDGER

The same as protect.c, without the library: it speaks the verifier's protocol
itself, with what protoc makes of wire.proto (docs/protocol.md).
"""

import getopt
import os
import socket
import stat
import struct
import sys

from google.protobuf.message import DecodeError

import wire_pb2 as wire

SOCKET = "/run/medusa-mfa/socket"
SERVICE = "ledger"    # as it stands in messages and in the log
PACKET = 2048         # no packet is longer
LOWEST = 2            # version of the protocol: realms and challenges
HIGHEST = 3           # what is used here is the same in both
TIMEOUT = 25          # seconds for one reply; some wait for a delivery
SYNTAX = 3            # error of what cannot be a code
WRONG = 29            # error of a code that does not match


class Refused(Exception):
    """The verifier says no, or says nothing that could be a yes."""

    def __init__(self, text, code=0):
        super().__init__(text)
        self.code = code  # of an Error reply


def check_place(path):
    """Only root can have put a socket there."""
    folder = os.path.dirname(path)
    if not path.startswith("/") or os.path.normpath(path) != path:
        raise Refused("the socket needs an absolute path")
    while True:
        st = os.lstat(folder)
        if not stat.S_ISDIR(st.st_mode) or st.st_uid != 0 or st.st_mode & 0o022:
            raise Refused("%s is not root's alone" % folder)
        if folder == "/":
            return
        folder = os.path.dirname(folder)


def check_listener(sock):
    """The kernel names whoever called listen()."""
    peer = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    if struct.unpack("iII", peer)[1] != 0:
        raise Refused("the listener is not root")


def text(name, value, longest):
    """A field of the protocol: UTF-8, and not longer than the verifier takes."""
    try:
        size = len(value.encode())
    except UnicodeEncodeError as e:
        raise Refused("%s: not UTF-8" % name) from e
    if size > longest:
        raise Refused("%s: at most %d bytes" % (name, longest))
    return value


def typed(code):
    """A code as it was typed: bytes, whatever they are."""
    if len(code) > 128:
        raise Refused("this cannot be a code", SYNTAX)
    return code


class Verifier:
    """Asks for the subjects of one realm, each time in a new conversation."""

    def __init__(self, realm="", path=SOCKET):
        self.realm = text("realm", realm, 32)
        self.path = path

    def _connect(self):
        check_place(self.path)
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            sock.settimeout(TIMEOUT)
            sock.connect(self.path)
            check_listener(sock)
        except BaseException:
            sock.close()
            raise
        return sock

    @staticmethod
    def _recv(sock):
        data, _, flags, _ = sock.recvmsg(PACKET)
        if not data:
            raise Refused("the verifier is gone")
        reply = wire.Reply()
        if flags & (socket.MSG_TRUNC | socket.MSG_CTRUNC):
            raise Refused("not a packet of the protocol")
        reply.ParseFromString(data)
        kind = reply.WhichOneof("what")
        if kind is None:
            raise Refused("a kind of reply that is not known here")
        if kind == "error":
            code = reply.error.code
            raise Refused(reply.error.text or "error %d" % code, code)
        return kind, getattr(reply, kind)

    def ask(self, request, wanted):
        """Sends one request; returns the first reply, which is of that kind."""
        try:
            with self._connect() as sock:
                hello = wire.Request()
                hello.hello.lowest, hello.hello.highest = LOWEST, HIGHEST
                sock.send(hello.SerializeToString())
                kind, reply = self._recv(sock)
                if kind != "welcome" or \
                        not LOWEST <= reply.version <= HIGHEST:
                    raise Refused("no version in common")
                sock.send(request.SerializeToString())
                kind, reply = self._recv(sock)
        except OSError as e:
            raise Refused("no verifier: %s" % e) from e
        except DecodeError as e:
            raise Refused("not a packet of the protocol") from e
        if kind != wanted:
            raise Refused("%s instead of %s" % (kind, wanted))
        return reply

    def status(self, user):
        request = wire.Request()
        request.status.user = text("subject", user, 256)
        request.status.realm = self.realm
        return self.ask(request, "account")

    def enroll(self, user):
        request = wire.Request()
        request.enroll.user = text("subject", user, 256)
        request.enroll.realm = self.realm
        return self.ask(request, "enrolled")

    def confirm(self, user, factor, code):
        request = wire.Request()
        request.confirm.user = text("subject", user, 256)
        request.confirm.realm = self.realm
        request.confirm.factor = text("factor", factor, 32)
        request.confirm.code = typed(code)
        return self.ask(request, "confirmed")

    def challenge_start(self, user, service, rhost=""):
        request = wire.Request()
        request.challenge_start.user = text("subject", user, 256)
        request.challenge_start.realm = self.realm
        request.challenge_start.service = text("service", service, 64)
        request.challenge_start.rhost = text("rhost", rhost, 255)
        challenge = self.ask(request, "challenge")
        if challenge.not_required == bool(challenge.id and challenge.method):
            raise Refused("a challenge that contradicts itself")
        return challenge

    def challenge_send(self, challenge_id, factor=""):
        request = wire.Request()
        request.challenge_send.id = text("id", challenge_id, 840)
        request.challenge_send.factor = text("factor", factor, 32)
        self.ask(request, "done")

    def challenge_verify(self, challenge_id, code, method=""):
        """Returns the verdict; accepted(verdict) is the only yes."""
        request = wire.Request()
        request.challenge_verify.id = text("id", challenge_id, 840)
        request.challenge_verify.method = text("method", method, 32)
        request.challenge_verify.code = typed(code)
        return self.ask(request, "verdict")


def accepted(verdict):
    """One number accepts, and only if nothing else speaks against it."""
    return (verdict.code == wire.VERDICT_ACCEPT and verdict.error == 0 and
            verdict.reason in (wire.REASON_NONE, wire.REASON_OK))


def complain(what, why):
    print("protect: %s: %s" % (what, why), file=sys.stderr, flush=True)


def ask(prompt):
    """One line of bytes; empty at the end of the input."""
    print(prompt, end="", flush=True)
    return sys.stdin.buffer.readline().rstrip(b"\n")


def enroll(verifier, subject):
    """A new factor, confirmed by its first code."""
    pending = verifier.enroll(subject)
    print("Key: %s\nURL: %s" % (pending.secret, pending.otpauth_url))
    while True:
        code = ask("Code from your app: ")
        if not code:
            return False
        try:
            confirmed = verifier.confirm(subject, pending.id, code)
        except Refused as e:
            complain("not confirmed", e)
            if e.code not in (SYNTAX, WRONG):
                return False
            continue
        for recovery in confirmed.code:
            print("Recovery code: %s" % recovery)
        return True


def answer(verifier, challenge):
    """Asks until an answer is accepted, or there is no use in asking again."""
    while True:
        line = ask("Code, METHOD CODE, or send: ")
        if not line:
            return False
        if line == b"send":
            try:
                verifier.challenge_send(challenge.id)
                print("A code is on its way.")
            except Refused as e:
                complain("no code was sent", e)
            continue
        word, _, code = line.partition(b" ")
        method = word.decode("ascii", "replace")
        if method not in challenge.method:
            method, code = "", line
        verdict = verifier.challenge_verify(challenge.id, code, method)
        if accepted(verdict):
            return True
        complain("refused", verdict.text or "wrong code")
        if verdict.attempts_left == 0:
            return False


def is_subject(verifier, subject):
    """The one question that the rest of an application has to ask."""
    challenge = verifier.challenge_start(subject, SERVICE)
    # Not because of an error: the host's policy exempts the subject.
    if challenge.not_required:
        return True
    print("Methods: %s" % " ".join(challenge.method))
    return answer(verifier, challenge)


def main():
    try:
        options, words = getopt.getopt(sys.argv[1:], "r:")
    except getopt.GetoptError:
        words = []
    if len(words) != 2:
        print("usage: protect.py [-r REALM] SUBJECT LEDGER", file=sys.stderr)
        return 2
    subject, ledger = words
    # Nobody has to prove anything for what cannot be done.
    if not os.path.lexists(ledger):
        complain(ledger, "no such file")
        return 1
    try:
        verifier = Verifier(dict(options).get("-r", ""))
        # Policy may let subjects pass that are not enrolled.  This one does
        # not: whoever is new is enrolled first.
        if not verifier.status(subject).enrolled and \
                not enroll(verifier, subject):
            return 1
        if not is_subject(verifier, subject):
            return 1
    except Refused as e:
        complain("refused", e)
        return 1
    try:
        os.unlink(ledger)
    except OSError as e:
        complain(ledger, e.strerror)
        return 1
    print("The ledger is deleted.")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print(file=sys.stderr)
        sys.exit(130)
