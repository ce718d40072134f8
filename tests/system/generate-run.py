#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Generated Python is run, and does what the manifest says, whatever the manifest's texts are.

Manifests are made of texts that break out of quotes, comments, YAML and shells. Each file is parsed
and run with stand-ins for spark, dlt, dbutils and the framework (generated.py); what they were
called with must be what went in. Run it alone from the build folder:
    LAKEHOST=./lakehost srcdir=.. /usr/bin/python3 ../tests/system/generate-run.py
"""
import csv
import io
import json
import os
import random
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import generated  # noqa: E402

LAKEHOST = os.path.abspath(os.environ.get("LAKEHOST", "./lakehost"))
TEXTS = [
    "it's", 'say "hi"', '"""', "'''", '""" + open("x").read() + """', "\\", "\\\\", 'a\\"b', "\\n",
    "a\nb", "a\n# b", "a\r\nb", "x\n\nimport os", "{{py x}}", "{{", "}}", "{x}", "{0}", "%s", "%(a)s",
    "${var.x}", "${resources.jobs.a.id}", "$(id)", "`id`", "#{x}", "#", "# COMMAND ----------",
    "COMMAND ----------", "MAGIC %sh id", "coding: utf-7", "-*- coding: latin-1 -*-", "*a", "&a",
    "!a", "- a", "? a", "a: b", "a #b", "[a]", "{a: b}", "yes", "no", "on", "0123", "1e3", "null",
    "~", "true", "0x10", "2024-01-01", "=", "<<", "@a", "%a", "|", ">", "class", "def", "None",
    "import", "lambda", "__import__('os')", "a.b", "a/b", "../a", "a b", "ä", "日本語", "\u202eabc",
    "a\u200fb", "\ufeffa", "a\u2028b", "a\x85b", "\U0001f600", "x" * 10000, "a\tb", "a\x01b",
    "a\x7fb", "<script>", "&amp;", "|a|b|", "a;b", "a,b", "DROP TABLE x; --", "GROUP", "Group",
    "group", "1st", "_", "-", "é" * 100,
]
TYPES = ["snapshot", "append", "cdc", "cdc_with_deletes", ""]
COLUMNS = ["source_table", "pipeline_group", "destination_catalog", "destination_schema",
           "destination_table", "table_options_json", "ingestion_type", "primary_keys",
           "cursor_field", "scd_type", "cluster_by"]
RULES = """rules:
  LH231: note
"""
n = failed = 0


def ok(good, name, *details):
    global n, failed
    n += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {n} - {name}")
    if not good:
        for detail in details:
            print("#", str(detail)[:2000].replace("\n", "\n# "))


def lakehost(*arguments):
    return subprocess.run([LAKEHOST, *arguments], capture_output=True, check=False,
                          stdin=subprocess.DEVNULL, text=True, errors="backslashreplace")


def option_text(value):
    if isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def make_rows(rng, count):
    rows = []
    for i in range(count):
        source = TEXTS[i % len(TEXTS)] if i < 2 * len(TEXTS) else f"table {i}"
        options = {rng.choice(TEXTS) + str(k): rng.choice([rng.choice(TEXTS), 1, 10**20, True, [1],
                                                           {"a": None}, "a\0b", ""])
                   for k in range(rng.randrange(4))}
        rows.append({
            "source_table": source, "pipeline_group": rng.choice(TEXTS[:50] + ["same"]),
            "destination_catalog": "main", "destination_schema": rng.choice(TEXTS),
            "destination_table": f"{rng.choice(TEXTS)}{i}",
            "table_options_json": json.dumps(options), "ingestion_type": rng.choice(TYPES),
            "primary_keys": json.dumps([rng.choice(TEXTS), "id"]), "cursor_field": "at",
            "scd_type": rng.choice(["", "SCD_TYPE_1", "SCD_TYPE_2", "APPEND_ONLY"]),
            "cluster_by": rng.choice(["", "day"]), "options": options})
    # the framework finds a table by its source's name in its pipeline: each once
    return list({(r["pipeline_group"], r["source_table"]): r for r in rows}.values())


def write_manifest(path, rows):
    with open(path, "w", encoding="utf-8", newline="") as f:
        writer = csv.DictWriter(f, COLUMNS, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)


def by_name(rows):
    return sorted(rows, key=lambda r: r["source_table"].encode())


def canonical(lists):
    return sorted(json.dumps(each, sort_keys=True) for each in lists)


def groups_of(rows):
    groups = {}
    for row in rows:
        groups.setdefault(row["pipeline_group"], []).append(row)
    return {name: by_name(members) for name, members in groups.items()}


def configuration(row):
    want = {"primary_keys": json.loads(row["primary_keys"])}
    if row["scd_type"]:
        want["scd_type"] = row["scd_type"]
    if row["cluster_by"]:
        want["cluster_by"] = [row["cluster_by"]]
    want.update({name: option_text(value) for name, value in row["options"].items()})
    return want


def objects_of(members):
    return [{"table": {
        "source_table": r["source_table"], "destination_catalog": r["destination_catalog"],
        "destination_schema": r["destination_schema"], "destination_table": r["destination_table"],
        "table_configuration": configuration(r)}} for r in members]


def check_ingest(rows, framework, folder):
    done = lakehost("generate", "ingest", "--csv", "m.csv", "--output-dir", folder,
                    "--source-name", "thing", "--connection-name", '"""\\', "--catalog", "c",
                    "--schema", "s", "--framework", framework)
    ok(done.returncode == 0, f"{framework}: it works", done.stderr)
    wanted = {name: objects_of(members) for name, members in groups_of(rows).items()}
    got = []
    for path in done.stdout.splitlines():
        calls, _ = generated.run(path)
        ok(calls[-2] == ("register", "thing") and calls[-1][0] == "ingest",
           f"{path}: registers, then ingests", calls[:-1])
        spec = calls[-1][1]
        ok(set(spec) == {"connection_name", "objects"} and spec["connection_name"] == '"""\\',
           f"{path}: the connection", spec)
        got.append(spec["objects"])
    ok(len(got) == len(wanted), f"{framework}: a file for each of {len(wanted)} groups", len(got))
    ok(canonical(got) == canonical(wanted.values()),
       f"{framework}: the tables, their destinations and options are the manifest's",
       [g for g in got if g not in wanted.values()][:1])
    return done.stdout.splitlines()


