# SPDX-License-Identifier: Apache-2.0
"""What goes wrong on demand. A fault waits for its turn and then stands in for the answer.

As text (--fault) a fault is KIND or KIND,NAME=VALUE,..., as JSON {"kind": ..., ...}:

  which requests   path=GLOB (of the decoded path)  method=GET  nth=1 (the first that matches)
                   count=1 (that many in a row; 0: all from then on)  listener=main
  any 3-digit kind that status in the source's own shape; body=TEXT  header=NAME:VALUE
                   retry-after=SECONDS | date+SECONDS | date-SECONDS | raw:TEXT
                   wait=SECONDS (what another header of it tells the client to wait)
  slow             the answer after ms=1000
  trickle          the body in 20 pieces over ms=1000
  hang             no answer until the client goes away
  close            the connection ends without an answer, and nothing has happened
  lost             it happened, and the connection ends without an answer
  stuck            it happened, and no answer comes until the client goes away
  after            it happened, and status=504 says otherwise
  reset            the same with RST
  truncated        half of the body, then the connection ends (its length says all of it)
  reset-mid        the same with RST
  garbage          200 with a body that is no JSON         html        200 with a web page
  empty            200 without a body                      bad-utf8    200, JSON but for one byte
  bad-gzip         says gzip, is not                       bomb        bytes=N unpacked
  huge             bytes=N of JSON                         deep        depth=N arrays
  headers          a header of bytes=N                     bad-status  no status line
  redirect         to=same (another path here)  other (the other address)  loop (for ever)
                   http (from TLS to plain)  or url=URL;  status=302
"""
import email.utils
import fnmatch
import gzip
import socket
import struct
import time

import wire

REDIRECTS = ("same", "other", "loop", "http")


def parse(text):
    words = text.split(",")
    fault = {"kind": words[0]}
    for word in words[1:]:
        name, equals, value = word.partition("=")
        if not equals:
            raise ValueError("a fault is KIND,NAME=VALUE,...: %s" % text)
        fault[name] = value
    return Fault(fault)


class Fault:
    """One fault; its own counter says whose turn it is."""

    def __init__(self, what):
        self.what = dict(what)
        self.kind = str(self.what.pop("kind"))
        self.path = self.what.pop("path", "*")
        self.method = self.what.pop("method", "*")
        self.listener = self.what.pop("listener", "main")
        self.nth = int(self.what.pop("nth", 1))
        self.count = int(self.what.pop("count", 1))
        self.seen = 0
        self.done = 0
        if not self.is_status() and self.kind not in KINDS:
            raise ValueError("no such fault: %s" % self.kind)

    def is_status(self):
        return self.kind.isdigit() and len(self.kind) == 3

    def turn(self, request):
        """Counts the request; True when this fault is to strike. Call with the fake's lock."""
        if request.listener != self.listener or self.method not in ("*", request.method) or \
                not fnmatch.fnmatchcase(request.path, self.path):
            return False
        self.seen += 1
        if self.seen < self.nth or (self.count and self.seen >= self.nth + self.count):
            return False
        self.done += 1
        return True

    def number(self, name, default):
        return int(self.what.get(name, default))

    def stats(self):
        return dict(self.what, kind=self.kind, path=self.path, nth=self.nth, count=self.count,
                    seen=self.seen, done=self.done)

    def strike(self, fake, connection, request, limit, answer):
        """Answers instead; answer() makes the true one. True: the connection can go on."""
        if self.is_status():
            return connection.send(request, self.status_answer(fake, request, limit))
        return KINDS[self.kind](self, fake, connection, request, answer)

    def status_answer(self, fake, request, limit):
        status = int(self.kind) if self.is_status() else self.number("status", 504)
        answer = fake.source.error(status, request)
        if "body" in self.what:
            answer = wire.Answer(status, self.what["body"], content_type="text/plain")
        extra, wait = [], self.what.get("wait")
        if "header" in self.what:
            name, _, value = self.what["header"].partition(":")
            extra.append((name, value.strip()))
        if "retry-after" in self.what:
            text, wait = _retry_after(str(self.what["retry-after"]))
            extra.append(("Retry-After", text))
        # Nobody is held to an absurd wait.
        if limit is not None and wait is not None and 0 < float(wait) <= 3600:
            limit.tell(time.monotonic(), float(wait))
        return answer.with_headers(extra)


def _retry_after(text):
    """The header's text, and the seconds that it really means (None: nothing)."""
    if text.startswith("raw:"):
        return text[4:], None
    if text.startswith("date"):
        now = time.time()
        then = int(now) + int(text[4:])
        return email.utils.formatdate(then, usegmt=True), then - now
    return text, float(text)


def _slow(fault, fake, connection, request, answer):
    made = answer()
    fake.stopping.wait(fault.number("ms", 1000) / 1000)
    return connection.send(request, made)


