# SPDX-License-Identifier: Apache-2.0
"""What every fake source stands on. Python 3 standard library only; see plain.py for the least
source there is.

A fake is one process on 127.0.0.1:

    /usr/bin/python3 plain.py --seed 1 --items 4321 --fault 429,nth=3,retry-after=1

It prints its addresses, the last line when it is ready, and ends with its stdin or at SIGTERM:

    other http://127.0.0.1:40001        another origin: no credential may ever arrive there
    ca /tmp/fake.x/ca.pem               with --tls only: what the client should trust
    ready http://127.0.0.1:40000

Options of every fake:
    --port N             instead of a free port
    --seed N             the same seed gives the same data
    --tls KIND           good, expired, other-name, self-signed: HTTPS with a throw-away authority
    --delay-ms N         each answer takes that long
    --gather N:TEXT      answers to paths with TEXT wait until N requests are there at once (the
                         first time; a minute at most): slow clients are seen to be parallel too
    --limit NAME=RATE/SECONDS[/CONCURRENT]   another size for a limit of this source
    --fault KIND,...     see faults.py; may be given again
    --chunked, --no-gzip how bodies are sent
    --no-sign-in         credentials are not checked

What a test asks (no sign-in, not counted, not in the log):
    GET    /_fake/log         one JSON line a request: n, t_ms, listener, connection, method,
                              target, headers, body, status, fault, limit
    GET    /_fake/stats       requests, connections, max_in_flight, paths, statuses, limits,
                              secrets (where which was seen), faults, violations
    POST   /_fake/faults      adds a fault (JSON, or a list of them); DELETE removes all
    POST   /_fake/reset       forgets log, counters and violations; data and faults stay
    GET    /_fake/ids?table=T what a full read must give, one a line, sorted (source's business)
    and what the source adds in control().

A violation is what no client may do; a test asks that there be none:
    credentials elsewhere    a credential came to an address or path which should not get it
    secret misplaced         a secret in a URL, a body or a header where it does not belong
    wait ignored             a request came while the client had been told to wait
    too many at a time       more requests in flight than the limit allows
    downgrade                the client followed a redirect from https to http
    broken request           what came was no HTTP
    ... and what the source itself finds wrong (Source.violation).
A request beyond a limit is no violation: it gets the vendor's 429 and counts as refused.

As a client, for shell tests:   fake.py ask URL [POST|DELETE [JSON]]   prints the body
                                fake.py ask URL stats.limits.x.refused  prints one value of it
"""
import argparse
import base64
import hmac
import json
import os
import random
import re
import shutil
import signal
import socket
import ssl
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request

import faults
import limits
import tls
import wire
from wire import Answer, answer_json

CONTROL = "/_fake/"
HOPS = ("hop", "loop", "elsewhere", "downgrade")    # below /_fake/, but traffic like any other


def route(method, path):
    """Marks a method of a Source: `@route("GET", "/items/{id}")`; {names} match one segment,
    {names...} the rest."""
    pattern = re.sub(r"\\{(\w+)\\\.\\\.\\\.\\}", r"(?P<\1>.+)", re.escape(path))
    pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", pattern)

    def mark(function):
        function.routes = getattr(function, "routes", []) + [(method, re.compile(pattern))]
        return function
    return mark


def same_secret(got, wanted):
    return got is not None and hmac.compare_digest(got.encode(), wanted.encode())


