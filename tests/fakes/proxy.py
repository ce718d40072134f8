#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A proxy for HTTP: CONNECT and requests with an absolute URL. Whichever host is asked for, it
speaks to the same port of this machine, so that names need not exist.

    --user NAME:PASSWORD    what a client must say in Proxy-Authorization, or gets 407

Prints what fake.py prints. At the other address: /_fake/log, what the proxy was told, as JSON lines
{"line": "CONNECT a:443 HTTP/1.1", "headers": {...}}; POST /_fake/reset forgets it.
"""
import argparse
import base64
import http.server
import json
import select
import signal
import socket
import sys
import threading

BUFFER = 65536


class Proxy:
    def __init__(self, args):
        self.lock, self.log = threading.Lock(), []
        self.wanted = args.user and "Basic " + base64.b64encode(args.user.encode()).decode()

    @staticmethod
    def read_head(client):
        head = b""
        while b"\r\n\r\n" not in head:
            more = client.recv(BUFFER)
            if not more:
                return None, None, b""
            head += more
        head, _, rest = head.partition(b"\r\n\r\n")
        line, *headers = head.decode("latin-1").split("\r\n")
        return line, {name.lower(): value.strip() for name, _, value in
                      (header.partition(":") for header in headers)}, rest

    @staticmethod
    def pass_on(one, other):
        """Both ways until one end closes."""
        while True:
            for ready in select.select([one, other], [], [])[0]:
                data = ready.recv(BUFFER)
                if not data:
                    return
                (other if ready is one else one).sendall(data)

    def serve(self, client):
        line, headers, rest = self.read_head(client)
        if line is None:
            return
        with self.lock:
            self.log.append({"line": line, "headers": headers})
        if self.wanted and headers.get("proxy-authorization") != self.wanted:
            client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n"
                           b"Proxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n")
            return
        method, target, _ = line.split(" ")
        authority = target if method == "CONNECT" else target.split("/")[2]
        with socket.create_connection(("127.0.0.1", int(authority.rpartition(":")[2]))) as server:
            if method == "CONNECT":
                client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            else:
                path = "/" + target.split("/", 3)[3]
                kept = "".join("%s: %s\r\n" % pair for pair in headers.items()
                               if not pair[0].startswith("proxy-"))
                server.sendall(("%s %s HTTP/1.1\r\n%s\r\n" % (method, path, kept)).encode() + rest)
            self.pass_on(client, server)

    def accept(self, listener):
        while True:
            client, _ = listener.accept()
            threading.Thread(target=self.one, args=(client,), daemon=True).start()

    def one(self, client):
        try:
            with client:
                self.serve(client)
        except OSError:
            pass


def control(proxy):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            with proxy.lock:
                body = "".join(json.dumps(told) + "\n" for told in proxy.log).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self):
            with proxy.lock:
                proxy.log.clear()
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--user")
    proxy = Proxy(parser.parse_args())
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=proxy.accept, args=(listener,), daemon=True).start()
    print("other http://127.0.0.1:%d" % control(proxy))
    print("ready http://127.0.0.1:%d" % listener.getsockname()[1], flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
