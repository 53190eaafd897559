# SPDX-License-Identifier: Apache-2.0
"""Serves a folder on a free port of 127.0.0.1, whose number it prints: range_server.py FOLDER [CERTIFICATE].

With a certificate, a PEM file that holds its key too, it speaks TLS.

The first part of a path says how well: /ok/a/b is the file a/b as a good server sends it, the other modes are
those of `Handler.answer`. /count/NAME, /sent/MODE and /peak/MODE say how often a mode or a path was asked for,
how many bytes of bodies a mode sent, and how many of its requests were under way at once. It ends with its
standard input, so that no test leaves it behind.
"""

import collections
import gzip
import http.server
import os
import pathlib
import re
import ssl
import sys
import threading
import time
import urllib.parse

folder = pathlib.Path(sys.argv[1]).resolve()
count, sent, active, peak = (collections.Counter() for _ in range(4))
lock = threading.Lock()
# Servers that do not know the last bytes of a file, each in its way.
suffixes = {"azure", "strict", "python"}
modes = suffixes | {
    "ok", "slow", "forbidden", "bucket", "short", "torn", "noranges", "flaky", "broken", "redirect", "loop", "gzip",
    "nohead", "dying", "silent", "trickle", "signed",
}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_HEAD(self):
        self.handle_as(head=True)

    def do_GET(self):
        self.handle_as(head=False)

    def handle_as(self, head):
        self.path, _, self.query = self.path.partition("?")
        self.mode, _, name = self.path.lstrip("/").partition("/")
        name = urllib.parse.unquote(name)
        for counter, word in [(count, "count"), (sent, "sent"), (peak, "peak")]:
            if self.mode == word:
                return self.reply(200, str(counter[name]).encode(), head=head)
        with lock:
            count[self.mode] += 1
            count[self.path] += 1
            active[self.mode] += 1
            peak[self.mode] = max(peak[self.mode], active[self.mode])
        try:
            self.answer(self.mode, name, count[self.path], head)
        finally:
            with lock:
                active[self.mode] -= 1

    def answer(self, mode, name, number, head):
        if mode not in modes:
            return self.reply(404, b"no such mode", head=head)
        if mode == "forbidden":
            return self.reply(403, b"no", head=head)
        # "old" has expired by the time that the second layer of shards is asked for.
        signed = {"X-Amz-Expires=9&X-Amz-Signature=a%2Fb", "X-Amz-Expires=9&X-Amz-Signature=old"}
        if mode == "signed" and (self.query not in signed or self.query.endswith("old") and "/c/1/" in name):
            return self.reply(403, b"no", head=head)
        if mode == "redirect":
            return self.reply(302, b"", {"Location": f"/ok/{urllib.parse.quote(name)}"}, head=head)
        if mode == "loop":
            return self.reply(302, b"", {"Location": self.path}, head=head)
        if mode == "broken" or (mode == "flaky" and number <= 2):
            return self.reply(503, b"busy", {"Retry-After": "0"}, head=head)
        if mode == "dying" and "/c/1/" in name and not (folder / "healed").exists():
            return self.reply(503, b"busy", head=head)
        if mode == "nohead" and head:
            return self.reply(405, b"", head=head)
        if mode == "silent":
            return time.sleep(3)
        if mode == "slow":
            time.sleep(0.02)
        file = (folder / name).resolve()
        if not file.is_file() or folder not in file.parents:
            return self.reply(403 if mode == "bucket" else 404, b"missing", head=head)
        size = file.stat().st_size
        wanted = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", ""))
        if mode == "gzip":
            return self.reply(200, gzip.compress(file.read_bytes()), {"Content-Encoding": "gzip"}, head=head)
        if head or not wanted or mode == "noranges" or (mode == "azure" and not wanted[1]):
            return self.reply(200, file if head else self.read(file, 0, size), head=head)
        first, last = wanted.groups()
        if not first and mode == "strict":
            return self.reply(416, b"", head=head)
        if not first and mode == "python":
            first = "0"
        start, end = (int(first), min(int(last or size), size - 1)) if first else (max(0, size - int(last)), size - 1)
        if start >= size:
            return self.reply(416, b"", {"Content-Range": f"bytes */{size}"}, head=head)
        part = self.read(file, start, end + 1 - start)
        if mode == "short":
            part = part[: len(part) // 2]
        self.reply(206, part, {"Content-Range": f"bytes {start}-{end}/{size}"}, head=head)

    @staticmethod
    def read(path, start, length):
        with open(path, "rb") as file:
            file.seek(start)
            return file.read(length)

    def reply(self, status, body, headers={}, head=False):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(body.stat().st_size if isinstance(body, pathlib.Path) else len(body)))
        self.end_headers()
        if head:
            return
        with lock:
            sent[self.mode] += len(body)
        if self.mode == "torn":
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
        elif self.mode == "trickle":
            for place in range(len(body)):
                self.wfile.write(body[place : place + 1])
                time.sleep(0.1)
        else:
            self.wfile.write(body)

    def log_message(self, *arguments):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, address):
        # A client that goes away early is what some tests are about.
        pass


server = Server(("127.0.0.1", 0), Handler)
if len(sys.argv) > 2:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[2])
    server.socket = context.wrap_socket(server.socket, server_side=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_port, flush=True)
sys.stdin.read()
os._exit(0)