class Source:
    """The vendor. A fake is a subclass with routes, and `fake.main(TheSubclass)`."""

    name = "source"
    # Where secrets may stand: "LISTENER PLACE" with a place of header:NAME, url, body.
    secret_places = ("main header:authorization",)

    def __init__(self, args):
        self.args = args
        self.random = random.Random(args.seed)
        self.lock = threading.Lock()
        self.fake = None        # set before the first request
        self.limits = {}
        self.routes = [(method, pattern, getattr(self, key)) for key in dir(type(self))
                       for method, pattern in getattr(getattr(type(self), key), "routes", ())]

    # What a source gives in its own shape.
    @staticmethod
    def add_options(parser):
        """More command line options."""

    def add_limit(self, *args, **kwargs):
        limit = limits.Limit(*args, **kwargs)
        self.limits[limit.name] = limit

    def secrets(self):
        """{name: text}: every form in which a secret of this source can travel."""
        return {}

    def may_carry(self, request, name, where):
        """Whether the secret of that name may stand there ("LISTENER PLACE")."""
        return where in self.secret_places

    def sign_in(self, request):
        """None when the credentials are right, else the vendor's answer."""
        return None

    def bucket(self, request):
        """The name of the limit that counts this request, or None, or a tuple of names: the one
        that says most about it first. A limit that is not there yet (one a key) may be added."""
        return None

    def error(self, status, request):
        """An error as the vendor words it."""
        return answer_json({"error": wire.REASONS.get(status, "Error")}, status)

    def limited(self, request, limit, wait_s):
        """The vendor's 429; wait_s is whole seconds."""
        return self.error(429, request).with_headers([("Retry-After", str(wait_s))])

    def rate_headers(self, request, limit, left, reset_s):
        """The vendor's rate headers about one limit, on every answer that it counts."""
        return []

    def elsewhere(self, request):
        """What the other origin answers; it must look worth following."""
        return answer_json({})

    def control(self, name, request):
        """More below /_fake/; None: no such thing."""
        return None

    def ids(self, table, request):
        """What a full read of a table must give, or None."""
        return None

    # What a source uses.
    def violation(self, request, kind, text):
        self.fake.violation(request, kind, text)

    def handle(self, request):
        other_method = False
        for method, pattern, function in self.routes:
            match = pattern.fullmatch(request.raw_path)
            if match and method == request.method:
                request.match = {k: urllib.parse.unquote(v)
                                 for k, v in match.groupdict().items()}
                return function(request)
            other_method = other_method or bool(match)
        return self.error(405 if other_method else 404, request)


class Connection:
    """One client's connection, for as long as it is kept alive."""

    def __init__(self, fake, listener, sock, number):
        self.fake, self.listener, self.socket, self.number = fake, listener, sock, number
        self.abrupt = False

    def raw(self, data):
        self.socket.sendall(data)

    def encode(self, request, answer):
        args = self.fake.args
        return wire.encode(request, answer, not args.no_gzip, args.chunked)

    def send(self, request, answer):
        head, body = self.encode(request, answer)
        self.fake.note_status(request, answer.status)
        self.raw(head + body)
        return True

    def serve(self):
        stream = self.socket.makefile("rb")
        while True:
            try:
                request = wire.read_request(stream)
            except (wire.Broken, ValueError) as wrong:
                self.fake.violation(None, "broken request", str(wrong))
                return
            if request is None:
                return
            request.listener = self.listener
            request.base = self.fake.address(self.listener)
            keep = self.fake.serve(self, request)
            if not keep or (request.headers.get("Connection") or "").lower() == "close":
                return


