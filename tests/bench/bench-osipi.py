#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Values of 10,000 tags of a day from the fake PI Web API, each answer after 50 ms.

Prints the time with 1, 4 and 8 requests under way, how many requests there were beside the fewest
that could be (a request holds 100 tags, 1,000 points), and the memory. The fake is slower than any
server: beyond some concurrency it is what is measured. Asserts nothing. Run by `make bench`.
"""
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request

SOURCE = os.environ.get("srcdir", ".")
LAKEHOST = os.environ.get("LAKEHOST", "./lakehost")
TAGS = 10000
FEWEST = 1 + TAGS // 1000 + TAGS // 100


def fake():
    process = subprocess.Popen(
        [sys.executable, os.path.join(SOURCE, "tests/fakes/osipi.py"), "--no-sign-in", "--servers",
         "1", "--points", str(TAGS), "--hours", "24", "--step", "3600", "--delay-ms", "50"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        if line.startswith("ready "):
            return process, line.split()[1]
    sys.exit("the fake did not start")


def control(base, path, data=None):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(base + path, data, timeout=30) as answer:
        return json.loads(answer.read())


def read(base, inflight, to):
    """Seconds, and the most memory in KB."""
    begin = time.monotonic()
    process = subprocess.Popen(
        [LAKEHOST, "read", "osipi", "pi_timeseries", "--until-done", "--output-file", to,
         "--as-of", "2026-03-02T00:00:00Z", "--option", "pi_base_url=" + base,
         "--option", "allow_anonymous=true", "--option", "max_inflight=%d" % inflight,
         "--table-option", "default_tags=0", "--table-option", "startTime=2026-03-01T00:00:00Z"])
    _, status, used = os.wait4(process.pid, 0)
    if status:
        sys.exit("lakehost failed")
    return time.monotonic() - begin, used.ru_maxrss


def main():
    process, base = fake()
    first = None
    with tempfile.TemporaryDirectory() as folder:
        for inflight in (1, 4, 8):
            control(base, "/_fake/reset", b"")
            seconds, kb = read(base, inflight, os.path.join(folder, "rows"))
            requests = control(base, "/_fake/stats")["requests"]
            first = first or seconds
            print("%d at a time %8.3f s   %5.2f x   %d requests, %.2f x the fewest   %d MB" % (
                inflight, seconds, first / seconds, requests, requests / FEWEST, kb // 1024),
                flush=True)
    process.communicate()


if __name__ == "__main__":
    main()