def _trickle(fault, fake, connection, request, answer):
    head, body = connection.encode(request, answer())
    connection.raw(head)
    step = max(1, len(body) // 20)
    for i in range(0, len(body), step):
        fake.stopping.wait(fault.number("ms", 1000) / 20000)
        connection.raw(body[i:i + step])
    return True


def _hang(_fault, fake, connection, _request, _answer):
    connection.socket.settimeout(0.1)
    while not fake.stopping.is_set():
        try:
            if not connection.socket.recv(4096):
                break
        except (socket.timeout, TimeoutError):
            continue
        except OSError:
            break
    return False


def _close(_fault, _fake, _connection, _request, _answer):
    return False


def _lost(_fault, _fake, _connection, _request, answer):
    answer()
    return False


def _stuck(fault, fake, connection, request, answer):
    answer()
    return _hang(fault, fake, connection, request, answer)


def _after(fault, fake, connection, request, answer):
    answer()
    return connection.send(request, fault.status_answer(fake, request, None))


def rst(connection):
    """The next close sends RST instead of FIN."""
    connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.abrupt = True


def _reset(_fault, _fake, connection, _request, _answer):
    rst(connection)
    return False


def _half(connection, request, answer):
    head, body = connection.encode(request, answer())
    connection.raw(head + body[:len(body) // 2])


def _truncated(_fault, _fake, connection, request, answer):
    _half(connection, request, answer)
    return False


def _reset_mid(_fault, fake, connection, request, answer):
    _half(connection, request, answer)
    fake.stopping.wait(0.05)  # or RST overtakes what was sent
    rst(connection)
    return False


def _body(content, content_type="application/json", headers=()):
    def strike(_fault, _fake, connection, request, _answer):
        return connection.send(request, wire.Answer(200, content, headers, content_type))
    return strike


def _bomb(fault, _fake, connection, request, _answer):
    left = fault.number("bytes", 100 << 20)
    packer = gzip.zlib.compressobj(9, gzip.zlib.DEFLATED, 31)
    parts, blank = [packer.compress(b'{"items":[]')], b" " * (1 << 20)
    while left > 0:
        parts.append(packer.compress(blank[:left]))
        left -= len(blank)
    parts += [packer.compress(b"}"), packer.flush()]
    return connection.send(request, wire.Answer(200, b"".join(parts),
                                                [("Content-Encoding", "gzip")]))


def _huge(fault, _fake, connection, request, _answer):
    left = fault.number("bytes", 100 << 20)
    head = wire.Headers([("Content-Type", "application/json"),
                         ("Content-Length", str(left))])
    connection.raw(wire.head_bytes(200, head))
    if request.method == "HEAD":
        return True
    piece = b"x" * (1 << 16)
    start, end = b'{"items":["', b'"]}'
    connection.raw(start)
    left -= len(start) + len(end)
    while left > 0:
        connection.raw(piece[:left])
        left -= len(piece)
    connection.raw(end)
    return True


def _deep(fault, _fake, connection, request, _answer):
    depth = fault.number("depth", 100000)
    return connection.send(request, wire.Answer(200, b"[" * depth + b"]" * depth))


def _headers(fault, _fake, connection, request, answer):
    extra = [("X-Long", "x" * fault.number("bytes", 1 << 20))]
    return connection.send(request, answer().with_headers(extra))


def _bad_status(_fault, _fake, connection, _request, _answer):
    connection.raw(b"HTTP/1.1 nothing\r\nContent-Length: 0\r\n\r\n")
    return False


def location(fake, request, to):
    """Where a redirect of this kind leads."""
    if to == "same":
        return "/_fake/hop" + request.target
    if to == "loop":
        return "/_fake/loop" + request.target
    if to == "other":
        return fake.address("other") + "/_fake/elsewhere" + request.target
    return fake.address("other") + "/_fake/downgrade" + request.target


def _redirect(fault, fake, connection, request, _answer):
    to = fault.what.get("to", "same")
    url = fault.what.get("url") or location(fake, request, to)
    return connection.send(request, wire.Answer(fault.number("status", 302), b"",
                                                [("Location", url)]))


KINDS = {
    "lost": _lost, "stuck": _stuck, "after": _after,
    "slow": _slow, "trickle": _trickle, "hang": _hang, "close": _close, "reset": _reset,
    "truncated": _truncated, "reset-mid": _reset_mid, "bomb": _bomb, "huge": _huge,
    "deep": _deep, "headers": _headers, "bad-status": _bad_status, "redirect": _redirect,
    "garbage": _body(b"\x00\xff\xfenot json at all{{{"),
    "html": _body(b"<!doctype html><title>Sign in</title>", "text/html"),
    "empty": _body(b""),
    "bad-utf8": _body(b'{"items":[{"id":1,"text":"a\xffb"}]}'),
    "bad-gzip": _body(b"this is not gzip", headers=[("Content-Encoding", "gzip")]),
}