class Fake:
    """The process: listeners, faults, limits, and the book of what happened."""

    def __init__(self, source, args):
        self.source, self.args = source, args
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        self.faults = [faults.parse(text) for text in args.fault]
        self.started = time.monotonic()
        self.folder = None
        self.listeners = {}     # name: (socket, url, context)
        self.open = set()
        source.fake = self
        for text in args.limit:
            name, rate, per_s, concurrent = limits.parse(text)
            if name not in source.limits:
                raise ValueError("no limit %s; there are: %s" % (
                    name, ", ".join(source.limits) or "none"))
            limit = source.limits[name]
            limit.rate, limit.per_s = rate, per_s
            limit.concurrent = limit.concurrent if concurrent is None else concurrent
        self.forget()

    # The book.
    def forget(self):
        with self.lock:
            self.log, self.violations, self.seen_secrets = [], [], {}
            self.paths, self.statuses = {}, {}
            self.in_flight = self.max_in_flight = self.connections = 0
        for limit in self.source.limits.values():
            limit.reset()

    def violation(self, request, kind, text):
        with self.lock:
            self.violations.append({"kind": kind, "request": request.n if request else None,
                                    "target": request.target if request else None,
                                    "text": text})

    def note_status(self, request, status):
        with self.lock:
            self.log[request.n]["status"] = status
            self.statuses[str(status)] = self.statuses.get(str(status), 0) + 1

    def note_request(self, connection, request):
        with self.lock:
            request.n = len(self.log)
            self.log.append({
                "n": request.n, "t_ms": round((time.monotonic() - self.started) * 1000, 1),
                "listener": request.listener, "connection": connection.number,
                "method": request.method, "target": request.target,
                "headers": list(request.headers), "body": request.body.decode("utf-8", "replace"),
                "status": None, "fault": None, "limit": None})
            key = "%s %s" % (request.method, request.path)
            self.paths[key] = self.paths.get(key, 0) + 1
            self.in_flight += 1
            self.max_in_flight = max(self.max_in_flight, self.in_flight)

    def note_secrets(self, request):
        """Where which secret travels, and whether it may."""
        places = [("url", urllib.parse.unquote(request.target) + "\n" + request.target)]
        places += [("header:" + k.lower(), v) for k, v in request.headers]
        places.append(("body", request.body.decode("utf-8", "replace")))
        secrets = self.source.secrets().items()
        for place, text in places:
            found = [name for name, secret in secrets if secret in text]
            where = "%s %s" % (request.listener, place)
            if found:
                with self.lock:
                    self.seen_secrets[where] = self.seen_secrets.get(where, 0) + 1
            for name in found:
                if request.listener != "main":
                    self.violation(request, "credentials elsewhere", "%s in %s" % (name, where))
                elif not self.source.may_carry(request, name, where):
                    self.violation(request, "secret misplaced", "%s in %s" % (name, where))
        if request.listener == "other":
            for name in ("Authorization", "Cookie", "Proxy-Authorization"):
                if request.headers.get(name) is not None:
                    self.violation(request, "credentials elsewhere", "the header " + name)

    def stats(self):
        with self.lock:
            return {"requests": len(self.log), "connections": self.connections,
                    "max_in_flight": self.max_in_flight, "paths": self.paths,
                    "statuses": self.statuses, "secrets": self.seen_secrets,
                    "limits": {k: v.stats() for k, v in self.source.limits.items()},
                    "faults": [f.stats() for f in self.faults],
                    "violations": list(self.violations)}

    # One request.
    def serve(self, connection, request):
        if request.path.startswith(CONTROL) and request.path.split("/")[2] not in HOPS:
            head, body = wire.encode(request, self.control(request))
            connection.raw(head + body)
            return True
        self.note_request(connection, request)
        self.note_secrets(request)
        if request.listener == "other":
            return self._serve_elsewhere(connection, request)
        if request.path.startswith(CONTROL + "loop"):
            self._end_hop(request, "loop")
            answer = Answer(302, b"", [("Location", faults.location(self, request, "loop"))])
            return self._finish((), lambda: connection.send(request, answer))
        if request.path.startswith(CONTROL + "hop"):
            self._end_hop(request, "hop")
        names = self.source.bucket(request) or ()
        names = (names,) if isinstance(names, str) else names
        counting = [self.source.limits[name] for name in names]
        if counting:
            with self.lock:
                self.log[request.n]["limit"] = ",".join(names)
        for limit in counting:
            for text in limit.arrive(limits.now()):
                kind = "too many at a time" if "at a time" in text else "wait ignored"
                self.violation(request, kind, text)
        return self._finish(counting, lambda: self._answer(connection, request, counting))

    @staticmethod
    def _end_hop(request, hop):
        """The request as if it had come straight to where the redirect began."""
        ended = wire.Request(request.method, request.target[len(CONTROL + hop):],
                             request.headers, request.body)
        for name in ("target", "raw_path", "path", "query"):
            setattr(request, name, getattr(ended, name))

    def _serve_elsewhere(self, connection, request):
        if request.path.startswith(CONTROL + "downgrade"):
            self.violation(request, "downgrade", "followed from https to http")
        return self._finish((), lambda: self._strike_or(
            connection, request, (), lambda: self.source.elsewhere(request)))

    def _finish(self, counting, act):
        try:
            return act()
        finally:
            with self.lock:
                self.in_flight -= 1
            for limit in counting:
                limit.leave()

    def _answer(self, connection, request, counting):
        if self.args.delay_ms:
            self.stopping.wait(self.args.delay_ms / 1000)
        self._gather(request)
        return self._strike_or(connection, request, counting,
                               lambda: self._true_answer(request, counting))

    def _gather(self, request):
        count, _, text = self.args.gather.partition(":")
        end = time.monotonic() + 60
        while text and text in request.path and self.max_in_flight < int(count) and \
                time.monotonic() < end and not self.stopping.wait(0.005):
            pass

    def _strike_or(self, connection, request, counting, answer):
        with self.lock:
            due = [f for f in self.faults if f.turn(request)]
            if due:
                self.log[request.n]["fault"] = due[0].kind
        if due:
            limit = counting[0] if counting else None
            return due[0].strike(self, connection, request, limit, answer)
        return connection.send(request, answer())

    def _true_answer(self, request, counting):
        if not self.args.no_sign_in:
            refused = self.source.sign_in(request)
            if refused is not None:
                return refused
        now = limits.now()
        beyond = [limit for limit in counting if not limit.take(now)]
        left = {limit.name: limit.left(now) for limit in counting}
        if beyond:
            wait = max(1, int(-(-left[beyond[0].name][1] // 1)))
            beyond[0].tell(now, wait)
            answer = self.source.limited(request, beyond[0], wait)
        else:
            answer = self._handled(request)
        headers = [h for limit in counting
                   for h in self.source.rate_headers(request, limit, *left[limit.name])]
        return answer.with_headers(headers) if headers else answer

    def _handled(self, request):
        try:
            return self.source.handle(request)
        except Exception as wrong:  # pylint: disable=broad-except
            # A fake that breaks must not look like a source that is down.
            self.violation(request, "the fake broke", "%s: %s" % (type(wrong).__name__, wrong))
            return self.source.error(500, request)

    # What tests ask.
    def control(self, request):
        name = request.path[len(CONTROL):]
        if name == "log":
            with self.lock:
                lines = [json.dumps(entry, ensure_ascii=False) + "\n" for entry in self.log]
            return Answer(200, "".join(lines), content_type="application/jsonl")
        if name == "stats":
            return answer_json(self.stats())
        if name == "faults":
            return self._control_faults(request)
        if name == "reset" and request.method == "POST":
            self.forget()
            return answer_json({})
        if name == "ids":
            ids = self.source.ids(request.arg("table"), request)
            if ids is not None:
                lines = "".join("%s\n" % i for i in sorted(str(i) for i in ids))
                return Answer(200, lines, content_type="text/plain")
        answer = self.source.control(name, request)
        if answer is None:
            return answer_json({"error": "no such thing: " + request.path}, 404)
        return answer if isinstance(answer, Answer) else answer_json(answer)

    def _control_faults(self, request):
        if request.method == "DELETE":
            with self.lock:
                self.faults = []
        elif request.method == "POST":
            try:
                what = request.json()
                added = [faults.Fault(f) for f in (what if isinstance(what, list) else [what])]
            except (ValueError, KeyError, AttributeError) as wrong:
                return answer_json({"error": str(wrong)}, 400)
            with self.lock:
                self.faults += added
        return answer_json(self.stats()["faults"])

    # Addresses.
    def address(self, listener):
        return self.listeners[listener][1]

    def listen(self, name, port, context):
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("127.0.0.1", port))
        sock.listen(128)
        url = "%s://127.0.0.1:%d" % ("https" if context else "http", sock.getsockname()[1])
        self.listeners[name] = (sock, url, context)

    def accept(self, name):
        listener, _, context = self.listeners[name]
        while not self.stopping.is_set():
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            with self.lock:
                self.connections += 1
                number = self.connections
            threading.Thread(target=self.connected, args=(name, sock, context, number),
                             daemon=True).start()

    def connected(self, name, sock, context, number):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = None
        try:
            if context:
                sock.settimeout(20)
                sock = context.wrap_socket(sock, server_side=True)
                sock.settimeout(None)
            connection = Connection(self, name, sock, number)
            connection.serve()
        except (OSError, ssl.SSLError):
            pass    # the client went away, or does not trust us
        finally:
            end(sock, connection is not None and connection.abrupt)

    def run(self):
        if self.args.tls:
            self.folder = tempfile.mkdtemp(prefix="fake.")
        context = tls.context(self.folder, self.args.tls) if self.args.tls else None
        self.listen("other", 0, None)
        self.listen("main", self.args.port, context)
        for name in self.listeners:
            threading.Thread(target=self.accept, args=(name,), daemon=True).start()
        print("other", self.address("other"))
        if self.folder:
            print("ca", os.path.join(self.folder, "ca.pem"))
        print("ready", self.address("main"), flush=True)
        threading.Thread(target=self.watch_stdin, daemon=True).start()
        self.stopping.wait()

    def watch_stdin(self):
        while os.read(0, 4096):
            pass
        self.stopping.set()

    def clean(self):
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)


def end(sock, abrupt):
    """Closes a connection: with RST, or so that what was sent still arrives."""
    try:
        if not abrupt:
            if isinstance(sock, ssl.SSLSocket):
                sock.settimeout(1)
                sock = sock.unwrap()
            sock.shutdown(socket.SHUT_WR)
    except (OSError, ValueError):
        pass
    sock.close()


def basic_text(user, password):
    """What stands behind `Basic ` in the header."""
    return base64.b64encode(("%s:%s" % (user, password)).encode()).decode()


def arguments(source_class, argv):
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tls", choices=tls.KINDS)
    parser.add_argument("--delay-ms", type=int, default=0)
    parser.add_argument("--gather", default="", metavar="N:TEXT")
    parser.add_argument("--limit", action="append", default=[])
    parser.add_argument("--fault", action="append", default=[])
    parser.add_argument("--chunked", action="store_true")
    parser.add_argument("--no-gzip", action="store_true")
    parser.add_argument("--no-sign-in", action="store_true")
    source_class.add_options(parser)
    return parser.parse_args(argv)


def main(source_class):
    args = arguments(source_class, sys.argv[1:])
    fake = Fake(source_class(args), args)
    signal.signal(signal.SIGTERM, lambda *_: fake.stopping.set())
    signal.signal(signal.SIGINT, lambda *_: fake.stopping.set())
    try:
        fake.run()
    finally:
        fake.clean()
    sys.stdout.flush()
    os._exit(0)     # threads may still wait for clients


def ask(url, words):
    """The command line client; see the top."""
    pick, method, data = None, "GET", None
    if words and words[0] in ("GET", "POST", "DELETE"):
        method, data = words[0], (words[1] if len(words) > 1 else "").encode()
    elif words:
        pick = words[0].split(".")
        url += CONTROL + pick.pop(0)
    request = urllib.request.Request(url, data if method == "POST" else None, method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=30) as answer:
        text = answer.read().decode("utf-8")
    if pick is None:
        sys.stdout.write(text)
        return
    value = json.loads(text)
    for key in pick:
        value = value[int(key)] if isinstance(value, list) else value.get(key)
    print(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[1] != "ask":
        sys.exit(__doc__)
    ask(sys.argv[2], sys.argv[3:])
