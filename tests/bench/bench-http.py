#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Reading pages over HTTP: lakehost (tests/conform/web) beside a Python loop, same fake, same rows.

Prints the time of 20 pages whose answers take 50 ms each, sequential and in advance, and what a
megabyte of pages costs of CPU. Asserts nothing. Run by `make bench`.
"""
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse

SOURCE = os.environ.get("srcdir", ".")
LAKEHOST = os.environ.get("LAKEHOST", "./lakehost")
PAGES, ROWS = 20, 100


def fake(*options):
    process = subprocess.Popen(
        [sys.executable, os.path.join(SOURCE, "tests/fakes/plain.py"), "--sign-in", "none",
         *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        if line.startswith("ready "):
            return process, line.split()[1]
    sys.exit("the fake did not start")


def cpu_of_children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measured(command):
    """Seconds by the clock and of CPU."""
    cpu, begin = cpu_of_children(), time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - begin, cpu_of_children() - cpu


def lakehost(base, ahead, per_page=ROWS):
    return measured([LAKEHOST, "read", "web", "items", "--option", "base_url=" + base,
                     "--option", "concurrent=8", "--table-option", "pages=%d" % PAGES,
                     "--table-option", "per_page=%d" % per_page,
                     "--table-option", "ahead=%d" % ahead])


LOOP = """
import http.client, json, sys
c = http.client.HTTPConnection(sys.argv[1])
for page in range(1, int(sys.argv[2]) + 1):
    c.request("GET", "/items?page=%d&per_page=%s" % (page, sys.argv[3]))
    for item in json.loads(c.getresponse().read())["items"]:
        print(json.dumps(item))
"""


def python(base, per_page=ROWS):
    return measured([sys.executable, "-c", LOOP, urllib.parse.urlsplit(base).netloc, str(PAGES),
                     str(per_page)])


def show(what, seconds, of):
    print("%-44s %8.3f s   %6.2f x" % (what, seconds, of / seconds if seconds else 0), flush=True)


def main():
    plugins = tempfile.mkdtemp()
    os.environ["LAKEHOST_PLUGIN_PATH"] = plugins
    shutil.copy("tests/conform/web/.libs/web.so", plugins)
    os.chmod(os.path.join(plugins, "web.so"), 0o755)
    process, base = fake("--items", str(PAGES * ROWS), "--delay-ms", "50")
    sequential = lakehost(base, 0)[0]
    show("20 pages, 50 ms each: a Python loop", python(base)[0], sequential)
    show("20 pages, 50 ms each: one after the other", sequential, sequential)
    for ahead in (1, 3, 7):
        show("20 pages, 50 ms each: %d in advance" % ahead, lakehost(base, ahead)[0], sequential)
    process.communicate()
    process, base = fake("--items", "80000", "--no-gzip")
    theirs, ours = python(base, 4000)[1], lakehost(base, 1, 4000)[1]
    show("CPU, 80,000 rows: Python http.client + json", theirs, theirs)
    show("CPU, 80,000 rows: lakehost read", ours, theirs)
    process.communicate()
    shutil.rmtree(plugins)


if __name__ == "__main__":
    main()
