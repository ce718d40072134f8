#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""For tests of connectors: are these the rows that the fake source has? Says what is wrong, or
nothing.

    rows.py once FAKE 'table=T' FILE...     each key that /_fake/ids gives, exactly once
    rows.py all FAKE 'table=T' FILE...      the same, but a row may come again
    rows.py newest FAKE 'table=T' FILE...   each "ID UPDATED_AT" of /_fake/ids&of=times; of a row
                                            that comes again the newest counts
    rows.py killed FAKE PATH N PROGRAM...   N times: PROGRAM is killed while it waits for the second
                                            answer of PATH, then reads one page; in the end all
"""
import collections
import json
import signal
import subprocess
import sys
import time
import urllib.request

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def ask(url, data=None):
    with OPENER.open(url, data, timeout=30) as answer:
        return answer.read().decode("utf-8")


def rows_of(names):
    for name in names:
        with open(name, encoding="utf-8") as file:
            for line in file:
                yield json.loads(line)


def key_of(row):
    return str(row.get("sha") or row.get("id") or row["name"])


def compare(kind, fake, query, names):
    of = "&of=times" if kind == "newest" else ""
    wanted = ask("%s/_fake/ids?%s%s" % (fake, query, of)).split("\n")[:-1]
    got = collections.Counter()
    newest = {}
    for row in rows_of(names):
        got[key_of(row)] += 1
        newest[key_of(row)] = max(newest.get(key_of(row), ""), row.get("updated_at") or "")
    if kind == "newest":
        got = collections.Counter("%s %s" % pair for pair in newest.items())
    wrong = ["missing: " + k for k in wanted if k not in got]
    wrong += ["nobody knows: " + k for k in sorted(set(got) - set(wanted))]
    if kind == "once":
        wrong += ["%d times: %s" % (n, k) for k, n in got.items() if n > 1]
    if not wanted:
        wrong.append("the source has none; that tests nothing")
    return wrong


def run(program, *more):
    done = subprocess.run(list(program) + list(more), stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    return ["status %d: %s" % (done.returncode, done.stderr.decode())] if done.returncode else []


def kill_waiting(fake, path, program):
    """Kills the program while the fake keeps its second answer back."""
    hang = {"kind": "hang", "path": path, "nth": 2}
    ask(fake + "/_fake/faults", json.dumps(hang).encode())
    child = subprocess.Popen(program, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
    until = time.monotonic() + 120
    while child.poll() is None and time.monotonic() < until:
        if json.loads(ask(fake + "/_fake/stats"))["faults"][-1]["done"]:
            break
        time.sleep(0.005)
    child.send_signal(signal.SIGKILL)
    return [] if child.wait() == -signal.SIGKILL else ["it ended before it was killed"]


def killed(fake, path, count, program):
    wrong = []
    for _ in range(count):
        wrong += kill_waiting(fake, path, program)
        wrong += run(program, "--table-option", "max_records_per_batch=1")
    return wrong + run(program, "--until-done")


def main():
    kind, fake, what = sys.argv[1:4]
    if kind == "killed":
        wrong = killed(fake, what, int(sys.argv[4]), sys.argv[5:])
    else:
        wrong = compare(kind, fake, what, sys.argv[4:])
    for line in wrong[:5]:
        print(line)


if __name__ == "__main__":
    main()
