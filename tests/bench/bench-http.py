#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Reading pages over HTTP: lakehost (tests/conform/web) beside Python loops, same fake, same rows.

Prints the time of 20 pages whose answers take 50 ms each, sequential and in advance, and the
megabytes that a second of CPU reads, in the host's process and with a worker (both processes
counted), against requests and json. `requests` comes from PyPI into a folder that is removed; without
it the standard library's http.client, which costs less, is what there is. Asserts nothing. Run by
`make bench`.
"""
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse
import venv

SOURCE = os.environ.get("srcdir", ".")
LAKEHOST = os.environ.get("LAKEHOST", "./lakehost")
PAGES, ROWS = 20, 100
BIG_PAGES, BIG_ROWS = 100, 4000     # so large that starting a program does not show


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


def lakehost(base, ahead, pages=PAGES, per_page=ROWS, isolation="process"):
    return measured([LAKEHOST, "read", "web", "items", "--isolation", isolation,
                     "--option", "base_url=" + base,
                     "--option", "concurrent=8", "--table-option", "pages=%d" % pages,
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
REQUESTS = """
import json, requests, sys
session = requests.Session()
for page in range(1, int(sys.argv[2]) + 1):
    answer = session.get("http://%s/items" % sys.argv[1],
                         params={"page": page, "per_page": sys.argv[3]})
    for item in answer.json()["items"]:
        print(json.dumps(item))
"""


def python(base, pages=PAGES, per_page=ROWS, program=sys.executable, loop=LOOP):
    return measured([program, "-c", loop, urllib.parse.urlsplit(base).netloc, str(pages),
                     str(per_page)])


def with_requests(folder):
    """A Python that has `requests`, or why there is none."""
    try:
        venv.create(folder, with_pip=True)
        program = os.path.join(folder, "bin", "python")
        done = subprocess.run([program, "-m", "pip", "install", "-q", "--retries", "0",
                               "--disable-pip-version-check", "requests"], timeout=120, check=False,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        return (program, "") if done.returncode == 0 else (None, done.stderr.strip()[-200:])
    except (OSError, subprocess.SubprocessError) as error:
        return None, str(error)


def show(what, seconds, of):
    print("%-44s %8.3f s   %6.2f x" % (what, seconds, of / seconds if seconds else 0), flush=True)


def per_cpu_second(base, compressed, program):
    """Megabytes of bodies, before compression, for each second of CPU."""
    size = BIG_PAGES * len(subprocess.run(
        [sys.executable, "-c", "import sys, urllib.request; sys.stdout.buffer.write("
         "urllib.request.urlopen(sys.argv[1]).read())",
         "%s/items?page=2&per_page=%d" % (base, BIG_ROWS)],
        check=True, stdout=subprocess.PIPE).stdout) / 1e6
    theirs = python(base, BIG_PAGES, BIG_ROWS, program or sys.executable,
                    REQUESTS if program else LOOP)[1]
    print("%.0f MB in %d pages%s, per second of CPU:" % (size, BIG_PAGES, compressed), flush=True)
    print("    Python %-34s %8.1f MB" % ("requests + json" if program else "http.client + json",
                                        size / theirs), flush=True)
    for what, ahead, isolation in (
            ("one process", 0, "none"), ("one process, one page ahead", 1, "none"),
            ("with the worker", 0, "process"), ("with the worker, one page ahead", 1, "process")):
        ours = lakehost(base, ahead, BIG_PAGES, BIG_ROWS, isolation)[1]
        print("    lakehost, %-31s %8.1f MB   %6.2f x" % (what, size / ours, theirs / ours),
              flush=True)


def throughput(folder):
    program, why = with_requests(os.path.join(folder, "venv"))
    if not program:
        print("no requests: %s" % (why or "no reason was given"), flush=True)
    for compressed, option in (("", ["--no-gzip"]), (", compressed", [])):
        process, base = fake("--items", str(BIG_PAGES * BIG_ROWS), *option)
        per_cpu_second(base, compressed, program)
        process.communicate()


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
    throughput(plugins)
    shutil.rmtree(plugins)


if __name__ == "__main__":
    main()
