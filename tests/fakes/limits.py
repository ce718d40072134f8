# SPDX-License-Identifier: Apache-2.0
"""Rate limits as vendors have them: counters in a window, a 429 beyond, and a memory of who was
told to wait."""
import os
import threading
import time

# A client with several requests in flight cannot have seen the 429 that its other request got; one
# that runs under valgrind takes its time to see it.
CROSSING_S = 30 if os.environ.get("LAKEHOST_VALGRIND") else 0.5


class Limit:
    """At most `rate` requests in `per_s` seconds, at most `concurrent` at a time (0: no bound).

    The window begins with its first request (a fixed window, as most vendors have) or, when
    sliding, ends with the present one. Counters are real: what take() says is what headers show.
    """

    def __init__(self, name, rate, per_s=60.0, concurrent=0, sliding=False):
        self.name, self.rate, self.per_s = name, int(rate), float(per_s)
        self.concurrent, self.sliding = int(concurrent), sliding
        self.lock = threading.Lock()
        self.times = []
        self.wait_until = 0.0   # monotonic; a request before it ignores what it was told
        self.told_at = 0.0
        self.crossing = 0       # requests that were in flight when it was told
        self.in_flight = 0
        self.most_in_flight = 0
        self.passed = 0
        self.refused = 0
        self.early = 0
        self.too_many = 0

    def arrive(self, now):
        """One more in flight. What is wrong with it, as a list of texts."""
        wrong = []
        with self.lock:
            self.in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self.in_flight)
            if self.concurrent and self.in_flight > self.concurrent:
                self.too_many += 1
                wrong.append("%d requests at a time in %s, %d are allowed" % (
                    self.in_flight, self.name, self.concurrent))
            crossed = self.crossing and now < self.told_at + CROSSING_S
            if now < self.wait_until and not crossed:
                self.early += 1
                wrong.append("%d ms before the end of the wait in %s" % (
                    (self.wait_until - now) * 1000, self.name))
        return wrong

    def leave(self):
        with self.lock:
            self.in_flight -= 1

    def _drop_old(self, now):
        if self.sliding:
            self.times = [t for t in self.times if t > now - self.per_s]
        elif self.times and now >= self.times[0] + self.per_s:
            self.times = []

    def take(self, now):
        """True: the request is within the limit and counted. False: it is beyond."""
        with self.lock:
            self._drop_old(now)
            if len(self.times) >= self.rate:
                self.refused += 1
                return False
            self.times.append(now)
            self.passed += 1
            return True

    def left(self, now):
        """(requests left, seconds until the window is new)."""
        with self.lock:
            self._drop_old(now)
            reset = self.times[0] + self.per_s - now if self.times else self.per_s
            return self.rate - len(self.times), reset

    def tell(self, now, wait_s):
        """The client is being told to wait."""
        with self.lock:
            self.wait_until = max(self.wait_until, now + wait_s)
            self.told_at = now
            self.crossing = self.in_flight - 1

    def reset(self):
        with self.lock:
            self.times = []
            self.wait_until = 0.0
            self.most_in_flight = self.in_flight
            self.passed = self.refused = self.early = self.too_many = 0

    def stats(self):
        with self.lock:
            return {"rate": self.rate, "per_s": self.per_s, "passed": self.passed,
                    "refused": self.refused, "early": self.early,
                    "max_in_flight": self.most_in_flight, "too_many": self.too_many}


def parse(text):
    """`NAME=RATE/SECONDS[/CONCURRENT]` of the command line, e.g. incremental=10/2."""
    name, _, rest = text.partition("=")
    parts = rest.split("/")
    if not name or len(parts) not in (2, 3):
        raise ValueError("a limit is NAME=RATE/SECONDS[/CONCURRENT]: %s" % text)
    return name, int(parts[0]), float(parts[1]), int(parts[2]) if len(parts) == 3 else None


def now():
    return time.monotonic()