def check_sdp(rows):
    rows = by_name({r["source_table"]: r for r in rows}.values())
    for i, row in enumerate(rows):
        row = rows[i] = dict(row, destination_table=f"T {i}", destination_schema="s")
        if i % 2:
            row.update(destination_catalog="c")
    write_manifest("sdp.csv", rows)
    done = lakehost("generate", "sdp-entry", "--connector-name", "thing", "--input-csv", "sdp.csv",
                    "--connection-name", '"""\\{x}', "--output-dir", "sdp", "--repo-path",
                    '/Repos/a"b/', "--catalog", "c", "--schema", "s")
    ok(done.returncode == 0, "sdp-entry: it works", done.stderr)
    path = list(sys.path)
    calls, printed = generated.run("sdp/thing_sdp.py")
    added, sys.path = sys.path[0], path
    ok(added == '/Workspace/Repos/a"b', "sdp-entry: the repository is on sys.path", added)
    names = [f"bronze_t_{i}" if i % 2 else f"main.s.bronze_t_{i}" for i in range(len(rows))]
    want = [("register", "thing")]
    for row, name in zip(rows, names):
        more = {"cluster_by": [row["cluster_by"]]} if row["cluster_by"] else {}
        options = {"databricks.connection": '"""\\{x}', **read_of(row, "batch", {})["options"]}
        want.append(("table", name, more, {"mode": "batch", "format": "lakeflow_connect",
                                           "options": options}))
    got = [calls[0]] + simplified(calls[1:])
    ok(canonical(got) == canonical(want), "sdp-entry: registers, reads every table whole",
       [g for g in got if g not in want][:1])
    ok([line for line in printed.split("\n") if line.startswith("Defined")] ==
       [f"Defined table {name}" for name in names], "sdp-entry: what it prints", printed)
    with open("sdp/thing_pipeline.json", encoding="utf-8") as f:
        settings = json.load(f)
    ok(settings["libraries"] == [{"notebook": {"path":
       '/Repos/a"b/sources/thing/sdp_ingest/thing_sdp'}}], "sdp-entry: the settings", settings)


def check_spec(rows):
    rows = [r for r in rows if "a\0b" not in r["options"].values()]
    write_manifest("s.csv", rows)
    for group, members in groups_of(rows).items():
        if len(members) < 5:
            continue
        arguments = ["generate", "pipeline-spec", "--csv", "s.csv", "--connection-name", "0123",
                     "--catalog", "c", "--schema", "s", "--pipeline-group", group]
        want = {"connection_name": "0123", "objects": objects_of(members)}
        done = lakehost(*arguments, "--output", "json")
        ok(done.returncode == 0 and json.loads(done.stdout) == want, f"spec of {group!a} as JSON",
           done.stderr, done.stdout)
        done = lakehost(*arguments, "--output-file", "spec.yaml")
        ok(done.returncode == 0 and done.stdout == "", f"spec of {group!a} as YAML", done.stderr)
        try:
            import yaml
        except ImportError:
            continue
        with open("spec.yaml", encoding="utf-8") as f:
            ok(yaml.safe_load(f) == want, f"spec of {group!a} read by PyYAML")


