# SPDX-License-Identifier: Apache-2.0
"""Serves a folder on a free port of 127.0.0.1, whose number it prints: range_server.py FOLDER.

The first part of a path says how well: /ok/a/b is the file a/b as a good server sends it; see `modes`. It ends
with its standard input, so that no test leaves it behind.
"""

import collections
import gzip
import http.server
import os
import pathlib
import re
import sys
import threading
import time
import urllib.parse

folder = pathlib.Path(sys.argv[1]).resolve()
seen = collections.Counter()
lock = threading.Lock()
modes = [
    "ok", "forbidden", "short", "torn", "noranges", "nosuffix", "unlistable", "flaky", "broken", "redirect", "gzip",
    "nohead", "dying", "drip",
]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_HEAD(self):
        self.answer(head=True)

    def do_GET(self):
        self.answer(head=False)

    def answer(self, head):
        mode, _, name = self.path.lstrip("/").partition("/")
        name = urllib.parse.unquote(name)
        with lock:
            seen[mode] += 1
            seen[self.path] += 1
            count = seen[self.path]
        if mode == "count":
            return self.reply(200, str(seen[name]).encode(), head=head)
        if mode not in modes:
            return self.reply(404, b"no such mode", head=head)
        if mode == "forbidden":
            return self.reply(403, b"no", head=head)
        if mode == "redirect":
            return self.reply(302, b"", {"Location": f"/ok/{urllib.parse.quote(name)}"}, head=head)
        if mode == "broken" or (mode == "flaky" and count <= 2):
            return self.reply(503, b"busy", head=head)
        if mode == "dying" and "/c/1/" in name and not (folder / "healed").exists():
            return self.reply(503, b"busy", head=head)
        if mode == "nohead" and head:
            return self.reply(405, b"", head=head)
        file = (folder / name).resolve()
        if not file.is_file() or folder not in file.parents:
            return self.reply(403 if mode == "unlistable" else 404, b"missing", head=head)
        body = file.read_bytes()
        if mode == "gzip":
            return self.reply(200, gzip.compress(body), {"Content-Encoding": "gzip"}, head=head)
        wanted = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", ""))
        if not wanted or mode == "noranges" or (mode == "nosuffix" and not wanted[1]):
            return self.reply(200, body, head=head, cut=mode == "torn")
        size = len(body)
        first, last = wanted.groups()
        start, end = (int(first), min(int(last), size - 1)) if first else (max(0, size - int(last)), size - 1)
        if start >= size:
            return self.reply(416, b"", {"Content-Range": f"bytes */{size}"}, head=head)
        part = body[start : end + 1]
        if mode == "short":
            part = part[: len(part) // 2]
        self.reply(206, part, {"Content-Range": f"bytes {start}-{end}/{size}"}, head=head, cut=mode == "torn")

    def reply(self, status, body, headers={}, head=False, cut=False):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.path.startswith("/drip/"):
            for byte in body:
                self.wfile.write(bytes([byte]))
                time.sleep(0.2)
        elif cut:
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
        elif not head:
            self.wfile.write(body)

    def log_message(self, *arguments):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


server = Server(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_port, flush=True)
sys.stdin.read()
os._exit(0)
