# SPDX-License-Identifier: Apache-2.0
"""HTTP/1.1 on a socket: one request in, one answer out. Knows nothing of sources or faults."""
import base64
import gzip
import json
import urllib.parse

REASONS = {200: "OK", 201: "Created", 204: "No Content", 301: "Moved Permanently", 302: "Found",
           303: "See Other", 304: "Not Modified", 307: "Temporary Redirect",
           308: "Permanent Redirect", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden",
           404: "Not Found", 408: "Request Timeout", 409: "Conflict", 422: "Unprocessable Content",
           429: "Too Many Requests", 500: "Internal Server Error", 502: "Bad Gateway",
           503: "Service Unavailable", 504: "Gateway Timeout"}
MAX_LINE = 1 << 20


class Broken(Exception):
    """The client sent what is no HTTP request."""


class Headers(list):
    """Pairs in the order and spelling of the wire; asked for without regard to case."""

    def get(self, name, default=None):
        for key, value in self:
            if key.lower() == name.lower():
                return value
        return default

    def all(self, name):
        return [value for key, value in self if key.lower() == name.lower()]


class Request:
    """One request. path is decoded, target is what stood in the request line."""

    def __init__(self, method, target, headers, body):
        self.method, self.target, self.headers, self.body = method, target, headers, body
        parts = urllib.parse.urlsplit(target)
        self.raw_path = parts.path
        self.path = urllib.parse.unquote(parts.path)
        self.query = urllib.parse.parse_qs(parts.query, keep_blank_values=True)
        self.match = {}         # the {names} of the route
        self.listener = "main"  # which of the fake's addresses it came to
        self.base = ""          # that address as the client knows it
        self.n = 0              # its number in the log

    def arg(self, name, default=None):
        """The first value of a query parameter."""
        return self.query.get(name, [default])[0]

    def number(self, name, default):
        """A query parameter as a whole number; ValueError when it is none."""
        return int(self.arg(name, default))

    def json(self):
        return json.loads(self.body.decode("utf-8"))

    def form(self):
        return {k: v[0] for k, v in urllib.parse.parse_qs(self.body.decode("utf-8")).items()}

    def basic(self):
        """(user, password) of Basic sign-in, or None."""
        kind, _, text = (self.headers.get("Authorization") or "").partition(" ")
        if kind.lower() != "basic":
            return None
        try:
            user, colon, password = base64.b64decode(text, validate=True).decode().partition(":")
        except ValueError:
            return None
        return (user, password) if colon else None

    def client(self):
        """(id, secret) of a client at a token endpoint: both form-encoded (RFC 6749, 2.3.1)."""
        both = self.basic()
        return tuple(urllib.parse.unquote_plus(part) for part in both) if both else None

    def bearer(self):
        """The token of `Authorization: Bearer`, or None."""
        kind, _, text = (self.headers.get("Authorization") or "").partition(" ")
        return text if kind.lower() == "bearer" else None


class Answer:
    """A status, headers and a whole body; its compressed form is made once."""

    def __init__(self, status=200, body=b"", headers=(), content_type="application/json"):
        self.status = status
        self.body = body if isinstance(body, bytes) else body.encode("utf-8")
        self.headers = Headers(headers)
        if self.body and self.headers.get("Content-Type") is None:
            self.headers.append(("Content-Type", content_type))
        self._gzip = None

    def with_headers(self, headers):
        other = Answer(self.status, self.body, list(self.headers) + list(headers))
        other._gzip = self.gzip() if self._gzip else None
        return other

    def gzip(self):
        if self._gzip is None:
            self._gzip = gzip.compress(self.body, 1)
        return self._gzip


def answer_json(value, status=200, headers=()):
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Answer(status, text.encode("utf-8", "surrogatepass"), headers,
                  "application/json; charset=utf-8")


def read_request(stream):
    """The next request of a connection, None at its end, Broken for anything else."""
    line = stream.readline(MAX_LINE)
    if not line:
        return None
    words = line.decode("latin-1").rstrip("\r\n").split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise Broken("no request line: %r" % line[:80])
    headers = Headers()
    while True:
        line = stream.readline(MAX_LINE)
        if not line:
            raise Broken("the headers end early")
        line = line.rstrip(b"\r\n")
        if not line:
            break
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon or not name or name != name.strip():
            raise Broken("no header line: %r" % line[:80])
        headers.append((name, value.strip()))
    return Request(words[0], words[1], headers, read_body(stream, headers))


def read_body(stream, headers):
    if (headers.get("Transfer-Encoding") or "").lower() == "chunked":
        parts = []
        while True:
            size = int(stream.readline(MAX_LINE).split(b";")[0], 16)
            parts.append(stream.read(size))
            stream.readline(MAX_LINE)
            if size == 0:
                return b"".join(parts)
    size = int(headers.get("Content-Length") or 0)
    body = stream.read(size)
    if len(body) != size:
        raise Broken("the body ends early")
    return body


def head_bytes(status, headers):
    lines = ["HTTP/1.1 %d %s" % (status, REASONS.get(status, "Status"))]
    lines += ["%s: %s" % pair for pair in headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


def encode(request, answer, may_gzip=True, chunked=False):
    """(head, body) as they go over the wire to this client."""
    headers = Headers(answer.headers)
    body = answer.body
    wants = (request.headers.get("Accept-Encoding") or "").lower()
    if may_gzip and "gzip" in wants and len(body) > 256 and \
            headers.get("Content-Encoding") is None:
        body = answer.gzip()
        headers += [("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")]
    if chunked and body:
        headers.append(("Transfer-Encoding", "chunked"))
        step = 4096
        pieces = [body[i:i + step] for i in range(0, len(body), step)] + [b""]
        body = b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in pieces)
    elif answer.status not in (204, 304):
        headers.append(("Content-Length", str(len(body))))
    if request.method == "HEAD":
        body = b""
    return head_bytes(answer.status, headers), body
