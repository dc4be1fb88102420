#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""An HTTP gateway for messages: webhook.py PORT FILE

Appends every POST to FILE: path, token and body, a line each.  What it answers
is in the path: /200 with 200, /302 with 302 and so on; /hang never answers.
"""

import http.server
import sys
import time


class Gateway(http.server.BaseHTTPRequestHandler):
    """Takes messages."""

    def do_POST(self):  # pylint: disable=invalid-name
        """One message."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with open(sys.argv[2], "ab") as out:
            out.write(("%s\n%s\n%s\n" % (
                self.path, self.headers["Authorization"],
                self.headers["Content-Type"])).encode())
            out.write(body + b"\n")
        if self.path == "/hang":
            time.sleep(60)
        self.send_response(int(self.path[1:]))
        if self.path == "/302":
            self.send_header("Location", "/200")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format, *args):  # pylint: disable=redefined-builtin
        """Nothing: standard error is the test's."""


http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Gateway).serve_forever()
