#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A source that speaks HTTP/2 over TLS and nothing else (RFC 9113), to count connections and
streams. It answers every request with a page of its own, whatever it asks for: so it need not
understand HPACK, only write it.

    --hold N      the first N requests are answered when N of them are there at once; after 20
                  seconds they are answered all the same
    --goaway N    the first connection ends after N requests (GOAWAY), with those behind refused
    --rows N      rows of a page

Prints what fake.py prints. /_fake/stats at the other address: connections, requests (of all
connections), most_streams (open at once on one connection).
"""
import argparse
import http.server
import json
import os
import shutil
import signal
import socket
import struct
import sys
import tempfile
import threading

import tls

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, CONTINUATION = 0, 1, 3, 4, 6, 7, 9
END_STREAM, ACK, END_HEADERS = 1, 1, 4


class Book:
    """What the test asks, under one lock."""

    def __init__(self):
        self.lock = threading.Condition()
        self.connections = self.requests = self.most_streams = 0

    def begin(self, open_now):
        with self.lock:
            self.requests += 1
            self.most_streams = max(self.most_streams, open_now)
            self.lock.notify_all()
            return self.requests

    def hold(self, until):
        with self.lock:
            self.lock.wait_for(lambda: self.requests >= until, 20)

    def stats(self):
        with self.lock:
            return {"connections": self.connections, "requests": self.requests,
                    "most_streams": self.most_streams}


class Connection:
    def __init__(self, sock, book, args, number):
        self.sock, self.book, self.args, self.number = sock, book, args, number
        self.send_lock = threading.Lock()
        self.open, self.taken = set(), 0

    def send(self, kind, flags, stream, payload=b""):
        with self.send_lock:
            self.sock.sendall(struct.pack(">I", len(payload))[1:] + bytes((kind, flags)) +
                              struct.pack(">I", stream) + payload)

    def read(self, n):
        got = b""
        while len(got) < n:
            more = self.sock.recv(n - len(got))
            if not more:
                raise ConnectionError
            got += more
        return got

    def answer(self, stream, number):
        self.book.hold(min(number, self.args.hold) and self.args.hold)
        body = json.dumps({"items": [{"id": number * 1000 + i} for i in range(self.args.rows)]})
        # :status 200 is entry 8 of the static table; the others are literals without Huffman
        block = b"\x88" + b"".join(
            b"\x00" + bytes((len(name),)) + name + bytes((len(value),)) + value
            for name, value in ((b"content-type", b"application/json"),
                                (b"content-length", str(len(body)).encode())))
        try:
            self.send(HEADERS, END_HEADERS, stream, block)
            self.send(DATA, END_STREAM, stream, body.encode())
        except OSError:
            pass
        self.open.discard(stream)

    def request(self, stream):
        self.taken += 1
        if self.number == 1 and self.args.goaway and self.taken > self.args.goaway:
            return
        self.open.add(stream)
        number = self.book.begin(len(self.open))
        worker = threading.Thread(target=self.answer, args=(stream, number), daemon=True)
        worker.start()
        if self.number == 1 and self.taken == self.args.goaway:
            worker.join()
            self.send(GOAWAY, 0, 0, struct.pack(">II", stream, 0))

    def serve(self):
        if self.read(len(PREFACE)) != PREFACE:
            return
        self.send(SETTINGS, 0, 0, struct.pack(">HI", 3, 100))
        while True:
            head = self.read(9)
            payload = self.read(struct.unpack(">I", b"\0" + head[:3])[0])
            kind, flags, stream = head[3], head[4], struct.unpack(">I", head[5:])[0]
            if kind == SETTINGS and not flags & ACK:
                self.send(SETTINGS, ACK, 0)
            elif kind == PING and not flags & ACK:
                self.send(PING, ACK, 0, payload)
            elif kind in (HEADERS, CONTINUATION) and flags & END_HEADERS:
                self.request(stream)
            elif kind == GOAWAY:
                return


def serve(listener, context, book, args):
    while True:
        sock, _ = listener.accept()
        with book.lock:
            book.connections += 1
            number = book.connections

        def run(sock=sock, number=number):
            try:
                with context.wrap_socket(sock, server_side=True) as secure:
                    if secure.selected_alpn_protocol() == "h2":
                        Connection(secure, book, args, number).serve()
            except (OSError, ConnectionError):
                pass

        threading.Thread(target=run, daemon=True).start()


def control(book):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = json.dumps(book.stats()).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def main():
    parser = argparse.ArgumentParser()
    for name in ("hold", "goaway"):
        parser.add_argument("--" + name, type=int, default=0)
    parser.add_argument("--rows", type=int, default=10)
    args = parser.parse_args()
    folder, book = tempfile.mkdtemp(prefix="fake."), Book()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        context = tls.context(folder, "good")
        context.set_alpn_protocols(["h2"])
        listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=serve, args=(listener, context, book, args), daemon=True).start()
        print("other http://127.0.0.1:%d" % control(book))
        print("ca " + os.path.join(folder, "ca.pem"))
        print("ready https://127.0.0.1:%d" % listener.getsockname()[1], flush=True)
        sys.stdin.read()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