def quoted(row):
    parts = [row[c] for c in ("destination_catalog", "destination_schema", "destination_table")]
    return ".".join(p if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", p) else
                    "`" + p.replace("`", "``") + "`" for p in parts)


def read_of(row, mode, secrets, deletes=False):
    options = {"tableName": row["source_table"]}
    options.update({name: option_text(value) for name, value in row["options"].items()})
    if deletes:
        options["isDeleteFlow"] = "true"
    options.update(secrets)
    return {"mode": mode, "format": "lakeflow_connect", "options": options}


def expected(row, secrets):
    """What the calls for one table come to, without the names of views."""
    name, keys = quoted(row), json.loads(row["primary_keys"])
    more = {"cluster_by": [row["cluster_by"]]} if row["cluster_by"] else {}
    kind, scd = row["ingestion_type"], row["scd_type"]
    stored = "2" if scd == "SCD_TYPE_2" else "1"
    if kind == "snapshot" and scd != "SCD_TYPE_2":
        return [("table", name, more, read_of(row, "batch", secrets))]
    if kind == "snapshot":
        return [("target", name, more), ("view", read_of(row, "batch", secrets)),
                ("snapshot", name, keys, stored)]
    if kind.startswith("cdc") and scd != "APPEND_ONLY":
        calls = [("target", name, more), ("view", read_of(row, "stream", secrets)),
                 ("cdc", name, keys, ("col", "at"), None, stored)]
        if kind == "cdc_with_deletes":
            calls += [("view", read_of(row, "stream", secrets, True)),
                      ("cdc", name, keys, ("col", "at"), "true", stored)]
        return calls
    return [("table", name, more, read_of(row, "stream", secrets))]


def simplified(calls):
    views, result = [], []
    for call in calls:
        if call[0] == "table":
            more = {k: v for k, v in call[2].items() if k != "comment"}
            result.append(("table", call[1], more, call[3]))
        elif call[0] == "view":
            views.append(call[1])
            result.append(("view", call[3]))
        elif call[0] == "create_streaming_table":
            more = {k: v for k, v in call[1].items() if k == "cluster_by"}
            result.append(("target", call[1]["name"], more))
        elif call[0] == "create_auto_cdc_flow":
            c = call[1]
            assert c["source"] == views[-1], "a flow reads the view before it"
            result.append(("cdc", c["target"], c["keys"], c["sequence_by"],
                           c.get("apply_as_deletes"), c["stored_as_scd_type"]))
        elif call[0] == "create_auto_cdc_from_snapshot_flow":
            c = call[1]
            assert c["source"] == views[-1], "a flow reads the view before it"
            result.append(("snapshot", c["target"], c["keys"], c["stored_as_scd_type"]))
    assert len(views) == len(set(views)), "no view twice"
    return result


def check_notebooks(rows):
    secret = "the-secret-value"
    with open("config.json", "w", encoding="utf-8") as f:
        json.dump({"secrets_scope": 'a "scope"', "secret_mappings": {"token": ["first", 'sec"ond']},
                   "static_options": {"fixed": '"""\n{x}'},
                   "dynamic_options": {"host": "f\"https://{spark.conf.get('x')}\" + ')'"}}, f)
    os.makedirs("connectors", exist_ok=True)
    with open('connectors/thing_generated_source.py', "w", encoding="utf-8") as f:
        f.write("def register_lakeflow_source(spark):\n    spark.conf.set('registered', 'yes')\n")
    done = lakehost("generate", "notebooks", "--connector-name", "thing", "--input-csv", "m.csv",
                    "--output-dir", "notebooks", "--connector-path", "connectors/",
                    "--connector-config", "config.json", "--generate-all-groups")
    ok(done.returncode == 0, "notebooks: it works", done.stderr)
    options = {"token": secret, "fixed": '"""\n{x}', "host": "https://<conf x>)"}
    wanted = [[call for row in members for call in expected(row, options)]
              for members in groups_of(rows).values()]
    got = []
    for path in done.stdout.splitlines():
        with open(path, encoding="utf-8") as f:
            text = f.read()
        ok(text.startswith("# Databricks notebook source\n") and
           text.count("\n# COMMAND ----------\n") == 4, f"{path}: five cells")
        magic = [line for line in text.split("\n") if line.startswith("# MAGIC %")]
        ok(magic == ["# MAGIC %md"], f"{path}: one cell of another language", magic)
        calls, printed = generated.run(path, 'a "scope"', {'sec"ond': secret})
        ok(calls[:3] == [("conf.set", "registered", "yes"), ("secret", 'a "scope"', "first"),
                         ("secret", 'a "scope"', 'sec"ond')],
           f"{path}: the connector is registered, the second key found", calls[:3])
        ok(secret not in printed and secret not in text, f"{path}: the secret is not printed")
        got.append(simplified(calls))
    ok(len(got) == len(wanted), f"notebooks: one for each of {len(wanted)} groups", len(got))
    ok(canonical(got) == canonical(wanted), "notebooks: every table as it should be",
       [g for g in got if g not in wanted][:1])
    try:
        generated.run(done.stdout.splitlines()[0], 'a "scope"', {"other": secret})
        ok(False, "a scope without the secret")
    except ValueError as error:
        ok("first (KeyError), sec\"ond (KeyError)" in str(error), "a scope without the secret",
           error)


