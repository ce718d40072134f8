#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A manifest of 1,000,000 rows (BENCH_MANIFEST_ROWS), read and checked, beside Python's csv module.

Python does less at each step: csv.reader reads; DictReader gives names to the values; the last one
also looks at weights, options and duplicates. lakehost does all checks, with a place for each. Time
is CPU seconds of the process, memory its peak. Asserts nothing. Run by `make bench`.
"""
import json
import os
import subprocess
import sys
import tempfile

LAKEHOST = os.environ.get("LAKEHOST", "./lakehost")
ROWS = int(os.environ.get("BENCH_MANIFEST_ROWS", "1000000"))
HEADER = ("connection_name,source_table,destination_catalog,destination_schema,destination_table,"
          "pipeline_group,schedule,table_options_json,weight,ingestion_type,primary_keys,"
          "cursor_field,category\r\n")

READ = """
import csv, sys
n = 0
for row in csv.reader(open(sys.argv[1], newline="", encoding="utf-8")):
    n += 1
"""
KEEP = """
import csv, sys
rows = list(csv.DictReader(open(sys.argv[1], newline="", encoding="utf-8")))
"""
CHECK = """
import csv, json, sys
rows = list(csv.DictReader(open(sys.argv[1], newline="", encoding="utf-8")))
targets, sources, schedules = set(), set(), {}
for row in rows:
    assert row["source_table"] and 1 <= int(row["weight"]) <= 1000000
    assert isinstance(json.loads(row["table_options_json"] or "{}"), dict)
    target = (row["destination_catalog"], row["destination_schema"], row["destination_table"].lower())
    source = (row["pipeline_group"], row["source_table"])
    assert target not in targets and source not in sources
    targets.add(target)
    sources.add(source)
    assert schedules.setdefault(row["pipeline_group"], row["schedule"]) == row["schedule"]
"""


def write(path):
    with open(path, "w", encoding="utf-8", newline="") as to:
        to.write(HEADER)
        for i in range(ROWS):
            options = json.dumps({"owner": "o%d" % (i % 1000), "repo": "r"}).replace('"', '""')
            to.write('source,table_%d,main,bronze,table_%d,group_%d,*/15 * * * *,"%s",%d,cdc,'
                     '"[""id""]",updated_at,category\r\n' % (i, i, i // 100, options, 1 + i % 10))


def run(words):
    """CPU seconds, and the peak memory in MiB."""
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        sys.exit("failed: " + " ".join(words[:2]))
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def main():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "tables.csv")
        write(path)
        size = os.path.getsize(path) / 2**20
        print("%d rows, %.0f MiB" % (ROWS, size))
        ours, memory = run([LAKEHOST, "validate", path])
        print("%-32s %10.0f rows/s   %6.0f MiB" % ("lakehost validate", ROWS / ours, memory))
        for what, code in (("csv.reader, nothing kept", READ), ("csv.DictReader, rows kept", KEEP),
                           ("DictReader, and some checks", CHECK)):
            theirs, their_memory = run([sys.executable, "-c", code, path])
            print("%-32s %10.0f rows/s   %6.0f MiB   lakehost: %5.2f x rows/s, %4.2f x memory" %
                  (what, ROWS / theirs, their_memory, theirs / ours, memory / their_memory))


main()
