#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""discover osipi --probe: 39 tables of the fake PI Web API, each answer after 50 ms.

Prints the time with 1, 4 and 8 tables side by side, beside 39 x 50 ms / jobs (one request a table)
and beside the requests that were made x 50 ms / jobs; and the same without looking at tables. Asserts
nothing. Run by `make bench`.
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
TABLES, DELAY_S = 39, 0.05


def fake():
    process = subprocess.Popen(
        [sys.executable, os.path.join(SOURCE, "tests/fakes/osipi.py"), "--no-sign-in",
         "--delay-ms", "%d" % (DELAY_S * 1000)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        if line.startswith("ready "):
            return process, line.split()[1]
    sys.exit("the fake did not start")


def control(base, path, data=None):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(base + path, data, timeout=30) as answer:
        return json.loads(answer.read())


def discover(base, to, *flags):
    begin = time.monotonic()
    subprocess.run(
        [LAKEHOST, "discover", "osipi", "--output-csv", to, "--option", "pi_base_url=" + base,
         "--option", "allow_anonymous=true", "--option", "max_inflight=64", *flags], check=True)
    return time.monotonic() - begin


def main():
    process, base = fake()
    with tempfile.TemporaryDirectory() as folder:
        to = os.path.join(folder, "m.csv")
        print("no probe     %7.3f s" % discover(base, to))
        for isolation in ("process", "none"):
            for jobs in (1, 4, 8):
                control(base, "/_fake/reset", b"")
                seconds = discover(base, to, "--probe", "--jobs", str(jobs), "--isolation",
                                   isolation)
                requests = control(base, "/_fake/stats")["requests"]
                print("%-7s %d jobs %7.3f s   %5.2f x %d x 50 ms / jobs   %d requests, %5.2f x "
                      "theirs / jobs" % (isolation, jobs, seconds,
                                         seconds * jobs / (TABLES * DELAY_S), TABLES, requests,
                                         seconds * jobs / (requests * DELAY_S)), flush=True)
    process.communicate()


if __name__ == "__main__":
    main()