def check_bundle(files):
    done = lakehost("generate", "bundle", "--connector-name", "thing", "--input-csv", "m.csv",
                    "--output-yaml", "b/databricks.yml", "--ingest-files-path", "/Workspace/f",
                    "--root-path", "/Workspace/r", "--catalog", "${x", "--schema", "!no: *a")
    ok(done.returncode == 0, "bundle: it works", done.stderr)
    try:
        import yaml
    except ImportError:
        ok(True, "bundle: as YAML # SKIP no PyYAML")
        return
    with open("b/databricks.yml", encoding="utf-8") as f:
        bundle = yaml.safe_load(f)
    ok(bundle["variables"]["thing_schema"]["default"] == "!no: *a", "bundle: a text is the text",
       bundle["variables"])
    named = [p["libraries"][0]["file"]["path"].rpartition("/")[2]
             for p in bundle["resources"]["pipelines"].values()]
    ok(sorted(named) == sorted(os.path.basename(f) for f in files),
       "bundle: the files that it names are those that were written", named)


def refused(manifest, name, message, *more):
    with open("bad.csv", "wb") as f:
        f.write(manifest)
    done = lakehost("generate", "ingest", "--csv", "bad.csv", "--output-dir", "bad",
                    "--source-name", "thing", "--connection-name", "c", "--catalog", "c",
                    "--schema", "s", *more)
    ok(done.returncode == 3 and message in done.stderr and not os.path.exists("bad"),
       f"refused: {name}", done)


def main():
    rng = random.Random(20)
    rows = make_rows(rng, 260)
    write_manifest("m.csv", rows)
    done = lakehost("generate", "ingest", "--csv", "m.csv", "--output-dir", "no", "--source-name",
                    "thing", "--connection-name", "c", "--catalog", "c", "--schema", "s")
    ok(done.returncode == 3 and "[LH231]" in done.stderr and not os.path.exists("no"),
       "names that no catalog takes are refused", done)
    # from here on they are let through, to see what becomes of them
    with open("lakehost.yaml", "w", encoding="utf-8") as f:
        f.write(RULES)
    first = check_ingest(rows, "classic", "classic")
    check_ingest(rows, "package", "package")
    check_notebooks(rows)
    check_bundle(first)
    check_spec(rows)
    check_sdp(rows)
    done = lakehost("generate", "pipeline-spec", "--csv", "m.csv", "--connection-name", "c",
                    "--catalog", "c", "--schema", "s", "--pipeline-group", next(
                        r["pipeline_group"] for r in rows if "a\0b" in r["options"].values()))
    ok(done.returncode == 3 and "holds a NUL" in done.stderr, "refused: an option with a NUL", done)
    refused(b"source_table\na\0b\n", "a NUL", "NUL")
    refused(b"source_table\na\xff\n", "what is not UTF-8", "UTF-8")
    refused(b'source_table,table_options_json\na,"{""tableName"": ""b""}"\n', "a reserved option",
            "only the framework sets this option")
    refused(b'source_table,table_options_json\na,"{""\\ud800"": 1}"\n', "half a surrogate", "surrogate")
    print(f"1..{n}")
    return failed > 0


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as work:
        os.chdir(work)
        os.environ.update(HOME=work, XDG_CONFIG_HOME=work)
        sys.exit(main())
