#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""From a manifest to ingest files and a bundle: lakehost beside a Python script that does the same.

The script reads the manifest with csv, merges options with json, writes the files with formatted
strings and repr, and the bundle with PyYAML, as the original does; it checks nothing. Once more it
checks what it writes, as lakehost does: each file by ast, the bundle by reading it back. lakehost
also checks the manifest, and its files are durable. Then the cost of a row at several sizes. Prints,
asserts nothing.
"""
import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
import time

# BENCH_MANIFEST_ROWS is what the other benchmarks of manifests take: a million
ROWS, GROUP = int(os.environ.get("BENCH_MANIFEST_ROWS", "1000000")) // 10, 25
SIZES = (ROWS // 100, ROWS // 10, ROWS, ROWS * 3)
LAKEHOST = os.environ.get("LAKEHOST", "./lakehost")

SCRIPT = r'''
import ast, csv, json, os, sys
try:
    import yaml
except ImportError:
    yaml = None
check = len(sys.argv) > 4
groups = {}
with open(sys.argv[1], newline="", encoding="utf-8") as f:
    for row in csv.DictReader(f):
        groups.setdefault(row["pipeline_group"], []).append(row)
os.makedirs(sys.argv[2])
common = {"maxRecords": "100"}
pipelines, jobs = {}, {}
for group, rows in sorted(groups.items()):
    objects = []
    for row in sorted(rows, key=lambda r: r["source_table"]):
        options = {**common, **{k: str(v) for k, v in
                                json.loads(row["table_options_json"] or "{}").items()}}
        options["primary_keys"] = json.loads(row["primary_keys"])
        objects.append(f"""        {{
            "table": {{
                "source_table": {row["source_table"]!r},
                "destination_catalog": {"main"!r},
                "destination_schema": {"bronze"!r},
                "destination_table": {row["source_table"]!r},
                "table_configuration": {options!r},
            }}
        }},
""")
    text = (f'"""Group {group}."""\nfrom pipeline.ingestion_pipeline import ingest\n'
            f'pipeline_spec = {{\n    "objects": [\n{"".join(objects)}    ],\n}}\n'
            'ingest(spark, pipeline_spec)\n')
    if check:
        ast.parse(text)
    with open(f"{sys.argv[2]}/ingest_{group}.py", "w", encoding="utf-8") as f:
        f.write(text)
    key = f"thing_{group}"
    pipelines[key] = {"name": f"thing {group}", "catalog": "${var.c}", "schema": "${var.s}",
                      "channel": "PREVIEW", "serverless": True, "continuous": False,
                      "libraries": [{"file": {"path": "${var.p}/ingest_%s.py" % group}}]}
    m, h, dom, mon, dow = rows[0]["schedule"].split()
    jobs[key + "_scheduler"] = {
        "name": f"thing {group} scheduler",
        "schedule": {"quartz_cron_expression": f"0 {m} {h} {dom} {mon} ?", "timezone_id": "UTC",
                     "pause_status": "PAUSED"}, "max_concurrent_runs": 1,
        "queue": {"enabled": True},
        "tasks": [{"task_key": f"ingest_{group}", "pipeline_task":
                   {"pipeline_id": "${resources.pipelines.%s.id}" % key}}]}
if yaml:
    tree = {"resources": {"pipelines": pipelines, "jobs": jobs}}
    with open(sys.argv[3], "w", encoding="utf-8") as f:
        yaml.dump(tree, f, sort_keys=False)
    if check:
        with open(sys.argv[3], encoding="utf-8") as f:
            assert yaml.safe_load(f) == tree
'''


def make_manifest(path, rows):
    with open(path, "w", newline="", encoding="utf-8") as f:
        writer = csv.writer(f)
        writer.writerow(["connection_name", "source_table", "destination_catalog",
                         "destination_schema", "pipeline_group", "schedule", "table_options_json",
                         "primary_keys", "ingestion_type"])
        for i in range(rows):
            writer.writerow(["c", f"table_{i}", "main", "bronze", f"group_{i // GROUP}",
                             f"{i // GROUP % 60} 3 * * *", json.dumps({"filter": f"a{i}", "n": i}),
                             '["id"]', "snapshot"])


def spent(commands):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.perf_counter()
    for command in commands:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    wall = time.perf_counter() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)


def commands(manifest, folder):
    common = ["--input-csv", manifest, "--connector-name", "thing", "--connection-name", "c",
              "--catalog", "main", "--schema", "bronze"]
    return [[LAKEHOST, "--quiet", "generate", "ingest", *common, "--output-dir", f"{folder}/files",
             "--common-table-config-json", '{"maxRecords": 100}'],
            [LAKEHOST, "--quiet", "generate", "bundle", *common, "--output-yaml",
             f"{folder}/databricks.yml", "--ingest-files-path", "/Workspace/f", "--root-path",
             "/Workspace/r", "--emit-jobs"]]


def main():
    with tempfile.TemporaryDirectory() as work:
        manifest = f"{work}/m.csv"
        make_manifest(manifest, ROWS)
        with open(f"{work}/script.py", "w", encoding="utf-8") as f:
            f.write(SCRIPT)
        ours = [spent([one]) for one in commands(manifest, f"{work}/ours")]
        wall, cpu = (sum(part[i] for part in ours) for i in (0, 1))
        print(f"{ROWS} rows in {ROWS // GROUP} groups, to files and bundle:")
        print(f"  lakehost                   {wall:6.2f} s wall  {cpu:6.2f} s CPU"
              f"  (files {ours[0][1]:.2f}, bundle {ours[1][1]:.2f})")
        for name, more in (("script", []), ("script that checks, too", ["check"])):
            script = [sys.executable, f"{work}/script.py", manifest, f"{work}/theirs{len(more)}",
                      f"{work}/t.yml", *more]
            theirs = spent([script])
            print(f"  {name:25s}  {theirs[0]:6.2f} s wall  {theirs[1]:6.2f} s CPU:"
                  f" {theirs[0] / wall:.1f} and {theirs[1] / cpu:.1f} times as much"
                  f"{'' if os.path.exists(f'{work}/t.yml') else '  (files only: no PyYAML)'}")
        for rows in SIZES:
            make_manifest(manifest, rows)
            wall, cpu = spent(commands(manifest, f"{work}/n{rows}"))
            print(f"  {rows:8d} rows: {cpu / rows * 1e6:6.2f} us CPU a row, {wall:6.2f} s wall")
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        print(f"  largest process: {peak / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
